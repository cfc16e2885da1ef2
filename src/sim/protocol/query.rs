//! The query protocol: `Action`, `Version` and a flat list of parameters whose names spell out the input's structure.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::rest::{params, scalar};
use super::{Lost, Protocol, Request, Route, lost};
use crate::sim::fault::Fault;
use crate::sim::shapes::{Kind, Service, Shape, Table};

/// The services that speak it.
const SERVICES: [Service; 3] = [Service::Cloudwatch, Service::Sts, Service::Cloudformation];

/// The parameters of a request: those of the form, and those of the query string.
fn given(request: &Request) -> Result<Vec<(String, String)>, Fault> {
    let mut all = params(&request.query)?;
    let form = request.header("content-type").starts_with("application/x-www-form-urlencoded");
    if form {
        let text = std::str::from_utf8(&request.body).map_err(|_| Fault::serialization("The form is not UTF-8."))?;
        all.extend(params(text)?);
    }
    Ok(all)
}

/// The call that `Action` and `Version` name; `None` if the request names no action.
pub(super) fn route(request: &Request) -> Option<Result<Route, Box<Lost>>> {
    let given = given(request).ok()?;
    let find = |key: &str| given.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str());
    let action = find("Action")?;
    let version = find("Version").unwrap_or_default();
    let service = SERVICES.into_iter().find(|service| service.table().version == version);
    let found = service.and_then(|service| Some((service, service.table().operation(action)?)));
    Some(match found {
        Some((service, (name, operation))) => {
            Ok(Route { protocol: Protocol::Query, service, name, operation, labels: Vec::new() })
        }
        None => {
            let message = format!("Could not find operation {action} for version {version}.");
            Err(lost(Protocol::Query, service, Fault::new("InvalidAction", 400, message)))
        }
    })
}

/// Parameters, sorted into the structure that their names spell out.
#[derive(Debug, Default)]
struct Node {
    text: Option<String>,
    below: BTreeMap<String, Node>,
}

pub(super) fn decode(route: &Route, request: &Request) -> Result<Value, Fault> {
    let mut root = Node::default();
    for (name, value) in given(request)? {
        if name == "Action" || name == "Version" {
            continue;
        }
        let place = name.split('.').fold(&mut root, |node, part| node.below.entry(part.to_owned()).or_default());
        if place.text.replace(value).is_some() {
            return Err(Fault::serialization(format!("The parameter '{name}' is repeated.")));
        }
    }
    let empty = Shape::default();
    Ok(value(route.service.table(), route.input().unwrap_or(&empty), &root))
}

/// What a node says, in the terms of a shape. What does not fit is kept, to be refused when the input is checked.
fn value(table: &Table, shape: &Shape, node: &Node) -> Value {
    match shape.kind {
        Kind::Structure if node.text.is_none() => {
            let member = |name: &str, below: &Node| match shape.members.get(name) {
                Some(member) => value(table, table.shape(&member.shape), below),
                None => Value::from(below.text.clone().unwrap_or_default()),
            };
            let fields = node.below.iter().map(|(name, below)| (name.clone(), member(name, below)));
            Value::Object(fields.collect::<Map<_, _>>())
        }
        Kind::List if node.text.as_deref() == Some("") && node.below.is_empty() => Value::Array(Vec::new()),
        Kind::List => match elements(node, "member") {
            Some(elements) => {
                let inner = table.shape(&shape.of);
                elements.into_iter().map(|element| value(table, inner, element)).collect()
            }
            None => Value::from(node.text.clone().unwrap_or_default()),
        },
        Kind::Map => match elements(node, "entry") {
            Some(elements) => {
                let inner = table.shape(&shape.value);
                let entry = |entry: &&Node| {
                    let key = entry.below.get("key")?.text.clone()?;
                    Some((key, value(table, inner, entry.below.get("value")?)))
                };
                Value::Object(elements.iter().filter_map(entry).collect())
            }
            None => Value::from(node.text.clone().unwrap_or_default()),
        },
        kind => match &node.text {
            Some(text) if node.below.is_empty() => scalar(kind, text),
            _ => Value::Object(Map::new()),
        },
    }
}

/// The numbered elements below `word`, in their order; `None` if there is anything else.
fn elements<'a>(node: &'a Node, word: &str) -> Option<Vec<&'a Node>> {
    if node.text.is_some() || node.below.len() != 1 {
        return None;
    }
    let numbered = &node.below.get(word)?.below;
    let mut found: Vec<(usize, &Node)> =
        numbered.iter().map(|(index, node)| index.parse().ok().map(|index| (index, node))).collect::<Option<_>>()?;
    found.sort_by_key(|(index, _)| *index);
    Some(found.into_iter().map(|(_, node)| node).collect())
}
