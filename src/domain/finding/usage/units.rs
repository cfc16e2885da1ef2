//! Inference units that do not fit the work: what AWS's own scheduler sample asks operators to watch the queue's depth for.

use std::collections::BTreeSet;

use chrono::{NaiveDate, TimeDelta};

use super::desk::{Desk, hours_words};
use super::{Case, Finding, Rule, Severity};
use crate::domain::usage::Span;
use crate::domain::words;

/// On so many days in two weeks it must be known how the queue fared.
const DAYS: usize = 10;
/// After a start there is a backlog to work off, whatever the units.
const SETTLED: TimeDelta = TimeDelta::hours(1);
/// A queue that holds no more than this, or than two minutes of its work, holds nothing.
const NOTHING: u64 = 10;
/// On so many days the queue must have grown for hours before it is told.
const SHORT_DAYS: usize = 2;
/// From this share on of requests beyond what the units can do, units are short.
const THROTTLED: f64 = 0.05;

/// An hour in which it ran from begin to end.
struct Hour {
    span: Span,
    done: u64,
    waited: u64,
}

/// The hours of the last two weeks, settled and known. `None` where one of them is not known.
fn hours(desk: &Desk<'_>, case: &Case<'_>) -> Option<Vec<Hour>> {
    let queues = desk.queues(case.book.arn).filter(|queues| !queues.is_empty())?;
    let fortnight = desk.fortnight(desk.zone);
    let all = desk.is_asked(fortnight).then(|| desk.full_hours(case, fortnight, SETTLED))?;
    let hour = |span: Span| Some(Hour { span, done: desk.done(&queues, span)?, waited: desk.waited(&queues, span)? });
    all.into_iter().map(hour).collect()
}

/// Its hours in service in the last two weeks, by the week.
fn weekly(desk: &Desk<'_>, case: &Case<'_>) -> f64 {
    desk.hours(case, desk.fortnight(desk.zone)).running / 2.0
}

/// Several units, and next to nothing ever waits.
pub(super) fn above_need(desk: &Desk<'_>, case: &Case<'_>) -> Option<Finding> {
    if case.book.units < 2.0 {
        return None;
    }
    let hours = hours(desk, case)?;
    let days: BTreeSet<NaiveDate> = hours.iter().map(|hour| desk.date(hour.span.from)).collect();
    let calm = |hour: &Hour| hour.waited <= NOTHING.max(hour.done / 30);
    let throttled = |hour: &Hour| desk.work.throttled.at(hour.span.from).is_some_and(|count| count > 0);
    let worked: u64 = hours.iter().map(|hour| hour.done).sum();
    if days.len() < DAYS || worked == 0 || !hours.iter().all(calm) || hours.iter().any(throttled) {
        return None;
    }
    // It may have run with other units than it is configured for now.
    let used = desk.hours(case, desk.fortnight(desk.zone));
    if used.inference < (case.book.units - 0.5) * used.running {
        return None;
    }
    let (units, most) = (case.book.units, hours.iter().map(|hour| hour.waited).max()?);
    Some(Finding {
        sentence: format!(
            "{} runs with {units:.0} inference units, and once its start was over {}; one unit less may do and would save {} \
             a week, {}.",
            case.name(),
            match most {
                0 => "nothing ever waited".to_owned(),
                _ => format!("never more than {} waited at a time", words::count(most, "message")),
            },
            desk.worth(weekly(desk, case)),
            desk.at_price()
        ),
        reason: format!(
            "So it was in each of {} hours on {} days, in which {} were worked off and nothing was throttled.",
            hours.len(),
            days.len(),
            words::count(worked, "message")
        ),
        remedy: format!(
            "Start it with {} for some days and watch the queue: if it grows for hours, go back.",
            words::count((units - 1.0) as u64, "unit")
        ),
        ..case.finding(Rule::UnitsAboveNeed, Severity::Info)
    })
}

