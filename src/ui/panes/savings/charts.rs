//! The charts of the savings: columns of hours, a calendar of the month, and what was saved so far.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, Days, NaiveDate, Utc, Weekday};
use chrono_tz::Tz;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::{about, charted, hours, key, put};
use crate::app::Command;
use crate::domain::savings::{By, Hours, ModelSavings, Savings, Step};
use crate::ui::draw::{Lines, Scene};
use crate::ui::text::span;
use crate::ui::widgets::bars::{self, Bar, Layout, Tone};
use crate::ui::widgets::frame::Frame;

/// The cells of the calendar, box and all.
const CALENDAR: u16 = 38;
/// From this width on what was saved so far has its own box.
const WIDE: u16 = 110;

/// All of them, side by side.
pub(super) fn draw(scene: &Scene<'_>, area: Rect, buffer: &mut Buffer) {
    let state = scene.state;
    let (Some(whole), Some(reckoned)) = (state.ledger.whole(), state.ledger.reckoned.as_ref()) else { return };
    let savings = &whole.range;
    let calendar = if area.width >= 72 { CALENDAR } else { 0 };
    let slope = if area.width >= WIDE { (area.width - calendar) / 3 } else { 0 };
    let left = Rect { width: area.width - calendar - slope, ..area };
    columns(scene, savings, left, buffer);
    if calendar > 0 {
        let of_days = if savings.terms.by == By::Day { savings } else { &reckoned.month };
        let area = Rect { x: left.right(), width: calendar, ..area };
        self::calendar(scene, of_days, charted(scene, of_days).1, area, buffer);
        if slope > 0 {
            self::slope(scene, savings, Rect { x: area.right(), width: slope, ..area }, buffer);
        }
    }
}

/// The columns and the calendar of one model.
pub(super) fn of_model(scene: &Scene<'_>, own: &ModelSavings, area: Rect, buffer: &mut Buffer) {
    let (Some(whole), Some(reckoned)) = (scene.state.ledger.whole(), scene.state.ledger.reckoned.as_ref()) else {
        return;
    };
    let savings = &whole.range;
    let calendar = if area.width >= 72 { CALENDAR } else { 0 };
    let left = Rect { width: area.width - calendar, ..area };
    let title = format!("Hours a {}", savings.terms.by.word());
    let inner = Frame { title: &title, ..Frame::default() }.draw(left, buffer, scene.theme, &scene.symbols);
    let mut body = Lines { area: inner };
    legend(scene, body.bottom(1), buffer);
    drawn(scene, &savings.steps, savings.terms.by, &own.steps, savings.terms.zone, body.area, buffer);
    if calendar == 0 {
        return;
    }
    let area = Rect { x: left.right(), width: calendar, ..area };
    match reckoned.month.model(&own.arn).filter(|_| savings.terms.by != By::Day) {
        Some(month) => self::calendar(scene, &reckoned.month, &month.steps, area, buffer),
        None => self::calendar(scene, savings, &own.steps, area, buffer),
    }
}

/// What the charts are about.
fn subject(scene: &Scene<'_>, savings: &Savings) -> String {
    charted(scene, savings).0.map_or_else(|| "All models".to_owned(), |arn| arn.name())
}

fn bar(sum: &Hours) -> Bar {
    let within = (sum.inference - sum.overrun).max(0.0);
    let parts = vec![(within, Tone::Ran), (sum.overrun, Tone::Overran), (sum.unknown, Tone::Unknown)];
    // Before the first known run nothing counts, since nothing is known.
    Bar { parts, planned: sum.planned, dark: sum.baseline <= 0.0 && sum.running <= 0.0 }
}

fn columns(scene: &Scene<'_>, savings: &Savings, area: Rect, buffer: &mut Buffer) {
    let theme = scene.theme;
    let title = format!("{}, hours a {}", subject(scene, savings), savings.terms.by.word());
    let turns = if scene.state.ledger.together { "one" } else { "all" };
    let right = vec![span(key(scene, Command::Together), theme.key), span(format!(" {turns}"), theme.dim)];
    let inner = Frame { title: &title, right, focus: false }.draw(area, buffer, theme, &scene.symbols);
    let sums = charted(scene, savings).1;
    let mut body = Lines { area: inner };
    if inner.height >= 6 {
        legend(scene, body.bottom(1), buffer);
    }
    drawn(scene, &savings.steps, savings.terms.by, sums, savings.terms.zone, body.area, buffer);
}

