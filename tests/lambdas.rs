//! The functions that schedules invoke, against the simulated account: what they do once, what twice, and what they leave to
//! the next invocation.

mod inference;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use chrono::TimeDelta;
use rekotui::lambda::{Event, Failure, Shift, shutdown, startup};
use rekotui::operation::Wait;
use rekotui::sim::account::Sim;
use rekotui::sim::scenario::FaultKind;
use serde_json::{Value, json};

use super::operations::lab::{Lab, UUID, model};

/// Lambda ends a function after this long at most.
const QUARTER: TimeDelta = TimeDelta::minutes(15);

fn event(action: &str) -> Event {
    let input = json!({ "action": action, "model": model().as_str(), "mappings": [UUID], "min_inference_units": 2 });
    Event::read(&input, action, |_| None).unwrap()
}

/// What an invocation answers, and the lines that it logs.
async fn invoke(lab: &Lab, action: &str, time: TimeDelta) -> (Result<Value, Failure>, Vec<Value>) {
    invoke_by(lab.shift(time), action).await
}

async fn invoke_by(shift: Shift, action: &str) -> (Result<Value, Failure>, Vec<Value>) {
    let lines = Arc::new(Mutex::new(Vec::new()));
    let kept = lines.clone();
    let log = move |line: &Value| kept.lock().unwrap().push(line.clone());
    let answer = match action {
        "start" => startup(&event(action), &shift, &log).await,
        _ => shutdown(&event(action), &shift, &log).await,
    };
    let lines = lines.lock().unwrap().clone();
    (answer, lines)
}

fn calls(lab: &Lab, operation: &str) -> usize {
    lab.sim.log().iter().filter(|call| call.operation == operation && call.error.is_none()).count()
}

#[tokio::test]
async fn in_the_morning_the_model_runs_before_its_mapping_is_enabled() {
    let lab = Lab::new("STOPPED", "Disabled").await;
    let (answer, lines) = invoke(&lab, "start", QUARTER).await;
    assert_eq!(answer.unwrap()["outcome"], "done");
    assert_eq!((lab.status().as_str(), lab.state().as_str()), ("RUNNING", "Enabled"));
    let log = lab.sim.log();
    let enabled = log.iter().find(|call| call.operation == "UpdateEventSourceMapping").unwrap();
    assert_eq!(enabled.input["Enabled"], true);
    let started = log.iter().find(|call| call.operation == "StartProjectVersion").unwrap();
    assert_eq!(started.input["MinInferenceUnits"], 2);
    // A line for the begin and one for the end of each of four steps, and how it ended.
    assert_eq!(lines.len(), 9, "{lines:#?}");
    assert_eq!(lines[8]["outcome"], "done");
    for line in &lines[..8] {
        assert!(line["step"].is_string() && line["state"].is_string() && line["model"] == model().as_str(), "{line}");
    }
}

#[tokio::test]
async fn in_the_evening_the_mapping_is_disabled_and_drained_before_the_model_stops() {
    let lab = Lab::new("RUNNING", "Enabled").await;
    lab.pass(TimeDelta::minutes(1));
    let (answer, lines) = invoke(&lab, "stop", QUARTER).await;
    answer.unwrap();
    assert_eq!((lab.status().as_str(), lab.state().as_str()), ("STOPPED", "Disabled"));
    let ended: Vec<&str> =
        lines.iter().filter(|line| line["state"] == "done").filter_map(|line| line["step"].as_str()).collect();
    let place = |words: &str| ended.iter().position(|step| step.contains(words)).unwrap_or_else(|| panic!("{ended:?}"));
    assert!(place("Disabled") < place("in flight") && place("in flight") < place("StopProjectVersion"), "{ended:?}");
}

