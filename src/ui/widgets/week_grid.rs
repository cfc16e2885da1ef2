//! The week: seven rows of half hours or hours, in the zone of a model's schedules.

use chrono::{DateTime, Datelike, Timelike, Utc};
use chrono_tz::Tz;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::day_strip::scale;
use crate::domain::week::Week;
use crate::ui::symbols::Symbols;
use crate::ui::theme::Theme;

const DAYS: [&str; 7] = ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"];

/// The cells that a grid of this outer width has for its hours; `None` where no grid fits.
#[must_use]
pub fn cells(width: usize) -> Option<usize> {
    match width.saturating_sub(3) {
        96.. => Some(96),
        48.. => Some(48),
        24.. => Some(24),
        _ => None,
    }
}

/// The mark of the present where the model is to run.
fn on_ground(theme: &Theme, paused: bool) -> Style {
    let ground = if paused { theme.paused_fill } else { theme.fill };
    ground.fg.map_or(theme.strip.now, |colour| theme.strip.now.bg(colour))
}

/// The lines of the grid: the scale and seven days. A week that is `paused` is only what would be.
#[must_use]
pub fn lines(
    week: &Week,
    zone: Tz,
    now: DateTime<Utc>,
    cells: usize,
    paused: bool,
    theme: &Theme,
    symbols: &Symbols,
) -> Vec<Line<'static>> {
    let local = now.with_timezone(&zone);
    let today = local.weekday().num_days_from_monday() as usize;
    let minute = local.hour() * 60 + local.minute();
    let mut lines = vec![Line::from(Span::styled(format!("   {}", scale(cells)), theme.dim))];
    for (index, (name, day)) in DAYS.iter().zip(&week.days).enumerate() {
        let style = if index == today { theme.strong } else { theme.dim };
        let mut spans = vec![Span::styled(format!("{name} "), style)];
        let per_cell = 1440 / cells as u32;
        for cell in 0..cells as u32 {
            let middle = cell * per_cell + per_cell / 2;
            let on = day.iter().any(|(from, to)| (u32::from(*from)..u32::from(*to)).contains(&middle));
            let here = index == today && (cell * per_cell..(cell + 1) * per_cell).contains(&minute);
            spans.push(match (here, on) {
                (true, true) => Span::styled(symbols.now, on_ground(theme, paused)),
                (true, false) => Span::styled(symbols.now, theme.strip.now),
                (false, true) => Span::styled(symbols.week[0], if paused { theme.paused_fill } else { theme.fill }),
                (false, false) => Span::styled(symbols.week[1], theme.faint),
            });
        }
        lines.push(Line::from(spans));
    }
    lines
}
