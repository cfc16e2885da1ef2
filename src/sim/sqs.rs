//! SQS: what a queue holds, and putting messages in and taking them out.

use std::fmt::Write;

use chrono::TimeDelta;
use md5::{Digest, Md5};
use serde_json::{Map, Value, json};

use super::args::{number, text, texts};
use super::fault::Fault;
use super::world::queue::{Batch, Received};
use super::world::{Queue, World};

/// Answers a call.
///
/// # Errors
/// As SQS does.
pub fn call(world: &mut World, operation: &str, input: &Value) -> Result<Value, Fault> {
    match operation {
        "GetQueueUrl" => {
            let name = text(input, "QueueName").unwrap_or_default();
            let owner = text(input, "QueueOwnerAWSAccountId").unwrap_or(&world.account);
            match world.queues.contains_key(name) && owner == world.account {
                true => Ok(json!({ "QueueUrl": url_of(world, name) })),
                false => Err(missing()),
            }
        }
        "GetQueueAttributes" => attributes(world, input),
        "SendMessage" => send(world, input),
        "ReceiveMessage" => receive(world, input),
        "DeleteMessage" => delete(world, input),
        "DeleteMessageBatch" => delete_batch(world, input),
        "ChangeMessageVisibility" => hide(world, input),
        _ => Err(Fault::unknown_operation(operation)),
    }
}

/// The URL of a queue.
#[must_use]
pub fn url_of(world: &World, name: &str) -> String {
    format!("https://sqs.{}.amazonaws.com/{}/{name}", world.region, world.account)
}

fn missing() -> Fault {
    Fault::new("QueueDoesNotExist", 400, "The specified queue does not exist.")
}

fn invalid(message: impl Into<String>) -> Fault {
    Fault::new("InvalidParameterValue", 400, message)
}

/// The queue of a request, settled until now. Only the path of the URL counts: the host is that of whatever front the
/// caller talks to.
fn queue<'a>(world: &'a mut World, input: &Value) -> Result<&'a mut Queue, Fault> {
    let mut parts = text(input, "QueueUrl").unwrap_or_default().rsplit('/');
    let name = parts.next().unwrap_or_default().to_owned();
    if parts.next() != Some(&world.account) {
        return Err(missing());
    }
    world.settle(&name);
    world.queues.get_mut(&name).ok_or_else(missing)
}

/// What can be asked of a queue. Those without a value here are known and empty.
const ATTRIBUTES: [&str; 22] = [
    "All",
    "Policy",
    "VisibilityTimeout",
    "MaximumMessageSize",
    "MessageRetentionPeriod",
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
    "CreatedTimestamp",
    "LastModifiedTimestamp",
    "QueueArn",
    "ApproximateNumberOfMessagesDelayed",
    "DelaySeconds",
    "ReceiveMessageWaitTimeSeconds",
    "RedrivePolicy",
    "FifoQueue",
    "ContentBasedDeduplication",
    "KmsMasterKeyId",
    "KmsDataKeyReusePeriodSeconds",
    "DeduplicationScope",
    "FifoThroughputLimit",
    "RedriveAllowPolicy",
    "SqsManagedSseEnabled",
];

