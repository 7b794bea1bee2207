//! Metrics of published posts: observations, not events.

use super::StoreError;
use async_trait::async_trait;
use herald_kernel::{AccountId, Instant, TargetId};
use serde::{Deserialize, Serialize};

/// Observed metrics by target and time.
#[async_trait]
pub trait ObservationStore: Send + Sync {
    /// Adds an observation; the same (target, at) again is the same.
    async fn record(&self, observation: &Observation) -> Result<(), StoreError>;

    /// A target's observations, newest first.
    async fn of_target(
        &self,
        account: AccountId,
        target: TargetId,
        limit: u32,
    ) -> Result<Vec<Observation>, StoreError>;
}

/// What a network said of a published post at one time. `None`: not said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Observation {
    /// Whose.
    pub account: AccountId,
    /// Which target.
    pub target: TargetId,
    /// When we asked.
    pub at: Instant,
    /// Times shown.
    pub impressions: Option<i64>,
    /// Likes.
    pub likes: Option<i64>,
    /// Reposts.
    pub reposts: Option<i64>,
    /// Replies.
    pub replies: Option<i64>,
    /// Quotes.
    pub quotes: Option<i64>,
    /// Bookmarks.
    pub bookmarks: Option<i64>,
}
