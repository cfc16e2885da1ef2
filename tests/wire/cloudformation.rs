//! CloudFormation through the SDK: stacks come, change and go, and what they are made of is really there.

use aws_sdk_cloudformation::Client;
use aws_sdk_cloudformation::types::{
    Capability, ChangeSetStatus, ChangeSetType, OnFailure, Parameter, ResourceStatus, Stack, StackStatus, Tag,
};
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::InvocationType;
use serde_json::Value;

use super::bench::{Bench, PARTS, code, message};

/// A queue with its dead-letter queue, a function with its role, a mapping between them, and a schedule in a group.
const TEMPLATE: &str = r#"
AWSTemplateFormatVersion: "2010-09-09"
Description: What feeds a model
Parameters:
  Batch: {Type: Number, Default: 5, MinValue: 1, MaxValue: 10}
  Expression: {Type: String, Default: "cron(0 8 ? * MON-FRI *)"}
  Visibility: {Type: Number, Default: 60}
  Alarm: {Type: String, Default: "", AllowedPattern: "|arn:.*"}
Conditions:
  HasAlarm: !Not [!Equals [!Ref Alarm, ""]]
Resources:
  Group:
    Type: AWS::Scheduler::ScheduleGroup
    Properties:
      Name: night
      Tags: [{Key: "rekotui:startup", Value: !GetAtt Function.Arn}]
  Schedule:
    Type: AWS::Scheduler::Schedule
    Properties:
      Name: start
      GroupName: !Ref Group
      ScheduleExpression: !Ref Expression
      ScheduleExpressionTimezone: Europe/Berlin
      FlexibleTimeWindow: {Mode: "OFF"}
      Target:
        Arn: !GetAtt Function.Arn
        RoleArn: !GetAtt Role.Arn
        Input: !Sub '{"action":"start","queue":"${Queue.QueueName}"}'
        RetryPolicy: {MaximumRetryAttempts: 2}
  Mapping:
    Type: AWS::Lambda::EventSourceMapping
    Properties:
      FunctionName: !Ref Function
      EventSourceArn: !GetAtt Queue.Arn
      BatchSize: !Ref Batch
      Enabled: false
      FunctionResponseTypes: [ReportBatchItemFailures]
  Function:
    Type: AWS::Lambda::Function
    Properties:
      Code: {S3Bucket: code, S3Key: f.zip}
      Handler: startup
      Runtime: provided.al2023
      Role: !GetAtt Role.Arn
      Timeout: 60
      Environment: {Variables: {REKOTUI_ROLE: startup, ALARM: !If [HasAlarm, !Ref Alarm, !Ref "AWS::NoValue"]}}
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: 2012-10-17
        Statement: [{Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: "sts:AssumeRole"}]
  Queue:
    Type: AWS::SQS::Queue
    Properties:
      VisibilityTimeout: !Ref Visibility
      RedrivePolicy: {deadLetterTargetArn: !GetAtt Dead.Arn, maxReceiveCount: 5}
  Dead:
    Type: AWS::SQS::Queue
Outputs:
  Queue: {Value: !GetAtt Queue.Arn}
  Mapping: {Value: !Ref Mapping, Description: The mapping}
  Alarm: {Condition: HasAlarm, Value: !Ref Alarm}
"#;

fn parameter(key: &str, value: &str) -> Parameter {
    Parameter::builder().parameter_key(key).parameter_value(value).build()
}

fn kept(key: &str) -> Parameter {
    Parameter::builder().parameter_key(key).use_previous_value(true).build()
}

async fn stack(client: &Client, name: &str) -> Stack {
    let out = client.describe_stacks().stack_name(name).send().await.expect("a stack");
    out.stacks().first().expect("one").clone()
}

