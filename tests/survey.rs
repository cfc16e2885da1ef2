//! The survey against the simulated account: what it finds, and what it does not ask twice.

use std::collections::BTreeSet;
use std::sync::Arc;

use aws_smithy_runtime_api::client::http::SharedHttpClient;
use chrono::{DateTime, TimeDelta, Utc};
use rekotui::aws::{Account, Connect, Scope, Survey};
use rekotui::clock::Clock;
use rekotui::domain::fleet::{Fleet, News};
use rekotui::domain::mapping::MappingState;
use rekotui::domain::model::Status;
use rekotui::domain::trouble::TroubleKind;
use rekotui::sim::account::Sim;
use rekotui::sim::scenario::Scenario;
use rekotui::sim::scenarios;
use serde_json::json;

use super::wire::door;

/// A simulated account on a held clock, and a survey of it.
struct Lab {
    sim: Arc<Sim>,
    clock: Clock,
    survey: Survey,
    fleet: Fleet,
}

impl Lab {
    async fn new(text: &str) -> Self {
        let scenario = Scenario::parse("lab", text).unwrap();
        Self::of(&scenario).await
    }

    async fn of(scenario: &Scenario) -> Self {
        let clock = Clock::held(scenario.scenario.start);
        let sim = Sim::new(scenario, clock.clone()).unwrap();
        let client: SharedHttpClient = door::client(&sim);
        let connect = Connect { paced: false, ..Connect::in_process(client, clock.clone()) };
        let survey = Survey::new(Account::connect(connect).await.unwrap());
        Self { sim, clock, survey, fleet: Fleet::default() }
    }

    /// Runs a survey to its end and gives what it told.
    async fn run(&mut self, scope: Scope) -> Vec<News> {
        let (news, mut heard) = tokio::sync::mpsc::channel(16);
        let (survey, known) = (self.survey.clone(), self.fleet.clone());
        let run = tokio::spawn(async move { survey.run(scope, &known, news).await });
        let mut told = Vec::new();
        while let Some(piece) = heard.recv().await {
            told.push(piece.clone());
            self.fleet.take(piece);
        }
        run.await.unwrap();
        assert!(!self.fleet.is_reading(), "every part ends");
        told
    }

    async fn sweep(&mut self) {
        self.run(Scope::Everything).await;
        let troubles: Vec<String> = self.fleet.troubles().map(|trouble| format!("{trouble} {trouble:?}")).collect();
        assert!(troubles.is_empty(), "{troubles:#?}");
    }

    fn asked(&self, operation: &str) -> usize {
        self.sim.log().iter().filter(|call| call.operation == operation).count()
    }
}

const WORKSHOP: &str = r#"
[scenario]
name = "workshop"
start = "2026-11-20T13:09:00Z"

[[projects]]
name = "logos_2.b"
created = "2025-01-01T00:00:00Z"
[[projects]]
name = "parts"
created = "2025-02-01T00:00:00Z"
[[projects]]
name = "faces"
created = "2025-02-02T00:00:00Z"
feature = "CONTENT_MODERATION"

[[models]]
project = "logos_2.b"
version = "v3"
created = "2026-01-01T00:00:00Z"
trained = "2026-01-01T02:30:00Z"
f1 = 0.934
status = "RUNNING"
min_units = 2
max_units = 4
description = "the good one"
[[models]]
project = "logos_2.b"
version = "v4"
created = "2026-02-01T00:00:00Z"
status = "TRAINING_FAILED"
status_message = "Not enough images"
[[models]]
project = "parts"
version = "v1"
created = "2026-03-01T00:00:00Z"
f1 = 0.8
status = "STARTING"
min_units = 1
[[models]]
project = "faces"
version = "v1"
created = "2026-03-01T00:00:00Z"

[[queues]]
name = "logos"
visible = 12
in_flight = 3
oldest_minutes = 30
retention_seconds = 86400
visibility_seconds = 120
[queues.dead_letter]
queue = "lost"
max_receives = 5
[[queues]]
name = "lost"

