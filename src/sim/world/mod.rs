//! The state of the simulated account, and how time passes in it.
//!
//! Nothing happens between two looks: [`World::advance`] lets everything happen that was due since the last one, in the
//! order of time. Messages are counted in batches rather than kept one by one, so that a month costs little.

pub mod abroad;
pub mod agenda;
pub mod bucket;
pub mod build;
pub mod fires;
pub mod flow;
pub mod generate;
pub mod job;
mod look;
pub mod mapping;
pub mod model;
pub mod past;
pub mod queue;
pub mod schedule;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value};

use super::cloudformation::stack::Stacks;
use super::history::RunLog;
use super::scenario::Role;
use abroad::Abroad;
use agenda::{Agenda, Event, Invocation};
pub use bucket::Bucket;
use job::Jobs;
pub use mapping::Mapping;
pub use model::Model;
pub use queue::Queue;
pub use schedule::{Rule, Schedule};

/// Everything that the account holds, at one instant.
#[derive(Debug, Default)]
pub struct World {
    /// The instant that this state is of.
    pub now: DateTime<Utc>,
    /// How many times faster than the world its time passes.
    pub speed: f64,
    /// How long its clock has been showing a time of its own, in real time, by which call rates are measured: at a speed
    /// of nought nothing else passes. `None`: by the account's time and its speed, as where a test moves the clock.
    pub real: Option<Duration>,
    /// The account's number.
    pub account: String,
    /// The region.
    pub region: String,
    /// The ARN that GetCallerIdentity answers.
    pub caller: String,
    /// How many models may run at once.
    pub running_models: usize,
    /// How many inference units a model may be started with.
    pub inference_units: u32,
    /// Whether Rekognition's call rates are enforced.
    pub throttle: bool,
    /// A cap on the size of every page.
    pub page_cap: Option<usize>,
    /// The projects, by ARN.
    pub projects: BTreeMap<String, Project>,
    /// The models, by ARN.
    pub models: BTreeMap<String, Model>,
    /// The buckets, by name.
    pub buckets: BTreeMap<String, Bucket>,
    /// The queues, by name.
    pub queues: BTreeMap<String, Queue>,
    /// The functions, by name.
    pub functions: BTreeMap<String, Function>,
    /// The mappings, by UUID.
    pub mappings: BTreeMap<String, Mapping>,
    /// When each schedule group was created, by name.
    pub groups: BTreeMap<String, DateTime<Utc>>,
    /// The tags of schedule groups, by name.
    pub group_tags: BTreeMap<String, BTreeMap<String, String>>,
    /// The schedules, by group and name.
    pub schedules: BTreeMap<(String, String), Schedule>,
    /// The rules of the default bus, by name.
    pub rules: BTreeMap<String, Rule>,
    /// When each model ran, by the names of project and version.
    pub history: BTreeMap<(String, String), RunLog>,
    /// What functions were invoked, in the order in which they finished.
    pub invocations: Vec<Invoked>,
    /// What schedules and rules handed to their targets.
    pub deliveries: Vec<Delivered>,
    /// The tokens of calls that must not take effect twice, with what was asked and answered.
    pub tokens: BTreeMap<String, (Value, Value)>,
    /// When calls of an operation were let through last.
    pub rates: BTreeMap<String, Rate>,
    /// The stacks of CloudFormation, and what only they know.
    pub stacks: Stacks,
    agenda: Agenda,
    jobs: Jobs,
    abroad: Abroad,
    links: flow::Links,
    serial: u64,
}

/// A project.
#[derive(Clone, Debug)]
pub struct Project {
    /// Its ARN.
    pub arn: String,
    /// Its name.
    pub name: String,
    /// When it was created.
    pub created: DateTime<Utc>,
    /// `CUSTOM_LABELS` or `CONTENT_MODERATION`.
    pub feature: String,
    /// `CREATING`, `CREATED` or `DELETING`.
    pub status: String,
}

