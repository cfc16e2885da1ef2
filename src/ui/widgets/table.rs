//! The one table: columns that go by priority, a heading with the order, and only the rows that are seen.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::app::{Align, Column, ColumnId, LUXURY, Sort};
use crate::ui::symbols::Symbols;
use crate::ui::text;
use crate::ui::theme::Theme;

/// One cell more for each hour of the day strip.
const DAY: u16 = 24;

/// The columns that fit into a table, from left to right.
#[derive(Clone, Debug)]
pub struct Placed {
    /// Each with the cells that it got.
    pub columns: Vec<(&'static Column, u16)>,
    /// The blanks between two of them.
    pub gap: u16,
}

/// Which columns fit into `width` cells, and how wide each is: first all get their least, the last in priority going
/// first; then what they would like; what is left goes to those that grow. Luxuries come only where nobody else has to
/// make room for them, and the day strip grows by whole hours.
#[must_use]
pub fn place(columns: &'static [Column], width: u16) -> Placed {
    let gap = if width < 90 { 1 } else { 2 };
    let room = |kept: &[&Column], cells: fn(&Column) -> u16| {
        kept.iter().map(|column| cells(column)).sum::<u16>() + gap * u16::try_from(kept.len().max(1) - 1).unwrap_or(0)
    };
    let mut kept: Vec<&'static Column> = columns.iter().filter(|column| column.priority < LUXURY).collect();
    let needed = kept.len();
    while kept.len() > 1 && room(&kept, |column| column.min) > width {
        let last = kept.iter().enumerate().max_by_key(|(_, column)| column.priority).map_or(0, |(at, _)| at);
        kept.remove(last);
    }
    let mut luxuries: Vec<&'static Column> = columns.iter().filter(|column| column.priority >= LUXURY).collect();
    luxuries.sort_by_key(|column| column.priority);
    for luxury in luxuries.into_iter().take(if kept.len() == needed { usize::MAX } else { 0 }) {
        kept.push(luxury);
        if room(&kept, |column| column.ideal) > width {
            kept.pop();
            break;
        }
    }
    kept.sort_by_key(|column| columns.iter().position(|own| own.id == column.id));
    let left = width.saturating_sub(room(&kept, |column| column.min));
    let columns = kept.into_iter().map(|column| (column, column.min.min(width))).collect();
    let mut placed = Placed { columns, gap };
    placed.fill(left);
    placed
}

impl Placed {
    /// Hands out the cells that are left.
    fn fill(&mut self, mut left: u16) {
        let mut by_priority: Vec<usize> = (0..self.columns.len()).collect();
        by_priority.sort_by_key(|at| self.columns.get(*at).map_or(0, |(column, _)| column.priority));
        for at in by_priority {
            if let Some((column, width)) = self.columns.get_mut(at) {
                let more = column.ideal.saturating_sub(*width).min(left);
                *width += more;
                left -= more;
            }
        }
        let day = self.columns.iter_mut().find(|(column, _)| column.id == ColumnId::Day);
        if let Some((_, width)) = day.filter(|_| left >= DAY) {
            *width += DAY;
            left -= DAY;
        }
        let shares: u16 = self.columns.iter().map(|(column, _)| column.grow).sum();
        for (column, width) in &mut self.columns {
            *width += (left * column.grow).checked_div(shares).unwrap_or(0);
        }
    }

