//! What one can ask of a count of use.

use super::Breakdown;
use herald_kernel::{Instant, LeaseId, RunId};
use uuid::Uuid;

/// What one can ask of a count of use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UsageCommand {
    /// Count one unit, such as a post. The same unit counts once.
    Count {
        /// Which.
        unit: Uuid,
    },
    /// Hand a block to one replica, to be used up without asking again.
    Lease {
        /// The block.
        lease: LeaseId,
        /// Who uses it.
        replica: Uuid,
        /// How much.
        n: u32,
        /// From when on all of it counts as used.
        expires_at: Instant,
    },
    /// Say how much of a block was used; the rest is free again.
    Settle {
        /// Which.
        lease: LeaseId,
        /// How much.
        used: u32,
        /// By which keys and operations.
        breakdown: Breakdown,
    },
    /// Set credits aside for one run.
    Reserve {
        /// The run.
        run: RunId,
        /// How many.
        n: u32,
        /// From when on they are free again.
        expires_at: Instant,
    },
    /// Charge a run, once.
    Commit {
        /// The run.
        run: RunId,
        /// How many credits, at most what was set aside.
        used: u32,
    },
    /// Charge a run nothing.
    Release {
        /// The run.
        run: RunId,
    },
    /// Note what was used beside the quota, out of what was bought. The same is noted once.
    Draw {
        /// For what: a block or a run.
        id: Uuid,
        /// How much.
        n: u32,
        /// By which keys and operations.
        breakdown: Breakdown,
    },
    /// Settle what nobody settled in time.
    Expire,
    /// Have the payment provider told what it was not told yet.
    IntendReport,
    /// Note how telling it ended.
    RecordReport {
        /// The report's end: what was used until then.
        upto: u64,
        /// Did the provider say that it took it down?
        seen: bool,
    },
}
