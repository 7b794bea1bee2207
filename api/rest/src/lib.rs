//! The REST API: thin routes over the same use cases as GraphQL, for clients that prefer it.
//!
//! **Invariant:** a route decides nothing. It reads its input, carries one use case out or reads one
//! view, and writes the answer; errors are problems as RFC 9457 describes them.

mod accounts;
mod address;
mod api_keys;
mod asking;
mod auth;
mod billing;
mod connections;
mod door;
mod familiar;
mod invoices;
mod openapi;
mod page;
mod passwords;
mod plans;
mod posts;
mod problem;
mod reading;
mod subscription;
mod usage_export;

pub use asking::caller;
pub use door::admit;
pub use openapi::document;
pub use problem::{Answer, Problem};

use axum::{
    Router,
    extract::DefaultBodyLimit,
    middleware,
    response::IntoResponse as _,
    routing::{delete, get, post},
};
use herald_application::desk::Desk;
use herald_door::{Origins, Reception};
use std::sync::Arc;

/// Bytes of a body.
const BODY: usize = 64 * 1024;

/// What the routes share.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "a bundle of ports has nothing to print")]
pub struct Rest {
    /// Where everything is done.
    pub desk: Arc<Desk>,
    /// Who is let in.
    pub door: Reception,
    /// Whose pages may use a visitor's cookie.
    pub origins: Origins,
    /// The session cookie's name.
    pub cookie: String,
}

/// Every route.
pub fn router(rest: Rest) -> Router {
    Router::new()
        .route("/auth/me", get(auth::me))
        .route("/accounts", post(accounts::open))
        .route("/account", get(accounts::show))
        .route("/account/policy", post(accounts::change_policy))
        .route("/account/zone", post(accounts::change_zone))
        .route("/billing/status", get(billing::status))
        .route("/billing/checkout", post(billing::checkout))
        .route("/billing/portal", post(billing::portal))
        .route("/billing/usage", get(billing::usage))
        .route("/billing/preview", get(subscription::preview))
        .route("/billing/change", post(subscription::change).delete(subscription::withdraw))
        .route("/billing/cancel", post(subscription::cancel))
        .route("/billing/resume", post(subscription::resume))
        .route("/billing/invoices", get(invoices::list))
        .route("/billing/usage/export", get(usage_export::export))
        .route("/api-keys/generate", post(api_keys::generate))
        .route("/api-keys/list", get(api_keys::list))
        .route("/api-keys/{key}", delete(api_keys::revoke))
        .route("/posts", get(posts::list).post(posts::create))
        .route("/posts/{post}", get(posts::get))
        .route("/posts/{post}/schedule", post(posts::schedule))
        .route("/posts/{post}/publish", post(posts::publish))
        .route("/posts/{post}/cancel", post(posts::cancel))
        .route("/plans", get(plans::list))
        .route("/plans/{plan}", get(plans::get))
        .route("/plans/{plan}/generate", post(plans::generate))
        .route("/plans/{plan}/approve", post(plans::approve))
        .route("/plans/{plan}/materialize", post(plans::materialize))
        .route("/connections", get(connections::list))
        .layer(middleware::from_fn_with_state(rest.clone(), door::admit))
        .merge(open(&rest))
        .route("/openapi.json", get(async || axum::Json(document())))
        .route("/docs", get(async || page::page().into_response()))
        .layer(DefaultBodyLimit::max(BODY))
        .with_state(rest)
}

/// Where a session begins.
fn open(rest: &Rest) -> Router<Rest> {
    Router::new()
        .route("/auth/register", post(auth::register))
        .route("/auth/login", post(auth::login))
        .route("/auth/confirm", post(passwords::confirm))
        .route("/auth/confirm/resend", post(passwords::resend))
        .route("/auth/challenge", post(passwords::challenge))
        .route("/auth/forgot", post(passwords::forgot))
        .route("/auth/reset", post(passwords::reset))
        .layer(middleware::from_fn_with_state(rest.clone(), door::receive))
}
