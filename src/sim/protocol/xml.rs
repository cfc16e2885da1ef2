//! XML: the answers of the query protocol, and what S3 needs of it.

use std::fmt::Write;

use chrono::{DateTime, SecondsFormat};
use serde_json::Value;

use super::{Response, Route, Told, plain};
use crate::sim::shapes::{Kind, Service, Shape, Table};

const CONTENT: &str = "text/xml";

pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\r' => out.push_str("&#xD;"),
            letter => out.push(letter),
        }
    }
    out
}

pub(super) fn element(out: &mut String, name: &str, inside: impl FnOnce(&mut String)) {
    let _ = write!(out, "<{name}>");
    inside(out);
    let _ = write!(out, "</{name}>");
}

/// An element in the namespace of a service.
pub(super) fn namespaced(out: &mut String, name: &str, table: &Table, inside: impl FnOnce(&mut String)) {
    let _ = write!(out, "<{name} xmlns=\"{}\">", table.namespace.as_deref().unwrap_or_default());
    inside(out);
    let _ = write!(out, "</{name}>");
}

/// A value in the terms of its shape.
pub(super) fn written(out: &mut String, table: &Table, shape: &Shape, value: &Value) {
    match (shape.kind, value) {
        (Kind::Structure, Value::Object(fields)) => {
            for (name, inner) in fields {
                let Some(member) = shape.members.get(name) else { continue };
                let (name, shape) = (member.name.as_deref().unwrap_or(name), table.shape(&member.shape));
                match inner {
                    Value::Array(list) if shape.flat => {
                        for entry in list {
                            element(out, name, |out| written(out, table, table.shape(&shape.of), entry));
                        }
                    }
                    _ => element(out, name, |out| written(out, table, shape, inner)),
                }
            }
        }
        (Kind::List, Value::Array(list)) => {
            let inner = table.shape(&shape.of);
            for entry in list {
                element(out, shape.item.as_deref().unwrap_or("member"), |out| written(out, table, inner, entry));
            }
        }
        (Kind::Map, Value::Object(fields)) => {
            let inner = table.shape(&shape.value);
            for (key, entry) in fields {
                element(out, "entry", |out| {
                    element(out, "key", |out| out.push_str(&escape(key)));
                    element(out, "value", |out| written(out, table, inner, entry));
                });
            }
        }
        (Kind::Timestamp, Value::Number(seconds)) => out.push_str(&time(seconds.as_f64().unwrap_or_default())),
        (_, other) => out.push_str(&escape(&plain(other))),
    }
}

/// A time as XML spells it, milliseconds only where there are any.
fn time(seconds: f64) -> String {
    #[expect(clippy::cast_possible_truncation, reason = "dates in use fit")]
    let at = DateTime::from_timestamp_millis((seconds * 1000.0).round() as i64).unwrap_or_default();
    let digits = if at.timestamp_subsec_millis() == 0 { SecondsFormat::Secs } else { SecondsFormat::Millis };
    at.to_rfc3339_opts(digits, true)
}

pub(super) fn encode(route: &Route, output: &Value, id: &str) -> Response {
    let table = route.service.table();
    let mut out = String::new();
    namespaced(&mut out, &format!("{}Response", route.name), table, |out| {
        let wrapper = route.operation.wrapper.clone().unwrap_or_else(|| format!("{}Result", route.name));
        if let Some(shape) = route.output() {
            element(out, &wrapper, |out| written(out, table, shape, output));
        }
        element(out, "ResponseMetadata", |out| element(out, "RequestId", |out| out.push_str(id)));
    });
    Response::new(200, CONTENT, out.into_bytes())
}

pub(super) fn refuse(service: Option<Service>, told: &Told<'_>, message: &str, id: &str) -> Response {
    let namespace = service.and_then(|service| service.table().namespace.as_deref()).unwrap_or_default();
    let mut out = format!("<ErrorResponse xmlns=\"{namespace}\">");
    element(&mut out, "Error", |out| {
        element(out, "Type", |out| out.push_str(told.blame));
        element(out, "Code", |out| out.push_str(&escape(told.code)));
        element(out, "Message", |out| out.push_str(&escape(message)));
    });
    element(&mut out, "RequestId", |out| out.push_str(id));
    out.push_str("</ErrorResponse>");
    Response::new(told.status, CONTENT, out.into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_texts_are_spelled_as_xml_wants_them() {
        assert_eq!(time(1_795_180_140.0), "2026-11-20T13:09:00Z");
        assert_eq!(time(1_795_180_140.25), "2026-11-20T13:09:00.250Z");
        assert_eq!(escape("a<b> & \"c\""), "a&lt;b&gt; &amp; &quot;c&quot;");
    }
}
