//! Functions, and the mappings that feed them.

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_smithy_types::base64;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::super::intrinsics::plain;
use super::super::run::differences;
use super::{Thing, Trouble, Wish, call, name, number, refused, text};
use crate::sim::scenario::Role;
use crate::sim::shapes::Service;
use crate::sim::world::{Function, Mapping, World, function_name};

/// What a function does follows from its handler: the words by which the functions of this project go.
fn role(handler: &str) -> Role {
    match handler {
        "startup" => Role::Startup,
        "shutdown" => Role::Shutdown,
        "inference" => Role::Inference,
        _ => Role::Other,
    }
}

pub(super) fn create(world: &mut World, wish: &Wish<'_>) -> Result<Thing, Trouble> {
    let name = name(world, wish);
    if world.functions.contains_key(&name) {
        let message = format!("Function already exist: {name}");
        return Err(refused(world, "Lambda", 409, &message));
    }
    let function = read(world, wish.properties, &name)?;
    world.functions.insert(name.clone(), function);
    world.relink();
    Ok(thing(world, &name))
}

pub(super) fn update(
    world: &mut World,
    wish: &Wish<'_>,
    physical: &str,
    old: &Map<String, Value>,
) -> Result<Thing, Trouble> {
    // Tags are no part of a function's configuration: it is not modified by them.
    if differences(old, wish.properties) != ["Tags"] {
        let function = read(world, wish.properties, physical)?;
        world.functions.insert(physical.to_owned(), function);
        world.relink();
    }
    Ok(thing(world, physical))
}

#[expect(clippy::unnecessary_wraps, reason = "as the others of its kind")]
pub(super) fn delete(world: &mut World, physical: &str) -> Result<(), Trouble> {
    world.functions.remove(physical);
    world.relink();
    Ok(())
}

fn thing(world: &World, name: &str) -> Thing {
    let mut attributes = Map::new();
    attributes.insert("Arn".to_owned(), world.arn("lambda", &format!("function:{name}")).into());
    Thing { physical: name.to_owned(), attributes }
}

/// A function as its properties say.
fn read(world: &mut World, properties: &Map<String, Value>, name: &str) -> Result<Function, Trouble> {
    let timeout = number(properties, "Timeout").unwrap_or(3);
    let Some(timeout) = u32::try_from(timeout).ok().filter(|timeout| (1..=900).contains(timeout)) else {
        let message = format!(
            "1 validation error detected: Value '{timeout}' at 'timeout' failed to satisfy constraint: Member must have value less than or equal to 900"
        );
        return Err(refused(world, "Lambda", 400, &message));
    };
    let variables = properties.get("Environment").and_then(|environment| environment.get("Variables"));
    let variables = variables.and_then(Value::as_object).cloned().unwrap_or_default();
    let environment: BTreeMap<String, String> =
        variables.iter().filter_map(|(key, value)| Some((key.clone(), plain(value)?))).collect();
    let code = code(world, properties)?;
    let arn = world.arn("lambda", &format!("function:{name}"));
    Ok(Function {
        name: name.to_owned(),
        arn,
        role: role(&text(properties, "Handler").unwrap_or_default()),
        environment,
        timeout_seconds: timeout,
        seconds_per_message: 1.0,
        runtime: text(properties, "Runtime").unwrap_or_default(),
        description: text(properties, "Description").unwrap_or_default(),
        modified: world.now,
        fails: None,
        configuration: configuration(properties, &code),
        code: Some(code),
    })
}

/// The zip that the function is made of. Lambda takes a copy: what becomes of the object later makes no difference.
fn code(world: &mut World, properties: &Map<String, Value>) -> Result<Arc<[u8]>, Trouble> {
    let place = |key: &str| {
        let value = properties.get("Code").and_then(|code| code.get(key)).and_then(Value::as_str);
        value.unwrap_or_default().to_owned()
    };
    if properties.get("Code").is_some_and(|code| code.get("ZipFile").is_some()) {
        let message = "ZipFile can only be used when Runtime is set to either of nodejs, python.";
        return Err(refused(world, "Lambda", 400, message));
    }
    let (bucket, key) = (place("S3Bucket"), place("S3Key"));
    let missing = match world.buckets.get(&bucket).map(|bucket| bucket.objects.get(&key)) {
        Some(Some(object)) => return Ok(object.body.clone()),
        Some(None) => "NoSuchKey. S3 Error Message: The specified key does not exist.",
        None => "NoSuchBucket. S3 Error Message: The specified bucket does not exist",
    };
    let message = format!("Error occurred while GetObject. S3 Error Code: {missing}");
    Err(refused(world, "Lambda", 400, &message))
}

/// What GetFunctionConfiguration tells as the properties say it.
fn configuration(properties: &Map<String, Value>, code: &[u8]) -> Map<String, Value> {
    let mut out = Map::new();
    out.insert("CodeSize".to_owned(), code.len().into());
    out.insert("CodeSha256".to_owned(), base64::encode(Sha256::digest(code)).into());
    for key in ["Architectures", "DeadLetterConfig", "EphemeralStorage", "Handler", "LoggingConfig", "Role"] {
        out.extend(properties.get(key).map(|value| (key.to_owned(), value.clone())));
    }
    out.entry("Architectures").or_insert_with(|| json!(["x86_64"]));
    out.insert("MemorySize".to_owned(), number(properties, "MemorySize").unwrap_or(128).into());
    out
}

