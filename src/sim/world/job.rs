//! What the functions do that start and stop models: step by step, through the same calls that anybody else makes.

use std::collections::{BTreeMap, VecDeque};

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::agenda::{Event, Invocation};
use super::queue::Batch;
use super::{Function, Invoked, World, is_model_arn};
use crate::sim::scenario::Role;
use crate::sim::{lambda, rekognition};

/// The invocations that have not finished, and what they wait for.
#[derive(Debug, Default)]
pub struct Jobs {
    running: BTreeMap<u64, Job>,
    /// By the model or mapping that they wait for.
    waiting: BTreeMap<String, Vec<u64>>,
    /// Those that have a reason to look again.
    ready: VecDeque<u64>,
    serial: u64,
}

#[derive(Debug)]
struct Job {
    invocation: Invocation,
    steps: VecDeque<Step>,
}

impl Jobs {
    /// A model or mapping has changed: who waits for it looks again.
    pub fn touch(&mut self, subject: &str) {
        self.ready.extend(self.waiting.remove(subject).unwrap_or_default());
    }

    /// A job looks again, because the time has come.
    pub fn wake(&mut self, id: u64) {
        self.ready.push_back(id);
    }

    fn begin(&mut self, job: Job) {
        self.serial += 1;
        self.running.insert(self.serial, job);
        self.ready.push_back(self.serial);
    }
}

/// Something that a function does or waits for.
#[derive(Clone, Debug)]
enum Step {
    Start { model: String, min: u32, max: Option<u32> },
    AwaitRunning { model: String },
    Switch { uuid: String, enabled: bool },
    AwaitSwitched { uuid: String, enabled: bool },
    AwaitDrained { uuid: String, until: Option<DateTime<Utc>> },
    Stop { model: String },
}

impl Step {
    /// The model or mapping that it is about.
    fn subject(&self) -> &str {
        match self {
            Self::Start { model, .. } | Self::AwaitRunning { model } | Self::Stop { model } => model,
            Self::Switch { uuid, .. } | Self::AwaitSwitched { uuid, .. } | Self::AwaitDrained { uuid, .. } => uuid,
        }
    }
}

/// What became of trying a step.
enum Outcome {
    Done,
    Wait,
    WaitFor(TimeDelta),
    Failed(String),
}

/// How long a shutdown waits for messages in flight.
const PATIENCE: TimeDelta = TimeDelta::minutes(5);

impl World {
    /// Begins an invocation; what can be done at once is done.
    pub(super) fn invoke(&mut self, invocation: Invocation) {
        if self.functions.get(&invocation.function).is_some_and(|function| self.runs_abroad(function)) {
            self.send_abroad(invocation);
            return;
        }
        match self.steps(&invocation) {
            Ok(steps) => self.jobs.begin(Job { invocation, steps }),
            Err(error) => self.finish(invocation, Some(error)),
        }
    }

    /// Runs a function for someone who waits: as far as it gets at once. It goes on by itself afterwards.
    ///
    /// # Errors
    /// The function's own error, as text.
    pub fn invoke_now(&mut self, function: &str, payload: Value) -> Result<Value, String> {
        let invocation = Invocation { function: function.to_owned(), payload, attempt: 0, waits: true };
        let before = self.invocations.len();
        let looked = self.looked(&invocation).and_then(Result::ok);
        self.invoke(invocation);
        self.run_jobs();
        let finished = self.invocations.get(before..).unwrap_or_default();
        match finished.iter().find(|invoked| invoked.function == function).and_then(|invoked| invoked.error.clone()) {
            Some(error) => Err(error),
            None => Ok(looked.unwrap_or_else(|| json!({ "status": "ok" }))),
        }
    }

    /// Lets every job that has a reason to look again do what it can, until nothing stirs any more.
    pub(super) fn run_jobs(&mut self) {
        while let Some(id) = self.jobs.ready.pop_front() {
            let Some(mut job) = self.jobs.running.remove(&id) else { continue };
            match self.run_job(&mut job) {
                Outcome::Wait => {
                    let subject = job.steps.front().map(|step| step.subject().to_owned()).unwrap_or_default();
                    self.jobs.waiting.entry(subject).or_default().push(id);
                    self.jobs.running.insert(id, job);
                }
                Outcome::WaitFor(span) => {
                    self.later(span, Event::Wake(id));
                    self.jobs.running.insert(id, job);
                }
                Outcome::Done => self.finish(job.invocation, None),
                Outcome::Failed(error) => self.finish(job.invocation, Some(error)),
            }
        }
    }

