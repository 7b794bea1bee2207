//! Where networks and identity providers send people back to, each at an address of its own.
//!
//! **Invariant:** a callback decides nothing. It checks its form, finds out who came back, and hands
//! the answer to the use case; the consent's state proves which connection it belongs to.

mod consent;
mod page;
mod sign_in;

pub use consent::Callbacks;

use axum::{Router, routing::get};

/// The route `/oauth/{network}/callback` of networks, and `/auth/{provider}/start` and
/// `/auth/{provider}/callback` of those who know people.
pub fn router(callbacks: Callbacks) -> Router {
    Router::new()
        .route("/oauth/{network}/callback", get(consent::come_back))
        .route("/auth/{provider}/start", get(sign_in::start))
        .route("/auth/{provider}/callback", get(sign_in::come_back))
        .with_state(callbacks)
}
