//! The plans of pausing, resuming and putting back a schedule or rule.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::change::sendable;
use super::{Change, Grade, Ground, Intent, Note, Plan, Seen, Step, Unplannable};
use crate::domain::cron::Expression;
use crate::domain::operation::Operation;
use crate::domain::schedule::{Kind, Schedule};
use crate::domain::wiring::Effect;
use crate::domain::words;

/// What is asked for with a pause.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pausing {
    /// Until then; `None`: until it is resumed.
    pub until: Option<DateTime<Utc>>,
    /// The ARNs of all schedules that are paused at once: a stop may be paused together with its start.
    pub together: Vec<String>,
}

/// The plan of a pause.
///
/// # Errors
/// When the schedule is not known well enough, belongs to a service, or cannot be paused in this way.
pub fn pause(ground: Ground<'_>, arn: &str, ask: &Pausing) -> Result<Plan, Unplannable> {
    let schedule = known(ground, arn)?;
    let path = schedule.path();
    match ask.until {
        _ if schedule.enabled => {}
        None => return Err(Unplannable::already(format!("{path} is paused already."))),
        Some(_) => {
            let why = format!("{path} is paused already, and not until a date. Unpause it first.");
            return Err(Unplannable::new(why));
        }
    }
    let step = match ask.until {
        Some(until) => {
            Step::Replace { before: Box::new(schedule.clone()), after: Box::new(until_then(ground, schedule, until)?) }
        }
        None => switched(ground, schedule, false)?,
    };
    let mut notes = Vec::new();
    let mut grade = if ground.production { Grade::Danger } else { Grade::Change };
    let say = |at| words::when(at, ground.now, ground.zone);
    if let Some(next) = ground.picture.next_of_schedule(arn, ground.now) {
        notes.push(Note::info(format!("It would fire next {}.", say(next))));
    }
    match ask.until {
        Some(until) => notes.push(Note::info(format!("It fires again from {} on, by itself.", say(until)))),
        None => notes.push(Note::info("It stays paused until somebody resumes it.")),
    }
    for model in left_running(ground, arn, &ask.together) {
        grade = Grade::Danger;
        notes.push(Note::danger(format!(
            "This pauses a stop of {model} and leaves a start on: once started, the model would run and cost money until \
             somebody stops it."
        )));
    }
    notes.sort_by_key(|note| std::cmp::Reverse(note.tone));
    Ok(plan(schedule, Intent::Pause { schedule: arn.to_owned(), until: ask.until }, step, notes, grade))
}

/// The plan of letting a schedule fire again. `former`: the StartDate that it had before a pause until a date, if the
/// journal knows.
///
/// # Errors
/// When it is not paused, or not known well enough.
pub fn resume(ground: Ground<'_>, arn: &str, former: Option<DateTime<Utc>>) -> Result<Plan, Unplannable> {
    let schedule = known(ground, arn)?;
    let waits = schedule.enabled && schedule.start.is_some_and(|start| start > ground.now);
    let mut notes = Vec::new();
    let step = if waits {
        let former = former.filter(|former| Some(*former) != schedule.start);
        let after = sendable(Schedule { start: former, ..schedule.clone() }, ground.now)?;
        notes.push(Note::info("Its StartDate is taken back, so that it fires again at once."));
        Step::Replace { before: Box::new(schedule.clone()), after: Box::new(after) }
    } else if schedule.enabled {
        return Err(Unplannable::already(format!("{} is not paused.", schedule.path())));
    } else {
        switched(ground, schedule, true)?
    };
    if let Some(next) = ground.picture.fires(arn, ground.now, 1).first() {
        notes.push(Note::info(format!("It fires next {}.", words::when(*next, ground.now, ground.zone))));
    }
    let starts_alone = aims(ground, arn).filter(|(effect, _)| effect.is_start()).any(|(_, model)| {
        let stops = ground.picture.wiring.aims_of(&model);
        !stops.iter().any(|aim| {
            aim.effect == Effect::Stop && ground.fleet.schedule(&aim.schedule).is_some_and(|schedule| schedule.enabled)
        })
    });
    if starts_alone {
        notes.push(Note::warning("It starts a model whose stop is paused or missing: resume or add the stop as well."));
    }
    notes.sort_by_key(|note| std::cmp::Reverse(note.tone));
    let grade = if ground.production { Grade::Danger } else { Grade::Change };
    Ok(plan(schedule, Intent::Resume { schedule: arn.to_owned() }, step, notes, grade))
}

