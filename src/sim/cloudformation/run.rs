//! How a stack comes about, changes and goes: resource by resource, each after those that it needs, in simulated time.
//! What fails is rolled back.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use serde_json::{Map, Value};

use super::make::{self, Trouble, Wish};
use super::stack::{self, Made, Plan, Stack};
use super::template::{Resource, Stays};
use crate::sim::world::World;
use crate::sim::world::agenda::Event;

/// What is under way with a stack.
#[derive(Debug)]
pub struct Work {
    phase: Phase,
    tasks: Vec<Task>,
    failed: Vec<String>,
    /// What is no part of the stack any more and goes at the end.
    leftover: Vec<Made>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Create,
    Rollback,
    Update,
    UpdateRollback,
    /// What an update left over goes.
    Cleanup,
    /// What a failed update had made goes.
    RollbackCleanup,
    Delete,
}

#[derive(Debug)]
struct Task {
    id: String,
    act: Act,
    after: BTreeSet<String>,
    state: State,
}

#[derive(Clone, Debug)]
enum Act {
    Make,
    Change,
    Revert,
    Remove(Box<Made>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Waiting,
    /// It has been told of; the thing itself happens next.
    Begun,
    /// The thing has happened and settles.
    Performed,
    Done,
    Failed,
}

/// How long it takes from the first word about a resource until something happens.
const BEGINNING: TimeDelta = TimeDelta::seconds(1);
/// How long to wait for something that is in use.
const AGAIN: TimeDelta = TimeDelta::seconds(2);
/// How long a phase takes by itself.
const BETWEEN: TimeDelta = TimeDelta::seconds(2);

impl World {
    /// Begins to make a stack.
    pub fn create_stack(&mut self, id: &str) {
        self.with_stack(id, |world, stack| {
            stack.turn(world, "CREATE_IN_PROGRESS", Some("User Initiated".to_owned()));
            begin(world, stack, Phase::Create, Vec::new());
        });
    }

    /// Begins to make a stack into what `plan` says.
    pub fn update_stack(&mut self, id: &str, plan: Plan) {
        self.with_stack(id, |world, stack| {
            stack.before = stack.plan.replace(plan);
            stack.updated = Some(world.now);
            stack.turn(world, "UPDATE_IN_PROGRESS", Some("User Initiated".to_owned()));
            begin(world, stack, Phase::Update, Vec::new());
        });
    }

    /// Begins to delete a stack; `retain` names resources that stay although they could not be deleted.
    pub fn delete_stack(&mut self, id: &str, retain: &[&str]) {
        self.with_stack(id, |world, stack| {
            for made in stack.made.iter_mut().filter(|made| retain.contains(&made.id.as_str())) {
                made.stays = Stays::Always;
            }
            stack.turn(world, "DELETE_IN_PROGRESS", Some("User Initiated".to_owned()));
            begin(world, stack, Phase::Delete, Vec::new());
        });
    }

    /// Goes on with a stack: the first word about one resource, or what comes of it, or the next phase.
    pub(crate) fn stack_goes_on(&mut self, id: &str, generation: u64, task: Option<usize>) {
        self.with_stack(id, |world, stack| {
            if stack.generation != generation {
                return;
            }
            if let Some(task) = task {
                step(world, stack, task);
            }
            if stack.generation == generation {
                pump(world, stack);
            }
        });
    }

