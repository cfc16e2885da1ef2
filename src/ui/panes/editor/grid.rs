//! The grid of the week editor: seven rows of half hours, with the sums of the days.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};

use crate::app::{Align, State, WeekEditor};
use crate::domain::week::Opening;
use crate::ui::draw::Scene;
use crate::ui::text::{fit, shed, span, width};

/// The lines of a grid with a blank line between its days, its heading and its legend.
const TALL: u16 = 18;
/// The lines from which on a day has two lines.
const BROAD: u16 = 25;
/// The lines from which on it has three.
const BROADEST: u16 = 33;
/// The minutes of a day.
const DAY: u16 = 1_440;
/// The cells before the hours.
const LABEL: u16 = 5;
/// The cells that a sum needs at least, with the blank before it.
const SUM: u16 = 7;
/// The names of the days, Monday first.
const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// Where the cells of the week stand.
pub(super) struct Grid {
    /// The hours of the rows that are shown, without labels and sums.
    hours: Rect,
    /// Where labels begin and sums end.
    whole: Rect,
    /// The lines from one day to the next.
    step: u16,
    /// The lines of a day that are filled.
    thick: u16,
    /// The days that are shown, Monday being 0.
    days: Vec<u16>,
    /// Whether the hours are told above.
    scale: bool,
}

impl Grid {
    /// The grid in an area; with `folded` what it means has to find its lines below it.
    pub(super) fn of(state: &State, editor: &WeekEditor, area: Rect, folded: bool) -> Self {
        let room = area.width.saturating_sub(LABEL + SUM);
        let cells = [96, 48, 24, 12].into_iter().find(|cells| *cells <= room).unwrap_or(room.min(6));
        let height = area.height.saturating_sub(u16::from(folded));
        let (step, thick) = match height {
            _ if folded => (1, 1),
            BROADEST.. => (4, 3),
            BROAD.. => (3, 2),
            TALL.. => (2, 1),
            _ => (1, 1),
        };
        let scale = height >= 8;
        let top = u16::from(scale) + u16::from(step > 1);
        let rows = (height.saturating_sub(top) / step).min(7);
        let first = u16::try_from(state.week_start.num_days_from_monday()).unwrap_or(0);
        let row = (editor.day + 7 - first) % 7;
        // Where not all days fit, the cursor's is among those that do.
        let skipped = (row + 1).saturating_sub(rows.max(1)).min(7 - rows);
        let days = (skipped..skipped + rows).map(|row| (row + first) % 7).collect();
        let hours = Rect { x: area.x + LABEL.min(area.width), y: area.y + top, width: cells, height: rows * step };
        Self { hours: hours.intersection(area), whole: area, step, thick, days, scale }
    }

    /// The line below the last day.
    pub(super) fn bottom(&self) -> u16 {
        // Between spaced days a blank line belongs to the one above, the last one's is free.
        self.hours.bottom().saturating_sub(self.step - self.thick).max(self.hours.y)
    }

    /// The day and the minute of the day at a cell of the screen.
    pub(super) fn at(&self, column: u16, row: u16) -> Option<(u16, u16)> {
        let inside = |at: u16, from: u16, to: u16| (from..to).contains(&at);
        if !inside(column, self.hours.left(), self.hours.right()) || !inside(row, self.hours.top(), self.hours.bottom())
        {
            return None;
        }
        let day = self.days.get(usize::from((row - self.hours.y) / self.step))?;
        let minute = u32::from(column - self.hours.x) * u32::from(DAY) / u32::from(self.hours.width.max(1));
        Some((*day, u16::try_from(minute).ok()? / 30 * 30))
    }

    /// The same at the nearest cell of the week.
    pub(super) fn near(&self, column: u16, row: u16) -> Option<(u16, u16)> {
        let within = |at: u16, from: u16, to: u16| at.min(to.saturating_sub(1)).max(from);
        let column = within(column, self.hours.left(), self.hours.right());
        self.at(column, within(row, self.hours.top(), self.hours.bottom()))
    }