[[functions]]
name = "startup"
role = "startup"
[functions.environment]
REKOTUI_ROLE = "startup"
PASSWORD = "hunter2"
[[functions]]
name = "inference"
role = "inference"
[functions.environment]
MODEL_ARN = "${model:logos_2.b/v3}"

[[mappings]]
uuid = "6a5b3f0e-0000-4000-8000-000000000001"
function = "inference:live"
queue = "logos"
batch_size = 7
window_seconds = 4
max_concurrency = 3
state = "Disabled"

[[groups]]
name = "models"

[[schedules]]
name = "morning"
group = "models"
expression = "cron(30 7 ? * MON-FRI *)"
zone = "Europe/Berlin"
flexible_minutes = 5
description = "opens"
after_completion = "DELETE"
start = "2026-11-01T00:00:00Z"
end = "2027-11-01T00:00:00Z"
state = "DISABLED"
[schedules.target]
function = "startup"
max_retries = 2
max_age_seconds = 3600
dead_letter = "lost"
input = { action = "start", model = "${model:logos_2.b/v3}" }

[[schedules]]
name = "evening"
group = "models"
expression = "cron(0 18 ? * MON-FRI *)"
[schedules.target]
action = "rekognition:stopProjectVersion"
input = { ProjectVersionArn = "${model:logos_2.b/v3}" }

[[schedules]]
name = "unrelated"
expression = "rate(5 minutes)"
[schedules.target]
arn = "arn:aws:sqs:eu-central-1:123456789012:lost"

[[rules]]
name = "old-morning"
expression = "cron(0 7 ? * MON-FRI *)"
description = "UTC"
[[rules.targets]]
id = "one"
function = "startup"
input = { action = "start" }
[[rules]]
name = "on-event"
pattern = '{"source":["aws.s3"]}'
"#;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

#[tokio::test]
async fn projects_and_models_come_with_all_that_is_known_of_them() {
    let mut lab = Lab::new(WORKSHOP).await;
    lab.sweep().await;
    let names: Vec<&str> = lab.fleet.projects.rows.values().map(|project| project.name()).collect();
    assert_eq!(names, ["logos_2.b", "parts"], "moderation projects are not ours");
    let models: Vec<String> = lab.fleet.models.rows.values().map(|model| model.name()).collect();
    assert_eq!(models, ["logos_2.b v3", "logos_2.b v4", "parts v1"]);
    let good = lab.fleet.models.rows.values().next().unwrap();
    assert_eq!((&good.status, good.min_units, good.max_units), (&Status::Running, Some(2), Some(4)));
    assert_eq!(good.f1, Some(0.934));
    assert_eq!(good.trained, Some(at("2026-01-01T02:30:00Z")));
    assert_eq!(good.description.as_deref(), Some("the good one"));
    let failed = lab.fleet.models.rows.values().nth(1).unwrap();
    assert_eq!(failed.status, Status::TrainingFailed);
    assert_eq!(failed.status_message.as_deref(), Some("Not enough images"));
    assert_eq!(lab.fleet.identity.as_ref().unwrap().account, "123456789012");
    assert_eq!(lab.fleet.as_of(), Some(lab.clock.now()));
}

