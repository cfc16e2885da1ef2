//! Plans for stacks: putting the scheduled side into an account, and taking it out again.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::start::Coming;
use super::step::{Decision, Observed, Situation};
use super::{Grade, Ground, Guard, Intent, Note, Plan, Planned, Step, Unplannable};
use crate::domain::deploy::{ChangeSet, Code, Part, ResourceChange, Stack, Wanted};
use crate::domain::model::ModelArn;
use crate::domain::notification::{Notification, Source};
use crate::domain::words;

/// One goal about a stack.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "goal", rename_all = "snake_case")]
pub enum StackStep {
    /// The code of the functions is where CloudFormation takes it from.
    Upload(Code),
    /// A change set is carried out.
    Apply {
        /// The ARN of the stack.
        stack: String,
        /// The ARN of the change set.
        change_set: String,
    },
    /// CloudFormation has come to its end with it.
    Await {
        /// The ARN of the stack.
        stack: String,
        /// The ARN of the change set.
        change_set: String,
    },
    /// A stack is being deleted.
    Delete {
        /// Its ARN.
        stack: String,
    },
    /// A stack is deleted.
    AwaitDeleted {
        /// Its ARN.
        stack: String,
    },
}

/// How long CloudFormation may take for a stack.
const PATIENCE: TimeDelta = TimeDelta::minutes(60);

fn pause() -> TimeDelta {
    TimeDelta::seconds(5)
}

/// The name in a stack's ARN: `arn:…:stack/NAME/UUID`.
pub(super) fn name_in(arn: &str) -> &str {
    arn.split('/').nth(1).unwrap_or(arn)
}

impl StackStep {
    pub(super) fn title(&self) -> String {
        match self {
            Self::Upload(code) => format!("Upload {} to s3://{}/{}", code.file, code.bucket, code.key),
            Self::Apply { stack, .. } => format!("Let CloudFormation change the stack {}", name_in(stack)),
            Self::Await { stack, .. } => format!("Wait until the stack {} is complete", name_in(stack)),
            Self::Delete { stack } => format!("Let CloudFormation delete the stack {}", name_in(stack)),
            Self::AwaitDeleted { stack } => format!("Wait until the stack {} is deleted", name_in(stack)),
        }
    }

    /// What it changes; nothing for a step that only waits.
    pub(super) fn changes(&self) -> Option<String> {
        match self {
            Self::Upload(code) => Some(format!("s3://{}/{}", code.bucket, code.key)),
            Self::Apply { stack, .. } | Self::Delete { stack } => Some(stack.clone()),
            Self::Await { .. } | Self::AwaitDeleted { .. } => None,
        }
    }

    pub(super) fn aws_command(&self) -> Option<String> {
        match self {
            Self::Upload(code) => Some(code.aws_command()),
            Self::Apply { change_set, .. } => {
                Some(format!("aws cloudformation execute-change-set --change-set-name {change_set}"))
            }
            Self::Delete { stack } => Some(format!("aws cloudformation delete-stack --stack-name {stack}")),
            Self::Await { .. } | Self::AwaitDeleted { .. } => None,
        }
    }

    pub(super) fn decide(&self, seen: &Observed, at: &Situation) -> Decision {
        match (self, seen) {
            // S3 shows what it has accepted at once; who may not look there still knows that it was accepted.
            (Self::Upload(_), Observed::Object { found }) if *found || at.accepted => {
                Decision::Done("it is there".into())
            }
            (Self::Upload(_), Observed::Object { .. }) => super::step::repeatedly(at),
            (Self::Apply { .. }, Observed::Stack { execution, .. }) => applied(execution.as_deref(), at),
            (Self::Await { .. }, Observed::Stack { status, execution, words, cause }) => {
                let going = matches!(execution.as_deref(), Some("AVAILABLE" | "EXECUTE_IN_PROGRESS"));
                complete(status, going, words, cause.as_deref(), at)
            }
            (Self::Delete { .. }, Observed::Stack { status, .. }) => match status.as_str() {
                "DELETE_COMPLETE" | "DELETE_IN_PROGRESS" => Decision::Done(status.clone()),
                // What an earlier try could not delete is tried again, once by itself.
                "DELETE_FAILED" if at.accepted => Decision::Done(status.clone()),
                busy if busy.ends_with("_IN_PROGRESS") && busy != "REVIEW_IN_PROGRESS" => {
                    super::step::patiently(at, PATIENCE, pause(), "busy; it can be deleted after that")
                }
                _ => super::step::repeatedly(at),
            },
            (Self::AwaitDeleted { .. }, Observed::Stack { status, words, cause, .. }) => match status.as_str() {
                "DELETE_COMPLETE" => Decision::Done("it is deleted".into()),
                "DELETE_FAILED" => Decision::Fail(format!(
                    "CloudFormation could not delete all of it. {} Remove what is in the way, then do the same again.",
                    caused(cause.as_deref())
                )),
                _ => super::step::patiently(at, PATIENCE, pause(), words),
            },
            (Self::Delete { .. } | Self::AwaitDeleted { .. }, Observed::Gone) => Decision::Done("it is gone".into()),
            (_, Observed::Gone) => Decision::Fail("The stack does not exist any more.".into()),
            _ => Decision::Fail("Something else was found than what was asked for.".into()),
        }
    }
}

