//! The simulated account lives: a day, a weekend, and what becomes of schedules, on a clock that is stepped by hand.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use rekotui::clock::Clock;
use rekotui::sim::account::Sim;
use rekotui::sim::scenario::Scenario;
use serde_json::{Value, json};

const UUID: &str = "1f6a2c3e-7b1d-4a58-9c0e-2d4f6a8b0c1d";

/// A project with one model that is ready on weekdays in Berlin, its mapping and its queue. It is Monday, 05:00 UTC.
const SCENARIO: &str = r#"
[scenario]
name = "life"
start = "2026-11-16T05:00:00Z"

[[projects]]
name = "parts"
created = "2026-01-10T08:00:00Z"

[[models]]
project = "parts"
version = "v3"
created = "2026-03-01T08:00:00Z"
f1 = 0.93
min_units = 1

[[queues]]
name = "images"
retention_seconds = 216000
visibility_seconds = 60
arrivals = [{ days = "MON-SAT", from = "06:00", to = "20:00", zone = "Europe/Berlin", per_hour = 60.0 }]

[[functions]]
name = "startup"
role = "startup"
[[functions]]
name = "shutdown"
role = "shutdown"
[[functions]]
name = "inference"
role = "inference"
environment = { MODEL_ARN = "${model:parts/v3}" }

[[mappings]]
uuid = "1f6a2c3e-7b1d-4a58-9c0e-2d4f6a8b0c1d"
function = "inference"
queue = "images"
state = "Disabled"

[[schedules]]
name = "parts-start"
expression = "cron(0 8 ? * MON-FRI *)"
zone = "Europe/Berlin"
target = { function = "startup", input = { action = "start", model = "${model:parts/v3}", mappings = ["1f6a2c3e-7b1d-4a58-9c0e-2d4f6a8b0c1d"], min_inference_units = 2 } }

[[schedules]]
name = "parts-stop"
expression = "cron(0 17 ? * MON-FRI *)"
zone = "Europe/Berlin"
target = { function = "shutdown", input = { action = "stop", model = "${model:parts/v3}", mappings = ["1f6a2c3e-7b1d-4a58-9c0e-2d4f6a8b0c1d"] } }
"#;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("a time")
}

struct Life {
    sim: Arc<Sim>,
    clock: Clock,
}

impl Life {
    fn new(more: &str) -> Self {
        let scenario = Scenario::parse("life", &format!("{SCENARIO}{more}")).expect("a scenario");
        let clock = Clock::held(scenario.scenario.start);
        let sim = Sim::new(&scenario, clock.clone()).expect("an account");
        Self { sim, clock }
    }

    fn until(&self, text: &str) {
        let now = self.clock.now();
        assert!(at(text) >= now, "{text} is over");
        self.clock.step(at(text) - now);
    }

    fn call(&self, service: &str, operation: &str, input: Value) -> Value {
        self.sim.call(service, operation, &input).outcome.unwrap_or_else(|fault| panic!("{operation}: {fault}"))
    }

    fn refused(&self, service: &str, operation: &str, input: Value) -> String {
        self.sim.call(service, operation, &input).outcome.expect_err("a refusal").code().to_owned()
    }

    fn status(&self) -> String {
        let world = self.sim.world();
        world.models.values().map(|model| model.status.clone()).collect::<Vec<_>>().join(",")
    }

    fn mapping(&self) -> String {
        self.call("lambda", "GetEventSourceMapping", json!({ "UUID": UUID }))["State"].as_str().unwrap_or("").to_owned()
    }

    /// Visible and in flight.
    fn backlog(&self) -> (u64, u64) {
        let url = "https://sqs.eu-central-1.amazonaws.com/123456789012/images";
        let out = self.call("sqs", "GetQueueAttributes", json!({ "QueueUrl": url, "AttributeNames": ["All"] }));
        let count = |name: &str| out["Attributes"][name].as_str().and_then(|text| text.parse().ok()).expect("a count");
        (count("ApproximateNumberOfMessages"), count("ApproximateNumberOfMessagesNotVisible"))
    }
}

