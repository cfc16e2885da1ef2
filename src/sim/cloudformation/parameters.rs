//! Parameters of templates: what is declared, and the values that a stack gives them.

use std::collections::BTreeMap;

use regex_lite::Regex;
use serde_json::{Map, Value, json};

use super::intrinsics::plain;
use super::template::Template;

/// What a declaration may say.
const KEYS: [&str; 11] = [
    "AllowedPattern",
    "AllowedValues",
    "ConstraintDescription",
    "Default",
    "Description",
    "MaxLength",
    "MaxValue",
    "MinLength",
    "MinValue",
    "NoEcho",
    "Type",
];

/// The types that are simulated; those that look into the account or at SSM are not.
const TYPES: [&str; 4] = ["CommaDelimitedList", "List<Number>", "Number", "String"];

/// Whether a declaration is in order.
///
/// # Errors
/// In CloudFormation's words.
pub fn check_declared(name: &str, declared: &Value) -> Result<(), String> {
    let fields =
        declared.as_object().ok_or_else(|| format!("Template format error: Parameter {name} must be a map."))?;
    if !name.chars().all(|letter| letter.is_ascii_alphanumeric()) {
        return Err(format!("Template format error: Parameter name {name} is non alphanumeric."));
    }
    if let Some(key) = fields.keys().find(|key| !KEYS.contains(&key.as_str())) {
        return Err(format!("Invalid template parameter property '{key}'"));
    }
    let Some(kind) = declared.get("Type").and_then(Value::as_str) else {
        return Err("Template format error: Every Parameters object must contain a Type member.".to_owned());
    };
    if !TYPES.contains(&kind) {
        return Err(format!("Template format error: Unrecognized parameter type: {kind}"));
    }
    if let Some(default) = declared.get("Default") {
        let text = plain(default).ok_or("Template format error: Every Default member must be a string.")?;
        check_value(name, declared, &text)
            .map_err(|told| format!("Template error: the default of parameter {name}: {told}"))?;
    }
    Ok(())
}

/// The values of a template's parameters: those that were sent, those of before where that is asked for, and the
/// defaults.
///
/// # Errors
/// In CloudFormation's words, if one is missing, unknown or not allowed.
pub fn resolve(
    template: &Template,
    sent: &Value,
    before: Option<&BTreeMap<String, String>>,
) -> Result<BTreeMap<String, String>, String> {
    let mut values = BTreeMap::new();
    let mut unknown = Vec::new();
    for entry in sent.as_array().into_iter().flatten() {
        let key = entry.get("ParameterKey").and_then(Value::as_str).unwrap_or_default();
        if !template.parameters.contains_key(key) {
            unknown.push(key);
            continue;
        }
        let previous = entry.get("UsePreviousValue").and_then(Value::as_bool).unwrap_or(false);
        let value = entry.get("ParameterValue").and_then(Value::as_str);
        let value = match (previous, value) {
            (true, Some(_)) => {
                return Err(format!(
                    "Invalid input for parameter key {key}. Cannot specify usePreviousValue as true and non empty value for a parameter"
                ));
            }
            (true, None) => match before {
                Some(before) => before.get(key).cloned(),
                None => {
                    return Err(format!(
                        "Invalid input for parameter key {key}. Cannot specify usePreviousValue as true for a parameter key not in the previous template"
                    ));
                }
            },
            (false, value) => value.map(str::to_owned),
        };
        if let Some(value) = value
            && values.insert(key.to_owned(), value).is_some()
        {
            return Err(format!("Duplicate parameter key: {key}"));
        }
    }
    if !unknown.is_empty() {
        return Err(format!("Parameters: [{}] do not exist in the template", unknown.join(", ")));
    }
    let mut missing = Vec::new();
    for (name, declared) in &template.parameters {
        let given = values.contains_key(name);
        match declared.get("Default").and_then(plain) {
            Some(default) if !given => {
                values.insert(name.clone(), default);
            }
            None if !given => missing.push(name.as_str()),
            _ => {}
        }
    }
    if !missing.is_empty() {
        return Err(format!("Parameters: [{}] must have values", missing.join(", ")));
    }
    for (name, value) in &values {
        check_value(name, template.parameters.get(name).unwrap_or(&Value::Null), value)?;
    }
    Ok(values)
}

