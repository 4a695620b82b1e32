//! The client by which the provider is asked: HTTPS with the system's certificates, no redirects,
//! little patience.

use std::time::Duration;

use axum::body::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use openidconnect::{HttpRequest, HttpResponse};

/// Longest time for one answer.
const MOST_TIME: Duration = Duration::from_secs(10);
/// Most bytes of one answer.
const MOST: usize = 1 << 20;

/// Why the provider could not be asked.
#[derive(Debug, thiserror::Error)]
pub(super) enum AskError {
    #[error("the provider does not answer: {0}")]
    Client(#[from] hyper_util::client::legacy::Error),
    #[error("the provider's answer breaks off: {0}")]
    Body(Box<dyn std::error::Error + Send + Sync>),
    #[error("the provider does not answer in time")]
    Slow,
    #[error("the system's certificates cannot be read: {0}")]
    Certificates(#[from] std::io::Error),
}

/// A client. Cheap to clone.
#[derive(Clone)]
pub(super) struct Asker(Client<HttpsConnector<HttpConnector>, Full<Bytes>>);

impl Asker {
    pub(super) fn new() -> Result<Self, AskError> {
        let connector = HttpsConnectorBuilder::new()
            .with_native_roots()?
            .https_or_http()
            .enable_http1()
            .build();
        Ok(Self(Client::builder(TokioExecutor::new()).build(connector)))
    }

    pub(super) async fn ask(&self, request: HttpRequest) -> Result<HttpResponse, AskError> {
        let asked = async {
            let request = request.map(|body| Full::new(Bytes::from(body)));
            let (head, body) = self.0.request(request).await?.into_parts();
            let body = Limited::new(body, MOST).collect().await;
            let body = body.map_err(AskError::Body)?.to_bytes().to_vec();
            Ok(HttpResponse::from_parts(head, body))
        };
        let answered = tokio::time::timeout(MOST_TIME, asked).await;
        answered.unwrap_or(Err(AskError::Slow))
    }
}
