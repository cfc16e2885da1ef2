//! The front in this process: an HTTP client for the SDK whose other end is the account itself.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::{io, mem};

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use hyper::body::{Body, Bytes, Frame, SizeHint};

use super::front::{self, Account, Sent};
use super::protocol::{Request, Response};

/// A simulated account as the SDK's HTTP client: `.http_client(Simulated::new(sim))`.
#[derive(Clone, Debug)]
pub struct Simulated(Arc<dyn Account>);

impl Simulated {
    /// A client of this account.
    #[must_use]
    pub fn new(account: Arc<dyn Account>) -> Self {
        Self(account)
    }
}

impl HttpClient for Simulated {
    fn http_connector(&self, settings: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(Line { account: self.0.clone(), settings: settings.clone() })
    }
}

/// One line into the account, with the patience of the client that uses it.
#[derive(Debug)]
struct Line {
    account: Arc<dyn Account>,
    settings: HttpConnectorSettings,
}

impl HttpConnector for Line {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (account, patience) = (self.account.clone(), self.settings.read_timeout());
        HttpConnectorFuture::new(async move {
            let request = read(request).await?;
            let answer = front::answer(&*account, &request);
            let sent = match patience {
                Some(patience) => tokio::time::timeout(patience, answer).await.map_err(|_| {
                    ConnectorError::timeout(format!("no answer within {} ms", patience.as_millis()).into())
                })?,
                None => answer.await,
            };
            write(sent)
        })
    }
}

async fn read(request: HttpRequest) -> Result<Request, ConnectorError> {
    let request = request.try_into_http1x().map_err(|error| ConnectorError::user(error.into()))?;
    let (mut parts, body) = request.into_parts();
    if let Some(Ok(host)) = parts.uri.host().map(http::HeaderValue::from_str) {
        parts.headers.entry("host").or_insert(host);
    }
    let body = http_body_util::BodyExt::collect(body).await.map_err(ConnectorError::user)?;
    Ok(Request {
        method: parts.method.to_string(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: parts.headers,
        body: body.to_bytes().to_vec(),
    })
}

fn write(sent: Sent) -> Result<HttpResponse, ConnectorError> {
    let (response, whole) = match sent {
        Sent::Whole(response) => (response, true),
        Sent::Half(response) => (response, false),
        Sent::Nothing => return Err(ConnectorError::io(closed().into())),
    };
    let built = built(response, whole).map_err(|error| ConnectorError::other(error.into(), None))?;
    HttpResponse::try_from(built.map(SdkBody::from_body_1_x)).map_err(|error| ConnectorError::other(error.into(), None))
}

/// An answer as HTTP libraries have it, with all of its body or half of it.
pub(super) fn built(response: Response, whole: bool) -> Result<http::Response<Answered>, http::Error> {
    let length = response.body.len();
    let mut building = http::Response::builder().status(response.status);
    for (name, value) in &response.headers {
        building = building.header(name, value);
    }
    // An answer to HEAD says how long the body would be.
    if response.status != 204 && !response.headers.iter().any(|(name, _)| name == "content-length") {
        building = building.header("content-length", length);
    }
    let bytes = Bytes::from(response.body);
    let body =
        if whole { Answered::Whole(bytes) } else { Answered::Half { rest: bytes.slice(..length / 2), paused: false } };
    building.body(body)
}

fn closed() -> io::Error {
    io::Error::new(io::ErrorKind::ConnectionReset, "the connection was closed before the answer was there")
}

/// The body of an answer.
#[derive(Debug)]
pub(super) enum Answered {
    /// All that is left of it.
    Whole(Bytes),
    /// What comes before the connection closes, and whether there was a moment to send it.
    Half { rest: Bytes, paused: bool },
}

impl Body for Answered {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        match self.get_mut() {
            Self::Whole(rest) if rest.is_empty() => Poll::Ready(None),
            Self::Whole(rest) | Self::Half { rest, .. } if !rest.is_empty() => {
                Poll::Ready(Some(Ok(Frame::data(mem::take(rest)))))
            }
            // Without a pause here, a server that meets the error at once throws away what it has not sent yet.
            Self::Half { paused, .. } if !*paused => {
                *paused = true;
                context.waker().wake_by_ref();
                Poll::Pending
            }
            _ => Poll::Ready(Some(Err(closed()))),
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(self, Self::Whole(rest) if rest.is_empty())
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(rest) => SizeHint::with_exact(u64::try_from(rest.len()).unwrap_or(u64::MAX)),
            Self::Half { .. } => SizeHint::default(),
        }
    }
}
