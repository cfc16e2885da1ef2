//! What the draft means: hours, money, the next starts and stops, and what should be known.

use chrono::{DateTime, Datelike, NaiveDateTime, Timelike, Utc};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::grid::hours;
use super::{changes, put};
use crate::app::{Align, WeekEditor};
use crate::domain::plan::{Note, Tone};
use crate::domain::price::dollars;
use crate::domain::week::{Opening, Pattern};
use crate::ui::draw::Scene;
use crate::ui::text::{clean, fit, span, wrap};
use crate::ui::widgets::frame::Frame;

/// The cells of a number, before and after.
const COLUMN: usize = 10;

/// The pane beside the grid.
pub(super) fn pane(scene: &Scene<'_>, editor: &WeekEditor, area: Rect, buffer: &mut Buffer) {
    let frame = Frame { title: "What it means", right: Vec::new(), focus: false };
    let inner = frame.draw(area, buffer, scene.theme, &scene.symbols);
    let (room, height) = (usize::from(inner.width), usize::from(inner.height));
    // What should be known is told in full; of what comes next, as much as there is room for.
    let most = [5, 4, 3, 2, 1].into_iter().find(|fires| lines(scene, editor, room, *fires).len() <= height);
    put(scene, &lines(scene, editor, room, most.unwrap_or(1)), inner, buffer);
}

fn lines(scene: &Scene<'_>, editor: &WeekEditor, room: usize, fires: usize) -> Vec<Line<'static>> {
    let mut lines = sums(scene, editor);
    if !editor.outlook.starts.is_empty() || !editor.outlook.stops.is_empty() {
        lines.push(Line::default());
        lines.extend(next(scene, editor, room, fires));
    }
    lines.push(Line::default());
    lines.extend(notes(scene, editor, room));
    lines
}

/// Hours, money and what is saved: before, after, and a style for what became better or worse.
fn numbers(scene: &Scene<'_>, editor: &WeekEditor) -> [(String, String, Style, &'static str); 3] {
    let (before, after) = (&editor.outlook.before, &editor.outlook.after);
    let theme = scene.theme;
    let style = match after.hours - before.hours {
        less if less < -1e-9 => theme.good,
        more if more > 1e-9 => theme.look,
        _ => theme.text,
    };
    let whole = |amount: f64| {
        // Cents of a month are no help.
        let text = dollars(amount.round());
        text.split('.').next().unwrap_or_default().to_owned()
    };
    let own = scene.state.ground().price().own;
    let share = |share: f64| format!("{:.0} %", share * 100.0);
    [
        (format!("{} h", hours(before.hours)), format!("{} h", hours(after.hours)), style, "a week"),
        (whole(before.money), whole(after.money), style, if own { "a month, own price" } else { "a month, assumed" }),
        (share(before.saved), share(after.saved), style, "saved"),
    ]
}

