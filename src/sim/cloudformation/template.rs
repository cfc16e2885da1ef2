//! Templates: what one holds, and whether it holds together.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::intrinsics::{Part, attribute_of, function, parts, plain};
use super::types::{self, Kind};
use super::yaml;

/// A template that holds together.
#[derive(Clone, Debug)]
pub struct Template {
    /// The text that it was read from.
    pub text: String,
    /// Its description.
    pub description: Option<String>,
    /// Its parameters, as they are declared.
    pub parameters: Map<String, Value>,
    /// Its rules, which hold values of parameters against each other.
    pub rules: Map<String, Value>,
    /// Its mappings.
    pub mappings: Value,
    /// Its conditions.
    pub conditions: Map<String, Value>,
    /// Its resources, in the order in which they can be made.
    pub resources: Vec<Resource>,
    /// Its outputs.
    pub outputs: Map<String, Value>,
    /// Its metadata.
    pub metadata: Option<Value>,
}

/// A resource of a template.
#[derive(Clone, Debug)]
pub struct Resource {
    /// Its logical id.
    pub id: String,
    /// Its type.
    pub kind: &'static Kind,
    /// Its properties, with functions in them.
    pub properties: Value,
    /// The condition under which it is made.
    pub condition: Option<String>,
    /// The resources that must be there before it.
    pub needs: BTreeSet<String>,
    /// Whether it stays when it leaves the stack.
    pub stays: Stays,
    /// It stays when another takes its place.
    pub stays_replaced: bool,
}

/// Whether a resource stays when it leaves its stack: its DeletionPolicy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stays {
    /// It goes.
    Never,
    /// It stays unless the operation that made it is rolled back.
    ExceptOnCreate,
    /// It stays.
    Always,
}

/// What a template may hold.
const SECTIONS: [&str; 9] = [
    "AWSTemplateFormatVersion",
    "Description",
    "Metadata",
    "Parameters",
    "Rules",
    "Mappings",
    "Conditions",
    "Resources",
    "Outputs",
];

/// The pseudo parameters.
pub const PSEUDO: [&str; 8] = [
    "AWS::AccountId",
    "AWS::NoValue",
    "AWS::NotificationARNs",
    "AWS::Partition",
    "AWS::Region",
    "AWS::StackId",
    "AWS::StackName",
    "AWS::URLSuffix",
];

/// The most of each that a template holds (CloudFormation quotas).
const MOST: [(&str, usize); 3] = [("Parameters", 200), ("Resources", 500), ("Outputs", 200)];

impl Template {
    /// Reads a template.
    ///
    /// # Errors
    /// In CloudFormation's words, as its ValidationError.
    pub fn read(text: &str) -> Result<Self, String> {
        let body = yaml::read(text)?;
        let body = body.as_object().ok_or("Template format error: unsupported structure.")?;
        let unknown: Vec<&str> = body.keys().map(String::as_str).filter(|key| !SECTIONS.contains(key)).collect();
        if let Some(section) = unknown.iter().find(|name| matches!(**name, "Transform" | "Hooks")) {
            return Err(format!("The section {section} of a template is not simulated."));
        }
        if !unknown.is_empty() {
            return Err(format!("Invalid template property or properties [{}]", unknown.join(", ")));
        }
        let version = body.get("AWSTemplateFormatVersion").and_then(Value::as_str);
        if version.is_some_and(|version| version != "2010-09-09") {
            return Err("Template format error: unsupported value for AWSTemplateFormatVersion.".to_owned());
        }
        let section = |name: &str| match body.get(name) {
            None => Ok(Map::new()),
            Some(Value::Object(fields)) => Ok(fields.clone()),
            Some(_) => Err(format!("Template format error: {name} must be a map.")),
        };
        for (name, most) in MOST {
            let count = section(name)?.len();
            if count > most {
                return Err(format!(
                    "Template format error: Number of {}, {count}, is greater than maximum allowed, {most}",
                    name.to_lowercase()
                ));
            }
        }
        let description = match body.get("Description") {
            None => None,
            Some(Value::String(text)) if text.len() <= 1024 => Some(text.clone()),
            Some(Value::String(_)) => {
                return Err("Template format error: 'Description' length is greater than 1024.".to_owned());
            }
            Some(_) => return Err("Template format error: Description must be a string.".to_owned()),
        };
        let mut template = Self {
            text: text.to_owned(),
            description,
            parameters: section("Parameters")?,
            rules: section("Rules")?,
            mappings: section("Mappings")?.into(),
            conditions: section("Conditions")?,
            resources: read_resources(&section("Resources")?)?,
            outputs: section("Outputs")?,
            metadata: body.get("Metadata").cloned(),
        };
        for resource in &mut template.resources {
            resource.needs.retain(|name| !template.parameters.contains_key(name));
        }
        template.check()?;
        template.resources = in_order(template.resources)?;
        Ok(template)
    }

