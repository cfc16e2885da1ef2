//! The one table: columns that go by priority, a heading with the order, and only the rows that are seen.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::app::{Align, Column, ColumnId, Sort};
use crate::ui::symbols::Symbols;
use crate::ui::text;
use crate::ui::theme::Theme;

/// The blanks between two columns.
const GAP: u16 = 2;

/// A column and the cells that it got.
pub type Placed = (&'static Column, u16);

/// Which columns fit into `width` cells, and how wide each is: first all get their least, the last in priority going
/// first; then what they would like; what is left goes to those that grow.
#[must_use]
pub fn place(columns: &'static [Column], width: u16) -> Vec<Placed> {
    let mut kept: Vec<&'static Column> = columns.iter().collect();
    let gaps = |count: usize| GAP * u16::try_from(count.saturating_sub(1)).unwrap_or(0);
    while kept.len() > 1 && kept.iter().map(|column| column.min).sum::<u16>() + gaps(kept.len()) > width {
        let last = kept.iter().enumerate().max_by_key(|(_, column)| column.priority).map_or(0, |(at, _)| at);
        kept.remove(last);
    }
    let room = width.saturating_sub(gaps(kept.len()));
    let mut placed: Vec<Placed> = kept.into_iter().map(|column| (column, column.min.min(room))).collect();
    let mut left = room.saturating_sub(placed.iter().map(|(_, width)| *width).sum());
    let mut by_priority: Vec<usize> = (0..placed.len()).collect();
    by_priority.sort_by_key(|at| placed.get(*at).map_or(0, |(column, _)| column.priority));
    for at in by_priority {
        if let Some((column, width)) = placed.get_mut(at) {
            let more = column.ideal.saturating_sub(*width).min(left);
            *width += more;
            left -= more;
        }
    }
    let shares: u16 = placed.iter().map(|(column, _)| column.grow).sum();
    for (column, width) in &mut placed {
        *width += (left * column.grow).checked_div(shares).unwrap_or(0);
    }
    placed
}

/// The heading: the sorted column carries its direction, the marked one is underlined.
pub fn heading(
    placed: &[Placed],
    sort: Sort,
    cursor: ColumnId,
    titles: impl Fn(ColumnId, u16) -> Option<String>,
    theme: &Theme,
    symbols: &Symbols,
) -> Line<'static> {
    let cells = placed.iter().map(|(column, width)| {
        let mut title = titles(column.id, *width).unwrap_or_else(|| column.title.to_owned());
        let sorted = sort.column == column.id;
        if sorted {
            let mark = if sort.descending { symbols.falling } else { symbols.rising };
            title = if column.align == Align::Right { format!("{mark}{title}") } else { format!("{title} {mark}") };
        }
        let style = if sorted { theme.strong } else { theme.dim };
        let style = if cursor == column.id && cursor != sort.column { style.underlined() } else { style };
        text::fit(Line::from(Span::styled(title, style)), usize::from(*width), column.align, "")
    });
    joined(cells)
}

/// A row of cells, each fitted into its column.
#[must_use]
pub fn row(placed: &[Placed], cell: impl Fn(ColumnId, u16) -> Line<'static>, symbols: &Symbols) -> Line<'static> {
    joined(
        placed
            .iter()
            .map(|(column, width)| text::fit(cell(column.id, *width), usize::from(*width), column.align, symbols.cut)),
    )
}

fn joined(cells: impl Iterator<Item = Line<'static>>) -> Line<'static> {
    let mut spans = Vec::new();
    for cell in cells {
        if !spans.is_empty() {
            spans.push(Span::raw(" ".repeat(usize::from(GAP))));
        }
        spans.extend(cell.spans);
    }
    Line::from(spans)
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
                let used: u16 = placed.iter().map(|(_, width)| *width).sum::<u16>() + GAP * (placed.len() as u16 - 1);
                assert!(used <= width.max(1), "{screen:?} {width}: {used}");
                let worst = placed.iter().map(|(column, _)| column.priority).max().unwrap();
                let gone = screen.columns().iter().filter(|own| !placed.iter().any(|(column, _)| column.id == own.id));
                assert!(gone.map(|column| column.priority).all(|priority| priority > worst));
            }
        }
    }

    #[test]
    fn a_wide_table_shows_everything() {
        for screen in Screen::ALL {
            assert_eq!(place(screen.columns(), 196).len(), screen.columns().len(), "{screen:?}");
        }
    }
}
