//! Uploaded pictures: what is known of them, and their bytes.

use super::{MediaKind, StoreError};
use async_trait::async_trait;
use bytes::Bytes;
use herald_kernel::{AccountId, Instant, MediaId};
use serde::{Deserialize, Serialize};

/// What is known of uploaded media.
#[async_trait]
pub trait MediaStore: Send + Sync {
    /// Stores a record unless it exists.
    async fn insert(&self, media: &Media) -> Result<(), StoreError>;

    /// One record of `account`.
    async fn get(&self, account: AccountId, id: MediaId) -> Result<Option<Media>, StoreError>;

    /// How many bytes all pictures of `account` have.
    async fn bytes_of(&self, account: AccountId) -> Result<u64, StoreError>;

    /// An account's media, newest first, after `after` when given.
    async fn list(
        &self,
        account: AccountId,
        after: Option<(Instant, MediaId)>,
        limit: u32,
    ) -> Result<Vec<Media>, StoreError>;
}

/// The bytes of uploaded media.
#[async_trait]
pub trait MediaFiles: Send + Sync {
    /// Stores bytes durably; storing the same again is fine.
    async fn put(&self, account: AccountId, id: MediaId, bytes: Bytes) -> Result<(), StoreError>;

    /// The bytes, if they are there.
    async fn get(&self, account: AccountId, id: MediaId) -> Result<Option<Bytes>, StoreError>;
}

/// An uploaded picture.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Media {
    /// The picture.
    pub id: MediaId,
    /// Whose.
    pub account: AccountId,
    /// Its format, by its first bytes, never by its name.
    pub kind: MediaKind,
    /// Its size in bytes.
    pub bytes: u64,
    /// SHA-256 of the bytes, hex, keyed with the account's key.
    pub fingerprint: String,
    /// The name it was uploaded with.
    pub name: String,
    /// A description for people who do not see it.
    pub alt: Option<String>,
    /// When it was uploaded.
    pub uploaded_at: Instant,
}
