//! Holding inputs and outputs to their shapes. An input is refused in the words of its service; real AWS ignores
//! members that it does not know, this account refuses them, so that a slip in a client is seen.

use aws_smithy_types::base64;
use serde_json::Value;

use super::fault::Fault;
use super::shapes::{Kind, Service, Shape, Table};

/// What is wrong with a value.
#[derive(Debug, PartialEq)]
enum Wrong {
    /// It has another type, or there is no such member.
    Form(String),
    /// A member is missing.
    Missing { path: String, member: String },
    /// It is out of bounds.
    Bounds { path: String, value: String, rule: String, choice: bool },
}

struct Walk<'a> {
    table: &'a Table,
    incoming: bool,
    wrong: Vec<Wrong>,
}

/// Holds an input to its shape, and takes out members that are null: they count as absent.
///
/// # Errors
/// As the service would refuse it.
pub fn input(service: Service, shape: &Shape, value: &mut Value) -> Result<(), Fault> {
    prune(value);
    let mut walk = Walk { table: service.table(), incoming: true, wrong: Vec::new() };
    walk.value(shape, value, "");
    if walk.wrong.is_empty() { Ok(()) } else { Err(refuse(service, &walk.wrong)) }
}

/// Holds an output to its shape, and takes out members that are null.
///
/// # Errors
/// What is wrong with it: a defect of this account.
pub fn output(service: Service, shape: &Shape, value: &mut Value) -> Result<(), String> {
    prune(value);
    let mut walk = Walk { table: service.table(), incoming: false, wrong: Vec::new() };
    walk.value(shape, value, "");
    let sentences: Vec<String> = walk.wrong.iter().map(Wrong::sentence).collect();
    if sentences.is_empty() { Ok(()) } else { Err(sentences.join("; ")) }
}

fn prune(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|_, inner| !inner.is_null());
            fields.values_mut().for_each(prune);
        }
        Value::Array(list) => list.iter_mut().for_each(prune),
        _ => {}
    }
}

impl Walk<'_> {
    fn value(&mut self, shape: &Shape, value: &Value, path: &str) {
        match (shape.kind, value) {
            (Kind::Structure, Value::Object(fields)) => self.structure(shape, fields, path),
            (Kind::List, Value::Array(list)) => {
                self.length(shape, list.len(), value, path);
                let inner = self.table.shape(&shape.of);
                for (index, element) in list.iter().enumerate() {
                    self.value(inner, element, &format!("{path}.{}.member", index + 1));
                }
            }
            (Kind::Map, Value::Object(fields)) => {
                self.length(shape, fields.len(), value, path);
                let (keys, values) = (self.table.shape(&shape.key), self.table.shape(&shape.value));
                for (key, inner) in fields {
                    self.text(keys, key, path);
                    self.value(values, inner, &format!("{path}.{key}.member"));
                }
            }
            (Kind::String, Value::String(text)) => self.text(shape, text, path),
            (Kind::Blob, Value::String(text)) => match base64::decode(text) {
                Ok(bytes) => self.length(shape, bytes.len(), &Value::from("java.nio.HeapByteBuffer"), path),
                Err(_) => self.form(path, "is not base64"),
            },
            (Kind::Integer, Value::Number(number)) => match number.as_i64().and_then(|n| i32::try_from(n).ok()) {
                Some(number) => self.number(shape, f64::from(number), value, path),
                None => self.form(path, "is not a whole number of 32 bits"),
            },
            (Kind::Long, Value::Number(number)) if number.is_i64() => {
                self.number(shape, number.as_f64().unwrap_or_default(), value, path);
            }
            (Kind::Float | Kind::Double | Kind::Timestamp, Value::Number(number)) => {
                self.number(shape, number.as_f64().unwrap_or_default(), value, path);
            }
            (Kind::Boolean, Value::Bool(_)) => {}
            (kind, _) => self.form(path, &format!("is {} where the model has {}", described(value), word(kind))),
        }
    }

    fn structure(&mut self, shape: &Shape, fields: &serde_json::Map<String, Value>, path: &str) {
        for member in shape.required.iter().filter(|member| !fields.contains_key(*member)) {
            self.wrong.push(Wrong::Missing { path: join(path, member), member: member.clone() });
        }
        for (name, inner) in fields {
            match shape.members.get(name) {
                Some(member) => self.value(self.table.shape(&member.shape), inner, &join(path, name)),
                None => {
                    let place = if path.is_empty() { "the input".to_owned() } else { format!("'{path}'") };
                    let place = if self.incoming { place } else { place.replace("input", "output") };
                    self.wrong.push(Wrong::Form(format!("Unknown member '{name}' in {place}: the service has none")));
                }
            }
        }
    }

    fn form(&mut self, path: &str, sentence: &str) {
        let path = if path.is_empty() { "the input" } else { path };
        self.wrong.push(Wrong::Form(format!("'{path}' {sentence}")));
    }

    fn bounds(&mut self, path: &str, value: &str, rule: String, choice: bool) {
        self.wrong.push(Wrong::Bounds { path: path.to_owned(), value: value.to_owned(), rule, choice });
    }

    fn text(&mut self, shape: &Shape, text: &str, path: &str) {
        if !shape.choices.is_empty() && !shape.choices.iter().any(|choice| choice == text) {
            let rule = format!("Member must satisfy enum value set: [{}]", shape.choices.join(", "));
            self.bounds(path, text, rule, true);
        }
        self.length(shape, text.chars().count(), &Value::from(text), path);
        if self.incoming && !shape.matches(text) {
            let pattern = shape.pattern.as_deref().unwrap_or_default();
            self.bounds(path, text, format!("Member must satisfy regular expression pattern: {pattern}"), false);
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "no input is as long as that")]
    fn length(&mut self, shape: &Shape, length: usize, value: &Value, path: &str) {
        self.within(shape, length as f64, value, path, "length");
    }

    fn number(&mut self, shape: &Shape, number: f64, value: &Value, path: &str) {
        self.within(shape, number, value, path, "value");
    }

    fn within(&mut self, shape: &Shape, size: f64, value: &Value, path: &str, what: &str) {
        if !self.incoming {
            return;
        }
        if let Some(min) = shape.min.filter(|min| size < *min) {
            let rule = format!("Member must have {what} greater than or equal to {min}");
            self.bounds(path, &shown(value), rule, false);
        }
        if let Some(max) = shape.max.filter(|max| size > *max) {
            self.bounds(path, &shown(value), format!("Member must have {what} less than or equal to {max}"), false);
        }
    }
}

