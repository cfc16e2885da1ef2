//! Schedules, rules, and what they invoke.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::Value;

/// A schedule group.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// Its name.
    pub name: String,
    /// When it was created; by default a year before the scenario begins.
    #[serde(default)]
    pub created: Option<DateTime<Utc>>,
    /// Its tags.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
}

/// A schedule of EventBridge Scheduler.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Schedule {
    /// Its name.
    pub name: String,
    /// Its group.
    #[serde(default = "default_name")]
    pub group: String,
    /// `cron(…)`, `rate(…)` or `at(…)`.
    pub expression: String,
    /// The zone of the expression; UTC by default.
    #[serde(default)]
    pub zone: Option<String>,
    /// `ENABLED` or `DISABLED`.
    #[serde(default = "enabled_state")]
    pub state: String,
    /// It does not fire before this.
    #[serde(default)]
    pub start: Option<DateTime<Utc>>,
    /// It does not fire after this.
    #[serde(default)]
    pub end: Option<DateTime<Utc>>,
    /// Its flexible window in minutes; off by default.
    #[serde(default)]
    pub flexible_minutes: Option<u32>,
    /// Its description.
    #[serde(default)]
    pub description: Option<String>,
    /// `NONE` or `DELETE`.
    #[serde(default = "none")]
    pub after_completion: String,
    /// The key that encrypts it.
    #[serde(default)]
    pub kms_key: Option<String>,
    /// When it was created; by default a month before the scenario begins.
    #[serde(default)]
    pub created: Option<DateTime<Utc>>,
    /// When it was last modified; by default when it was created.
    #[serde(default)]
    pub modified: Option<DateTime<Utc>>,
    /// What it invokes.
    pub target: Target,
}

fn default_name() -> String {
    "default".to_owned()
}
fn enabled_state() -> String {
    "ENABLED".to_owned()
}
fn none() -> String {
    "NONE".to_owned()
}

/// What a schedule or a rule invokes: exactly one of `function`, `action` and `arn`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// A rule's name for it.
    #[serde(default)]
    pub id: Option<String>,
    /// The name of a function (or `name:alias`). It may be one that is not there.
    #[serde(default)]
    pub function: Option<String>,
    /// A universal target: `rekognition:startProjectVersion`.
    #[serde(default)]
    pub action: Option<String>,
    /// Any other ARN.
    #[serde(default)]
    pub arn: Option<String>,
    /// The role that invokes it; for a schedule by default `rekotui-scheduler` of the account.
    #[serde(default)]
    pub role: Option<String>,
    /// What it is given: a text, or a table that becomes JSON.
    #[serde(default)]
    pub input: Option<Value>,
    /// How long an event is retried, in seconds.
    #[serde(default)]
    pub max_age_seconds: Option<u32>,
    /// How often it is retried.
    #[serde(default)]
    pub max_retries: Option<u32>,
    /// The name of the queue for events that could not be delivered.
    #[serde(default)]
    pub dead_letter: Option<String>,
    /// Further parameters under AWS's own names, e.g. `SqsParameters`.
    #[serde(default)]
    pub parameters: BTreeMap<String, Value>,
}

/// A rule of EventBridge, on the default bus.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Its name.
    pub name: String,
    /// `cron(…)` or `rate(…)`, always UTC.
    #[serde(default)]
    pub expression: Option<String>,
    /// Its event pattern, as JSON text.
    #[serde(default)]
    pub pattern: Option<String>,
    /// `ENABLED`, `DISABLED` or `ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS`.
    #[serde(default = "enabled_state")]
    pub state: String,
    /// Its description.
    #[serde(default)]
    pub description: Option<String>,
    /// Its role.
    #[serde(default)]
    pub role: Option<String>,
    /// The service that owns it and alone may change it.
    #[serde(default)]
    pub managed_by: Option<String>,
    /// What it invokes, up to five.
    #[serde(default)]
    pub targets: Vec<Target>,
}
