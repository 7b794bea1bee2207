//! What is configured about Resend: its address, the key, and who writes.

use crate::wire;
use herald_http_client::{Settings as Http, Url};
use secrecy::SecretString;
use std::time::Duration;

/// How Resend is reached, and in whose name mail is sent.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where the API begins: `https://api.resend.com/`.
    pub api: Url,
    /// The API key, `re_…`; one that may only send is enough.
    pub key: SecretString,
    /// Who writes: `Herald <hello@example.org>`, of a domain that is verified at Resend.
    pub from: String,
    /// Refuse anything but TLS.
    pub https_only: bool,
    /// The longest wait for an answer.
    pub timeout: Duration,
    /// Pause after a first failed try.
    pub base_delay: Duration,
}

impl Settings {
    /// The settings for a key at `api`, everything else by default.
    #[must_use]
    pub fn new(api: Url, key: SecretString, from: impl Into<String>) -> Self {
        Self {
            api,
            key,
            from: from.into(),
            https_only: false,
            timeout: Duration::from_secs(15),
            base_delay: Duration::from_millis(500),
        }
    }

    pub(crate) fn http(&self) -> Http {
        Http {
            timeout: self.timeout,
            base_delay: self.base_delay,
            https_only: self.https_only,
            // A quota is not free again in a minute.
            is_final: |answer| wire::name(answer).is_some_and(|name| wire::is_quota(&name)),
            ..Http::new("resend", self.api.clone())
        }
    }
}
