//! GitHub as an identity provider: sign-in with a click, tokens, and who somebody is.

mod api;
mod token;
mod wire;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{RawQuery, State as Shared};
use axum::response::Response;
use axum::routing::{get, post};

use crate::identity::authorize::{Desk, everybody};
use crate::state::State;

pub(crate) use wire::refuse;

/// What the provider is called in faults and the ledger.
pub(crate) const ISSUER: &str = "github";

/// Every path of GitHub that the sandbox serves, to be mounted under `/github`; what lies on
/// `api.github.com` is found under `/github/api`.
pub(crate) fn router() -> Router<State> {
    Router::new()
        .route("/login/oauth/authorize", get(page).post(decide))
        .route("/login/oauth/access_token", post(token::token))
        .route("/api/user", get(api::user))
        .route("/api/user/emails", get(api::emails))
        .route("/api/user/memberships/orgs/{org}", get(api::membership))
        .route("/api/applications/{client_id}/token", axum::routing::delete(token::remove))
        .route("/api/applications/{client_id}/grant", axum::routing::delete(token::remove_grant))
        .fallback(wire::no_such_path)
}

/// Method, path, provider, operation, largest body.
pub(crate) static OPERATIONS: [(&str, &str, &str, &str, usize); 8] = [
    ("GET", "/github/login/oauth/authorize", ISSUER, "authorize", 1024),
    ("POST", "/github/login/oauth/authorize", ISSUER, "consent", 64 * 1024),
    ("POST", "/github/login/oauth/access_token", ISSUER, "token", 64 * 1024),
    ("GET", "/github/api/user", ISSUER, "user", 1024),
    ("GET", "/github/api/user/emails", ISSUER, "emails", 1024),
    ("GET", "/github/api/user/memberships/orgs/*", ISSUER, "membership", 1024),
    ("DELETE", "/github/api/applications/*/token", ISSUER, "delete_token", 64 * 1024),
    ("DELETE", "/github/api/applications/*/grant", ISSUER, "delete_grant", 64 * 1024),
];

const DESK: Desk = Desk {
    issuer: ISSUER,
    name: "GitHub",
    clients: |settings| &settings.github_clients,
    scopes: &[
        ("read:user", "See your profile"),
        ("user", "See and change your profile"),
        ("user:email", "See your e-mail addresses"),
        ("read:org", "See your organisations"),
        ("repo", "Read and change your repositories"),
    ],
    choices: |memory| everybody(memory, crate::identity::people::Person::login),
    strict: false,
    sends_back: true,
};

async fn page(Shared(state): Shared<State>, RawQuery(query): RawQuery) -> Response {
    DESK.page(&state, query.as_deref())
}

async fn decide(Shared(state): Shared<State>, RawQuery(query): RawQuery, body: Bytes) -> Response {
    DESK.decide(&state, query.as_deref(), &body)
}
