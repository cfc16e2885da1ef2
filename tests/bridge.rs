//! The shortest way from the SDK to the simulated account: its handlers, without a front.

use std::sync::Arc;

use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::body::SdkBody;
use ciborium::Value as Cbor;
use rekotui::sim::account::Sim;
use serde_json::{Value, json};

/// A client of the SDK whose requests end at the handlers, without a protocol's strictness in between.
pub fn client(sim: &Arc<Sim>) -> SharedHttpClient {
    let connector = SharedHttpConnector::new(Bridge(sim.clone()));
    http_client_fn(move |_, _| connector.clone())
}

#[derive(Debug)]
struct Bridge(Arc<Sim>);

impl HttpConnector for Bridge {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let body = request.body().bytes().unwrap_or_default();
        if let Some(operation) = cloudwatch_operation(request.uri()) {
            return HttpConnectorFuture::ready(Ok(cloudwatch(&self.0, operation, body)));
        }
        let (service, operation, input) = match request.headers().get("x-amz-target") {
            Some(target) => by_target(target, body),
            None => by_path(request.uri()),
        };
        let reply = self.0.call(service, &operation, &input);
        let (status, body) = match reply.outcome {
            Ok(out) if service == "sts" => (200, identity(&out)),
            Ok(out) => (200, out.to_string()),
            Err(fault) => (fault.status(), json!({"__type": fault.code(), "message": fault.to_string()}).to_string()),
        };
        HttpConnectorFuture::ready(Ok(HttpResponse::new(status.try_into().unwrap(), SdkBody::from(body))))
    }
}

fn by_target(target: &str, body: &[u8]) -> (&'static str, String, Value) {
    let (prefix, operation) = target.split_once('.').unwrap();
    let service = match prefix {
        "RekognitionService" => "rekognition",
        "AWSEvents" => "events",
        "AmazonSQS" => "sqs",
        other => panic!("nobody expected {other}"),
    };
    (service, operation.to_owned(), serde_json::from_slice(body).unwrap())
}

fn by_path(uri: &str) -> (&'static str, String, Value) {
    let decode = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned();
    let (path, query) = uri.split_once('?').unwrap_or((uri, ""));
    let mut input = json!({});
    for (name, value) in query.split('&').filter_map(|pair| pair.split_once('=')) {
        let value = decode(value);
        let member = if matches!(name, "groupName" | "ScheduleGroup") { "GroupName" } else { name };
        input[member] = value.parse::<i64>().map_or_else(|_| json!(value), |number| json!(number));
    }
    let parts: Vec<String> = path.split('/').skip(3).map(decode).collect();
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    let (service, operation) = match parts[..] {
        ["2015-03-31", "event-source-mappings"] => ("lambda", "ListEventSourceMappings"),
        ["2015-03-31", "event-source-mappings", uuid] => {
            input["UUID"] = json!(uuid);
            ("lambda", "GetEventSourceMapping")
        }
        ["2015-03-31", "functions", name, "configuration"] => {
            input["FunctionName"] = json!(name);
            ("lambda", "GetFunctionConfiguration")
        }
        ["schedules"] => ("scheduler", "ListSchedules"),
        ["schedules", name] => {
            input["Name"] = json!(name);
            ("scheduler", "GetSchedule")
        }
        _ => ("sts", "GetCallerIdentity"),
    };
    (service, operation.to_owned(), input)
}

fn identity(out: &Value) -> String {
    let text = |key: &str| out[key].as_str().unwrap();
    format!(
        "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult>\
         <Account>{}</Account><Arn>{}</Arn></GetCallerIdentityResult></GetCallerIdentityResponse>",
        text("Account"),
        text("Arn")
    )
}

/// The operation that a path asks of CloudWatch, if it is one of its paths.
pub fn cloudwatch_operation(uri: &str) -> Option<&str> {
    uri.split_once("/service/GraniteServiceVersion20100801/operation/").map(|(_, operation)| operation)
}

/// CloudWatch's answer in its own protocol, CBOR.
pub fn cloudwatch(sim: &Sim, operation: &str, body: &[u8]) -> HttpResponse {
    let input: Cbor = ciborium::from_reader(body).unwrap();
    let (status, out, code) = match sim.call("cloudwatch", operation, &plain(&input)).outcome {
        Ok(out) => (200, out, None),
        Err(fault) => {
            let out =
                json!({"__type": format!("com.amazonaws.cloudwatch#{}", fault.code()), "message": fault.to_string()});
            // The code of the older protocol, which clients still go by.
            let code = match fault.code() {
                "MissingRequiredParameterException" => "MissingParameter",
                other => other.trim_end_matches("Exception"),
            };
            (fault.status(), out, Some(format!("{code};Sender")))
        }
    };
    let mut bytes = Vec::new();
    ciborium::into_writer(&cbor(&out, false), &mut bytes).unwrap();
    let mut response = HttpResponse::new(status.try_into().unwrap(), SdkBody::from(bytes));
    response.headers_mut().insert("smithy-protocol", "rpc-v2-cbor");
    if let Some(code) = code {
        response.headers_mut().insert("x-amzn-query-error", code);
    }
    response
}

fn plain(value: &Cbor) -> Value {
    match value {
        Cbor::Tag(_, inner) => plain(inner),
        Cbor::Integer(number) => json!(i64::try_from(i128::from(*number)).unwrap()),
        Cbor::Float(number) => json!(number),
        Cbor::Text(text) => json!(text),
        Cbor::Bool(truth) => json!(truth),
        Cbor::Array(items) => items.iter().map(plain).collect(),
        Cbor::Map(pairs) => {
            Value::Object(pairs.iter().map(|(key, value)| (key.as_text().unwrap().to_owned(), plain(value))).collect())
        }
        _ => Value::Null,
    }
}

fn cbor(value: &Value, time: bool) -> Cbor {
    match value {
        Value::Null => Cbor::Null,
        Value::Bool(truth) => Cbor::Bool(*truth),
        Value::Number(number) if time => Cbor::Tag(1, Box::new(Cbor::Float(number.as_f64().unwrap()))),
        Value::Number(number) => Cbor::Float(number.as_f64().unwrap()),
        Value::String(text) => Cbor::Text(text.clone()),
        Value::Array(items) => Cbor::Array(items.iter().map(|item| cbor(item, time)).collect()),
        Value::Object(fields) => Cbor::Map(
            fields
                .iter()
                .map(|(key, value)| (Cbor::Text(key.clone()), cbor(value, key.starts_with("Timestamp"))))
                .collect(),
        ),
    }
}