/// What is wrong with a value, in the words of AWS or of the template itself.
fn check_value(name: &str, declared: &Value, text: &str) -> Result<(), String> {
    let refuse = |told: String| match declared.get("ConstraintDescription").and_then(Value::as_str) {
        Some(own) => format!("Parameter {name} failed to satisfy constraint: {own}"),
        None => told,
    };
    let is_list = matches!(declared.get("Type").and_then(Value::as_str), Some("CommaDelimitedList" | "List<Number>"));
    let each: Vec<&str> = if is_list { text.split(',').map(str::trim).collect() } else { vec![text] };
    for value in each {
        check_one(name, declared, value).map_err(refuse)?;
    }
    Ok(())
}

fn check_one(name: &str, declared: &Value, value: &str) -> Result<(), String> {
    if let Some(allowed) = declared.get("AllowedValues").and_then(Value::as_array) {
        let allowed: Vec<String> = allowed.iter().filter_map(plain).collect();
        if !allowed.iter().any(|one| one == value) {
            return Err(format!("Parameter '{name}' must be one of AllowedValues"));
        }
    }
    if let Some(pattern) = declared.get("AllowedPattern").and_then(Value::as_str) {
        let matcher = Regex::new(&format!("^(?:{pattern})$")).map_err(|_| {
            format!("Template format error: AllowedPattern of parameter {name} is no pattern: {pattern}")
        })?;
        if !matcher.is_match(value) {
            return Err(format!("Parameter '{name}' must match pattern {pattern}"));
        }
    }
    let bound = |key: &str| declared.get(key).and_then(plain).and_then(|bound| bound.parse::<f64>().ok());
    #[expect(clippy::cast_precision_loss, reason = "no value is as long as that")]
    let length = value.chars().count() as f64;
    if let Some(least) = bound("MinLength").filter(|least| length < *least) {
        return Err(format!("Parameter '{name}' must contain at least {least} characters"));
    }
    if let Some(most) = bound("MaxLength").filter(|most| length > *most) {
        return Err(format!("Parameter '{name}' must contain at most {most} characters"));
    }
    if !matches!(declared.get("Type").and_then(Value::as_str), Some("Number" | "List<Number>")) {
        return Ok(());
    }
    let number: f64 = value.parse().map_err(|_| format!("Parameter '{name}' must be a number"))?;
    if let Some(least) = bound("MinValue").filter(|least| number < *least) {
        return Err(format!("Parameter '{name}' must be a number not less than {least}"));
    }
    if let Some(most) = bound("MaxValue").filter(|most| number > *most) {
        return Err(format!("Parameter '{name}' must be a number not greater than {most}"));
    }
    Ok(())
}

/// The values as `Ref` gives them: lists where the type is one.
#[must_use]
pub fn as_names(template: &Template, values: &BTreeMap<String, String>) -> BTreeMap<String, Value> {
    let value = |name: &str, text: &str| {
        let kind = template.parameters.get(name).and_then(|declared| declared.get("Type")).and_then(Value::as_str);
        match kind {
            Some("CommaDelimitedList" | "List<Number>") => text.split(',').map(str::trim).collect(),
            _ => Value::from(text),
        }
    };
    values.iter().map(|(name, text)| (name.clone(), value(name, text))).collect()
}

/// The values as DescribeStacks tells them, without those that must not be echoed.
#[must_use]
pub fn described(template: &Template, values: &BTreeMap<String, String>) -> Vec<Value> {
    let silent = |name: &str| {
        let declared = template.parameters.get(name).and_then(|declared| declared.get("NoEcho")).and_then(plain);
        declared.is_some_and(|echo| echo == "true")
    };
    let entry = |(name, value): (&String, &String)| json!({ "ParameterKey": name, "ParameterValue": if silent(name) { "****" } else { value.as_str() } });
    values.iter().map(entry).collect()
}

