//! EventBridge Scheduler: schedules and their groups.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::args::{number, page, small, text};
use super::fault::Fault;
use super::world::fires::Fires;
use super::world::{Schedule, World, epoch};

/// Answers a call.
///
/// # Errors
/// As EventBridge Scheduler does.
pub fn call(world: &mut World, operation: &str, input: &Value) -> Result<Value, Fault> {
    match operation {
        "ListSchedules" => list(world, input),
        "GetSchedule" => find(world, input).map(|schedule| describe(world, schedule)),
        "CreateSchedule" => once(world, operation, input, create),
        "UpdateSchedule" => once(world, operation, input, update),
        "DeleteSchedule" => delete(world, input),
        "ListScheduleGroups" => list_groups(world, input),
        "CreateScheduleGroup" => once(world, operation, input, create_group),
        "ListTagsForResource" => tags(world, input),
        "TagResource" => tag(world, input),
        "UntagResource" => untag(world, input),
        _ => Err(Fault::unknown_operation(operation)),
    }
}

fn invalid(message: impl Into<String>) -> Fault {
    Fault::new("ValidationException", 400, message)
}

fn conflict(message: impl Into<String>) -> Fault {
    Fault::new("ConflictException", 409, message)
}

fn missing(what: &str, name: &str) -> Fault {
    Fault::new("ResourceNotFoundException", 404, format!("{what} {name} does not exist."))
}

/// Answers a call that carries a token: the same call with the same token takes effect once.
fn once(
    world: &mut World,
    operation: &str,
    input: &Value,
    act: fn(&mut World, &Value) -> Result<Value, Fault>,
) -> Result<Value, Fault> {
    let Some(token) = text(input, "ClientToken").map(|token| format!("{operation} {token}")) else {
        return act(world, input);
    };
    match world.tokens.get(&token) {
        Some((asked, answer)) if asked == input => Ok(answer.clone()),
        Some(_) => Err(conflict("The ClientToken was used before with other parameters.")),
        None => {
            let answer = act(world, input)?;
            world.tokens.insert(token, (input.clone(), answer.clone()));
            Ok(answer)
        }
    }
}

fn size(input: &Value) -> Option<usize> {
    number(input, "MaxResults").and_then(|size| usize::try_from(size).ok())
}

fn list(world: &World, input: &Value) -> Result<Value, Fault> {
    let (group, prefix, state) = (text(input, "GroupName"), text(input, "NamePrefix"), text(input, "State"));
    if let Some(group) = group.filter(|group| !world.groups.contains_key(*group)) {
        return Err(missing("Schedule group", group));
    }
    let wanted = |schedule: &&Schedule| {
        group.is_none_or(|group| group == schedule.group)
            && prefix.is_none_or(|prefix| schedule.name.starts_with(prefix))
            && state.is_none_or(|state| state == schedule.state)
    };
    let schedules: Vec<&Schedule> = world.schedules.values().filter(wanted).collect();
    let scope = format!("ListSchedules {group:?} {prefix:?} {state:?}");
    let (rows, next) = page(world, schedules, &scope, text(input, "NextToken"), size(input), 100)
        .map_err(|_| invalid("Invalid NextToken."))?;
    let rows: Vec<Value> = rows.into_iter().map(|schedule| summarize(world, schedule)).collect();
    Ok(with_token(json!({ "Schedules": rows }), next))
}

fn with_token(mut out: Value, next: Option<String>) -> Value {
    if let (Some(next), Some(fields)) = (next, out.as_object_mut()) {
        fields.insert("NextToken".to_owned(), next.into());
    }
    out
}

fn summarize(world: &World, schedule: &Schedule) -> Value {
    json!({
        "Arn": world.schedule_arn(&schedule.group, &schedule.name),
        "CreationDate": epoch(schedule.created),
        "GroupName": schedule.group,
        "LastModificationDate": epoch(schedule.modified),
        "Name": schedule.name,
        "State": schedule.state,
        "Target": { "Arn": schedule.target.get("Arn") },
    })
}

fn key(input: &Value) -> (String, String) {
    let group = text(input, "GroupName").unwrap_or("default");
    (group.to_owned(), text(input, "Name").unwrap_or_default().to_owned())
}

fn find<'a>(world: &'a World, input: &Value) -> Result<&'a Schedule, Fault> {
    let key = key(input);
    world.schedules.get(&key).ok_or_else(|| missing("Schedule", &key.1))
}

