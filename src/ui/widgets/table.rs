//! The one table: a heading with the order, and only the rows that are seen.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::app::{Align, ColumnId, Placed, Sort};
use crate::ui::symbols::Symbols;
use crate::ui::text;
use crate::ui::theme::Theme;

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

fn joined(placed: &Placed, cells: impl Iterator<Item = Line<'static>>) -> Line<'static> {
    let mut spans = Vec::new();
    for cell in cells {
        if !spans.is_empty() {
            spans.push(Span::raw(" ".repeat(usize::from(placed.gap))));
        }
        spans.extend(cell.spans);
    }
    Line::from(spans)
}

/// A row of cells, each fitted into its column. What is only added to a status or to what comes next is left away
/// where it does not fit; names are cut.
#[must_use]
pub fn row(placed: &Placed, cell: impl Fn(ColumnId, u16) -> Line<'static>, symbols: &Symbols) -> Line<'static> {
    joined(
        placed,
        placed.columns.iter().map(|(column, width)| {
            let (line, cells) = (cell(column.id, *width), usize::from(*width));
            let sheds = matches!(column.id, ColumnId::Status | ColumnId::Next);
            let line = if sheds { text::shed(line, cells) } else { line };
            text::fit(line, cells, column.align, symbols.cut)
        }),
    )
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
