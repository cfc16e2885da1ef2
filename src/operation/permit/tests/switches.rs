//! Models, mappings and rules.

use serde_json::json;

use super::{Lab, PROJECT, UUID, named};
use crate::domain::mapping::MappingState;
use crate::domain::model::Status;
use crate::domain::schedule::Kind;
use crate::domain::trouble::TroubleKind;

#[tokio::test]
async fn a_model_is_started_and_stopped() {
    let lab = Lab::new().await;
    let model = lab.model("parts", "v1");
    let receipt = lab.account.start_model(&lab.permit, &model, 2, Some(4)).await.unwrap();
    assert!(receipt.request_id.is_some());
    let [call] = &lab.calls("StartProjectVersion")[..] else { panic!("one call") };
    let asked = json!({ "ProjectVersionArn": model.as_str(), "MinInferenceUnits": 2, "MaxInferenceUnits": 4 });
    assert_eq!(call.input, asked);
    let now = lab.account.model_now(&model, PROJECT).await.unwrap().unwrap();
    assert_eq!((now.status, now.min_units, now.max_units), (Status::Starting, Some(2), Some(4)));
    let refused = lab.account.stop_model(&lab.permit, &model).await.unwrap_err();
    assert_eq!(refused.kind, TroubleKind::Conflict);
    lab.step(30 * 60);
    let running = lab.account.running_models().await.unwrap();
    assert_eq!(running.iter().map(|one| &one.arn).collect::<Vec<_>>(), [&model]);
    lab.account.stop_model(&lab.permit, &model).await.unwrap();
    assert_eq!(lab.account.model_now(&model, PROJECT).await.unwrap().unwrap().status, Status::Stopping);
    let other = "arn:aws:rekognition:eu-central-1:123456789012:project/parts/version/v1/1".parse().unwrap();
    assert_eq!(lab.account.model_now(&other, PROJECT).await.unwrap(), None, "another of the same name");
}

#[tokio::test]
async fn a_start_without_most_units_sends_none() {
    let lab = Lab::new().await;
    let model = lab.model("parts", "v1");
    lab.account.start_model(&lab.permit, &model, 1, None).await.unwrap();
    let asked = json!({ "ProjectVersionArn": model.as_str(), "MinInferenceUnits": 1 });
    assert_eq!(lab.calls("StartProjectVersion")[0].input, asked);
}

#[tokio::test]
async fn a_quota_is_told_at_once_and_in_the_words_of_aws() {
    let lab = Lab::new().await;
    lab.account.start_model(&lab.permit, &lab.model("parts", "v1"), 1, None).await.unwrap();
    lab.sim.clear_log();
    let refused = lab.account.start_model(&lab.permit, &lab.model("bolts", "v1"), 1, None).await.unwrap_err();
    assert_eq!(refused.kind, TroubleKind::LimitExceeded);
    assert!(refused.detail.as_deref().is_some_and(|detail| detail.contains("Maximum limit: 1")), "{refused:?}");
    assert!(refused.request_id.is_some());
    assert_eq!(lab.calls("StartProjectVersion").len(), 1);
}

#[tokio::test]
async fn a_start_whose_answer_is_lost_or_that_comes_too_often_is_not_repeated() {
    let lab = Lab::new().await;
    let model = lab.model("parts", "v1");
    let faults = lab.sim.faults();
    for (kind, fault) in [("throttled", 0), ("before", 1), ("internal", 2), ("after", 3)] {
        match fault {
            0 => faults.throttle("rekognition", "StartProjectVersion", 1),
            1 => faults.drop_before("rekognition", "StartProjectVersion", 1),
            2 => faults.fail("rekognition", "StartProjectVersion", 1),
            _ => faults.drop_after("rekognition", "StartProjectVersion", 1),
        }
        let lost = lab.account.start_model(&lab.permit, &model, 1, None).await.unwrap_err();
        let expected = match fault {
            0 => lost.kind == TroubleKind::Throttled,
            2 => lost.kind == TroubleKind::ServiceFault,
            _ => matches!(lost.kind, TroubleKind::Unreachable(_)),
        };
        assert!(expected, "{kind}: {lost:?}");
        assert_eq!(lab.calls("StartProjectVersion").len(), 1, "{kind}");
        let on = lab.account.model_now(&model, PROJECT).await.unwrap().unwrap().status == Status::Starting;
        assert_eq!(on, kind == "after", "{kind}: reading tells");
    }
}

