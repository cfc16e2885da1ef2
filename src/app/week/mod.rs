//! The week editor: a draft, where the cursor stands, and what it means.

mod ask;
mod edit;
mod open;
mod point;

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc};

use super::state::State;
use crate::domain::model::ModelArn;
use crate::domain::operation::Estimate;
use crate::domain::plan::week::{Crowd, Draft, Habits, OneOff, Outlook, outlook_among};

pub use ask::{Ask, Typed};
use point::Drag;
pub use point::Press;

/// The minutes of a day.
const DAY: u16 = 1_440;
/// The minutes of the cursor.
const HALF_HOUR: u16 = 30;
/// How many drafts can be taken back.
const PAST: usize = 200;

/// The week editor. Days count from Monday (0), whatever day the screen begins with; minutes are those of a day.
#[derive(Clone, Debug)]
pub struct WeekEditor {
    /// The model.
    pub model: ModelArn,
    /// The week as it is in the account.
    pub original: Draft,
    /// The week as it is edited.
    pub draft: Draft,
    /// The drafts before, the latest last.
    pub past: Vec<Draft>,
    /// The drafts that were taken back, the latest last.
    pub future: Vec<Draft>,
    /// The day that the cursor is on.
    pub day: u16,
    /// The minute of the day at which the cursor's half hour begins.
    pub minute: u16,
    /// The day that was copied.
    pub copied: Option<u16>,
    /// What the draft means.
    pub outlook: Outlook,
    /// What is being asked within the editor.
    pub ask: Option<Ask>,
    /// What there is to say about what was typed last.
    pub said: Option<String>,
    /// Whether it has been asked if the changes may be lost.
    pub leaving: bool,
    /// Whether the account's own week was changed by somebody else since the editor was opened.
    pub moved: bool,
    /// Whether the draft was confirmed, and its operation has yet to begin.
    pub saving: bool,
    drag: Option<Drag>,
    crowd: Crowd,
}

impl WeekEditor {
    /// The editor as it opens.
    ///
    /// # Errors
    /// Why the schedules of the model make no week.
    pub fn new(model: &ModelArn, state: &State) -> Result<Self, String> {
        let draft = Draft::read(state.ground(), model, state.habits(model)).map_err(|why| why.to_string())?;
        let first = u16::try_from(state.week_start.num_days_from_monday()).unwrap_or(0);
        let mut editor = Self {
            model: model.clone(),
            original: draft.clone(),
            draft,
            past: Vec::new(),
            future: Vec::new(),
            day: first,
            minute: 9 * 60,
            copied: None,
            outlook: Outlook::default(),
            ask: None,
            said: None,
            leaving: false,
            moved: false,
            saving: false,
            drag: None,
            crowd: Crowd::around(state.ground(), model),
        };
        editor.stand_on_a_window(first);
        editor.look(state);
        Ok(editor)
    }

    /// Puts the cursor where the first window of the screen begins.
    fn stand_on_a_window(&mut self, first: u16) {
        let openings = self.draft.pattern.openings().iter();
        let after = |minute: u16| (minute + 7 * DAY - first * DAY) % (7 * DAY);
        let begin = openings.filter(|opening| opening.length < 7 * DAY).map(|opening| opening.ready);
        if let Some(begin) = begin.min_by_key(|ready| after(*ready)) {
            self.stand(begin);
        }
    }

    /// Whether something was changed.
    #[must_use]
    pub fn is_changed(&self) -> bool {
        self.draft != self.original
    }

    /// Changes the draft; the one before can be taken back.
    pub(super) fn change(&mut self, state: &State, change: impl FnOnce(&mut Draft)) {
        let before = self.draft.clone();
        change(&mut self.draft);
        if self.draft != before {
            self.remember(before);
            self.look(state);
        }
    }

    fn remember(&mut self, before: Draft) {
        self.past.push(before);
        let surplus = self.past.len().saturating_sub(PAST);
        self.past.drain(..surplus);
        self.future.clear();
    }

