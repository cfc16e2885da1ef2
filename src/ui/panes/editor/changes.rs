//! The schedules of the week: what becomes of each, before and after.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::put;
use crate::app::{Align, WeekEditor};
use crate::domain::plan::week::{Fate, Line as Planned};
use crate::domain::words;
use crate::ui::draw::Scene;
use crate::ui::text::{clean, fit, span, width, wrap};
use crate::ui::widgets::frame::Frame;

/// The order in which it is done, and what is left alone.
const ORDER: &str =
    "Written in an order in which a failure in between leaves the model stopping. Every other field is kept.";
/// The cells of the word for what becomes of a schedule.
const FATE: usize = 11;

/// The pane below the grid.
pub(super) fn pane(scene: &Scene<'_>, editor: &WeekEditor, area: Rect, buffer: &mut Buffer) {
    let changed = editor.outlook.lines.iter().filter(|line| is_changed(line)).count();
    let right = if changed == 0 {
        Vec::new()
    } else {
        vec![span(format!("{changed} of {}", editor.outlook.lines.len()), scene.theme.dim)]
    };
    let frame = Frame { title: "Schedules that change", right, focus: false };
    let inner = frame.draw(area, buffer, scene.theme, &scene.symbols);
    let room = usize::from(inner.width);
    let foot = foot(scene, editor, room);
    let height = usize::from(inner.height);
    let mut lines = lines(scene, editor, room);
    let kept = height.saturating_sub(foot.len());
    if lines.len() > kept {
        let left = lines.len() + 1 - kept.max(1);
        lines.truncate(kept.saturating_sub(1));
        lines.push(Line::from(span(
            format!("{} {} more", scene.symbols.falling, words::count(left as u64, "line")),
            scene.theme.dim,
        )));
    } else if lines.len() < kept && !foot.is_empty() {
        lines.push(Line::default());
    }
    lines.extend(foot);
    put(scene, &lines, inner, buffer);
}

/// What to know about how it is done, or why it is not.
pub(super) fn foot(scene: &Scene<'_>, editor: &WeekEditor, room: usize) -> Vec<Line<'static>> {
    let (text, style) = match &editor.outlook {
        outlook if outlook.refused.is_some() => {
            ("The draft cannot be saved as it is; the reason is above.", scene.theme.wrong)
        }
        outlook if outlook.changes() => (ORDER, scene.theme.dim),
        _ => ("Nothing changes yet.", scene.theme.dim),
    };
    wrap(text, room.max(8)).into_iter().map(|part| Line::from(span(part, style))).collect()
}

fn is_changed(line: &Planned) -> bool {
    !matches!(line.fate, Fate::Unchanged | Fate::Other)
}

/// What becomes of each schedule, those that change first.
pub(super) fn lines(scene: &Scene<'_>, editor: &WeekEditor, room: usize) -> Vec<Line<'static>> {
    let all = &editor.outlook.lines;
    let longest = all.iter().map(|line| width(&line.name)).max().unwrap_or(0);
    // The expression matters more than the end of a long name.
    let names = longest.min((room * 2 / 5).max(8));
    let changed = all.iter().filter(|line| is_changed(line));
    let rest = all.iter().filter(|line| !is_changed(line));
    changed.chain(rest).flat_map(|line| told(scene, line, names)).collect()
}

fn told(scene: &Scene<'_>, line: &Planned, names: usize) -> Vec<Line<'static>> {
    let theme = scene.theme;
    let (name_style, fate_style) = match line.fate {
        Fate::Unchanged | Fate::Other => (theme.dim, theme.dim),
        Fate::Edited => (theme.text, theme.look),
        Fate::New => (theme.text, theme.good),
        Fate::Deleted => (theme.text, theme.wrong),
        Fate::Paused => (theme.text, theme.paused),
    };
    let minus = |text: &Option<String>| {
        text.as_ref()
            .map(|text| ("- ", text.clone(), theme.wrong.remove_modifier(ratatui::style::Modifier::UNDERLINED)))
    };
    let plus = |text: &Option<String>| text.as_ref().map(|text| ("+ ", text.clone(), theme.good));
    let sides: Vec<(&str, String, Style)> = if is_changed(line) {
        minus(&line.before).into_iter().chain(plus(&line.after)).collect()
    } else {
        line.after.iter().map(|text| ("  ", text.clone(), theme.dim)).collect()
    };
    let mut lines = Vec::new();
    for (at, (sign, text, style)) in sides.into_iter().enumerate() {
        let (name, fate) = if at == 0 { (clean(&line.name), line.fate.word()) } else { (String::new(), "") };
        let mut spans = fit(Line::from(span(name, name_style)), names, Align::Left, scene.symbols.cut).spans;
        spans.push(Span::raw("  "));
        spans.push(span(format!("{fate:<FATE$}"), fate_style));
        spans.push(span(sign, style));
        spans.push(span(text, style));
        lines.push(Line::from(spans));
    }
    lines
}
