//! What is told of stacks and templates.

use serde_json::{Value, json};

use super::stack::{Made, Stack};
use super::{IN_BRACKETS, WITH_ID, body, find, invalid, parameters, read, sets};
use crate::sim::args::{page, text, texts};
use crate::sim::fault::Fault;
use crate::sim::world::{World, epoch};

/// How many of anything a page holds.
const PAGE: usize = 100;

fn pages<T>(world: &World, rows: Vec<T>, scope: &str, input: &Value) -> Result<(Vec<T>, Option<String>), Fault> {
    page(world, rows, scope, text(input, "NextToken"), None, PAGE).map_err(|_| invalid("Invalid NextToken"))
}

/// The stacks, the newest first.
fn newest(world: &World) -> Vec<&Stack> {
    let mut all: Vec<&Stack> = world.stacks.all.values().collect();
    all.sort_by_key(|stack| std::cmp::Reverse(stack.created));
    all
}

pub(super) fn stacks(world: &mut World, input: &Value) -> Result<Value, Fault> {
    let found = match text(input, "StackName") {
        Some(reference) => vec![find(world, reference, WITH_ID)?],
        None => newest(world).into_iter().filter(|stack| stack.status != "DELETE_COMPLETE").collect(),
    };
    let scope = format!("DescribeStacks {:?}", text(input, "StackName"));
    let (rows, next) = pages(world, found, &scope, input)?;
    Ok(json!({ "Stacks": rows.into_iter().map(describe).collect::<Vec<_>>(), "NextToken": next }))
}

fn describe(stack: &Stack) -> Value {
    let set = stack.change_sets.iter().find(|set| Some(&set.id) == stack.executed.as_ref());
    let set = set.or(stack.change_sets.first().filter(|_| stack.status == "REVIEW_IN_PROGRESS"));
    let plan = stack.plan.as_ref();
    let tags = plan.map(|plan| plan.tags.clone()).unwrap_or_default();
    json!({
        "StackId": stack.id,
        "StackName": stack.name,
        "ChangeSetId": set.map(|set| &set.id),
        "Description": plan.and_then(|plan| plan.template.description.as_ref()),
        "Parameters": plan.map(|plan| parameters::described(&plan.template, &plan.values)),
        "CreationTime": epoch(stack.created),
        "LastUpdatedTime": stack.updated.map(epoch),
        "DeletionTime": stack.deleted.map(epoch),
        "RollbackConfiguration": {},
        "StackStatus": stack.status,
        "StackStatusReason": stack.reason,
        "DisableRollback": stack.on_failure == "DO_NOTHING",
        "NotificationARNs": [],
        "Capabilities": plan.map(|plan| plan.capabilities.clone()).filter(|granted| !granted.is_empty()),
        "Outputs": if stack.outputs.is_empty() { Value::Null } else { stack.outputs.clone().into() },
        "RoleARN": plan.and_then(|plan| plan.role.as_ref()),
        "Tags": tags.iter().map(|(key, value)| json!({ "Key": key, "Value": value })).collect::<Vec<_>>(),
        "EnableTerminationProtection": stack.protected,
        "DriftInformation": { "StackDriftStatus": "NOT_CHECKED" },
    })
}

pub(super) fn list(world: &mut World, input: &Value) -> Result<Value, Fault> {
    let wanted = texts(input, "StackStatusFilter");
    let stacks =
        newest(world).into_iter().filter(|stack| wanted.is_empty() || wanted.contains(&stack.status)).collect();
    let (rows, next) = pages(world, stacks, &format!("ListStacks {wanted:?}"), input)?;
    let summary = |stack: &Stack| {
        json!({
            "StackId": stack.id,
            "StackName": stack.name,
            "TemplateDescription": stack.plan.as_ref().and_then(|plan| plan.template.description.as_ref()),
            "CreationTime": epoch(stack.created),
            "LastUpdatedTime": stack.updated.map(epoch),
            "DeletionTime": stack.deleted.map(epoch),
            "StackStatus": stack.status,
            "StackStatusReason": stack.reason,
            "DriftInformation": { "StackDriftStatus": "NOT_CHECKED" },
        })
    };
    Ok(json!({ "StackSummaries": rows.into_iter().map(summary).collect::<Vec<_>>(), "NextToken": next }))
}

pub(super) fn events(world: &mut World, input: &Value) -> Result<Value, Fault> {
    let stack = find(world, text(input, "StackName").unwrap_or_default(), IN_BRACKETS)?;
    // A token says how many events there were when the first page was asked for: what came since is on none of its pages.
    let (known, token) = match text(input, "NextToken") {
        None => (stack.events.len(), None),
        Some(given) => {
            let (known, token) = given.split_once('-').ok_or_else(|| invalid("Invalid NextToken"))?;
            (known.parse().map_err(|_| invalid("Invalid NextToken"))?, Some(token))
        }
    };
    let newest: Vec<&Value> = stack.events.iter().take(known).rev().collect();
    let scope = format!("DescribeStackEvents {} {known}", stack.id);
    let (rows, next) = page(world, newest, &scope, token, None, PAGE).map_err(|_| invalid("Invalid NextToken"))?;
    Ok(json!({ "StackEvents": rows, "NextToken": next.map(|next| format!("{known}-{next}")) }))
}

