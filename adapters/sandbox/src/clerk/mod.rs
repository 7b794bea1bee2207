//! Clerk: an issuer of sessions, a provider of `OpenID` Connect, and a directory of users.

mod control;
mod events;
mod oidc;
mod sessions;
mod sign_in;
mod users;
mod wire;
pub(crate) mod world;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{RawQuery, State as Shared};
use axum::response::Response;
use axum::routing::{get, patch, post};

use crate::identity::authorize::{Choice, Desk};
use crate::state::{Memory, State};

pub(crate) use control::router as control;
pub(crate) use wire::refuse;

/// What the provider is called in faults, the ledger and key ids.
pub(crate) const ISSUER: &str = "clerk";

/// Every path of Clerk that the sandbox serves, to be mounted under `/clerk`: the Frontend API and
/// the hosted page at its root, the Backend API under `/v1`.
pub(crate) fn router() -> Router<State> {
    Router::new()
        .route("/.well-known/openid-configuration", get(oidc::discovery))
        .route("/.well-known/oauth-authorization-server", get(oidc::discovery))
        .route("/.well-known/jwks.json", get(oidc::keys))
        .route("/oauth/authorize", get(page).post(decide))
        .route("/oauth/token", post(oidc::token))
        .route("/oauth/token/revoke", post(oidc::revoke))
        .route("/oauth/userinfo", get(oidc::userinfo).post(oidc::userinfo))
        .route("/sign-in", get(sign_in::page).post(sign_in::decide))
        .route("/v1/jwks", get(sessions::keys))
        .route("/v1/users", get(users::list).post(users::create))
        .route("/v1/users/count", get(users::count))
        .route("/v1/users/{id}", get(users::one).patch(users::change).delete(users::remove))
        .route("/v1/users/{id}/metadata", patch(users::merge))
        .route("/v1/sessions", post(sessions::create))
        .route("/v1/sessions/{id}", get(sessions::one))
        .route("/v1/sessions/{id}/revoke", post(sessions::revoke))
        .route("/v1/sessions/{id}/tokens", post(sessions::token))
        .fallback(wire::no_such_path)
}

const KIB: usize = 1024;

/// Method, path, provider, operation, largest body.
pub(crate) static OPERATIONS: [(&str, &str, &str, &str, usize); 23] = [
    ("GET", "/clerk/.well-known/openid-configuration", ISSUER, "discover", KIB),
    ("GET", "/clerk/.well-known/oauth-authorization-server", ISSUER, "discover", KIB),
    ("GET", "/clerk/.well-known/jwks.json", ISSUER, "keys", KIB),
    ("GET", "/clerk/v1/jwks", ISSUER, "keys", KIB),
    ("GET", "/clerk/oauth/authorize", ISSUER, "authorize", KIB),
    ("POST", "/clerk/oauth/authorize", ISSUER, "consent", 64 * KIB),
    ("POST", "/clerk/oauth/token", ISSUER, "token", 64 * KIB),
    ("POST", "/clerk/oauth/token/revoke", ISSUER, "revoke", 64 * KIB),
    ("GET", "/clerk/oauth/userinfo", ISSUER, "userinfo", KIB),
    ("POST", "/clerk/oauth/userinfo", ISSUER, "userinfo", 64 * KIB),
    ("GET", "/clerk/sign-in", ISSUER, "sign_in_page", KIB),
    ("POST", "/clerk/sign-in", ISSUER, "sign_in", 64 * KIB),
    ("GET", "/clerk/v1/users", ISSUER, "list_users", KIB),
    ("POST", "/clerk/v1/users", ISSUER, "create_user", 256 * KIB),
    ("GET", "/clerk/v1/users/count", ISSUER, "count_users", KIB),
    ("GET", "/clerk/v1/users/*", ISSUER, "get_user", KIB),
    ("PATCH", "/clerk/v1/users/*", ISSUER, "update_user", 256 * KIB),
    ("DELETE", "/clerk/v1/users/*", ISSUER, "delete_user", KIB),
    ("PATCH", "/clerk/v1/users/*/metadata", ISSUER, "update_metadata", 256 * KIB),
    ("POST", "/clerk/v1/sessions", ISSUER, "create_session", 64 * KIB),
    ("GET", "/clerk/v1/sessions/*", ISSUER, "get_session", KIB),
    ("POST", "/clerk/v1/sessions/*/revoke", ISSUER, "revoke_session", 64 * KIB),
    ("POST", "/clerk/v1/sessions/*/tokens", ISSUER, "create_token", 64 * KIB),
];

const DESK: Desk = Desk {
    issuer: ISSUER,
    name: "Clerk",
    clients: |settings| &settings.clerk_clients,
    scopes: &[
        ("openid", "Know who you are"),
        ("email", "See your e-mail address"),
        ("profile", "See your name and picture"),
        ("public_metadata", "See your public metadata"),
        ("offline_access", "Stay connected until you say otherwise"),
    ],
    choices,
    strict: true,
    sends_back: true,
};

/// Everybody who is not banned; those from the start come first.
fn choices(memory: &Memory) -> Vec<Choice> {
    let users = memory.world.clerk.users.values().filter(|user| !user.banned);
    let mut all: Vec<Choice> = users
        .map(|user| Choice {
            key: if user.key.is_empty() { user.id.clone() } else { user.key.clone() },
            user: user.id.clone(),
            name: user.name(),
            email: user.primary().map(|email| email.address.clone()).unwrap_or_default(),
        })
        .collect();
    all.sort_by_key(|choice| (choice.key.starts_with("user_"), choice.key.clone()));
    all
}

async fn page(Shared(state): Shared<State>, RawQuery(query): RawQuery) -> Response {
    DESK.page(&state, query.as_deref())
}

async fn decide(Shared(state): Shared<State>, RawQuery(query): RawQuery, body: Bytes) -> Response {
    DESK.decide(&state, query.as_deref(), &body)
}
