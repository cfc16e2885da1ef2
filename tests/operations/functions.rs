//! Functions: what is counted of them, and tests that only look.

use chrono::TimeDelta;
use rekotui::domain::functions::{Check, Counts, Used, checks, used};
use rekotui::lambda::{Event, Shift, shutdown, startup};
use rekotui::operation::Manner;
use serde_json::Value;

use super::lab::{Lab, UUID, model};

async fn found(lab: &Lab, name: &str) -> (Used, Vec<Check>) {
    let gathered = lab.look().await;
    let used = used(&gathered.fleet, &gathered.picture).into_iter().find(|used| used.name() == name).unwrap();
    let checks = checks(&gathered.fleet, &used);
    (used, checks)
}

/// What of the account may have changed, whatever it is.
fn state(lab: &Lab) -> (String, String, usize) {
    (lab.status(), lab.state(), lab.sim.world().schedules.len())
}

#[tokio::test]
async fn a_function_of_ours_tells_what_it_would_start_and_starts_nothing() {
    for (name, schedules) in [("startup", 2), ("shutdown", 1)] {
        let lab = Lab::ours("STOPPED", "Disabled", "").await;
        let before = state(&lab);
        let (used, checks) = found(&lab, name).await;
        assert_eq!((used.version.as_deref(), used.schedules.len()), (Some("0.1.0"), schedules));
        for check in &checks {
            let answer = lab.engine().check(check).await.unwrap();
            assert!(answer.is_good(), "{answer:?}");
            let sentence = answer.sentence();
            assert!(sentence.contains("0.1.0 sees logos v3 STOPPED"), "{sentence}");
            let body: Value = serde_json::from_str(&answer.body).unwrap();
            assert_eq!(body["model"], model().as_str());
        }
        lab.pass(TimeDelta::minutes(20));
        assert_eq!(state(&lab), before);
    }
}

#[tokio::test]
async fn the_mappings_of_the_schedule_are_looked_at_as_well() {
    let lab = Lab::ours("RUNNING", "Enabled", "").await;
    let (_, checks) = found(&lab, "shutdown").await;
    let answer = lab.engine().check(&checks[0]).await.unwrap();
    let told = format!("Version 0.1.0 sees logos v3 RUNNING, mapping {UUID} Enabled.");
    assert_eq!(answer.sentence(), told);
    lab.sim.world().mappings.remove(UUID);
    let answer = lab.engine().check(&checks[0]).await.unwrap();
    assert!(!answer.is_good() && answer.error.is_some(), "{answer:?}");
    assert!(
        answer.sentence().contains(&format!("The mapping {UUID} does not exist any more")),
        "{}",
        answer.sentence()
    );
}

#[tokio::test]
async fn the_simulated_function_answers_what_the_real_one_does() {
    for (status, state) in [("STOPPED", "Disabled"), ("RUNNING", "Enabled")] {
        let lab = Lab::ours(status, state, "").await;
        for (name, action) in [("startup", "start"), ("shutdown", "stop")] {
            let (_, checks) = found(&lab, name).await;
            let simulated = lab.engine().check(&checks[0]).await.unwrap();
            let event = Event::read(&serde_json::from_str(&checks[0].payload).unwrap(), action, |_| None).unwrap();
            let manner = Manner { read_only: true, wait: lab.waiting() };
            let shift = Shift { manner, ..lab.shift(TimeDelta::minutes(15)) };
            let real = match action {
                "start" => startup(&event, &shift, &|_: &Value| {}).await.unwrap(),
                _ => shutdown(&event, &shift, &|_: &Value| {}).await.unwrap(),
            };
            let mut simulated: Value = serde_json::from_str(&simulated.body).unwrap();
            // Which version it is its environment says.
            simulated["version"] = real["version"].clone();
            assert_eq!(simulated, real);
        }
    }
}

#[tokio::test]
async fn a_function_that_is_none_of_ours_is_never_invoked() {
    let lab = Lab::with("STOPPED", "Disabled", "").await;
    let (used, checks) = found(&lab, "startup").await;
    assert_eq!((used.version_word(), used.testable().is_err()), ("unknown", true));
    let refused = lab.engine().check(&checks[0]).await.unwrap_err();
    assert!(refused.contains("no REKOTUI_VERSION"), "{refused}");
    // It may have been another one a moment ago.
    let lab = Lab::ours("STOPPED", "Disabled", "").await;
    let (_, checks) = found(&lab, "startup").await;
    lab.sim.world().functions.get_mut("startup").unwrap().environment.remove("REKOTUI_VERSION");
    assert!(lab.engine().check(&checks[0]).await.is_err());
    let (_, checks) = found(&lab, "inference").await;
    let refused = lab.engine().check(&checks[0]).await.unwrap_err();
    assert!(refused.contains("works on images"), "{refused}");
    assert!(lab.sim.world().invocations.is_empty());
}

#[tokio::test]
async fn a_session_that_may_not_write_may_not_invoke() {
    let lab = Lab::ours("STOPPED", "Disabled", "").await;
    let (_, checks) = found(&lab, "startup").await;
    let refused = lab.reader().check(&checks[0]).await.unwrap_err();
    assert!(refused.contains("read-only"), "{refused}");
    assert!(lab.sim.world().invocations.is_empty());
}

#[tokio::test]
async fn a_missing_permission_is_told_by_its_name() {
    let denied = "[[faults]]\nservice = \"lambda\"\noperation = \"Invoke\"\nkind = \"denied\"\n";
    let lab = Lab::ours("STOPPED", "Disabled", denied).await;
    let (_, checks) = found(&lab, "startup").await;
    let refused = lab.engine().check(&checks[0]).await.unwrap_err();
    assert!(refused.contains("the permission lambda:InvokeFunction is missing"), "{refused}");
}

#[tokio::test]
async fn invocations_and_errors_of_a_day_are_counted_in_one_call() {
    let lab = Lab::ours("STOPPED", "Disabled", "").await;
    let names = ["inference", "shutdown", "startup"];
    assert_eq!(lab.account().function_counts(&names).await.unwrap(), [None, None, None]);
    let (_, checks) = found(&lab, "startup").await;
    for _ in 0..3 {
        lab.engine().check(&checks[0]).await.unwrap();
    }
    lab.sim.world().mappings.remove(UUID);
    lab.engine().check(&checks[0]).await.unwrap();
    lab.pass(TimeDelta::minutes(10));
    let asked = || lab.sim.log().iter().filter(|call| call.operation == "GetMetricData").count();
    let before = asked();
    let counts = lab.account().function_counts(&names).await.unwrap();
    let startup = Counts { invocations: 4, errors: 1, throttles: 0 };
    assert_eq!(counts, [None, None, Some(startup)]);
    assert_eq!(asked() - before, 1);
    lab.pass(TimeDelta::hours(25));
    // What schedules invoked meanwhile is another matter: it is Saturday.
    assert_eq!(lab.account().function_counts(&["startup"]).await.unwrap(), [None], "a day later it is forgotten");
}