#[test]
fn a_day_starts_drains_and_stops() {
    let life = Life::new("");
    life.until("2026-11-16T06:59:59Z");
    assert_eq!((life.status().as_str(), life.mapping().as_str()), ("STOPPED", "Disabled"));
    assert_eq!(life.backlog(), (119, 0), "two hours' messages wait, but for the last one");

    life.until("2026-11-16T07:00:00Z");
    assert_eq!((life.status().as_str(), life.mapping().as_str()), ("STARTING", "Disabled"));
    life.until("2026-11-16T07:07:59Z");
    assert_eq!(life.status(), "STARTING", "it takes eight minutes at least");

    let mut seconds = 0;
    while life.status() == "STARTING" {
        assert_eq!(life.mapping(), "Disabled", "the mapping waits for the model");
        life.clock.step(TimeDelta::seconds(1));
        seconds += 1;
        assert!(seconds < 10 * 60, "it takes seventeen minutes at most");
    }
    assert_eq!((life.status().as_str(), life.mapping().as_str()), ("RUNNING", "Enabling"));
    life.clock.step(TimeDelta::seconds(30));
    assert_eq!(life.mapping(), "Enabled");
    let running = life.sim.world().models.values().next().and_then(|model| model.min_units);
    assert_eq!(running, Some(2), "the schedule's input says how many units");

    life.until("2026-11-16T15:59:00Z");
    let (visible, _) = life.backlog();
    assert!(visible < 5, "the morning's messages were worked off, {visible} are left");

    life.until("2026-11-16T16:00:00Z");
    assert_eq!((life.status().as_str(), life.mapping().as_str()), ("RUNNING", "Disabling"));
    life.until("2026-11-16T16:15:00Z");
    assert_eq!((life.status().as_str(), life.mapping().as_str()), ("STOPPED", "Disabled"));
    assert_eq!(life.backlog().1, 0, "nothing is in flight after the stop");

    let world = life.sim.world();
    let log = world.history.get(&("parts".to_owned(), "v3".to_owned())).expect("a run log");
    assert_eq!(log.runs.len(), 1);
    assert_eq!(log.runs[0].units, 2);
    assert!(log.runs[0].to.is_some_and(|to| to > at("2026-11-16T16:00:00Z")));
    assert!(world.invocations.iter().all(|invoked| invoked.error.is_none()), "{:?}", world.invocations);
}

#[test]
fn a_month_in_one_step_is_a_month_of_days() {
    let life = Life::new("");
    life.until("2026-12-14T05:00:00Z");
    let world = life.sim.world();
    let log = world.history.get(&("parts".to_owned(), "v3".to_owned())).expect("a run log");
    assert_eq!(log.runs.len(), 20, "four weeks of five days");
    let spans: Vec<TimeDelta> = log.runs.iter().filter_map(|run| run.to.map(|to| to - run.from)).collect();
    assert!(spans.iter().all(|span| (8 * 60 + 42..=9 * 60).contains(&span.num_minutes())), "{spans:?}");
    assert!(spans.iter().any(|span| *span != spans[0]), "no start takes as long as another");
}

#[test]
fn a_long_weekend_costs_the_messages_that_outlive_their_retention() {
    let life = Life::new("");
    life.until("2026-11-20T18:59:00Z");
    let friday = life.backlog().0;
    assert!((150..200).contains(&friday), "three hours since the stop: {friday}");
    life.until("2026-11-22T19:00:00Z");
    assert_eq!(life.backlog().0, friday + 1 + 14 * 60, "Saturday's come to it, Sunday has none");
    assert_eq!(life.sim.world().queues["images"].expired, 0);
    life.until("2026-11-23T06:30:00Z");
    let (visible, _) = life.backlog();
    let expired = life.sim.world().queues["images"].expired;
    assert_eq!(expired, 150, "what came until sixty hours ago: two and a half hours of Friday");
    assert_eq!(visible, 30 + 14 * 60 + 90, "the rest of Friday's, Saturday's and this morning's");
}

