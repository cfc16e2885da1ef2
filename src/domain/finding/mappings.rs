//! Mappings that are on at the wrong time, and messages that will not live to see the next opening.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};

use super::{Context, Finding, Rule, Severity, Subject, is_start, is_stop};
use crate::domain::mapping::{Mapping, MappingState};
use crate::domain::model::{Model, ModelArn, Status};
use crate::domain::queue::Queue;
use crate::domain::schedule::Target;
use crate::domain::usage::Span;
use crate::domain::week::windows;
use crate::domain::wiring::Effect;
use crate::domain::words;

/// How long after a start the mapping may still be on its way.
const ENABLING: TimeDelta = TimeDelta::minutes(10);

/// How far ahead gaps between windows are looked for: two weekends, and what lies between.
const TWO_WEEKS: TimeDelta = TimeDelta::days(14);

/// What Lambda says of a mapping that people, not Lambda, have set (queues say the first, streams the second).
const HEALTHY_REASONS: [&str; 2] = ["USER_INITIATED", "User action"];

pub(super) fn find(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut gaps = Gaps::default();
    for mapping in context.fleet.mappings.rows.values() {
        findings.extend(trouble(mapping));
        findings.extend(contested(context, mapping));
        let wired = context.picture.wiring.model_by_mapping.get(&mapping.uuid);
        let Some(model) = wired.and_then(|arn| context.fleet.models.rows.get(arn)) else { continue };
        findings.extend(on_while_off(context, mapping, model));
        findings.extend(off_while_on(context, mapping, model));
        if let Some(queue) = context.fleet.queue_of(mapping) {
            let urgent = backlog(context, mapping, model, queue);
            findings.extend(urgent.or_else(|| closed_beyond_retention(context, mapping, model, queue, &mut gaps)));
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
    // Mappings are enabled after the model has started, and disabled before it is stopped.
    let just = |at: Option<DateTime<Utc>>| at.is_some_and(|at| context.now - at < ENABLING);
    if just(view.running_since) || just(mapping.modified) || switched_off(context, mapping) {
        return None;
    }
    let queue = context.fleet.queue_of(mapping).filter(|queue| queue.visible > 0);
    let waiting = queue.map(|queue| format!(", and {} wait", words::count(queue.visible, "message")));
    Some(Finding {
        sentence: format!(
            "{} runs while its mapping from {} is disabled: it is paid for and gets nothing{}.",
            model.name(),
            mapping.source_name(),
            waiting.unwrap_or_default()
        ),
        reason: format!("The mapping is {}, the model {}.", mapping.state, model.status),
        remedy: match unnamed(context, mapping, model) {
            true => format!(
                "The schedules of the model do not switch it: have them do so with 'rekotui window {} --take-mappings', and \
                 enable the mapping now.",
                model.name().replace(' ', "/")
            ),
            false => "Enable the mapping, or stop the model.".into(),
        },
        ..finding(Rule::MappingOffModelOn, Severity::Warning, mapping)
    })
}

/// Whether the model is started by schedules whose Input is of our own form and lists mappings, but not this one: our
/// functions switch what is listed and nothing else.
fn unnamed(context: &Context<'_>, mapping: &Mapping, model: &Model) -> bool {
    let starts = context.aims(&model.arn).into_iter().filter(|(aim, _)| aim.effect.is_start());
    let targets = starts.flat_map(|(_, schedule)| &schedule.targets).filter_map(Target::input_json);
    let mut lists = targets.map(|input| {
        let list = input.get("mappings").and_then(|list| list.as_array());
        let named = |list: &Vec<serde_json::Value>| list.iter().any(|uuid| uuid == mapping.uuid.as_str());
        input.get("action").is_some() && list.is_some_and(|list| !named(list))
    });
    let first = lists.next();
    first == Some(true) && lists.all(|unnamed| unnamed)
}

/// Whether its own schedules, which leave the model alone, have switched it off for now.
fn switched_off(context: &Context<'_>, mapping: &Mapping) -> bool {
    let wiring = &context.picture.wiring;
    let Some(model) = wiring.model_by_mapping.get(&mapping.uuid) else { return false };
    let last = |wanted: fn(Effect) -> bool| {
        let aims = context.aims(model).into_iter().filter(|(aim, schedule)| {
            schedule.enabled && wanted(aim.effect) && wiring.mappings_of_aim(aim).contains(&mapping.uuid)
        });
        aims.filter_map(|(aim, _)| context.picture.timing(&aim.schedule)?.last_until(context.now)).max()
    };
    let off = last(|effect| effect == Effect::Disable);
    off.is_some() && off > last(|effect| matches!(effect, Effect::Enable | Effect::Start { .. }))
}

/// Messages age from the time that they were sent, whatever is enabled; the queue deletes them without a word.
fn backlog(context: &Context<'_>, mapping: &Mapping, model: &Model, queue: &Queue) -> Option<Finding> {
    let served = mapping.state.is_on() && model.status == Status::Running;
    if queue.visible == 0 || served || !context.knows_plan(&model.arn) {
        return None;
    }
    let waiting = words::count(queue.visible, "message");
    let retention = TimeDelta::seconds(i64::try_from(queue.retention_seconds).unwrap_or(i64::MAX / 1000));
    let kept = words::span(retention);
    let base = |rule, severity| finding(rule, severity, mapping);
    let Some(opening) = opening(context, mapping, model) else {
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

/// When the messages will next be taken: at the model's next start; while it runs, also when its mapping is next enabled.
fn opening(context: &Context<'_>, mapping: &Mapping, model: &Model) -> Option<DateTime<Utc>> {
    if model.status == Status::Starting {
        return Some(context.now);
    }
    let next = |wanted: fn(Effect) -> bool| {
        let aims = context.aims(&model.arn).into_iter().filter(|(aim, schedule)| {
            let mappings = context.picture.wiring.mappings_of_aim(aim);
            schedule.enabled && wanted(aim.effect) && mappings.contains(&mapping.uuid)
        });
        aims.filter_map(|(_, schedule)| context.picture.next_of_schedule(&schedule.arn, context.now)).min()
    };
    let (start, enable) = (next(is_start), next(|effect| effect == Effect::Enable));
    // Enabling the mapping of a model that is off opens nothing, but it may be started by hand in time.
    if model.status == Status::Running { start.into_iter().chain(enable).min() } else { start.or(enable) }
}

/// A message that comes just after the model has been stopped is not kept until the next start.
fn closed_beyond_retention(
    context: &Context<'_>,
    mapping: &Mapping,
    model: &Model,
    queue: &Queue,
    gaps: &mut Gaps,
) -> Option<Finding> {
    if !context.knows_plan(&model.arn) {
        return None;
    }
    let (closes, opens) = gaps.longest(context, model)?;
    let kept = TimeDelta::seconds(i64::try_from(queue.retention_seconds).unwrap_or(i64::MAX / 1000));
    let closed = opens - closes;
    (closed > kept).then(|| Finding {
        sentence: format!(
            "{} is closed for {} from {} on, but {} keeps a message for {} only: what is sent early in that time is lost.",
            model.name(),
            words::span(closed),
            context.when(closes, context.zone),
            queue.name(),
            words::span(kept)
        ),
        reason: format!("Its schedules open it again {}.", context.when(opens, context.zone)),
        remedy: "Lengthen the queue's retention (14 days at most), or open the model in between.".into(),
        ..finding(Rule::ClosedBeyondRetention, Severity::Info, mapping)
    })
}

/// The longest gap of the coming two weeks between two windows. Models of one fleet share their hours, so each pattern of
/// hours is worked out once.
#[derive(Default)]
struct Gaps(HashMap<Vec<Hours>, Option<Gap>>);

/// When a window closes, and when the next one opens.
type Gap = (DateTime<Utc>, DateTime<Utc>);

/// What decides when a schedule fires: whether it starts, its expression, and its zone and bounds.
type Hours = (bool, String, String);

impl Gaps {
    fn longest(&mut self, context: &Context<'_>, model: &Model) -> Option<Gap> {
        let aims = context.aims(&model.arn);
        let enabled: Vec<_> = aims.into_iter().filter(|(_, schedule)| schedule.enabled).collect();
        let pattern = enabled.iter().filter(|(aim, _)| is_start(aim.effect) || is_stop(aim.effect));
        let pattern = pattern.map(|(aim, schedule)| {
            let bounds = format!("{:?} {:?} {:?} {:?}", schedule.zone, schedule.start, schedule.end, schedule.created);
            (is_start(aim.effect), schedule.expression.clone().unwrap_or_default(), bounds)
        });
        let aims: Vec<_> = enabled.iter().map(|(aim, _)| *aim).collect();
        let work = || {
            let (starts, stops) = context.picture.pair(&aims);
            let windows = windows(&starts, &stops, Span { from: context.now, to: context.now + TWO_WEEKS });
            let gaps = windows.windows(2).filter_map(|pair| Some((pair.first()?.closes?, pair.last()?.opens)));
            // Of equally long ones the first: that is the one to prepare for.
            gaps.reduce(|longest, gap| if gap.1 - gap.0 > longest.1 - longest.0 { gap } else { longest })
        };
        *self.0.entry(pattern.collect()).or_insert_with(work)
    }
}
