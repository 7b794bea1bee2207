//! Carrying out a fault on one request: what happens, what is answered, and whether at all.

use std::io;
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State as Shared};
use axum::http::header::{CONTENT_LENGTH, RETRY_AFTER};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures::stream::{self, StreamExt};
use serde_json::json;

use crate::chat;
use crate::cognito;
use crate::identity;
use crate::kinds::{Cut, Effect, Kind};
use crate::operations::{self, Operation};
use crate::state::State;
use crate::world::Change;
use crate::x::{Lag, Problem, handle, user_of};

/// Marks an answer of which not one byte may be written: the listener ends the connection.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Severed {
    /// With a reset instead of an orderly end.
    pub(crate) reset: bool,
}

/// Reads the whole request, asks the rules, and lets the fault have its way.
pub(crate) async fn inject(Shared(state): Shared<State>, request: Request, next: Next) -> Response {
    let named = cognito::operation(request.uri().path(), request.headers());
    let known = named.or_else(|| operations::of(request.method(), request.uri().path()));
    let Some(operation) = known else {
        return next.run(request).await;
    };
    let (mut parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, operation.body).await else {
        return refusal(operation, StatusCode::PAYLOAD_TOO_LARGE, "Request payload too large");
    };
    let plan = state.faults().plan(operation, &body);
    parts.extensions.insert(Lag(plan.lag));
    let Some(kind) = plan.kind else {
        return next.run(Request::from_parts(parts, Body::from(body))).await;
    };
    tracing::info!(provider = operation.provider, operation = operation.name, ?kind, "fault");
    if matches!(kind, Kind::Revoked) {
        revoke(&state, &parts.headers, &body);
    }
    let struck = Struck { operation, kind, now: state.memory().now() };
    // Its own task: a caller that has hung up does not undo what is under way.
    let carried_out = tokio::spawn(async move {
        struck.carry_out(Request::from_parts(parts, Body::from(body)), next).await
    });
    carried_out.await.unwrap_or_else(|_| severed(false))
}

/// One request that was struck.
struct Struck {
    operation: Operation,
    kind: Kind,
    now: i64,
}

impl Struck {
    async fn carry_out(self, request: Request, next: Next) -> Response {
        let operation = self.operation;
        match self.kind {
            Kind::Delay { ms, effect: Effect::Before } => {
                tokio::time::sleep(Duration::from_millis(ms)).await;
                next.run(request).await
            }
            Kind::Delay { ms, effect: Effect::After } => {
                let response = next.run(request).await;
                tokio::time::sleep(Duration::from_millis(ms)).await;
                response
            }
            Kind::Status { code, body, headers, effect } => {
                happen(effect, request, next).await;
                let status = StatusCode::from_u16(code).unwrap_or(StatusCode::BAD_GATEWAY);
                let response = match body {
                    Some(body) => (status, axum::Json(body)).into_response(),
                    None => {
                        refusal(operation, status, status.canonical_reason().unwrap_or("Error"))
                    }
                };
                with_headers(response, headers)
            }
            Kind::Cut { when: Cut::BeforeEffect, reset } => severed(reset),
            Kind::Cut { when: Cut::AfterEffect, reset } => {
                next.run(request).await;
                severed(reset)
            }
            Kind::Cut { when: Cut::MidBody, .. } => half(next.run(request).await).await,
            Kind::Hang { effect } => {
                happen(effect, request, next).await;
                std::future::pending().await
            }
            Kind::Garbage { body, effect } => {
                let status = happen(effect, request, next).await;
                (status, body.unwrap_or_else(|| "{\"data\":{\"id\":\"17".to_owned()))
                    .into_response()
            }
            Kind::RateLimited { retry_after } => rate_limited(operation, retry_after, self.now),
            Kind::Lag { .. } | Kind::Revoked => next.run(request).await,
            Kind::Oversized { bytes } => endless(next.run(request).await, bytes),
            Kind::SlowDrip { ms } => drip(next.run(request).await, ms).await,
        }
    }
}

/// Lets the effect happen or not; answers the status that it truly had, or would have had.
async fn happen(effect: Effect, request: Request, next: Next) -> StatusCode {
    match effect {
        Effect::After => next.run(request).await.status(),
        Effect::Before => StatusCode::OK,
    }
}

