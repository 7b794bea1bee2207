//! Tokens that renew a session, each good for once.

use super::{Session, StoreError};
use async_trait::async_trait;
use herald_kernel::{IdentityId, Instant};
use uuid::Uuid;

/// Tokens for renewal, kept by the hash of their secret.
#[async_trait]
pub trait RefreshStore: Send + Sync {
    /// Stores the first token of a chain.
    async fn put(&self, token: &RefreshToken) -> Result<(), StoreError>;

    /// Uses the token of this hash, unless it has expired, and puts a session and the next token in
    /// its place: all of it or nothing. Of several callers exactly one gets it fresh, and none once
    /// the chain was ended.
    async fn renew(
        &self,
        hash: &[u8; 32],
        at: Instant,
        next: &Succession,
    ) -> Result<Spent, StoreError>;

    /// Ends a chain of renewals: its tokens and its sessions, also those that a renewal under way
    /// puts in their place.
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
    /// When the person signed in, which is when the chain began.
    pub signed_in_at: Instant,
    /// When the chain ends whatever happens.
    pub expires_at: Instant,
}

/// What a renewal hands out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Succession {
    /// The hash of the next token's secret.
    pub token: [u8; 32],
    /// The hash of the session's secret.
    pub session: [u8; 32],
    /// When the session ends.
    pub expires_at: Instant,
}

impl Succession {
    /// The token that follows `spent`.
    #[must_use]
    pub fn token_after(&self, spent: &RefreshToken) -> RefreshToken {
        RefreshToken { hash: self.token, ..spent.clone() }
    }

    /// The session that `spent` opens.
    #[must_use]
    pub fn session_of(&self, spent: &RefreshToken, at: Instant) -> Session {
        Session {
            hash: self.session,
            identity: spent.identity,
            issuer: spent.issuer.clone(),
            subject: spent.subject.clone(),
            signed_in_at: spent.signed_in_at,
            created_at: at,
            used_at: at,
            expires_at: self.expires_at,
            device: spent.device.clone(),
            family: Some(spent.family),
        }
    }
}

/// What using a token led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Spent {
    /// It was good and is used up now; its successors are in its place.
    Fresh,
    /// It was used before: somebody has a copy.
    Again(RefreshToken),
    /// There is none of this hash, or it has expired.
    Unknown,
}
