//! Schedules that lack their other half, are paused, or aim at nothing.

use std::collections::BTreeSet;

use super::sight::function_exists;
use super::{Context, Finding, Rule, Severity, Subject, is_start, is_stop, names};
use crate::domain::fleet::{Fleet, PartName};
use crate::domain::model::ModelArn;
use crate::domain::schedule::{Schedule, Target};
use crate::domain::wiring::Aim;
use crate::domain::words;

pub(super) fn find(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let wiring = &context.picture.wiring;
    let aims = &wiring.aims_by_schedule;
    // Schedules that have nothing to do with models are somebody else's business, whatever is wrong with them.
    let ours = aims.keys().chain(wiring.guesses_by_schedule.keys());
    findings.extend(ours.filter_map(|arn| context.fleet.schedule(arn)).filter_map(not_understood));
    for aims in aims.values() {
        findings.extend(aims.iter().find_map(|aim| missing(context, aim)));
    }
    for guess in wiring.guesses_by_schedule.values() {
        findings.extend(missing(context, guess));
    }
    let models: BTreeSet<&ModelArn> = aims.values().flatten().filter_map(|aim| aim.model.as_ref()).collect();
    for model in models.into_iter().filter(|model| context.fleet.models.rows.contains_key(*model)) {
        if context.knows_plan(model) {
            findings.extend(halves(context, model));
        }
    }
    findings.extend(unclear(context));
}

/// Says what is not said, and why: silence would look like health.
fn unclear(context: &Context<'_>) -> Option<Finding> {
    let base = |subject, sentence: String, reason: String| Finding {
        rule: Rule::PlansUnclear,
        severity: Severity::Info,
        subject,
        sentence,
        reason,
        remedy: "See what could not be read, and why: it is told with what to do about it.".into(),
    };
    let silent = "so nothing is said about models that run outside their windows or lack a stop";
    if !context.sight.of_parts() {
        let (schedules, rules) = (&context.fleet.schedules, &context.fleet.rules);
        let (part, what) = match (schedules.is_dark(), rules.is_dark()) {
            (true, _) => (PartName::Schedules, "The schedules"),
            (false, true) => (PartName::Rules, "The rules of EventBridge"),
            // They are being read for the first time.
            (false, false) => return None,
        };
        let sentence = format!("{what} could not be read, {silent}.");
        return Some(base(Subject::Part(part), sentence, "What is not known is not the same as what is off.".into()));
    }
    let first = context.sight.unclear.first()?;
    let count = words::count(context.sight.unclear.len() as u64, "schedule");
    let sentence = format!("{count} could not be read and may start or stop any model, {silent}.");
    let path = context.fleet.schedule(first).map_or_else(|| first.clone(), Schedule::path);
    Some(base(Subject::Part(PartName::Schedules), sentence, format!("The first of them is {path}.")))
}

fn not_understood(schedule: &Schedule) -> Option<Finding> {
    let subject = Subject::Schedule(schedule.arn.clone());
    if let Some(Err(error)) = schedule.parsed() {
        let expression = schedule.expression.as_deref().unwrap_or_default();
        return Some(Finding {
            rule: Rule::ExpressionInvalid,
            severity: Severity::Warning,
            subject,
            sentence: format!(
                "{} has an expression that is not understood, so its times are not known.",
                schedule.path()
            ),
            reason: format!("{expression}: {error}"),
            remedy: "Correct the expression; 'rekotui cron' explains and checks one.".into(),
        });
    }
    (!schedule.zone_is_known()).then(|| Finding {
        rule: Rule::ZoneUnknown,
        severity: Severity::Warning,
        subject,
        sentence: format!(
            "{} is in a time zone that rekotui does not know, so its times are not known.",
            schedule.path()
        ),
        reason: format!("'{}' is not in the zone table.", schedule.zone.as_deref().unwrap_or_default()),
        remedy: "Give the schedule an IANA zone such as Europe/Berlin, or use a newer rekotui.".into(),
    })
}

