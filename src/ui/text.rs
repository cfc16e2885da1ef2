//! Text by the cell: cut, padded and cleaned, whatever stands in an account.

use ratatui::style::Style;
use ratatui::text::{Line, Span};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::app::Align;

/// The text with whatever could steer a terminal or turn its direction replaced.
#[must_use]
pub fn clean(text: &str) -> String {
    let steers = |letter: char| {
        letter.is_control()
            || matches!(letter, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    if !text.contains(steers) {
        return text.to_owned();
    }
    text.chars().map(|letter| if steers(letter) { '\u{fffd}' } else { letter }).collect()
}

/// A span of cleaned text.
#[must_use]
pub fn span(text: impl AsRef<str>, style: Style) -> Span<'static> {
    Span::styled(clean(text.as_ref()), style)
}

/// The cells that the text takes.
#[must_use]
pub fn width(text: &str) -> usize {
    text.width()
}

/// The text cut to `width` cells, with the mark `cut` at its end if something is missing.
#[must_use]
pub fn cut(text: &str, width: usize, mark: &str) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let room = width.saturating_sub(mark.width());
    let mut used = 0;
    let mut kept: String = text
        .chars()
        .take_while(|letter| {
            used += letter.width().unwrap_or(0);
            used <= room
        })
        .collect();
    if width >= mark.width() {
        kept.push_str(mark);
    }
    kept
}

/// The line in exactly `width` cells: cut with a mark, or padded on the side that `align` asks for.
#[must_use]
pub fn fit(line: Line<'static>, width: usize, align: Align, mark: &str) -> Line<'static> {
    let used = line.width();
    if used <= width {
        let pad = Span::raw(" ".repeat(width - used));
        let mut spans = line.spans;
        match align {
            Align::Left => spans.push(pad),
            Align::Right => spans.insert(0, pad),
        }
        return Line::from(spans).style(line.style);
    }
    let mut left = width;
    let mut spans = Vec::new();
    let total = line.spans.len();
    for (at, part) in line.spans.into_iter().enumerate() {
        let more = at + 1 < total;
        let needed = part.content.width();
        if needed < left || (needed == left && !more) {
            left -= needed;
            spans.push(part);
        } else {
            let text = if needed == left {
                cut(&format!("{} ", part.content), left, mark)
            } else {
                cut(&part.content, left, mark)
            };
            left = left.saturating_sub(text.width());
            spans.push(Span::styled(text, part.style));
            break;
        }
    }
    spans.push(Span::raw(" ".repeat(left)));
    Line::from(spans).style(line.style)
}

/// The line without its last parts as far as it does not fit: those that begin with a blank are only added to what
/// stands before them.
#[must_use]
pub fn shed(mut line: Line<'static>, width: usize) -> Line<'static> {
    let added =
        |line: &Line<'_>| line.spans.len() > 1 && line.spans.last().is_some_and(|last| last.content.starts_with(' '));
    while line.width() > width && added(&line) {
        line.spans.pop();
    }
    line
}

/// The text in lines of at most `width` cells, broken at blanks where that is possible.
#[must_use]
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let mut word = word.to_owned();
        while let Some(line) = lines.last_mut() {
            let gap = usize::from(!line.is_empty());
            if line.width() + gap + word.width() <= width {
                if gap == 1 {
                    line.push(' ');
                }
                line.push_str(&word);
                break;
            }
            if !line.is_empty() {
                lines.push(String::new());
                continue;
            }
            // A word longer than a line, such as an ARN, is broken where the line ends.
            let head = cut(&word, width.max(2), "");
            let rest = word.strip_prefix(&head).unwrap_or_default().to_owned();
            line.push_str(&head);
            if rest.is_empty() || head.is_empty() {
                break;
            }
            word = rest;
            lines.push(String::new());
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, width: usize, align: Align) -> String {
        fit(Line::raw(text.to_owned()), width, align, "…").to_string()
    }

    #[test]
    fn a_line_takes_exactly_its_cells() {
        for text in ["", "a", "logos_2 v3", "日本語モデル", "🦀🦀🦀", "e\u{301}tude"] {
            for width in 0..14 {
                for align in [Align::Left, Align::Right] {
                    assert_eq!(shown(text, width, align).width(), width, "{text} in {width}");
                }
            }
        }
    }

    #[test]
    fn what_is_cut_says_so() {
        assert_eq!(shown("logos_2", 5, Align::Left), "logo…");
        assert_eq!(shown("日本語", 4, Align::Left), "日… ");
        let line = Line::from(vec![Span::raw("logos"), Span::raw(" v3")]);
        assert_eq!(fit(line.clone(), 8, Align::Left, "…").to_string(), "logos v3");
        assert_eq!(fit(line, 5, Align::Left, "…").to_string(), "logo…");
    }

    #[test]
    fn what_is_only_added_is_left_away_first() {
        let line = Line::from(vec![Span::raw("●"), Span::raw(" "), Span::raw("running"), Span::raw(" 5 h 40")]);
        assert_eq!(shed(line.clone(), 16).to_string(), "● running 5 h 40");
        assert_eq!(shed(line.clone(), 15).to_string(), "● running");
        assert_eq!(shed(line, 4).to_string(), "● running", "the rest has to be cut");
    }

    #[test]
    fn nothing_in_an_account_can_steer_the_terminal() {
        assert_eq!(clean("a\u{1b}[31mb\u{202e}c"), "a\u{fffd}[31mb\u{fffd}c");
    }

    #[test]
    fn long_words_are_broken_and_short_ones_are_not() {
        assert_eq!(wrap("one two three", 8), ["one two", "three"]);
        assert_eq!(wrap("abcdefghij k", 4), ["abcd", "efgh", "ij k"]);
        assert_eq!(wrap("", 4), [""]);
    }
}
