//! What the functions do.

use std::collections::{BTreeSet, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use tokio::sync::Notify;

use super::event::{Event, EventError};
use super::log::{Log, Steps};
use crate::aws::Account;
use crate::domain::model::Status;
use crate::domain::operation::{Operation, Standing, StepStanding};
use crate::domain::plan::{Intent, Plan, Step, Units, scheduled_start, scheduled_stop};
use crate::domain::trouble::Trouble;
use crate::operation::{Engine, Manner, Means, Wait};
use crate::store::Journal;

/// This much before its deadline a function ends: a call that is under way may take as long ([`crate::aws::Patience`]), and
/// what it has to say must still arrive.
const BEFORE_THE_END: TimeDelta = TimeDelta::seconds(20);

/// What a function works with.
#[derive(Clone, Debug)]
pub struct Shift {
    /// The account.
    pub account: Account,
    /// How to wait.
    pub manner: Manner,
    /// When Lambda ends the function, in the account's time.
    pub deadline: DateTime<Utc>,
    /// The request's id: the same when Lambda invokes the function again for an event that was not done.
    pub request: String,
    /// What earlier invocations have left.
    pub memory: Memory,
}

/// What a process remembers from one invocation to the next: which request has started or stopped its model. Lambda most
/// often gives a request that it tries again to the process that had it before.
#[derive(Clone, Debug, Default)]
pub struct Memory(Arc<Mutex<VecDeque<String>>>);

/// So many requests are remembered: those of all models that start at one time.
const REMEMBERED: usize = 64;

impl Memory {
    fn keep(&self, request: &str) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.push_back(request.to_owned());
        if kept.len() > REMEMBERED {
            kept.pop_front();
        }
    }

    fn has(&self, request: &str) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().any(|kept| kept == request)
    }
}

/// Why a function has not done what it was told. Lambda invokes it again, twice, and then gives the event to its failure
/// destination.
#[derive(Debug)]
pub enum Failure {
    /// The event says nothing that could be done.
    Event(EventError),
    /// The start is on its way, and the next invocation goes on from there.
    StillStarting(String),
    /// The stop is on its way, and the next invocation goes on from there.
    StillStopping(String),
    /// It could not be done.
    Failed(String),
}

impl Failure {
    /// The word by which alarms and failure destinations tell them apart.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Event(_) => "WrongEvent",
            Self::StillStarting(_) => "StillStarting",
            Self::StillStopping(_) => "StillStopping",
            Self::Failed(_) => "Failed",
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Event(error) => write!(f, "{error}"),
            Self::StillStarting(said) => write!(f, "Still starting: {said}"),
            Self::StillStopping(said) => write!(f, "Still stopping: {said}"),
            Self::Failed(said) => f.write_str(said),
        }
    }
}

impl std::error::Error for Failure {}

impl From<Trouble> for Failure {
    fn from(trouble: Trouble) -> Self {
        Self::Failed(trouble.to_string())
    }
}

/// Starts a model: StartProjectVersion, wait until RUNNING, enable its mappings, wait until they are Enabled. Whatever of
/// that is so already stays so.
///
/// # Errors
/// When the event names nothing, when it cannot be done, and near the deadline, to be invoked again.
pub async fn startup(event: &Event, shift: &Shift, log: &dyn Log) -> Result<Value, Failure> {
    let project = project(event, shift).await?;
    if event.check {
        return check(event, &project, shift).await;
    }
    let units = match event.units {
        Some(units) => units,
        None => configured(event, &project, shift).await?,
    };
    // One mapping that is gone is no reason to leave the others off all day. It is told at the end.
    let (mut there, mut gone) = (Vec::new(), Vec::new());
    for uuid in &event.mappings {
        let is_gone = matches!(shift.account.mapping_now(uuid).await, Ok(None));
        if is_gone { gone.push(uuid.clone()) } else { there.push(uuid.clone()) }
    }
    let done = carry_out(scheduled_start(&event.model, &project, units, &there), shift, log).await?;
    if gone.is_empty() {
        return Ok(done);
    }
    Err(Failure::Failed(format!(
        "{} runs, but its schedule names a mapping that does not exist any more: {}. Run: rekotui window '{}/{}' \
         --take-mappings",
        event.model.name(),
        gone.join(", "),
        event.model.project(),
        event.model.version()
    )))
}

