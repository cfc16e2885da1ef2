//! Schedules that lack their other half, are paused, or aim at nothing.

use std::collections::BTreeSet;

use super::{Context, Finding, Rule, Severity, Subject, is_start, is_stop, names};
use crate::domain::model::ModelArn;
use crate::domain::schedule::Schedule;
use crate::domain::trouble::TroubleKind;
use crate::domain::wiring::Aim;

pub(super) fn find(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for schedule in context.fleet.all_schedules() {
        findings.extend(not_understood(schedule));
    }
    let aims = &context.picture.wiring.aims_by_schedule;
    for aim in aims.values().flatten() {
        findings.extend(missing(context, aim));
    }
    if context.knows_schedules() {
        let models: BTreeSet<&ModelArn> = aims.values().flatten().filter_map(|aim| aim.model.as_ref()).collect();
        for model in models.into_iter().filter(|model| context.fleet.models.rows.contains_key(*model)) {
            findings.extend(halves(context, model));
        }
    }
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
    let model = aim.model.as_ref().filter(|arn| fleet.models.is_whole() && !fleet.models.rows.contains_key(*arn));
    let mapping =
        aim.mappings.iter().find(|uuid| fleet.mappings.is_whole() && !fleet.mappings.rows.contains_key(*uuid));
    let gone = |trouble: &&crate::domain::trouble::Trouble| trouble.kind == TroubleKind::NotFound;
    let functions: Vec<&str> =
        fleet.functions.troubles.iter().filter(gone).filter_map(|trouble| trouble.subject.as_deref()).collect();
    let function = schedule.targets.iter().filter_map(|target| target.function()).find(|arn| {
        let unqualified = crate::domain::function::unqualified(arn);
        functions
            .iter()
            .any(|gone| *gone == arn.as_str() || *gone == unqualified || unqualified.ends_with(&format!(":{gone}")))
    });
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
        remedy: "Point it at what replaced it, or delete it.".into(),
    })
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