#[tokio::test]
async fn mappings_queues_and_functions_come_together() {
    let mut lab = Lab::new(WORKSHOP).await;
    lab.sweep().await;
    let mapping = lab.fleet.mappings.rows.values().next().unwrap();
    assert_eq!(mapping.state, MappingState::Disabled);
    assert_eq!(mapping.reason.as_deref(), Some("USER_INITIATED"));
    assert_eq!(
        (mapping.batch_size, mapping.batching_window_seconds, mapping.max_concurrency),
        (Some(7), Some(4), Some(3))
    );
    assert_eq!(mapping.function_name(), "inference");
    let queue = lab.fleet.queue_of(mapping).unwrap();
    assert_eq!((queue.visible, queue.in_flight, queue.backlog()), (12, 3, 15));
    assert_eq!((queue.retention_seconds, queue.visibility_seconds), (86_400, Some(120)));
    assert!(queue.dead_letter_arn.as_deref().unwrap().ends_with(":lost"));
    assert!(queue.oldest_seconds.is_some_and(|age| age > 0));
    assert_eq!(lab.fleet.queues.rows.len(), 1, "only queues that mappings read");
    let functions: Vec<&str> = lab.fleet.functions.rows.values().map(|function| function.name()).collect();
    assert_eq!(functions, ["inference", "startup"]);
    let mentions = |name: &str| &lab.fleet.functions.rows.values().find(|one| one.name() == name).unwrap().mentions;
    assert!(mentions("inference")["MODEL_ARN"].contains("/version/v3/"));
    assert_eq!(mentions("startup").keys().collect::<Vec<_>>(), ["REKOTUI_ROLE"], "secrets stay where they are");
}

#[tokio::test]
async fn every_field_of_a_schedule_arrives() {
    let mut lab = Lab::new(WORKSHOP).await;
    lab.sweep().await;
    let named = |name: &str| lab.fleet.schedules.rows.values().find(|one| one.name == name).unwrap();
    let morning = named("morning");
    assert_eq!(morning.path(), "models/morning");
    assert_eq!(morning.expression.as_deref(), Some("cron(30 7 ? * MON-FRI *)"));
    assert_eq!(morning.zone.as_deref(), Some("Europe/Berlin"));
    assert!(!morning.enabled && morning.deletes_itself);
    assert_eq!((morning.start, morning.end), (Some(at("2026-11-01T00:00:00Z")), Some(at("2027-11-01T00:00:00Z"))));
    assert_eq!((morning.flexible_minutes, morning.description.as_deref()), (Some(5), Some("opens")));
    let target = &morning.targets[0];
    assert_eq!((target.max_retries, target.max_event_age_seconds), (Some(2), Some(3600)));
    assert!(target.dead_letter_arn.as_deref().unwrap().ends_with(":lost"));
    assert_eq!(target.input_json().unwrap()["action"], "start");
    assert_eq!(named("evening").targets[0].universal(), Some(("rekognition", "stopProjectVersion")));
    assert_eq!(named("unrelated").expression, None, "what cannot concern models is not read whole");
    assert_eq!(lab.asked("GetSchedule"), 2);

    let rules: Vec<_> = lab.fleet.rules.rows.values().collect();
    assert_eq!(rules.len(), 1, "a rule without an expression is no schedule");
    assert_eq!((rules[0].name.as_str(), rules[0].enabled), ("old-morning", true));
    assert_eq!(rules[0].targets[0].id.as_deref(), Some("one"));
    assert_eq!(lab.fleet.functions.rows.len(), 2);
}

#[tokio::test]
async fn small_pages_tell_the_same_story() {
    let mut whole = Lab::new(WORKSHOP).await;
    whole.sweep().await;
    let mut paged = Lab::new(&WORKSHOP.replace("name = \"workshop\"", "name = \"workshop\"\npage_cap = 1")).await;
    paged.sweep().await;
    assert_eq!(paged.fleet, whole.fleet);
    assert!(paged.asked("ListSchedules") > whole.asked("ListSchedules"));
}

