//! Why use was refused.

use herald_kernel::{Instant, Refusal};

/// Why use was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UsageRefusal {
    /// There is not that much left.
    #[error("{used} of {limit} {policy} are used; more from {resets_at}")]
    QuotaExceeded {
        /// What is counted.
        policy: &'static str,
        /// How much there is.
        limit: u32,
        /// How much is taken.
        used: u64,
        /// When it begins anew.
        resets_at: Instant,
    },
    /// The instant lies in another period.
    #[error("this period is over, or has not begun")]
    OutsidePeriod,
    /// Nothing is asked for.
    #[error("at least 1 must be asked for")]
    Nothing,
    /// The block or reservation would be void from the start.
    #[error("this must expire in the future")]
    ExpiryInThePast,
    /// No such block.
    #[error("there is no such lease")]
    LeaseUnknown,
    /// No such reservation.
    #[error("nothing is set aside for this run")]
    ReservationUnknown,
    /// The reservation was given back.
    #[error("what was set aside for this run is free again")]
    ReservationOver,
    /// The run was charged.
    #[error("this run is already charged")]
    AlreadyCommitted,
    /// More than was handed out or set aside.
    #[error("{used} are more than the {held} that were set aside")]
    MoreThanHeld {
        /// What was asked.
        used: u32,
        /// What there is.
        held: u32,
    },
}

impl Refusal for UsageRefusal {
    fn code(&self) -> &'static str {
        match self {
            Self::QuotaExceeded { .. } => "QUOTA_EXCEEDED",
            Self::LeaseUnknown | Self::ReservationUnknown => "NOT_FOUND",
            Self::OutsidePeriod | Self::ReservationOver | Self::AlreadyCommitted => "INVALID_STATE",
            Self::Nothing | Self::ExpiryInThePast | Self::MoreThanHeld { .. } => "VALIDATION",
        }
    }

    fn retryable(&self) -> bool {
        matches!(self, Self::QuotaExceeded { .. })
    }
}
