//! Where requests come in: which call is meant and by whom, whether its input is in order, and the answer on the wire.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::Value;

use super::account::Sim;
use super::fault::Fault;
use super::protocol::{self, Protocol, Request, Response, Route};
use super::scenario::FaultKind;
use super::shapes::Service;
use super::{check, world};

/// Whatever answers calls: the simulated account, or a stand-in in a test.
pub trait Account: Send + Sync + fmt::Debug {
    /// Answers a call whose input is in order.
    fn call(&self, call: &Call) -> Answer;

    /// Answers a call that takes its time, such as one of a function that really runs. `None`: it is answered at once.
    fn wait(&self, _: &Call) -> Option<Pin<Box<dyn Future<Output = Answer> + Send>>> {
        None
    }

    /// The time that it is in the account, and how many times faster than the world it passes.
    fn time(&self) -> (DateTime<Utc>, f64);
}

/// A call that came in.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// The service.
    pub service: Service,
    /// The operation.
    pub operation: &'static str,
    /// Its input, as the service's model has it. Times are seconds since 1970, bytes are base64.
    pub input: Value,
    /// The id that the answer will carry.
    pub request_id: String,
    /// The access key that the request was signed with.
    pub access_key: String,
    /// The region that it was signed for.
    pub region: String,
}

/// What comes of a call.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The output, or the error.
    pub outcome: Result<Value, Fault>,
    /// How long to wait before it is sent, in real time.
    pub after: Duration,
    /// What becomes of it on the way, if anything does.
    pub breakage: Option<Breakage>,
}

impl From<Result<Value, Fault>> for Answer {
    fn from(outcome: Result<Value, Fault>) -> Self {
        Self { outcome, after: Duration::ZERO, breakage: None }
    }
}

/// How an answer is lost on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Breakage {
    /// The connection closes without an answer.
    Dropped,
    /// The connection closes in the middle of the body.
    Truncated,
    /// The body is not what it says it is.
    Garbage,
    /// The body, where it is a JSON object, holds more than the service's model knows.
    Novelty,
}

impl Account for Sim {
    fn call(&self, call: &Call) -> Answer {
        let reply = self.call(call.service.name(), call.operation, &call.input);
        let breakage = reply.mishap.and_then(|mishap| match mishap.kind {
            FaultKind::DroppedBefore | FaultKind::DroppedAfter => Some(Breakage::Dropped),
            FaultKind::Truncated => Some(Breakage::Truncated),
            FaultKind::Novelty => Some(Breakage::Novelty),
            FaultKind::Denied | FaultKind::Expired | FaultKind::Throttled | FaultKind::Slow | FaultKind::Internal => {
                None
            }
        });
        let after = reply.mishap.map_or(Duration::ZERO, |mishap| mishap.delay);
        Answer { outcome: reply.outcome, after, breakage }
    }

    fn time(&self) -> (DateTime<Utc>, f64) {
        (self.clock().now(), self.clock().speed())
    }
}

/// An answer, and how far it gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sent {
    /// All the way.
    Whole(Response),
    /// Half of the body.
    Half(Response),
    /// Not at all.
    Nothing,
}

/// Answers a request, after waiting as long as the account wants it to.
pub async fn answer(account: &dyn Account, request: &Request) -> Sent {
    let id = request_id();
    let (response, after, breakage) = match protocol::route(request) {
        Ok(route) => ask(account, request, &route, &id).await,
        Err(lost) => (protocol::refuse(lost.protocol, lost.service, &lost.fault, &id), Duration::ZERO, None),
    };
    if !after.is_zero() {
        tokio::time::sleep(after).await;
    }
    let mut response = stamp(response, account, &id);
    if request.method == "HEAD" {
        response.body.clear();
    }
    match breakage {
        None => Sent::Whole(response),
        Some(Breakage::Dropped) => Sent::Nothing,
        Some(Breakage::Truncated) => Sent::Half(response),
        Some(Breakage::Novelty) => Sent::Whole(Response { body: grown(&response.body), ..response }),
        Some(Breakage::Garbage) => Sent::Whole(Response { body: b"<\xff\x00 not an answer".to_vec(), ..response }),
    }
}