/// Makes a change set and waits for it; its status, and why.
async fn change(
    bench: &Bench,
    name: &str,
    kind: ChangeSetType,
    body: &str,
    given: &[Parameter],
) -> (ChangeSetStatus, String) {
    let client = bench.cloudformation();
    client
        .create_change_set()
        .stack_name("feed")
        .change_set_name(name)
        .change_set_type(kind)
        .template_body(body)
        .capabilities(Capability::CapabilityIam)
        .set_parameters(Some(given.to_vec()))
        .send()
        .await
        .expect("a change set");
    let told =
        async || client.describe_change_set().stack_name("feed").change_set_name(name).send().await.expect("one");
    assert_eq!(told().await.status(), Some(&ChangeSetStatus::CreatePending));
    bench.step(10);
    let out = told().await;
    (out.status().expect("a status").clone(), out.status_reason().unwrap_or_default().to_owned())
}

/// The account, and the code of the function in a bucket.
fn with_code() -> Bench {
    let bench = Bench::new("", PARTS);
    bench.put("code", "f.zip", b"a zip");
    bench
}

async fn execute(bench: &Bench, name: &str) {
    bench.cloudformation().execute_change_set().stack_name("feed").change_set_name(name).send().await.expect("begun");
}

/// Lets time pass until nothing is under way any more.
async fn rest(bench: &Bench, name: &str) -> Stack {
    let client = bench.cloudformation();
    for _ in 0..120 {
        bench.step(5);
        let now = stack(&client, name).await;
        if !now.stack_status().expect("a status").as_str().ends_with("_IN_PROGRESS") {
            return now;
        }
    }
    panic!("it never comes to rest: {:?}", stack(&client, name).await);
}

async fn made(bench: &Bench) -> Stack {
    let (status, reason) = change(bench, "first", ChangeSetType::Create, TEMPLATE, &[]).await;
    assert_eq!(status, ChangeSetStatus::CreateComplete, "{reason}");
    execute(bench, "first").await;
    let stack = rest(bench, "feed").await;
    assert_eq!(stack.stack_status(), Some(&StackStatus::CreateComplete), "{}", failures(bench, "feed").await);
    stack
}

fn output(stack: &Stack, key: &str) -> Option<String> {
    let found = stack.outputs().iter().find(|output| output.output_key() == Some(key));
    found.and_then(|output| output.output_value()).map(str::to_owned)
}

async fn events(bench: &Bench, name: &str) -> Vec<(String, String, String)> {
    let client = bench.cloudformation();
    let all = client.describe_stack_events().stack_name(name).into_paginator().items().send();
    let all: Vec<_> = all.collect::<Result<_, _>>().await.expect("events");
    let row = |event: &aws_sdk_cloudformation::types::StackEvent| {
        (
            event.logical_resource_id().unwrap_or_default().to_owned(),
            event.resource_status().map(|status| status.as_str().to_owned()).unwrap_or_default(),
            event.resource_status_reason().unwrap_or_default().to_owned(),
        )
    };
    all.iter().rev().map(row).collect()
}

async fn failures(bench: &Bench, name: &str) -> String {
    let failed = events(bench, name).await.into_iter().filter(|(_, status, _)| status.contains("FAILED"));
    failed.map(|(id, status, reason)| format!("{id} {status}: {reason}")).collect::<Vec<_>>().join("\n")
}

/// How many queues, functions, mappings, groups and schedules there are.
fn counts(bench: &Bench) -> (usize, usize, usize, usize, usize) {
    let world = bench.sim.world();
    (world.queues.len(), world.functions.len(), world.mappings.len(), world.groups.len(), world.schedules.len())
}

async fn physical(bench: &Bench, id: &str) -> String {
    let client = bench.cloudformation();
    let out = client.describe_stack_resources().stack_name("feed").logical_resource_id(id).send().await.expect("one");
    let resource = out.stack_resources().first().expect("a resource");
    resource.physical_resource_id().expect("a physical id").to_owned()
}

