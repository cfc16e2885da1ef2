//! How a queue's messages are being worked on: what mappings, functions and models make of it together.

use std::collections::BTreeMap;

use chrono::TimeDelta;

use super::queue::{Batch, Received};
use super::{Mapping, Queue, World};

/// How messages leave a queue.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Flow {
    /// Nobody takes them.
    #[default]
    Idle,
    /// They are worked off.
    Working {
        /// How many in a second.
        per_second: f64,
        /// How many at a time.
        in_flight: u64,
        /// How long a batch takes, in seconds.
        batch_seconds: i64,
    },
    /// They are received and come back, because the model does not run.
    Failing {
        /// How many receives in a second.
        per_second: f64,
        /// How many at a time.
        in_flight: u64,
    },
}

impl Flow {
    /// How many messages are in flight at a time, if there are as many.
    #[must_use]
    pub fn in_flight(self) -> u64 {
        match self {
            Self::Idle => 0,
            Self::Working { in_flight, .. } | Self::Failing { in_flight, .. } => in_flight,
        }
    }
}

/// How many functions a mapping without a limit of its own lets work at once.
pub const WORKERS: u32 = 5;
/// How many images one inference unit takes in a second.
pub const IMAGES_PER_UNIT: f64 = 5.0;

/// Which mappings serve a queue, and which a model: looked up at every change, so not searched for.
#[derive(Debug, Default)]
pub struct Links {
    by_queue: BTreeMap<String, Vec<String>>,
    by_model: BTreeMap<String, Vec<String>>,
}

impl World {
    /// Finds out anew which mappings serve what: after a mapping came, went or got another function.
    pub fn relink(&mut self) {
        let mut links = Links::default();
        for mapping in self.mappings.values() {
            links.by_queue.entry(mapping.queue().to_owned()).or_default().push(mapping.uuid.clone());
            if let Some(model) = self.model_of(mapping) {
                links.by_model.entry(model).or_default().push(mapping.uuid.clone());
            }
        }
        self.links = links;
    }

    /// The model that a mapping's messages go to.
    #[must_use]
    pub fn model_of(&self, mapping: &Mapping) -> Option<String> {
        let function = self.function(&mapping.function_arn)?;
        function.models().next().map(str::to_owned).or_else(|| mapping.model.clone())
    }

    /// The mappings that take messages from a queue, whether they are on or not.
    pub fn serving(&self, queue: &str) -> impl Iterator<Item = &Mapping> {
        self.links.by_queue.get(queue).into_iter().flatten().filter_map(|uuid| self.mappings.get(uuid))
    }

    /// Settles a queue until now and reckons anew how its messages are worked on.
    pub fn reflow(&mut self, queue: &str) {
        self.settle(queue);
        let (flow, runs) = self.flow_of(queue);
        if let Some(queue) = self.queues.get_mut(queue) {
            queue.turn(flow, runs);
        }
    }

    /// Settles a queue until now.
    pub fn settle(&mut self, name: &str) {
        let now = self.now;
        let Some(queue) = self.queues.get_mut(name) else { return };
        let dead = queue.settle(now);
        self.give_up_on(name, dead);
    }

    /// Receives up to `count` messages of a queue, after those that were received too often have left it.
    pub fn receive(&mut self, name: &str, count: u64, hidden: Option<TimeDelta>) -> Vec<Received> {
        self.settle(name);
        let dead = self.queues.get_mut(name).map(Queue::overdue).unwrap_or_default();
        self.give_up_on(name, dead);
        let received = self.queues.get_mut(name).map(|queue| queue.receive(count, hidden.unwrap_or(queue.visibility)));
        received.unwrap_or_default()
    }

    /// Puts messages into the dead-letter queue of theirs.
    fn give_up_on(&mut self, name: &str, dead: Vec<Batch>) {
        let Some(queue) = self.queues.get(name) else { return };
        let target = queue.dead_letter.as_ref().map(|(name, _)| name.clone());
        let Some(target) = target.filter(|_| !dead.is_empty()) else { return };
        self.settle(&target.clone());
        if let Some(queue) = self.queues.get_mut(&target) {
            for mut batch in dead {
                batch.receives = 0.0;
                queue.put(batch);
            }
        }
    }

    pub(super) fn reflow_model(&mut self, arn: &str) {
        let served = self.links.by_model.get(arn).into_iter().flatten().filter_map(|uuid| self.mappings.get(uuid));
        let queues: Vec<String> = served.map(|mapping| mapping.queue().to_owned()).collect();
        for queue in queues {
            self.reflow(&queue);
        }
    }

    fn flow_of(&self, name: &str) -> (Flow, bool) {
        let Some(queue) = self.queues.get(name) else { return (Flow::Idle, false) };
        let (mut work, mut fail) = ((0.0, 0_u64, 0_i64), (0.0, 0_u64));
        let mut runs = true;
        for mapping in self.serving(name) {
            let Some(function) = self.function(&mapping.function_arn) else { continue };
            let model = self.model_of(mapping).and_then(|arn| self.models.get(&arn));
            let ready = model.is_none_or(super::Model::runs);
            runs &= ready;
            // Code that runs for real takes the messages for real.
            if !mapping.polls() || self.runs_abroad(function) {
                continue;
            }
            let workers = mapping.max_concurrency.unwrap_or(WORKERS);
            let in_flight = u64::from(workers) * u64::from(mapping.batch_size);
            if ready {
                let capacity = model.map_or(f64::MAX, |model| f64::from(model.units()) * IMAGES_PER_UNIT);
                work.0 += (f64::from(workers) / function.seconds_per_message.max(0.001)).min(capacity);
                work.1 += in_flight;
                #[expect(clippy::cast_possible_truncation, reason = "a batch takes minutes at most")]
                let batch_seconds = (function.seconds_per_message * f64::from(mapping.batch_size)).ceil() as i64;
                work.2 = work.2.max(batch_seconds);
            } else {
                #[expect(clippy::cast_precision_loss, reason = "at most ten million")]
                let each = in_flight as f64 / queue.visibility.as_seconds_f64().max(1.0);
                fail = (fail.0 + each, fail.1 + in_flight);
            }
        }
        if work.1 > 0 {
            (Flow::Working { per_second: work.0, in_flight: work.1, batch_seconds: work.2 }, runs)
        } else if fail.1 > 0 {
            (Flow::Failing { per_second: fail.0, in_flight: fail.1 }, runs)
        } else {
            (Flow::Idle, runs)
        }
    }
}
