//! What a provider answered, whole and bounded, and shy about its contents.

use crate::{redact, when};
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use serde::de::DeserializeOwned;
use std::{fmt, time::SystemTime};

/// A provider's complete answer.
#[derive(Clone)]
pub struct Answer {
    /// The status line.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, never longer than the provider's limit.
    pub body: Bytes,
}

impl Answer {
    /// The body as a value, however much else it says.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_slice(&self.body)
    }

    /// A header as text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// When the provider asks us to come back, if it does; never more than a day from `now`.
    #[must_use]
    pub fn retry_at(&self, now: SystemTime) -> Option<SystemTime> {
        when::retry_at(self, now)
    }

    /// The beginning of the body, fit for a log.
    #[must_use]
    pub fn excerpt(&self) -> String {
        redact(&String::from_utf8_lossy(self.body.get(..4096).unwrap_or(&self.body)))
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} with {} bytes", self.status, self.body.len())?;
        if self.status.is_success() { Ok(()) } else { write!(f, ": {}", self.excerpt()) }
    }
}
