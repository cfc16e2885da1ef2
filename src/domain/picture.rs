//! Stand-in until the picture lands: the names that others build on, with nothing behind them yet.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::finding::Finding;
use super::fleet::Fleet;
use super::model::{ModelArn, Status};
use super::wiring::{Wiring, Wishes};

/// What will happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventKind {
    /// A model is started.
    Start,
    /// A model is stopped.
    Stop,
}

impl EventKind {
    /// The word that screens and scripts use.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Stop => "stop",
        }
    }
}

/// One coming event.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// When.
    pub at: DateTime<Utc>,
    /// What.
    pub kind: EventKind,
    /// The ARN of the schedule behind it.
    pub schedule: String,
    /// The model.
    pub model: Option<ModelArn>,
    /// UUIDs of mappings.
    pub mappings: Vec<String>,
    /// The schedule's zone.
    pub zone: Tz,
    /// Its flexible window in minutes.
    pub flexible_minutes: Option<u32>,
}

/// What follows for one model.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ModelPicture {
    /// What waits for it.
    pub backlog: Option<u64>,
    /// What happens next.
    pub next: Option<Event>,
}

impl ModelPicture {
    /// What to say where there is no next event.
    #[must_use]
    pub fn without_next(&self, status: &Status) -> &'static str {
        if status.is_on() { "no stop planned" } else { "not scheduled" }
    }
}

/// What follows from a fleet.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Picture {
    /// Who serves whom.
    pub wiring: Wiring,
    /// Each model.
    pub models: BTreeMap<ModelArn, ModelPicture>,
    /// The coming 24 hours.
    pub events: Vec<Event>,
    /// What an operator should know.
    pub findings: Vec<Finding>,
}

impl Picture {
    /// What follows from a fleet now.
    #[must_use]
    pub fn of(fleet: &Fleet, _wishes: &Wishes, _now: DateTime<Utc>, _zone: Tz) -> Self {
        let models = fleet.models.rows.keys().map(|arn| (arn.clone(), ModelPicture::default())).collect();
        Self { models, ..Self::default() }
    }

    /// When a schedule fires next.
    #[must_use]
    pub fn next_of_schedule(&self, arn: &str, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.events.iter().find(|event| event.schedule == arn && event.at > now).map(|event| event.at)
    }

    /// The findings about a model.
    pub fn findings_of<'a>(&'a self, model: &'a ModelArn) -> impl Iterator<Item = &'a Finding> {
        self.findings.iter().filter(|finding| finding.subject.id() == model.as_str())
    }
}
