//! A CloudFormation template as its author means it: read with its short tags, and worked out for given parameters.

use std::collections::BTreeMap;
use std::fs;

use saphyr_parser::{Event, Parser, ScalarStyle, StrInput, Tag};
use serde_json::{Map, Value, json};

/// A template of `assets/deploy` with the parameters that it is deployed with.
pub struct Template {
    root: Value,
    given: BTreeMap<String, String>,
}

impl Template {
    /// What is not given has its default. Account, region and the stack's name stand for any, as in the policies.
    pub fn read(name: &str, given: &[(&str, &str)]) -> Self {
        let mut all: BTreeMap<String, String> =
            [("AWS::Partition", "aws"), ("AWS::Region", "*"), ("AWS::AccountId", "*"), ("AWS::StackName", "*")]
                .iter()
                .chain(given)
                .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
                .collect();
        let root = yaml(&text(name));
        for (key, parameter) in root["Parameters"].as_object().unwrap() {
            if let Some(default) = parameter.get("Default").filter(|_| !all.contains_key(key)) {
                all.insert(key.clone(), words(default));
            }
        }
        Self { root, given: all }
    }

    /// The names in a section.
    pub fn names(&self, section: &str) -> Vec<&str> {
        self.root[section].as_object().unwrap().keys().map(String::as_str).collect()
    }

    /// A part as it is written.
    pub fn written(&self, section: &str, name: &str) -> &Value {
        &self.root[section][name]
    }

    /// The properties of a resource. `None`: its condition does not hold.
    pub fn properties(&self, resource: &str) -> Option<Value> {
        let written = &self.root["Resources"][resource];
        assert!(written.is_object(), "there is no resource {resource}");
        let made = written["Condition"].as_str().is_none_or(|condition| self.holds(condition));
        made.then(|| self.value(&written["Properties"]).unwrap())
    }

    fn holds(&self, condition: &str) -> bool {
        self.truth(&self.root["Conditions"][condition])
    }

    fn truth(&self, value: &Value) -> bool {
        let (function, inner) = function(value).unwrap_or_else(|| panic!("{value} is no condition"));
        if function == "Condition" {
            return self.holds(inner.as_str().unwrap());
        }
        let inner = inner.as_array().unwrap();
        match function {
            "Fn::Equals" => self.words(&inner[0]) == self.words(&inner[1]),
            "Fn::Not" => !self.truth(&inner[0]),
            "Fn::And" => inner.iter().all(|one| self.truth(one)),
            other => panic!("{other} in a condition"),
        }
    }

    /// `None`: AWS::NoValue.
    fn value(&self, value: &Value) -> Option<Value> {
        if let Some((function, inner)) = function(value) {
            return self.worked_out(function, inner);
        }
        Some(match value {
            Value::Array(list) => list.iter().filter_map(|one| self.value(one)).collect(),
            Value::Object(fields) => {
                fields.iter().filter_map(|(key, value)| Some((key.clone(), self.value(value)?))).collect()
            }
            other => other.clone(),
        })
    }

    fn worked_out(&self, function: &str, inner: &Value) -> Option<Value> {
        let part = |place: usize| self.value(&inner[place]).unwrap();
        Some(match function {
            "Ref" if inner == "AWS::NoValue" => return None,
            // What the template does not know either is the resource's own name.
            "Ref" => json!(self.given.get(inner.as_str().unwrap()).map_or(inner.as_str().unwrap(), String::as_str)),
            "Fn::GetAtt" => inner.clone(),
            "Fn::If" => {
                let place = if self.holds(inner[0].as_str().unwrap()) { 1 } else { 2 };
                return self.value(&inner[place]);
            }
            "Fn::Join" => {
                let parts = part(1);
                let parts: Vec<String> = parts.as_array().unwrap().iter().map(words).collect();
                parts.join(&words(&part(0))).into()
            }
            "Fn::Split" => words(&part(1)).split(&words(&part(0))).map(Value::from).collect(),
            "Fn::Select" => part(1)[words(&part(0)).parse::<usize>().unwrap()].clone(),
            "Fn::FindInMap" => self.root["Mappings"][words(&part(0))][words(&part(1))][words(&part(2))].clone(),
            "Fn::Sub" => self.filled(inner),
            other => panic!("{other} is not known here"),
        })
    }

    fn filled(&self, inner: &Value) -> Value {
        let mut all = self.given.clone();
        if let Some(own) = inner.get(1).and_then(Value::as_object) {
            all.extend(own.iter().map(|(key, value)| (key.clone(), self.words(value))));
        }
        let text = inner.get(0).unwrap_or(inner).as_str().unwrap();
        let mut filled = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            let (name, after) = after.split_once('}').unwrap();
            let value = all.get(name).unwrap_or_else(|| panic!("nobody knows {name} of {text}"));
            filled.extend([before, value]);
            rest = after;
        }
        filled.push_str(rest);
        filled.into()
    }

    fn words(&self, value: &Value) -> String {
        words(&self.value(value).unwrap())
    }
}

/// The text of a template.
pub fn text(name: &str) -> String {
    fs::read_to_string(format!("{}/assets/deploy/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn words(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn function(value: &Value) -> Option<(&str, &Value)> {
    let fields = value.as_object().filter(|fields| fields.len() == 1)?;
    let (name, inner) = fields.iter().next()?;
    (name == "Ref" || name == "Condition" || name.starts_with("Fn::")).then_some((name, inner))
}

fn yaml(text: &str) -> Value {
    let mut parser = Parser::new_from_str(text);
    loop {
        match next(&mut parser) {
            Event::StreamStart | Event::DocumentStart(_) => {}
            event => return node(&mut parser, event),
        }
    }
}

fn next<'a>(parser: &mut Parser<'a, StrInput<'a>>) -> Event<'a> {
    parser.next_event().unwrap().unwrap().0
}

fn node<'a>(parser: &mut Parser<'a, StrInput<'a>>, event: Event<'a>) -> Value {
    let mut of = |wanted: fn(&Event) -> bool| {
        let mut list = Vec::new();
        loop {
            match next(parser) {
                event if wanted(&event) => return list,
                event => list.push(node(parser, event)),
            }
        }
    };
    match event {
        Event::Scalar(text, style, _, tag) => {
            let plain = style == ScalarStyle::Plain && tag.is_none();
            let known = plain.then(|| serde_json::from_str::<Value>(&text).ok()).flatten();
            tagged(known.unwrap_or_else(|| Value::from(&*text)), tag.as_deref())
        }
        Event::SequenceStart(_, tag) => {
            let list = of(|event| matches!(event, Event::SequenceEnd));
            tagged(list.into(), tag.as_deref())
        }
        Event::MappingStart(_, tag) => {
            let list = of(|event| matches!(event, Event::MappingEnd));
            let mut fields = Map::new();
            for pair in list.chunks(2) {
                let before = fields.insert(words(&pair[0]), pair[1].clone());
                assert!(before.is_none(), "{} is there twice", pair[0]);
            }
            tagged(fields.into(), tag.as_deref())
        }
        other => panic!("{other:?}"),
    }
}

fn tagged(value: Value, tag: Option<&Tag>) -> Value {
    match tag.map(|tag| tag.suffix.as_str()) {
        None => value,
        Some(name @ ("Ref" | "Condition")) => json!({ name: value }),
        Some(name) => Value::Object(Map::from_iter([(format!("Fn::{name}"), value)])),
    }
}
