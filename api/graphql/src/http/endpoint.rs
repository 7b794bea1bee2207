//! The handler: from an HTTP request to an answer.

use super::{
    Format, Problem,
    answer::{self, Written},
    body, negotiate, prepare,
    prepare::Prepared,
};
use crate::{
    limits::Limits,
    sse,
    websocket::{self, Seats},
};
use async_graphql::{Executor, parser::types::OperationType};
use axum::{
    Router,
    body::{Body, Bytes},
    extract::{Request, State},
    http::{HeaderMap, Method, Response, StatusCode},
    routing::any,
};
use herald_door::{Charge, Door, Knock, Origins, RequestId, TurnedAway};
use std::{sync::Arc, time::Instant};
use tokio::sync::watch;

/// What answers under `/graphql`.
#[derive(Debug)]
pub struct Endpoint<E, D> {
    /// The schema.
    pub executor: E,
    /// Who knows the callers.
    pub door: D,
    /// What one request may ask for.
    pub limits: Limits,
    /// Whose pages may use the session cookie.
    pub origins: Origins,
    /// The session cookie's name.
    pub cookie: String,
    /// Bounds the open WebSockets.
    pub seats: Arc<Seats>,
    /// Turns true when the server stops: streams end then.
    pub closing: watch::Receiver<bool>,
}

/// The route `/graphql`.
pub fn router<E: Executor, D: Door>(endpoint: Endpoint<E, D>) -> Router {
    Router::new().route("/graphql", any(answer::<E, D>)).with_state(Arc::new(endpoint))
}

