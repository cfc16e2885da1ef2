//! The past that a scenario gives to its models: the usual week, the days that went otherwise, and the gaps.

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, TimeDelta, Utc};

use super::build::{instant, minutes};
use super::hash;
use crate::sim::history::{Run, RunLog};
use crate::sim::scenario::History;

/// The runs that a history describes, oldest first. One that would not be over by `now` is left out: whether a model
/// runs when the scenario begins, its status says.
#[must_use]
pub fn runs(history: &History, now: DateTime<Utc>) -> RunLog {
    let today = now.with_timezone(&history.zone).date_naive();
    let mut runs: Vec<Run> = Vec::new();
    for back in (0..=history.days).rev() {
        let date = today - TimeDelta::days(i64::from(back));
        for (from, to, units) in planned(history, date) {
            let seed = hash(&format!("{}/{}/{from}", history.project, history.version));
            let from = from + minutes(seed, history.jitter_minutes);
            let to = to + minutes(seed ^ 1, history.jitter_minutes);
            let overlaps = runs.last().is_some_and(|last| last.to.is_some_and(|end| end > from));
            if to <= now && !overlaps {
                runs.push(Run { from, to: Some(to), units });
            }
        }
    }
    RunLog { runs, gaps: history.gaps.clone() }
}

/// Puts a model's past before what its status has already said about it: a run that is going on.
pub fn merge(log: &mut RunLog, past: RunLog) {
    let open = log.runs.first().copied();
    let mut runs = past.runs;
    if let Some(open) = open {
        runs.retain(|run| run.to.is_some_and(|to| to <= open.from));
    }
    runs.append(&mut log.runs);
    log.runs = runs;
    log.gaps.extend(past.gaps);
}

fn planned(history: &History, date: NaiveDate) -> Vec<(DateTime<Utc>, DateTime<Utc>, u32)> {
    let mut exceptions = history.exceptions.iter().filter(|exception| exception.date == date).peekable();
    let span = |from: NaiveTime, to: NaiveTime, days: i64, units: u32| {
        let days = if to <= from && days == 0 { 1 } else { days };
        let end = date + TimeDelta::days(days);
        (instant(history.zone, date.and_time(from)), instant(history.zone, end.and_time(to)), units)
    };
    if exceptions.peek().is_some() {
        let ran = exceptions.filter_map(|exception| {
            let (from, to) = (exception.from?, exception.to?);
            let units = exception.units.unwrap_or(history.units);
            Some(span(from, to, i64::from(exception.days_later), units))
        });
        return ran.collect();
    }
    let shifts = history.week.iter().filter(|shift| shift.days.contains(date.weekday()));
    shifts.map(|shift| span(shift.from, shift.to, 0, shift.units.unwrap_or(history.units))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn history(more: &str) -> History {
        let week = "[[week]]\ndays = \"MON-FRI\"\nfrom = \"08:00\"\nto = \"17:00\"\n";
        let head = "project = \"p\"\nversion = \"v\"\ndays = 14\nzone = \"Europe/Berlin\"\n";
        toml::from_str(&format!("{head}{week}{more}")).expect("a history")
    }

    fn now() -> DateTime<Utc> {
        "2026-11-20T13:09:00Z".parse().expect("a time")
    }

    #[test]
    fn a_usual_week_gives_a_run_each_weekday_in_its_zone() {
        let log = runs(&history(""), now());
        assert_eq!(log.runs.len(), 10, "two weeks, without today");
        let first = log.runs[0];
        assert_eq!(first.from.to_rfc3339(), "2026-11-06T07:00:00+00:00");
        assert_eq!(first.to.map(|to| to - first.from), Some(TimeDelta::hours(9)));
    }

    #[test]
    fn an_exception_replaces_its_day_and_may_last_over_the_weekend() {
        let text = "[[exceptions]]\ndate = \"2026-11-13\"\nfrom = \"08:00\"\nto = \"09:00\"\ndays_later = 3\n";
        let log = runs(&history(text), now());
        let overrun = log.runs.iter().find(|run| run.from.to_rfc3339() == "2026-11-13T07:00:00+00:00").expect("a run");
        assert_eq!(overrun.to.map(|to| to - overrun.from), Some(TimeDelta::hours(73)));
        let log = runs(&history("[[exceptions]]\ndate = \"2026-11-13\"\n"), now());
        assert_eq!(log.runs.len(), 9, "a day off");
    }

    #[test]
    fn a_run_that_goes_on_is_not_told_twice() {
        let mut log = RunLog::default();
        let since: DateTime<Utc> = "2026-11-20T07:12:00Z".parse().expect("a time");
        log.begin(since, 2);
        merge(&mut log, runs(&history(""), now()));
        assert_eq!(log.runs.len(), 11);
        assert_eq!(log.runs[10], Run { from: since, to: None, units: 2 });
    }
}
