//! REST with XML bodies, as S3 speaks it: the bucket stands in the path or in the host's name, the call follows from the
//! method and from a word in the query string, and what is given out is often no XML at all.

use chrono::DateTime;
use roxmltree::{Document, Node};
use serde_json::{Map, Value};

use super::rest::{params, scalar, unescape};
use super::xml::{element, escape, namespaced, written};
use super::{Lost, Protocol, Request, Response, Route, Told, lost, plain};
use crate::sim::fault::{Fault, blob, unblob};
use crate::sim::shapes::{Kind, Location, Member, Operation, Service, Shape, Table};

/// What clients add to every query string.
const BESIDE: &str = "x-id";

/// Whether a request was signed for S3.
pub(super) fn is_meant(request: &Request) -> bool {
    let scope = request.header("authorization").split_once("Credential=").map_or("", |(_, scope)| scope);
    scope.split(',').next().unwrap_or_default().ends_with("/s3/aws4_request")
}

/// Where a request goes: the bucket and the key, as far as it names them.
fn place(request: &Request) -> Option<(Option<String>, Option<String>)> {
    let host = request.header("host");
    let host = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let by_host = host.strip_suffix(".localhost").or_else(|| host.split_once(".s3.").map(|(bucket, _)| bucket));
    let path = request.path.strip_prefix('/').unwrap_or(&request.path);
    let (bucket, key) = match by_host {
        Some(bucket) => (bucket, path),
        None => path.split_once('/').unwrap_or((path, "")),
    };
    let named = |text: &str| if text.is_empty() { Some(None) } else { unescape(text).map(Some) };
    Some((named(bucket)?, named(key)?))
}

/// Whether a query string has the words that a call's template ends in: `location`, `list-type=2`.
fn asks(given: &[(String, String)], wanted: &str) -> bool {
    wanted.split('&').filter(|part| !part.is_empty()).all(|part| {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        given.iter().any(|(key, text)| key == name && text == value)
    })
}

/// The call that method, place and query string mean.
pub(super) fn route(request: &Request) -> Result<Route, Box<Lost>> {
    let service = Service::S3;
    let refuse = |fault| lost(Protocol::S3, Some(service), fault);
    let given = params(&request.query).map_err(refuse)?;
    let (bucket, key) =
        place(request).ok_or_else(|| refuse(Fault::new("InvalidURI", 400, "Couldn't parse the specified URI.")))?;
    let fits = |operation: &Operation| {
        let (path, words) = operation.uri.split_once('?').unwrap_or((&operation.uri, ""));
        let there = (path.contains("{Bucket}"), path.contains("{Key+}")) == (bucket.is_some(), key.is_some());
        (operation.method == request.method && there && asks(&given, words)).then_some(words.len())
    };
    let fitting = service
        .table()
        .operations
        .iter()
        .filter_map(|(name, operation)| fits(operation).map(|words| (words, name.as_str(), operation)));
    let Some((_, name, operation)) = fitting.max_by_key(|(words, ..)| *words) else {
        let message = "A header or query you provided implies functionality that is not implemented.";
        return Err(refuse(Fault::new("NotImplemented", 501, message)));
    };
    let labels = [("Bucket", bucket), ("Key", key)];
    let labels = labels.into_iter().filter_map(|(name, text)| Some((name, text?))).collect();
    Ok(Route { protocol: Protocol::S3, service, name, operation, labels })
}

pub(super) fn decode(route: &Route, request: &Request) -> Result<Value, Fault> {
    let (empty, table) = (Shape::default(), route.service.table());
    let shape = route.input().unwrap_or(&empty);
    let words = route.operation.uri.split_once('?').map_or("", |(_, words)| words);
    let own = |name: &str| words.split('&').any(|word| word.split('=').next() == Some(name));
    let mut given = params(&request.query)?;
    given.retain(|(name, _)| name != BESIDE && !own(name));
    let mut fields = Map::new();
    for (name, member) in &shape.members {
        let wire = member.name.as_deref().unwrap_or(name);
        let text = match member.location {
            Some(Location::Uri) => route.labels.iter().find(|(label, _)| *label == wire).map(|(_, text)| text.clone()),
            Some(Location::Query) => {
                let place = given.iter().position(|(param, _)| param == wire);
                place.map(|place| given.swap_remove(place).1)
            }
            Some(Location::Header) => {
                request.headers.get(wire).and_then(|value| value.to_str().ok()).map(str::to_owned)
            }
            Some(Location::StatusCode) | None => None,
        };
        // How the body was sent is no encoding of what is put.
        let text = text.filter(|text| !(wire == "Content-Encoding" && text == "aws-chunked"));
        if let Some(text) = text {
            fields.insert(name.clone(), scalar(table.shape(&member.shape).kind, &text));
        }
    }
    if let Some((unknown, _)) = given.first() {
        let message = format!("The query parameter {unknown} implies functionality that is not implemented.");
        return Err(Fault::new("NotImplemented", 501, message));
    }
    if let Some((name, member)) = shape.payload.as_ref().and_then(|name| shape.members.get_key_value(name)) {
        let body = whole(request)?;
        let inner = table.shape(&member.shape);
        match inner.kind {
            Kind::Blob => drop(fields.insert(name.clone(), blob(&body))),
            _ if body.is_empty() => {}
            _ => drop(fields.insert(name.clone(), parsed(table, inner, &body)?)),
        }
    }
    Ok(Value::Object(fields))
}

