//! The plan of a stop: first nothing more comes, then nothing is in flight, then the model stops.

use std::collections::BTreeSet;

use super::start::Coming;
use super::{Grade, Ground, Intent, Note, Plan, Seen, Step, Unplannable};
use crate::domain::model::{ModelArn, Status};
use crate::domain::words;

/// The plan of a stop.
///
/// # Errors
/// When there is nothing to stop.
pub fn stop(ground: Ground<'_>, model: &ModelArn) -> Result<Plan, Unplannable> {
    let row = ground.fleet.models.rows.get(model);
    let row =
        row.ok_or_else(|| Unplannable::new(format!("{} is not among the models that were read.", model.name())))?;
    let mappings: Vec<String> = ground.picture.wiring.mappings_of(model).iter().map(|wire| wire.uuid.clone()).collect();
    let feeding = mappings.iter().filter_map(|uuid| ground.fleet.mappings.rows.get(uuid));
    let feeding = feeding.filter(|mapping| mapping.state.is_on()).count();
    if !row.status.is_on() && row.status != Status::Stopping && feeding == 0 {
        return Err(Unplannable::already(format!(
            "{} is {}, and no mapping feeds it: there is nothing to stop.",
            row.name(),
            row.status
        )));
    }
    let coming = Coming::of(ground, model);
    let in_window = row.status.is_on()
        && ground
            .picture
            .models
            .get(model)
            .is_some_and(|view| view.today.iter().any(|window| window.holds(ground.now)));
    let mut plan = Plan {
        intent: Intent::Stop { model: model.clone() },
        subject: row.name(),
        project_arn: Some(row.project_arn.clone()),
        seen: vec![Seen::Model { model: model.clone(), status: row.status.clone() }],
        steps: Vec::new(),
        notes: notes(ground, model, in_window, &coming),
        grade: if in_window || ground.production { Grade::Danger } else { Grade::Change },
    };
    plan.seen.extend(seen_mappings(ground, &mappings));
    for step in steps(ground, model, &mappings) {
        plan.push(step);
    }
    for (_, pending) in &coming.automatic {
        plan.push(Step::Remove { stop: Box::new((*pending).clone()), unless_on: None });
    }
    Ok(plan)
}

/// The steps that stop a model, without what comes after.
pub(super) fn steps(ground: Ground<'_>, model: &ModelArn, mappings: &[String]) -> Vec<Step> {
    let rows = mappings.iter().filter_map(|uuid| ground.fleet.mappings.rows.get(uuid));
    let queues: BTreeSet<&str> = rows.filter_map(|mapping| mapping.queue_arn()).collect();
    let mut steps: Vec<Step> = mappings.iter().map(|mapping| Step::Disable { mapping: mapping.clone() }).collect();
    steps.extend(mappings.iter().map(|mapping| Step::AwaitDisabled { mapping: mapping.clone() }));
    steps.extend(queues.into_iter().map(|queue| Step::Drain { queue: queue.to_owned() }));
    steps.push(Step::Stop { model: model.clone() });
    steps.push(Step::AwaitStopped { model: model.clone() });
    steps
}

pub(super) fn seen_mappings(ground: Ground<'_>, mappings: &[String]) -> Vec<Seen> {
    let rows = mappings.iter().filter_map(|uuid| ground.fleet.mappings.rows.get(uuid));
    rows.map(|mapping| Seen::Mapping { uuid: mapping.uuid.clone(), state: mapping.state.clone() }).collect()
}

fn notes(ground: Ground<'_>, model: &ModelArn, in_window: bool, coming: &Coming<'_>) -> Vec<Note> {
    let say = |at| words::when(at, ground.now, ground.zone);
    let mut notes = Vec::new();
    let row = ground.fleet.models.rows.get(model);
    let wires = ground.picture.wiring.mappings_of(model).iter();
    let arns: BTreeSet<&str> =
        wires.filter_map(|wire| ground.fleet.mappings.rows.get(&wire.uuid)?.queue_arn()).collect();
    let queues: Vec<_> = arns.into_iter().filter_map(|arn| ground.fleet.queues.rows.get(arn)).collect();
    let in_flight: u64 = queues.iter().map(|queue| queue.in_flight).sum();
    let waiting: u64 = queues.iter().map(|queue| queue.visible + queue.delayed).sum();
    if in_window {
        let until = coming.stop.map(|(at, _)| format!(", which lasts until {}", say(at))).unwrap_or_default();
        notes.push(Note::danger(format!("It is inside its window{until}: whoever relies on it will wait.")));
    }
    if in_flight > 0 {
        notes.push(Note::warning(format!("{} in flight: they are waited for.", words::count(in_flight, "message"))));
    }
    if waiting > 0 {
        let until = coming.start.map_or_else(
            || "until it is started again, and no start is scheduled".to_owned(),
            |(at, _)| format!("until the start of {}", say(at)),
        );
        notes.push(Note::warning(format!(
            "{} in the queue, and what arrives meanwhile, will wait {until}.",
            words::count(waiting, "message")
        )));
    }
    for queue in &queues {
        let retention = chrono::TimeDelta::seconds(i64::try_from(queue.retention_seconds).unwrap_or(i64::MAX / 1_000));
        let oldest = chrono::TimeDelta::seconds(i64::try_from(queue.oldest_seconds.unwrap_or(0)).unwrap_or(0));
        if let Some((start, _)) = coming.start
            && waiting > 0
            && start - ground.now + oldest > retention
        {
            notes.push(Note::danger(format!(
                "{} keeps messages for {} only: some will be lost before then.",
                queue.name(),
                words::span(retention)
            )));
        }
    }
    match coming.start {
        Some((at, by)) => {
            notes.push(Note::info(format!("The start of {} ({}) will start it again.", say(at), by.path())))
        }
        None => notes.push(Note::info("No start is scheduled: it stays stopped until somebody starts it.")),
    }
    if row.is_some_and(|row| row.status == Status::Starting) {
        notes.push(Note::info("It is still starting: AWS stops it only once it is RUNNING, which is waited for."));
    }
    for (at, pending) in &coming.automatic {
        let when = at.map(|at| format!(" of {}", say(at))).unwrap_or_default();
        notes.push(Note::info(format!(
            "The automatic stop{when} ({}) becomes pointless and is removed.",
            pending.path()
        )));
    }
    notes.sort_by_key(|note| std::cmp::Reverse(note.tone));
    notes
}