#[tokio::test]
async fn a_change_set_shows_what_it_makes_and_makes_it_in_order() {
    let bench = with_code();
    let client = bench.cloudformation();
    let (status, reason) = change(&bench, "first", ChangeSetType::Create, TEMPLATE, &[]).await;
    assert_eq!(status, ChangeSetStatus::CreateComplete, "{reason}");
    assert_eq!(stack(&client, "feed").await.stack_status(), Some(&StackStatus::ReviewInProgress));
    let set = client.describe_change_set().stack_name("feed").change_set_name("first").send().await.expect("a set");
    let ids: Vec<_> = set.changes().iter().filter_map(|one| one.resource_change()?.logical_resource_id()).collect();
    assert_eq!(ids.len(), 7, "{ids:?}");
    assert!(bench.sim.world().queues.len() == 2, "nothing of it is there yet");
    execute(&bench, "first").await;
    let done = rest(&bench, "feed").await;
    assert_eq!(done.stack_status(), Some(&StackStatus::CreateComplete));
    assert_eq!((done.description(), done.change_set_id()), (Some("What feeds a model"), set.change_set_id()));
    let all = events(&bench, "feed").await;
    let at =
        |id: &str, status: &str| all.iter().position(|(one, now, _)| one == id && now == status).expect("an event");
    assert!(at("Dead", "CREATE_COMPLETE") < at("Queue", "CREATE_IN_PROGRESS"));
    assert!(at("Queue", "CREATE_COMPLETE") < at("Mapping", "CREATE_IN_PROGRESS"));
    assert!(at("Role", "CREATE_COMPLETE") < at("Function", "CREATE_IN_PROGRESS"));
    assert_eq!(at("feed", "REVIEW_IN_PROGRESS"), 0);
    let again = client.execute_change_set().stack_name("feed").change_set_name("first").send().await;
    assert_eq!(code(again), "InvalidChangeSetStatus");
}

#[tokio::test]
async fn what_a_stack_makes_is_there_for_everybody() {
    let bench = with_code();
    let done = made(&bench).await;
    assert_eq!(output(&done, "Alarm"), None, "its condition does not hold");
    let uuid = output(&done, "Mapping").expect("the mapping");
    let mapping = bench.lambda().get_event_source_mapping().uuid(&uuid).send().await.expect("a mapping");
    assert_eq!((mapping.state(), mapping.batch_size()), (Some("Disabled"), Some(5)));
    assert_eq!(mapping.event_source_arn().map(str::to_owned), output(&done, "Queue"));
    let name = physical(&bench, "Function").await;
    assert!(name.starts_with("feed-Function-") && name.len() <= 64, "{name}");
    let function = bench.lambda().get_function_configuration().function_name(&name).send().await.expect("a function");
    assert_eq!((function.handler(), function.timeout()), (Some("startup"), Some(60)));
    assert_eq!(
        (function.runtime().map(|one| one.as_str()), function.memory_size()),
        (Some("provided.al2023"), Some(128))
    );
    assert!(function.role().is_some_and(|role| role.starts_with("arn:aws:iam::123456789012:role/feed-Role-")));
    let variables = function.environment().and_then(|environment| environment.variables()).expect("variables");
    assert_eq!((variables.len(), variables.get("REKOTUI_ROLE").map(String::as_str)), (1, Some("startup")));
    let url = physical(&bench, "Queue").await;
    let queue = bench.sqs().get_queue_attributes().queue_url(&url);
    let queue = queue.attribute_names("All".into()).send().await.expect("a queue");
    let attribute = |name: &str| queue.attributes().and_then(|all| all.get(&name.into())).cloned().unwrap_or_default();
    assert_eq!(attribute("VisibilityTimeout"), "60");
    assert!(attribute("RedrivePolicy").contains("\"maxReceiveCount\":5"), "{}", attribute("RedrivePolicy"));
    let schedule = bench.scheduler().get_schedule().name("start").group_name("night").send().await.expect("a schedule");
    let target = schedule.target().expect("a target");
    assert_eq!(Some(target.arn()), function.function_arn());
    assert!(target.input().is_some_and(|input| input.starts_with("{\"action\":\"start\",\"queue\":\"feed-Queue-")));
    assert_eq!(target.retry_policy().and_then(|policy| policy.maximum_retry_attempts()), Some(2));
    let groups = bench.scheduler().list_schedule_groups().name_prefix("night").send().await.expect("groups");
    let arn = groups.schedule_groups()[0].arn().expect("an ARN").to_owned();
    let tags = bench.scheduler().list_tags_for_resource().resource_arn(arn).send().await.expect("tags");
    assert_eq!(tags.tags()[0].key(), "rekotui:startup");
    bench.step(24 * 3600);
    let fired = bench.sim.world().invocations.iter().filter(|invoked| invoked.function == name).count();
    assert!(fired > 0, "the schedule fires");
}

