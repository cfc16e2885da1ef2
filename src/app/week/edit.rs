//! What the keys of the week editor do.

use super::{Ask, DAY, HALF_HOUR, Typed, WeekEditor};
use crate::app::command::{Command, Context};
use crate::app::dialog::Dialog;
use crate::app::state::State;
use crate::domain::week::WEEK;

/// An end of a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Edge {
    Begin,
    End,
}

/// The key of a command of the editor, as it is printed.
fn key(command: Command, state: &State) -> &str {
    state.keys.shown(&[Context::Week], command).unwrap_or("no key")
}

/// What to say where there is no window to change.
fn no_window(state: &State) -> Option<String> {
    Some(format!("No window here: {} paints one.", key(Command::Paint, state)))
}

impl State {
    /// Does what a key of the week editor says, if it is in front.
    pub(in crate::app) fn week_command(&mut self, command: Command) {
        if !self.wants_mouse() {
            return;
        }
        self.with_week(|editor, _| (editor.said, editor.leaving, editor.drag) = (None, false, None));
        if command == Command::Review {
            return self.review_week();
        }
        self.with_week(|editor, state| editor.take(command, state));
    }

    /// Enter while something is asked within the editor.
    pub(in crate::app) fn accept_week(&mut self) {
        if matches!(self.dialogs.last(), Some(Dialog::Week(_))) {
            self.with_week(WeekEditor::answer);
        }
    }
}

impl WeekEditor {
    fn take(&mut self, command: Command, state: &State) {
        match command {
            Command::HalfHourLeft => self.step(false, state),
            Command::HalfHourRight => self.step(true, state),
            Command::NextEdge => self.step_edge(true, state),
            Command::PreviousEdge => self.step_edge(false, state),
            Command::Paint => self.toggle(state),
            Command::EndEarlier => self.stretch(Edge::End, false, state),
            Command::EndLater => self.stretch(Edge::End, true, state),
            Command::BeginEarlier => self.stretch(Edge::Begin, false, state),
            Command::BeginLater => self.stretch(Edge::Begin, true, state),
            Command::WindowEarlier => self.shift(false, state),
            Command::WindowLater => self.shift(true, state),
            Command::CopyDay => {
                self.copied = Some(self.day);
                self.said = Some(format!("Copied the hours of {}.", Self::day_name(self.day)));
            }
            Command::PasteDay => self.paste(self.day..self.day + 1, state),
            Command::PasteWeekdays => self.paste(0..5, state),
            Command::ClearDay => {
                let day = self.day;
                self.change(state, |draft| draft.pattern.clear_day(day, draft.lead));
                self.tell_what_is_left(day);
            }
            Command::TypeDay => self.ask_line(Typed::Day, state),
            Command::TypeLead => self.ask_line(Typed::Lead, state),
            Command::OneOff => self.ask_line(Typed::OneOff, state),
            Command::DropOneOff => self.drop_once(state),
            Command::Presets => self.ask = Some(Ask::Presets { selected: 0 }),
            Command::TakeBack => self.go_back(state),
            Command::DoAgain => self.go_forth(state),
            _ => {}
        }
    }

    /// The row of a day on screen, and the day of a row.
    pub(super) fn row(day: u16, state: &State) -> u16 {
        (day + 7 - u16::try_from(state.week_start.num_days_from_monday()).unwrap_or(0)) % 7
    }

    pub(super) fn day_of(row: u16, state: &State) -> u16 {
        (row + u16::try_from(state.week_start.num_days_from_monday()).unwrap_or(0)) % 7
    }

    /// Puts the cursor on a minute of the week.
    pub(super) fn stand(&mut self, minute: u16) {
        let minute = minute % WEEK;
        (self.day, self.minute) = (minute / DAY, minute % DAY / HALF_HOUR * HALF_HOUR);
    }

    /// Goes to the half hour before or after, over midnight into the row above or below.
    fn step(&mut self, forward: bool, state: &State) {
        let row = Self::row(self.day, state);
        match (forward, self.minute) {
            (true, minute) if minute + HALF_HOUR < DAY => self.minute += HALF_HOUR,
            (true, _) if row < 6 => (self.day, self.minute) = (Self::day_of(row + 1, state), 0),
            (false, minute) if minute > 0 => self.minute -= HALF_HOUR,
            (false, _) if row > 0 => (self.day, self.minute) = (Self::day_of(row - 1, state), DAY - HALF_HOUR),
            _ => {}
        }
    }

    /// Goes to the next begin or end of a window, or to the one before, in the order of the screen.
    fn step_edge(&mut self, forward: bool, state: &State) {
        let first = Self::day_of(0, state) * DAY;
        let shown = |minute: u16| (minute + WEEK - first) % WEEK / HALF_HOUR;
        let here = shown(self.at());
        let edges = self.draft.pattern.openings().iter().flat_map(|opening| [opening.ready, opening.closes()]);
        let next = match forward {
            true => edges.filter(|edge| shown(*edge) > here).min_by_key(|edge| shown(*edge)),
            false => edges.filter(|edge| shown(*edge) < here).max_by_key(|edge| shown(*edge)),
        };
        if let Some(next) = next {
            self.stand(next);
        }
    }

