//! The calendar in which days are skipped.

use chrono::{Datelike, NaiveDate, Weekday};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};

use crate::app::calendar::{Calendar, Day};
use crate::app::{Align, Command, Context};
use crate::domain::words;
use crate::ui::draw::Scene;
use crate::ui::panes::dialogs::boxed;
use crate::ui::text::{fit, span};

/// The cells of a day: two digits, and what it is.
const DAY: usize = 4;
/// The cells of a month.
const MONTH: usize = 7 * DAY;
/// The cells between two months.
const GAP: usize = 3;
/// The lines of a month: its name, the days of the week, and six weeks at most.
const WEEKS: usize = 8;
/// What marks a day that is skipped.
const SKIPPED: &str = "×";
/// What marks a holiday.
const HOLIDAY: &str = "*";

/// Draws the calendar.
pub(super) fn draw(scene: &Scene<'_>, calendar: &Calendar, area: Rect, buffer: &mut Buffer) {
    let wide = |months: usize| months * MONTH + (months - 1) * GAP + 4;
    let months = if usize::from(area.width) >= wide(3) + 4 { 3 } else { 1 };
    let cells = if months == 3 { wide(3) } else { 66 };
    let mut lines = grid(scene, calendar, months);
    lines.push(Line::default());
    lines.extend(foot(scene, calendar, cells - 4));
    let size = (u16::try_from(cells).unwrap_or(u16::MAX), u16::try_from(lines.len() + 2).unwrap_or(u16::MAX));
    let inner = boxed(scene, &format!("Skip days  {}", calendar.zone), size, area, buffer);
    for (row, line) in inner.rows().zip(lines) {
        let line = fit(line, usize::from(row.width), Align::Left, scene.symbols.cut);
        buffer.set_line(row.x, row.y, &line, row.width);
    }
}

/// The months next to each other.
fn grid(scene: &Scene<'_>, calendar: &Calendar, months: usize) -> Vec<Line<'static>> {
    let firsts = calendar.months(u32::try_from(months).unwrap_or(1));
    let mut lines = vec![Line::default(); WEEKS];
    for (at, first) in firsts.into_iter().enumerate() {
        for (line, part) in lines.iter_mut().zip(month(scene, calendar, first)) {
            let gap = if at == 0 { 0 } else { GAP };
            line.push_span(Span::raw(" ".repeat(gap)));
            line.spans.extend(fit(part, MONTH, Align::Left, scene.symbols.cut).spans);
        }
    }
    lines
}

fn month(scene: &Scene<'_>, calendar: &Calendar, first: NaiveDate) -> Vec<Line<'static>> {
    let theme = scene.theme;
    let names = std::iter::successors(Some(calendar.first), |day: &Weekday| Some(day.succ())).take(7);
    let names = names.map(|day| span(format!(" {} ", day.to_string().get(..2).unwrap_or_default()), theme.dim));
    let mut lines =
        vec![Line::from(span(first.format(" %B %Y").to_string(), theme.strong)), Line::from(names.collect::<Vec<_>>())];
    for week in calendar.weeks(first) {
        let cells =
            week.map(|date| date.map_or_else(|| vec![Span::raw(" ".repeat(DAY))], |date| cell(scene, calendar, date)));
        lines.push(Line::from(cells.concat()));
    }
    lines.resize(WEEKS, Line::raw(" ".repeat(MONTH)));
    lines
}

fn cell(scene: &Scene<'_>, calendar: &Calendar, date: NaiveDate) -> Vec<Span<'static>> {
    let day = calendar.day(date);
    let (mark, style) = look(scene, day);
    let number = style.add_modifier(if day.skipped { Modifier::CROSSED_OUT } else { Modifier::empty() });
    let (left, right) = if date == calendar.cursor { ("[", "]") } else { (" ", mark) };
    let focus = if date == calendar.cursor { scene.theme.key } else { style };
    let number = if date == calendar.cursor { number.reversed() } else { number };
    vec![span(left, focus), span(format!("{:>2}", date.day()), number), span(right, focus)]
}

/// The mark behind a day, and its style. A word in the legend says the same.
fn look(scene: &Scene<'_>, day: Day) -> (&'static str, Style) {
    let theme = scene.theme;
    match day {
        Day { beyond: true, .. } => (" ", theme.faint),
        Day { skipped: true, .. } => (SKIPPED, theme.paused),
        Day { holiday: true, opens: true, .. } => (HOLIDAY, theme.look),
        Day { holiday: true, .. } => (HOLIDAY, theme.dim),
        Day { opens: true, .. } => (" ", theme.text),
        _ => (" ", theme.dim),
    }
}

/// What the day in question is, the legend, and what came of the last key.
fn foot(scene: &Scene<'_>, calendar: &Calendar, room: usize) -> Vec<Line<'static>> {
    let theme = scene.theme;
    let key = |command| scene.state.keys.shown(&[Context::Calendar], command).unwrap_or_default().to_owned();
    let day = calendar.day(calendar.cursor);
    let mut said = vec![span(calendar.cursor.format("%a %-d %b %Y").to_string(), theme.strong)];
    said.push(if day.opens { span("  a window opens", theme.text) } else { span("  no window opens", theme.dim) });
    if day.holiday {
        said.push(span("  holiday", theme.look));
    }
    if day.skipped {
        said.push(span("  skipped", theme.paused));
    }
    let legend = vec![
        span(format!("{SKIPPED} skipped"), theme.paused),
        span(format!("   {HOLIDAY} holiday"), theme.look),
        span("   dim: no window opens", theme.dim),
    ];
    let mut lines = vec![Line::from(said), Line::from(legend), Line::default()];
    let count = words::count(calendar.skipped.len() as u64, "day");
    let keys = [
        (key(Command::SkipDay), " skip or not  "),
        (key(Command::SkipHolidays), " all holidays  "),
        (key(Command::Accept), " keep  "),
        (key(Command::Close), " throw away"),
    ];
    match &calendar.said {
        Some(said) => lines.extend(scene.marked(scene.symbols.note, said, theme.look, room)),
        None => lines.push(Line::from(span(format!("{count} skipped in all"), theme.dim))),
    }
    lines.push(Line::from(
        keys.into_iter().flat_map(|(key, words)| [span(key, theme.key), span(words, theme.dim)]).collect::<Vec<_>>(),
    ));
    lines
}
