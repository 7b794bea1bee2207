//! How Resend answers: refusals by name, limits per second, and who may ask.

use axum::Json;
use axum::http::header::{AUTHORIZATION, RETRY_AFTER, USER_AGENT};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::identity::form;
use crate::ledger::LedgerError;
use crate::state::{Memory, Rate, State};

/// A refusal in Resend's own shape.
#[derive(Debug)]
pub(crate) struct Refused {
    status: u16,
    name: &'static str,
    message: String,
}

impl Refused {
    pub(crate) fn new(status: u16, name: &'static str, message: impl Into<String>) -> Self {
        Self { status, name, message: message.into() }
    }

    /// One member of the body is wrong.
    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new(422, "validation_error", message)
    }

    pub(crate) fn missing(name: &str) -> Self {
        Self::new(422, "missing_required_field", format!("Missing `{name}` field."))
    }
}

impl From<LedgerError> for Refused {
    fn from(error: LedgerError) -> Self {
        tracing::error!(%error, "the sandbox could not write an effect down, so it did not happen");
        Self::new(500, "internal_server_error", "An unexpected error occurred.")
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::BAD_REQUEST);
        let body = json!({ "statusCode": self.status, "name": self.name, "message": self.message });
        (status, Json(body)).into_response()
    }
}

/// A refusal with any status.
pub(crate) fn refuse(status: StatusCode, message: &str) -> Response {
    let name = match status {
        StatusCode::TOO_MANY_REQUESTS => "rate_limit_exceeded",
        StatusCode::NOT_FOUND => "not_found",
        status if status.is_server_error() => "application_error",
        _ => "validation_error",
    };
    Refused::new(status.as_u16(), name, message).into_response()
}

pub(crate) async fn no_such_path() -> Refused {
    Refused::new(404, "not_found", "The requested endpoint does not exist.")
}

pub(crate) async fn no_such_method() -> Refused {
    Refused::new(405, "method_not_allowed", "This endpoint does not support the specified method.")
}

/// A quota that is used up because a test says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Quota {
    Daily,
    Monthly,
}

impl Quota {
    fn refusal(self) -> Refused {
        match self {
            Self::Daily => Refused::new(
                429,
                "daily_quota_exceeded",
                "You have reached your daily email sending quota.",
            ),
            Self::Monthly => Refused::new(
                429,
                "monthly_quota_exceeded",
                "You have reached your monthly email sending quota.",
            ),
        }
    }
}

/// Whether a request only sends; a sending key may do nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    Sending,
    Full,
}

/// Checks agent, key, limit and quota, runs the operation, adds the limit's headers.
pub(crate) fn serve(
    state: &State,
    memory: &mut Memory,
    headers: &HeaderMap,
    need: Need,
    act: impl FnOnce(&mut Memory) -> Result<Response, Refused>,
) -> Response {
    if form::header(headers, USER_AGENT.as_str()).is_none_or(str::is_empty) {
        // What stands before Resend turns such requests away.
        return (StatusCode::FORBIDDEN, "error code: 1010").into_response();
    }
    let Some(key) = form::bearer(headers) else {
        let text = if headers.contains_key(AUTHORIZATION) {
            "The authorization header must be a bearer token."
        } else {
            "Missing API Key"
        };
        return Refused::new(401, "missing_api_key", text).into_response();
    };
    let settings = state.resend();
    let known = settings.keys.iter().find(|known| known.secret.as_deref() == Some(key));
    let Some(known) = known else {
        return Refused::new(403, "invalid_api_key", "API key is invalid").into_response();
    };
    if need == Need::Full && known.id == "sending" {
        let text = "This API key is restricted to only send emails";
        return Refused::new(401, "restricted_api_key", text).into_response();
    }
    let rate = memory.spend_within("resend", "resend", settings.per_second, 1000);
    let now = memory.now();
    let quota = memory.resend_quota.filter(|_| need == Need::Sending);
    let mut response = match quota {
        _ if rate.exceeded => {
            let per = settings.per_second;
            let text = format!(
                "Too many requests. You can only make {per} requests per second. See rate limit \
                 response headers for more information. Or contact support to increase rate limit."
            );
            Refused::new(429, "rate_limit_exceeded", text).into_response()
        }
        Some(quota) => quota.refusal().into_response(),
        None => act(memory).into_response(),
    };
    limit_headers(&mut response, rate, now);
    response
}

fn limit_headers(response: &mut Response, rate: Rate, now: i64) {
    let wait = rate.reset.saturating_sub(now).max(1).saturating_add(999) / 1000;
    let headers = response.headers_mut();
    headers.insert("ratelimit-limit", HeaderValue::from(rate.limit));
    headers.insert("ratelimit-remaining", HeaderValue::from(rate.remaining));
    headers.insert("ratelimit-reset", HeaderValue::from(wait));
    if rate.exceeded {
        headers.insert(RETRY_AFTER, HeaderValue::from(wait));
    }
}
