//! A model's own page: every run of the range, and its figures above them.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::{about, charts, hours, put};
use crate::app::{RangeLine, RunsPage};
use crate::domain::savings::{Began, Placed, Run};
use crate::domain::words;
use crate::ui::draw::{Lines, Scene};
use crate::ui::panes::dialogs::{boxed, scrolled};
use crate::ui::panes::footer::typed;
use crate::ui::text::{cut, span, wrap};

/// From this height of the list on there are charts below it.
const ROOM_FOR_CHARTS: u16 = 18;
/// What they get at least, and at most.
const CHARTS: (u16, u16) = (9, 16);

/// Draws the page.
pub(in crate::ui) fn draw(scene: &Scene<'_>, page: &RunsPage, area: Rect, buffer: &mut Buffer) {
    let (state, theme) = (scene.state, scene.theme);
    let range = state.ledger.range.title(state.now(), state.zone);
    let title = format!("{} – every run, {range}", page.arn.name());
    let width = area.width.saturating_sub(2).min(116);
    let inner = boxed(scene, &title, (width, area.height), area, buffer);
    let mut body = Lines { area: inner };
    let own = state.ledger.whole().and_then(|whole| whole.range.model(&page.arn));
    if let Some(own) = own.filter(|own| own.counted.is_some()) {
        let sum = &own.hours;
        let mut told = vec![
            span(format!("{}: ", words::count(page.runs.len() as u64, "run")), theme.text),
            span(format!("ran {} h, used {} h", hours(sum.running), hours(sum.inference)), theme.text),
            span(format!(" of {} h", hours(sum.baseline)), theme.dim),
            span(format!("  saved {} h {}{:.1}", hours(sum.saved()), about(scene), sum.error), theme.good),
        ];
        if sum.overrun >= 0.05 {
            told.push(span(format!("  overrun {} h", hours(sum.overrun)), theme.wrong));
        }
        if sum.missed >= 0.05 {
            told.push(span(format!("  missed {} h", hours(sum.missed)), theme.look));
        }
        if sum.unknown >= 0.05 {
            told.push(span(format!("  unknown {} h", hours(sum.unknown)), theme.look));
        }
        put(Line::from(told), body.top(1), scene, buffer);
        body.top(1);
    }
    let wide = inner.width >= 96;
    put(heading(scene, wide), body.top(1), scene, buffer);
    if page.runs.is_empty() {
        let text = "It did not run, as far as is known.";
        return put(Line::from(span(text, theme.dim)), body.top(1), scene, buffer);
    }
    if body.area.height >= ROOM_FOR_CHARTS
        && let Some(own) = own
    {
        let left = body.area.height.saturating_sub(u16::try_from(page.runs.len()).unwrap_or(u16::MAX));
        charts::of_model(scene, own, body.bottom(left.clamp(CHARTS.0, CHARTS.1)), buffer);
    }
    let lines: Vec<Line<'static>> = page.runs.iter().map(|run| line(scene, run, wide)).collect();
    scrolled(&lines, &page.scroll, body.area, scene, buffer);
}

fn heading(scene: &Scene<'_>, wide: bool) -> Line<'static> {
    let text = if wide {
        format!(
            "{:<17} {:<17} {:>8} {:>6} {:>6}  {:<18} {}",
            "START", "STOP", "RAN", "UNITS", "ERROR", "WINDOW", "STARTED BY"
        )
    } else {
        format!("{:<17} {:<6} {:>8}  {:<17} {}", "START", "STOP", "RAN", "WINDOW", "STARTED BY")
    };
    Line::from(span(text, scene.theme.dim))
}

fn line(scene: &Scene<'_>, run: &Run, wide: bool) -> Line<'static> {
    let (state, theme) = (scene.state, scene.theme);
    let local =
        |at: chrono::DateTime<chrono::Utc>, format: &str| at.with_timezone(&state.zone).format(format).to_string();
    let full = "%a %-d %b %H:%M";
    let same_day = local(run.from, "%F") == local(run.to, "%F");
    let (stop, stop_style) = match (run.goes_on, same_day || !wide) {
        (true, _) => ("runs".to_owned(), theme.ours),
        (false, true) => (local(run.to, "%H:%M"), theme.text),
        (false, false) => (local(run.to, full), theme.text),
    };
    let (window, style) = match run.placed {
        Placed::In => ("in its window".to_owned(), theme.dim),
        Placed::Over(over) => (format!("{} outside", words::span(over)), theme.wrong),
        Placed::Out => ("outside of any".to_owned(), theme.wrong),
        Placed::Unplanned => ("nothing planned".to_owned(), theme.look),
    };
    let ran = words::span(run.to - run.from);
    let units = format!("{:.1}", run.units).trim_end_matches(".0").to_owned();
    let blur = format!("{}{} m", about(scene), run.grain.num_minutes());
    let who = match &run.began {
        Began::Unknown => theme.look,
        Began::Hand { .. } => theme.ours,
        Began::Schedule(_) => theme.dim,
    };
    let start = span(format!("{:<17} ", local(run.from, full)), theme.text);
    let mut spans: Vec<Span<'static>> = vec![start];
    if wide {
        spans.push(span(format!("{stop:<17} "), stop_style));
        spans.push(span(format!("{ran:>8} "), theme.strong));
        spans.push(span(format!("{units:>6} "), theme.text));
        spans.push(span(format!("{blur:>6}  "), theme.dim));
        spans.push(span(format!("{window:<18} "), style));
    } else {
        spans.push(span(format!("{stop:<6} "), stop_style));
        spans.push(span(format!("{ran:>8}  "), theme.strong));
        spans.push(span(format!("{:<17} ", cut(&window, 17, scene.symbols.cut)), style));
    }
    spans.push(span(run.began.words(), who));
    Line::from(spans)
}

/// The line in which a range is typed.
pub(in crate::ui) fn range(scene: &Scene<'_>, line: &RangeLine, area: Rect, buffer: &mut Buffer) {
    let theme = scene.theme;
    let inner = boxed(scene, "From when to when", (78, 7), area, buffer);
    let mut body = Lines { area: inner };
    let row = body.top(1);
    let mut spans = vec![span("range ", theme.key)];
    spans.extend(typed(&line.input, usize::from(row.width).saturating_sub(7), true, scene));
    put(Line::from(spans), row, scene, buffer);
    body.top(1);
    let (text, style) = match &line.wrong {
        Some(wrong) => (wrong.clone(), theme.wrong),
        None => (
            "30d, month, last month, 12 months, a month as 2026-10, a day, or two days: 2026-10-01 2026-11-15".into(),
            theme.dim,
        ),
    };
    for text in wrap(&text, usize::from(inner.width).max(1)) {
        put(Line::from(span(text, style)), body.top(1), scene, buffer);
    }
}
