//! How much is used, folded from what was counted.

use herald_kernel::{Instant, LeaseId, RunId};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// How a block or a reservation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Held {
    /// It is open.
    Open { n: u32, expires_at: Instant },
    /// So much of it was used.
    Used { used: u32 },
    /// It was given back.
    Released,
}

/// What the payment provider is being told: a part of what was used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenReport {
    /// What it was told of before.
    pub from: u64,
    /// What was used until the report was intended.
    pub upto: u64,
    /// When it was.
    pub at: Instant,
}

impl OpenReport {
    /// How much that is.
    #[must_use]
    pub const fn value(&self) -> u64 {
        self.upto.saturating_sub(self.from)
    }
}

/// How much of one counter an account used within one period.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    pub(super) units: BTreeSet<Uuid>,
    pub(super) leases: BTreeMap<LeaseId, Held>,
    pub(super) runs: BTreeMap<RunId, Held>,
    pub(super) settled: u64,
    pub(super) held: u64,
    pub(super) breakdown: BTreeMap<String, u64>,
    pub(super) reached: u8,
    #[serde(default)]
    pub(super) reported: u64,
    #[serde(default)]
    pub(super) report: Option<OpenReport>,
    #[serde(default)]
    pub(super) drawn: u64,
    #[serde(default)]
    pub(super) drawn_for: BTreeSet<Uuid>,
}

impl Usage {
    /// What was used for certain.
    #[must_use]
    pub const fn used(&self) -> u64 {
        self.settled
    }

    /// What is handed out or set aside and not settled.
    #[must_use]
    pub const fn held(&self) -> u64 {
        self.held
    }

    /// What nobody else can use: the used and the held.
    #[must_use]
    pub const fn taken(&self) -> u64 {
        self.settled.saturating_add(self.held)
    }

    /// What was used beside the quota, out of what was bought.
    #[must_use]
    pub const fn drawn(&self) -> u64 {
        self.drawn
    }

    /// Was this unit counted?
    #[must_use]
    pub fn has_counted(&self, unit: Uuid) -> bool {
        self.units.contains(&unit)
    }

    /// What is set aside for a run at `now`; 0 once it is settled or has fallen back.
    #[must_use]
    pub fn held_by(&self, run: RunId, now: Instant) -> u32 {
        match self.runs.get(&run) {
            Some(Held::Open { n, expires_at }) if now < *expires_at => *n,
            Some(Held::Open { .. } | Held::Used { .. } | Held::Released) | None => 0,
        }
    }

    /// What was used, by key and operation, as far as blocks were settled.
    #[must_use]
    pub const fn breakdown(&self) -> &BTreeMap<String, u64> {
        &self.breakdown
    }

    /// What the payment provider is being told, until it is known how that ended.
    #[must_use]
    pub const fn report(&self) -> Option<OpenReport> {
        self.report
    }

    /// What the payment provider was told of.
    #[must_use]
    pub const fn reported(&self) -> u64 {
        self.reported
    }

    /// When the next block or reservation expires.
    #[must_use]
    pub fn next_expiry(&self) -> Option<Instant> {
        let open = |held: &Held| match held {
            Held::Open { expires_at, .. } => Some(*expires_at),
            Held::Used { .. } | Held::Released => None,
        };
        self.leases.values().chain(self.runs.values()).filter_map(open).min()
    }
}