#[test]
fn a_one_time_schedule_that_deletes_itself_is_gone_after_it_fired() {
    let life = Life::new("");
    let target = life.call("scheduler", "GetSchedule", json!({ "Name": "parts-start" }))["Target"].clone();
    life.call(
        "scheduler",
        "CreateSchedule",
        json!({
            "Name": "once", "ScheduleExpression": "at(2026-11-16T06:30:00)", "ScheduleExpressionTimezone": "Europe/Berlin",
            "FlexibleTimeWindow": { "Mode": "OFF" }, "ActionAfterCompletion": "DELETE", "Target": target,
        }),
    );
    life.until("2026-11-16T05:29:59Z");
    assert_eq!(life.call("scheduler", "GetSchedule", json!({ "Name": "once" }))["State"], "ENABLED");
    life.until("2026-11-16T05:30:00Z");
    assert_eq!(life.refused("scheduler", "GetSchedule", json!({ "Name": "once" })), "ResourceNotFoundException");
    assert_eq!(life.status(), "STARTING");
}

/// Creates a schedule that has `more` and the target of `parts-start`.
fn create(life: &Life, name: &str, expression: &str, more: &Value) {
    let target = life.call("scheduler", "GetSchedule", json!({ "Name": "parts-start" }))["Target"].clone();
    let mut input = json!({
        "Name": name, "ScheduleExpression": expression, "FlexibleTimeWindow": { "Mode": "OFF" }, "Target": target,
        "ActionAfterCompletion": "DELETE",
    });
    for (key, value) in more.as_object().into_iter().flatten() {
        input[key] = value.clone();
    }
    life.call("scheduler", "CreateSchedule", input);
}

#[test]
fn a_recurring_schedule_that_deletes_itself_is_gone_after_its_last_fire_or_when_none_came() {
    let life = Life::new("");
    let there = |name: &str| life.sim.world().schedules.contains_key(&("default".to_owned(), name.to_owned()));
    let noon = at("2026-11-18T12:00:00Z").timestamp();
    create(&life, "daily", "cron(30 6 * * ? *)", &json!({ "EndDate": noon }));
    create(&life, "quiet", "cron(0 6 ? * SUN *)", &json!({ "EndDate": noon }));
    create(&life, "paused", "cron(0 6 ? * SUN *)", &json!({ "EndDate": noon, "State": "DISABLED" }));
    create(&life, "changed", "cron(0 6 ? * SUN *)", &json!({ "EndDate": noon }));
    create(&life, "endless", "cron(45 6 16 11 ? 2026)", &json!({}));
    let mut changed = life.call("scheduler", "GetSchedule", json!({ "Name": "changed" }));
    for member in ["Arn", "CreationDate", "LastModificationDate", "EndDate"] {
        changed.as_object_mut().unwrap().remove(member);
    }
    life.call("scheduler", "UpdateSchedule", changed);
    life.until("2026-11-18T06:29:59Z");
    assert!(there("daily"), "one fire is left");
    life.until("2026-11-18T06:30:00Z");
    assert!(!there("daily"), "no other comes before its EndDate");
    life.until("2026-11-18T11:59:59Z");
    assert!(there("quiet"));
    life.until("2026-11-18T12:00:00Z");
    assert!(!there("quiet"), "its EndDate passed without a fire");
    assert!(there("paused"), "what does not run does not complete");
    assert!(there("changed"), "its EndDate is another one now: none");
    assert!(there("endless"), "without an EndDate AWS deletes no recurring schedule, even if it never fires again");
    let fired = |name: &str| {
        let arn = format!("arn:aws:scheduler:eu-central-1:123456789012:schedule/default/{name}");
        life.sim.world().deliveries.iter().filter(|one| one.source == arn).count()
    };
    assert_eq!((fired("daily"), fired("quiet"), fired("endless")), (3, 0, 1));
}

