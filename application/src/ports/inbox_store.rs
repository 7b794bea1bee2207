//! Webhooks as they came: kept before they are answered, applied once each and in order.

use super::{Lease, StoreError};
use async_trait::async_trait;
use bytes::Bytes;
use herald_kernel::Instant;
use std::{collections::BTreeMap, fmt};

/// A webhook whose signature was good, as it is kept.
#[derive(Clone, PartialEq, Eq)]
pub struct Arrival {
    /// The provider, as in the address: `stripe`.
    pub source: String,
    /// The provider's id of the event; with the source it is unique.
    pub event_id: String,
    /// The provider's name of what happened.
    pub kind: String,
    /// Whom it is about: events of one key are applied one after another.
    pub key: String,
    /// What it is about, if the provider says so.
    pub object: Option<String>,
    /// In which version of the provider's API it is written.
    pub api_version: Option<String>,
    /// When it happened, by the provider's clock.
    pub occurred_at: Option<Instant>,
    /// The headers that the source asked to keep.
    pub headers: BTreeMap<String, String>,
    /// The body, byte for byte, or what seals it.
    pub body: Bytes,
    /// Is it sealed? The store keeps it as it is given.
    pub sealed: bool,
    /// Bytes of the body as it came.
    pub size: u64,
    /// SHA-256 of the body as it came.
    pub digest: [u8; 32],
    /// When it came.
    pub received_at: Instant,
}

impl fmt::Debug for Arrival {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Arrival")
            .field("source", &self.source)
            .field("event_id", &self.event_id)
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}

/// What became of an arrival.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InboxReception {
    /// It is kept, and survives everything from here on.
    Stored,
    /// It was kept before; nothing changed.
    Duplicate,
}

/// A row in a worker's hands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimedArrival {
    /// Its place in the order of arrival.
    pub number: i64,
    /// What came.
    pub arrival: Arrival,
    /// How often it was claimed, this time included.
    pub attempts: u32,
    /// Proves that the row is still ours.
    pub fence: i64,
}

/// How a claim ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InboxSettlement {
    /// What the event said is done.
    Applied,
    /// It concerns nothing here.
    Ignored(String),
    /// Try again, not before `due_at`; later rows of the key wait meanwhile.
    Failed {
        /// When to try again.
        due_at: Instant,
        /// Why it did not work.
        cause: String,
    },
    /// Give it up; later rows of the key go on.
    Dead(String),
}

/// The inbox, for whoever takes in and applies.
#[async_trait]
pub trait InboxStore: Send + Sync {
    /// Keeps an arrival unless its (source, event id) is kept already. MUST be one statement and be
    /// committed, on disk, when it answers.
    async fn receive(&self, arrival: &Arrival) -> Result<InboxReception, StoreError>;

    /// Claims up to `limit` rows of `sources`, the oldest first: due ones, and ones whose lease has
    /// run out. MUST never hold two rows of one (source, key) at one time, and MUST take the oldest
    /// open row of a key before any later one, even while that one waits for another attempt.
    async fn claim(
        &self,
        lease: Lease,
        sources: &[String],
        limit: u32,
    ) -> Result<Vec<ClaimedArrival>, StoreError>;

    /// Lengthens a claim. Answers `false` and changes nothing when the row has another fence.
    async fn renew(&self, number: i64, fence: i64, until: Instant) -> Result<bool, StoreError>;

    /// Ends a claim. Answers `false` and changes nothing when the row has another fence.
    async fn settle(
        &self,
        number: i64,
        fence: i64,
        now: Instant,
        how: &InboxSettlement,
    ) -> Result<bool, StoreError>;

    /// When the next row of `sources` can be claimed, rows in hands and those behind them apart.
    async fn next_due(&self, sources: &[String]) -> Result<Option<Instant>, StoreError>;
}
