//! Schedules and rules: when they fire, and what becomes of it.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::agenda::{Delivery, Event};
use super::fires::Fires;
use super::queue::Batch;
use super::{Delivered, World, hash, scatter};
use crate::sim::{lambda, rekognition};

/// A schedule of EventBridge Scheduler.
#[derive(Clone, Debug)]
pub struct Schedule {
    /// Its group.
    pub group: String,
    /// Its name.
    pub name: String,
    /// Its expression, as it was written.
    pub expression: String,
    /// Its zone, as it was written.
    pub zone: String,
    /// `ENABLED` or `DISABLED`.
    pub state: String,
    /// It does not fire before this.
    pub start: Option<DateTime<Utc>>,
    /// It does not fire after this.
    pub end: Option<DateTime<Utc>>,
    /// Its flexible window in minutes.
    pub flexible_minutes: Option<u32>,
    /// Its description.
    pub description: Option<String>,
    /// `NONE` or `DELETE`.
    pub after_completion: String,
    /// The key that encrypts it.
    pub kms_key: Option<String>,
    /// When it was created.
    pub created: DateTime<Utc>,
    /// When it was last modified.
    pub modified: DateTime<Utc>,
    /// What it invokes, in AWS's own shape.
    pub target: Value,
    /// Counts its changes: an event of an earlier one is void.
    pub generation: u64,
}

impl Schedule {
    /// When it fires next after `after`, by its expression and dates alone.
    #[must_use]
    pub fn next(&self, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let fires = Fires::parse(&self.expression, &self.zone).ok()?;
        let anchor = self.start.unwrap_or(self.modified);
        let one_time = fires.is_one_time();
        let after = match self.start.filter(|_| !one_time) {
            Some(start) => after.max(start - TimeDelta::milliseconds(1)),
            None => after,
        };
        let next = fires.next(after, anchor)?;
        (one_time || self.end.is_none_or(|end| next <= end)).then_some(next)
    }

    /// Whether it goes when it has fired for the last time. AWS never deletes a recurring one that has no EndDate, not even
    /// one whose years are over (Scheduler User Guide, "Deletion after schedule completion").
    #[must_use]
    pub fn deletes_itself(&self) -> bool {
        self.after_completion == "DELETE" && (self.end.is_some() || self.expression.starts_with("at"))
    }
}

/// A rule of EventBridge on the default bus.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Its name.
    pub name: String,
    /// Its expression, as it was written.
    pub expression: Option<String>,
    /// Its event pattern.
    pub pattern: Option<String>,
    /// Its state, in AWS's words.
    pub state: String,
    /// Its description.
    pub description: Option<String>,
    /// Its role.
    pub role: Option<String>,
    /// The service that owns it.
    pub managed_by: Option<String>,
    /// What it invokes, in AWS's own shape.
    pub targets: Vec<Value>,
    /// When it was last changed: what `rate()` counts from.
    pub modified: DateTime<Utc>,
    /// Counts its changes: an event of an earlier one is void.
    pub generation: u64,
}

impl Rule {
    /// Whether it fires.
    #[must_use]
    pub fn enabled(&self) -> bool {
        self.state != "DISABLED"
    }

    /// When it fires next after `after`.
    #[must_use]
    pub fn next(&self, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
        Fires::parse(self.expression.as_deref()?, "UTC").ok()?.next(after, self.modified)
    }
}

impl World {
    /// The ARN of a schedule.
    #[must_use]
    pub fn schedule_arn(&self, group: &str, name: &str) -> String {
        self.arn("scheduler", &format!("schedule/{group}/{name}"))
    }

    /// The ARN of a rule of the default bus.
    #[must_use]
    pub fn rule_arn(&self, name: &str) -> String {
        self.arn("events", &format!("rule/{name}"))
    }

    /// Puts a new or changed schedule in its place, and down for its next time.
    pub fn put_schedule(&mut self, mut schedule: Schedule) {
        let key = (schedule.group.clone(), schedule.name.clone());
        schedule.generation = self.next_serial();
        // A rate begins at once; a time of day that is right now has had its turn.
        let begins_now = schedule.expression.starts_with("rate");
        let after = if begins_now { self.now - TimeDelta::milliseconds(1) } else { self.now };
        self.put_down_schedule(&schedule, after);
        self.schedules.insert(key, schedule);
    }