#[tokio::test]
async fn an_event_that_comes_twice_does_nothing_twice() {
    let lab = Lab::new("STOPPED", "Disabled").await;
    for _ in 0..2 {
        invoke(&lab, "start", QUARTER).await.0.unwrap();
    }
    assert_eq!((calls(&lab, "StartProjectVersion"), calls(&lab, "UpdateEventSourceMapping")), (1, 1));
    for _ in 0..2 {
        invoke(&lab, "stop", QUARTER).await.0.unwrap();
    }
    assert_eq!((calls(&lab, "StopProjectVersion"), calls(&lab, "UpdateEventSourceMapping")), (1, 2));
}

#[tokio::test]
async fn two_invocations_at_once_start_it_once() {
    let lab = Lab::new("STOPPED", "Disabled").await;
    let (one, other) = tokio::join!(invoke(&lab, "start", QUARTER), invoke(&lab, "start", QUARTER));
    one.0.unwrap();
    other.0.unwrap();
    assert_eq!((lab.status().as_str(), lab.state().as_str()), ("RUNNING", "Enabled"));
    assert_eq!(calls(&lab, "StartProjectVersion"), 1);
}

#[tokio::test]
async fn a_model_that_runs_already_gets_its_mapping_enabled() {
    let lab = Lab::new("RUNNING", "Disabled").await;
    invoke(&lab, "start", QUARTER).await.0.unwrap();
    assert_eq!((lab.state().as_str(), calls(&lab, "StartProjectVersion")), ("Enabled", 0));
}

#[tokio::test]
async fn a_start_that_outlasts_its_invocation_goes_on_in_the_next() {
    let lab = Lab::new("STOPPED", "Disabled").await;
    // A start takes nine minutes here, and each invocation has four.
    let mut ended = Vec::new();
    for _ in 0..3 {
        let (answer, lines) = invoke(&lab, "start", TimeDelta::minutes(4)).await;
        if let Err(failure) = &answer {
            assert_eq!(failure.kind(), "StillStarting", "{failure}");
            assert_eq!(lines.last().unwrap()["outcome"], "StillStarting");
            assert_eq!(lab.state(), "Disabled", "nothing is enabled before it runs");
        }
        ended.push(answer.is_ok());
    }
    assert_eq!(ended, [false, false, true]);
    assert_eq!((lab.status().as_str(), lab.state().as_str()), ("RUNNING", "Enabled"));
    assert_eq!(calls(&lab, "StartProjectVersion"), 1);
}

/// Does something after each wait.
fn meanwhile(lab: &Lab, act: impl Fn(&Sim) + Send + Sync + 'static) -> Wait {
    let (wait, sim, act) = (lab.waiting(), lab.sim.clone(), Arc::new(act));
    Arc::new(move |span| {
        let (waited, sim, act) = (wait(span), sim.clone(), act.clone());
        Box::pin(async move {
            waited.await;
            act(&sim);
        })
    })
}

/// Somebody calls this of Rekognition about the model as soon as it has this status, once.
fn as_soon_as(status: &'static str, operation: &'static str) -> impl Fn(&Sim) + Send + Sync {
    let done = AtomicBool::new(false);
    move |sim| {
        let there = sim.world().models[&model().to_string()].status == status;
        if there && !done.swap(true, Ordering::Relaxed) {
            let mut input = json!({ "ProjectVersionArn": model().as_str() });
            if operation.starts_with("Start") {
                input["MinInferenceUnits"] = 1.into();
            }
            sim.call("rekognition", operation, &input).outcome.unwrap();
        }
    }
}

#[tokio::test]
async fn a_stop_that_meets_a_start_leaves_no_mapping_on() {
    let lab = Lab::new("STOPPED", "Disabled").await;
    let (first, started) = (AtomicBool::new(true), Arc::new(AtomicBool::new(false)));
    let input = json!({ "ProjectVersionArn": model().as_str(), "MinInferenceUnits": 1 });
    lab.sim.call("rekognition", "StartProjectVersion", &input).outcome.unwrap();
    let mut shift = lab.shift(QUARTER);
    let enabled = started.clone();
    // As soon as it runs, whoever has started it enables its mapping, just before it is stopped.
    shift.manner.wait = meanwhile(&lab, move |sim| {
        let runs = sim.world().models[&model().to_string()].status == "RUNNING";
        if runs && first.swap(false, Ordering::Relaxed) {
            let on = json!({ "UUID": UUID, "Enabled": true });
            enabled.store(sim.call("lambda", "UpdateEventSourceMapping", &on).outcome.is_ok(), Ordering::Relaxed);
        }
    });
    let (answer, _) = invoke_by(shift, "stop").await;
    assert_eq!(answer.unwrap()["outcome"], "done");
    assert!(started.load(Ordering::Relaxed), "the mapping was enabled in between");
    assert_eq!((lab.status().as_str(), lab.state().as_str()), ("STOPPED", "Disabled"));
}

