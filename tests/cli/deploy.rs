//! `rekotui deploy` and `undeploy`: what is shown, what is made, what is left when it does not come to its end.

use std::collections::BTreeSet;

use rekotui::sim::scenario::FaultKind;

use super::served::{Served, workshop};
use crate::operations::lab::model;

const SPEED: f64 = 600.0;

/// The workshop, and a bucket with the functions' code.
fn account(status: &str) -> Served {
    account_at(status, SPEED)
}

fn account_at(status: &str, speed: f64) -> Served {
    let account = Served::new(&(workshop(status, "Disabled", 1) + "[[buckets]]\nname = \"code\"\n"), speed);
    account.sim.world().put_object("code", "f.zip", b"a zip".to_vec(), "application/zip").unwrap();
    account
}

const SCHEDULER: [&str; 4] = ["deploy", "scheduler", "--code", "s3://code/f.zip"];
const PIPELINE: [&str; 8] =
    ["deploy", "pipeline", "--code", "s3://code/f.zip", "--model", "logos/v3", "--images", "uploads"];

fn with<'a>(command: &[&'a str], more: &[&'a str]) -> Vec<&'a str> {
    [command, more].concat()
}

fn functions(account: &Served) -> BTreeSet<String> {
    let world = account.sim.world();
    world.functions.keys().filter(|name| name.starts_with("rekotui-")).cloned().collect()
}

/// The statuses of the stacks that are there.
fn stacks(account: &Served) -> Vec<String> {
    let ran = account.run(&["undeploy", "nothing"]);
    assert_eq!(ran.code(), 5, "{}", ran.said());
    let said = ran.said();
    let (_, names) = said.split_once("There are: ").unwrap_or_default();
    names.trim().trim_end_matches('.').split(", ").filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

#[test]
fn what_is_only_looked_at_leaves_nothing_behind() {
    let account = account("STOPPED");
    let ran = account.run(&with(&SCHEDULER, &["--dry-run"]));
    assert_eq!(ran.code(), 0, "{}", ran.said());
    assert!(ran.out().contains("Add    Startup (AWS::Lambda::Function)"), "{}", ran.out());
    assert!(ran.out().contains("The change set was taken back."), "{}", ran.out());
    // Nobody is there to say yes.
    let ran = account.run(&SCHEDULER);
    assert_eq!(ran.code(), 5, "{}", ran.said());
    assert_eq!((functions(&account).len(), stacks(&account)), (0, Vec::new()));
}

#[test]
fn a_second_time_there_is_nothing_to_do() {
    let account = account("STOPPED");
    let ran = account.run(&with(&SCHEDULER, &["--yes"]));
    assert_eq!(ran.code(), 0, "{}", ran.said());
    assert!(ran.out().contains("CREATE_COMPLETE") && ran.out().contains("StartupFunction"), "{}", ran.out());
    assert_eq!(functions(&account).len(), 2);
    let ran = account.run(&with(&SCHEDULER, &["--yes"]));
    assert_eq!(ran.code(), 0, "{}", ran.said());
    assert_eq!(account.journal().len(), 1, "nothing was begun: {}", ran.said());
}

#[test]
fn whoever_leaves_early_carries_it_on_later() {
    let account = account_at("STOPPED", 60.0);
    let ran = account.run(&with(&SCHEDULER, &["--yes", "--no-wait"]));
    assert_eq!(ran.code(), 7, "{}", ran.said());
    assert_eq!(account.journal()[0]["outcome"], "unfinished");
    let ran = account.run(&["resume", "--yes"]);
    assert_eq!(ran.code(), 0, "{}", ran.said());
    assert_eq!((account.journal()[0]["outcome"].as_str(), functions(&account).len()), (Some("done"), 2));
    let executed = account.sim.log().iter().filter(|call| call.operation == "ExecuteChangeSet").count();
    assert_eq!(executed, 1);
}

#[test]
fn an_answer_that_is_lost_is_settled_by_looking() {
    let account = account("STOPPED");
    account.sim.faults().put("cloudformation", "ExecuteChangeSet", FaultKind::DroppedAfter, Some(1));
    let ran = account.run(&with(&SCHEDULER, &["--yes"]));
    assert_eq!(ran.code(), 0, "{}", ran.said());
    assert_eq!(functions(&account).len(), 2);
}

#[test]
fn what_fails_is_told_with_its_cause_and_taken_back() {
    let account = account("STOPPED");
    account.sim.world().buckets.get_mut("code").unwrap().objects.clear();
    let ran = account.run(&with(&SCHEDULER, &["--yes"]));
    assert_eq!(ran.code(), 6, "{}", ran.said());
    let said = ran.said();
    assert!(said.contains("NoSuchKey") && said.contains("AWS::Lambda::Function"), "{said}");
    assert!(functions(&account).is_empty());
    // What CloudFormation leaves of it stands in the way, and it is said how to remove it.
    let ran = account.run(&with(&SCHEDULER, &["--yes"]));
    assert_eq!(ran.code(), 5, "{}", ran.said());
    assert!(ran.said().contains("undeploy rekotui-scheduler"), "{}", ran.said());
    assert_eq!(account.run(&["undeploy", "rekotui-scheduler", "--yes"]).code(), 0);
    assert!(stacks(&account).is_empty());
}

#[test]
fn code_that_lambda_could_not_start_is_not_uploaded() {
    let account = account("STOPPED");
    let path = account.home.path().join("functions.zip");
    std::fs::write(&path, "no zip").unwrap();
    let path = path.display().to_string();
    let ran = account.run(&["deploy", "scheduler", "--code", &path, "--bucket", "code", "--yes"]);
    assert_eq!(ran.code(), 2, "{}", ran.said());
    assert!(ran.err().contains("neither a zip nor a program for Linux"), "{}", ran.err());
    assert!(!account.sim.log().iter().any(|call| call.service == "cloudformation" || call.service == "s3"));
}

#[test]
fn the_template_and_the_same_as_commands_are_printed() {
    let account = account("STOPPED");
    let ran = account.run(&with(&PIPELINE, &["--print"]));
    assert_eq!(ran.code(), 0, "{}", ran.said());
    assert!(ran.out().contains("aws cloudformation") && ran.out().contains("AWS::Lambda::EventSourceMapping"));
    assert!(!account.sim.log().iter().any(|call| call.service == "cloudformation"));
}

#[test]
fn a_pipeline_that_is_taken_out_is_no_longer_switched() {
    let account = account("STOPPED");
    let ran = account.run(&with(&PIPELINE, &["--yes"]));
    assert_eq!(ran.code(), 0, "{}", ran.said());
    let own = |account: &Served| -> Option<String> {
        let world = account.sim.world();
        world.mappings.values().find(|one| one.function_arn.contains("rekotui-")).map(|one| one.uuid.clone())
    };
    let uuid = own(&account).expect("a mapping");
    let named = |account: &Served| {
        let world = account.sim.world();
        let inputs = world.schedules.values().filter_map(|one| one.target["Input"].as_str());
        inputs.filter(|input| input.contains(&uuid)).count()
    };
    assert_eq!(named(&account), 2, "its schedules switch it: {}", ran.said());
    account.sim.world().put_object("uploads", "a.jpg", b"x".to_vec(), "image/jpeg").expect("its bucket");
    let ran = account.run(&["undeploy", "rekotui-logos-v3", "--yes"]);
    assert_eq!(ran.code(), 0, "{}", ran.said());
    assert!(ran.out().contains("The bucket uploads stays"), "{}", ran.out());
    assert_eq!((own(&account), named(&account)), (None, 0), "{}", ran.said());
    assert!(account.sim.world().buckets["uploads"].objects.contains_key("a.jpg"));
}

#[test]
fn a_model_that_is_on_is_stopped_before_what_would_stop_it_goes() {
    let account = account("TRAINING_COMPLETED");
    {
        // Only what is deployed here starts and stops it.
        let mut world = account.sim.world();
        world.schedules.clear();
        world.rules.clear();
        world.functions.remove("startup");
        world.functions.remove("shutdown");
    }
    let windows = ["--model", "logos/v3", "--set", "Mon-Fri 09:00-17:00", "--yes"];
    let ran = account.run(&with(&SCHEDULER, &windows));
    assert_eq!(ran.code(), 0, "{}", ran.said());
    let ran = account.run(&["start", "logos/v3", "--no-stop", "--yes"]);
    assert_eq!(ran.code(), 0, "{}", ran.said());
    let before = account.state();
    let ran = account.run(&["undeploy", "rekotui-scheduler", "--dry-run"]);
    assert!(ran.out().contains("it is stopped first"), "{}", ran.said());
    assert_eq!((account.status().as_str(), account.state()), ("RUNNING", before));
    let ran = account.run(&["undeploy", "rekotui-scheduler", "--yes"]);
    assert_eq!(ran.code(), 0, "{}", ran.said());
    assert_eq!(account.status(), "STOPPED");
    let world = account.sim.world();
    assert!(world.schedules.is_empty() && world.models[&model().to_string()].status == "STOPPED");
    assert!(!world.functions.keys().any(|name| name.starts_with("rekotui-")));
}