fn describe(world: &World, schedule: &Schedule) -> Value {
    let window = match schedule.flexible_minutes {
        Some(minutes) => json!({ "Mode": "FLEXIBLE", "MaximumWindowInMinutes": minutes }),
        None => json!({ "Mode": "OFF" }),
    };
    let mut out = json!({
        "ActionAfterCompletion": schedule.after_completion,
        "Arn": world.schedule_arn(&schedule.group, &schedule.name),
        "CreationDate": epoch(schedule.created),
        "FlexibleTimeWindow": window,
        "GroupName": schedule.group,
        "LastModificationDate": epoch(schedule.modified),
        "Name": schedule.name,
        "ScheduleExpression": schedule.expression,
        "ScheduleExpressionTimezone": schedule.zone,
        "State": schedule.state,
        "Target": schedule.target,
    });
    if let Some(fields) = out.as_object_mut() {
        let optional = [
            ("Description", schedule.description.as_deref().map(Value::from)),
            ("StartDate", schedule.start.map(epoch)),
            ("EndDate", schedule.end.map(epoch)),
            ("KmsKeyArn", schedule.kms_key.as_deref().map(Value::from)),
        ];
        for (key, value) in optional {
            if let Some(value) = value {
                fields.insert(key.to_owned(), value);
            }
        }
    }
    out
}

fn create(world: &mut World, input: &Value) -> Result<Value, Fault> {
    let key = key(input);
    if !world.groups.contains_key(&key.0) {
        return Err(missing("Schedule group", &key.0));
    }
    if world.schedules.contains_key(&key) {
        return Err(conflict(format!("Schedule {} already exists.", key.1)));
    }
    let schedule = read(world, input, None)?;
    check_start(world, &schedule)?;
    Ok(put(world, schedule))
}

fn update(world: &mut World, input: &Value) -> Result<Value, Fault> {
    let before = find(world, input)?.clone();
    let schedule = read(world, input, Some(&before))?;
    check_start(world, &schedule)?;
    Ok(put(world, schedule))
}

/// AWS takes no StartDate that has passed, not even the one that a schedule has: that is told of UpdateSchedule as well by
/// those who use it, though its documentation is silent.
fn check_start(world: &World, schedule: &Schedule) -> Result<(), Fault> {
    let one_time = schedule.expression.starts_with("at");
    if schedule.start.is_some_and(|start| !one_time && start < world.now - TimeDelta::minutes(5)) {
        return Err(invalid("The StartDate you specify cannot be earlier than 5 minutes ago."));
    }
    Ok(())
}

fn put(world: &mut World, schedule: Schedule) -> Value {
    let arn = world.schedule_arn(&schedule.group, &schedule.name);
    world.put_schedule(schedule);
    json!({ "ScheduleArn": arn })
}

/// The schedule that an input describes, whole: what was not sent falls to its default, also where there was something
/// else before.
fn read(world: &World, input: &Value, before: Option<&Schedule>) -> Result<Schedule, Fault> {
    let (group, name) = key(input);
    let expression = text(input, "ScheduleExpression").unwrap_or_default();
    let zone = text(input, "ScheduleExpressionTimezone").unwrap_or("UTC");
    if zone.parse::<chrono_tz::Tz>().is_err() {
        return Err(invalid(format!("Invalid ScheduleExpressionTimezone {zone}.")));
    }
    if Fires::parse(expression, zone).is_err() {
        return Err(invalid(format!("Invalid Schedule Expression {expression}.")));
    }
    let (start, end) = (instant(input, "StartDate"), instant(input, "EndDate"));
    if let (Some(start), Some(end)) = (start, end)
        && end <= start
    {
        return Err(invalid("The EndDate you specify must come after the StartDate."));
    }
    // The documentation is silent about one that has passed; the stricter answer shows what might be refused.
    let one_time = expression.starts_with("at");
    if end.is_some_and(|end| !one_time && end <= world.now) {
        return Err(invalid("The EndDate you specify must come after the current time."));
    }
    let target = input.get("Target").cloned().unwrap_or_default();
    check_target(&target)?;
    // Two changes within a millisecond are two changes all the same.
    let modified = before.map_or(world.now, |before| world.now.max(before.modified + TimeDelta::milliseconds(1)));
    Ok(Schedule {
        group,
        name,
        expression: expression.to_owned(),
        zone: zone.to_owned(),
        state: text(input, "State").unwrap_or("ENABLED").to_owned(),
        start,
        end,
        flexible_minutes: flexible(input)?,
        description: text(input, "Description").map(str::to_owned),
        after_completion: text(input, "ActionAfterCompletion").unwrap_or("NONE").to_owned(),
        kms_key: text(input, "KmsKeyArn").map(str::to_owned),
        created: before.map_or(world.now, |before| before.created),
        modified,
        target: with_defaults(target),
        generation: 0,
    })
}

