//! Whether it is really wanted, and what is done then.

use super::{Act, Field, Kind};
use crate::app::effect::Effect;
use crate::app::state::State;
use crate::domain::plan::Plan;

/// What becomes of a dialog that was confirmed.
pub(in crate::app) enum Confirmed {
    /// It stays open, and says what is missing.
    NotYet,
    /// This is done, and the dialog closes.
    Do(Effect),
}

impl Act {
    /// Confirms it, if everything is there that it takes.
    pub(in crate::app) fn confirm(&mut self, state: &State) -> Confirmed {
        if let Kind::Abandon(id) = &self.kind {
            return Confirmed::Do(Effect::AbandonOperation(id.clone()));
        }
        if self.plans.is_empty() {
            self.said = Some("Nothing can be done as it stands; the reason is above.".into());
            return Confirmed::NotYet;
        }
        if let Some(phrase) = self.phrase().filter(|_| !self.is_typed()) {
            self.focus = Field::Name;
            self.said = Some(format!("Type {phrase} to confirm it."));
            return Confirmed::NotYet;
        }
        let mut fresh = self.clone();
        fresh.plan(state);
        if !alike(&self.plans, &fresh.plans) {
            self.look_again(fresh);
            return Confirmed::NotYet;
        }
        if self.is_asked_twice() && !self.again {
            self.again = true;
            self.focus = Field::Cancel;
            self.said = None;
            return Confirmed::NotYet;
        }
        Confirmed::Do(Effect::Begin(std::mem::take(&mut self.plans)))
    }
}

impl Act {
    /// Takes in what was read meanwhile. Numbers are brought up to date where they stand; where the plans are others now,
    /// that is said, and nothing that was half confirmed stays so.
    pub(in crate::app) fn refresh(&mut self, state: &State) {
        let mut fresh = self.clone();
        fresh.plan(state);
        if alike(&self.plans, &fresh.plans) {
            self.plans = fresh.plans;
            self.left_out = fresh.left_out;
            self.notes = fresh.notes;
        } else {
            self.look_again(fresh);
        }
    }

    fn look_again(&mut self, fresh: Self) {
        *self = fresh;
        self.focus = Field::Cancel;
        self.said = Some("The account has changed while this was open: please look again.".into());
    }
}

/// Whether two sets of plans were made on the same ground and weigh the same. That a length of time ends a little later
/// by now is no difference.
fn alike(shown: &[Plan], fresh: &[Plan]) -> bool {
    shown.len() == fresh.len()
        && shown.iter().zip(fresh).all(|(shown, fresh)| {
            shown.seen == fresh.seen && shown.grade == fresh.grade && shown.steps.len() == fresh.steps.len()
        })
}
