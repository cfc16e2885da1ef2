//! Resources that nothing else of the account knows: kept with their properties and described, but not enforced.

use serde_json::{Map, Value};

use super::super::types::Kind;
use super::{Thing, Trouble, Wish, handler, letters, name, number, refused, taken, text};
use crate::sim::world::{World, function_name};

/// The days for which CloudWatch Logs keeps what was logged (PutRetentionPolicy).
const DAYS: [u64; 22] =
    [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];

pub(super) fn create(world: &mut World, wish: &Wish<'_>) -> Result<Thing, Trouble> {
    let physical = physical(world, wish);
    if world.stacks.kept.contains_key(&(wish.kind.name, physical.clone())) {
        return Err(taken(world, wish.kind, &physical));
    }
    put(world, wish, &physical)
}

pub(super) fn update(world: &mut World, wish: &Wish<'_>, physical: &str) -> Result<Thing, Trouble> {
    put(world, wish, physical)
}

#[expect(clippy::unnecessary_wraps, reason = "as the others of its kind")]
pub(super) fn delete(world: &mut World, kind: &'static Kind, physical: &str) -> Result<(), Trouble> {
    world.stacks.kept.remove(&(kind.name, physical.to_owned()));
    Ok(())
}

fn put(world: &mut World, wish: &Wish<'_>, physical: &str) -> Result<Thing, Trouble> {
    check(world, wish)?;
    let properties = Value::Object(wish.properties.clone());
    world.stacks.kept.insert((wish.kind.name, physical.to_owned()), properties);
    Ok(Thing { physical: physical.to_owned(), attributes: attributes(world, wish, physical) })
}

/// What `Ref` gives (Template Reference, each type's "Return values").
fn physical(world: &mut World, wish: &Wish<'_>) -> String {
    let own = |key: &str| text(wish.properties, key).unwrap_or_default();
    match wish.kind.name {
        "AWS::SNS::Topic" => {
            let name = name(world, wish);
            world.arn("sns", &name)
        }
        "AWS::SNS::Subscription" => format!("{}:{}", own("TopicArn"), world.next_uuid()),
        "AWS::Lambda::EventInvokeConfig" => {
            let name = function_name(&own("FunctionName")).to_owned();
            format!("{name}|{}", own("Qualifier"))
        }
        _ if wish.kind.named.is_some() => name(world, wish),
        _ => {
            let letters = letters(world);
            format!("{}-{}-{letters}", wish.stack, wish.id)
        }
    }
}

fn attributes(world: &World, wish: &Wish<'_>, physical: &str) -> Map<String, Value> {
    let mut out = Map::new();
    let mut put = |key: &str, value: String| out.insert(key.to_owned(), value.into());
    match wish.kind.name {
        "AWS::IAM::Role" => {
            let path = text(wish.properties, "Path").unwrap_or_else(|| "/".to_owned());
            put("Arn", format!("arn:aws:iam::{}:role{path}{physical}", world.account));
            put("RoleId", role_id(physical));
        }
        "AWS::CloudWatch::Alarm" => {
            put("Arn", world.arn("cloudwatch", &format!("alarm:{physical}")));
        }
        "AWS::Logs::LogGroup" => {
            put("Arn", world.arn("logs", &format!("log-group:{physical}:*")));
        }
        "AWS::SNS::Topic" => {
            put("TopicArn", physical.to_owned());
            put("TopicName", physical.rsplit(':').next().unwrap_or_default().to_owned());
        }
        "AWS::SNS::Subscription" => {
            put("Arn", physical.to_owned());
        }
        _ => {
            put("Id", physical.to_owned());
        }
    }
    out
}

/// An id that is always the same for the same name.
fn role_id(name: &str) -> String {
    format!("AROA{:017X}", crate::sim::world::scatter(crate::sim::world::hash(name)))
}

