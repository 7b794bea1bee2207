//! Id and access tokens, and the keys that prove them.

use axum::Json;
use axum::extract::{Path, State as Shared};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use super::ISSUER;
use super::sign_up::new_sub;
use super::wire::{self, Refused};
use super::world::User;
use crate::clock;
use crate::identity::grants;
use crate::identity::signing;
use crate::identity::world::Grant;
use crate::state::{Memory, State};
use crate::world;
use crate::x::oauth;

/// Id and access tokens live an hour, refresh tokens thirty days.
const ACCESS_SECONDS: i64 = 3_600;
const REFRESH_SECONDS: i64 = 30 * 86_400;

/// A refresh token, opaque to everybody but Cognito.
pub(crate) fn new_refresh() -> String {
    format!("eyJjdHkiOiJKV1QifQ.{}", oauth::secret())
}

/// Issues tokens for a grant; a refresh token only where one is given.
pub(crate) fn issue(
    memory: &mut Memory,
    user: &User,
    grant: &Grant,
    refresh: Option<&str>,
    (operation, mut changes): (&str, Vec<world::Change>),
) -> Result<Value, Refused> {
    let event = new_sub();
    let access = access_token(memory, grant, &event);
    let mut result = json!({
        "AccessToken": access,
        "IdToken": id_token(memory, user, grant, &event),
        "ExpiresIn": ACCESS_SECONDS,
        "TokenType": "Bearer",
    });
    if let (Some(refresh), Some(members)) = (refresh, result.as_object_mut()) {
        members.insert("RefreshToken".to_owned(), json!(refresh));
    }
    let refresh = refresh.map(|token| (token, Some(REFRESH_SECONDS)));
    changes.extend(grants::give(memory, grant, (&access, Some(ACCESS_SECONDS)), refresh));
    let facts = json!({ "user": grant.user, "client": grant.client });
    memory.happen(ISSUER, operation, facts, changes)?;
    Ok(json!({ "AuthenticationResult": result, "ChallengeParameters": {} }))
}

fn issuer_of(memory: &Memory) -> String {
    format!("{}/cognito/{}", memory.public_url, memory.cognito_pool)
}

/// The claims of both kinds. Times are the machine's: whoever verifies knows no other.
fn common(memory: &Memory, grant: &Grant, event: &str) -> Map<String, Value> {
    let now = clock::now(0).div_euclid(1000);
    let claims = json!({
        "sub": grant.user,
        "iss": issuer_of(memory),
        "origin_jti": grant.family,
        "event_id": event,
        "auth_time": grant.signed_in_at.div_euclid(1000),
        "iat": now,
        "exp": now.saturating_add(ACCESS_SECONDS),
        "jti": new_sub(),
    });
    claims.as_object().cloned().unwrap_or_default()
}

/// An access token names the client in `client_id` and carries no attribute.
fn access_token(memory: &Memory, grant: &Grant, event: &str) -> String {
    let mut claims = common(memory, grant, event);
    claims.insert("token_use".to_owned(), json!("access"));
    claims.insert("client_id".to_owned(), json!(grant.client));
    claims.insert("scope".to_owned(), json!(grant.scopes.join(" ")));
    claims.insert("username".to_owned(), json!(grant.user));
    signing::jwt(&memory.world.identity, ISSUER, &Value::Object(claims))
}

/// An id token names the client in `aud` and carries the attributes.
fn id_token(memory: &Memory, user: &User, grant: &Grant, event: &str) -> String {
    let mut claims = common(memory, grant, event);
    claims.insert("token_use".to_owned(), json!("id"));
    claims.insert("aud".to_owned(), json!(grant.client));
    claims.insert("cognito:username".to_owned(), json!(user.sub));
    for (name, value) in &user.attributes {
        let value = if name.ends_with("_verified") { json!(value == "true") } else { json!(value) };
        claims.insert(name.clone(), value);
    }
    signing::jwt(&memory.world.identity, ISSUER, &Value::Object(claims))
}

fn no_such_pool() -> Response {
    wire::refuse(StatusCode::BAD_REQUEST, "User pool does not exist.")
}

/// `GET /{pool}/.well-known/jwks.json`.
pub(crate) async fn keys(Shared(state): Shared<State>, Path(pool): Path<String>) -> Response {
    if pool != state.identity().cognito_pool {
        return no_such_pool();
    }
    Json(signing::key_set(&state.memory().world.identity, ISSUER)).into_response()
}

/// `GET /{pool}/.well-known/openid-configuration`.
pub(crate) async fn discovery(Shared(state): Shared<State>, Path(pool): Path<String>) -> Response {
    if pool != state.identity().cognito_pool {
        return no_such_pool();
    }
    let issuer = issuer_of(&state.memory());
    Json(json!({
        "issuer": issuer,
        "jwks_uri": format!("{issuer}/.well-known/jwks.json"),
        "id_token_signing_alg_values_supported": ["RS256"],
        "response_types_supported": ["code", "token"],
        "scopes_supported": ["openid", "email", "phone", "profile"],
        "subject_types_supported": ["public"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
    }))
    .into_response()
}
