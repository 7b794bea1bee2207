//! What a Stripe account is set up with.

use std::fmt;

/// The secret key that works unless others are set.
pub const STRIPE_SECRET_KEY: &str = "sk_test_herald_sandbox";

/// How the stand-in for Stripe is to run.
#[derive(Debug, Clone)]
pub struct StripeSettings {
    /// The secret keys that are let in.
    pub keys: Vec<StripeKey>,
    /// An endpoint for events that exists from the start, under the id `we_herald`.
    pub endpoint: Option<StripeEndpoint>,
    /// The pauses before a delivery is tried again, in milliseconds; after the last it is given up.
    pub retry_after_ms: Vec<u64>,
}

impl Default for StripeSettings {
    fn default() -> Self {
        Self {
            keys: vec![StripeKey(STRIPE_SECRET_KEY.to_owned())],
            endpoint: None,
            retry_after_ms: vec![200, 500, 1_000, 2_000, 5_000, 10_000, 30_000, 60_000],
        }
    }
}

/// A secret key; it never shows in a debug print.
#[derive(Clone, PartialEq, Eq)]
pub struct StripeKey(pub String);

impl fmt::Debug for StripeKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("StripeKey(..)")
    }
}

/// Where events are sent to, and with which secret they are signed.
#[derive(Clone)]
pub struct StripeEndpoint {
    /// Plain `http`: the sandbox delivers on this machine.
    pub url: String,
    /// `whsec_…`.
    pub secret: String,
    /// The API version whose shapes the events take; without one, the newest.
    pub api_version: Option<String>,
}

impl fmt::Debug for StripeEndpoint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let version = &self.api_version;
        formatter
            .debug_struct("StripeEndpoint")
            .field("url", &self.url)
            .field("api_version", version)
            .finish_non_exhaustive()
    }
}
