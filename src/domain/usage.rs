//! What a model really ran, from CloudWatch's `InServiceInferenceUnits`.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

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
    fn late_points_do_not_end_a_run() {
        let runs = activity(&[(0, 1.0), (5, 1.0)]);
        assert_eq!(runs.running_since(at(18), TimeDelta::minutes(10)), Some(at(0)));
        assert_eq!(runs.running_since(at(25), TimeDelta::minutes(10)), None);
    }
}
