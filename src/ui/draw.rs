//! State to frame. Everything is read from the state; nothing is computed here that grows with the fleet.
//!
//! ```text
//!  rekotui  prod 1234-5678-9012  eu-central-1                    ● live 3 s ago
//!  1 Models  2 Schedules  3 Mappings  4 Findings 3  5 Journal         3 running
//! ╭ Models ───────────────────────────────────────────────────────── 7 of 7 ╮
//! │ the table of the screen in front                                        │
//! ╰─────────────────────────────────────────────────────────────────────────╯
//! ╭ the selected row ─────────────────────╮╭ Week ──────────────────────────╮
//! │ a sentence, then what it rests on     ││                                │
//! ╰───────────────────────────────────────╯╰────────────────────────────────╯
//!  what goes on, and what was left unfinished
//!  a filter that is being typed, or the newest notice
//!  Enter details  / filter  r refresh  ? help
//! ```

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Modifier;

use super::panes::{details, dialogs, editor, footer, header, progress, rows, savings, tiny, week};
use super::symbols::Symbols;
use super::theme::Theme;
use crate::app::{Connection, Screen, State, table_width};
use crate::domain::trouble::{Trouble, TroubleKind};

/// Below this many there is room for one line only.
const TINY: (u16, u16) = (40, 8);
/// From this height on the coming events and the findings have a place of their own.
const TALL: u16 = 48;
/// From this width on the week stands beside the details, if there is the height for it too.
const WIDE: (u16, u16) = (110, 12);
/// From this width on the hours of each day stand beside the week.
const ROOM_FOR_HOURS: u16 = 150;
/// The cells that they get, box and all.
const HOURS: u16 = 44;
/// Details in fewer lines than this are not worth a box.
const DETAILS: u16 = 7;
/// And in more than this they are empty.
const DETAILS_MOST: u16 = 19;
/// The lines that the details have where there is a lot of room.
const TALL_DETAILS: u16 = 17;
/// However many rows there are, the table leaves the rest to the details from this height on.
const TABLE: u16 = 12;

/// What every pane needs.
pub(super) struct Scene<'a> {
    pub(super) state: &'a State,
    pub(super) theme: &'a Theme,
    pub(super) symbols: Symbols,
}

/// Draws a frame.
pub fn draw(state: &State, theme: &Theme, frame: &mut Frame) {
    let area = frame.area();
    let scene = Scene { state, theme, symbols: Symbols::of(state.ascii) };
    let buffer = frame.buffer_mut();
    buffer.set_style(area, theme.ground);
    let Some(body) = body(&scene, area, buffer) else { return tiny::draw(&scene, area, buffer) };
    match state.week() {
        Some(week) => editor::draw(&scene, week, body, buffer),
        None => screen(&scene, area, body, buffer),
    }
    let over = dialogs::over(state);
    if !over.is_empty() {
        veil(theme, body, buffer);
        dialogs::draw(&scene, over, area, buffer);
    }
    if state.ascii {
        plain(area, buffer);
    }
}

/// Draws the lines above and below; returns what they leave, if there is room for more than one line at all.
pub(super) fn body(scene: &Scene<'_>, area: Rect, buffer: &mut Buffer) -> Option<Rect> {
    if area.width < TINY.0 || area.height < TINY.1 {
        return None;
    }
    let mut body = Lines { area };
    header::identity(scene, body.top(1), buffer);
    header::tabs(scene, body.top(1), buffer);
    footer::hints(scene, body.bottom(1), buffer);
    footer::line(scene, &mut body, buffer);
    progress::strip(scene, &mut body, buffer);
    header::trouble(scene, &mut body, buffer);
    Some(body.area)
}

/// What lies behind a dialog is still there, but quiet.
fn veil(theme: &Theme, area: Rect, buffer: &mut Buffer) {
    for at in area.positions() {
        if let Some(cell) = buffer.cell_mut(at) {
            // A half block is all colour: without it there is nothing to see.
            if cell.symbol() == "▀" {
                cell.set_symbol(" ");
            }
            cell.modifier = Modifier::empty();
            cell.set_style(theme.ground).set_style(theme.veil);
        }
    }
}

