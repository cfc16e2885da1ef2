//! A box with a title on the left and a word on the right.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Borders, Widget};

use crate::ui::symbols::Symbols;
use crate::ui::text;
use crate::ui::theme::Theme;

/// A box.
#[derive(Clone, Debug, Default)]
pub struct Frame<'a> {
    /// What is in it.
    pub title: &'a str,
    /// A word at the right of its upper edge.
    pub right: Vec<Span<'static>>,
    /// Whether it is the one in focus.
    pub focus: bool,
}

impl Frame<'_> {
    /// Draws the box and returns what is inside of it, a blank kept on either side.
    pub fn draw(self, area: Rect, buffer: &mut Buffer, theme: &Theme, symbols: &Symbols) -> Rect {
        let border = if self.focus { theme.focus } else { theme.faint };
        let room = usize::from(area.width.saturating_sub(6));
        let title = text::cut(&text::clean(self.title), room, symbols.cut);
        let left = room.saturating_sub(text::width(&title) + 1);
        // Where there are no colours a border is dim, and a title in it must not be.
        let style = theme.strong.remove_modifier(Modifier::DIM);
        let title = Line::from(vec![Span::raw(" "), Span::styled(title, style), Span::raw(" ")]);
        let mut block =
            Block::new().borders(Borders::ALL).border_set(symbols.border).border_style(border).title_top(title);
        let right = Line::from(self.right);
        if right.width() > 0 && right.width() + 2 <= left {
            let mut spans = vec![Span::raw(" ")];
            spans.extend(right.spans);
            spans.push(Span::raw(" "));
            block = block.title_top(Line::from(spans).right_aligned());
        }
        buffer.set_style(area, theme.ground);
        let inner = block.inner(area);
        block.render(area, buffer);
        Rect { x: inner.x + inner.width.min(1), width: inner.width.saturating_sub(2), ..inner }
    }
}
