//! The vault: secrets at rest, each bound to its row.

use crate::{
    log::{Keyring, KeyringError},
    ports::{SecretRow, SecretStore, SecretWrite},
};
use herald_kernel::AccountId;
use secrecy::{ExposeSecret, SecretString};
use std::sync::Arc;

/// Stores and opens secrets. A ciphertext moved to another row, account or purpose does not open.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "it opens secrets")]
pub struct Vault {
    store: Arc<dyn SecretStore>,
    keyring: Arc<Keyring>,
}

/// A secret with the version that it was stored as.
#[derive(Debug, Clone)]
pub struct Versioned {
    /// The secret.
    pub secret: SecretString,
    /// From 1, raised by each write.
    pub version: u32,
}

/// Names one secret.
#[derive(Debug, Clone, Copy)]
pub struct Name<'n> {
    /// Whose.
    pub account: AccountId,
    /// What it belongs to.
    pub owner: &'n str,
    /// What it is for.
    pub purpose: &'n str,
}

impl Name<'_> {
    fn place(&self, version: u32) -> String {
        format!("secret\n{}\n{}\n{}\n{version}", self.account, self.owner, self.purpose)
    }
}

impl Vault {
    /// A vault over a store of ciphertexts.
    #[must_use]
    pub fn new(store: Arc<dyn SecretStore>, keyring: Arc<Keyring>) -> Self {
        Self { store, keyring }
    }

    /// Opens a secret; `None` when there is none.
    pub async fn get(&self, name: Name<'_>) -> Result<Option<Versioned>, KeyringError> {
        let Some(row) = self.store.get(name.account, name.owner, name.purpose).await? else {
            return Ok(None);
        };
        let Some(key) = self.keyring.existing(name.account).await? else { return Ok(None) };
        let plain = key.open(&name.place(row.version), &row.sealed)?;
        let text = String::from_utf8(plain).map_err(|_| KeyringError::Tampered)?;
        Ok(Some(Versioned { secret: SecretString::from(text), version: row.version }))
    }

    /// Stores `secret` as the successor of version `after` (0 for the first); answers the new
    /// version, or `None` when another writer was first.
    pub async fn put(
        &self,
        name: Name<'_>,
        after: u32,
        secret: &SecretString,
    ) -> Result<Option<u32>, KeyringError> {
        let version = after + 1;
        let key = self.keyring.ensure(name.account).await?;
        let sealed = key.seal(&name.place(version), secret.expose_secret().as_bytes());
        let write = SecretWrite {
            account: name.account,
            owner: name.owner.to_owned(),
            purpose: name.purpose.to_owned(),
            row: SecretRow { version, sealed },
        };
        Ok(self.store.put(&write).await?.then_some(version))
    }

    /// Deletes one secret.
    pub async fn remove(&self, name: Name<'_>) -> Result<(), KeyringError> {
        Ok(self.store.remove(name.account, name.owner, name.purpose).await?)
    }

    /// Deletes every secret of `owner`.
    pub async fn shred(&self, account: AccountId, owner: &str) -> Result<(), KeyringError> {
        Ok(self.store.shred(account, owner).await?)
    }
}
