//! A few hours in as many cells: each day of a week as the height of one.

use ratatui::text::Span;

use crate::ui::symbols::Symbols;
use crate::ui::theme::Theme;

const HEIGHTS: [&str; 8] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];

/// The hours of days, each from 0 to 24, in one cell each.
#[must_use]
pub fn spans(days: &[f64], theme: &Theme, symbols: &Symbols) -> Vec<Span<'static>> {
    let ascii = symbols.strip[0] == ".";
    days.iter()
        .map(|hours| {
            if *hours < 0.02 {
                return Span::styled(if ascii { "." } else { "·" }, theme.faint);
            }
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "hours of a day")]
            let height = (hours / 24.0 * 8.0).ceil().clamp(1.0, 8.0) as usize;
            if ascii {
                let digit = ["1", "2", "3", "4", "5", "6", "7", "8"].get(height - 1).copied().unwrap_or("8");
                return Span::styled(digit, theme.ours);
            }
            Span::styled(HEIGHTS.get(height - 1).copied().unwrap_or("█"), theme.ours)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_as_high_as_its_hours() {
        let theme = Theme::of(crate::app::Theme::Night);
        let told = |ascii| -> String {
            let spans = spans(&[0.0, 0.1, 8.35, 24.0, 25.0], &theme, &Symbols::of(ascii));
            spans.iter().map(|span| span.content.clone()).collect()
        };
        assert_eq!((told(false).as_str(), told(true).as_str()), ("·▁▃██", ".1388"));
    }
}
