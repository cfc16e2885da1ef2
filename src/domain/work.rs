//! What models were given to do, hour by hour, from CloudWatch: messages that were worked off their queues, those that
//! waited, and the requests that the account's models were sent.
//!
//! A queue that nobody uses tells CloudWatch nothing, and neither does a model that nobody asks (SQS developer guide,
//! "available CloudWatch metrics"): an hour without a point is not known. It is never taken for an hour without work.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::usage::{LATE, Sample, Span};

/// How far back work is looked at: two weeks of whole days in any zone, and the day that is not over yet.
pub const HORIZON: TimeDelta = TimeDelta::days(16);

const HOUR: i64 = 3_600;

/// Counts by the hour in UTC. What is not in here is not known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<(i64, Vec<u64>)>", into = "Vec<(i64, Vec<u64>)>")]
pub struct Hourly(BTreeMap<i64, u64>);

/// Runs of hours without a gap, each by its first hour since 1970: an hour of a year then is a few bytes.
impl From<Hourly> for Vec<(i64, Vec<u64>)> {
    fn from(hourly: Hourly) -> Self {
        let mut runs: Self = Self::new();
        for (hour, count) in hourly.0 {
            match runs.last_mut() {
                Some((first, counts)) if i64::try_from(counts.len()).is_ok_and(|long| *first + long == hour) => {
                    counts.push(count);
                }
                _ => runs.push((hour, vec![count])),
            }
        }
        runs
    }
}

impl From<Vec<(i64, Vec<u64>)>> for Hourly {
    fn from(runs: Vec<(i64, Vec<u64>)>) -> Self {
        let hours = runs.into_iter().flat_map(|(first, counts)| (first..).zip(counts));
        Self(hours.collect())
    }
}

impl Hourly {
    /// From points of CloudWatch at a period of an hour.
    #[must_use]
    pub fn of(points: &[Sample]) -> Self {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count, never less than nothing")]
        let count = |value: f64| value.max(0.0).round() as u64;
        Self(points.iter().map(|point| (hour(point.at), count(point.units))).collect())
    }

    /// The count of the hour that holds an instant; `None`: not known.
    #[must_use]
    pub fn at(&self, at: DateTime<Utc>) -> Option<u64> {
        self.0.get(&hour(at)).copied()
    }

    /// The hours that are known, each by its begin, oldest first.
    pub fn iter(&self) -> impl Iterator<Item = (DateTime<Utc>, u64)> + '_ {
        self.0.iter().filter_map(|(hour, count)| Some((DateTime::from_timestamp(hour * HOUR, 0)?, *count)))
    }

    /// Whether nothing at all is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Puts in what was asked anew about `span`, and forgets what was before `oldest`.
    fn take(&mut self, newer: Self, span: Span, oldest: DateTime<Utc>) {
        let (from, to) = (hour(span.from), hour(span.to));
        self.0.retain(|at, _| *at >= hour(oldest) && !(from..to).contains(at));
        self.0.extend(newer.0);
    }
}

fn hour(at: DateTime<Utc>) -> i64 {
    at.timestamp().div_euclid(HOUR)
}

/// The whole hours that lie in a stretch of time.
pub fn hours_of(span: Span) -> impl Iterator<Item = Span> {
    let (from, to) = ((span.from.timestamp() + HOUR - 1).div_euclid(HOUR), hour(span.to));
    (from..to).filter_map(|hour| {
        let from = DateTime::from_timestamp(hour * HOUR, 0)?;
        Some(Span { from, to: from + TimeDelta::hours(1) })
    })
}

/// What one queue had to do with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Work {
    /// Messages that were worked off (`NumberOfMessagesDeleted`, summed up). What expires or goes to a dead-letter queue
    /// is not among them.
    pub done: Hourly,
    /// The most that waited at a time (`ApproximateNumberOfMessagesVisible`, the maximum).
    pub waited: Hourly,
}

/// All work of an account in one region.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Workload {
    /// The whole hours that were asked about. `None`: nothing was asked yet.
    pub asked: Option<Span>,
    /// By the queue's ARN.
    pub queues: BTreeMap<String, Work>,
    /// Requests that models answered, all of the account's together (`SuccessfulRequestCount` of `DetectCustomLabels`):
    /// CloudWatch does not tell them apart by model.
    pub answered: Hourly,
    /// Requests beyond what the units can do, likewise of the whole account (`ThrottledCount`).
    pub throttled: Hourly,
}

impl Workload {
    /// What is to be asked about these queues at `now`: whole hours, as far back as [`HORIZON`]; or, if all of them were
    /// asked about before, only the hours that came since, and the last one of those.
    #[must_use]
    pub fn to_ask(&self, queues: &[String], now: DateTime<Utc>) -> Span {
        let whole = |at: DateTime<Utc>| DateTime::from_timestamp(hour(at) * HOUR, 0).unwrap_or(at);
        let (oldest, to) = (whole(now - HORIZON), whole(now));
        let all = queues.iter().all(|arn| self.queues.contains_key(arn));
        let known = self.asked.filter(|asked| all && asked.from <= oldest && asked.to <= to);
        Span { from: known.map_or(oldest, |asked| asked.to - TimeDelta::hours(1)).max(oldest), to }
    }

