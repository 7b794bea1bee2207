//! Why somebody is not let in, and what they are told of it, in whatever form.

use crate::dropped;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

/// The type of a problem about limits that the IETF's draft on rate limits registers.
pub const QUOTA_EXCEEDED: &str = "https://iana.org/assignments/http-problem-types#quota-exceeded";

/// Why somebody is not let in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TurnedAway {
    /// The credential is not, or no longer, good. Without one they would be let in as nobody.
    #[error("the credential is not valid (any more); sign in again")]
    BadCredential,
    /// A page of another site tried to use the visitor's cookie.
    #[error("this page may not use your session here; use a bearer token")]
    ForeignPage,
    /// The credential is good, but not here, or not from there.
    #[error("this key is not taken here, or not from this address")]
    Elsewhere,
    /// Too much in too short a time.
    #[error("too many requests; try again in {seconds} s")]
    TooMany {
        /// When to come back.
        seconds: u64,
    },
    /// More than their limits allow.
    #[error("too many requests; try again in {} s", .0.retry_after)]
    Limited(Box<Limited>),
    /// Who they are cannot be found out now.
    #[error("sign-in does not answer; try again")]
    Unavailable,
}

/// A request beyond a limit: what the caller is told about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limited {
    /// The policies that do not allow it, by their stable names.
    pub violated: Vec<&'static str>,
    /// When to come back, in seconds.
    pub retry_after: u64,
    /// The headers that tell where the caller stands.
    pub headers: HeaderMap,
}

impl TurnedAway {
    /// The status that answers it.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        match self {
            Self::BadCredential => StatusCode::UNAUTHORIZED,
            Self::ForeignPage | Self::Elsewhere => StatusCode::FORBIDDEN,
            Self::TooMany { .. } | Self::Limited(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// Has a browser drop `cookie`, if it came by that one and that is what is no good.
    #[must_use]
    pub fn dropping(&self, cookie: &str, by_cookie: bool) -> Option<(HeaderName, HeaderValue)> {
        let dead = by_cookie && *self == Self::BadCredential;
        dead.then(|| dropped(cookie)).flatten()
    }
}
