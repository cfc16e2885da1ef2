//! Scenarios: what a simulated account holds when it begins, as a TOML file.
//!
//! Times are RFC 3339 strings, spans carry their unit in their key, times of day are `"HH:MM"` in the zone beside them,
//! days are written as `"MON-FRI"` or `"MON,WED"`. Any text of a function's environment, of a target or of a queue may
//! name something else of the account, and gets its ARN: `${project:NAME}`, `${model:PROJECT/VERSION}`,
//! `${function:NAME}`, `${queue:NAME}`; `${account}` and `${region}` stand for themselves. Keys that are not known are
//! refused, because a misspelt key would be a scenario that quietly tells another story.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc, Weekday};
use chrono_tz::Tz;
use serde::{Deserialize, Deserializer, de};
use serde_json::Value;

/// Everything that one file says.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// The account itself.
    pub scenario: Header,
    /// Projects of Rekognition Custom Labels.
    #[serde(default)]
    pub projects: Vec<Project>,
    /// Trained versions of the projects.
    #[serde(default)]
    pub models: Vec<Model>,
    /// SQS queues.
    #[serde(default)]
    pub queues: Vec<Queue>,
    /// Lambda functions.
    #[serde(default)]
    pub functions: Vec<Function>,
    /// Event source mappings.
    #[serde(default)]
    pub mappings: Vec<Mapping>,
    /// Schedule groups beside `default`, which is always there.
    #[serde(default)]
    pub groups: Vec<Group>,
    /// Schedules of EventBridge Scheduler.
    #[serde(default)]
    pub schedules: Vec<Schedule>,
    /// Rules of EventBridge.
    #[serde(default)]
    pub rules: Vec<Rule>,
    /// When the models ran before the scenario begins.
    #[serde(default)]
    pub history: Vec<History>,
    /// Calls that go wrong.
    #[serde(default)]
    pub faults: Vec<FaultSpec>,
    /// Many more of everything, made up from a seed.
    #[serde(default)]
    pub generate: Option<Generate>,
}

/// The account itself.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// The scenario's name.
    pub name: String,
    /// One line about what it shows.
    #[serde(default)]
    pub description: String,
    /// The instant at which its clock begins.
    pub start: DateTime<Utc>,
    /// How many times faster than the world its clock runs, unless the user asks for another speed.
    #[serde(default = "one")]
    pub speed: f64,
    /// The account's number, twelve digits.
    #[serde(default = "account")]
    pub account: String,
    /// The region.
    #[serde(default = "region")]
    pub region: String,
    /// The ARN that GetCallerIdentity answers; by default a user named `demo`.
    #[serde(default)]
    pub caller: Option<String>,
    /// How many models may run at once (AWS's default: 2).
    #[serde(default = "running_models")]
    pub running_models: u32,
    /// How many inference units a model may be started with (AWS's default: 5).
    #[serde(default = "inference_units")]
    pub inference_units: u32,
    /// Whether Rekognition's five calls a second and operation are enforced.
    #[serde(default)]
    pub throttle: bool,
    /// A cap on the size of every page, so that paging is exercised by few rows.
    #[serde(default)]
    pub page_cap: Option<usize>,
}

fn one() -> f64 {
    1.0
}
fn account() -> String {
    "123456789012".to_owned()
}
fn region() -> String {
    "eu-central-1".to_owned()
}
fn running_models() -> u32 {
    2
}
fn inference_units() -> u32 {
    5
}

/// A project of Rekognition.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Project {
    /// Its name, `[a-zA-Z0-9_.-]`.
    pub name: String,
    /// When it was created; its ARN ends in these milliseconds.
    pub created: DateTime<Utc>,
    /// `CUSTOM_LABELS` or `CONTENT_MODERATION`.
    #[serde(default = "custom_labels")]
    pub feature: String,
    /// `CREATING`, `CREATED` or `DELETING`.
    #[serde(default = "created_status")]
    pub status: String,
}

