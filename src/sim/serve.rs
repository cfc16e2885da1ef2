//! The front on a port of this machine, for any client: the AWS CLI, boto3, or another rekotui.
//!
//! `AWS_ENDPOINT_URL` leads clients here, with one exception: version 1 of the AWS CLI has hosts of its own for `sqs` and
//! goes to the real service unless it is given `--endpoint-url`.

use std::future::Future;
use std::io;
use std::sync::Arc;

use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::client::{Answered, built};
use super::front::{self, Account, Sent};
use super::protocol::{Request, Response};

/// As much as a request may hold: more than the largest image, and than the code of a function as a zip, which Lambda
/// takes up to 50 MiB.
const MOST: usize = 64 * 1024 * 1024;

/// Answers requests on `listener` until `shutdown` comes; then the connections that are still open are closed.
///
/// # Errors
/// If the listener can be reached from other machines: nothing here asks who is calling. If accepting fails for good.
pub async fn serve(
    account: Arc<dyn Account>,
    listener: TcpListener,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    let address = listener.local_addr()?;
    if !address.ip().is_loopback() {
        let sentence = format!(
            "{address} can be reached from other machines, and a simulated account asks nobody for a secret: listen on 127.0.0.1 or [::1] instead."
        );
        return Err(io::Error::new(io::ErrorKind::InvalidInput, sentence));
    }
    let mut open = JoinSet::new();
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        tokio::select! {
            () = &mut shutdown => return Ok(()),
            Some(_) = open.join_next() => {}
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    open.spawn(connection(account.clone(), stream));
                }
                // The caller went away before it was heard: its trouble, not ours.
                Err(error) if gone(&error) => {}
                Err(error) => return Err(error),
            },
        }
    }
}

fn gone(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset | io::ErrorKind::Interrupted
    )
}

async fn connection(account: Arc<dyn Account>, stream: TcpStream) {
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request| {
        let account = account.clone();
        async move { respond(&*account, request).await }
    });
    // An error here is a connection that broke, mostly on purpose: there is nobody left to tell.
    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

async fn respond(account: &dyn Account, request: http::Request<Incoming>) -> io::Result<http::Response<Answered>> {
    let (parts, body) = request.into_parts();
    let Ok(body) = Limited::new(body, MOST).collect().await else {
        let refusal = Response { status: 413, ..Response::default() };
        return built(refusal, true).map_err(io::Error::other);
    };
    let request = Request {
        method: parts.method.to_string(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: parts.headers,
        body: body.to_bytes().to_vec(),
    };
    let (response, whole) = match front::answer(account, &request).await {
        Sent::Whole(response) => (response, true),
        Sent::Half(response) => (response, false),
        Sent::Nothing => return Err(io::ErrorKind::ConnectionReset.into()),
    };
    built(response, whole).map_err(io::Error::other)
}
