//! Why a command to bought credits was not followed.

use herald_kernel::Refusal;

/// Why a command to bought credits was not followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CreditsRefusal {
    /// There are not that many.
    #[error("only {left} credits are left")]
    CreditsExhausted {
        /// How many there are.
        left: u32,
    },
    /// Nothing is asked for.
    #[error("at least 1 credit must be asked for")]
    Nothing,
    /// The pack would be void from the start.
    #[error("credits must expire in the future")]
    ExpiryInThePast,
    /// Credits for something else are kept apart.
    #[error("these credits are for something else")]
    OtherKind,
    /// No such pack.
    #[error("no credits were bought by this payment")]
    PackUnknown,
    /// Some of the pack is spent or set aside.
    #[error("only a pack that nobody used can be paid back")]
    PackUsed,
    /// Nothing was set aside for it.
    #[error("nothing is set aside for this")]
    ReservationUnknown,
    /// It was spent or given back.
    #[error("what was set aside for this is spent or free again")]
    ReservationOver,
    /// More than was set aside.
    #[error("{used} are more than the {held} that were set aside")]
    MoreThanHeld {
        /// What was asked.
        used: u32,
        /// What there is.
        held: u32,
    },
}

impl Refusal for CreditsRefusal {
    fn code(&self) -> &'static str {
        match self {
            Self::CreditsExhausted { .. } => "CREDITS_EXHAUSTED",
            Self::PackUnknown | Self::ReservationUnknown => "NOT_FOUND",
            Self::PackUsed | Self::ReservationOver => "INVALID_STATE",
            Self::Nothing | Self::ExpiryInThePast | Self::OtherKind | Self::MoreThanHeld { .. } => {
                "VALIDATION"
            }
        }
    }
}