fn custom_labels() -> String {
    "CUSTOM_LABELS".to_owned()
}
fn created_status() -> String {
    "CREATED".to_owned()
}

/// A trained version of a project.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Model {
    /// The project's name.
    pub project: String,
    /// The version's name.
    pub version: String,
    /// When its training began; its ARN ends in these milliseconds.
    pub created: DateTime<Utc>,
    /// When its training ended, if it did.
    #[serde(default)]
    pub trained: Option<DateTime<Utc>>,
    /// Its F1 score, 0 to 1.
    #[serde(default)]
    pub f1: Option<f64>,
    /// Its status, in AWS's words. `STARTING` and `STOPPING` go on from there.
    #[serde(default = "stopped")]
    pub status: String,
    /// AWS's sentence about the status; made up when absent.
    #[serde(default)]
    pub status_message: Option<String>,
    /// The inference units that it was last started with.
    #[serde(default)]
    pub min_units: Option<u32>,
    /// The ceiling of its autoscaling.
    #[serde(default)]
    pub max_units: Option<u32>,
    /// Between how many minutes a start takes; each start takes another time, the same in each run of the scenario.
    #[serde(default = "start_minutes")]
    pub start_minutes: [u32; 2],
    /// Between how many minutes a stop takes.
    #[serde(default = "stop_minutes")]
    pub stop_minutes: [u32; 2],
    /// Every start ends in `FAILED` with this message.
    #[serde(default)]
    pub fails_to_start: Option<String>,
    /// Its description.
    #[serde(default)]
    pub description: Option<String>,
    /// For one that runs: since when; for one in transition: since when it is in it. By default the scenario's start.
    #[serde(default)]
    pub since: Option<DateTime<Utc>>,
    /// The labels that it finds in images.
    #[serde(default)]
    pub labels: Vec<String>,
}

fn stopped() -> String {
    "STOPPED".to_owned()
}
fn start_minutes() -> [u32; 2] {
    [8, 17]
}
fn stop_minutes() -> [u32; 2] {
    [1, 3]
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

fn utc() -> Tz {
    Tz::UTC
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

/// A schedule group.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// Its name.
    pub name: String,
    /// When it was created; by default a year before the scenario begins.
    #[serde(default)]
    pub created: Option<DateTime<Utc>>,
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

/// When a model ran before the scenario begins.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct History {
    /// The project's name.
    pub project: String,
    /// The version's name.
    pub version: String,
    /// How many days back it goes.
    pub days: u32,
    /// The zone of all times of day here.
    #[serde(default = "utc")]
    pub zone: Tz,
    /// The units that it ran with.
    #[serde(default = "one_unit")]
    pub units: u32,
    /// By how many minutes, at most, each beginning and end is off, differently each day.
    #[serde(default)]
    pub jitter_minutes: u32,
    /// Its usual week.
    #[serde(default)]
    pub week: Vec<Shift>,
    /// Days that went otherwise: they replace the usual week's runs that begin on that day.
    #[serde(default)]
    pub exceptions: Vec<Exception>,
    /// Spans for which no metric was kept although it ran.
    #[serde(default)]
    pub gaps: Vec<Span>,
}

fn one_unit() -> u32 {
    1
}

/// A run that repeats on certain days.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shift {
    /// On which days it begins.
    #[serde(default)]
    pub days: Days,
    /// When it begins.
    #[serde(deserialize_with = "time_of_day")]
    pub from: NaiveTime,
    /// When it ends; not later than `from` means the next day.
    #[serde(deserialize_with = "time_of_day")]
    pub to: NaiveTime,
    /// The units that it ran with, if not the usual.
    #[serde(default)]
    pub units: Option<u32>,
}

/// A day that went otherwise. Without `from` and `to` the model did not run at all.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exception {
    /// The day, in the history's zone.
    pub date: NaiveDate,
    /// When the run began.
    #[serde(default, deserialize_with = "maybe_time_of_day")]
    pub from: Option<NaiveTime>,
    /// When it ended; not later than `from` means the next day.
    #[serde(default, deserialize_with = "maybe_time_of_day")]
    pub to: Option<NaiveTime>,
    /// How many days after `date` it ended, for an overrun over a weekend: added to `to`.
    #[serde(default)]
    pub days_later: u32,
    /// The units that it ran with, if not the usual.
    #[serde(default)]
    pub units: Option<u32>,
}