    pub(super) fn draw(&self, scene: &Scene<'_>, editor: &WeekEditor, buffer: &mut Buffer) {
        if self.scale {
            let line = Line::from(span(scale(self.hours.width), scene.theme.dim));
            buffer.set_line(self.hours.x, self.hours.y.saturating_sub(1), &line, self.hours.width);
        }
        let middle = self.thick / 2;
        for (at, day) in (0..).zip(&self.days) {
            let y = self.hours.y + at * self.step;
            if y >= self.whole.bottom() {
                break;
            }
            let bar: Vec<Span<'static>> =
                (0..self.hours.width).map(|cell| drawn(scene, editor, *day, cell, self.hours.width)).collect();
            for line in (0..self.thick).filter(|line| *line != middle) {
                // The dots of one line are enough.
                let blank = |span: &Span<'static>| if scene.is_dots(span) { Span::raw(" ") } else { span.clone() };
                let bar = Line::from(bar.iter().map(blank).collect::<Vec<_>>());
                buffer.set_line(self.hours.x, y + line, &bar, self.hours.width);
            }
            let y = y + middle;
            let mut spans = vec![label(scene, editor, *day)];
            spans.extend(bar);
            spans.push(Span::raw("  "));
            spans.extend(sum(scene, editor, *day));
            let told = editor.exceptions(*day).join(", ");
            let line = Line::from(spans);
            let left = usize::from(self.whole.width).saturating_sub(line.width());
            let line = if self.step == 1 && !told.is_empty() && left >= EXCEPTION.min(width(&told) + 2) {
                let mut spans = line.spans;
                spans.push(span(format!("  {told}"), scene.theme.look));
                Line::from(spans)
            } else {
                line
            };
            let room = usize::from(self.whole.width);
            let line = fit(shed(line, room), room, Align::Left, scene.symbols.cut);
            buffer.set_line(self.whole.x, y, &line, self.whole.width);
            if self.step > 1 && !told.is_empty() {
                let room = self.whole.right().saturating_sub(self.hours.x);
                let told =
                    fit(Line::from(span(told, scene.theme.look)), usize::from(room), Align::Left, scene.symbols.cut);
                buffer.set_line(self.hours.x, y + self.thick - middle, &told, room);
            }
        }
    }
}

impl Scene<'_> {
    /// Whether a cell of the grid shows that nothing is there.
    fn is_dots(&self, cell: &Span<'_>) -> bool {
        let [.., even, between] = self.symbols.editor;
        cell.content == even || cell.content == between
    }
}

/// The cells from which on an exception is worth telling in the row.
const EXCEPTION: usize = 16;

fn label(scene: &Scene<'_>, editor: &WeekEditor, day: u16) -> Span<'static> {
    let style = if day == editor.day { scene.theme.strong } else { scene.theme.text };
    span(
        format!("{:<width$}", DAYS.get(usize::from(day)).copied().unwrap_or_default(), width = usize::from(LABEL)),
        style,
    )
}

/// What a stretch of the week is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Nothing,
    Starting,
    Ready,
    Added,
    Taken,
}

impl Part {
    fn of(editor: &WeekEditor, at: u16, minutes: u16) -> Self {
        let (now, before) = (&editor.draft.pattern, &editor.original.pattern);
        let ready = now.ready_within(at, minutes) * 2 >= minutes;
        let was = before.ready_within(at, minutes) * 2 >= minutes;
        match (ready, was) {
            (true, true) => Self::Ready,
            (true, false) => Self::Added,
            _ if now.starting_within(at, minutes) > 0 => Self::Starting,
            (false, true) => Self::Taken,
            (false, false) => Self::Nothing,
        }
    }

