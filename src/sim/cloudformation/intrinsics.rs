//! The functions of templates: what a value with `Ref`, `Fn::Sub` and the like in it comes to.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// What stands for a value that is known only when the resource that it comes from has been made.
pub const LATER: &str = "{{changeSet:KNOWN_AFTER_APPLY}}";

/// The functions that are known.
pub const FUNCTIONS: [&str; 12] = [
    "Fn::And",
    "Fn::Base64",
    "Fn::Equals",
    "Fn::FindInMap",
    "Fn::GetAtt",
    "Fn::If",
    "Fn::Join",
    "Fn::Not",
    "Fn::Or",
    "Fn::Select",
    "Fn::Split",
    "Fn::Sub",
];

/// What `Ref` gives of a resource, and its attributes.
pub type Known = (String, Map<String, Value>);

/// What names in a template stand for.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    /// The values of parameters and pseudo parameters: texts, or lists of texts.
    pub names: BTreeMap<String, Value>,
    /// The mappings of the template.
    pub mappings: Value,
    /// What the conditions come to.
    pub conditions: BTreeMap<String, bool>,
    /// The resources, each with what `Ref` gives and its attributes. One without anything is known later.
    pub resources: BTreeMap<String, Option<Known>>,
}

/// The function that a value is, with its argument.
#[must_use]
pub fn function(value: &Value) -> Option<(&str, &Value)> {
    let fields = value.as_object().filter(|fields| fields.len() == 1)?;
    let (name, argument) = fields.iter().next()?;
    let is_function = name.starts_with("Fn::") || name == "Ref" || (name == "Condition" && argument.is_string());
    is_function.then_some((name.as_str(), argument))
}

/// The text of a scalar, as CloudFormation turns numbers and truth into text.
#[must_use]
pub fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        _ => None,
    }
}

impl Scope {
    /// What a value comes to; nothing if it is `AWS::NoValue`.
    ///
    /// # Errors
    /// In CloudFormation's words, if a function is wrong or a name unknown.
    pub fn value(&self, value: &Value) -> Result<Option<Value>, String> {
        if let Some((name, argument)) = function(value) {
            return self.call(name, argument);
        }
        match value {
            Value::Object(fields) => {
                let mut out = Map::new();
                for (key, inner) in fields {
                    if let Some(inner) = self.value(inner)? {
                        out.insert(key.clone(), inner);
                    }
                }
                Ok(Some(out.into()))
            }
            Value::Array(list) => {
                let mut out = Vec::new();
                for inner in list {
                    out.extend(self.value(inner)?);
                }
                Ok(Some(out.into()))
            }
            other => Ok(Some(other.clone())),
        }
    }

    fn call(&self, name: &str, argument: &Value) -> Result<Option<Value>, String> {
        match name {
            "Ref" => self.reference(argument),
            "Fn::If" => self.choose(argument),
            "Fn::GetAtt" => self.attribute(argument).map(Some),
            "Fn::Sub" => self.substitute(argument).map(Some),
            "Fn::Join" => self.join(argument).map(Some),
            "Fn::Select" => self.select(argument).map(Some),
            "Fn::Split" => self.split(argument).map(Some),
            "Fn::FindInMap" => self.find(argument).map(Some),
            "Fn::Base64" => {
                let text = self.text(argument, name)?;
                Ok(Some(aws_smithy_types::base64::encode(text).into()))
            }
            "Condition" | "Fn::Equals" | "Fn::Not" | "Fn::And" | "Fn::Or" => {
                self.truth_of(name, argument).map(|t| Some(t.into()))
            }
            other => Err(format!(
                "Template format error: Encountered unsupported function: {other} Supported functions are: [{}]",
                FUNCTIONS.join(", ")
            )),
        }
    }

    fn reference(&self, argument: &Value) -> Result<Option<Value>, String> {
        let name = argument.as_str().ok_or("Template error: every Ref object must have a single String value.")?;
        if name == "AWS::NoValue" {
            return Ok(None);
        }
        if let Some(value) = self.names.get(name) {
            return Ok(Some(value.clone()));
        }
        match self.resources.get(name) {
            Some(Some((physical, _))) => Ok(Some(physical.as_str().into())),
            Some(None) => Ok(Some(LATER.into())),
            None => Err(unresolved(name)),
        }
    }

    fn attribute(&self, argument: &Value) -> Result<Value, String> {
        let (resource, attribute) = attribute_of(argument)?;
        match self.resources.get(&resource) {
            Some(Some((_, attributes))) => attributes.get(&attribute).cloned().ok_or_else(|| {
                format!("Template error: resource {resource} does not support attribute type {attribute} in Fn::GetAtt")
            }),
            Some(None) => Ok(LATER.into()),
            None => Err(unresolved(&resource)),
        }
    }

