//! What an account may do at present, whatever its tier includes.

use herald_kernel::Instant;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Why an account may only read, export, pay and disconnect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Restriction {
    /// A payment failed and its grace is over.
    PastDue,
    /// A payment failed for good.
    Unpaid,
    /// The trial ended without a means of payment.
    Paused,
    /// A payment is contested at the bank.
    Disputed,
}

impl Restriction {
    /// The stored name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PastDue => "past_due",
            Self::Unpaid => "unpaid",
            Self::Paused => "paused",
            Self::Disputed => "disputed",
        }
    }
}

/// What an account may do at present.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Access {
    /// It pays for nothing and has what is free.
    #[default]
    Free,
    /// It tries a tier.
    Trial {
        /// Until when.
        until: Option<Instant>,
    },
    /// It has paid.
    Full {
        /// When it ends, if somebody asked for that.
        ends_at: Option<Instant>,
    },
    /// A payment failed; everything still works.
    Grace {
        /// Until when.
        until: Instant,
    },
    /// It may only read, export, pay and disconnect.
    Restricted {
        /// Why.
        reason: Restriction,
    },
    /// It paid once and has what is free again.
    Ended,
}

impl Access {
    /// The stored name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Free => "free",
            Self::Trial { .. } => "trial",
            Self::Full { .. } => "full",
            Self::Grace { .. } => "grace",
            Self::Restricted { .. } => "restricted",
            Self::Ended => "ended",
        }
    }

    /// May it publish, generate, and write through the API?
    #[must_use]
    pub const fn allows_work(self) -> bool {
        !matches!(self, Self::Restricted { .. })
    }

    /// Does it pay, or will it unless somebody acts? Trials and restrictions do not count.
    #[must_use]
    pub const fn is_paying(self) -> bool {
        matches!(self, Self::Full { .. } | Self::Grace { .. })
    }

    /// Is there nothing but what is free?
    #[must_use]
    pub const fn is_free(self) -> bool {
        matches!(self, Self::Free | Self::Ended)
    }
}

impl fmt::Display for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
