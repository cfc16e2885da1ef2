//! Changes of schedules, as something that can be done and taken back.

use chrono::{DateTime, Utc};

use super::{Step, Unplannable};
use crate::domain::cron::Expression;
use crate::domain::schedule::{Kind, Schedule};

/// What is done to one schedule or rule.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// It is created.
    Create(Box<Schedule>),
    /// It is replaced by another state of itself.
    Replace {
        /// As it was.
        before: Box<Schedule>,
        /// As it shall be.
        after: Box<Schedule>,
    },
    /// It is deleted.
    Delete(Box<Schedule>),
}

impl Change {
    /// The change that a step made or makes; nothing for steps that change no schedule for good.
    #[must_use]
    pub fn of(step: &Step) -> Option<Self> {
        match step {
            Step::Create { schedule } => Some(Self::Create(schedule.clone())),
            Step::Replace { before, after } => Some(Self::Replace { before: before.clone(), after: after.clone() }),
            Step::Delete { schedule } => Some(Self::Delete(schedule.clone())),
            Step::Switch { rule, enabled } => {
                let after = switched(rule, *enabled);
                Some(Self::Replace { before: rule.clone(), after: Box::new(after) })
            }
            _ => None,
        }
    }

    /// The step that makes it.
    #[must_use]
    pub fn step(self) -> Step {
        match self {
            Self::Create(schedule) => Step::Create { schedule },
            Self::Delete(schedule) => Step::Delete { schedule },
            // A rule is switched by a call of its own, which touches nothing else.
            Self::Replace { before, after }
                if before.kind == Kind::Rule && switched(&before, after.enabled) == *after =>
            {
                Step::Switch { rule: before, enabled: after.enabled }
            }
            Self::Replace { before, after } => Step::Replace { before, after },
        }
    }

    /// The schedule's ARN.
    #[must_use]
    pub fn arn(&self) -> &str {
        match self {
            Self::Create(schedule) | Self::Delete(schedule) => &schedule.arn,
            Self::Replace { before, .. } => &before.arn,
        }
    }

    /// As it was before; nothing if there was none.
    #[must_use]
    pub fn before(&self) -> Option<&Schedule> {
        match self {
            Self::Create(_) => None,
            Self::Replace { before, .. } | Self::Delete(before) => Some(before),
        }
    }

    /// As it is after; nothing if there is none.
    #[must_use]
    pub fn after(&self) -> Option<&Schedule> {
        match self {
            Self::Create(after) | Self::Replace { after, .. } => Some(after),
            Self::Delete(_) => None,
        }
    }
}

/// A schedule as it can be sent to AWS at `now`: a StartDate that has passed says nothing any more, and AWS takes none
/// ("The StartDate you specify cannot be earlier than 5 minutes ago"), so it is left out.
///
/// # Errors
/// For a rate, which counts from its StartDate: without it, its times would move.
pub(super) fn sendable(schedule: Schedule, now: DateTime<Utc>) -> Result<Schedule, Unplannable> {
    if schedule.kind == Kind::Rule || schedule.start.is_none_or(|start| start >= now) {
        return Ok(schedule);
    }
    if matches!(schedule.parsed(), Some(Ok(Expression::Rate(_)))) {
        return Err(Unplannable::new(format!(
            "{} is a rate that counts from a StartDate that has passed. AWS takes no such date in a change, and without it \
             its times would move. Make a new schedule in its place.",
            schedule.path()
        )));
    }
    Ok(Schedule { start: None, ..schedule })
}

/// The same schedule, firing or not.
pub(super) fn switched(schedule: &Schedule, enabled: bool) -> Schedule {
    let state = if enabled { "ENABLED" } else { "DISABLED" };
    Schedule { enabled, state: state.into(), ..schedule.clone() }
}
