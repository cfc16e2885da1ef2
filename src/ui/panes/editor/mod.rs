//! The week editor: the grid, what it means, and the schedules that change.

mod ask;
mod changes;
mod grid;
mod meaning;
mod point;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::app::{Align, Command, Context, WeekEditor};
use crate::ui::draw::{Lines, Scene};
use crate::ui::text::{clean, fit, shed, span, wrap};
use crate::ui::widgets::frame::Frame;
use grid::Grid;

pub use point::pointed;

/// From this size on the meaning and the schedules have panes of their own.
const ROOMY: (u16, u16) = (104, 22);
/// Below this height the grid has no box.
const BOXED: u16 = 11;
/// The cells of the meaning beside the grid.
const SIDE: u16 = 44;
/// The cells of a grid with two of them for a half hour, box and all.
const BROAD: u16 = 134;

/// Where the parts of the editor stand.
struct Places {
    /// The pane of the grid, with its box if it has one.
    grid: Rect,
    boxed: bool,
    /// What it means, beside it.
    side: Option<Rect>,
    /// The schedules, below.
    below: Option<Rect>,
}

/// Divides the body of the screen.
fn places(area: Rect) -> Places {
    if area.width < ROOMY.0 || area.height < ROOMY.1 {
        return Places { grid: area, boxed: area.height >= BOXED, side: None, below: None };
    }
    let mut body = Lines { area };
    // The parts stay where they are while the draft changes.
    let below = body.bottom((area.height / 3).clamp(7, 14));
    let top = body.area;
    let left = if top.width >= BROAD + SIDE {
        top.width - SIDE.max(top.width / 3).min(top.width - BROAD)
    } else {
        top.width - SIDE
    };
    let side = Rect { x: top.x + left, width: top.width - left, ..top };
    Places { grid: Rect { width: left, ..top }, boxed: true, side: Some(side), below: Some(below) }
}

/// What is inside of the grid's pane.
fn within(places: &Places) -> Rect {
    let area = places.grid;
    if !places.boxed {
        return Rect { x: area.x + area.width.min(1), width: area.width.saturating_sub(2), ..area };
    }
    let (width, height) = (area.width.saturating_sub(4), area.height.saturating_sub(2));
    Rect { x: area.x + 2.min(area.width), y: area.y + 1.min(area.height), width, height }
}

/// Draws the editor into the body of the screen.
pub(in crate::ui) fn draw(scene: &Scene<'_>, editor: &WeekEditor, area: Rect, buffer: &mut Buffer) {
    let places = places(area);
    let inner = within(&places);
    if places.boxed {
        let title = format!("Week of {}", editor.model.name());
        let right = vec![span(grid::under_cursor(editor), scene.theme.dim)];
        Frame { title: &title, right, focus: true }.draw(places.grid, buffer, scene.theme, &scene.symbols);
    }
    let grid = Grid::of(scene.state, editor, inner, places.side.is_none());
    grid.draw(scene, editor, buffer);
    let rest = Rect { y: grid.bottom(), height: inner.bottom().saturating_sub(grid.bottom()), ..inner };
    if let (Some(side), Some(below)) = (places.side, places.below) {
        put(scene, &said(scene, editor, usize::from(rest.width)), low(rest, 2), buffer);
        put(scene, &[Line::default(), grid::legend(scene, editor, usize::from(rest.width))], rest, buffer);
        meaning::pane(scene, editor, side, buffer);
        changes::pane(scene, editor, below, buffer);
    } else {
        let width = usize::from(rest.width);
        let mut lines = said(scene, editor, width);
        if rest.height > 4 {
            lines.push(grid::legend(scene, editor, width));
        }
        lines.extend(meaning::folded(scene, editor, width, usize::from(rest.height).saturating_sub(lines.len())));
        put(scene, &lines, rest, buffer);
    }
    if let Some(ask) = &editor.ask {
        ask::draw(scene, editor, ask, area, buffer);
    }
}

/// The last lines of an area.
fn low(area: Rect, lines: u16) -> Rect {
    let height = lines.min(area.height);
    Rect { y: area.bottom() - height, height, ..area }
}

fn put(scene: &Scene<'_>, lines: &[Line<'static>], area: Rect, buffer: &mut Buffer) {
    for (row, line) in area.rows().zip(lines) {
        let width = usize::from(row.width);
        let line = fit(shed(line.clone(), width), width, Align::Left, scene.symbols.cut);
        buffer.set_line(row.x, row.y, &line, row.width);
    }
}

/// What there is to say about what was typed last, or about the account.
fn said(scene: &Scene<'_>, editor: &WeekEditor, room: usize) -> Vec<Line<'static>> {
    let keys = |command| scene.state.keys.shown(&[Context::Week], command).unwrap_or_default();
    let text = if editor.leaving {
        format!("The changes are not saved. {} again leaves and loses them.", keys(Command::Close))
    } else if editor.saving {
        "It is being saved.".to_owned()
    } else if let Some(said) = &editor.said {
        said.clone()
    } else if editor.moved {
        "The week has been changed in the account meanwhile. Your draft is kept; what it takes away and adds is told \
         against the week as it is now."
            .to_owned()
    } else {
        return Vec::new();
    };
    let marks = std::iter::once(scene.symbols.look).chain(std::iter::repeat(" "));
    let parts = wrap(&clean(&text), room.saturating_sub(2).max(8)).into_iter().take(2).zip(marks);
    parts.map(|(part, mark)| Line::from(span(format!("{mark} {part}"), scene.theme.look))).collect()
}
