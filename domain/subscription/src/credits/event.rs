//! What one can ask of bought credits, what can have happened to them, and why something was not.

use crate::{CreditKind, PaymentRef};
use herald_kernel::{Fact, Instant, Money, Refusal};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What a decision about credits may look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CreditsContext {
    /// Now.
    pub now: Instant,
}

/// So many credits of one pack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// The payment that bought the pack.
    pub payment: PaymentRef,
    /// How many.
    pub n: u32,
}

/// What one can ask of bought credits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CreditsCommand {
    /// Add a pack that was paid.
    Buy {
        /// By which payment. One payment buys one pack.
        payment: PaymentRef,
        /// What the credits are for.
        kind: CreditKind,
        /// How many.
        credits: u32,
        /// For how much.
        amount: Money,
        /// Until when they can be spent.
        expires_at: Instant,
    },
    /// Set credits aside, the oldest first.
    Reserve {
        /// For what: a run, or a block of calls.
        id: Uuid,
        /// How many.
        n: u32,
    },
    /// Spend what was set aside; the rest is free again.
    Commit {
        /// For what.
        id: Uuid,
        /// How many.
        used: u32,
    },
    /// Give back what was set aside.
    Release {
        /// For what.
        id: Uuid,
    },
    /// Note that a payment went back: what is unused of its pack is gone.
    Refund {
        /// Which payment.
        payment: PaymentRef,
    },
    /// Take away what nobody spent in time.
    Expire,
}

/// What happened to bought credits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum CreditsEvent {
    /// A pack was paid.
    Bought {
        /// By which payment.
        payment: PaymentRef,
        /// What its credits are for.
        kind: CreditKind,
        /// How many.
        credits: u32,
        /// For how much.
        amount: Money,
        /// Until when they can be spent.
        expires_at: Instant,
    },
    /// Credits are set aside.
    Reserved {
        /// For what.
        id: Uuid,
        /// Out of which packs.
        parts: Vec<Part>,
    },
    /// Credits are spent.
    Committed {
        /// For what.
        id: Uuid,
        /// Out of which packs. What else was set aside is free again.
        parts: Vec<Part>,
    },
    /// What was set aside is free again.
    Released {
        /// For what.
        id: Uuid,
    },
    /// A payment went back.
    Refunded {
        /// Which.
        payment: PaymentRef,
        /// How many unused credits are gone with it.
        credits: u32,
    },
    /// Nobody spent them in time.
    Expired {
        /// Of which pack.
        payment: PaymentRef,
        /// How many.
        credits: u32,
    },
}

impl Fact for CreditsEvent {
    const NAMES: &'static [&'static str] =
        &["bought", "reserved", "committed", "released", "refunded", "expired"];

    fn name(&self) -> &'static str {
        match self {
            Self::Bought { .. } => "bought",
            Self::Reserved { .. } => "reserved",
            Self::Committed { .. } => "committed",
            Self::Released { .. } => "released",
            Self::Refunded { .. } => "refunded",
            Self::Expired { .. } => "expired",
        }
    }
}

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
