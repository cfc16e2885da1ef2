//! What a deployed stack provides for the windows of a model: the functions that start and stop it, the role that invokes
//! them, the group that schedules belong to.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::fleet::Fleet;
use super::picture::Picture;
use super::plan::is_automatic;
use super::schedule::{Kind, Schedule, Target};
use super::wiring::{Effect, Evidence};

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

impl StackWish {
    /// The first of its ARNs that is none of what it should be: its name, the ARN, and what it should be.
    #[must_use]
    pub fn wrong(&self) -> Option<(&'static str, &str, &'static str)> {
        let all = [
            ("startup", Some(&self.startup), "lambda", "function:", "a function"),
            ("shutdown", Some(&self.shutdown), "lambda", "function:", "a function"),
            ("role", Some(&self.role), "iam", "role/", "a role"),
            ("dead_letter", self.dead_letter.as_ref(), "sqs", "", "a queue"),
        ];
        all.into_iter().find_map(|(key, arn, service, begins, what)| {
            let parts: Vec<&str> = arn?.splitn(6, ':').collect();
            let right = matches!(parts.as_slice(),
                ["arn", _, own, _, _, rest] if *own == service && rest.starts_with(begins) && rest.len() > begins.len());
            (!right).then_some((key, arn?.as_str(), what))
        })
    }
}

fn default_group() -> String {
    "default".into()
}

/// A schedule group of EventBridge Scheduler.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// Its ARN.
    pub arn: String,
    /// Its name.
    pub name: String,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
}

/// The tags by which a schedule group says what its schedules invoke: ARNs.
const TAGS: [&str; 4] = ["rekotui:startup", "rekotui:shutdown", "rekotui:role", "rekotui:dead-letter"];

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
    /// The stack of an account: as the configuration says, else as the tags of a schedule group say, else as other
    /// schedules prove that it is used, with an Input that names what they do.
    #[must_use]
    pub fn of(fleet: &Fleet, picture: &Picture, wish: Option<&StackWish>) -> Option<Self> {
        wish.map(Self::wished).or_else(|| Self::tagged(fleet)).or_else(|| Self::in_use(fleet, picture))
    }

    /// What keeps us from knowing the tags of schedule groups, if something does.
    #[must_use]
    pub fn hidden(fleet: &Fleet) -> Option<String> {
        let trouble = fleet.groups.troubles.first();
        trouble.map(|trouble| format!("The tags of the schedule groups could not be read: {trouble}"))
    }

    fn tagged(fleet: &Fleet) -> Option<Self> {
        fleet.groups.rows.values().find_map(|group| {
            let [startup, shutdown, role, dead_letter] = TAGS.map(|tag| group.tags.get(tag).cloned());
            let wish = StackWish {
                startup: startup?,
                shutdown: shutdown?,
                role: role?,
                group: group.name.clone(),
                dead_letter,
            };
            // A tag that is no such ARN would only be found out by CreateSchedule.
            wish.wrong().is_none().then_some(())?;
            Some(Self { found_by: format!("the tags of the group {}", group.name), ..Self::wished(&wish) })
        })
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
            ours.filter_map(|aim| fleet.schedule(&aim.schedule)).filter(|schedule| is_usable(schedule)).collect()
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::testing::{BERLIN, Small, function_arn, now};
    use crate::domain::wiring::Wishes;

    const ROLE: &str = "arn:aws:iam::123456789012:role/scheduler";

    fn found(small: &Small, wish: Option<&StackWish>) -> Option<Stack> {
        let picture = Picture::of(&small.0, &Wishes::default(), now(), BERLIN);
        Stack::of(&small.0, &picture, wish)
    }

    fn tagged(small: Small, tags: &[(&str, &str)]) -> Small {
        let tags = tags.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let arn = "arn:aws:scheduler:eu-central-1:123456789012:schedule-group/windows".to_owned();
        small.with(|fleet| {
            fleet.groups.rows.insert(arn.clone(), Group { arn, name: "windows".into(), tags });
        })
    }

    #[test]
    fn the_settings_win_over_tags_and_tags_over_what_is_in_use() {
        let used = Small::new().office("logos", "STOPPED");
        let by_use = found(&used, None).unwrap();
        assert_eq!((by_use.group.as_str(), by_use.startup.arn), ("default", function_arn("startup")));
        assert!(by_use.found_by.contains("default/logos-start"), "{}", by_use.found_by);
        let startup = function_arn("up:live");
        let tags = [
            ("rekotui:startup", startup.as_str()),
            ("rekotui:shutdown", "arn:aws:lambda:eu-central-1:123456789012:function:down"),
            ("rekotui:role", ROLE),
        ];
        let by_tags = found(&tagged(used, &tags), None).unwrap();
        assert_eq!((by_tags.group.as_str(), by_tags.startup.arn.as_str()), ("windows", startup.as_str()));
        assert_eq!(by_tags.shutdown.role_arn.as_deref(), Some(ROLE));
        let wish = StackWish {
            startup: function_arn("mine"),
            shutdown: function_arn("mine-too"),
            role: ROLE.into(),
            group: "own".into(),
            dead_letter: None,
        };
        let by_wish = found(&tagged(Small::new(), &tags), Some(&wish)).unwrap();
        assert_eq!((by_wish.group.as_str(), by_wish.found_by.as_str()), ("own", "your configuration"));
    }

    #[test]
    fn half_a_set_of_tags_is_none() {
        assert_eq!(found(&tagged(Small::new(), &[("rekotui:startup", "arn:aws:lambda:x")]), None), None);
    }
}
