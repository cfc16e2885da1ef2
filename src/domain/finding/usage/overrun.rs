//! Hours outside of the windows: of this week, and of whole weekends.

use chrono::{DateTime, Datelike, Days, TimeDelta, Utc};

use super::desk::{Desk, hours_words, length};
use super::{Case, Finding, Rule, Severity};
use crate::domain::usage::{Span, less};
use crate::domain::week::midnight;
use crate::domain::words;

/// Overrun by less is not worth a look.
const LEAST: f64 = 1.0;
/// Who ran so many of the 48 hours of a weekend ran all of it, but for a stop that came late or a metric with a hole.
const ALL_WEEKEND: f64 = 40.0;

/// The sum of the calendar week so far, where that is more than the overrun that goes on and has been told already.
pub(super) fn this_week(desk: &Desk<'_>, case: &Case<'_>) -> Option<Finding> {
    if !case.view.judged || !is_planned(desk, case) {
        return None;
    }
    let today = desk.date(desk.now());
    let monday = today - Days::new(u64::from(today.weekday().num_days_from_monday()));
    let span = Span { from: midnight(desk.zone, monday), to: desk.now() };
    let hours = desk.hours(case, span);
    let told = if desk.is_told(case.book.arn, Rule::RunningOutsideWindows) {
        going_on(desk, case).and_then(|over| over.within(span)).map_or(0.0, |over| desk.hours(case, over).overrun)
    } else {
        0.0
    };
    if hours.overrun < told + LEAST {
        return None;
    }
    let outside = outside(desk, case, span);
    let longest = outside.iter().max_by_key(|part| part.length())?;
    Some(Finding {
        sentence: format!(
            "{} has run over its windows this week: {} {}.",
            case.name(),
            desk.worth(hours.overrun),
            desk.at_price()
        ),
        reason: format!(
            "CloudWatch has it in service outside of what its schedules plan, the longest from {} on for {}; to within {}.",
            words::when(longest.from, desk.now(), desk.zone),
            words::span(longest.length()),
            hours_words(hours.error.max(1.0 / 60.0))
        ),
        remedy:
            "Look at who began those runs on its page; if they are needed, plan them, and if not, see that its stop \
                 works."
                .into(),
        ..case.finding(Rule::OverrunThisWeek, Severity::Warning)
    })
}

/// Whether anything starts it now: what nothing starts has no windows to run outside of.
fn is_planned(desk: &Desk<'_>, case: &Case<'_>) -> bool {
    let enabled = |arn: &str| desk.books.fleet.schedule(arn).is_some_and(|schedule| schedule.enabled);
    let aims = desk.books.picture.wiring.aims_of(case.book.arn);
    aims.iter().any(|aim| aim.effect.is_start() && enabled(&aim.schedule))
}

/// The overrun that goes on.
fn going_on(desk: &Desk<'_>, case: &Case<'_>) -> Option<Span> {
    let now = desk.now();
    let run = case.book.runs(Span { from: now - TimeDelta::days(1), to: now }).pop().filter(|run| run.goes_on)?;
    let whole = Span { from: run.from, to: run.to };
    less(&[whole], &case.book.windows(whole)).pop().filter(|over| over.to == run.to)
}

fn outside(desk: &Desk<'_>, case: &Case<'_>, span: Span) -> Vec<Span> {
    less(&desk.runs(case, span), &case.book.windows(span))
}

/// The latest of the last two weekends that it ran all of, although nothing was planned then.
pub(super) fn all_weekend(desk: &Desk<'_>, case: &Case<'_>) -> Option<Finding> {
    if !case.view.judged {
        return None;
    }
    let weekend = weekends(desk).into_iter().find(|weekend| ran_all(desk, case, *weekend))?;
    // A run that still goes on, and is told of with its begin, is told of once.
    let on =
        [Rule::RunningOutsideWindows, Rule::RunningWithoutStop].iter().any(|rule| desk.is_told(case.book.arn, *rule));
    let now = desk.now();
    let goes_on = |at: DateTime<Utc>| {
        case.book.runs(Span { from: at, to: now }).first().is_some_and(|run| run.goes_on && run.from <= at)
    };
    if on && goes_on(weekend.to) {
        return None;
    }
    let hours = desk.hours(case, weekend);
    let days = desk.date(weekend.from);
    let last = weekends(desk).first() == Some(&weekend);
    Some(Finding {
        sentence: format!(
            "{} ran all weekend, {} and {}, outside of any window: {} {}.",
            case.name(),
            days.format("%-d"),
            (days + Days::new(1)).format("%-d %B"),
            desk.worth(hours.inference),
            desk.at_price()
        ),
        reason: format!("CloudWatch has it in service for {} of that weekend.", hours_words(hours.running)),
        remedy: if case.view.scheduled {
            "See in its runs who began it and why it was not stopped on Friday: a stop that fails is told nowhere else."
                .into()
        } else {
            "Give it a schedule that stops it.".into()
        },
        ..case.finding(Rule::RanAllWeekend, if last { Severity::Warning } else { Severity::Info })
    })
}

/// The last two weekends that are over, the latest first.
fn weekends(desk: &Desk<'_>) -> Vec<Span> {
    let today = desk.date(desk.now());
    let monday = today - Days::new(u64::from(today.weekday().num_days_from_monday()));
    let weekend = |weeks: u64| {
        let to = monday - Days::new(weeks * 7);
        Span { from: midnight(desk.zone, to - Days::new(2)), to: midnight(desk.zone, to) }
    };
    vec![weekend(0), weekend(1)]
}

fn ran_all(desk: &Desk<'_>, case: &Case<'_>, weekend: Span) -> bool {
    let hours = desk.hours(case, weekend);
    if hours.running < ALL_WEEKEND {
        return false;
    }
    if case.view.scheduled {
        // What was planned then may not be known; and what is planned is no overrun.
        return hours.overrun > 0.8 * hours.inference;
    }
    length(&outside(desk, case, weekend)) >= ALL_WEEKEND
}