fn instant(input: &Value, key: &str) -> Option<DateTime<Utc>> {
    let seconds = input.get(key)?.as_f64()?;
    #[expect(clippy::cast_possible_truncation, reason = "dates in use fit")]
    DateTime::from_timestamp_millis((seconds * 1000.0).round() as i64)
}

fn flexible(input: &Value) -> Result<Option<u32>, Fault> {
    let window = input.get("FlexibleTimeWindow").cloned().unwrap_or_default();
    match (text(&window, "Mode"), small(&window, "MaximumWindowInMinutes")) {
        (Some("FLEXIBLE"), Some(minutes)) => Ok(Some(minutes)),
        (Some("FLEXIBLE"), None) => {
            Err(invalid("MaximumWindowInMinutes must be provided when FlexibleTimeWindow Mode is FLEXIBLE."))
        }
        (_, Some(_)) => {
            Err(invalid("MaximumWindowInMinutes must not be provided when FlexibleTimeWindow Mode is OFF."))
        }
        _ => Ok(None),
    }
}

/// How the names of actions begin that only read: they cannot be targets.
const REFUSED: [&str; 25] = [
    "get",
    "describe",
    "list",
    "poll",
    "receive",
    "search",
    "scan",
    "query",
    "select",
    "read",
    "lookup",
    "discover",
    "validate",
    "batchGet",
    "batchDescribe",
    "batchRead",
    "transactGet",
    "adminGet",
    "adminList",
    "testMigration",
    "retrieve",
    "testConnection",
    "translateDocument",
    "isAuthorized",
    "invokeModel",
];

fn check_target(target: &Value) -> Result<(), Fault> {
    let arn = text(target, "Arn").unwrap_or_default();
    let refuse = || invalid(format!("Provided Arn is not in correct format or is not supported: {arn}."));
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let [prefix, _, service, _, _, rest] = parts.as_slice() else { return Err(refuse()) };
    if *prefix != "arn" || service.is_empty() || rest.is_empty() {
        return Err(refuse());
    }
    let universal = rest.strip_prefix("aws-sdk:").filter(|_| *service == "scheduler");
    if let Some(call) = universal {
        let (service, action) = call.split_once(':').ok_or_else(refuse)?;
        let lower = action.chars().next().is_some_and(|first| first.is_ascii_lowercase());
        if service.is_empty() || !lower || REFUSED.iter().any(|word| begins_with_word(action, word)) {
            return Err(refuse());
        }
    }
    let wants_json = universal.is_some() || matches!(*service, "lambda" | "states" | "events");
    if let Some(input) = text(target, "Input").filter(|_| wants_json)
        && serde_json::from_str::<Value>(input).is_err()
    {
        return Err(invalid("Provided Input is not valid JSON."));
    }
    Ok(())
}

/// Whether an action's name begins with `word` as a word of its own: `listen` does not begin with `list`.
fn begins_with_word(action: &str, word: &str) -> bool {
    let rest = action.strip_prefix(word);
    rest.is_some_and(|rest| !rest.starts_with(|letter: char| letter.is_ascii_lowercase()))
}

/// A target as GetSchedule tells it: the retry policy is always there.
#[must_use]
pub fn with_defaults(mut target: Value) -> Value {
    if let Some(fields) = target.as_object_mut() {
        let policy = fields.entry("RetryPolicy").or_insert_with(|| json!({}));
        if let Some(policy) = policy.as_object_mut() {
            policy.entry("MaximumEventAgeInSeconds").or_insert_with(|| 86_400.into());
            policy.entry("MaximumRetryAttempts").or_insert_with(|| 185.into());
        }
    }
    target
}

fn delete(world: &mut World, input: &Value) -> Result<Value, Fault> {
    let key = key(input);
    match world.schedules.remove(&key) {
        Some(_) => Ok(json!({})),
        None => Err(missing("Schedule", &key.1)),
    }
}