#[test]
fn an_update_without_state_and_zone_enables_and_moves_to_utc() {
    let life = Life::new("");
    let get = || life.call("scheduler", "GetSchedule", json!({ "Name": "parts-start" }));
    let whole = get();
    let members = json!({
        "Name": "parts-start", "ScheduleExpression": whole["ScheduleExpression"], "Target": whole["Target"],
        "FlexibleTimeWindow": { "Mode": "OFF" },
    });
    let mut paused = members.clone();
    paused["State"] = "DISABLED".into();
    paused["ScheduleExpressionTimezone"] = "Europe/Berlin".into();
    paused["Description"] = "a word".into();
    life.call("scheduler", "UpdateSchedule", paused);
    assert_eq!((&get()["State"], &get()["Description"]), (&json!("DISABLED"), &json!("a word")));
    life.until("2026-11-16T07:00:00Z");
    assert_eq!(life.status(), "STOPPED", "a paused schedule does not fire");

    life.call("scheduler", "UpdateSchedule", members);
    let after = get();
    assert_eq!((&after["State"], &after["ScheduleExpressionTimezone"]), (&json!("ENABLED"), &json!("UTC")));
    assert_eq!(after.get("Description"), None);
    assert_eq!(after["CreationDate"], whole["CreationDate"]);
    life.until("2026-11-16T08:00:00Z");
    assert_eq!(life.status(), "STARTING", "eight o'clock is now in UTC");
}

#[test]
fn an_end_date_ends_a_schedule_and_a_start_date_begins_it() {
    let life = Life::new("");
    let target = json!({ "Arn": "arn:aws:sqs:eu-central-1:123456789012:images", "RoleArn": "arn:aws:iam::123456789012:role/r", "Input": "{}" });
    life.call(
        "scheduler",
        "CreateSchedule",
        json!({
            "Name": "ticks", "ScheduleExpression": "rate(10 minutes)", "FlexibleTimeWindow": { "Mode": "OFF" }, "Target": target,
            "StartDate": at("2026-11-16T06:00:00Z").timestamp(), "EndDate": at("2026-11-16T06:30:00Z").timestamp(),
        }),
    );
    life.until("2026-11-16T09:00:00Z");
    let world = life.sim.world();
    let fired: Vec<DateTime<Utc>> =
        world.deliveries.iter().filter(|one| one.source.ends_with("/ticks")).map(|one| one.at).collect();
    let expected = ["06:00", "06:10", "06:20", "06:30"].map(|time| at(&format!("2026-11-16T{time}:00Z")));
    assert_eq!(fired, expected);
}

#[test]
fn a_start_beyond_the_quota_is_tried_three_times_and_leaves_the_mapping_alone() {
    let more = r#"
[[models]]
project = "parts"
version = "v1"
created = "2026-01-20T08:00:00Z"
status = "RUNNING"
[[models]]
project = "parts"
version = "v2"
created = "2026-02-20T08:00:00Z"
status = "RUNNING"
"#;
    let life = Life::new(more);
    life.until("2026-11-16T07:10:00Z");
    let world = life.sim.world();
    let tries: Vec<(String, u32, bool)> = world
        .invocations
        .iter()
        .map(|one| {
            (
                one.at.format("%H:%M").to_string(),
                one.attempt,
                one.error.as_ref().is_some_and(|e| e.contains("LimitExceeded")),
            )
        })
        .collect();
    let expected = [("07:00", 0, true), ("07:01", 1, true), ("07:03", 2, true)];
    assert_eq!(tries, expected.map(|(at, attempt, limit)| (at.to_owned(), attempt, limit)));
    drop(world);
    assert_eq!(life.mapping(), "Disabled");
}

