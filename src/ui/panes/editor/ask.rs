//! What is asked within the week editor: a line, or one of a few weeks.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::put;
use crate::app::{Align, Ask, Typed, WeekEditor};
use crate::domain::week::Preset;
use crate::ui::draw::Scene;
use crate::ui::panes::dialogs::boxed;
use crate::ui::panes::footer::typed;
use crate::ui::text::{clean, fit, span, wrap};
use crate::ui::widgets::table::draw_row;

/// The width that the box would like.
const WIDTH: u16 = 66;

/// Draws the box.
pub(super) fn draw(scene: &Scene<'_>, editor: &WeekEditor, ask: &Ask, area: Rect, buffer: &mut Buffer) {
    // The box keeps clear of the lines above and below the body by itself.
    let area = Rect { y: 0, height: area.bottom() + 1, ..area }.intersection(buffer.area);
    match ask {
        Ask::Line { what, input, wrong } => line(scene, editor, *what, input, wrong.as_deref(), area, buffer),
        Ask::Presets { selected } => presets(scene, editor, *selected, area, buffer),
    }
}

fn line(
    scene: &Scene<'_>,
    editor: &WeekEditor,
    what: Typed,
    input: &tui_input::Input,
    wrong: Option<&str>,
    area: Rect,
    buffer: &mut Buffer,
) {
    let theme = scene.theme;
    let day = WeekEditor::day_name(editor.day);
    let (title, hint) = match what {
        Typed::Day => {
            (format!("Hours of {day}"), "09:00-12:30 and 13:15-17:00, several with 'and' between; never".to_owned())
        }
        Typed::Lead => {
            ("Lead time".to_owned(), "How much earlier than ready a start fires: 30m, 1h. The hours stay.".to_owned())
        }
        Typed::OneOff => (
            "A window that happens once".to_owned(),
            format!("2026-11-28 10:00-14:00, ready from and to, in {}", editor.draft.zone),
        ),
    };
    let wide = WIDTH.min(area.width);
    let room = usize::from(wide.saturating_sub(4)).max(8);
    let (mark, text, style) = match wrong {
        Some(wrong) => (scene.symbols.wrong, wrong, theme.wrong),
        None => (" ", hint.as_str(), theme.dim),
    };
    let marks = std::iter::once(mark).chain(std::iter::repeat(" "));
    let below = wrap(&clean(text), room.saturating_sub(2).max(8)).into_iter().zip(marks);
    let cells = room.saturating_sub(4).max(4);
    let mut field = vec![span("[", theme.key)];
    field.extend(fit(Line::from(typed(input, cells, true, scene)), cells, Align::Left, scene.symbols.cut).spans);
    field.push(span("]", theme.key));
    let mut lines = vec![Line::from(field)];
    lines.extend(below.map(|(part, mark)| Line::from(span(format!("{mark} {part}"), style))));
    let height = u16::try_from(lines.len()).unwrap_or(u16::MAX).saturating_add(2);
    let inner = boxed(scene, &title, (wide, height), area, buffer);
    put(scene, &lines, inner, buffer);
}

fn presets(scene: &Scene<'_>, editor: &WeekEditor, selected: usize, area: Rect, buffer: &mut Buffer) {
    let theme = scene.theme;
    let height = u16::try_from(Preset::ALL.len()).unwrap_or(4) + 2;
    let inner = boxed(scene, "Usual weeks", (56.min(area.width), height), area, buffer);
    for (row, (at, preset)) in inner.rows().zip(Preset::ALL.iter().enumerate()) {
        let week = preset.pattern(editor.draft.lead);
        let said = if week.is_never() || week.is_always() { String::new() } else { week.sentence() };
        let line =
            Line::from(vec![span(format!("{:<14}", preset.word()), theme.text), Span::raw(""), span(said, theme.dim)]);
        let line = fit(line, usize::from(row.width), Align::Left, scene.symbols.cut);
        draw_row(&line, row, at == selected, buffer, theme, &scene.symbols);
    }
}
