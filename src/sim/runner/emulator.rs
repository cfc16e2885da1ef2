//! Functions that an emulator runs, which is invoked in the way of Lambda: `cargo lambda watch`, or the runtime interface
//! emulator of AWS.

use std::fmt::Display;

use http::{Request, Uri};
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::handshake;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;

use crate::sim::world::abroad::{Errand, Failed};

/// Has an emulator run the function that goes by the handler's name.
pub(super) async fn invoke(url: &str, errand: &Errand) -> Result<Value, Failed> {
    let handler = errand.function.configuration.get("Handler").and_then(Value::as_str).unwrap_or(&errand.function.name);
    let (error, said) = asked(url, handler, errand.payload.to_string()).await.map_err(|why| Failed {
        kind: "Emulator".to_owned(),
        message: format!("The emulator at {url} did not run {handler}: {why}"),
    })?;
    let word = |key: &str| said.get(key).and_then(Value::as_str).map(str::to_owned);
    // Not all of them set the header.
    match error.or_else(|| word("errorType").filter(|_| said.get("errorMessage").is_some())) {
        None => Ok(said),
        Some(kind) => Err(Failed {
            kind: word("errorType").unwrap_or(kind),
            message: word("errorMessage").unwrap_or_else(|| said.to_string()),
        }),
    }
}

/// What Lambda's Invoke answers: `X-Amz-Function-Error`, if it is there, and the payload.
async fn asked(url: &str, handler: &str, event: String) -> Result<(Option<String>, Value), String> {
    let url: Uri = url.parse().map_err(told)?;
    let authority = url.authority().map(ToString::to_string).unwrap_or_default();
    let line =
        TcpStream::connect((url.host().unwrap_or_default(), url.port_u16().unwrap_or(80))).await.map_err(told)?;
    let (mut sender, connection) = handshake(TokioIo::new(line)).await.map_err(told)?;
    // What ends the connection also ends the call below, and is told there.
    let connection = tokio::spawn(connection);
    let request = Request::post(format!("/2015-03-31/functions/{handler}/invocations"))
        .header("host", authority)
        .header("content-type", "application/json")
        .body(Full::new(Bytes::from(event)))
        .map_err(told)?;
    let answer = sender.send_request(request).await.map_err(told)?;
    let (status, headers) = (answer.status(), answer.headers().clone());
    let body = answer.into_body().collect().await.map_err(told)?.to_bytes();
    connection.abort();
    if !status.is_success() && body.is_empty() {
        return Err(format!("it answered {status}"));
    }
    let error = headers.get("x-amz-function-error").and_then(|value| value.to_str().ok()).map(str::to_owned);
    let said = serde_json::from_slice(&body).unwrap_or_else(|_| String::from_utf8_lossy(&body).into_owned().into());
    Ok((error, said))
}

fn told(error: impl Display) -> String {
    error.to_string()
}