/// The plan of putting back what an operation has changed, in the reverse order.
///
/// # Errors
/// When there is nothing to put back, or somebody has changed it since.
pub fn put_back(ground: Ground<'_>, done: &Operation) -> Result<Plan, Unplannable> {
    let changes = done.changes();
    if changes.is_empty() {
        return Err(Unplannable::new(format!("The {} has changed nothing that could be put back.", done.plan.title())));
    }
    let intent = Intent::Undo { schedule: done.plan.intent.arn().to_owned(), operation: done.id.0.clone() };
    let grade = if ground.production { Grade::Danger } else { Grade::Change };
    let mut plan = Plan {
        intent,
        subject: done.plan.subject.clone(),
        project_arn: None,
        seen: Vec::new(),
        steps: Vec::new(),
        notes: Vec::new(),
        grade,
    };
    // Where one operation has changed a thing twice, the state between is known from what it left.
    let mut now: BTreeMap<String, Option<Schedule>> = BTreeMap::new();
    for change in changes.iter().rev() {
        let arn = change.arn().to_owned();
        let found = match now.get(&arn) {
            Some(found) => found.clone(),
            None => ground.fleet.schedule(&arn).cloned(),
        };
        let Some(back) = undone(ground, change, found)? else { continue };
        if let (Some(found), false) = (back.before(), now.contains_key(&arn)) {
            plan.seen.push(Seen::Schedule(Box::new(found.clone())));
        }
        now.insert(arn, back.after().cloned());
        plan.push(back.step());
    }
    for (arn, state) in &now {
        let before = ground.fleet.schedule(arn);
        match (before, state) {
            (Some(before), Some(after)) => {
                plan.notes.extend(super::seen::differences(before, after).into_iter().map(Note::info));
            }
            (Some(before), None) => plan.notes.push(Note::info(format!("{} is deleted.", before.path()))),
            (None, Some(after)) => plan.notes.push(Note::info(format!("{} is created again.", after.path()))),
            (None, None) => {}
        }
    }
    Ok(plan)
}

/// The way back from a change, from what is there now.
fn undone(ground: Ground<'_>, change: &Change, found: Option<Schedule>) -> Result<Option<Change>, Unplannable> {
    let unmarked = |one: &Schedule| Schedule { created: None, modified: None, ..one.clone() };
    let gone =
        |known: &Schedule| Err(Unplannable::new(format!("{} is gone: there is nothing to put back.", known.path())));
    match (change, found) {
        // What deletes itself was not meant to stay.
        (Change::Create(created), None) if created.deletes_itself => Ok(None),
        (Change::Create(known) | Change::Replace { after: known, .. }, None) => gone(known),
        (Change::Create(created), Some(found)) => {
            unchanged(created, &found, true)?;
            Ok(Some(Change::Delete(Box::new(found))))
        }
        (Change::Delete(deleted), None) => Ok(Some(Change::Create(Box::new(sendable(unmarked(deleted), ground.now)?)))),
        (Change::Delete(_), Some(found)) => Err(Unplannable::new(format!(
            "There is a {} again: putting back the former one would lose it.",
            found.path()
        ))),
        (Change::Replace { before: former, after: left }, Some(found)) => {
            let former = sendable(super::as_kept(former, &found), ground.now)?;
            if found == former {
                return Err(Unplannable::already(format!("{} is as it was already.", found.path())));
            }
            unchanged(left, &found, false)?;
            Ok(Some(Change::Replace { before: Box::new(found), after: Box::new(former) }))
        }
    }
}

/// Whether nobody has changed it since.
fn unchanged(left: &Schedule, found: &Schedule, created: bool) -> Result<(), Unplannable> {
    let as_found = if created { super::step::as_created(left, found) } else { super::as_kept(left, found) };
    if as_found == *found {
        return Ok(());
    }
    let lines = super::seen::differences(&as_found, found).join("; ");
    Err(Unplannable::new(format!(
        "{} was changed since ({lines}): undoing would lose that. Change it by hand.",
        found.path()
    )))
}

fn plan(schedule: &Schedule, intent: Intent, step: Step, notes: Vec<Note>, grade: Grade) -> Plan {
    let mut plan = Plan {
        intent,
        subject: schedule.path(),
        project_arn: None,
        seen: vec![Seen::Schedule(Box::new(schedule.clone()))],
        steps: Vec::new(),
        notes,
        grade,
    };
    plan.push(step);
    plan
}

