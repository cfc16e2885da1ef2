//! What a model really ran, from CloudWatch's `InServiceInferenceUnits`.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

mod history;
mod spans;

pub use history::{Bucket, History, LATE, Noted, Stretch};
pub use spans::{common, joined, less};

/// One point of CloudWatch: the average of inference units in service over a period that begins at `at`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sample {
    /// When the period begins.
    pub at: DateTime<Utc>,
    /// The average of inference units in service.
    pub units: f64,
}

/// A stretch of time, from its begin to just before its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// Its first instant.
    pub from: DateTime<Utc>,
    /// The instant after its last.
    pub to: DateTime<Utc>,
}

/// What is known of a model's recent running.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Activity {
    /// The stretch of time that was asked for.
    pub asked: Span,
    /// The length of one sample's period, in seconds.
    pub period_seconds: u32,
    /// The samples, oldest first. A gap means that the model did not run.
    #[serde(with = "runs")]
    pub samples: Vec<Sample>,
}

impl Activity {
    /// The stretches in which the model ran: samples above zero, joined where one period follows the other.
    ///
    /// Each end is known to within one period.
    #[must_use]
    pub fn ran(&self) -> Vec<Span> {
        let period = TimeDelta::seconds(i64::from(self.period_seconds));
        let mut spans: Vec<Span> = Vec::new();
        for sample in self.samples.iter().filter(|sample| sample.units > 0.0) {
            let end = sample.at + period;
            match spans.last_mut() {
                Some(last) if sample.at <= last.to => last.to = last.to.max(end),
                _ => spans.push(Span { from: sample.at, to: end }),
            }
        }
        spans
    }

    /// Since when the model has been running, if its last sample is no older than `late` at `now`.
    ///
    /// CloudWatch's last minutes come late, so a few missing periods at the end do not mean that it stopped.
    #[must_use]
    pub fn running_since(&self, now: DateTime<Utc>, late: TimeDelta) -> Option<DateTime<Utc>> {
        self.ran().last().filter(|last| now - last.to <= late).map(|last| last.from)
    }
}

/// Samples as runs of equal ones at equal distances, `[first, seconds apart, how many, units]`: a day of a model is a few
/// of these, and a store with a thousand models is read several times as fast.
mod runs {
    use chrono::{DateTime, TimeDelta};
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::Sample;

    /// A run holds no more: a damaged store must not be taken for an endless one.
    const MOST: u32 = 1_000_000;

    pub fn serialize<S: Serializer>(samples: &[Sample], serializer: S) -> Result<S::Ok, S::Error> {
        let mut runs: Vec<(i64, i64, u32, f64)> = Vec::new();
        for sample in samples {
            let at = sample.at.timestamp();
            match runs.last_mut() {
                Some((first, apart, count, units))
                    if *units == sample.units && (*count == 1 || *first + *apart * i64::from(*count) == at) =>
                {
                    if *count == 1 {
                        *apart = at - *first;
                    }
                    *count += 1;
                }
                _ => runs.push((at, 0, 1, sample.units)),
            }
        }
        runs.serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Sample>, D::Error> {
        let runs: Vec<(i64, i64, u32, f64)> = Vec::deserialize(deserializer)?;
        let samples = runs.into_iter().flat_map(|(first, apart, count, units)| {
            let first = DateTime::from_timestamp(first, 0);
            (0..count.min(MOST)).filter_map(move |n| {
                Some(Sample { at: first? + TimeDelta::try_seconds(apart.checked_mul(i64::from(n))?)?, units })
            })
        });
        Ok(samples.collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_795_000_000 / 300 * 300 + minute * 60, 0).unwrap()
    }

    fn activity(minutes: &[(i64, f64)]) -> Activity {
        Activity {
            asked: Span { from: at(0), to: at(120) },
            period_seconds: 300,
            samples: minutes.iter().map(|&(minute, units)| Sample { at: at(minute), units }).collect(),
        }
    }

    #[test]
    fn a_gap_parts_two_runs_and_zero_is_not_running() {
        let runs = activity(&[(0, 1.0), (5, 2.0), (10, 0.0), (15, 1.0), (30, 1.0)]).ran();
        assert_eq!(
            runs,
            [Span { from: at(0), to: at(10) }, Span { from: at(15), to: at(20) }, Span { from: at(30), to: at(35) }]
        );
    }

    #[test]
    fn samples_are_kept_as_runs_and_come_back_as_they_were() {
        let points: Vec<(i64, f64)> =
            (0..200).map(|n| (n * 5, 1.0)).chain([(1_000, 2.0), (1_030, 2.0), (1_031, 1.5)]).collect();
        let activity = activity(&points);
        let kept = serde_json::to_string(&activity).unwrap();
        assert!(kept.len() < 250, "{kept}");
        assert_eq!(serde_json::from_str::<Activity>(&kept).unwrap(), activity);
    }

    #[test]
    fn late_points_do_not_end_a_run() {
        let runs = activity(&[(0, 1.0), (5, 1.0)]);
        assert_eq!(runs.running_since(at(18), TimeDelta::minutes(10)), Some(at(0)));
        assert_eq!(runs.running_since(at(25), TimeDelta::minutes(10)), None);
    }
}
