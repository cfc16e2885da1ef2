//! Schedules: created, replaced without a loss, deleted.

use serde_json::{Value, json};

use super::{Lab, named};
use crate::aws::Replacing;
use crate::domain::schedule::{Kind, Schedule, Target};
use crate::domain::trouble::TroubleKind;

const ROLE: &str = "arn:aws:iam::123456789012:role/scheduler";

/// One target of each templated kind, with everything that it can have, and a plain one.
fn targets() -> Vec<(&'static str, Value)> {
    let ecs = json!({
        "TaskDefinitionArn": "arn:aws:ecs:eu-central-1:123456789012:task-definition/t:1",
        "TaskCount": 3,
        "LaunchType": "FARGATE",
        "NetworkConfiguration": { "awsvpcConfiguration": {
            "Subnets": ["subnet-1", "subnet-2"], "SecurityGroups": ["sg-1"], "AssignPublicIp": "ENABLED"
        } },
        "PlatformVersion": "1.4.0",
        "Group": "vision",
        "CapacityProviderStrategy": [{ "capacityProvider": "FARGATE_SPOT", "weight": 2, "base": 1 }],
        "EnableECSManagedTags": true,
        "EnableExecuteCommand": false,
        "PlacementConstraints": [{ "type": "memberOf", "expression": "attribute:ecs.os-type == linux" }],
        "PlacementStrategy": [{ "type": "spread", "field": "host" }],
        "PropagateTags": "TASK_DEFINITION",
        "ReferenceId": "reference",
        "Tags": [{ "team": "vision", "stage": "prod" }, { "cost": "1" }],
    });
    let pipeline = json!({ "PipelineParameterList": [{ "Name": "a", "Value": "1" }, { "Name": "b", "Value": "2" }] });
    let place = |service: &str, rest: &str| format!("arn:aws:{service}:eu-central-1:123456789012:{rest}");
    vec![
        ("plain", json!({ "Arn": place("lambda", "function:startup:live"), "Input": "{\"action\":\"start\"}" })),
        ("ecs", json!({ "Arn": place("ecs", "cluster/c"), "EcsParameters": ecs, "Input": "{}" })),
        ("kinesis", json!({ "Arn": place("kinesis", "stream/s"), "KinesisParameters": { "PartitionKey": "p" } })),
        ("sqs", json!({ "Arn": place("sqs", "q.fifo"), "SqsParameters": { "MessageGroupId": "g" }, "Input": "text" })),
        (
            "bus",
            json!({
                "Arn": place("events", "event-bus/b"),
                "EventBridgeParameters": { "DetailType": "d", "Source": "s" },
                "Input": "{}",
            }),
        ),
        ("pipeline", json!({ "Arn": place("sagemaker", "pipeline/p"), "SageMakerPipelineParameters": pipeline })),
    ]
}

/// Creates a schedule with every optional field, around a target.
fn put(lab: &Lab, name: &str, mut target: Value) {
    let common = json!({
        "RoleArn": ROLE,
        "RetryPolicy": { "MaximumEventAgeInSeconds": 3600, "MaximumRetryAttempts": 0 },
        "DeadLetterConfig": { "Arn": "arn:aws:sqs:eu-central-1:123456789012:lost" },
    });
    for (key, value) in common.as_object().unwrap() {
        target[key] = value.clone();
    }
    let input = json!({
        "Name": name,
        "GroupName": "models",
        "ScheduleExpression": "cron(30 7 ? * MON-FRI *)",
        "ScheduleExpressionTimezone": "Europe/Berlin",
        "StartDate": 1_795_000_000.125,
        "EndDate": 1_826_000_000.5,
        "Description": "all of it",
        "State": "ENABLED",
        "KmsKeyArn": "arn:aws:kms:eu-central-1:123456789012:key/one",
        "ActionAfterCompletion": "DELETE",
        "FlexibleTimeWindow": { "Mode": "FLEXIBLE", "MaximumWindowInMinutes": 15 },
        "Target": target,
    });
    lab.ask("scheduler", "CreateSchedule", &input);
}