#[test]
fn rules_fire_in_utc_and_universal_targets_act_by_themselves() {
    let more = r#"
[[rules]]
name = "start-v3"
expression = "cron(0 6 ? * MON-FRI *)"
targets = [{ id = "start", function = "startup", input = { action = "start", model = "${model:parts/v3}" } }]
[[schedules]]
name = "stop-v3"
expression = "cron(30 6 ? * MON-FRI *)"
target = { action = "rekognition:stopProjectVersion", input = { ProjectVersionArn = "${model:parts/v3}" } }
[[schedules]]
name = "enable"
expression = "cron(40 6 ? * MON-FRI *)"
target = { action = "lambda:updateEventSourceMapping", input = { UUID = "1f6a2c3e-7b1d-4a58-9c0e-2d4f6a8b0c1d", Enabled = true } }
"#;
    let life = Life::new(more);
    life.until("2026-11-16T06:29:59Z");
    assert_eq!(life.status(), "RUNNING");
    life.until("2026-11-16T06:30:00Z");
    assert_eq!(life.status(), "STOPPING");
    life.until("2026-11-16T06:41:00Z");
    assert_eq!((life.status().as_str(), life.mapping().as_str()), ("STOPPED", "Enabled"));
    let (visible, in_flight) = life.backlog();
    assert!(
        in_flight > 0 && visible + in_flight == 101,
        "receives fail while the model is stopped: {visible} {in_flight}"
    );
}

#[test]
fn a_model_that_fails_says_why_and_can_be_started_again() {
    let more = r#"
[[models]]
project = "parts"
version = "v9"
created = "2026-05-20T08:00:00Z"
fails_to_start = "Amazon Rekognition experienced an internal error."
"#;
    let life = Life::new(more);
    let project =
        life.call("rekognition", "DescribeProjects", json!({}))["ProjectDescriptions"][0]["ProjectArn"].clone();
    let describe = || {
        let out = life.call(
            "rekognition",
            "DescribeProjectVersions",
            json!({ "ProjectArn": project, "VersionNames": ["v9"] }),
        );
        out["ProjectVersionDescriptions"][0].clone()
    };
    let arn = describe()["ProjectVersionArn"].clone();
    let start = json!({ "ProjectVersionArn": arn, "MinInferenceUnits": 1 });
    life.call("rekognition", "StartProjectVersion", start.clone());
    assert_eq!(life.refused("rekognition", "StartProjectVersion", start.clone()), "ResourceInUseException");
    life.clock.step(TimeDelta::minutes(20));
    assert_eq!(describe()["Status"], "FAILED");
    assert_eq!(describe()["StatusMessage"], "Amazon Rekognition experienced an internal error.");
    life.call("rekognition", "StartProjectVersion", start);
}

#[test]
fn a_large_account_is_made_up_alike_each_time_and_lives() {
    let text = "[scenario]\nname = \"large\"\nstart = \"2026-11-20T13:09:00Z\"\nrunning_models = 1000\n\
                [generate]\nprojects = 20\nmodels = 100\nmappings = 100\nschedules = 200\nhistory_days = 7\nseed = 7\n";
    let scenario = Scenario::parse("large", text).expect("a scenario");
    let clock = Clock::held(scenario.scenario.start);
    let sim = Sim::new(&scenario, clock.clone()).expect("an account");
    let twin = Sim::new(&scenario, clock.clone()).expect("an account");
    let picture = |sim: &Sim| {
        let world = sim.world();
        let statuses = world.models.values().map(|model| format!("{} {}", model.arn, model.status));
        let states = world.mappings.values().map(|mapping| format!("{} {}", mapping.uuid, mapping.state));
        statuses.chain(states).chain(world.schedules.keys().map(|key| key.1.clone())).collect::<Vec<_>>()
    };
    assert_eq!(picture(&sim), picture(&twin));
    assert_eq!(picture(&sim).len(), 100 + 100 + 200);
    let running = |sim: &Sim| sim.world().models.values().filter(|model| model.runs()).count();
    assert!((20..=90).contains(&running(&sim)), "{} run in the middle of a Friday", running(&sim));
    let past = sim.world().history.values().map(|log| log.runs.len()).sum::<usize>();
    assert!(past > 400, "five days of a hundred models: {past}");
    clock.step(TimeDelta::hours(36));
    assert!(running(&sim) < 10, "{} run on Sunday", running(&sim));
    assert_eq!(picture(&sim), picture(&twin), "both have lived the same");
}
