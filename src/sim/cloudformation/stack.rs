//! Stacks, as the account keeps them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value, json};

use super::intrinsics::Scope;
use super::run::Work;
use super::template::{self, Stays, Template};
use super::types::Kind;
use super::{make, parameters};
use crate::sim::world::World;

/// All the stacks of the account, and what stacks made that nothing else of the account knows.
#[derive(Debug, Default)]
pub struct Stacks {
    /// The stacks, by their ids; deleted ones stay.
    pub all: BTreeMap<String, Stack>,
    /// Roles, alarms, log groups and the like: by type and physical id, with their properties.
    pub kept: BTreeMap<(&'static str, String), Value>,
}

/// What a stack is made of.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The template.
    pub template: Arc<Template>,
    /// The values of its parameters.
    pub values: BTreeMap<String, String>,
    /// The tags of the stack, which its resources get as well.
    pub tags: Vec<(String, String)>,
    /// The capabilities that were granted.
    pub capabilities: Vec<String>,
    /// The role that makes the resources.
    pub role: Option<String>,
}

/// A stack.
#[derive(Debug)]
pub struct Stack {
    /// Its ARN.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its status, in AWS's words.
    pub status: &'static str,
    /// Why it has this status.
    pub reason: Option<String>,
    /// When it was created.
    pub created: DateTime<Utc>,
    /// When it was last updated.
    pub updated: Option<DateTime<Utc>>,
    /// When it was deleted.
    pub deleted: Option<DateTime<Utc>>,
    /// What it is made of, or becomes; nothing while it is in review.
    pub plan: Option<Plan>,
    /// What it was made of before the update that is under way.
    pub before: Option<Plan>,
    /// Its outputs: name, value, description, the name of its export.
    pub outputs: Vec<Value>,
    /// Its resources.
    pub made: Vec<Made>,
    /// What happened, oldest first.
    pub events: Vec<Value>,
    /// Its change sets.
    pub change_sets: Vec<ChangeSet>,
    /// The change set that was executed last.
    pub executed: Option<String>,
    /// What to do when its creation or update fails: `ROLLBACK`, `DO_NOTHING` or `DELETE`.
    pub on_failure: String,
    /// Whether it must not be deleted.
    pub protected: bool,
    /// The token of the request that is being worked on.
    pub token: Option<String>,
    /// What is under way.
    pub work: Option<Work>,
    /// Counts the phases of its work: an event of an earlier one is void.
    pub generation: u64,
}

/// A resource of a stack.
#[derive(Clone, Debug)]
pub struct Made {
    /// Its logical id.
    pub id: String,
    /// Its type.
    pub kind: &'static Kind,
    /// Its physical id, once it has one.
    pub physical: Option<String>,
    /// Its properties as they came out, the tags of the stack among them.
    pub properties: Map<String, Value>,
    /// What `Fn::GetAtt` gives.
    pub attributes: Map<String, Value>,
    /// Its status, in AWS's words.
    pub status: &'static str,
    /// Why.
    pub reason: Option<String>,
    /// Since when.
    pub at: DateTime<Utc>,
    /// The resources that it needs.
    pub needs: BTreeSet<String>,
    /// Whether it stays when it leaves the stack.
    pub stays: Stays,
    /// It stays when another takes its place.
    pub stays_replaced: bool,
    /// What it was before the update that is under way.
    pub before: Option<Box<Made>>,
    /// Whether the update that is under way brought it.
    pub fresh: bool,
}

/// A change set.
#[derive(Clone, Debug)]
pub struct ChangeSet {
    /// Its ARN.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it says about itself.
    pub description: Option<String>,
    /// Whether it creates the stack.
    pub creates: bool,
    /// What the stack becomes.
    pub plan: Plan,
    /// What is told of the plan's changes.
    pub changes: Vec<Value>,
    /// Why it cannot be executed.
    pub failure: Option<String>,
    /// What early validation found wrong.
    pub wrong: Vec<super::changes::Wrong>,
    /// When it was asked for.
    pub created: DateTime<Utc>,
    /// `AVAILABLE`, `EXECUTE_IN_PROGRESS`, `EXECUTE_COMPLETE`, `EXECUTE_FAILED` or `OBSOLETE`, once it is complete.
    pub execution: &'static str,
    /// What to do when its execution fails, if it says so.
    pub on_failure: Option<String>,
}

/// How long a change set is worked out.
const PENDING: TimeDelta = TimeDelta::seconds(1);
const WORKED_OUT: TimeDelta = TimeDelta::seconds(4);

impl ChangeSet {
    /// Its status and its execution status at an instant.
    #[must_use]
    pub fn status(&self, now: DateTime<Utc>) -> (&'static str, &'static str) {
        let age = now - self.created;
        match &self.failure {
            _ if age < PENDING => ("CREATE_PENDING", "UNAVAILABLE"),
            _ if age < WORKED_OUT => ("CREATE_IN_PROGRESS", "UNAVAILABLE"),
            Some(_) => ("FAILED", if self.execution == "OBSOLETE" { "OBSOLETE" } else { "UNAVAILABLE" }),
            None => ("CREATE_COMPLETE", self.execution),
        }
    }
}

impl Stacks {
    /// The stack that a name or an id means. A deleted one has only its id.
    #[must_use]
    pub fn find(&self, reference: &str) -> Option<&Stack> {
        match self.all.get(reference) {
            Some(stack) => Some(stack),
            None => self.all.values().find(|stack| stack.name == reference && stack.status != "DELETE_COMPLETE"),
        }
    }
}

