//! Where encrypted secrets live: OAuth tokens and codes.

use super::StoreError;
use async_trait::async_trait;
use herald_kernel::AccountId;

/// Ciphertexts by (account, owner, purpose). Not a view: no projection writes here.
#[async_trait]
pub trait SecretStore: Send + Sync {
    /// The current row.
    async fn get(
        &self,
        account: AccountId,
        owner: &str,
        purpose: &str,
    ) -> Result<Option<SecretRow>, StoreError>;

    /// Writes `row` if the stored version is `row.version - 1` (0 when there is none); answers
    /// whether it did.
    async fn put(&self, write: &SecretWrite) -> Result<bool, StoreError>;

    /// Deletes every secret of `owner`.
    async fn shred(&self, account: AccountId, owner: &str) -> Result<(), StoreError>;

    /// Deletes one secret.
    async fn remove(
        &self,
        account: AccountId,
        owner: &str,
        purpose: &str,
    ) -> Result<(), StoreError>;
}

/// A stored secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretRow {
    /// From 1, raised by each write.
    pub version: u32,
    /// Nonce and ciphertext.
    pub sealed: Vec<u8>,
}

/// A secret to store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretWrite {
    /// Whose.
    pub account: AccountId,
    /// What it belongs to, for example a connection's id.
    pub owner: String,
    /// What it is for, for example `tokens`.
    pub purpose: String,
    /// The row.
    pub row: SecretRow,
}