/// A refusal in the shape of whoever was asked.
pub(crate) fn refusal(operation: Operation, status: StatusCode, message: &str) -> Response {
    if let Some(response) = identity::refuse(operation.provider, status, message) {
        return response;
    }
    match operation.provider {
        "openrouter" => chat::refuse(chat::House::OpenRouter, status, message),
        "openai" => chat::refuse(chat::House::OpenAi, status, message),
        "stripe" => crate::stripe::refuse(status, message),
        _ => Problem::with_status(status, message).into_response(),
    }
}

fn with_headers(
    mut response: Response,
    headers: std::collections::BTreeMap<String, String>,
) -> Response {
    for (name, value) in headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

fn rate_limited(
    operation: Operation,
    retry_after: Option<serde_json::Value>,
    now: i64,
) -> Response {
    let mut response = refusal(operation, StatusCode::TOO_MANY_REQUESTS, "Too Many Requests");
    let seconds = retry_after.as_ref().and_then(serde_json::Value::as_i64).unwrap_or(900);
    let headers = response.headers_mut();
    headers.insert("x-rate-limit-limit", HeaderValue::from(100));
    headers.insert("x-rate-limit-remaining", HeaderValue::from(0));
    let reset = now.div_euclid(1000).saturating_add(seconds);
    headers.insert("x-rate-limit-reset", HeaderValue::from(reset));
    let printed =
        retry_after.map(|wait| wait.as_str().map_or_else(|| wait.to_string(), str::to_owned));
    if let Some(value) = printed.and_then(|text| HeaderValue::try_from(text).ok()) {
        headers.insert(RETRY_AFTER, value);
    }
    response
}

/// Takes back everything that the person behind a request ever permitted.
fn revoke(state: &State, headers: &axum::http::HeaderMap, body: &[u8]) {
    let mut memory = state.memory();
    let Some(user) = user_of(&memory, headers, body) else { return };
    let facts = json!({ "handle": handle(&user) });
    if let Err(error) =
        memory.happen("control", "revoke", facts, vec![Change::UserRevoked { user }])
    {
        tracing::error!(%error, "the sandbox could not write a revocation down");
    }
}

fn broken() -> io::Error {
    io::Error::new(io::ErrorKind::ConnectionReset, "cut by a fault rule")
}

/// No answer at all. Where no listener of ours understands the mark, at least no readable one.
fn severed(reset: bool) -> Response {
    let body = Body::from_stream(stream::iter([Err::<Bytes, _>(broken())]));
    let mut response = Response::new(body);
    response.extensions_mut().insert(Severed { reset });
    response
}

/// The head and half of the body; the pause lets them leave before the connection ends.
async fn half(response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    let whole = to_bytes(body, usize::MAX).await.unwrap_or_default();
    parts.headers.insert(CONTENT_LENGTH, HeaderValue::from(whole.len()));
    let sent = whole.slice(..whole.len() / 2);
    let rest = stream::once(async {
        tokio::time::sleep(Duration::from_millis(30)).await;
        Err(broken())
    });
    let body = Body::from_stream(stream::iter([Ok(sent)]).chain(rest));
    Response::from_parts(parts, body)
}

fn endless(response: Response, bytes: u64) -> Response {
    const CHUNK: u64 = 64 * 1024;
    let chunk = Bytes::from(vec![b' '; 64 * 1024]);
    let mut parts = response.into_parts().0;
    parts.headers.remove(CONTENT_LENGTH);
    let count = usize::try_from(bytes.div_ceil(CHUNK)).unwrap_or(usize::MAX);
    let chunks = stream::iter(std::iter::repeat_n(chunk, count).map(Ok::<_, io::Error>));
    Response::from_parts(parts, Body::from_stream(chunks))
}

async fn drip(response: Response, ms: u64) -> Response {
    let (parts, body) = response.into_parts();
    let whole = to_bytes(body, usize::MAX).await.unwrap_or_default();
    let drops = stream::iter(whole).then(move |byte| async move {
        tokio::time::sleep(Duration::from_millis(ms)).await;
        Ok::<_, io::Error>(Bytes::copy_from_slice(&[byte]))
    });
    Response::from_parts(parts, Body::from_stream(drops))
}
