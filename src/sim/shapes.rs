//! What each service's calls look like: tables extracted from the service models (`assets/sim/shapes.py`).

use std::collections::BTreeMap;
use std::sync::{LazyLock, OnceLock};

use regex_lite::Regex;
use serde::Deserialize;

/// A service of the simulated account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    /// Rekognition (Custom Labels).
    Rekognition,
    /// Lambda.
    Lambda,
    /// EventBridge Scheduler.
    Scheduler,
    /// EventBridge (rules).
    Events,
    /// CloudWatch (metrics).
    Cloudwatch,
    /// SQS.
    Sqs,
    /// STS.
    Sts,
    /// CloudFormation.
    Cloudformation,
    /// S3.
    S3,
}

static REKOGNITION: LazyLock<Table> = LazyLock::new(|| read(include_str!("../../assets/sim/shapes/rekognition.json")));
static LAMBDA: LazyLock<Table> = LazyLock::new(|| read(include_str!("../../assets/sim/shapes/lambda.json")));
static SCHEDULER: LazyLock<Table> = LazyLock::new(|| read(include_str!("../../assets/sim/shapes/scheduler.json")));
static EVENTS: LazyLock<Table> = LazyLock::new(|| read(include_str!("../../assets/sim/shapes/events.json")));
static CLOUDWATCH: LazyLock<Table> = LazyLock::new(|| read(include_str!("../../assets/sim/shapes/cloudwatch.json")));
static SQS: LazyLock<Table> = LazyLock::new(|| read(include_str!("../../assets/sim/shapes/sqs.json")));
static CLOUDFORMATION: LazyLock<Table> =
    LazyLock::new(|| read(include_str!("../../assets/sim/shapes/cloudformation.json")));
static S3: LazyLock<Table> = LazyLock::new(|| read(include_str!("../../assets/sim/shapes/s3.json")));
static STS: LazyLock<Table> = LazyLock::new(|| read(include_str!("../../assets/sim/shapes/sts.json")));

fn read(text: &str) -> Table {
    // The tables are part of the program and a test reads each of them: an empty one cannot get out of the house.
    serde_json::from_str(text).unwrap_or_default()
}

impl Service {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Rekognition,
        Self::Lambda,
        Self::Scheduler,
        Self::Events,
        Self::Cloudwatch,
        Self::Sqs,
        Self::Sts,
        Self::Cloudformation,
        Self::S3,
    ];

    /// Its name as permissions spell it, e.g. `rekognition`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Rekognition => "rekognition",
            Self::Lambda => "lambda",
            Self::Scheduler => "scheduler",
            Self::Events => "events",
            Self::Cloudwatch => "cloudwatch",
            Self::Sqs => "sqs",
            Self::Sts => "sts",
            Self::Cloudformation => "cloudformation",
            Self::S3 => "s3",
        }
    }

    /// What its calls look like.
    #[must_use]
    pub fn table(self) -> &'static Table {
        match self {
            Self::Rekognition => &REKOGNITION,
            Self::Lambda => &LAMBDA,
            Self::Scheduler => &SCHEDULER,
            Self::Events => &EVENTS,
            Self::Cloudwatch => &CLOUDWATCH,
            Self::Sqs => &SQS,
            Self::Sts => &STS,
            Self::Cloudformation => &CLOUDFORMATION,
            Self::S3 => &S3,
        }
    }
}

/// The calls of one service.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// The version of its API, e.g. `2015-03-31`.
    pub version: String,
    /// What stands before the operation in `X-Amz-Target`.
    pub target: Option<String>,
    /// The version of the JSON protocol, `1.0` or `1.1`.
    pub json: Option<String>,
    /// The namespace of its XML.
    pub namespace: Option<String>,
    /// Its operations, by name.
    pub operations: BTreeMap<String, Operation>,
    /// Its errors, by the name of their shape.
    pub errors: BTreeMap<String, ErrorShape>,
    shapes: BTreeMap<String, Shape>,
}

/// One operation.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Operation {
    /// The HTTP method.
    pub method: String,
    /// The path, with `{Member}` where a member of the input goes.
    pub uri: String,
    /// The HTTP status of an answer.
    pub status: u16,
    /// The shape of what goes in.
    pub input: Option<String>,
    /// The shape of what comes out.
    pub output: Option<String>,
    /// The element around an answer in XML.
    pub wrapper: Option<String>,
}