#[tokio::test]
async fn only_a_schedule_that_changed_is_read_again() {
    let mut lab = Lab::new(WORKSHOP).await;
    lab.sweep().await;
    lab.clock.step(TimeDelta::minutes(1));
    lab.sim.clear_log();
    lab.sweep().await;
    assert_eq!(lab.asked("GetSchedule"), 0);
    lab.clock.step(TimeDelta::minutes(1));
    let target = json!({"Arn": "arn:aws:scheduler:::aws-sdk:rekognition:stopProjectVersion",
        "RoleArn": "arn:aws:iam::123456789012:role/r", "Input": "{}"});
    let change = json!({"Name": "evening", "GroupName": "models", "ScheduleExpression": "cron(0 19 * * ? *)",
        "FlexibleTimeWindow": {"Mode": "OFF"}, "Target": target});
    lab.sim.call("scheduler", "UpdateSchedule", &change).outcome.unwrap();
    lab.sim.call("scheduler", "DeleteSchedule", &json!({"Name": "morning", "GroupName": "models"})).outcome.unwrap();
    lab.sweep().await;
    assert_eq!(lab.asked("GetSchedule"), 1);
    let schedules: Vec<_> = lab.fleet.schedules.rows.values().map(|one| one.expression.as_deref()).collect();
    assert_eq!(schedules, [None, Some("cron(0 19 * * ? *)")]);
}

#[tokio::test]
async fn a_later_sweep_of_a_large_account_takes_a_fifth_of_the_calls_at_most() {
    let large = "[scenario]\nname = \"large\"\nstart = \"2026-11-20T13:09:00Z\"\n\
                 [generate]\nprojects = 25\nmodels = 100\nmappings = 200\nschedules = 400\n";
    let mut lab = Lab::new(large).await;
    lab.sweep().await;
    let first = lab.sim.log().len();
    assert_eq!((lab.fleet.models.rows.len(), lab.fleet.queues.rows.len()), (100, 200));
    assert_eq!((lab.fleet.mappings.rows.len(), lab.fleet.schedules.rows.len()), (200, 400));
    let before = lab.fleet.clone();
    lab.sim.clear_log();
    lab.sweep().await;
    let second = lab.sim.log().len();
    assert!(second * 5 <= first, "{second} of {first}");
    assert_eq!(lab.fleet, before);
}

#[tokio::test]
async fn every_queue_has_its_turn_and_the_part_is_as_old_as_its_oldest() {
    let many = "[scenario]\nname = \"many\"\nstart = \"2026-11-20T13:09:00Z\"\n\
                [generate]\nprojects = 1\nmodels = 1\nmappings = 120\nschedules = 0\n";
    let mut lab = Lab::new(many).await;
    lab.sweep().await;
    let begin = lab.clock.now();
    lab.sim.clear_log();
    for _ in 0..3 {
        lab.clock.step(TimeDelta::minutes(1));
        assert_eq!(lab.fleet.queues.as_of, Some(begin));
        lab.sweep().await;
    }
    let read: BTreeSet<String> = lab
        .sim
        .log()
        .iter()
        .filter(|call| call.operation == "GetQueueAttributes")
        .map(|call| call.input["QueueUrl"].to_string())
        .collect();
    assert_eq!(read.len(), 120);
    assert_eq!(lab.fleet.queues.as_of, Some(begin + TimeDelta::minutes(1)));
    assert_eq!(lab.asked("GetQueueUrl"), 0, "an address does not change");
}

#[tokio::test]
async fn a_watch_asks_only_about_what_is_on_its_way() {
    let mut lab = Lab::new(WORKSHOP).await;
    lab.sweep().await;
    lab.sim.clear_log();
    let mut told = lab.run(Scope::Watch).await;
    assert_eq!(told.len(), 1);
    assert!(matches!(told.remove(0), News::Models(models) if models.len() == 1 && models[0].name() == "parts v1"));
    let log = lab.sim.log();
    assert_eq!(log.len(), 1);
    assert_eq!(log[0].input["VersionNames"], json!(["v1"]));
    let mapping = json!({"UUID": "6a5b3f0e-0000-4000-8000-000000000001", "Enabled": true});
    lab.sim.call("lambda", "UpdateEventSourceMapping", &mapping).outcome.unwrap();
    lab.sweep().await;
    lab.clock.step(TimeDelta::minutes(30));
    lab.run(Scope::Watch).await;
    let states: Vec<&MappingState> = lab.fleet.mappings.rows.values().map(|mapping| &mapping.state).collect();
    assert_eq!(states, [&MappingState::Enabled]);
    assert_eq!(lab.fleet.models.rows.values().last().unwrap().status, Status::Running);
    lab.sim.clear_log();
    assert!(lab.run(Scope::Watch).await.is_empty());
    assert!(lab.sim.log().is_empty(), "nothing is on its way any more");
}

