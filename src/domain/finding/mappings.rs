//! Mappings that are on at the wrong time, and messages that will not live to see the next opening.

use chrono::{DateTime, TimeDelta, Utc};

use super::{Context, Finding, Rule, Severity, Subject};
use crate::domain::mapping::{Mapping, MappingState};
use crate::domain::model::{Model, ModelArn, Status};
use crate::domain::queue::Queue;
use crate::domain::words;

/// How long after a start the mapping may still be on its way.
const ENABLING: TimeDelta = TimeDelta::minutes(10);

/// What Lambda says of a mapping that people, not Lambda, have set (queues say the first, streams the second).
const HEALTHY_REASONS: [&str; 2] = ["USER_INITIATED", "User action"];

pub(super) fn find(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for mapping in context.fleet.mappings.rows.values() {
        findings.extend(trouble(mapping));
        findings.extend(contested(context, mapping));
        let wired = context.picture.wiring.model_by_mapping.get(&mapping.uuid);
        let Some(model) = wired.and_then(|arn| context.fleet.models.rows.get(arn)) else { continue };
        findings.extend(on_while_off(context, mapping, model));
        findings.extend(off_while_on(context, mapping, model));
        if let Some(queue) = context.fleet.queue_of(mapping) {
            findings.extend(backlog(context, mapping, model, queue));
        }
    }
}

fn finding(rule: Rule, severity: Severity, mapping: &Mapping) -> Finding {
    Finding {
        rule,
        severity,
        subject: Subject::Mapping(mapping.uuid.clone()),
        sentence: String::new(),
        reason: String::new(),
        remedy: String::new(),
    }
}

