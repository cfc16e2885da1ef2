//! From a scenario to the world that it describes.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value};

use super::mapping::Mapping;
use super::model::{Model, status_message};
use super::queue::{Batch, Queue};
use super::schedule::{Rule, Schedule};
use super::{Bucket, Function, Project, World, generate, past, scatter};
use crate::sim::scenario::{self, Scenario};

impl World {
    /// The world at the beginning of a scenario.
    ///
    /// # Errors
    /// If a text names something that is not in the scenario.
    pub fn build(scenario: &Scenario) -> Result<Self, String> {
        let generated = scenario.generate.as_ref().map(|plan| generate::expand(scenario, plan));
        let scenario = generated.as_ref().unwrap_or(scenario);
        let mut world = Self::empty(&scenario.scenario);
        for project in &scenario.projects {
            world.add_project(project);
        }
        for model in &scenario.models {
            world.add_model(model)?;
        }
        for history in &scenario.history {
            let key = (history.project.clone(), history.version.clone());
            let log = past::runs(history, world.now);
            let entry = world.history.entry(key).or_default();
            past::merge(entry, log);
        }
        for queue in &scenario.queues {
            world.add_queue(queue);
        }
        for bucket in &scenario.buckets {
            let created = bucket.created.unwrap_or(world.now - TimeDelta::days(365));
            world.buckets.insert(bucket.name.clone(), Bucket { created, ..Bucket::default() });
        }
        let names = Names::of(&world, scenario);
        for function in &scenario.functions {
            world.add_function(function, &names)?;
        }
        for mapping in &scenario.mappings {
            world.add_mapping(mapping, &names)?;
        }
        world.groups.insert("default".to_owned(), world.now - TimeDelta::days(365));
        for group in &scenario.groups {
            world.groups.insert(group.name.clone(), group.created.unwrap_or(world.now - TimeDelta::days(365)));
            let mut tags = BTreeMap::new();
            for (key, value) in &group.tags {
                tags.insert(key.clone(), names.expand(value, &format!("groups.{}.tags", group.name))?);
            }
            world.group_tags.insert(group.name.clone(), tags);
        }
        for schedule in &scenario.schedules {
            world.add_schedule(schedule, &names)?;
        }
        for rule in &scenario.rules {
            world.add_rule(rule, &names)?;
        }
        world.relink();
        let queues: Vec<String> = world.queues.keys().cloned().collect();
        for queue in queues {
            world.reflow(&queue);
        }
        Ok(world)
    }

    fn empty(header: &scenario::Header) -> Self {
        let caller = header.caller.clone();
        Self {
            now: header.start,
            speed: header.speed,
            account: header.account.clone(),
            region: header.region.clone(),
            caller: caller.unwrap_or_else(|| format!("arn:aws:iam::{}:user/demo", header.account)),
            running_models: usize::try_from(header.running_models).unwrap_or(usize::MAX),
            inference_units: header.inference_units,
            throttle: header.throttle,
            page_cap: header.page_cap,
            ..Self::default()
        }
    }

    fn add_project(&mut self, project: &scenario::Project) {
        let rest = format!("project/{}/{}", project.name, project.created.timestamp_millis());
        let arn = self.arn("rekognition", &rest);
        let project = Project {
            arn: arn.clone(),
            name: project.name.clone(),
            created: project.created,
            feature: project.feature.clone(),
            status: project.status.clone(),
        };
        self.projects.insert(arn, project);
    }

    fn add_model(&mut self, model: &scenario::Model) -> Result<(), String> {
        let project = self.projects.values().find(|project| project.name == model.project);
        let project_arn = project.map(|project| project.arn.clone()).ok_or("a model without its project")?;
        let rest = format!("project/{}/version/{}/{}", model.project, model.version, model.created.timestamp_millis());
        let arn = self.arn("rekognition", &rest);
        let message = model.status_message.clone().unwrap_or_else(|| status_message(&model.status).to_owned());
        let trains = matches!(model.status.as_str(), "TRAINING_IN_PROGRESS" | "TRAINING_FAILED");
        let state = Model {
            arn: arn.clone(),
            project_arn,
            project: model.project.clone(),
            version: model.version.clone(),
            created: model.created,
            trained: model.trained.or_else(|| (!trains).then(|| model.created + TimeDelta::hours(2))),
            f1: model.f1,
            status: model.status.clone(),
            status_message: Some(message),
            min_units: model.min_units,
            max_units: model.max_units,
            start_minutes: model.start_minutes,
            stop_minutes: model.stop_minutes,
            fails_to_start: model.fails_to_start.clone(),
            description: model.description.clone(),
            labels: model.labels.clone(),
            generation: 0,
        };
        let (key, units) = (state.key(), state.units());
        self.models.insert(arn.clone(), state);
        let since = model.since.unwrap_or(self.now);
        match model.status.as_str() {
            "RUNNING" => self.history.entry(key).or_default().begin(since, units),
            status @ ("STARTING" | "STOPPING") => self.model_begins(&arn, status, since),
            _ => {}
        }
        Ok(())
    }