fn applied(execution: Option<&str>, at: &Situation) -> Decision {
    match execution {
        Some("EXECUTE_IN_PROGRESS" | "EXECUTE_COMPLETE" | "EXECUTE_FAILED") => Decision::Done("it is at it".into()),
        // CloudFormation removes change sets once one of them was carried out.
        None if at.writes > 0 => Decision::Done("it is at it".into()),
        Some("AVAILABLE") if at.accepted => {
            super::step::patiently(at, TimeDelta::minutes(2), pause(), "accepted, and not seen to begin yet")
        }
        Some("AVAILABLE") => super::step::repeatedly(at),
        Some("UNAVAILABLE" | "OBSOLETE") | None => Decision::Fail(
            "The change set can no longer be carried out: the stack was changed meanwhile. Do the same again for a new one."
                .into(),
        ),
        Some(other) => Decision::Fail(format!("The change set is {other}.")),
    }
}

fn complete(status: &str, going: bool, words: &str, cause: Option<&str>, at: &Situation) -> Decision {
    match status {
        "CREATE_COMPLETE" | "UPDATE_COMPLETE" if !going => Decision::Done(status.into()),
        "ROLLBACK_COMPLETE" | "ROLLBACK_FAILED" | "CREATE_FAILED" => Decision::Fail(format!(
            "The stack could not be created, and what had been made of it is removed again. {} Correct that, take away what is \
             left of the stack with 'rekotui undeploy', and do the same again.",
            caused(cause)
        )),
        "UPDATE_ROLLBACK_COMPLETE" if !going => Decision::Fail(format!(
            "The stack could not be changed, and is as it was before. {} Correct that, and do the same again.",
            caused(cause)
        )),
        "UPDATE_ROLLBACK_FAILED" | "UPDATE_FAILED" => Decision::Fail(format!(
            "The stack could not be changed, nor be put back as it was. {} See it in the CloudFormation console.",
            caused(cause)
        )),
        deleted if deleted.starts_with("DELETE_") => Decision::Fail("Somebody deletes the stack.".into()),
        _ => super::step::patiently(at, PATIENCE, pause(), words),
    }
}

fn caused(cause: Option<&str>) -> String {
    cause.map_or_else(|| "CloudFormation does not say why.".into(), |cause| format!("{}.", cause.trim_end_matches('.')))
}

/// What is there when something is deployed.
#[derive(Clone, Copy, Debug, Default)]
pub struct Site<'a> {
    /// The stack, as far as it exists.
    pub existing: Option<&'a Stack>,
    /// The bucket for the images, where it is there by itself.
    pub source: Option<&'a Source>,
    /// The bucket that told the stack's queue until now, where another one is to do so.
    pub former: Option<&'a Source>,
    /// The UUID of the stack's own mapping, where that is on.
    pub feeding: Option<&'a str>,
    /// Whether the account is one of production.
    pub production: bool,
}

