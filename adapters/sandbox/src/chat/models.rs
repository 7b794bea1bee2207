//! What can be asked for: the models, and what a key may still spend.

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State as Shared};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::wire::{self, House};
use crate::state::State;

/// Model, context length, and the price of a million tokens in and out, in US cents.
const MODELS: [(&str, u32, u32, u32); 7] = [
    ("openai/gpt-6-luna", 400_000, 25, 200),
    ("openai/gpt-5-mini", 400_000, 25, 200),
    ("openai/gpt-4o", 128_000, 250, 1_000),
    ("openai/gpt-4o-mini", 128_000, 15, 60),
    ("anthropic/claude-sonnet-4.5", 200_000, 300, 1_500),
    ("google/gemini-2.5-flash", 1_048_576, 30, 250),
    ("meta-llama/llama-3.3-70b-instruct", 131_072, 13, 38),
];

/// Models that OpenAI has switched off.
const GONE: [&str; 4] = ["gpt-4-turbo", "gpt-3.5-turbo", "gpt-4-turbo-preview", "gpt-4-32k"];

/// Prices of a million tokens in and out, in US cents; an unlisted model costs what the first does.
pub(crate) fn price(model: &str) -> (u32, u32) {
    let listed = MODELS
        .iter()
        .find(|(id, ..)| *id == model || id.split_once('/').is_some_and(|(_, slug)| slug == model));
    listed.map_or((25, 200), |(_, _, prompt, completion)| (*prompt, *completion))
}

/// Whether OpenAI still serves a model.
pub(crate) fn gone(model: &str) -> bool {
    GONE.contains(&model)
}

/// Models that refuse `max_tokens` and want `max_completion_tokens`.
pub(crate) fn reasons(model: &str) -> bool {
    ["o1", "o3", "o4", "gpt-5", "gpt-6"].iter().any(|family| model.starts_with(family))
}

/// OpenRouter's `GET /models`, which needs no key.
pub(crate) async fn openrouter() -> Json<Value> {
    let per_token = |cents: u32| format!("{:.10}", f64::from(cents) / 100_000_000.0);
    let data: Vec<Value> = MODELS
        .iter()
        .map(|(id, context, prompt, completion)| {
            json!({
                "id": id,
                "canonical_slug": id,
                "name": id,
                "created": 1_754_000_000,
                "description": "A sandbox stand-in. It writes from templates.",
                "context_length": context,
                "architecture": {
                    "modality": "text->text",
                    "input_modalities": ["text"],
                    "output_modalities": ["text"],
                    "tokenizer": "Other",
                    "instruct_type": null,
                },
                "pricing": { "prompt": per_token(*prompt), "completion": per_token(*completion) },
                "top_provider": {
                    "context_length": context,
                    "max_completion_tokens": 16_384,
                    "is_moderated": false,
                },
                "per_request_limits": null,
                "supported_parameters": ["max_tokens", "temperature", "response_format"],
                "default_parameters": null,
                "supported_voices": null,
                "links": { "details": format!("/api/v1/models/{id}/endpoints") },
            })
        })
        .collect();
    let count = data.len();
    Json(json!({ "data": data, "total_count": count, "links": { "next": null } }))
}

/// OpenAI's `GET /models`.
pub(crate) async fn openai(headers: HeaderMap) -> Response {
    if let Err(refused) = wire::key(House::OpenAi, &headers) {
        return *refused;
    }
    let data: Vec<Value> = own_models().map(model).collect();
    Json(json!({ "object": "list", "data": data })).into_response()
}

/// OpenAI's `GET /models/{id}`.
pub(crate) async fn one(headers: HeaderMap, id: Result<Path<String>, PathRejection>) -> Response {
    let id = id.map(|Path(id)| id).unwrap_or_default();
    if let Err(refused) = wire::key(House::OpenAi, &headers) {
        return *refused;
    }
    if let Some(slug) = own_models().find(|slug| *slug == id) {
        return Json(model(slug)).into_response();
    }
    let message = format!("The model '{id}' does not exist");
    wire::refuse_parameter(House::OpenAi, StatusCode::NOT_FOUND, &message, Some("model"))
}

fn own_models() -> impl Iterator<Item = &'static str> {
    MODELS.iter().filter_map(|(id, ..)| id.strip_prefix("openai/"))
}

fn model(slug: &str) -> Value {
    json!({
        "id": slug, "object": "model", "created": 1_754_000_000, "owned_by": "openai",
        "shutdown_date": null,
    })
}

/// OpenRouter's `GET /key`: a limit of a hundred dollars, and what was spent of it.
pub(crate) async fn key(Shared(state): Shared<State>, headers: HeaderMap) -> Response {
    let key = match wire::key(House::OpenRouter, &headers) {
        Ok(key) => key,
        Err(refused) => return *refused,
    };
    let start: String = key.chars().take(10).collect();
    let spent = dollars(state.memory().world.spent_nano_usd);
    let data = json!({
        "label": format!("{start}..."),
        "limit": 100,
        "limit_remaining": 100.0 - spent,
        "limit_reset": null,
        "usage": spent,
        "usage_daily": spent,
        "usage_weekly": spent,
        "usage_monthly": spent,
        "byok_usage": 0,
        "byok_usage_daily": 0,
        "byok_usage_weekly": 0,
        "byok_usage_monthly": 0,
        "include_byok_in_limit": false,
        "is_free_tier": false,
        "is_management_key": false,
        "is_provisioning_key": false,
        "creator_user_id": null,
        "expires_at": null,
        "rate_limit": {
            "requests": -1,
            "interval": "10s",
            "note": "This field is deprecated and safe to ignore.",
        },
    });
    Json(json!({ "data": data })).into_response()
}

/// OpenRouter's `GET /credits`.
pub(crate) async fn credits(Shared(state): Shared<State>, headers: HeaderMap) -> Response {
    if let Err(refused) = wire::key(House::OpenRouter, &headers) {
        return *refused;
    }
    let spent = dollars(state.memory().world.spent_nano_usd);
    Json(json!({ "data": { "total_credits": 100, "total_usage": spent } })).into_response()
}

/// Nano-dollars as the dollars that both houses print; beyond four dollars a step is a micro.
pub(crate) fn dollars(nano_usd: u64) -> f64 {
    let exact = u32::try_from(nano_usd).map(|nano| f64::from(nano) / 1e9);
    exact.unwrap_or_else(|_| f64::from(u32::try_from(nano_usd / 1000).unwrap_or(u32::MAX)) / 1e6)
}