    fn symbol(self, scene: &Scene<'_>, odd: bool) -> &'static str {
        let [starting, ready, added, taken, even, between] = scene.symbols.editor;
        match self {
            Self::Starting => starting,
            Self::Ready => ready,
            // Without colours what comes new needs a character of its own.
            Self::Added if scene.theme.strip.colours.is_none() => added,
            Self::Added => ready,
            Self::Taken => taken,
            Self::Nothing if odd => between,
            Self::Nothing => even,
        }
    }

    fn style(self, scene: &Scene<'_>) -> Style {
        let theme = scene.theme;
        match self {
            Self::Starting => theme.look,
            Self::Ready => theme.fill,
            Self::Added => theme.good,
            Self::Taken => theme.wrong.remove_modifier(Modifier::UNDERLINED),
            Self::Nothing => theme.faint,
        }
    }
}

fn drawn(scene: &Scene<'_>, editor: &WeekEditor, day: u16, cell: u16, cells: u16) -> Span<'static> {
    let minutes = DAY / cells.max(1);
    let from = cell * minutes;
    let part = Part::of(editor, day * DAY + from, minutes);
    let on = editor.day == day && from < editor.minute + 30 && from + minutes > editor.minute;
    if on {
        let style = scene.theme.strong.add_modifier(Modifier::REVERSED);
        let begin = from <= editor.minute;
        return Span::styled(if begin { scene.symbols.now } else { " " }, style);
    }
    // Of two cells for a half hour the second is quiet, of two half hours the second as well.
    let odd = if cells >= 96 { !cell.is_multiple_of(4) } else { !cell.is_multiple_of(2) };
    Span::styled(part.symbol(scene, odd), part.style(scene))
}

/// `4 h was 8`.
fn sum(scene: &Scene<'_>, editor: &WeekEditor, day: u16) -> Vec<Span<'static>> {
    let theme = scene.theme;
    let (now, before) = (&editor.draft.pattern, &editor.original.pattern);
    let (now, before) = (now.ready_within(day * DAY, DAY), before.ready_within(day * DAY, DAY));
    let text = if now == 0 { scene.symbols.none.to_owned() } else { format!("{} h", hours(f64::from(now) / 60.0)) };
    let style = match now {
        _ if now < before => theme.look,
        _ if now > before => theme.good,
        0 => theme.faint,
        _ => theme.text,
    };
    let mut spans = vec![span(text, style)];
    if now != before {
        spans.push(span(format!(" was {}", hours(f64::from(before) / 60.0)), theme.dim));
    }
    spans
}

/// Hours with one digit at most behind the point.
pub(super) fn hours(hours: f64) -> String {
    format!("{hours:.1}").trim_end_matches(".0").to_owned()
}

/// The hours above so many cells.
fn scale(cells: u16) -> String {
    let (step, each) = match cells {
        96.. => (1, cells / 24),
        48.. => (2, cells / 12),
        24.. => (3, cells / 8),
        _ => (6, cells / 4),
    };
    (0..24 / step).map(|at| format!("{:<width$}", at * step, width = usize::from(each))).collect()
}

/// The window under the cursor, or the half hour.
pub(super) fn under_cursor(editor: &WeekEditor) -> String {
    let clock = |minute: u16| format!("{:02}:{:02}", minute / 60, minute % 60);
    let name = |minute: u16| DAYS.get(usize::from(minute / DAY % 7)).copied().unwrap_or_default();
    let pattern = &editor.draft.pattern;
    let opening: Option<&Opening> = editor.window().and_then(|at| pattern.openings().get(at));
    match opening {
        _ if pattern.is_always() => "always".into(),
        Some(opening) => {
            let closes = opening.closes();
            let end = match (closes % DAY, opening.ready % DAY + opening.length) {
                (0, _) => "24:00".to_owned(),
                (minute, to) if to > DAY => format!("{} {}", name(closes), clock(minute)),
                (minute, _) => clock(minute),
            };
            format!("{} {}–{end}", name(opening.ready), clock(opening.ready % DAY))
        }
        None => format!("{} {}", name(editor.day * DAY), clock(editor.minute)),
    }
}

/// What the cells mean, and in which zone.
pub(super) fn legend(scene: &Scene<'_>, editor: &WeekEditor, room: usize) -> Line<'static> {
    let theme = scene.theme;
    let sample = |part: Part| Span::styled(part.symbol(scene, false), part.style(scene));
    let lead = format!(" starting, lead {} min", editor.draft.lead);
    let has = |part: Part| (0..7 * 48u16).any(|half| Part::of(editor, half * 30, 30) == part);
    let mut parts: Vec<Vec<Span<'static>>> = Vec::new();
    parts.push(vec![sample(Part::Starting), span(lead, theme.dim)]);
    parts.push(vec![sample(Part::Ready), span(" ready", theme.dim)]);
    if has(Part::Added) {
        parts.push(vec![sample(Part::Added), span(" new", theme.dim)]);
    }
    if has(Part::Taken) {
        parts.push(vec![sample(Part::Taken), span(" taken away", theme.dim)]);
    }
    let zone = span(editor.draft.zone.name(), theme.text);
    let used = |parts: &[Vec<Span<'_>>]| parts.iter().flatten().map(Span::width).sum::<usize>() + parts.len() * 2;
    // The zone matters more than what everybody sees.
    while parts.len() > 1 && used(&parts) + zone.width() > room {
        parts.pop();
    }
    let mut spans: Vec<Span<'static>> = Vec::new();
    for part in parts {
        spans.extend(part);
        spans.push(Span::raw("  "));
    }
    spans.push(zone);
    Line::from(spans)
}
