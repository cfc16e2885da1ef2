//! Rules: replaced without a loss.

use serde_json::{Value, json};

use super::{Lab, named};
use crate::aws::Replacing;
use crate::domain::schedule::{Kind, Schedule, Target};
use crate::domain::trouble::TroubleKind;

/// A rule with everything that one can have, beside the one of the workshop.
async fn full() -> (Lab, Schedule) {
    let lab = Lab::new().await;
    lab.ask("events", "PutRule", &everything());
    let before = read(&lab, "full").await;
    (lab, before)
}

fn everything() -> Value {
    json!({
        "Name": "full",
        "ScheduleExpression": "cron(0 7 ? * MON-FRI *)",
        "EventPattern": "{\"source\":[\"aws.s3\"]}",
        "State": "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS",
        "Description": "all of it",
        "RoleArn": "arn:aws:iam::123456789012:role/rules",
        "EventBusName": "default",
    })
}

async fn read(lab: &Lab, name: &str) -> Schedule {
    let found = lab.account.schedule_now(&named(Kind::Rule, "default", name)).await.unwrap().unwrap();
    lab.sim.clear_log();
    found
}

fn stored(lab: &Lab, name: &str) -> Value {
    lab.ask("events", "DescribeRule", &json!({ "Name": name }))
}

fn moved(before: &Schedule) -> Schedule {
    Schedule { expression: Some("cron(30 6 ? * MON-THU *)".into()), ..before.clone() }
}

#[tokio::test]
async fn a_rule_keeps_everything_but_what_is_changed() {
    let (lab, before) = full().await;
    let receipt = lab.account.replace_rule(&lab.permit, &before, &moved(&before)).await.unwrap();
    assert!(receipt.request_id.is_some());
    let [call] = &lab.calls("PutRule")[..] else { panic!("one call") };
    let mut expected = everything();
    expected["ScheduleExpression"] = "cron(30 6 ? * MON-THU *)".into();
    assert_eq!(call.input, expected);
    assert_eq!(read(&lab, "full").await, moved(&before));
    let now = moved(&before);
    let after = Schedule { enabled: false, state: "DISABLED".into(), description: None, ..now.clone() };
    lab.account.replace_rule(&lab.permit, &now, &after).await.unwrap();
    let told = stored(&lab, "full");
    assert_eq!((&told["State"], told.get("Description")), (&json!("DISABLED"), None));
    assert_eq!(read(&lab, "full").await, after);
}

#[tokio::test]
async fn the_targets_of_a_rule_stay() {
    let lab = Lab::new().await;
    let before = read(&lab, "morning").await;
    assert_eq!(before.targets.len(), 1);
    lab.account.replace_rule(&lab.permit, &before, &moved(&before)).await.unwrap();
    assert_eq!(read(&lab, "morning").await, moved(&before));
}

#[tokio::test]
async fn a_rule_that_changed_in_between_is_told_and_not_overwritten() {
    let (lab, before) = full().await;
    let changes: [(&str, Value); 4] = [
        ("Description", "mine".into()),
        ("RoleArn", "arn:aws:iam::123456789012:role/mine".into()),
        ("State", "DISABLED".into()),
        ("EventPattern", "{\"source\":[\"aws.ec2\"]}".into()),
    ];
    for (member, value) in changes {
        let mut input = everything();
        input[member] = value;
        lab.ask("events", "PutRule", &input);
        let refused = lab.account.replace_rule(&lab.permit, &before, &moved(&before)).await;
        let Err(Replacing::Changed(now)) = refused else { panic!("{member}: {refused:?}") };
        assert_eq!(lab.calls("PutRule").len(), 0, "{member}");
        assert_eq!(*now, read(&lab, "full").await);
        assert_ne!(*now, before);
    }
    let twice = read(&lab, "morning").await;
    lab.sim.world().rules.get_mut("morning").unwrap().targets.clear();
    let refused = lab.account.replace_rule(&lab.permit, &twice, &moved(&twice)).await;
    assert!(matches!(&refused, Err(Replacing::Changed(now)) if now.targets.is_empty()), "{refused:?}");
    lab.sim.world().rules.remove("full");
    let refused = lab.account.replace_rule(&lab.permit, &before, &moved(&before)).await;
    assert!(matches!(refused, Err(Replacing::Gone)), "{refused:?}");
    let mut pattern = everything();
    pattern.as_object_mut().unwrap().remove("ScheduleExpression");
    lab.ask("events", "PutRule", &pattern);
    let refused = lab.account.replace_rule(&lab.permit, &before, &moved(&before)).await;
    assert!(matches!(refused, Err(Replacing::Gone)), "it is no scheduled rule any more: {refused:?}");
    assert_eq!(lab.calls("PutRule").len(), 0);
}