fn attributes(world: &mut World, input: &Value) -> Result<Value, Fault> {
    let asked = texts(input, "AttributeNames");
    if let Some(unknown) = asked.iter().find(|name| !ATTRIBUTES.contains(name)) {
        return Err(Fault::new("InvalidAttributeName", 400, format!("Unknown Attribute {unknown}.")));
    }
    let (region, account) = (world.region.clone(), world.account.clone());
    let queue = queue(world, input)?;
    let arn = |name: &str| format!("arn:aws:sqs:{region}:{account}:{name}");
    let (visible, in_flight, delayed) = queue.counts();
    let mut known = vec![
        ("QueueArn", arn(&queue.name)),
        ("ApproximateNumberOfMessages", visible.to_string()),
        ("ApproximateNumberOfMessagesNotVisible", in_flight.to_string()),
        ("ApproximateNumberOfMessagesDelayed", delayed.to_string()),
        ("CreatedTimestamp", queue.created.timestamp().to_string()),
        ("LastModifiedTimestamp", queue.created.timestamp().to_string()),
        ("VisibilityTimeout", queue.visibility.num_seconds().to_string()),
        ("MaximumMessageSize", "1048576".to_owned()),
        ("MessageRetentionPeriod", queue.retention.num_seconds().to_string()),
        ("DelaySeconds", "0".to_owned()),
        ("ReceiveMessageWaitTimeSeconds", "0".to_owned()),
        ("SqsManagedSseEnabled", "true".to_owned()),
    ];
    if let Some(policy) = &queue.policy {
        known.push(("Policy", policy.to_string()));
    }
    if let Some((name, most)) = &queue.dead_letter {
        let policy = json!({ "deadLetterTargetArn": arn(name), "maxReceiveCount": most });
        known.push(("RedrivePolicy", policy.to_string()));
    }
    let wanted = |name: &str| asked.contains(&"All") || asked.contains(&name);
    let found: Map<String, Value> = known
        .into_iter()
        .filter(|(name, _)| wanted(name))
        .map(|(name, value)| (name.to_owned(), value.into()))
        .collect();
    if found.is_empty() { Ok(json!({})) } else { Ok(json!({ "Attributes": found })) }
}

fn send(world: &mut World, input: &Value) -> Result<Value, Fault> {
    let body = text(input, "MessageBody").unwrap_or_default().to_owned();
    if body.is_empty() {
        return Err(invalid("The request must contain the parameter MessageBody."));
    }
    if body.len() > 1_048_576 {
        return Err(invalid("One or more parameters are invalid. Reason: Message must be shorter than 1048576 bytes."));
    }
    let delay = number(input, "DelaySeconds").unwrap_or(0);
    if delay > 900 {
        return Err(invalid(format!(
            "Value {delay} for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= 900."
        )));
    }
    if let Some(letter) = body.chars().find(|letter| !may_be_sent(*letter)) {
        let message = format!("Invalid characters found: #x{:X}", u32::from(letter));
        return Err(Fault::new("InvalidMessageContents", 400, message));
    }
    let (id, now) = (world.next_uuid(), world.now);
    let digest = md5(&body);
    let mut message = Batch::single(now, id.clone(), body);
    if delay > 0 {
        message.hidden = Some(now + TimeDelta::seconds(i64::try_from(delay).unwrap_or(0)));
    }
    queue(world, input)?.put(message);
    Ok(json!({ "MD5OfMessageBody": digest, "MessageId": id }))
}

/// Whether a message may hold this letter: XML must be able to carry it.
fn may_be_sent(letter: char) -> bool {
    matches!(letter, '\t' | '\n' | '\r') || (letter >= ' ' && !matches!(letter, '\u{fffe}' | '\u{ffff}'))
}

fn receive(world: &mut World, input: &Value) -> Result<Value, Fault> {
    let most = number(input, "MaxNumberOfMessages").unwrap_or(1);
    if !(1..=10).contains(&most) {
        let message = format!(
            "Value {most} for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, if provided."
        );
        return Err(invalid(message));
    }
    for (name, top) in [("VisibilityTimeout", 43_200), ("WaitTimeSeconds", 20)] {
        let value = input.get(name).and_then(Value::as_i64).unwrap_or(0);
        if !(0..=top).contains(&value) {
            return Err(invalid(format!(
                "Value {value} for parameter {name} is invalid. Reason: Must be >= 0 and <= {top}, if provided."
            )));
        }
    }
    let mut asked = texts(input, "AttributeNames");
    asked.extend(texts(input, "MessageSystemAttributeNames"));
    let sender = world.account.clone();
    let name = queue(world, input)?.name.clone();
    let hidden = number(input, "VisibilityTimeout").and_then(|seconds| i64::try_from(seconds).ok());
    let received = world.receive(&name, most, hidden.map(TimeDelta::seconds));
    let messages: Vec<Value> = received.iter().map(|message| describe(message, &asked, &sender)).collect();
    if messages.is_empty() { Ok(json!({})) } else { Ok(json!({ "Messages": messages })) }
}

