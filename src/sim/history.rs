//! When models ran: what the metrics are made of.

use chrono::{DateTime, Utc};

use super::scenario::Span;

/// One run of a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    /// When it became `RUNNING`.
    pub from: DateTime<Utc>,
    /// When it left `RUNNING`; `None` while it runs.
    pub to: Option<DateTime<Utc>>,
    /// The inference units that were in service.
    pub units: u32,
}

/// All runs of a model, oldest first.
#[derive(Clone, Debug, Default)]
pub struct RunLog {
    /// The runs.
    pub runs: Vec<Run>,
    /// Spans for which no metric was kept although it ran.
    pub gaps: Vec<Span>,
}

impl RunLog {
    /// The model became `RUNNING` at `at` with so many units.
    pub fn begin(&mut self, at: DateTime<Utc>, units: u32) {
        self.end(at);
        self.runs.push(Run { from: at, to: None, units });
    }

    /// The model left `RUNNING` at `at`.
    pub fn end(&mut self, at: DateTime<Utc>) {
        if let Some(run) = self.runs.last_mut() {
            run.to.get_or_insert(at);
        }
    }

    /// The units that were in service at each whole minute of `[from, to)`: epoch seconds and units, oldest first.
    ///
    /// The metric is a sample of what is so at the minute's beginning. A minute in which the model did not run has none,
    /// not a zero.
    #[must_use]
    pub fn minutes(&self, from: i64, to: i64) -> Vec<(i64, u32)> {
        let mut minutes = Vec::new();
        for run in &self.runs {
            let end = run.to.map_or(to, |end| ceil(end.timestamp_millis())).min(to);
            let mut at = ceil(run.from.timestamp_millis()).max(whole(from));
            while at < end {
                if !self.in_gap(at) {
                    minutes.push((at, run.units));
                }
                at += MINUTE;
            }
        }
        minutes
    }

    fn in_gap(&self, at: i64) -> bool {
        self.gaps.iter().any(|gap| gap.from.timestamp() <= at && at < gap.to.timestamp())
    }
}

/// The seconds of a minute.
const MINUTE: i64 = 60;

/// The whole minute at or after `seconds`.
fn whole(seconds: i64) -> i64 {
    (seconds + MINUTE - 1).div_euclid(MINUTE) * MINUTE
}

/// The whole minute at or after so many milliseconds, in seconds.
fn ceil(millis: i64) -> i64 {
    let minute = MINUTE * 1000;
    (millis + minute - 1).div_euclid(minute) * MINUTE
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        format!("2026-11-20T{text}Z").parse().expect("a time")
    }

    fn minutes(log: &RunLog, from: &str, to: &str) -> Vec<(String, u32)> {
        let minutes = log.minutes(at(from).timestamp(), at(to).timestamp());
        let text = |at: i64| DateTime::from_timestamp(at, 0).expect("a time").format("%H:%M").to_string();
        minutes.into_iter().map(|(at, units)| (text(at), units)).collect()
    }

    #[test]
    fn a_minute_counts_if_it_ran_when_the_minute_began() {
        let mut log = RunLog::default();
        log.begin(at("08:00:30"), 2);
        log.end(at("08:03:00"));
        assert_eq!(minutes(&log, "07:00:00", "09:00:00"), [("08:01".to_owned(), 2), ("08:02".to_owned(), 2)]);
    }

    #[test]
    fn a_run_that_goes_on_reaches_to_the_end_of_what_is_asked() {
        let mut log = RunLog::default();
        log.begin(at("08:00:00"), 1);
        assert_eq!(minutes(&log, "08:10:00", "08:13:00").len(), 3);
        assert_eq!(minutes(&log, "07:50:00", "08:00:00"), [], "it did not run yet");
    }

    #[test]
    fn units_change_from_run_to_run() {
        let mut log = RunLog::default();
        log.begin(at("08:00:00"), 1);
        log.begin(at("08:01:00"), 3);
        log.end(at("08:02:00"));
        assert_eq!(minutes(&log, "08:00:00", "09:00:00"), [("08:00".to_owned(), 1), ("08:01".to_owned(), 3)]);
    }

    #[test]
    fn a_gap_holds_no_minutes_although_it_ran() {
        let gaps = vec![Span { from: at("08:01:00"), to: at("08:59:00") }];
        let log = RunLog { runs: vec![Run { from: at("08:00:00"), to: Some(at("09:00:00")), units: 1 }], gaps };
        assert_eq!(minutes(&log, "00:00:00", "12:00:00"), [("08:00".to_owned(), 1), ("08:59".to_owned(), 1)]);
    }
}