    fn put_down_schedule(&mut self, schedule: &Schedule, after: DateTime<Utc>) {
        if schedule.state != "ENABLED" {
            return;
        }
        let key = (schedule.group.clone(), schedule.name.clone());
        let Some(planned) = schedule.next(after) else {
            if let Some(end) = schedule.end.filter(|_| schedule.deletes_itself()) {
                self.put_down(end, Event::ScheduleEnds { key, generation: schedule.generation });
            }
            return;
        };
        let window = u64::from(schedule.flexible_minutes.unwrap_or(0)) * 60;
        let seed = hash(&schedule.name) ^ u64::try_from(planned.timestamp()).unwrap_or(0);
        let delay = i64::try_from(scatter(seed) % (window + 1)).unwrap_or(0);
        let event = Event::ScheduleFires { key, generation: schedule.generation, planned };
        self.put_down(planned + TimeDelta::seconds(delay), event);
    }

    pub(super) fn schedule_fires(&mut self, key: &(String, String), generation: u64, planned: DateTime<Utc>) {
        let Some(schedule) = self.schedules.get(key).filter(|schedule| schedule.generation == generation) else {
            return;
        };
        let schedule = schedule.clone();
        let source = self.schedule_arn(&schedule.group, &schedule.name);
        let default_input = self.scheduled_event(&source, "aws.scheduler", planned);
        if schedule.next(planned).is_none() && schedule.deletes_itself() {
            self.schedules.remove(key);
        } else {
            self.put_down_schedule(&schedule, planned);
        }
        let target = schedule.target.clone();
        self.deliver(Delivery { source, target, default_input, first: self.now, attempt: 0 });
    }

    pub(super) fn schedule_ends(&mut self, key: &(String, String), generation: u64) {
        if self.schedules.get(key).is_some_and(|schedule| schedule.generation == generation) {
            self.schedules.remove(key);
        }
    }

    /// Puts a new or changed rule in its place, and down for its next time.
    pub fn put_rule(&mut self, mut rule: Rule) {
        rule.generation = self.next_serial();
        self.put_down_rule(&rule, self.now);
        self.rules.insert(rule.name.clone(), rule);
    }

    fn put_down_rule(&mut self, rule: &Rule, after: DateTime<Utc>) {
        if let Some(at) = rule.next(after).filter(|_| rule.enabled()) {
            self.put_down(at, Event::RuleFires { name: rule.name.clone(), generation: rule.generation });
        }
    }

    pub(super) fn rule_fires(&mut self, name: &str, generation: u64) {
        let Some(rule) = self.rules.get(name).filter(|rule| rule.generation == generation).cloned() else { return };
        self.put_down_rule(&rule, self.now);
        let source = self.rule_arn(name);
        let default_input = self.scheduled_event(&source, "aws.events", self.now);
        for target in rule.targets {
            let default_input = default_input.clone();
            self.deliver(Delivery { source: source.clone(), target, default_input, first: self.now, attempt: 0 });
        }
    }

    fn scheduled_event(&mut self, source: &str, service: &str, at: DateTime<Utc>) -> Value {
        json!({
            "version": "0",
            "id": self.next_uuid(),
            "detail-type": "Scheduled Event",
            "source": service,
            "account": self.account,
            "time": at.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
            "region": self.region,
            "resources": [source],
            "detail": {},
        })
    }

    /// Hands an event to its target. What fails for a reason that may pass is tried again; what cannot be delivered goes
    /// to the dead-letter queue.
    pub(super) fn deliver(&mut self, delivery: Delivery) {
        let text = |key: &str| delivery.target.get(key).and_then(Value::as_str);
        let target = text("Arn").unwrap_or_default().to_owned();
        let input = match text("Input") {
            Some(input) => serde_json::from_str(input).unwrap_or_else(|_| Value::from(input)),
            None => delivery.default_input.clone(),
        };
        let error = self.hand_over(&target, &input).err();
        let source = delivery.source.clone();
        let message = error.as_ref().map(|(message, _)| message.clone());
        self.remember_delivered(Delivered { at: self.now, source, target, error: message });
        match error {
            None => {}
            Some((_, true)) if self.may_retry(&delivery) => {
                let minutes = 1_i64 << delivery.attempt.min(5);
                let again = Delivery { attempt: delivery.attempt + 1, ..delivery };
                self.later(TimeDelta::minutes(minutes), Event::Deliver(Box::new(again)));
            }
            Some(_) => self.bury(&delivery, &input),
        }
    }

