//! One try of a repeatable call: request out, whole answer in, and what it means.

use crate::{Answer, Failure, NetworkCause, Request, Settings, tls, when};
use bytes::BytesMut;
use http::{HeaderValue, StatusCode, header::CONTENT_LENGTH};
use std::{
    error::Error as _,
    sync::OnceLock,
    time::{Duration, SystemTime},
};

/// What every provider reads about the caller.
pub(crate) const USER_AGENT: &str = concat!("herald/", env!("CARGO_PKG_VERSION"));

/// The pool of connections for repeatable calls, made at the first call.
#[derive(Debug, Default)]
pub(crate) struct Pool(OnceLock<reqwest::Client>);

impl Pool {
    fn client(&self, settings: &Settings) -> Result<&reqwest::Client, Failure> {
        if let Some(client) = self.0.get() {
            return Ok(client);
        }
        let client = build(settings)?;
        Ok(self.0.get_or_init(|| client))
    }

    /// Sends `request` once and reads the answer, of whatever status.
    pub(crate) async fn exchange(
        &self,
        request: &Request,
        settings: &Settings,
    ) -> Result<Answer, Failure> {
        let url = request.url(&settings.base)?;
        let mut outgoing = self
            .client(settings)?
            .request(request.method.clone(), url)
            .headers(request.headers.clone())
            .timeout(request.timeout.unwrap_or(settings.timeout));
        if !request.body.is_empty() {
            outgoing = outgoing.body(request.body.clone());
        }
        if let Some((name, id)) = settings.correlation_header.clone().zip(correlation(request)) {
            outgoing = outgoing.header(name, id);
        }
        let incoming = outgoing.send().await.map_err(|error| cause(&error))?;
        read(incoming, settings.max_response_bytes).await
    }
}

/// The correlation id as a header value; one that is not printable is not sent.
pub(crate) fn correlation(request: &Request) -> Option<HeaderValue> {
    request.correlation.as_deref().and_then(|id| HeaderValue::from_str(id).ok())
}

#[expect(clippy::disallowed_methods, reason = "this is the one client under all providers")]
fn build(settings: &Settings) -> Result<reqwest::Client, Failure> {
    let tls = tls::config().map_err(|_| Failure::Network(NetworkCause::Tls))?;
    reqwest::Client::builder()
        .tls_backend_preconfigured((*tls).clone())
        .user_agent(USER_AGENT)
        .no_proxy()
        .retry(reqwest::retry::never())
        .redirect(reqwest::redirect::Policy::none())
        .http1_only()
        .https_only(settings.https_only)
        .connect_timeout(settings.connect_timeout)
        .pool_idle_timeout(Duration::from_secs(30))
        .build()
        .map_err(|_| Failure::Network(NetworkCause::Tls))
}

async fn read(mut incoming: reqwest::Response, limit: usize) -> Result<Answer, Failure> {
    let announced = incoming
        .headers()
        .get(CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|length| length > limit) {
        return Err(Failure::TooLarge { limit });
    }
    let mut body = BytesMut::new();
    while let Some(chunk) = incoming.chunk().await.map_err(|error| cause(&error))? {
        if body.len().saturating_add(chunk.len()) > limit {
            return Err(Failure::TooLarge { limit });
        }
        body.extend_from_slice(&chunk);
    }
    let status = incoming.status();
    let headers = std::mem::take(incoming.headers_mut());
    Ok(Answer { status, headers, body: body.freeze() })
}

/// The network's fault, without the address: it may carry a code or a token.
fn cause(error: &reqwest::Error) -> Failure {
    if error.is_builder() {
        return Failure::Unsendable { reason: "the request could not be put together" };
    }
    if !error.is_connect() {
        let timeout = error.is_timeout();
        return if timeout { Failure::Timeout } else { Failure::Network(NetworkCause::Broken) };
    }
    let mut source = error.source();
    while let Some(inner) = source {
        if inner.is::<rustls::Error>() {
            return Failure::Network(NetworkCause::Tls);
        }
        if inner.to_string().starts_with("dns error") {
            return Failure::Network(NetworkCause::Name);
        }
        source = inner.source();
    }
    Failure::Network(NetworkCause::Connect)
}

/// What a whole answer means.
pub(crate) fn judge(answer: Answer, now: SystemTime) -> Result<Answer, Failure> {
    match answer.status {
        status if status.is_success() => Ok(answer),
        StatusCode::UNAUTHORIZED => Err(Failure::Authentication(Box::new(answer))),
        StatusCode::TOO_MANY_REQUESTS => Err(Failure::RateLimited {
            until: when::retry_at(&answer, now),
            answer: Some(Box::new(answer)),
        }),
        StatusCode::REQUEST_TIMEOUT => Err(Failure::Outage(Box::new(answer))),
        status if status.is_server_error() => Err(Failure::Outage(Box::new(answer))),
        status if status.is_client_error() => Err(Failure::Refusal(Box::new(answer))),
        _ => Err(Failure::InvalidAnswer { reason: "the provider redirected the call" }),
    }
}
