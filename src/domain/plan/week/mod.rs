//! The week of one model: read from its schedules, edited as a draft, and turned into changes of those schedules.
//!
//! Only schedules that fire at the same times every week make a week. Whatever else starts or stops the model (days of
//! the month, rates, seasons) is listed beside it and never rewritten.

mod assign;
mod crowd;
mod exceptions;
mod family;
mod made;
mod outlook;
mod save;
#[cfg(test)]
mod tests;
mod wanted;

use std::collections::BTreeSet;

use chrono::{NaiveDate, NaiveDateTime};
use chrono_tz::Tz;

use super::{Change, Ground, Plan, Unplannable};
use crate::domain::model::ModelArn;
use crate::domain::operation::Estimate;
use crate::domain::week::Pattern;

pub use crowd::Crowd;
pub use exceptions::{Exception, OneOff, exception};
pub use family::{Family, Member, Part};
pub use outlook::{Fate, Line, Outlook, Sums};

/// How long before opening a start fires if nothing is known about how long starts take (the scheduler sample's README).
pub const USUAL_LEAD: u16 = 30;

/// What is known of how long the starts of a model take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Habits {
    /// The lead time where no schedule says one, in minutes.
    pub lead: u16,
    /// How long a start usually takes.
    pub takes: chrono::TimeDelta,
}

impl Default for Habits {
    fn default() -> Self {
        Self { lead: USUAL_LEAD, takes: chrono::TimeDelta::minutes(USUAL_LEAD.into()) }
    }
}

impl Habits {
    /// From how long earlier starts took; the usual lead time where too few are known.
    #[must_use]
    pub fn of(estimate: &Estimate) -> Self {
        let lead = estimate.lead().unwrap_or(USUAL_LEAD);
        Self { lead, takes: estimate.usual().unwrap_or(chrono::TimeDelta::minutes(lead.into())) }
    }
}

/// A week that is being edited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// The zone that its times are in.
    pub zone: Tz,
    /// The lead time of what is opened anew, in minutes.
    pub lead: u16,
    /// The windows.
    pub pattern: Pattern,
    /// Days on which it is not started, local dates of the zone.
    pub skipped: BTreeSet<NaiveDate>,
    /// Windows that happen once.
    pub once: Vec<OneOff>,
    /// Whether its schedules, where they are of our own form, are to name every mapping that serves the model, and no other
    /// that there was. Nobody who left one out on purpose gets it back unasked.
    pub takes_mappings: bool,
}

impl Draft {
    /// The week of a model as it is.
    ///
    /// # Errors
    /// When its schedules make no week, with what to do instead.
    pub fn read(ground: Ground<'_>, model: &ModelArn, habits: Habits) -> Result<Self, Unplannable> {
        Ok(Family::of(ground, model, habits.lead)?.draft(ground))
    }

    /// Moves the draft to another zone. Wall times stay as they are; with `instants` they are changed so that starts and
    /// stops stay at the times at which they fire now.
    pub fn move_to(&mut self, zone: Tz, instants: bool, now: chrono::DateTime<chrono::Utc>) {
        let wall = |zone: Tz| now.with_timezone(&zone).naive_local();
        if instants {
            let by = (wall(zone) - wall(self.zone)).num_minutes();
            self.pattern = self.pattern.later(i32::try_from(by).unwrap_or(0));
            let by = chrono::TimeDelta::minutes(by);
            for once in &mut self.once {
                *once = OneOff { ready: once.ready + by, closes: once.closes + by };
            }
        }
        self.zone = zone;
    }

    /// Gives it another lead time: starts fire earlier or later, the hours stay.
    pub fn lead_by(&mut self, lead: u16) {
        self.lead = lead;
        self.pattern = self.pattern.with_lead(lead);
    }
}

/// A one-off window as it is typed: `2026-11-28 10:00-14:00`.
///
/// # Errors
/// When the text is none.
pub fn one_off(text: &str) -> Result<OneOff, String> {
    let wrong = || format!("'{}' is no window; one looks like 2026-11-28 10:00-14:00.", text.trim());
    let (date, hours) = text.trim().split_once([' ', 'T']).ok_or_else(wrong)?;
    let date: NaiveDate = date.parse().map_err(|_| wrong())?;
    let (from, to) = hours.trim().split_once(['-', '–']).ok_or_else(wrong)?;
    let time = |text: &str| chrono::NaiveTime::parse_from_str(text.trim(), "%H:%M").map_err(|_| wrong());
    let (from, to) = (time(from)?, time(to)?);
    let ready: NaiveDateTime = date.and_time(from);
    let closes = if to > from { date.and_time(to) } else { date.and_time(to) + chrono::TimeDelta::days(1) };
    Ok(OneOff { ready, closes })
}

/// The plan of giving a model the week of a draft.
///
/// # Errors
/// When it cannot be made with the schedules that there are, or is as it was already.
pub fn save(ground: Ground<'_>, model: &ModelArn, draft: &Draft, habits: Habits) -> Result<Plan, Unplannable> {
    let family = Family::of(ground, model, habits.lead)?;
    let mut plan = save::plan(ground, &family, draft)?;
    let outlook = outlook(ground, model, draft, habits);
    if outlook.tone() == Some(super::Tone::Danger) {
        plan.grade = super::Grade::Danger;
    }
    plan.notes.extend(outlook.told(&ground.price()));
    plan.notes.sort_by_key(|note| std::cmp::Reverse(note.tone));
    plan.notes.dedup();
    Ok(plan)
}

/// What a draft means: hours, money, the next fires, the lines that change, warnings.
#[must_use]
pub fn outlook(ground: Ground<'_>, model: &ModelArn, draft: &Draft, habits: Habits) -> Outlook {
    outlook_among(ground, model, draft, habits, &Crowd::around(ground, model))
}

/// The same, where the other models of the account are known already.
#[must_use]
pub fn outlook_among(ground: Ground<'_>, model: &ModelArn, draft: &Draft, habits: Habits, crowd: &Crowd) -> Outlook {
    outlook::of(ground, model, draft, habits, crowd)
}