    fn choose(&self, argument: &Value) -> Result<Option<Value>, String> {
        let wrong =
            "Template error: Fn::If requires a list argument with three items: the name of a condition and two values";
        match argument.as_array().map(Vec::as_slice) {
            Some([Value::String(condition), then, or]) => {
                let holds = self.condition(condition)?;
                self.value(if holds { then } else { or })
            }
            _ => Err(wrong.to_owned()),
        }
    }

    fn condition(&self, name: &str) -> Result<bool, String> {
        self.conditions.get(name).copied().ok_or_else(|| {
            format!(
                "Template format error: Unresolved condition dependency {name} in the Resources block of the template"
            )
        })
    }

    /// Whether a condition holds.
    ///
    /// # Errors
    /// If it is none, or names something that is not there.
    pub fn truth(&self, value: &Value) -> Result<bool, String> {
        match function(value) {
            Some((name, argument)) => self.truth_of(name, argument),
            None => {
                Err("Template format error: Every Condition member must be a function that is true or false".to_owned())
            }
        }
    }

    fn truth_of(&self, name: &str, argument: &Value) -> Result<bool, String> {
        let list = argument.as_array().map(Vec::as_slice).unwrap_or_default();
        let all = || list.iter().map(|inner| self.truth(inner)).collect::<Result<Vec<bool>, String>>();
        match (name, list) {
            ("Condition", _) => self.condition(argument.as_str().unwrap_or_default()),
            ("Fn::Equals", [left, right]) => {
                let (left, right) = (self.value(left)?, self.value(right)?);
                let same = |left: &Value, right: &Value| match (plain(left), plain(right)) {
                    (Some(left), Some(right)) => left == right,
                    _ => left == right,
                };
                Ok(match (left, right) {
                    (Some(left), Some(right)) => same(&left, &right),
                    (left, right) => left == right,
                })
            }
            ("Fn::Equals", _) => {
                Err("Template error: every Fn::Equals object requires a list of 2 string parameters.".to_owned())
            }
            ("Fn::Not", [inner]) => self.truth(inner).map(|truth| !truth),
            ("Fn::Not", _) => {
                Err("Template error: every Fn::Not object requires a list of 1 boolean parameter.".to_owned())
            }
            ("Fn::And", [_, _, ..]) if list.len() <= 10 => Ok(all()?.into_iter().all(|truth| truth)),
            ("Fn::Or", [_, _, ..]) if list.len() <= 10 => Ok(all()?.into_iter().any(|truth| truth)),
            ("Fn::And" | "Fn::Or", _) => Err(format!(
                "Template error: every {name} object requires a list of at least 2 and at most 10 boolean parameters."
            )),
            _ => Err(format!("Template format error: {name} is no condition function")),
        }
    }

    fn substitute(&self, argument: &Value) -> Result<Value, String> {
        let (text, own) = match argument {
            Value::String(text) => (text, None),
            Value::Array(list) => match list.as_slice() {
                [Value::String(text), Value::Object(own)] => (text, Some(own)),
                _ => return Err(SUB.to_owned()),
            },
            _ => return Err(SUB.to_owned()),
        };
        let mut out = String::new();
        for part in parts(text)? {
            match part {
                Part::Text(text) => out.push_str(&text),
                Part::Name(name) => {
                    let value = match own.and_then(|own| own.get(&name)) {
                        Some(value) => self.value(value)?,
                        None => Some(self.named(&name)?),
                    };
                    out.push_str(&value.as_ref().and_then(plain).ok_or(SUB)?);
                }
            }
        }
        Ok(settled(out))
    }

    /// What `${name}` stands for: a parameter, a resource, or a resource's attribute.
    fn named(&self, name: &str) -> Result<Value, String> {
        let resource = name.split('.').next().unwrap_or_default();
        if name.contains('.') && !self.names.contains_key(name) {
            return self
                .attribute(&Value::from(name))
                .map_err(|error| if self.resources.contains_key(resource) { error } else { unresolved(resource) });
        }
        self.reference(&Value::from(name))?.ok_or_else(|| SUB.to_owned())
    }

    fn join(&self, argument: &Value) -> Result<Value, String> {
        let wrong = "Template error: every Fn::Join object requires two parameters, (1) a string delimiter and (2) a list of strings to be joined or a function that returns a list of strings (such as Fn::GetAZs) to be joined.";
        let Some([Value::String(between), list]) = argument.as_array().map(Vec::as_slice) else {
            return Err(wrong.to_owned());
        };
        match self.value(list)? {
            Some(Value::Array(list)) => {
                let texts: Option<Vec<String>> = list.iter().map(plain).collect();
                Ok(settled(texts.ok_or(wrong)?.join(between)))
            }
            Some(Value::String(text)) if text == LATER => Ok(LATER.into()),
            _ => Err(wrong.to_owned()),
        }
    }

