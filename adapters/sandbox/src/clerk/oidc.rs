//! Clerk as a provider of `OpenID` Connect to other applications.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State as Shared;
use axum::http::header::{CACHE_CONTROL, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use super::{ISSUER, wire};
use crate::clock;
use crate::identity::form::{Form, bearer};
use crate::identity::grants::{self, Unusable};
use crate::identity::signing;
use crate::identity::world::{Change, Grant};
use crate::ledger::LedgerError;
use crate::state::{Memory, State};
use crate::world;
use crate::x::{hash, oauth};

/// An access token lives a day.
const ACCESS_SECONDS: i64 = 86_400;

/// A refusal in the shape of RFC 6749.
#[derive(Debug)]
pub(crate) struct Refused(StatusCode, &'static str, String);

impl From<Unusable> for Refused {
    fn from(reason: Unusable) -> Self {
        let bad = StatusCode::BAD_REQUEST;
        match reason {
            Unusable::Missing(name) => {
                let text = format!("The request is missing the required parameter '{name}'.");
                Self(bad, "invalid_request", text)
            }
            Unusable::Stranger | Unusable::Secret => {
                let text = "Client authentication failed (e.g., unknown client, no client \
                            authentication included, or unsupported authentication method).";
                Self(StatusCode::UNAUTHORIZED, "invalid_client", text.to_owned())
            }
            Unusable::Grant | Unusable::Redirect | Unusable::Verifier => {
                let text = "The provided authorization grant or refresh token is invalid, \
                            expired, revoked, does not match the redirection URI used in the \
                            authorization request, or was issued to another client.";
                Self(bad, "invalid_grant", text.to_owned())
            }
        }
    }
}

impl From<LedgerError> for Refused {
    fn from(error: LedgerError) -> Self {
        tracing::error!(%error, "the sandbox could not write an effect down, so it did not happen");
        let status = StatusCode::SERVICE_UNAVAILABLE;
        Self(status, "temporarily_unavailable", "Please try again.".to_owned())
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let body = json!({ "error": self.1, "error_description": self.2 });
        (self.0, Json(body)).into_response()
    }
}

/// The discovery document.
pub(crate) async fn discovery(Shared(state): Shared<State>) -> Json<Value> {
    let issuer = wire::issuer(&state.memory());
    Json(json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/oauth/authorize"),
        "token_endpoint": format!("{issuer}/oauth/token"),
        "revocation_endpoint": format!("{issuer}/oauth/token/revoke"),
        "userinfo_endpoint": format!("{issuer}/oauth/userinfo"),
        "jwks_uri": format!("{issuer}/.well-known/jwks.json"),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "scopes_supported": ["openid", "profile", "email", "public_metadata", "offline_access"],
        "token_endpoint_auth_methods_supported": [
            "client_secret_basic", "client_secret_post", "none",
        ],
        "claims_supported": [
            "sub", "iss", "aud", "exp", "iat", "email", "email_verified", "name", "given_name",
            "family_name", "picture", "preferred_username", "nonce",
        ],
        "code_challenge_methods_supported": ["S256"],
    }))
}

/// The key set of session and id tokens.
pub(crate) async fn keys(Shared(state): Shared<State>) -> Response {
    let keys = signing::key_set(&state.memory().world.identity, ISSUER);
    ([(CACHE_CONTROL, "public, max-age=3600")], Json(keys)).into_response()
}

