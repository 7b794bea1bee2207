//! Sessions, and the short-lived tokens that prove them.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State as Shared};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use super::wire::{self, Refused};
use super::world::{Change, Session};
use super::{ISSUER, events};
use crate::clock;
use crate::identity::{grants, signing};
use crate::state::{Memory, State};
use crate::svix;

/// How long a session token lives unless asked otherwise, in seconds.
pub(crate) const TOKEN_SECONDS: i64 = 60;

/// `GET /v1/jwks`: the key set, for those who have the secret key.
pub(crate) async fn keys(Shared(state): Shared<State>, headers: HeaderMap) -> Response {
    wire::serve(&state, &mut state.memory(), &headers, |memory| {
        Ok(Json(signing::key_set(&memory.world.identity, ISSUER)).into_response())
    })
}

/// `POST /v1/sessions`: a session without anybody signing in, for tests.
pub(crate) async fn create(
    Shared(state): Shared<State>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let mut told = Vec::new();
    let response = wire::serve(&state, &mut state.memory(), &headers, |memory| {
        let members = wire::object(&body)?;
        let user = members.get("user_id").and_then(Value::as_str).ok_or_else(|| {
            Refused::parameter("user_id", "form_param_missing", "user_id must be included.")
        })?;
        let (session, id) = open(memory, user, "active")?;
        told.push(id);
        Ok(Json(wire::session(&session)).into_response())
    });
    svix::send(&state, told);
    response
}

/// Opens a session; answers it and the message about it.
pub(crate) fn open(
    memory: &mut Memory,
    user: &str,
    status: &str,
) -> Result<(Session, String), Refused> {
    let found = memory.world.clerk.users.get(user).cloned();
    let mut owner = found.ok_or_else(|| Refused::not_found("user", user))?;
    let now = memory.now();
    owner.last_sign_in_at = Some(now);
    let session = Session {
        id: format!("sess_{}", grants::family().replace(['-', '_'], "x")),
        user: owner.id.clone(),
        status: status.to_owned(),
        created_at: now,
        updated_at: now,
    };
    let mut data = wire::session(&session);
    if let Some(members) = data.as_object_mut() {
        members.insert("user".to_owned(), wire::user(&owner));
    }
    let (id, made) = events::tell(memory, "session.created", &data);
    let facts = json!({ "user": owner.id, "session": session.id });
    let changes = vec![
        Change::SessionSaved { session: session.clone() }.into(),
        Change::UserSaved { user: Box::new(owner) }.into(),
        made,
    ];
    memory.happen(ISSUER, "create_session", facts, changes)?;
    Ok((session, id))
}

/// `GET /v1/sessions/{id}`.
pub(crate) async fn one(
    Shared(state): Shared<State>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    wire::serve(&state, &mut state.memory(), &headers, |memory| {
        Ok(Json(wire::session(&known(memory, &id)?)).into_response())
    })
}

fn known(memory: &Memory, id: &str) -> Result<Session, Refused> {
    let session = memory.world.clerk.sessions.get(id).cloned();
    session.ok_or_else(|| Refused::not_found("session", id))
}

/// `POST /v1/sessions/{id}/revoke`.
pub(crate) async fn revoke(
    Shared(state): Shared<State>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    let mut told = Vec::new();
    let response = wire::serve(&state, &mut state.memory(), &headers, |memory| {
        let mut session = known(memory, &id)?;
        "revoked".clone_into(&mut session.status);
        session.updated_at = memory.now();
        let shown = wire::session(&session);
        let (message, made) = events::tell(memory, "session.revoked", &shown);
        let facts = json!({ "user": session.user, "session": session.id });
        let changes = vec![Change::SessionSaved { session }.into(), made];
        memory.happen(ISSUER, "revoke_session", facts, changes)?;
        told.push(message);
        Ok(Json(shown).into_response())
    });
    svix::send(&state, told);
    response
}

/// `POST /v1/sessions/{id}/tokens`: a token of an active session.
pub(crate) async fn token(
    Shared(state): Shared<State>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    wire::serve(&state, &mut state.memory(), &headers, |memory| {
        let session = known(memory, &id)?;
        if session.status != "active" {
            return Err(Refused::not_found("session", &id));
        }
        let members = wire::object(&body)?;
        let seconds = match members.get("expires_in_seconds") {
            None | Some(Value::Null) => TOKEN_SECONDS,
            Some(given) => {
                let allowed = given.as_i64().filter(|seconds| (30..=315_360_000).contains(seconds));
                let long = "expires_in_seconds must be between 30 and 315360000.";
                allowed.ok_or_else(|| {
                    Refused::parameter("expires_in_seconds", "form_param_format_invalid", long)
                })?
            }
        };
        let jwt = mint(memory, &session, None, seconds, &Map::new());
        Ok(Json(json!({ "object": "token", "jwt": jwt })).into_response())
    })
}

/// A session token, version 2. Its times are the machine's: whoever verifies knows no other.
/// The claims in `more` are added or replaced; null removes one.
pub(crate) fn mint(
    memory: &Memory,
    session: &Session,
    azp: Option<&str>,
    seconds: i64,
    more: &Map<String, Value>,
) -> String {
    let now = clock::now(0).div_euclid(1000);
    let mut claims = Map::new();
    if let Some(azp) = azp {
        claims.insert("azp".to_owned(), json!(azp));
    }
    let standard = json!({
        "exp": now.saturating_add(seconds),
        "fva": [0, -1],
        "iat": now,
        "iss": wire::issuer(memory),
        "jti": grants::family(),
        "nbf": now.saturating_sub(10),
        "sid": session.id,
        "sts": if session.status == "pending" { "pending" } else { "active" },
        "sub": session.user,
        "v": 2,
    });
    claims.extend(standard.as_object().cloned().unwrap_or_default());
    for (name, value) in more {
        if value.is_null() {
            claims.remove(name);
        } else {
            claims.insert(name.clone(), value.clone());
        }
    }
    signing::jwt(&memory.world.identity, ISSUER, &Value::Object(claims))
}
