//! Buckets and queues.

use chrono::TimeDelta;
use serde_json::{Map, Value};

use super::{Thing, Trouble, Wish, name, number, refused, taken, text};
use crate::sim::world::{Queue, World};

pub(super) fn create_queue(world: &mut World, wish: &Wish<'_>) -> Result<Thing, Trouble> {
    let name = name(world, wish);
    let fifo = text(wish.properties, "FifoQueue").is_some_and(|fifo| fifo == "true");
    let letters = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_');
    let bare = if fifo { name.strip_suffix(".fifo") } else { Some(name.as_str()) };
    if name.len() > 80 || !bare.is_some_and(|bare| !bare.is_empty() && bare.chars().all(letters)) {
        let message = "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length";
        return Err(refused(world, "Sqs", 400, message));
    }
    if world.queues.contains_key(&name) {
        return Err(taken(world, wish.kind, &name));
    }
    let mut queue = Queue::new(&name, world.now, world.now);
    apply(world, wish.properties, &mut queue)?;
    world.queues.insert(name.clone(), queue);
    world.relink();
    world.reflow(&name);
    Ok(queue_thing(world, &name))
}

pub(super) fn update_queue(world: &mut World, wish: &Wish<'_>, physical: &str) -> Result<Thing, Trouble> {
    let name = queue_name(physical);
    world.settle(&name);
    let Some(mut queue) = world.queues.get(&name).cloned() else {
        return Err(refused(world, "Sqs", 404, "The specified queue does not exist."));
    };
    apply(world, wish.properties, &mut queue)?;
    world.queues.insert(name.clone(), queue);
    world.reflow(&name);
    Ok(queue_thing(world, &name))
}

#[expect(clippy::unnecessary_wraps, reason = "as the others of its kind")]
pub(super) fn delete_queue(world: &mut World, physical: &str) -> Result<(), Trouble> {
    world.queues.remove(&queue_name(physical));
    Ok(())
}

fn queue_name(url: &str) -> String {
    url.rsplit('/').next().unwrap_or_default().to_owned()
}

fn queue_thing(world: &World, name: &str) -> Thing {
    let url = crate::sim::sqs::url_of(world, name);
    let mut attributes = Map::new();
    attributes.insert("Arn".to_owned(), world.arn("sqs", name).into());
    attributes.insert("QueueName".to_owned(), name.into());
    attributes.insert("QueueUrl".to_owned(), url.as_str().into());
    Thing { physical: url, attributes }
}

/// The attributes that hold whole numbers, and their bounds (SQS, SetQueueAttributes).
const BOUNDS: [(&str, u64, u64); 5] = [
    ("VisibilityTimeout", 0, 43_200),
    ("MessageRetentionPeriod", 60, 1_209_600),
    ("DelaySeconds", 0, 900),
    ("ReceiveMessageWaitTimeSeconds", 0, 20),
    ("MaximumMessageSize", 1_024, 1_048_576),
];

/// Takes over the properties; those that are not there have their defaults.
fn apply(world: &mut World, properties: &Map<String, Value>, queue: &mut Queue) -> Result<(), Trouble> {
    for (key, least, most) in BOUNDS {
        let given = properties.get(key);
        if given.is_some() && !number(properties, key).is_some_and(|value| (least..=most).contains(&value)) {
            return Err(refused(world, "Sqs", 400, &format!("Invalid value for the parameter {key}.")));
        }
    }
    let seconds = |key: &str, default: i64| {
        let value = number(properties, key).and_then(|value| i64::try_from(value).ok());
        TimeDelta::seconds(value.unwrap_or(default))
    };
    queue.visibility = seconds("VisibilityTimeout", 30);
    queue.retention = seconds("MessageRetentionPeriod", 345_600);
    queue.dead_letter = match properties.get("RedrivePolicy") {
        None => None,
        Some(policy) => Some(redrive(world, policy)?),
    };
    Ok(())
}

/// Where messages go that were received too often. The policy may be written as JSON text.
fn redrive(world: &mut World, policy: &Value) -> Result<(String, u32), Trouble> {
    let policy = match policy {
        Value::String(text) => serde_json::from_str(text).unwrap_or_default(),
        other => other.clone(),
    };
    let fields = policy.as_object().cloned().unwrap_or_default();
    let target = text(&fields, "deadLetterTargetArn").unwrap_or_default();
    let most = number(&fields, "maxReceiveCount").and_then(|most| u32::try_from(most).ok());
    let name = target.rsplit(':').next().unwrap_or_default().to_owned();
    match most.filter(|most| (1..=1000).contains(most)) {
        Some(most) if world.queues.contains_key(&name) => Ok((name, most)),
        Some(_) => {
            let message = format!(
                "Value {policy} for parameter RedrivePolicy is invalid. Reason: Dead letter target does not exist."
            );
            Err(refused(world, "Sqs", 400, &message))
        }
        None => {
            let message = format!(
                "Value {policy} for parameter RedrivePolicy is invalid. Reason: Invalid value for maxReceiveCount."
            );
            Err(refused(world, "Sqs", 400, &message))
        }
    }
}

pub(super) fn create_bucket(world: &mut World, wish: &Wish<'_>) -> Result<Thing, Trouble> {
    super::kept::create(world, wish)
}

pub(super) fn update_bucket(world: &mut World, wish: &Wish<'_>, physical: &str) -> Result<Thing, Trouble> {
    super::kept::update(world, wish, physical)
}

pub(super) fn delete_bucket(world: &mut World, physical: &str) -> Result<(), Trouble> {
    let kind = super::super::types::kind("AWS::S3::Bucket");
    kind.map_or(Ok(()), |kind| super::kept::delete(world, kind, physical))
}
