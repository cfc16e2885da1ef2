//! What a scenario says has to fit together, and to be what AWS has.

use super::{Scenario, Target};

impl Scenario {
    pub(super) fn check(&self) -> Result<(), String> {
        self.check_words()?;
        for model in &self.models {
            let key = format!("models.{}/{}", model.project, model.version);
            self.check_project(&model.project, &key)?;
            check_range(model.start_minutes, &format!("{key}.start_minutes"))?;
            check_range(model.stop_minutes, &format!("{key}.stop_minutes"))?;
        }
        for history in &self.history {
            let known = self.models.iter().any(|m| m.project == history.project && m.version == history.version);
            if !known {
                return Err(format!("history: there is no model {}/{}", history.project, history.version));
            }
        }
        for schedule in &self.schedules {
            check_target(&schedule.target, &format!("schedules.{}.target", schedule.name))?;
            if schedule.group != "default" && !self.groups.iter().any(|g| g.name == schedule.group) {
                return Err(format!("schedules.{}.group: there is no group {}", schedule.name, schedule.group));
            }
        }
        for rule in &self.rules {
            for target in &rule.targets {
                check_target(target, &format!("rules.{}.targets", rule.name))?;
            }
        }
        for mapping in &self.mappings {
            let name = mapping.function.split(':').next().unwrap_or_default();
            if !self.functions.iter().any(|f| f.name == name) {
                return Err(format!("mappings.{}.function: there is no function {name}", mapping.uuid));
            }
        }
        Ok(())
    }

    /// States are AWS's own words: another one would be a state that no client knows.
    fn check_words(&self) -> Result<(), String> {
        for project in &self.projects {
            let key = format!("projects.{}", project.name);
            check_word(&project.feature, &["CUSTOM_LABELS", "CONTENT_MODERATION"], &format!("{key}.feature"))?;
            check_word(&project.status, &["CREATING", "CREATED", "DELETING"], &format!("{key}.status"))?;
        }
        for model in &self.models {
            check_word(&model.status, &STATUSES, &format!("models.{}/{}.status", model.project, model.version))?;
        }
        for mapping in &self.mappings {
            check_word(&mapping.state, &MAPPING_STATES, &format!("mappings.{}.state", mapping.uuid))?;
            if !crate::sim::world::is_uuid(&mapping.uuid) {
                return Err(format!("mappings.{}.uuid: this is no UUID", mapping.uuid));
            }
        }
        for schedule in &self.schedules {
            let key = format!("schedules.{}", schedule.name);
            check_word(&schedule.state, &["ENABLED", "DISABLED"], &format!("{key}.state"))?;
            check_word(&schedule.after_completion, &["NONE", "DELETE"], &format!("{key}.after_completion"))?;
        }
        for rule in &self.rules {
            check_word(&rule.state, &RULE_STATES, &format!("rules.{}.state", rule.name))?;
        }
        Ok(())
    }

    fn check_project(&self, name: &str, key: &str) -> Result<(), String> {
        match self.projects.iter().any(|project| project.name == name) {
            true => Ok(()),
            false => Err(format!("{key}.project: there is no project {name}")),
        }
    }
}

const STATUSES: [&str; 14] = [
    "TRAINING_IN_PROGRESS",
    "TRAINING_COMPLETED",
    "TRAINING_FAILED",
    "STARTING",
    "RUNNING",
    "FAILED",
    "STOPPING",
    "STOPPED",
    "DELETING",
    "COPYING_IN_PROGRESS",
    "COPYING_COMPLETED",
    "COPYING_FAILED",
    "DEPRECATED",
    "EXPIRED",
];
const MAPPING_STATES: [&str; 7] = ["Creating", "Enabling", "Enabled", "Disabling", "Disabled", "Updating", "Deleting"];
const RULE_STATES: [&str; 3] = ["ENABLED", "DISABLED", "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"];

fn check_word(word: &str, known: &[&str], key: &str) -> Result<(), String> {
    if known.contains(&word) { Ok(()) } else { Err(format!("{key}: `{word}` is none of {}", known.join(", "))) }
}

fn check_range([least, most]: [u32; 2], key: &str) -> Result<(), String> {
    if least <= most { Ok(()) } else { Err(format!("{key}: {least} is more than {most}")) }
}

fn check_target(target: &Target, key: &str) -> Result<(), String> {
    let given = [&target.function, &target.action, &target.arn].iter().filter(|one| one.is_some()).count();
    if given == 1 { Ok(()) } else { Err(format!("{key}: give exactly one of function, action and arn")) }
}
