//! Starts: the order of calls, their ends, and what goes wrong.

use chrono::TimeDelta;
use rekotui::domain::operation::{Standing, StepStanding};
use rekotui::domain::plan::{self, End, Plan, Starting, Step};
use rekotui::operation::Refusal;
use rekotui::sim::scenario::FaultKind;

use super::lab::{Lab, UUID, ground, model};

async fn for_two_hours(lab: &Lab, emergency: bool) -> Plan {
    let seen = lab.look().await;
    let ask = Starting { units: None, end: End::At(seen.now + TimeDelta::hours(2)), emergency };
    plan::start(ground(&seen), &model(), &ask).unwrap()
}

#[tokio::test]
async fn the_end_is_arranged_first_and_the_mapping_is_enabled_once_it_runs() {
    let lab = Lab::new("STOPPED", "Disabled").await;
    let plan = for_two_hours(&lab, false).await;
    let operation = lab.carry(plan).await;
    assert_eq!(operation.standing, Standing::Done);
    assert_eq!(lab.written(), ["CreateSchedule", "StartProjectVersion", "UpdateEventSourceMapping"]);
    assert_eq!((lab.status().as_str(), lab.state().as_str()), ("RUNNING", "Enabled"));
    assert!(operation.who.as_deref().is_some_and(|who| who.contains("123456789012")));
    let asked = lab.writes();
    assert_eq!(asked[1].input["MinInferenceUnits"], 2, "as its startup schedule says");
    assert_eq!(asked[2].input, serde_json::json!({"UUID": UUID, "Enabled": true}), "and nothing else");
    let ids = operation.steps.iter().flat_map(|record| &record.request_ids).count();
    assert_eq!(ids, 3, "each write has its request id in the journal");
    assert_eq!(operation.start_took(&model()).map(|took| took.num_minutes()), Some(9));

    lab.pass(TimeDelta::hours(2));
    lab.pass(TimeDelta::minutes(10));
    assert_eq!((lab.status().as_str(), lab.state().as_str()), ("STOPPED", "Disabled"), "it stops by itself");
    assert_eq!(lab.automatic(), Vec::<String>::new(), "and the schedule that did it deletes itself");
}

#[tokio::test]
async fn what_is_already_so_is_success_and_is_not_called() {
    let lab = Lab::new("RUNNING", "Enabled").await;
    let plan = for_two_hours(&lab, false).await;
    assert_eq!(lab.carry(plan).await.standing, Standing::Done);
    assert_eq!(lab.written(), ["CreateSchedule"]);
}

#[tokio::test]
async fn a_later_end_takes_the_place_of_the_one_before() {
    let lab = Lab::new("STOPPED", "Disabled").await;
    let plan = for_two_hours(&lab, false).await;
    lab.carry(plan).await;
    let first = lab.automatic();
    lab.pass(TimeDelta::hours(1));
    let plan = for_two_hours(&lab, false).await;
    assert_eq!(lab.carry(plan).await.standing, Standing::Done);
    let second = lab.automatic();
    assert_eq!((first.len(), second.len()), (1, 1));
    assert_ne!(first, second);
    assert_eq!(lab.took_effect("StartProjectVersion"), 1);
}

#[tokio::test]
async fn nothing_is_written_once_somebody_else_was_there() {
    let lab = Lab::new("STOPPED", "Disabled").await;
    let plan = for_two_hours(&lab, false).await;
    lab.sim.call(
        "rekognition",
        "StartProjectVersion",
        &serde_json::json!({
            "ProjectVersionArn": model().as_str(), "MinInferenceUnits": 1
        }),
    );
    lab.sim.clear_log();
    let operation = lab.carry(plan).await;
    let why = operation.standing.why().unwrap().to_owned();
    assert!(matches!(operation.standing, Standing::Refused(_)), "{operation:#?}");
    assert!(why.contains("was STOPPED when you looked and is STARTING now"), "{why}");
    assert_eq!(lab.written(), Vec::<String>::new());
}

#[tokio::test]
async fn what_somebody_else_has_done_of_it_already_is_no_reason_to_stop() {
    let lab = Lab::new("STOPPED", "Disabled").await;
    let plan = for_two_hours(&lab, true).await;
    let asked = serde_json::json!({"UUID": UUID, "Enabled": true});
    lab.sim.call("lambda", "UpdateEventSourceMapping", &asked).outcome.unwrap();
    lab.pass(TimeDelta::minutes(2));
    let operation = lab.carry(plan).await;
    assert_eq!(operation.standing, Standing::Done, "{operation:#?}");
    assert_eq!(lab.status(), "RUNNING");
}

