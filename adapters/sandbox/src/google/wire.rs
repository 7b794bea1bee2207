//! How Google describes itself and says who somebody is.

use axum::Json;
use axum::extract::State as Shared;
use axum::http::header::{CACHE_CONTROL, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::ISSUER;
use crate::identity::people::Person;
use crate::identity::{form, grants, signing};
use crate::ledger::LedgerError;
use crate::state::{Memory, State};

/// A refusal in the shape of RFC 6749.
#[derive(Debug)]
pub(crate) struct Refused {
    pub(crate) status: StatusCode,
    pub(crate) error: &'static str,
    pub(crate) description: String,
}

impl Refused {
    pub(crate) fn new(status: StatusCode, error: &'static str, text: impl Into<String>) -> Self {
        Self { status, error, description: text.into() }
    }
}

impl From<LedgerError> for Refused {
    fn from(error: LedgerError) -> Self {
        tracing::error!(%error, "the sandbox could not write an effect down, so it did not happen");
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "internal_failure", "Backend Error")
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let body = json!({ "error": self.error, "error_description": self.description });
        (self.status, Json(body)).into_response()
    }
}

/// The issuer, as tokens and discovery print it.
pub(crate) fn issuer(memory: &Memory) -> String {
    format!("{}/google", memory.public_url)
}

/// The discovery document.
pub(crate) async fn discovery(Shared(state): Shared<State>) -> Json<Value> {
    let issuer = issuer(&state.memory());
    Json(json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/o/oauth2/v2/auth"),
        "token_endpoint": format!("{issuer}/token"),
        "userinfo_endpoint": format!("{issuer}/v1/userinfo"),
        "revocation_endpoint": format!("{issuer}/revoke"),
        "jwks_uri": format!("{issuer}/oauth2/v3/certs"),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "scopes_supported": ["openid", "email", "profile"],
        "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
        "claims_supported": [
            "aud", "email", "email_verified", "exp", "family_name", "given_name", "iat", "iss",
            "name", "picture", "sub",
        ],
        "code_challenge_methods_supported": ["S256"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
    }))
}

/// The key set; it may be kept for a while, as Google's headers say.
pub(crate) async fn certs(Shared(state): Shared<State>) -> Response {
    let keys = signing::key_set(&state.memory().world.identity, ISSUER);
    ([(CACHE_CONTROL, "public, max-age=21600, must-revalidate, no-transform")], Json(keys))
        .into_response()
}

/// `GET /v1/userinfo`: who a token belongs to, as far as its scopes go.
pub(crate) async fn userinfo(Shared(state): Shared<State>, headers: HeaderMap) -> Response {
    let memory = state.memory();
    let grant = form::bearer(&headers).and_then(|token| grants::access(&memory, ISSUER, token));
    let found = grant.and_then(|grant| {
        let person = by_subject(&memory, &grant.user)?;
        Some(profile(person, &grant.scopes))
    });
    let Some(profile) = found else {
        let told = "Bearer realm=\"https://accounts.google.com/\", error=\"invalid_token\"";
        let refused =
            Refused::new(StatusCode::UNAUTHORIZED, "invalid_request", "Invalid Credentials");
        return ([(WWW_AUTHENTICATE, told)], refused).into_response();
    };
    Json(profile).into_response()
}

/// The person of a subject.
pub(crate) fn by_subject<'a>(memory: &'a Memory, subject: &str) -> Option<&'a Person> {
    memory.world.identity.people.values().find(|person| person.google_subject() == subject)
}

/// The claims about a person that these scopes show.
pub(crate) fn profile(person: &Person, scopes: &[String]) -> Value {
    let has = |short: &str| {
        scopes.iter().any(|scope| {
            scope == short || scope.strip_prefix(USERINFO).is_some_and(|rest| rest == short)
        })
    };
    let mut claims = json!({ "sub": person.google_subject() });
    let Some(members) = claims.as_object_mut() else { return claims };
    if has("email") {
        members.insert("email".to_owned(), json!(person.email));
        members.insert("email_verified".to_owned(), json!(person.email_verified));
    }
    if has("profile") {
        let picture = format!("https://lh3.googleusercontent.com/a/sandbox-{}", person.key);
        members.insert("name".to_owned(), json!(person.name()));
        members.insert("given_name".to_owned(), json!(person.given));
        members.insert("family_name".to_owned(), json!(person.family));
        members.insert("picture".to_owned(), json!(picture));
    }
    claims
}

const USERINFO: &str = "https://www.googleapis.com/auth/userinfo.";

/// Scopes as Google's token answers print them: `email` and `profile` in their long form.
pub(crate) fn long(scopes: &[String]) -> String {
    let long = |scope: &String| match scope.as_str() {
        "email" | "profile" => format!("{USERINFO}{scope}"),
        _ => scope.clone(),
    };
    scopes.iter().map(long).collect::<Vec<_>>().join(" ")
}

pub(crate) async fn no_such_path() -> Refused {
    Refused::new(StatusCode::NOT_FOUND, "not_found", "The requested URL was not found.")
}