fn stored(lab: &Lab, name: &str) -> Value {
    lab.ask("scheduler", "GetSchedule", &json!({ "Name": name, "GroupName": "models" }))
}

async fn read(lab: &Lab, name: &str) -> Schedule {
    let found = lab.account.schedule_now(&named(Kind::Schedule, "models", name)).await.unwrap().unwrap();
    lab.sim.clear_log();
    found
}

fn switched(schedule: &Schedule, enabled: bool) -> Schedule {
    let state = if enabled { "ENABLED" } else { "DISABLED" };
    Schedule { enabled, state: state.into(), ..schedule.clone() }
}

fn without_time(mut stored: Value) -> Value {
    stored.as_object_mut().unwrap().remove("LastModificationDate");
    stored
}

#[tokio::test]
async fn a_schedule_keeps_everything_through_a_pause() {
    let lab = Lab::new().await;
    for (name, target) in targets() {
        put(&lab, name, target);
        let original = stored(&lab, name);
        let before = read(&lab, name).await;
        let receipt = lab.account.replace_schedule(&lab.permit, &before, &switched(&before, false), name).await;
        assert!(receipt.unwrap().request_id.is_some());
        let [call] = &lab.calls("UpdateSchedule")[..] else { panic!("one call") };
        assert_eq!(call.input["ClientToken"], name);
        let mut expected = without_time(original.clone());
        expected["State"] = "DISABLED".into();
        assert_eq!(without_time(stored(&lab, name)), expected, "{name}");
        let paused = read(&lab, name).await;
        lab.account
            .replace_schedule(&lab.permit, &paused, &switched(&paused, true), &format!("{name}-2"))
            .await
            .unwrap();
        assert_eq!(without_time(stored(&lab, name)), without_time(original), "{name}");
    }
}

#[tokio::test]
async fn an_edit_changes_what_it_says() {
    let lab = Lab::new().await;
    put(&lab, "plain", targets()[0].1.clone());
    let original = stored(&lab, "plain");
    let before = read(&lab, "plain").await;
    let target = Target { input: Some("{\"action\":\"stop\"}".into()), ..before.targets[0].clone() };
    let after = Schedule {
        expression: Some("cron(0 18 ? * * *)".into()),
        zone: Some("America/New_York".into()),
        start: None,
        end: None,
        flexible_minutes: None,
        description: None,
        targets: vec![target],
        ..before.clone()
    };
    lab.account.replace_schedule(&lab.permit, &before, &after, "one").await.unwrap();
    let mut expected = without_time(original);
    expected["ScheduleExpression"] = "cron(0 18 ? * * *)".into();
    expected["ScheduleExpressionTimezone"] = "America/New_York".into();
    expected["FlexibleTimeWindow"] = json!({ "Mode": "OFF" });
    expected["Target"]["Input"] = "{\"action\":\"stop\"}".into();
    for gone in ["StartDate", "EndDate", "Description"] {
        expected.as_object_mut().unwrap().remove(gone);
    }
    assert_eq!(without_time(stored(&lab, "plain")), expected);
}