#[tokio::test]
async fn a_lost_answer_is_settled_by_reading() {
    for lost in ["CreateSchedule", "StartProjectVersion", "UpdateEventSourceMapping"] {
        for kind in [FaultKind::DroppedAfter, FaultKind::DroppedBefore, FaultKind::Truncated] {
            let lab = Lab::new("STOPPED", "Disabled").await;
            let plan = for_two_hours(&lab, false).await;
            let service = lab.sim.log().iter().find(|call| call.operation == lost).map(|call| call.service.clone());
            let service = service.unwrap_or_else(|| "*".into());
            lab.sim.faults().put(&service, lost, kind, Some(1));
            let operation = lab.carry(plan).await;
            assert_eq!(operation.standing, Standing::Done, "{lost} {kind:?}: {operation:#?}");
            assert_eq!(lab.took_effect(lost), 1, "{lost} {kind:?}");
            assert_eq!((lab.status().as_str(), lab.state().as_str()), ("RUNNING", "Enabled"));
        }
    }
}

#[tokio::test]
async fn troubles_that_pass_are_waited_out() {
    for operation in ["StartProjectVersion", "DescribeProjectVersions", "GetEventSourceMapping"] {
        let lab = Lab::new("STOPPED", "Disabled").await;
        let plan = for_two_hours(&lab, false).await;
        lab.sim.faults().throttle("*", operation, 5);
        let done = lab.carry(plan).await;
        assert_eq!(done.standing, Standing::Done, "{operation}: {done:#?}");
    }
}

#[tokio::test]
async fn a_network_that_stays_away_leaves_it_to_be_resumed() {
    let lab = Lab::new("STOPPED", "Disabled").await;
    let plan = for_two_hours(&lab, false).await;
    let driver = lab.engine().begin(plan).await.unwrap();
    let id = driver.operation().id.clone();
    let sim = lab.sim.clone();
    let operation = driver
        .carry(move |operation| {
            if operation.steps.iter().any(|record| record.accepted) {
                sim.faults().put("*", "*", FaultKind::DroppedBefore, None);
            }
        })
        .await;
    assert_eq!(operation.standing, Standing::Unfinished);
    assert!(operation.rests.as_deref().is_some_and(|why| why.contains("could not be reached")), "{operation:#?}");
    lab.sim.faults().clear();
    let done = lab.engine().resume(&id).await.unwrap().carry(|_| {}).await;
    assert_eq!(done.standing, Standing::Done, "{done:#?}");
    assert_eq!(lab.took_effect("StartProjectVersion"), 1);
}

#[tokio::test]
async fn a_failed_start_says_why_and_takes_back_its_automatic_stop() {
    let lab = Lab::new("STOPPED", "Disabled").await;
    let plan = for_two_hours(&lab, false).await;
    lab.sim.world().models.get_mut(&model().to_string()).unwrap().fails_to_start = Some("No capacity".into());
    let operation = lab.carry(plan).await;
    assert!(operation.standing.why().is_some_and(|why| why.contains("No capacity")), "{operation:#?}");
    assert!(matches!(operation.standing, Standing::Failed(_)));
    assert_eq!(lab.automatic(), Vec::<String>::new());
    assert_eq!(lab.state(), "Disabled");
}

#[tokio::test]
async fn a_used_up_quota_names_who_uses_it() {
    let more = r#"
[[models]]
project = "logos"
version = "v1"
created = "2026-01-01T00:00:00Z"
status = "RUNNING"
[[models]]
project = "logos"
version = "v2"
created = "2026-01-01T00:00:00Z"
status = "RUNNING"
"#;
    let lab = Lab::with("STOPPED", "Disabled", more).await;
    let plan = for_two_hours(&lab, false).await;
    assert!(plan.notes.iter().any(|note| note.text.contains("2 models are on already")), "{:#?}", plan.notes);
    let operation = lab.carry(plan).await;
    let why = operation.standing.why().unwrap();
    assert!(why.contains("logos v1, logos v2"), "{why}");
    assert_eq!(lab.automatic(), Vec::<String>::new());
}

