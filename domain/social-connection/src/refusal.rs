//! Why a social connection did not do as it was told.

use crate::Status;
use herald_kernel::Refusal;
use herald_terms::Quota;

/// Why a command was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConnectionRefusal {
    /// There is no such connection.
    #[error("this connection does not exist")]
    NotFound,
    /// The connection was begun before.
    #[error("this connection has begun already; use `reconnect` to ask for consent again")]
    AlreadyBegun,
    /// The tier includes no more connections.
    #[error("your tier includes {limit} live connections; disconnect one or upgrade")]
    ConnectionLimit {
        /// What the tier includes.
        limit: Quota,
    },
    /// The tier includes no more networks.
    #[error("your tier includes {limit} networks; disconnect another network or upgrade")]
    NetworkLimit {
        /// What the tier includes.
        limit: Quota,
    },
    /// Nobody is waiting for this consent: it was used, replaced, or never asked for.
    #[error("this consent is not awaited any more; connect again")]
    ConsentNotAwaited,
    /// The consent came back too late.
    #[error("this consent has expired; connect again")]
    ConsentExpired,
    /// Another member began the connection.
    #[error("another member began this connection; only they can complete it")]
    ConsentOfAnother,
    /// The new tokens belong to another account of the network.
    #[error("this is another account of the network than the one connected before")]
    IdentityMismatch,
    /// A refresh is under way.
    #[error("a refresh of this connection is under way")]
    RefreshInProgress,
    /// There is no refresh token.
    #[error("this connection cannot be refreshed; reconnect it")]
    NothingToRefresh,
    /// The report is about a refresh that nobody waits for.
    #[error("this token refresh is no longer pending")]
    RefreshNotAwaited,
    /// The state does not allow it.
    #[error("a connection that is {status} does not allow this")]
    InvalidState {
        /// What the connection is.
        status: Status,
    },
}

impl Refusal for ConnectionRefusal {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "NOT_FOUND",
            Self::AlreadyBegun | Self::InvalidState { .. } => "INVALID_STATE",
            Self::ConnectionLimit { .. } | Self::NetworkLimit { .. } => "LIMIT_REACHED",
            Self::ConsentNotAwaited => "CONSENT_NOT_AWAITED",
            Self::ConsentExpired => "CONSENT_EXPIRED",
            Self::ConsentOfAnother => "CONSENT_OF_ANOTHER",
            Self::IdentityMismatch => "IDENTITY_MISMATCH",
            Self::RefreshInProgress => "REFRESH_IN_PROGRESS",
            Self::NothingToRefresh => "NEEDS_REAUTH",
            Self::RefreshNotAwaited => "REFRESH_NOT_AWAITED",
        }
    }

    fn field(&self) -> Option<&'static str> {
        match self {
            Self::NetworkLimit { .. } => Some("network"),
            Self::NotFound
            | Self::AlreadyBegun
            | Self::InvalidState { .. }
            | Self::ConnectionLimit { .. }
            | Self::ConsentNotAwaited
            | Self::ConsentExpired
            | Self::ConsentOfAnother
            | Self::IdentityMismatch
            | Self::RefreshInProgress
            | Self::NothingToRefresh
            | Self::RefreshNotAwaited => None,
        }
    }

    fn retryable(&self) -> bool {
        matches!(self, Self::RefreshInProgress)
    }
}
