//! How the two houses answer: the same completions, different refusals.

use axum::Json;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::x;

/// Who is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum House {
    /// `openrouter.ai`.
    OpenRouter,
    /// `api.openai.com`.
    OpenAi,
}

impl House {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::OpenRouter => "openrouter",
            Self::OpenAi => "openai",
        }
    }
}

/// A refusal in the house's own shape.
pub(crate) fn refuse(house: House, status: StatusCode, message: &str) -> Response {
    refuse_parameter(house, status, message, None)
}

/// A refusal that names the parameter, where the house has a place for it.
pub(crate) fn refuse_parameter(
    house: House,
    status: StatusCode,
    message: &str,
    parameter: Option<&str>,
) -> Response {
    let body = match house {
        House::OpenRouter => json!({ "error": { "code": status.as_u16(), "message": message } }),
        House::OpenAi => json!({ "error": {
            "message": message,
            "type": kind(status),
            "param": parameter,
            "code": code(status),
        } }),
    };
    (status, Json(body)).into_response()
}

fn kind(status: StatusCode) -> &'static str {
    match status.as_u16() {
        429 => "rate_limit_error",
        500.. => "server_error",
        _ => "invalid_request_error",
    }
}

fn code(status: StatusCode) -> Option<&'static str> {
    match status.as_u16() {
        401 => Some("invalid_api_key"),
        404 => Some("model_not_found"),
        429 => Some("rate_limit_exceeded"),
        _ => None,
    }
}

/// The key that a request carries, or the house's refusal.
pub(crate) fn key(house: House, headers: &HeaderMap) -> Result<&str, Box<Response>> {
    let message = match house {
        House::OpenRouter => "Missing Authentication header",
        House::OpenAi => "You didn't provide an API key.",
    };
    x::bearer(headers).ok_or_else(|| Box::new(refuse(house, StatusCode::UNAUTHORIZED, message)))
}

pub(crate) async fn openrouter_path() -> Response {
    refuse(House::OpenRouter, StatusCode::NOT_FOUND, "Not Found")
}

pub(crate) async fn openrouter_method() -> Response {
    refuse(House::OpenRouter, StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed")
}

pub(crate) async fn openai_path() -> Response {
    refuse(House::OpenAi, StatusCode::NOT_FOUND, "Invalid URL")
}

pub(crate) async fn openai_method() -> Response {
    refuse(House::OpenAi, StatusCode::METHOD_NOT_ALLOWED, "Not allowed to use this method here")
}
