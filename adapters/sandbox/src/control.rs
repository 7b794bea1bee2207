//! The control API: faults, chaos, the clock, revocations, and the ledger to read.

use axum::body::Bytes;
use axum::extract::{RawQuery, State as Shared};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};
use url::form_urlencoded;

use crate::clock;
use crate::faults::{Chaos, Rule};
use crate::kinds::Kind;
use crate::ledger::{Entry, LedgerError};
use crate::operations;
use crate::state::State;
use crate::world::Vocabulary;

pub(crate) fn router() -> Router<State> {
    Router::new()
        .route("/_control", get(describe))
        .route("/_control/faults", post(add_fault).get(describe).delete(clear_faults))
        .route("/_control/chaos", post(unleash).delete(calm))
        .route("/_control/clock", post(advance))
        .route("/_control/revoke", post(revoke))
        .route("/_control/settings", post(change_settings))
        .route("/_control/reset", post(reset))
        .route("/_ledger", get(ledger))
}

/// What the control API refuses.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refused {
    #[error("the body cannot be read: {0}")]
    Body(#[from] serde_json::Error),
    #[error("{0}")]
    Value(&'static str),
    #[error(transparent)]
    Ledger(#[from] LedgerError),
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

/// `GET /_control`: how things stand, and what can be asked for.
async fn describe(Shared(state): Shared<State>) -> Json<Value> {
    let (rules, chaos) = {
        let faults = state.faults();
        (json!(faults.rules()), json!(faults.chaos()))
    };
    let memory = state.memory();
    Json(json!({
        "sandbox": true,
        "clock": {
            "now": clock::print(memory.now()), "offset_seconds": memory.world.offset / 1000
        },
        "handles": State::handles(),
        "posts": memory.world.posts.len(),
        "effects": memory.entries().len(),
        "settings": { "vocabulary": memory.vocabulary, "rate_limits": memory.rate_limits },
        "faults": rules,
        "chaos": chaos,
        "operations": operations::names().collect::<Vec<_>>(),
        "kinds": [
            "delay", "status", "cut", "hang", "garbage", "rate_limited", "lag", "revoked",
            "oversized", "slow_drip",
        ],
    }))
}

async fn add_fault(Shared(state): Shared<State>, body: Bytes) -> Result<Json<Value>, Refused> {
    let rule: Rule = serde_json::from_slice(&body)?;
    if rule.probability.is_some_and(|odds| !(0.0..=1.0).contains(&odds)) {
        return Err(Refused::Value("`probability` must be between 0 and 1"));
    }
    let nobody = rule.operation != "*"
        && !operations::names().any(|name| name.ends_with(&format!(".{}", rule.operation)));
    if nobody {
        return Err(Refused::Value("`operation` is none of those that GET /_control lists"));
    }
    Ok(Json(json!({ "number": state.faults().add(rule) })))
}

async fn clear_faults(Shared(state): Shared<State>) -> Json<Value> {
    state.clear_faults();
    Json(json!({ "faults": [] }))
}

async fn calm(Shared(state): Shared<State>) -> Json<Value> {
    state.faults().calm();
    Json(json!({ "chaos": null }))
}

/// Chaos as it is written: a kind is a whole fault or, with defaults, its bare name.
#[derive(Debug, Deserialize)]
struct Unleashed {
    #[serde(default)]
    seed: u64,
    rate: f64,
    kinds: Vec<Value>,
    #[serde(default)]
    operations: Vec<String>,
}

async fn unleash(Shared(state): Shared<State>, body: Bytes) -> Result<Json<Value>, Refused> {
    let Unleashed { seed, rate, kinds, operations } = serde_json::from_slice(&body)?;
    if !(0.0..=1.0).contains(&rate) {
        return Err(Refused::Value("`rate` must be between 0 and 1"));
    }
    let kinds = kinds
        .into_iter()
        .map(|kind| if kind.is_string() { json!({ "kind": kind }) } else { kind })
        .map(serde_json::from_value)
        .collect::<Result<Vec<Kind>, _>>()?;
    let chaos = Chaos { seed, rate, kinds, operations };
    state.faults().unleash(chaos.clone());
    Ok(Json(json!(chaos)))
}

#[derive(Debug, Deserialize)]
struct Advance {
    advance_seconds: i64,
}

async fn advance(Shared(state): Shared<State>, body: Bytes) -> Result<Json<Value>, Refused> {
    let Advance { advance_seconds } = serde_json::from_slice(&body)?;
    if !(0..=10 * 365 * 86_400).contains(&advance_seconds) {
        return Err(Refused::Value("`advance_seconds` must be between 0 and ten years"));
    }
    state.advance_clock(advance_seconds)?;
    Ok(Json(json!({ "now": clock::print(state.memory().now()) })))
}

#[derive(Debug, Deserialize)]
struct Revoke {
    handle: String,
}

async fn revoke(Shared(state): Shared<State>, body: Bytes) -> Result<Json<Value>, Refused> {
    let Revoke { handle } = serde_json::from_slice(&body)?;
    if state.revoke(handle.trim_start_matches('@'))? {
        return Ok(Json(json!({ "revoked": handle })));
    }
    Err(Refused::Value("there is no such handle in the sandbox"))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Changed {
    vocabulary: Option<Vocabulary>,
    rate_limits: Option<bool>,
}

async fn change_settings(
    Shared(state): Shared<State>,
    body: Bytes,
) -> Result<Json<Value>, Refused> {
    let Changed { vocabulary, rate_limits } = serde_json::from_slice(&body)?;
    let mut memory = state.memory();
    memory.vocabulary = vocabulary.unwrap_or(memory.vocabulary);
    memory.rate_limits = rate_limits.unwrap_or(memory.rate_limits);
    Ok(Json(json!({ "vocabulary": memory.vocabulary, "rate_limits": memory.rate_limits })))
}

async fn reset(Shared(state): Shared<State>) -> Result<Json<Value>, Refused> {
    state.reset()?;
    Ok(Json(json!({ "reset": true })))
}

/// `GET /_ledger?after=…&provider=…&operation=…`: every effect, oldest first.
async fn ledger(Shared(state): Shared<State>, RawQuery(query): RawQuery) -> Json<Value> {
    let query: Vec<(String, String)> =
        form_urlencoded::parse(query.unwrap_or_default().as_bytes()).into_owned().collect();
    let asked =
        |name: &str| query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    let after = asked("after").and_then(|text| text.parse().ok()).unwrap_or(0_u64);
    let wanted = |entry: &&Entry| {
        entry.seq > after
            && asked("provider").is_none_or(|provider| entry.provider == provider)
            && asked("operation").is_none_or(|operation| entry.operation == operation)
    };
    let memory = state.memory();
    let entries: Vec<&Entry> = memory.entries().iter().filter(wanted).collect();
    Json(json!({ "entries": entries, "count": entries.len() }))
}
