//! Small fleets for tests, built in a line or two. Everything in them has been read, unless a test says otherwise.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;

use super::account::Identity;
use super::fleet::Fleet;
use super::function::Function;
use super::mapping::Mapping;
use super::model::{Model, ModelArn};
use super::queue::Queue;
use super::schedule::{Kind, Schedule, Target};
use super::usage::{Activity, Sample, Span};

/// The only model of most small fleets.
pub const LOGOS: &str = "arn:aws:rekognition:eu-central-1:123456789012:project/logos/version/v3/1669852800000";
/// The mapping that most often serves it.
pub const UUID: &str = "0a1b2c3d-0000-4000-8000-000000000001";
/// Where the schedules of small fleets live.
pub const BERLIN: Tz = Tz::Europe__Berlin;

/// Friday 2026-11-20, 14:09 in Berlin.
pub fn now() -> DateTime<Utc> {
    at("2026-11-20T13:09:00Z")
}

/// An instant.
pub fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// The model of a project.
pub fn model_arn(project: &str) -> ModelArn {
    LOGOS.replace("logos", project).parse().unwrap()
}

/// The function with this name.
pub fn function_arn(name: &str) -> String {
    format!("arn:aws:lambda:eu-central-1:123456789012:function:{name}")
}

/// The queue with this name.
pub fn queue_arn(name: &str) -> String {
    format!("arn:aws:sqs:eu-central-1:123456789012:{name}")
}

/// The schedule with this name.
pub fn schedule_arn(name: &str) -> String {
    format!("arn:aws:scheduler:eu-central-1:123456789012:schedule/default/{name}")
}

/// An input of ours.
pub fn input(action: &str, model: &str, mappings: &[&str]) -> String {
    serde_json::json!({"action": action, "model": model, "mappings": mappings}).to_string()
}

/// A small fleet in the making.
pub struct Small(pub Fleet);

impl Small {
    /// Nothing in it, and all of it read.
    pub fn new() -> Self {
        let mut fleet = Fleet { region: Some("eu-central-1".into()), ..Fleet::default() };
        let arn = "arn:aws:iam::123456789012:user/operator".into();
        fleet.identity = Some(Identity { account: "123456789012".into(), arn });
        let read = Some(now());
        fleet.projects.as_of = read;
        fleet.models.as_of = read;
        fleet.mappings.as_of = read;
        fleet.schedules.as_of = read;
        fleet.rules.as_of = read;
        fleet.queues.as_of = read;
        fleet.functions.as_of = read;
        fleet.activity.as_of = read;
        Self(fleet)
    }

    /// A model of this project, with AWS's word for its status.
    pub fn model(mut self, project: &str, status: &str) -> Self {
        let arn = model_arn(project);
        let model = Model {
            arn: arn.clone(),
            project_arn: format!("arn:aws:rekognition:eu-central-1:123456789012:project/{project}/1"),
            status: status.to_owned().into(),
            status_message: None,
            min_units: Some(1),
            max_units: Some(2),
            f1: None,
            created: None,
            trained: None,
            billed_training_seconds: None,
            description: None,
        };
        self.0.models.rows.insert(arn, model);
        self
    }

    /// A mapping from queue `jobs` to function `inference`.
    pub fn mapping(mut self, uuid: &str, state: &str) -> Self {
        let mapping = Mapping {
            uuid: uuid.into(),
            state: state.to_owned().into(),
            reason: Some("USER_INITIATED".into()),
            batch_size: Some(10),
            batching_window_seconds: None,
            max_concurrency: None,
            function_arn: function_arn("inference:live"),
            source_arn: Some(queue_arn("jobs")),
            modified: Some(now() - TimeDelta::hours(6)),
        };
        self.0.mappings.rows.insert(uuid.into(), mapping);
        self.function("inference", &[("REKOTUI_ROLE", "inference")])
    }

    /// A function with these environment variables, beside those that it has.
    pub fn function(mut self, name: &str, environment: &[(&str, &str)]) -> Self {
        let arn = function_arn(name);
        let mut function = self.0.functions.rows.get(&arn).cloned().unwrap_or_else(|| Function {
            arn: arn.clone(),
            mentions: BTreeMap::new(),
            version: None,
            modified: None,
            timeout_seconds: Some(900),
        });
        let mentions = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        function.mentions.extend(mentions);
        self.0.functions.rows.insert(arn, function);
        self
    }

