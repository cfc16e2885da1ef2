//! Projects, models, and when the models ran before the scenario begins.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use chrono_tz::Tz;
use serde::Deserialize;

use super::times::{Days, maybe_time_of_day, time_of_day, utc};

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