/// The queue grows for hours while it runs, or requests are throttled.
pub(super) fn below_need(desk: &Desk<'_>, case: &Case<'_>) -> Option<Finding> {
    let fortnight = desk.fortnight(desk.zone);
    let queues = desk.queues(case.book.arn).filter(|queues| !queues.is_empty())?;
    let until = desk.work.until(desk.now())?;
    // Here unknown hours do no harm: what is known to have been short was short.
    let spans = desk.full_hours(case, Span { from: fortnight.from, to: until }, SETTLED);
    let hour = |span: Span| Some(Hour { span, done: desk.done(&queues, span)?, waited: desk.waited(&queues, span)? });
    let hours: Vec<Hour> = spans.iter().filter_map(|span| hour(*span)).collect();
    let grown: Vec<&Hour> = hours.windows(3).filter_map(|three| grows(three).then(|| three.last())?).collect();
    let throttled: Vec<Span> = spans.iter().copied().filter(|hour| is_throttled(desk, case, *hour)).collect();
    let at = grown.iter().map(|hour| hour.span).chain(throttled.iter().copied());
    let days: BTreeSet<NaiveDate> = at.map(|hour| desk.date(hour.from)).collect();
    if days.len() < SHORT_DAYS {
        return None;
    }
    let most = grown.iter().max_by_key(|hour| hour.waited);
    let waits = most.map(|hour| {
        let ahead = hour.waited as f64 / hour.done.max(1) as f64;
        format!("its queue has grown for hours while it ran, to {} ({} of work)", messages(hour), hours_words(ahead))
    });
    let what = match (waits, throttled.is_empty()) {
        (Some(waits), true) => waits,
        (Some(waits), false) => format!("{waits}, and requests were throttled"),
        (None, _) => "requests were throttled".into(),
    };
    // Functions may be the bottleneck: only throttling proves that it is the model.
    let proven = !throttled.is_empty();
    let reason = if proven {
        format!(
            "In {} no other model ran, and at least one request in 20 was beyond what the units can do.",
            in_hours(throttled.len())
        )
    } else {
        "Nothing shows that requests were throttled, so the functions in between may be what is slow.".into()
    };
    Some(Finding {
        sentence: format!(
            "{} does not keep up with {}: on {} of the last two weeks {what}. One unit more costs {} a week, {}.",
            case.name(),
            words::count(case.book.units as u64, "inference unit"),
            words::count(days.len() as u64, "day"),
            desk.worth(weekly(desk, case)),
            desk.at_price()
        ),
        reason,
        remedy: if proven {
            "Start it with one inference unit more, or let it scale with a maximum of units.".into()
        } else {
            "First let the mapping have more functions at once (its maximum concurrency); if the queue still grows, start \
             it with one inference unit more."
                .into()
        },
        ..case.finding(Rule::UnitsBelowNeed, Severity::Warning)
    })
}

fn messages(hour: &Hour) -> String {
    words::count(hour.waited, "message")
}

fn in_hours(count: usize) -> String {
    words::count(count as u64, "hour")
}

/// Three hours on end in which it worked and yet ever more waited, at last as much as an hour's work. Where nothing is worked
/// off at all, it is not for want of units.
fn grows(hours: &[Hour]) -> bool {
    let adjacent = hours.windows(2).all(|pair| pair.iter().map(|hour| hour.span.from).is_sorted() && joins(pair));
    let more = hours.windows(2).all(|pair| pair.first().map(|one| one.waited) < pair.last().map(|two| two.waited));
    adjacent
        && more
        && hours.iter().all(|hour| hour.done > 0)
        && hours.last().is_some_and(|last| last.waited >= last.done.max(NOTHING))
}

fn joins(pair: &[Hour]) -> bool {
    pair.first().map(|one| one.span.to) == pair.last().map(|two| two.span.from)
}

/// CloudWatch counts throttled requests for the whole account, so only an hour in which nobody else ran tells.
fn is_throttled(desk: &Desk<'_>, case: &Case<'_>, hour: Span) -> bool {
    let Some(throttled) = desk.work.throttled.at(hour.from).filter(|count| *count > 0) else { return false };
    let answered = desk.work.answered.at(hour.from).unwrap_or_default();
    throttled as f64 >= THROTTLED * (throttled + answered) as f64 && desk.is_alone(case, hour)
}