/// A function.
#[derive(Clone, Debug)]
pub struct Function {
    /// Its name.
    pub name: String,
    /// Its ARN, without an alias.
    pub arn: String,
    /// What it does.
    pub role: Role,
    /// Its environment.
    pub environment: BTreeMap<String, String>,
    /// Its timeout in seconds.
    pub timeout_seconds: u32,
    /// How long it works on one message.
    pub seconds_per_message: f64,
    /// Its runtime.
    pub runtime: String,
    /// Its description.
    pub description: String,
    /// When it was last modified.
    pub modified: DateTime<Utc>,
    /// It fails at once, with this message.
    pub fails: Option<String>,
    /// The zip that it was made of, if somebody uploaded one.
    pub code: Option<Arc<[u8]>>,
    /// Members of GetFunctionConfiguration that it was made with, such as `Handler` and `CodeSha256`.
    pub configuration: Map<String, Value>,
}

/// A call of a function that has finished.
#[derive(Clone, Debug, PartialEq)]
pub struct Invoked {
    /// When it finished.
    pub at: DateTime<Utc>,
    /// The function's name.
    pub function: String,
    /// What it was given.
    pub payload: Value,
    /// How often it was tried before.
    pub attempt: u32,
    /// Why it failed.
    pub error: Option<String>,
}

/// An event that reached its target, or did not.
#[derive(Clone, Debug, PartialEq)]
pub struct Delivered {
    /// When.
    pub at: DateTime<Utc>,
    /// The ARN of the schedule or rule.
    pub source: String,
    /// The target's ARN.
    pub target: String,
    /// Why it did not.
    pub error: Option<String>,
}

/// How many more calls of an operation are let through.
#[derive(Clone, Copy, Debug)]
pub struct Rate {
    /// How many, as of `at`.
    pub left: f64,
    /// When this was reckoned.
    pub at: DateTime<Utc>,
}

/// How many invocations and deliveries are remembered.
const REMEMBERED: usize = 2_000;

impl World {
    /// Lets time pass until `now`: everything that was due happens, in order. Time never runs backwards.
    pub fn advance(&mut self, now: DateTime<Utc>) {
        while let Some((at, event)) = self.agenda.take_due(now) {
            self.now = self.now.max(at);
            self.happen(event);
            self.run_jobs();
        }
        self.now = self.now.max(now);
        self.run_jobs();
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::ModelSettles { arn, generation } => self.model_settles(&arn, generation),
            Event::MappingSettles { uuid, generation } => self.mapping_settles(&uuid, generation),
            Event::ScheduleFires { key, generation, planned } => self.schedule_fires(&key, generation, planned),
            Event::ScheduleEnds { key, generation } => self.schedule_ends(&key, generation),
            Event::RuleFires { name, generation } => self.rule_fires(&name, generation),
            Event::Deliver(delivery) => self.deliver(*delivery),
            Event::Invoke(invocation) => self.invoke(invocation),
            Event::Wake(job) => self.jobs.wake(job),
            Event::Reflow(queue) => self.reflow(&queue),
            Event::Stack { id, generation, task } => self.stack_goes_on(&id, generation, task),
        }
    }

    /// Puts down an event that happens in `after` from now.
    pub fn later(&mut self, after: TimeDelta, event: Event) {
        self.agenda.put(self.now + after, event);
    }

    /// Puts down an event for `at`.
    pub fn put_down(&mut self, at: DateTime<Utc>, event: Event) {
        self.agenda.put(at, event);
    }

    /// Invokes a function asynchronously: it runs at once, and if it fails again after one and after two minutes.
    pub fn invoke_later(&mut self, function: &str, payload: Value) {
        let invocation = Invocation { function: function.to_owned(), payload, attempt: 0, waits: false };
        self.later(TimeDelta::zero(), Event::Invoke(invocation));
    }

    /// A number that was not given out before.
    pub fn next_serial(&mut self) -> u64 {
        self.serial += 1;
        self.serial
    }

    /// A UUID that was not given out before; the same in each run of a scenario.
    pub fn next_uuid(&mut self) -> String {
        let serial = self.next_serial();
        uuid(serial)
    }

    /// The ARN of something of this account: `arn:aws:<service>:<region>:<account>:<rest>`.
    #[must_use]
    pub fn arn(&self, service: &str, rest: &str) -> String {
        format!("arn:aws:{service}:{}:{}:{rest}", self.region, self.account)
    }

    /// The function of a name, a partial or whole ARN, with or without an alias or version.
    #[must_use]
    pub fn function(&self, reference: &str) -> Option<&Function> {
        self.functions.get(function_name(reference))
    }

    fn remember_invoked(&mut self, invoked: Invoked) {
        if self.invocations.len() >= REMEMBERED {
            self.invocations.drain(..REMEMBERED / 2);
        }
        self.invocations.push(invoked);
    }

    fn remember_delivered(&mut self, delivered: Delivered) {
        if self.deliveries.len() >= REMEMBERED {
            self.deliveries.drain(..REMEMBERED / 2);
        }
        self.deliveries.push(delivered);
    }
}