/// What the services look at before they take something on.
fn check(world: &mut World, wish: &Wish<'_>) -> Result<(), Trouble> {
    let properties = wish.properties;
    match wish.kind.name {
        "AWS::Logs::LogGroup" if properties.contains_key("RetentionInDays") => {
            let days = number(properties, "RetentionInDays");
            if days.is_none_or(|days| !DAYS.contains(&days)) {
                let message = "Invalid retention value";
                return Err(refused(world, "CloudWatchLogs", 400, message));
            }
            Ok(())
        }
        "AWS::Lambda::Permission" | "AWS::Lambda::EventInvokeConfig" => {
            let reference = text(properties, "FunctionName").unwrap_or_default();
            if world.function(&reference).is_some() {
                return Ok(());
            }
            let arn = world.arn("lambda", &format!("function:{}", function_name(&reference)));
            Err(refused(world, "Lambda", 404, &format!("Function not found: {arn}")))
        }
        "AWS::SQS::QueuePolicy" => {
            let urls = properties.get("Queues").and_then(Value::as_array).cloned().unwrap_or_default();
            let name = |url: &Value| url.as_str().and_then(|url| url.rsplit('/').next()).unwrap_or_default().to_owned();
            if urls.iter().all(|url| world.queues.contains_key(&name(url))) {
                let document = properties.get("PolicyDocument").cloned();
                for url in &urls {
                    if let Some(queue) = world.queues.get_mut(&name(url)) {
                        queue.policy.clone_from(&document);
                    }
                }
                return Ok(());
            }
            Err(refused(world, "Sqs", 400, "The specified queue does not exist."))
        }
        "AWS::IAM::Role" => match properties.get("AssumeRolePolicyDocument") {
            Some(Value::Object(document)) if document.contains_key("Statement") => Ok(()),
            _ => Err(refused(world, "Iam", 400, "Syntax errors in policy.")),
        },
        "AWS::IAM::Policy" => check_policy(world, properties),
        "AWS::CloudWatch::Alarm" => {
            let measures = properties.contains_key("MetricName") || properties.contains_key("Metrics");
            if measures && number(properties, "EvaluationPeriods").is_some_and(|count| count > 0) {
                return Ok(());
            }
            Err(handler(
                world,
                "An alarm needs a MetricName or Metrics, and EvaluationPeriods of at least 1.",
                "InvalidRequest",
            ))
        }
        "AWS::SNS::Subscription" => {
            let topic = text(properties, "TopicArn").unwrap_or_default();
            if world.stacks.kept.contains_key(&("AWS::SNS::Topic", topic)) {
                return Ok(());
            }
            Err(refused(world, "Sns", 404, "Topic does not exist"))
        }
        _ => Ok(()),
    }
}

impl World {
    /// How often an asynchronous invocation of a function is tried again, and the queue that is told when it was given up:
    /// by default two retries and nobody.
    pub(crate) fn invoke_config(&self, function: &str) -> (u32, Option<String>) {
        let kept = self.stacks.kept.get(&("AWS::Lambda::EventInvokeConfig", format!("{function}|$LATEST")));
        let Some(Value::Object(properties)) = kept else { return (2, None) };
        let retries = number(properties, "MaximumRetryAttempts").and_then(|most| u32::try_from(most).ok());
        let failure = properties.get("DestinationConfig").and_then(|config| config.get("OnFailure"));
        let destination = failure.and_then(|to| to.get("Destination")).and_then(Value::as_str);
        let queue = destination.filter(|arn| arn.contains(":sqs:")).and_then(|arn| arn.rsplit(':').next());
        (retries.unwrap_or(2), queue.map(str::to_owned))
    }
}

fn check_policy(world: &mut World, properties: &Map<String, Value>) -> Result<(), Trouble> {
    let roles = properties.get("Roles").and_then(Value::as_array).cloned().unwrap_or_default();
    for role in roles.iter().filter_map(Value::as_str) {
        if !world.stacks.kept.contains_key(&("AWS::IAM::Role", role.to_owned())) {
            return Err(refused(world, "Iam", 404, &format!("The role with name {role} cannot be found.")));
        }
    }
    let attached = ["Roles", "Users", "Groups"].iter().any(|key| properties.contains_key(*key));
    if attached {
        Ok(())
    } else {
        Err(Trouble::Failed("At least one of [Groups,Roles,Users] must be non-empty.".to_owned()))
    }
}
