//! The control API of Clerk: users and session tokens without the secret key or a browser.

use axum::body::Bytes;
use axum::extract::State as Shared;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::wire::Refused as Said;
use super::{sessions, users, wire};
use crate::control::Refused;
use crate::state::State;
use crate::svix;

pub(crate) fn router() -> Router<State> {
    Router::new()
        .route("/_control/clerk/users", post(create))
        .route("/_control/clerk/tokens", post(token))
}

/// `POST /_control/clerk/users`: the body of `POST /v1/users`.
async fn create(Shared(state): Shared<State>, body: Bytes) -> Response {
    let mut memory = state.memory();
    let born = wire::object(&body).and_then(|members| users::born(&mut memory, &members));
    drop(memory);
    match born {
        Ok((user, message)) => {
            svix::send(&state, vec![message]);
            Json(wire::user(&user)).into_response()
        }
        Err(refused) => refused.into_response(),
    }
}

/// What kind of token is wanted.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    /// A user's id, key or address.
    user: String,
    /// An existing session; without, a new one.
    session: Option<String>,
    azp: Option<String>,
    expires_in: Option<i64>,
    /// `active` or `pending`.
    status: Option<String>,
    /// Claims to add or replace; null removes one.
    #[serde(default)]
    claims: Map<String, Value>,
}

/// `POST /_control/clerk/tokens`: a session token of any person, with any claims.
async fn token(Shared(state): Shared<State>, body: Bytes) -> Result<Response, Refused> {
    let wanted: Wanted = serde_json::from_slice(&body)?;
    let mut memory = state.memory();
    let found = memory.world.clerk.find(&wanted.user).map(|user| user.id.clone());
    let user = found.ok_or(Refused::Value("there is no such user in the sandbox"))?;
    let mut told = Vec::new();
    let session = if let Some(id) = &wanted.session {
        let session = memory.world.clerk.sessions.get(id).cloned();
        session.ok_or(Refused::Value("there is no such session in the sandbox"))?
    } else {
        let status = wanted.status.as_deref().unwrap_or("active");
        match sessions::open(&mut memory, &user, status) {
            Ok((session, message)) => {
                told.push(message);
                session
            }
            Err(refused) => return Ok(Said::into_response(refused)),
        }
    };
    let seconds = wanted.expires_in.unwrap_or(sessions::TOKEN_SECONDS);
    let jwt = sessions::mint(&memory, &session, wanted.azp.as_deref(), seconds, &wanted.claims);
    drop(memory);
    svix::send(&state, told);
    Ok(Json(json!({ "jwt": jwt, "session": session.id, "user": user })).into_response())
}
