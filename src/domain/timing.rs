//! When a schedule fires: its expression in its zone, between its StartDate and its EndDate.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::cron::Expression;
use super::schedule::Schedule;

/// The timing of a schedule or a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timing {
    /// Its expression.
    pub expression: Expression,
    /// The zone that its local times are in.
    pub zone: Tz,
    /// It does not fire before this (StartDate). Ignored for `at()`.
    pub start: Option<DateTime<Utc>>,
    /// It does not fire after this (EndDate). Ignored for `at()`.
    pub end: Option<DateTime<Utc>>,
    /// What a rate counts from when there is no start: its creation.
    pub anchor: DateTime<Utc>,
    /// It fires somewhere in so many minutes after each of its times.
    pub flexible_minutes: Option<u32>,
}

impl Timing {
    /// The timing of an expression in a zone, without bounds.
    #[must_use]
    pub fn new(expression: Expression, zone: Tz) -> Self {
        Self { expression, zone, start: None, end: None, anchor: DateTime::UNIX_EPOCH, flexible_minutes: None }
    }

    /// The same, a rate counted from `anchor`.
    #[must_use]
    pub fn anchored(self, anchor: DateTime<Utc>) -> Self {
        Self { anchor, ..self }
    }

    /// The timing of a schedule, whether it is enabled or not. `None` while its expression has not been read, and where
    /// expression or zone are not understood.
    #[must_use]
    pub fn of(schedule: &Schedule) -> Option<Self> {
        let expression = schedule.parsed()?.ok().filter(|_| schedule.zone_is_known())?;
        Some(Self {
            expression,
            zone: schedule.tz(),
            start: schedule.start,
            end: schedule.end,
            anchor: schedule.created.unwrap_or(DateTime::UNIX_EPOCH),
            flexible_minutes: schedule.flexible_minutes,
        })
    }

    fn bounds(&self) -> (Option<DateTime<Utc>>, Option<DateTime<Utc>>) {
        if self.expression.is_once() { (None, None) } else { (self.start, self.end) }
    }

    fn counted_from(&self) -> DateTime<Utc> {
        self.start.unwrap_or(self.anchor)
    }

    /// The first fire strictly after `after`.
    #[must_use]
    pub fn next_after(&self, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let (start, end) = self.bounds();
        // A fire at the very StartDate counts, so the search begins just before it.
        let before_start = start.map(|start| start - chrono::TimeDelta::nanoseconds(1));
        let after = before_start.map_or(after, |before| before.max(after));
        let fire = self.expression.next_after(after, self.zone, self.counted_from())?;
        end.is_none_or(|end| fire <= end).then_some(fire)
    }

    /// The last fire at or before `until`, if there is one within the last 400 days before it (or before the EndDate).
    #[must_use]
    pub fn last_until(&self, until: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let (start, end) = self.bounds();
        let until = end.map_or(until, |end| end.min(until));
        let fire = self.expression.last_until(until, self.zone, self.counted_from())?;
        start.is_none_or(|start| fire >= start).then_some(fire)
    }

    /// The fires from `from` (inclusive) to `to` (exclusive), rising.
    pub fn fires(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> impl Iterator<Item = DateTime<Utc>> + '_ {
        let first = self.next_after(from - chrono::TimeDelta::nanoseconds(1));
        std::iter::successors(first, |last| self.next_after(*last)).take_while(move |fire| *fire < to)
    }
}
