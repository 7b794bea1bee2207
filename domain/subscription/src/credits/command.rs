//! What one can ask of bought credits.

use crate::{CreditKind, PaymentRef};
use herald_kernel::{Instant, Money};
use uuid::Uuid;

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
