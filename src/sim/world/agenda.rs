//! What is going to happen, in the order of time.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde_json::Value;

/// Something that happens at a certain instant.
///
/// A thing that was changed in the meantime has another generation, and an event of an older one is void.
#[derive(Clone, Debug)]
pub enum Event {
    /// A model's transition ends.
    ModelSettles {
        /// The model's ARN.
        arn: String,
        /// The model's generation.
        generation: u64,
    },
    /// A mapping's transition ends.
    MappingSettles {
        /// The mapping's UUID.
        uuid: String,
        /// The mapping's generation.
        generation: u64,
    },
    /// A schedule fires.
    ScheduleFires {
        /// Its group and name.
        key: (String, String),
        /// The schedule's generation.
        generation: u64,
        /// The time that its expression says; with a flexible window it fires later.
        planned: DateTime<Utc>,
    },
    /// The EndDate of a schedule that has no fire left before it has come.
    ScheduleEnds {
        /// Its group and name.
        key: (String, String),
        /// The schedule's generation.
        generation: u64,
    },
    /// A rule fires.
    RuleFires {
        /// Its name.
        name: String,
        /// The rule's generation.
        generation: u64,
    },
    /// A target that could not be reached is tried again.
    Deliver(Box<Delivery>),
    /// A function is invoked.
    Invoke(Invocation),
    /// A queue that was given a message is worked on.
    Reflow(String),
    /// A function that waits looks again.
    Wake(u64),
    /// A stack goes on.
    Stack {
        /// Its id.
        id: String,
        /// The generation of what is under way with it.
        generation: u64,
        /// The task that goes on; without one, whatever is next.
        task: Option<usize>,
    },
}

/// What a schedule or rule hands to its target.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// The ARN of the schedule or rule.
    pub source: String,
    /// The target, in AWS's own shape.
    pub target: Value,
    /// What the target is given, if the target has no input of its own.
    pub default_input: Value,
    /// When it was tried first.
    pub first: DateTime<Utc>,
    /// How often it was tried before.
    pub attempt: u32,
}

/// A call of a function.
#[derive(Clone, Debug)]
pub struct Invocation {
    /// The function's name.
    pub function: String,
    /// What it is given.
    pub payload: Value,
    /// How often it was tried before: an asynchronous invocation is tried three times.
    pub attempt: u32,
    /// Whether someone waits for the answer: then it is not tried again.
    pub waits: bool,
}

/// Everything that is going to happen.
#[derive(Debug, Default)]
pub struct Agenda {
    events: BTreeMap<(DateTime<Utc>, u64), Event>,
    serial: u64,
}

impl Agenda {
    /// Puts down an event; of two at the same instant the one put down first happens first.
    pub fn put(&mut self, at: DateTime<Utc>, event: Event) {
        self.serial += 1;
        self.events.insert((at, self.serial), event);
    }

    /// Takes the next event that is due at `now`, with its time.
    pub fn take_due(&mut self, now: DateTime<Utc>) -> Option<(DateTime<Utc>, Event)> {
        let entry = self.events.first_entry()?;
        if entry.key().0 > now {
            return None;
        }
        let ((at, _), event) = entry.remove_entry();
        Some((at, event))
    }
}
