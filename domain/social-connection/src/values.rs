//! The small values that a connection's commands and events are made of.

use herald_kernel::{Instant, Text};
use serde::{Deserialize, Serialize};
use std::fmt;

/// The network's own, stable id of an account. Public and meaningless without the network.
pub type ProviderAccountId = Text<100>;

/// A provider's own word for what it answered, such as `invalid_grant`.
///
/// Kept to 64 visible ASCII characters, so that nothing personal or secret slips into the log.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct ProviderCode(String);

impl ProviderCode {
    /// Keeps what may be kept of `code`.
    #[must_use]
    pub fn new(code: &str) -> Self {
        Self(code.chars().filter(char::is_ascii_graphic).take(64).collect())
    }

    /// The code.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for ProviderCode {
    fn from(code: String) -> Self {
        Self::new(&code)
    }
}
impl From<ProviderCode> for String {
    fn from(code: ProviderCode) -> Self {
        code.0
    }
}
impl fmt::Display for ProviderCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What is known of tokens without knowing them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenFacts {
    /// The vault's version that holds them.
    pub secret_version: u32,
    /// A keyed fingerprint, to tell one set of tokens from another.
    pub fingerprint: String,
    /// What was granted.
    pub scopes: Vec<String>,
    /// When the access token stops working.
    pub access_expires_at: Instant,
    /// When the refresh token stops working, where the network says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh_expires_at: Option<Instant>,
    /// Whether the network handed out a refresh token this time. When it did not, one that is
    /// stored stays valid: the vault keeps it.
    pub has_refresh: bool,
}

/// Where tokens came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenOrigin {
    /// From a person's consent, by the number of the attempt.
    Consent(u32),
    /// From a refresh, by its number.
    Refresh(u32),
}

/// Whom the tokens act for, as the network says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The network's stable id.
    pub provider_account_id: ProviderAccountId,
    /// The public handle, without `@`.
    pub handle: Text<100>,
    /// The display name.
    pub display_name: Text<200>,
}

/// How many characters, in the network's own counting, the account may post at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TextLimit(pub u32);

/// How the exchange of a code for tokens, or the look-up of their owner, failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExchangeFailure {
    /// The network said no.
    Refused {
        /// Its own word for it.
        code: ProviderCode,
    },
    /// It never left, and the code has run out meanwhile.
    NotSent,
    /// It was sent and the answer was not seen.
    Unknown,
}

/// How a refresh failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefreshFailure {
    /// Certainly not done; it may be tried again.
    Transient {
        /// Why.
        cause: Trouble,
    },
    /// A recognised refusal of the token itself.
    Rejected {
        /// The network's own word for it.
        code: ProviderCode,
    },
    /// Perhaps done: the successor may be lost.
    Unknown,
}

/// Trouble that passes by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trouble {
    /// The network was not reached.
    Unreachable,
    /// The network asked us to slow down.
    RateLimited,
    /// The network failed.
    ServerError,
    /// The network's answer made no sense.
    UnreadableAnswer,
}

/// What a look at a connection's health showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Probe {
    /// It works.
    Healthy,
    /// It does not at the moment.
    Transient {
        /// Why.
        cause: Trouble,
    },
    /// The network no longer accepts the token: a recognised answer, not a guess.
    AuthRejected {
        /// The network's own word for it.
        code: ProviderCode,
    },
    /// A scope was taken away.
    CapabilityLost {
        /// Which.
        scope: String,
    },
}

/// Why a person has to connect again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReauthReason {
    /// The network rejected the access token.
    AuthRejected,
    /// The network rejected the refresh token.
    RefreshRejected,
    /// The answer that held the next refresh token was lost, and the old one no longer works.
    RefreshLost,
}

/// Who or what paused a connection. Several can at once; each lifts only its own pause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PauseReason {
    /// A member of the account.
    User,
    /// The account's tier includes fewer connections.
    PlanLimit,
    /// The account is suspended.
    AccountSuspended,
}

/// What the network itself forbids until somebody connects again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BlockReason {
    /// The account is banned.
    Banned,
    /// Our app is suspended.
    AppSuspended,
    /// The network's cap on the app's users is reached.
    DailyUserCap,
}

/// How much of a network's quota is used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuotaWindow {
    /// Its name, such as `posts_24h`.
    pub window: String,
    /// How much is used.
    pub used: u32,
    /// How much there is.
    pub limit: u32,
    /// When it starts anew.
    pub resets_at: Instant,
}
