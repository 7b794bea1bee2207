//! How Clerk answers: refusals with a trace id, users and sessions, and who may ask.

use axum::Json;
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::world::{Email, Session, User};
use crate::identity::{form, grants};
use crate::ledger::LedgerError;
use crate::state::{Memory, State};

/// A refusal in Clerk's own shape.
#[derive(Debug)]
pub(crate) struct Refused {
    status: StatusCode,
    code: &'static str,
    message: String,
    long: String,
    parameter: Option<&'static str>,
}

impl Refused {
    pub(crate) fn new(status: StatusCode, code: &'static str, message: &str, long: &str) -> Self {
        let (message, long) = (message.to_owned(), long.to_owned());
        Self { status, code, message, long, parameter: None }
    }

    /// One member of the body or query is wrong.
    pub(crate) fn parameter(name: &'static str, code: &'static str, long: &str) -> Self {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        Self { parameter: Some(name), ..Self::new(status, code, long, long) }
    }

    pub(crate) fn not_found(what: &str, id: &str) -> Self {
        let long = format!("No {what} was found with id {id}");
        Self::new(StatusCode::NOT_FOUND, "resource_not_found", "not found", &long)
    }

    fn unauthenticated() -> Self {
        let long = "The request is missing a valid Authorization header";
        let status = StatusCode::UNAUTHORIZED;
        Self::new(status, "authentication_invalid", "Invalid authentication", long)
    }

    fn wrong_key() -> Self {
        let long = "The provided Clerk Secret Key is invalid. Make sure that your Clerk Secret \
                    Key is correct.";
        let message = "The provided Clerk Secret Key is invalid";
        Self::new(StatusCode::UNAUTHORIZED, "clerk_key_invalid", message, long)
    }
}

impl From<LedgerError> for Refused {
    fn from(error: LedgerError) -> Self {
        tracing::error!(%error, "the sandbox could not write an effect down, so it did not happen");
        let status = StatusCode::SERVICE_UNAVAILABLE;
        Self::new(status, "internal_clerk_error", "Oops, an unexpected error occurred", "")
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let mut error = json!({
            "message": self.message,
            "long_message": self.long,
            "code": self.code,
        });
        if let (Some(name), Some(members)) = (self.parameter, error.as_object_mut()) {
            members.insert("meta".to_owned(), json!({ "param_name": name }));
        }
        let body = json!({ "errors": [error], "clerk_trace_id": grants::family() });
        (self.status, Json(body)).into_response()
    }
}

/// A refusal with any status.
pub(crate) fn refuse(status: StatusCode, message: &str) -> Response {
    let code = match status {
        StatusCode::TOO_MANY_REQUESTS => "too_many_requests",
        status if status.is_server_error() => "internal_clerk_error",
        _ => "request_invalid",
    };
    Refused::new(status, code, message, message).into_response()
}

pub(crate) async fn no_such_path() -> Refused {
    let long = "The URL was not found";
    Refused::new(StatusCode::NOT_FOUND, "resource_not_found", "not found", long)
}

/// Checks key and limit (a development instance's: 100 in ten seconds), then runs the operation.
pub(crate) fn serve(
    state: &State,
    memory: &mut Memory,
    headers: &HeaderMap,
    act: impl FnOnce(&mut Memory) -> Result<Response, Refused>,
) -> Response {
    let Some(key) = form::bearer(headers) else {
        return Refused::unauthenticated().into_response();
    };
    let keys = &state.identity().clerk_keys;
    if !keys.iter().any(|known| known.secret.as_deref() == Some(key)) {
        return Refused::wrong_key().into_response();
    }
    let rate = memory.spend_within("clerk", "clerk", 100, 10_000);
    if rate.exceeded {
        let mut response =
            refuse(StatusCode::TOO_MANY_REQUESTS, "Too many requests. Please try again in a bit.");
        let wait = rate.reset.saturating_sub(memory.now()).max(1).saturating_add(999) / 1000;
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(wait));
        return response;
    }
    act(memory).into_response()
}