impl Function {
    /// The models that its environment names.
    pub fn models(&self) -> impl Iterator<Item = &str> {
        self.environment.values().map(String::as_str).filter(|value| is_model_arn(value))
    }

    /// The mappings that its environment names.
    pub fn mappings(&self) -> impl Iterator<Item = &str> {
        self.environment.values().flat_map(|value| value.split(',')).map(str::trim).filter(|part| is_uuid(part))
    }
}

/// The bare name in a reference to a function: a name, a partial or whole ARN, with or without a qualifier.
#[must_use]
pub fn function_name(reference: &str) -> &str {
    let rest = reference.split_once("function:").map_or(reference, |(_, rest)| rest);
    let mut parts = rest.split(':');
    let first = parts.next().unwrap_or_default();
    // `123456789012:name` is a partial ARN as well.
    match parts.next() {
        Some(name) if first.len() == 12 && first.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => first,
    }
}

/// Whether `text` is a model's ARN.
#[must_use]
pub fn is_model_arn(text: &str) -> bool {
    text.starts_with("arn:") && text.contains(":rekognition:") && text.contains("/version/")
}

/// Whether `text` is a UUID.
#[must_use]
pub fn is_uuid(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12])
        && groups.iter().all(|group| group.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// A number that looks random and is always the same for the same `seed` (splitmix64).
#[must_use]
pub fn scatter(seed: u64) -> u64 {
    let mut z = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// A number for `text`, always the same (FNV-1a).
#[must_use]
pub fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |sum, byte| (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// A UUID of version 4 for a number.
#[must_use]
pub fn uuid(serial: u64) -> String {
    let (a, b) = (scatter(serial), scatter(serial ^ 0x5bd1_e995));
    let (one, two, three) = (a >> 32, (a >> 16) & 0xffff, a & 0xfff);
    format!("{one:08x}-{two:04x}-4{three:03x}-{:04x}-{:012x}", 0x8000 | (b >> 50), b & 0xffff_ffff_ffff)
}

/// Epoch seconds, as timestamps stand in inputs and outputs.
#[must_use]
pub fn epoch(at: DateTime<Utc>) -> Value {
    let millis = at.timestamp_millis();
    #[expect(clippy::cast_precision_loss, reason = "milliseconds of any date in use fit in 53 bits")]
    let seconds = millis as f64 / 1000.0;
    Value::from(seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_are_found_by_every_kind_of_reference() {
        let whole = "arn:aws:lambda:eu-central-1:123456789012:function:startup:live";
        for reference in ["startup", "startup:live", "123456789012:function:startup", whole, "function:startup"] {
            assert_eq!(function_name(reference), "startup", "{reference}");
        }
    }

    #[test]
    fn made_up_uuids_are_uuids_and_differ() {
        let all: std::collections::BTreeSet<String> = (0..1000).map(uuid).collect();
        assert_eq!(all.len(), 1000);
        assert!(all.iter().all(|one| is_uuid(one)));
    }
}
