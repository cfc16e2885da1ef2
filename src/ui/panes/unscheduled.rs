//! What is missing before a model can get its first week, and the commands that bring it.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::app::{Command, Context, Unscheduled};
use crate::ui::draw::Scene;
use crate::ui::panes::dialogs::{boxed, scrolled};
use crate::ui::text::{span, wrap};

/// The width that the dialog would like.
const WIDTH: u16 = 100;

/// Draws the dialog.
pub(super) fn draw(scene: &Scene<'_>, dialog: &Unscheduled, area: Rect, buffer: &mut Buffer) {
    let wide = area.width.min(WIDTH);
    let lines = lines(scene, dialog, usize::from(wide.saturating_sub(4)).max(12));
    let height = u16::try_from(lines.len()).unwrap_or(u16::MAX).saturating_add(2);
    let inner = boxed(scene, &format!("Schedule {}", dialog.model.name()), (wide, height), area, buffer);
    scrolled(&lines, &crate::app::list::Scroll::default(), inner, scene, buffer);
}

fn lines(scene: &Scene<'_>, dialog: &Unscheduled, room: usize) -> Vec<Line<'static>> {
    let (state, theme, symbols) = (scene.state, scene.theme, &scene.symbols);
    let told = |text: &str, style| wrap(text, room).into_iter().map(move |line| Line::from(span(line, style)));
    let mut lines: Vec<Line<'static>> =
        told("Nothing in this account starts and stops models on a schedule yet.", theme.strong).collect();
    let missing = "Missing: a startup and a shutdown function, a role with which schedules invoke them, and a schedule \
        group whose tags rekotui:startup, rekotui:shutdown and rekotui:role name them.";
    lines.extend(told(missing, theme.text));
    if let Some(why) = state.scheduled_side_unknown() {
        lines.extend(scene.marked(symbols.look, &why, theme.look, room));
    }
    if state.demo {
        let why = "This account lives in this program alone: 'rekotui simulate' serves one that commands reach.";
        lines.extend(scene.marked(symbols.look, why, theme.look, room));
    }
    lines.push(Line::default());
    lines.extend(told("One of these commands deploys them and gives the model a first week:", theme.text));
    for (at, remedy) in state.remedies(&dialog.model).into_iter().enumerate() {
        let (mark, style) = if at == dialog.selected { (symbols.cursor, theme.ours) } else { (" ", theme.text) };
        lines.extend(scene.marked(mark, remedy.when, theme.dim, room));
        lines.extend(scene.marked(" ", &remedy.command, style, room));
    }
    lines.push(Line::default());
    let key = |command| state.keys.shown(&[Context::Unscheduled, Context::Global], command).unwrap_or("-");
    let [copy, read, week] = [Command::CopyArn, Command::Refresh, Command::Week].map(key);
    let after = format!(
        "{copy} copies the marked one. Once it has run, {read} reads the account again, and {week} edits the week."
    );
    lines.extend(told(&after, theme.dim));
    lines
}
