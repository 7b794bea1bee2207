//! Which master key wraps which data key, for wrapping them anew.

use super::{StoreError, WrappedKey};
use async_trait::async_trait;
use herald_kernel::AccountId;

/// The wraps of the data keys, by the master key that made them. Destroyed keys are not among them.
#[async_trait]
pub trait KeyWraps: Send + Sync {
    /// The names of the master keys that wrap something. MUST NOT read every key: it is asked at
    /// every start.
    async fn masters(&self) -> Result<Vec<String>, StoreError>;

    /// How many keys `master` wraps.
    async fn count(&self, master: &str) -> Result<u64, StoreError>;

    /// Up to `limit` keys that `master` wraps, in an order of their own, behind `after`.
    async fn page(
        &self,
        master: &str,
        after: Option<AccountId>,
        limit: u32,
    ) -> Result<Vec<(AccountId, WrappedKey)>, StoreError>;

    /// Puts new wraps in the place of those they were made from; answers how many it put.
    ///
    /// MUST leave alone a row that does not hold `from` any more: it was destroyed, or wrapped anew
    /// by somebody else.
    async fn replace(&self, wraps: &[Rewrap]) -> Result<u64, StoreError>;

    /// Clears what replaced wraps left behind on disk, as far as the engine can.
    async fn tidy(&self) -> Result<(), StoreError>;
}

/// A data key under another master key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rewrap {
    /// Whose.
    pub account: AccountId,
    /// What is stored.
    pub from: WrappedKey,
    /// What is to be stored.
    pub to: WrappedKey,
}
