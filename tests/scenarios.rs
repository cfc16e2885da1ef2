//! The scenarios that the program carries tell the stories that their comments promise.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use rekotui::aws::{Connect, Scope, Survey};
use rekotui::clock::Clock;
use rekotui::domain::finding::Subject;
use rekotui::domain::fleet::Fleet;
use rekotui::domain::picture::Picture;
use rekotui::domain::wiring::Wishes;
use rekotui::sim::account::Sim;
use rekotui::sim::scenarios;
use serde_json::{Value, json};

use super::wire::door;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("a time")
}

struct Account {
    sim: Arc<Sim>,
    clock: Clock,
}

impl Account {
    fn new(name: &str) -> Self {
        let scenario = scenarios::named(name).expect("a scenario");
        let clock = Clock::held(scenario.scenario.start);
        let sim = Sim::new(&scenario, clock.clone()).expect("an account");
        Self { sim, clock }
    }

    fn until(&self, text: &str) {
        self.clock.step(at(text) - self.clock.now());
    }

    fn call(&self, service: &str, operation: &str, input: Value) -> Value {
        self.sim.call(service, operation, &input).outcome.unwrap_or_else(|fault| panic!("{operation}: {fault}"))
    }

    fn status(&self, project: &str, version: &str) -> String {
        let world = self.sim.world();
        let model = world.models.values().find(|model| model.project == project && model.version == version);
        model.expect("the model").status.clone()
    }

    /// The state of the mapping of a queue.
    fn mapping(&self, queue: &str) -> String {
        let world = self.sim.world();
        world.mappings.values().find(|mapping| mapping.queue() == queue).expect("a mapping").state.clone()
    }

    /// Visible and in flight.
    fn backlog(&self, queue: &str) -> (u64, u64) {
        let mut world = self.sim.world();
        world.settle(queue);
        let (visible, in_flight, _) = world.queues[queue].counts();
        (visible, in_flight)
    }

    /// The sum of a statistic of a model's units over a span.
    fn units(&self, (project, version): (&str, &str), (from, to): (&str, &str), period: u32, stat: &str) -> f64 {
        let metric = json!({
            "Namespace": "AWS/Rekognition",
            "MetricName": "InServiceInferenceUnits",
            "Dimensions": [{"Name": "ProjectName", "Value": project}, {"Name": "VersionName", "Value": version}],
        });
        let query = json!({ "Id": "m1", "MetricStat": { "Metric": metric, "Period": period, "Stat": stat } });
        let input = json!({
            "MetricDataQueries": [query],
            "StartTime": at(from).timestamp(),
            "EndTime": at(to).timestamp(),
        });
        let out = self.call("cloudwatch", "GetMetricData", input);
        assert_eq!(out.get("NextToken"), None, "one page is enough");
        let values = out["MetricDataResults"][0]["Values"].as_array().expect("values");
        values.iter().map(|value| value.as_f64().expect("a number")).sum()
    }
}

/// October 2026 in Berlin.
const OCTOBER: (&str, &str) = ("2026-09-30T22:00:00Z", "2026-10-31T23:00:00Z");

/// A project and a version.
type Name = (&'static str, &'static str);
/// Hours and minutes.
type Time = (f64, f64);

/// The hours and minutes of October that the office's file gives: in service, and times units.
const TOTALS: [(Name, Time, Time); 6] = [
    (("bottles", "v1"), (184.0, 8.0), (368.0, 16.0)),
    (("bottles", "v2"), (150.0, 52.0), (150.0, 52.0)),
    (("logos_2", "v3"), (177.0, 59.0), (177.0, 59.0)),
    (("parts", "v9"), (159.0, 26.0), (209.0, 44.0)),
    (("parts", "v10"), (0.0, 0.0), (0.0, 0.0)),
    (("shelf", "v12"), (240.0, 10.0), (240.0, 10.0)),
];

fn minutes((hours, minutes): Time) -> f64 {
    hours * 60.0 + minutes
}

#[test]
fn october_is_what_the_office_says_at_every_period() {
    let office = Account::new("office");
    for (model, ran, units) in TOTALS {
        for period in [300, 3600] {
            let found = |stat| office.units(model, OCTOBER, period, stat);
            assert_eq!(found("SampleCount"), minutes(ran), "{model:?} in service, at {period}");
            assert_eq!(found("Sum"), minutes(units), "{model:?} times units, at {period}");
        }
        // CloudWatch has no single minutes of October any more; what it summed up came from these.
        assert_eq!(office.units(model, OCTOBER, 60, "Sum"), 0.0);
        let (from, to) = (at(OCTOBER.0).timestamp(), at(OCTOBER.1).timestamp());
        let world = office.sim.world();
        let log = &world.history[&(model.0.to_owned(), model.1.to_owned())];
        assert_eq!(log.minutes(from, to).len(), minutes(ran) as usize, "{model:?}, by the minute");
    }
}

