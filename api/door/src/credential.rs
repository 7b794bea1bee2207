//! The credential as it arrives, before anybody knows whose it is.

use crate::cookie::cookie;
use axum::http::{HeaderMap, header::AUTHORIZATION};
use secrecy::SecretString;

/// What a caller presents.
#[derive(Debug, Clone)]
pub enum Credential {
    /// `Authorization: Bearer …`, or `Authorization` in a WebSocket's greeting.
    Bearer(SecretString),
    /// The session cookie, which a browser sends by itself.
    Cookie(SecretString),
}

impl Credential {
    /// The one that a request comes with; a bearer token wins over the session cookie.
    pub(crate) fn read(headers: &HeaderMap, session: &str) -> Option<Self> {
        bearer(headers).map(Self::Bearer).or_else(|| cookie(headers, session).map(Self::Cookie))
    }
}

/// The bearer token of a request; an `Authorization` of another kind is a bad token, not none.
fn bearer(headers: &HeaderMap) -> Option<SecretString> {
    let value = headers.get(AUTHORIZATION)?;
    Some(bearer_token(value.to_str().unwrap_or_default()))
}

/// The token in `Bearer …`.
#[must_use]
pub fn bearer_token(value: &str) -> SecretString {
    let (scheme, token) = value.split_once(' ').unwrap_or((value, ""));
    let token = if scheme.eq_ignore_ascii_case("bearer") { token.trim() } else { "" };
    SecretString::from(token)
}
