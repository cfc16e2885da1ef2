//! The lines at the bottom: the filter or a notice, and what the keys do.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::app::{Command, Hint, Screen, Tone};
use crate::ui::draw::{Lines, Scene};
use crate::ui::text::{cut, span, width, wrap};

/// The width from which on the way out is shown beside the help, which tells it too.
const ROOM_FOR_QUIT: u16 = 60;

/// What the keys do, the most important first, as many as fit. How to find the rest, and the way out, always have their
/// place.
pub(in crate::ui) fn hints(scene: &Scene<'_>, area: Rect, buffer: &mut Buffer) {
    let mut spans = vec![Span::raw(" ")];
    let hints = scene.state.hints();
    let needed = |hint: &Hint<'_>| width(hint.key) + width(hint.short) + 3;
    let stays = |hint: &Hint<'_>| {
        hint.command == Command::Help || (hint.command == Command::Quit && area.width >= ROOM_FOR_QUIT)
    };
    let kept: usize = hints.iter().filter(|hint| stays(hint)).map(needed).sum();
    let mut left = usize::from(area.width).saturating_sub(1 + kept);
    let mut full = false;
    for hint in hints {
        if !stays(&hint) {
            full |= needed(&hint) > left;
            if full {
                continue;
            }
            left -= needed(&hint);
        }
        spans.push(span(hint.key, scene.theme.key));
        spans.push(span(format!(" {}  ", hint.short), scene.theme.dim));
    }
    buffer.set_line(area.x, area.y, &Line::from(spans), area.width);
}

/// From this height on notices are told in full.
const ROOM_FOR_NOTICES: u16 = 16;

/// The filter while it is typed or holds rows back, and the notices; each takes a line if there is something to say.
pub(in crate::ui) fn line(scene: &Scene<'_>, body: &mut Lines, buffer: &mut Buffer) {
    let (state, theme) = (scene.state, scene.theme);
    let room = usize::from(body.area.width).saturating_sub(3);
    let clear = state.keys.shown(&state.contexts(), Command::Clear);
    for notice in state.notices.iter().rev().take(3) {
        let (mark, style) = match notice.tone {
            Tone::Info => (scene.symbols.note, theme.good),
            Tone::Trouble => (scene.symbols.wrong, theme.wrong),
        };
        // What stays until it is dismissed says how.
        let dismissed = clear.filter(|_| notice.until.is_none()).map(|key| format!(" {key} dismisses this."));
        let text = crate::ui::text::clean(&format!("{}{}", notice.text, dismissed.unwrap_or_default()));
        let most = if body.area.height >= ROOM_FOR_NOTICES { 3 } else { 1 };
        let mut lines = wrap(&text, room);
        if lines.len() > most {
            let rest = lines.split_off(most - 1).join(" ");
            lines.push(cut(&rest, room, scene.symbols.cut));
        }
        let area = body.bottom(u16::try_from(lines.len()).unwrap_or(1));
        let marks = std::iter::once(mark).chain(std::iter::repeat(" "));
        for ((row, text), mark) in area.rows().zip(lines).zip(marks) {
            let line = Line::from(vec![span(format!(" {mark} "), style), span(text, theme.text)]);
            buffer.set_line(row.x, row.y, &line, row.width);
        }
    }
    let (input, filtered) = match state.screen {
        Screen::Models => (&state.models.input, state.models.is_filtered()),
        Screen::Schedules => (&state.schedules.input, state.schedules.is_filtered()),
        Screen::Mappings => (&state.mappings.input, state.mappings.is_filtered()),
        Screen::Savings => (&state.savings.input, state.savings.is_filtered()),
        Screen::Findings => (&state.findings.input, state.findings.is_filtered()),
        Screen::Journal => (&state.journal.input, state.journal.is_filtered()),
    };
    if (!state.filtering && !filtered) || state.week().is_some() {
        return;
    }
    let area = body.bottom(1);
    let mut spans = vec![span(" / ", theme.key)];
    spans.extend(typed(input, room, state.filtering, scene));
    if !state.filtering {
        spans.push(span("   Esc clears the filter", theme.dim));
    }
    buffer.set_line(area.x, area.y, &Line::from(spans), area.width);
}

/// A text with its cursor, scrolled so that the cursor is seen.
pub(in crate::ui) fn typed(
    input: &tui_input::Input,
    room: usize,
    cursor: bool,
    scene: &Scene<'_>,
) -> Vec<Span<'static>> {
    let skipped = input.visual_scroll(room.saturating_sub(1).max(1));
    let text: Vec<char> = input.value().chars().skip(skipped).collect();
    if !cursor {
        return vec![span(text.iter().collect::<String>(), scene.theme.text)];
    }
    let at = input.cursor().saturating_sub(skipped).min(text.len());
    let (before, rest) = text.split_at(at);
    let under = rest.first().copied().unwrap_or(' ');
    vec![
        span(before.iter().collect::<String>(), scene.theme.strong),
        span(under.to_string(), scene.theme.text.reversed()),
        span(rest.iter().skip(1).collect::<String>(), scene.theme.strong),
    ]
}