    fn run_job(&mut self, job: &mut Job) -> Outcome {
        while let Some(step) = job.steps.front_mut() {
            match self.step(step) {
                Outcome::Done => {
                    job.steps.pop_front();
                }
                other => return other,
            }
        }
        Outcome::Done
    }

    pub(super) fn finish(&mut self, invocation: Invocation, error: Option<String>) {
        let Invocation { function, payload, attempt, waits } = invocation;
        if let (Some(error), false) = (&error, waits) {
            let (retries, destination) = self.invoke_config(&function);
            if attempt < retries {
                let again =
                    Invocation { function: function.clone(), payload: payload.clone(), attempt: attempt + 1, waits };
                self.later(TimeDelta::minutes(i64::from(attempt) + 1), Event::Invoke(again));
            } else if let Some(queue) = destination {
                self.give_up(&function, &payload, attempt, error, &queue);
            }
        }
        self.remember_invoked(Invoked { at: self.now, function, payload, attempt, error });
    }

    /// Tells a queue of an event that every invocation failed for (Lambda Developer Guide, "Capturing records of Lambda
    /// asynchronous invocations").
    fn give_up(&mut self, function: &str, payload: &Value, attempt: u32, error: &str, queue: &str) {
        let record = json!({
            "version": "1.0",
            "timestamp": self.now.to_rfc3339_opts(chrono::SecondsFormat::Millis, true),
            "requestContext": {
                "requestId": self.next_uuid(),
                "functionArn": self.arn("lambda", &format!("function:{function}:$LATEST")),
                "condition": "RetriesExhausted",
                "approximateInvokeCount": attempt + 1,
            },
            "requestPayload": payload,
            "responseContext": { "statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled" },
            "responsePayload": { "errorMessage": error, "errorType": "Error" },
        });
        let (id, now) = (self.next_uuid(), self.now);
        self.settle(queue);
        if let Some(queue) = self.queues.get_mut(queue) {
            queue.put(Batch::single(now, id, record.to_string()));
        }
    }

    fn steps(&self, invocation: &Invocation) -> Result<VecDeque<Step>, String> {
        let Some(function) = self.function(&invocation.function) else {
            return Err(format!("Function not found: {}", invocation.function));
        };
        if let Some(error) = &function.fails {
            return Err(error.clone());
        }
        if let Some(looked) = self.looked(invocation) {
            return looked.map(|_| VecDeque::new());
        }
        let asked = Asked::read(&invocation.payload, function);
        match function.role {
            Role::Startup => asked.start_steps(function),
            Role::Shutdown => asked.stop_steps(function),
            Role::Inference | Role::Other => Ok(VecDeque::new()),
        }
    }

    fn step(&mut self, step: &mut Step) -> Outcome {
        match step {
            Step::Start { model, min, max } => self.try_start(&model.clone(), *min, *max),
            Step::AwaitRunning { model } => match self.models.get(model) {
                Some(model) if model.runs() => Outcome::Done,
                Some(model) if model.status == "STARTING" => Outcome::Wait,
                Some(model) => Outcome::Failed(format!(
                    "the model is {}: {}",
                    model.status,
                    model.status_message.as_deref().unwrap_or("")
                )),
                None => Outcome::Failed(format!("there is no model {model}")),
            },
            Step::Switch { uuid, enabled } => self.try_switch(&uuid.clone(), *enabled),
            Step::AwaitSwitched { uuid, enabled } => {
                let wanted = if *enabled { "Enabled" } else { "Disabled" };
                match self.mappings.get(uuid) {
                    Some(mapping) if mapping.state == wanted => Outcome::Done,
                    Some(mapping) if mapping.in_transition() => Outcome::Wait,
                    _ => Outcome::Failed(format!("the mapping {uuid} did not become {wanted}")),
                }
            }
            Step::AwaitDrained { uuid, until } => {
                let until = *until.get_or_insert(self.now + PATIENCE);
                self.is_drained(&uuid.clone(), until)
            }
            Step::Stop { model } => self.try_stop(&model.clone()),
        }
    }

    fn is_drained(&mut self, uuid: &str, until: DateTime<Utc>) -> Outcome {
        let Some(queue) = self.mappings.get(uuid).map(|mapping| mapping.queue().to_owned()) else {
            return Outcome::Done;
        };
        self.settle(&queue);
        let busy = self.queues.get(&queue).is_some_and(super::Queue::is_busy);
        if !busy || self.now >= until {
            return Outcome::Done;
        }
        Outcome::WaitFor(TimeDelta::seconds(10))
    }

