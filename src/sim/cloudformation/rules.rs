//! Rules of templates: what is asserted of the values of parameters, all together.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::intrinsics::{Scope, function, plain};
use super::parameters::as_names;
use super::template::{PSEUDO, Template};
use crate::sim::world::World;

/// The functions that rules have and that are simulated; `Condition`, `Fn::If` and whatever names resources they have not.
const FUNCTIONS: [&str; 5] = ["Fn::And", "Fn::Contains", "Fn::Equals", "Fn::Not", "Fn::Or"];

/// Whether a rule is in order.
///
/// # Errors
/// In CloudFormation's words, if it is malformed or names anything but parameters.
pub fn check_declared(name: &str, rule: &Value, parameters: &Map<String, Value>) -> Result<(), String> {
    let malformed = |what: &str| format!("Template format error: Rule {name} is malformed: {what}");
    let fields = rule.as_object().ok_or_else(|| malformed("it must be a map"))?;
    if let Some(key) = fields.keys().find(|key| !matches!(key.as_str(), "RuleCondition" | "Assertions")) {
        return Err(malformed(&format!("invalid attribute {key}")));
    }
    let assertions = rule.get("Assertions").and_then(Value::as_array).filter(|list| !list.is_empty());
    let assertions = assertions.ok_or_else(|| malformed("it needs a list of Assertions"))?;
    for assertion in assertions {
        let asserted = assertion.get("Assert").ok_or_else(|| malformed("every assertion needs an Assert"))?;
        check(asserted, parameters).map_err(|what| malformed(&what))?;
    }
    rule.get("RuleCondition").map_or(Ok(()), |when| check(when, parameters).map_err(|what| malformed(&what)))
}

fn check(value: &Value, parameters: &Map<String, Value>) -> Result<(), String> {
    match function(value) {
        Some(("Ref", name)) => match name.as_str() {
            Some(name) if parameters.contains_key(name) || PSEUDO.contains(&name) => Ok(()),
            _ => Err(format!("it refers to {name}, which is no parameter")),
        },
        Some((name, argument)) if FUNCTIONS.contains(&name) => check(argument, parameters),
        Some((name, _)) => Err(format!("the function {name} is not supported in rules")),
        None => match value {
            Value::Array(list) => list.iter().try_for_each(|inner| check(inner, parameters)),
            _ => Ok(()),
        },
    }
}

/// Whether the values of a template's parameters keep its rules.
///
/// # Errors
/// What the first assertion that does not hold says of itself. (That much is documented; not in which sentence it stands.)
pub fn hold(template: &Template, values: &BTreeMap<String, String>, world: &World) -> Result<(), String> {
    let mut scope = Scope { names: as_names(template, values), ..Scope::default() };
    scope.names.insert("AWS::Region".to_owned(), world.region.as_str().into());
    scope.names.insert("AWS::AccountId".to_owned(), world.account.as_str().into());
    for (name, rule) in &template.rules {
        if !rule.get("RuleCondition").map_or(Ok(true), |when| truth(&scope, when))? {
            continue;
        }
        for assertion in rule.get("Assertions").and_then(Value::as_array).into_iter().flatten() {
            if !truth(&scope, assertion.get("Assert").unwrap_or(&Value::Null))? {
                let told = assertion.get("AssertDescription").and_then(plain).unwrap_or_default();
                return Err(format!("Template error: Rule {name} failed: {told}"));
            }
        }
    }
    Ok(())
}

fn truth(scope: &Scope, value: &Value) -> Result<bool, String> {
    match function(value) {
        Some(("Fn::Contains", argument)) => match argument.as_array().map(Vec::as_slice) {
            Some([list, one]) => {
                let (list, one) = (scope.value(list)?, scope.value(one)?);
                let one = one.as_ref().and_then(plain);
                Ok(list
                    .as_ref()
                    .and_then(Value::as_array)
                    .is_some_and(|list| list.iter().any(|other| plain(other) == one)))
            }
            _ => Err("Template error: every Fn::Contains object requires a list and a string.".to_owned()),
        },
        Some(("Fn::Not", argument)) => match argument.as_array().map(Vec::as_slice) {
            Some([inner]) => truth(scope, inner).map(|truth| !truth),
            _ => scope.truth(value),
        },
        Some((name @ ("Fn::And" | "Fn::Or"), Value::Array(list))) if (2..=10).contains(&list.len()) => {
            let all = list.iter().map(|inner| truth(scope, inner)).collect::<Result<Vec<bool>, String>>()?;
            Ok(if name == "Fn::And" { all.into_iter().all(|truth| truth) } else { all.into_iter().any(|truth| truth) })
        }
        _ => scope.truth(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "Parameters:\n  Output: {Type: String, Default: beside}\n  Bucket: {Type: String, Default: ''}\nRules:\n  Named:\n    RuleCondition: !Not [!Equals [!Ref Output, beside]]\n    Assertions:\n      - Assert: !And [!Not [!Equals [!Ref Bucket, '']], !Contains [[a, b], !Ref Bucket]]\n        AssertDescription: Name the bucket a or b.\nResources: {Q: {Type: 'AWS::SQS::Queue'}}\n";

    fn held(output: &str, bucket: &str) -> Result<(), String> {
        let template = Template::read(TEXT).expect("a template");
        let values = [("Output", output), ("Bucket", bucket)];
        let values = values.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        hold(&template, &values, &World::default())
    }

    #[test]
    fn assertions_count_where_the_rule_does() {
        assert_eq!(held("beside", ""), Ok(()), "its condition does not hold");
        assert_eq!(held("s3://a", "a"), Ok(()));
        let told = Err("Template error: Rule Named failed: Name the bucket a or b.".to_owned());
        assert_eq!(held("s3://a", ""), told);
        assert_eq!(held("s3://a", "c"), told);
    }

    #[test]
    fn rules_know_parameters_and_nothing_else() {
        let told = |from: &str, to: &str| Template::read(&TEXT.replace(from, to)).expect_err("refused");
        assert!(told("!Ref Output", "!Ref Q").contains("refers to \"Q\", which is no parameter"));
        assert!(told("!Equals [!Ref Output, beside]", "!Condition X").contains("Condition is not supported in rules"));
    }
}
