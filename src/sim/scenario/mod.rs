//! Scenarios: what a simulated account holds when it begins, as a TOML file.
//!
//! Times are RFC 3339 strings, spans carry their unit in their key, times of day are `"HH:MM"` in the zone beside them,
//! days are written as `"MON-FRI"` or `"MON,WED"`. Any text of a function's environment, of a target or of a queue may
//! name something else of the account, and gets its ARN: `${project:NAME}`, `${model:PROJECT/VERSION}`,
//! `${function:NAME}`, `${queue:NAME}`; `${account}` and `${region}` stand for themselves. Keys that are not known are
//! refused, because a misspelt key would be a scenario that quietly tells another story.

mod check;
mod mishap;
mod model;
mod queue;
mod schedule;
mod times;

use std::fmt;
use std::path::Path;

use chrono::{DateTime, Utc};
use serde::Deserialize;

pub use mishap::*;
pub use model::*;
pub use queue::*;
pub use schedule::*;
pub use times::Days;

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
    /// S3 buckets. They are empty.
    #[serde(default)]
    pub buckets: Vec<Bucket>,
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
}
