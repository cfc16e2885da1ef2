//! One friendly line where there is no room for more.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::domain::finding::Severity;
use crate::domain::words;
use crate::ui::draw::Scene;
use crate::ui::text::{cut, span, width};

/// Draws the line, as high as there is room: what runs, what warns, and how much room the rest needs.
pub(in crate::ui) fn draw(scene: &Scene<'_>, area: Rect, buffer: &mut Buffer) {
    let (state, theme) = (scene.state, scene.theme);
    let warns = state.picture.findings.iter().filter(|finding| finding.severity > Severity::Info).count();
    let on = format!("{} on", words::count(state.picture.running as u64, "model"));
    let findings = words::count(warns as u64, "finding");
    let style = if warns > 0 { theme.look } else { theme.text };
    let room = usize::from(area.width);
    let fitting = |texts: &[String]| {
        let text = texts.iter().find(|text| width(text) <= room).or(texts.last()).map(String::as_str);
        cut(text.unwrap_or_default(), room, scene.symbols.cut)
    };
    let counts = format!("{on}, {findings}");
    let first = fitting(&[format!("rekotui: {counts}"), counts, on]);
    let second = fitting(&["more from 40×8 on; q leaves".to_owned(), "q leaves".to_owned()]);
    for (row, (text, style)) in area.rows().zip([(first, style), (second, theme.dim)]) {
        buffer.set_line(row.x, row.y, &Line::from(span(text, style)), row.width);
    }
}
