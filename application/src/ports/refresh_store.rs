//! Tokens that renew a session, each good for once.

use super::StoreError;
use async_trait::async_trait;
use herald_kernel::{IdentityId, Instant};
use uuid::Uuid;

/// Tokens for renewal, kept by the hash of their secret.
#[async_trait]
pub trait RefreshStore: Send + Sync {
    /// Stores a token.
    async fn put(&self, token: &RefreshToken) -> Result<(), StoreError>;

    /// Uses a token: of several callers exactly one gets it fresh.
    async fn spend(&self, hash: &[u8; 32], at: Instant) -> Result<Spent, StoreError>;

    /// Ends a chain of renewals: its tokens and its sessions.
    async fn end_family(&self, family: Uuid) -> Result<(), StoreError>;
}

/// A token that renews a session once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefreshToken {
    /// SHA-256 of the secret that the client holds.
    pub hash: [u8; 32],
    /// The chain to which it and its successors belong.
    pub family: Uuid,
    /// Who.
    pub identity: IdentityId,
    /// Who vouches for them.
    pub issuer: String,
    /// The issuer's name for them.
    pub subject: String,
    /// What the chain was begun with.
    pub device: String,
    /// When the chain ends whatever happens.
    pub expires_at: Instant,
}

/// What using a token led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Spent {
    /// It was good and is used up now.
    Fresh(RefreshToken),
    /// It was used before: somebody has a copy.
    Again(RefreshToken),
    /// There is none of this hash.
    Unknown,
}
