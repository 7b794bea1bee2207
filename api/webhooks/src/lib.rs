//! Where providers call us: checked, kept, and only then answered.
//!
//! **Invariant:** an answer of 200 means that the call is on disk. What it leads to comes later.
//! **Invariant:** whoever guesses learns nothing: an unknown provider and a wrong signature are
//! answered alike.
//! **Invariant:** of a call from outside a provider's networks not a byte of the body is looked at.

mod answer;
mod body;

use answer::Answer;
use axum::{
    Router,
    extract::{Path, Request, State},
    response::{IntoResponse as _, Response},
    routing::post,
};
use herald_application::{
    desk::Desk,
    inbox::{NotTaken, take_in},
    ports::{InboxReception, WebhookHeaders},
};
use herald_door::Source;
use ipnet::IpNet;
use std::{collections::BTreeMap, sync::Arc, time::Instant};

/// What the routes work with.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "a bundle of ports has nothing to print")]
pub struct Webhooks {
    /// Where calls are kept. Its sources say who may call.
    pub desk: Arc<Desk>,
    /// Networks from which a provider calls, by its name. A provider that is not named here may call
    /// from anywhere; one that is named may not call from elsewhere, whatever it signed.
    pub networks: BTreeMap<String, Vec<IpNet>>,
}

/// The routes `/webhooks/{provider}` and `/api/webhooks/{provider}`: one handler, POST only.
pub fn router(webhooks: Webhooks) -> Router {
    Router::new()
        .route("/webhooks/{provider}", post(take))
        .route("/api/webhooks/{provider}", post(take))
        .with_state(webhooks)
}

async fn take(
    State(webhooks): State<Webhooks>,
    Path(provider): Path<String>,
    request: Request,
) -> Response {
    let started = Instant::now();
    let answer = taken(&webhooks, &provider, request).await;
    // Only names that we gave ourselves become labels.
    let known = webhooks.desk.sources.get(&provider).is_some();
    let source = if known { provider } else { "unknown".to_owned() };
    let outcome = answer.outcome;
    tracing::debug!(source, outcome, "a webhook was answered");
    metrics::counter!("herald_webhooks_total", "source" => source.clone(), "outcome" => outcome)
        .increment(1);
    metrics::histogram!("herald_webhook_seconds", "source" => source)
        .record(started.elapsed().as_secs_f64());
    answer.into_response()
}

async fn taken(webhooks: &Webhooks, provider: &str, request: Request) -> Answer {
    let (parts, body) = request.into_parts();
    if let Some(networks) = webhooks.networks.get(provider) {
        // An address that cannot be told lies in no network.
        let source = parts.extensions.get::<Source>();
        if !source.is_some_and(|Source(ip)| networks.iter().any(|net| net.contains(ip))) {
            return Answer::from_elsewhere();
        }
    }
    // The size comes before the rest: nobody makes us hash what nobody would send.
    let body = match body::read(&parts.headers, body).await {
        Ok(body) => body,
        Err(unread) => return Answer::unread(unread),
    };
    let headers = parts.headers.iter().filter_map(|(name, value)| {
        Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
    });
    let headers = WebhookHeaders::new(headers);
    match take_in(&webhooks.desk, provider, &headers, body).await {
        Ok(InboxReception::Stored) => Answer::taken("stored"),
        Ok(InboxReception::Duplicate) => Answer::taken("duplicate"),
        Err(NotTaken::Unavailable(error)) => {
            tracing::error!(provider, %error, "a webhook could not be kept");
            Answer::away()
        }
        Err(refused @ (NotTaken::UnknownSource | NotTaken::Refused(_))) => {
            Answer::refused(refused.code())
        }
    }
}