fn malformed() -> Fault {
    let message = "The XML you provided was not well-formed or did not validate against our published schema";
    Fault::new("MalformedXML", 400, message)
}

/// The body, put together if it was sent in chunks of S3's own: sizes in hexadecimal, trailers at the end.
fn whole(request: &Request) -> Result<Vec<u8>, Fault> {
    let Some(length) = request.headers.get("x-amz-decoded-content-length") else { return Ok(request.body.clone()) };
    let length: Option<usize> = length.to_str().ok().and_then(|text| text.parse().ok());
    let incomplete = || {
        let message = "You did not provide the number of bytes specified by the Content-Length HTTP header";
        Fault::new("IncompleteBody", 400, message)
    };
    let (mut out, mut rest) = (Vec::new(), request.body.as_slice());
    loop {
        let end = rest.windows(2).position(|pair| pair == b"\r\n").ok_or_else(incomplete)?;
        let line = std::str::from_utf8(rest.get(..end).unwrap_or_default()).map_err(|_| incomplete())?;
        let size =
            line.split(';').next().and_then(|size| usize::from_str_radix(size, 16).ok()).ok_or_else(incomplete)?;
        rest = rest.get(end + 2..).unwrap_or_default();
        if size == 0 {
            break;
        }
        out.extend_from_slice(rest.get(..size).ok_or_else(incomplete)?);
        rest = rest.get(size + 2..).ok_or_else(incomplete)?;
    }
    if length == Some(out.len()) { Ok(out) } else { Err(incomplete()) }
}

fn parsed(table: &Table, shape: &Shape, body: &[u8]) -> Result<Value, Fault> {
    let text = std::str::from_utf8(body).map_err(|_| malformed())?;
    let document = Document::parse(text).map_err(|_| malformed())?;
    Ok(read(table, shape, document.root_element()))
}

/// What an element says, in the terms of a shape. What does not fit is kept, to be refused when the input is checked.
fn read(table: &Table, shape: &Shape, node: Node<'_, '_>) -> Value {
    let inside = || node.children().filter(Node::is_element);
    match shape.kind {
        Kind::Structure => Value::Object(inside().fold(Map::new(), |mut fields, child| {
            let tag = child.tag_name().name();
            let known = shape.members.iter().find(|(name, member)| member.name.as_ref().unwrap_or(name) == tag);
            let Some((name, Member { shape: inner, .. })) = known else {
                fields.insert(tag.to_owned(), child.text().unwrap_or_default().into());
                return fields;
            };
            let inner = table.shape(inner);
            if inner.kind == Kind::List && inner.flat {
                let list = fields.entry(name.clone()).or_insert_with(|| Value::Array(Vec::new()));
                if let Some(list) = list.as_array_mut() {
                    list.push(read(table, table.shape(&inner.of), child));
                }
            } else {
                fields.insert(name.clone(), read(table, inner, child));
            }
            fields
        })),
        Kind::List => inside().map(|child| read(table, table.shape(&shape.of), child)).collect(),
        kind => scalar(kind, node.text().unwrap_or_default()),
    }
}

/// The element around an answer: its name is in no model.
fn root(operation: &str) -> &str {
    match operation {
        "ListBuckets" => "ListAllMyBucketsResult",
        "ListObjectsV2" => "ListBucketResult",
        "GetBucketLocation" => "LocationConstraint",
        "GetBucketNotificationConfiguration" => "NotificationConfiguration",
        other => other,
    }
}

pub(super) fn encode(route: &Route, output: &Value, id: &str) -> Response {
    let (empty, table) = (Shape::default(), route.service.table());
    let shape = route.output().unwrap_or(&empty);
    let mut response = identified(Response { status: route.operation.status, ..Response::default() }, id);
    let mut fields = output.as_object().cloned().unwrap_or_default();
    for (name, member) in shape.members.iter().filter(|(_, member)| member.location.is_some()) {
        let Some(value) = fields.remove(name) else { continue };
        let text =
            if table.shape(&member.shape).kind == Kind::Timestamp { day_and_time(&value) } else { plain(&value) };
        response = response.with(&member.name.as_deref().unwrap_or(name).to_ascii_lowercase(), &text);
    }
    match &shape.payload {
        Some(name) => response.body = fields.get(name).and_then(unblob).unwrap_or_default(),
        None if shape.members.values().any(|member| member.location.is_none()) => {
            let mut out = String::new();
            namespaced(&mut out, root(route.name), table, |out| match fields.get("LocationConstraint") {
                Some(place) => out.push_str(&escape(&plain(place))),
                None => written(out, table, shape, &Value::Object(fields.clone())),
            });
            response = response.with("content-type", "application/xml");
            response.body = out.into_bytes();
        }
        None => {}
    }
    response
}

