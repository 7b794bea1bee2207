//! Where projections and processes write: views, jobs and checkpoints in one transaction.

use super::{JobChange, Ordinal, StoreError, ViewDocument};
use async_trait::async_trait;

/// Views, jobs and checkpoints, for the projection loop only.
#[async_trait]
pub trait ProjectionStore: Send + Sync {
    /// Every known checkpoint.
    async fn checkpoints(&self) -> Result<Vec<Checkpoint>, StoreError>;

    /// Adds a checkpoint that covers everything until `at`, unless it exists.
    async fn register(
        &self,
        projection: &str,
        version: i32,
        status: CheckpointStatus,
        at: Ordinal,
    ) -> Result<(), StoreError>;

    /// The documents of a view by id, whoever's they are.
    async fn documents(
        &self,
        view: &str,
        version: i32,
        ids: &[String],
    ) -> Result<Vec<ViewDocument>, StoreError>;

    /// Writes all of `batch` and moves its checkpoints, or writes nothing.
    ///
    /// MUST compare each checkpoint with its `from` under a lock, and answer [`Committed::Stale`]
    /// when one has moved: another replica was first. What moves has no error any more. A batch
    /// without moves follows from nothing that would be read again: its commit MUST wait for the disk.
    async fn commit(&self, batch: &Batch) -> Result<Committed, StoreError>;

    /// Sets status and error of a checkpoint that still stands where it was `seen`; answers whether
    /// it did. A switch (`live`) retires the lower versions in the same transaction. Their documents
    /// stay for those who still read them, until they are [forgotten](Self::forget).
    async fn set_status(
        &self,
        seen: &Checkpoint,
        status: CheckpointStatus,
        error: Option<&str>,
    ) -> Result<bool, StoreError>;

    /// Deletes up to `limit` documents of a retired version and of what is
    /// [derived](crate::views::derived_names) from them; answers how many there were.
    async fn forget(&self, projection: &str, version: i32, limit: u32) -> Result<u64, StoreError>;
}

/// How far a projection has read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// The projection's or process's name.
    pub projection: String,
    /// Its version.
    pub version: i32,
    /// The last event that it covers.
    pub ordinal: Ordinal,
    /// Where it stands.
    pub status: CheckpointStatus,
    /// Why it stopped, if it did.
    pub error: Option<String>,
}

/// Where a projection stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CheckpointStatus {
    /// Being rebuilt beside the live one.
    Building,
    /// Served.
    Live,
    /// Replaced by a higher version.
    Retired,
}

impl CheckpointStatus {
    /// As stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Building => "building",
            Self::Live => "live",
            Self::Retired => "retired",
        }
    }

    /// From its stored form.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Building, Self::Live, Self::Retired].into_iter().find(|s| s.as_str() == text)
    }
}

/// One transaction of the projection loop.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Batch {
    /// The checkpoints that move.
    pub moves: Vec<CheckpointMove>,
    /// The view rows that change.
    pub views: Vec<ViewChange>,
    /// The jobs that change, in order.
    pub jobs: Vec<JobChange>,
}

/// A checkpoint's compare-and-set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckpointMove {
    /// The projection's or process's name.
    pub projection: String,
    /// Its version.
    pub version: i32,
    /// Where it must stand.
    pub from: Ordinal,
    /// Where it goes.
    pub to: Ordinal,
}

/// A changed view row.
#[derive(Debug, Clone, PartialEq)]
pub enum ViewChange {
    /// Insert or replace.
    Put {
        /// The view's name.
        view: String,
        /// Its version.
        version: i32,
        /// The row.
        document: ViewDocument,
        /// The last event folded into it.
        ordinal: Ordinal,
    },
    /// Delete.
    Remove {
        /// The view's name.
        view: String,
        /// Its version.
        version: i32,
        /// The row.
        id: String,
    },
}

/// How a commit ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Committed {
    /// Everything is written.
    Done,
    /// A checkpoint had moved: nothing is written, read on from where it stands.
    Stale,
}
