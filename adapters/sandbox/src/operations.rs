//! Which operation of which provider a request is: one table, so that faults can name it.

use axum::http::Method;

use crate::{clerk, cognito, github, google, resend, stripe};

/// An operation that a fault rule can name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Operation {
    pub(crate) provider: &'static str,
    pub(crate) name: &'static str,
    /// The largest body that is read, in bytes.
    pub(crate) body: usize,
}

const KIB: usize = 1024;
const MIB: usize = 1024 * KIB;

/// Method, path with `*` for one segment, provider, operation, largest body.
static TABLE: [(&str, &str, &str, &str, usize); 23] = [
    ("GET", "/x/i/oauth2/authorize", "x", "authorize", KIB),
    ("POST", "/x/i/oauth2/authorize", "x", "consent", 64 * KIB),
    ("POST", "/x/2/oauth2/token", "x", "token", 64 * KIB),
    ("POST", "/x/2/oauth2/revoke", "x", "revoke", 64 * KIB),
    ("GET", "/x/2/users/me", "x", "me", KIB),
    ("GET", "/x/2/users/*/tweets", "x", "user_posts", KIB),
    ("POST", "/x/2/tweets", "x", "create_post", 256 * KIB),
    ("GET", "/x/2/tweets", "x", "get_posts", KIB),
    ("GET", "/x/2/tweets/*", "x", "get_post", KIB),
    ("DELETE", "/x/2/tweets/*", "x", "delete_post", KIB),
    ("GET", "/x/2/media/upload", "x", "media_status", KIB),
    ("POST", "/x/2/media/upload", "x", "upload_media", 24 * MIB),
    ("POST", "/x/2/media/upload/initialize", "x", "initialize_media", 64 * KIB),
    ("POST", "/x/2/media/upload/*/append", "x", "append_media", 8 * MIB),
    ("POST", "/x/2/media/upload/*/finalize", "x", "finalize_media", 64 * KIB),
    ("POST", "/x/2/media/metadata", "x", "describe_media", 64 * KIB),
    ("POST", "/openrouter/api/v1/chat/completions", "openrouter", "complete", 2 * MIB),
    ("GET", "/openrouter/api/v1/models", "openrouter", "models", KIB),
    ("GET", "/openrouter/api/v1/key", "openrouter", "key", KIB),
    ("GET", "/openrouter/api/v1/credits", "openrouter", "credits", KIB),
    ("POST", "/openai/v1/chat/completions", "openai", "complete", 2 * MIB),
    ("GET", "/openai/v1/models", "openai", "models", KIB),
    ("GET", "/openai/v1/models/*", "openai", "model", KIB),
];

/// The rows of every provider; the newer ones keep theirs beside their routes.
fn table()
-> impl Iterator<Item = &'static (&'static str, &'static str, &'static str, &'static str, usize)> {
    TABLE
        .iter()
        .chain(&google::OPERATIONS)
        .chain(&github::OPERATIONS)
        .chain(&clerk::OPERATIONS)
        .chain(&resend::OPERATIONS)
}

/// The operation behind a request, if it is one of a provider's.
pub(crate) fn of(method: &Method, path: &str) -> Option<Operation> {
    table()
        .find(|(verb, pattern, ..)| *verb == method.as_str() && fits(pattern, path))
        .map(|(_, _, provider, name, body)| Operation { provider, name, body: *body })
        .or_else(|| {
            let name = stripe::operation(method, path)?;
            Some(Operation { provider: "stripe", name, body: MIB })
        })
}

/// Every operation's name beside its provider, for the control API's own description.
pub(crate) fn names() -> impl Iterator<Item = String> {
    table()
        .map(|(_, _, provider, name, _)| format!("{provider}.{name}"))
        .chain(cognito::names())
        .chain(stripe::names().map(|name| format!("stripe.{name}")))
}

fn fits(pattern: &str, path: &str) -> bool {
    let (mut wanted, mut given) = (pattern.split('/'), path.split('/'));
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return true,
            (Some("*"), Some(segment)) if !segment.is_empty() => {}
            (Some(wanted), Some(given)) if wanted == given => {}
            _ => return false,
        }
    }
}
