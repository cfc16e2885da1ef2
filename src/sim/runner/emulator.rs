//! Functions that an emulator runs, which is invoked in the way of Lambda: `cargo lambda watch`, or the runtime interface
//! emulator of AWS.

use aws_sdk_lambda::Client;
use aws_sdk_lambda::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_lambda::primitives::Blob;
use serde_json::Value;

use crate::sim::world::abroad::{Errand, Failed};

/// Has an emulator run the function that goes by the handler's name.
pub(super) async fn invoke(url: &str, errand: &Errand) -> Result<Value, Failed> {
    let trouble = |message: String| Failed { kind: "Emulator".to_owned(), message };
    let handler = errand.function.configuration.get("Handler").and_then(Value::as_str).unwrap_or(&errand.function.name);
    let config = aws_sdk_lambda::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-central-1"))
        .credentials_provider(Credentials::new("any", "any", None, None, "simulated"))
        .retry_config(aws_sdk_lambda::config::retry::RetryConfig::disabled())
        .endpoint_url(url)
        .build();
    let call = Client::from_conf(config).invoke().function_name(handler).payload(Blob::new(errand.payload.to_string()));
    let answer = call.send().await.map_err(|error| {
        trouble(format!("The emulator at {url} did not run {handler}: {}", error.into_service_error()))
    })?;
    let bytes = answer.payload().map(Blob::as_ref).unwrap_or_default();
    let said: Value = serde_json::from_slice(bytes).unwrap_or(Value::Null);
    let word = |key: &str| said.get(key).and_then(Value::as_str).map(str::to_owned);
    match answer
        .function_error()
        .map(str::to_owned)
        .or_else(|| word("errorType").filter(|_| said.get("errorMessage").is_some()))
    {
        None => Ok(said),
        Some(kind) => Err(Failed {
            kind: word("errorType").unwrap_or(kind),
            message: word("errorMessage").unwrap_or_else(|| said.to_string()),
        }),
    }
}