#[tokio::test]
async fn a_change_set_that_changes_nothing_fails_with_the_words_of_aws() {
    let bench = with_code();
    made(&bench).await;
    let nothing =
        "The submitted information didn't contain changes. Submit different information to create a change set.";
    let (status, reason) = change(&bench, "same", ChangeSetType::Update, TEMPLATE, &[kept("Batch")]).await;
    assert_eq!((status, reason.as_str()), (ChangeSetStatus::Failed, nothing));
    let executed = bench.cloudformation().execute_change_set().stack_name("feed").change_set_name("same").send().await;
    assert_eq!(code(executed), "InvalidChangeSetStatus");
    let same = TEMPLATE.replace("# ", "") + "# a remark\n";
    let (_, reason) = change(&bench, "remark", ChangeSetType::Update, &same, &[]).await;
    assert_eq!(reason, "No updates are to be performed.");
    let update = bench.cloudformation().update_stack().stack_name("feed").use_previous_template(true);
    let told = message(update.capabilities(Capability::CapabilityIam).send().await);
    assert_eq!(told, "No updates are to be performed.");
}

#[tokio::test]
async fn an_update_sends_only_what_changed() {
    let bench = with_code();
    let uuid = output(&made(&bench).await, "Mapping").expect("the mapping");
    let client = bench.lambda();
    client.update_event_source_mapping().uuid(&uuid).enabled(true).send().await.expect("switched on by somebody");
    bench.step(60);
    let (status, _) = change(&bench, "batch", ChangeSetType::Update, TEMPLATE, &[parameter("Batch", "8")]).await;
    assert_eq!(status, ChangeSetStatus::CreateComplete);
    let cloudformation = bench.cloudformation();
    let set =
        cloudformation.describe_change_set().stack_name("feed").change_set_name("batch").send().await.expect("it");
    let told: Vec<_> = set.changes().iter().filter_map(|one| one.resource_change()).collect();
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(
        (told[0].logical_resource_id(), told[0].action().map(|one| one.as_str())),
        (Some("Mapping"), Some("Modify"))
    );
    assert_eq!(told[0].replacement().map(|one| one.as_str()), Some("False"));
    execute(&bench, "batch").await;
    let done = rest(&bench, "feed").await;
    assert_eq!(done.stack_status(), Some(&StackStatus::UpdateComplete));
    let mapping = client.get_event_source_mapping().uuid(&uuid).send().await.expect("a mapping");
    assert_eq!((mapping.state(), mapping.batch_size()), (Some("Enabled"), Some(8)), "on, as it was");
    let touched: Vec<_> =
        events(&bench, "feed").await.into_iter().filter(|(_, now, _)| now == "UPDATE_COMPLETE").collect();
    assert_eq!(touched.iter().map(|(id, ..)| id.as_str()).collect::<Vec<_>>(), ["Mapping", "feed"]);
}

#[tokio::test]
async fn a_failed_update_leaves_everything_as_it_was() {
    let bench = with_code();
    made(&bench).await;
    let given = [parameter("Expression", "cron(0 8 * * MON)"), parameter("Visibility", "90")];
    change(&bench, "bad", ChangeSetType::Update, TEMPLATE, &given).await;
    execute(&bench, "bad").await;
    let done = rest(&bench, "feed").await;
    assert_eq!(done.stack_status(), Some(&StackStatus::UpdateRollbackComplete));
    assert!(failures(&bench, "feed").await.contains("Invalid Schedule Expression cron(0 8 * * MON)."));
    let url = physical(&bench, "Queue").await;
    let queue = bench.sqs().get_queue_attributes().queue_url(url).attribute_names("VisibilityTimeout".into());
    let queue = queue.send().await.expect("a queue");
    assert_eq!(queue.attributes().and_then(|all| all.values().next()).map(String::as_str), Some("60"));
    let value = done.parameters().iter().find(|one| one.parameter_key() == Some("Visibility"));
    assert_eq!(value.and_then(|one| one.parameter_value()), Some("60"));
}

