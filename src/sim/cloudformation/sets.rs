//! Change sets.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::changes::{self, NOTHING_CHANGES, NOTHING_SENT, Wrong};
use super::stack::{self, ChangeSet, Stack};
use super::{IN_BRACKETS, find, invalid, new_stack, parameters, plan, updatable};
use crate::sim::args::{page, text};
use crate::sim::fault::Fault;
use crate::sim::world::{World, epoch};

/// How many changes a page holds (as the API answers, undocumented) and how many change sets.
const PAGE: usize = 100;

pub(super) fn create(world: &mut World, input: &Value) -> Result<Value, Fault> {
    let reference = text(input, "StackName").unwrap_or_default();
    let name = text(input, "ChangeSetName").unwrap_or_default();
    let creates = match text(input, "ChangeSetType").unwrap_or("UPDATE") {
        "CREATE" => true,
        "UPDATE" => false,
        other => return Err(invalid(format!("The change set type {other} is not simulated."))),
    };
    let there = world.stacks.find(reference);
    match (creates, there) {
        (true, Some(stack)) if stack.status != "REVIEW_IN_PROGRESS" => {
            let message = format!(
                "Stack [{}] already exists and cannot be created again with the changeSet [{name}].",
                stack.name
            );
            return Err(invalid(message));
        }
        (false, None) => return Err(invalid(IN_BRACKETS.replace("{}", reference))),
        (false, Some(stack)) => updatable(stack)?,
        (true, _) => {}
    }
    if there.is_some_and(|stack| stack.change_sets.iter().any(|set| set.name == name)) {
        let message = format!("ChangeSet [{name}] already exists.");
        return Err(Fault::new("AlreadyExistsException", 400, message));
    }
    let plan = plan(world, input, there.and_then(|stack| stack.plan.as_ref()))?;
    let id = match there {
        Some(stack) => stack.id.clone(),
        None => {
            let mut stack = new_stack(world, reference)?;
            stack::scope(world, &plan, &stack.name, &stack.id).map_err(invalid)?;
            stack.turn(world, "REVIEW_IN_PROGRESS", Some("User Initiated".to_owned()));
            let id = stack.id.clone();
            world.stacks.all.insert(id.clone(), stack);
            id
        }
    };
    let set_id = world.next_uuid();
    let stack = find(world, &id, IN_BRACKETS)?;
    let outlook = changes::outlook(world, stack, &plan).map_err(invalid)?;
    let failure = failure(stack, &plan, &outlook);
    let wrong = outlook.wrong;
    let set = ChangeSet {
        id: world.arn("cloudformation", &format!("changeSet/{name}/{set_id}")),
        name: name.to_owned(),
        description: text(input, "Description").map(str::to_owned),
        creates,
        plan,
        changes: outlook.changes,
        failure,
        wrong,
        created: world.now,
        execution: "AVAILABLE",
        on_failure: text(input, "OnStackFailure").map(str::to_owned),
    };
    let answer = json!({ "Id": set.id, "StackId": id });
    if let Some(stack) = world.stacks.all.get_mut(&id) {
        stack.change_sets.push(set);
    }
    Ok(answer)
}

/// Why a change set cannot be executed, if it cannot.
fn failure(stack: &Stack, plan: &stack::Plan, outlook: &changes::Outlook) -> Option<String> {
    if !outlook.wrong.is_empty() {
        let checks: BTreeSet<String> =
            outlook.wrong.iter().map(|wrong| format!("AWS::EarlyValidation::{}", wrong.check)).collect();
        return Some(format!(
            "The following hook(s)/validation failed: [{}]. To troubleshoot Early Validation errors, use the DescribeEvents \
             API for detailed failure information.",
            checks.into_iter().collect::<Vec<_>>().join(", ")
        ));
    }
    let before = stack.plan.as_ref()?;
    let same = before.template.text == plan.template.text && before.values == plan.values && before.tags == plan.tags;
    if same {
        return Some(NOTHING_SENT.to_owned());
    }
    let nothing = outlook.changes.is_empty() && !outlook.outputs_change && before.tags == plan.tags;
    nothing.then(|| NOTHING_CHANGES.to_owned())
}