pub(super) fn list_resources(world: &mut World, input: &Value) -> Result<Value, Fault> {
    let stack = find(world, text(input, "StackName").unwrap_or_default(), WITH_ID)?;
    let rows: Vec<&Made> = stack.made.iter().collect();
    let (rows, next) = pages(world, rows, &format!("ListStackResources {}", stack.id), input)?;
    let summary = |made: &Made| {
        json!({
            "LogicalResourceId": made.id,
            "PhysicalResourceId": made.physical,
            "ResourceType": made.kind.name,
            "LastUpdatedTimestamp": epoch(made.at),
            "ResourceStatus": made.status,
            "ResourceStatusReason": made.reason,
            "DriftInformation": { "StackResourceDriftStatus": "NOT_CHECKED" },
        })
    };
    Ok(json!({ "StackResourceSummaries": rows.into_iter().map(summary).collect::<Vec<_>>(), "NextToken": next }))
}

pub(super) fn resources(world: &mut World, input: &Value) -> Result<Value, Fault> {
    let physical = text(input, "PhysicalResourceId");
    let stack = match (text(input, "StackName"), physical) {
        (Some(reference), _) => find(world, reference, WITH_ID)?,
        (None, Some(physical)) => {
            let has = |stack: &&Stack| stack.made.iter().any(|made| made.physical.as_deref() == Some(physical));
            let found = world.stacks.all.values().filter(|stack| stack.status != "DELETE_COMPLETE").find(has);
            found.ok_or_else(|| invalid(format!("Stack for {physical} does not exist")))?
        }
        (None, None) => return Err(invalid("Both StackName and PhysicalResourceId cannot be null")),
    };
    let logical = text(input, "LogicalResourceId");
    let rows = stack.made.iter().filter(|made| logical.is_none_or(|logical| logical == made.id)).take(PAGE);
    let row = |made: &Made| {
        json!({
            "StackName": stack.name,
            "StackId": stack.id,
            "LogicalResourceId": made.id,
            "PhysicalResourceId": made.physical,
            "ResourceType": made.kind.name,
            "Timestamp": epoch(made.at),
            "ResourceStatus": made.status,
            "ResourceStatusReason": made.reason,
            "DriftInformation": { "StackResourceDriftStatus": "NOT_CHECKED" },
        })
    };
    Ok(json!({ "StackResources": rows.map(row).collect::<Vec<_>>() }))
}

pub(super) fn template(world: &mut World, input: &Value) -> Result<Value, Fault> {
    let text = match text(input, "ChangeSetName") {
        Some(_) => sets::set(world, input)?.1.plan.template.text.clone(),
        None => {
            let reference = text(input, "StackName").unwrap_or_default();
            let stack = find(world, reference, WITH_ID)?;
            let plan = stack.plan.as_ref().ok_or_else(|| invalid(WITH_ID.replace("{}", reference)))?;
            plan.template.text.clone()
        }
    };
    Ok(json!({ "TemplateBody": text, "StagesAvailable": ["Original", "Processed"] }))
}

pub(super) fn summary(world: &mut World, input: &Value) -> Result<Value, Fault> {
    let template = match (body(world, input)?, text(input, "StackName")) {
        (Some(text), None) => read(&text)?,
        (None, Some(reference)) => {
            let stack = find(world, reference, WITH_ID)?;
            let plan = stack.plan.as_ref().ok_or_else(|| invalid(WITH_ID.replace("{}", reference)))?;
            plan.template.clone()
        }
        _ => return Err(invalid("Exactly one of TemplateBody, TemplateURL and StackName must be specified.")),
    };
    let capability = template.capability();
    Ok(json!({
        "Parameters": parameters::declared(&template, true),
        "Description": template.description,
        "Capabilities": capability.as_ref().map(|(name, _)| vec![*name]),
        "CapabilitiesReason": capability.map(|(_, reason)| reason),
        "ResourceTypes": template.kinds(),
        "Version": "2010-09-09",
        "Metadata": template.metadata.as_ref().map(Value::to_string),
        "DeclaredTransforms": [],
    }))
}

pub(super) fn validate(world: &mut World, input: &Value) -> Result<Value, Fault> {
    let Some(text) = body(world, input)? else {
        return Err(invalid("Either Template URL or Template Body must be specified."));
    };
    let template = read(&text)?;
    let capability = template.capability();
    Ok(json!({
        "Parameters": parameters::declared(&template, false),
        "Description": template.description,
        "Capabilities": capability.as_ref().map(|(name, _)| vec![*name]),
        "CapabilitiesReason": capability.map(|(_, reason)| reason),
        "DeclaredTransforms": [],
    }))
}