#[tokio::test]
async fn a_property_that_cannot_change_makes_a_new_resource_and_takes_the_old_one_away() {
    let bench = with_code();
    made(&bench).await;
    let old = physical(&bench, "Dead").await;
    let named = TEMPLATE.replace(
        "  Dead:\n    Type: AWS::SQS::Queue\n",
        "  Dead:\n    Type: AWS::SQS::Queue\n    Properties: {QueueName: dead}\n",
    );
    let (_, reason) = change(&bench, "named", ChangeSetType::Update, &named, &[]).await;
    assert_eq!(reason, "");
    execute(&bench, "named").await;
    let done = rest(&bench, "feed").await;
    assert_eq!(done.stack_status(), Some(&StackStatus::UpdateComplete), "{}", failures(&bench, "feed").await);
    assert!(physical(&bench, "Dead").await.ends_with("/dead"));
    assert_eq!(
        code(bench.sqs().get_queue_url().queue_name(old.rsplit('/').next().unwrap()).send().await),
        "AWS.SimpleQueueService.NonExistentQueue"
    );
    let world = bench.sim.world();
    let pointing =
        world.queues.values().filter(|queue| queue.dead_letter.as_ref().is_some_and(|(name, _)| name == "dead"));
    assert_eq!(pointing.count(), 1, "the queue knows the new one");
}

#[tokio::test]
async fn what_a_template_needs_and_does_not_get_is_refused() {
    let bench = with_code();
    let client = bench.cloudformation();
    let asked = |body: &str| {
        client
            .create_change_set()
            .stack_name("feed")
            .change_set_name("one")
            .change_set_type(ChangeSetType::Create)
            .template_body(body)
    };
    let refused = asked(TEMPLATE).send().await;
    let refused = refused.expect_err("without a capability").into_service_error();
    assert!(refused.is_insufficient_capabilities_exception());
    assert_eq!(refused.meta().message(), Some("Requires capabilities : [CAPABILITY_IAM]"));
    let with = |key: &str, value: &str| {
        asked(TEMPLATE).capabilities(Capability::CapabilityIam).parameters(parameter(key, value))
    };
    assert_eq!(message(with("Batch", "11").send().await), "Parameter 'Batch' must be a number not greater than 10");
    assert_eq!(message(with("Alarm", "x").send().await), "Parameter 'Alarm' must match pattern |arn:.*");
    assert_eq!(message(with("Colour", "x").send().await), "Parameters: [Colour] do not exist in the template");
    let told = async |body: &str| message(asked(body).send().await);
    let unknown = "Resources: {A: {Type: 'AWS::SQS::Quue'}}";
    assert_eq!(told(unknown).await, "Template format error: Unrecognized resource types: [AWS::SQS::Quue]");
    let nobody = "Resources: {A: {Type: 'AWS::SQS::Queue', Properties: {QueueName: !Ref B}}}";
    let unresolved =
        "Template format error: Unresolved resource dependencies [B] in the Resources block of the template";
    assert_eq!(told(nobody).await, unresolved);
    let circle = "Resources: {A: {Type: 'AWS::SQS::Queue', DependsOn: B}, B: {Type: 'AWS::SQS::Queue', DependsOn: A}}";
    assert_eq!(told(circle).await, "Circular dependency between resources: [A, B]");
    assert_eq!(message(client.describe_stacks().stack_name("feed").send().await), "Stack with id feed does not exist");
    let update = client.create_change_set().stack_name("feed").change_set_name("one").template_body(TEMPLATE);
    assert_eq!(message(update.send().await), "Stack [feed] does not exist");
    let long = format!("Resources: {{A: {{Type: 'AWS::SQS::Queue'}}}}\n#{}", "x".repeat(51_200));
    assert!(told(&long).await.contains("Member must have length less than or equal to 51200"));
}

