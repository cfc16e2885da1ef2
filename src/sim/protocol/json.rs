//! AWS JSON 1.0 and 1.1: the operation in a header, the input and the output in the body.

use serde_json::{Map, Value};

use super::{Lost, Protocol, Request, Response, Route, Told, lost};
use crate::sim::fault::Fault;
use crate::sim::shapes::Service;

/// The call that `X-Amz-Target` names.
pub(super) fn route(request: &Request) -> Result<Route, Box<Lost>> {
    let target = request.header("x-amz-target");
    let refuse = |service| lost(Protocol::Json, service, Fault::unknown_operation(target));
    let (prefix, name) = target.split_once('.').ok_or_else(|| refuse(None))?;
    let speaks =
        |service: &Service| service.table().json.is_some() && service.table().target.as_deref() == Some(prefix);
    let service = Service::ALL.into_iter().find(speaks).ok_or_else(|| refuse(None))?;
    let (name, operation) = service.table().operation(name).ok_or_else(|| refuse(Some(service)))?;
    let content = request.header("content-type").split(';').next().unwrap_or_default().trim();
    if content != self::content(service) || request.method != "POST" || request.path != "/" {
        let message = format!("{target} is asked by POST / with content-type {}.", self::content(service));
        return Err(lost(Protocol::Json, Some(service), Fault::new("UnknownOperationException", 404, message)));
    }
    Ok(Route { protocol: Protocol::Json, service, name, operation, labels: Vec::new() })
}

fn content(service: Service) -> String {
    format!("application/x-amz-json-{}", service.table().json.as_deref().unwrap_or("1.1"))
}

/// The object in a body; an empty body is an empty object.
pub(super) fn body(bytes: &[u8]) -> Result<Value, Fault> {
    if bytes.is_empty() {
        return Ok(Value::Object(Map::new()));
    }
    let value: Value = serde_json::from_slice(bytes)
        .map_err(|error| Fault::serialization(format!("The body is not valid JSON: {error}.")))?;
    if value.is_object() { Ok(value) } else { Err(Fault::serialization("The body is not a JSON object.")) }
}

pub(super) fn encode(service: Service, output: &Value) -> Response {
    let body = if output.is_null() { "{}".to_owned() } else { output.to_string() };
    Response::new(200, &content(service), body.into_bytes())
}

pub(super) fn refuse(service: Option<Service>, told: &Told<'_>) -> Response {
    let mut body = Map::new();
    let namespace = service.map_or_else(|| "com.amazon.coral.service".to_owned(), |service| space(service).to_owned());
    body.insert("__type".to_owned(), format!("{namespace}#{}", told.name).into());
    body.extend(told.body.clone());
    let content = service.map_or_else(|| "application/x-amz-json-1.1".to_owned(), content);
    let response = Response::new(told.status, &content, Value::Object(body).to_string().into_bytes())
        .with("x-amzn-errortype", told.name);
    match service {
        Some(Service::Sqs | Service::Cloudwatch) => {
            response.with("x-amzn-query-error", &format!("{};{}", told.code, told.blame))
        }
        _ => response,
    }
}

/// What stands before an error's name in `__type`.
pub(super) fn space(service: Service) -> &'static str {
    match service {
        Service::Rekognition => "com.amazonaws.rekognition",
        Service::Lambda => "com.amazonaws.lambda",
        Service::Scheduler => "com.amazonaws.scheduler",
        Service::Events => "com.amazonaws.eventbridge",
        Service::Cloudwatch => "com.amazonaws.cloudwatch",
        Service::Sqs => "com.amazonaws.sqs",
        Service::Sts => "com.amazonaws.sts",
        Service::Cloudformation => "com.amazonaws.cloudformation",
        Service::S3 => "com.amazonaws.s3",
    }
}