/// Columns, their scale on the left and their days below.
fn drawn(scene: &Scene<'_>, steps: &[Step], by: By, sums: &[Hours], zone: Tz, area: Rect, buffer: &mut Buffer) {
    let now = scene.state.now();
    let ahead = |place: usize| steps.get(place).is_some_and(|step| step.span.from > now);
    let bars: Vec<Bar> =
        sums.iter().map(bar).enumerate().map(|(at, bar)| Bar { dark: bar.dark && !ahead(at), ..bar }).collect();
    let most = bars.iter().map(Bar::height).fold(0.0, f64::max);
    let mut body = Lines { area };
    let below = body.bottom(1);
    let scale = format!("{} h", hours(most));
    let margin = u16::try_from(scale.len() + 1).unwrap_or(8);
    let chart = Rect { x: body.area.x + margin, width: body.area.width.saturating_sub(margin), ..body.area };
    buffer.set_line(body.area.x, body.area.y, &Line::from(span(scale, scene.theme.dim)), margin);
    if chart.height > 1 {
        buffer.set_line(body.area.x, chart.bottom() - 1, &Line::from(span("0", scene.theme.faint)), margin);
    }
    bars::draw(&bars, most, chart, buffer, scene.theme, &scene.symbols);
    days(scene, steps, by, zone, Rect { x: chart.x, width: chart.width, ..below }, buffer);
}

/// The dates below columns, as many as there is room for.
fn days(scene: &Scene<'_>, steps: &[Step], by: By, zone: Tz, area: Rect, buffer: &mut Buffer) {
    let layout = Layout::of(steps.len(), area.width);
    let today = scene.state.now().with_timezone(&zone).date_naive();
    let mut free = 0;
    for (place, step) in steps.iter().skip(layout.skipped).enumerate() {
        let first = place == 0;
        let label = match by {
            By::Day if first || step.date.day() == 1 => step.date.format("%-d %b").to_string(),
            By::Day if step.date.weekday() == Weekday::Mon => step.date.format("%-d").to_string(),
            By::Day => continue,
            By::Week => step.date.format("%-d %b").to_string(),
            By::Month => step.date.format("%b").to_string(),
        };
        let (x, width) = (layout.x(place), u16::try_from(label.len()).unwrap_or(6));
        if x < free || x + width > area.width {
            continue;
        }
        free = x + width + 1;
        let style = if step.date == today { scene.theme.strong } else { scene.theme.dim };
        buffer.set_line(area.x + x, area.y, &Line::from(span(label, style)), width);
    }
}

fn legend(scene: &Scene<'_>, row: Rect, buffer: &mut Buffer) {
    let theme = scene.theme;
    let ascii = scene.state.ascii;
    let square = if ascii { "#" } else { "■" };
    let coloured = theme.strip.colours.is_some() && !ascii;
    let unknown = if coloured { "░" } else { "?" };
    let (over, planned) = if coloured { (square, square) } else { ("!", if ascii { "-" } else { "·" }) };
    let behind = theme.strip.colours.map_or(theme.faint, |colours| Style::new().fg(colours.planned));
    let parts = [
        (square, theme.fill, "ran"),
        (over, theme.wrong, "overrun"),
        (unknown, theme.dim, "unknown"),
        (planned, behind, "planned"),
    ];
    let spans = parts
        .into_iter()
        .flat_map(|(mark, style, word)| [Span::styled(mark, style), span(format!(" {word}  "), theme.dim)]);
    put(Line::from(spans.collect::<Vec<_>>()), row, scene, buffer);
}

