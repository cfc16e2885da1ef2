//! The functions that have to do with models: what each is there for, what uses it, and how it is tried out without anything
//! being started or stopped.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::fleet::Fleet;
use super::function::{Function, Role, full_arn, name_in, unqualified};
use super::picture::Picture;
use super::schedule::{Schedule, Target};
use super::wiring::Effect;

/// A function that schedules or mappings use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Used {
    /// Its unqualified ARN.
    pub arn: String,
    /// What it is there for: as it says itself, else as its schedules and mappings do. `None`: nothing tells.
    pub role: Option<Role>,
    /// The version of rekotui that it is a part of. `None`: it is none of ours, or could not be read.
    pub version: Option<String>,
    /// When its code or its configuration was last changed, if that could be read.
    pub modified: Option<DateTime<Utc>>,
    /// Whether its configuration could be read: one that does not exist could not.
    pub read: bool,
    /// The ARNs of the schedules and rules that invoke it.
    pub schedules: Vec<String>,
    /// The UUIDs of the mappings that feed it.
    pub mappings: Vec<String>,
}

/// What CloudWatch counted, in the last 24 hours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// How often it was invoked, retries among them.
    pub invocations: u64,
    /// How many of these ended with an error of the function.
    pub errors: u64,
    /// How many invocations Lambda refused, because too many ran at once.
    pub throttles: u64,
}

/// A test: an invocation that only looks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// The schedules and rules whose Input it is, by ARN. None: the function has to know its model by itself.
    pub schedules: Vec<String>,
    /// The function as they name it, with its alias.
    pub function: String,
    /// What it is given: their own Input, with the action `check`.
    pub payload: String,
}

/// What a function answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Lambda's word for an error of the function: `Unhandled`. `None`: it came to its end.
    pub error: Option<String>,
    /// What it said.
    pub body: String,
}

/// Longer answers are cut: ours are short.
const LONGEST: usize = 400;

impl Used {
    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        name_in(&self.arn)
    }

    /// The word for what it is there for.
    #[must_use]
    pub fn role_word(&self) -> &'static str {
        self.role.map_or("unknown", Role::word)
    }

    /// Its version in words.
    #[must_use]
    pub fn version_word(&self) -> &str {
        match &self.version {
            Some(version) => version,
            None if self.read => "unknown",
            None => "not read",
        }
    }

    /// Whether it can be tested.
    ///
    /// # Errors
    /// Why it cannot: a sentence.
    pub fn testable(&self) -> Result<(), String> {
        if !self.read {
            let name = self.name();
            return Err(format!("{name} could not be read, so nobody knows what it would do. It is not invoked."));
        }
        testable(self.name(), self.version.as_deref(), self.role)
    }
}

impl Function {
    /// Whether it can be tested.
    ///
    /// # Errors
    /// Why it cannot: a sentence.
    pub fn testable(&self) -> Result<(), String> {
        testable(self.name(), self.version.as_deref(), self.role())
    }
}

fn testable(name: &str, version: Option<&str>, role: Option<Role>) -> Result<(), String> {
    match (version, role) {
        (None, _) => Err(format!(
            "{name} does not say that it is a part of rekotui (it has no REKOTUI_VERSION): a test could start or stop a \
             model. It is not invoked."
        )),
        (Some(_), Some(Role::Startup | Role::Shutdown)) => Ok(()),
        (Some(_), Some(Role::Inference)) => Err(format!(
            "{name} works on images and has no test: put an image into its bucket while its model runs. It is not invoked."
        )),
        (Some(_), None) => {
            Err(format!("{name} does not say whether it starts or stops models (REKOTUI_ROLE). It is not invoked."))
        }
    }
}

