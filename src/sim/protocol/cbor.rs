//! Smithy RPC v2: the operation in the path, CBOR in both directions, times as tagged seconds.

use ciborium::Value as Cbor;
use serde_json::{Map, Number, Value};

use super::{Lost, Protocol, Request, Response, Route, Told, json, lost, plain};
use crate::sim::fault::{Fault, blob, unblob};
use crate::sim::shapes::{Kind, Service, Shape, Table};

const CONTENT: &str = "application/cbor";
/// The tag of a time in seconds since 1970.
const EPOCH: u64 = 1;

/// The call that the path names.
pub(super) fn route(request: &Request) -> Result<Route, Box<Lost>> {
    let refuse = |service| lost(Protocol::Cbor, service, Fault::unknown_operation(&request.path));
    let parts: Vec<&str> = request.path.split('/').collect();
    let ["", "service", target, "operation", name] = parts.as_slice() else { return Err(refuse(None)) };
    // Of the services here, CloudWatch alone speaks it.
    let service = Service::Cloudwatch;
    if service.table().target.as_deref() != Some(*target) {
        return Err(refuse(None));
    }
    let (name, operation) = service.table().operation(name).ok_or_else(|| refuse(Some(service)))?;
    if request.header("smithy-protocol") != "rpc-v2-cbor" || request.method != "POST" {
        let message = format!("{name} is asked by POST with smithy-protocol: rpc-v2-cbor.");
        return Err(lost(Protocol::Cbor, Some(service), Fault::new("UnknownOperationException", 404, message)));
    }
    Ok(Route { protocol: Protocol::Cbor, service, name, operation, labels: Vec::new() })
}

pub(super) fn decode(route: &Route, body: &[u8]) -> Result<Value, Fault> {
    if body.is_empty() {
        return Ok(Value::Object(Map::new()));
    }
    let read: Cbor = ciborium::from_reader(body).map_err(|_| Fault::serialization("The body is not valid CBOR."))?;
    let empty = Shape::default();
    Ok(value(route.service.table(), route.input().unwrap_or(&empty), &read))
}

/// What was read, in the terms of a shape. What does not fit becomes something that does not fit either, to be refused
/// when the input is checked.
fn value(table: &Table, shape: &Shape, read: &Cbor) -> Value {
    match (shape.kind, read) {
        (_, Cbor::Null) => Value::Null,
        (Kind::Structure, Cbor::Map(entries)) => fields(
            entries,
            |name| shape.members.get(name).map_or(table.shape(""), |member| table.shape(&member.shape)),
            table,
        ),
        (Kind::Map, Cbor::Map(entries)) => fields(entries, |_| table.shape(&shape.value), table),
        (Kind::List, Cbor::Array(list)) => {
            let inner = table.shape(&shape.of);
            list.iter().map(|element| value(table, inner, element)).collect()
        }
        (Kind::Blob, Cbor::Bytes(bytes)) => blob(bytes),
        (Kind::Timestamp, Cbor::Tag(EPOCH, inner)) => number(inner).unwrap_or(Value::Bool(false)),
        (Kind::Timestamp | Kind::Blob, _) => Value::Bool(false),
        (_, Cbor::Text(text)) => Value::from(text.as_str()),
        (_, Cbor::Bool(truth)) => Value::Bool(*truth),
        (_, other) => number(other).unwrap_or_else(|| Value::Array(vec![Value::Null])),
    }
}

fn fields<'a>(entries: &[(Cbor, Cbor)], shape: impl Fn(&str) -> &'a Shape, table: &Table) -> Value {
    let entry = |(name, inner): &(Cbor, Cbor)| {
        // A name that is no text is no member's name.
        let name = name.as_text().unwrap_or("(not a text)");
        (name.to_owned(), value(table, shape(name), inner))
    };
    Value::Object(entries.iter().map(entry).collect())
}

fn number(read: &Cbor) -> Option<Value> {
    match read {
        Cbor::Integer(whole) => i64::try_from(*whole).ok().map(Value::from),
        Cbor::Float(float) => Number::from_f64(*float).map(Value::Number),
        _ => None,
    }
}

/// Bytes of CBOR. Floats are written as doubles throughout, as CloudWatch does.
#[derive(Default)]
struct Writer(Vec<u8>);

impl Writer {
    fn head(&mut self, major: u8, size: u64) {
        let major = major << 5;
        let bytes = size.to_be_bytes();
        let (code, from) = match size {
            0..=23 => (bytes[7], 8),
            24..=0xff => (24, 7),
            0x100..=0xffff => (25, 6),
            0x1_0000..=0xffff_ffff => (26, 4),
            _ => (27, 0),
        };
        self.0.push(major | code);
        self.0.extend(bytes.iter().skip(from));
    }

