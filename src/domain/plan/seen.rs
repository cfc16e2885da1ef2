//! What the operator saw, and whether it still holds.

use serde::{Deserialize, Serialize};

use crate::domain::mapping::MappingState;
use crate::domain::model::{ModelArn, Status};
use crate::domain::schedule::Schedule;

/// Something that a plan was made on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Seen {
    /// A model in this status.
    Model {
        /// The model.
        model: ModelArn,
        /// Its status.
        status: Status,
    },
    /// A mapping in this state.
    Mapping {
        /// Its UUID.
        uuid: String,
        /// Its state.
        state: MappingState,
    },
    /// A schedule or rule, with every field.
    Schedule(Box<Schedule>),
}

/// The same thing, as it is now.
#[derive(Clone, Debug, PartialEq)]
pub enum SeenNow {
    /// A model's status.
    Model(Status),
    /// A mapping's state.
    Mapping(MappingState),
    /// A schedule or rule.
    Schedule(Box<Schedule>),
    /// It is gone.
    Gone,
}

impl Seen {
    /// What changed in between, if something did that matters: both sides in one sentence. What AWS does by itself
    /// (a start that came to its end) is no change.
    #[must_use]
    pub fn changed(&self, now: &SeenNow) -> Option<String> {
        match (self, now) {
            (Self::Model { model, .. }, SeenNow::Gone) => Some(format!("{} is gone.", model.name())),
            (Self::Mapping { uuid, .. }, SeenNow::Gone) => Some(format!("The mapping {uuid} is gone.")),
            (Self::Schedule(schedule), SeenNow::Gone) => Some(format!("{} is gone.", schedule.path())),
            (Self::Model { model, status }, SeenNow::Model(now)) => {
                let held = status == now
                    || matches!(
                        (status, now),
                        (Status::Starting, Status::Running) | (Status::Stopping, Status::Stopped)
                    );
                (!held).then(|| format!("{} was {} when you looked and is {} now.", model.name(), status, now))
            }
            (Self::Mapping { uuid, state }, SeenNow::Mapping(now)) => {
                let held = state == now
                    || matches!(
                        (state, now),
                        (MappingState::Enabling, MappingState::Enabled)
                            | (MappingState::Disabling, MappingState::Disabled)
                            | (MappingState::Updating | MappingState::Creating, _)
                    );
                (!held).then(|| format!("The mapping {uuid} was {state} when you looked and is {now} now."))
            }
            (Self::Schedule(seen), SeenNow::Schedule(now)) => {
                let lines = differences(seen, now);
                (!lines.is_empty()).then(|| format!("{} was changed: {}.", seen.path(), lines.join("; ")))
            }
            _ => Some("Something else was found than what you saw.".into()),
        }
    }
}

/// The fields in which two states of one schedule differ, each as `field: before → after`.
#[must_use]
pub fn differences(before: &Schedule, after: &Schedule) -> Vec<String> {
    let same_targets = before.targets.len() == after.targets.len();
    let targets = before.targets.iter().zip(&after.targets).filter(|_| same_targets);
    let mut lines = fields("", before, after, same_targets);
    lines.extend(targets.flat_map(|(before, after)| fields("target ", before, after, false)));
    lines
}

/// The same for what is kept as one object. `apart`: its targets are told apart, field by field.
fn fields(lead: &str, before: &impl Serialize, after: &impl Serialize, apart: bool) -> Vec<String> {
    let (Ok(serde_json::Value::Object(before)), Ok(serde_json::Value::Object(after))) =
        (serde_json::to_value(before), serde_json::to_value(after))
    else {
        return Vec::new();
    };
    let shown = |value: Option<&serde_json::Value>| match value {
        None | Some(serde_json::Value::Null) => "none".to_owned(),
        Some(serde_json::Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    };
    // `enabled` follows from `state`.
    let told = |name: &str| name != "enabled" && !(apart && name == "targets");
    let fields = before.keys().chain(after.keys().filter(|name| !before.contains_key(*name)));
    fields
        .filter(|name| told(name) && before.get(*name) != after.get(*name))
        .map(|name| format!("{lead}{name}: {} → {}", shown(before.get(name)), shown(after.get(name))))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::schedule::{Kind, Target};

    fn schedule(targets: Vec<Target>) -> Schedule {
        Schedule {
            arn: "arn:aws:scheduler:eu-central-1:123456789012:schedule/office/logos".into(),
            name: "logos".into(),
            group: "office".into(),
            kind: Kind::Schedule,
            expression: Some("cron(0 9 * * ? *)".into()),
            zone: None,
            enabled: true,
            state: "ENABLED".into(),
            start: None,
            end: None,
            flexible_minutes: None,
            targets,
            description: None,
            created: None,
            modified: None,
            deletes_itself: false,
            kms_key_arn: None,
            managed_by: None,
            role_arn: None,
            event_pattern: None,
        }
    }

    #[test]
    fn of_a_target_that_differs_only_the_fields_are_told_that_do() {
        let target =
            Target { arn: "arn:aws:lambda:eu-central-1:123456789012:function:startup".into(), ..Target::default() };
        let before = schedule(vec![target.clone()]);
        let retried = Target { max_retries: Some(3), ..target.clone() };
        let after = Schedule { zone: Some("Asia/Tokyo".into()), ..schedule(vec![retried]) };
        assert_eq!(differences(&before, &after), ["zone: none → Asia/Tokyo", "target max_retries: none → 3"]);
        assert_eq!(differences(&before, &before), [""; 0]);
        let fewer = differences(&before, &schedule(vec![]));
        assert!(matches!(fewer.as_slice(), [line] if line.starts_with("targets: ")), "{fewer:?}");
    }
}