impl Stack {
    /// Whether something is under way.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.status.ends_with("_IN_PROGRESS") && self.status != "REVIEW_IN_PROGRESS"
    }

    /// A resource by its logical id.
    #[must_use]
    pub fn resource(&self, id: &str) -> Option<&Made> {
        self.made.iter().find(|made| made.id == id)
    }

    /// Takes another status, and tells of it.
    pub fn turn(&mut self, world: &mut World, status: &'static str, reason: Option<String>) {
        self.status = status;
        self.reason.clone_from(&reason);
        let (name, id) = (self.name.clone(), self.id.clone());
        self.tell(world, &name, "AWS::CloudFormation::Stack", Some(id), status, reason, None);
    }

    /// Puts down what happened to the stack or one of its resources.
    #[expect(clippy::too_many_arguments, reason = "an event has as many members")]
    pub fn tell(
        &mut self,
        world: &mut World,
        logical: &str,
        kind: &str,
        physical: Option<String>,
        status: &str,
        reason: Option<String>,
        properties: Option<&Map<String, Value>>,
    ) {
        let uuid = world.next_uuid();
        let event = if kind == "AWS::CloudFormation::Stack" { uuid } else { format!("{logical}-{status}-{uuid}") };
        self.events.push(json!({
            "StackId": self.id,
            "EventId": event,
            "StackName": self.name,
            "LogicalResourceId": logical,
            "PhysicalResourceId": physical.unwrap_or_default(),
            "ResourceType": kind,
            "Timestamp": crate::sim::world::epoch(world.now),
            "ResourceStatus": status,
            "ResourceStatusReason": reason,
            "ResourceProperties": properties.map(|properties| Value::Object(properties.clone()).to_string()),
            "ClientRequestToken": self.token,
        }));
    }
}

/// What the names of a plan stand for, without its resources.
///
/// # Errors
/// If a condition cannot be reckoned.
pub fn scope(world: &World, plan: &Plan, name: &str, id: &str) -> Result<Scope, String> {
    let mut names = parameters::as_names(&plan.template, &plan.values);
    let pseudo = [
        ("AWS::AccountId", Value::from(world.account.as_str())),
        ("AWS::Region", world.region.as_str().into()),
        ("AWS::Partition", "aws".into()),
        ("AWS::URLSuffix", "amazonaws.com".into()),
        ("AWS::StackName", name.into()),
        ("AWS::StackId", id.into()),
        ("AWS::NotificationARNs", Value::Array(Vec::new())),
    ];
    names.extend(pseudo.into_iter().map(|(name, value)| (name.to_owned(), value)));
    let conditions = template::conditions(&plan.template, &names)?;
    Ok(Scope { names, mappings: plan.template.mappings.clone(), conditions, resources: BTreeMap::new() })
}

/// The properties that a resource of a plan has, with the tags of the stack.
///
/// # Errors
/// If a function in them cannot be reckoned.
pub fn properties(scope: &Scope, plan: &Plan, resource: &template::Resource) -> Result<Map<String, Value>, String> {
    let Some(Value::Object(mut fields)) = scope.value(&resource.properties)? else { return Ok(Map::new()) };
    let mut tags = make::tags(&fields);
    if resource.kind.knows("Tags") && !(plan.tags.is_empty() && tags.is_empty()) {
        for (key, value) in &plan.tags {
            tags.entry(key.clone()).or_insert_with(|| value.clone());
        }
        let tags: Vec<Value> = tags.iter().map(|(key, value)| json!({ "Key": key, "Value": value })).collect();
        fields.insert("Tags".to_owned(), tags.into());
    }
    Ok(fields)
}

/// What is wrong with the properties of a resource by its type.
///
/// # Errors
/// In CloudFormation's words.
pub fn check_properties(id: &str, kind: &Kind, properties: &Map<String, Value>) -> Result<(), String> {
    let unknown = properties.keys().filter(|name| !kind.knows(name));
    let unknown = unknown.map(|name| format!("#: extraneous key [{name}] is not permitted"));
    let missing = kind.required().filter(|name| !properties.contains_key(*name));
    let missing = missing.map(|name| format!("#: required key [{name}] not found"));
    let wrong: Vec<String> = unknown.chain(missing).collect();
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(format!("Properties validation failed for resource {id} with message:\n[{}]", wrong.join(", ")))
    }
}

impl Plan {
    /// Whether a resource of it is made, by its condition.
    #[must_use]
    pub fn wants(&self, scope: &Scope, resource: &template::Resource) -> bool {
        resource.condition.as_ref().is_none_or(|name| scope.conditions.get(name).copied().unwrap_or(false))
    }

    /// The outputs, as DescribeStacks tells them.
    ///
    /// # Errors
    /// If a value cannot be reckoned.
    pub fn outputs(&self, scope: &Scope) -> Result<Vec<Value>, String> {
        let mut out = Vec::new();
        for (key, output) in &self.template.outputs {
            let condition = output.get("Condition").and_then(Value::as_str);
            if condition.is_some_and(|name| !scope.conditions.get(name).copied().unwrap_or(false)) {
                continue;
            }
            let value = scope.value(output.get("Value").unwrap_or(&Value::Null))?;
            let value = value.as_ref().and_then(super::intrinsics::plain).ok_or_else(|| {
                format!(
                    "Template format error: The Value field of every Outputs member must evaluate to a String. [{key}]"
                )
            })?;
            let export = match output.get("Export").and_then(|export| export.get("Name")) {
                Some(name) => scope.value(name)?,
                None => None,
            };
            out.push(json!({
                "OutputKey": key,
                "OutputValue": value,
                "Description": output.get("Description"),
                "ExportName": export,
            }));
        }
        Ok(out)
    }
}