#[test]
fn a_jittering_month_stays_within_its_bounds_and_is_always_the_same() {
    let ran = || Account::new("office").units(("shelf", "v11"), OCTOBER, 300, "SampleCount");
    let (least, most) = (22.0 * (650.0 - 6.0), 22.0 * (650.0 + 6.0));
    assert!((least..=most).contains(&ran()), "{} min", ran());
    assert_ne!(ran(), 22.0 * 650.0, "it does jitter");
    assert_eq!(ran(), ran());
}

#[test]
fn the_last_ten_days_are_the_same_at_every_period() {
    let office = Account::new("office");
    let span = ("2026-11-10T00:00:00Z", "2026-11-20T00:00:00Z");
    for (model, ..) in TOTALS {
        let [fine, middle, coarse] = [60, 300, 3600].map(|period| office.units(model, span, period, "Sum"));
        assert_eq!((fine, fine), (middle, coarse), "{model:?}");
    }
    // Eight weekdays; one of them is today's yesterday.
    assert_eq!(office.units(("logos_2", "v3"), span, 60, "Sum"), 8.0 * 501.0);
    assert_eq!(office.units(("parts", "v10"), span, 60, "Sum"), 93.0, "the trial of 10 November");
}

#[test]
fn the_office_shows_every_state() {
    let office = Account::new("office");
    let states = [
        ("bottles", "v1", "STARTING"),
        ("bottles", "v2", "RUNNING"),
        ("logos_2", "v3", "RUNNING"),
        ("parts", "v9", "STOPPED"),
        ("parts", "v10", "STOPPED"),
        ("shelf", "v12", "STOPPED"),
        ("shelf", "v11", "FAILED"),
    ];
    for (project, version, status) in states {
        assert_eq!(office.status(project, version), status, "{project} {version}");
    }
    let world = office.sim.world();
    let custom: Vec<&str> =
        world.projects.values().filter(|one| one.feature == "CUSTOM_LABELS").map(|one| one.name.as_str()).collect();
    assert_eq!(custom, ["bottles", "logos_2", "parts", "shelf"]);
    let of_ours = world.models.values().filter(|model| custom.contains(&model.project.as_str())).count();
    assert_eq!((of_ours, world.models.len()), (7, 8), "seven models, and one that must not be offered");
    let failed = world.models.values().find(|model| model.status == "FAILED").and_then(|m| m.status_message.clone());
    assert!(failed.expect("a message").contains("internal service error"));
}

/// What the program finds in an account: the rule and what it is about.
async fn findings(name: &str) -> Vec<String> {
    let account = Account::new(name);
    let connect = Connect { paced: false, ..Connect::in_process(door::client(&account.sim), account.clock.clone()) };
    let survey = Survey::new(rekotui::aws::Account::connect(connect).await.expect("an account"));
    let (news, mut heard) = tokio::sync::mpsc::channel(16);
    let run = tokio::spawn(async move { survey.run(Scope::Everything, &Fleet::default(), news).await });
    let mut fleet = Fleet::default();
    while let Some(piece) = heard.recv().await {
        fleet.take(piece);
    }
    run.await.expect("an end");
    assert_eq!(fleet.troubles().count(), 0);
    let picture = Picture::of(&fleet, &Wishes::default(), account.clock.now(), Tz::Europe__Berlin);
    let about = |subject: &Subject| match subject {
        Subject::Model(arn) => format!("{} {}", arn.project(), arn.version()),
        Subject::Mapping(uuid) => {
            fleet.mappings.rows.get(uuid).unwrap().queue_arn().unwrap_or("").rsplit(':').next().unwrap_or("").to_owned()
        }
        Subject::Schedule(arn) => arn.rsplit('/').next().unwrap_or("").to_owned(),
        Subject::Part(_) => subject.id().to_owned(),
    };
    picture.findings.iter().map(|finding| format!("{} {}", finding.rule.as_str(), about(&finding.subject))).collect()
}