#[tokio::test]
async fn a_queue_that_is_not_there_is_named() {
    let mut lab = Lab::new(&WORKSHOP.replace("queue = \"logos\"", "queue = \"vanished\"")).await;
    lab.run(Scope::Everything).await;
    let troubles: Vec<String> = lab.fleet.troubles().map(|trouble| trouble.sentence()).collect();
    assert_eq!(troubles, ["arn:aws:sqs:eu-central-1:123456789012:vanished does not exist."]);
}

/// The calls that asked what models ran: how many metrics, from when.
fn activity_questions(lab: &Lab) -> Vec<(usize, DateTime<Utc>)> {
    let log = lab.sim.log();
    let asked = log
        .iter()
        .filter(|call| call.operation == "GetMetricData" && call.input.to_string().contains("InServiceInferenceUnits"));
    let start = |input: &serde_json::Value| DateTime::from_timestamp(input["StartTime"].as_f64().unwrap() as i64, 0);
    asked.map(|call| (call.input["MetricDataQueries"].as_array().unwrap().len(), start(&call.input).unwrap())).collect()
}

#[tokio::test]
async fn cloudwatch_is_asked_for_what_is_new_and_no_more() {
    let mut lab = Lab::new(WORKSHOP).await;
    lab.sweep().await;
    assert_eq!(activity_questions(&lab), [(2, at("2026-11-19T11:05:00Z"))], "a failed training has never run");
    let first = lab.fleet.activity.as_of;
    lab.clock.step(TimeDelta::minutes(2));
    lab.sweep().await;
    assert_eq!(activity_questions(&lab).len(), 1);
    assert_eq!(lab.fleet.activity.as_of, first, "what was not asked does not grow younger");
    lab.sim.clear_log();
    lab.clock.step(TimeDelta::minutes(20));
    lab.sweep().await;
    // Up to 13:05 was asked before; the last quarter of an hour of that may have been incomplete.
    assert_eq!(activity_questions(&lab), [(2, at("2026-11-20T12:50:00Z"))]);
    let activity = lab.fleet.activity.rows.values().next().unwrap();
    assert_eq!((activity.asked.from, activity.asked.to), (at("2026-11-19T11:30:00Z"), at("2026-11-20T13:30:00Z")));
    let times: Vec<i64> = activity.samples.iter().map(|sample| sample.at.timestamp()).collect();
    assert!(times.windows(2).all(|pair| pair[1] > pair[0]));
    assert!(activity.samples[0].at >= activity.asked.from);
}

#[tokio::test]
async fn a_stored_fleet_of_another_account_gives_way_without_losing_the_new_one() {
    let mut lab = Lab::new(WORKSHOP).await;
    lab.sweep().await;
    let mut other =
        Lab::new(&WORKSHOP.replace("name = \"workshop\"", "name = \"workshop\"\naccount = \"999988887777\"")).await;
    other.fleet = lab.fleet.clone();
    other.sweep().await;
    assert_eq!(other.fleet.identity.as_ref().unwrap().account, "999988887777");
    assert_eq!(other.fleet.models.rows.len(), 3);
    assert!(other.fleet.models.rows.keys().all(|arn| arn.as_str().contains(":999988887777:")));
    assert_eq!(other.asked("GetSchedule"), 2, "nothing is taken over from the former account");
}

