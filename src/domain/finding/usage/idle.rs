//! Models that run and have nothing to do.

use chrono::TimeDelta;

use super::desk::Desk;
use super::{Case, Finding, Rule, Severity};
use crate::domain::queue::name_in;
use crate::domain::usage::Span;
use crate::domain::words;

/// So many hours in a row without work are told.
const LEAST: usize = 3;
/// Hours that are older than this say nothing of now.
const FRESH: TimeDelta = TimeDelta::hours(2);

/// It runs, and nothing has been worked off for hours.
pub(super) fn while_running(desk: &Desk<'_>, case: &Case<'_>) -> Option<Finding> {
    // That it gets nothing because its mapping is off has been said.
    if desk.is_told(case.book.arn, Rule::MappingOffModelOn) {
        return None;
    }
    let now = desk.now();
    let until = desk.work.until(now).filter(|until| now - *until <= FRESH)?;
    let run = case.book.runs(Span { from: until - TimeDelta::days(2), to: now }).pop().filter(|run| run.goes_on)?;
    let queues = desk.queues(case.book.arn)?;
    let hours = desk.full_hours(case, Span { from: run.from, to: until }, TimeDelta::zero());
    let idle: Vec<&Span> =
        hours.iter().rev().take_while(|hour| desk.worked(case, &queues, **hour) == Some(false)).collect();
    let first = idle.last().filter(|_| idle.len() >= LEAST && idle.first().is_some_and(|last| last.to == until))?;
    let spent = desk.hours(case, Span { from: first.from, to: now }).inference;
    let stop = case.view.next_stop.as_ref().map(|stop| (stop.at, stop.zone));
    let save = |length: TimeDelta| desk.worth(length.as_seconds_f64() / 3_600.0 * case.book.units);
    let saving = match stop {
        Some((at, zone)) => {
            format!("Stop it now: until its stop {} that saves {}", words::when(at, now, zone), save(at - now))
        }
        None => format!("Stop it now: each day that saves {}", save(TimeDelta::days(1))),
    };
    let names: Vec<&str> = queues.iter().map(|queue| name_in(queue)).collect();
    Some(Finding {
        sentence: format!(
            "{} runs and has had nothing to do since {}: that is {} so far, {}.",
            case.name(),
            words::when(first.from, now, desk.zone),
            desk.worth(spent),
            desk.at_price()
        ),
        reason: if names.is_empty() {
            "In these hours no request for DetectCustomLabels was answered in the whole account.".into()
        } else {
            format!("In these hours no message was worked off {}, and no requests point to it.", names.join(" or "))
        },
        remedy: format!("{saving}. If it is so every day, narrow its windows."),
        ..case.finding(Rule::IdleWhileRunning, Severity::Warning)
    })
}
