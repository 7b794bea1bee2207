//! Where the accounts' data keys live, wrapped by the master key.

use super::StoreError;
use async_trait::async_trait;
use herald_kernel::AccountId;

/// Wrapped data keys, one an account.
#[async_trait]
pub trait KeyStore: Send + Sync {
    /// The account's key, if it has one.
    async fn get(&self, account: AccountId) -> Result<Option<WrappedKey>, StoreError>;

    /// Stores `key` unless the account has one, and answers the one that it has.
    ///
    /// MUST refuse with [`StoreError::Corrupt`] for an account whose key was destroyed: a new key
    /// would make a forgotten account readable by halves.
    async fn insert(&self, account: AccountId, key: &WrappedKey) -> Result<WrappedKey, StoreError>;

    /// Destroys the account's key for good; what it sealed reads as forgotten from now on.
    async fn destroy(&self, account: AccountId) -> Result<(), StoreError>;
}

/// A data key, encrypted under a master key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrappedKey {
    /// Which master key wrapped it.
    pub master: String,
    /// Nonce and ciphertext.
    pub wrapped: Vec<u8>,
}