    fn select(&self, argument: &Value) -> Result<Value, String> {
        let wrong =
            "Template error: Fn::Select requires a list argument with two elements: an integer index and a list";
        let Some([index, list]) = argument.as_array().map(Vec::as_slice) else { return Err(wrong.to_owned()) };
        let index = self.value(index)?.as_ref().and_then(plain).and_then(|index| index.parse::<usize>().ok());
        match (index, self.value(list)?) {
            (Some(index), Some(Value::Array(list))) => list
                .get(index)
                .cloned()
                .ok_or_else(|| format!("Template error: Fn::Select cannot select nonexistent value at index {index}")),
            (Some(_), Some(Value::String(text))) if text == LATER => Ok(LATER.into()),
            _ => Err(wrong.to_owned()),
        }
    }

    fn split(&self, argument: &Value) -> Result<Value, String> {
        let wrong = "Template error: every Fn::Split object requires two parameters, (1) a string delimiter and (2) a string to be split or a function that returns a string to be split.";
        let Some([Value::String(between), text]) = argument.as_array().map(Vec::as_slice) else {
            return Err(wrong.to_owned());
        };
        match self.value(text)? {
            Some(Value::String(text)) if text == LATER => Ok(LATER.into()),
            Some(Value::String(text)) if !between.is_empty() => Ok(text.split(between.as_str()).collect()),
            _ => Err(wrong.to_owned()),
        }
    }

    fn find(&self, argument: &Value) -> Result<Value, String> {
        let Some([map, top, second]) = argument.as_array().map(Vec::as_slice) else {
            let wrong = "Template error: every Fn::FindInMap object requires three parameters, the map name, map key and the attribute for return value";
            return Err(wrong.to_owned());
        };
        let (map, top, second) =
            (self.text(map, "Fn::FindInMap")?, self.text(top, "Fn::FindInMap")?, self.text(second, "Fn::FindInMap")?);
        let found = self.mappings.get(&map).and_then(|map| map.get(&top)).and_then(|row| row.get(&second));
        found.cloned().ok_or_else(|| format!("Template error: Unable to get mapping for {map}::{top}::{second}"))
    }

    fn text(&self, value: &Value, name: &str) -> Result<String, String> {
        self.value(value)?
            .as_ref()
            .and_then(plain)
            .ok_or_else(|| format!("Template error: every {name} object must have a String parameter."))
    }
}

const SUB: &str = "Template error: One or more Fn::Sub intrinsic functions don't specify expected arguments. Specify a string as first argument, and an optional second argument to specify a mapping of values to replace in the string";

/// A text that holds something that is known later is itself known later.
fn settled(text: String) -> Value {
    if text.contains(LATER) { LATER.into() } else { text.into() }
}

fn unresolved(name: &str) -> String {
    format!("Template format error: Unresolved resource dependencies [{name}] in the Resources block of the template")
}

/// The resource and the attribute that `Fn::GetAtt` asks for.
///
/// # Errors
/// If its argument is neither a list of two texts nor one text with a point.
pub fn attribute_of(argument: &Value) -> Result<(String, String), String> {
    let wrong = || {
        "Template error: every Fn::GetAtt object requires two non-empty parameters, the resource name and the resource attribute".to_owned()
    };
    let (resource, attribute) = match argument {
        Value::String(text) => text.split_once('.').ok_or_else(wrong)?,
        Value::Array(list) => match list.as_slice() {
            [Value::String(resource), Value::String(attribute)] => (resource.as_str(), attribute.as_str()),
            _ => return Err(wrong()),
        },
        _ => return Err(wrong()),
    };
    if resource.is_empty() || attribute.is_empty() {
        Err(wrong())
    } else {
        Ok((resource.to_owned(), attribute.to_owned()))
    }
}

/// A piece of a text with names in it.
#[derive(Debug, PartialEq)]
pub enum Part {
    /// It stands for itself.
    Text(String),
    /// It stands for something else.
    Name(String),
}