/// The plan of a deployment: the code, then what the change set says, then the bucket that was there before.
///
/// # Errors
/// When there is nothing to change, and when that bucket tells somebody else of its images.
pub fn deploy(wanted: &Wanted, change_set: &ChangeSet, site: Site<'_>) -> Result<Plan, Unplannable> {
    let untold = site.source.filter(|source| !source.notifications.reach(&source.queue));
    if let Some(source) = untold
        && let Some(other) = source.notifications.in_the_way_of(&source.queue)
    {
        return Err(Unplannable::new(super::step::in_the_way(&source.bucket, other)));
    }
    if change_set.changes.is_empty() && untold.is_none() {
        return Err(Unplannable::already(format!(
            "The stack {} is as this would make it: there is nothing to change.",
            wanted.stack
        )));
    }
    let loses = change_set.changes.iter().any(ResourceChange::loses);
    let stack = change_set.stack.clone();
    let mut plan = Plan {
        intent: Intent::Deploy { stack: stack.clone(), part: wanted.part, then: Vec::new() },
        subject: format!("the {} stack {}", wanted.part.word(), wanted.stack),
        project_arn: None,
        seen: Vec::new(),
        steps: Vec::new(),
        notes: Vec::new(),
        grade: if loses || site.production { Grade::Danger } else { Grade::Change },
    };
    let what = match (change_set.creates, change_set.changes.is_empty()) {
        (true, _) => "is new: CloudFormation says what it would do.",
        (false, false) => "exists already and is changed: CloudFormation says what it would do.",
        (false, true) => "is as this would make it. Its bucket is not.",
    };
    plan.notes.push(Note::info(format!("The stack {} {what}", wanted.stack)));
    for change in &change_set.changes {
        let note = if change.loses() { Note::warning } else { Note::info };
        plan.notes.push(note(change.words()));
    }
    if let Some((note, grade)) = turn(wanted, site.existing) {
        plan.notes.push(note);
        plan.grade = plan.grade.max(grade);
    }
    if !change_set.changes.is_empty() {
        if let Some(code) = &wanted.code {
            plan.push(Step::Stack(StackStep::Upload(code.clone())));
        }
        plan.push(Step::Stack(StackStep::Apply { stack: stack.clone(), change_set: change_set.arn.clone() }));
        plan.push(Step::Stack(StackStep::Await { stack, change_set: change_set.arn.clone() }));
    }
    // The template makes it disabled, and CloudFormation makes it so again when it changes anything else about it.
    let touches = change_set.changes.iter().any(|change| change.kind == MAPPING && change.action == "Modify");
    if let Some(mapping) = site.feeding.filter(|_| touches) {
        plan.notes.push(Note::warning(format!(
            "The mapping {mapping} is on. Its change disables it; it is enabled again afterwards, and images wait that long."
        )));
        plan.push(Step::Enable { mapping: mapping.to_owned() });
        plan.push(Step::AwaitEnabled { mapping: mapping.to_owned() });
        plan.steps.push(Planned { step: Step::Enable { mapping: mapping.to_owned() }, guard: Guard::IfFailed });
    }
    if let Some(former) = site.former.filter(|former| former.notifications.reach(&former.queue)) {
        plan.notes.push(Note::warning(format!(
            "The bucket {} stays, with everything in it, and its new images are looked at no longer.",
            former.bucket
        )));
        plan.push(notify(former, false));
    }
    if change_set.creates && wanted.parameters.get("AlarmTopic").is_none_or(String::is_empty) {
        plan.notes.push(Note::info(
            "Its alarms are seen in CloudWatch, and tell nobody: --alarm-topic names whom they tell.",
        ));
    }
    if let Some(source) = untold {
        plan.notes.push(Note::info(stays(source)));
        plan.push(notify(source, true));
    }
    Ok(plan)
}

const MAPPING: &str = "AWS::Lambda::EventSourceMapping";

/// What it means that a stack is deployed for another model than before.
fn turn(wanted: &Wanted, existing: Option<&Stack>) -> Option<(Note, Grade)> {
    let before = existing?.model()?;
    let after: ModelArn = wanted.parameters.get("ModelArn")?.parse().ok()?;
    let (before, after) = (before.name(), after.name());
    (before != after).then(|| match wanted.part {
        Part::Scheduler => {
            let said = format!("The alarm on the time in service watches {after} from now on, and {before} no longer.");
            (Note::warning(said), Grade::Change)
        }
        Part::Pipeline => {
            let said = format!("From now on {after} looks at the images of this pipeline, and {before} no longer.");
            (Note::danger(said), Grade::Danger)
        }
    })
}

