//! What a deployed stack provides for the windows of a model: the functions that start and stop it, the role that invokes
//! them, the group that schedules belong to.

use serde::Deserialize;

use super::fleet::Fleet;
use super::picture::Picture;
use super::plan::is_automatic;
use super::schedule::{Kind, Schedule, Target};
use super::wiring::{Aim, Effect, Evidence};

/// What the user's own configuration says of the stack.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StackWish {
    /// The ARN of the function that starts models, with its alias.
    pub startup: String,
    /// The ARN of the function that stops models, with its alias.
    pub shutdown: String,
    /// The ARN of the role with which schedules invoke both.
    pub role: String,
    /// The schedule group that new schedules belong to.
    #[serde(default = "default_group")]
    pub group: String,
    /// The ARN of the queue for events that could not be delivered.
    #[serde(default)]
    pub dead_letter: Option<String>,
}

fn default_group() -> String {
    "default".into()
}

/// What new schedules are made from.
#[derive(Clone, Debug, PartialEq)]
pub struct Stack {
    /// What invokes the function that starts models; without an Input.
    pub startup: Target,
    /// What invokes the function that stops models; without an Input.
    pub shutdown: Target,
    /// The schedule group.
    pub group: String,
    /// How we know, for people: `your configuration`, `the schedules of parts v9`.
    pub found_by: String,
}

impl Stack {
    /// The stack of an account: as the configuration says, else as other schedules prove that it is used, with an Input
    /// that names what they do.
    #[must_use]
    pub fn of(fleet: &Fleet, picture: &Picture, wish: Option<&StackWish>) -> Option<Self> {
        wish.map(Self::wished).or_else(|| Self::in_use(fleet, picture))
    }

    fn wished(wish: &StackWish) -> Self {
        let target = |arn: &str| Target {
            arn: arn.to_owned(),
            role_arn: Some(wish.role.clone()),
            dead_letter_arn: wish.dead_letter.clone(),
            ..Target::default()
        };
        Self {
            startup: target(&wish.startup),
            shutdown: target(&wish.shutdown),
            group: wish.group.clone(),
            found_by: "your configuration".into(),
        }
    }

    fn in_use(fleet: &Fleet, picture: &Picture) -> Option<Self> {
        let of = |wanted: fn(Effect) -> bool| -> Vec<&Schedule> {
            let aims = picture.wiring.aims_by_schedule.values().flatten();
            let ours = aims.filter(|aim| wanted(aim.effect) && aim.evidence == Evidence::Input && aim.model.is_some());
            ours.filter_map(|aim: &Aim| fleet.schedule(&aim.schedule)).filter(|schedule| is_usable(schedule)).collect()
        };
        let (starts, stops) = (of(Effect::is_start), of(|effect| effect == Effect::Stop));
        // A pair of one group is surely one stack's; the group that most schedules are in is the usual one.
        let count = |group: &str| starts.iter().chain(&stops).filter(|schedule| schedule.group == group).count();
        let start = starts
            .iter()
            .filter(|start| stops.iter().any(|stop| stop.group == start.group))
            .max_by_key(|start| (count(&start.group), std::cmp::Reverse(&start.arn)))?;
        let stop = stops.iter().find(|stop| stop.group == start.group)?;
        let bare =
            |schedule: &Schedule| schedule.targets.first().map(|target| Target { input: None, ..target.clone() });
        Some(Self {
            startup: bare(start)?,
            shutdown: bare(stop)?,
            group: start.group.clone(),
            found_by: format!("what {} and {} invoke", start.path(), stop.path()),
        })
    }
}

fn is_usable(schedule: &Schedule) -> bool {
    schedule.kind == Kind::Schedule
        && !is_automatic(schedule)
        && matches!(schedule.targets.as_slice(), [target] if target.function().is_some() && target.universal().is_none())
}
