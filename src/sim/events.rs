//! EventBridge: rules of the default bus, the older way to do things at certain times.

use serde_json::{Map, Value, json};

use super::args::{number, page, text};
use super::fault::Fault;
use super::world::fires::Fires;
use super::world::{Rule, World};

/// Answers a call.
///
/// # Errors
/// As EventBridge does.
pub fn call(world: &mut World, operation: &str, input: &Value) -> Result<Value, Fault> {
    check_bus(world, input)?;
    match operation {
        "ListRules" => list(world, input),
        "ListRuleNamesByTarget" => list_by_target(world, input),
        "DescribeRule" => {
            let rule = find(world, text(input, "Name"))?;
            let mut out = describe(world, rule);
            out.insert("CreatedBy".to_owned(), world.account.as_str().into());
            Ok(out.into())
        }
        "ListTargetsByRule" => list_targets(world, input),
        "EnableRule" => switch(world, input, "ENABLED"),
        "DisableRule" => switch(world, input, "DISABLED"),
        "PutRule" => put(world, input),
        _ => Err(Fault::unknown_operation(operation)),
    }
}

fn invalid(message: impl Into<String>) -> Fault {
    Fault::new("ValidationException", 400, message)
}

fn missing(message: impl Into<String>) -> Fault {
    Fault::new("ResourceNotFoundException", 400, message)
}

fn check_bus(world: &World, input: &Value) -> Result<(), Fault> {
    let bus = text(input, "EventBusName").unwrap_or("default");
    if bus == "default" || bus == world.arn("events", "event-bus/default") {
        return Ok(());
    }
    Err(missing(format!("Event bus {bus} does not exist.")))
}

fn find<'a>(world: &'a World, name: Option<&str>) -> Result<&'a Rule, Fault> {
    let name = name.unwrap_or_default();
    world.rules.get(name).ok_or_else(|| missing(format!("Rule {name} does not exist on EventBus default.")))
}

fn pages<T>(world: &World, rows: Vec<T>, scope: &str, input: &Value) -> Result<(Vec<T>, Option<String>), Fault> {
    let size = number(input, "Limit").and_then(|size| usize::try_from(size).ok());
    page(world, rows, scope, text(input, "NextToken"), size, 100).map_err(|_| invalid("NextToken is not valid."))
}

fn with_token(mut out: Value, next: Option<String>) -> Value {
    if let (Some(next), Some(fields)) = (next, out.as_object_mut()) {
        fields.insert("NextToken".to_owned(), next.into());
    }
    out
}

fn list(world: &World, input: &Value) -> Result<Value, Fault> {
    let prefix = text(input, "NamePrefix").unwrap_or_default();
    let rules: Vec<&Rule> = world.rules.values().filter(|rule| rule.name.starts_with(prefix)).collect();
    let (rows, next) = pages(world, rules, &format!("ListRules {prefix}"), input)?;
    let rows: Vec<Value> = rows.into_iter().map(|rule| describe(world, rule).into()).collect();
    Ok(with_token(json!({ "Rules": rows }), next))
}

fn describe(world: &World, rule: &Rule) -> Map<String, Value> {
    let mut out = Map::new();
    let members = [
        ("Name", Some(rule.name.clone())),
        ("Arn", Some(world.rule_arn(&rule.name))),
        ("EventPattern", rule.pattern.clone()),
        ("ScheduleExpression", rule.expression.clone()),
        ("State", Some(rule.state.clone())),
        ("Description", rule.description.clone()),
        ("RoleArn", rule.role.clone()),
        ("ManagedBy", rule.managed_by.clone()),
        ("EventBusName", Some("default".to_owned())),
    ];
    for (key, value) in members {
        if let Some(value) = value {
            out.insert(key.to_owned(), value.into());
        }
    }
    out
}

fn list_by_target(world: &World, input: &Value) -> Result<Value, Fault> {
    let arn = text(input, "TargetArn").unwrap_or_default();
    let aims = |rule: &&Rule| rule.targets.iter().any(|target| text(target, "Arn") == Some(arn));
    let names: Vec<&str> = world.rules.values().filter(aims).map(|rule| rule.name.as_str()).collect();
    let (rows, next) = pages(world, names, &format!("ListRuleNamesByTarget {arn}"), input)?;
    Ok(with_token(json!({ "RuleNames": rows }), next))
}

