//! Wiring: which schedules and mappings serve which model, and why we believe it.
//!
//! Evidence is ranked; a guess by name is kept apart, shown as a guess, and never acted on. What cannot be wired is listed.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::Value;

use super::fleet::Fleet;
use super::function::{Function, name_in, unqualified};
use super::model::ModelArn;
use super::schedule::{Schedule, Target};

/// One wire of the user's own configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wish {
    /// The model: an ARN, or `project/version`.
    pub model: String,
    /// UUIDs of its mappings.
    #[serde(default)]
    pub mappings: Vec<String>,
    /// Schedules that start it: ARNs, `group/name`, or `rule/name`.
    #[serde(default)]
    pub starts: Vec<String>,
    /// Schedules that stop it.
    #[serde(default)]
    pub stops: Vec<String>,
}

/// The user's own wiring.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wishes {
    /// Its wires.
    pub wires: Vec<Wish>,
}

/// What a schedule does when it fires.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    /// It starts a model, and then enables its mappings.
    Start {
        /// The units it starts with, if it says so.
        min_units: Option<u32>,
        /// The units it may grow to, if it says so.
        max_units: Option<u32>,
    },
    /// It disables a model's mappings and stops it.
    Stop,
    /// It enables mappings.
    Enable,
    /// It disables mappings.
    Disable,
    /// Nothing proves what it does.
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

    fn of_word(word: &str) -> Self {
        match word {
            "start" | "startup" => Self::Start { min_units: None, max_units: None },
            "stop" | "shutdown" => Self::Stop,
            _ => Self::Unknown,
        }
    }
}

/// Why we believe a wire, the strongest first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Evidence {
    /// The user's configuration says so.
    Config,
    /// The schedule's own Input says so.
    Input,
    /// The schedule calls the API itself.
    UniversalTarget,
    /// The environment of the schedule's function says so.
    FunctionEnvironment {
        /// The function's name.
        function: String,
        /// The variable.
        variable: String,
    },
    /// The environment of the mapping's inference function says so.
    InferenceFunction {
        /// The function's name.
        function: String,
        /// The variable.
        variable: String,
    },
    /// Only the names suggest it.
    NameGuess {
        /// Which names.
        reason: String,
    },
}

impl Evidence {
    /// Whether it proves the wire. A guess does not.
    #[must_use]
    pub fn is_proof(&self) -> bool {
        !matches!(self, Self::NameGuess { .. })
    }

    /// The evidence in words.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Config => "your configuration".into(),
            Self::Input => "schedule Input".into(),
            Self::UniversalTarget => "direct API call".into(),
            Self::FunctionEnvironment { function, variable } => format!("{variable} of {function}"),
            Self::InferenceFunction { function, variable } => format!("{variable} of {function}"),
            Self::NameGuess { reason } => reason.clone(),
        }
    }
}

/// What one schedule does to one model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Aim {
    /// The schedule's ARN.
    pub schedule: String,
    /// What it does.
    pub effect: Effect,
    /// The model; it need not exist (any more). `None`: a mapping that serves no known model.
    pub model: Option<ModelArn>,
    /// UUIDs of the mappings that it enables or disables.
    pub mappings: Vec<String>,
    /// Why we believe so.
    pub evidence: Evidence,
}

/// A mapping that serves a model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MappingWire {
    /// The mapping's UUID.
    pub uuid: String,
    /// The model.
    pub model: ModelArn,
    /// Why we believe so.
    pub evidence: Evidence,
}

/// Who serves whom.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wiring {
    /// What each schedule does, by its ARN.
    pub aims_by_schedule: BTreeMap<String, Vec<Aim>>,
    /// What only names suggest, by the schedule's ARN: to be shown as a guess and not to be acted on.
    pub guesses_by_schedule: BTreeMap<String, Aim>,
    /// Which model each mapping serves, by UUID.
    pub model_by_mapping: BTreeMap<String, ModelArn>,
    /// Mappings for which several models have equally good evidence: they are not wired.
    pub contested: BTreeMap<String, Vec<ModelArn>>,
    /// Schedules that nothing wires, not even a guess.
    pub unwired_schedules: Vec<String>,
    /// Mappings that nothing wires.
    pub unwired_mappings: Vec<String>,
    schedules_by_model: BTreeMap<ModelArn, Vec<String>>,
    mappings_by_model: BTreeMap<ModelArn, Vec<MappingWire>>,
}

