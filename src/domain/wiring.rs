//! Stand-in until the wiring lands: the names that others build on, with nothing behind them yet.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::model::ModelArn;

/// One wire of the user's own configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Wish {
    /// The model.
    pub model: String,
    /// UUIDs of its mappings.
    pub mappings: Vec<String>,
    /// Schedules that start it.
    pub starts: Vec<String>,
    /// Schedules that stop it.
    pub stops: Vec<String>,
}

/// The user's own wiring.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wishes {
    /// Its wires.
    pub wires: Vec<Wish>,
}

/// What a schedule does to a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It starts it.
    Start,
    /// It stops it.
    Stop,
}

impl Effect {
    /// The word that screens and scripts use.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Stop => "stop",
        }
    }
}

/// What one schedule aims at.
#[derive(Clone, Debug, PartialEq)]
pub struct Aim {
    /// The schedule's ARN.
    pub schedule: String,
    /// The model.
    pub model: Option<ModelArn>,
    /// What it does.
    pub effect: Effect,
}

/// A mapping that serves a model.
#[derive(Clone, Debug, PartialEq)]
pub struct Wire {
    /// The mapping.
    pub uuid: String,
}

/// Who serves whom.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Wiring {
    /// What each schedule aims at, by its ARN.
    pub aims_by_schedule: BTreeMap<String, Vec<Aim>>,
    /// Which model each mapping serves, by UUID.
    pub model_by_mapping: BTreeMap<String, ModelArn>,
}

impl Wiring {
    /// The mappings that serve a model.
    #[must_use]
    pub fn mappings_of(&self, model: &ModelArn) -> Vec<Wire> {
        let serving = self.model_by_mapping.iter().filter(|(_, served)| *served == model);
        serving.map(|(uuid, _)| Wire { uuid: uuid.clone() }).collect()
    }

    /// What aims at a model.
    #[must_use]
    pub fn aims_of(&self, model: &ModelArn) -> Vec<&Aim> {
        self.aims_by_schedule.values().flatten().filter(|aim| aim.model.as_ref() == Some(model)).collect()
    }
}