    /// A resource by its logical id.
    #[must_use]
    pub fn resource(&self, id: &str) -> Option<&Resource> {
        self.resources.iter().find(|resource| resource.id == id)
    }

    /// The capability that making its resources takes, and why.
    #[must_use]
    pub fn capability(&self) -> Option<(&'static str, String)> {
        let iam: Vec<&Resource> = self.resources.iter().filter(|resource| resource.kind.is_iam()).collect();
        let kinds: BTreeSet<&str> = iam.iter().map(|resource| resource.kind.name).collect();
        let kinds: Vec<&str> = kinds.into_iter().collect();
        let named = iam.iter().any(|resource| resource.properties.get("RoleName").is_some());
        let reason = format!("The following resource(s) require capabilities: [{}]", kinds.join(", "));
        let capability = if named { "CAPABILITY_NAMED_IAM" } else { "CAPABILITY_IAM" };
        (!iam.is_empty()).then_some((capability, reason))
    }

    /// The types of its resources, each once.
    #[must_use]
    pub fn kinds(&self) -> Vec<&'static str> {
        let kinds: BTreeSet<&str> = self.resources.iter().map(|resource| resource.kind.name).collect();
        kinds.into_iter().collect()
    }

    /// Whether every name in it names something.
    fn check(&self) -> Result<(), String> {
        for (name, declared) in &self.parameters {
            super::parameters::check_declared(name, declared)?;
        }
        for (name, rule) in &self.rules {
            super::rules::check_declared(name, rule, &self.parameters)?;
        }
        for condition in self.conditions.values() {
            let seen = Seen::of(condition)?;
            let named = seen.refs.iter().chain(seen.attributes.iter().map(|(id, _)| id));
            if let Some(resource) = named.into_iter().find(|name| !self.is_name(name)) {
                return Err(format!(
                    "Template format error: Unresolved dependencies [{resource}]. Cannot reference resources in the Conditions block of the template"
                ));
            }
            self.check_conditions(&seen, "Conditions")?;
        }
        for resource in &self.resources {
            let seen = Seen::of(&resource.properties)?;
            self.check_names(&seen, "Resources")?;
            if let Some(condition) = resource.condition.as_ref().filter(|name| !self.conditions.contains_key(*name)) {
                return Err(format!(
                    "Template format error: Unresolved condition dependency {condition} in the Resources block of the template"
                ));
            }
            if let Some(missing) = resource.needs.iter().find(|id| self.resource(id).is_none()) {
                return Err(format!(
                    "Template format error: Unresolved resource dependencies [{missing}] in the Resources block of the template"
                ));
            }
        }
        for (name, output) in &self.outputs {
            if output.get("Value").is_none() {
                return Err(format!(
                    "Template format error: Output {name} is malformed. The Value attribute is required"
                ));
            }
            let known = ["Value", "Description", "Export", "Condition"];
            if let Some(key) =
                output.as_object().into_iter().flat_map(Map::keys).find(|key| !known.contains(&key.as_str()))
            {
                return Err(format!("Template format error: Output {name} is malformed: invalid attribute {key}"));
            }
            let mut seen = Seen::of(output.get("Value").unwrap_or(&Value::Null))?;
            seen.conditions.extend(output.get("Condition").and_then(Value::as_str).map(str::to_owned));
            self.check_names(&seen, "Outputs")?;
        }
        Ok(())
    }

    fn is_name(&self, name: &str) -> bool {
        self.parameters.contains_key(name) || PSEUDO.contains(&name)
    }

    fn check_names(&self, seen: &Seen, block: &str) -> Result<(), String> {
        let missing: Vec<&str> = seen
            .refs
            .iter()
            .filter(|name| !self.is_name(name) && self.resource(name).is_none())
            .map(String::as_str)
            .collect();
        if !missing.is_empty() {
            return Err(format!(
                "Template format error: Unresolved resource dependencies [{}] in the {block} block of the template",
                missing.join(", ")
            ));
        }
        for (id, attribute) in &seen.attributes {
            let Some(resource) = self.resource(id) else {
                return Err(format!("Template error: instance of Fn::GetAtt references undefined resource {id}"));
            };
            if !resource.kind.gives(attribute) {
                return Err(format!(
                    "Template error: resource {id} does not support attribute type {attribute} in Fn::GetAtt"
                ));
            }
        }
        for name in &seen.mappings {
            if self.mappings.get(name).is_none() {
                return Err(format!(
                    "Template format error: Unresolved mapping reference {name} in the {block} block of the template"
                ));
            }
        }
        self.check_conditions(seen, block)
    }

    fn check_conditions(&self, seen: &Seen, block: &str) -> Result<(), String> {
        match seen.conditions.iter().find(|name| !self.conditions.contains_key(*name)) {
            Some(name) => Err(format!(
                "Template format error: Unresolved condition dependency {name} in the {block} block of the template"
            )),
            None => Ok(()),
        }
    }
}

