//! `rekotui deploy` and `undeploy`: what is shown, what is made, what is left when it does not come to its end.

use std::collections::BTreeSet;

use rekotui::sim::scenario::FaultKind;
use rekotui::sim::world::bucket::Notice;

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
    let windows = ["--model", "logos/v3", "--set", "Mon-Fri 09:00-17:00", "--yes", "--no-wait"];
    let ran = account.run(&with(&SCHEDULER, &windows));
    assert_eq!(ran.code(), 7, "{}", ran.said());
    assert_eq!(account.journal()[0]["outcome"], "unfinished");
    let ran = account.run(&["resume", "--yes"]);
    assert_eq!(ran.code(), 0, "{}", ran.said());
    // What the deployment would have gone on with is not forgotten.
    let then = "After that comes: rekotui window logos/v3 --set 'Mon-Fri 09:00-17:00'";
    assert!(ran.out().contains(then), "{}", ran.out());
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
fn what_fails_before_cloudformation_has_begun_leaves_nothing_behind() {
    let account = account("STOPPED");
    let path = account.home.path().join("functions");
    std::fs::write(&path, b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0\x3e\0").unwrap();
    let path = path.display().to_string();
    let ran = account.run(&["deploy", "scheduler", "--code", &path, "--bucket", "nowhere", "--yes"]);
    assert_eq!(ran.code(), 6, "{}", ran.said());
    assert!(ran.said().contains("There is no bucket nowhere"), "{}", ran.said());
    assert!(account.sim.world().stacks.all.values().all(|stack| stack.status == "DELETE_COMPLETE"));
    let ran = account.run(&["deploy", "pipeline", "--code", "s3://code/f.zip", "--model", "logos/v3", "--yes"]);
    assert_eq!(ran.code(), 5, "{}", ran.said());
    assert!(ran.said().contains("--images"), "{}", ran.said());
}

#[test]
fn the_template_and_the_same_as_commands_are_printed() {
    let account = account("STOPPED");
    let ran = account.run(&with(&PIPELINE, &["--print"]));
    assert_eq!(ran.code(), 0, "{}", ran.said());
    assert!(ran.out().contains("aws cloudformation") && ran.out().contains("AWS::Lambda::EventSourceMapping"));
    assert!(!ran.out().contains("put-bucket-notification-configuration"), "the stack makes the bucket");
    with_bucket(&account, ".csv");
    let ran = account.run(&with(&PIPELINE, &["--print"]));
    assert!(ran.out().contains("CreateBucket=false"), "{}", ran.out());
    assert!(ran.out().contains("aws s3api put-bucket-notification-configuration --bucket uploads"), "{}", ran.out());
    let writes = ["CreateChangeSet", "PutBucketNotificationConfiguration"];
    assert!(!account.sim.log().iter().any(|call| writes.contains(&call.operation.as_str())));
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

/// Whom a bucket tells.
fn told(account: &Served, bucket: &str) -> BTreeSet<String> {
    account.sim.world().buckets[bucket].notices.iter().map(|notice| notice.to.clone()).collect()
}

const QUEUE: &str = "arn:aws:sqs:eu-central-1:123456789012:rekotui-logos-v3-images";

/// A bucket that is there already, and tells the function `startup` of some keys.
fn with_bucket(account: &Served, suffix: &str) -> String {
    let mut world = account.sim.world();
    let to = world.functions["startup"].arn.clone();
    let bucket = world.buckets.entry("uploads".into()).or_default();
    bucket.tells_event_bridge = true;
    bucket.notices = vec![Notice {
        id: "lists".into(),
        to: to.clone(),
        events: vec!["s3:ObjectCreated:*".into()],
        prefix: "in/".into(),
        suffix: suffix.into(),
    }];
    to
}

#[test]
fn a_bucket_that_is_there_already_is_used_and_tells_everybody_else_as_before() {
    let account = account("STOPPED");
    let other = with_bucket(&account, ".csv");
    // Somebody's function that is gone by now must not keep the others from being told.
    account.sim.world().functions.remove("startup");
    let before = account.sim.world().buckets["uploads"].notices.clone();
    let ran = account.run(&with(&PIPELINE, &["--dry-run"]));
    assert_eq!(ran.code(), 0, "{}", ran.said());
    let stays = "What else it tells stays: the function startup, of keys under in/ that end in .csv; EventBridge";
    assert!(ran.out().contains(stays), "{}", ran.out());
    assert!(!ran.out().contains("AWS::S3::Bucket"), "it is not made: {}", ran.out());
    let ran = account.run(&with(&PIPELINE, &["--yes"]));
    assert_eq!(ran.code(), 0, "{}", ran.said());
    assert_eq!(told(&account, "uploads"), [other.clone(), QUEUE.into()].into());
    assert!(account.sim.world().buckets["uploads"].tells_event_bridge);
    let begun = account.journal().len();
    // Once more, and nothing is to be done; not even where somebody has chosen other keys meanwhile.
    let keep = |kept: fn(&Notice) -> bool| {
        account.sim.world().buckets.get_mut("uploads").unwrap().notices.retain(kept);
    };
    keep(|notice| notice.is_for_function() || notice.suffix == ".png");
    let ran = account.run(&with(&PIPELINE, &["--yes"]));
    assert_eq!((ran.code(), account.journal().len()), (0, begun), "{}", ran.said());
    // What was put in the way of it is put back, and nothing else is done.
    keep(Notice::is_for_function);
    let ran = account.run(&with(&PIPELINE, &["--yes"]));
    assert_eq!((ran.code(), account.journal().len()), (0, begun + 1), "{}", ran.said());
    assert!(ran.out().contains("Its bucket is not.") && told(&account, "uploads").contains(QUEUE), "{}", ran.said());
    let ran = account.run(&["undeploy", "rekotui-logos-v3", "--yes"]);
    assert_eq!(ran.code(), 0, "{}", ran.said());
    assert!(ran.out().contains("The bucket uploads stays"), "{}", ran.out());
    let world = account.sim.world();
    assert_eq!((&world.buckets["uploads"].notices, world.buckets["uploads"].tells_event_bridge), (&before, true));
}

#[test]
fn a_bucket_that_a_pipeline_has_left_behind_is_used_again() {
    let account = account("STOPPED");
    for _ in 0..2 {
        let ran = account.run(&with(&PIPELINE, &["--yes"]));
        assert_eq!(ran.code(), 0, "{}", ran.said());
        assert_eq!(told(&account, "uploads"), [QUEUE.to_owned()].into());
        let ran = account.run(&["undeploy", "rekotui-logos-v3", "--yes"]);
        assert_eq!(ran.code(), 0, "{}", ran.said());
        assert!(told(&account, "uploads").is_empty(), "it tells a queue that is gone: {}", ran.said());
    }
}

#[test]
fn a_bucket_that_tells_somebody_else_of_images_is_left_alone() {
    let account = account("STOPPED");
    with_bucket(&account, ".jpg");
    let ran = account.run(&with(&PIPELINE, &["--yes"]));
    assert_eq!(ran.code(), 5, "{}", ran.said());
    let why =
        "The bucket uploads tells the function startup, of keys under in/ that end in .jpg, and S3 tells of an object";
    assert!(ran.said().contains(why), "{}", ran.said());
    assert!(stacks(&account).is_empty(), "nothing is left of it");
}

#[test]
fn a_bucket_that_somebody_changes_while_the_stack_is_made_keeps_that_change() {
    let account = account_at("STOPPED", 60.0);
    let other = with_bucket(&account, ".csv");
    account.sim.faults().put("s3", "PutBucketNotificationConfiguration", FaultKind::DroppedAfter, Some(1));
    let ran = account.run(&with(&PIPELINE, &["--yes", "--no-wait"]));
    assert_eq!(ran.code(), 7, "{}", ran.said());
    with_bucket(&account, ".txt");
    let ran = account.run(&["resume", "--yes"]);
    assert_eq!(ran.code(), 0, "{}", ran.said());
    assert_eq!(told(&account, "uploads"), [other, QUEUE.into()].into());
    let world = account.sim.world();
    let notices = &world.buckets["uploads"].notices;
    assert!(notices.iter().any(|notice| notice.suffix == ".txt"), "{notices:?}");
    assert_eq!(notices.len(), 7, "each line once: {notices:?}");
}

#[test]
fn images_may_move_to_another_bucket_and_results_go_where_the_function_may_write() {
    let account = account("STOPPED");
    let ran = account.run(&with(&PIPELINE, &["--yes"]));
    assert_eq!(ran.code(), 0, "{}", ran.said());
    account.sim.world().buckets.entry("elsewhere".into()).or_default();
    let moved = ["deploy", "pipeline", "--model", "logos/v3", "--images", "elsewhere", "--output", "s3://results/v3"];
    let ran = account.run(&with(&moved, &["--yes"]));
    assert_eq!(ran.code(), 0, "{}", ran.said());
    assert!(ran.out().contains("Remove Bucket (AWS::S3::Bucket, which stays by itself)"), "{}", ran.out());
    assert!(ran.out().contains("The bucket uploads stays"), "{}", ran.out());
    assert_eq!((told(&account, "uploads"), told(&account, "elsewhere")), (BTreeSet::new(), [QUEUE.to_owned()].into()));
    let world = account.sim.world();
    let stack = world.stacks.all.values().next().unwrap();
    assert_eq!(stack.plan.as_ref().unwrap().values["OutputBucket"], "results");
}

#[test]
fn a_week_that_cannot_be_is_refused_before_anything_is_made() {
    let account = account("STOPPED");
    let ran = account.run(&with(&SCHEDULER, &["--model", "logos/v3", "--set", "Mon-Fri 8-", "--yes"]));
    assert_eq!(ran.code(), 2, "{}", ran.said());
    assert!(ran.err().contains("are no hours"), "{}", ran.err());
    assert!(!account.sim.log().iter().any(|call| call.service == "cloudformation"));
}

#[test]
fn a_start_by_hand_arranges_its_end_with_what_was_deployed() {
    let account = account("TRAINING_COMPLETED");
    {
        let mut world = account.sim.world();
        world.schedules.clear();
        world.rules.clear();
        world.functions.remove("startup");
        world.functions.remove("shutdown");
    }
    let ran = account.run(&["start", "logos/v3", "--for", "2h", "--yes"]);
    assert_eq!(ran.code(), 5, "{}", ran.said());
    assert!(ran.said().contains("rekotui deploy scheduler"), "{}", ran.said());
    let ran = account.run(&with(&SCHEDULER, &["--yes"]));
    assert_eq!(ran.code(), 0, "{}", ran.said());
    // The model has no windows yet.
    let ran = account.run(&["start", "logos/v3", "--for", "2h", "--yes"]);
    assert_eq!(ran.code(), 0, "{}", ran.said());
    let world = account.sim.world();
    let stop = world.schedules.values().next().expect("an automatic stop");
    assert_eq!(stop.group, "rekotui-scheduler");
    assert!(stop.target["Arn"].as_str().unwrap().ends_with("rekotui-scheduler-shutdown"), "{:?}", stop.target);
}

#[test]
fn what_cloudformation_finds_in_the_way_is_told_and_nothing_is_left() {
    let account = account("STOPPED");
    {
        let mut world = account.sim.world();
        let function = world.functions["startup"].clone();
        world.functions.insert("rekotui-scheduler-startup".into(), function);
    }
    let ran = account.run(&with(&SCHEDULER, &["--yes"]));
    assert_eq!(ran.code(), 5, "{}", ran.said());
    let why =
        "Startup: Resource of type 'AWS::Lambda::Function' with identifier 'rekotui-scheduler-startup' already exists.";
    assert!(ran.said().contains(why), "{}", ran.said());
    assert!(stacks(&account).is_empty());
    let name = "a".repeat(60);
    let ran = account.run(&with(&SCHEDULER, &["--stack", &name, "--yes"]));
    assert_eq!(ran.code(), 2, "{}", ran.said());
    assert!(ran.err().contains("leaves 55 characters"), "{}", ran.err());
}

#[test]
fn a_stack_that_is_protected_is_left_alone_with_everything_in_it() {
    let account = account("STOPPED");
    let ran = account.run(&with(&PIPELINE, &["--yes"]));
    assert_eq!(ran.code(), 0, "{}", ran.said());
    account.sim.world().stacks.all.values_mut().for_each(|stack| stack.protected = true);
    let ran = account.run(&["undeploy", "rekotui-logos-v3", "--yes"]);
    assert_eq!(ran.code(), 5, "{}", ran.said());
    assert!(ran.said().contains("--no-enable-termination-protection"), "{}", ran.said());
    assert_eq!(told(&account, "uploads"), [QUEUE.to_owned()].into());
}

#[test]
fn a_pipeline_is_not_given_to_another_model_by_its_name() {
    let account = account("STOPPED");
    let ran = account.run(&with(&PIPELINE, &["--yes"]));
    assert_eq!(ran.code(), 0, "{}", ran.said());
    let other = "arn:aws:rekognition:eu-central-1:123456789012:project/logos/version/v2/1";
    let asked = format!("ModelArn={other}");
    let more = ["--parameter", asked.as_str(), "--dry-run"];
    let ran = account.run(&with(&PIPELINE, &more));
    assert_eq!(ran.code(), 5, "{}", ran.said());
    assert!(ran.said().contains("is there already, for logos v3."), "{}", ran.said());
    let ran = account.run(&with(&PIPELINE, &with(&more, &["--stack", "rekotui-logos-v3"])));
    assert_eq!(ran.code(), 0, "{}", ran.said());
    assert!(ran.out().contains("!! From now on logos v2 looks at the images"), "{}", ran.out());
}

#[test]
fn a_change_leaves_the_mapping_on_and_the_tags_that_others_have_given() {
    let account = account("TRAINING_COMPLETED");
    account.sim.world().mappings.clear();
    let ran = account.run(&with(&PIPELINE, &["--yes"]));
    assert_eq!(ran.code(), 0, "{}", ran.said());
    let ran = account.run(&["start", "logos/v3", "--no-stop", "--yes"]);
    assert_eq!(ran.code(), 0, "{}", ran.said());
    for stack in account.sim.world().stacks.all.values_mut() {
        let plan = stack.plan.as_mut().unwrap();
        plan.tags.push(("CostCenter".into(), "7".into()));
    }
    let ran = account.run(&with(&PIPELINE, &["--parameter", "BatchSize=5", "--yes"]));
    assert_eq!(ran.code(), 0, "{}", ran.said());
    assert!(ran.out().contains("is on. Its change disables it"), "{}", ran.out());
    let world = account.sim.world();
    let mapping = world.mappings.values().next().unwrap();
    assert_eq!(mapping.state, "Enabled", "{}", ran.said());
    let stack = world.stacks.all.values().next().unwrap();
    assert!(stack.plan.as_ref().unwrap().tags.contains(&("CostCenter".into(), "7".into())));
}

#[test]
fn a_bucket_that_may_not_be_looked_at_is_not_guessed_about() {
    let account = account("STOPPED");
    account.sim.faults().put("s3", "GetBucketNotificationConfiguration", FaultKind::Denied, None);
    let ran = account.run(&with(&PIPELINE, &["--yes"]));
    assert_eq!(ran.code(), 1, "{}", ran.said());
    assert!(ran.err().contains("s3:GetBucketNotification"), "{}", ran.err());
    let ran = account.run(&with(&PIPELINE, &["--parameter", "CreateBucket=true", "--yes"]));
    assert_eq!(ran.code(), 0, "whoever says what is wanted needs no look: {}", ran.said());
}

/// A second model, of another project.
const SECOND: &str = r#"
[[projects]]
name = "gears"
created = "2026-01-01T00:00:00Z"

[[models]]
project = "gears"
version = "v1"
created = "2026-01-01T00:00:00Z"
status = "STOPPED"
start_minutes = [1, 1]
stop_minutes = [1, 1]
"#;

#[test]
fn all_models_that_a_stack_has_started_and_stopped_are_left_stopped() {
    let scenario = workshop("STOPPED", "Disabled", 1) + "[[buckets]]\nname = \"code\"\n" + SECOND;
    let account = Served::new(&scenario, SPEED);
    {
        let mut world = account.sim.world();
        world.put_object("code", "f.zip", b"a zip".to_vec(), "application/zip").unwrap();
        world.schedules.clear();
        world.rules.clear();
        world.functions.remove("startup");
        world.functions.remove("shutdown");
    }
    let ran = account.run(&with(&SCHEDULER, &["--model", "logos/v3", "--set", "Mon-Fri 09:00-17:00", "--yes"]));
    assert_eq!(ran.code(), 0, "{}", ran.said());
    let ran = account.run(&["window", "gears/v1", "--set", "Mon-Fri 09:00-17:00", "--yes"]);
    assert_eq!(ran.code(), 0, "{}", ran.said());
    // One is off, the other one on; and somebody starts the first while the stack is being deleted.
    let ran = account.run(&["start", "gears/v1", "--no-stop", "--yes"]);
    assert_eq!(ran.code(), 0, "{}", ran.said());
    let ran = account.run(&["undeploy", "rekotui-scheduler", "--yes", "--no-wait"]);
    assert_eq!(ran.code(), 7, "{}", ran.said());
    let input = serde_json::json!({ "ProjectVersionArn": model().as_str(), "MinInferenceUnits": 1 });
    account.sim.call("rekognition", "StartProjectVersion", &input).outcome.unwrap();
    let ran = account.run(&["resume", "--yes"]);
    assert_eq!(ran.code(), 0, "{}", ran.said());
    let statuses: BTreeSet<String> =
        account.sim.world().models.values().map(|model| model.status.to_string()).collect();
    assert_eq!(statuses, ["STOPPED".to_owned()].into(), "{}", ran.said());
}

#[test]
fn a_model_that_nothing_would_feed_any_more_is_stopped_first() {
    let account = account("TRAINING_COMPLETED");
    {
        // Its only mapping is the one that is deployed here.
        let mut world = account.sim.world();
        world.mappings.clear();
    }
    let ran = account.run(&with(&PIPELINE, &["--yes"]));
    assert_eq!(ran.code(), 0, "{}", ran.said());
    let ran = account.run(&["start", "logos/v3", "--no-stop", "--yes"]);
    assert_eq!(ran.code(), 0, "{}", ran.said());
    let ran = account.run(&["undeploy", "rekotui-logos-v3", "--yes"]);
    assert_eq!(ran.code(), 0, "{}", ran.said());
    let out = ran.out();
    assert!(out.contains("logos v3 is on, and nothing would feed it any more: it is stopped first."), "{out}");
    assert!(out.contains("starts logos v3 again") && out.contains("has nothing to look at"), "{out}");
    assert_eq!(out.matches(". Disable the mapping").count(), 1, "not a second time for its stack: {out}");
    assert_eq!((account.status().as_str(), account.sim.world().mappings.len()), ("STOPPED", 0));
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