/// The stack and the change set that a call means.
pub(super) fn set<'a>(world: &'a World, input: &Value) -> Result<(&'a Stack, &'a ChangeSet), Fault> {
    let name = text(input, "ChangeSetName").unwrap_or_default();
    let missing = || Fault::new("ChangeSetNotFoundException", 404, format!("ChangeSet [{name}] does not exist"));
    if name.starts_with("arn:") {
        let mut all = world.stacks.all.values().flat_map(|stack| stack.change_sets.iter().map(move |set| (stack, set)));
        return all.find(|(_, set)| set.id == name).ok_or_else(missing);
    }
    let Some(reference) = text(input, "StackName") else {
        return Err(invalid("StackName must be specified if ChangeSetName is not specified as an ARN."));
    };
    let stack = find(world, reference, IN_BRACKETS)?;
    stack.change_sets.iter().find(|set| set.name == name).map(|set| (stack, set)).ok_or_else(missing)
}

pub(super) fn describe(world: &mut World, input: &Value) -> Result<Value, Fault> {
    let (stack, set) = set(world, input)?;
    let (status, execution) = set.status(world.now);
    let changes = if status == "CREATE_COMPLETE" { set.changes.clone() } else { Vec::new() };
    let scope = format!("DescribeChangeSet {}", set.id);
    let (changes, next) =
        page(world, changes, &scope, text(input, "NextToken"), None, PAGE).map_err(|_| invalid("Invalid NextToken"))?;
    Ok(json!({
        "ChangeSetName": set.name,
        "ChangeSetId": set.id,
        "StackId": stack.id,
        "StackName": stack.name,
        "Description": set.description,
        "Parameters": parameters::described(&set.plan.template, &set.plan.values),
        "CreationTime": epoch(set.created),
        "ExecutionStatus": execution,
        "Status": status,
        "StatusReason": set.failure.as_ref().filter(|_| status == "FAILED"),
        "NotificationARNs": [],
        "RollbackConfiguration": {},
        "Capabilities": set.plan.capabilities,
        "Tags": set.plan.tags.iter().map(|(key, value)| json!({ "Key": key, "Value": value })).collect::<Vec<_>>(),
        "Changes": changes,
        "IncludeNestedStacks": false,
        "OnStackFailure": set.on_failure,
        "NextToken": next,
    }))
}

/// What happened while a change set was worked out. Of what happens in a stack DescribeStackEvents tells here.
pub(super) fn events(world: &mut World, input: &Value) -> Result<Value, Fault> {
    let name = text(input, "ChangeSetName");
    if name.is_none() && text(input, "OperationId").is_none() && text(input, "StackName").is_none() {
        return Err(invalid("One of ChangeSetName, OperationId or StackName must be specified"));
    }
    if name.is_none_or(|name| !name.starts_with("arn:")) {
        return Err(invalid("Events are simulated for the ARN of a change set only."));
    }
    let (stack, set) = set(world, input)?;
    let shown = |_: &&Wrong| set.status(world.now).0 == "FAILED";
    let rows = set.wrong.iter().filter(shown).enumerate().map(|(at, wrong)| {
        json!({
            "EventId": format!("{}-{at}", set.id),
            "StackId": stack.id,
            "OperationType": "CREATE_CHANGESET",
            "EventType": "VALIDATION_ERROR",
            "LogicalResourceId": wrong.id,
            "ResourceType": wrong.kind,
            "Timestamp": epoch(set.created),
            "ValidationFailureMode": "FAIL",
            "ValidationName": wrong.validation,
            "ValidationStatus": "FAILED",
            "ValidationStatusReason": wrong.reason,
            "ValidationPath": format!("/Resources/{}", wrong.id),
        })
    });
    let (rows, scope) = (rows.collect::<Vec<_>>(), format!("DescribeEvents {}", set.id));
    let (rows, next) =
        page(world, rows, &scope, text(input, "NextToken"), None, PAGE).map_err(|_| invalid("Invalid NextToken"))?;
    Ok(json!({ "OperationEvents": rows, "NextToken": next }))
}