/// What a resource may say beside its type and properties.
const RESOURCE_KEYS: [&str; 8] = [
    "Type",
    "Properties",
    "Condition",
    "DependsOn",
    "DeletionPolicy",
    "UpdateReplacePolicy",
    "Metadata",
    "UpdatePolicy",
];

fn read_resources(section: &Map<String, Value>) -> Result<Vec<Resource>, String> {
    if section.is_empty() {
        return Err("Template format error: At least one Resources member must be defined.".to_owned());
    }
    let mut unknown = Vec::new();
    let mut resources = Vec::new();
    for (id, body) in section {
        if !id.chars().all(|letter| letter.is_ascii_alphanumeric()) {
            return Err(format!("Template format error: Resource name {id} is non alphanumeric."));
        }
        let fields = body
            .as_object()
            .ok_or_else(|| format!("Template format error: [/Resources/{id}] resource definition is malformed"))?;
        if let Some(key) = fields.keys().find(|key| !RESOURCE_KEYS.contains(&key.as_str())) {
            return Err(format!("Invalid template resource property '{key}'"));
        }
        let Some(name) = body.get("Type").and_then(Value::as_str) else {
            return Err(format!(
                "Template format error: [/Resources/{id}] Every Resources object must contain a Type member."
            ));
        };
        match types::kind(name) {
            Some(kind) => resources.push(read_resource(id, kind, body)?),
            None => unknown.push(name),
        }
    }
    if unknown.is_empty() {
        Ok(resources)
    } else {
        Err(format!("Template format error: Unrecognized resource types: [{}]", unknown.join(", ")))
    }
}

fn read_resource(id: &str, kind: &'static Kind, body: &Value) -> Result<Resource, String> {
    let properties = match body.get("Properties") {
        None | Some(Value::Null) => Value::Object(Map::new()),
        Some(Value::Object(fields)) => Value::Object(fields.clone()),
        Some(_) => return Err(format!("Template format error: [/Resources/{id}/Properties] must be an object")),
    };
    let mut needs: BTreeSet<String> = match body.get("DependsOn") {
        None => BTreeSet::new(),
        Some(Value::String(one)) => BTreeSet::from([one.clone()]),
        Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        Some(_) => return Err("Template format error: DependsOn must be a string or list of strings.".to_owned()),
    };
    let seen = Seen::of(&properties)?;
    needs.extend(seen.attributes.iter().map(|(id, _)| id.clone()));
    // Names of parameters are taken out when the template as a whole is known.
    needs.extend(seen.refs.iter().filter(|name| !name.starts_with("AWS::")).cloned());
    let stays = |key: &str| match body.get(key).map(plain) {
        None => Ok(Stays::Never),
        Some(Some(policy)) if policy == "Delete" => Ok(Stays::Never),
        Some(Some(policy)) if policy == "Retain" => Ok(Stays::Always),
        Some(Some(policy)) if policy == "RetainExceptOnCreate" && key == "DeletionPolicy" => Ok(Stays::ExceptOnCreate),
        Some(policy) => {
            let policy = policy.unwrap_or_default();
            Err(format!("Template format error: Unrecognized {key} {policy} for resource {id}"))
        }
    };
    Ok(Resource {
        id: id.to_owned(),
        kind,
        properties,
        condition: body.get("Condition").and_then(Value::as_str).map(str::to_owned),
        needs,
        stays: stays("DeletionPolicy")?,
        stays_replaced: stays("UpdateReplacePolicy")? == Stays::Always,
    })
}

/// The resources such that each comes after those that it needs; those that need nothing of each other in the order of
/// the template.
fn in_order(mut resources: Vec<Resource>) -> Result<Vec<Resource>, String> {
    let mut done: BTreeSet<String> = BTreeSet::new();
    let mut sorted = Vec::new();
    while !resources.is_empty() {
        let (ready, rest): (Vec<Resource>, Vec<Resource>) =
            resources.into_iter().partition(|resource| resource.needs.iter().all(|id| done.contains(id)));
        if ready.is_empty() {
            let names: Vec<&str> = rest.iter().map(|resource| resource.id.as_str()).collect();
            return Err(format!("Circular dependency between resources: [{}]", names.join(", ")));
        }
        done.extend(ready.iter().map(|resource| resource.id.clone()));
        sorted.extend(ready);
        resources = rest;
    }
    Ok(sorted)
}

