//! Resend: mail that is accepted, kept, shown in a mailbox, and told about by webhook.

mod body;
mod control;
mod emails;
mod events;
mod mailbox;
mod wire;
pub(crate) mod world;

use axum::Router;
use axum::routing::{get, post};

use crate::state::State;
use crate::svix::Endpoint;
use crate::x::oauth::Client;

pub(crate) use wire::{Quota, refuse};

/// What the provider is called in faults and the ledger.
pub(crate) const ISSUER: &str = "resend";
/// An API key with full access.
pub const RESEND_API_KEY: &str = "re_herald_sandbox";
/// An API key that may send and nothing else.
pub const RESEND_SENDING_KEY: &str = "re_herald_sandbox_sending";

/// Who may send mail through Resend, and where it tells what became of it.
#[derive(Debug, Clone)]
pub struct ResendSettings {
    /// The API keys, each as a secret; the name is `full` or `sending`.
    pub keys: Vec<Client>,
    /// Where webhooks go.
    pub webhook: Option<Endpoint>,
    /// Requests per second; two unless Resend raises it.
    pub per_second: u32,
}

impl Default for ResendSettings {
    fn default() -> Self {
        let key =
            |id: &str, secret: &str| Client { id: id.to_owned(), secret: Some(secret.to_owned()) };
        let keys = vec![key("full", RESEND_API_KEY), key("sending", RESEND_SENDING_KEY)];
        Self { keys, webhook: None, per_second: 2 }
    }
}

/// Every path of Resend that the sandbox serves, the mailbox, and the control API.
pub(crate) fn router() -> Router<State> {
    let api = Router::new()
        .route("/emails", post(emails::send).get(emails::list))
        .route("/emails/batch", post(emails::send_batch))
        .route("/emails/{id}", get(emails::one))
        .route("/emails/{id}/cancel", post(emails::cancel))
        .route("/mailbox/{id}", get(mailbox::one))
        .fallback(wire::no_such_path)
        .method_not_allowed_fallback(wire::no_such_method);
    Router::new()
        .nest("/resend", api)
        .route("/resend/", get(mailbox::all))
        .route("/_control/resend", get(control::describe).post(control::change))
        .route("/_control/resend/mails", get(control::mails))
        .route("/_control/resend/events", post(control::tell))
}

/// Method, path, provider, operation, largest body.
pub(crate) static OPERATIONS: [(&str, &str, &str, &str, usize); 5] = [
    ("POST", "/resend/emails", ISSUER, "send_email", 40 * 1024 * 1024),
    ("POST", "/resend/emails/batch", ISSUER, "send_batch", 40 * 1024 * 1024),
    ("GET", "/resend/emails", ISSUER, "list_emails", 1024),
    ("GET", "/resend/emails/*", ISSUER, "get_email", 1024),
    ("POST", "/resend/emails/*/cancel", ISSUER, "cancel_email", 1024),
];