/// The message's id in a receipt handle. Only the latest handle of a message is good.
fn receipt(handle: &str) -> Result<(&str, u32), Fault> {
    let parts = handle.rsplit_once('-').and_then(|(id, receives)| Some((id, receives.parse().ok()?)));
    parts.ok_or_else(|| {
        let message = format!("The input receipt handle \"{handle}\" is not a valid receipt handle.");
        Fault::new("ReceiptHandleIsInvalid", 404, message)
    })
}

fn delete(world: &mut World, input: &Value) -> Result<Value, Fault> {
    let (id, receives) = receipt(text(input, "ReceiptHandle").unwrap_or_default())?;
    // One that is gone already is deleted all the same.
    queue(world, input)?.delete(id, receives);
    Ok(json!({}))
}

fn delete_batch(world: &mut World, input: &Value) -> Result<Value, Fault> {
    let entries = input.get("Entries").and_then(Value::as_array).cloned().unwrap_or_default();
    if entries.is_empty() {
        let message = "There should be at least one DeleteMessageBatchRequestEntry in the request.";
        return Err(Fault::new("EmptyBatchRequest", 400, message));
    }
    if entries.len() > 10 {
        let message = "Maximum number of entries per request are 10.";
        return Err(Fault::new("TooManyEntriesInBatchRequest", 400, message));
    }
    let queue = queue(world, input)?;
    let (mut done, mut failed) = (Vec::new(), Vec::new());
    for entry in &entries {
        let id = text(entry, "Id").unwrap_or_default();
        match receipt(text(entry, "ReceiptHandle").unwrap_or_default()) {
            Ok((message, receives)) => {
                queue.delete(message, receives);
                done.push(json!({ "Id": id }));
            }
            Err(fault) => failed.push(json!({
                "Id": id, "SenderFault": true, "Code": fault.code(), "Message": fault.message(),
            })),
        }
    }
    Ok(json!({ "Successful": done, "Failed": failed }))
}

fn hide(world: &mut World, input: &Value) -> Result<Value, Fault> {
    let (id, receives) = receipt(text(input, "ReceiptHandle").unwrap_or_default())?;
    let span = input.get("VisibilityTimeout").and_then(Value::as_i64).unwrap_or(0);
    if !(0..=43_200).contains(&span) {
        return Err(invalid(format!(
            "Value {span} for parameter VisibilityTimeout is invalid. Reason: Must be between 0 and 43200."
        )));
    }
    let found = queue(world, input)?.hide(id, receives, TimeDelta::seconds(span));
    let message = "The message referred to isn't in flight.";
    if found { Ok(json!({})) } else { Err(Fault::new("MessageNotInflight", 400, message)) }
}

fn describe(message: &Received, asked: &[&str], sender: &str) -> Value {
    let mut out = json!({
        "MessageId": message.id,
        "ReceiptHandle": format!("{}-{}", message.id, message.receives),
        "MD5OfBody": md5(&message.body),
        "Body": message.body,
    });
    let sent = message.sent.timestamp_millis().to_string();
    let known = [
        ("SenderId", sender.to_owned()),
        ("SentTimestamp", sent.clone()),
        ("ApproximateReceiveCount", message.receives.to_string()),
        ("ApproximateFirstReceiveTimestamp", sent),
    ];
    let wanted = |name: &str| asked.contains(&"All") || asked.contains(&name);
    let found: Map<String, Value> = known
        .into_iter()
        .filter(|(name, _)| wanted(name))
        .map(|(name, value)| (name.to_owned(), value.into()))
        .collect();
    if let (false, Some(fields)) = (found.is_empty(), out.as_object_mut()) {
        fields.insert("Attributes".to_owned(), found.into());
    }
    out
}

/// The digest of a text in hexadecimal, with which clients check that nothing was lost on the way.
pub(super) fn md5(text: &str) -> String {
    let digest = Md5::digest(text.as_bytes());
    digest.iter().fold(String::with_capacity(32), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}
