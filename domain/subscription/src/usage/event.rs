//! What can have happened to a count of use.

use super::Breakdown;
use herald_kernel::{Fact, Instant, LeaseId, RunId};
use herald_terms::Quota;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What happened to a count of use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum UsageEvent {
    /// One unit was used.
    Counted {
        /// Which.
        unit: Uuid,
        /// When.
        at: Instant,
    },
    /// A replica may use up a block.
    Leased {
        /// The block.
        lease: LeaseId,
        /// Who.
        replica: Uuid,
        /// How much.
        n: u32,
        /// From when on all of it counts as used.
        expires_at: Instant,
    },
    /// It is known how much of a block was used.
    Settled {
        /// Which.
        lease: LeaseId,
        /// How much.
        used: u32,
        /// By which keys and operations.
        #[serde(default)]
        breakdown: Breakdown,
    },
    /// Nobody said in time how much of a block was used: all of it.
    LeaseExpired {
        /// Which.
        lease: LeaseId,
        /// How much.
        used: u32,
    },
    /// Credits are set aside for a run.
    Reserved {
        /// The run.
        run: RunId,
        /// How many.
        n: u32,
        /// From when on they are free again.
        expires_at: Instant,
    },
    /// A run was charged.
    Committed {
        /// The run.
        run: RunId,
        /// How many credits.
        used: u32,
    },
    /// A run was charged nothing.
    Released {
        /// The run.
        run: RunId,
    },
    /// Nobody charged a run in time.
    ReservationExpired {
        /// The run.
        run: RunId,
    },
    /// The payment provider is about to be told what was used since it was told last. Until it is
    /// known how that ended, the same is told again, under the same name.
    ReportIntended {
        /// What it was told of before.
        from: u64,
        /// What was used until now.
        upto: u64,
        /// When.
        at: Instant,
    },
    /// The payment provider was told, and is told of this part no more.
    Reported {
        /// What it was told of so far.
        upto: u64,
        /// Did it say that it took the last part down? If not, nobody knows.
        seen: bool,
    },
    /// Beside the quota something was used that was bought. It counts towards no quota.
    Drawn {
        /// For what: a block or a run.
        id: Uuid,
        /// How much.
        n: u32,
        /// By which keys and operations.
        #[serde(default)]
        breakdown: Breakdown,
    },
    /// So much of the quota is taken. Said once for 80 and once for 100.
    ThresholdReached {
        /// In percent.
        percent: u8,
        /// How much there is.
        quota: Quota,
        /// How much is taken.
        used: u64,
        /// When.
        at: Instant,
    },
}

impl Fact for UsageEvent {
    const NAMES: &'static [&'static str] = &[
        "counted",
        "leased",
        "settled",
        "lease_expired",
        "reserved",
        "committed",
        "released",
        "reservation_expired",
        "drawn",
        "report_intended",
        "reported",
        "threshold_reached",
    ];

    fn name(&self) -> &'static str {
        match self {
            Self::Counted { .. } => "counted",
            Self::Leased { .. } => "leased",
            Self::Settled { .. } => "settled",
            Self::LeaseExpired { .. } => "lease_expired",
            Self::Reserved { .. } => "reserved",
            Self::Committed { .. } => "committed",
            Self::Released { .. } => "released",
            Self::ReservationExpired { .. } => "reservation_expired",
            Self::Drawn { .. } => "drawn",
            Self::ReportIntended { .. } => "report_intended",
            Self::Reported { .. } => "reported",
            Self::ThresholdReached { .. } => "threshold_reached",
        }
    }
}
