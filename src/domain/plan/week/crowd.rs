//! The other models of the account: where more are planned at once than AWS lets run by default.

use chrono::{DateTime, TimeDelta, Utc};

use super::Ground;
use crate::domain::model::ModelArn;
use crate::domain::plan::Note;
use crate::domain::usage::Span;
use crate::domain::week::{Window, windows};
use crate::domain::words;

/// AWS's default quota of models that run at once in an account (AWS General Reference).
const RUNNING_QUOTA: usize = 2;

/// When the other models of an account are planned to run in the coming week. In a large account this takes far longer to
/// work out than all else that an edit means, and no edit changes it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Crowd {
    /// When their windows begin, in order.
    begins: Vec<DateTime<Utc>>,
    /// When their windows end, in order.
    ends: Vec<DateTime<Utc>>,
    /// How many models run now, all told.
    on: usize,
}

impl Crowd {
    /// The models beside this one.
    #[must_use]
    pub fn around(ground: Ground<'_>, model: &ModelArn) -> Self {
        let week = coming(ground);
        let rows = &ground.fleet.models.rows;
        let others = rows.keys().filter(|other| {
            *other != model && ground.picture.models.get(*other).is_some_and(|view| view.scheduled && !view.paused)
        });
        let mut crowd = Self { on: rows.values().filter(|model| model.status.is_on()).count(), ..Self::default() };
        for other in others {
            let mut aims = ground.picture.wiring.aims_of(other);
            aims.retain(|aim| ground.fleet.schedule(&aim.schedule).is_some_and(|schedule| schedule.enabled));
            let (starts, stops) = ground.picture.pair(&aims);
            for span in windows(&starts, &stops, week).iter().filter_map(|window| window.within(week)) {
                crowd.begins.push(span.from);
                crowd.ends.push(span.to);
            }
        }
        crowd.begins.sort_unstable();
        crowd.ends.sort_unstable();
        crowd
    }

    /// How many of them are planned to run at a time.
    fn at(&self, at: DateTime<Utc>) -> usize {
        let until = |all: &[DateTime<Utc>]| all.partition_point(|other| *other <= at);
        until(&self.begins) - until(&self.ends).min(until(&self.begins))
    }

    /// What to know about a model that is planned to run beside them.
    pub(super) fn note(&self, planned: &[Window], ground: Ground<'_>) -> Option<Note> {
        let week = coming(ground);
        let own: Vec<Span> = planned.iter().filter_map(|window| window.within(week)).collect();
        // More are on at a begin only, be it one of theirs or of its own.
        let within = |span: &Span| {
            let from = self.begins.partition_point(|begin| *begin < span.from);
            let to = self.begins.partition_point(|begin| *begin < span.to);
            self.begins.get(from..to).unwrap_or_default()
        };
        let begins = own.iter().flat_map(|span| within(span).iter().copied().chain([span.from]));
        let worst = begins.map(|at| (self.at(at) + 1, std::cmp::Reverse(at))).max();
        // More than the default run already: then it has been raised, we cannot know how far.
        let (count, std::cmp::Reverse(at)) = worst.filter(|(count, _)| *count > RUNNING_QUOTA.max(self.on))?;
        Some(Note::warning(format!(
            "{}: {} are planned at once with it; AWS's default quota is {RUNNING_QUOTA} running.",
            words::when(at, ground.now, ground.zone),
            words::count(count as u64, "model")
        )))
    }
}

fn coming(ground: Ground<'_>) -> Span {
    Span { from: ground.now, to: ground.now + TimeDelta::days(7) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_ends_as_another_begins_is_gone() {
        let at = |hour: i64| DateTime::UNIX_EPOCH + TimeDelta::hours(hour);
        let spans = [(0, 8), (2, 4), (4, 6), (8, 9)];
        let mut crowd = Crowd::default();
        for (from, to) in spans {
            crowd.begins.push(at(from));
            crowd.ends.push(at(to));
        }
        crowd.begins.sort_unstable();
        crowd.ends.sort_unstable();
        for hour in -1..11 {
            let counted = spans.iter().filter(|(from, to)| (*from..*to).contains(&hour)).count();
            assert_eq!(crowd.at(at(hour)), counted, "{hour}");
        }
    }
}