/// The path of a member as AWS spells it: first letters small, points in between.
fn join(path: &str, member: &str) -> String {
    let mut letters = member.chars();
    let first = letters.next().map(|letter| letter.to_ascii_lowercase()).unwrap_or_default();
    let point = if path.is_empty() { "" } else { "." };
    format!("{path}{point}{first}{}", letters.as_str())
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(list) => format!("[{}]", list.iter().map(shown).collect::<Vec<_>>().join(", ")),
        other => other.to_string(),
    }
}

fn described(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::Structure | Kind::Map => "an object",
        Kind::List => "a list",
        Kind::String => "a string",
        Kind::Integer | Kind::Long => "a whole number",
        Kind::Float | Kind::Double => "a number",
        Kind::Boolean => "true or false",
        Kind::Blob => "bytes",
        Kind::Timestamp => "a time",
    }
}

impl Wrong {
    fn sentence(&self) -> String {
        match self {
            Self::Form(sentence) => sentence.clone(),
            Self::Missing { path, .. } => {
                format!("Value null at '{path}' failed to satisfy constraint: Member must not be null")
            }
            Self::Bounds { path, value, rule, .. } => {
                format!("Value '{value}' at '{path}' failed to satisfy constraint: {rule}")
            }
        }
    }
}

/// The error of a service for an input with these faults. A wrong form comes before wrong values: AWS reads the whole
/// input before it weighs it.
fn refuse(service: Service, wrong: &[Wrong]) -> Fault {
    let form: Vec<String> = wrong.iter().filter(|wrong| matches!(wrong, Wrong::Form(_))).map(Wrong::sentence).collect();
    if !form.is_empty() {
        return match service {
            Service::S3 => Fault::new("MalformedXML", 400, form.join("; ")),
            _ => Fault::serialization(form.join("; ")),
        };
    }
    let missing = wrong.iter().find_map(|wrong| match wrong {
        Wrong::Missing { member, .. } => Some(member),
        _ => None,
    });
    let sentences: Vec<String> = wrong.iter().map(Wrong::sentence).collect();
    let (count, errors) = (sentences.len(), if sentences.len() == 1 { "error" } else { "errors" });
    let message = format!("{count} validation {errors} detected: {}", sentences.join("; "));
    match (service, missing, wrong.first()) {
        (Service::Sqs, Some(member), _) => {
            Fault::new("MissingParameter", 400, format!("The request must contain the parameter {member}."))
        }
        (Service::Sqs, None, Some(Wrong::Bounds { choice: true, value, .. })) => {
            Fault::new("InvalidAttributeName", 400, format!("Unknown Attribute {value}."))
        }
        (Service::Sqs, ..) => Fault::new("InvalidParameterValue", 400, message),
        (Service::Cloudwatch, Some(member), _) => {
            Fault::new("MissingRequiredParameterException", 400, format!("The parameter {member} is required."))
        }
        (Service::Cloudwatch, ..) => Fault::new("InvalidParameterValueException", 400, message),
        (Service::S3, ..) => Fault::new("InvalidArgument", 400, message),
        (Service::Cloudformation, ..) => Fault::new("ValidationError", 400, message),
        _ => Fault::new("ValidationException", 400, message),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn refusal(service: Service, shape: &str, mut value: Value) -> String {
        match input(service, service.table().shape(shape), &mut value) {
            Ok(()) => "fine".to_owned(),
            Err(fault) => fault.to_string(),
        }
    }

    #[test]
    fn bounds_are_told_as_aws_tells_them() {
        let told = refusal(Service::Rekognition, "DescribeProjectsRequest", json!({ "MaxResults": 101 }));
        assert_eq!(
            told,
            "ValidationException: 1 validation error detected: Value '101' at 'maxResults' failed to satisfy \
             constraint: Member must have value less than or equal to 100"
        );
        let both = json!({ "MaxResults": 0, "ProjectNames": ["a b"] });
        let told = refusal(Service::Rekognition, "DescribeProjectsRequest", both);
        assert!(told.contains("2 validation errors detected"), "{told}");
        assert!(told.contains("'projectNames.1.member' failed to satisfy constraint: Member must satisfy regular"));
    }

    #[test]
    fn unknown_members_and_wrong_types_are_refused_first() {
        let told = refusal(Service::Rekognition, "DescribeProjectsRequest", json!({ "MaxResult": 5, "NextToken": 7 }));
        assert!(told.starts_with("SerializationException: Unknown member 'MaxResult' in the input"), "{told}");
        assert!(told.contains("'nextToken' is a number where the model has a string"), "{told}");
        let told = refusal(Service::Rekognition, "DescribeProjectsRequest", json!({ "MaxResults": 5.5 }));
        assert!(told.starts_with("SerializationException"), "{told}");
        let nested = json!({ "Name": "n", "ScheduleExpression": "rate(1 day)", "FlexibleTimeWindow": { "Mode": "OFF" },
            "Target": { "Arn": "a", "RoleArn": "arn:aws:iam::123456789012:role/r", "Inputs": "{}" } });
        let told = refusal(Service::Scheduler, "CreateScheduleInput", nested);
        assert!(told.contains("Unknown member 'Inputs' in 'target'"), "{told}");
    }

    #[test]
    fn what_is_missing_is_told_in_the_words_of_the_service() {
        let told = refusal(Service::Events, "DescribeRuleRequest", json!({ "Name": null }));
        assert!(told.contains("Value null at 'name' failed to satisfy constraint: Member must not be null"), "{told}");
        let told = refusal(Service::Sqs, "GetQueueAttributesRequest", json!({}));
        assert_eq!(told, "MissingParameter: The request must contain the parameter QueueUrl.");
        let metric = json!({ "Namespace": "n", "StartTime": 1, "EndTime": 2, "Period": 60 });
        let told = refusal(Service::Cloudwatch, "GetMetricStatisticsInput", metric);
        assert_eq!(told, "MissingRequiredParameterException: The parameter MetricName is required.");
    }

    #[test]
    fn enums_hold_both_ways() {
        let told = refusal(Service::Scheduler, "ListSchedulesInput", json!({ "State": "PAUSED" }));
        assert!(told.contains("Member must satisfy enum value set: [ENABLED, DISABLED]"), "{told}");
        let table = Service::Rekognition.table();
        let shape = table.shape("StartProjectVersionResponse");
        assert_eq!(output(Service::Rekognition, shape, &mut json!({ "Status": "STARTING" })), Ok(()));
        assert!(output(Service::Rekognition, shape, &mut json!({ "Status": "BEGINNING" })).is_err());
        assert!(output(Service::Rekognition, shape, &mut json!({ "State": "STARTING" })).is_err());
    }
}
