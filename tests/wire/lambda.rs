//! Lambda through the SDK: every call, page and refusal.

use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::InvocationType;
use serde_json::{Value, json};

use super::bench::{Bench, PARTS, UUID, code, message};

const FUNCTION: &str = "arn:aws:lambda:eu-central-1:123456789012:function";

fn many_mappings() -> String {
    let mapping = |n: usize| {
        format!(
            "[[mappings]]\nuuid = \"00000000-0000-4000-8000-{n:012}\"\nfunction = \"{}\"\nqueue = \"images\"\n",
            if n.is_multiple_of(2) { "inference:live" } else { "inference" }
        )
    };
    format!("{PARTS}{}", (0..6).map(mapping).collect::<String>())
}

#[tokio::test]
async fn mappings_come_in_pages_and_can_be_asked_for_by_function_and_queue() {
    let bench = Bench::new("page_cap = 3", &many_mappings());
    let client = bench.lambda();
    let all: Vec<_> = client
        .list_event_source_mappings()
        .into_paginator()
        .items()
        .send()
        .collect::<Result<_, _>>()
        .await
        .expect("mappings");
    assert_eq!((all.len(), bench.calls("ListEventSourceMappings")), (7, 3));
    let count = async |function: Option<&str>, queue: Option<&str>| {
        let asked = client.list_event_source_mappings().set_function_name(function.map(str::to_owned));
        let out = asked.set_event_source_arn(queue.map(str::to_owned)).into_paginator().items().send();
        out.collect::<Result<Vec<_>, _>>().await.expect("mappings").len()
    };
    assert_eq!(count(Some("inference"), None).await, 4);
    assert_eq!(count(Some("inference:live"), None).await, 3);
    assert_eq!(count(Some(&format!("{FUNCTION}:inference:live")), None).await, 3);
    assert_eq!(count(None, Some("arn:aws:sqs:eu-central-1:123456789012:images")).await, 7);
    assert_eq!(count(None, Some("arn:aws:sqs:eu-central-1:123456789012:other")).await, 0);
    let bad = client.list_event_source_mappings().marker("made-up").send().await;
    assert_eq!(code(bad), "InvalidParameterValueException");
}

#[tokio::test]
async fn a_mapping_tells_everything_that_is_known_about_it() {
    let bench = Bench::new("", PARTS);
    let mapping = bench.lambda().get_event_source_mapping().uuid(UUID).send().await.expect("a mapping");
    assert_eq!((mapping.state(), mapping.state_transition_reason()), (Some("Disabled"), Some("USER_INITIATED")));
    assert_eq!(mapping.function_arn(), Some(format!("{FUNCTION}:inference").as_str()));
    assert_eq!(mapping.event_source_arn(), Some("arn:aws:sqs:eu-central-1:123456789012:images"));
    assert_eq!((mapping.batch_size(), mapping.maximum_batching_window_in_seconds()), (Some(10), Some(0)));
    assert_eq!(mapping.scaling_config().and_then(|config| config.maximum_concurrency()), Some(4));
    assert_eq!(mapping.filter_criteria().map(|criteria| criteria.filters().len()), Some(1));
    assert_eq!(mapping.last_processing_result(), None, "queues have none");
    let bad = bench.lambda().get_event_source_mapping().uuid("00000000-0000-4000-8000-000000000099").send().await;
    assert_eq!(code(bad), "ResourceNotFoundException");
}

#[tokio::test]
async fn a_mapping_is_switched_through_a_transition_in_which_it_refuses_any_change() {
    let bench = Bench::new("", PARTS);
    let client = bench.lambda();
    let switch = |enabled: bool| client.update_event_source_mapping().uuid(UUID).enabled(enabled).send();
    let state = async || {
        client.get_event_source_mapping().uuid(UUID).send().await.expect("a mapping").state().map(str::to_owned)
    };
    assert_eq!(switch(true).await.expect("a switch").state(), Some("Enabling"));
    assert_eq!(code(switch(false).await), "ResourceInUseException");
    bench.step(3);
    assert_eq!(state().await.as_deref(), Some("Enabling"), "it takes some seconds");
    bench.step(30);
    assert_eq!(state().await.as_deref(), Some("Enabled"));
    assert_eq!(switch(false).await.expect("a switch").state(), Some("Disabling"));
    bench.step(30);
    assert_eq!(state().await.as_deref(), Some("Disabled"));
}

