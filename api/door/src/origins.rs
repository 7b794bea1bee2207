//! Whose pages may use what a browser sends by itself.

use axum::http::{
    HeaderMap, Uri,
    header::{HOST, ORIGIN},
};
use std::fmt;

/// Whose pages may use the session cookie.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origins(Vec<String>);

impl Origins {
    /// The named origins, as browsers spell them: `https://app.example`.
    #[must_use]
    pub fn new(origins: impl IntoIterator<Item = String>) -> Self {
        Self(origins.into_iter().map(|origin| origin.trim_end_matches('/').to_owned()).collect())
    }

    /// May the page that sent this use the visitor's cookie?
    ///
    /// A request without `Origin` comes from no page of another site: browsers name the origin on
    /// every `POST` and on every WebSocket.
    #[must_use]
    pub fn trust(&self, headers: &HeaderMap) -> bool {
        let Some(origin) = headers.get(ORIGIN) else {
            return true;
        };
        let Ok(origin) = origin.to_str() else {
            return false;
        };
        if self.0.iter().any(|known| known.eq_ignore_ascii_case(origin)) {
            return true;
        }
        let host = headers.get(HOST).and_then(|host| host.to_str().ok());
        let authority = origin.parse::<Uri>().ok().and_then(|uri| uri.authority().cloned());
        matches!((host, authority), (Some(host), Some(authority)) if authority.as_str() == host)
    }
}

impl fmt::Display for Origins {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0.join(", "))
    }
}
