//! What each schedule does to which model.

use std::collections::BTreeSet;

use super::facts::{Facts, FunctionFacts, Role};
use super::names::{Granted, Names};
use super::order::Order;
use super::{Aim, Effect, Evidence, Wiring, guess};
use crate::domain::model::ModelArn;
use crate::domain::schedule::Schedule;

/// Everything that is needed to tell what a schedule does.
pub(super) struct Desk<'a> {
    pub facts: &'a Facts,
    pub names: &'a Names<'a>,
    pub granted: &'a Granted,
    /// The wiring so far: its mappings are connected already.
    pub wiring: &'a Wiring,
}

const START: Effect = Effect::Start { min_units: None, max_units: None };

impl Desk<'_> {
    /// What a schedule does: by the user's word, else by what its orders prove, else by what its name suggests.
    pub fn aims(&self, schedule: &Schedule, orders: &[Order]) -> Vec<Aim> {
        let mut aims: Vec<Aim> = orders.iter().flat_map(|order| self.of_order(schedule, order)).collect();
        if let Some(wishes) = self.granted.schedules.get(&schedule.arn) {
            return wishes.iter().map(|(model, starts)| by_config(schedule, model, *starts, &aims)).collect();
        }
        if !aims.iter().any(|aim| aim.model.is_some() || !aim.mappings.is_empty()) {
            aims.retain(Aim::is_planned);
            aims.extend(self.guess(schedule, orders));
        }
        aims.dedup();
        aims
    }

    fn of_order(&self, schedule: &Schedule, order: &Order) -> Vec<Aim> {
        let function = order.function.as_deref().and_then(|id| self.facts.function(id));
        let known = order.effect.or_else(|| function.and_then(by_role));
        let aim = |model: Option<ModelArn>, mappings: Vec<String>, evidence: Evidence| {
            let (effect, evidence) = match known {
                Some(effect) => (effect, evidence),
                None => suggested(schedule, function, evidence),
            };
            Aim { schedule: schedule.arn.clone(), effect, model, mappings, evidence }
        };
        let own = if order.universal { Evidence::UniversalTarget } else { Evidence::Input };
        if !order.models.is_empty() {
            // Mappings beside several models would be anybody's; beside one they are its own.
            let mappings = if order.models.len() == 1 { order.mappings.clone() } else { Vec::new() };
            return order.models.iter().map(|model| aim(Some(model.clone()), mappings.clone(), own.clone())).collect();
        }
        if !order.mappings.is_empty() {
            let served = self.by_model(&order.mappings);
            return served.into_iter().map(|(model, mappings)| aim(model, mappings, own.clone())).collect();
        }
        let Some(function) = function.filter(|_| !order.universal) else { return Vec::new() };
        self.of_environment(function)
            .into_iter()
            .map(|(model, mappings, evidence)| aim(model, mappings, evidence))
            .collect()
    }

    fn of_environment(&self, function: &FunctionFacts) -> Vec<(Option<ModelArn>, Vec<String>, Evidence)> {
        let by = |variable: &str| Evidence::FunctionEnvironment {
            function: function.name.clone(),
            variable: variable.to_owned(),
        };
        if function.models.is_empty() {
            let served = self.by_model(&function.mappings).into_iter();
            return served.map(|(model, mappings)| (model, mappings, by("its environment"))).collect();
        }
        let mappings = if function.models.len() == 1 { function.mappings.clone() } else { Vec::new() };
        let aims = function.models.iter();
        aims.map(|(variable, model)| (Some(model.clone()), mappings.clone(), by(variable))).collect()
    }

    /// Mappings, gathered by the models that they serve.
    fn by_model(&self, mappings: &[String]) -> Vec<(Option<ModelArn>, Vec<String>)> {
        let served = |uuid: &String| self.wiring.model_by_mapping.get(uuid).cloned();
        let models: BTreeSet<Option<ModelArn>> = mappings.iter().map(served).collect();
        let own = |model: &Option<ModelArn>| mappings.iter().filter(|uuid| served(uuid) == *model).cloned().collect();
        models.into_iter().map(|model| (model.clone(), own(&model))).collect()
    }

    fn guess(&self, schedule: &Schedule, orders: &[Order]) -> Option<Aim> {
        let functions =
            orders.iter().filter_map(|order| order.function.as_deref()).map(crate::domain::function::name_in);
        let called: Vec<(&str, &str)> = std::iter::once(("it", schedule.name.as_str()))
            .chain(functions.map(|name| ("its function", name)))
            .collect();
        // Without a target that could start or stop anything, a name says nothing.
        if orders.is_empty() {
            return None;
        }
        let found = called.iter().find_map(|(who, name)| Some((*who, *name, guess::model(name, self.names)?)));
        let (who, name, model) = found?;
        let told = orders.iter().find_map(|order| order.effect);
        let effect = told.or_else(|| called.iter().find_map(|(_, name)| guess::effect(name)))?;
        let reason = format!("{who} is called {name}, and the model's project {}", model.project());
        Some(Aim {
            schedule: schedule.arn.clone(),
            effect,
            model: Some(model.clone()),
            mappings: Vec::new(),
            evidence: Evidence::NameGuess { reason },
        })
    }
}

fn by_role(function: &FunctionFacts) -> Option<Effect> {
    match function.role? {
        Role::Startup => Some(START),
        Role::Shutdown => Some(Effect::Stop),
        Role::Inference => None,
    }
}

/// The user says what a schedule does; what its input adds about the same (units, mappings) stays.
fn by_config(schedule: &Schedule, model: &ModelArn, starts: bool, found: &[Aim]) -> Aim {
    let same =
        |aim: &&Aim| aim.model.as_ref() == Some(model) && aim.effect.is_start() == starts && aim.evidence.is_proof();
    let same = found.iter().find(same);
    let effect = match same {
        Some(aim) if starts => aim.effect,
        _ if starts => START,
        _ => Effect::Stop,
    };
    Aim {
        schedule: schedule.arn.clone(),
        effect,
        model: Some(model.clone()),
        mappings: same.map(|aim| aim.mappings.clone()).unwrap_or_default(),
        evidence: Evidence::Config,
    }
}

/// Model or mapping are proven, the effect is not: a name may suggest one, and makes the whole a guess.
fn suggested(schedule: &Schedule, function: Option<&FunctionFacts>, proof: Evidence) -> (Effect, Evidence) {
    if function.is_some_and(|function| function.role == Some(Role::Inference)) {
        return (Effect::Unknown, proof);
    }
    let names =
        [Some(("it", schedule.name.as_str())), function.map(|function| ("its function", function.name.as_str()))];
    let guessed = names.into_iter().flatten().find_map(|(who, name)| Some((who, name, guess::effect(name)?)));
    match guessed {
        Some((who, name, effect)) => {
            let reason =
                format!("{} names the model, but only that {who} is called {name} says {}", proof, effect.word());
            (effect, Evidence::NameGuess { reason })
        }
        None => (Effect::Unknown, proof),
    }
}
