//! What is configured about a provider: where it is, how long we wait, how often we ask.

use crate::Answer;
use http::HeaderName;
use std::time::Duration;
use url::Url;

/// How one provider is spoken to.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The provider's name in metrics and logs.
    pub name: &'static str,
    /// Where its API begins; a path prefix is kept.
    pub base: Url,
    /// The longest wait for one whole answer.
    pub timeout: Duration,
    /// The longest wait for a connection, TLS included.
    pub connect_timeout: Duration,
    /// How often a repeatable call is tried in all.
    pub tries: u32,
    /// The pause after the first failed try; it doubles with each further one.
    pub base_delay: Duration,
    /// The share of a pause that chance adds, 0.1 for ten percent.
    pub jitter: f64,
    /// The longest time that one call may spend in pauses; beyond it we give up and say until when.
    pub patience: Duration,
    /// The largest answer that is read.
    pub max_response_bytes: usize,
    /// Our own budget of calls.
    pub requests_per_minute: Option<u32>,
    /// Our own budget of language-model tokens.
    pub tokens_per_minute: Option<u32>,
    /// When to stop asking a provider that is down.
    pub breaker: BreakerSettings,
    /// Whether and how long answers are kept.
    pub cache: Option<CacheSettings>,
    /// Refuse anything but TLS.
    pub https_only: bool,
    /// The header that carries our correlation id, where the provider takes one.
    pub correlation_header: Option<HeaderName>,
    /// Says of an answer with a retryable status that asking again is pointless all the same.
    pub is_final: fn(&Answer) -> bool,
}

/// When to stop asking a provider that is down, and for how long.
#[derive(Debug, Clone, Copy)]
pub struct BreakerSettings {
    /// This many failures in a row open the circuit.
    pub failures: u32,
    /// So long it stays open before one call may probe.
    pub cooldown: Duration,
}

/// How long and how many answers are kept.
#[derive(Debug, Clone, Copy)]
pub struct CacheSettings {
    /// An answer older than this is asked for again.
    pub ttl: Duration,
    /// The most answers that are kept.
    pub capacity: u64,
}

/// Settings that no call could be made with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSettings {
    /// Not `http` or `https`, or no host.
    #[error("the base address of {0} must be an http or https URL with a host")]
    NoHost(&'static str),
    /// A user name or password in the address would end up in logs.
    #[error("the base address of {0} must not carry a user name, password, query or fragment")]
    NotPlain(&'static str),
    /// `http` where only TLS is allowed.
    #[error("the base address of {0} must begin with https:// in production")]
    NotEncrypted(&'static str),
}

impl Settings {
    /// The defaults: 30 s, three tries, one second between the first two, ten percent jitter, 1 MiB.
    #[must_use]
    pub fn new(name: &'static str, base: Url) -> Self {
        Self {
            name,
            base,
            timeout: Duration::from_secs(30),
            connect_timeout: Duration::from_secs(5),
            tries: 3,
            base_delay: Duration::from_secs(1),
            jitter: 0.1,
            patience: Duration::from_secs(60),
            max_response_bytes: 1024 * 1024,
            requests_per_minute: None,
            tokens_per_minute: None,
            breaker: BreakerSettings::default(),
            cache: None,
            https_only: false,
            correlation_header: None,
            is_final: |_| false,
        }
    }

    /// Ends the base path in `/`, so that a prefix survives joining, and refuses what cannot work.
    pub(crate) fn checked(mut self) -> Result<Self, InvalidSettings> {
        let base = &self.base;
        if !matches!(base.scheme(), "http" | "https") || !base.has_host() {
            return Err(InvalidSettings::NoHost(self.name));
        }
        let plain = base.username().is_empty()
            && base.password().is_none()
            && base.query().is_none()
            && base.fragment().is_none();
        if !plain {
            return Err(InvalidSettings::NotPlain(self.name));
        }
        if self.https_only && base.scheme() != "https" {
            return Err(InvalidSettings::NotEncrypted(self.name));
        }
        let path = base.path().trim_end_matches('/').to_owned();
        self.base.set_path(&path);
        Ok(self)
    }
}

impl Default for BreakerSettings {
    fn default() -> Self {
        Self { failures: 5, cooldown: Duration::from_secs(30) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(base: &str, https_only: bool) -> Result<Settings, InvalidSettings> {
        let base = base.parse().expect("a URL");
        Settings { https_only, ..Settings::new("x", base) }.checked()
    }

    #[test]
    fn an_address_with_credentials_or_without_tls_is_refused_before_the_first_call() {
        assert!(checked("https://api.x.com", true).is_ok());
        assert_eq!(
            checked("http://api.x.com", true).err(),
            Some(InvalidSettings::NotEncrypted("x"))
        );
        assert_eq!(
            checked("https://ada:CANARY@api.x.com", true).err(),
            Some(InvalidSettings::NotPlain("x"))
        );
        assert_eq!(checked("mailto:a@b.c", false).err(), Some(InvalidSettings::NoHost("x")));
    }
}