#[tokio::test]
async fn a_queue_that_nobody_answers_for_does_not_keep_a_model_running() {
    let lab = Lab::new("RUNNING", "Enabled").await;
    lab.pass(TimeDelta::minutes(1));
    lab.sim.faults().put("sqs", "GetQueueAttributes", FaultKind::Throttled, None);
    let (answer, _) = invoke(&lab, "stop", QUARTER).await;
    assert_eq!(answer.unwrap()["outcome"], "done");
    assert_eq!(lab.status(), "STOPPED");
}

#[tokio::test]
async fn a_few_minutes_without_rekognition_do_not_use_up_the_retries() {
    let lab = Lab::new("RUNNING", "Enabled").await;
    lab.pass(TimeDelta::minutes(1));
    lab.sim.faults().put("rekognition", "DescribeProjects", FaultKind::Throttled, Some(12));
    let (answer, _) = invoke(&lab, "stop", QUARTER).await;
    assert_eq!(answer.unwrap()["outcome"], "done");
    assert_eq!(lab.status(), "STOPPED");
}

#[tokio::test]
async fn a_mapping_that_is_gone_does_not_keep_the_others_off() {
    let lab = Lab::new("STOPPED", "Disabled").await;
    let gone = "00000000-0000-4000-8000-000000000000";
    let input = json!({ "action": "start", "model": model().as_str(), "mappings": [gone, UUID] });
    let event = Event::read(&input, "start", |_| None).unwrap();
    let failure = startup(&event, &lab.shift(QUARTER), &|_: &Value| {}).await.unwrap_err();
    assert!(failure.to_string().contains(gone) && failure.to_string().contains("--take-mappings"), "{failure}");
    assert_eq!((lab.status().as_str(), lab.state().as_str()), ("RUNNING", "Enabled"));
}

#[tokio::test]
async fn a_model_that_somebody_stops_while_it_starts_is_not_started_again() {
    let lab = Lab::new("STOPPED", "Disabled").await;
    let mut shift = lab.shift(QUARTER);
    shift.manner.wait = meanwhile(&lab, as_soon_as("RUNNING", "StopProjectVersion"));
    let (answer, lines) = invoke_by(shift, "start").await;
    // No error, or Lambda would invoke it again, and that would start it.
    assert_eq!(answer.unwrap()["outcome"], "overtaken");
    assert_eq!(lines.last().unwrap()["outcome"], "overtaken");
    lab.pass(TimeDelta::minutes(30));
    assert_eq!((lab.status().as_str(), lab.state().as_str()), ("STOPPED", "Disabled"));
    // The same between two invocations for one event; the next event is another one.
    let shift = lab.shift(TimeDelta::minutes(4));
    let memory = shift.memory.clone();
    assert_eq!(invoke_by(shift, "start").await.0.unwrap_err().kind(), "StillStarting");
    lab.pass(TimeDelta::minutes(6));
    as_soon_as("RUNNING", "StopProjectVersion")(&lab.sim);
    lab.pass(TimeDelta::minutes(5));
    let again = |request: &str| Shift { request: request.into(), memory: memory.clone(), ..lab.shift(QUARTER) };
    assert_eq!(invoke_by(again("one"), "start").await.0.unwrap()["outcome"], "overtaken");
    assert_eq!(lab.status(), "STOPPED");
    assert_eq!(invoke_by(again("two"), "start").await.0.unwrap()["outcome"], "done");
    assert_eq!(lab.status(), "RUNNING");
}