    fn may_retry(&self, delivery: &Delivery) -> bool {
        let limit = |key: &str, default: u64| {
            let policy = delivery.target.get("RetryPolicy").and_then(|policy| policy.get(key));
            policy.and_then(Value::as_u64).unwrap_or(default)
        };
        let age = u64::try_from((self.now - delivery.first).num_seconds()).unwrap_or(0);
        u64::from(delivery.attempt) < limit("MaximumRetryAttempts", 185)
            && age < limit("MaximumEventAgeInSeconds", 86_400)
    }

    fn bury(&mut self, delivery: &Delivery, input: &Value) {
        let arn = delivery.target.get("DeadLetterConfig").and_then(|config| config.get("Arn")).and_then(Value::as_str);
        let Some(queue) = arn.and_then(|arn| arn.rsplit(':').next()).map(str::to_owned) else { return };
        let id = self.next_uuid();
        self.settle(&queue);
        let now = self.now;
        if let Some(queue) = self.queues.get_mut(&queue) {
            queue.put(Batch::single(now, id, input.to_string()));
        }
    }

    /// Does what a target asks for. An error says whether it may pass.
    fn hand_over(&mut self, target: &str, input: &Value) -> Result<(), (String, bool)> {
        if let Some((service, action)) =
            target.split_once(":scheduler:::aws-sdk:").and_then(|(_, rest)| rest.split_once(':'))
        {
            return self.universal(service, action, input);
        }
        match target.split(':').nth(2) {
            Some("lambda") => self.invoke_target(target, input.clone()),
            Some("sqs") => {
                let url = crate::sim::sqs::url_of(self, target.rsplit(':').next().unwrap_or_default());
                let input = json!({ "QueueUrl": url, "MessageBody": input.to_string() });
                self.outcome(crate::sim::sqs::call, "SendMessage", &input)
            }
            _ => Ok(()),
        }
    }

    fn invoke_target(&mut self, function: &str, payload: Value) -> Result<(), (String, bool)> {
        match self.function(function).map(|function| function.name.clone()) {
            Some(name) => {
                self.invoke_later(&name, payload);
                Ok(())
            }
            None => Err((format!("ResourceNotFoundException: Function not found: {function}"), false)),
        }
    }

    fn universal(&mut self, service: &str, action: &str, input: &Value) -> Result<(), (String, bool)> {
        match (service, action) {
            ("rekognition", "startProjectVersion") => self.outcome(rekognition::call, "StartProjectVersion", input),
            ("rekognition", "stopProjectVersion") => self.outcome(rekognition::call, "StopProjectVersion", input),
            ("lambda", "updateEventSourceMapping") => self.outcome(lambda::call, "UpdateEventSourceMapping", input),
            ("sqs", "sendMessage") => self.outcome(crate::sim::sqs::call, "SendMessage", input),
            ("lambda", "invoke") => {
                let function = input.get("FunctionName").and_then(Value::as_str).unwrap_or_default();
                let payload = match input.get("Payload") {
                    Some(Value::String(text)) => {
                        serde_json::from_str(text).unwrap_or_else(|_| Value::from(text.as_str()))
                    }
                    Some(other) => other.clone(),
                    None => Value::Null,
                };
                self.invoke_target(function, payload)
            }
            _ => Ok(()),
        }
    }

    fn outcome(&mut self, call: super::super::Handler, operation: &str, input: &Value) -> Result<(), (String, bool)> {
        match call(self, operation, input) {
            Ok(_) => Ok(()),
            Err(fault) => {
                let may_pass = fault.status() >= 500 || fault.status() == 429 || fault.code().contains("Throttl");
                Err((fault.to_string(), may_pass))
            }
        }
    }
}