/// A time as headers spell it.
fn day_and_time(value: &Value) -> String {
    #[expect(clippy::cast_possible_truncation, reason = "dates in use fit")]
    let at = DateTime::from_timestamp(value.as_f64().unwrap_or_default() as i64, 0).unwrap_or_default();
    at.format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

fn identified(response: Response, id: &str) -> Response {
    response.with("x-amz-request-id", id).with("x-amz-id-2", id)
}

pub(super) fn refuse(told: &Told<'_>, fault: &Fault, id: &str) -> Response {
    let mut out = String::new();
    element(&mut out, "Error", |out| {
        element(out, "Code", |out| out.push_str(&escape(told.code)));
        element(out, "Message", |out| out.push_str(&escape(fault.message())));
        for (name, value) in fault.fields() {
            element(out, name, |out| out.push_str(&escape(&plain(value))));
        }
        element(out, "RequestId", |out| out.push_str(id));
        element(out, "HostId", |out| out.push_str(id));
    });
    identified(Response::new(told.status, "application/xml", out.into_bytes()), id)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn request(method: &str, host: &str, path: &str, query: &str) -> Request {
        let mut request =
            Request { method: method.into(), path: path.into(), query: query.into(), ..Request::default() };
        request.headers.insert("host", HeaderValue::from_str(host).expect("a host"));
        request
    }

    fn routed(request: &Request) -> String {
        match route(request) {
            Ok(route) => format!("{} {:?}", route.name, route.labels.iter().map(|(_, text)| text).collect::<Vec<_>>()),
            Err(lost) => lost.fault.code().to_owned(),
        }
    }

    #[test]
    fn the_bucket_is_in_the_path_or_in_the_host() {
        let told = r#"GetObject ["images", "a b/c.jpg"]"#;
        assert_eq!(routed(&request("GET", "127.0.0.1:4600", "/images/a%20b/c.jpg", "x-id=GetObject")), told);
        assert_eq!(routed(&request("GET", "images.localhost:4600", "/a%20b/c.jpg", "")), told);
        assert_eq!(routed(&request("GET", "images.s3.eu-central-1.amazonaws.com", "/a%20b/c.jpg", "")), told);
    }

    #[test]
    fn a_word_in_the_query_string_makes_another_call_of_it() {
        assert_eq!(routed(&request("GET", "127.0.0.1", "/", "")), "ListBuckets []");
        assert_eq!(
            routed(&request("GET", "127.0.0.1", "/images", "list-type=2&prefix=a")),
            r#"ListObjectsV2 ["images"]"#
        );
        assert_eq!(routed(&request("GET", "127.0.0.1", "/images", "location")), r#"GetBucketLocation ["images"]"#);
        assert_eq!(routed(&request("PUT", "127.0.0.1", "/images/", "")), r#"CreateBucket ["images"]"#);
        assert_eq!(routed(&request("GET", "127.0.0.1", "/images", "versioning")), "NotImplemented");
        let policy = request("PUT", "127.0.0.1", "/images", "policy");
        let refused = route(&policy).expect("by its path").decode(&policy).expect_err("by its query");
        assert_eq!(refused.code(), "NotImplemented");
    }

    #[test]
    fn chunks_are_put_together_and_counted() {
        let mut sent = request("PUT", "127.0.0.1", "/images/a", "");
        sent.body = b"3;chunk-signature=00\r\nabc\r\n2\r\nde\r\n0\r\nx-amz-checksum-crc32:AAAA\r\n\r\n".to_vec();
        sent.headers.insert("x-amz-decoded-content-length", HeaderValue::from_static("5"));
        assert_eq!(whole(&sent), Ok(b"abcde".to_vec()));
        sent.headers.insert("x-amz-decoded-content-length", HeaderValue::from_static("6"));
        assert_eq!(whole(&sent).expect_err("short").code(), "IncompleteBody");
    }

    #[test]
    fn lists_without_an_element_around_them_are_read() {
        let body = br#"<NotificationConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><QueueConfiguration>
            <Queue>arn:q</Queue><Event>s3:ObjectCreated:*</Event><Filter><S3Key><FilterRule><Name>suffix</Name>
            <Value>.jpg</Value></FilterRule></S3Key></Filter></QueueConfiguration></NotificationConfiguration>"#;
        let table = Service::S3.table();
        let read = parsed(table, table.shape("NotificationConfiguration"), body).expect("well-formed");
        let rules = serde_json::json!({ "Key": { "FilterRules": [{ "Name": "suffix", "Value": ".jpg" }] } });
        let wanted = serde_json::json!({ "QueueConfigurations": [
            { "QueueArn": "arn:q", "Events": ["s3:ObjectCreated:*"], "Filter": rules }
        ] });
        assert_eq!(read, wanted);
    }
}