    fn joined(&self, cells: impl Iterator<Item = Line<'static>>) -> Line<'static> {
        let mut spans = Vec::new();
        for cell in cells {
            if !spans.is_empty() {
                spans.push(Span::raw(" ".repeat(usize::from(self.gap))));
            }
            spans.extend(cell.spans);
        }
        Line::from(spans)
    }
}

/// The heading: the sorted column carries its direction, the marked one is underlined.
pub fn heading(
    placed: &Placed,
    sort: Sort,
    cursor: ColumnId,
    titles: impl Fn(ColumnId, u16) -> Option<String>,
    theme: &Theme,
    symbols: &Symbols,
) -> Line<'static> {
    let mark = if sort.descending { symbols.falling } else { symbols.rising };
    let cells = placed.columns.iter().map(|(column, width)| {
        let mut title = titles(column.id, *width).unwrap_or_else(|| column.title.to_owned());
        let sorted = sort.column == column.id;
        let full = text::width(&title) + text::width(mark) > usize::from(*width);
        if sorted && column.align == Align::Left {
            title = format!("{title} {mark}");
        } else if sorted && !full {
            title = format!("{mark}{title}");
        }
        let style = if sorted { theme.strong } else { theme.dim };
        let style = if cursor == column.id && cursor != sort.column { style.underlined() } else { style };
        let cell = text::fit(Line::from(Span::styled(title, style)), usize::from(*width), column.align, "");
        // A title as wide as its column keeps all its letters: its mark stands in the gap before it.
        let lead = (sorted && full && column.align == Align::Right).then(|| Span::styled(mark, style));
        (cell, lead)
    });
    let mut spans = Vec::new();
    for (cell, lead) in cells {
        if !spans.is_empty() {
            let gap = usize::from(placed.gap).saturating_sub(usize::from(lead.is_some()));
            spans.push(Span::raw(" ".repeat(gap)));
            spans.extend(lead);
        }
        spans.extend(cell.spans);
    }
    Line::from(spans)
}

/// A row of cells, each fitted into its column. What is only added to a status or to what comes next is left away
/// where it does not fit; names are cut.
#[must_use]
pub fn row(placed: &Placed, cell: impl Fn(ColumnId, u16) -> Line<'static>, symbols: &Symbols) -> Line<'static> {
    placed.joined(placed.columns.iter().map(|(column, width)| {
        let (line, cells) = (cell(column.id, *width), usize::from(*width));
        let sheds = matches!(column.id, ColumnId::Status | ColumnId::Next);
        let line = if sheds { text::shed(line, cells) } else { line };
        text::fit(line, cells, column.align, symbols.cut)
    }))
}

/// Draws a row; the selected one has the mark on its left and its ground over the whole width.
pub fn draw_row(
    line: &Line<'static>,
    area: Rect,
    selected: bool,
    buffer: &mut Buffer,
    theme: &Theme,
    symbols: &Symbols,
) {
    if selected {
        let whole = Rect { x: area.x.saturating_sub(1), width: area.width + 2, ..area };
        buffer.set_style(whole.intersection(buffer.area), theme.selected);
    }
    buffer.set_line(area.x, area.y, line, area.width);
    if selected && area.x > 0 {
        buffer.set_string(area.x - 1, area.y, symbols.cursor, theme.focus.patch(theme.selected));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::Screen;

    #[test]
    fn columns_never_take_more_than_there_is_and_go_by_priority() {
        for screen in Screen::ALL {
            for width in 1..220 {
                let placed = place(screen.columns(), width);
                let (columns, gap) = (placed.columns, placed.gap);
                let used: u16 = columns.iter().map(|(_, width)| *width).sum::<u16>() + gap * (columns.len() as u16 - 1);
                assert!(used <= width.max(1), "{screen:?} {width}: {used}");
                let worst = columns.iter().map(|(column, _)| column.priority).max().unwrap();
                let gone = screen.columns().iter().filter(|own| !columns.iter().any(|(column, _)| column.id == own.id));
                assert!(gone.map(|column| column.priority).all(|priority| priority > worst));
            }
        }
    }

    #[test]
    fn the_day_is_drawn_in_whole_or_half_hours() {
        for width in 30..300 {
            let placed = place(Screen::Models.columns(), width);
            let day = placed.columns.iter().find(|(column, _)| column.id == ColumnId::Day);
            assert!(day.is_none_or(|(_, cells)| cells % DAY == 0), "{width}");
        }
    }

    #[test]
    fn a_wide_table_shows_everything() {
        for screen in Screen::ALL {
            assert_eq!(place(screen.columns(), 196).columns.len(), screen.columns().len(), "{screen:?}");
        }
    }
}