/// What uses a function.
enum Use<'a> {
    Schedule(&'a Schedule),
    Mapping(&'a str),
}

/// The functions that have to do with models, by ARN: those that wiring knows, and those that say so themselves.
#[must_use]
pub fn used(fleet: &Fleet, picture: &Picture) -> Vec<Used> {
    let wiring = &picture.wiring;
    let mut uses: BTreeMap<String, (bool, Vec<Use<'_>>)> = BTreeMap::new();
    let mut note = |arn: String, wired: bool, one| {
        let known = uses.entry(arn).or_default();
        known.0 |= wired;
        known.1.push(one);
    };
    let unwired: BTreeSet<&String> = wiring.unwired_schedules.iter().collect();
    for schedule in fleet.all_schedules() {
        let wired = !unwired.contains(&schedule.arn);
        for function in invoked(schedule) {
            note(function, wired, Use::Schedule(schedule));
        }
    }
    for (uuid, mapping) in fleet.mappings.rows.iter().filter(|(_, mapping)| mapping.queue_arn().is_some()) {
        let wired = wiring.model_by_mapping.contains_key(uuid)
            || wiring.guesses_by_mapping.contains_key(uuid)
            || wiring.contested.contains_key(uuid);
        note(unqualified(&mapping.function_arn), wired, Use::Mapping(uuid));
    }
    let ours = |arn: &str| {
        let row = fleet.functions.rows.get(arn);
        row.is_some_and(|function| function.version.is_some() || function.role().is_some())
    };
    let told = uses.into_iter().filter(|(arn, (wired, _))| *wired || ours(arn));
    told.map(|(arn, (_, uses))| of(fleet, picture, arn, &uses)).collect()
}

fn of(fleet: &Fleet, picture: &Picture, arn: String, uses: &[Use<'_>]) -> Used {
    let row = fleet.functions.rows.get(&arn);
    let mut used = Used {
        role: row.and_then(Function::role),
        version: row.and_then(|row| row.version.clone()),
        modified: row.and_then(|row| row.modified),
        read: row.is_some(),
        schedules: Vec::new(),
        mappings: Vec::new(),
        arn,
    };
    for one in uses {
        match one {
            Use::Schedule(schedule) if used.schedules.last() == Some(&schedule.arn) => {}
            Use::Schedule(schedule) => used.schedules.push(schedule.arn.clone()),
            Use::Mapping(uuid) => used.mappings.push((*uuid).to_owned()),
        }
    }
    used.role = used.role.or_else(|| role_by_use(picture, &used));
    used
}

/// What its schedules do shows what it is there for, if they all do the same; what mappings feed works on what they bring.
fn role_by_use(picture: &Picture, used: &Used) -> Option<Role> {
    let aims = used.schedules.iter().flat_map(|arn| picture.wiring.aims_of_schedule(arn));
    let mut roles = aims.filter_map(|aim| match aim.effect {
        Effect::Start { .. } => Some(Role::Startup),
        Effect::Stop => Some(Role::Shutdown),
        Effect::Enable | Effect::Disable | Effect::Unknown => None,
    });
    match roles.next() {
        Some(first) => roles.all(|role| role == first).then_some(first),
        None => (used.schedules.is_empty() && !used.mappings.is_empty()).then_some(Role::Inference),
    }
}

/// The functions that a schedule or rule invokes, by unqualified ARN.
fn invoked(schedule: &Schedule) -> impl Iterator<Item = String> {
    schedule.targets.iter().filter_map(|target| full_arn(&target.function()?, &schedule.arn))
}

/// The tests of a function: one for each different Input that its schedules send it, so that what is looked at is what they
/// would start and stop.
#[must_use]
pub fn checks(fleet: &Fleet, used: &Used) -> Vec<Check> {
    let mut checks: Vec<Check> = Vec::new();
    for schedule in used.schedules.iter().filter_map(|arn| fleet.schedule(arn)) {
        for target in &schedule.targets {
            let Some(function) = target.function() else { continue };
            if full_arn(&function, &schedule.arn).as_deref() != Some(used.arn.as_str()) {
                continue;
            }
            let payload = payload(target);
            match checks.iter_mut().find(|known| known.function == function && known.payload == payload) {
                Some(known) => known.schedules.push(schedule.arn.clone()),
                None => checks.push(Check { schedules: vec![schedule.arn.clone()], function, payload }),
            }
        }
    }
    if checks.is_empty() {
        let payload = json!({ "action": "check" }).to_string();
        checks.push(Check { schedules: Vec::new(), function: used.arn.clone(), payload });
    }
    checks
}

/// The Input with the action `check` in the place of its own.
fn payload(target: &Target) -> String {
    let input = match target.universal() {
        // A universal target wraps what the function gets.
        Some(_) => target.input_json().and_then(|input| serde_json::from_str(input.get("Payload")?.as_str()?).ok()),
        None => target.input_json(),
    };
    let mut input = input.filter(Value::is_object).unwrap_or_else(|| json!({}));
    if let Some(members) = input.as_object_mut() {
        members.insert("action".to_owned(), "check".into());
    }
    input.to_string()
}

impl Answer {
    /// Whether the function has looked and found everything in its place.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.error.is_none() && self.json().get("outcome").and_then(Value::as_str) == Some("checked")
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }

    /// What it answered, in a sentence.
    #[must_use]
    pub fn sentence(&self) -> String {
        let json = self.json();
        let text = |key: &str| json.get(key).and_then(Value::as_str).unwrap_or("?").to_owned();
        if self.error.is_some() {
            return match (json.get("errorType"), json.get("errorMessage")) {
                (Some(_), Some(_)) => format!("{}: {}", text("errorType"), text("errorMessage")),
                _ => format!("It failed: {}", self.cut()),
            };
        }
        if !self.is_good() {
            return format!("It gave another answer than to a check: {}", self.cut());
        }
        let model = text("model");
        let model = model.parse::<super::model::ModelArn>().map_or(model, |arn| arn.name());
        let each = json.get("mappings").and_then(Value::as_array).into_iter().flatten();
        let each = each.map(|one| {
            let part = |key: &str| one.get(key).and_then(Value::as_str).unwrap_or("?");
            format!("mapping {} {}", part("uuid"), part("state"))
        });
        let seen: Vec<String> = std::iter::once(format!("{model} {}", text("status"))).chain(each).collect();
        format!("Version {} sees {}.", text("version"), seen.join(", "))
    }

    fn cut(&self) -> String {
        if self.body.is_empty() { "nothing".into() } else { self.body.chars().take(LONGEST).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::testing::{BERLIN, LOGOS, Small, UUID, function_arn, now};
    use crate::domain::wiring::Wishes;

    fn small() -> (Fleet, Picture) {
        let mut fleet = Small::new().office("logos", "STOPPED").mapping(UUID, "Disabled").serves("logos").0;
        for function in fleet.functions.rows.values_mut() {
            function.version = Some("0.1.0".into());
        }
        let picture = Picture::of(&fleet, &Wishes::default(), now(), BERLIN);
        (fleet, picture)
    }

    fn answer(error: Option<&str>, body: &Value) -> Answer {
        Answer { error: error.map(str::to_owned), body: body.to_string() }
    }

    #[test]
    fn a_test_is_the_schedules_own_input_and_only_looks() {
        let (fleet, picture) = small();
        let used = used(&fleet, &picture);
        let names: Vec<(&str, &str)> = used.iter().map(|one| (one.name(), one.role_word())).collect();
        assert_eq!(names, [("inference", "inference"), ("shutdown", "shutdown"), ("startup", "startup")]);
        let startup = &used[2];
        assert_eq!(startup.testable(), Ok(()));
        let checks = checks(&fleet, startup);
        assert_eq!(checks.len(), 1, "{checks:?}");
        assert_eq!(checks[0].schedules, startup.schedules);
        let sent: Value = serde_json::from_str(&checks[0].payload).unwrap();
        assert_eq!((&sent["action"], &sent["model"]), (&json!("check"), &json!(LOGOS)));
    }

    #[test]
    fn what_could_start_a_model_is_not_invoked() {
        let (mut fleet, picture) = small();
        fleet.functions.rows.get_mut(&function_arn("startup")).unwrap().version = None;
        let used = used(&fleet, &picture);
        let why = |at: usize| used[at].testable().unwrap_err();
        assert!(why(2).contains("no REKOTUI_VERSION"), "{}", why(2));
        assert!(why(0).contains("works on images"), "{}", why(0));
        assert_eq!(used[1].testable(), Ok(()));
        let unread = Used { read: false, ..used[1].clone() };
        assert!(unread.testable().is_err_and(|why| why.contains("could not be read")));
    }

    #[test]
    fn an_answer_is_told_in_words() {
        let good = json!({"outcome": "checked", "version": "0.1.0", "model": LOGOS, "status": "STOPPED",
            "mappings": [{"uuid": UUID, "state": "Disabled"}]});
        let told = answer(None, &good).sentence();
        assert!(told.starts_with("Version 0.1.0 sees logos v3 STOPPED, mapping "), "{told}");
        assert!(answer(None, &good).is_good());
        let failed = json!({"errorType": "Failed", "errorMessage": "logos v1 does not exist any more."});
        let failed = answer(Some("Unhandled"), &failed);
        assert_eq!(
            (failed.is_good(), failed.sentence().as_str()),
            (false, "Failed: logos v1 does not exist any more.")
        );
        let other = answer(None, &json!({"status": "ok"}));
        assert!(!other.is_good() && other.sentence().contains("another answer"), "{}", other.sentence());
    }
}