fn sums(scene: &Scene<'_>, editor: &WeekEditor) -> Vec<Line<'static>> {
    let theme = scene.theme;
    let mut lines = vec![Line::from(span(format!("{:<COLUMN$}{:<COLUMN$}", "before", "after"), theme.dim))];
    for (before, after, style, unit) in numbers(scene, editor) {
        lines.push(Line::from(vec![
            span(format!("{before:<COLUMN$}"), theme.text),
            span(format!("{after:<COLUMN$}"), style),
            span(unit, theme.dim),
        ]));
    }
    lines
}

/// One of the next starts or stops.
struct Fire {
    at: NaiveDateTime,
    /// What is out of the ordinary.
    told: &'static str,
    style: Style,
}

/// The next starts and stops side by side.
fn next(scene: &Scene<'_>, editor: &WeekEditor, room: usize, most: usize) -> Vec<Line<'static>> {
    let theme = scene.theme;
    let half = room / 2;
    let (starts, stops) = (starts(scene, editor), stops(scene, editor));
    let format = if half >= 24 { "%a %-d %b %H:%M" } else { "%a %-d %H:%M" };
    let day = if half >= 24 { "%a %-d %b" } else { "%a %-d" };
    let cell = |fire: Option<&Fire>| {
        let spans = fire.map(|fire| match fire.told {
            "skipped" => vec![span(format!("{} skipped", fire.at.format(day)), fire.style)],
            told => vec![span(fire.at.format(format).to_string(), fire.style), span(format!(" {told}"), theme.dim)],
        });
        fit(Line::from(spans.unwrap_or_default()), half, Align::Left, scene.symbols.cut)
    };
    let heads = ["Next starts", "Next stops"].map(|head| format!("{head:<half$}"));
    let mut lines = vec![Line::from(span(heads.concat(), theme.dim))];
    for at in 0..most.min(starts.len().max(stops.len())) {
        let mut spans = cell(starts.get(at)).spans;
        spans.extend(cell(stops.get(at)).spans);
        lines.push(Line::from(spans));
    }
    lines
}

fn minute_of_week(at: NaiveDateTime) -> u16 {
    let minutes = at.weekday().num_days_from_monday() * 1_440 + at.hour() * 60 + at.minute();
    u16::try_from(minutes).unwrap_or_default()
}

/// Whether a window opens or closes at a minute of the week at which none did.
fn is_new(editor: &WeekEditor, minute: u16, edge: fn(&Opening) -> u16) -> bool {
    let at = |pattern: &Pattern| pattern.openings().iter().any(|opening| edge(opening) == minute);
    at(&editor.draft.pattern) && !at(&editor.original.pattern)
}

fn local(editor: &WeekEditor, at: DateTime<Utc>) -> NaiveDateTime {
    at.with_timezone(&editor.draft.zone).naive_local()
}

/// The next starts, with the days between them that are skipped.
fn starts(scene: &Scene<'_>, editor: &WeekEditor) -> Vec<Fire> {
    let theme = scene.theme;
    let changed = |minute: u16| is_new(editor, minute, Opening::fires);
    let mut fires: Vec<Fire> = Vec::new();
    for start in &editor.outlook.starts {
        let at = local(editor, *start);
        fires.push(match editor.once_started(*start) {
            Some(_) => Fire { at, told: "once", style: theme.look },
            None if changed(minute_of_week(at)) => Fire { at, told: "", style: theme.good },
            None => Fire { at, told: "", style: theme.text },
        });
    }
    let last = fires.last().map(|fire| fire.at);
    let today = local(editor, scene.state.now()).date();
    let skipped = editor.draft.skipped.range(today..).map(|date| date.and_time(chrono::NaiveTime::MIN));
    let within = skipped.filter(|date| last.is_none_or(|last| *date <= last));
    fires.extend(within.map(|at| Fire { at, told: "skipped", style: theme.look }));
    fires.sort_by_key(|fire| fire.at);
    fires
}

fn stops(scene: &Scene<'_>, editor: &WeekEditor) -> Vec<Fire> {
    let theme = scene.theme;
    let changed = |minute: u16| is_new(editor, minute, Opening::closes);
    let stops = editor.outlook.stops.iter().map(|stop| {
        let at = local(editor, *stop);
        match editor.once_stopped(*stop) {
            Some(_) => Fire { at, told: "once", style: theme.look },
            None if changed(minute_of_week(at)) => Fire { at, told: "", style: theme.good },
            None => Fire { at, told: "", style: theme.text },
        }
    });
    stops.collect()
}

/// What should be known, the worst first.
fn notes(scene: &Scene<'_>, editor: &WeekEditor, room: usize) -> Vec<Line<'static>> {
    let refused = editor.outlook.refused.iter().map(|why| Note { tone: Tone::Danger, text: why.clone() });
    refused.chain(editor.outlook.notes.iter().cloned()).flat_map(|note| told(scene, &note, room)).collect()
}

fn told(scene: &Scene<'_>, note: &Note, room: usize) -> Vec<Line<'static>> {
    let (theme, symbols) = (scene.theme, &scene.symbols);
    let (mark, style, text) = match note.tone {
        Tone::Danger => (symbols.wrong, theme.wrong, theme.wrong),
        Tone::Warning => (symbols.look, theme.look, theme.look),
        Tone::Info => (symbols.proof, theme.good, theme.dim),
    };
    let marks = std::iter::once(mark).chain(std::iter::repeat(" "));
    let parts = wrap(&clean(&note.text), room.saturating_sub(2).max(8)).into_iter().zip(marks);
    parts.map(|(part, mark)| Line::from(vec![span(format!("{mark} "), style), span(part, text)])).collect()
}

/// The same in the lines below the grid, the most important first.
pub(super) fn folded(scene: &Scene<'_>, editor: &WeekEditor, room: usize, height: usize) -> Vec<Line<'static>> {
    let theme = scene.theme;
    let mut spans: Vec<Span<'static>> = Vec::new();
    for (before, after, style, unit) in numbers(scene, editor) {
        if !spans.is_empty() {
            spans.push(Span::raw("   "));
        }
        if before != after {
            spans.push(span(format!("{before} {} ", scene.symbols.arrow), theme.dim));
        }
        spans.push(span(after, style));
        spans.push(span(format!(" {unit}"), theme.dim));
    }
    let sums = Line::from(spans);
    if height < 3 {
        return vec![sums];
    }
    let mut lines = vec![sums];
    let exceptions: Vec<String> = (0..7).flat_map(|day| editor.exceptions(day)).collect();
    let next = |head: &str, fire: Option<&Fire>| {
        let text = fire.map(|fire| format!("{head} {} {}", fire.at.format("%a %-d %b %H:%M"), fire.told));
        text.map(|text| text.trim_end().to_owned())
    };
    let (starts, stops) = (starts(scene, editor), stops(scene, editor));
    let first = starts.iter().find(|fire| fire.told != "skipped");
    let coming: Vec<String> =
        [next("next start", first), next("next stop", stops.first())].into_iter().flatten().collect();
    if !coming.is_empty() {
        lines.push(Line::from(span(coming.join("   "), theme.dim)));
    }
    if !exceptions.is_empty() {
        lines.push(Line::from(span(exceptions.join(", "), theme.look)));
    }
    let notes = notes(scene, editor, room);
    let changes = changes::lines(scene, editor, room);
    let foot = changes::foot(scene, editor, room);
    if lines.len() + notes.len() + changes.len() + foot.len() + 4 <= height {
        let parts = [vec![], lines, notes, changes, foot].into_iter();
        return parts.reduce(|all, part| [all, vec![Line::default()], part].concat()).unwrap_or_default();
    }
    // Neither takes all there is from the other.
    let left = height.saturating_sub(lines.len());
    let for_notes = notes.len().min(left.saturating_sub(changes.len()).max(left.div_ceil(2)));
    lines.extend(notes.into_iter().take(for_notes));
    lines.extend(changes);
    if lines.len() > height {
        lines.truncate(height.saturating_sub(1));
        let more = format!("{} more with a larger terminal, and in the review", scene.symbols.falling);
        lines.push(Line::from(span(more, theme.dim)));
    }
    lines
}
