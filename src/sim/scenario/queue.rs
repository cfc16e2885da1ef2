//! Queues, functions and the mappings between them.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveTime, Utc};
use chrono_tz::Tz;
use serde::Deserialize;

use super::times::{Days, time_of_day, utc};

/// An S3 bucket.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bucket {
    /// Its name.
    pub name: String,
    /// When it was created; a year before the scenario begins, if it does not say.
    #[serde(default)]
    pub created: Option<DateTime<Utc>>,
}

/// An SQS queue.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Queue {
    /// Its name.
    pub name: String,
    /// How many messages wait when the scenario begins.
    #[serde(default)]
    pub visible: u64,
    /// How many of them have been received and not deleted, beside those that wait.
    #[serde(default)]
    pub in_flight: u64,
    /// The age of the oldest waiting message, in minutes.
    #[serde(default)]
    pub oldest_minutes: u64,
    /// How long a message is kept, in seconds (AWS's default: four days).
    #[serde(default = "retention")]
    pub retention_seconds: u64,
    /// How long a received message is hidden, in seconds.
    #[serde(default = "visibility")]
    pub visibility_seconds: u64,
    /// When it was created; by default a year before the scenario begins.
    #[serde(default)]
    pub created: Option<DateTime<Utc>>,
    /// How many messages arrive, when. Outside of these hours none do; where two overlap, both count.
    #[serde(default)]
    pub arrivals: Vec<Arrivals>,
    /// Where messages go that were received too often.
    #[serde(default)]
    pub dead_letter: Option<DeadLetter>,
}

fn retention() -> u64 {
    345_600
}
fn visibility() -> u64 {
    30
}

/// Messages that arrive at a queue in certain hours of certain days.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Arrivals {
    /// On which days.
    #[serde(default)]
    pub days: Days,
    /// From which time of day. `"00:00"` by default.
    #[serde(default, deserialize_with = "time_of_day")]
    pub from: NaiveTime,
    /// Until which time of day, the same day; `"00:00"` (the default) is the day's end.
    #[serde(default, deserialize_with = "time_of_day")]
    pub to: NaiveTime,
    /// The zone of these times.
    #[serde(default = "utc")]
    pub zone: Tz,
    /// How many messages in an hour.
    pub per_hour: f64,
}

/// Where messages go that were received too often.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeadLetter {
    /// The name of the dead-letter queue.
    pub queue: String,
    /// After how many receives.
    pub max_receives: u32,
}

/// What a function does when it is invoked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Starts a model and, once it runs, enables its mappings.
    Startup,
    /// Disables the mappings and then stops the model.
    Shutdown,
    /// Sends a queue's images to a model.
    Inference,
    /// Something that is no concern of ours.
    #[default]
    Other,
}

/// A Lambda function.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Function {
    /// Its name.
    pub name: String,
    /// What it does.
    #[serde(default)]
    pub role: Role,
    /// Its environment variables.
    #[serde(default)]
    pub environment: BTreeMap<String, String>,
    /// Its timeout in seconds.
    #[serde(default = "timeout")]
    pub timeout_seconds: u32,
    /// For an inference function: how long it works on one message.
    #[serde(default = "seconds_per_message")]
    pub seconds_per_message: f64,
    /// Its runtime.
    #[serde(default = "runtime")]
    pub runtime: String,
    /// Its description.
    #[serde(default)]
    pub description: String,
    /// When it was last modified; by default a month before the scenario begins.
    #[serde(default)]
    pub modified: Option<DateTime<Utc>>,
    /// It fails at once, with this message.
    #[serde(default)]
    pub fails: Option<String>,
}

fn timeout() -> u32 {
    900
}
fn seconds_per_message() -> f64 {
    1.0
}
fn runtime() -> String {
    "provided.al2023".to_owned()
}

/// An event source mapping.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// Its UUID.
    pub uuid: String,
    /// The name of its function (or `name:alias`).
    pub function: String,
    /// The name of its queue. It may be one that is not there.
    pub queue: String,
    /// Its state, in AWS's words. Transitional states go on from there.
    #[serde(default = "enabled")]
    pub state: String,
    /// AWS's reason for the state.
    #[serde(default = "user_initiated")]
    pub reason: String,
    /// How many messages a batch has.
    #[serde(default = "batch_size")]
    pub batch_size: u32,
    /// How long it gathers a batch, in seconds.
    #[serde(default)]
    pub window_seconds: u32,
    /// How many functions may work at once (2 to 1,000).
    #[serde(default)]
    pub max_concurrency: Option<u32>,
    /// Whether the function reports each failed message by itself.
    #[serde(default)]
    pub report_failures: bool,
    /// The patterns of its filter.
    #[serde(default)]
    pub filters: Vec<String>,
    /// `PROJECT/VERSION` of the model that its messages go to, where the function's environment names none: the
    /// simulator has to know, even where AWS does not.
    #[serde(default)]
    pub model: Option<String>,
    /// When it was last modified; by default a day before the scenario begins.
    #[serde(default)]
    pub modified: Option<DateTime<Utc>>,
}

fn enabled() -> String {
    "Enabled".to_owned()
}
fn user_initiated() -> String {
    "USER_INITIATED".to_owned()
}
fn batch_size() -> u32 {
    10
}