    fn sized(&mut self, major: u8, size: usize) {
        self.head(major, u64::try_from(size).unwrap_or(u64::MAX));
    }

    fn text(&mut self, text: &str) {
        self.sized(3, text.len());
        self.0.extend_from_slice(text.as_bytes());
    }

    fn double(&mut self, number: f64) {
        self.0.push(0xfb);
        self.0.extend_from_slice(&number.to_be_bytes());
    }

    fn whole(&mut self, number: i64) {
        match u64::try_from(number) {
            Ok(number) => self.head(0, number),
            Err(_) => self.head(1, number.unsigned_abs() - 1),
        }
    }

    fn value(&mut self, table: &Table, shape: &Shape, value: &Value) {
        match (shape.kind, value) {
            (Kind::Structure, Value::Object(fields)) => {
                self.sized(5, fields.len());
                for (name, inner) in fields {
                    let shape = shape.members.get(name).map_or(table.shape(""), |member| table.shape(&member.shape));
                    self.text(name);
                    self.value(table, shape, inner);
                }
            }
            (Kind::Map, Value::Object(fields)) => {
                self.sized(5, fields.len());
                for (name, inner) in fields {
                    self.text(name);
                    self.value(table, table.shape(&shape.value), inner);
                }
            }
            (Kind::List, Value::Array(list)) => {
                self.sized(4, list.len());
                for element in list {
                    self.value(table, table.shape(&shape.of), element);
                }
            }
            (Kind::Timestamp, _) => {
                self.head(6, EPOCH);
                self.double(value.as_f64().unwrap_or_default());
            }
            (Kind::Float | Kind::Double, _) => self.double(value.as_f64().unwrap_or_default()),
            (Kind::Blob, _) => {
                let bytes = unblob(value).unwrap_or_default();
                self.sized(2, bytes.len());
                self.0.extend(bytes);
            }
            (_, Value::String(text)) => self.text(text),
            (_, Value::Bool(truth)) => self.0.push(if *truth { 0xf5 } else { 0xf4 }),
            (_, Value::Number(number)) => match number.as_i64() {
                Some(number) => self.whole(number),
                None => self.double(number.as_f64().unwrap_or_default()),
            },
            _ => self.0.push(0xf6),
        }
    }
}

fn answer(status: u16, body: Vec<u8>) -> Response {
    Response::new(status, CONTENT, body).with("smithy-protocol", "rpc-v2-cbor")
}

pub(super) fn encode(route: &Route, output: &Value) -> Response {
    let mut writer = Writer::default();
    let empty = Shape::default();
    writer.value(route.service.table(), route.output().unwrap_or(&empty), output);
    answer(route.operation.status, writer.0)
}

pub(super) fn refuse(service: Option<Service>, told: &Told<'_>) -> Response {
    let space = service.map_or("com.amazon.coral.service", json::space);
    let mut writer = Writer::default();
    writer.sized(5, told.body.len() + 1);
    writer.text("__type");
    writer.text(&format!("{space}#{}", told.name));
    for (name, value) in &told.body {
        writer.text(name);
        writer.text(&plain(value));
    }
    answer(told.status, writer.0).with("x-amzn-query-error", &format!("{};{}", told.code, told.blame))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_texts_are_written_as_they_are_read() {
        for number in [0, 1, 23, 24, 255, 256, 65_535, 65_536, 4_294_967_295, 4_294_967_296, -1, -24, -25, -1_000_000] {
            let mut writer = Writer::default();
            writer.whole(number);
            let read: Cbor = ciborium::from_reader(writer.0.as_slice()).expect("CBOR");
            assert_eq!(read, Cbor::Integer(number.into()), "{number}");
        }
        let mut writer = Writer::default();
        writer.text(&"ä".repeat(200));
        let read: Cbor = ciborium::from_reader(writer.0.as_slice()).expect("CBOR");
        assert_eq!(read.as_text(), Some("ä".repeat(200).as_str()));
    }

    #[test]
    fn a_time_is_a_tagged_double() {
        let mut writer = Writer::default();
        let table = Service::Cloudwatch.table();
        writer.value(table, table.shape("Timestamp"), &Value::from(1.5));
        assert_eq!(writer.0, [&[0xc1, 0xfb][..], &1.5_f64.to_be_bytes()].concat());
    }
}