#[tokio::test]
async fn the_office_is_found_as_its_file_tells_it() {
    let office = scenarios::named("office").unwrap();
    let mut lab = Lab::of(&office).await;
    lab.sweep().await;
    let fleet = &lab.fleet;

    let ours = |name: &str| office.projects.iter().any(|one| one.name == name && one.feature == "CUSTOM_LABELS");
    let told = office.models.iter().filter(|model| ours(&model.project));
    let told: BTreeSet<_> = told.map(|one| (one.project.clone(), one.version.clone(), one.status.clone())).collect();
    let found = fleet.models.rows.values();
    let found: BTreeSet<_> =
        found.map(|one| (one.arn.project().to_owned(), one.arn.version().to_owned(), one.status.to_string())).collect();
    assert_eq!(found, told);
    let told = office.projects.iter().filter(|project| ours(&project.name)).count();
    assert_eq!(fleet.projects.rows.len(), told);
    assert!(told < office.projects.len(), "the office has a project that must not be offered");

    let told: BTreeSet<_> = office.mappings.iter().map(|one| (one.uuid.clone(), one.state.clone())).collect();
    let found = fleet.mappings.rows.values();
    let found: BTreeSet<_> = found.map(|one| (one.uuid.clone(), one.state.to_string())).collect();
    assert_eq!(found, told);

    let told = office.schedules.iter();
    let told: BTreeSet<_> = told.map(|one| (one.group.clone(), one.name.clone(), one.state.clone())).collect();
    let found = fleet.schedules.rows.values();
    let found: BTreeSet<_> = found.map(|one| (one.group.clone(), one.name.clone(), one.state.clone())).collect();
    assert_eq!(found, told);
    for schedule in fleet.schedules.rows.values().filter(|schedule| schedule.expression.is_some()) {
        let told =
            office.schedules.iter().find(|one| one.name == schedule.name && one.group == schedule.group).unwrap();
        assert_eq!(schedule.expression.as_deref(), Some(told.expression.as_str()));
    }

    let told: BTreeSet<_> = office.rules.iter().filter_map(|one| Some((&one.name, one.expression.as_ref()?))).collect();
    let found = fleet.rules.rows.values();
    let found: BTreeSet<_> = found.filter_map(|one| Some((&one.name, one.expression.as_ref()?))).collect();
    assert_eq!(found, told);

    for queue in fleet.queues.rows.values() {
        let told = office.queues.iter().find(|one| one.name == queue.name()).unwrap();
        assert_eq!(queue.retention_seconds, told.retention_seconds, "{}", queue.name());
    }
    let read: BTreeSet<&str> = office.mappings.iter().map(|one| one.queue.as_str()).collect();
    assert_eq!(fleet.queues.rows.values().map(|queue| queue.name()).collect::<BTreeSet<_>>(), read);
    let ran = fleet.activity.rows.values().filter(|activity| !activity.samples.is_empty()).count();
    assert!(ran > 0, "something ran within the last day");
}

/// What kind of trouble each leading part had last: models, mappings, schedules, rules.
fn kinds(fleet: &Fleet) -> [Option<&TroubleKind>; 4] {
    let parts = [&fleet.models.troubles, &fleet.mappings.troubles, &fleet.schedules.troubles, &fleet.rules.troubles];
    parts.map(|troubles| troubles.last().map(|trouble| &trouble.kind))
}

