//! Making, changing and deleting the things that resources of stacks stand for. The account has them from then on as if
//! somebody had made them by hand.

mod functions;
mod kept;
mod schedules;
mod storage;

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::intrinsics::plain;
use super::types::Kind;
use crate::sim::fault::Fault;
use crate::sim::shapes::{self, Service, Table};
use crate::sim::world::{World, scatter};

/// A resource that is to be.
#[derive(Clone, Copy, Debug)]
pub struct Wish<'a> {
    /// The name of its stack.
    pub stack: &'a str,
    /// The id of its stack.
    pub stack_id: &'a str,
    /// Its logical id.
    pub id: &'a str,
    /// Its type.
    pub kind: &'static Kind,
    /// Its properties.
    pub properties: &'a Map<String, Value>,
}

/// A resource that is there.
#[derive(Clone, Debug, Default)]
pub struct Thing {
    /// Its physical id, which is what `Ref` gives.
    pub physical: String,
    /// What `Fn::GetAtt` gives.
    pub attributes: Map<String, Value>,
}

/// Why something could not be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// It is in use right now: later it may go.
    Busy,
    /// It cannot be done, with the reason in CloudFormation's words.
    Failed(String),
}

/// Makes a resource.
///
/// # Errors
/// As the service refuses it.
pub fn create(world: &mut World, wish: &Wish<'_>) -> Result<Thing, Trouble> {
    match wish.kind.name {
        "AWS::S3::Bucket" => storage::create_bucket(world, wish),
        "AWS::SQS::Queue" => storage::create_queue(world, wish),
        "AWS::Lambda::Function" => functions::create(world, wish),
        "AWS::Lambda::EventSourceMapping" => functions::create_mapping(world, wish),
        "AWS::Scheduler::ScheduleGroup" => schedules::create_group(world, wish),
        "AWS::Scheduler::Schedule" => schedules::create(world, wish),
        _ => kept::create(world, wish),
    }
}

/// Changes a resource from what it was with `old` properties.
///
/// # Errors
/// As the service refuses it.
pub fn update(world: &mut World, wish: &Wish<'_>, physical: &str, old: &Map<String, Value>) -> Result<Thing, Trouble> {
    match wish.kind.name {
        "AWS::S3::Bucket" => storage::update_bucket(world, wish, physical),
        "AWS::SQS::Queue" => storage::update_queue(world, wish, physical),
        "AWS::Lambda::Function" => functions::update(world, wish, physical, old),
        "AWS::Lambda::EventSourceMapping" => functions::update_mapping(world, wish, physical, old),
        "AWS::Scheduler::ScheduleGroup" => schedules::update_group(world, wish, physical),
        "AWS::Scheduler::Schedule" => schedules::update(world, wish, physical),
        _ => kept::update(world, wish, physical),
    }
}

/// Deletes a resource. One that is gone already is fine.
///
/// # Errors
/// As the service refuses it.
pub fn delete(
    world: &mut World,
    kind: &'static Kind,
    physical: &str,
    properties: &Map<String, Value>,
) -> Result<(), Trouble> {
    match kind.name {
        "AWS::S3::Bucket" => storage::delete_bucket(world, physical),
        "AWS::SQS::Queue" => storage::delete_queue(world, physical),
        "AWS::Lambda::Function" => functions::delete(world, physical),
        "AWS::Lambda::EventSourceMapping" => functions::delete_mapping(world, physical),
        "AWS::Scheduler::ScheduleGroup" => schedules::delete_group(world, physical),
        "AWS::Scheduler::Schedule" => schedules::delete(world, physical, properties),
        _ => kept::delete(world, kind, physical),
    }
}

/// Whether something of that type has that name already.
#[must_use]
pub fn is_there(world: &World, kind: &'static Kind, name: &str) -> bool {
    match kind.name {
        "AWS::S3::Bucket" => world.buckets.contains_key(name),
        "AWS::SQS::Queue" => world.queues.contains_key(name),
        "AWS::Lambda::Function" => world.functions.contains_key(name),
        "AWS::Scheduler::ScheduleGroup" => world.groups.contains_key(name),
        _ => world.stacks.kept.contains_key(&(kind.name, name.to_owned())),
    }
}

/// Whether a resource has come to rest.
#[must_use]
pub fn is_settled(world: &World, kind: &'static Kind, physical: &str) -> bool {
    let mapping = world.mappings.get(physical).filter(|_| kind.name == "AWS::Lambda::EventSourceMapping");
    mapping.is_none_or(|mapping| !mapping.in_transition())
}

/// The tags among properties.
#[must_use]
pub fn tags(properties: &Map<String, Value>) -> BTreeMap<String, String> {
    let tags = properties.get("Tags").and_then(Value::as_array).into_iter().flatten();
    tags.filter_map(|tag| Some((plain(tag.get("Key")?)?, plain(tag.get("Value")?)?))).collect()
}

/// The text of a property.
fn text(properties: &Map<String, Value>, key: &str) -> Option<String> {
    properties.get(key).and_then(plain)
}