#[tokio::test]
async fn reads_are_still_tried_again() {
    let lab = Lab::new().await;
    lab.sim.faults().throttle("rekognition", "DescribeProjectVersions", 2);
    let model = lab.model("parts", "v1");
    lab.account.model_now(&model, PROJECT).await.unwrap().unwrap();
    assert_eq!(lab.calls("DescribeProjectVersions").len(), 3);
}

#[tokio::test]
async fn a_mapping_is_switched_and_nothing_else_of_it_touched() {
    let lab = Lab::new().await;
    let before = lab.account.mapping_now(UUID).await.unwrap().unwrap();
    lab.account.switch_mapping(&lab.permit, UUID, true).await.unwrap();
    let [call] = &lab.calls("UpdateEventSourceMapping")[..] else { panic!("one call") };
    assert_eq!(call.input, json!({ "UUID": UUID, "Enabled": true }));
    let now = lab.account.mapping_now(UUID).await.unwrap().unwrap();
    assert_eq!(now.state, MappingState::Enabling);
    assert_eq!((now.batch_size, now.max_concurrency), (before.batch_size, before.max_concurrency));
    let busy = lab.account.switch_mapping(&lab.permit, UUID, false).await.unwrap_err();
    assert_eq!(busy.kind, TroubleKind::Conflict);
    lab.step(600);
    lab.sim.clear_log();
    lab.sim.faults().drop_after("lambda", "UpdateEventSourceMapping", 1);
    lab.account.switch_mapping(&lab.permit, UUID, false).await.unwrap_err();
    assert_eq!(lab.calls("UpdateEventSourceMapping").len(), 1);
    assert_eq!(lab.account.mapping_now(UUID).await.unwrap().unwrap().state, MappingState::Disabling);
    assert_eq!(lab.account.mapping_now("00000000-0000-4000-8000-000000000000").await.unwrap(), None);
}

#[tokio::test]
async fn a_rule_is_switched_on_its_bus() {
    let lab = Lab::new().await;
    let before = lab.account.schedule_now(&named(Kind::Rule, "default", "morning")).await.unwrap().unwrap();
    assert!(before.enabled && before.targets.len() == 1, "{before:?}");
    lab.account.switch_rule(&lab.permit, &before, false).await.unwrap();
    let [call] = &lab.calls("DisableRule")[..] else { panic!("one call") };
    assert_eq!(call.input, json!({ "Name": "morning", "EventBusName": "default" }));
    let paused = lab.account.schedule_now(&before).await.unwrap().unwrap();
    assert_eq!((paused.enabled, paused.state.as_str()), (false, "DISABLED"));
    lab.sim.clear_log();
    lab.sim.faults().throttle("events", "EnableRule", 1);
    let slow = lab.account.switch_rule(&lab.permit, &before, true).await.unwrap_err();
    assert_eq!((slow.kind, lab.calls("EnableRule").len()), (TroubleKind::Throttled, 1));
    lab.account.switch_rule(&lab.permit, &before, true).await.unwrap();
    assert_eq!(lab.account.schedule_now(&before).await.unwrap().unwrap(), before);
    assert_eq!(lab.account.schedule_now(&named(Kind::Rule, "default", "none")).await.unwrap(), None);
}

#[tokio::test]
async fn a_queue_is_read_whole() {
    let lab = Lab::new().await;
    let queue = lab.account.queue_now("arn:aws:sqs:eu-central-1:123456789012:images").await.unwrap();
    assert_eq!((queue.visible, queue.in_flight, queue.retention_seconds), (200, 0, 345_600));
    let none = lab.account.queue_now("arn:aws:sqs:eu-central-1:123456789012:none").await.unwrap_err();
    assert_eq!(none.kind, TroubleKind::NotFound);
}