/// A calendar of the last weeks: each day as dark as it ran.
fn calendar(scene: &Scene<'_>, savings: &Savings, sums: &[Hours], area: Rect, buffer: &mut Buffer) {
    let (state, theme) = (scene.state, scene.theme);
    let by_date: BTreeMap<NaiveDate, &Hours> = savings.steps.iter().map(|step| step.date).zip(sums).collect();
    let Some((last, _)) = by_date.last_key_value() else { return };
    let title = last.format("%B %Y").to_string();
    let inner = Frame { title: &title, right: vec![span("hours a day", theme.dim)], focus: false }.draw(
        area,
        buffer,
        theme,
        &scene.symbols,
    );
    let begin = |date: NaiveDate| date - Days::new(u64::from(date.weekday().days_since(state.week_start)));
    let first = by_date.first_key_value().map_or(*last, |(first, _)| *first);
    let weeks = u16::try_from((begin(*last) - begin(first)).num_days() / 7 + 1).unwrap_or(6);
    let mut body = Lines { area: inner };
    let heads: Vec<Span<'static>> = (0..7)
        .map(|day| {
            let date = begin(*last) + Days::new(day);
            span(format!("{:>4}", date.format("%a").to_string().chars().take(2).collect::<String>()), theme.dim)
        })
        .collect();
    put(Line::from([vec![Span::raw("      ")], heads].concat()), body.top(1), scene, buffer);
    // Each week has a line of marks and, where there is room, one of hours.
    let tall = body.area.height >= weeks * 2;
    let most = sums.iter().map(|sum| sum.inference).fold(0.0, f64::max);
    let shown = weeks.min(if tall { weeks } else { body.area.height });
    for week in (0..shown).rev() {
        let monday = begin(*last) - Days::new(7 * u64::from(week));
        let dates = (0..7).map(|day| monday + Days::new(day));
        let label = span(format!("{:<6}", monday.format("%-d %b")), theme.dim);
        let marks = dates.clone().map(|date| mark(scene, by_date.get(&date).copied(), savings, date, most));
        put(Line::from(std::iter::once(label).chain(marks).collect::<Vec<_>>()), body.top(1), scene, buffer);
        if tall {
            let figures = dates.map(|date| {
                let known = by_date.get(&date).filter(|sum| sum.inference >= 0.05);
                span(known.map_or_else(|| "    ".into(), |sum| format!("{:>4}", short(sum.inference))), theme.dim)
            });
            put(
                Line::from(std::iter::once(Span::raw("      ")).chain(figures).collect::<Vec<_>>()),
                body.top(1),
                scene,
                buffer,
            );
        }
    }
}

/// Hours in three letters.
fn short(hours: f64) -> String {
    if hours >= 9.95 { format!("{hours:.0}") } else { format!("{hours:.1}") }
}