#[tokio::test]
async fn a_model_that_somebody_starts_while_it_stops_is_not_stopped_again() {
    let lab = Lab::new("RUNNING", "Enabled").await;
    lab.pass(TimeDelta::minutes(1));
    let mut shift = lab.shift(QUARTER);
    shift.manner.wait = meanwhile(&lab, as_soon_as("STOPPED", "StartProjectVersion"));
    let (answer, _) = invoke_by(shift, "stop").await;
    assert_eq!(answer.unwrap()["outcome"], "overtaken");
    lab.pass(TimeDelta::minutes(30));
    assert_eq!(lab.status(), "RUNNING");
}

#[tokio::test]
async fn an_invocation_ends_before_lambda_ends_it() {
    let lab = Lab::new("STOPPED", "Disabled").await;
    let deadline = lab.now() + TimeDelta::minutes(4);
    invoke(&lab, "start", TimeDelta::minutes(4)).await.0.unwrap_err();
    assert!(lab.now() <= deadline - TimeDelta::seconds(20), "{} of {deadline}", lab.now());
}

#[tokio::test]
async fn a_lost_answer_is_settled_by_looking() {
    let lab = Lab::new("STOPPED", "Disabled").await;
    lab.sim.faults().drop_after("rekognition", "StartProjectVersion", 1);
    invoke(&lab, "start", QUARTER).await.0.unwrap();
    assert_eq!((lab.status().as_str(), lab.state().as_str()), ("RUNNING", "Enabled"));
}

#[tokio::test]
async fn a_mapping_in_transition_is_waited_for() {
    let lab = Lab::new("RUNNING", "Enabled").await;
    // Somebody has just switched it off.
    let off = json!({ "UUID": UUID, "Enabled": false });
    lab.sim.call("lambda", "UpdateEventSourceMapping", &off).outcome.unwrap();
    assert_eq!(lab.state(), "Disabling");
    invoke(&lab, "start", QUARTER).await.0.unwrap();
    assert_eq!(lab.state(), "Enabled");
}

#[tokio::test]
async fn what_cannot_be_done_says_so_and_enables_nothing() {
    let lab = Lab::with("STOPPED", "Disabled", "").await;
    lab.sim.faults().put("rekognition", "StartProjectVersion", FaultKind::Denied, None);
    let (answer, lines) = invoke(&lab, "start", QUARTER).await;
    let failure = answer.unwrap_err();
    assert_eq!(failure.kind(), "Failed");
    assert!(failure.to_string().contains("rekognition:StartProjectVersion"), "{failure}");
    assert_eq!(lab.state(), "Disabled");
    assert!(lines.iter().any(|line| line["state"] == "failed"), "{lines:#?}");
}

#[tokio::test]
async fn a_model_that_is_gone_is_named() {
    let lab = Lab::new("STOPPED", "Disabled").await;
    let other = model().as_str().replace("/logos/", "/nothing/");
    let event = Event::read(&json!({ "model": other }), "start", |_| None).unwrap();
    let shift = lab.shift(QUARTER);
    let failure = startup(&event, &shift, &|_: &Value| {}).await.unwrap_err();
    assert!(failure.to_string().contains("nothing v3") && failure.to_string().contains("Input"), "{failure}");
}

#[tokio::test]
async fn units_come_from_the_event_or_from_what_the_model_had() {
    let lab = Lab::new("STOPPED", "Disabled").await;
    let event = Event::read(&json!({ "model": model().as_str() }), "start", |_| None).unwrap();
    let shift = lab.shift(QUARTER);
    startup(&event, &shift, &|_: &Value| {}).await.unwrap();
    let log = lab.sim.log();
    let started = log.iter().find(|call| call.operation == "StartProjectVersion").unwrap();
    assert_eq!(started.input["MinInferenceUnits"], 2, "as it is configured");
}
