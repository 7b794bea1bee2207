//! What is configured about Clerk: its addresses and the instance's secret key.

use herald_http_client::{Settings as Http, Url};
use secrecy::SecretString;
use std::time::Duration;

/// How Clerk is reached, and as which instance.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where the Backend API begins: `https://api.clerk.com/v1/`.
    pub api: Url,
    /// The instance's Frontend API, as `iss` names it: `https://clerk.example.com`.
    pub issuer: String,
    /// The instance's secret key, `sk_live_…` or `sk_test_…`.
    pub secret_key: SecretString,
    /// How many people a page has, 1 to 500.
    pub page: u16,
    /// Refuse anything but TLS.
    pub https_only: bool,
    /// The longest wait for an answer.
    pub timeout: Duration,
    /// Pause after a first failed try of a repeatable call.
    pub base_delay: Duration,
}

impl Settings {
    /// The settings for an instance at `api`, everything else by default.
    #[must_use]
    pub fn new(api: Url, issuer: impl Into<String>, secret_key: SecretString) -> Self {
        Self {
            api,
            issuer: issuer.into(),
            secret_key,
            page: 100,
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
            // A person may have 16 KiB of metadata of each kind, and a page up to 500 people.
            max_response_bytes: 16 * 1024 * 1024,
            ..Http::new("clerk", self.api.clone())
        }
    }
}
