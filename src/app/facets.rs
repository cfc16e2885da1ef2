//! What each row says of itself: the fields that a filter can ask for.

use std::collections::HashMap;

use super::filter::Facets;
use super::key::FindingKey;
use super::screen::Screen;
use super::state::State;
use crate::domain::function;
use crate::domain::mapping::Mapping;
use crate::domain::model::{Model, ModelArn};
use crate::domain::operation::Operation;
use crate::domain::picture::Picture;
use crate::domain::schedule::Schedule;

impl Screen {
    /// The fields that a filter can ask for, as in `status:running`.
    #[must_use]
    pub fn fields(self) -> &'static [&'static str] {
        match self {
            Self::Models => &["name", "status", "arn", "zone", "schedule", "function", "queue", "next", "finding"],
            Self::Schedules => &["name", "kind", "status", "zone", "fires", "does", "model", "function", "arn"],
            Self::Mappings => &["name", "status", "queue", "model", "uuid", "reason"],
            Self::Savings => &["name", "arn"],
            Self::Findings => &["weight", "about", "finding", "rule"],
            Self::Journal => &["name", "what", "who", "outcome", "account", "region", "arn", "step", "id"],
        }
    }
}

/// Which rules found something about whom, by ARN or UUID.
pub(super) type Found<'a> = HashMap<&'a str, Vec<&'static str>>;

/// Every finding, to be looked up by what it is about.
pub(super) fn found(picture: &Picture) -> Found<'_> {
    let mut found = Found::new();
    for finding in &picture.findings {
        found.entry(finding.subject.id()).or_default().push(finding.rule.as_str());
    }
    found
}

/// What a row of the savings says of itself.
pub(super) fn of_savings(arn: &ModelArn) -> Facets {
    vec![("name", arn.name()), ("arn", arn.as_str().to_owned())]
}

pub(super) fn of_model(state: &State, model: &Model, found: &Found<'_>) -> Facets {
    let mut facets = vec![
        ("name", model.name()),
        ("status", model.status.word()),
        ("status", model.status.as_str().to_owned()),
        ("arn", model.arn.as_str().to_owned()),
    ];
    let mut about =
        |id: &str| found.get(id).into_iter().flatten().for_each(|rule| facets.push(("finding", (*rule).to_owned())));
    about(model.arn.as_str());
    let aims = state.picture.wiring.aims_of(&model.arn);
    aims.iter().for_each(|aim| about(&aim.schedule));
    let wires = state.picture.wiring.mappings_of(&model.arn);
    wires.iter().for_each(|wire| about(&wire.uuid));
    if let Some(next) = state.picture.models.get(&model.arn).and_then(|view| view.next_for(&model.status)) {
        facets.push(("next", next.kind.as_str().to_owned()));
    }
    for aim in aims {
        let Some(schedule) = state.fleet.schedule(&aim.schedule) else { continue };
        facets.push(("schedule", schedule.path()));
        facets.push(("zone", zone(schedule).to_owned()));
    }
    for wire in wires {
        let Some(mapping) = state.fleet.mappings.rows.get(&wire.uuid) else { continue };
        facets.push(("function", mapping.function_name().to_owned()));
        facets.push(("queue", mapping.source_name().to_owned()));
    }
    facets
}

pub(super) fn of_schedule(state: &State, schedule: &Schedule) -> Facets {
    let mut facets = vec![
        ("name", schedule.path()),
        ("kind", schedule.kind.word().to_owned()),
        ("status", schedule.state.clone()),
        ("status", if schedule.enabled { "on" } else { "paused" }.to_owned()),
        ("zone", zone(schedule).to_owned()),
        ("fires", schedule.expression.clone().unwrap_or_default()),
        ("arn", schedule.arn.clone()),
    ];
    facets.extend(schedule.parsed().and_then(Result::ok).map(|expression| ("fires", expression.describe())));
    for target in &schedule.targets {
        facets.extend(target.function().map(|arn| ("function", function::name_in(&arn).to_owned())));
    }
    let wiring = &state.picture.wiring;
    let guess = wiring.guesses_by_schedule.get(&schedule.arn);
    for aim in wiring.aims_by_schedule.get(&schedule.arn).into_iter().flatten().chain(guess) {
        facets.push(("does", aim.effect.word().to_owned()));
        facets.extend(aim.model.as_ref().map(|model| ("model", model.name())));
    }
    facets
}

pub(super) fn of_mapping(state: &State, mapping: &Mapping) -> Facets {
    let model = state.picture.wiring.model_by_mapping.get(&mapping.uuid).map(ModelArn::name);
    vec![
        ("name", mapping.function_name().to_owned()),
        ("status", mapping.state.as_str().to_owned()),
        ("queue", mapping.source_name().to_owned()),
        ("model", model.unwrap_or_default()),
        ("uuid", mapping.uuid.clone()),
        ("reason", mapping.reason.clone().unwrap_or_default()),
    ]
}

pub(super) fn of_finding(state: &State, key: &FindingKey) -> Facets {
    let Some(finding) = state.finding(key) else { return Vec::new() };
    vec![
        ("weight", finding.severity.as_str().to_owned()),
        ("about", state.subject_name(finding)),
        ("about", finding.subject.id().to_owned()),
        ("finding", finding.sentence.clone()),
        ("rule", finding.rule.as_str().to_owned()),
    ]
}

pub(super) fn of_operation(operation: &Operation) -> Facets {
    let intent = &operation.plan.intent;
    let mut facets = vec![
        ("name", operation.plan.subject.clone()),
        ("what", intent.word().to_owned()),
        ("who", operation.who.clone().unwrap_or_default()),
        ("outcome", operation.standing.word().to_owned()),
        ("outcome", operation.sentence()),
        ("arn", intent.arn().to_owned()),
        ("id", operation.id.0.clone()),
        ("account", operation.account.clone()),
        ("region", operation.region.clone()),
    ];
    facets.extend(operation.of_steps().map(|(step, _)| ("step", step.title())));
    facets
}

fn zone(schedule: &Schedule) -> &str {
    schedule.zone.as_deref().unwrap_or("UTC")
}
