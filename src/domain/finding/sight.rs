//! Sight: what has been read well enough to conclude something from what is *not* there.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::domain::fleet::{Fleet, Part};
use crate::domain::function::{name_in, unqualified};
use crate::domain::model::ModelArn;
use crate::domain::picture::Picture;
use crate::domain::schedule::{Schedule, Target};
use crate::domain::trouble::Trouble;
use crate::domain::wiring::Aim;

/// What has been read well enough.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Sight {
    /// Whether schedules and rules have both been read to the end.
    parts: bool,
    /// Schedules (by ARN, or as a trouble names them) that may start or stop any model, for all that could be read.
    pub unclear: Vec<String>,
    /// Models whose plan is only partly understood.
    blind: BTreeSet<ModelArn>,
}

impl Sight {
    pub fn of(fleet: &Fleet, picture: &Picture) -> Self {
        let parts = fleet.schedules.as_of.is_some() && fleet.rules.as_of.is_some();
        let mut sight = Self { parts, ..Self::default() };
        for schedule in fleet.all_schedules() {
            let aims = picture.wiring.aims_of_schedule(&schedule.arn);
            let without_times = schedule.enabled && !aims.is_empty() && picture.timing(&schedule.arn).is_none();
            if !without_times && !is_unread(fleet, schedule) && !is_dark(fleet, schedule, aims) {
                continue;
            }
            let models: Vec<&ModelArn> = aims.iter().filter_map(|aim| aim.model.as_ref()).collect();
            // Where its function's environment names the models, the others need not be in doubt.
            if models.is_empty() && !without_times {
                sight.unclear.push(schedule.arn.clone());
            }
            sight.blind.extend(models.into_iter().cloned());
        }
        sight.unclear.extend(lost(&fleet.schedules).chain(lost(&fleet.rules)));
        sight
    }

    /// Whether everything that may be planned for this model is known.
    pub fn of_plan(&self, model: &ModelArn) -> bool {
        self.parts && self.unclear.is_empty() && !self.blind.contains(model)
    }

    /// Whether schedules and rules have both been read to the end.
    pub fn of_parts(&self) -> bool {
        self.parts
    }
}

/// Its details could not be read, and its target may well start or stop models.
fn is_unread(fleet: &Fleet, schedule: &Schedule) -> bool {
    if schedule.targets.is_empty() {
        let mut troubles = fleet.schedules.troubles.iter().chain(&fleet.rules.troubles);
        return schedule.expression.is_none() || troubles.any(|trouble| is_about(trouble, schedule));
    }
    schedule.expression.is_none() && schedule.targets.iter().any(may_concern_a_model)
}

/// What it does would stand in its function's environment, and that could not be read.
fn is_dark(fleet: &Fleet, schedule: &Schedule, aims: &[Arc<Aim>]) -> bool {
    !aims.iter().any(|aim| aim.is_planned())
        && schedule.targets.iter().filter_map(Target::function).any(|function| !is_settled(fleet, &function))
}

/// Whether a function has been read, or is known not to exist.
pub(super) fn is_settled(fleet: &Fleet, function: &str) -> bool {
    function_exists(fleet, function).is_some()
}

/// Whether a function exists; `None` while that is not known. One that does not is missing from the rows once all are read.
pub(super) fn function_exists(fleet: &Fleet, function: &str) -> Option<bool> {
    let (arn, name) = (unqualified(function), bare_name(function));
    let functions = &fleet.functions;
    if functions.rows.contains_key(&arn)
        || functions.rows.values().any(|row| !function.starts_with("arn:") && row.name() == name)
    {
        return Some(true);
    }
    let about = |trouble: &Trouble| trouble.subject.as_deref().is_none_or(|subject| bare_name(subject) == name);
    let being_read = functions.reading || fleet.schedules.reading || fleet.rules.reading;
    let known = functions.as_of.is_some() && !being_read && !functions.troubles.iter().any(about);
    known.then_some(false)
}

fn bare_name(function: &str) -> &str {
    if function.starts_with("arn:") {
        return name_in(function);
    }
    let name = function.split_once(":function:").map_or(function, |(_, name)| name);
    name.split(':').next().unwrap_or(name)
}

fn is_about(trouble: &Trouble, schedule: &Schedule) -> bool {
    trouble.subject.as_deref().is_some_and(|subject| names(schedule, subject))
}

fn names(schedule: &Schedule, subject: &str) -> bool {
    subject == schedule.arn || subject == schedule.name || subject == schedule.path()
}

fn may_concern_a_model(target: &Target) -> bool {
    match target.universal() {
        Some((service, _)) => matches!(service, "rekognition" | "lambda"),
        None => target.function().is_some(),
    }
}

/// What a trouble is about, but is not among the rows.
fn lost(part: &Part<String, Schedule>) -> impl Iterator<Item = String> + '_ {
    let subjects = part.troubles.iter().filter_map(|trouble| trouble.subject.as_deref());
    subjects.filter(|subject| !part.rows.values().any(|row| names(row, subject))).map(str::to_owned)
}
