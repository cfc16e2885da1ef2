//! Stand-in until the screens land: enough to see that the program lives.

use ratatui::Frame;
use ratatui::text::Line;

use super::theme::Theme;
use crate::app::{Command, Dialog, Key, Screen, State};

/// Draws a frame.
pub fn draw(state: &State, theme: &Theme, frame: &mut Frame) {
    let mut lines: Vec<Line> = vec![
        Line::raw(format!("rekotui  {}", state.age_text().unwrap_or_default())),
        Line::raw(
            Screen::ALL
                .map(|screen| {
                    let mark = if screen == state.screen { '*' } else { ' ' };
                    format!("{mark}{} {} ", screen.number(), screen.title())
                })
                .concat(),
        ),
    ];
    lines
        .push(Line::raw(state.screen.columns().iter().map(|column| format!("{}  ", column.title)).collect::<String>()));
    if let Some(Dialog::Help { .. }) = state.dialogs.last() {
        lines.extend(Command::all().map(|spec| Line::raw(spec.title())));
    }
    let height = usize::from(frame.area().height.saturating_sub(5));
    let selected = state.selected();
    let keys: Vec<Key> = match state.screen {
        Screen::Models => state.models.window(height).iter().cloned().map(Key::Model).collect(),
        Screen::Schedules => state.schedules.window(height).iter().cloned().map(Key::Schedule).collect(),
        Screen::Mappings => state.mappings.window(height).iter().cloned().map(Key::Mapping).collect(),
        Screen::Findings => state.findings.window(height).iter().cloned().map(Key::Finding).collect(),
    };
    for key in keys {
        let line = Line::raw(state.name_of(&key));
        lines.push(if Some(&key) == selected.as_ref() { line.style(theme.selected) } else { line });
    }
    lines.extend(state.notices.iter().map(|notice| Line::raw(notice.text.clone())));
    lines
        .push(Line::raw(state.hints().iter().map(|hint| format!("{} {}  ", hint.key, hint.short)).collect::<String>()));
    frame.render_widget(ratatui::widgets::Paragraph::new(lines), frame.area());
}