#[tokio::test]
async fn without_scheduler_an_emergency_start_stops_the_model_itself() {
    let lab = Lab::new("STOPPED", "Disabled").await;
    let plan = for_two_hours(&lab, true).await;
    lab.sim.faults().deny("scheduler", "CreateSchedule");
    let begun = lab.now();
    let operation = lab.carry(plan).await;
    assert_eq!(operation.standing, Standing::Done, "{operation:#?}");
    assert_eq!((lab.status().as_str(), lab.state().as_str()), ("STOPPED", "Disabled"));
    assert!(lab.now() - begun >= TimeDelta::hours(2));
    let arrange = operation.of_steps().find(|(step, _)| matches!(step, Step::Arrange { .. })).unwrap().1;
    assert_eq!(arrange.standing, StepStanding::Skipped);
    assert!(arrange.words.contains("NOBODY stops the model"), "{}", arrange.words);
}

#[tokio::test]
async fn a_scheduler_that_cannot_be_reached_holds_up_no_emergency() {
    let lab = Lab::new("STOPPED", "Disabled").await;
    let plan = for_two_hours(&lab, true).await;
    lab.sim.faults().put("scheduler", "*", FaultKind::DroppedBefore, None);
    let begun = lab.now();
    let operation = lab.carry(plan).await;
    assert_eq!(operation.standing, Standing::Done, "{operation:#?}");
    let started = lab.writes().iter().find(|call| call.operation == "StartProjectVersion").unwrap().at;
    assert!(started - begun < TimeDelta::minutes(3), "after {}", started - begun);
    assert_eq!(lab.status(), "STOPPED", "and it was stopped by the program itself");
}

#[tokio::test]
async fn with_an_arranged_stop_nothing_is_held() {
    let lab = Lab::new("STOPPED", "Disabled").await;
    let plan = for_two_hours(&lab, true).await;
    let begun = lab.now();
    assert_eq!(lab.carry(plan).await.standing, Standing::Done);
    assert!(lab.now() - begun < TimeDelta::minutes(15));
    assert_eq!(lab.status(), "RUNNING");
}

#[tokio::test]
async fn without_scheduler_a_start_that_is_none_of_emergency_changes_nothing() {
    let lab = Lab::new("STOPPED", "Disabled").await;
    let plan = for_two_hours(&lab, false).await;
    lab.sim.faults().deny("scheduler", "CreateSchedule");
    let operation = lab.carry(plan).await;
    assert!(operation.standing.why().is_some_and(|why| why.contains("scheduler:CreateSchedule")), "{operation:#?}");
    assert_eq!(lab.status(), "STOPPED");
}

#[tokio::test]
async fn a_start_that_is_resumed_after_its_end_is_not_started_any_more() {
    let lab = Lab::new("STOPPED", "Disabled").await;
    let plan = for_two_hours(&lab, false).await;
    drop(lab.engine().begin(plan).await.unwrap());
    lab.pass(TimeDelta::hours(3));
    let id = lab.journal.unfinished().unwrap()[0].id.clone();
    let operation = lab.engine().resume(&id).await.unwrap().carry(|_| {}).await;
    assert!(operation.standing.why().is_some_and(|why| why.contains("has passed")), "{operation:#?}");
    assert_eq!(lab.written(), Vec::<String>::new());
}

#[tokio::test]
async fn two_operations_are_never_at_one_model() {
    let lab = Lab::new("STOPPED", "Disabled").await;
    let (first, second) = (for_two_hours(&lab, false).await, for_two_hours(&lab, false).await);
    let engine = lab.engine();
    let driver = engine.begin(first).await.unwrap();
    let refusal = engine.begin(second).await.unwrap_err();
    assert!(matches!(refusal, Refusal::Busy(_)));
    assert!(refusal.to_string().contains("rekotui resume"), "{refusal}");
    assert!(matches!(lab.engine().resume(&driver.operation().id).await, Err(Refusal::Elsewhere)));
}

#[tokio::test]
async fn nothing_is_written_where_nothing_may_be() {
    let lab = Lab::new("STOPPED", "Disabled").await;
    let plan = for_two_hours(&lab, true).await;
    drop(lab.engine().begin(plan.clone()).await.unwrap());
    let id = lab.journal.unfinished().unwrap()[0].id.clone();
    let reader = lab.reader();
    assert!(matches!(reader.begin(plan).await, Err(Refusal::ReadOnly)));
    assert!(matches!(reader.resume(&id).await, Err(Refusal::ReadOnly)));
    assert_eq!(lab.written(), Vec::<String>::new());
}
