//! Why a key did not do what was asked.

use crate::{DisabledReason, NETWORKS_AT_MOST};
use herald_kernel::Refusal;

/// Why a command was not followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ApiKeyRefusal {
    /// Nobody issued it.
    #[error("this key does not exist")]
    NotIssued,
    /// It exists with another content.
    #[error("this key was already issued")]
    AlreadyIssued,
    /// It was revoked, or another took its place.
    #[error("this key is revoked")]
    KeyRevoked,
    /// Its time is up.
    #[error("this key has expired")]
    KeyExpired,
    /// It leaked.
    #[error("this key leaked and was ended")]
    KeyCompromised,
    /// It rests.
    #[error("this key is disabled ({reason}); enable it first")]
    KeyDisabled {
        /// Why.
        reason: DisabledReason,
    },
    /// It rests for a reason that whoever asks cannot lift.
    #[error("this key stays disabled ({reason})")]
    StaysDisabled {
        /// Why.
        reason: DisabledReason,
    },
    /// Another key is taking its place.
    #[error("another key is taking the place of this one; revoke it to end it now")]
    RotationOpen,
    /// No other key is taking its place.
    #[error("no other key is taking the place of this one")]
    NotRotating,
    /// Both keys still work.
    #[error("the overlap with the successor is not over yet")]
    OverlapNotOver,
    /// Both keys would work for too long.
    #[error("a key and its successor work side by side for at most 7 days")]
    OverlapTooLong,
    /// A key does not succeed itself.
    #[error("a key cannot be its own successor")]
    OwnSuccessor,
    /// The tier has no place left.
    #[error("all {limit} API keys of this tier are in use")]
    KeysTaken {
        /// How many there are.
        limit: u32,
        /// How many are taken.
        used: u32,
    },
    /// A key that may do nothing.
    #[error("a key needs at least one scope")]
    NoScopes,
    /// More than the issuer may do.
    #[error("a key cannot be allowed more than its issuer is")]
    BeyondIssuer,
    /// A scope of services.
    #[error("this scope is for services, never for a user's key")]
    ScopeForServices,
    /// More, or something else, than a service may do.
    #[error("a service has the scope `checkout:create` and no other")]
    ServiceScopeOnly,
    /// A service from anywhere.
    #[error("a service's key must be bound to networks")]
    NetworksMissing,
    /// A long list.
    #[error("at most {NETWORKS_AT_MOST} networks are allowed")]
    TooManyNetworks,
    /// A scope would be added.
    #[error("narrowing takes scopes away; to add one, widen")]
    NotNarrower,
    /// Whoever asks must first prove again who they are.
    #[error("sign in again to give a key more scopes")]
    ReauthenticationRequired,
    /// Void from the start.
    #[error("a key must expire in the future")]
    ExpiryInThePast,
    /// Valid for longer than anybody remembers it.
    #[error("a key is valid for at most two years; leave the expiry out for one without end")]
    ExpiryTooFar,
    /// It has no end, or that is still to come.
    #[error("the time of this key is not up")]
    NotDue,
}

impl Refusal for ApiKeyRefusal {
    fn code(&self) -> &'static str {
        match self {
            Self::NotIssued => "NOT_FOUND",
            Self::AlreadyIssued
            | Self::KeyRevoked
            | Self::KeyExpired
            | Self::KeyCompromised
            | Self::KeyDisabled { .. }
            | Self::StaysDisabled { .. }
            | Self::RotationOpen
            | Self::NotRotating
            | Self::OverlapNotOver
            | Self::NotDue => "INVALID_STATE",
            Self::KeysTaken { .. } => "LIMIT_REACHED",
            Self::BeyondIssuer | Self::ScopeForServices => "FORBIDDEN",
            Self::ReauthenticationRequired => "REAUTHENTICATION_REQUIRED",
            Self::OverlapTooLong
            | Self::OwnSuccessor
            | Self::NoScopes
            | Self::ServiceScopeOnly
            | Self::NetworksMissing
            | Self::TooManyNetworks
            | Self::NotNarrower
            | Self::ExpiryInThePast
            | Self::ExpiryTooFar => "VALIDATION",
        }
    }

    fn field(&self) -> Option<&'static str> {
        match self {
            Self::OverlapTooLong => Some("overlap"),
            Self::OwnSuccessor => Some("successor"),
            Self::NoScopes
            | Self::BeyondIssuer
            | Self::ScopeForServices
            | Self::ServiceScopeOnly
            | Self::NotNarrower => Some("scopes"),
            Self::NetworksMissing | Self::TooManyNetworks => Some("ipAllow"),
            Self::ExpiryInThePast | Self::ExpiryTooFar => Some("expiresAt"),
            Self::NotIssued
            | Self::AlreadyIssued
            | Self::KeyRevoked
            | Self::KeyExpired
            | Self::KeyCompromised
            | Self::KeyDisabled { .. }
            | Self::StaysDisabled { .. }
            | Self::RotationOpen
            | Self::NotRotating
            | Self::OverlapNotOver
            | Self::KeysTaken { .. }
            | Self::ReauthenticationRequired
            | Self::NotDue => None,
        }
    }

    /// These pass with time, or by what somebody does elsewhere, with the same input.
    fn retryable(&self) -> bool {
        matches!(
            self,
            Self::OverlapNotOver
                | Self::NotDue
                | Self::KeysTaken { .. }
                | Self::ReauthenticationRequired
        )
    }
}
