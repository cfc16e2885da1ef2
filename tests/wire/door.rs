//! The way from the SDK to the handlers: requests are taken apart just far enough to be answered.
//!
//! It has none of a protocol's strictness: what is no JSON, or no operation of ours, is a mistake of the test.

use std::sync::Arc;

use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::body::SdkBody;
use rekotui::sim::account::Sim;
use rekotui::sim::fault::{Fault, blob, unblob};
use serde_json::{Map, Value, json};

use crate::bridge;

/// A client of the SDK whose requests end at the account's handlers.
pub fn client(sim: &Arc<Sim>) -> SharedHttpClient {
    let connector = SharedHttpConnector::new(Door(sim.clone()));
    http_client_fn(move |_, _| connector.clone())
}

#[derive(Debug)]
struct Door(Arc<Sim>);

/// The service, the operation and its input.
type Question = (&'static str, &'static str, Map<String, Value>);

impl HttpConnector for Door {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        if let Some(operation) = bridge::cloudwatch_operation(request.uri()) {
            return HttpConnectorFuture::ready(Ok(bridge::cloudwatch(&self.0, operation, body(&request))));
        }
        let (service, operation, input) = match request.headers().get("x-amz-target") {
            Some(target) => by_target(target, &request),
            None => by_path(&request),
        };
        let reply = self.0.call(service, operation.as_str(), &input.into());
        let response = match reply.outcome {
            Ok(out) => answer(operation.as_str(), &out),
            Err(fault) => refusal(service, &fault),
        };
        HttpConnectorFuture::ready(Ok(response))
    }
}

fn body(request: &HttpRequest) -> &[u8] {
    request.body().bytes().unwrap_or_default()
}

fn by_target(target: &str, request: &HttpRequest) -> (&'static str, String, Map<String, Value>) {
    let (prefix, operation) = target.split_once('.').unwrap();
    let service = match prefix {
        "RekognitionService" => "rekognition",
        "AWSEvents" => "events",
        "AmazonSQS" => "sqs",
        other => panic!("nobody expected {other}"),
    };
    (service, operation.to_owned(), serde_json::from_slice(body(request)).unwrap())
}

fn by_path(request: &HttpRequest) -> (&'static str, String, Map<String, Value>) {
    let uri = request.uri().to_owned();
    let decode = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned();
    let (path, query) = uri.split_once('?').unwrap_or((&uri, ""));
    let parts: Vec<String> = path.split('/').skip(3).map(decode).collect();
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    let (service, operation, mut input) = route(request.method(), &parts);
    for (name, value) in query.split('&').filter_map(|pair| pair.split_once('=')) {
        let member = match name {
            "ScheduleGroup" | "groupName" => "GroupName",
            "clientToken" => "ClientToken",
            other => other,
        };
        let value = decode(value);
        let value = if member.starts_with("Max") { json!(value.parse::<i64>().unwrap()) } else { json!(value) };
        input.insert(member.to_owned(), value);
    }
    match operation {
        "Invoke" => {
            input.insert("Payload".to_owned(), blob(body(request)));
            if let Some(kind) = request.headers().get("x-amz-invocation-type") {
                input.insert("InvocationType".to_owned(), kind.into());
            }
        }
        "GetCallerIdentity" => {}
        _ if !body(request).is_empty() => {
            let members: Map<String, Value> = serde_json::from_slice(body(request)).unwrap();
            input.extend(members);
        }
        _ => {}
    }
    (service, operation.to_owned(), input)
}

fn route(method: &str, parts: &[&str]) -> Question {
    let with = |key: &str, value: &str| [(key.to_owned(), json!(value))].into_iter().collect();
    match (method, parts) {
        ("GET", [_, "event-source-mappings"]) => ("lambda", "ListEventSourceMappings", Map::new()),
        ("GET", [_, "event-source-mappings", id]) => ("lambda", "GetEventSourceMapping", with("UUID", id)),
        ("PUT", [_, "event-source-mappings", id]) => ("lambda", "UpdateEventSourceMapping", with("UUID", id)),
        ("GET", [_, "functions", name, "configuration"]) => {
            ("lambda", "GetFunctionConfiguration", with("FunctionName", name))
        }
        ("POST", [_, "functions", name, "invocations"]) => ("lambda", "Invoke", with("FunctionName", name)),
        ("GET", ["schedules"]) => ("scheduler", "ListSchedules", Map::new()),
        ("GET", ["schedules", name]) => ("scheduler", "GetSchedule", with("Name", name)),
        ("POST", ["schedules", name]) => ("scheduler", "CreateSchedule", with("Name", name)),
        ("PUT", ["schedules", name]) => ("scheduler", "UpdateSchedule", with("Name", name)),
        ("DELETE", ["schedules", name]) => ("scheduler", "DeleteSchedule", with("Name", name)),
        ("GET", ["schedule-groups"]) => ("scheduler", "ListScheduleGroups", Map::new()),
        ("POST", ["schedule-groups", name]) => ("scheduler", "CreateScheduleGroup", with("Name", name)),
        ("POST", [""]) => ("sts", "GetCallerIdentity", Map::new()),
        other => panic!("nobody expected {other:?}"),
    }
}

fn answer(operation: &str, out: &Value) -> HttpResponse {
    let text = |key: &str| out[key].as_str().unwrap_or_default().to_owned();
    match operation {
        "Invoke" => {
            let status = u16::try_from(out["StatusCode"].as_u64().unwrap()).unwrap();
            let mut response = HttpResponse::new(
                status.try_into().unwrap(),
                SdkBody::from(unblob(&out["Payload"]).unwrap_or_default()),
            );
            if out.get("FunctionError").is_some() {
                response.headers_mut().insert("x-amz-function-error", text("FunctionError"));
            }
            response
        }
        "GetCallerIdentity" => {
            let members = ["UserId", "Account", "Arn"].map(|key| format!("<{key}>{}</{key}>", text(key))).concat();
            let body = format!(
                "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult>\
                 {members}</GetCallerIdentityResult></GetCallerIdentityResponse>"
            );
            HttpResponse::new(200.try_into().unwrap(), SdkBody::from(body))
        }
        _ => HttpResponse::new(200.try_into().unwrap(), SdkBody::from(out.to_string())),
    }
}

fn refusal(service: &str, fault: &Fault) -> HttpResponse {
    let text = fault.to_string();
    let message = text.split_once(": ").map_or("", |(_, message)| message);
    let body = json!({ "__type": fault.code(), "message": message }).to_string();
    let mut response = HttpResponse::new(fault.status().try_into().unwrap(), SdkBody::from(body));
    response.headers_mut().insert("x-amzn-errortype", fault.code().to_owned());
    if service == "sqs" && fault.code() == "QueueDoesNotExist" {
        // The code that it had when SQS spoke another protocol: clients still go by it.
        response.headers_mut().insert("x-amzn-query-error", "AWS.SimpleQueueService.NonExistentQueue;Sender");
    }
    response
}
