//! An account that says what it was told to say, and remembers what it was asked.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use aws_credential_types::Credentials;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_types::retry::RetryConfig;
use chrono::{DateTime, Utc};
use http::{HeaderMap, HeaderName, HeaderValue};
use rekotui::sim::client::Simulated;
use rekotui::sim::fault::Fault;
use rekotui::sim::front::{Account, Answer, Call, Sent, answer};
use rekotui::sim::protocol::{Request, Response};
use serde_json::Value;

#[derive(Debug, Default)]
pub struct Stub {
    answers: Mutex<VecDeque<Answer>>,
    calls: Mutex<Vec<Call>>,
}

impl Account for Stub {
    fn call(&self, call: &Call) -> Answer {
        self.calls.lock().unwrap().push(call.clone());
        self.answers.lock().unwrap().pop_front().expect("nobody said what to answer")
    }

    fn time(&self) -> (DateTime<Utc>, f64) {
        ("2026-11-20T13:09:00.250Z".parse().unwrap(), 60.0)
    }
}

macro_rules! client {
    ($name:ident, $sdk:ident) => {
        pub fn $name(&self) -> $sdk::Client {
            let config = $sdk::Config::builder()
                .behavior_version($sdk::config::BehaviorVersion::latest())
                .region($sdk::config::Region::new("eu-central-1"))
                .credentials_provider(Credentials::new("AKIDEXAMPLE", "secret", None, None, "test"))
                .retry_config(RetryConfig::disabled())
                .http_client(self.http.clone());
            $sdk::Client::from_conf(config.build())
        }
    };
}

/// The stand-in, and the SDK's way to it.
pub struct Wire {
    pub stub: Arc<Stub>,
    pub http: SharedHttpClient,
}

impl Wire {
    /// Whoever answers these outputs, one after the other.
    pub fn saying<const N: usize>(outputs: [Value; N]) -> Self {
        Self::answering(outputs.into_iter().map(|output| Answer::from(Ok(output))).collect())
    }

    pub fn refusing(fault: Fault) -> Self {
        Self::answering(vec![Answer::from(Err(fault))])
    }

    pub fn answering(answers: Vec<Answer>) -> Self {
        let stub = Arc::new(Stub { answers: Mutex::new(answers.into()), calls: Mutex::default() });
        let http = SharedHttpClient::new(Simulated::new(stub.clone()));
        Self { stub, http }
    }

    client!(rekognition, aws_sdk_rekognition);
    client!(lambda, aws_sdk_lambda);
    client!(scheduler, aws_sdk_scheduler);
    client!(events, aws_sdk_eventbridge);
    client!(cloudwatch, aws_sdk_cloudwatch);
    client!(sqs, aws_sdk_sqs);
    client!(sts, aws_sdk_sts);

    /// The one call that came in.
    pub fn call(&self) -> Call {
        let calls = self.stub.calls.lock().unwrap();
        assert_eq!(calls.len(), 1, "{calls:?}");
        calls[0].clone()
    }

    /// How many calls came in.
    pub fn count(&self) -> usize {
        self.stub.calls.lock().unwrap().len()
    }

    /// The answer to a request that was written by hand.
    pub async fn ask(&self, request: Request) -> Response {
        match answer(&*self.stub, &request).await {
            Sent::Whole(response) => response,
            other => panic!("{other:?}"),
        }
    }
}

pub const SIGNED: (&str, &str) = (
    "authorization",
    "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261120/eu-west-1/any/aws4_request, SignedHeaders=host, Signature=00",
);

/// A request with these headers, `method path?query`.
pub fn request(line: &str, headers: &[(&str, &str)], body: &str) -> Request {
    let (method, place) = line.split_once(' ').unwrap();
    let (path, query) = place.split_once('?').unwrap_or((place, ""));
    let headers: HeaderMap = headers
        .iter()
        .map(|(name, value)| (name.parse::<HeaderName>().unwrap(), HeaderValue::from_str(value).unwrap()))
        .collect();
    let body = body.as_bytes().to_vec();
    Request { method: method.to_owned(), path: path.to_owned(), query: query.to_owned(), headers, body }
}

/// A JSON call to Rekognition.
pub fn rekognition(operation: &str, body: &str) -> Request {
    let target = format!("RekognitionService.{operation}");
    let headers = [SIGNED, ("x-amz-target", target.as_str()), ("content-type", "application/x-amz-json-1.1")];
    request("POST /", &headers, body)
}

pub fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    response.headers.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
}

pub fn text(response: &Response) -> &str {
    std::str::from_utf8(&response.body).unwrap()
}

pub fn json(response: &Response) -> Value {
    serde_json::from_slice(&response.body).unwrap()
}