    fn add_queue(&mut self, spec: &scenario::Queue) {
        let now = self.now;
        let created = spec.created.unwrap_or(now - TimeDelta::days(365));
        let mut queue = Queue::new(&spec.name, created, now);
        queue.retention = seconds(spec.retention_seconds);
        queue.visibility = seconds(spec.visibility_seconds);
        queue.arrivals.clone_from(&spec.arrivals);
        queue.dead_letter = spec.dead_letter.as_ref().map(|dead| (dead.queue.clone(), dead.max_receives));
        let oldest = now - seconds(spec.oldest_minutes * 60);
        if spec.visible > 0 {
            queue.put(Batch::bulk(oldest, now, spec.visible));
        }
        if spec.in_flight > 0 {
            queue.put_held(Batch::bulk(oldest, oldest, spec.in_flight), now + queue.visibility);
        }
        self.queues.insert(spec.name.clone(), queue);
    }

    fn add_function(&mut self, spec: &scenario::Function, names: &Names) -> Result<(), String> {
        let key = format!("functions.{}.environment", spec.name);
        let environment: Result<BTreeMap<_, _>, String> =
            spec.environment.iter().map(|(name, value)| Ok((name.clone(), names.expand(value, &key)?))).collect();
        let function = Function {
            name: spec.name.clone(),
            arn: self.arn("lambda", &format!("function:{}", spec.name)),
            role: spec.role,
            environment: environment?,
            timeout_seconds: spec.timeout_seconds,
            seconds_per_message: spec.seconds_per_message,
            runtime: spec.runtime.clone(),
            description: spec.description.clone(),
            modified: spec.modified.unwrap_or(self.now - TimeDelta::days(30)),
            fails: spec.fails.clone(),
            code: None,
            configuration: Map::new(),
        };
        self.functions.insert(spec.name.clone(), function);
        Ok(())
    }

    fn add_mapping(&mut self, spec: &scenario::Mapping, names: &Names) -> Result<(), String> {
        let model = spec
            .model
            .as_ref()
            .map(|model| names.expand(&format!("${{model:{model}}}"), &format!("mappings.{}.model", spec.uuid)));
        let mut mapping = Mapping {
            uuid: spec.uuid.clone(),
            function_arn: self.arn("lambda", &format!("function:{}", spec.function)),
            queue_arn: self.arn("sqs", &spec.queue),
            state: spec.state.clone(),
            reason: spec.reason.clone(),
            batch_size: spec.batch_size,
            window_seconds: spec.window_seconds,
            max_concurrency: spec.max_concurrency,
            report_failures: spec.report_failures,
            filters: spec.filters.clone(),
            modified: spec.modified.unwrap_or(self.now - TimeDelta::days(1)),
            model: model.transpose()?,
            becomes: spec.state.clone(),
            generation: 0,
        };
        let becomes = match spec.state.as_str() {
            "Creating" | "Enabling" | "Updating" => "Enabled",
            "Disabling" => "Disabled",
            "Deleting" => "Deleted",
            _ => "",
        };
        let (uuid, state) = (spec.uuid.clone(), spec.state.clone());
        if becomes.is_empty() {
            self.mappings.insert(uuid, mapping);
            return Ok(());
        }
        becomes.clone_into(&mut mapping.becomes);
        self.mappings.insert(uuid.clone(), mapping);
        self.mapping_begins(&uuid, &state, becomes);
        Ok(())
    }

    fn add_schedule(&mut self, spec: &scenario::Schedule, names: &Names) -> Result<(), String> {
        let key = format!("schedules.{}", spec.name);
        super::fires::Fires::parse(&spec.expression, spec.zone.as_deref().unwrap_or("UTC"))
            .map_err(|error| format!("{key}.expression: {error}"))?;
        let created = spec.created.unwrap_or(self.now - TimeDelta::days(30));
        let role = format!("arn:aws:iam::{}:role/rekotui-scheduler", self.account);
        let target = self.target(&spec.target, names, &key, Some(&role))?;
        let schedule = Schedule {
            group: spec.group.clone(),
            name: spec.name.clone(),
            expression: spec.expression.clone(),
            zone: spec.zone.clone().unwrap_or_else(|| "UTC".to_owned()),
            state: spec.state.clone(),
            start: spec.start,
            end: spec.end,
            flexible_minutes: spec.flexible_minutes,
            description: spec.description.clone(),
            after_completion: spec.after_completion.clone(),
            kms_key: spec.kms_key.clone(),
            created,
            modified: spec.modified.unwrap_or(created),
            target: crate::sim::scheduler::with_defaults(target),
            generation: 0,
        };
        self.put_schedule(schedule);
        Ok(())
    }