#[tokio::test]
async fn the_office_gives_an_operator_these_things_to_think_about() {
    let mut found = findings("office").await;
    found.sort();
    let expected = [
        "backlog_outlives_retention parts-images",
        "backlog_without_opening parts-trial",
        "mapping_off_model_on bottles-rejects",
        "mapping_on_model_off parts-trial",
        "mapping_on_model_off shelf-us-images",
        "model_failed shelf v11",
        "rule_in_utc bottles-us-start",
        "rule_in_utc bottles-us-start-again",
        "rule_in_utc bottles-us-stop",
        "running_outside_windows bottles v2",
        "schedules_paused shelf v12",
        "skipped_by_clocks bottles-v2-night-stop",
        "target_missing parts-v7-stop",
    ];
    assert_eq!(found, expected);
    assert_eq!(findings("first").await, [""; 0]);
    assert_eq!(findings("empty").await, [""; 0]);
}

#[test]
fn a_start_is_seen_to_finish_within_twenty_seconds() {
    let office = Account::new("office");
    let speed = scenarios::named("office").expect("a scenario").scenario.speed;
    assert_eq!(office.mapping("bottles-us-images"), "Disabled");
    office.clock.step(TimeDelta::milliseconds((20_000.0 * speed) as i64));
    assert_eq!(office.status("bottles", "v1"), "RUNNING");
    assert_eq!(office.mapping("bottles-us-images"), "Enabled", "the second shot has switched it on");
}

#[test]
fn a_start_that_somebody_asks_for_is_seen_to_finish_as_well() {
    let office = Account::new("office");
    let arn = {
        let world = office.sim.world();
        world.models.values().find(|model| model.version == "v10").expect("the model").arn.clone()
    };
    office.call("rekognition", "StartProjectVersion", json!({ "ProjectVersionArn": arn, "MinInferenceUnits": 1 }));
    office.clock.step(TimeDelta::minutes(7));
    assert_eq!(office.status("parts", "v10"), "STARTING");
    office.clock.step(TimeDelta::minutes(10));
    assert_eq!(office.status("parts", "v10"), "RUNNING");
}

#[test]
fn what_waits_for_parts_is_too_old_on_monday() {
    let office = Account::new("office");
    assert_eq!(office.backlog("parts-images"), (230, 0));
    office.until("2026-11-22T22:00:00Z");
    let waiting = office.backlog("parts-images").0;
    assert!(waiting > 600, "{waiting} wait on Sunday evening, those of Friday noon among them");
    office.until("2026-11-23T07:30:00Z");
    let world = office.sim.world();
    assert!(world.queues["parts-images"].expired > 600, "and were deleted when it opened");
}

#[test]
fn logos_has_a_little_to_do_at_any_time() {
    let office = Account::new("office");
    for _ in 0..6 {
        let (visible, in_flight) = office.backlog("logos-images");
        assert!((1..200).contains(&(visible + in_flight)), "{visible} visible, {in_flight} in flight");
        office.clock.step(TimeDelta::minutes(20));
    }
    office.until("2026-11-20T16:15:00Z");
    assert_eq!(office.status("logos_2", "v3"), "STOPPED");
    assert_eq!(office.mapping("logos-images"), "Disabled");
}

#[test]
fn the_failed_one_fails_again_and_its_mapping_is_switched_all_the_same() {
    let office = Account::new("office");
    assert_eq!(office.mapping("shelf-us-images"), "Enabled");
    office.until("2026-11-20T22:55:00Z");
    assert_eq!(office.mapping("shelf-us-images"), "Disabled", "switched off at 17:50 in New York");
    office.until("2026-11-23T12:03:00Z");
    assert_eq!(office.status("shelf", "v11"), "STARTING");
    office.until("2026-11-23T12:25:00Z");
    assert_eq!(
        (office.status("shelf", "v11").as_str(), office.mapping("shelf-us-images").as_str()),
        ("FAILED", "Enabled")
    );
}

#[test]
fn the_trial_loses_what_it_receives() {
    let office = Account::new("office");
    let dead = office.backlog("images-dead").0;
    office.clock.step(TimeDelta::hours(3));
    let waiting = office.backlog("parts-trial");
    assert!(
        office.backlog("images-dead").0 > dead,
        "what the stopped model could not take ends there, not in {waiting:?}"
    );
}

#[test]
fn the_night_ends_when_its_next_shutdown_works() {
    let office = Account::new("office");
    office.until("2026-11-21T01:29:00Z");
    assert_eq!(
        (office.status("bottles", "v2").as_str(), office.mapping("bottles-rejects").as_str()),
        ("RUNNING", "Enabled")
    );
    office.until("2026-11-21T01:45:00Z");
    assert_eq!(
        (office.status("bottles", "v2").as_str(), office.mapping("bottles-rejects").as_str()),
        ("STOPPED", "Disabled")
    );
}

