//! What is configured about Stripe: whose account, which version, how patiently.

use herald_http_client::{Answer, CacheSettings, Settings as Http, Url};
use herald_subscription::PriceRef;
use secrecy::{ExposeSecret, SecretString};
use std::{collections::BTreeSet, time::Duration};

/// The version that requests are written for, and that answers are asked for in.
pub(crate) const VERSION: &str = "2026-10-28.endive";
/// From this version on, periods stand on items and invoices name their payments in a list.
const BASIL: &str = "2025-03-31";

/// How Stripe is reached, and as whom.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where the API begins: `https://api.stripe.com/`.
    pub api: Url,
    /// The secret or restricted key. Empty: not configured.
    pub secret_key: SecretString,
    /// The key that browsers may see.
    pub publishable_key: Option<String>,
    /// The secrets of the webhook endpoint, `whsec_…`; two while one replaces the other.
    pub webhook_secrets: Vec<SecretString>,
    /// What the fingerprints of cards are keyed with before they leave the adapter. It must stay the
    /// same for as long as trials are to be given once per card.
    pub card_key: SecretString,
    /// The version of Stripe's interface. Both the old and the new shapes of answers are read.
    pub version: String,
    /// Ids of prices that the catalogue knows by id. Other prices go by their lookup key.
    pub price_ids: BTreeSet<PriceRef>,
    /// The portal's configuration, `bpc_…`; Stripe's default without one.
    pub portal: Option<String>,
    /// Refuse anything but TLS.
    pub https_only: bool,
    /// The longest wait for one answer.
    pub timeout: Duration,
    /// How often a call is tried in all, always with the same idempotency key.
    pub tries: u32,
    /// The pause after the first failed try; it doubles.
    pub base_delay: Duration,
    /// The share of a pause that chance adds.
    pub jitter: f64,
    /// How long bills and ways to pay are kept before they are read again.
    pub cache_ttl: Duration,
    /// Our own budget. A quarter of it is kept for people who wait: checkouts, portals, previews.
    /// Stripe allows 25 calls a second to test keys and 100 to live ones.
    pub requests_per_minute: u32,
}

/// Who waits for an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lane {
    /// A person at a page.
    Person,
    /// A job.
    Job,
}

impl Settings {
    /// The settings for the account of `secret_key` at `api`, everything else by default.
    #[must_use]
    pub fn new(api: Url, secret_key: SecretString, card_key: SecretString) -> Self {
        Self {
            api,
            secret_key,
            publishable_key: None,
            webhook_secrets: Vec::new(),
            card_key,
            version: VERSION.to_owned(),
            price_ids: BTreeSet::new(),
            portal: None,
            https_only: false,
            timeout: Duration::from_secs(10),
            tries: 3,
            base_delay: Duration::from_secs(1),
            jitter: 0.1,
            cache_ttl: Duration::from_secs(60),
            requests_per_minute: 1_200,
        }
    }

    /// Does the key move real money?
    #[must_use]
    pub fn is_live(&self) -> bool {
        let key = self.secret_key.expose_secret();
        ["sk_live_", "rk_live_"].iter().any(|prefix| key.starts_with(prefix))
    }

    pub(crate) fn is_configured(&self) -> bool {
        !self.secret_key.expose_secret().is_empty()
    }

    /// Are answers asked for in the newer shape?
    pub(crate) fn since_basil(&self) -> bool {
        self.version.as_str() >= BASIL
    }

    pub(crate) fn http(&self, lane: Lane) -> Http {
        let reserved = self.requests_per_minute / 4;
        let budget = match lane {
            Lane::Person => reserved,
            Lane::Job => self.requests_per_minute.saturating_sub(reserved),
        };
        let keeps = CacheSettings { ttl: self.cache_ttl, capacity: 10_000 };
        Http {
            timeout: self.timeout,
            tries: self.tries,
            base_delay: self.base_delay,
            jitter: self.jitter,
            requests_per_minute: Some(budget.max(1)),
            https_only: self.https_only,
            // A hundred subscriptions with their bills, or a hundred events with whole objects.
            max_response_bytes: 8 * 1024 * 1024,
            cache: Some(keeps),
            is_final: told_not_to_repeat,
            ..Http::new("stripe", self.api.clone())
        }
    }
}

/// Stripe says of some answers itself whether asking again makes sense.
fn told_not_to_repeat(answer: &Answer) -> bool {
    answer.header("stripe-should-retry") == Some("false")
}
