//! Columns of hours: what ran, what of it ran outside its windows, what is not known, and behind them what was planned.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Style};

use crate::ui::symbols::Symbols;
use crate::ui::theme::Theme;

/// What a part of a column means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Ran, within its windows.
    Ran,
    /// Ran outside of them.
    Overran,
    /// Nobody knows.
    Unknown,
    /// Was planned, and is behind the others.
    Planned,
    /// Was saved.
    Saved,
    /// Nothing.
    Ground,
}

/// One column, from below.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Bar {
    /// Its parts, each as high as so many hours.
    pub parts: Vec<(f64, Tone)>,
    /// What was planned, behind them.
    pub planned: f64,
    /// Nothing at all is known of its time.
    pub dark: bool,
}

impl Bar {
    /// How high it is.
    #[must_use]
    pub fn height(&self) -> f64 {
        self.parts.iter().map(|(hours, _)| hours).sum::<f64>().max(self.planned)
    }
}

/// How columns are laid out in a width: how many of the last ones fit, how wide each is, and the blanks between two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// How many are left out, the oldest ones.
    pub skipped: usize,
    /// The cells of each.
    pub width: u16,
    /// The blanks between two.
    pub gap: u16,
}

impl Layout {
    /// So many columns in so many cells.
    #[must_use]
    pub fn of(count: usize, cells: u16) -> Self {
        let each = usize::from(cells) / count.max(1);
        let skipped = count.saturating_sub(usize::from(cells.max(1)));
        match each {
            0 | 1 => Self { skipped, width: 1, gap: 0 },
            2 => Self { skipped, width: 1, gap: 1 },
            3 => Self { skipped, width: 2, gap: 1 },
            _ => Self { skipped, width: u16::try_from(each - 1).unwrap_or(1).min(6), gap: 1 },
        }
    }

    /// Where the column stands that is the `place`th of those that are drawn.
    #[must_use]
    pub fn x(&self, place: usize) -> u16 {
        u16::try_from(place).unwrap_or(u16::MAX).saturating_mul(self.width + self.gap)
    }
}

/// Draws columns; `most` hours reach to the top.
pub fn draw(bars: &[Bar], most: f64, area: Rect, buffer: &mut Buffer, theme: &Theme, symbols: &Symbols) {
    let layout = Layout::of(bars.len(), area.width);
    for (place, bar) in bars.iter().skip(layout.skipped).enumerate() {
        let x = area.x.saturating_add(layout.x(place));
        if x + layout.width > area.right() {
            break;
        }
        let cells = cells(bar, most, area.height);
        for (row, cell) in area.rows().rev().zip(cells) {
            let dark = bar.dark && row.y + 1 == area.bottom();
            let (text, style) = if dark { ("?", theme.faint) } else { drawn(cell, theme, symbols) };
            for at in x..x + layout.width {
                buffer.set_string(at, row.y, text, style);
            }
        }
    }
}

/// One cell: so many eighths of it have the lower tone, the rest the upper.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Cell {
    lower: Tone,
    eighths: usize,
    upper: Tone,
}

/// The cells of a column from below.
fn cells(bar: &Bar, most: f64, height: u16) -> Vec<Cell> {
    let scale = if most > 0.0 { f64::from(height) * 8.0 / most } else { 0.0 };
    let mut tones: Vec<Tone> = Vec::new();
    let mut top = 0.0;
    for (hours, tone) in &bar.parts {
        top += hours * scale;
        let until = eighths(top);
        // The little that matters most must not be lost in the rounding.
        let until = if *hours > 0.0 && *tone != Tone::Ran { until.max(tones.len() + 1) } else { until };
        tones.resize(until.max(tones.len()), *tone);
    }
    tones.resize(eighths(bar.planned * scale).max(tones.len()), Tone::Planned);
    let whole = usize::from(height) * 8;
    tones.truncate(whole);
    tones.resize(whole, Tone::Ground);
    tones.chunks(8).map(cell).collect()
}

/// A cell can show two tones: the one below, and the one that fills most of the rest.
fn cell(tones: &[Tone]) -> Cell {
    let lower = tones.first().copied().unwrap_or(Tone::Ground);
    let eighths = tones.iter().take_while(|tone| **tone == lower).count();
    let rest = tones.get(eighths..).unwrap_or_default();
    let upper = rest.iter().copied().max_by_key(|tone| rest.iter().filter(|other| *other == tone).count());
    Cell { lower, eighths, upper: upper.unwrap_or(lower) }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "cells of a screen")]