/// Sentences have dashes and signs that the plain set of characters lacks. What an account calls its things stays.
fn plain(area: Rect, buffer: &mut Buffer) {
    for at in area.positions() {
        if let Some(cell) = buffer.cell_mut(at) {
            let known = match cell.symbol() {
                "–" | "—" => "-",
                "×" => "x",
                "→" => ">",
                "…" => "~",
                "’" | "‘" => "'",
                "±" => "+",
                "≈" => "~",
                "\u{fffd}" => "?",
                _ => continue,
            };
            cell.set_symbol(known);
        }
    }
}

/// What is left of the frame while panes take their lines from it.
pub(super) struct Lines {
    pub(super) area: Rect,
}

impl Lines {
    /// Takes lines from the top.
    pub(super) fn top(&mut self, lines: u16) -> Rect {
        let taken = Rect { height: lines.min(self.area.height), ..self.area };
        self.area = Rect { y: taken.bottom(), height: self.area.height - taken.height, ..self.area };
        taken
    }

    /// Takes lines from the bottom.
    pub(super) fn bottom(&mut self, lines: u16) -> Rect {
        let height = lines.min(self.area.height);
        self.area.height -= height;
        Rect { y: self.area.bottom(), height, ..self.area }
    }
}

fn screen(scene: &Scene<'_>, whole: Rect, area: Rect, buffer: &mut Buffer) {
    let (width, boxed) = table_width((whole.width, whole.height));
    if scene.state.screen == Screen::Savings {
        return savings::screen(scene, area, boxed, buffer);
    }
    if !boxed {
        return rows::bare(scene, area, buffer);
    }
    let mut body = Lines { area };
    let rows = scene.count();
    let tall = whole.height >= TALL && scene.state.screen == Screen::Models && rows > 0;
    if tall {
        // The table gets what it needs, and the details what they can use; the coming day gets the rest, if it can.
        let table = u16::try_from(rows).unwrap_or(u16::MAX).saturating_add(4).clamp(8, area.height * 2 / 5);
        let rest = area.height.saturating_sub(table + TALL_DETAILS);
        week::coming_and_findings(scene, body.bottom(week::wanted(scene, area.width, rest)), buffer);
    }
    let taken = rows + rows::said_lines(scene, width, body.area.height / 2).len();
    let height = match rows {
        0 => 0,
        _ if tall => TALL_DETAILS,
        _ => details_height(taken, body.area.height),
    };
    if height > 0 {
        let detail = body.bottom(height);
        let grid = scene.state.screen == Screen::Models && area.width >= WIDE.0 && height >= WIDE.1;
        if grid {
            let width = week::width(area.width);
            // What a model ran stands beside its week, where the details do not need that room.
            let hours = if area.width >= ROOM_FOR_HOURS { HOURS } else { 0 };
            let left = Rect { width: area.width - width - hours, ..detail };
            details::pane(scene, left, buffer);
            let week = Rect { x: left.right(), width, ..detail };
            week::pane(scene, week, buffer);
            if hours > 0 {
                savings::hours_a_day(scene, Rect { x: week.right(), width: hours, ..detail }, buffer);
            }
        } else {
            details::pane(scene, detail, buffer);
        }
    }
    rows::boxed(scene, body.area, buffer);
}

/// The lines that the details get of `height`: what the table does not need for its rows, and at most a good half.
fn details_height(rows: usize, height: u16) -> u16 {
    let most = TABLE.max(height / 7 * 3);
    let table = u16::try_from(rows).unwrap_or(u16::MAX).saturating_add(3).clamp(8, most);
    let left = height.saturating_sub(table).min(height / 2 + 1).min(DETAILS_MOST);
    if left < DETAILS { 0 } else { left }
}

impl<'a> Scene<'a> {
    /// What keeps everything away, if it is the same for all. What is not allowed is another permission on each screen.
    pub(super) fn lost(&self) -> Option<&'a Trouble> {
        match &self.state.connection {
            Connection::Trouble(trouble) if !matches!(trouble.kind, TroubleKind::Denied(_)) => Some(trouble),
            _ => None,
        }
    }
}

impl Scene<'_> {
    /// How many rows the table in front has.
    pub(super) fn count(&self) -> usize {
        match self.state.screen {
            Screen::Models => self.state.models.rows().len(),
            Screen::Schedules => self.state.schedules.rows().len(),
            Screen::Mappings => self.state.mappings.rows().len(),
            Screen::Savings => self.state.savings.rows().len(),
            Screen::Findings => self.state.findings.rows().len(),
            Screen::Journal => self.state.journal.rows().len(),
        }
    }
}
