//! `/_control/stripe`: how deliveries misbehave, secrets that change, and disputes on demand.

use axum::body::Bytes;
use axum::extract::State as Shared;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use super::deliver::Manner;
use super::disputes;
use super::json::Json as _;
use super::pages;
use super::refusal::Refusal;
use super::store::Change;
use super::work::id;
use crate::ledger::LedgerError;
use crate::state::State;
use crate::world::Change as Worldly;

pub(crate) fn control() -> Router<State> {
    Router::new()
        .route("/_control/stripe", get(describe))
        .route("/_control/stripe/deliveries", post(manner))
        .route("/_control/stripe/redeliver", post(redeliver))
        .route("/_control/stripe/rotate", post(rotate))
        .route("/_control/stripe/disputes", post(dispute))
}

#[derive(Debug, thiserror::Error)]
enum Refused {
    #[error("the body cannot be read: {0}")]
    Body(#[from] serde_json::Error),
    #[error("{0}")]
    Value(String),
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self::Value(refusal.message().to_owned())
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let (status, code) = match &self {
            Self::Body(_) => (StatusCode::BAD_REQUEST, "BODY_UNREADABLE"),
            Self::Value(_) => (StatusCode::BAD_REQUEST, "VALUE_INVALID"),
            Self::Ledger(_) => (StatusCode::SERVICE_UNAVAILABLE, "LEDGER_UNAVAILABLE"),
        };
        (status, Json(json!({ "error": { "code": code, "message": self.to_string() } })))
            .into_response()
    }
}

/// How deliveries stand, and what still waits.
async fn describe(Shared(state): Shared<State>) -> Json<Value> {
    let memory = state.memory();
    let store = &memory.world.stripe;
    let endpoints = store.all("webhook_endpoint").map(|endpoint| {
        json!({
            "id": endpoint.at("id"), "url": endpoint.at("url"), "status": endpoint.at("status"),
            "api_version": endpoint.at("api_version"),
            "secrets": endpoint.all("_secrets").len(),
        })
    });
    Json(json!({
        "deliveries": store.outbox.manner, "waiting": store.outbox.waiting(),
        "events": store.all("event").count(), "endpoints": endpoints.collect::<Vec<_>>(),
    }))
}

/// Members that are not named go back to their default, so `{}` makes deliveries behave.
async fn manner(Shared(state): Shared<State>, body: Bytes) -> Result<Json<Value>, Refused> {
    let manner: Manner = serde_json::from_slice(&body)?;
    let mut memory = state.memory();
    memory.world.stripe.outbox.manner = manner;
    Ok(Json(json!(memory.world.stripe.outbox.manner)))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Redeliver {
    event: String,
    endpoint: Option<String>,
}

/// Sends an event once more, to one endpoint or to all that want it.
async fn redeliver(Shared(state): Shared<State>, body: Bytes) -> Result<Json<Value>, Refused> {
    let Redeliver { event, endpoint } = serde_json::from_slice(&body)?;
    let mut memory = state.memory();
    let store = &memory.world.stripe;
    let kind = store.get(&event).filter(|found| found.text("object") == "event");
    let kind = kind.ok_or_else(|| Refused::Value("there is no such event".to_owned()))?;
    let endpoints = endpoint.map_or_else(|| store.listeners(kind.text("type")), |one| vec![one]);
    let wanted = endpoints.iter().map(|endpoint| {
        let (event, endpoint) = (event.clone(), endpoint.clone());
        Worldly::Stripe { stripe: Change::Wanted { event, endpoint } }
    });
    let changes = wanted.collect();
    let facts = json!({ "id": event, "endpoints": endpoints });
    memory.happen("control", "redeliver_event", facts, changes)?;
    Ok(Json(json!({ "event": event, "endpoints": endpoints })))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rotate {
    #[serde(default = "herald")]
    endpoint: String,
    secret: Option<String>,
    /// Whether the secret before still signs beside the new one.
    #[serde(default = "yes")]
    keep_old: bool,
}

fn herald() -> String {
    "we_herald".to_owned()
}

fn yes() -> bool {
    true
}

/// Gives an endpoint a new secret.
async fn rotate(Shared(state): Shared<State>, body: Bytes) -> Result<Json<Value>, Refused> {
    let Rotate { endpoint, secret, keep_old } = serde_json::from_slice(&body)?;
    let secret = secret.unwrap_or_else(|| id("whsec_", 32));
    let rotated = pages::work(&state, "rotate_secret", |work| {
        let mut object = work.find("webhook_endpoint", &endpoint, "endpoint")?;
        let mut secrets = vec![json!(secret)];
        secrets.extend(object.all("_secrets").first().filter(|_| keep_old).cloned());
        object.put("_secrets", secrets);
        work.put(&object);
        Ok(object)
    })?;
    let signing = rotated.all("_secrets").len();
    Ok(Json(json!({ "endpoint": endpoint, "secret": secret, "signing": signing })))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Disputed {
    charge: Option<String>,
    dispute: Option<String>,
    reason: Option<String>,
    won: Option<bool>,
}

/// `{"charge": "ch_…"}` opens a dispute; `{"dispute": "dp_…", "won": true}` ends it.
async fn dispute(Shared(state): Shared<State>, body: Bytes) -> Result<Json<Value>, Refused> {
    let asked: Disputed = serde_json::from_slice(&body)?;
    let dispute = pages::work(&state, "dispute", |work| {
        if let Some(own) = &asked.dispute {
            let dispute = work.find("dispute", own, "dispute")?;
            return Ok(disputes::close(work, dispute, asked.won.unwrap_or_default()));
        }
        let own = asked.charge.as_deref().ok_or_else(|| Refusal::missing("charge"))?;
        let charge = work.find("charge", own, "charge")?;
        if !charge.flag("paid") || charge.flag("disputed") {
            return Err(Refusal::invalid("this charge cannot be disputed"));
        }
        Ok(disputes::open(work, charge, asked.reason.as_deref().unwrap_or("fraudulent")))
    })?;
    Ok(Json(dispute))
}
