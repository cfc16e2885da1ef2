//! REST with JSON bodies: members of the input in path, query string, headers and body.

use percent_encoding::percent_decode_str;
use serde_json::{Map, Number, Value};

use super::{Protocol, Request, Response, Route, Told, json, plain};
use crate::sim::fault::{Fault, blob, unblob};
use crate::sim::shapes::{Kind, Location, Member, Service, Shape};

/// The services that speak it.
const SERVICES: [Service; 2] = [Service::Lambda, Service::Scheduler];

/// The call that method and path mean.
pub(super) fn route(request: &Request) -> Option<Route> {
    SERVICES.into_iter().find_map(|service| {
        service.table().operations.iter().find_map(|(name, operation)| {
            let labels = (operation.method == request.method).then(|| labels(&operation.uri, &request.path))??;
            Some(Route { protocol: Protocol::Rest, service, name, operation, labels })
        })
    })
}

/// What a path says where the template has a member. A closing slash makes no difference: older clients send one.
fn labels(template: &'static str, path: &str) -> Option<Vec<(&'static str, String)>> {
    let path = path.strip_suffix('/').unwrap_or(path);
    let (mut wanted, mut given) = (template.split('/'), path.split('/'));
    let mut found = Vec::new();
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return Some(found),
            (Some(wanted), Some(given)) => match wanted.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
                Some(name) if !given.is_empty() => found.push((name, unescape(given)?)),
                None if wanted == given => {}
                _ => return None,
            },
            _ => return None,
        }
    }
}

/// A percent-encoded text; `None` if it is not UTF-8.
pub(super) fn unescape(text: &str) -> Option<String> {
    percent_decode_str(text).decode_utf8().ok().map(|text| text.into_owned())
}

pub(super) fn decode(route: &Route, request: &Request) -> Result<Value, Fault> {
    let empty = Shape::default();
    let shape = route.input().unwrap_or(&empty);
    let mut fields = match &shape.payload {
        Some(_) if request.body.is_empty() => Map::new(),
        Some(name) => Map::from_iter([(name.clone(), blob(&request.body))]),
        None => body(shape, request)?,
    };
    let mut params = params(&request.query)?;
    for (name, member) in &shape.members {
        let wire = member.name.as_deref().unwrap_or(name);
        let kind = route.service.table().shape(&member.shape).kind;
        if (member.location, kind) == (Some(Location::Query), Kind::List) {
            // A list is a parameter that comes again and again.
            let (own, rest): (Vec<_>, Vec<_>) = params.into_iter().partition(|(param, _)| param == wire);
            params = rest;
            if !own.is_empty() {
                fields.insert(name.clone(), own.into_iter().map(|(_, text)| Value::String(text)).collect());
            }
            continue;
        }
        let given = match member.location {
            Some(Location::Uri) => route.labels.iter().find(|(label, _)| *label == wire).map(|(_, text)| text.clone()),
            Some(Location::Query) => {
                let place = params.iter().position(|(param, _)| param == wire);
                place.map(|place| params.swap_remove(place).1)
            }
            Some(Location::Header) => {
                request.headers.get(wire).and_then(|value| value.to_str().ok()).map(str::to_owned)
            }
            Some(Location::StatusCode) | None => None,
        };
        if let Some(text) = given {
            fields.insert(name.clone(), scalar(kind, &text));
        }
    }
    match params.first() {
        Some((unknown, _)) => {
            Err(Fault::serialization(format!("Unknown (or repeated) parameter '{unknown}' in the query string.")))
        }
        None => Ok(Value::Object(fields)),
    }
}

/// The members in the body. One that belongs elsewhere, such as in the path, is unknown here.
fn body(shape: &Shape, request: &Request) -> Result<Map<String, Value>, Fault> {
    let Value::Object(fields) = json::body(&request.body)? else { return Ok(Map::new()) };
    let elsewhere = |member: &Member| member.location.is_some();
    match fields.keys().find(|key| shape.members.get(*key).is_some_and(elsewhere)) {
        Some(key) => {
            Err(Fault::serialization(format!("Unknown member '{key}' in the body: it does not travel there.")))
        }
        None => Ok(fields),
    }
}

/// The parameters of a query string or a form, decoded.
pub(super) fn params(text: &str) -> Result<Vec<(String, String)>, Fault> {
    let decode = |text: &str| {
        unescape(&text.replace('+', " ")).ok_or_else(|| Fault::serialization("A parameter is not valid UTF-8."))
    };
    text.split('&')
        .filter(|part| !part.is_empty())
        .map(|part| {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            Ok((decode(name)?, decode(value)?))
        })
        .collect()
}

/// A text read as the kind of value that it stands for. What cannot be read stays a text, and is refused as such.
pub(super) fn scalar(kind: Kind, text: &str) -> Value {
    let read = match kind {
        Kind::Integer | Kind::Long => text.parse::<i64>().ok().map(Value::from),
        Kind::Float | Kind::Double => text.parse::<f64>().ok().and_then(Number::from_f64).map(Value::Number),
        Kind::Boolean => text.parse::<bool>().ok().map(Value::from),
        Kind::Timestamp => chrono::DateTime::parse_from_rfc3339(text).ok().map(|at| {
            #[expect(clippy::cast_precision_loss, reason = "dates in use fit")]
            Value::from(at.timestamp_millis() as f64 / 1000.0)
        }),
        _ => None,
    };
    read.unwrap_or_else(|| text.into())
}

pub(super) fn encode(route: &Route, output: &Value) -> Response {
    let empty = Shape::default();
    let shape = route.output().unwrap_or(&empty);
    let mut response = Response::new(route.operation.status, "application/json", Vec::new());
    let mut fields = output.as_object().cloned().unwrap_or_default();
    for (name, member) in &shape.members {
        let Some(location) = member.location else { continue };
        let Some(value) = fields.remove(name) else { continue };
        match location {
            Location::StatusCode => {
                response.status = value.as_u64().and_then(|code| u16::try_from(code).ok()).unwrap_or(response.status);
            }
            _ => response = response.with(&member.name.as_deref().unwrap_or(name).to_ascii_lowercase(), &plain(&value)),
        }
    }
    response.body = match &shape.payload {
        Some(name) => fields.get(name).and_then(unblob).unwrap_or_default(),
        None => Value::Object(fields).to_string().into_bytes(),
    };
    response
}

pub(super) fn refuse(told: &Told<'_>) -> Response {
    Response::new(told.status, "application/json", Value::Object(told.body.clone()).to_string().into_bytes())
        .with("x-amzn-errortype", told.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_read_by_their_templates() {
        let template = "/2015-03-31/functions/{FunctionName}/invocations";
        let path = "/2015-03-31/functions/arn%3Aaws%3Alambda/invocations";
        assert_eq!(labels(template, path), Some(vec![("FunctionName", "arn:aws:lambda".to_owned())]));
        assert_eq!(labels(template, "/2015-03-31/functions//invocations"), None);
        assert_eq!(labels(template, "/2015-03-31/functions/f"), None);
        assert_eq!(labels("/schedules", "/schedules/"), Some(Vec::new()));
    }

    #[test]
    fn what_cannot_be_read_stays_a_text() {
        assert_eq!(scalar(Kind::Integer, "12"), Value::from(12));
        assert_eq!(scalar(Kind::Integer, "twelve"), Value::from("twelve"));
        assert_eq!(scalar(Kind::Timestamp, "2026-11-20T13:09:00Z"), Value::from(1_795_180_140.0));
    }
}