fn list_targets(world: &World, input: &Value) -> Result<Value, Fault> {
    let rule = find(world, text(input, "Rule"))?;
    let targets: Vec<&Value> = rule.targets.iter().collect();
    let (rows, next) = pages(world, targets, &format!("ListTargetsByRule {}", rule.name), input)?;
    Ok(with_token(json!({ "Targets": rows }), next))
}

fn changeable(rule: &Rule) -> Result<(), Fault> {
    match &rule.managed_by {
        Some(service) => {
            let message = format!("Rule {} is managed by {service}; use force to change it.", rule.name);
            Err(Fault::new("ManagedRuleException", 400, message))
        }
        None => Ok(()),
    }
}

fn switch(world: &mut World, input: &Value, state: &str) -> Result<Value, Fault> {
    let mut rule = find(world, text(input, "Name"))?.clone();
    changeable(&rule)?;
    state.clone_into(&mut rule.state);
    world.put_rule(rule);
    Ok(json!({}))
}

/// The most rules that a bus has (EventBridge quotas, by default).
const MOST_RULES: usize = 300;

/// Creates or replaces a rule: what was not sent is gone, except for the targets.
fn put(world: &mut World, input: &Value) -> Result<Value, Fault> {
    let name = text(input, "Name").unwrap_or_default().to_owned();
    let before = world.rules.get(&name).cloned();
    if let Some(before) = &before {
        changeable(before)?;
    }
    let (expression, pattern) = (text(input, "ScheduleExpression"), text(input, "EventPattern"));
    if expression.is_none() && pattern.is_none() {
        return Err(invalid("Parameter(s) EventPattern or ScheduleExpression must be specified."));
    }
    if expression.is_some_and(|expression| !is_for_rules(expression)) {
        return Err(invalid("Parameter ScheduleExpression is not valid."));
    }
    if pattern.is_some_and(|pattern| !serde_json::from_str(pattern).is_ok_and(|pattern| is_pattern(&pattern))) {
        return Err(Fault::new("InvalidEventPatternException", 400, "Event pattern is not valid."));
    }
    if before.is_none() && world.rules.len() >= MOST_RULES {
        let message = format!("The requested resource exceeds the maximum number allowed: {MOST_RULES} rules.");
        return Err(Fault::new("LimitExceededException", 400, message));
    }
    let arn = world.rule_arn(&name);
    let rule = Rule {
        name,
        expression: expression.map(str::to_owned),
        pattern: pattern.map(str::to_owned),
        state: text(input, "State").unwrap_or("ENABLED").to_owned(),
        description: text(input, "Description").map(str::to_owned),
        role: text(input, "RoleArn").map(str::to_owned),
        managed_by: None,
        targets: before.map(|before| before.targets).unwrap_or_default(),
        modified: world.now,
        generation: 0,
    };
    world.put_rule(rule);
    Ok(json!({ "RuleArn": arn }))
}

/// A pattern's fields are fields again, or lists of what may stand there, and neither is empty.
fn is_pattern(pattern: &Value) -> bool {
    let holds = |field: &Value| match field {
        Value::Array(choices) => !choices.is_empty(),
        inner => is_pattern(inner),
    };
    pattern.as_object().is_some_and(|fields| !fields.is_empty() && fields.values().all(holds))
}

/// Rules know no `at()`, are strict about `1 minute` and `2 minutes`, and want all six fields of a cron.
fn is_for_rules(expression: &str) -> bool {
    if let Some(rate) = expression.strip_prefix("rate(").and_then(|rest| rest.strip_suffix(')')) {
        let mut words = rate.split_whitespace();
        let (count, unit) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        if (count == "1") == unit.ends_with('s') {
            return false;
        }
    }
    if let Some(fields) = expression.strip_prefix("cron(").and_then(|rest| rest.strip_suffix(')'))
        && fields.split_whitespace().count() != 6
    {
        return false;
    }
    !expression.starts_with("at") && Fires::parse(expression, "UTC").is_ok()
}