#[tokio::test]
async fn what_changed_in_between_is_told_and_not_overwritten() {
    let lab = Lab::new().await;
    put(&lab, "plain", targets()[0].1.clone());
    let before = read(&lab, "plain").await;
    let mut changed = stored(&lab, "plain");
    for member in ["Arn", "CreationDate", "LastModificationDate"] {
        changed.as_object_mut().unwrap().remove(member);
    }
    lab.ask("scheduler", "UpdateSchedule", &changed);
    let refused = lab.account.replace_schedule(&lab.permit, &before, &switched(&before, false), "one").await;
    let Err(Replacing::Changed(now)) = refused else { panic!("{refused:?}") };
    assert_ne!(now.modified, before.modified, "saved again as it was, but by somebody");
    assert_eq!(Schedule { modified: before.modified, ..*now.clone() }, before);
    changed["Description"] = "mine".into();
    lab.ask("scheduler", "UpdateSchedule", &changed);
    let refused = lab.account.replace_schedule(&lab.permit, &now, &switched(&now, false), "one").await;
    let Err(Replacing::Changed(now)) = refused else { panic!("{refused:?}") };
    assert_eq!(now.description.as_deref(), Some("mine"));
    assert_eq!(lab.calls("UpdateSchedule").len(), 0);
    lab.ask("scheduler", "DeleteSchedule", &json!({ "Name": "plain", "GroupName": "models" }));
    let refused = lab.account.replace_schedule(&lab.permit, &now, &switched(&now, false), "one").await;
    assert!(matches!(refused, Err(Replacing::Gone)), "{refused:?}");
    assert_eq!(lab.calls("UpdateSchedule").len(), 0);
}

#[tokio::test]
async fn what_nobody_knows_is_not_truncated() {
    let lab = Lab::new().await;
    put(&lab, "plain", targets()[0].1.clone());
    let before = read(&lab, "plain").await;
    lab.sim.faults().grow("scheduler", "GetSchedule");
    assert_eq!(read(&lab, "plain").await, before, "whoever only reads is not disturbed");
    let refused = lab.account.replace_schedule(&lab.permit, &before, &switched(&before, false), "one").await;
    let Err(Replacing::Unknown(members)) = refused else { panic!("{refused:?}") };
    assert_eq!(members, ["Quux", "Target.Quux"]);
    assert_eq!(lab.calls("UpdateSchedule").len(), 0);
}

#[tokio::test]
async fn a_change_of_more_than_can_be_changed_is_a_mistake_of_ours() {
    let lab = Lab::new().await;
    put(&lab, "plain", targets()[0].1.clone());
    let before = read(&lab, "plain").await;
    let elsewhere = Target { arn: "arn:aws:lambda:eu-central-1:1:function:x".into(), ..before.targets[0].clone() };
    let mistakes = [
        Schedule { kms_key_arn: None, ..before.clone() },
        Schedule { deletes_itself: false, ..before.clone() },
        Schedule { targets: vec![elsewhere], ..before.clone() },
        Schedule { targets: Vec::new(), ..before.clone() },
    ];
    for after in mistakes {
        let refused = lab.account.replace_schedule(&lab.permit, &before, &after, "one").await;
        assert!(matches!(&refused, Err(Replacing::Trouble(it)) if it.kind == TroubleKind::Invalid), "{refused:?}");
    }
    assert_eq!(lab.calls("UpdateSchedule").len(), 0);
}

#[tokio::test]
async fn a_replacement_whose_answer_is_lost_or_that_is_refused_is_not_repeated() {
    let lab = Lab::new().await;
    put(&lab, "plain", targets()[0].1.clone());
    let before = read(&lab, "plain").await;
    lab.sim.faults().throttle("scheduler", "UpdateSchedule", 1);
    let slow = lab.account.replace_schedule(&lab.permit, &before, &switched(&before, false), "one").await;
    assert!(matches!(&slow, Err(Replacing::Trouble(it)) if it.kind == TroubleKind::Throttled), "{slow:?}");
    assert_eq!(lab.calls("UpdateSchedule").len(), 1);
    lab.sim.faults().drop_after("scheduler", "UpdateSchedule", 1);
    let lost = lab.account.replace_schedule(&lab.permit, &before, &switched(&before, false), "one").await;
    assert!(matches!(&lost, Err(Replacing::Trouble(it)) if matches!(it.kind, TroubleKind::Unreachable(_))), "{lost:?}");
    assert_eq!(lab.calls("UpdateSchedule").len(), 1);
    assert!(!read(&lab, "plain").await.enabled, "it took effect");
}

