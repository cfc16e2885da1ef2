//! The mouse on the grid: which half hour it is at.

use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::grid::Grid;
use super::{places, within};
use crate::app::week::Press;
use crate::app::{Message, State};
use crate::ui::draw::{Scene, body};
use crate::ui::symbols::Symbols;
use crate::ui::theme::Theme;

/// What the mouse means: it means something on the grid of the week editor only.
#[must_use]
pub fn pointed(state: &State, event: &MouseEvent) -> Option<Message> {
    let press = match event.kind {
        MouseEventKind::Down(MouseButton::Left) => Press::Down,
        MouseEventKind::Drag(MouseButton::Left) => Press::Drag,
        MouseEventKind::Up(MouseButton::Left) => Press::Up,
        _ => return None,
    };
    let editor = state.week().filter(|_| state.wants_mouse())?;
    let (width, height) = state.size;
    let area = Rect { x: 0, y: 0, width, height };
    let theme = Theme::of(state.theme);
    let scene = Scene { state, theme: &theme, symbols: Symbols::of(state.ascii) };
    // The lines above and below say how much is left for the grid; what they draw here is never shown.
    let body = body(&scene, area, &mut Buffer::empty(area))?;
    let places = places(body);
    let grid = Grid::of(state, editor, within(&places), places.side.is_none());
    // A movement that has begun goes on, and ends, wherever the mouse is.
    let (day, minute) = match press {
        Press::Down => grid.at(event.column, event.row)?,
        Press::Drag | Press::Up => grid.near(event.column, event.row)?,
    };
    Some(Message::Point { day, minute, press })
}