    fn add_rule(&mut self, spec: &scenario::Rule, names: &Names) -> Result<(), String> {
        let key = format!("rules.{}", spec.name);
        if let Some(expression) = &spec.expression {
            super::fires::Fires::parse(expression, "UTC").map_err(|error| format!("{key}.expression: {error}"))?;
        }
        let targets: Result<Vec<Value>, String> = spec
            .targets
            .iter()
            .enumerate()
            .map(|(index, target)| {
                let mut value = self.target(target, names, &key, None)?;
                let id = target.id.clone().unwrap_or_else(|| format!("target-{}", index + 1));
                if let Some(fields) = value.as_object_mut() {
                    fields.insert("Id".to_owned(), id.into());
                }
                Ok(value)
            })
            .collect();
        let rule = Rule {
            name: spec.name.clone(),
            expression: spec.expression.clone(),
            pattern: spec.pattern.clone(),
            state: spec.state.clone(),
            description: spec.description.clone(),
            role: spec.role.clone(),
            managed_by: spec.managed_by.clone(),
            targets: targets?,
            modified: self.now - TimeDelta::days(30),
            generation: 0,
        };
        self.put_rule(rule);
        Ok(())
    }

    fn target(&self, spec: &scenario::Target, names: &Names, key: &str, role: Option<&str>) -> Result<Value, String> {
        let mut fields: Map<String, Value> = spec.parameters.clone().into_iter().collect();
        let arn = match (&spec.function, &spec.action, &spec.arn) {
            (Some(function), _, _) => self.arn("lambda", &format!("function:{function}")),
            (_, Some(action), _) => format!("arn:aws:scheduler:::aws-sdk:{action}"),
            (_, _, Some(arn)) => names.expand(arn, key)?,
            _ => return Err(format!("{key}: a target without an aim")),
        };
        fields.insert("Arn".to_owned(), arn.into());
        if let Some(role) = spec.role.as_deref().or(role) {
            fields.insert("RoleArn".to_owned(), names.expand(role, key)?.into());
        }
        if let Some(input) = &spec.input {
            let text = input.as_str().map_or_else(|| input.to_string(), str::to_owned);
            fields.insert("Input".to_owned(), names.expand(&text, key)?.into());
        }
        if let Some(queue) = &spec.dead_letter {
            fields.insert("DeadLetterConfig".to_owned(), serde_json::json!({ "Arn": self.arn("sqs", queue) }));
        }
        let mut policy = Map::new();
        if let Some(age) = spec.max_age_seconds {
            policy.insert("MaximumEventAgeInSeconds".to_owned(), age.into());
        }
        if let Some(retries) = spec.max_retries {
            policy.insert("MaximumRetryAttempts".to_owned(), retries.into());
        }
        if !policy.is_empty() {
            fields.insert("RetryPolicy".to_owned(), policy.into());
        }
        Ok(Value::Object(fields))
    }
}

fn seconds(count: u64) -> TimeDelta {
    TimeDelta::seconds(i64::try_from(count).unwrap_or(i64::MAX / 1000))
}

/// What `${…}` stands for.
struct Names(BTreeMap<String, String>);

impl Names {
    fn of(world: &World, scenario: &Scenario) -> Self {
        let mut names = BTreeMap::new();
        for project in world.projects.values() {
            names.insert(format!("project:{}", project.name), project.arn.clone());
        }
        for model in world.models.values() {
            names.insert(format!("model:{}/{}", model.project, model.version), model.arn.clone());
        }
        for function in &scenario.functions {
            let arn = world.arn("lambda", &format!("function:{}", function.name));
            names.insert(format!("function:{}", function.name), arn);
        }
        for queue in &scenario.queues {
            names.insert(format!("queue:{}", queue.name), world.arn("sqs", &queue.name));
        }
        names.insert("account".to_owned(), world.account.clone());
        names.insert("region".to_owned(), world.region.clone());
        Self(names)
    }

    fn expand(&self, text: &str, key: &str) -> Result<String, String> {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            let Some((name, after)) = after.split_once('}') else { break };
            let known = self.0.get(name).ok_or_else(|| format!("{key}: there is no {name}"))?;
            out.push_str(before);
            out.push_str(known);
            rest = after;
        }
        out.push_str(rest);
        Ok(out)
    }
}

/// A number of minutes up to `most`, different for each `seed` and always the same for it.
#[must_use]
pub fn minutes(seed: u64, most: u32) -> TimeDelta {
    TimeDelta::minutes(i64::try_from(scatter(seed) % (u64::from(most) + 1)).unwrap_or(0))
}

/// The instant of a local time; one that a time shift skips is the next that exists.
#[must_use]
pub fn instant(zone: chrono_tz::Tz, local: chrono::NaiveDateTime) -> DateTime<Utc> {
    use chrono::TimeZone;
    let found = zone.from_local_datetime(&local).earliest();
    let later = || zone.from_local_datetime(&(local + TimeDelta::hours(1))).earliest();
    found.or_else(later).map_or_else(|| local.and_utc(), |at| at.with_timezone(&Utc))
}