/// From one instant to another.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Span {
    /// The first instant.
    pub from: DateTime<Utc>,
    /// The first instant after it.
    pub to: DateTime<Utc>,
}

/// How a call goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// `AccessDeniedException`, naming the action.
    Denied,
    /// `ExpiredTokenException`.
    Expired,
    /// The service's throttling error.
    Throttled,
    /// The answer takes some real seconds.
    Slow,
    /// The connection breaks before the call takes effect.
    DroppedBefore,
    /// The connection breaks after the call took effect.
    DroppedAfter,
    /// The answer breaks off in the middle.
    Truncated,
    /// The service's internal error.
    Internal,
}

/// A call that goes wrong.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FaultSpec {
    /// The service: `rekognition`, `lambda`, `scheduler`, `events`, `cloudwatch`, `sqs`, `sts`; `*` for all.
    pub service: String,
    /// The operation, e.g. `ListSchedules`; `*` (the default) for all.
    #[serde(default = "all")]
    pub operation: String,
    /// How it goes wrong.
    pub kind: FaultKind,
    /// How often; always, if absent.
    #[serde(default)]
    pub times: Option<u32>,
    /// For `slow`: by how many real seconds.
    #[serde(default)]
    pub seconds: f64,
}

fn all() -> String {
    "*".to_owned()
}

/// Many more of everything, made up from a seed.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Generate {
    /// How many projects.
    pub projects: usize,
    /// How many models, spread over the projects.
    pub models: usize,
    /// How many mappings, each with its function and queue; spread over the models.
    pub mappings: usize,
    /// How many schedules; pairs of start and stop, spread over the models.
    pub schedules: usize,
    /// How many days of history each model gets.
    #[serde(default)]
    pub history_days: u32,
    /// The seed: the same one makes up the same account.
    #[serde(default)]
    pub seed: u64,
}

/// A set of weekdays, written `"MON-FRI"`, `"SAT,SUN"` or `"*"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Days([bool; 7]);

impl Default for Days {
    fn default() -> Self {
        Self([true; 7])
    }
}

impl Days {
    /// Monday to Friday.
    #[must_use]
    pub fn weekdays() -> Self {
        Self([true, true, true, true, true, false, false])
    }

    /// Whether `day` is one of them.
    #[must_use]
    pub fn contains(self, day: Weekday) -> bool {
        let index = day.num_days_from_monday() as usize;
        self.0.get(index).copied().unwrap_or(false)
    }

    fn parse(text: &str) -> Option<Self> {
        const NAMES: [&str; 7] = ["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"];
        if text == "*" {
            return Some(Self::default());
        }
        let index = |name: &str| NAMES.iter().position(|known| *known == name.trim());
        let mut days = [false; 7];
        for part in text.split(',') {
            let (first, last) = part.split_once('-').unwrap_or((part, part));
            let (first, last) = (index(first)?, index(last)?);
            let count = (last + 7 - first) % 7;
            for step in 0..=count {
                if let Some(day) = days.get_mut((first + step) % 7) {
                    *day = true;
                }
            }
        }
        Some(Self(days))
    }
}

impl<'de> Deserialize<'de> for Days {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| de::Error::custom(format!("`{text}` is no set of days like MON-FRI")))
    }
}

fn time_of_day<'de, D: Deserializer<'de>>(deserializer: D) -> Result<NaiveTime, D::Error> {
    let text = String::deserialize(deserializer)?;
    NaiveTime::parse_from_str(&text, "%H:%M")
        .map_err(|_| de::Error::custom(format!("`{text}` is no time of day like 08:30")))
}

fn maybe_time_of_day<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<NaiveTime>, D::Error> {
    time_of_day(deserializer).map(Some)
}

