//! The templates that the program deploys, in the simulated account.

use aws_sdk_cloudformation::Client;
use aws_sdk_cloudformation::types::{Capability, ChangeSetStatus, ChangeSetType, Parameter, Stack, StackStatus};

use super::bench::{Bench, PARTS, code, message};

const SCHEDULER: &str = include_str!("../../assets/deploy/scheduler.yaml");
const PIPELINE: &str = include_str!("../../assets/deploy/pipeline.yaml");

fn parameters(given: &[(&str, &str)]) -> Vec<Parameter> {
    let code = [("CodeBucket", "code-bucket"), ("CodeKey", "rekotui/bootstrap.zip")];
    let all = code.iter().chain(given);
    all.map(|(key, value)| Parameter::builder().parameter_key(*key).parameter_value(*value).build()).collect()
}

fn model(bench: &Bench) -> String {
    let world = bench.sim.world();
    world.models.values().find(|model| model.version == "v3").expect("a model").arn.clone()
}

async fn rest(bench: &Bench, id: &str) -> Stack {
    let client = bench.cloudformation();
    for _ in 0..120 {
        bench.step(5);
        let out = client.describe_stacks().stack_name(id).send().await.expect("a stack");
        let stack = out.stacks().first().expect("one").clone();
        if !stack.stack_status().expect("a status").as_str().ends_with("_IN_PROGRESS") {
            return stack;
        }
    }
    panic!("{id} never comes to rest");
}

async fn why(client: &Client, id: &str) -> String {
    let out = client.describe_stack_events().stack_name(id).send().await.expect("events");
    let reasons = out.stack_events().iter().filter_map(|event| event.resource_status_reason());
    reasons.collect::<Vec<_>>().join("\n")
}

/// Deploys a template as the AWS CLI does: by a change set that is looked at first.
async fn deployed(bench: &Bench, name: &str, body: &str, given: &[(&str, &str)]) -> Stack {
    bench.put("code-bucket", "rekotui/bootstrap.zip", b"a zip");
    let client = bench.cloudformation();
    let set = client.create_change_set().stack_name(name).change_set_name("first").template_body(body);
    let set = set.change_set_type(ChangeSetType::Create).set_parameters(Some(parameters(given)));
    let set = set.capabilities(Capability::CapabilityIam).send().await.expect("a change set");
    bench.step(10);
    let id = set.id().expect("an id");
    let told = client.describe_change_set().change_set_name(id).send().await.expect("it");
    assert_eq!(told.status(), Some(&ChangeSetStatus::CreateComplete), "{:?}", told.status_reason());
    client.execute_change_set().change_set_name(id).send().await.expect("begun");
    let stack = rest(bench, name).await;
    assert_eq!(stack.stack_status(), Some(&StackStatus::CreateComplete), "{}", why(&client, name).await);
    stack
}

fn output(stack: &Stack, key: &str) -> String {
    let found = stack.outputs().iter().find(|output| output.output_key() == Some(key));
    found.and_then(|output| output.output_value()).expect("an output").to_owned()
}

#[tokio::test]
async fn the_scheduler_stack_starts_and_stops_a_model_on_its_own() {
    let bench = Bench::new("", PARTS);
    let arn = model(&bench);
    let given = [
        ("ModelArn", arn.as_str()),
        ("MaxInferenceUnits", "2"),
        ("StartExpression", "cron(0 6 ? * MON-FRI *)"),
        ("StopExpression", "cron(0 7 ? * MON-FRI *)"),
    ];
    let stack = deployed(&bench, "rekotui", SCHEDULER, &given).await;
    let group = output(&stack, "ScheduleGroup");
    let tags = bench.sim.world().group_tags.get(&group).cloned().expect("a group with tags");
    for (tag, key) in [
        ("rekotui:startup", "StartupFunction"),
        ("rekotui:shutdown", "ShutdownFunction"),
        ("rekotui:role", "SchedulerRole"),
        ("rekotui:dead-letter", "DeadLetterQueue"),
    ] {
        assert_eq!(tags.get(tag), Some(&output(&stack, key)), "{tag}");
    }
    let status = || bench.sim.world().models.get(&arn).map(|model| (model.status.clone(), model.units())).unwrap();
    // It is a few minutes past 05:00.
    bench.step(90 * 60);
    assert_eq!(status(), ("RUNNING".to_owned(), 1));
    bench.step(60 * 60);
    assert_eq!(status().0, "STOPPED");
    bench.step(23 * 3600);
    assert_eq!(status().0, "RUNNING", "and it runs again the next morning");
    let client = bench.cloudformation();
    let id = stack.stack_id().expect("an id").to_owned();
    client.delete_stack().stack_name("rekotui").send().await.expect("begun");
    assert_eq!(rest(&bench, &id).await.stack_status(), Some(&StackStatus::DeleteComplete));
    let world = bench.sim.world();
    assert_eq!((world.functions.len(), world.schedules.len(), world.groups.len()), (3, 0, 1));
}

