//! What was planned for a model while its time passed: as it was noted, or else as far as the present schedules tell.

use chrono::{DateTime, Utc};

use super::book::Book;
use crate::domain::fleet::Fleet;
use crate::domain::model::ModelArn;
use crate::domain::picture::Picture;
use crate::domain::timing::Timing;
use crate::domain::usage::{Noted, Span, common, joined, less};
use crate::domain::week::{self, Timings};

impl Book<'_> {
    /// Since when its windows are known: an instant and a set of stretches before it.
    pub(super) fn planned_over(&self, span: Span) -> Vec<Span> {
        let noted = self.history.noted.over.and_then(|over| over.within(span));
        let from = self.planned.map(|from| Span { from: from.max(span.from), to: span.to });
        joined(noted.into_iter().chain(from.filter(|after| after.from < after.to)).collect())
    }

    /// The windows in `span`: as they were noted when they came, else as they are planned now.
    #[must_use]
    pub fn windows(&self, span: Span) -> Vec<Span> {
        let Noted { over, windows: noted } = &self.history.noted;
        let over: Vec<Span> = over.and_then(|over| over.within(span)).into_iter().collect();
        let mut all = common(noted, &over);
        for part in less(&[span], &over) {
            all.extend(self.planned_now(part));
        }
        joined(all)
    }

    /// What is planned in `span` according to the present schedules alone: to be noted once that time is past.
    #[must_use]
    pub fn to_note(&self, span: Span) -> Noted {
        let over = self.planned.and_then(|from| Span { from, to: span.to }.within(span));
        Noted { over, windows: joined(over.map(|over| self.planned_now(over)).unwrap_or_default()) }
    }

    /// The windows in `span` by the present schedules. Whoever pauses them in the middle of a window ends it.
    fn planned_now(&self, span: Span) -> Vec<Span> {
        let span = Span { to: self.paused.map_or(span.to, |paused| span.to.min(paused)), ..span };
        if span.from >= span.to {
            return Vec::new();
        }
        week::windows(&self.starts, &self.stops, span).iter().filter_map(|window| window.within(span)).collect()
    }
}

/// The timings of what starts and of what stops a model, each for as long as it has been there and enabled, as far as the
/// schedules themselves tell.
pub(super) fn past(arn: &ModelArn, fleet: &Fleet, picture: &Picture) -> (Timings, Timings) {
    let aims: Vec<_> = picture.wiring.aims_of(arn);
    let (starts, stops) = picture.pair(&aims);
    let bound = |timings: Timings| -> Timings {
        timings.into_iter().filter_map(|(arn, timing)| Some((arn.clone(), bounded(&arn, timing, fleet)?))).collect()
    };
    (bound(starts), bound(stops))
}

pub(super) fn paused(arn: &ModelArn, fleet: &Fleet, picture: &Picture) -> Option<DateTime<Utc>> {
    let aims = picture.wiring.aims_of(arn);
    let schedules: Vec<_> = aims.iter().filter_map(|aim| fleet.schedule(&aim.schedule)).collect();
    let all = !schedules.is_empty() && schedules.iter().all(|schedule| !schedule.enabled);
    schedules.iter().filter_map(|schedule| schedule.modified).max().filter(|_| all)
}

fn bounded(arn: &str, timing: Timing, fleet: &Fleet) -> Option<Timing> {
    let schedule = fleet.schedule(arn)?;
    let start = timing.start.max(schedule.created);
    if schedule.enabled {
        return Some(Timing { start, ..timing });
    }
    // It was most probably disabled when it was last changed.
    let end = Some(schedule.modified?.min(timing.end.unwrap_or(DateTime::<Utc>::MAX_UTC)));
    Some(Timing { start, end, ..timing })
}