#[tokio::test]
async fn an_unknown_property_fails_before_anything_is_made() {
    let bench = with_code();
    let body = "Resources: {A: {Type: 'AWS::SQS::Queue', Properties: {VisibilityTimeOut: 5}}}";
    let (status, reason) = change(&bench, "one", ChangeSetType::Create, body, &[]).await;
    assert_eq!(status, ChangeSetStatus::Failed);
    assert!(reason.contains("[AWS::EarlyValidation::PropertyValidation]"), "{reason}");
    let found = wrong(&bench, "one").await;
    assert!(found.contains("#: extraneous key [VisibilityTimeOut] is not permitted"), "{found}");
    let client = bench.cloudformation();
    client.create_stack().stack_name("other").template_body(body).send().await.expect("begun");
    let done = rest(&bench, "other").await;
    assert_eq!(done.stack_status(), Some(&StackStatus::RollbackComplete));
    assert!(failures(&bench, "other").await.contains("extraneous key [VisibilityTimeOut]"));
}

/// What early validation found wrong with a change set of the stack `feed`.
async fn wrong(bench: &Bench, set: &str) -> String {
    let client = bench.cloudformation();
    let set = client.describe_change_set().stack_name("feed").change_set_name(set).send().await.expect("a change set");
    let events = client.describe_events().change_set_name(set.change_set_id().expect("an ARN")).send().await;
    let events = events.expect("events");
    let said = events.operation_events().iter().filter_map(|event| event.validation_status_reason());
    said.collect::<Vec<_>>().join("; ")
}

#[tokio::test]
async fn a_name_that_is_taken_or_too_long_fails_before_anything_is_made() {
    let bench = with_code();
    bench.sim.world().buckets.insert("taken".to_owned(), rekotui::sim::world::Bucket::default());
    let body = "Resources: {A: {Type: 'AWS::S3::Bucket', Properties: {BucketName: taken}}}";
    let (status, reason) = change(&bench, "one", ChangeSetType::Create, body, &[]).await;
    assert_eq!(status, ChangeSetStatus::Failed);
    assert!(reason.contains("[AWS::EarlyValidation::ResourceExistenceCheck]"), "{reason}");
    let found = wrong(&bench, "one").await;
    assert_eq!(found, "Resource of type 'AWS::S3::Bucket' with identifier 'taken' already exists.");
    let long = "a".repeat(81);
    let body = format!("Resources: {{A: {{Type: 'AWS::SQS::Queue', Properties: {{QueueName: {long}}}}}}}");
    let (status, _) = change(&bench, "two", ChangeSetType::Create, &body, &[]).await;
    assert_eq!(status, ChangeSetStatus::Failed);
    assert_eq!(wrong(&bench, "two").await, "#/QueueName: expected maxLength: 80, actual: 81");
}

#[tokio::test]
async fn a_failing_resource_takes_everything_back() {
    let bench = with_code();
    let client = bench.cloudformation();
    let given = parameter("Visibility", "30");
    let create = client.create_stack().stack_name("feed").template_body(TEMPLATE).parameters(given);
    let out = create.capabilities(Capability::CapabilityIam).send().await.expect("begun");
    let done = rest(&bench, "feed").await;
    assert_eq!(done.stack_status(), Some(&StackStatus::RollbackComplete));
    let told = failures(&bench, "feed").await;
    assert!(told.contains("Queue visibility timeout: 30 seconds is less than Function timeout: 60 seconds"), "{told}");
    assert!(done.stack_status_reason().is_none());
    assert_eq!(counts(&bench), (2, 3, 1, 1, 0));
    let update = client.update_stack().stack_name("feed").template_body(TEMPLATE).send().await;
    assert!(message(update).ends_with("is in ROLLBACK_COMPLETE state and can not be updated."));
    client.delete_stack().stack_name("feed").send().await.expect("begun");
    bench.step(60);
    assert_eq!(code(client.describe_stacks().stack_name("feed").send().await), "ValidationError");
    let gone = stack(&client, out.stack_id().expect("an id")).await;
    assert_eq!(gone.stack_status(), Some(&StackStatus::DeleteComplete), "by its id it is still told of");
}

