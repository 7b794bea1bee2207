//! Results as a stream of events over one HTTP answer.
//!
//! Each result is an event `next`; the event `complete` says that no more will come.

use crate::http::{Endpoint, Prepared, Written};
use async_graphql::{Executor, parser::types::OperationType};
use axum::{
    body::Body,
    http::{HeaderValue, Response, header::CACHE_CONTROL},
    response::{
        IntoResponse as _,
        sse::{Event, KeepAlive, Sse},
    },
};
use futures::{Stream, StreamExt as _, stream};
use herald_door::{Door, RequestId};
use std::{convert::Infallible, sync::Arc};
use tokio::sync::watch;

/// How often a silent stream says that it is still there, so that proxies keep it open.
const KEEP_ALIVE: std::time::Duration = std::time::Duration::from_secs(15);

pub(crate) fn stream<E: Executor, D: Door>(
    endpoint: &Arc<Endpoint<E, D>>,
    prepared: Prepared,
    id: RequestId,
) -> Response<Body> {
    let results = results(Arc::clone(endpoint), prepared, id);
    let events = results
        .map(|written| event("next", serde_json::to_string(&written).unwrap_or_default()))
        .take_until(closed(endpoint.closing.clone()))
        .chain(stream::once(async { event("complete", String::new()) }))
        .map(Ok::<_, Infallible>);
    let mut response =
        Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)).into_response();
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // Proxies that collect an answer before they pass it on would hold events back.
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    response
}

/// The results of an operation, one after the other: of a query or a mutation exactly one.
pub(crate) fn results<E: Executor, D: Door>(
    endpoint: Arc<Endpoint<E, D>>,
    prepared: Prepared,
    id: RequestId,
) -> impl Stream<Item = Written> + Send + 'static {
    let most_errors = endpoint.limits.errors;
    if prepared.kind == OperationType::Subscription {
        let Prepared { request, run, .. } = prepared;
        let outcomes = endpoint.executor.execute_stream(request, None);
        outcomes.map(move |one| Written::outcome(one, &run, id, most_errors)).left_stream()
    } else {
        let one = async move {
            match endpoint.execute(prepared, id).await {
                Ok(written) => written,
                Err(problem) => {
                    Written::refusal(vec![crate::limits::coded(problem.message, problem.code)])
                }
            }
        };
        stream::once(one).right_stream()
    }
}

/// Ends when the server stops.
pub(crate) async fn closed(mut closing: watch::Receiver<bool>) {
    // Who could say so is gone: then nobody will.
    if closing.wait_for(|closing| *closing).await.is_err() {
        std::future::pending::<()>().await;
    }
}

fn event(name: &str, data: String) -> Event {
    Event::default().event(name).data(data)
}