    /// Works out anew what the draft means.
    pub(super) fn look(&mut self, state: &State) {
        self.outlook = outlook_among(state.ground(), &self.model, &self.draft, state.habits(&self.model), &self.crowd);
    }

    /// Takes in what was read meanwhile. A draft is kept whatever the account says; one that is none follows it.
    pub(super) fn refresh(&mut self, state: &State) {
        if let Ok(fresh) = Draft::read(state.ground(), &self.model, state.habits(&self.model))
            && fresh != self.original
        {
            if self.is_changed() {
                self.moved |= self.draft != fresh;
            } else {
                self.draft = fresh.clone();
                self.past.clear();
                self.future.clear();
                self.drag = None;
            }
            self.original = fresh;
        }
        self.crowd = Crowd::around(state.ground(), &self.model);
        self.look(state);
    }

    /// The minute of the week at which the cursor's half hour begins.
    #[must_use]
    pub fn at(&self) -> u16 {
        self.day * DAY + self.minute
    }

    /// The window under the cursor, or the one that ends just before it.
    #[must_use]
    pub fn window(&self) -> Option<usize> {
        let pattern = &self.draft.pattern;
        let inside = (self.at()..self.at() + HALF_HOUR).find(|minute| pattern.is_ready(*minute));
        pattern.at(inside.unwrap_or_else(|| self.at()))
    }

    /// The window that a key means: the one under the cursor, else the nearest that opens on its day.
    pub(super) fn window_meant(&self) -> Option<usize> {
        let of_day = self.draft.pattern.openings().iter().enumerate().filter(|(_, opening)| opening.day() == self.day);
        let far = |ready: u16, closes: u16| self.at().abs_diff(ready).min(self.at().abs_diff(closes));
        let nearest = of_day.min_by_key(|(_, opening)| far(opening.ready, opening.ready + opening.length));
        self.window().or(nearest.map(|(at, _)| at))
    }

    /// Whether the half hour is shown as one in which the model is to be ready: it is for half of it at least.
    #[must_use]
    pub fn is_filled(&self, at: u16) -> bool {
        self.draft.pattern.ready_within(at, HALF_HOUR) * 2 >= HALF_HOUR
    }

    /// The one-off window that starts at an instant, if one does.
    #[must_use]
    pub fn once_started(&self, at: DateTime<Utc>) -> Option<&OneOff> {
        let ready = at.with_timezone(&self.draft.zone).naive_local() + TimeDelta::minutes(self.draft.lead.into());
        self.draft.once.iter().find(|once| once.ready == ready)
    }

    /// The one-off window that is stopped at an instant, if one is.
    #[must_use]
    pub fn once_stopped(&self, at: DateTime<Utc>) -> Option<&OneOff> {
        let closes = at.with_timezone(&self.draft.zone).naive_local();
        self.draft.once.iter().find(|once| once.closes == closes)
    }

    /// The exceptions that fall on a day of the week (Monday being 0), in words: `skipped Fri 25 Dec, 1 Jan`.
    #[must_use]
    pub fn exceptions(&self, day: u16) -> Vec<String> {
        let is = |date: &NaiveDate| date.weekday().num_days_from_monday() == u32::from(day);
        let mut all = Vec::new();
        let mut skipped = self.draft.skipped.iter().filter(|date| is(date));
        if let Some(first) = skipped.next() {
            let mut words = format!("skipped {}", first.format("%a %-d %b"));
            skipped.for_each(|date| words += &date.format(", %-d %b").to_string());
            all.push(words);
        }
        let once = self.draft.once.iter().filter(|once| is(&once.ready.date()));
        all.extend(once.map(|once| format!("once {}", once.words())));
        all
    }
}

impl State {
    /// How long the starts of a model take, by the journal.
    #[must_use]
    pub fn habits(&self, model: &ModelArn) -> Habits {
        Habits::of(&Estimate::of(self.operations.values().filter_map(|operation| operation.start_took(model))))
    }
}