/// How people call a mapping: by what it joins.
fn name(mapping: &Mapping) -> String {
    format!("the mapping from {} to {}", mapping.source_name(), mapping.function_name())
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

fn trouble(mapping: &Mapping) -> Option<Finding> {
    let reason = mapping.reason.as_deref().filter(|reason| !reason.is_empty() && !HEALTHY_REASONS.contains(reason))?;
    Some(Finding {
        sentence: format!("{} is {}, and that was Lambda's doing: {reason}", capital(&name(mapping)), mapping.state),
        reason: format!("Its state transition reason is not {}.", HEALTHY_REASONS.join(" or ")),
        remedy: "Look at the function's role and at the queue's policy; then enable the mapping again.".into(),
        ..finding(Rule::MappingTrouble, Severity::Warning, mapping)
    })
}

fn contested(context: &Context<'_>, mapping: &Mapping) -> Option<Finding> {
    let models = context.picture.wiring.contested.get(&mapping.uuid)?;
    let names: Vec<String> = models.iter().map(ModelArn::name).collect();
    Some(Finding {
        sentence: format!(
            "{} may serve {}; it is left out of every plan.",
            capital(&name(mapping)),
            names.join(" or ")
        ),
        reason: "Each has evidence of the same weight.".into(),
        remedy: "Name the right one in the configuration file, under [[wires]].".into(),
        ..finding(Rule::MappingContested, Severity::Warning, mapping)
    })
}

fn on_while_off(context: &Context<'_>, mapping: &Mapping, model: &Model) -> Option<Finding> {
    if !mapping.state.is_on() || matches!(model.status, Status::Running | Status::Other(_)) {
        return None;
    }
    let waiting = context.fleet.queue_of(mapping).map(Queue::backlog).filter(|backlog| *backlog > 0);
    let waiting = waiting.map(|backlog| format!(" {} are being tried in vain.", words::count(backlog, "message")));
    Some(Finding {
        sentence: format!(
            "{} is enabled while {} is {}: every message fails, and may end in the dead-letter queue.{}",
            capital(&name(mapping)),
            model.name(),
            model.status.word(),
            waiting.unwrap_or_default()
        ),
        reason: format!("The mapping is {}, the model {}.", mapping.state, model.status),
        remedy: "Disable the mapping until the model runs; the messages then wait in the queue.".into(),
        ..finding(Rule::MappingOnModelOff, Severity::Warning, mapping)
    })
}

fn off_while_on(context: &Context<'_>, mapping: &Mapping, model: &Model) -> Option<Finding> {
    if mapping.state != MappingState::Disabled || model.status != Status::Running {
        return None;
    }
    let view = context.picture.models.get(&model.arn)?;
    if view.running_since.is_some_and(|since| context.now - since < ENABLING) {
        return None;
    }
    let waiting =
        context.fleet.queue_of(mapping).map(|queue| format!(", and {} wait", words::count(queue.visible, "message")));
    Some(Finding {
        sentence: format!(
            "{} runs while its mapping from {} is disabled: it is paid for and gets nothing{}.",
            model.name(),
            mapping.source_name(),
            waiting.unwrap_or_default()
        ),
        reason: format!("The mapping is {}, the model {}.", mapping.state, model.status),
        remedy: "Enable the mapping, or stop the model.".into(),
        ..finding(Rule::MappingOffModelOn, Severity::Warning, mapping)
    })
}

/// Messages age from the time that they were sent, whatever is enabled; the queue deletes them without a word.
fn backlog(context: &Context<'_>, mapping: &Mapping, model: &Model, queue: &Queue) -> Option<Finding> {
    let served = mapping.state.is_on() && model.status == Status::Running;
    if queue.visible == 0 || served || !context.knows_schedules() {
        return None;
    }
    let waiting = words::count(queue.visible, "message");
    let retention = TimeDelta::seconds(i64::try_from(queue.retention_seconds).unwrap_or(i64::MAX / 1000));
    let kept = words::span(retention);
    let base = |rule, severity| finding(rule, severity, mapping);
    let Some(opening) = opening(context, model) else {
        return Some(Finding {
            sentence: format!(
                "{waiting} wait in {} for {}, and nothing will open it; the queue keeps each for {kept}.",
                queue.name(),
                model.name()
            ),
            reason: "No enabled schedule starts the model or enables the mapping.".into(),
            remedy: "Start the model, give it a schedule, or lengthen the queue's retention.".into(),
            ..base(Rule::BacklogWithoutOpening, Severity::Warning)
        });
    };
    let oldest = TimeDelta::seconds(i64::try_from(queue.oldest_seconds.unwrap_or(0)).unwrap_or(0));
    let lost_at = context.now + retention - oldest;
    if opening <= lost_at {
        return None;
    }
    let age = match queue.oldest_seconds {
        Some(_) => format!("The oldest is {} old", words::span(oldest)),
        None => "Even one sent just now".to_owned(),
    };
    Some(Finding {
        sentence: format!(
            "{waiting} wait in {} for {}, and the oldest will be deleted {} ({}) before the next opening {} ({}).",
            queue.name(),
            model.name(),
            context.when(lost_at, context.zone),
            format_args!("in {}", context.left(lost_at)),
            context.when(opening, context.zone),
            format_args!("in {}", context.left(opening)),
        ),
        reason: format!("{age}; the queue keeps each message for {kept} from the time that it was sent."),
        remedy: "Start the model now for as long as it takes, or lengthen the queue's retention (14 days at most)."
            .into(),
        ..base(Rule::BacklogOutlivesRetention, Severity::Danger)
    })
}

/// When the messages will next be taken: the model's next start, or the next enabling of its mapping.
fn opening(context: &Context<'_>, model: &Model) -> Option<DateTime<Utc>> {
    let aims = context.aims(&model.arn).into_iter().filter(|(aim, schedule)| {
        use crate::domain::wiring::Effect;
        schedule.enabled && matches!(aim.effect, Effect::Start { .. } | Effect::Enable)
    });
    // A model that is on already waits for its mapping alone; otherwise the start is what counts.
    let fires = aims.filter_map(|(_, schedule)| context.picture.next_of_schedule(&schedule.arn, context.now));
    match model.status {
        Status::Starting => Some(context.now),
        _ => fires.min(),
    }
}
