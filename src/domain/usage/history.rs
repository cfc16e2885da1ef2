//! What is known of all that a model ran: stretches with their units, made from CloudWatch's buckets.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::{Span, common, joined};

/// What CloudWatch tells of one period: `InServiceInferenceUnits`, averaged over the samples in it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bucket {
    /// When the period begins.
    pub at: DateTime<Utc>,
    /// How long it is, in seconds: 60, 300 or 3,600.
    pub period: u32,
    /// The average of the units in service over its samples.
    pub units: f64,
    /// How many samples it has (SampleCount). `None` where it was not asked: a period of a minute is filled or is not there.
    pub count: Option<f64>,
}

/// A stretch in which a model ran with so many units.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stretch {
    /// Its first instant.
    pub from: DateTime<Utc>,
    /// The instant after its last.
    pub to: DateTime<Utc>,
    /// The inference units in service, on average.
    pub units: f64,
    /// To how many seconds its ends are known: the period of the buckets that it comes from.
    pub grain: u32,
}

impl Stretch {
    /// When it was.
    #[must_use]
    pub fn span(&self) -> Span {
        Span { from: self.from, to: self.to }
    }
}

/// A hole as short as this is no stop: AWS takes minutes to stop a model and more to start it again. A sample was lost.
const LOST: TimeDelta = TimeDelta::minutes(4);

/// The last minutes of an answer may still lack samples (CloudWatch's points come late; documentation and experience
/// speak of three to five minutes).
pub const LATE: TimeDelta = TimeDelta::minutes(5);

/// All that is known of a model's running.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    /// What CloudWatch was asked about, rising and apart. Of what is not in here nothing is known.
    pub asked: Vec<Span>,
    /// Up to here it is settled and never asked again. `None`: nothing is.
    pub closed: Option<DateTime<Utc>>,
    /// When it ran, rising and apart or adjacent.
    pub ran: Vec<Stretch>,
    /// The windows that were planned while that time passed, and the instant up to which they have been noted. What is
    /// planned now need not be what was planned then.
    pub noted: Noted,
}

/// Windows as they were planned when their time came.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Noted {
    /// What is noted: from when to when. `None`: nothing yet.
    pub over: Option<Span>,
    /// The windows in it, rising and apart, cut at its ends.
    pub windows: Vec<Span>,
}

impl Noted {
    /// Adds what came later; what is noted already stays. Returns whether anything was added.
    pub fn go_on(&mut self, later: &Self) -> bool {
        let Some(new) = later.over else { return false };
        let begin = self.over.map_or(new.from, |over| over.to);
        let part = Span { from: begin.max(new.from), to: new.to };
        if part.from >= part.to {
            return false;
        }
        let from = self.over.map_or(part.from, |over| over.from);
        self.windows.extend(common(&later.windows, &[part]));
        self.windows = joined(std::mem::take(&mut self.windows));
        self.over = Some(Span { from, to: part.to });
        true
    }
}

impl History {
    /// Up to when something is known, the minutes left out that may still lack samples.
    #[must_use]
    pub fn until(&self) -> Option<DateTime<Utc>> {
        let settled = self.asked.last().map(|last| (last.to - LATE).max(last.from));
        settled.max(self.closed)
    }

    /// Takes in the answer to a question about `asked`. What was known of that time is replaced, and `closed` is how far
    /// the answer can be relied on for good.
    pub fn take(&mut self, asked: Span, buckets: &[Bucket], closed: DateTime<Utc>) {
        self.ran.retain_mut(|known| {
            known.to = known.to.min(asked.from);
            known.from < known.to
        });
        let running = self.ran.last().is_some_and(|last| last.to == asked.from);
        for stretch in stretches(buckets, running.then_some(asked.from)) {
            self.push(stretch);
        }
        let mut all = std::mem::take(&mut self.asked);
        all.push(asked);
        self.asked = joined(all);
        self.closed = self.closed.max(Some(closed));
    }

