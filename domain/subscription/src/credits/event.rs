//! What can have happened to bought credits.

use crate::{CreditKind, PaymentRef};
use herald_kernel::{Fact, Instant, Money};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// So many credits of one pack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// The payment that bought the pack.
    pub payment: PaymentRef,
    /// How many.
    pub n: u32,
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