/// The names that a value mentions.
#[derive(Debug, Default)]
pub struct Seen {
    /// By `Ref` and in texts of `Fn::Sub`.
    pub refs: BTreeSet<String>,
    /// By `Fn::GetAtt` and in texts of `Fn::Sub`: resource and attribute.
    pub attributes: BTreeSet<(String, String)>,
    /// Conditions.
    pub conditions: BTreeSet<String>,
    /// Mappings.
    pub mappings: BTreeSet<String>,
}

impl Seen {
    /// All the names that a value mentions.
    ///
    /// # Errors
    /// If a function in it is not known or badly formed.
    pub fn of(value: &Value) -> Result<Self, String> {
        let mut seen = Self::default();
        seen.walk(value)?;
        Ok(seen)
    }

    fn walk(&mut self, value: &Value) -> Result<(), String> {
        if let Some((name, argument)) = function(value) {
            return self.function(name, argument);
        }
        match value {
            Value::Object(fields) => fields.values().try_for_each(|inner| self.walk(inner)),
            Value::Array(list) => list.iter().try_for_each(|inner| self.walk(inner)),
            _ => Ok(()),
        }
    }

    fn function(&mut self, name: &str, argument: &Value) -> Result<(), String> {
        match name {
            "Ref" => {
                let name =
                    argument.as_str().ok_or("Template error: every Ref object must have a single String value.")?;
                self.refs.insert(name.to_owned());
                Ok(())
            }
            "Condition" => {
                self.conditions.extend(argument.as_str().map(str::to_owned));
                Ok(())
            }
            "Fn::GetAtt" => {
                self.attributes.insert(attribute_of(argument)?);
                Ok(())
            }
            "Fn::Sub" => self.sub(argument),
            "Fn::If" => {
                self.conditions.extend(argument.get(0).and_then(Value::as_str).map(str::to_owned));
                self.walk(argument)
            }
            "Fn::FindInMap" => {
                self.mappings.extend(argument.get(0).and_then(Value::as_str).map(str::to_owned));
                self.walk(argument)
            }
            name if super::intrinsics::FUNCTIONS.contains(&name) => self.walk(argument),
            // Whatever it is, it is told when the value is reckoned.
            _ => super::intrinsics::Scope::default().value(&serde_json::json!({ name: argument })).map(|_| ()),
        }
    }

    fn sub(&mut self, argument: &Value) -> Result<(), String> {
        let (text, own) = match argument {
            Value::Array(list) => (list.first().and_then(Value::as_str), list.get(1)),
            other => (other.as_str(), None),
        };
        for part in parts(text.unwrap_or_default())? {
            let Part::Name(name) = part else { continue };
            if own.is_some_and(|own| own.get(&name).is_some()) {
                continue;
            }
            match name.split_once('.') {
                Some((id, attribute)) => {
                    self.attributes.insert((id.to_owned(), attribute.to_owned()));
                }
                None => {
                    self.refs.insert(name);
                }
            }
        }
        own.map_or(Ok(()), |own| self.walk(own))
    }
}