/// The whole number of a property, which may be written as a text.
fn number(properties: &Map<String, Value>, key: &str) -> Option<u64> {
    text(properties, key)?.parse().ok()
}

/// The name that a resource is given: its own, or one of the stack's, its own id's and twelve letters' making.
fn name(world: &mut World, wish: &Wish<'_>) -> String {
    let (property, longest) = wish.kind.named.unwrap_or(("", 255));
    if let Some(own) = text(wish.properties, property) {
        return own;
    }
    let random = letters(world);
    let room = longest.saturating_sub(random.len() + 1);
    let half = room.saturating_sub(1) / 2;
    // Both parts give way where the name would be too long, so that both are still recognized.
    let id: String = wish.id.chars().take(half.max(room.saturating_sub(wish.stack.chars().count() + 1))).collect();
    let stack: String = wish.stack.chars().take(room.saturating_sub(id.chars().count() + 1)).collect();
    format!("{stack}-{id}-{random}")
}

/// Twelve letters and digits that look random.
fn letters(world: &mut World) -> String {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    let mut seed = scatter(world.next_serial() ^ 0xc1f0);
    let mut out = String::with_capacity(12);
    for _ in 0..12 {
        let index = usize::try_from(seed % 36).unwrap_or(0);
        out.push(char::from(ALPHABET.get(index).copied().unwrap_or(b'A')));
        seed /= 36;
    }
    out
}

/// The reason that CloudFormation gives when a resource's handler fails.
fn handler(world: &mut World, message: &str, code: &str) -> Trouble {
    let token = world.next_uuid();
    Trouble::Failed(format!(
        "Resource handler returned message: \"{message}\" (RequestToken: {token}, HandlerErrorCode: {code})"
    ))
}

/// The same for what a service answered its handler.
fn refused(world: &mut World, service: &str, status: u16, message: &str) -> Trouble {
    let code = match status {
        404 => "NotFound",
        409 => "AlreadyExists",
        500.. => "ServiceInternalError",
        _ => "InvalidRequest",
    };
    let id = world.next_uuid();
    let told = format!("{message} (Service: {service}, Status Code: {status}, Request ID: {id})");
    handler(world, &told, code)
}

/// The same for an error of a handler of this account.
fn fault(world: &mut World, service: &str, fault: &Fault) -> Trouble {
    refused(world, service, fault.status(), fault.message())
}

/// Something of that name is there already.
fn taken(world: &mut World, kind: &Kind, name: &str) -> Trouble {
    let message = format!("Resource of type '{}' with identifier '{name}' already exists.", kind.name);
    handler(world, &message, "AlreadyExists")
}

/// Calls a service of this account with an input that is held to its shape, as one from outside would be. Numbers and
/// truth may be written as texts: templates do that.
fn call(world: &mut World, service: Service, operation: &str, mut input: Value) -> Result<Value, Trouble> {
    let table = service.table();
    let shape = table.operation(operation).and_then(|(_, operation)| operation.input.as_deref());
    if let Some(name) = shape {
        let shape = table.shape(name);
        coerce(table, shape, &mut input);
        if let Err(wrong) = crate::sim::check::input(service, shape, &mut input) {
            return Err(fault(world, service.name(), &wrong));
        }
    }
    let answer = match service {
        Service::Scheduler => crate::sim::scheduler::call(world, operation, &input),
        Service::Lambda => crate::sim::lambda::call(world, operation, &input),
        _ => Err(Fault::unknown_operation(operation)),
    };
    answer.map_err(|wrong| match wrong.code() {
        "ResourceInUseException" => Trouble::Busy,
        _ => fault(world, service.name(), &wrong),
    })
}

fn coerce(table: &Table, shape: &shapes::Shape, value: &mut Value) {
    use shapes::Kind;
    match (shape.kind, &mut *value) {
        (Kind::Structure, Value::Object(fields)) => {
            for (name, inner) in fields {
                if let Some(member) = shape.members.get(name) {
                    coerce(table, table.shape(&member.shape), inner);
                }
            }
        }
        (Kind::List, Value::Array(list)) => {
            list.iter_mut().for_each(|inner| coerce(table, table.shape(&shape.of), inner));
        }
        (Kind::Map, Value::Object(fields)) => {
            fields.values_mut().for_each(|inner| coerce(table, table.shape(&shape.value), inner));
        }
        (kind, scalar) => {
            if let Some(better) = plain(scalar).and_then(|text| scalar_of(kind, &text)) {
                *value = better;
            }
        }
    }
}

fn scalar_of(kind: shapes::Kind, text: &str) -> Option<Value> {
    use shapes::Kind;
    match kind {
        Kind::String => Some(text.into()),
        Kind::Integer | Kind::Long => text.parse::<i64>().ok().map(Value::from),
        Kind::Float | Kind::Double => text.parse::<f64>().ok().map(Value::from),
        Kind::Boolean => text.parse::<bool>().ok().map(Value::from),
        Kind::Timestamp => {
            let at: chrono::DateTime<chrono::Utc> = text.parse().ok()?;
            Some(crate::sim::world::epoch(at))
        }
        Kind::Structure | Kind::List | Kind::Map | Kind::Blob => None,
    }
}
