//! CloudFormation: stacks made of templates, by change sets or at once.
//!
//! A [`template`] is read and held together, its [`parameters`] get values, its [`intrinsics`] are reckoned; what comes
//! of it is made, changed and deleted resource by resource as [`run`] says, in simulated time, by [`make`].
//!
//! Not simulated: transforms, nested stacks, imports and exports between stacks, drift, hooks, stack policies.

pub mod answers;
pub mod changes;
pub mod intrinsics;
pub mod make;
pub mod parameters;
pub mod rules;
pub mod run;
pub mod sets;
pub mod stack;
pub mod template;
pub mod types;
pub mod yaml;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};

use self::stack::{Plan, Stack};
use self::template::Template;
use super::args::{text, texts};
use super::fault::Fault;
use super::world::World;

/// Answers a call.
///
/// # Errors
/// As CloudFormation does.
pub fn call(world: &mut World, operation: &str, input: &Value) -> Result<Value, Fault> {
    match operation {
        "CreateChangeSet" => sets::create(world, input),
        "DescribeChangeSet" => sets::describe(world, input),
        "ExecuteChangeSet" => once(world, operation, input, sets::execute),
        "DeleteChangeSet" => sets::delete(world, input),
        "ListChangeSets" => sets::list(world, input),
        "CreateStack" => once(world, operation, input, create),
        "UpdateStack" => once(world, operation, input, update),
        "DeleteStack" => once(world, operation, input, delete),
        "DescribeStacks" => answers::stacks(world, input),
        "DescribeEvents" => sets::events(world, input),
        "DescribeStackEvents" => answers::events(world, input),
        "ListStackResources" => answers::list_resources(world, input),
        "DescribeStackResources" => answers::resources(world, input),
        "GetTemplate" => answers::template(world, input),
        "GetTemplateSummary" => answers::summary(world, input),
        "ValidateTemplate" => answers::validate(world, input),
        "ListStacks" => answers::list(world, input),
        _ => Err(Fault::unknown_operation(operation)),
    }
}

fn invalid(message: impl Into<String>) -> Fault {
    Fault::new("ValidationError", 400, message)
}

/// The most bytes that a template has when it is sent itself, and when it lies in a bucket (CloudFormation quotas).
const LONGEST_BODY: usize = 51_200;
const LONGEST_OBJECT: usize = 1_048_576;
/// The most stacks that an account has (CloudFormation quotas, by default).
const MOST_STACKS: usize = 2_000;

/// Answers a call that carries a token: the same call with the same token takes effect once.
fn once(
    world: &mut World,
    operation: &str,
    input: &Value,
    act: fn(&mut World, &Value) -> Result<Value, Fault>,
) -> Result<Value, Fault> {
    let Some(token) = text(input, "ClientRequestToken").map(|token| format!("cloudformation {token}")) else {
        return act(world, input);
    };
    let asked = json!({ "operation": operation, "input": input });
    match world.tokens.get(&token) {
        Some((before, answer)) if *before == asked => Ok(answer.clone()),
        Some(_) => {
            let token = text(input, "ClientRequestToken").unwrap_or_default();
            let message = format!("Client token {token} was used with different parameters.");
            Err(Fault::new("TokenAlreadyExistsException", 400, message))
        }
        None => {
            let answer = act(world, input)?;
            world.tokens.insert(token, (asked, answer.clone()));
            Ok(answer)
        }
    }
}

/// The stack that a call means.
fn find<'a>(world: &'a World, reference: &str, missing: &str) -> Result<&'a Stack, Fault> {
    world.stacks.find(reference).ok_or_else(|| invalid(missing.replace("{}", reference)))
}

/// How most calls tell that there is no such stack.
const WITH_ID: &str = "Stack with id {} does not exist";
/// How the others do.
const IN_BRACKETS: &str = "Stack [{}] does not exist";

/// The text of the template that a call brings, if it brings one.
fn body(world: &World, input: &Value) -> Result<Option<String>, Fault> {
    let too_long = |text: &str, most: usize, member: &str| {
        let told = format!(
            "1 validation error detected: Value '{text}' at '{member}' failed to satisfy constraint: Member must have length less than or equal to {most}"
        );
        if text.len() > most { Err(invalid(told)) } else { Ok(Some(text.to_owned())) }
    };
    match (text(input, "TemplateBody"), text(input, "TemplateURL")) {
        (Some(_), Some(_)) => {
            Err(invalid("Only one of TemplateBody, TemplateURL, or UsePreviousTemplate can be specified."))
        }
        (Some(body), None) => too_long(body, LONGEST_BODY, "templateBody"),
        (None, Some(url)) => too_long(&fetched(world, url)?, LONGEST_OBJECT, "templateURL"),
        (None, None) => Ok(None),
    }
}

