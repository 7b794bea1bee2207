//! The token endpoint's and the userinfo endpoint's JSON, read leniently.

use herald_http_client::Answer;
use serde::Deserialize;

/// What the token endpoint grants.
#[derive(Deserialize)]
pub(crate) struct Granted {
    pub(crate) access_token: Option<String>,
    pub(crate) id_token: Option<String>,
}

/// What the token endpoint refuses with.
#[derive(Deserialize)]
struct NotGranted {
    error: String,
}

/// How the userinfo endpoint describes a person.
#[derive(Deserialize)]
pub(crate) struct UserInfo {
    pub(crate) sub: String,
    pub(crate) name: Option<String>,
    pub(crate) email: Option<String>,
    #[serde(default)]
    pub(crate) email_verified: serde_json::Value,
}

impl UserInfo {
    /// Some providers write a yes as a text.
    pub(crate) fn verified(&self) -> bool {
        self.email_verified == true || self.email_verified == "true"
    }
}

/// The refusal that RFC 6749 knows by name.
pub(crate) fn refusal(answer: &Answer) -> Option<String> {
    const KNOWN: [&str; 6] = [
        "invalid_request",
        "invalid_client",
        "invalid_grant",
        "unauthorized_client",
        "unsupported_grant_type",
        "invalid_scope",
    ];
    let NotGranted { error } = answer.json().ok()?;
    KNOWN.contains(&error.as_str()).then_some(error)
}