fn list_groups(world: &World, input: &Value) -> Result<Value, Fault> {
    let prefix = text(input, "NamePrefix").unwrap_or_default();
    let groups: Vec<(&String, &DateTime<Utc>)> =
        world.groups.iter().filter(|(name, _)| name.starts_with(prefix)).collect();
    let scope = format!("ListScheduleGroups {prefix}");
    let (rows, next) = page(world, groups, &scope, text(input, "NextToken"), size(input), 100)
        .map_err(|_| invalid("Invalid NextToken."))?;
    let describe = |(name, created): (&String, &DateTime<Utc>)| {
        json!({
            "Arn": group_arn(world, name),
            "CreationDate": epoch(*created),
            "LastModificationDate": epoch(*created),
            "Name": name,
            "State": "ACTIVE",
        })
    };
    let rows: Vec<Value> = rows.into_iter().map(describe).collect();
    Ok(with_token(json!({ "ScheduleGroups": rows }), next))
}

fn group_arn(world: &World, name: &str) -> String {
    world.arn("scheduler", &format!("schedule-group/{name}"))
}

fn create_group(world: &mut World, input: &Value) -> Result<Value, Fault> {
    let name = text(input, "Name").unwrap_or_default();
    if world.groups.contains_key(name) {
        return Err(conflict(format!("Schedule group {name} already exists.")));
    }
    world.groups.insert(name.to_owned(), world.now);
    let tags = tags_in(input);
    world.group_tags.insert(name.to_owned(), tags);
    Ok(json!({ "ScheduleGroupArn": group_arn(world, name) }))
}

/// The most tags that a resource of AWS has (AWS General Reference, tag limits).
const MOST_TAGS: usize = 50;

fn tags_in(input: &Value) -> BTreeMap<String, String> {
    let tags = input.get("Tags").and_then(Value::as_array).into_iter().flatten();
    let pair = |tag: &Value| Some((text(tag, "Key")?.to_owned(), text(tag, "Value")?.to_owned()));
    tags.filter_map(pair).collect()
}

/// The group that a resource's ARN names: the only resource of Scheduler that has tags.
fn tagged_group(world: &World, input: &Value) -> Result<String, Fault> {
    let arn = text(input, "ResourceArn").unwrap_or_default();
    let group = world.groups.keys().find(|name| group_arn(world, name) == arn);
    group.cloned().ok_or_else(|| missing("Schedule group", arn.rsplit('/').next().unwrap_or_default()))
}

fn tags(world: &World, input: &Value) -> Result<Value, Fault> {
    let group = tagged_group(world, input)?;
    let tags = world.group_tags.get(&group).into_iter().flatten();
    let tags: Vec<Value> = tags.map(|(key, value)| json!({ "Key": key, "Value": value })).collect();
    Ok(json!({ "Tags": tags }))
}

fn tag(world: &mut World, input: &Value) -> Result<Value, Fault> {
    let group = tagged_group(world, input)?;
    let mut tags = world.group_tags.get(&group).cloned().unwrap_or_default();
    tags.extend(tags_in(input));
    if tags.len() > MOST_TAGS {
        return Err(invalid(format!("A resource has {MOST_TAGS} tags at most.")));
    }
    world.group_tags.insert(group, tags);
    Ok(json!({}))
}

fn untag(world: &mut World, input: &Value) -> Result<Value, Fault> {
    let group = tagged_group(world, input)?;
    let keys = input.get("TagKeys").and_then(Value::as_array).into_iter().flatten();
    let keys: Vec<&str> = keys.filter_map(Value::as_str).collect();
    if let Some(tags) = world.group_tags.get_mut(&group) {
        tags.retain(|key, _| !keys.contains(&key.as_str()));
    }
    Ok(json!({}))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_that_read_are_no_targets() {
        for action in ["rekognition:describeProjects", "sqs:receiveMessage", "sqs:SendMessage", "sqs"] {
            let target = json!({ "Arn": format!("arn:aws:scheduler:::aws-sdk:{action}") });
            assert!(check_target(&target).is_err(), "{action}");
        }
        for action in ["rekognition:startProjectVersion", "lambda:updateEventSourceMapping", "lambda:invoke"] {
            let target = json!({ "Arn": format!("arn:aws:scheduler:::aws-sdk:{action}") });
            assert!(check_target(&target).is_ok(), "{action}");
        }
    }
}