/// Why a scenario cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScenarioError {
    /// The file, or the name of an embedded scenario.
    pub file: String,
    /// What is wrong, with the key.
    pub message: String,
}

impl fmt::Display for ScenarioError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the scenario {} cannot be used: {}", self.file, self.message)
    }
}

impl std::error::Error for ScenarioError {}

impl Scenario {
    /// Reads a scenario out of `text`; `file` is what errors call it.
    ///
    /// # Errors
    /// If it is no TOML, or has a key or value that a scenario does not have, or names something that is not in it.
    pub fn parse(file: &str, text: &str) -> Result<Self, ScenarioError> {
        let refuse = |message: String| ScenarioError { file: file.to_owned(), message };
        let scenario: Self = toml::from_str(text).map_err(|error| refuse(error.to_string().trim_end().to_owned()))?;
        scenario.check().map_err(refuse)?;
        Ok(scenario)
    }

    /// Reads a scenario file.
    ///
    /// # Errors
    /// If it cannot be read, and as for [`Scenario::parse`].
    pub fn load(path: &Path) -> Result<Self, ScenarioError> {
        let file = path.display().to_string();
        match std::fs::read_to_string(path) {
            Ok(text) => Self::parse(&file, &text),
            Err(error) => Err(ScenarioError { file, message: error.to_string() }),
        }
    }

    fn check(&self) -> Result<(), String> {
        self.check_words()?;
        for model in &self.models {
            let key = format!("models.{}/{}", model.project, model.version);
            self.check_project(&model.project, &key)?;
            check_range(model.start_minutes, &format!("{key}.start_minutes"))?;
            check_range(model.stop_minutes, &format!("{key}.stop_minutes"))?;
        }
        for history in &self.history {
            let known = self.models.iter().any(|m| m.project == history.project && m.version == history.version);
            if !known {
                return Err(format!("history: there is no model {}/{}", history.project, history.version));
            }
        }
        for schedule in &self.schedules {
            check_target(&schedule.target, &format!("schedules.{}.target", schedule.name))?;
            if schedule.group != "default" && !self.groups.iter().any(|g| g.name == schedule.group) {
                return Err(format!("schedules.{}.group: there is no group {}", schedule.name, schedule.group));
            }
        }
        for rule in &self.rules {
            for target in &rule.targets {
                check_target(target, &format!("rules.{}.targets", rule.name))?;
            }
        }
        for mapping in &self.mappings {
            let name = mapping.function.split(':').next().unwrap_or_default();
            if !self.functions.iter().any(|f| f.name == name) {
                return Err(format!("mappings.{}.function: there is no function {name}", mapping.uuid));
            }
        }
        Ok(())
    }

    /// States are AWS's own words: another one would be a state that no client knows.
    fn check_words(&self) -> Result<(), String> {
        for project in &self.projects {
            let key = format!("projects.{}", project.name);
            check_word(&project.feature, &["CUSTOM_LABELS", "CONTENT_MODERATION"], &format!("{key}.feature"))?;
            check_word(&project.status, &["CREATING", "CREATED", "DELETING"], &format!("{key}.status"))?;
        }
        for model in &self.models {
            check_word(&model.status, &STATUSES, &format!("models.{}/{}.status", model.project, model.version))?;
        }
        for mapping in &self.mappings {
            check_word(&mapping.state, &MAPPING_STATES, &format!("mappings.{}.state", mapping.uuid))?;
            if !super::world::is_uuid(&mapping.uuid) {
                return Err(format!("mappings.{}.uuid: this is no UUID", mapping.uuid));
            }
        }
        for schedule in &self.schedules {
            let key = format!("schedules.{}", schedule.name);
            check_word(&schedule.state, &["ENABLED", "DISABLED"], &format!("{key}.state"))?;
            check_word(&schedule.after_completion, &["NONE", "DELETE"], &format!("{key}.after_completion"))?;
        }
        for rule in &self.rules {
            check_word(&rule.state, &RULE_STATES, &format!("rules.{}.state", rule.name))?;
        }
        Ok(())
    }