async fn answer<E: Executor, D: Door>(
    State(endpoint): State<Arc<Endpoint<E, D>>>,
    request: Request,
) -> Response<Body> {
    let id = request.extensions().get::<RequestId>().copied().unwrap_or_default();
    if *request.method() == Method::GET && websocket::is_upgrade(request.headers()) {
        return websocket::accept(endpoint, request, id).await;
    }
    let format = negotiate(request.headers());
    let written_as = format.unwrap_or(Format::Json);
    let answered = match format {
        _ if *request.method() != Method::POST => {
            let message = "GraphQL is answered to POST, and to WebSockets";
            Err(Problem::new(StatusCode::METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED", message))
        }
        None => {
            let message = "accept application/graphql-response+json, application/json or \
                           text/event-stream";
            Err(Problem::new(StatusCode::NOT_ACCEPTABLE, "NOT_ACCEPTABLE", message))
        }
        Some(format) => post(&endpoint, request, format, id).await,
    };
    answered.unwrap_or_else(|problem| problem.into_response(written_as))
}

async fn post<E: Executor, D: Door>(
    endpoint: &Arc<Endpoint<E, D>>,
    request: Request,
    format: Format,
    id: RequestId,
) -> Result<Response<Body>, Problem> {
    let (head, body) = request.into_parts();
    body::check_content_type(&head.headers)?;
    let knock = Knock::read(&head.headers, &endpoint.cookie, &endpoint.origins, id.0)?;
    let by_cookie = knock.is_by_cookie();
    let visitor = match endpoint.door.admit(knock.from_source(&head.extensions)).await {
        Ok(visitor) => visitor,
        Err(reason) => {
            let dropping = reason.dropping(&endpoint.cookie, by_cookie);
            let mut response = Problem::from(reason).into_response(format);
            response.headers_mut().extend(dropping);
            return Ok(response);
        }
    };
    let bytes = read(body, &head.headers, &endpoint.limits).await?;
    let asked = body::read_request(&bytes)?;
    let signed_in = endpoint.door.is_signed_in(&visitor);
    let prepared = match prepare(asked, &endpoint.limits, signed_in) {
        Ok(prepared) => prepared,
        Err(error) => return Ok(answer::write(format, &Written::refusal(vec![error]))),
    };
    let standing = endpoint.charge(&visitor, &prepared).await?;
    let prepared = prepared.asked_by(visitor);
    if format == Format::Events {
        return Ok(dressed(sse::stream(endpoint, prepared, id), standing));
    }
    if prepared.kind == OperationType::Subscription {
        let message = "subscriptions need `Accept: text/event-stream`, or a WebSocket";
        let error = crate::limits::coded(message, "GRAPHQL_VALIDATION_FAILED");
        return Ok(dressed(answer::write(format, &Written::refusal(vec![error])), standing));
    }
    let written = match endpoint.execute(prepared, id).await {
        Ok(written) => answer::write(format, &written),
        Err(problem) => problem.into_response(format),
    };
    Ok(dressed(written, standing))
}

/// The same answer; its headers also tell where the caller stands.
fn dressed(mut response: Response<Body>, standing: HeaderMap) -> Response<Body> {
    response.headers_mut().extend(standing);
    response
}

impl<E: Executor, D: Door> Endpoint<E, D> {
    /// Counts a request that is about to be carried out.
    pub(crate) async fn charge(
        &self,
        visitor: &D::Visitor,
        prepared: &Prepared,
    ) -> Result<HeaderMap, TurnedAway> {
        let Prepared { operation, fields, .. } = prepared;
        self.door.charge(visitor, Charge { operation, fields: *fields }).await
    }

    /// Executes a query or a mutation within its time.
    pub(crate) async fn execute(
        &self,
        prepared: Prepared,
        id: RequestId,
    ) -> Result<Written, Problem> {
        let began = Instant::now();
        let Prepared { request, run, kind, operation, .. } = prepared;
        let outcome = tokio::time::timeout(self.limits.timeout, self.executor.execute(request));
        let outcome = outcome.await.map_err(|_| {
            let message = "this took too long; what was begun goes on, so repeat it with the same \
                           idempotency key";
            measure(kind, &operation, "timeout", began);
            Problem {
                retry_after: Some(1),
                ..Problem::new(StatusCode::SERVICE_UNAVAILABLE, "TIMEOUT", message)
            }
        })?;
        let written = Written::outcome(outcome, &run, id, self.limits.errors);
        let result = match (written.is_refusal(), written.has_errors()) {
            (true, _) => "refused",
            (false, true) => "error",
            (false, false) => "ok",
        };
        // Names that the schema does not know would let strangers fill the metrics.
        let name = if written.is_refusal() { "invalid" } else { &operation };
        measure(kind, name, result, began);
        Ok(written)
    }
}

async fn read(body: Body, headers: &HeaderMap, limits: &Limits) -> Result<Bytes, Problem> {
    let too_large = || {
        let message = format!("a request has at most {} bytes", limits.body);
        Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "PAYLOAD_TOO_LARGE", message)
    };
    let length = headers.get(axum::http::header::CONTENT_LENGTH).and_then(|v| v.to_str().ok());
    if length
        .and_then(|text| text.parse::<u64>().ok())
        .is_some_and(|n| usize::try_from(n).map_or(true, |n| n > limits.body))
    {
        return Err(too_large());
    }
    let bytes = tokio::time::timeout(limits.upload, axum::body::to_bytes(body, limits.body)).await;
    match bytes {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(error)) if is_too_long(&error) => Err(too_large()),
        Ok(Err(_)) => {
            let message = "the body could not be read";
            Err(Problem::new(StatusCode::BAD_REQUEST, "BAD_REQUEST", message))
        }
        Err(_) => {
            let message = "the body did not arrive in time";
            Err(Problem::new(StatusCode::REQUEST_TIMEOUT, "TIMEOUT", message))
        }
    }
}

fn is_too_long(error: &axum::Error) -> bool {
    std::error::Error::source(error)
        .is_some_and(<dyn std::error::Error>::is::<http_body_util::LengthLimitError>)
}

/// Our own operations by name: rate, errors, latency.
fn measure(kind: OperationType, operation: &str, result: &'static str, began: Instant) {
    let kind = match kind {
        OperationType::Query => "query",
        OperationType::Mutation => "mutation",
        OperationType::Subscription => "subscription",
    };
    let operation = operation.to_owned();
    metrics::counter!(
        "herald_operations_total",
        "kind" => kind, "operation" => operation.clone(), "result" => result
    )
    .increment(1);
    metrics::histogram!("herald_operation_seconds", "kind" => kind, "operation" => operation)
        .record(began.elapsed());
}
