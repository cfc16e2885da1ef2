//! Models and their transitions.

use chrono::{DateTime, TimeDelta, Utc};

use super::agenda::Event;
use super::{World, hash, scatter};

/// A model.
#[derive(Clone, Debug)]
pub struct Model {
    /// Its ARN.
    pub arn: String,
    /// The ARN of its project.
    pub project_arn: String,
    /// The project's name.
    pub project: String,
    /// The version's name.
    pub version: String,
    /// When its training began.
    pub created: DateTime<Utc>,
    /// When its training ended.
    pub trained: Option<DateTime<Utc>>,
    /// Its F1 score.
    pub f1: Option<f64>,
    /// Its status, in AWS's words.
    pub status: String,
    /// AWS's sentence about the status.
    pub status_message: Option<String>,
    /// The units that it was last started with.
    pub min_units: Option<u32>,
    /// The ceiling of its autoscaling.
    pub max_units: Option<u32>,
    /// Between how many minutes a start takes.
    pub start_minutes: [u32; 2],
    /// Between how many minutes a stop takes.
    pub stop_minutes: [u32; 2],
    /// Every start ends in `FAILED` with this message.
    pub fails_to_start: Option<String>,
    /// Its description.
    pub description: Option<String>,
    /// The labels that it finds.
    pub labels: Vec<String>,
    /// Counts its transitions: an event of an earlier one is void.
    pub generation: u64,
}

impl Model {
    /// Whether it can be started from where it is.
    #[must_use]
    pub fn can_start(&self) -> bool {
        matches!(self.status.as_str(), "TRAINING_COMPLETED" | "STOPPED" | "COPYING_COMPLETED" | "FAILED")
    }

    /// Whether it runs.
    #[must_use]
    pub fn runs(&self) -> bool {
        self.status == "RUNNING"
    }

    /// Whether it counts against the quota of running models.
    #[must_use]
    pub fn counts(&self) -> bool {
        matches!(self.status.as_str(), "STARTING" | "RUNNING" | "STOPPING")
    }

    /// The units in service while it runs.
    #[must_use]
    pub fn units(&self) -> u32 {
        self.min_units.unwrap_or(1)
    }

    /// The names of project and version, as the metrics know it.
    #[must_use]
    pub fn key(&self) -> (String, String) {
        (self.project.clone(), self.version.clone())
    }

    /// How long the transition takes that it is in: different each time, the same in each run of a scenario.
    fn duration(&self, [least, most]: [u32; 2]) -> TimeDelta {
        let (least, most) = (i64::from(least) * 60, i64::from(most) * 60);
        let span = u64::try_from(most - least).unwrap_or(0) + 1;
        let extra = scatter(hash(&self.arn) ^ self.generation) % span;
        TimeDelta::seconds(least + i64::try_from(extra).unwrap_or(0))
    }
}

impl World {
    /// Begins to start a model. Whether that is allowed has been asked before.
    pub fn start_model(&mut self, arn: &str, min_units: u32, max_units: Option<u32>) {
        let Some(model) = self.models.get_mut(arn) else { return };
        model.min_units = Some(min_units);
        model.max_units = max_units;
        self.model_begins(arn, "STARTING", self.now);
    }

    /// Begins to stop a model. Whether that is allowed has been asked before.
    pub fn stop_model(&mut self, arn: &str) {
        self.model_begins(arn, "STOPPING", self.now);
    }

    /// Puts a model into a transition that began at `since`.
    pub fn model_begins(&mut self, arn: &str, status: &str, since: DateTime<Utc>) {
        self.change_status(arn, status);
        let Some(model) = self.models.get_mut(arn) else { return };
        model.generation += 1;
        let range = if status == "STOPPING" { model.stop_minutes } else { model.start_minutes };
        let event = Event::ModelSettles { arn: arn.to_owned(), generation: model.generation };
        let at = since + model.duration(range);
        self.put_down(at.max(self.now), event);
    }

    pub(super) fn model_settles(&mut self, arn: &str, generation: u64) {
        let Some(model) = self.models.get(arn).filter(|model| model.generation == generation) else { return };
        let status = match (model.status.as_str(), &model.fails_to_start) {
            ("STARTING", Some(_)) => "FAILED",
            ("STARTING", None) => "RUNNING",
            ("STOPPING", _) => "STOPPED",
            _ => return,
        };
        self.change_status(arn, status);
    }

    fn change_status(&mut self, arn: &str, status: &str) {
        let now = self.now;
        let Some(model) = self.models.get_mut(arn) else { return };
        let ran = model.runs();
        self.jobs.touch(arn);
        status.clone_into(&mut model.status);
        model.status_message = Some(match (status, &model.fails_to_start) {
            ("FAILED", Some(message)) => message.clone(),
            _ => status_message(status).to_owned(),
        });
        let (runs, units, key) = (model.runs(), model.units(), model.key());
        match (ran, runs) {
            (false, true) => self.history.entry(key).or_default().begin(now, units),
            (true, false) => self.history.entry(key).or_default().end(now),
            _ => {}
        }
        self.reflow_model(arn);
    }

    /// How many models count against the quota.
    #[must_use]
    pub fn counted_models(&self) -> usize {
        self.models.values().filter(|model| model.counts()).count()
    }
}

/// AWS's sentence for a status.
#[must_use]
pub fn status_message(status: &str) -> &'static str {
    match status {
        "TRAINING_IN_PROGRESS" => "The model is being trained.",
        "TRAINING_COMPLETED" => "The model is ready to run.",
        "TRAINING_FAILED" => "The model could not be trained.",
        "STARTING" => "The model is starting.",
        "RUNNING" => "The model is running.",
        "FAILED" => "The model could not be started.",
        "STOPPING" => "The model is being stopped.",
        "STOPPED" => "The model is stopped.",
        "DELETING" => "The model is being deleted.",
        "COPYING_IN_PROGRESS" => "The model is being copied.",
        "COPYING_COMPLETED" => "The model has been copied.",
        "COPYING_FAILED" => "The model could not be copied.",
        "DEPRECATED" => "The model is based on a deprecated version.",
        "EXPIRED" => "The model has expired.",
        _ => "",
    }
}