    fn check_project(&self, name: &str, key: &str) -> Result<(), String> {
        match self.projects.iter().any(|project| project.name == name) {
            true => Ok(()),
            false => Err(format!("{key}.project: there is no project {name}")),
        }
    }
}

const STATUSES: [&str; 14] = [
    "TRAINING_IN_PROGRESS",
    "TRAINING_COMPLETED",
    "TRAINING_FAILED",
    "STARTING",
    "RUNNING",
    "FAILED",
    "STOPPING",
    "STOPPED",
    "DELETING",
    "COPYING_IN_PROGRESS",
    "COPYING_COMPLETED",
    "COPYING_FAILED",
    "DEPRECATED",
    "EXPIRED",
];
const MAPPING_STATES: [&str; 7] = ["Creating", "Enabling", "Enabled", "Disabling", "Disabled", "Updating", "Deleting"];
const RULE_STATES: [&str; 3] = ["ENABLED", "DISABLED", "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"];

fn check_word(word: &str, known: &[&str], key: &str) -> Result<(), String> {
    if known.contains(&word) { Ok(()) } else { Err(format!("{key}: `{word}` is none of {}", known.join(", "))) }
}

fn check_range([least, most]: [u32; 2], key: &str) -> Result<(), String> {
    if least <= most { Ok(()) } else { Err(format!("{key}: {least} is more than {most}")) }
}

fn check_target(target: &Target, key: &str) -> Result<(), String> {
    let given = [&target.function, &target.action, &target.arn].iter().filter(|one| one.is_some()).count();
    if given == 1 { Ok(()) } else { Err(format!("{key}: give exactly one of function, action and arn")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "[scenario]\nname = \"t\"\nstart = \"2026-11-20T13:09:00Z\"\n";

    #[test]
    fn an_unknown_key_is_refused_with_file_and_key() {
        let error = Scenario::parse("t.toml", &format!("{HEAD}sped = 2\n")).expect_err("a misspelt key");
        assert!(error.to_string().contains("t.toml"), "{error}");
        assert!(error.to_string().contains("sped"), "{error}");
    }

    #[test]
    fn a_reference_to_nothing_is_refused_with_its_key() {
        let text = format!("{HEAD}[[models]]\nproject = \"p\"\nversion = \"v\"\ncreated = \"2026-01-01T00:00:00Z\"\n");
        let error = Scenario::parse("t.toml", &text).expect_err("no such project");
        assert_eq!(error.message, "models.p/v.project: there is no project p");
    }

    #[test]
    fn a_state_that_aws_does_not_have_is_refused() {
        let text =
            format!("{HEAD}[[projects]]\nname = \"p\"\ncreated = \"2026-01-01T00:00:00Z\"\nstatus = \"READY\"\n");
        let error = Scenario::parse("t.toml", &text).expect_err("no such status");
        assert_eq!(error.message, "projects.p.status: `READY` is none of CREATING, CREATED, DELETING");
    }

    #[test]
    fn defaults_are_those_of_aws() {
        let text = format!("{HEAD}[[queues]]\nname = \"q\"\n");
        let scenario = Scenario::parse("t.toml", &text).expect("a scenario");
        assert_eq!((scenario.scenario.running_models, scenario.scenario.inference_units), (2, 5));
        assert_eq!((scenario.queues[0].retention_seconds, scenario.queues[0].visibility_seconds), (345_600, 30));
    }

    #[test]
    fn days_are_ranges_that_may_wrap() {
        let days = Days::parse("SAT-MON,WED").expect("days");
        let is = |day| days.contains(day);
        assert!(is(Weekday::Sat) && is(Weekday::Sun) && is(Weekday::Mon) && is(Weekday::Wed));
        assert!(!is(Weekday::Tue) && !is(Weekday::Thu) && !is(Weekday::Fri));
        assert_eq!(Days::parse("MON-FRY"), None);
    }
}