#[tokio::test]
async fn what_nobody_knows_of_a_rule_is_not_lost() {
    let (lab, before) = full().await;
    lab.sim.faults().grow("events", "DescribeRule");
    assert_eq!(read(&lab, "full").await, before, "whoever only reads is not disturbed");
    let refused = lab.account.replace_rule(&lab.permit, &before, &moved(&before)).await;
    let Err(Replacing::Unknown(members)) = refused else { panic!("{refused:?}") };
    assert_eq!(members, ["Quux"]);
    assert_eq!(lab.calls("PutRule").len(), 0);
}

#[tokio::test]
async fn what_put_rule_cannot_do_is_not_sent() {
    let (lab, before) = full().await;
    let mistakes = [
        Schedule { role_arn: None, ..moved(&before) },
        Schedule { event_pattern: None, ..moved(&before) },
        Schedule { targets: vec![Target::default()], ..moved(&before) },
        Schedule { zone: Some("Europe/Berlin".into()), ..moved(&before) },
        Schedule { expression: None, ..before.clone() },
        Schedule { state: "PAUSED".into(), ..moved(&before) },
        Schedule { enabled: false, ..moved(&before) },
        Schedule { state: "DISABLED".into(), ..moved(&before) },
    ];
    for after in mistakes {
        let refused = lab.account.replace_rule(&lab.permit, &before, &after).await;
        assert!(matches!(&refused, Err(Replacing::Trouble(it)) if it.kind == TroubleKind::Invalid), "{refused:?}");
    }
    lab.sim.world().rules.get_mut("full").unwrap().managed_by = Some("autoscaling.amazonaws.com".into());
    let managed = read(&lab, "full").await;
    let refused = lab.account.replace_rule(&lab.permit, &managed, &moved(&managed)).await;
    let Err(Replacing::Trouble(trouble)) = refused else { panic!("{refused:?}") };
    assert!(trouble.detail.is_some_and(|detail| detail.contains("autoscaling.amazonaws.com")));
    let schedule = Schedule { kind: Kind::Schedule, ..before.clone() };
    let refused = lab.account.replace_rule(&lab.permit, &schedule, &moved(&schedule)).await;
    assert!(matches!(&refused, Err(Replacing::Trouble(it)) if it.kind == TroubleKind::Invalid), "{refused:?}");
    assert_eq!(lab.calls("PutRule").len(), 0);
}

#[tokio::test]
async fn a_rule_whose_answer_is_lost_or_that_is_refused_is_put_once() {
    let (lab, before) = full().await;
    lab.sim.faults().throttle("events", "PutRule", 1);
    let slow = lab.account.replace_rule(&lab.permit, &before, &moved(&before)).await;
    assert!(matches!(&slow, Err(Replacing::Trouble(it)) if it.kind == TroubleKind::Throttled), "{slow:?}");
    assert_eq!(lab.calls("PutRule").len(), 1);
    let wrong = Schedule { expression: Some("cron(0 7 * * 1-5)".into()), ..before.clone() };
    let refused = lab.account.replace_rule(&lab.permit, &before, &wrong).await;
    assert!(matches!(&refused, Err(Replacing::Trouble(it)) if it.kind == TroubleKind::Invalid), "{refused:?}");
    assert_eq!((lab.calls("PutRule").len(), read(&lab, "full").await), (1, before.clone()));
    lab.sim.faults().drop_after("events", "PutRule", 1);
    let lost = lab.account.replace_rule(&lab.permit, &before, &moved(&before)).await;
    assert!(matches!(&lost, Err(Replacing::Trouble(it)) if matches!(it.kind, TroubleKind::Unreachable(_))), "{lost:?}");
    assert_eq!(lab.calls("PutRule").len(), 1);
    assert_eq!(read(&lab, "full").await, moved(&before), "it took effect");
}