fn mark(scene: &Scene<'_>, sum: Option<&Hours>, savings: &Savings, date: NaiveDate, most: f64) -> Span<'static> {
    let theme = scene.theme;
    let ahead = |until: DateTime<Utc>| until.with_timezone(&savings.terms.zone).date_naive() < date;
    let Some(sum) = sum.filter(|_| !savings.until.is_some_and(ahead)) else { return Span::raw("    ") };
    if sum.unknown >= 0.5 {
        return span("  ? ", theme.look);
    }
    if sum.baseline <= 0.0 && sum.running <= 0.0 {
        return span("   ?", theme.faint);
    }
    if sum.inference < 0.05 {
        return span(if scene.state.ascii { "   ." } else { "   ·" }, theme.faint);
    }
    let share = if most > 0.0 { sum.inference / most } else { 0.0 };
    let shades: [&str; 4] = if scene.state.ascii {
        [" :::", " +++", " ###", " @@@"]
    } else {
        [" ░░░", " ▒▒▒", " ▓▓▓", " ███"]
    };
    let overran = sum.overrun >= 0.5;
    let shade = match share {
        share if share <= 0.25 => shades[0],
        share if share <= 0.5 => shades[1],
        share if share <= 0.75 => shades[2],
        _ => shades[3],
    };
    if overran && (theme.strip.colours.is_none() || scene.state.ascii) {
        return span(shade.chars().take(3).chain(['!']).collect::<String>(), theme.wrong);
    }
    span(shade, if overran { theme.wrong } else { theme.fill })
}

/// What was saved up to each step.
fn slope(scene: &Scene<'_>, savings: &Savings, area: Rect, buffer: &mut Buffer) {
    let theme = scene.theme;
    let sums = charted(scene, savings).1;
    let mut so_far = 0.0;
    let until = savings.until;
    let past = savings.steps.iter().zip(sums).map(|(step, sum)| {
        so_far += sum.saved();
        until.is_some_and(|until| step.span.from < until).then_some(so_far)
    });
    let heights: Vec<Option<f64>> = past.collect();
    let last = heights.iter().flatten().last().copied().unwrap_or(0.0);
    let right = vec![span(format!("{} h", hours(last)), theme.good)];
    let inner = Frame { title: "Saved so far", right, focus: false }.draw(area, buffer, theme, &scene.symbols);
    let mut body = Lines { area: inner };
    let below = body.bottom(1);
    // As wide as there is room: what rises is a slope, and not so many columns.
    let cells = usize::from(body.area.width);
    let at = |cell: usize| heights.get(cell * heights.len() / cells.max(1)).copied().flatten();
    let bars: Vec<Bar> = (0..cells)
        .map(|cell| Bar { parts: vec![(at(cell).unwrap_or(0.0).max(0.0), Tone::Saved)], ..Bar::default() })
        .collect();
    let most = bars.iter().map(Bar::height).fold(0.0, f64::max);
    bars::draw(&bars, most, body.area, buffer, theme, &scene.symbols);
    let label = |step: Option<&Step>| step.map(|step| step.date.format("%-d %b %Y").to_string()).unwrap_or_default();
    let (first, last) = (label(savings.steps.first()), label(savings.steps.last()));
    let gap = cells.saturating_sub(first.len() + last.len());
    put(Line::from(span(format!("{first}{}{last}", " ".repeat(gap)), theme.dim)), below, scene, buffer);
}

/// The hours of each day of one model, for the pane beside its week.
pub(in crate::ui) fn hours_a_day(scene: &Scene<'_>, area: Rect, buffer: &mut Buffer) {
    let (state, theme) = (scene.state, scene.theme);
    let right = state.keys.shown(&state.contexts(), Command::Savings).map(|key| vec![span(key, theme.key)]);
    let frame = Frame { title: "Hours a day", right: right.unwrap_or_default(), focus: false };
    let inner = frame.draw(area, buffer, theme, &scene.symbols);
    let Some(crate::app::Key::Model(arn)) = state.selected() else { return };
    let month = state.ledger.reckoned.as_ref().map(|reckoned| &reckoned.month);
    let own = month.and_then(|month| Some((month, month.model(&arn)?)));
    let Some((month, own)) = own.filter(|(_, own)| own.counted.is_some()) else {
        let text = if state.ledger.trouble.is_some() { "CloudWatch cannot be asked." } else { "Not known yet." };
        return put(Line::from(span(text, theme.dim)), inner, scene, buffer);
    };
    let mut body = Lines { area: inner };
    let sum = &own.hours;
    let mut told = vec![
        Line::from(vec![
            span(format!("ran {} h", hours(sum.inference)), theme.text),
            span(format!(" of {} h", hours(sum.baseline)), theme.dim),
        ]),
        Line::from(span(format!("saved {} h", hours(sum.saved())), theme.good)),
    ];
    if sum.overrun >= 0.05 {
        told.push(Line::from(span(
            format!("overrun {} h {}{:.1}", hours(sum.overrun), about(scene), sum.error),
            theme.wrong,
        )));
    } else if sum.unknown >= 0.05 {
        told.push(Line::from(span(format!("unknown {} h", hours(sum.unknown)), theme.look)));
    }
    let lines = body.bottom(u16::try_from(told.len()).unwrap_or(3));
    for (row, line) in lines.rows().zip(told) {
        put(line, row, scene, buffer);
    }
    if body.area.height >= 3 {
        drawn(scene, &month.steps, By::Day, &own.steps, month.terms.zone, body.area, buffer);
    }
}