#[tokio::test]
async fn an_update_changes_only_what_was_sent() {
    let bench = Bench::new("", PARTS);
    let client = bench.lambda();
    let out = client.update_event_source_mapping().uuid(UUID).batch_size(5).send().await.expect("an update");
    assert_eq!((out.state(), out.batch_size()), (Some("Updating"), Some(5)));
    bench.step(30);
    let after = client.get_event_source_mapping().uuid(UUID).send().await.expect("a mapping");
    assert_eq!((after.state(), after.batch_size()), (Some("Disabled"), Some(5)));
    assert_eq!(after.scaling_config().and_then(|config| config.maximum_concurrency()), Some(4), "as it was");
    let bad = client.update_event_source_mapping().uuid(UUID).batch_size(100).send().await;
    assert_eq!(code(bad), "InvalidParameterValueException", "so many need a window");
    let bad = client.update_event_source_mapping().uuid(UUID).parallelization_factor(2).send().await;
    assert_eq!(code(bad), "InvalidParameterValueException", "that is for streams");
    let bad = client.update_event_source_mapping().uuid(UUID).function_name("nobody").send().await;
    assert_eq!(code(bad), "ResourceNotFoundException");
}

#[tokio::test]
async fn a_function_tells_its_configuration() {
    let bench = Bench::new("", PARTS);
    let client = bench.lambda();
    let out = client.get_function_configuration().function_name("startup").send().await.expect("a function");
    let variables = out.environment().and_then(|environment| environment.variables()).expect("variables");
    assert_eq!(variables.get("EVENT_SOURCE_MAPPING_UUID").map(String::as_str), Some(UUID));
    assert!(variables.get("MODEL_ARN").is_some_and(|arn| arn.contains(":project/parts/version/v3/")), "{variables:?}");
    assert_eq!((out.timeout(), out.function_arn()), (Some(900), Some(format!("{FUNCTION}:startup").as_str())));
    let bad = message(client.get_function_configuration().function_name("nobody").send().await);
    assert_eq!(bad, format!("Function not found: {FUNCTION}:nobody"));
}

#[tokio::test]
async fn invoking_a_startup_function_starts_its_model_and_then_its_mapping() {
    let bench = Bench::new("", PARTS);
    let client = bench.lambda();
    let dry =
        client.invoke().function_name("startup").invocation_type(InvocationType::DryRun).send().await.expect("a try");
    assert_eq!((dry.status_code(), bench.sim.world().invocations.len()), (204, 0));
    let out =
        client.invoke().function_name("startup").invocation_type(InvocationType::Event).send().await.expect("an event");
    assert_eq!(out.status_code(), 202);
    bench.step(20 * 60);
    let mapping = client.get_event_source_mapping().uuid(UUID).send().await.expect("a mapping");
    assert_eq!(mapping.state(), Some("Enabled"));
}

#[tokio::test]
async fn an_error_of_a_function_is_an_answer_and_not_a_refusal() {
    let bench = Bench::new("", PARTS);
    let client = bench.lambda();
    let payload = Blob::new(json!({ "action": "stop" }).to_string());
    let out = client.invoke().function_name("startup").payload(payload).send().await.expect("an answer");
    assert_eq!((out.status_code(), out.function_error()), (200, Some("Unhandled")));
    let answer: Value = serde_json::from_slice(out.payload().expect("a payload").as_ref()).expect("JSON");
    assert_eq!(answer["errorMessage"], "startup is asked to stop, but it can only start");
    let out = client.invoke().function_name("startup").send().await.expect("an answer");
    assert_eq!((out.status_code(), out.function_error()), (200, None));
    let bad = client.invoke().function_name("startup").payload(Blob::new("no json")).send().await;
    assert_eq!(code(bad), "InvalidRequestContentException");
    assert_eq!(code(client.invoke().function_name("nobody").send().await), "ResourceNotFoundException");
}
