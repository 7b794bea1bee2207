//! Addresses that get no more mail that they can do without.

use super::StoreError;
use async_trait::async_trait;
use herald_kernel::Instant;

/// Suppressed addresses, kept by a MAC of each.
#[async_trait]
pub trait SuppressionStore: Send + Sync {
    /// Suppresses an address. One that is suppressed already stays as it is.
    async fn suppress(&self, suppression: &Suppression) -> Result<(), StoreError>;

    /// What is known of any of these marks, which are one address's under several keys.
    async fn find(&self, marks: &[[u8; 32]]) -> Result<Option<Suppression>, StoreError>;

    /// Who is suppressed, the latest first, before a suppression if one is given.
    async fn list(
        &self,
        before: Option<(Instant, [u8; 32])>,
        limit: u32,
    ) -> Result<Vec<Suppression>, StoreError>;

    /// Lets mail go there again; answers whether it did not.
    async fn lift(&self, mark: &[u8; 32]) -> Result<bool, StoreError>;
}

/// An address that gets no more mail that it can do without.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suppression {
    /// A MAC of the address under the installation's key.
    pub mark: [u8; 32],
    /// Why.
    pub cause: SuppressedBy,
    /// Since when.
    pub since: Instant,
}

/// Why an address is suppressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SuppressedBy {
    /// There is no such mailbox, and there will be none.
    Bounce,
    /// Its owner called a mail of ours unwanted.
    Complaint,
}

impl SuppressedBy {
    /// As stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Bounce => "bounce",
            Self::Complaint => "complaint",
        }
    }

    /// From its stored form.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Bounce, Self::Complaint].into_iter().find(|cause| cause.as_str() == text)
    }
}
