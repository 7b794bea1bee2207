//! Links that work once: sign-in and invitations.

use super::StoreError;
use async_trait::async_trait;
use herald_kernel::Instant;

/// One-time links, kept by the hash of their secret.
#[async_trait]
pub trait LinkStore: Send + Sync {
    /// Stores a link.
    async fn create(&self, link: &Link) -> Result<(), StoreError>;

    /// Looks at a link without using it up.
    async fn peek(&self, hash: &[u8; 32]) -> Result<Option<Link>, StoreError>;

    /// Uses a link up: of several callers exactly one gets it.
    async fn take(&self, hash: &[u8; 32]) -> Result<Option<Link>, StoreError>;
}

/// A link that works once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// SHA-256 of the secret in the link.
    pub hash: [u8; 32],
    /// What it is for.
    pub purpose: LinkPurpose,
    /// What it points to: a subject for sign-in, `account/member` for an invitation, JSON for what a
    /// redirect must remember.
    pub subject: String,
    /// After this it is refused.
    pub expires_at: Instant,
}

/// What a link is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkPurpose {
    /// Signs a person in.
    SignIn,
    /// Makes a person a member.
    Invite,
    /// Remembers a sign-in at a provider until the browser comes back.
    Redirect,
    /// Lets a member begin to link one more identity.
    Link,
}

impl LinkPurpose {
    /// As stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SignIn => "sign_in",
            Self::Invite => "invite",
            Self::Redirect => "redirect",
            Self::Link => "link",
        }
    }

    /// From its stored form.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::SignIn, Self::Invite, Self::Redirect, Self::Link]
            .into_iter()
            .find(|purpose| purpose.as_str() == text)
    }
}