fn automatic_stop() -> Schedule {
    Schedule {
        expression: Some("at(2026-11-16T17:00:00)".into()),
        zone: Some("Europe/Berlin".into()),
        enabled: false,
        state: "DISABLED".into(),
        start: Some("2026-11-16T06:00:00Z".parse().unwrap()),
        end: Some("2027-11-16T06:00:00Z".parse().unwrap()),
        flexible_minutes: Some(5),
        description: Some("the end of a start by hand".into()),
        deletes_itself: true,
        kms_key_arn: Some("arn:aws:kms:eu-central-1:123456789012:key/one".into()),
        targets: vec![Target {
            arn: "arn:aws:lambda:eu-central-1:123456789012:function:startup".into(),
            role_arn: Some(ROLE.into()),
            input: Some("{\"action\":\"stop\"}".into()),
            max_event_age_seconds: Some(600),
            max_retries: Some(3),
            dead_letter_arn: Some("arn:aws:sqs:eu-central-1:123456789012:lost".into()),
            ..Target::default()
        }],
        ..named(Kind::Schedule, "models", "stop")
    }
}

#[tokio::test]
async fn a_schedule_is_created_whole_and_once() {
    let lab = Lab::new().await;
    let stop = automatic_stop();
    lab.sim.faults().drop_after("scheduler", "CreateSchedule", 1);
    let lost = lab.account.create_schedule(&lab.permit, &stop, "one").await.unwrap_err();
    assert!(matches!(lost.kind, TroubleKind::Unreachable(_)), "{lost:?}");
    assert_eq!(lab.calls("CreateSchedule").len(), 1);
    let made = read(&lab, "stop").await;
    let known = Schedule { arn: made.arn.clone(), created: made.created, modified: made.modified, ..stop.clone() };
    assert_eq!(made, known);
    lab.account.create_schedule(&lab.permit, &stop, "one").await.unwrap();
    assert_eq!(read(&lab, "stop").await, made, "the same creation again");
    let other = lab.account.create_schedule(&lab.permit, &stop, "two").await.unwrap_err();
    assert_eq!(other.kind, TroubleKind::Conflict);
}

#[tokio::test]
async fn what_cannot_be_created_is_not_sent() {
    let lab = Lab::new().await;
    let stop = automatic_stop();
    let parameters = [("SqsParameters".to_owned(), json!({ "MessageGroupId": "g" }))].into();
    let mistakes = [
        Schedule { expression: None, ..stop.clone() },
        Schedule { targets: Vec::new(), ..stop.clone() },
        Schedule { targets: vec![Target { parameters, ..stop.targets[0].clone() }], ..stop.clone() },
        Schedule { targets: vec![Target { role_arn: None, ..stop.targets[0].clone() }], ..stop.clone() },
        Schedule { kind: Kind::Rule, ..stop.clone() },
    ];
    for mistake in mistakes {
        let refused = lab.account.create_schedule(&lab.permit, &mistake, "one").await.unwrap_err();
        assert_eq!(refused.kind, TroubleKind::Invalid, "{refused:?}");
    }
    assert_eq!(lab.calls("CreateSchedule").len(), 0);
}

#[tokio::test]
async fn one_that_is_gone_is_deleted() {
    let lab = Lab::new().await;
    put(&lab, "plain", targets()[0].1.clone());
    let schedule = read(&lab, "plain").await;
    lab.sim.faults().drop_after("scheduler", "DeleteSchedule", 1);
    lab.account.delete_schedule(&lab.permit, &schedule, "one").await.unwrap_err();
    let [call] = &lab.calls("DeleteSchedule")[..] else { panic!("one call") };
    assert_eq!(call.input, json!({ "Name": "plain", "GroupName": "models", "ClientToken": "one" }));
    assert_eq!(lab.account.schedule_now(&schedule).await.unwrap(), None);
    let receipt = lab.account.delete_schedule(&lab.permit, &schedule, "one").await.unwrap();
    assert!(receipt.request_id.is_some());
}

