//! Wiring: which schedule does what to which model, which mapping serves which model, and how we know.

mod aims;
mod claims;
mod facts;
mod guess;
mod names;
mod order;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use chrono::NaiveDate;
use serde::Deserialize;

use super::fleet::Fleet;
use super::model::ModelArn;
use super::price::OwnPrices;
use super::savings::SavingsWish;
use super::stack::StackWish;

/// What a schedule does when it fires.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    /// It starts its model and then enables the model's mappings.
    Start {
        /// The inference units to start with, where the schedule says so.
        min_units: Option<u32>,
        /// The ceiling of inference units, where the schedule says so.
        max_units: Option<u32>,
    },
    /// It disables the model's mappings and then stops the model.
    Stop,
    /// It enables mappings, and leaves the model alone.
    Enable,
    /// It disables mappings, and leaves the model alone.
    Disable,
    /// It has to do with a model, but nothing tells what it does.
    Unknown,
}

impl Effect {
    /// The word that screens and scripts use.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Start { .. } => "start",
            Self::Stop => "stop",
            Self::Enable => "enable",
            Self::Disable => "disable",
            Self::Unknown => "unknown",
        }
    }

    /// Whether it starts a model.
    #[must_use]
    pub fn is_start(self) -> bool {
        matches!(self, Self::Start { .. })
    }
}

/// How we know that things belong together, strongest first (the order of the variants is the order of their strength).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Evidence {
    /// The user's own configuration says so.
    Config,
    /// The schedule's own input names them.
    Input,
    /// The schedule calls AWS itself, and its input names them.
    UniversalTarget,
    /// The environment of the function that the schedule invokes names them.
    FunctionEnvironment {
        /// The function's name.
        function: String,
        /// The variable that names them.
        variable: String,
    },
    /// The environment of the function that the mapping feeds names the model.
    InferenceFunction {
        /// The function's name.
        function: String,
        /// The variable that names the model.
        variable: String,
    },
    /// Only names suggest it. Shown, never counted on.
    NameGuess {
        /// What suggests it.
        reason: String,
    },
}

impl Evidence {
    /// Whether it may be counted on: everything but a guess.
    #[must_use]
    pub fn is_proof(&self) -> bool {
        !matches!(self, Self::NameGuess { .. })
    }

    /// What to tell the operator.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Config => "your configuration".into(),
            Self::Input => "schedule Input".into(),
            Self::UniversalTarget => "direct API call".into(),
            Self::FunctionEnvironment { function, variable } | Self::InferenceFunction { function, variable } => {
                format!("{variable} of {function}")
            }
            Self::NameGuess { reason } => reason.clone(),
        }
    }

    /// Its rank: two pieces of evidence of one rank are equally strong.
    fn rank(&self) -> u8 {
        match self {
            Self::Config => 0,
            Self::Input => 1,
            Self::UniversalTarget => 2,
            Self::FunctionEnvironment { .. } => 3,
            Self::InferenceFunction { .. } => 4,
            Self::NameGuess { .. } => 5,
        }
    }
}

impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words())
    }
}

/// What one schedule does to one model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Aim {
    /// The schedule's or rule's ARN.
    pub schedule: String,
    /// What it does.
    pub effect: Effect,
    /// The model, as far as it is known. It need not exist in the fleet (any more).
    pub model: Option<ModelArn>,
    /// UUIDs of the mappings that the schedule itself names.
    pub mappings: Vec<String>,
    /// How we know.
    pub evidence: Evidence,
}

impl Aim {
    /// Whether it may be counted on: it is proven, and what it does is known.
    #[must_use]
    pub fn is_planned(&self) -> bool {
        self.evidence.is_proof() && self.effect != Effect::Unknown
    }
}

/// A mapping that serves a model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MappingWire {
    /// The mapping's UUID.
    pub uuid: String,
    /// The model.
    pub model: ModelArn,
    /// How we know.
    pub evidence: Evidence,
}

/// One wire of the user's own configuration. Models, mappings and schedules are named as people name them; an ARN or a
/// UUID always works.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wish {
    /// The model: its ARN, `project version`, `project/version`, or the project if it has one model only.
    pub model: String,
    /// Its mappings: the UUID, the function's name or the queue's.
    #[serde(default)]
    pub mappings: Vec<String>,
    /// The schedules that start it: the ARN, `group/name`, `rule/name` or the name.
    #[serde(default)]
    pub starts: Vec<String>,
    /// The schedules that stop it, named likewise.
    #[serde(default)]
    pub stops: Vec<String>,
}

/// What the user's own configuration says about the account, which is stronger than everything that we find.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Wishes {
    /// Its wires.
    pub wires: Vec<Wish>,
    /// The stack that new windows are made from.
    pub stack: Option<StackWish>,
    /// Days on which nobody works, in whatever zone a schedule has.
    pub holidays: BTreeSet<NaiveDate>,
    /// What an inference hour costs, where that is known better than by the table.
    pub prices: OwnPrices,
    /// What savings are counted against.
    pub savings: SavingsWish,
}