#[tokio::test]
async fn a_part_that_fails_keeps_its_rows_and_heals_by_itself() {
    let mut lab = Lab::new(WORKSHOP).await;
    lab.sweep().await;
    let before = lab.fleet.clone();
    lab.clock.step(TimeDelta::minutes(1));
    let faults = lab.sim.faults();
    faults.deny("scheduler", "ListSchedules");
    faults.drop_before("lambda", "ListEventSourceMappings", 3);
    faults.truncate("events", "ListRules", 3);
    faults.fail("rekognition", "DescribeProjects", 3);
    lab.run(Scope::Everything).await;
    let denied = TroubleKind::Denied("scheduler:ListSchedules".into());
    let cut = TroubleKind::Unreachable("lambda.eu-central-1.amazonaws.com".into());
    let [_, mappings, schedules, rules] = kinds(&lab.fleet);
    assert_eq!((mappings, schedules), (Some(&cut), Some(&denied)));
    assert!(matches!(rules, Some(TroubleKind::Unreachable(_) | TroubleKind::Garbled)), "{rules:?}");
    assert_eq!(lab.fleet.projects.troubles[0].kind, TroubleKind::ServiceFault);
    assert!(lab.fleet.models.is_whole(), "the known projects were asked all the same");
    assert_eq!(lab.fleet.mappings.rows, before.mappings.rows);
    assert_eq!(lab.fleet.schedules.rows, before.schedules.rows);
    assert_eq!(lab.fleet.as_of(), before.as_of(), "as old as its oldest part");
    lab.sim.faults().clear();
    lab.sweep().await;
    assert_eq!(lab.fleet.as_of(), Some(lab.clock.now()));
}

#[tokio::test]
async fn an_expired_session_is_told_by_every_part_and_asked_only_once_each() {
    let mut lab = Lab::new(WORKSHOP).await;
    lab.sweep().await;
    lab.sim.faults().expire();
    lab.sim.clear_log();
    lab.run(Scope::Everything).await;
    assert_eq!(kinds(&lab.fleet), [Some(&TroubleKind::Expired); 4]);
    assert!(lab.sim.log().len() < 12, "{}", lab.sim.log().len());
}

#[tokio::test]
async fn a_lost_answer_and_a_throttled_call_are_tried_again() {
    let mut lab = Lab::new(WORKSHOP).await;
    lab.sim.faults().drop_after("lambda", "ListEventSourceMappings", 1);
    lab.sim.faults().throttle("rekognition", "DescribeProjectVersions", 2);
    lab.sim.faults().truncate("scheduler", "ListSchedules", 1);
    lab.sweep().await;
    assert_eq!(lab.asked("ListEventSourceMappings"), 2);
}

#[tokio::test]
async fn cloudwatch_s_refusal_darkens_the_activity_alone() {
    let mut lab = Lab::new(WORKSHOP).await;
    lab.sim.faults().deny("cloudwatch", "GetMetricData");
    lab.run(Scope::Everything).await;
    assert_eq!(lab.fleet.troubles().count(), 1);
    assert!(lab.fleet.activity.is_dark());
    assert!(lab.fleet.activity.troubles[0].sentence().contains("cloudwatch:GetMetricData"));
    assert_eq!(lab.fleet.queues.rows.len(), 1);
}

#[tokio::test]
async fn groups_are_read_with_their_tags_and_not_again_for_a_while() {
    let tags =
        "[[groups]]\nname = \"windows\"\ntags = { \"rekotui:role\" = \"arn:aws:iam::${account}:role/scheduler\" }\n";
    let mut lab = Lab::new(&format!("{WORKSHOP}{tags}")).await;
    lab.sweep().await;
    let group = lab.fleet.groups.rows.values().find(|group| group.name == "windows").unwrap();
    assert_eq!(group.tags["rekotui:role"], "arn:aws:iam::123456789012:role/scheduler");
    let asked = (lab.asked("ListScheduleGroups"), lab.asked("ListTagsForResource"));
    lab.sweep().await;
    assert_eq!((lab.asked("ListScheduleGroups"), lab.asked("ListTagsForResource")), asked);
    lab.clock.step(TimeDelta::minutes(16));
    lab.sweep().await;
    assert_eq!(lab.asked("ListScheduleGroups"), asked.0 + 1);
}

#[tokio::test]
async fn groups_that_may_not_be_read_trouble_nobody() {
    let mut lab = Lab::new(WORKSHOP).await;
    lab.sim.faults().deny("scheduler", "ListScheduleGroups");
    lab.sweep().await;
    assert_eq!(lab.fleet.groups.troubles.len(), 1, "but it is known");
}