pub(super) fn execute(world: &mut World, input: &Value) -> Result<Value, Fault> {
    let (stack, set) = set(world, input)?;
    let (status, execution) = set.status(world.now);
    if status != "CREATE_COMPLETE" || execution != "AVAILABLE" {
        let told = if status == "CREATE_COMPLETE" {
            format!("execution status of [{execution}]")
        } else {
            format!("status of [{status}]")
        };
        let message = format!("ChangeSet [{}] cannot be executed in its current {told}", set.id);
        return Err(Fault::new("InvalidChangeSetStatusException", 400, message));
    }
    if set.creates && stack.status != "REVIEW_IN_PROGRESS" {
        return Err(invalid(format!(
            "Stack [{}] already exists and cannot be created again with the changeSet [{}].",
            stack.name, set.name
        )));
    }
    if !set.creates {
        updatable(stack)?;
    }
    let (id, set) = (stack.id.clone(), set.clone());
    let stays = input.get("DisableRollback").and_then(Value::as_bool).unwrap_or(false);
    let own = set.on_failure.as_deref().unwrap_or("ROLLBACK");
    let on_failure = if stays { "DO_NOTHING" } else { own }.to_owned();
    let token = text(input, "ClientRequestToken").map(str::to_owned);
    if let Some(stack) = world.stacks.all.get_mut(&id) {
        stack.on_failure = on_failure;
        stack.token = token;
        stack.executed = Some(set.id.clone());
        outdate(stack, Some(&set.id));
        if set.creates {
            stack.plan = Some(set.plan.clone());
        }
    }
    if set.creates {
        world.create_stack(&id);
    } else {
        world.update_stack(&id, set.plan);
    }
    Ok(json!({}))
}

/// Every change set but the one that is executed is out of date: AWS deletes them.
pub(super) fn outdate(stack: &mut Stack, executed: Option<&str>) {
    stack.change_sets.retain(|set| Some(set.id.as_str()) == executed || set.execution.starts_with("EXECUTE_"));
    for set in stack.change_sets.iter_mut().filter(|set| Some(set.id.as_str()) == executed) {
        set.execution = "EXECUTE_IN_PROGRESS";
    }
}

pub(super) fn delete(world: &mut World, input: &Value) -> Result<Value, Fault> {
    let (stack_id, set_id, state) = match set(world, input) {
        Ok((stack, set)) => (stack.id.clone(), set.id.clone(), set.status(world.now)),
        // One that is not there is deleted already.
        Err(fault) if fault.code() == "ChangeSetNotFoundException" => return Ok(json!({})),
        Err(fault) => return Err(fault),
    };
    if state.0.ends_with("_IN_PROGRESS") || state.1 == "EXECUTE_IN_PROGRESS" {
        let message = format!("ChangeSet [{set_id}] cannot be deleted in its current status of [{}]", state.0);
        return Err(Fault::new("InvalidChangeSetStatusException", 400, message));
    }
    if let Some(stack) = world.stacks.all.get_mut(&stack_id) {
        stack.change_sets.retain(|set| set.id != set_id);
    }
    Ok(json!({}))
}

pub(super) fn list(world: &mut World, input: &Value) -> Result<Value, Fault> {
    let stack = find(world, text(input, "StackName").unwrap_or_default(), IN_BRACKETS)?;
    let scope = format!("ListChangeSets {}", stack.id);
    let sets: Vec<&ChangeSet> = stack.change_sets.iter().collect();
    let (sets, next) =
        page(world, sets, &scope, text(input, "NextToken"), None, PAGE).map_err(|_| invalid("Invalid NextToken"))?;
    let summary = |set: &ChangeSet| {
        let (status, execution) = set.status(world.now);
        json!({
            "StackId": stack.id,
            "StackName": stack.name,
            "ChangeSetId": set.id,
            "ChangeSetName": set.name,
            "ExecutionStatus": execution,
            "Status": status,
            "StatusReason": set.failure.as_ref().filter(|_| status == "FAILED"),
            "CreationTime": epoch(set.created),
            "Description": set.description,
            "IncludeNestedStacks": false,
        })
    };
    Ok(json!({ "Summaries": sets.into_iter().map(summary).collect::<Vec<_>>(), "NextToken": next }))
}