#[tokio::test]
async fn on_failure_a_stack_is_kept_or_deleted_where_that_is_asked_for() {
    let bench = with_code();
    let client = bench.cloudformation();
    let body =
        "Resources: {A: {Type: 'AWS::SQS::Queue', Properties: {DelaySeconds: 1000}}, B: {Type: 'AWS::SQS::Queue'}}";
    let create = |name: &str, failure: OnFailure| {
        client.create_stack().stack_name(name).template_body(body).on_failure(failure).send()
    };
    create("kept", OnFailure::DoNothing).await.expect("begun");
    assert_eq!(rest(&bench, "kept").await.stack_status(), Some(&StackStatus::CreateFailed));
    let id = create("gone", OnFailure::Delete).await.expect("begun").stack_id().expect("an id").to_owned();
    assert_eq!(rest(&bench, &id).await.stack_status(), Some(&StackStatus::DeleteComplete));
}

#[tokio::test]
async fn a_deleted_stack_takes_its_things_along_but_those_that_are_to_stay() {
    let bench = with_code();
    let body = TEMPLATE.replace(
        "  Dead:\n    Type: AWS::SQS::Queue\n",
        "  Dead:\n    Type: AWS::SQS::Queue\n    DeletionPolicy: Retain\n",
    );
    let (_, reason) = change(&bench, "first", ChangeSetType::Create, &body, &[]).await;
    assert_eq!(reason, "");
    execute(&bench, "first").await;
    let id = rest(&bench, "feed").await.stack_id().expect("an id").to_owned();
    let dead = physical(&bench, "Dead").await;
    let client = bench.cloudformation();
    client.delete_stack().stack_name("feed").send().await.expect("begun");
    assert_eq!(rest(&bench, &id).await.stack_status(), Some(&StackStatus::DeleteComplete));
    assert!(bench.sim.world().queues.contains_key(dead.rsplit('/').next().unwrap()), "it stays");
    assert_eq!(counts(&bench), (3, 3, 1, 1, 0));
    let resources = client.list_stack_resources().stack_name(&id).send().await.expect("resources");
    let status = |id: &str| {
        let found = resources.stack_resource_summaries().iter().find(|one| one.logical_resource_id() == Some(id));
        found.and_then(|one| one.resource_status()).cloned()
    };
    assert_eq!(status("Dead"), Some(ResourceStatus::DeleteSkipped));
    assert_eq!(status("Queue"), Some(ResourceStatus::DeleteComplete));
    let all = events(&bench, &id).await;
    let at =
        |id: &str, now: &str| all.iter().position(|(one, status, _)| one == id && status == now).expect("an event");
    assert!(at("Mapping", "DELETE_COMPLETE") < at("Queue", "DELETE_IN_PROGRESS"));
    assert!(at("Schedule", "DELETE_COMPLETE") < at("Group", "DELETE_IN_PROGRESS"));
    client.delete_stack().stack_name("feed").send().await.expect("what is gone is gone");
}

#[tokio::test]
async fn a_template_is_told_and_weighed_without_a_stack() {
    let bench = with_code();
    let client = bench.cloudformation();
    let told = client.get_template_summary().template_body(TEMPLATE).send().await.expect("a summary");
    assert_eq!(told.capabilities(), [Capability::CapabilityIam]);
    assert_eq!(told.parameters().len(), 4);
    assert!(told.resource_types().iter().any(|kind| kind == "AWS::Scheduler::Schedule"));
    let valid = client.validate_template().template_body(TEMPLATE).send().await.expect("valid");
    assert_eq!(valid.description(), Some("What feeds a model"));
    let bad = message(client.validate_template().template_body("Resources: {}").send().await);
    assert_eq!(bad, "Template format error: At least one Resources member must be defined.");
    made(&bench).await;
    let body = client.get_template().stack_name("feed").send().await.expect("a template");
    assert_eq!(body.template_body(), Some(TEMPLATE), "letter by letter");
    assert_eq!(
        code(client.describe_change_set().stack_name("feed").change_set_name("x").send().await),
        "ChangeSetNotFound"
    );
}