    /// An enabled schedule in Berlin with one target.
    pub fn schedule(mut self, name: &str, expression: &str, target: &str, input: &str) -> Self {
        let target = Target { arn: target.into(), input: Some(input.into()), ..Target::default() };
        let schedule = schedule(name, expression, target);
        self.0.schedules.rows.insert(schedule.arn.clone(), schedule);
        self
    }

    /// An enabled rule (UTC) with one target.
    pub fn rule(mut self, name: &str, expression: &str, target: &str, input: &str) -> Self {
        let target = Target { arn: target.into(), input: Some(input.into()), ..Target::default() };
        let arn = format!("arn:aws:events:eu-central-1:123456789012:rule/{name}");
        let plain = schedule(name, expression, target);
        let rule = Schedule { arn: arn.clone(), group: "default".into(), kind: Kind::Rule, zone: None, ..plain };
        self.0.rules.rows.insert(arn, rule);
        self
    }

    /// A schedule that starts the model of `project`, through a function of ours.
    pub fn starts(self, project: &str, expression: &str) -> Self {
        let input = input("start", model_arn(project).as_str(), &[]);
        let named = self.function("startup", &[("REKOTUI_ROLE", "startup")]);
        named.schedule(&format!("{project}-start"), expression, &function_arn("startup"), &input)
    }

    /// A schedule that stops the model of `project`, through a function of ours.
    pub fn stops(self, project: &str, expression: &str) -> Self {
        let input = input("stop", model_arn(project).as_str(), &[]);
        let named = self.function("shutdown", &[("REKOTUI_ROLE", "shutdown")]);
        named.schedule(&format!("{project}-stop"), expression, &function_arn("shutdown"), &input)
    }

    /// A model with this status, on from 09:00 to 17:00 from Monday to Friday in Berlin.
    pub fn office(self, project: &str, status: &str) -> Self {
        self.model(project, status)
            .starts(project, "cron(0 9 ? * MON-FRI *)")
            .stops(project, "cron(0 17 ? * MON-FRI *)")
    }

    /// Makes the mapping serve the model, by the environment of its function.
    pub fn serves(self, project: &str) -> Self {
        self.function("inference", &[("MODEL_ARN", model_arn(project).as_str())])
    }

    /// Queue `jobs`.
    pub fn queue(mut self, visible: u64, oldest_seconds: Option<u64>, retention_seconds: u64) -> Self {
        let arn = queue_arn("jobs");
        let queue = Queue {
            arn: arn.clone(),
            visible,
            in_flight: 0,
            delayed: 0,
            retention_seconds,
            visibility_seconds: Some(30),
            oldest_seconds,
            dead_letter_arn: None,
        };
        self.0.queues.rows.insert(arn, queue);
        self
    }

    /// The model ran from `from` to `to`, by samples of five minutes.
    pub fn ran(mut self, project: &str, from: &str, to: &str) -> Self {
        let period = TimeDelta::minutes(5);
        let points = std::iter::successors(Some(at(from)), |last| Some(*last + period));
        let samples = points.take_while(|point| *point < at(to)).map(|at| Sample { at, units: 1.0 });
        let asked = Span { from: now() - TimeDelta::days(2), to: now() };
        let activity = Activity { asked, period_seconds: 300, samples: samples.collect() };
        self.0.activity.rows.insert(model_arn(project), activity);
        self
    }

    /// Changes one schedule or rule.
    pub fn change(mut self, name: &str, change: impl Fn(&mut Schedule)) -> Self {
        let rows = self.0.schedules.rows.values_mut().chain(self.0.rules.rows.values_mut());
        let found: Vec<&mut Schedule> = rows.filter(|schedule| schedule.name == name).collect();
        assert_eq!(found.len(), 1, "one schedule is called {name}");
        found.into_iter().for_each(change);
        self
    }

    /// Pauses one schedule or rule.
    pub fn paused(self, name: &str) -> Self {
        self.change(name, |schedule| {
            schedule.enabled = false;
            schedule.state = "DISABLED".into();
        })
    }

    /// Changes anything.
    pub fn with(mut self, change: impl FnOnce(&mut Fleet)) -> Self {
        change(&mut self.0);
        self
    }
}

fn schedule(name: &str, expression: &str, target: Target) -> Schedule {
    Schedule {
        expression: Some(expression.into()),
        zone: Some("Europe/Berlin".into()),
        targets: vec![target],
        ..Schedule::new(schedule_arn(name), name.into(), "default".into(), Kind::Schedule)
    }
}