fn missing(context: &Context<'_>, aim: &Aim) -> Option<Finding> {
    let fleet = context.fleet;
    let schedule = fleet.schedule(&aim.schedule)?;
    // A guess says too little about what a schedule aims at; only its function is certain.
    let proven = aim.evidence.is_proof();
    let model = aim.model.as_ref().filter(|arn| proven && is_gone(fleet, arn));
    let mapping = aim.mappings.iter().find(|uuid| {
        proven && fleet.mappings.is_whole() && !fleet.mappings.reading && !fleet.mappings.rows.contains_key(*uuid)
    });
    let functions = schedule.targets.iter().filter_map(Target::function);
    let function = functions.into_iter().find(|arn| function_exists(fleet, arn) == Some(false));
    let what = model
        .map(|arn| format!("the model {}", arn.name()))
        .or_else(|| function.map(|arn| format!("the function {}", crate::domain::function::name_in(&arn))))
        .or_else(|| mapping.map(|uuid| format!("the mapping {uuid}")))?;
    let fires = if schedule.enabled { "" } else { " once it is enabled" };
    Some(Finding {
        rule: Rule::TargetMissing,
        severity: if schedule.enabled { Severity::Warning } else { Severity::Info },
        subject: Subject::Schedule(schedule.arn.clone()),
        sentence: format!("{} aims at {what}, which does not exist: each of its fires fails{fires}.", schedule.path()),
        reason: format!("It is to {} it, by {}.", aim.effect.word(), aim.evidence.words()),
        remedy: match &aim.model {
            Some(arn) if model.is_none() && what.starts_with("the mapping") => format!(
                "Have its schedules switch what is there: rekotui window '{}/{}' --take-mappings",
                arn.project(),
                arn.version()
            ),
            _ => "Point it at what replaced it, or delete it.".into(),
        },
    })
}

/// Whether a model would have been read if it existed. One of another account or region is none of ours.
fn is_gone(fleet: &Fleet, arn: &ModelArn) -> bool {
    let read = fleet.models.is_whole() && fleet.projects.is_whole() && !fleet.models.reading && !fleet.projects.reading;
    let mut place = arn.as_str().split(':').skip(3);
    let (its_region, its_account) = (place.next(), place.next());
    let region = fleet.region.is_none() || fleet.region.as_deref() == its_region;
    let account = fleet.identity.as_ref().is_none_or(|identity| Some(identity.account.as_str()) == its_account);
    read && region && account && !fleet.models.rows.contains_key(arn)
}

fn is_once(context: &Context<'_>, schedule: &Schedule) -> bool {
    context.picture.timing(&schedule.arn).is_some_and(|timing| timing.expression.is_once())
}

/// What a model's schedules lack: a stop for each start, and the other way round.
fn halves(context: &Context<'_>, model: &ModelArn) -> Option<Finding> {
    let (starts, stops) = (context.with_effect(model, is_start), context.with_effect(model, is_stop));
    let on = |schedules: &[&Schedule]| schedules.iter().any(|schedule| schedule.enabled);
    let base = |rule, severity, sentence: String, reason: String, remedy: &str| Finding {
        rule,
        severity,
        subject: Subject::Model(model.clone()),
        sentence,
        reason,
        remedy: remedy.to_owned(),
    };
    let name = model.name();
    match (starts.is_empty(), stops.is_empty(), on(&starts), on(&stops)) {
        (true, true, ..) => None,
        (false, true, true, _) => Some(base(
            Rule::StartsNeverStops,
            Severity::Danger,
            format!("{name} is started by schedule and never stopped."),
            format!("{} starts it; no schedule and no rule stops it.", names(&starts)),
            "Give it a schedule that stops it.",
        )),
        // A stop for one time is what a start by hand should have.
        (true, false, _, true) if stops.iter().all(|stop| is_once(context, stop)) => None,
        (true, false, _, true) => Some(base(
            Rule::StopWithoutStart,
            Severity::Info,
            format!("{name} is stopped by schedule and started by hand only."),
            format!("{} stops it; no schedule and no rule starts it.", names(&stops)),
            "Nothing to do if that is what is wanted.",
        )),
        (false, false, true, false) => Some(base(
            Rule::StopPausedStartNot,
            Severity::Danger,
            format!("{name} will be started by schedule, but its stop is paused."),
            format!("{} is enabled, {} is disabled.", names(&starts), names(&stops)),
            "Resume the stop, or pause the start as well.",
        )),
        (false, false, false, true) => Some(base(
            Rule::StartPaused,
            Severity::Info,
            format!("{name} will not be started by schedule: its start is paused."),
            format!("{} is disabled, {} is enabled.", names(&starts), names(&stops)),
            "Resume the start when the model is needed again.",
        )),
        (_, _, false, false) => {
            let all: Vec<&Schedule> = starts.iter().chain(&stops).copied().collect();
            Some(base(
                Rule::SchedulesPaused,
                Severity::Info,
                format!("{name} is paused: nothing starts or stops it by itself."),
                format!(
                    "{} disabled.",
                    if all.len() == 1 { format!("{} is", names(&all)) } else { format!("{} are", names(&all)) }
                ),
                "Resume its schedules when the model is needed again.",
            ))
        }
        _ => None,
    }
}
