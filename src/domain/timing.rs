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

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn daily() -> Timing {
        Timing {
            start: Some(at("2026-11-20T08:00:00Z")),
            end: Some(at("2026-11-22T08:00:00Z")),
            ..Timing::new("cron(0 8 * * ? *)".parse().unwrap(), Tz::UTC)
        }
    }

    #[test]
    fn fires_at_the_very_start_and_at_the_very_end_count() {
        let fires: Vec<_> = daily().fires(at("2026-01-01T00:00:00Z"), at("2027-01-01T00:00:00Z")).collect();
        assert_eq!(fires, ["20", "21", "22"].map(|day| at(&format!("2026-11-{day}T08:00:00Z"))));
    }

    #[test]
    fn a_second_inside_of_the_bounds_loses_the_first_and_the_last() {
        let tight = Timing {
            start: daily().start.map(|start| start + TimeDelta::seconds(1)),
            end: daily().end.map(|end| end - TimeDelta::seconds(1)),
            ..daily()
        };
        let fires: Vec<_> = tight.fires(at("2026-01-01T00:00:00Z"), at("2027-01-01T00:00:00Z")).collect();
        assert_eq!(fires, [at("2026-11-21T08:00:00Z")]);
        assert_eq!(tight.last_until(at("2026-11-20T12:00:00Z")), None);
        assert_eq!(tight.last_until(at("2027-01-01T00:00:00Z")), Some(at("2026-11-21T08:00:00Z")));
    }

    #[test]
    fn a_stretch_holds_its_begin_and_not_its_end() {
        let fires: Vec<_> = daily().fires(at("2026-11-20T08:00:00Z"), at("2026-11-21T08:00:00Z")).collect();
        assert_eq!(fires, [at("2026-11-20T08:00:00Z")]);
        assert_eq!(daily().next_after(at("2026-11-20T08:00:00Z")), Some(at("2026-11-21T08:00:00Z")));
    }

    #[test]
    fn once_ignores_start_and_end() {
        let once = Timing { expression: "at(2027-05-01T12:00:00)".parse().unwrap(), ..daily() };
        assert_eq!(once.next_after(at("2026-01-01T00:00:00Z")), Some(at("2027-05-01T12:00:00Z")));
        assert_eq!(once.last_until(at("2028-01-01T00:00:00Z")), Some(at("2027-05-01T12:00:00Z")));
    }

    #[test]
    fn a_rate_counts_from_its_start_and_else_from_its_creation() {
        let rate =
            Timing { expression: "rate(3 hours)".parse().unwrap(), ..daily() }.anchored(at("2026-11-01T00:10:00Z"));
        assert_eq!(rate.next_after(at("2026-11-20T09:00:00Z")), Some(at("2026-11-20T11:00:00Z")));
        let unbound = Timing { start: None, end: None, ..rate };
        assert_eq!(unbound.next_after(at("2026-11-20T09:00:00Z")), Some(at("2026-11-20T09:10:00Z")));
    }

    #[test]
    fn a_time_that_the_clocks_skip_never_comes() {
        let once = Timing::new("at(2027-03-28T02:30:00)".parse().unwrap(), Tz::Europe__Berlin);
        assert_eq!(once.next_after(at("2026-01-01T00:00:00Z")), None);
    }
}