/// Stops a model: disable its mappings, wait until they are Disabled and nothing is in flight, StopProjectVersion, wait until
/// STOPPED. Whatever of that is so already stays so.
///
/// # Errors
/// As [`startup`].
pub async fn shutdown(event: &Event, shift: &Shift, log: &dyn Log) -> Result<Value, Failure> {
    let project = project(event, shift).await?;
    if event.check {
        return check(event, &project, shift).await;
    }
    let mut queues = BTreeSet::new();
    for uuid in &event.mappings {
        // A mapping that is gone feeds nothing, and one that cannot be read now is looked at again by its step.
        let mapping = shift.account.mapping_now(uuid).await.ok().flatten();
        queues.extend(mapping.and_then(|mapping| mapping.queue_arn().map(str::to_owned)));
    }
    let queues: Vec<String> = queues.into_iter().collect();
    carry_out(scheduled_stop(&event.model, &project, &event.mappings, &queues), shift, log).await
}

/// What a function sees of the model and the mappings with its own permissions, and changes nothing.
async fn check(event: &Event, project: &str, shift: &Shift) -> Result<Value, Failure> {
    let model = shift.account.model_now(&event.model, project).await?;
    let model = model.ok_or_else(|| {
        let name = event.model.name();
        Failure::Failed(format!(
            "{name} does not exist any more. Correct the schedule's Input, or delete the schedule."
        ))
    })?;
    let mut mappings = Vec::new();
    for uuid in &event.mappings {
        let mapping = shift.account.mapping_now(uuid).await?;
        let mapping = mapping.ok_or_else(|| Failure::Failed(format!("The mapping {uuid} does not exist any more.")))?;
        mappings.push(json!({ "uuid": uuid, "state": mapping.state.as_str() }));
    }
    Ok(json!({
        "outcome": "checked",
        "version": env!("CARGO_PKG_VERSION"),
        "model": event.model.as_str(),
        "status": model.status.as_str(),
        "mappings": mappings,
    }))
}

/// The ARN of the model's project: a model's own has the name of it alone. Empty where AWS does not tell it now: each step
/// asks for it then, and is patient, which this is not.
async fn project(event: &Event, shift: &Shift) -> Result<String, Failure> {
    let found = match shift.account.project_now(event.model.project()).await {
        Ok(found) => found,
        Err(trouble) if !event.check && Means::of(&trouble) == Means::Again => return Ok(String::new()),
        Err(trouble) => return Err(trouble.into()),
    };
    found.map(|project| project.arn).ok_or_else(|| {
        let name = event.model.name();
        Failure::Failed(format!(
            "The project of {name} does not exist in this account and region. Correct the schedule's Input."
        ))
    })
}

/// The units that the model had last; one, if it never ran.
async fn configured(event: &Event, project: &str, shift: &Shift) -> Result<Units, Failure> {
    let model = shift.account.model_now(&event.model, project).await?;
    let last =
        model.and_then(|model| Some(Units { min: model.min_units.filter(|min| *min > 0)?, max: model.max_units }));
    Ok(last.unwrap_or(Units { min: 1, max: None }))
}

