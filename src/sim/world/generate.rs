//! A large account, made up from a seed: the same seed makes up the same account.

use chrono::{Datelike, TimeDelta, Timelike};
use chrono_tz::Tz;
use serde_json::json;

use super::{scatter, uuid};
use crate::sim::scenario::{
    Days, Function, Generate, History, Mapping, Model, Project, Queue, Role, Scenario, Schedule, Shift, Target,
};

const PLANTS: [&str; 10] =
    ["assembly", "bottling", "coating", "drilling", "etching", "foundry", "glazing", "harness", "inlay", "joinery"];
const ZONES: [Tz; 4] = [Tz::Europe__Berlin, Tz::America__New_York, Tz::Asia__Tokyo, Tz::America__Sao_Paulo];

/// When a model is to be ready on weekdays, in a zone of its own.
#[derive(Clone, Copy)]
struct Hours {
    opens: u32,
    closes: u32,
    zone: Tz,
}

/// A scenario with everything that its plan makes up.
#[must_use]
pub fn expand(scenario: &Scenario, plan: &Generate) -> Scenario {
    let mut out = scenario.clone();
    out.generate = None;
    let maker = Maker { plan, seed: scatter(plan.seed) };
    for role in [Role::Startup, Role::Shutdown, Role::Inference] {
        out.functions.push(maker.function(role));
    }
    for index in 0..plan.projects {
        out.projects.push(maker.project(index, scenario));
    }
    for index in 0..plan.models {
        out.models.push(maker.model(index, scenario));
        if plan.history_days > 0 {
            out.history.push(maker.history(index));
        }
    }
    for index in 0..plan.mappings {
        out.queues.push(maker.queue(index));
        out.mappings.push(maker.mapping(index, scenario));
    }
    for index in 0..plan.schedules {
        out.schedules.push(maker.schedule(index));
    }
    out
}

struct Maker<'a> {
    plan: &'a Generate,
    seed: u64,
}