#[test]
fn one_schedule_holds_all_that_a_schedule_can_say() {
    let office = Account::new("office");
    let asked = json!({ "GroupName": "seasonal", "Name": "logos_2.v3_stocktaking-start" });
    let out = office.call("scheduler", "GetSchedule", asked);
    for key in ["StartDate", "EndDate", "Description", "KmsKeyArn", "ScheduleExpressionTimezone"] {
        assert!(!out[key].is_null(), "{key}");
    }
    assert_eq!(out["FlexibleTimeWindow"], json!({ "Mode": "FLEXIBLE", "MaximumWindowInMinutes": 15 }));
    let target = &out["Target"];
    assert_eq!(target["RetryPolicy"], json!({ "MaximumEventAgeInSeconds": 1800, "MaximumRetryAttempts": 3 }));
    assert_eq!(target["DeadLetterConfig"]["Arn"], "arn:aws:sqs:eu-central-1:123456789012:schedules-dead");
    assert_eq!(target["RoleArn"], "arn:aws:iam::123456789012:role/seasonal-scheduler");
}

#[test]
fn one_schedule_aims_at_a_model_that_is_gone() {
    let office = Account::new("office");
    let asked = json!({ "GroupName": "default", "Name": "parts-v7-stop" });
    let out = office.call("scheduler", "GetSchedule", asked);
    let input: Value = serde_json::from_str(out["Target"]["Input"].as_str().expect("an input")).expect("JSON");
    let model = input["model"].as_str().expect("a model");
    let world = office.sim.world();
    assert!(model.contains(":project/parts/version/v7/") && !world.models.contains_key(model), "{model}");
}

#[test]
fn the_large_account_is_as_large_as_it_says() {
    let large = Account::new("large");
    let world = large.sim.world();
    let counts = [world.projects.len(), world.models.len(), world.mappings.len(), world.schedules.len()];
    assert_eq!(counts, [200, 1000, 1000, 2000]);
    let running = world.models.values().filter(|model| model.runs()).count();
    assert!((30..=50).contains(&running), "{running} run");
    let mut aims: BTreeMap<String, u32> = BTreeMap::new();
    for schedule in world.schedules.values() {
        let input: Value = serde_json::from_str(schedule.target["Input"].as_str().expect("an input")).expect("JSON");
        *aims.entry(input["model"].as_str().expect("a model").to_owned()).or_default() += 1;
    }
    assert!(aims.keys().eq(world.models.keys()), "each model has its schedules");
    assert!(aims.values().all(|count| *count == 2), "a start and a stop each");
}

#[test]
fn the_large_account_is_always_the_same() {
    let (one, other) = (Account::new("large"), Account::new("large"));
    let (one, other) = (one.sim.world(), other.sim.world());
    assert_eq!(format!("{:?}", one.models), format!("{:?}", other.models));
    assert_eq!(format!("{:?}", one.schedules), format!("{:?}", other.schedules));
    assert_eq!(format!("{:?}", one.history), format!("{:?}", other.history));
}

#[test]
fn the_first_account_has_a_model_and_nothing_else() {
    let first = Account::new("first");
    let world = first.sim.world();
    let statuses: Vec<&str> = world.models.values().map(|model| model.status.as_str()).collect();
    assert_eq!(statuses, ["TRAINING_COMPLETED"]);
    assert!(world.functions.is_empty() && world.queues.is_empty() && world.mappings.is_empty());
    assert!(world.schedules.is_empty() && world.rules.is_empty() && world.groups.len() == 1);
    let local = world.now.with_timezone(&chrono_tz::Europe::Berlin);
    assert_eq!(local.format("%a %H:%M").to_string(), "Mon 05:00");
}

#[test]
fn the_empty_account_is_empty_and_answers() {
    let empty = Account::new("empty");
    let world = empty.sim.world();
    assert!(
        world.projects.is_empty() && world.mappings.is_empty() && world.schedules.is_empty() && world.rules.is_empty()
    );
    drop(world);
    assert_eq!(empty.call("rekognition", "DescribeProjects", json!({}))["ProjectDescriptions"], json!([]));
    assert_eq!(empty.call("scheduler", "ListSchedules", json!({}))["Schedules"], json!([]));
}