    /// Adds what ran next.
    pub fn push(&mut self, mut next: Stretch) {
        if let Some(last) = self.ran.last_mut()
            && next.from - last.to <= LOST
        {
            next.from = next.from.max(last.to);
            if next.to <= next.from {
                return;
            }
            if last.units == next.units && last.grain == next.grain {
                last.to = next.to;
                return;
            }
            last.to = next.from;
        }
        self.ran.push(next);
    }

    /// The runs, oldest first: stretches that go on without a pause.
    #[must_use]
    pub fn runs(&self) -> Vec<&[Stretch]> {
        self.ran.chunk_by(|one, next| one.to == next.from).collect()
    }
}

/// Stretches from buckets in the order of time. `before`: up to when it is known to have run already.
fn stretches(buckets: &[Bucket], mut before: Option<DateTime<Utc>>) -> Vec<Stretch> {
    let running_buckets: Vec<&Bucket> = buckets.iter().filter(|bucket| bucket.units > 0.0).collect();
    let full = full(&running_buckets);
    let mut all = Vec::with_capacity(running_buckets.len());
    for (place, bucket) in running_buckets.iter().enumerate() {
        let length = TimeDelta::seconds(i64::from(bucket.period));
        let end = bucket.at + length;
        let after = running_buckets.get(place + 1).is_some_and(|next| next.at == end);
        let filled = filled(bucket, &full);
        let stretch = |from, to| Stretch { from, to, units: bucket.units, grain: bucket.period };
        match (before == Some(bucket.at), after) {
            // It began in here.
            (false, true) => all.push(stretch(end - filled, end)),
            // It stopped and began again in here; when, only the two together tell.
            (true, true) if length - filled > LOST => {
                all.push(stretch(bucket.at, bucket.at + filled / 2));
                all.push(stretch(end - filled / 2, end));
            }
            // It ended in here, or was never longer than this.
            _ => all.push(stretch(bucket.at, bucket.at + filled)),
        }
        before = Some(end);
    }
    all
}

/// How many samples a full bucket of each period has: as many as any has, if one lies within a run. AWS does not say how
/// often it samples; where no bucket can tell, once a minute is assumed.
fn full(buckets: &[&Bucket]) -> BTreeMap<u32, f64> {
    let mut most: BTreeMap<u32, f64> = BTreeMap::new();
    for bucket in buckets {
        let count = bucket.count.unwrap_or_default();
        most.entry(bucket.period).and_modify(|most| *most = most.max(count)).or_insert(count);
    }
    let adjacent = |one: &Bucket, two: &Bucket| one.at + TimeDelta::seconds(i64::from(one.period)) == two.at;
    let inner = |period: u32| {
        buckets.windows(3).any(|three| match three {
            [one, two, three] => two.period == period && adjacent(one, two) && adjacent(two, three),
            _ => false,
        })
    };
    most.retain(|period, _| inner(*period));
    most
}