/// Has a bucket tell its queue of new images, or of nothing any more.
#[must_use]
pub fn notify(source: &Source, told: bool) -> Step {
    let Source { bucket, queue, notifications } = source.clone();
    Step::Notify { bucket, queue, told, seen: Box::new(notifications) }
}

/// What becomes of everything else that a bucket tells.
fn stays(source: &Source) -> String {
    let Source { bucket, queue, notifications } = source;
    let mut others: Vec<String> = notifications.without(queue).rows.iter().map(Notification::words).collect();
    if notifications.event_bridge {
        others.push("EventBridge of everything".into());
    }
    if others.is_empty() {
        return format!("The bucket {bucket} is there already, and tells nobody else.");
    }
    format!("The bucket {bucket} is there already. What else it tells stays: {}.", others.join("; "))
}

/// The plan of taking a stack out again. Models that only its schedules would stop are stopped first, and what feeds through
/// its mapping is brought to its end. `source` is the bucket that tells its queue.
///
/// # Errors
/// When a model cannot be stopped, or CloudFormation is busy with the stack.
pub fn undeploy(
    ground: Ground<'_>,
    stack: &Stack,
    resources: &[(String, String)],
    source: Option<&Source>,
) -> Result<Plan, Unplannable> {
    if stack.is_busy() {
        return Err(Unplannable::new(format!(
            "The stack {} is {}. Wait until CloudFormation has come to its end with it.",
            stack.name, stack.status
        )));
    }
    if stack.protected {
        return Err(Unplannable::new(format!(
            "The stack {name} is protected against deletion. Whoever means it takes that off first: aws cloudformation \
             update-termination-protection --no-enable-termination-protection --stack-name {name}",
            name = stack.name
        )));
    }
    let of = |kind| of_kind(resources, kind);
    let groups: Vec<&str> = of("AWS::Scheduler::ScheduleGroup").collect();
    let mappings: Vec<String> = of(MAPPING).map(str::to_owned).collect();
    let mut plan = Plan {
        intent: Intent::Undeploy { stack: stack.arn.clone(), then: Vec::new() },
        subject: format!("the stack {}", stack.name),
        project_arn: None,
        seen: Vec::new(),
        steps: Vec::new(),
        notes: Vec::new(),
        grade: Grade::Danger,
    };
    let lost: Vec<_> =
        ground.fleet.schedules.rows.values().filter(|row| groups.contains(&row.group.as_str())).collect();
    let mut models: Vec<ModelArn> = Vec::new();
    for schedule in &lost {
        let aims = ground.picture.wiring.aims_by_schedule.get(&schedule.arn).into_iter().flatten();
        models.extend(aims.filter_map(|aim| aim.model.clone()));
        let says = schedule.expression.as_deref().unwrap_or_default();
        plan.notes.push(Note::warning(format!("Deletes the schedule {}: {says}", schedule.path())));
    }
    models.sort();
    models.dedup();
    for model in &models {
        leave_stopped(ground, model, &mut plan)?;
    }
    for model in ground.fleet.models.rows.keys().filter(|model| !models.contains(model)) {
        leave_unfed(ground, model, &mappings, &mut plan)?;
    }
    for mapping in &mappings {
        take_out(ground, mapping, &mut plan);
    }
    let made = of("AWS::S3::Bucket").find(|made| source.is_none_or(|source| source.bucket != *made));
    for bucket in source.map(|source| source.bucket.as_str()).into_iter().chain(made) {
        plan.notes.push(Note::info(format!("The bucket {bucket} stays, with everything in it.")));
    }
    // S3 takes no list of notifications any more, from anybody, in which a queue is named that is gone.
    if let Some(source) = source.filter(|source| source.notifications.reach(&source.queue)) {
        plan.push(notify(source, false));
    }
    plan.push(Step::Stack(StackStep::Delete { stack: stack.arn.clone() }));
    plan.push(Step::Stack(StackStep::AwaitDeleted { stack: stack.arn.clone() }));
    // A start may have fired until its schedule was gone, and what would have stopped it is gone as well.
    for model in models {
        plan.notes.push(Note::info(format!(
            "In the end {} is looked at once more, and stopped if something has started it meanwhile.",
            model.name()
        )));
        plan.push(Step::Stop { model: model.clone() });
        plan.push(Step::AwaitStopped { model });
    }
    plan.notes.sort_by_key(|note| std::cmp::Reverse(note.tone));
    Ok(plan)
}