/// A body with a member `Quux` that nobody knows, and another in its `Target`, if it has one.
fn grown(body: &[u8]) -> Vec<u8> {
    match serde_json::from_slice(body) {
        Ok(Value::Object(mut fields)) => {
            if let Some(Value::Object(target)) = fields.get_mut("Target") {
                target.insert("Quux".to_owned(), 1.into());
            }
            fields.insert("Quux".to_owned(), 1.into());
            Value::Object(fields).to_string().into_bytes()
        }
        _ => body.to_vec(),
    }
}

async fn ask(
    account: &dyn Account,
    request: &Request,
    route: &Route,
    id: &str,
) -> (Response, Duration, Option<Breakage>) {
    let refuse = |fault: &Fault| protocol::refuse(route.protocol, Some(route.service), fault, id);
    let call = match read(request, route, id) {
        Ok(call) => call,
        Err(fault) => return (refuse(&fault), Duration::ZERO, None),
    };
    let Answer { outcome, after, breakage } = match account.wait(&call) {
        Some(answer) => answer.await,
        None => account.call(&call),
    };
    let response = match outcome {
        // What is dropped is never read: it may be anything.
        Ok(_) if breakage == Some(Breakage::Dropped) => Response::default(),
        Ok(output) => send(route, output, id),
        Err(fault) => refuse(&fault),
    };
    (response, after, breakage)
}

fn read(request: &Request, route: &Route, id: &str) -> Result<Call, Fault> {
    let (access_key, region) = signer(route.protocol, request.header("authorization"))?;
    let mut input = route.decode(request)?;
    if let Some(shape) = route.input() {
        check::input(route.service, shape, &mut input)?;
    }
    let (access_key, region) = (access_key.to_owned(), region.to_owned());
    Ok(Call { service: route.service, operation: route.name, input, request_id: id.to_owned(), access_key, region })
}

/// The output on the wire, if it is one; if not, an error that says what is wrong with it.
fn send(route: &Route, mut output: Value, id: &str) -> Response {
    let wrong = match route.output() {
        Some(shape) => check::output(route.service, shape, &mut output).err(),
        None => output.as_object().is_some_and(|fields| !fields.is_empty()).then(|| "It has no output.".to_owned()),
    };
    match wrong {
        None => route.encode(&output, id),
        Some(wrong) => {
            let message = format!("The simulated account answered {} wrongly: {wrong}", route.name);
            protocol::refuse(route.protocol, Some(route.service), &Fault::new("InternalFailure", 500, message), id)
        }
    }
}

/// The access key and the region that a request was signed with. The signature itself is not checked: nobody's secret
/// is known here.
fn signer(protocol: Protocol, authorization: &str) -> Result<(&str, &str), Fault> {
    if authorization.is_empty() {
        let (code, status) = match protocol {
            Protocol::Query => ("MissingAuthenticationToken", 403),
            Protocol::S3 => ("AccessDenied", 403),
            Protocol::Rest => ("MissingAuthenticationTokenException", 403),
            Protocol::Json | Protocol::Cbor => ("MissingAuthenticationTokenException", 400),
        };
        return Err(Fault::new(code, status, "Missing Authentication Token"));
    }
    let scope = authorization.split_once("Credential=").map(|(_, rest)| rest.split(',').next().unwrap_or_default());
    let parts: Vec<&str> = scope.unwrap_or_default().trim().split('/').collect();
    match parts.as_slice() {
        [key, _, region, _, "aws4_request"] if authorization.starts_with("AWS4-HMAC-SHA256") => Ok((key, region)),
        _ => {
            let code = if protocol == Protocol::Query { "IncompleteSignature" } else { "IncompleteSignatureException" };
            Err(Fault::new(code, 400, "The Authorization header is not a signature of version 4."))
        }
    }
}

/// An id that no other request of this process has.
fn request_id() -> String {
    static COUNT: AtomicU64 = AtomicU64::new(1);
    world::uuid(world::scatter(COUNT.fetch_add(1, Ordering::Relaxed)))
}

/// The headers that every answer carries. `Date` is the account's: its clock is the only one that counts there.
fn stamp(response: Response, account: &dyn Account, id: &str) -> Response {
    let (now, speed) = account.time();
    response
        .with("x-amzn-requestid", id)
        .with("date", &now.format("%a, %d %b %Y %H:%M:%S GMT").to_string())
        .with("x-simulated-time", &now.to_rfc3339_opts(SecondsFormat::Millis, true))
        .with("x-simulated-speed", &speed.to_string())
}