/// The time that it ran within a bucket, by its samples.
fn filled(bucket: &Bucket, full: &BTreeMap<u32, f64>) -> TimeDelta {
    let period = f64::from(bucket.period);
    let share = bucket.count.map_or(1.0, |count| {
        let assumed = period / 60.0;
        count / full.get(&bucket.period).copied().unwrap_or(assumed).max(1.0)
    });
    #[expect(clippy::cast_possible_truncation, reason = "at most an hour of seconds")]
    TimeDelta::seconds((share.clamp(0.0, 1.0) * period).round() as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Minutes after the begin of an hour.
    fn at(minute: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_795_000_000 / 3600 * 3600 + minute * 60, 0).unwrap()
    }

    fn buckets(period: u32, points: &[(i64, f64, f64)]) -> Vec<Bucket> {
        let bucket = |&(minute, units, count): &(i64, f64, f64)| Bucket {
            at: at(minute),
            period,
            units,
            count: (period > 60).then_some(count),
        };
        points.iter().map(bucket).collect()
    }

    fn told(history: &History) -> Vec<(i64, i64, f64)> {
        let minute = |instant: DateTime<Utc>| (instant - at(0)).num_minutes();
        history.ran.iter().map(|one| (minute(one.from), minute(one.to), one.units)).collect()
    }

    fn history(asked: (i64, i64), buckets: &[Bucket]) -> History {
        let mut history = History::default();
        history.take(Span { from: at(asked.0), to: at(asked.1) }, buckets, at(asked.1));
        history
    }

    #[test]
    fn minutes_make_runs_and_a_lost_sample_does_not_end_one() {
        let points: Vec<(i64, f64, f64)> =
            (0..30).filter(|minute| *minute != 11 && !(15..20).contains(minute)).map(|at| (at, 1.0, 1.0)).collect();
        let history = history((0, 60), &buckets(60, &points));
        assert_eq!(told(&history), [(0, 15, 1.0), (20, 30, 1.0)], "five silent minutes do");
        assert_eq!(history.runs().len(), 2);
    }

    #[test]
    fn the_count_of_samples_says_how_much_of_a_bucket_it_ran() {
        // 08:07 to 09:10, 2 units, as five-minute and as hourly data have it.
        let fine: Vec<(i64, f64, f64)> = (1..14).map(|n| (n * 5, 2.0, if n == 1 { 3.0 } else { 5.0 })).collect();
        assert_eq!(told(&history((0, 180), &buckets(300, &fine))), [(7, 70, 2.0)]);
        let coarse = buckets(3600, &[(0, 2.0, 53.0), (60, 2.0, 10.0)]);
        assert_eq!(told(&history((0, 180), &coarse)), [(7, 70, 2.0)]);
    }

    #[test]
    fn buckets_within_a_run_teach_how_often_is_sampled() {
        // Two samples a minute: 60 in half an hour of the first, 120 in the full ones.
        let hours = buckets(3600, &[(0, 1.0, 60.0), (60, 1.0, 120.0), (120, 1.0, 30.0)]);
        assert_eq!(told(&history((0, 240), &hours)), [(30, 135, 1.0)]);
    }

    #[test]
    fn a_stop_and_a_start_in_one_hour_are_two_runs() {
        let hours = buckets(3600, &[(0, 1.0, 60.0), (60, 1.0, 20.0), (120, 1.0, 60.0)]);
        let history = history((0, 240), &hours);
        assert_eq!(told(&history), [(0, 70, 1.0), (110, 180, 1.0)]);
    }

    #[test]
    fn units_that_change_within_a_run_do_not_part_it() {
        let points = buckets(300, &[(0, 1.0, 5.0), (5, 1.6, 5.0), (10, 4.0, 5.0), (15, 4.0, 2.0)]);
        let history = history((0, 60), &points);
        assert_eq!(told(&history), [(0, 5, 1.0), (5, 10, 1.6), (10, 17, 4.0)]);
        assert_eq!(history.runs().len(), 1);
    }

    #[test]
    fn what_is_asked_again_replaces_what_was_known_and_goes_on_seamlessly() {
        let minutes = |from: i64, to: i64| -> Vec<Bucket> {
            buckets(60, &(from..to).map(|at| (at, 1.0, 1.0)).collect::<Vec<_>>())
        };
        let mut history = history((0, 130), &minutes(10, 125));
        history.closed = Some(at(60));
        assert_eq!(history.until(), Some(at(125)));
        history.take(Span { from: at(60), to: at(200) }, &minutes(60, 150), at(180));
        assert_eq!(told(&history), [(10, 150, 1.0)]);
        assert_eq!((history.asked.len(), history.closed, history.until()), (1, Some(at(180)), Some(at(195))));
        // After a year without a look there is a hole of which nothing is known.
        history.take(Span { from: at(100_000), to: at(100_060) }, &[], at(100_000));
        assert_eq!(history.asked.len(), 2);
    }

    #[test]
    fn a_run_goes_on_from_coarse_buckets_to_fine_ones() {
        let mut all = buckets(300, &[(50, 1.0, 2.0), (55, 1.0, 5.0)]);
        all.extend(buckets(60, &(60..90).map(|at| (at, 1.0, 1.0)).collect::<Vec<_>>()));
        let history = history((0, 120), &all);
        assert_eq!(told(&history), [(53, 60, 1.0), (60, 90, 1.0)]);
        assert_eq!(history.runs().len(), 1);
    }
}