    fn with_stack(&mut self, id: &str, act: impl FnOnce(&mut Self, &mut Stack)) {
        let Some(mut stack) = self.stacks.all.remove(id) else { return };
        act(self, &mut stack);
        self.stacks.all.insert(id.to_owned(), stack);
    }
}

fn later(world: &mut World, stack: &Stack, after: TimeDelta, task: Option<usize>) {
    world.later(after, Event::Stack { id: stack.id.clone(), generation: stack.generation, task });
}

fn begin(world: &mut World, stack: &mut Stack, phase: Phase, leftover: Vec<Made>) {
    stack.generation = world.next_serial();
    let tasks = match phase {
        Phase::Create | Phase::Update => wanted(world, stack),
        Phase::Rollback | Phase::Delete => removals(&stack.made),
        Phase::UpdateRollback => reverts(&stack.made),
        Phase::Cleanup | Phase::RollbackCleanup => removals(&leftover),
    };
    stack.work = Some(Work { phase, tasks, failed: Vec::new(), leftover });
    later(world, stack, BETWEEN, None);
}

fn wanted(world: &World, stack: &Stack) -> Vec<Task> {
    let Some(plan) = &stack.plan else { return Vec::new() };
    let Ok(scope) = stack::scope(world, plan, &stack.name, &stack.id) else { return Vec::new() };
    let wanted: Vec<&Resource> =
        plan.template.resources.iter().filter(|resource| plan.wants(&scope, resource)).collect();
    let names: BTreeSet<&str> = wanted.iter().map(|resource| resource.id.as_str()).collect();
    let task = |resource: &&Resource| Task {
        id: resource.id.clone(),
        act: if stack.resource(&resource.id).is_some() { Act::Change } else { Act::Make },
        after: resource.needs.iter().filter(|id| names.contains(id.as_str())).cloned().collect(),
        state: State::Waiting,
    };
    wanted.iter().map(task).collect()
}

/// What goes, each after everything that needs it.
fn removals(made: &[Made]) -> Vec<Task> {
    let gone =
        |made: &&Made| made.physical.is_some() && made.status != "DELETE_COMPLETE" && made.status != "DELETE_SKIPPED";
    let task = |one: &Made| Task {
        id: one.id.clone(),
        act: Act::Remove(Box::new(one.clone())),
        after: made
            .iter()
            .filter(gone)
            .filter(|other| other.needs.contains(&one.id) && other.id != one.id)
            .map(|other| other.id.clone())
            .collect(),
        state: State::Waiting,
    };
    made.iter().filter(gone).map(task).collect()
}

fn reverts(made: &[Made]) -> Vec<Task> {
    let changed = made.iter().filter(|made| made.before.is_some());
    changed
        .map(|made| Task { id: made.id.clone(), act: Act::Revert, after: BTreeSet::new(), state: State::Waiting })
        .collect()
}

/// Begins every task whose turn it is; when nothing is left to do, the next phase.
fn pump(world: &mut World, stack: &mut Stack) {
    loop {
        let Some(work) = &stack.work else { return };
        let is_done = |id: &String| work.tasks.iter().all(|task| task.id != *id || task.state == State::Done);
        let ready = work.tasks.iter().position(|task| task.state == State::Waiting && task.after.iter().all(is_done));
        let Some(index) = ready else { break };
        let generation = stack.generation;
        start(world, stack, index);
        if stack.generation != generation {
            return;
        }
    }
    let runs = |work: &Work| work.tasks.iter().any(|task| matches!(task.state, State::Begun | State::Performed));
    if stack.work.as_ref().is_some_and(|work| !runs(work)) {
        finish(world, stack);
    }
}

fn set(stack: &mut Stack, index: usize, state: State) {
    if let Some(task) = stack.work.as_mut().and_then(|work| work.tasks.get_mut(index)) {
        task.state = state;
    }
}

fn task(stack: &Stack, index: usize) -> Option<(String, Act, State)> {
    let task = stack.work.as_ref()?.tasks.get(index)?;
    Some((task.id.clone(), task.act.clone(), task.state))
}

/// Takes another status of a resource, and tells of it.
fn turn(world: &mut World, stack: &mut Stack, id: &str, status: &'static str, reason: Option<String>) {
    let now = world.now;
    let Some(made) = stack.made.iter_mut().find(|made| made.id == id) else { return };
    made.status = status;
    made.reason.clone_from(&reason);
    made.at = now;
    let (kind, physical, properties) = (made.kind.name, made.physical.clone(), made.properties.clone());
    stack.tell(world, id, kind, physical, status, reason, Some(&properties));
}

/// Tells of a resource that is on its way out, which may be no part of the stack any more.
fn turn_gone(world: &mut World, stack: &mut Stack, gone: &Made, status: &'static str, reason: Option<String>) {
    if stack.resource(&gone.id).is_some_and(|made| made.physical == gone.physical) {
        turn(world, stack, &gone.id, status, reason);
    } else {
        stack.tell(world, &gone.id, gone.kind.name, gone.physical.clone(), status, reason, Some(&gone.properties));
    }
}

fn start(world: &mut World, stack: &mut Stack, index: usize) {
    let Some((id, act, _)) = task(stack, index) else { return };
    set(stack, index, State::Begun);
    match act {
        Act::Make => match future(world, stack, &id) {
            Ok(made) => {
                let checked = stack::check_properties(&id, made.kind, &made.properties);
                stack.made.retain(|other| other.id != id);
                stack.made.push(made);
                turn(world, stack, &id, "CREATE_IN_PROGRESS", None);
                match checked {
                    Ok(()) => later(world, stack, BEGINNING, Some(index)),
                    Err(wrong) => fail(world, stack, index, wrong),
                }
            }
            Err(wrong) => fail(world, stack, index, wrong),
        },
        Act::Change => change(world, stack, index, &id),
        Act::Revert => {
            turn(world, stack, &id, "UPDATE_IN_PROGRESS", None);
            later(world, stack, BEGINNING, Some(index));
        }
        Act::Remove(gone) => {
            let stays = match stack.work.as_ref().map(|work| work.phase) {
                Some(Phase::Rollback | Phase::RollbackCleanup) => gone.stays == Stays::Always,
                Some(Phase::Cleanup) if gone.before.is_some() => gone.stays_replaced,
                _ => gone.stays != Stays::Never,
            };
            if stays {
                turn_gone(world, stack, &gone, "DELETE_SKIPPED", None);
                set(stack, index, State::Done);
            } else {
                turn_gone(world, stack, &gone, "DELETE_IN_PROGRESS", None);
                later(world, stack, BEGINNING, Some(index));
            }
        }
    }
}

/// A resource as the stack's plan says it, with what is there now.
fn future(world: &World, stack: &Stack, id: &str) -> Result<Made, String> {
    let plan = stack.plan.as_ref().ok_or("The stack has no template.")?;
    let mut scope = stack::scope(world, plan, &stack.name, &stack.id)?;
    for made in &stack.made {
        if let Some(physical) = &made.physical {
            scope.resources.insert(made.id.clone(), Some((physical.clone(), made.attributes.clone())));
        }
    }
    let resource = plan.template.resource(id).ok_or_else(|| format!("The template has no resource {id}."))?;
    let properties = stack::properties(&scope, plan, resource)?;
    Ok(Made {
        id: id.to_owned(),
        kind: resource.kind,
        physical: None,
        properties,
        attributes: Map::new(),
        status: "CREATE_IN_PROGRESS",
        reason: None,
        at: world.now,
        needs: resource.needs.clone(),
        stays: resource.stays,
        stays_replaced: resource.stays_replaced,
        before: None,
        fresh: true,
    })
}

/// Begins to change a resource, if anything of it changes.
fn change(world: &mut World, stack: &mut Stack, index: usize, id: &str) {
    let future = match future(world, stack, id) {
        Ok(future) => future,
        Err(wrong) => return fail(world, stack, index, wrong),
    };
    let Some(made) = stack.made.iter_mut().find(|made| made.id == id) else { return };
    let (old, checked) = (made.clone(), stack::check_properties(id, future.kind, &future.properties));
    made.needs = future.needs;
    made.stays = future.stays;
    made.stays_replaced = future.stays_replaced;
    if made.kind == future.kind && made.properties == future.properties {
        return set(stack, index, State::Done);
    }
    if made.kind != future.kind {
        let wrong = "Update of resource type is not permitted. The new template modifies resource type of the following resources: [".to_owned() + id + "]";
        return fail(world, stack, index, wrong);
    }
    let replaces = differences(&old.properties, &future.properties).iter().any(|name| old.kind.replaces(name));
    made.properties = future.properties;
    made.before = Some(Box::new(old.clone()));
    let named = old.kind.named.and_then(|(name, _)| made.properties.get(name)).and_then(Value::as_str);
    let same_name = named.is_some()
        && named == old.kind.named.and_then(|(name, _)| old.properties.get(name)).and_then(Value::as_str);
    if replaces {
        made.physical = None;
    }
    let reason = "Requested update requires the creation of a new physical resource; hence creating one.";
    let physical = old.physical.clone().filter(|_| same_name);
    turn(world, stack, id, "UPDATE_IN_PROGRESS", replaces.then(|| reason.to_owned()));
    match (checked, physical) {
        (Err(wrong), _) => fail(world, stack, index, wrong),
        (Ok(()), Some(name)) if replaces => {
            let wrong = format!(
                "CloudFormation cannot update a stack when a custom-named resource requires replacing. Rename {name} and update the stack again."
            );
            fail(world, stack, index, wrong);
        }
        (Ok(()), _) => later(world, stack, BEGINNING, Some(index)),
    }
}

/// The properties in which two resources differ.
#[must_use]
pub fn differences(old: &Map<String, Value>, new: &Map<String, Value>) -> Vec<String> {
    let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    names.into_iter().filter(|name| old.get(*name) != new.get(*name)).cloned().collect()
}

/// A task's next step.
fn step(world: &mut World, stack: &mut Stack, index: usize) {
    let Some((id, act, state)) = task(stack, index) else { return };
    match state {
        State::Begun => match perform(world, stack, &id, &act) {
            Ok(seconds) => {
                set(stack, index, State::Performed);
                if matches!(act, Act::Make) {
                    turn(world, stack, &id, "CREATE_IN_PROGRESS", Some("Resource creation Initiated".to_owned()));
                }
                later(world, stack, TimeDelta::seconds(seconds), Some(index));
            }
            Err(Trouble::Busy) => later(world, stack, AGAIN, Some(index)),
            Err(Trouble::Failed(wrong)) => fail(world, stack, index, wrong),
        },
        State::Performed => settle(world, stack, index, &id, &act),
        State::Waiting | State::Done | State::Failed => {}
    }
}

/// Does what a task is about; how long it takes until it has settled, in seconds.
fn perform(world: &mut World, stack: &mut Stack, id: &str, act: &Act) -> Result<i64, Trouble> {
    if let Act::Remove(gone) = act {
        make::delete(world, gone.kind, gone.physical.as_deref().unwrap_or_default(), &gone.properties)?;
        return Ok((gone.kind.seconds / 2).max(1));
    }
    let (stack_name, stack_id) = (stack.name.clone(), stack.id.clone());
    let Some(made) = stack.made.iter_mut().find(|made| made.id == id) else { return Ok(0) };
    if let (Act::Revert, Some(before)) = (act, made.before.clone()) {
        let wish =
            Wish { stack: &stack_name, stack_id: &stack_id, id, kind: made.kind, properties: &before.properties };
        let physical = made.physical.clone().unwrap_or_default();
        let thing = make::update(world, &wish, &physical, &made.properties)?;
        *made = *before;
        made.attributes = thing.attributes;
        return Ok(made.kind.seconds / 2);
    }
    let wish = Wish { stack: &stack_name, stack_id: &stack_id, id, kind: made.kind, properties: &made.properties };
    let thing = match (&made.physical, &made.before) {
        (Some(physical), Some(before)) => make::update(world, &wish, physical, &before.properties)?,
        _ => make::create(world, &wish)?,
    };
    made.physical = Some(thing.physical);
    made.attributes = thing.attributes;
    Ok((made.kind.seconds - 1).max(1))
}

fn settle(world: &mut World, stack: &mut Stack, index: usize, id: &str, act: &Act) {
    if let Act::Remove(gone) = act {
        if !make::is_settled(world, gone.kind, gone.physical.as_deref().unwrap_or_default()) {
            return later(world, stack, AGAIN, Some(index));
        }
        set(stack, index, State::Done);
        return turn_gone(world, stack, gone, "DELETE_COMPLETE", None);
    }
    let physical = stack.resource(id).and_then(|made| made.physical.clone()).unwrap_or_default();
    let Some(kind) = stack.resource(id).map(|made| made.kind) else { return };
    if !make::is_settled(world, kind, &physical) {
        return later(world, stack, AGAIN, Some(index));
    }
    set(stack, index, State::Done);
    let status = if matches!(act, Act::Make) { "CREATE_COMPLETE" } else { "UPDATE_COMPLETE" };
    turn(world, stack, id, status, None);
}

/// A resource fails. Where something is made, everything else stops and is rolled back; where something goes, the rest
/// goes all the same.
fn fail(world: &mut World, stack: &mut Stack, index: usize, wrong: String) {
    let Some((id, act, _)) = task(stack, index) else { return };
    set(stack, index, State::Failed);
    if let Some(work) = &mut stack.work {
        work.failed.push(id.clone());
    }
    match &act {
        Act::Remove(gone) => return turn_gone(world, stack, gone, "DELETE_FAILED", Some(wrong)),
        Act::Revert => return turn(world, stack, &id, "UPDATE_FAILED", Some(wrong)),
        Act::Make if stack.resource(&id).is_none() => {
            let kind = stack.plan.as_ref().and_then(|plan| plan.template.resource(&id)).map_or("", |one| one.kind.name);
            stack.tell(world, &id, kind, None, "CREATE_FAILED", Some(wrong), None);
        }
        Act::Make => turn(world, stack, &id, "CREATE_FAILED", Some(wrong)),
        Act::Change => turn(world, stack, &id, "UPDATE_FAILED", Some(wrong)),
    }
    let others: Vec<(String, Act)> = stack
        .work
        .iter()
        .flat_map(|work| &work.tasks)
        .filter(|task| matches!(task.state, State::Begun | State::Performed))
        .map(|task| (task.id.clone(), task.act.clone()))
        .collect();
    for (id, act) in others {
        let (status, reason) = match act {
            Act::Make => ("CREATE_FAILED", "Resource creation cancelled"),
            _ => ("UPDATE_FAILED", "Resource update cancelled"),
        };
        if let Some(work) = &mut stack.work {
            work.failed.push(id.clone());
        }
        turn(world, stack, &id, status, Some(reason.to_owned()));
    }
    let failed = stack.work.as_ref().map(|work| work.failed.join(", ")).unwrap_or_default();
    if matches!(stack.work.as_ref().map(|work| work.phase), Some(Phase::Create)) {
        creation_failed(world, stack, &failed);
    } else {
        update_failed(world, stack, &failed);
    }
}

fn creation_failed(world: &mut World, stack: &mut Stack, failed: &str) {
    let told = format!("The following resource(s) failed to create: [{failed}]. ");
    match stack.on_failure.as_str() {
        "DO_NOTHING" => {
            stop(world, stack);
            stack.turn(world, "CREATE_FAILED", Some(told));
            executed(stack, "EXECUTE_FAILED");
        }
        "DELETE" => {
            stack.turn(world, "DELETE_IN_PROGRESS", Some(told + "Delete requested by user."));
            begin(world, stack, Phase::Delete, Vec::new());
        }
        _ => {
            stack.turn(world, "ROLLBACK_IN_PROGRESS", Some(told + "Rollback requested by user."));
            begin(world, stack, Phase::Rollback, Vec::new());
        }
    }
}

fn update_failed(world: &mut World, stack: &mut Stack, failed: &str) {
    let told = format!("The following resource(s) failed to update: [{failed}]. ");
    if stack.on_failure == "DO_NOTHING" {
        stop(world, stack);
        stack.turn(world, "UPDATE_FAILED", Some(told));
        return executed(stack, "EXECUTE_FAILED");
    }
    let mut leftover = Vec::new();
    for made in std::mem::take(&mut stack.made) {
        match &made.before {
            None if made.fresh => leftover.push(made),
            // What was replaced comes back as it was; the one that took its place goes.
            Some(before) if before.physical != made.physical => {
                let old = (**before).clone();
                leftover.extend(made.physical.is_some().then(|| Made { before: None, ..made }));
                stack.made.push(old);
            }
            _ => stack.made.push(made),
        }
    }
    std::mem::swap(&mut stack.plan, &mut stack.before);
    stack.turn(world, "UPDATE_ROLLBACK_IN_PROGRESS", Some(told));
    begin(world, stack, Phase::UpdateRollback, leftover);
}

fn stop(world: &mut World, stack: &mut Stack) {
    stack.work = None;
    stack.generation = world.next_serial();
    stack.made.iter_mut().for_each(|made| {
        made.before = None;
        made.fresh = false;
    });
}

/// What became of the change set that was executed.
fn executed(stack: &mut Stack, execution: &'static str) {
    let id = stack.executed.clone();
    if let Some(set) = stack.change_sets.iter_mut().find(|set| Some(&set.id) == id.as_ref()) {
        set.execution = execution;
    }
}

/// A phase has ended, well or not.
fn finish(world: &mut World, stack: &mut Stack) {
    let Some(work) = stack.work.take() else { return };
    let failed = work.failed.join(", ");
    match (work.phase, failed.is_empty()) {
        (Phase::Create, _) => match outputs(world, stack) {
            Ok(()) => {
                stop(world, stack);
                stack.turn(world, "CREATE_COMPLETE", None);
                executed(stack, "EXECUTE_COMPLETE");
            }
            Err(wrong) => {
                stack.turn(world, "ROLLBACK_IN_PROGRESS", Some(wrong));
                begin(world, stack, Phase::Rollback, Vec::new());
            }
        },
        (Phase::Update, _) => updated(world, stack),
        (Phase::Cleanup, _) => {
            stop(world, stack);
            stack.before = None;
            stack.turn(world, "UPDATE_COMPLETE", None);
            executed(stack, "EXECUTE_COMPLETE");
        }
        (Phase::Rollback, true) => {
            stop(world, stack);
            stack.turn(world, "ROLLBACK_COMPLETE", None);
            executed(stack, "EXECUTE_FAILED");
        }
        (Phase::Rollback, false) => ended_badly(world, stack, "ROLLBACK_FAILED", &failed, "delete"),
        (Phase::UpdateRollback, true) => {
            stack.turn(world, "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS", None);
            begin(world, stack, Phase::RollbackCleanup, work.leftover);
        }
        (Phase::UpdateRollback, false) => ended_badly(world, stack, "UPDATE_ROLLBACK_FAILED", &failed, "update"),
        (Phase::RollbackCleanup, _) => {
            stop(world, stack);
            stack.before = None;
            stack.turn(world, "UPDATE_ROLLBACK_COMPLETE", None);
            executed(stack, "EXECUTE_FAILED");
        }
        (Phase::Delete, true) => {
            stop(world, stack);
            stack.deleted = Some(world.now);
            stack.turn(world, "DELETE_COMPLETE", None);
        }
        (Phase::Delete, false) => ended_badly(world, stack, "DELETE_FAILED", &failed, "delete"),
    }
}

fn ended_badly(world: &mut World, stack: &mut Stack, status: &'static str, failed: &str, what: &str) {
    stop(world, stack);
    stack.turn(world, status, Some(format!("The following resource(s) failed to {what}: [{failed}]. ")));
    executed(stack, "EXECUTE_FAILED");
}

/// Everything is as the plan wants it; what it has no use for goes.
fn updated(world: &mut World, stack: &mut Stack) {
    if let Err(wrong) = outputs(world, stack) {
        return update_failed(world, stack, &wrong);
    }
    let plan = stack.plan.clone();
    let scope = plan.as_ref().and_then(|plan| stack::scope(world, plan, &stack.name, &stack.id).ok());
    let stays = |made: &Made| match (&plan, &scope) {
        (Some(plan), Some(scope)) => plan.template.resource(&made.id).is_some_and(|one| plan.wants(scope, one)),
        _ => true,
    };
    let (kept, mut leftover): (Vec<Made>, Vec<Made>) = std::mem::take(&mut stack.made).into_iter().partition(stays);
    stack.made = kept;
    for made in &mut stack.made {
        if let Some(before) = made.before.take().filter(|before| before.physical != made.physical) {
            // That it was replaced shows in its having something before itself.
            let old = *before;
            leftover.push(Made { before: Some(Box::new(old.clone())), ..old });
        }
    }
    stack.turn(world, "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", None);
    begin(world, stack, Phase::Cleanup, leftover);
}

fn outputs(world: &World, stack: &mut Stack) -> Result<(), String> {
    let Some(plan) = &stack.plan else { return Ok(()) };
    let mut scope = stack::scope(world, plan, &stack.name, &stack.id)?;
    for made in &stack.made {
        let known = made.physical.clone().map(|physical| (physical, made.attributes.clone()));
        scope.resources.insert(made.id.clone(), known);
    }
    stack.outputs = plan.outputs(&scope)?;
    Ok(())
}
