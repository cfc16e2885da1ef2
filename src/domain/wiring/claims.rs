//! Which models claim which mappings, and which claim holds.

use std::collections::{BTreeMap, HashMap};

use super::facts::{Facts, Role};
use super::names::{Granted, Names};
use super::order::Order;
use super::{Evidence, guess};
use crate::domain::fleet::Fleet;
use crate::domain::function::unqualified;
use crate::domain::mapping::Mapping;
use crate::domain::model::ModelArn;

pub(super) type Claims = BTreeMap<String, Vec<(ModelArn, Evidence)>>;

/// The claims on each mapping: the strongest, or several equally strong ones of different models.
pub(super) fn claims(
    fleet: &Fleet,
    facts: &Facts,
    names: &Names,
    granted: &Granted,
    orders: &HashMap<&str, Vec<Order>>,
) -> Claims {
    let mut claims = Claims::new();
    by_config(granted, &mut claims);
    // In the order of the fleet, so that the same fleet always gives the same wiring.
    for schedule in fleet.all_schedules() {
        for order in orders.get(schedule.arn.as_str()).into_iter().flatten() {
            by_order(order, facts, &mut claims);
        }
    }
    for mapping in fleet.mappings.rows.values() {
        by_inference(mapping, facts, &mut claims);
        if !claims.contains_key(&mapping.uuid) {
            by_name(mapping, names, &mut claims);
        }
    }
    claims.values_mut().for_each(settle);
    claims
}

fn by_config(granted: &Granted, claims: &mut Claims) {
    for (uuid, models) in &granted.mappings {
        let models = models.iter().map(|model| (model.clone(), Evidence::Config));
        claims.entry(uuid.clone()).or_default().extend(models);
    }
}

/// An input that names mappings beside one model ties them to it; so does the environment of the function behind it.
fn by_order(order: &Order, facts: &Facts, claims: &mut Claims) {
    let function = order.function.as_deref().and_then(|id| facts.function(id));
    if let ([model], false) = (order.models.as_slice(), order.universal) {
        for uuid in &order.mappings {
            claims.entry(uuid.clone()).or_default().push((model.clone(), Evidence::Input));
        }
    }
    let Some(function) = function.filter(|function| function.role != Some(Role::Inference)) else { return };
    if let [(variable, model)] = function.models.as_slice() {
        let evidence = Evidence::FunctionEnvironment { function: function.name.clone(), variable: variable.clone() };
        for uuid in &function.mappings {
            claims.entry(uuid.clone()).or_default().push((model.clone(), evidence.clone()));
        }
    }
}

fn by_inference(mapping: &Mapping, facts: &Facts, claims: &mut Claims) {
    let Some(function) = facts.function(&unqualified(&mapping.function_arn)) else { return };
    for (variable, model) in &function.models {
        let evidence = Evidence::InferenceFunction { function: function.name.clone(), variable: variable.clone() };
        claims.entry(mapping.uuid.clone()).or_default().push((model.clone(), evidence));
    }
}

fn by_name(mapping: &Mapping, names: &Names, claims: &mut Claims) {
    let told = [("function", mapping.function_name()), ("queue", mapping.source_name())];
    let guessed = told.into_iter().find_map(|(what, name)| Some((what, name, guess::model(name, names)?)));
    if let Some((what, name, model)) = guessed {
        let reason = format!("its {what} is called {name}, and the model's project {}", model.project());
        claims.entry(mapping.uuid.clone()).or_default().push((model.clone(), Evidence::NameGuess { reason }));
    }
}

fn settle(claims: &mut Vec<(ModelArn, Evidence)>) {
    let strongest = claims.iter().map(|(_, evidence)| evidence.rank()).min();
    claims.retain(|(_, evidence)| Some(evidence.rank()) == strongest);
    claims.sort();
    claims.dedup_by(|later, first| later.0 == first.0);
}
