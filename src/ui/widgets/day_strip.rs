//! The day strip: one line for a day, the upper half what is planned, the lower half what ran.

use chrono::{DateTime, Utc};
use ratatui::style::{Modifier, Style};
use ratatui::text::Span;

use crate::domain::usage;
use crate::domain::week::Window;
use crate::ui::symbols::Symbols;
use crate::ui::theme::Theme;

/// A day of one model.
#[derive(Clone, Copy, Debug)]
pub struct Day<'a> {
    /// From the midnight before to the midnight after.
    pub span: usage::Span,
    /// What is planned.
    pub windows: &'a [Window],
    /// What ran.
    pub ran: &'a [usage::Span],
    /// What of that ran outside the windows.
    pub overran: &'a [usage::Span],
    /// The present.
    pub now: DateTime<Utc>,
}

/// What a cell shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Cell {
    planned: bool,
    ran: bool,
    overran: bool,
    now: bool,
}

impl Day<'_> {
    fn cell(&self, at: usize, width: usize) -> Cell {
        let part = |index: usize| {
            let length = (self.span.to - self.span.from).num_seconds();
            let offset = length * i64::try_from(index).unwrap_or(0) / i64::try_from(width.max(1)).unwrap_or(1);
            self.span.from + chrono::TimeDelta::seconds(offset)
        };
        let (from, to) = (part(at), part(at + 1));
        let half = (to - from) / 2;
        // Of the hour that is not over, only what is past can have been run.
        let past = (self.now.clamp(from, to) - from) / 2;
        let covers = |spans: &[usage::Span]| {
            let seconds = |span: &usage::Span| (span.to.min(to) - span.from.max(from)).max(chrono::TimeDelta::zero());
            spans.iter().map(seconds).sum::<chrono::TimeDelta>()
        };
        let planned: Vec<usage::Span> =
            self.windows.iter().filter_map(|window| window.within(usage::Span { from, to })).collect();
        Cell {
            planned: covers(&planned) >= half,
            ran: covers(self.ran) >= if past > chrono::TimeDelta::zero() { past } else { half },
            // An overrun of a few minutes is worth its cell: it must not hide in the rounding.
            overran: covers(self.overran) >= if past > chrono::TimeDelta::zero() { past / 2 } else { half / 2 },
            now: (from..to).contains(&self.now),
        }
    }

    /// The strip in `width` cells.
    #[must_use]
    pub fn spans(&self, width: usize, theme: &Theme, symbols: &Symbols) -> Vec<Span<'static>> {
        (0..width).map(|at| drawn(self.cell(at, width), theme, symbols)).collect()
    }
}

fn drawn(cell: Cell, theme: &Theme, symbols: &Symbols) -> Span<'static> {
    let Some(colours) = theme.strip.colours else { return plain(cell, theme, symbols) };
    let upper = if cell.planned { colours.planned } else { colours.ground };
    let lower = match cell {
        Cell { overran: true, .. } => colours.overran,
        Cell { ran: true, .. } => colours.ran,
        Cell { planned: true, .. } => colours.ground,
        _ => colours.ground,
    };
    if cell.now {
        return Span::styled(symbols.now, theme.strip.now.bg(lower));
    }
    if symbols.strip[0] == "." {
        // Half blocks are not in the plain set; characters and colours together tell the same.
        return Span::styled(plain(cell, theme, symbols).content, Style::new().fg(theme_colour(cell, theme)));
    }
    Span::styled("▀", Style::new().fg(upper).bg(lower))
}

fn theme_colour(cell: Cell, theme: &Theme) -> ratatui::style::Color {
    let style = match cell {
        Cell { overran: true, .. } => theme.wrong,
        Cell { ran: true, .. } => theme.ours,
        Cell { planned: true, .. } => theme.dim,
        _ => theme.faint,
    };
    style.fg.unwrap_or_default()
}

fn plain(cell: Cell, theme: &Theme, symbols: &Symbols) -> Span<'static> {
    let [nothing, planned, ran, both, overran] = symbols.strip;
    let (text, style) = match cell {
        Cell { now: true, .. } => (symbols.now, theme.strip.now),
        Cell { overran: true, .. } => (overran, theme.strip.overran),
        Cell { planned: true, ran: true, .. } => (both, theme.strip.plain),
        Cell { planned: true, .. } => (planned, theme.strip.plain),
        Cell { ran: true, .. } => (ran, theme.strip.plain),
        _ => (nothing, theme.faint),
    };
    // Reversed, as the selected row is where there are no colours, full and empty would change their places.
    Span::styled(text, style.remove_modifier(Modifier::REVERSED))
}

/// The hours over a strip of `width` cells: `0     6     12    18  24`.
#[must_use]
pub fn scale(width: usize) -> String {
    let mut line = vec![' '; width];
    let step = if width >= 36 { 3 } else { 6 };
    for hour in (0..24).step_by(step) {
        let at = width * hour / 24;
        for (offset, digit) in hour.to_string().chars().enumerate() {
            if let Some(cell) = line.get_mut(at + offset) {
                *cell = digit;
            }
        }
    }
    let last = width.saturating_sub(2);
    if line.get(last.saturating_sub(1)..).is_some_and(|end| end.iter().all(|cell| *cell == ' ')) {
        line.splice(last.., ['2', '4']);
    }
    line.into_iter().take(width).collect()
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    fn day<'a>(windows: &'a [Window], ran: &'a [usage::Span], overran: &'a [usage::Span]) -> Day<'a> {
        let from = DateTime::UNIX_EPOCH;
        let span = usage::Span { from, to: from + TimeDelta::days(1) };
        Day { span, windows, ran, overran, now: from + TimeDelta::hours(14) }
    }

    fn hours(from: i64, to: i64) -> usage::Span {
        let at = |hour| DateTime::UNIX_EPOCH + TimeDelta::hours(hour);
        usage::Span { from: at(from), to: at(to) }
    }

    #[test]
    fn every_kind_of_hour_has_its_own_mark_without_colours() {
        let span = hours(8, 18);
        let window = Window { opens: span.from, closes: Some(span.to), opened_by: String::new(), closed_by: None };
        let (theme, symbols) = (Theme::of(crate::app::Theme::Mono), Symbols::of(true));
        let ran = [hours(6, 14)];
        let overran = [hours(6, 8)];
        let strip: String = day(&[window], &ran, &overran)
            .spans(24, &theme, &symbols)
            .iter()
            .map(|span| span.content.clone())
            .collect();
        assert_eq!(strip, "......!!######|---......");
    }

    #[test]
    fn what_ran_outside_its_window_is_red() {
        let (theme, symbols) = (Theme::of(crate::app::Theme::Night), Symbols::of(false));
        let (ran, overran) = ([hours(2, 6)], [hours(2, 6)]);
        let spans = day(&[], &ran, &overran).spans(24, &theme, &symbols);
        let red = theme.strip.colours.map(|colours| colours.overran);
        assert_eq!(spans.iter().filter(|span| span.style.bg == red).count(), 4);
    }

    #[test]
    fn the_scale_stands_over_its_hours() {
        assert_eq!(scale(24), "0     6     12    18  24");
        assert_eq!(scale(48).find("12"), Some(24));
    }
}
