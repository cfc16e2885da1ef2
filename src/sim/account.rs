//! The simulated account as its fronts see it: calls in, answers out, time passing in between.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::fault::Fault;
use super::faults::{self, Faults, Mishap};
use super::scenario::{FaultKind, Scenario, ScenarioError};
use super::world::World;
use super::{Handler, cloudformation, cloudwatch, events, lambda, rekognition, s3, scheduler, sqs, sts};
use crate::clock::Clock;

/// A simulated account.
#[derive(Debug)]
pub struct Sim {
    world: Mutex<World>,
    clock: Clock,
    faults: Faults,
    log: Mutex<Vec<Call>>,
}

/// A call that came in.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// When, by the account's clock.
    pub at: DateTime<Utc>,
    /// The service.
    pub service: String,
    /// The operation.
    pub operation: String,
    /// What was asked.
    pub input: Value,
    /// The error that was answered, if there was one.
    pub error: Option<Fault>,
    /// What was done to it on purpose.
    pub mishap: Option<FaultKind>,
}

/// What comes of a call.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The output, or the error.
    pub outcome: Result<Value, Fault>,
    /// What the front has to do to the answer: take its time, break off, say nothing.
    pub mishap: Option<Mishap>,
    /// The account's time when it answered.
    pub at: DateTime<Utc>,
}

/// How many calls the log remembers.
const REMEMBERED: usize = 4_096;

impl Sim {
    /// An account as a scenario describes it, on a clock that shows the scenario's start.
    ///
    /// # Errors
    /// If the scenario names something that is not in it.
    pub fn new(scenario: &Scenario, clock: Clock) -> Result<Arc<Self>, ScenarioError> {
        let refuse = |message| ScenarioError { file: scenario.scenario.name.clone(), message };
        let world = World::build(scenario).map_err(refuse)?;
        let faults = Faults::new(&scenario.faults);
        Ok(Arc::new(Self { world: Mutex::new(world), clock, faults, log: Mutex::default() }))
    }

    /// The account's clock.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// The calls that go wrong on purpose.
    #[must_use]
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// The latest calls, oldest first: no more than a few thousand.
    #[must_use]
    pub fn log(&self) -> Vec<Call> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Forgets the calls so far.
    pub fn clear_log(&self) {
        self.log.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// The account as of now: what is due has happened.
    pub fn world(&self) -> MutexGuard<'_, World> {
        // Handlers do not panic; should one, the world is at worst in the middle of one change.
        let mut world = self.world.lock().unwrap_or_else(PoisonError::into_inner);
        world.speed = self.clock.speed();
        world.real = self.clock.running();
        world.advance(self.clock.now());
        world
    }

    /// Answers a call.
    pub fn call(&self, service: &str, operation: &str, input: &Value) -> Reply {
        let mishap = self.faults.take(service, operation);
        let mut world = self.world();
        let at = world.now;
        let outcome = match mishap.and_then(|mishap| faults::answer(mishap.kind, service, operation, &world.caller)) {
            Some(fault) => Err(fault),
            None if mishap.is_some_and(|mishap| mishap.kind == FaultKind::DroppedBefore) => Ok(Value::Null),
            None => answer(&mut world, service, operation, input),
        };
        drop(world);
        self.remember(Call {
            at,
            service: service.to_owned(),
            operation: operation.to_owned(),
            input: short(input),
            error: outcome.as_ref().err().cloned(),
            mishap: mishap.map(|mishap| mishap.kind),
        });
        Reply { outcome, mishap, at }
    }

    fn remember(&self, call: Call) {
        let mut log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        if log.len() >= REMEMBERED {
            log.drain(..REMEMBERED / 2);
        }
        log.push(call);
    }
}

fn answer(world: &mut World, service: &str, operation: &str, input: &Value) -> Result<Value, Fault> {
    if world.throttle
        && let Some((key, per_second)) = rate(service, operation)
        && !world.let_through(&key, per_second)
    {
        return Err(faults::throttled(service));
    }
    let call: Handler = match service {
        "rekognition" => rekognition::call,
        "lambda" => lambda::call,
        "scheduler" => scheduler::call,
        "events" => events::call,
        "sqs" => sqs::call,
        "cloudwatch" => cloudwatch::call,
        "sts" => sts::call,
        "cloudformation" => cloudformation::call,
        "s3" => s3::call,
        _ => return Err(Fault::unknown_operation(operation)),
    };
    let outcome = call(world, operation, input);
    // What a call sets off at once has happened when its answer arrives.
    let now = world.now;
    world.advance(now);
    outcome
}

/// An input without an object's bytes: the log is no second store of them.
fn short(input: &Value) -> Value {
    const LONG: usize = 4_096;
    let mut input = input.clone();
    if let Some(body) = input.get_mut("Body").filter(|body| body.as_str().is_some_and(|text| text.len() > LONG)) {
        *body = Value::Null;
    }
    input
}

/// The rate of an operation: Rekognition counts each by itself, Lambda its control plane as a whole.
fn rate(service: &str, operation: &str) -> Option<(String, f64)> {
    match (service, operation) {
        ("rekognition", "DetectCustomLabels") => Some(("rekognition DetectCustomLabels".to_owned(), 50.0)),
        ("rekognition", _) => Some((format!("rekognition {operation}"), 5.0)),
        ("lambda", "Invoke") => None,
        ("lambda", _) => Some(("lambda".to_owned(), 15.0)),
        _ => None,
    }
}
