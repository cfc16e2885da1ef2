//! The plans of the functions that schedules invoke: the same steps as by hand, without what only an operator needs.
//!
//! Nothing has been looked at beforehand, so nothing can have changed since: each step looks before it writes, and what is
//! so already counts as done. That makes them safe to be carried out twice, or again after being broken off.

use super::start::Units;
use super::{Grade, Guard, Intent, Plan, Planned, Step};
use crate::domain::model::ModelArn;

/// The plan of a startup function: start the model, wait until it is RUNNING, enable its mappings, wait until they are
/// Enabled. In that order, since a mapping that is enabled earlier only makes messages fail.
#[must_use]
pub fn scheduled_start(model: &ModelArn, project_arn: &str, units: Units, mappings: &[String]) -> Plan {
    let intent = Intent::Start { model: model.clone(), emergency: false, units, end: None };
    let start = Step::Start { model: model.clone(), min_units: units.min, max_units: units.max };
    let enable = mappings.iter().map(|mapping| Step::Enable { mapping: mapping.clone() });
    let await_enabled = mappings.iter().map(|mapping| Step::AwaitEnabled { mapping: mapping.clone() });
    let steps = [start, Step::AwaitRunning { model: model.clone() }].into_iter().chain(enable).chain(await_enabled);
    plan(intent, model, project_arn, steps)
}

/// The plan of a shutdown function: disable the mappings, wait until they are Disabled and nothing is in flight in their
/// queues (ARNs), stop the model, wait until it is STOPPED, and see to it that the mappings are still Disabled.
#[must_use]
pub fn scheduled_stop(model: &ModelArn, project_arn: &str, mappings: &[String], queues: &[String]) -> Plan {
    let intent = Intent::Stop { model: model.clone() };
    let off = || {
        let disable = mappings.iter().map(|mapping| Step::Disable { mapping: mapping.clone() });
        disable.chain(mappings.iter().map(|mapping| Step::AwaitDisabled { mapping: mapping.clone() }))
    };
    let drain = queues.iter().map(|queue| Step::Drain { queue: queue.clone() });
    let stop = [Step::Stop { model: model.clone() }, Step::AwaitStopped { model: model.clone() }];
    // A model that was still starting is stopped once it runs, and whoever started it may have enabled its mappings by then.
    plan(intent, model, project_arn, off().chain(drain).chain(stop).chain(off()))
}

fn plan(intent: Intent, model: &ModelArn, project_arn: &str, steps: impl Iterator<Item = Step>) -> Plan {
    Plan {
        intent,
        subject: model.name(),
        project_arn: Some(project_arn.to_owned()),
        seen: Vec::new(),
        steps: steps.map(|step| Planned { step, guard: Guard::Always }).collect(),
        notes: Vec::new(),
        grade: Grade::Change,
    }
}