    /// Goes up or down by so many rows.
    pub(in crate::app) fn step_days(&mut self, by: isize, state: &State) {
        let row = usize::from(Self::row(self.day, state)).saturating_add_signed(by).min(6);
        self.day = Self::day_of(u16::try_from(row).unwrap_or(0), state);
        self.leaving = false;
    }

    /// Goes to the first or to the last half hour of the day.
    pub(in crate::app) fn step_far(&mut self, last: bool) {
        self.minute = if last { DAY - HALF_HOUR } else { 0 };
        self.leaving = false;
    }

    /// Makes the half hour under the cursor what it is not, and goes on.
    pub(super) fn toggle(&mut self, state: &State) {
        let (at, filled) = (self.at(), self.is_filled(self.at()));
        self.change(state, |draft| match filled {
            true => draft.pattern.erase(at, HALF_HOUR, draft.lead),
            false => draft.pattern.paint(at, HALF_HOUR, draft.lead),
        });
        self.step(true, state);
    }

    /// Moves an end of the window under the cursor to the next half hour; the cursor goes along.
    fn stretch(&mut self, edge: Edge, later: bool, state: &State) {
        let pattern = &self.draft.pattern;
        let Some((at, opening)) = self.window_meant().and_then(|at| Some((at, *pattern.openings().get(at)?))) else {
            return self.said = no_window(state);
        };
        let from = if edge == Edge::Begin { opening.ready } else { opening.closes() };
        let by = to_half_hour(from, later);
        let before = self.draft.pattern.clone();
        self.change(state, |draft| {
            match edge {
                Edge::Begin => draft.pattern.stretch_begin(at, by),
                Edge::End => draft.pattern.stretch_end(at, by),
            };
        });
        if self.draft.pattern == before {
            return self.said =
                Some(format!("It cannot be moved further: {} clears the day.", key(Command::ClearDay, state)));
        }
        self.stand(moved(from, by));
    }

    fn shift(&mut self, later: bool, state: &State) {
        let Some(at) = self.window_meant() else { return self.said = no_window(state) };
        let by = if later { i32::from(HALF_HOUR) } else { -i32::from(HALF_HOUR) };
        let mut ready = None;
        let inside = self.window().is_some().then(|| self.at());
        let before = self.draft.pattern.clone();
        self.change(state, |draft| ready = draft.pattern.shift(at, by));
        if let Some(ready) = ready.filter(|_| self.draft.pattern != before) {
            self.stand(inside.map_or(ready, |at| moved(at, by)));
        }
    }

    fn paste(&mut self, days: std::ops::Range<u16>, state: &State) {
        let Some(from) = self.copied else {
            return self.said = Some(format!(
                "No day is copied yet: {} copies the one under the cursor.",
                key(Command::CopyDay, state)
            ));
        };
        self.change(state, |draft| {
            days.filter(|day| *day != from).for_each(|day| draft.pattern.copy_day(from, day, draft.lead));
        });
    }

    /// Takes the one-off window of the cursor's day away, else the next one.
    fn drop_once(&mut self, state: &State) {
        use chrono::Datelike;
        let of_day = |day: u16| move |date: chrono::NaiveDate| date.weekday().num_days_from_monday() == u32::from(day);
        let is = of_day(self.day);
        let at = self.draft.once.iter().position(|once| is(once.ready.date()));
        let Some(at) = at.or((!self.draft.once.is_empty()).then_some(0)) else {
            return self.said = Some("There is no window that happens once.".into());
        };
        let words = self.draft.once.get(at).map(crate::domain::plan::week::OneOff::words).unwrap_or_default();
        self.change(state, |draft| {
            draft.once.remove(at);
        });
        self.said = Some(format!("Taken away: once {words}."));
    }

    fn go_back(&mut self, state: &State) {
        let Some(before) = self.past.pop() else { return self.said = Some("There is nothing to take back.".into()) };
        self.future.push(std::mem::replace(&mut self.draft, before));
        self.look(state);
    }

    fn go_forth(&mut self, state: &State) {
        let Some(next) = self.future.pop() else { return self.said = Some("Nothing was taken back.".into()) };
        self.past.push(std::mem::replace(&mut self.draft, next));
        self.look(state);
    }
}

/// The minutes to the next half hour of the clock, or to the one before.
fn to_half_hour(minute: u16, later: bool) -> i32 {
    let over = i32::from(minute % HALF_HOUR);
    match (later, over) {
        (true, over) => i32::from(HALF_HOUR) - over,
        (false, 0) => -i32::from(HALF_HOUR),
        (false, over) => -over,
    }
}

fn moved(minute: u16, by: i32) -> u16 {
    u16::try_from((i32::from(minute) + by).rem_euclid(i32::from(WEEK))).unwrap_or_default()
}