/// A JSON object, as every body of the Backend API is.
pub(crate) fn object(body: &[u8]) -> Result<serde_json::Map<String, Value>, Refused> {
    if body.is_empty() {
        return Ok(serde_json::Map::new());
    }
    serde_json::from_slice(body).map_err(|_| {
        let long = "The request body must be a valid JSON object";
        let status = StatusCode::BAD_REQUEST;
        Refused::new(status, "request_body_invalid", "Request body invalid", long)
    })
}

/// The issuer, as tokens and discovery print it: the Frontend API's address.
pub(crate) fn issuer(memory: &Memory) -> String {
    format!("{}/clerk", memory.public_url)
}

/// A user as the Backend API and webhooks print one.
pub(crate) fn user(user: &User) -> Value {
    let mut shown = json!({
        "id": user.id,
        "object": "user",
        "external_id": user.external_id,
        "primary_email_address_id": user.primary_email,
        "primary_phone_number_id": null,
        "primary_web3_wallet_id": null,
        "username": user.username,
        "first_name": user.first_name,
        "last_name": user.last_name,
        "locale": null,
        "profile_image_url": "https://img.clerk.com/sandbox",
        "image_url": "https://img.clerk.com/sandbox",
        "has_image": false,
        "public_metadata": user.public_metadata,
        "private_metadata": user.private_metadata,
        "unsafe_metadata": user.unsafe_metadata,
        "email_addresses": user.emails.iter().map(|one| email(user, one)).collect::<Vec<_>>(),
        "phone_numbers": [],
        "web3_wallets": [],
        "passkeys": [],
    });
    let flags = json!({
        "password_enabled": true,
        "two_factor_enabled": false,
        "totp_enabled": false,
        "backup_code_enabled": false,
        "mfa_enabled_at": null,
        "mfa_disabled_at": null,
        "password_last_updated_at": null,
        "external_accounts": [],
        "saml_accounts": [],
        "enterprise_accounts": [],
        "organization_memberships": [],
        "last_sign_in_at": user.last_sign_in_at,
        "banned": user.banned,
        "locked": false,
        "deprovisioned": false,
        "lockout_expires_in_seconds": null,
        "verification_attempts_remaining": 100,
        "updated_at": user.updated_at,
        "created_at": user.created_at,
        "delete_self_enabled": true,
        "create_organization_enabled": true,
        "create_organizations_limit": null,
        "last_active_at": user.last_sign_in_at,
        "legal_accepted_at": null,
        "bypass_client_trust": false,
    });
    if let (Some(members), Value::Object(flags)) = (shown.as_object_mut(), flags) {
        members.extend(flags);
    }
    shown
}

fn email(user: &User, email: &Email) -> Value {
    let status = if email.verified { "verified" } else { "unverified" };
    json!({
        "id": email.id,
        "object": "email_address",
        "email_address": email.address,
        "reserved": false,
        "verification": {
            "object": "verification_otp",
            "status": status,
            "strategy": "email_code",
            "attempts": 1,
            "expire_at": user.created_at.saturating_add(600_000),
        },
        "linked_to": [],
        "matches_sso_connection": false,
        "created_at": user.created_at,
        "updated_at": user.created_at,
    })
}

/// A session as the Backend API and webhooks print one.
pub(crate) fn session(session: &Session) -> Value {
    const WEEK: i64 = 7 * 86_400_000;
    json!({
        "object": "session",
        "id": session.id,
        "user_id": session.user,
        "client_id": session.id.replacen("sess_", "client_", 1),
        "actor": null,
        "status": session.status,
        "last_active_organization_id": null,
        "last_active_at": session.updated_at,
        "expire_at": session.created_at.saturating_add(WEEK),
        "abandon_at": session.created_at.saturating_add(WEEK.saturating_mul(4)),
        "updated_at": session.updated_at,
        "created_at": session.created_at,
    })
}