pub(super) fn create_mapping(world: &mut World, wish: &Wish<'_>) -> Result<Thing, Trouble> {
    let properties = wish.properties;
    let reference = text(properties, "FunctionName").unwrap_or_default();
    let Some(function) = world.function(&reference).cloned() else {
        return Err(refused(world, "Lambda", 404, "Function does not exist"));
    };
    let source = text(properties, "EventSourceArn").unwrap_or_default();
    let queue = source.rsplit(':').next().unwrap_or_default().to_owned();
    let Some(visibility) = world.queues.get(&queue).map(|queue| queue.visibility.num_seconds()) else {
        let message = "Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue. SQS Error Message: The specified queue does not exist.";
        return Err(refused(world, "Lambda", 400, message));
    };
    if visibility < i64::from(function.timeout_seconds) {
        let message = format!(
            "Queue visibility timeout: {visibility} seconds is less than Function timeout: {} seconds",
            function.timeout_seconds
        );
        return Err(refused(world, "Lambda", 400, &message));
    }
    let same =
        |mapping: &&Mapping| mapping.queue_arn == source && function_name(&mapping.function_arn) == function.name;
    if let Some(other) = world.mappings.values().find(same).map(|mapping| mapping.uuid.clone()) {
        let message = format!(
            "An event source mapping with SQS arn (\" {source} \") and function (\" {} \") already exists. Please update or delete the existing mapping with UUID {other}",
            function.name
        );
        return Err(refused(world, "Lambda", 409, &message));
    }
    let uuid = world.next_uuid();
    let enabled = text(properties, "Enabled").is_none_or(|enabled| enabled == "true");
    let mapping = Mapping {
        uuid: uuid.clone(),
        function_arn: function.arn.clone(),
        queue_arn: source,
        state: "Disabled".to_owned(),
        reason: "USER_INITIATED".to_owned(),
        batch_size: 10,
        window_seconds: 0,
        max_concurrency: None,
        report_failures: false,
        filters: Vec::new(),
        modified: world.now,
        model: None,
        becomes: "Disabled".to_owned(),
        generation: 0,
    };
    world.mappings.insert(uuid.clone(), mapping);
    world.relink();
    let mut input = asked(properties, &Map::new());
    if let Some(fields) = input.as_object_mut() {
        fields.remove("Enabled");
        fields.insert("UUID".to_owned(), uuid.as_str().into());
    }
    if let Err(trouble) = call(world, Service::Lambda, "UpdateEventSourceMapping", input) {
        world.mappings.remove(&uuid);
        world.relink();
        return Err(trouble);
    }
    world.mapping_begins(&uuid, "Creating", if enabled { "Enabled" } else { "Disabled" });
    Ok(mapping_thing(world, &uuid))
}

/// The members of UpdateEventSourceMapping that stand for the properties that differ: what did not change is not sent,
/// so that it stays as somebody else may have set it meanwhile.
fn asked(new: &Map<String, Value>, old: &Map<String, Value>) -> Value {
    let mut input = Map::new();
    for name in differences(old, new) {
        let nothing = match name.as_str() {
            // Tags travel by another call; the source never changes.
            "Tags" | "EventSourceArn" => continue,
            "BatchSize" => json!(10),
            "MaximumBatchingWindowInSeconds" => json!(0),
            "Enabled" => json!(true),
            "FunctionResponseTypes" => json!([]),
            _ => json!({}),
        };
        input.insert(name.clone(), new.get(&name).cloned().unwrap_or(nothing));
    }
    input.into()
}

pub(super) fn update_mapping(
    world: &mut World,
    wish: &Wish<'_>,
    physical: &str,
    old: &Map<String, Value>,
) -> Result<Thing, Trouble> {
    let mut input = asked(wish.properties, old);
    if let Some(fields) = input.as_object_mut().filter(|fields| !fields.is_empty()) {
        fields.insert("UUID".to_owned(), physical.into());
        call(world, Service::Lambda, "UpdateEventSourceMapping", input)?;
    }
    Ok(mapping_thing(world, physical))
}

pub(super) fn delete_mapping(world: &mut World, physical: &str) -> Result<(), Trouble> {
    match world.mappings.get(physical) {
        None => Ok(()),
        Some(mapping) if mapping.in_transition() => Err(Trouble::Busy),
        Some(_) => {
            world.mapping_begins(physical, "Deleting", "Deleted");
            Ok(())
        }
    }
}

fn mapping_thing(world: &World, uuid: &str) -> Thing {
    let mut attributes = Map::new();
    attributes.insert("Id".to_owned(), uuid.into());
    let arn = world.arn("lambda", &format!("event-source-mapping:{uuid}"));
    attributes.insert("EventSourceMappingArn".to_owned(), arn.into());
    Thing { physical: uuid.to_owned(), attributes }
}
