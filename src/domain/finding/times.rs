//! Times of day that the change of clocks skips or moves.

use std::collections::BTreeMap;

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;

use super::{Context, Finding, Rule, Severity, Subject, is_start, is_stop};
use crate::domain::cron::{Expression, Gap, gaps};
use crate::domain::model::ModelArn;
use crate::domain::schedule::{Kind, Schedule};
use crate::domain::timing::Timing;
use crate::domain::wiring::{Aim, Effect};

/// How far ahead a skipped fire is worth telling.
const AHEAD_DAYS: u64 = 400;

pub(super) fn find(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut gaps_of_zones: BTreeMap<&'static str, Vec<Gap>> = BTreeMap::new();
    let moved = next_change(context.zone, context.now);
    for (arn, aims) in &context.picture.wiring.aims_by_schedule {
        let (Some(schedule), Some(timing)) = (context.fleet.schedule(arn), context.picture.timings.get(arn)) else {
            continue;
        };
        let Some(aim) = aims.iter().find(|aim| aim.effect != Effect::Unknown).filter(|_| schedule.enabled) else {
            continue;
        };
        let gaps = gaps_of_zones.entry(timing.zone.name()).or_insert_with(|| {
            let today = context.now.with_timezone(&timing.zone).date_naive();
            gaps(timing.zone, today, today + Days::new(AHEAD_DAYS))
        });
        findings.extend(skipped(context, schedule, timing, aim, gaps));
        if schedule.kind == Kind::Rule {
            findings.extend(moved.as_ref().and_then(|change| in_utc(context, schedule, timing, aim, change)));
        }
    }
}

fn skipped(context: &Context<'_>, schedule: &Schedule, timing: &Timing, aim: &Aim, gaps: &[Gap]) -> Option<Finding> {
    // A rhythm loses one beat, which matters to nobody; a time of day loses its day.
    let local = |at: DateTime<Utc>| at.with_timezone(&timing.zone).naive_local();
    let comes = |at: &chrono::NaiveDateTime| {
        *at > local(context.now)
            && timing.start.is_none_or(|start| local(start) <= *at)
            && timing.end.is_none_or(|end| *at <= local(end))
    };
    let at = gaps.iter().filter_map(|gap| timing.expression.skipped_in(gap)).find(comes)?;
    let model = aim.model.as_ref().map_or_else(|| "its model".into(), ModelArn::name);
    let severity = if is_stop(aim.effect) { Severity::Warning } else { Severity::Info };
    let what = match aim.effect {
        Effect::Stop => format!("{model} then runs on until its next stop"),
        Effect::Start { .. } => format!("{model} is then not started"),
        _ => format!("the mapping of {model} then stays as it is"),
    };
    Some(Finding {
        rule: Rule::SkippedByClocks,
        severity,
        subject: Subject::Schedule(schedule.arn.clone()),
        sentence: format!(
            "{} will not fire on {}: the clocks skip {} that day, and {what}.",
            schedule.path(),
            at.format("%a %-d %b %Y"),
            at.format("%H:%M")
        ),
        reason: format!(
            "{} in {}; AWS does not make up for a time that does not exist.",
            timing.expression, timing.zone
        ),
        remedy: "Choose a time outside the hour that is skipped.".into(),
    })
}

/// The next change of clocks in a zone: the first date on which the new offset holds at noon, and both offsets.
struct Change {
    date: NaiveDate,
    zone: Tz,
}

fn offset(zone: Tz, at: DateTime<Utc>) -> TimeDelta {
    at.with_timezone(&zone).naive_local() - at.naive_utc()
}

fn next_change(zone: Tz, now: DateTime<Utc>) -> Option<Change> {
    let old = offset(zone, now);
    let day =
        (1..=i64::try_from(AHEAD_DAYS).unwrap_or(0)).find(|day| offset(zone, now + TimeDelta::days(*day)) != old)?;
    Some(Change { date: (now + TimeDelta::days(day)).with_timezone(&zone).date_naive(), zone })
}

fn in_utc(context: &Context<'_>, schedule: &Schedule, timing: &Timing, aim: &Aim, change: &Change) -> Option<Finding> {
    let Expression::Cron(_) = timing.expression else { return None };
    if !is_start(aim.effect) && !is_stop(aim.effect) {
        return None;
    }
    let before = timing.next_after(context.now)?;
    let after = timing.next_after(crate::domain::week::midnight(change.zone, change.date))?;
    let local = |at: DateTime<Utc>| at.with_timezone(&change.zone).format("%H:%M").to_string();
    // Fires at several times of the day are compared by their offset, not by their time.
    let moved = before + (offset(change.zone, after) - offset(change.zone, before));
    let (now_at, then_at) = (local(before), local(moved));
    if now_at == then_at {
        return None;
    }
    Some(Finding {
        rule: Rule::RuleInUtc,
        severity: Severity::Info,
        subject: Subject::Schedule(schedule.arn.clone()),
        sentence: format!(
            "{} keeps UTC: what is {now_at} in {} now will be {then_at} from {} on.",
            schedule.path(),
            change.zone,
            change.date.format("%a %-d %b %Y")
        ),
        reason: "Rules of EventBridge have no time zone; they do not follow the change of clocks.".into(),
        remedy: "Move it to a schedule of EventBridge Scheduler, which has one.".into(),
    })
}