#[tokio::test]
async fn stacks_events_and_resources_come_in_pages() {
    let bench = Bench::new("page_cap = 4", PARTS);
    bench.put("code", "f.zip", b"a zip");
    made(&bench).await;
    let client = bench.cloudformation();
    let all = events(&bench, "feed").await;
    assert!(all.len() > 20 && bench.calls("DescribeStackEvents") > 4, "{}", all.len());
    assert_eq!(all.last().map(|(id, now, _)| (id.as_str(), now.as_str())), Some(("feed", "CREATE_COMPLETE")));
    let resources = client.list_stack_resources().stack_name("feed").into_paginator().items().send();
    assert_eq!(resources.collect::<Result<Vec<_>, _>>().await.expect("resources").len(), 7);
    assert_eq!(client.list_stacks().send().await.expect("stacks").stack_summaries().len(), 1);
    let first = client.describe_stack_events().stack_name("feed").send().await.expect("events");
    client.delete_stack().stack_name("feed").send().await.expect("begun");
    let second =
        client.describe_stack_events().stack_name("feed").set_next_token(first.next_token().map(str::to_owned));
    let second = second.send().await.expect("events");
    let both: Vec<_> = first.stack_events().iter().chain(second.stack_events()).map(|event| event.event_id()).collect();
    let different: std::collections::BTreeSet<_> = both.iter().collect();
    assert_eq!((both.len(), different.len()), (8, 8), "what comes in between shifts no page");
    assert_eq!(code(client.describe_stacks().next_token("x").send().await), "ValidationError");
}

#[tokio::test]
async fn the_tags_of_a_stack_reach_its_resources() {
    let bench = with_code();
    made(&bench).await;
    let client = bench.cloudformation();
    let tag = |value: &str| Tag::builder().key("team").value(value).build();
    let update = |tag: Tag| {
        let update = client.update_stack().stack_name("feed").use_previous_template(true);
        update.capabilities(Capability::CapabilityIam).tags(tag).send()
    };
    update(tag("vision")).await.expect("begun");
    let done = rest(&bench, "feed").await;
    assert_eq!(done.stack_status(), Some(&StackStatus::UpdateComplete));
    assert_eq!(done.tags().first().and_then(|tag| tag.value()), Some("vision"));
    let tags = bench.sim.world().group_tags.get("night").cloned().expect("tags");
    assert_eq!(tags.get("team").map(String::as_str), Some("vision"));
    assert!(tags.contains_key("rekotui:startup"), "its own as well: {tags:?}");
    assert_eq!(message(update(tag("vision")).await), "No updates are to be performed.");
}

#[tokio::test]
async fn a_function_that_fails_again_and_again_tells_the_queue_that_the_stack_names() {
    let bench = with_code();
    let body = TEMPLATE.replace(
        "Outputs:\n",
        "  Retries:\n    Type: AWS::Lambda::EventInvokeConfig\n    Properties:\n      FunctionName: !GetAtt Function.Arn\n      Qualifier: $LATEST\n      MaximumRetryAttempts: 1\n      DestinationConfig: {OnFailure: {Destination: !GetAtt Dead.Arn}}\nOutputs:\n",
    );
    let (_, reason) = change(&bench, "first", ChangeSetType::Create, &body, &[]).await;
    assert_eq!(reason, "");
    execute(&bench, "first").await;
    rest(&bench, "feed").await;
    let (name, url) = (physical(&bench, "Function").await, physical(&bench, "Dead").await);
    let event = Blob::new("{\"action\":\"stop\"}");
    let invoke = bench.lambda().invoke().function_name(&name).invocation_type(InvocationType::Event).payload(event);
    invoke.send().await.expect("an event");
    bench.step(3600);
    let tries = bench.sim.world().invocations.iter().filter(|invoked| invoked.function == name).count();
    assert_eq!(tries, 2, "the first and one retry");
    let told = bench.sqs().receive_message().queue_url(url).send().await.expect("messages");
    let record: Value = serde_json::from_str(told.messages()[0].body().expect("a body")).expect("JSON");
    assert_eq!(record["requestContext"]["condition"], "RetriesExhausted");
    assert_eq!(record["requestPayload"]["action"], "stop");
}
