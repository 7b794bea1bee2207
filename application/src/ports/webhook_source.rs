//! A provider that calls us, seen from inside: who it is, and what its calls are about.

use crate::ports::StoreError;
use async_trait::async_trait;
use bytes::Bytes;
use herald_kernel::Instant;
use std::{collections::BTreeMap, fmt};

/// The headers of a call. Names are in lower case; a header that comes twice is there twice.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct WebhookHeaders(Vec<(String, String)>);

impl WebhookHeaders {
    /// Headers as they came.
    pub fn new(headers: impl IntoIterator<Item = (String, String)>) -> Self {
        let lower = |(name, value): (String, String)| (name.to_ascii_lowercase(), value);
        Self(headers.into_iter().map(lower).collect())
    }

    /// The one value of `name`; nothing when it is missing or comes twice, because two signatures
    /// leave open which one was meant.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        let mut found = self.0.iter().filter(|(known, _)| known == name);
        match (found.next(), found.next()) {
            (first, None) => first.map(|(_, value)| value.as_str()),
            (_, Some(_)) => None,
        }
    }

    /// Every value of `name`.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let named = self.0.iter().filter(move |(known, _)| known == name);
        named.map(|(_, value)| value.as_str())
    }
}

impl fmt::Debug for WebhookHeaders {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}

/// What a call is about, read from its verified body: enough to keep it and to find its subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hint {
    /// The provider's id of the event. It MUST be the same when the provider delivers again.
    pub event_id: String,
    /// The provider's name of what happened. Unknown ones are kept like known ones.
    pub kind: String,
    /// Whom it is about: events of one key are applied one after another. The event's own id where
    /// there is no subject.
    pub key: String,
    /// What it is about, if the provider says so.
    pub object: Option<String>,
    /// In which version of the provider's API it is written.
    pub api_version: Option<String>,
    /// When it happened, by the provider's clock.
    pub occurred_at: Option<Instant>,
}

/// Why a call is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WebhookRefused {
    /// There is no secret to check with: nothing is taken on trust.
    #[error("no secret is configured for this source")]
    NotConfigured,
    /// The signature is missing, or not of its documented form.
    #[error("the call is not signed")]
    Unsigned,
    /// No active secret leads to the signature.
    #[error("the signature is wrong")]
    Forged,
    /// It was signed too long ago, or in the future.
    #[error("the signature is too old or too new")]
    Stale,
    /// It is signed, but not of its documented form.
    #[error("the body is not of its documented form")]
    Malformed,
}

impl WebhookRefused {
    /// For counters.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotConfigured => "not_configured",
            Self::Unsigned => "unsigned",
            Self::Forged => "forged",
            Self::Stale => "stale",
            Self::Malformed => "malformed",
        }
    }
}

/// How to tell a provider's call from a forgery. One for each provider, none in common.
///
/// Implementations MUST fail closed without a secret, check over the bytes as they came, try every
/// active secret and every signature given, compare in constant time, and hold the signature's time
/// against `now` both ways. They read ids from the body and judge nothing else in it.
pub trait WebhookSource: Send + Sync {
    /// Checks the call and reads what it is about.
    fn verify(
        &self,
        headers: &WebhookHeaders,
        body: &[u8],
        now: Instant,
    ) -> Result<Hint, WebhookRefused>;

    /// Headers to keep beside the body, in lower case; never one that carries a secret.
    fn kept_headers(&self) -> &'static [&'static str] {
        &[]
    }
}

/// What a provider's own list has that we may have missed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedEvents {
    /// Events, in the form in which they would have been delivered.
    pub events: Vec<(Hint, Bytes)>,
    /// Where to go on next time.
    pub cursor: String,
    /// Is there more to read right now?
    pub more: bool,
}

/// Why a list could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ListingFailure {
    /// The provider did not answer, or not well.
    #[error("the provider's list of events could not be read: {0}")]
    Provider(String),
    /// Our own storage did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A provider that keeps a list of what it delivered, to find what never arrived. It only reads.
#[async_trait]
pub trait EventListing: Send + Sync {
    /// The events after `cursor`, oldest first; without one, from where the provider's list begins
    /// or from a fixed span before `now`.
    async fn events_after(
        &self,
        cursor: Option<&str>,
        now: Instant,
    ) -> Result<ListedEvents, ListingFailure>;
}

/// Headers that a source asked to keep.
pub(crate) fn kept_headers(
    source: &dyn WebhookSource,
    headers: &WebhookHeaders,
) -> BTreeMap<String, String> {
    let named = source.kept_headers().iter().filter_map(|name| {
        let value = headers.get(name)?;
        Some(((*name).to_owned(), value.to_owned()))
    });
    named.collect()
}