/// What the conditions of a template come to, for the values of its parameters.
///
/// # Errors
/// If they go in circles, or one of them is none.
pub fn conditions(template: &Template, names: &BTreeMap<String, Value>) -> Result<BTreeMap<String, bool>, String> {
    let mut scope = super::intrinsics::Scope {
        names: names.clone(),
        mappings: template.mappings.clone(),
        ..super::intrinsics::Scope::default()
    };
    let mut open: Vec<(&String, &Value)> = template.conditions.iter().collect();
    while !open.is_empty() {
        let before = open.len();
        let mut rest = Vec::new();
        for (name, value) in open {
            if Seen::of(value)?.conditions.iter().all(|needed| scope.conditions.contains_key(needed)) {
                let truth = scope.truth(value)?;
                scope.conditions.insert(name.clone(), truth);
            } else {
                rest.push((name, value));
            }
        }
        if rest.len() == before {
            let names: Vec<&str> = rest.iter().map(|(name, _)| name.as_str()).collect();
            return Err(format!(
                "Template format error: Circular dependencies between conditions: [{}]",
                names.join(", ")
            ));
        }
        open = rest;
    }
    Ok(scope.conditions)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> String {
        Template::read(text).expect_err("refused")
    }

    #[test]
    fn resources_come_after_what_they_need() {
        let text = "Resources:\n  A: {Type: 'AWS::SQS::Queue', Properties: {QueueName: !Sub 'x-${B.QueueName}'}}\n  B: {Type: 'AWS::SQS::Queue', DependsOn: [C]}\n  C: {Type: 'AWS::SQS::Queue', Properties: {QueueName: !Ref Name}}\nParameters: {Name: {Type: String, Default: a}}\n";
        let template = Template::read(text).expect("a template");
        let order: Vec<&str> = template.resources.iter().map(|resource| resource.id.as_str()).collect();
        assert_eq!(order, ["C", "B", "A"]);
        assert_eq!(template.resource("A").map(|one| one.needs.len()), Some(1));
    }

    #[test]
    fn names_that_name_nothing_are_refused() {
        let queue = |properties: &str| format!("Resources: {{A: {{Type: 'AWS::SQS::Queue', {properties}}}}}");
        let nobody = queue("Properties: {QueueName: !GetAtt B.Arn}");
        assert_eq!(told(&nobody), "Template error: instance of Fn::GetAtt references undefined resource B");
        let age = queue("Properties: {QueueName: !Sub '${A.Age}'}");
        let refused = told(&age);
        assert_eq!(refused, "Template error: resource A does not support attribute type Age in Fn::GetAtt");
        let condition = queue("Condition: C");
        assert!(
            told(&condition).starts_with("Template format error: Unresolved condition dependency C in the Resources")
        );
        let output = queue("Properties: {}").replace("}}}", "}}}\nOutputs: {O: {Value: !Ref B}}");
        assert!(told(&output).ends_with("Unresolved resource dependencies [B] in the Outputs block of the template"));
        let map = queue("Properties: {QueueName: !FindInMap [M, a, b]}");
        assert!(told(&map).contains("Unresolved mapping reference M"));
    }

    #[test]
    fn what_is_no_part_of_a_template_is_refused() {
        let queue = "Resources: {A: {Type: 'AWS::SQS::Queue'}}\n";
        assert_eq!(told(&format!("{queue}Foo: 1")), "Invalid template property or properties [Foo]");
        assert_eq!(told(&format!("{queue}Transform: x")), "The section Transform of a template is not simulated.");
        assert_eq!(told("- a"), "Template format error: unsupported structure.");
        assert_eq!(
            told("Resources: {A: {Type: 'AWS::SQS::Queue', Foo: 1}}"),
            "Invalid template resource property 'Foo'"
        );
        let import = "Resources: {A: {Type: 'AWS::SQS::Queue', Properties: {QueueName: !ImportValue x}}}";
        assert!(told(import).starts_with("Template format error: Encountered unsupported function: Fn::ImportValue"));
        let parameter = format!("{queue}Parameters: {{P: {{Type: 'AWS::SSM::Parameter::Value<String>'}}}}");
        assert!(told(&parameter).contains("Unrecognized parameter type: AWS::SSM"));
    }

    #[test]
    fn roles_take_a_capability_and_named_ones_another() {
        let role = |more: &str| {
            let text = format!(
                "Resources: {{R: {{Type: 'AWS::IAM::Role', Properties: {{{more}AssumeRolePolicyDocument: {{}}}}}}}}"
            );
            Template::read(&text).expect("a template").capability().map(|(name, _)| name)
        };
        assert_eq!(role(""), Some("CAPABILITY_IAM"));
        assert_eq!(role("RoleName: r, "), Some("CAPABILITY_NAMED_IAM"));
        let queue = Template::read("Resources: {A: {Type: 'AWS::SQS::Queue'}}").expect("a template");
        assert_eq!(queue.capability(), None);
    }

    #[test]
    fn conditions_may_need_each_other_but_not_in_circles() {
        let text =
            |conditions: &str| format!("Conditions: {conditions}\nResources: {{A: {{Type: 'AWS::SQS::Queue'}}}}");
        let read = |conditions: &str| Template::read(&text(conditions)).expect("a template");
        let good = read("{X: !Not [!Condition Y], Y: !Equals [a, b]}");
        let holds = conditions(&good, &BTreeMap::new()).expect("conditions");
        assert_eq!(holds, BTreeMap::from([("X".to_owned(), true), ("Y".to_owned(), false)]));
        let circle = conditions(&read("{X: !Not [!Condition Y], Y: !Not [!Condition X]}"), &BTreeMap::new());
        assert!(circle.expect_err("a circle").contains("[X, Y]"));
        let resource = told(&text("{X: !Equals [!Ref A, b]}"));
        assert!(resource.contains("Unresolved dependencies [A]. Cannot reference resources in the Conditions block"));
    }
}