fn eighths(value: f64) -> usize {
    value.max(0.0).round().min(100_000.0) as usize
}

const BLOCKS: [&str; 9] = [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];

fn drawn(cell: Cell, theme: &Theme, symbols: &Symbols) -> (&'static str, Style) {
    let most = if cell.eighths >= 4 { cell.lower } else { cell.upper };
    // What matters is seen, however small it is.
    let telling = [cell.lower, cell.upper].into_iter().find(|tone| matches!(tone, Tone::Overran | Tone::Unknown));
    let Some(colours) = theme.strip.colours.filter(|_| symbols.strip[0] != ".") else {
        return plain(telling.unwrap_or(most), theme, symbols);
    };
    let colour = |tone| match tone {
        Tone::Ran => colours.ran,
        Tone::Overran => colours.overran,
        Tone::Planned => colours.planned,
        Tone::Saved => theme.good.fg.unwrap_or(colours.ran),
        Tone::Unknown => theme.dim.fg.unwrap_or(colours.ground),
        Tone::Ground => theme.ground.bg.unwrap_or(Color::Reset),
    };
    if most == Tone::Unknown {
        return ("░", Style::new().fg(colour(Tone::Unknown)));
    }
    let block = BLOCKS.get(cell.eighths.min(8)).copied().unwrap_or("█");
    (block, Style::new().fg(colour(cell.lower)).bg(colour(cell.upper)))
}

fn plain(tone: Tone, theme: &Theme, symbols: &Symbols) -> (&'static str, Style) {
    let ascii = symbols.strip[0] == ".";
    match tone {
        Tone::Ran => (if ascii { "#" } else { "█" }, theme.fill),
        Tone::Saved => (if ascii { "#" } else { "█" }, theme.good),
        Tone::Overran => ("!", theme.wrong),
        Tone::Unknown => ("?", theme.dim),
        Tone::Planned => (if ascii { "-" } else { "·" }, theme.faint),
        Tone::Ground => (" ", Style::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(bar: &Bar, most: f64, height: u16) -> Vec<(Tone, usize, Tone)> {
        cells(bar, most, height).into_iter().map(|cell| (cell.lower, cell.eighths, cell.upper)).collect()
    }

    #[test]
    fn a_column_is_as_high_as_its_hours() {
        let bar = Bar { parts: vec![(6.0, Tone::Ran), (6.0, Tone::Overran)], planned: 18.0, dark: false };
        let expected = [
            (Tone::Ran, 8, Tone::Ran),
            (Tone::Overran, 8, Tone::Overran),
            (Tone::Planned, 8, Tone::Planned),
            (Tone::Ground, 8, Tone::Ground),
        ];
        assert_eq!(told(&bar, 24.0, 4), expected);
        assert_eq!(told(&bar, 24.0, 2)[0], (Tone::Ran, 4, Tone::Overran));
        assert_eq!(bar.height(), 18.0);
    }

    #[test]
    fn an_overrun_of_minutes_is_seen() {
        let bar = Bar { parts: vec![(8.0, Tone::Ran), (0.05, Tone::Overran)], planned: 0.0, dark: false };
        let overrun = told(&bar, 24.0, 3);
        assert_eq!(overrun[1], (Tone::Overran, 1, Tone::Ground));
        assert!(told(&Bar::default(), 0.0, 2).iter().all(|cell| cell.0 == Tone::Ground), "no scale, no column");
    }

    #[test]
    fn columns_fit_into_their_width() {
        for count in 1..200 {
            for cells in 1..150 {
                let layout = Layout::of(count, cells);
                let shown = count - layout.skipped;
                let last = layout.x(shown - 1) + layout.width;
                assert!(last <= cells, "{count} in {cells}: {layout:?}");
            }
        }
    }

    #[test]
    fn every_tone_has_its_own_mark_without_colours() {
        let theme = Theme::of(crate::app::Theme::Mono);
        for ascii in [false, true] {
            let symbols = Symbols::of(ascii);
            let tones = [Tone::Ran, Tone::Overran, Tone::Unknown, Tone::Planned, Tone::Ground];
            let marks: std::collections::BTreeSet<&str> =
                tones.map(|tone| drawn(Cell { lower: tone, eighths: 8, upper: tone }, &theme, &symbols).0).into();
            assert_eq!(marks.len(), tones.len());
        }
    }
}