pub(super) fn known<'a>(ground: Ground<'a>, arn: &str) -> Result<&'a Schedule, Unplannable> {
    let schedule = ground.fleet.schedule(arn);
    let schedule = schedule.ok_or_else(|| Unplannable::new("It is not among the schedules that were read."))?;
    if let Some(owner) = &schedule.managed_by {
        return Err(Unplannable::new(format!("{} belongs to {owner}, which alone may change it.", schedule.path())));
    }
    if schedule.expression.is_none() {
        return Err(Unplannable::new(format!("{} has not been read in full yet; refresh first.", schedule.path())));
    }
    Ok(schedule)
}

fn switched(ground: Ground<'_>, schedule: &Schedule, enabled: bool) -> Result<Step, Unplannable> {
    match schedule.kind {
        Kind::Rule if !matches!(schedule.state.as_str(), "ENABLED" | "DISABLED") => Err(Unplannable::new(format!(
            "{} is {}, a state that enabling it again would lose. Change it by hand.",
            schedule.path(),
            schedule.state
        ))),
        Kind::Rule => Ok(Step::Switch { rule: Box::new(schedule.clone()), enabled }),
        Kind::Schedule => {
            let after = sendable(super::change::switched(schedule, enabled), ground.now)?;
            Ok(Step::Replace { before: Box::new(schedule.clone()), after: Box::new(after) })
        }
    }
}

/// A schedule that does not fire before a date, which EventBridge Scheduler knows by itself.
fn until_then(ground: Ground<'_>, schedule: &Schedule, until: DateTime<Utc>) -> Result<Schedule, Unplannable> {
    let path = schedule.path();
    let refuse = |why: String| Err(Unplannable::new(format!("{path} cannot be paused until a date: {why}")));
    if schedule.kind == Kind::Rule {
        return refuse("a rule has no StartDate. Pause it until it is resumed, or move it to a schedule.".into());
    }
    match schedule.parsed() {
        Some(Ok(Expression::At(_))) => {
            return refuse("a one-time schedule ignores its StartDate. Pause it until it is resumed.".into());
        }
        Some(Ok(Expression::Rate(_))) => {
            return refuse(
                "a rate counts from its StartDate, so that its times would move. Pause it until it is resumed.".into(),
            );
        }
        Some(Ok(_)) => {}
        _ => return refuse("its expression is not understood. Pause it until it is resumed.".into()),
    }
    let say = |at| words::when(at, ground.now, ground.zone);
    if until <= ground.now {
        return refuse(format!("{} has passed already.", say(until)));
    }
    match (schedule.start, schedule.end) {
        (Some(start), _) if start >= until => refuse(format!("it does not fire before {} anyway.", say(start))),
        (_, Some(end)) if end <= until => refuse(format!("it ends at {}.", say(end))),
        _ => Ok(Schedule { start: Some(until), ..schedule.clone() }),
    }
}

fn aims<'a>(ground: Ground<'a>, arn: &str) -> impl Iterator<Item = (Effect, crate::domain::model::ModelArn)> + use<'a> {
    let aims = ground.picture.wiring.aims_of_schedule(arn).iter();
    aims.filter_map(|aim| Some((aim.effect, aim.model.clone()?)))
}

/// The models that a start that stays on would start, and that this schedule would have stopped.
fn left_running(ground: Ground<'_>, arn: &str, together: &[String]) -> Vec<String> {
    let stays = |other: &str| {
        other != arn
            && !together.iter().any(|paused| paused == other)
            && ground.fleet.schedule(other).is_some_and(|schedule| schedule.enabled)
    };
    aims(ground, arn)
        .filter(|(effect, _)| *effect == Effect::Stop)
        .filter(|(_, model)| {
            let others = ground.picture.wiring.aims_of(model);
            let starts = others.iter().any(|aim| aim.effect.is_start() && stays(&aim.schedule));
            let on = ground.fleet.models.rows.get(model).is_some_and(|model| model.status.is_on());
            let stops = others.iter().any(|aim| aim.effect == Effect::Stop && stays(&aim.schedule));
            (starts || on) && !stops
        })
        .map(|(_, model)| model.name())
        .collect()
}