impl Maker<'_> {
    fn dice(&self, what: u64, index: usize) -> u64 {
        scatter(self.seed ^ scatter(what) ^ index as u64)
    }

    fn choose(&self, what: u64, index: usize, sides: u64) -> u32 {
        u32::try_from(self.dice(what, index) % sides).unwrap_or(0)
    }

    fn project_name(&self, index: usize) -> String {
        let plant = PLANTS.get(index % PLANTS.len()).copied().unwrap_or("plant");
        format!("{plant}-{:03}", index / PLANTS.len() + 1)
    }

    /// The names of project and version of a model.
    fn model_name(&self, index: usize) -> (String, String) {
        let projects = self.plan.projects.max(1);
        (self.project_name(index % projects), format!("v{}", index / projects + 1))
    }

    fn project(&self, index: usize, scenario: &Scenario) -> Project {
        let days = 400 + i64::from(self.choose(1, index, 300));
        Project {
            name: self.project_name(index),
            created: scenario.scenario.start - TimeDelta::days(days),
            feature: "CUSTOM_LABELS".to_owned(),
            status: "CREATED".to_owned(),
        }
    }

    fn hours(&self, index: usize) -> Hours {
        let zone = usize::try_from(self.choose(2, index, ZONES.len() as u64)).unwrap_or(0);
        let opens = 6 + self.choose(3, index, 4);
        Hours { opens, closes: opens + 8 + self.choose(4, index, 4), zone: ZONES.get(zone).copied().unwrap_or(Tz::UTC) }
    }

    /// Whether a model runs when the scenario begins: inside its hours, except for a few that someone forgot.
    fn runs(&self, index: usize, scenario: &Scenario) -> bool {
        let hours = self.hours(index);
        let local = scenario.scenario.start.with_timezone(&hours.zone);
        let weekday = local.weekday().num_days_from_monday() < 5;
        let open = weekday && (hours.opens..hours.closes).contains(&local.hour());
        open || self.choose(5, index, 50) == 0
    }

    fn model(&self, index: usize, scenario: &Scenario) -> Model {
        let (project, version) = self.model_name(index);
        let start = scenario.scenario.start;
        let created = start - TimeDelta::days(30 + i64::from(self.choose(6, index, 360)));
        let runs = self.runs(index, scenario);
        Model {
            project,
            version,
            created,
            trained: Some(created + TimeDelta::minutes(40 + i64::from(self.choose(7, index, 200)))),
            f1: Some(f64::from(700 + self.choose(8, index, 295)) / 1000.0),
            status: if runs { "RUNNING" } else { "STOPPED" }.to_owned(),
            status_message: None,
            min_units: Some(1 + self.choose(9, index, 3)),
            max_units: None,
            start_minutes: [8, 17],
            stop_minutes: [1, 3],
            fails_to_start: None,
            description: None,
            since: runs.then(|| start - TimeDelta::minutes(10 + i64::from(self.choose(10, index, 200)))),
            labels: vec!["scratch".to_owned(), "dent".to_owned()],
        }
    }

    fn history(&self, index: usize) -> History {
        let (project, version) = self.model_name(index);
        let hours = self.hours(index);
        let at = |hour: u32| chrono::NaiveTime::from_hms_opt(hour % 24, 0, 0).unwrap_or_default();
        let week = vec![Shift { days: Days::weekdays(), from: at(hours.opens), to: at(hours.closes), units: None }];
        History {
            project,
            version,
            days: self.plan.history_days,
            zone: hours.zone,
            units: 1 + self.choose(9, index, 3),
            jitter_minutes: 12,
            week,
            exceptions: Vec::new(),
            gaps: Vec::new(),
        }
    }

    fn mapping_uuid(&self, index: usize) -> String {
        uuid(self.dice(11, index))
    }

    fn queue_name(index: usize) -> String {
        format!("images-{:04}", index + 1)
    }

    fn queue(&self, index: usize) -> Queue {
        let visible = u64::from(self.choose(12, index, 900));
        Queue {
            name: Self::queue_name(index),
            visible,
            in_flight: 0,
            oldest_minutes: if visible > 0 { 1 + u64::from(self.choose(13, index, 600)) } else { 0 },
            retention_seconds: 345_600,
            visibility_seconds: 300,
            created: None,
            arrivals: Vec::new(),
            dead_letter: None,
        }
    }

    fn mapping(&self, index: usize, scenario: &Scenario) -> Mapping {
        let model = index % self.plan.models.max(1);
        let (project, version) = self.model_name(model);
        Mapping {
            uuid: self.mapping_uuid(index),
            function: "inference".to_owned(),
            queue: Self::queue_name(index),
            state: if self.runs(model, scenario) { "Enabled" } else { "Disabled" }.to_owned(),
            reason: "USER_INITIATED".to_owned(),
            batch_size: 10,
            window_seconds: 0,
            max_concurrency: Some(2),
            report_failures: true,
            filters: Vec::new(),
            model: (self.plan.models > 0).then(|| format!("{project}/{version}")),
            modified: None,
        }
    }

    fn schedule(&self, index: usize) -> Schedule {
        let model = (index / 2) % self.plan.models.max(1);
        let (project, version) = self.model_name(model);
        let hours = self.hours(model);
        let starts = index.is_multiple_of(2);
        let (action, function, hour, minute) = match starts {
            // The lead time: a start fires half an hour before opening.
            true => ("start", "startup", hours.opens - 1, 30),
            false => ("stop", "shutdown", hours.closes, 0),
        };
        let mappings: Vec<String> = (model..self.plan.mappings)
            .step_by(self.plan.models.max(1))
            .map(|mapping| self.mapping_uuid(mapping))
            .collect();
        let mut input =
            json!({ "action": action, "model": format!("${{model:{project}/{version}}}"), "mappings": mappings });
        if let (true, Some(fields)) = (starts, input.as_object_mut()) {
            fields.insert("min_inference_units".to_owned(), (1 + self.choose(9, model, 3)).into());
        }
        Schedule {
            name: format!("{project}.{version}.{action}-{:04}", index / 2 + 1),
            group: "default".to_owned(),
            expression: format!("cron({minute} {hour} ? * MON-FRI *)"),
            zone: Some(hours.zone.name().to_owned()),
            state: if self.choose(14, index, 40) == 0 { "DISABLED" } else { "ENABLED" }.to_owned(),
            start: None,
            end: None,
            flexible_minutes: None,
            description: None,
            after_completion: "NONE".to_owned(),
            kms_key: None,
            created: None,
            modified: None,
            target: Target { function: Some(function.to_owned()), input: Some(input), ..Target::default() },
        }
    }

    fn function(&self, role: Role) -> Function {
        let name = match role {
            Role::Startup => "startup",
            Role::Shutdown => "shutdown",
            Role::Inference | Role::Other => "inference",
        };
        Function {
            name: name.to_owned(),
            role,
            environment: [("REKOTUI_ROLE".to_owned(), name.to_owned())].into(),
            timeout_seconds: 900,
            seconds_per_message: 1.0,
            runtime: "provided.al2023".to_owned(),
            description: String::new(),
            modified: None,
            fails: None,
        }
    }
}