/// The text of a template that lies in a bucket.
fn fetched(_: &World, url: &str) -> Result<String, Fault> {
    Err(invalid(format!(
        "S3 error: Access Denied For more information check http://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html ({url})"
    )))
}

fn read(text: &str) -> Result<Arc<Template>, Fault> {
    Template::read(text).map(Arc::new).map_err(invalid)
}

/// What a call wants a stack to be; `before` is what it is made of, if it is made of anything.
fn plan(world: &World, input: &Value, before: Option<&Plan>) -> Result<Plan, Fault> {
    let previous = input.get("UsePreviousTemplate").and_then(Value::as_bool).unwrap_or(false);
    let template = match (body(world, input)?, previous, before) {
        (Some(_), true, _) => {
            return Err(invalid("Only one of TemplateBody, TemplateURL, or UsePreviousTemplate can be specified."));
        }
        (Some(text), false, _) => read(&text)?,
        (None, true, Some(before)) => before.template.clone(),
        (None, true, None) => {
            return Err(invalid("UsePreviousTemplate cannot be used: the stack has no template yet."));
        }
        (None, false, _) => return Err(invalid("Either Template URL or Template Body must be specified.")),
    };
    let sent = input.get("Parameters").unwrap_or(&Value::Null);
    let values = parameters::resolve(&template, sent, before.map(|before| &before.values)).map_err(invalid)?;
    rules::hold(&template, &values, world).map_err(invalid)?;
    let capabilities: Vec<String> = texts(input, "Capabilities").into_iter().map(str::to_owned).collect();
    if let Some((needed, _)) = template.capability() {
        let granted = |capability: &String| capability == needed || capability == "CAPABILITY_NAMED_IAM";
        if !capabilities.iter().any(granted) {
            let message = format!("Requires capabilities : [{needed}]");
            return Err(Fault::new("InsufficientCapabilitiesException", 400, message));
        }
    }
    let tags = match input.get("Tags").and_then(Value::as_array) {
        None => before.map(|before| before.tags.clone()).unwrap_or_default(),
        Some(tags) => read_tags(tags)?,
    };
    let role = text(input, "RoleARN").map(str::to_owned).or_else(|| before.and_then(|before| before.role.clone()));
    Ok(Plan { template, values, tags, capabilities, role })
}

fn read_tags(tags: &[Value]) -> Result<Vec<(String, String)>, Fault> {
    let mut out = BTreeMap::new();
    for tag in tags {
        let (key, value) = (text(tag, "Key").unwrap_or_default(), text(tag, "Value").unwrap_or_default());
        if key.to_lowercase().starts_with("aws:") {
            return Err(invalid("aws: prefixed tag key names are not allowed for external use."));
        }
        if out.insert(key.to_owned(), value.to_owned()).is_some() {
            return Err(invalid(format!("Duplicate tag keys found: {key}")));
        }
    }
    Ok(out.into_iter().collect())
}

/// A stack of which nothing has been made yet.
fn new_stack(world: &mut World, name: &str) -> Result<Stack, Fault> {
    let letters = |letter: char| letter.is_ascii_alphanumeric() || letter == '-';
    let starts = name.starts_with(|letter: char| letter.is_ascii_alphabetic());
    if !starts || name.len() > 128 || !name.chars().all(letters) {
        return Err(invalid(format!(
            "1 validation error detected: Value '{name}' at 'stackName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*"
        )));
    }
    if world.stacks.all.values().filter(|stack| stack.status != "DELETE_COMPLETE").count() >= MOST_STACKS {
        let message = format!("Limit for stack has been exceeded: {MOST_STACKS}");
        return Err(Fault::new("LimitExceededException", 400, message));
    }
    let uuid = world.next_uuid();
    let id = world.arn("cloudformation", &format!("stack/{name}/{uuid}"));
    Ok(Stack {
        id,
        name: name.to_owned(),
        status: "REVIEW_IN_PROGRESS",
        reason: None,
        created: world.now,
        updated: None,
        deleted: None,
        plan: None,
        before: None,
        outputs: Vec::new(),
        made: Vec::new(),
        events: Vec::new(),
        change_sets: Vec::new(),
        executed: None,
        on_failure: "ROLLBACK".to_owned(),
        protected: false,
        token: None,
        work: None,
        generation: 0,
    })
}