impl Wiring {
    /// What aims at a model, starts first.
    #[must_use]
    pub fn aims_of(&self, model: &ModelArn) -> Vec<&Aim> {
        let schedules = self.schedules_by_model.get(model).into_iter().flatten();
        let aims = schedules.filter_map(|schedule| self.aims_by_schedule.get(schedule)).flatten();
        let mut aims: Vec<&Aim> = aims.filter(|aim| aim.model.as_ref() == Some(model)).collect();
        aims.sort_by(|a, b| (a.effect, &a.schedule).cmp(&(b.effect, &b.schedule)));
        aims
    }

    /// The mappings that serve a model.
    #[must_use]
    pub fn mappings_of(&self, model: &ModelArn) -> &[MappingWire] {
        self.mappings_by_model.get(model).map_or(&[], Vec::as_slice)
    }

    /// The wiring of a fleet, under the user's own configuration.
    #[must_use]
    pub fn of(fleet: &Fleet, wishes: &Wishes) -> Self {
        let mut wiring = Self::default();
        let config = Configured::of(fleet, wishes);
        for schedule in fleet.all_schedules() {
            let (aims, guess) = aims_of_schedule(schedule, fleet, &config);
            if !aims.is_empty() {
                wiring.aims_by_schedule.insert(schedule.arn.clone(), aims);
            } else if let Some(guess) = guess {
                wiring.guesses_by_schedule.insert(schedule.arn.clone(), guess);
            } else {
                wiring.unwired_schedules.push(schedule.arn.clone());
            }
        }
        wiring.wire_mappings(fleet, &config);
        wiring.reach_models_through_mappings();
        for (arn, aims) in &wiring.aims_by_schedule {
            for model in aims.iter().filter_map(|aim| aim.model.as_ref()) {
                let schedules = wiring.schedules_by_model.entry(model.clone()).or_default();
                if !schedules.contains(arn) {
                    schedules.push(arn.clone());
                }
            }
        }
        wiring
    }

    fn wire_mappings(&mut self, fleet: &Fleet, config: &Configured<'_>) {
        let mut claims: BTreeMap<&str, BTreeSet<(Evidence, &ModelArn)>> = BTreeMap::new();
        for aim in self.aims_by_schedule.values().flatten() {
            if let Some(model) = &aim.model {
                for uuid in &aim.mappings {
                    claims.entry(uuid).or_default().insert((aim.evidence.clone(), model));
                }
            }
        }
        for (uuid, model) in &config.mappings {
            claims.entry(uuid).or_default().insert((Evidence::Config, model));
        }
        let inferring: Vec<(&String, ModelArn, Evidence)> = fleet
            .mappings
            .rows
            .values()
            .filter_map(|mapping| {
                let function = fleet.functions.rows.get(&unqualified(&mapping.function_arn))?;
                let (variable, model) = models_in(function).next()?;
                let (function, variable) = (function.name().to_owned(), variable.to_owned());
                Some((&mapping.uuid, model, Evidence::InferenceFunction { function, variable }))
            })
            .collect();
        for (uuid, model, evidence) in &inferring {
            claims.entry(uuid).or_default().insert((evidence.clone(), model));
        }
        let (mut wired, mut contested) = (Vec::new(), BTreeMap::new());
        for uuid in fleet.mappings.rows.keys() {
            let Some(claims) = claims.get(uuid.as_str()) else { continue };
            let Some((best, _)) = claims.first() else { continue };
            let rank = best.rank();
            let mut models: Vec<&ModelArn> =
                claims.iter().filter(|(evidence, _)| evidence.rank() == rank).map(|(_, model)| *model).collect();
            models.sort_unstable();
            models.dedup();
            match models[..] {
                [model] => wired.push(MappingWire { uuid: uuid.clone(), model: model.clone(), evidence: best.clone() }),
                _ => {
                    contested.insert(uuid.clone(), models.into_iter().cloned().collect());
                }
            }
        }
        self.contested = contested;
        for wire in wired {
            self.model_by_mapping.insert(wire.uuid.clone(), wire.model.clone());
            self.mappings_by_model.entry(wire.model.clone()).or_default().push(wire);
        }
        let unwired = fleet.mappings.rows.keys().filter(|uuid| !self.model_by_mapping.contains_key(*uuid));
        self.unwired_mappings = unwired.cloned().collect();
    }

    /// A schedule that enables or disables a mapping serves the model that the mapping serves.
    fn reach_models_through_mappings(&mut self) {
        for aim in self.aims_by_schedule.values_mut().flatten().filter(|aim| aim.model.is_none()) {
            let mut models = aim.mappings.iter().filter_map(|uuid| self.model_by_mapping.get(uuid));
            aim.model = models.next().cloned();
        }
    }
}