#[tokio::test]
async fn only_what_was_seen_is_deleted() {
    let lab = Lab::new().await;
    put(&lab, "plain", targets()[0].1.clone());
    let before = read(&lab, "plain").await;
    let mut changed = stored(&lab, "plain");
    for member in ["Arn", "CreationDate", "LastModificationDate"] {
        changed.as_object_mut().unwrap().remove(member);
    }
    changed["Target"]["Input"] = "{\"action\":\"stop\"}".into();
    lab.ask("scheduler", "UpdateSchedule", &changed);
    let refused = lab.account.delete_seen_schedule(&lab.permit, &before, "one").await;
    let Err(Replacing::Changed(now)) = refused else { panic!("{refused:?}") };
    assert_eq!(now.targets[0].input.as_deref(), Some("{\"action\":\"stop\"}"));
    assert_eq!(lab.calls("DeleteSchedule").len(), 0);
    lab.sim.faults().grow("scheduler", "GetSchedule");
    let receipt = lab.account.delete_seen_schedule(&lab.permit, &now, "two").await.unwrap();
    assert!(receipt.request_id.is_some(), "whatever else it may have");
    let [call] = &lab.calls("DeleteSchedule")[..] else { panic!("one call") };
    assert_eq!(call.input, json!({ "Name": "plain", "GroupName": "models", "ClientToken": "two" }));
    lab.account.delete_seen_schedule(&lab.permit, &now, "three").await.unwrap();
    assert_eq!(lab.calls("DeleteSchedule").len(), 0, "it was gone already");
}

#[tokio::test]
async fn a_deletion_of_what_was_seen_is_tried_once() {
    let lab = Lab::new().await;
    put(&lab, "plain", targets()[0].1.clone());
    let before = read(&lab, "plain").await;
    lab.sim.faults().throttle("scheduler", "DeleteSchedule", 1);
    let slow = lab.account.delete_seen_schedule(&lab.permit, &before, "one").await;
    assert!(matches!(&slow, Err(Replacing::Trouble(it)) if it.kind == TroubleKind::Throttled), "{slow:?}");
    lab.sim.faults().drop_after("scheduler", "DeleteSchedule", 1);
    let lost = lab.account.delete_seen_schedule(&lab.permit, &before, "one").await;
    assert!(matches!(&lost, Err(Replacing::Trouble(it)) if matches!(it.kind, TroubleKind::Unreachable(_))), "{lost:?}");
    assert_eq!(lab.calls("DeleteSchedule").len(), 2);
    assert_eq!(lab.account.schedule_now(&before).await.unwrap(), None, "it took effect");
}

#[tokio::test]
async fn a_rule_and_a_schedule_of_one_name_are_not_mistaken_for_each_other() {
    let lab = Lab::new().await;
    let rule = lab.account.schedule_now(&named(Kind::Rule, "default", "morning")).await.unwrap().unwrap();
    let twin = Schedule { name: "morning".into(), group: "default".into(), ..automatic_stop() };
    lab.account.create_schedule(&lab.permit, &twin, "one").await.unwrap();
    lab.sim.clear_log();
    let refused = lab.account.delete_schedule(&lab.permit, &rule, "two").await.unwrap_err();
    assert_eq!(refused.kind, TroubleKind::Invalid);
    let refused = lab.account.delete_seen_schedule(&lab.permit, &rule, "two").await;
    assert!(matches!(&refused, Err(Replacing::Trouble(it)) if it.kind == TroubleKind::Invalid), "{refused:?}");
    let refused = lab.account.switch_rule(&lab.permit, &twin, false).await.unwrap_err();
    assert_eq!(refused.kind, TroubleKind::Invalid);
    let refused = lab.account.replace_schedule(&lab.permit, &rule, &switched(&rule, false), "two").await;
    assert!(matches!(&refused, Err(Replacing::Trouble(it)) if it.kind == TroubleKind::Invalid), "{refused:?}");
    assert_eq!(lab.sim.log().len(), 0);
}
