//! Prompts and outputs beside the log: by keyed hash, sealed, erasable.

use super::StoreError;
use async_trait::async_trait;
use herald_kernel::AccountId;

/// Sealed texts by (account, reference). The application seals; this only keeps.
#[async_trait]
pub trait ContentStore: Send + Sync {
    /// Stores a text; the same reference again is the same text.
    async fn put(
        &self,
        account: AccountId,
        reference: &str,
        sealed: &[u8],
    ) -> Result<(), StoreError>;

    /// The text, if it is there.
    async fn get(&self, account: AccountId, reference: &str)
    -> Result<Option<Vec<u8>>, StoreError>;

    /// Erases everything of one account.
    async fn erase(&self, account: AccountId) -> Result<(), StoreError>;
}
