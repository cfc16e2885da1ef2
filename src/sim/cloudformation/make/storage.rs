//! Buckets and queues.

use chrono::TimeDelta;
use serde_json::{Map, Value, json};

use super::{Thing, Trouble, Wish, name, number, refused, taken, text};
use crate::sim::world::bucket::Notice;
use crate::sim::world::{Bucket, Queue, World};

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
    // Nobody else may send to a new queue.
    queue.policy = Some(json!({}));
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
    let name = name(world, wish);
    if !crate::sim::s3::may_be_named(&name) {
        return Err(refused(world, "S3", 400, "The specified bucket is not valid."));
    }
    if world.buckets.contains_key(&name) {
        return Err(taken(world, wish.kind, &name));
    }
    world.buckets.insert(name.clone(), Bucket { created: world.now, ..Bucket::default() });
    let told = notify(world, wish, &name);
    if told.is_err() {
        world.buckets.remove(&name);
    }
    told.map(|()| bucket_thing(world, &name))
}

pub(super) fn update_bucket(world: &mut World, wish: &Wish<'_>, physical: &str) -> Result<Thing, Trouble> {
    if !world.buckets.contains_key(physical) {
        return Err(refused(world, "S3", 404, "The specified bucket does not exist"));
    }
    notify(world, wish, physical)?;
    Ok(bucket_thing(world, physical))
}

pub(super) fn delete_bucket(world: &mut World, physical: &str) -> Result<(), Trouble> {
    if world.buckets.get(physical).is_some_and(|bucket| !bucket.objects.is_empty()) {
        let message = "The bucket you tried to delete is not empty. You must delete all versions in the bucket.";
        return Err(refused(world, "S3", 409, message));
    }
    world.buckets.remove(physical);
    Ok(())
}

fn bucket_thing(world: &World, name: &str) -> Thing {
    let mut attributes = Map::new();
    attributes.insert("Arn".to_owned(), format!("arn:aws:s3:::{name}").into());
    attributes.insert("DomainName".to_owned(), format!("{name}.s3.amazonaws.com").into());
    attributes.insert("RegionalDomainName".to_owned(), format!("{name}.s3.{}.amazonaws.com", world.region).into());
    Thing { physical: name.to_owned(), attributes }
}

/// Sets who is told, as `NotificationConfiguration` says it.
fn notify(world: &mut World, wish: &Wish<'_>, bucket: &str) -> Result<(), Trouble> {
    let wanted = wish.properties.get("NotificationConfiguration");
    let rows = wanted.and_then(|wanted| wanted.get("QueueConfigurations")).and_then(Value::as_array);
    let rows = rows.cloned().unwrap_or_default();
    let notices: Vec<Notice> = rows.iter().filter_map(Value::as_object).map(|row| notice(world, row)).collect();
    if let Err(message) = world.check_notices(bucket, &notices, false) {
        return Err(refused(world, "S3", 400, &message));
    }
    world.set_notices(bucket, notices);
    Ok(())
}

fn notice(world: &mut World, row: &Map<String, Value>) -> Notice {
    let rules = row.get("Filter").and_then(|filter| filter.pointer("/S3Key/Rules")).and_then(Value::as_array);
    let rule = |wanted: &str| {
        let named = |rule: &&Value| {
            rule.get("Name").and_then(Value::as_str).is_some_and(|name| name.eq_ignore_ascii_case(wanted))
        };
        let value = rules.and_then(|rules| rules.iter().find(named)).and_then(|rule| rule.get("Value"));
        value.and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    Notice {
        id: world.next_uuid(),
        to: text(row, "Queue").unwrap_or_default(),
        events: vec![text(row, "Event").unwrap_or_default()],
        prefix: rule("prefix"),
        suffix: rule("suffix"),
    }
}
