//! Cognito: a user pool with passwords, codes by mail, second factors, and signed administration.

mod admin;
mod attributes;
mod auth;
mod call;
mod challenge;
mod control;
mod passwords;
mod sign_up;
mod sigv4;
mod tokens;
mod wire;
pub(crate) mod world;

use axum::Router;
use axum::http::HeaderMap;
use axum::routing::{get, post};

use crate::operations::Operation;
use crate::state::State;
use crate::x::oauth::Client;

pub(crate) use wire::refuse;

/// What the provider is called in faults, the ledger and key ids.
pub(crate) const ISSUER: &str = "cognito";

/// An app client of a user pool.
#[derive(Debug, Clone)]
pub struct AppClient {
    /// Id and secret.
    pub client: Client,
    /// Whether each refresh brings a new refresh token and ends the one before.
    pub rotates: bool,
}

/// Every path of Cognito that the sandbox serves, and the control API.
pub(crate) fn router() -> Router<State> {
    Router::new()
        .route("/cognito", post(call::call))
        .route("/cognito/", post(call::call))
        .route("/cognito/{pool}/.well-known/jwks.json", get(tokens::keys))
        .route("/cognito/{pool}/.well-known/openid-configuration", get(tokens::discovery))
        .route("/_control/cognito/codes", get(control::codes))
        .route("/_control/cognito/mailbox", get(control::mailbox))
        .route("/_control/cognito/factor", post(control::factor))
        .route("/_control/cognito/temporary", post(control::temporary))
}

/// The operation of a request, which Cognito reads from a header.
pub(crate) fn operation(path: &str, headers: &HeaderMap) -> Option<Operation> {
    let known = |name: &'static str| Operation { provider: ISSUER, name, body: 256 * 1024 };
    match path {
        "/cognito" | "/cognito/" => {
            let target = call::target(headers)?;
            call::NAMES.iter().find(|name| **name == target).map(|name| known(name))
        }
        _ if path.starts_with("/cognito/") && path.ends_with("/jwks.json") => Some(known("keys")),
        _ => None,
    }
}

/// Every operation's name, for the control API's own description.
pub(crate) fn names() -> impl Iterator<Item = String> {
    call::NAMES.iter().chain(&["keys"]).map(|name| format!("{ISSUER}.{name}"))
}