/// Who serves whom, and who starts and stops whom.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wiring {
    /// What each schedule or rule does, by its ARN: proven, though what it does may be unknown.
    pub aims_by_schedule: BTreeMap<String, Vec<Arc<Aim>>>,
    /// What only names suggest, by the schedule's ARN: to be shown as a guess and not to be acted on.
    pub guesses_by_schedule: BTreeMap<String, Arc<Aim>>,
    /// The model that each mapping serves, by UUID: proven and uncontested only.
    pub model_by_mapping: BTreeMap<String, ModelArn>,
    /// What only names suggest, by the mapping's UUID: to be shown as a guess and not to be acted on.
    pub guesses_by_mapping: BTreeMap<String, MappingWire>,
    /// Mappings for which several models have equally good evidence: they are not wired.
    pub contested: BTreeMap<String, Vec<ModelArn>>,
    /// ARNs of schedules and rules that nothing wires, not even a guess.
    pub unwired_schedules: Vec<String>,
    /// UUIDs of mappings that nothing proves to serve a model: guessed and contested ones among them.
    pub unwired_mappings: Vec<String>,
    /// Names in the user's configuration that fit nothing in the fleet, or more than one thing.
    pub unmatched_wishes: Vec<String>,
    aims_by_model: BTreeMap<ModelArn, Vec<Arc<Aim>>>,
    mappings_by_model: BTreeMap<ModelArn, Vec<MappingWire>>,
}

impl Wiring {
    /// The wiring of a fleet, under the user's own configuration.
    #[must_use]
    pub fn of(fleet: &Fleet, wishes: &Wishes) -> Self {
        let facts = facts::Facts::of(fleet);
        let names = names::Names::of(fleet);
        let granted = names.grant(fleet, wishes);
        let orders = order::orders(fleet);
        let mut wiring = Self { unmatched_wishes: granted.unmatched.clone(), ..Self::default() };
        for (uuid, claims) in claims::claims(fleet, &facts, &names, &granted, &orders) {
            wiring.connect(uuid, claims);
        }
        let unwired = fleet.mappings.rows.keys().filter(|uuid| !wiring.model_by_mapping.contains_key(*uuid));
        wiring.unwired_mappings = unwired.cloned().collect();
        for schedule in fleet.all_schedules() {
            let desk = aims::Desk { facts: &facts, names: &names, granted: &granted, wiring: &wiring };
            let aims = desk.aims(schedule, orders.get(schedule.arn.as_str()).map_or(&[], Vec::as_slice));
            wiring.aim(&schedule.arn, aims);
        }
        for aims in wiring.aims_by_model.values_mut() {
            aims.sort_by(|a, b| (a.effect, &a.schedule).cmp(&(b.effect, &b.schedule)));
        }
        wiring
    }

    /// Takes in the strongest claims on a mapping, equally strong ones of different models.
    fn connect(&mut self, uuid: String, claims: Vec<(ModelArn, Evidence)>) {
        let wire = |(model, evidence)| MappingWire { uuid: uuid.clone(), model, evidence };
        match <[_; 1]>::try_from(claims) {
            Ok([claim]) if claim.1.is_proof() => {
                self.model_by_mapping.insert(uuid.clone(), claim.0.clone());
                let wires = self.mappings_by_model.entry(claim.0.clone()).or_default();
                wires.reserve_exact(1);
                wires.push(wire(claim));
            }
            Ok([guess]) => {
                let guess = wire(guess);
                self.guesses_by_mapping.insert(uuid, guess);
            }
            Err(claims) => {
                self.contested.insert(uuid, claims.into_iter().map(|(model, _)| model).collect());
            }
        }
    }

    fn aim(&mut self, schedule: &str, aims: Vec<Aim>) {
        let (proven, guesses): (Vec<Aim>, Vec<Aim>) = aims.into_iter().partition(|aim| aim.evidence.is_proof());
        let mut proven: Vec<Arc<Aim>> = proven.into_iter().map(Arc::new).collect();
        // Collected in place, it would keep the room of all of them.
        proven.shrink_to_fit();
        for aim in &proven {
            if let Some(model) = &aim.model {
                self.aims_by_model.entry(model.clone()).or_default().push(aim.clone());
            }
        }
        if !proven.is_empty() {
            self.aims_by_schedule.insert(schedule.to_owned(), proven);
        } else if let Some(guess) = guesses.into_iter().next() {
            self.guesses_by_schedule.insert(schedule.to_owned(), guess.into());
        } else {
            self.unwired_schedules.push(schedule.to_owned());
        }
    }

    /// What aims at a model, starts first.
    #[must_use]
    pub fn aims_of(&self, model: &ModelArn) -> Vec<&Aim> {
        self.aims_by_model.get(model).into_iter().flatten().map(Arc::as_ref).collect()
    }

    /// What a schedule or rule is proven to aim at.
    #[must_use]
    pub fn aims_of_schedule(&self, schedule: &str) -> &[Arc<Aim>] {
        self.aims_by_schedule.get(schedule).map_or(&[], Vec::as_slice)
    }

    /// The mappings that serve a model.
    #[must_use]
    pub fn mappings_of(&self, model: &ModelArn) -> &[MappingWire] {
        self.mappings_by_model.get(model).map_or(&[], Vec::as_slice)
    }

    /// The mappings that an aim switches: those that the schedule names, else all that serve its model. Contested ones are
    /// left out.
    #[must_use]
    pub fn mappings_of_aim(&self, aim: &Aim) -> Vec<String> {
        if aim.mappings.is_empty() {
            let wires = aim.model.iter().flat_map(|model| self.mappings_of(model));
            return wires.map(|wire| wire.uuid.clone()).collect();
        }
        aim.mappings.iter().filter(|uuid| !self.contested.contains_key(*uuid)).cloned().collect()
    }
}
