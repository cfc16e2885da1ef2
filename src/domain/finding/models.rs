//! Models that run when they should not, and models that failed.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};

use super::{Context, Finding, Rule, Severity, Subject, is_start, is_stop, units};
use crate::domain::model::{Model, ModelArn, Status};
use crate::domain::picture::{Event, EventKind, ModelView};
use crate::domain::plan::week::Exception;
use crate::domain::words;

/// How long a model may take to stop after its window has closed.
const STOPPING: TimeDelta = TimeDelta::minutes(20);

/// How many models may run at once by default (AWS General Reference, Rekognition quotas).
const DEFAULT_QUOTA: usize = 2;

pub(super) fn find(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for (model, view) in context.models() {
        findings.extend(failed(model));
        if model.status.is_on() && context.knows_plan(&model.arn) {
            findings.extend(without_stop(context, model, view).or_else(|| outside_windows(context, model, view)));
        }
    }
    findings.extend(too_many_at_once(context));
}

fn failed(model: &Model) -> Option<Finding> {
    let what = match model.status {
        Status::Failed => "failed at its last start",
        Status::TrainingFailed => "failed in training and can never run",
        _ => return None,
    };
    let message = model.status_message.as_deref().unwrap_or("AWS gives no reason");
    Some(Finding {
        rule: Rule::ModelFailed,
        severity: Severity::Warning,
        subject: Subject::Model(model.arn.clone()),
        sentence: format!("{} {what}: {message}", model.name()),
        reason: format!("Its status is {}.", model.status),
        remedy: match model.status {
            Status::Failed => "Start it again; if it fails again, train a new version or ask AWS support.".into(),
            _ => "Train a new version.".into(),
        },
    })
}

fn since(context: &Context<'_>, at: Option<DateTime<Utc>>) -> String {
    let since = |at| format!(" since {} ({})", context.when(at, context.zone), words::span(context.now - at));
    at.map(since).unwrap_or_default()
}

/// Whether what comes next is a stop for this one time: then somebody knows that it runs.
fn is_arranged(context: &Context<'_>, next: &Event) -> bool {
    let once = context.picture.timing(&next.schedule).is_some_and(|timing| timing.expression.is_once());
    next.kind == EventKind::Stop && once
}

fn without_stop(context: &Context<'_>, model: &Model, view: &ModelView) -> Option<Finding> {
    if view.next_stop.is_some() {
        return None;
    }
    let name = model.name();
    let reason = match (view.scheduled, view.paused) {
        (false, _) => "No schedule and no rule is wired to it.".to_owned(),
        (true, true) => "All of its schedules are paused.".to_owned(),
        (true, false) => "None of its enabled schedules will stop it.".to_owned(),
    };
    Some(Finding {
        rule: Rule::RunningWithoutStop,
        severity: Severity::Danger,
        subject: Subject::Model(model.arn.clone()),
        sentence: format!(
            "{name} has been running{} with {}, and nothing will stop it.",
            since(context, view.running_since),
            units(model)
        ),
        reason,
        remedy: "Stop it unless it is needed, and give it a schedule that stops it: it is paid for by the hour.".into(),
    })
}

fn outside_windows(context: &Context<'_>, model: &Model, view: &ModelView) -> Option<Finding> {
    let starts = context.with_effect(&model.arn, is_start);
    if starts.is_empty() || model.status != Status::Running {
        return None;
    }
    let planned = |window: &crate::domain::week::Window| {
        window.opens <= context.now && window.closes.is_none_or(|closes| context.now < closes + STOPPING)
    };
    // A window that closed just before midnight is not among today's.
    let stops = context.with_effect(&model.arn, is_stop);
    let last_stop = stops.iter().filter_map(|stop| context.picture.timing(&stop.arn)?.last_until(context.now)).max();
    if view.today.iter().any(planned) || last_stop.is_some_and(|at| context.now - at < STOPPING) {
        return None;
    }
    let stop = view.next_stop.as_ref()?;
    let open = view.next.as_ref().filter(|event| event.kind == EventKind::Start);
    let long = stop.at - context.now > TimeDelta::hours(24);
    let arranged = view.next.as_ref().is_some_and(|next| is_arranged(context, next));
    let beyond = view.running_since.map(|since| last_stop.map_or(since, |stop| stop.max(since)));
    let opening = open.map(|start| format!("Its next window opens {}. ", context.when(start.at, start.zone)));
    Some(Finding {
        rule: Rule::RunningOutsideWindows,
        severity: match (arranged, long) {
            (true, _) => Severity::Info,
            (false, true) => Severity::Danger,
            (false, false) => Severity::Warning,
        },
        subject: Subject::Model(model.arn.clone()),
        sentence: format!(
            "{} has been running outside its windows{} with {}; it will be stopped {} (in {}).",
            model.name(),
            since(context, beyond),
            units(model),
            context.when(stop.at, stop.zone),
            context.left(stop.at)
        ),
        reason: format!(
            "{}It is started by {} and stopped by {}.",
            opening.unwrap_or_default(),
            super::names(&starts),
            super::names(&stops)
        ),
        remedy: if arranged {
            "Nothing to do: somebody has arranged that stop for this one time.".into()
        } else {
            "Stop it now unless somebody needs it: it is paid for by the hour.".into()
        },
    })
}

/// Counts what the next 24 hours plan on top of what is on now.
fn too_many_at_once(context: &Context<'_>) -> Option<Finding> {
    let on = context.fleet.models.rows.values().filter(|model| model.status.is_on());
    let mut on: BTreeSet<&ModelArn> = on.map(|model| &model.arn).collect();
    // More than the default already run, so the quota has been raised, we cannot know how far.
    let quota = DEFAULT_QUOTA.max(on.len());
    for event in context.picture.events.iter().filter(|event| event.exception != Some(Exception::Skipped)) {
        let Some(model) = event.model.as_ref().filter(|arn| context.fleet.models.rows.contains_key(*arn)) else {
            continue;
        };
        match event.kind {
            EventKind::Start => on.insert(model),
            EventKind::Stop => on.remove(model),
            EventKind::Enable | EventKind::Disable => continue,
        };
        if on.len() > quota {
            let names: Vec<String> = on.iter().take(6).map(|arn| arn.name()).collect();
            return Some(Finding {
                rule: Rule::TooManyAtOnce,
                severity: Severity::Info,
                subject: Subject::Model(model.clone()),
                sentence: format!(
                    "{} models are to run at once from {} on; by default AWS lets {DEFAULT_QUOTA} run in an account.",
                    on.len(),
                    context.when(event.at, event.zone)
                ),
                reason: format!("Planned then: {}{}.", names.join(", "), if on.len() > 6 { " and more" } else { "" }),
                remedy:
                    "Check the quota of running models in the Service Quotas console; a start beyond it is refused."
                        .into(),
            });
        }
    }
    None
}
