//! What the mouse does in the week editor.

use super::edit::Edge;
use super::{DAY, HALF_HOUR, WeekEditor};
use crate::app::state::State;
use crate::domain::plan::week::Draft;

/// What a button of the mouse does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Press {
    /// It is pressed.
    Down,
    /// The mouse is moved while it is pressed.
    Drag,
    /// It is let go.
    Up,
}

/// A movement with the button pressed.
#[derive(Clone, Debug)]
pub(super) struct Drag {
    /// The half hour at which it began: day, minute.
    from: (u16, u16),
    /// What it does.
    does: Does,
    /// The draft before.
    before: Draft,
    /// Whether it has gone anywhere.
    moved: bool,
    /// Whether the cursor stood there already.
    again: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Does {
    Paint,
    Erase,
    /// It moves an end of the window that holds this minute of the week.
    Stretch(Edge, u16),
}

impl State {
    /// Takes in what the mouse does at a half hour of the week editor.
    pub(in crate::app) fn point(&mut self, day: u16, minute: u16, press: Press) {
        if !self.wants_mouse() || day > 6 || minute >= DAY {
            return;
        }
        self.with_week(|editor, state| editor.point((day, minute / HALF_HOUR * HALF_HOUR), press, state));
    }
}

impl WeekEditor {
    fn point(&mut self, at: (u16, u16), press: Press, state: &State) {
        match press {
            Press::Down => {
                (self.said, self.leaving) = (None, false);
                let again = (self.day, self.minute) == at;
                let does = self.meant(at.0 * DAY + at.1);
                self.drag = Some(Drag { from: at, does, before: self.draft.clone(), moved: false, again });
                (self.day, self.minute) = at;
            }
            Press::Drag => {
                let Some(mut drag) = self.drag.take() else { return };
                if at != drag.from || drag.moved {
                    self.drag_to(at, &mut drag, state);
                }
                self.drag = Some(drag);
            }
            Press::Up => {
                let drag = self.drag.take();
                match drag {
                    Some(drag) if !drag.moved && drag.again => {
                        self.toggle(state);
                        (self.day, self.minute) = at;
                    }
                    // There and back again: nothing to take back.
                    Some(drag) if drag.moved && drag.before == self.draft => drop(self.past.pop()),
                    _ => {}
                }
            }
        }
    }

    /// What a movement does that begins at this half hour of the week: at either end of a window it stretches it.
    fn meant(&self, at: u16) -> Does {
        if !self.is_filled(at) {
            return Does::Paint;
        }
        let pattern = &self.draft.pattern;
        let held = (at..at + HALF_HOUR).find(|minute| pattern.is_ready(*minute)).unwrap_or(at);
        let opening = pattern.at(held).and_then(|index| pattern.openings().get(index));
        let within = |minute: u16| (minute + 7 * DAY - at) % (7 * DAY) < HALF_HOUR;
        match opening {
            Some(opening) if pattern.is_always() || opening.length <= HALF_HOUR => Does::Erase,
            Some(opening) if within((opening.closes() + 7 * DAY - 1) % (7 * DAY)) => Does::Stretch(Edge::End, held),
            Some(opening) if within(opening.ready) => Does::Stretch(Edge::Begin, held),
            _ => Does::Erase,
        }
    }

    fn drag_to(&mut self, at: (u16, u16), drag: &mut Drag, state: &State) {
        let mut draft = drag.before.clone();
        match drag.does {
            Does::Paint | Does::Erase => {
                let (first, last) = (Self::row(drag.from.0, state), Self::row(at.0, state));
                let days = (first.min(last)..=first.max(last)).map(|row| Self::day_of(row, state));
                let (from, to) = (drag.from.1.min(at.1), drag.from.1.max(at.1) + HALF_HOUR);
                for day in days {
                    match drag.does {
                        Does::Paint => draft.pattern.paint(day * DAY + from, to - from, draft.lead),
                        _ => draft.pattern.erase(day * DAY + from, to - from, draft.lead),
                    }
                }
                self.day = at.0;
            }
            Does::Stretch(edge, held) => {
                let by = i32::from(at.1) - i32::from(drag.from.1);
                if let Some(index) = draft.pattern.at(held) {
                    match edge {
                        Edge::Begin => draft.pattern.stretch_begin(index, by),
                        Edge::End => draft.pattern.stretch_end(index, by),
                    };
                }
            }
        }
        self.minute = at.1;
        if !drag.moved {
            drag.moved = true;
            self.remember(drag.before.clone());
        }
        if draft != self.draft {
            self.draft = draft;
            self.look(state);
        }
    }
}
