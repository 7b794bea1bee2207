//! What can have happened to a social connection.

use crate::{
    BlockReason, ExchangeFailure, PauseReason, ProviderAccountId, ProviderCode, QuotaWindow,
    ReauthReason, TextLimit, TokenFacts, TokenOrigin, Trouble,
};
use herald_kernel::{AccountId, Fact, Instant, MemberId, Network, Personal, Text};
use serde::{Deserialize, Serialize};

/// A fact about a social connection, stored as `connection.<name>`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[expect(missing_docs, reason = "the fields carry the names of the commands that explain them")]
pub enum ConnectionEvent {
    /// A person was sent to the network's consent page.
    ConsentRequested {
        account: AccountId,
        network: Network,
        attempt: u32,
        by: MemberId,
        expires_at: Instant,
    },
    /// The person, or the network, said no.
    ConsentDenied { attempt: u32, by: MemberId, reason: ProviderCode },
    /// The code is about to be exchanged, once.
    TokenExchangeIntended { attempt: u32 },
    /// The exchange failed: connect again.
    TokenExchangeFailed { attempt: u32, failure: ExchangeFailure },
    /// Nobody saw how the exchange ended: connect again.
    TokenExchangeUnknown { attempt: u32 },
    /// The vault holds new tokens.
    TokenStored { origin: TokenOrigin, tokens: TokenFacts, at: Instant },
    /// The connection is made.
    Established {
        provider_account_id: ProviderAccountId,
        handle: Personal<Text<100>>,
        display_name: Personal<Text<200>>,
        text_limit: TextLimit,
    },
    /// The connection is renewed for the same owner.
    Reauthorized {
        handle: Personal<Text<100>>,
        display_name: Personal<Text<200>>,
        text_limit: TextLimit,
    },
    /// A refresh is about to be asked for, with the token of the named version.
    RefreshIntended { n: u32, fence: i64, secret_version: u32, at: Instant },
    /// A refresh failed and may be tried again.
    RefreshFailedTransient { n: u32, cause: Trouble },
    /// The network rejected the refresh token.
    RefreshRejected { n: u32, code: ProviderCode },
    /// Nobody saw how the refresh ended.
    RefreshOutcomeUnknown { n: u32 },
    /// The connection has passing trouble; it is still tried.
    Degraded { cause: Trouble, at: Instant },
    /// The connection works again.
    Recovered,
    /// A person has to connect again.
    ReauthRequired { reason: ReauthReason },
    /// A scope is gone.
    CapabilityLost { scope: String },
    /// The network's quota was seen.
    QuotaObserved { quota: QuotaWindow },
    /// The connection publishes nothing for a while.
    Paused { reason: PauseReason, by: Option<MemberId> },
    /// One pause was lifted.
    Resumed { reason: PauseReason, by: Option<MemberId> },
    /// The network forbids the use of this account.
    Blocked { reason: BlockReason },
    /// The connection has ended for ever.
    Disconnected { by: Option<MemberId> },
    /// The connection's secrets are given up: nothing may use them from here on.
    SecretShredded,
}

impl Fact for ConnectionEvent {
    const NAMES: &'static [&'static str] = &[
        "consent_requested",
        "consent_denied",
        "token_exchange_intended",
        "token_exchange_failed",
        "token_exchange_unknown",
        "token_stored",
        "established",
        "reauthorized",
        "refresh_intended",
        "refresh_failed_transient",
        "refresh_rejected",
        "refresh_outcome_unknown",
        "degraded",
        "recovered",
        "reauth_required",
        "capability_lost",
        "quota_observed",
        "paused",
        "resumed",
        "blocked",
        "disconnected",
        "secret_shredded",
    ];

    fn name(&self) -> &'static str {
        match self {
            Self::ConsentRequested { .. } => "consent_requested",
            Self::ConsentDenied { .. } => "consent_denied",
            Self::TokenExchangeIntended { .. } => "token_exchange_intended",
            Self::TokenExchangeFailed { .. } => "token_exchange_failed",
            Self::TokenExchangeUnknown { .. } => "token_exchange_unknown",
            Self::TokenStored { .. } => "token_stored",
            Self::Established { .. } => "established",
            Self::Reauthorized { .. } => "reauthorized",
            Self::RefreshIntended { .. } => "refresh_intended",
            Self::RefreshFailedTransient { .. } => "refresh_failed_transient",
            Self::RefreshRejected { .. } => "refresh_rejected",
            Self::RefreshOutcomeUnknown { .. } => "refresh_outcome_unknown",
            Self::Degraded { .. } => "degraded",
            Self::Recovered => "recovered",
            Self::ReauthRequired { .. } => "reauth_required",
            Self::CapabilityLost { .. } => "capability_lost",
            Self::QuotaObserved { .. } => "quota_observed",
            Self::Paused { .. } => "paused",
            Self::Resumed { .. } => "resumed",
            Self::Blocked { .. } => "blocked",
            Self::Disconnected { .. } => "disconnected",
            Self::SecretShredded => "secret_shredded",
        }
    }
}