fn create(world: &mut World, input: &Value) -> Result<Value, Fault> {
    let name = text(input, "StackName").unwrap_or_default();
    if world.stacks.find(name).is_some() {
        return Err(Fault::new("AlreadyExistsException", 400, format!("Stack [{name}] already exists")));
    }
    let plan = plan(world, input, None)?;
    let mut stack = new_stack(world, name)?;
    stack::scope(world, &plan, &stack.name, &stack.id).map_err(invalid)?;
    let rolls_back = !input.get("DisableRollback").and_then(Value::as_bool).unwrap_or(false);
    let on_failure = text(input, "OnFailure").unwrap_or(if rolls_back { "ROLLBACK" } else { "DO_NOTHING" });
    if text(input, "OnFailure").is_some() && input.get("DisableRollback").is_some() {
        return Err(invalid("Only one of OnFailure and DisableRollback can be specified."));
    }
    on_failure.clone_into(&mut stack.on_failure);
    stack.protected = input.get("EnableTerminationProtection").and_then(Value::as_bool).unwrap_or(false);
    stack.token = text(input, "ClientRequestToken").map(str::to_owned);
    stack.plan = Some(plan);
    let id = stack.id.clone();
    world.stacks.all.insert(id.clone(), stack);
    world.create_stack(&id);
    Ok(json!({ "StackId": id }))
}

/// Refuses a stack that is in no state in which it could be updated.
fn updatable(stack: &Stack) -> Result<(), Fault> {
    match stack.status {
        "CREATE_COMPLETE" | "UPDATE_COMPLETE" | "UPDATE_ROLLBACK_COMPLETE" | "UPDATE_FAILED" => Ok(()),
        status => Err(invalid(format!("Stack:{} is in {status} state and can not be updated.", stack.id))),
    }
}

fn update(world: &mut World, input: &Value) -> Result<Value, Fault> {
    let stack = find(world, text(input, "StackName").unwrap_or_default(), IN_BRACKETS)?;
    updatable(stack)?;
    let (id, plan) = (stack.id.clone(), plan(world, input, stack.plan.as_ref())?);
    let outlook = changes::outlook(world, stack, &plan).map_err(invalid)?;
    let tags_change = stack.plan.as_ref().is_some_and(|before| before.tags != plan.tags);
    if outlook.changes.is_empty() && !outlook.outputs_change && !tags_change {
        return Err(invalid(changes::NOTHING_CHANGES));
    }
    let rolls_back = !input.get("DisableRollback").and_then(Value::as_bool).unwrap_or(false);
    let token = text(input, "ClientRequestToken").map(str::to_owned);
    if let Some(stack) = world.stacks.all.get_mut(&id) {
        stack.on_failure = if rolls_back { "ROLLBACK" } else { "DO_NOTHING" }.to_owned();
        stack.token = token;
        stack.executed = None;
        sets::outdate(stack, None);
    }
    world.update_stack(&id, plan);
    Ok(json!({ "StackId": id }))
}

fn delete(world: &mut World, input: &Value) -> Result<Value, Fault> {
    // A stack that is not there is deleted already.
    let Some(stack) = world.stacks.find(text(input, "StackName").unwrap_or_default()) else { return Ok(json!(null)) };
    let (id, status) = (stack.id.clone(), stack.status);
    if matches!(status, "DELETE_COMPLETE" | "DELETE_IN_PROGRESS") {
        return Ok(json!(null));
    }
    if stack.protected {
        let message = format!("Stack [{}] cannot be deleted while TerminationProtection is enabled", stack.name);
        return Err(invalid(message));
    }
    if stack.is_busy() && status.starts_with("UPDATE") {
        return Err(invalid(format!("Stack [{}] cannot be deleted while in status {status}", stack.name)));
    }
    let retain = texts(input, "RetainResources");
    if !retain.is_empty() && status != "DELETE_FAILED" {
        let message = format!(
            "Invalid operation on stack [{id}]. When you delete a stack, specify which resources to retain only when the stack is in the DELETE_FAILED state."
        );
        return Err(invalid(message));
    }
    let token = text(input, "ClientRequestToken").map(str::to_owned);
    if let Some(stack) = world.stacks.all.get_mut(&id) {
        stack.token = token;
    }
    world.delete_stack(&id, &retain);
    Ok(json!(null))
}