/// The pieces of a text for `Fn::Sub`: `${name}` is a name, `${!name}` the text `${name}`.
///
/// # Errors
/// If a name holds a letter that names do not have.
pub fn parts(text: &str) -> Result<Vec<Part>, String> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        let Some((name, after)) = after.split_once('}') else { break };
        out.push(Part::Text(before.to_owned()));
        if let Some(literal) = name.strip_prefix('!') {
            out.push(Part::Text(format!("${{{literal}}}")));
        } else {
            let fine = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '.' | ':');
            if name.is_empty() || !name.chars().all(fine) {
                return Err("Template error: variable names in Fn::Sub syntax must contain only alphanumeric characters, underscores, periods, and colons".to_owned());
            }
            out.push(Part::Name(name.to_owned()));
        }
        rest = after;
    }
    out.push(Part::Text(rest.to_owned()));
    Ok(out)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn scope() -> Scope {
        let mut attributes = Map::new();
        attributes.insert("Arn".to_owned(), "arn:aws:sqs:eu-central-1:123456789012:images".into());
        Scope {
            names: BTreeMap::from([
                ("Stage".to_owned(), "prod".into()),
                ("Zones".to_owned(), json!(["a", "b"])),
                ("AWS::Region".to_owned(), "eu-central-1".into()),
            ]),
            mappings: json!({ "Sizes": { "prod": { "small": 2 } } }),
            conditions: BTreeMap::from([("IsProd".to_owned(), true)]),
            resources: BTreeMap::from([
                ("Images".to_owned(), Some(("https://q".to_owned(), attributes))),
                ("New".to_owned(), None),
            ]),
        }
    }

    fn value(value: Value) -> Value {
        scope().value(&value).expect("a value").expect("not nothing")
    }

    #[test]
    fn each_function_does_what_it_says() {
        assert_eq!(value(json!({ "Ref": "Images" })), "https://q");
        assert_eq!(value(json!({ "Fn::GetAtt": "Images.Arn" })), "arn:aws:sqs:eu-central-1:123456789012:images");
        let text = "${Stage}-${Images.Arn}-${AWS::Region}-${!Stage}";
        let wanted = "prod-arn:aws:sqs:eu-central-1:123456789012:images-eu-central-1-${Stage}";
        assert_eq!(value(json!({ "Fn::Sub": text })), wanted);
        assert_eq!(value(json!({ "Fn::Sub": ["${a}${Stage}", { "a": { "Ref": "Stage" } }] })), "prodprod");
        assert_eq!(value(json!({ "Fn::Join": ["-", { "Ref": "Zones" }] })), "a-b");
        assert_eq!(value(json!({ "Fn::Select": ["1", { "Fn::Split": [",", "x,y"] }] })), "y");
        assert_eq!(value(json!({ "Fn::FindInMap": ["Sizes", { "Ref": "Stage" }, "small"] })), 2);
        assert_eq!(value(json!({ "Fn::If": ["IsProd", "yes", "no"] })), "yes");
        assert_eq!(value(json!({ "Fn::Base64": "ab" })), "YWI=");
    }

    #[test]
    fn conditions_are_put_together() {
        let equal = json!({ "Fn::Equals": [{ "Ref": "Stage" }, "prod"] });
        let truth = |value: Value| scope().truth(&value);
        assert_eq!(truth(equal.clone()), Ok(true));
        assert_eq!(truth(json!({ "Fn::Not": [equal] })), Ok(false));
        assert_eq!(truth(json!({ "Fn::And": [equal, { "Condition": "IsProd" }] })), Ok(true));
        assert_eq!(truth(json!({ "Fn::Or": [{ "Fn::Not": [equal] }, { "Fn::Not": [equal] }] })), Ok(false));
        assert_eq!(truth(json!({ "Fn::Equals": [1, "1"] })), Ok(true), "as texts");
        assert!(truth(json!({ "Fn::And": [equal] })).is_err(), "at least two");
    }

    #[test]
    fn no_value_takes_a_property_away_and_what_is_not_made_yet_is_known_later() {
        let properties =
            json!({ "A": { "Fn::If": ["IsProd", { "Ref": "AWS::NoValue" }, 1] }, "B": [{ "Ref": "AWS::NoValue" }, 2] });
        assert_eq!(value(properties), json!({ "B": [2] }));
        assert_eq!(value(json!({ "Fn::Sub": "x-${New}" })), LATER);
        assert_eq!(value(json!({ "Fn::GetAtt": ["New", "Arn"] })), LATER);
    }

    #[test]
    fn what_is_wrong_is_told_as_cloudformation_tells_it() {
        let told = |value: Value| scope().value(&value).expect_err("wrong");
        assert!(told(json!({ "Ref": "Nobody" })).contains("Unresolved resource dependencies [Nobody]"));
        assert!(told(json!({ "Fn::GetAtt": ["Images", "Age"] })).contains("does not support attribute type Age"));
        assert!(told(json!({ "Fn::Sub": "${a-b}" })).contains("variable names in Fn::Sub syntax"));
        assert!(told(json!({ "Fn::ImportValue": "x" })).contains("unsupported function: Fn::ImportValue"));
        assert!(told(json!({ "Fn::Select": [2, ["a"]] })).contains("nonexistent value at index 2"));
        assert!(told(json!({ "Fn::FindInMap": ["Sizes", "test", "small"] })).contains("Sizes::test::small"));
    }
}
