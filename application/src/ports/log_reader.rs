//! The log in its one order, as projections, auditors and clients read it.

use super::{EventRow, FactRow, StoreError};
use async_trait::async_trait;
use herald_kernel::AccountId;

/// An event's gapless global number, from 1.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Default,
    serde::Serialize,
    serde::Deserialize,
)]
#[serde(transparent)]
pub struct Ordinal(pub i64);

/// A storage engine's own number of an event: unique, but on PostgreSQL neither gapless nor ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position(pub i64);

/// Reads the sequenced log.
#[async_trait]
pub trait LogReader: Send + Sync {
    /// Up to `limit` events after `after`, in order. An error, never a short page, when a row cannot
    /// be read.
    async fn page(&self, after: Ordinal, limit: u32) -> Result<Vec<LoggedEvent>, StoreError>;

    /// The events of [`Self::page`] as they are folded, of which an engine may read less.
    async fn facts(&self, after: Ordinal, limit: u32) -> Result<Vec<FactRow>, StoreError> {
        let page = self.page(after, limit).await?;
        Ok(page.into_iter().map(FactRow::from).collect())
    }

    /// Up to `limit` events of one account, or of one object of it, from a place on. Whatever the
    /// length of the log, an engine reads only what it answers.
    async fn account_page(&self, wanted: AccountPage<'_>) -> Result<Vec<LoggedEvent>, StoreError>;

    /// The end of the log, and where it will be once everything stored is sequenced. Cheap, however
    /// long the log is: it believes what the sequencer has noted.
    async fn head(&self) -> Result<LogHead, StoreError>;

    /// How many events are stored, counted one by one: it believes nothing, and it takes its time.
    async fn counted(&self) -> Result<i64, StoreError> {
        Ok(self.head().await?.stored)
    }

    /// The ordinal of the event at `position`, once it is sequenced.
    async fn ordinal_of(&self, position: Position) -> Result<Option<Ordinal>, StoreError>;
}

/// Which events of an account are wanted.
#[derive(Debug, Clone, Copy)]
pub struct AccountPage<'w> {
    /// Whose events.
    pub account: AccountId,
    /// Only those of this aggregate: its type and its id, as stored.
    pub object: Option<(&'w str, &'w str)>,
    /// The place that the page begins beside: after it, or before it when read backwards.
    pub from: Ordinal,
    /// The latest first?
    pub backwards: bool,
    /// How many at the most.
    pub limit: u32,
}

/// The end of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogHead {
    /// The last ordinal; 0 for an empty log.
    pub ordinal: Ordinal,
    /// Events stored, sequenced or not, as far as the sequencer can tell.
    pub stored: i64,
}

/// One event as stored, with its place in the order.
#[derive(Debug, Clone, PartialEq)]
pub struct LoggedEvent {
    /// Its place.
    pub ordinal: Ordinal,
    /// What is stored.
    pub row: EventRow,
    /// SHA-256 of the canonical row.
    pub digest: [u8; 32],
    /// SHA-256 over the previous chain value, the ordinal and the digest.
    pub chain: [u8; 32],
}