impl Evidence {
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

/// What the configuration says of a schedule: what it does, to which model, with which mappings.
type Configuration = (Effect, ModelArn, Vec<String>);

/// The user's configuration, its names resolved against the fleet.
struct Configured<'a> {
    schedules: BTreeMap<&'a str, Vec<Configuration>>,
    mappings: BTreeMap<&'a str, ModelArn>,
}

impl<'a> Configured<'a> {
    fn of(fleet: &Fleet, wishes: &'a Wishes) -> Self {
        let mut configured = Self { schedules: BTreeMap::new(), mappings: BTreeMap::new() };
        for wish in &wishes.wires {
            let named = |arn: &&ModelArn| {
                arn.as_str() == wish.model || wish.model == format!("{}/{}", arn.project(), arn.version())
            };
            let Some(model) = fleet.models.rows.keys().find(named) else { continue };
            let start = Effect::Start { min_units: None, max_units: None };
            let starts = wish.starts.iter().map(|name| (name, start));
            for (name, effect) in starts.chain(wish.stops.iter().map(|name| (name, Effect::Stop))) {
                let entry = (effect, model.clone(), wish.mappings.clone());
                configured.schedules.entry(name).or_default().push(entry);
            }
            configured.mappings.extend(wish.mappings.iter().map(|uuid| (uuid.as_str(), model.clone())));
        }
        configured
    }

    fn aims(&self, schedule: &Schedule) -> Vec<Aim> {
        let names = [schedule.arn.clone(), schedule.path()];
        let wishes = names.iter().filter_map(|name| self.schedules.get(name.as_str())).flatten();
        wishes
            .map(|(effect, model, mappings)| Aim {
                schedule: schedule.arn.clone(),
                effect: *effect,
                model: Some(model.clone()),
                mappings: mappings.clone(),
                evidence: Evidence::Config,
            })
            .collect()
    }
}

fn aims_of_schedule(schedule: &Schedule, fleet: &Fleet, config: &Configured<'_>) -> (Vec<Aim>, Option<Aim>) {
    let configured = config.aims(schedule);
    if !configured.is_empty() {
        return (configured, None);
    }
    let found = schedule.targets.iter().filter_map(|target| aim_of_target(schedule, target, fleet));
    let (aims, guesses): (Vec<Aim>, Vec<Aim>) = found.partition(|aim| aim.evidence.is_proof());
    (aims, guesses.into_iter().next())
}

fn aim_of_target(schedule: &Schedule, target: &Target, fleet: &Fleet) -> Option<Aim> {
    if let Some(aim) = universal(schedule, target) {
        return Some(aim);
    }
    let arn = target.function()?;
    let function = fleet.functions.rows.get(&unqualified(&arn));
    let payload = payload(target).map(|value| Payload::of(&value)).unwrap_or_default();
    let role = function.and_then(|function| function.mentions.get("REKOTUI_ROLE"));
    let proven = match payload.effect {
        Effect::Unknown => role.map_or(Effect::Unknown, |role| Effect::of_word(role)),
        known => known,
    };
    let of_function = |function: &Function| {
        let (variable, model) = models_in(function).next()?;
        let (function, variable) = (function.name().to_owned(), variable.to_owned());
        Some((model, Evidence::FunctionEnvironment { function, variable }))
    };
    let proof = payload.model.map(|model| (model, Evidence::Input)).or_else(|| of_function(function?));
    let Some((model, evidence)) = proof else { return guess(schedule, &arn, proven, fleet) };
    let mut mappings = payload.mappings;
    if mappings.is_empty() {
        mappings.extend(function.into_iter().flat_map(uuids_in));
    }
    let aim = |effect, evidence| {
        let (schedule, model) = (schedule.arn.clone(), Some(model.clone()));
        Some(Aim { schedule, effect, model, mappings: mappings.clone(), evidence })
    };
    match (proven, effect_in_name(name_in(&arn))) {
        (Effect::Unknown, Some(effect)) => {
            let reason = format!("the function is called {}", name_in(&arn));
            aim(effect, Evidence::NameGuess { reason })
        }
        (Effect::Unknown, None) => aim(Effect::Unknown, evidence),
        (Effect::Start { .. }, _) => aim(payload.units.unwrap_or(proven), evidence),
        (proven, _) => aim(proven, evidence),
    }
}