/// The declarations as GetTemplateSummary (with types) and ValidateTemplate (without) tell them.
#[must_use]
pub fn declared(template: &Template, with_types: bool) -> Vec<Value> {
    let entry = |(name, declared): (&String, &Value)| {
        let mut out = Map::new();
        out.insert("ParameterKey".to_owned(), name.as_str().into());
        if let Some(default) = declared.get("Default").and_then(plain) {
            out.insert("DefaultValue".to_owned(), default.into());
        }
        let silent = declared.get("NoEcho").and_then(plain).is_some_and(|echo| echo == "true");
        out.insert("NoEcho".to_owned(), silent.into());
        if let Some(text) = declared.get("Description").and_then(plain) {
            out.insert("Description".to_owned(), text.into());
        }
        if with_types {
            out.insert("ParameterType".to_owned(), declared.get("Type").cloned().unwrap_or_default());
            let allowed = declared.get("AllowedValues").and_then(Value::as_array);
            let allowed: Option<Vec<String>> = allowed.map(|list| list.iter().filter_map(plain).collect());
            out.insert("ParameterConstraints".to_owned(), json!({ "AllowedValues": allowed }));
        }
        Value::Object(out)
    };
    template.parameters.iter().map(entry).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "Parameters:\n  Stage: {Type: String, AllowedValues: [test, prod], Default: test}\n  Name: {Type: String, AllowedPattern: '[a-z]+'}\n  Size: {Type: Number, MinValue: 1, MaxValue: 10, Default: 3, ConstraintDescription: one to ten}\n  Ids: {Type: CommaDelimitedList, Default: ''}\nResources:\n  Q: {Type: 'AWS::SQS::Queue'}\n";

    fn resolved(sent: Value) -> Result<BTreeMap<String, String>, String> {
        let before = BTreeMap::from([("Name".to_owned(), "old".to_owned())]);
        resolve(&Template::read(TEXT).expect("a template"), &sent, Some(&before))
    }

    fn told(sent: Value) -> String {
        resolved(sent).expect_err("refused")
    }

    #[test]
    fn values_are_those_sent_those_before_and_the_defaults() {
        let values = resolved(json!([{ "ParameterKey": "Name", "UsePreviousValue": true }, { "ParameterKey": "Stage", "ParameterValue": "prod" }])).expect("values");
        let named = |name: &str| values.get(name).map(String::as_str);
        assert_eq!((named("Name"), named("Stage"), named("Size")), (Some("old"), Some("prod"), Some("3")));
        let template = Template::read(TEXT).expect("a template");
        let both = BTreeMap::from([("Ids".to_owned(), "a, b".to_owned())]);
        assert_eq!(as_names(&template, &both).get("Ids"), Some(&json!(["a", "b"])));
    }

    #[test]
    fn wrong_values_are_refused_in_the_words_of_aws() {
        let name = json!({ "ParameterKey": "Name", "ParameterValue": "a" });
        assert_eq!(told(json!([])), "Parameters: [Name] must have values");
        let stage = json!({ "ParameterKey": "Stage", "ParameterValue": "dev" });
        assert_eq!(told(json!([name, stage])), "Parameter 'Stage' must be one of AllowedValues");
        let wrong = json!({ "ParameterKey": "Name", "ParameterValue": "A1" });
        assert_eq!(told(json!([wrong])), "Parameter 'Name' must match pattern [a-z]+");
        let size = json!({ "ParameterKey": "Size", "ParameterValue": "11" });
        assert_eq!(told(json!([name, size])), "Parameter Size failed to satisfy constraint: one to ten");
        let other = json!({ "ParameterKey": "Colour", "ParameterValue": "red" });
        assert_eq!(told(json!([name, other])), "Parameters: [Colour] do not exist in the template");
    }
}