async fn carry_out(plan: Plan, shift: &Shift, log: &dyn Log) -> Result<Value, Failure> {
    // It lives no longer than this invocation: what it was at, the next one finds by looking.
    let journal = Journal::in_memory().map_err(|error| Failure::Failed(error.to_string()))?;
    let still = match plan.intent {
        Intent::Start { .. } => Failure::StillStarting,
        _ => Failure::StillStopping,
    };
    if shift.memory.has(&shift.request)
        && let Some(overtaken) = overtaken(&plan, shift).await
    {
        log.line(&overtaken);
        return Ok(overtaken);
    }
    let late = Arc::new(Notify::new());
    let manner = Manner { wait: until(shift, late.clone()), ..shift.manner.clone() };
    let engine = Engine::new(shift.account.clone(), journal.clone(), manner);
    let driver = engine.begin(plan).await.map_err(|refusal| Failure::Failed(refusal.to_string()))?;
    let id = driver.operation().id.clone();
    let clock = shift.account.clock().clone();
    let steps = Steps::new(log);
    let done = tokio::select! {
        biased;
        done = driver.carry(|operation: &Operation| steps.note(operation, clock.now())) => Some(done),
        () = late.notified() => None,
    };
    let left = done.clone().or_else(|| journal.read(&id).ok().flatten());
    if let Some(operation) = left.as_ref().filter(|operation| is_under_way(operation)) {
        shift.memory.keep(&shift.request);
        // Lambda would try again what has failed, against whoever did the opposite meanwhile.
        if matches!(operation.standing, Standing::Failed(_))
            && let Some(overtaken) = overtaken(&operation.plan, shift).await
        {
            log.line(&overtaken);
            return Ok(overtaken);
        }
    }
    let ended = match done {
        Some(operation) => verdict(&operation, still),
        // Dropped at any instant it leaves nothing half-written.
        None => {
            let words = left.map(|operation| operation.sentence());
            let words = words.unwrap_or_else(|| "nobody knows how far".into());
            Err(still(format!("{words}; the time of this invocation is over, and the next one goes on from there.")))
        }
    };
    let (outcome, why) = match &ended {
        Ok(_) => ("done", None),
        Err(failure) => (failure.kind(), Some(failure.to_string())),
    };
    log.line(&json!({ "operation": id.to_string(), "outcome": outcome, "why": why }));
    ended
}

/// Whether the model was seen to start or to stop, as it was to.
fn is_under_way(operation: &Operation) -> bool {
    let main = |step: &Step| matches!(step, Step::Start { .. } | Step::Stop { .. });
    operation.of_steps().any(|(step, record)| main(step) && record.standing == StepStanding::Done)
}

/// Says that somebody has done the opposite since, if somebody has: a model that was stopped while it was being started, or
/// started while it was being stopped, stays as they wanted it.
async fn overtaken(plan: &Plan, shift: &Shift) -> Option<Value> {
    let (model, starts) = match &plan.intent {
        Intent::Start { model, .. } => (model, true),
        Intent::Stop { model } => (model, false),
        _ => return None,
    };
    let project = plan.project_arn.as_deref().unwrap_or_default();
    let status = shift.account.model_now(model, project).await.ok()??.status;
    let opposite = if starts { matches!(status, Status::Stopping | Status::Stopped) } else { status.is_on() };
    opposite.then(|| {
        let (done, meant) = if starts { ("stopped", "started") } else { ("started", "stopped") };
        let why = format!("Somebody has {done} it meanwhile, so it is not {meant} once more.");
        json!({ "outcome": "overtaken", "model": model.as_str(), "status": status.as_str(), "why": why })
    })
}

/// Waits as before, but not beyond the end of this invocation: that is told instead.
fn until(shift: &Shift, late: Arc<Notify>) -> Wait {
    let (wait, clock) = (shift.manner.wait.clone(), shift.account.clock().clone());
    let end = shift.deadline - BEFORE_THE_END;
    Arc::new(move |span| {
        if clock.now() + span < end {
            return wait(span);
        }
        let late = late.clone();
        Box::pin(async move {
            late.notify_one();
            std::future::pending::<()>().await;
        })
    })
}

fn verdict(operation: &Operation, still: fn(String) -> Failure) -> Result<Value, Failure> {
    match (&operation.standing, &operation.rests) {
        (Standing::Done, _) => {
            let steps: Vec<String> =
                operation.of_steps().map(|(step, record)| format!("{}: {}", step.title(), record.words)).collect();
            Ok(json!({ "outcome": "done", "model": operation.plan.intent.arn(), "steps": steps }))
        }
        (Standing::Unfinished, Some(why)) => Err(still(why.clone())),
        (standing, _) => Err(Failure::Failed(standing.why().unwrap_or("It was not carried out.").to_owned())),
    }
}
