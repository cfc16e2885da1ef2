//! Calls that go wrong on purpose, and what the account remembers of them.

use std::time::Duration;

use rekotui::sim::scenario::FaultKind;
use serde_json::json;

use super::bench::{Bench, PARTS, UUID, code, message};

#[tokio::test]
async fn a_denied_call_names_who_may_not_do_what() {
    let bench = Bench::new("", PARTS);
    bench.sim.faults().deny("scheduler", "ListSchedules");
    let refused = bench.scheduler().list_schedules().send().await;
    let text = message(refused);
    let expected = "User: arn:aws:iam::123456789012:user/demo is not authorized to perform: scheduler:ListSchedules";
    assert!(text.starts_with(expected), "{text}");
    assert_eq!(code(bench.scheduler().list_schedules().send().await), "AccessDeniedException");
    bench.scheduler().list_schedule_groups().send().await.expect("other calls are allowed");
    bench.lambda().list_event_source_mappings().send().await.expect("and other services");
}

#[tokio::test]
async fn an_expired_session_can_do_nothing_until_it_is_renewed() {
    let bench = Bench::new("", PARTS);
    bench.sim.faults().expire();
    assert_eq!(code(bench.rekognition().describe_projects().send().await), "ExpiredTokenException");
    assert_eq!(code(bench.lambda().list_event_source_mappings().send().await), "ExpiredTokenException");
    assert_eq!(code(bench.events().list_rules().send().await), "ExpiredTokenException");
    bench.sim.faults().clear();
    bench.rekognition().describe_projects().send().await.expect("renewed");
}

#[tokio::test]
async fn throttling_passes_and_has_the_words_of_each_service() {
    let bench = Bench::new("", PARTS);
    for service in ["rekognition", "lambda", "scheduler", "events"] {
        bench.sim.faults().throttle(service, "*", 1);
    }
    assert_eq!(code(bench.rekognition().describe_projects().send().await), "ProvisionedThroughputExceededException");
    assert_eq!(code(bench.lambda().list_event_source_mappings().send().await), "TooManyRequestsException");
    assert_eq!(code(bench.scheduler().list_schedules().send().await), "ThrottlingException");
    assert_eq!(code(bench.events().list_rules().send().await), "ThrottlingException");
    bench.rekognition().describe_projects().send().await.expect("once was enough");
}

#[tokio::test]
async fn a_call_that_is_lost_before_it_takes_effect_did_not_and_one_lost_after_did() {
    let bench = Bench::new("", PARTS);
    let client = bench.lambda();
    let enable = || client.update_event_source_mapping().uuid(UUID).enabled(true).send();
    let state = || bench.sim.world().mappings[UUID].state.clone();
    bench.sim.faults().drop_before("lambda", "UpdateEventSourceMapping", 1);
    let lost = enable().await.expect_err("no answer");
    assert_eq!((lost.as_service_error().is_none(), state().as_str()), (true, "Disabled"));
    bench.sim.faults().drop_after("lambda", "UpdateEventSourceMapping", 1);
    let lost = enable().await.expect_err("no answer");
    assert_eq!((lost.as_service_error().is_none(), state().as_str()), (true, "Enabling"));
    let kinds: Vec<_> = bench.sim.log().iter().map(|call| call.mishap).collect();
    assert_eq!(kinds, [Some(FaultKind::DroppedBefore), Some(FaultKind::DroppedAfter)]);
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_no_answer() {
    let bench = Bench::new("", PARTS);
    bench.sim.faults().truncate("scheduler", "ListScheduleGroups", 1);
    let client = bench.scheduler();
    assert!(client.list_schedule_groups().send().await.is_err_and(|error| error.as_service_error().is_none()));
    client.list_schedule_groups().send().await.expect("the next one is whole");
}

#[test]
fn the_log_has_every_call_with_its_time_and_outcome() {
    let bench = Bench::new("", PARTS);
    bench.sim.faults().slow("lambda", "GetEventSourceMapping", Duration::from_secs(3));
    let reply = bench.sim.call("lambda", "GetEventSourceMapping", &json!({ "UUID": UUID }));
    assert_eq!(reply.mishap.map(|mishap| mishap.delay), Some(Duration::from_secs(3)));
    bench.step(90);
    drop(bench.sim.call("lambda", "GetEventSourceMapping", &json!({ "UUID": "none" })));
    let log = bench.sim.log();
    let told: Vec<_> =
        log.iter().map(|call| (call.operation.as_str(), call.error.as_ref().map(|fault| fault.code()))).collect();
    let operation = "GetEventSourceMapping";
    assert_eq!(told, [(operation, None), (operation, Some("ResourceNotFoundException"))]);
    assert_eq!((log[1].at - log[0].at).num_seconds(), 90);
    assert_eq!(log[0].input, json!({ "UUID": UUID }));
    bench.sim.clear_log();
    assert_eq!(bench.sim.log(), []);
}

#[tokio::test]
async fn a_scenario_can_begin_with_faults() {
    let faults = "[[faults]]\nservice = \"lambda\"\nkind = \"denied\"\n";
    let bench = Bench::new("", &format!("{PARTS}{faults}"));
    assert_eq!(code(bench.lambda().list_event_source_mappings().send().await), "AccessDeniedException");
}
