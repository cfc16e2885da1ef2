//! The languages of the wire: which call a request means, what it says, and how the answer is spelled.
//!
//! | protocol | services | how a call is found |
//! |----------|----------|---------------------|
//! | [`json`]  | Rekognition, EventBridge, SQS, CloudWatch | `X-Amz-Target` |
//! | [`rest`]  | Lambda, Scheduler | method and path |
//! | [`query`] | STS, CloudWatch, CloudFormation | `Action` and `Version` of a form; the answer is [`xml`] |
//! | [`cbor`]  | CloudWatch | `/service/…/operation/…` |
//! | [`s3`]    | S3 | signed for `s3`; then method, bucket, key and query string |

pub mod cbor;
pub mod json;
pub mod query;
pub mod rest;
pub mod s3;
pub mod xml;

use http::HeaderMap;
use serde_json::{Map, Value};

use super::fault::Fault;
use super::shapes::{ErrorShape, Location, Operation, Service, Shape};

/// A request as it came in.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// The HTTP method.
    pub method: String,
    /// The path, as it was written.
    pub path: String,
    /// The query string, as it was written; empty if there is none.
    pub query: String,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Vec<u8>,
}

impl Request {
    /// A header's text; empty if it is absent or not a text.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

/// An answer as it goes out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Response {
    pub(super) fn new(status: u16, content: &str, body: Vec<u8>) -> Self {
        Self { status, headers: Vec::new(), body }.with("content-type", content)
    }

    pub(super) fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }
}

/// The language of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// AWS JSON 1.0 and 1.1.
    Json,
    /// REST with JSON bodies.
    Rest,
    /// Forms in, XML out.
    Query,
    /// Smithy RPC v2 with CBOR.
    Cbor,
    /// REST with XML bodies, as S3 speaks it.
    S3,
}

/// The call that a request means.
#[derive(Clone, Debug)]
pub struct Route {
    /// The language.
    pub protocol: Protocol,
    /// The service.
    pub service: Service,
    /// The operation's name.
    pub name: &'static str,
    /// The operation.
    pub operation: &'static Operation,
    /// What the path says, by member.
    pub labels: Vec<(&'static str, String)>,
}

/// A request that no call answers: the service as far as it is known, the language to answer in, and the error.
#[derive(Clone, Debug)]
pub struct Lost {
    /// The language.
    pub protocol: Protocol,
    /// The service.
    pub service: Option<Service>,
    /// The error.
    pub fault: Fault,
}

/// Finds the call that a request means.
///
/// # Errors
/// If there is none.
pub fn route(request: &Request) -> Result<Route, Box<Lost>> {
    if s3::is_meant(request) {
        return s3::route(request);
    }
    if request.path.starts_with("/service/") {
        return cbor::route(request);
    }
    if request.headers.contains_key("x-amz-target") {
        return json::route(request);
    }
    if let Some(route) = rest::route(request) {
        return Ok(route);
    }
    if let Some(found) = query::route(request) {
        return found;
    }
    let call = format!("{} {}", request.method, request.path);
    Err(lost(Protocol::Rest, None, Fault::unknown_operation(&call)))
}

fn lost(protocol: Protocol, service: Option<Service>, fault: Fault) -> Box<Lost> {
    Box::new(Lost { protocol, service, fault })
}

impl Route {
    /// The shape of its input, if it has any.
    #[must_use]
    pub fn input(&self) -> Option<&'static Shape> {
        self.operation.input.as_deref().map(|name| self.service.table().shape(name))
    }

    /// The shape of its output, if it has any.
    #[must_use]
    pub fn output(&self) -> Option<&'static Shape> {
        self.operation.output.as_deref().map(|name| self.service.table().shape(name))
    }

    /// What a request says, in the terms of the input's shape but not yet held to it.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn decode(&self, request: &Request) -> Result<Value, Fault> {
        match self.protocol {
            Protocol::Json => json::body(&request.body),
            Protocol::Rest => rest::decode(self, request),
            Protocol::Query => query::decode(self, request),
            Protocol::Cbor => cbor::decode(self, &request.body),
            Protocol::S3 => s3::decode(self, request),
        }
    }

    /// An output on the wire.
    #[must_use]
    pub fn encode(&self, output: &Value, id: &str) -> Response {
        match self.protocol {
            Protocol::Json => json::encode(self.service, output),
            Protocol::Rest => rest::encode(self, output),
            Protocol::Query => xml::encode(self, output, id),
            Protocol::Cbor => cbor::encode(self, output),
            Protocol::S3 => s3::encode(self, output, id),
        }
    }
}

/// An error, as far as all protocols tell it alike.
pub(super) struct Told<'a> {
    /// The name of its shape.
    pub(super) name: &'a str,
    /// Its code where the query protocol is spoken, or remembered.
    pub(super) code: &'a str,
    /// Its HTTP status.
    pub(super) status: u16,
    /// `Sender` or `Receiver`: whose fault it is.
    pub(super) blame: &'static str,
    /// The members of its body.
    pub(super) body: Map<String, Value>,
    /// The members that travel as headers.
    pub(super) headers: Vec<(String, String)>,
}

impl<'a> Told<'a> {
    fn new(service: Option<Service>, fault: &'a Fault, id: &str) -> Self {
        static UNLISTED: ErrorShape =
            ErrorShape { status: None, code: None, members: std::collections::BTreeMap::new() };
        let shape: &'static ErrorShape =
            service.and_then(|service| service.table().errors.get(fault.code())).unwrap_or(&UNLISTED);
        let status = shape.status.unwrap_or(fault.status());
        let blame = if status < 500 { "Sender" } else { "Receiver" };
        let code = shape.code.as_deref().unwrap_or(fault.code());
        let (mut body, mut headers) = (Map::new(), Vec::new());
        let message = shape.members.keys().find(|name| name.eq_ignore_ascii_case("message"));
        body.insert(message.map_or("message", String::as_str).to_owned(), fault.message().into());
        // What some services repeat in the body.
        for name in shape.members.keys() {
            match name.as_str() {
                "Code" => body.insert(name.clone(), fault.code().into()),
                "Logref" => body.insert(name.clone(), id.into()),
                "Type" => body.insert(name.clone(), if status < 500 { "User" } else { "Service" }.into()),
                _ => None,
            };
        }
        for (name, value) in fault.fields() {
            let member = shape.members.get(name);
            if member.is_some_and(|member| member.location == Some(Location::Header)) {
                let header = member.and_then(|member| member.name.as_deref()).unwrap_or(name);
                headers.push((header.to_ascii_lowercase(), plain(value)));
            } else {
                body.insert(name.clone(), value.clone());
            }
        }
        Self { name: fault.code(), code, status, blame, body, headers }
    }
}

/// An error on the wire.
#[must_use]
pub fn refuse(protocol: Protocol, service: Option<Service>, fault: &Fault, id: &str) -> Response {
    let told = Told::new(service, fault, id);
    let mut response = match protocol {
        Protocol::Json => json::refuse(service, &told),
        Protocol::Rest => rest::refuse(&told),
        Protocol::Query => xml::refuse(service, &told, fault.message(), id),
        Protocol::Cbor => cbor::refuse(service, &told),
        Protocol::S3 => s3::refuse(&told, fault, id),
    };
    response.headers.extend(told.headers);
    response
}

/// A scalar as a header or an element carries it.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