/// The physical ids of the resources of a type.
fn of_kind<'a>(resources: &'a [(String, String)], kind: &'static str) -> impl Iterator<Item = &'a str> {
    resources.iter().filter(move |(known, _)| known == kind).map(|(_, id)| id.as_str())
}

/// Stops a model that nothing would stop any more.
fn leave_stopped(ground: Ground<'_>, model: &ModelArn, plan: &mut Plan) -> Result<(), Unplannable> {
    let name = model.name();
    let wires = ground.picture.wiring.mappings_of(model);
    let mappings = wires.iter().filter_map(|wire| ground.fleet.mappings.rows.get(&wire.uuid));
    let states: Vec<String> = mappings.map(|mapping| format!("{} is {}", mapping.uuid, mapping.state)).collect();
    let on = ground.fleet.models.rows.get(model).is_some_and(|row| row.status.is_on());
    if !on {
        let states = if states.is_empty() {
            String::new()
        } else {
            format!(" Its mappings stay as they are: {}.", states.join(", "))
        };
        plan.notes.push(Note::info(format!("{name} is stopped and stays so: nobody starts it any more.{states}")));
        return Ok(());
    }
    plan.notes.push(Note::danger(format!(
        "{name} is on, and nothing would stop it any more: it is stopped first. Its mappings are disabled for that and stay so."
    )));
    stop_first(ground, model, plan)
}

fn stop_first(ground: Ground<'_>, model: &ModelArn, plan: &mut Plan) -> Result<(), Unplannable> {
    let stop = super::stop(ground, model).map_err(|why| Unplannable::new(why.to_string()))?;
    plan.project_arn = plan.project_arn.take().or(stop.project_arn);
    plan.seen.extend(stop.seen);
    plan.steps.extend(stop.steps);
    Ok(())
}

/// Stops a model that only these mappings feed: it would cost as much as before and have nothing to look at.
fn leave_unfed(ground: Ground<'_>, model: &ModelArn, mappings: &[String], plan: &mut Plan) -> Result<(), Unplannable> {
    let wires = ground.picture.wiring.mappings_of(model);
    if wires.is_empty() || !wires.iter().all(|wire| mappings.contains(&wire.uuid)) {
        return Ok(());
    }
    let name = model.name();
    if let Some((at, by)) = Coming::of(ground, model).start {
        plan.notes.push(Note::warning(format!(
            "{} starts {name} again {}, and then it has nothing to look at: pause it, or take its stack out too.",
            by.path(),
            words::when(at, ground.now, ground.zone)
        )));
    }
    if !ground.fleet.models.rows.get(model).is_some_and(|row| row.status.is_on()) {
        return Ok(());
    }
    plan.notes.push(Note::danger(format!("{name} is on, and nothing would feed it any more: it is stopped first.")));
    stop_first(ground, model, plan)
}

/// Lets what is in flight through a mapping come to its end before the mapping is deleted.
fn take_out(ground: Ground<'_>, uuid: &str, plan: &mut Plan) {
    let Some(mapping) = ground.fleet.mappings.rows.get(uuid) else { return };
    // Where its model is stopped first that has been done by then.
    let done =
        plan.steps.iter().any(|planned| matches!(&planned.step, Step::Disable { mapping } if mapping.as_str() == uuid));
    if !done {
        plan.push(Step::Disable { mapping: uuid.to_owned() });
        plan.push(Step::AwaitDisabled { mapping: uuid.to_owned() });
    }
    let Some(arn) = mapping.queue_arn() else { return };
    if !done {
        plan.push(Step::Drain { queue: arn.to_owned() });
    }
    let Some(queue) = ground.fleet.queues.rows.get(arn) else { return };
    let waiting = queue.visible + queue.delayed;
    if waiting > 0 {
        plan.notes.push(Note::danger(format!(
            "{} in {}: they are deleted with the queue, and their images are not looked at.",
            words::count(waiting, "message"),
            queue.name()
        )));
    }
}