/// A schedule that calls Rekognition's or Lambda's API itself.
fn universal(schedule: &Schedule, target: &Target) -> Option<Aim> {
    let input = || target.input_json();
    let aim = |effect, model, mappings| {
        let evidence = Evidence::UniversalTarget;
        Some(Aim { schedule: schedule.arn.clone(), effect, model, mappings, evidence })
    };
    match target.universal()? {
        ("rekognition", "startProjectVersion") => {
            let input = input()?;
            let effect = Effect::Start {
                min_units: number(&input, &["MinInferenceUnits"]),
                max_units: number(&input, &["MaxInferenceUnits"]),
            };
            aim(effect, Some(model_in(&input)?), Vec::new())
        }
        ("rekognition", "stopProjectVersion") => aim(Effect::Stop, Some(model_in(&input()?)?), Vec::new()),
        ("lambda", "updateEventSourceMapping") => {
            let input = input()?;
            let uuid = text(&input, &["UUID", "Uuid"])?.to_owned();
            match input.get("Enabled").and_then(Value::as_bool) {
                Some(true) => aim(Effect::Enable, None, vec![uuid]),
                Some(false) => aim(Effect::Disable, None, vec![uuid]),
                None => None,
            }
        }
        _ => None,
    }
}

/// What the target's function is given: its Input, or the `Payload` of a universal invoke.
fn payload(target: &Target) -> Option<Value> {
    let input = target.input_json()?;
    if target.universal().is_none() {
        return Some(input);
    }
    match input.get("Payload")? {
        Value::String(text) => serde_json::from_str(text).ok(),
        other => Some(other.clone()),
    }
}

/// What an Input says to one of our functions.
struct Payload {
    effect: Effect,
    units: Option<Effect>,
    model: Option<ModelArn>,
    mappings: Vec<String>,
}

impl Default for Payload {
    fn default() -> Self {
        Self { effect: Effect::Unknown, units: None, model: None, mappings: Vec::new() }
    }
}

impl Payload {
    fn of(value: &Value) -> Self {
        let effect = text(value, &["action", "Action"]).map_or(Effect::Unknown, Effect::of_word);
        let min_units = number(value, &["min_inference_units", "MinInferenceUnits"]);
        let max_units = number(value, &["max_inference_units", "MaxInferenceUnits"]);
        let mappings = match value.get("mappings") {
            Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            _ => text(value, &["mapping", "UUID"]).map(str::to_owned).into_iter().collect(),
        };
        Self { effect, units: Some(Effect::Start { min_units, max_units }), model: model_in(value), mappings }
    }
}

fn text<'a>(value: &'a Value, keys: &[&str]) -> Option<&'a str> {
    keys.iter().find_map(|key| value.get(key)?.as_str())
}

fn number(value: &Value, keys: &[&str]) -> Option<u32> {
    keys.iter().find_map(|key| u32::try_from(value.get(key)?.as_u64()?).ok())
}

fn model_in(value: &Value) -> Option<ModelArn> {
    text(value, &["model", "model_arn", "ProjectVersionArn", "project_version_arn"])?.parse().ok()
}

fn models_in(function: &Function) -> impl Iterator<Item = (&str, ModelArn)> {
    function.mentions.iter().filter_map(|(variable, value)| Some((variable.as_str(), value.parse().ok()?)))
}

fn uuids_in(function: &Function) -> Vec<String> {
    let values = function.mentions.values().flat_map(|value| value.split([',', ' ']));
    values.filter(|value| is_uuid(value)).map(str::to_owned).collect()
}

fn is_uuid(text: &str) -> bool {
    let hex = |(at, letter): (usize, char)| match at {
        8 | 13 | 18 | 23 => letter == '-',
        _ => letter.is_ascii_hexdigit(),
    };
    text.len() == 36 && text.chars().enumerate().all(hex)
}

fn effect_in_name(name: &str) -> Option<Effect> {
    let name = name.to_lowercase();
    if name.contains("stop") || name.contains("shutdown") {
        Some(Effect::Stop)
    } else if name.contains("start") {
        Some(Effect::Start { min_units: None, max_units: None })
    } else {
        None
    }
}

/// The one model whose project's name is in the schedule's name, if there is just one.
fn guess(schedule: &Schedule, function: &str, proven: Effect, fleet: &Fleet) -> Option<Aim> {
    let name = schedule.name.to_lowercase();
    let alike = |arn: &&ModelArn| name.contains(&arn.project().to_lowercase());
    let mut models = fleet.models.rows.keys().filter(alike);
    let (model, None) = (models.next()?, models.next()) else { return None };
    let effect = match proven {
        Effect::Unknown => effect_in_name(&name).or_else(|| effect_in_name(name_in(function)))?,
        known => known,
    };
    let reason = format!("the schedule is called {}", schedule.name);
    let (schedule, model) = (schedule.arn.clone(), Some(model.clone()));
    Some(Aim { schedule, effect, model, mappings: Vec::new(), evidence: Evidence::NameGuess { reason } })
}