    fn try_start(&mut self, arn: &str, min: u32, max: Option<u32>) -> Outcome {
        if self.models.get(arn).is_some_and(|model| matches!(model.status.as_str(), "STARTING" | "RUNNING")) {
            return Outcome::Done;
        }
        let mut input = json!({ "ProjectVersionArn": arn, "MinInferenceUnits": min });
        if let (Some(max), Some(fields)) = (max, input.as_object_mut()) {
            fields.insert("MaxInferenceUnits".to_owned(), max.into());
        }
        match rekognition::call(self, "StartProjectVersion", &input) {
            Ok(_) => Outcome::Done,
            Err(fault) => Outcome::Failed(fault.to_string()),
        }
    }

    fn try_stop(&mut self, arn: &str) -> Outcome {
        let stopped = |status: &str| matches!(status, "STOPPED" | "STOPPING" | "FAILED" | "TRAINING_COMPLETED");
        if self.models.get(arn).is_some_and(|model| stopped(&model.status)) {
            return Outcome::Done;
        }
        match rekognition::call(self, "StopProjectVersion", &json!({ "ProjectVersionArn": arn })) {
            Ok(_) => Outcome::Done,
            Err(fault) => Outcome::Failed(fault.to_string()),
        }
    }

    fn try_switch(&mut self, uuid: &str, enabled: bool) -> Outcome {
        let (state, way) = if enabled { ("Enabled", "Enabling") } else { ("Disabled", "Disabling") };
        match self.mappings.get(uuid) {
            Some(mapping) if mapping.state == state || mapping.state == way => return Outcome::Done,
            Some(mapping) if mapping.in_transition() => return Outcome::Wait,
            _ => {}
        }
        match lambda::call(self, "UpdateEventSourceMapping", &json!({ "UUID": uuid, "Enabled": enabled })) {
            Ok(_) => Outcome::Done,
            Err(fault) => Outcome::Failed(fault.to_string()),
        }
    }
}

/// What an invocation is about: its payload, and where that is silent the function's environment.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) action: Option<String>,
    pub(super) models: Vec<String>,
    pub(super) mappings: Vec<String>,
    min: u32,
    max: Option<u32>,
}

impl Asked {
    pub(super) fn read(payload: &Value, function: &Function) -> Self {
        let text = |key: &str| payload.get(key).and_then(Value::as_str).map(str::to_owned);
        let number = |key: &str| payload.get(key).and_then(Value::as_u64).and_then(|n| u32::try_from(n).ok());
        let models = match text("model").filter(|model| is_model_arn(model)) {
            Some(model) => vec![model],
            None => function.models().map(str::to_owned).collect(),
        };
        let mappings = match payload.get("mappings").and_then(Value::as_array) {
            Some(list) => list.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            None => function.mappings().map(str::to_owned).collect(),
        };
        let environment = |key: &str| function.environment.get(key).and_then(|value| value.parse().ok());
        Self {
            action: text("action"),
            models,
            mappings,
            min: number("min_inference_units").or_else(|| environment("MIN_INFERENCE_UNITS")).unwrap_or(1),
            max: number("max_inference_units").or_else(|| environment("MAX_INFERENCE_UNITS")),
        }
    }

    fn check(&self, function: &Function, action: &str) -> Result<(), String> {
        match self.action.as_deref() {
            Some(other) if other != action => {
                Err(format!("{} is asked to {other}, but it can only {action}", function.name))
            }
            _ if self.models.is_empty() => Err(format!("{} does not know which model it is about", function.name)),
            _ => Ok(()),
        }
    }

    fn start_steps(self, function: &Function) -> Result<VecDeque<Step>, String> {
        self.check(function, "start")?;
        let mut steps = VecDeque::new();
        for model in self.models {
            steps.push_back(Step::Start { model: model.clone(), min: self.min, max: self.max });
            steps.push_back(Step::AwaitRunning { model });
        }
        push_switches(&mut steps, &self.mappings, true);
        Ok(steps)
    }

    fn stop_steps(self, function: &Function) -> Result<VecDeque<Step>, String> {
        self.check(function, "stop")?;
        let mut steps = VecDeque::new();
        push_switches(&mut steps, &self.mappings, false);
        let drained = self.mappings.iter().map(|uuid| Step::AwaitDrained { uuid: uuid.clone(), until: None });
        steps.extend(drained);
        steps.extend(self.models.into_iter().map(|model| Step::Stop { model }));
        Ok(steps)
    }
}

fn push_switches(steps: &mut VecDeque<Step>, mappings: &[String], enabled: bool) {
    steps.extend(mappings.iter().map(|uuid| Step::Switch { uuid: uuid.clone(), enabled }));
    steps.extend(mappings.iter().map(|uuid| Step::AwaitSwitched { uuid: uuid.clone(), enabled }));
}