#[tokio::test]
async fn new_code_of_the_scheduler_stack_leaves_its_schedules_alone() {
    let bench = Bench::new("", PARTS);
    let arn = model(&bench);
    deployed(&bench, "rekotui", SCHEDULER, &[("ModelArn", arn.as_str())]).await;
    let client = bench.cloudformation();
    let modified = || bench.sim.world().schedules.values().map(|schedule| schedule.modified).collect::<Vec<_>>();
    let before = modified();
    let given = parameters(&[("ModelArn", arn.as_str()), ("Version", "2.0.0")]);
    let update = client.update_stack().stack_name("rekotui").template_body(SCHEDULER).set_parameters(Some(given));
    update.capabilities(Capability::CapabilityIam).send().await.expect("begun");
    assert_eq!(rest(&bench, "rekotui").await.stack_status(), Some(&StackStatus::UpdateComplete));
    assert_eq!(modified(), before);
    let function =
        bench.lambda().get_function_configuration().function_name("rekotui-startup").send().await.expect("it");
    let variables = function.environment().and_then(|environment| environment.variables()).expect("variables");
    assert_eq!(variables.get("REKOTUI_VERSION").map(String::as_str), Some("2.0.0"));
}

#[tokio::test]
async fn the_pipeline_stack_feeds_a_model_once_it_is_enabled() {
    let bench = Bench::new("", PARTS);
    let arn = model(&bench);
    let given = [("ModelArn", arn.as_str()), ("BucketName", "parts-images")];
    let stack = deployed(&bench, "parts", PIPELINE, &given).await;
    let uuid = output(&stack, "Mapping");
    let mapping = bench.lambda().get_event_source_mapping().uuid(&uuid).send().await.expect("a mapping");
    assert_eq!((mapping.state(), mapping.batch_size()), (Some("Disabled"), Some(1)));
    assert_eq!(mapping.function_arn().map(str::to_owned), Some(output(&stack, "InferenceFunction")));
    assert_eq!(mapping.scaling_config().and_then(|config| config.maximum_concurrency()), Some(2));
    assert_eq!(output(&stack, "Bucket"), "parts-images");
    let world = bench.sim.world();
    let served = world.mappings.get(&uuid).and_then(|mapping| world.model_of(mapping));
    assert_eq!(served, Some(arn), "the account knows which model its messages go to");
    let queue = world.queues.get("parts-images").expect("a queue");
    assert_eq!((queue.retention.num_days(), queue.visibility.num_seconds()), (14, 720));
}

#[tokio::test]
async fn the_pipeline_stack_wants_to_know_where_its_results_may_go() {
    let bench = Bench::new("", PARTS);
    let client = bench.cloudformation();
    let arn = model(&bench);
    let given = [("ModelArn", arn.as_str()), ("BucketName", "parts-images"), ("Output", "s3://results/here")];
    let set = client.create_change_set().stack_name("parts").change_set_name("first").template_body(PIPELINE);
    let set = set.change_set_type(ChangeSetType::Create).set_parameters(Some(parameters(&given)));
    let told = message(set.capabilities(Capability::CapabilityIam).send().await);
    assert!(told.contains("OutputBucket or OutputQueueArn must name it too"), "{told}");
    let nothing = client.describe_stacks().stack_name("parts").send().await;
    assert_eq!(code(nothing), "ValidationError", "nothing was begun");
}
