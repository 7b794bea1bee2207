//! Google as an identity provider: sign-in with a click, tokens, keys, and who somebody is.

mod token;
mod wire;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{RawQuery, State as Shared};
use axum::response::Response;
use axum::routing::{get, post};

use crate::identity::authorize::{Desk, everybody};
use crate::state::State;

/// What the provider is called in faults, the ledger and key ids.
pub(crate) const ISSUER: &str = "google";

/// Every path of Google that the sandbox serves, to be mounted under `/google`. The hosts differ
/// at Google; here they are one: `accounts`, `oauth2` and `openidconnect` share the prefix.
pub(crate) fn router() -> Router<State> {
    Router::new()
        .route("/.well-known/openid-configuration", get(wire::discovery))
        .route("/o/oauth2/v2/auth", get(page).post(decide))
        .route("/token", post(token::token))
        .route("/revoke", post(token::revoke))
        .route("/oauth2/v3/certs", get(wire::certs))
        .route("/v1/userinfo", get(wire::userinfo).post(wire::userinfo))
        .fallback(wire::no_such_path)
}

/// Method, path, provider, operation, largest body.
pub(crate) static OPERATIONS: [(&str, &str, &str, &str, usize); 8] = [
    ("GET", "/google/.well-known/openid-configuration", ISSUER, "discover", 1024),
    ("GET", "/google/o/oauth2/v2/auth", ISSUER, "authorize", 1024),
    ("POST", "/google/o/oauth2/v2/auth", ISSUER, "consent", 64 * 1024),
    ("POST", "/google/token", ISSUER, "token", 64 * 1024),
    ("POST", "/google/revoke", ISSUER, "revoke", 64 * 1024),
    ("GET", "/google/oauth2/v3/certs", ISSUER, "keys", 1024),
    ("GET", "/google/v1/userinfo", ISSUER, "userinfo", 1024),
    ("POST", "/google/v1/userinfo", ISSUER, "userinfo", 64 * 1024),
];

const DESK: Desk = Desk {
    issuer: ISSUER,
    name: "Google",
    clients: |settings| &settings.google_clients,
    scopes: &[
        ("openid", "Know who you are"),
        ("email", "See your e-mail address"),
        ("profile", "See your name and picture"),
        ("https://www.googleapis.com/auth/userinfo.email", "See your e-mail address"),
        ("https://www.googleapis.com/auth/userinfo.profile", "See your name and picture"),
    ],
    choices: |memory| everybody(memory, crate::identity::people::Person::google_subject),
    strict: true,
    sends_back: false,
};

async fn page(Shared(state): Shared<State>, RawQuery(query): RawQuery) -> Response {
    DESK.page(&state, query.as_deref())
}

async fn decide(Shared(state): Shared<State>, RawQuery(query): RawQuery, body: Bytes) -> Response {
    DESK.decide(&state, query.as_deref(), &body)
}
