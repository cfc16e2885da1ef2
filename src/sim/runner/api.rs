//! The API that a runtime asks for its invocations ("Using the Lambda runtime API for custom runtimes"), one for each process.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;

use crate::sim::world::abroad::Failed;
use crate::sim::world::{scatter, uuid};

/// What a process is to do.
#[derive(Debug)]
pub(super) struct Work {
    /// Its event.
    pub payload: String,
    /// The ARN by which it was invoked.
    pub arn: String,
    /// How long it may take, in real time, once it has begun.
    pub patience: Duration,
    /// Told when it has begun.
    pub begun: oneshot::Sender<()>,
    /// Told what has come of it.
    pub done: oneshot::Sender<Result<Value, Failed>>,
}

/// An invocation's id, and who waits for what comes of it.
type UnderWay = (String, oneshot::Sender<Result<Value, Failed>>);

/// The API's state.
#[derive(Debug)]
struct Desk {
    coming: tokio::sync::Mutex<mpsc::Receiver<Work>>,
    under_way: Mutex<Option<UnderWay>>,
    broken: mpsc::Sender<Failed>,
}

/// Serves the API until it is dropped. What keeps the runtime from beginning at all goes to `broken`.
pub(super) async fn serve(listener: TcpListener, coming: mpsc::Receiver<Work>, broken: mpsc::Sender<Failed>) {
    let desk = Arc::new(Desk { coming: coming.into(), under_way: Mutex::default(), broken });
    let mut open = JoinSet::new();
    loop {
        let Ok((stream, _)) = listener.accept().await else { return };
        while open.try_join_next().is_some() {}
        let desk = desk.clone();
        open.spawn(async move {
            let service = service_fn(move |request| {
                let desk = desk.clone();
                async move { desk.answer(request).await }
            });
            // An error here is a process that went away; who waits for it sees that for himself.
            let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

type Reply = Result<Response<Full<Bytes>>, http::Error>;

fn reply(status: StatusCode, body: &str) -> Reply {
    Response::builder().status(status).body(Full::new(Bytes::copy_from_slice(body.as_bytes())))
}

impl Desk {
    async fn answer(&self, request: Request<Incoming>) -> Reply {
        let (parts, body) = request.into_parts();
        let body = body.collect().await.map(|body| body.to_bytes()).unwrap_or_default();
        let path = parts.uri.path().strip_prefix("/2018-06-01/runtime/").unwrap_or_default();
        match (parts.method, path.split('/').collect::<Vec<_>>().as_slice()) {
            (Method::GET, ["invocation", "next"]) => self.next().await,
            (Method::POST, ["invocation", id, "response"]) => {
                let said = serde_json::from_slice(&body).unwrap_or(Value::Null);
                self.settle(id, Ok(said))
            }
            (Method::POST, ["invocation", id, "error"]) => self.settle(id, Err(failed(&body))),
            (Method::POST, ["init", "error"]) => {
                let _ = self.broken.try_send(failed(&body));
                reply(StatusCode::ACCEPTED, r#"{"status":"OK"}"#)
            }
            _ => reply(StatusCode::NOT_FOUND, "{}"),
        }
    }

    async fn next(&self) -> Reply {
        let Some(work) = self.coming.lock().await.recv().await else { return reply(StatusCode::GONE, "{}") };
        let now = SystemTime::now();
        let id = uuid(scatter(u64::try_from(since(now).as_nanos()).unwrap_or_default()));
        let deadline = since(now + work.patience).as_millis();
        *self.under_way.lock().unwrap_or_else(PoisonError::into_inner) = Some((id.clone(), work.done));
        let _ = work.begun.send(());
        Response::builder()
            .header("Lambda-Runtime-Aws-Request-Id", &id)
            .header("Lambda-Runtime-Deadline-Ms", deadline.to_string())
            .header("Lambda-Runtime-Invoked-Function-Arn", &work.arn)
            .header("Lambda-Runtime-Trace-Id", "Root=1-00000000-000000000000000000000000;Sampled=0")
            .header("Content-Type", "application/json")
            .body(Full::new(work.payload.into()))
    }

    fn settle(&self, id: &str, outcome: Result<Value, Failed>) -> Reply {
        let mut under_way = self.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        match under_way.take_if(|(own, _)| own == id) {
            Some((_, done)) => {
                let _ = done.send(outcome);
                reply(StatusCode::ACCEPTED, r#"{"status":"OK"}"#)
            }
            None => reply(
                StatusCode::BAD_REQUEST,
                r#"{"errorType":"InvalidRequestID","errorMessage":"Invalid request ID"}"#,
            ),
        }
    }
}

fn since(at: SystemTime) -> Duration {
    at.duration_since(UNIX_EPOCH).unwrap_or_default()
}

/// What a runtime says of an error.
fn failed(body: &[u8]) -> Failed {
    let said: Value = serde_json::from_slice(body).unwrap_or_default();
    let word = |key: &str, other: &str| said.get(key).and_then(Value::as_str).unwrap_or(other).to_owned();
    Failed { kind: word("errorType", "Unhandled"), message: word("errorMessage", "The function does not say why.") }
}
