//! What a plan would change about a stack, before it does.

use serde_json::{Map, Value, json};

use super::intrinsics::{LATER, plain};
use super::make;
use super::run::differences;
use super::stack::{self, Made, Plan, Stack};
use super::template::{Resource, Stays};
use crate::sim::world::World;

/// What CloudFormation says of a change set in which nothing changes.
pub const NOTHING_SENT: &str =
    "The submitted information didn't contain changes. Submit different information to create a change set.";
/// The same where the template reads otherwise and comes to the same.
pub const NOTHING_CHANGES: &str = "No updates are to be performed.";

/// What a plan comes to.
#[derive(Debug, Default)]
pub struct Outlook {
    /// The changes, as DescribeChangeSet tells them.
    pub changes: Vec<Value>,
    /// What its early validation finds wrong.
    pub wrong: Vec<Wrong>,
    /// Whether an output changes.
    pub outputs_change: bool,
}

/// What the early validation of a change set finds wrong with a resource ("Validate stack deployments" in the User Guide).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// The check that found it: `PropertyValidation` or `ResourceExistenceCheck`.
    pub check: &'static str,
    /// What the check is called in events.
    pub validation: &'static str,
    /// The resource's logical id.
    pub id: String,
    /// Its type.
    pub kind: &'static str,
    /// Why.
    pub reason: String,
}

impl Wrong {
    fn of_properties(resource: &Resource, reason: String) -> Self {
        let (id, kind) = (resource.id.clone(), resource.kind.name);
        Self { check: "PropertyValidation", validation: "PROPERTY_VALIDATION", id, kind, reason }
    }

    fn of_name(resource: &Resource, name: &str) -> Self {
        let (id, kind) = (resource.id.clone(), resource.kind.name);
        let reason = format!("Resource of type '{kind}' with identifier '{name}' already exists.");
        Self { check: "ResourceExistenceCheck", validation: "NAME_CONFLICT_VALIDATION", id, kind, reason }
    }
}

/// What is wrong with the name that a new resource is to have.
fn misnamed(world: &World, resource: &Resource, properties: &Map<String, Value>) -> Option<Wrong> {
    let (property, longest) = resource.kind.named?;
    let name = properties.get(property).and_then(plain)?;
    let length = name.chars().count();
    if length > longest {
        let reason = format!("#/{property}: expected maxLength: {longest}, actual: {length}");
        return Some(Wrong::of_properties(resource, reason));
    }
    make::is_there(world, resource.kind, &name).then(|| Wrong::of_name(resource, &name))
}

/// Works out what a plan changes about a stack.
///
/// # Errors
/// If a value of it cannot be reckoned.
pub fn outlook(world: &World, stack: &Stack, plan: &Plan) -> Result<Outlook, String> {
    let mut scope = stack::scope(world, plan, &stack.name, &stack.id)?;
    let mut out = Outlook::default();
    for resource in plan.template.resources.iter().filter(|resource| plan.wants(&scope, resource)).collect::<Vec<_>>() {
        let properties = stack::properties(&scope, plan, resource)?;
        let wrong = stack::check_properties(&resource.id, resource.kind, &properties);
        out.wrong.extend(wrong.err().map(|reason| Wrong::of_properties(resource, reason)));
        let there = stack.resource(&resource.id).filter(|made| made.physical.is_some());
        match there {
            None => {
                out.wrong.extend(misnamed(world, resource, &properties));
                out.changes.push(change("Add", &resource.id, resource.kind.name, Map::new()));
                scope.resources.insert(resource.id.clone(), None);
            }
            Some(made) => {
                let replaced = modify(&mut out, made, &properties);
                let known = made.physical.clone().map(|physical| (physical, made.attributes.clone()));
                scope.resources.insert(resource.id.clone(), known.filter(|_| !replaced));
            }
        }
    }
    for made in
        stack.made.iter().rev().filter(|made| !scope.resources.contains_key(&made.id) && made.physical.is_some())
    {
        let mut more = Map::new();
        more.insert("PhysicalResourceId".to_owned(), made.physical.as_deref().into());
        more.insert("PolicyAction".to_owned(), if made.stays == Stays::Never { "Delete" } else { "Retain" }.into());
        out.changes.push(change("Remove", &made.id, made.kind.name, more));
    }
    out.outputs_change = plan.outputs(&scope)? != stack.outputs;
    Ok(out)
}

/// Tells how an existing resource changes, if it does; whether another takes its place.
fn modify(out: &mut Outlook, made: &Made, properties: &Map<String, Value>) -> bool {
    let names = differences(&made.properties, properties);
    if names.is_empty() {
        return false;
    }
    let certain = |name: &String| !properties.get(name).is_some_and(|value| value.to_string().contains(LATER));
    let recreation = |name: &String| match (made.kind.replaces(name), certain(name)) {
        (true, true) => "Always",
        (true, false) => "Conditionally",
        (false, _) => "Never",
    };
    let detail = |name: &String| {
        let tags = name == "Tags";
        json!({
            "Target": {
                "Attribute": if tags { "Tags" } else { "Properties" },
                "Name": (!tags).then_some(name),
                "RequiresRecreation": recreation(name),
            },
            "Evaluation": if certain(name) { "Static" } else { "Dynamic" },
            "ChangeSource": "DirectModification",
        })
    };
    let details: Vec<Value> = names.iter().map(detail).collect();
    let has = |word: &str| names.iter().any(|name| recreation(name) == word);
    let replacement = if has("Always") {
        "True"
    } else if has("Conditionally") {
        "Conditional"
    } else {
        "False"
    };
    let mut scope = Vec::new();
    if names.iter().any(|name| name != "Tags") {
        scope.push("Properties");
    }
    if names.iter().any(|name| name == "Tags") {
        scope.push("Tags");
    }
    let mut more = Map::new();
    more.insert("PhysicalResourceId".to_owned(), made.physical.as_deref().into());
    more.insert("Replacement".to_owned(), replacement.into());
    more.insert("Scope".to_owned(), scope.into());
    more.insert("Details".to_owned(), details.into());
    out.changes.push(change("Modify", &made.id, made.kind.name, more));
    replacement != "False"
}

fn change(action: &str, id: &str, kind: &str, more: Map<String, Value>) -> Value {
    let mut resource = Map::new();
    resource.insert("Action".to_owned(), action.into());
    resource.insert("LogicalResourceId".to_owned(), id.into());
    resource.insert("ResourceType".to_owned(), kind.into());
    if action != "Modify" {
        resource.insert("Scope".to_owned(), json!([]));
        resource.insert("Details".to_owned(), json!([]));
    }
    resource.extend(more);
    json!({ "Type": "Resource", "ResourceChange": resource })
}