/// `POST /oauth/token`.
pub(crate) async fn token(
    Shared(state): Shared<State>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refused> {
    let form = Form::read(&body);
    let client = grants::authenticate(&state.identity().clerk_clients, &headers, &form)?;
    let mut memory = state.memory();
    let granted = match form.get("grant_type") {
        Some("authorization_code") => {
            let (code, used) = grants::redeem(&memory, ISSUER, &client, &form)?;
            let grant = Grant {
                issuer: ISSUER.to_owned(),
                client,
                user: code.user,
                scopes: code.scopes,
                family: grants::family(),
                signed_in_at: crate::clock::now(0),
                expires_at: None,
            };
            let nonce = code.nonce.as_deref();
            answer(&mut memory, &grant, ("exchange_code", vec![used.into()]), nonce)
        }
        Some("refresh_token") => {
            let token = form.get("refresh_token").ok_or(Unusable::Missing("refresh_token"))?;
            let (key, grant) = grants::refreshable(&memory, ISSUER, &client, token)?;
            let used = Change::RefreshUsed { key };
            answer(&mut memory, &grant, ("refresh_token", vec![used.into()]), None)
        }
        Some(_) => {
            let text = "The authorization grant type is not supported.".to_owned();
            Err(Refused(StatusCode::BAD_REQUEST, "unsupported_grant_type", text))
        }
        None => Err(Unusable::Missing("grant_type").into()),
    }?;
    Ok(([(CACHE_CONTROL, "no-store")], Json(granted)).into_response())
}

fn answer(
    memory: &mut Memory,
    grant: &Grant,
    (operation, mut changes): (&str, Vec<world::Change>),
    nonce: Option<&str>,
) -> Result<Value, Refused> {
    let has = |scope: &str| grant.scopes.iter().any(|given| given == scope);
    let access = format!("oat_{}", oauth::secret());
    let refresh = has("offline_access").then(oauth::secret);
    let mut members = Map::new();
    members.insert("access_token".to_owned(), json!(access));
    members.insert("token_type".to_owned(), json!("Bearer"));
    members.insert("expires_in".to_owned(), json!(ACCESS_SECONDS));
    members.insert("scope".to_owned(), json!(grant.scopes.join(" ")));
    if let Some(refresh) = &refresh {
        members.insert("refresh_token".to_owned(), json!(refresh));
    }
    if has("openid") {
        members.insert("id_token".to_owned(), json!(id_token(memory, grant, &access, nonce)));
    }
    let refresh = refresh.as_deref().map(|token| (token, None));
    changes.extend(grants::give(memory, grant, (&access, Some(ACCESS_SECONDS)), refresh));
    let facts = json!({ "user": grant.user, "client": grant.client });
    memory.happen(ISSUER, operation, facts, changes)?;
    Ok(Value::Object(members))
}

fn id_token(memory: &Memory, grant: &Grant, access: &str, nonce: Option<&str>) -> String {
    let now = clock::now(0).div_euclid(1000);
    let mut claims = claims(memory, grant);
    let standard = json!({
        "iss": wire::issuer(memory),
        "aud": grant.client,
        "azp": grant.client,
        "at_hash": grants::at_hash(access),
        "iat": now,
        "nbf": now,
        "exp": now.saturating_add(ACCESS_SECONDS),
        "jti": grants::family(),
    });
    claims.extend(standard.as_object().cloned().unwrap_or_default());
    if let Some(nonce) = nonce {
        claims.insert("nonce".to_owned(), json!(nonce));
    }
    signing::jwt(&memory.world.identity, ISSUER, &Value::Object(claims))
}

/// What the scopes show of a user.
fn claims(memory: &Memory, grant: &Grant) -> Map<String, Value> {
    let has = |scope: &str| grant.scopes.iter().any(|given| given == scope);
    let mut claims = Map::new();
    claims.insert("sub".to_owned(), json!(grant.user));
    let Some(user) = memory.world.clerk.users.get(&grant.user) else { return claims };
    if has("email")
        && let Some(email) = user.primary()
    {
        claims.insert("email".to_owned(), json!(email.address));
        claims.insert("email_verified".to_owned(), json!(email.verified));
    }
    if has("profile") {
        claims.insert("name".to_owned(), json!(user.name()));
        claims.insert("given_name".to_owned(), json!(user.first_name));
        claims.insert("family_name".to_owned(), json!(user.last_name));
        claims.insert("preferred_username".to_owned(), json!(user.username));
        claims.insert("picture".to_owned(), json!("https://img.clerk.com/sandbox"));
    }
    if has("public_metadata") {
        claims.insert("public_metadata".to_owned(), json!(user.public_metadata));
    }
    claims
}

/// `GET /oauth/userinfo`.
pub(crate) async fn userinfo(Shared(state): Shared<State>, headers: HeaderMap) -> Response {
    let memory = state.memory();
    let grant = bearer(&headers).and_then(|token| grants::access(&memory, ISSUER, token));
    let Some(grant) = grant else {
        let text = "The access token is expired, revoked or malformed.".to_owned();
        let refused = Refused(StatusCode::UNAUTHORIZED, "invalid_token", text);
        return ([(WWW_AUTHENTICATE, "Bearer error=\"invalid_token\"")], refused).into_response();
    };
    let mut claims = claims(&memory, &grant);
    claims.insert("user_id".to_owned(), json!(grant.user));
    Json(Value::Object(claims)).into_response()
}

/// `POST /oauth/token/revoke`: every token of the same sign-in ends. An unknown one is no error.
pub(crate) async fn revoke(
    Shared(state): Shared<State>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refused> {
    let form = Form::read(&body);
    let client = grants::authenticate(&state.identity().clerk_clients, &headers, &form)?;
    let key = hash(form.get("token").ok_or(Unusable::Missing("token"))?);
    let mut memory = state.memory();
    let known = &memory.world.identity;
    let found = known.access.get(&key).or_else(|| known.refresh.get(&key));
    let mine = found.filter(|grant| grant.issuer == ISSUER && grant.client == client).cloned();
    if let Some(grant) = mine {
        let facts = json!({ "user": grant.user, "client": client });
        let change = Change::FamilyEnded { family: grant.family };
        memory.happen(ISSUER, "revoke", facts, vec![change.into()])?;
    }
    Ok(Json(json!({})).into_response())
}