    /// Puts in the answer to a question. What it was not about stays, up to [`HORIZON`] back.
    pub fn take(&mut self, newer: Self) {
        let Some(span) = newer.asked.filter(|span| span.from < span.to) else { return };
        let known = self.asked.filter(|asked| span.from <= asked.to && asked.from <= span.to);
        if known.is_none() {
            *self = newer;
            return;
        }
        let oldest = span.to - HORIZON - TimeDelta::hours(1);
        self.queues.retain(|arn, _| newer.queues.contains_key(arn));
        for (arn, work) in newer.queues {
            let known = self.queues.entry(arn).or_default();
            known.done.take(work.done, span, oldest);
            known.waited.take(work.waited, span, oldest);
        }
        self.answered.take(newer.answered, span, oldest);
        self.throttled.take(newer.throttled, span, oldest);
        let from = known.map_or(span.from, |known| known.from.min(span.from)).max(oldest);
        self.asked = Some(Span { from, to: known.map_or(span.to, |known| known.to.max(span.to)) });
    }

    /// Up to when whole hours are settled at `now`; CloudWatch's last points come late.
    #[must_use]
    pub fn until(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let to = self.asked?.to.min(now - LATE);
        DateTime::from_timestamp(hour(to) * HOUR, 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::testing::{at, now};

    fn points(pairs: &[(&str, f64)]) -> Hourly {
        let point = |&(text, units): &(&str, f64)| Sample { at: at(text), units };
        Hourly::of(&pairs.iter().map(point).collect::<Vec<_>>())
    }

    fn span(from: &str, to: &str) -> Span {
        Span { from: at(from), to: at(to) }
    }

    #[test]
    fn an_hour_without_a_point_is_not_known() {
        let done = points(&[("2026-11-20T08:00:00Z", 59.9999), ("2026-11-20T10:00:00Z", 0.0)]);
        let told = ["08:59", "09:00", "10:30"].map(|time| done.at(at(&format!("2026-11-20T{time}:00Z"))));
        assert_eq!(told, [Some(60), None, Some(0)]);
    }

    #[test]
    fn it_is_kept_in_few_words_and_comes_back_as_it_was() {
        let hours: Vec<Sample> =
            (0..336).filter(|n| n % 24 != 5).map(|n| Sample { at: now() + TimeDelta::hours(n), units: 7.0 }).collect();
        let done = Hourly::of(&hours);
        let kept = serde_json::to_string(&done).unwrap();
        assert!(kept.len() < 1_000, "{} bytes", kept.len());
        assert_eq!(serde_json::from_str::<Hourly>(&kept).unwrap(), done);
    }

    #[test]
    fn what_is_asked_anew_replaces_what_was_known_and_the_rest_stays() {
        let load = |asked: Span, done: Hourly| {
            let work = Work { done, ..Work::default() };
            Workload { asked: Some(asked), queues: [("q".to_owned(), work)].into(), ..Workload::default() }
        };
        let first = [("2026-11-04T14:00:00Z", 9.0), ("2026-11-20T10:00:00Z", 1.0), ("2026-11-20T11:00:00Z", 2.0)];
        let mut known = load(span("2026-11-04T12:00:00Z", "2026-11-20T12:00:00Z"), points(&first));
        let ask = known.to_ask(&["q".to_owned()], at("2026-11-20T14:09:00Z"));
        assert_eq!(ask, span("2026-11-20T11:00:00Z", "2026-11-20T14:00:00Z"));
        known.take(load(ask, points(&[("2026-11-20T11:00:00Z", 3.0), ("2026-11-20T13:00:00Z", 4.0)])));
        let done = &known.queues["q"].done;
        let told = ["10", "11", "12", "13"].map(|hour| done.at(at(&format!("2026-11-20T{hour}:00:00Z"))));
        assert_eq!(told, [Some(1), Some(3), None, Some(4)]);
        assert_eq!(done.at(at("2026-11-04T14:00:00Z")), Some(9));
        assert_eq!(known.until(at("2026-11-20T14:09:00Z")), Some(at("2026-11-20T14:00:00Z")));
        assert_eq!(known.until(at("2026-11-20T14:04:00Z")), Some(at("2026-11-20T13:00:00Z")), "it may still grow");
        let whole = [known.to_ask(&["q".into()], at("2027-01-30T14:09:00Z")), known.to_ask(&["new".into()], now())];
        assert!(
            whole.iter().all(|ask| ask.to - ask.from == HORIZON),
            "after a long silence, and of a queue that is new"
        );
    }

    #[test]
    fn only_whole_hours_are_hours() {
        let hours: Vec<Span> = hours_of(span("2026-11-20T08:30:00Z", "2026-11-20T11:10:00Z")).collect();
        assert_eq!(hours.len(), 2);
        assert_eq!(hours[0].from, at("2026-11-20T09:00:00Z"));
    }
}
