//! Queues: what waits for a model, and for how long it may.

use serde::{Deserialize, Serialize};

/// An SQS queue that a mapping reads. Counts are SQS's approximations, settled within about a minute.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Queue {
    /// Its ARN.
    pub arn: String,
    /// Messages that wait.
    pub visible: u64,
    /// Messages that a function holds right now.
    pub in_flight: u64,
    /// Messages whose delay has not passed.
    pub delayed: u64,
    /// How long a message is kept from the time that it was sent, in seconds. Nothing pauses it.
    pub retention_seconds: u64,
    /// How long a message stays hidden once received, in seconds.
    pub visibility_seconds: Option<u64>,
    /// The age of the oldest message in seconds, from CloudWatch; missing while the queue is idle.
    pub oldest_seconds: Option<u64>,
    /// The ARN of its dead-letter queue.
    pub dead_letter_arn: Option<String>,
}

impl Queue {
    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        name_in(&self.arn)
    }

    /// All that waits or is being worked on: the backlog.
    #[must_use]
    pub fn backlog(&self) -> u64 {
        self.visible + self.in_flight + self.delayed
    }
}

/// The last part of an ARN.
#[must_use]
pub fn name_in(arn: &str) -> &str {
    arn.rsplit(':').next().unwrap_or(arn)
}