/// One error.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ErrorShape {
    /// Its HTTP status, where the model has one.
    pub status: Option<u16>,
    /// Its code on the wire of the query protocol, where that differs from the name.
    pub code: Option<String>,
    /// Its members.
    pub members: BTreeMap<String, Member>,
}

/// A member of a structure.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Member {
    /// The name of its shape.
    pub shape: String,
    /// Where it travels, if not in the body.
    pub location: Option<Location>,
    /// What it is called there.
    pub name: Option<String>,
}

/// Where a member travels outside of the body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Location {
    /// In the path.
    Uri,
    /// In the query string.
    #[serde(rename = "querystring")]
    Query,
    /// In a header.
    Header,
    /// As the HTTP status.
    StatusCode,
}

/// What kind of value a shape is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the words of the service models, which explain themselves")]
pub enum Kind {
    #[default]
    Structure,
    List,
    Map,
    String,
    Integer,
    Long,
    Float,
    Double,
    Boolean,
    Blob,
    Timestamp,
}

/// The shape of a value.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Shape {
    /// What kind of value it is.
    #[serde(rename = "type")]
    pub kind: Kind,
    /// Of a structure: its members.
    pub members: BTreeMap<String, Member>,
    /// Of a structure: the members that must be there.
    pub required: Vec<String>,
    /// Of a structure: the member that is the body by itself.
    pub payload: Option<String>,
    /// Of a list: the shape of its elements.
    pub of: String,
    /// Of a list: what its elements are called in XML, where that is not `member`.
    pub item: Option<String>,
    /// Of a list: whether its elements stand in XML without one around them all.
    pub flat: bool,
    /// Of a map: the shape of its keys.
    pub key: String,
    /// Of a map: the shape of its values.
    pub value: String,
    /// The values that a string can have; empty if any.
    #[serde(rename = "enum")]
    pub choices: Vec<String>,
    /// The least value, or the least length.
    pub min: Option<f64>,
    /// The greatest value, or the greatest length.
    pub max: Option<f64>,
    /// What a string has to look like, as a whole.
    pub pattern: Option<String>,
    #[serde(skip)]
    matcher: OnceLock<Option<Regex>>,
}

impl Table {
    /// A shape by its name.
    #[must_use]
    pub fn shape(&self, name: &str) -> &Shape {
        static NONE: LazyLock<Shape> = LazyLock::new(Shape::default);
        self.shapes.get(name).unwrap_or(&NONE)
    }

    /// An operation by its name, with the name as the table holds it.
    #[must_use]
    pub fn operation(&self, name: &str) -> Option<(&str, &Operation)> {
        self.operations.get_key_value(name).map(|(name, operation)| (name.as_str(), operation))
    }
}

impl Shape {
    /// Whether a text looks as the pattern says, from its first letter to its last.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        let compile = || self.pattern.as_ref().and_then(|pattern| Regex::new(&format!("^(?:{pattern})$")).ok());
        self.matcher.get_or_init(compile).as_ref().is_none_or(|pattern| pattern.is_match(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_is_read_and_closed() {
        for service in Service::ALL {
            let table = service.table();
            assert!(!table.operations.is_empty(), "{}", service.name());
            let mut named: Vec<&String> = Vec::new();
            for operation in table.operations.values() {
                named.extend(operation.input.iter().chain(&operation.output));
            }
            for shape in table.shapes.values() {
                named.extend(shape.members.values().map(|member| &member.shape));
                named.extend([&shape.of, &shape.key, &shape.value].into_iter().filter(|name| !name.is_empty()));
            }
            named.extend(table.errors.values().flat_map(|error| error.members.values().map(|member| &member.shape)));
            for name in named {
                assert!(table.shapes.contains_key(name), "{} lacks {name}", service.name());
            }
        }
    }

    #[test]
    fn every_pattern_compiles() {
        for service in Service::ALL {
            for (name, shape) in &service.table().shapes {
                let Some(pattern) = &shape.pattern else { continue };
                assert!(Regex::new(&format!("^(?:{pattern})$")).is_ok(), "{} {name}: {pattern}", service.name());
            }
        }
    }

    #[test]
    fn a_pattern_holds_for_the_whole_text() {
        let shape = Service::Scheduler.table().shape("Name");
        assert!(shape.matches("parts-start_1.x"));
        assert!(!shape.matches("parts start"));
        assert!(!shape.matches("parts\n"));
    }
}
