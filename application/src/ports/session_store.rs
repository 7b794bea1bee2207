//! Who is signed in.

use super::StoreError;
use async_trait::async_trait;
use herald_kernel::{IdentityId, Instant};
use uuid::Uuid;

/// Sessions, kept by the hash of their secret.
#[async_trait]
pub trait SessionStore: Send + Sync {
    /// Stores a session.
    async fn create(&self, session: &Session) -> Result<(), StoreError>;

    /// The session of this hash, expired or not.
    async fn find(&self, hash: &[u8; 32]) -> Result<Option<Session>, StoreError>;

    /// Notes that it was used.
    async fn touch(&self, hash: &[u8; 32], at: Instant) -> Result<(), StoreError>;

    /// Ends it.
    async fn end(&self, hash: &[u8; 32]) -> Result<(), StoreError>;

    /// Every session of a person, expired or not, the latest first.
    async fn of(&self, identity: IdentityId) -> Result<Vec<Session>, StoreError>;

    /// Ends every session of a person and what renews them, but for one session if it is named.
    /// Answers how many sessions ended.
    async fn end_all(
        &self,
        identity: IdentityId,
        but: Option<&[u8; 32]>,
    ) -> Result<u64, StoreError>;

    /// Deletes what is over at `now`: sessions (also those not used since `idle_since`), links,
    /// tokens for renewal, rows of the sign-in log. Answers how many rows that were.
    async fn sweep(&self, now: Instant, idle_since: Instant) -> Result<u64, StoreError>;
}

/// A signed-in person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// SHA-256 of the secret that the person holds.
    pub hash: [u8; 32],
    /// Who.
    pub identity: IdentityId,
    /// Who vouches for them: `local` for the embedded sign-in.
    pub issuer: String,
    /// The issuer's name for them.
    pub subject: String,
    /// When they signed in. To renew a session is not to sign in.
    pub signed_in_at: Instant,
    /// When it began.
    pub created_at: Instant,
    /// When they were last seen.
    pub used_at: Instant,
    /// When it ends whatever happens.
    pub expires_at: Instant,
    /// What it was begun with, such as `Firefox on Linux`; empty when that was not said.
    pub device: String,
    /// To which chain of renewals it belongs; sessions of browsers to none.
    pub family: Option<Uuid>,
}
