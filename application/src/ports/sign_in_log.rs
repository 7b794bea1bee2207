//! Who signed in, when and from where: sealed, and kept for a while only.

use super::StoreError;
use async_trait::async_trait;
use herald_kernel::{IdentityId, Instant};
use uuid::Uuid;

/// The sign-in log. It is neither the event log nor a view: rows are deleted once they expire.
#[async_trait]
pub trait SignInLog: Send + Sync {
    /// Adds a row. The same id again changes nothing.
    async fn note(&self, row: &SignInRow) -> Result<(), StoreError>;

    /// Rows of these people, the latest first, older than `before` (instant and id) if it is given.
    async fn noted(
        &self,
        identities: &[IdentityId],
        before: Option<(Instant, Uuid)>,
        limit: u32,
    ) -> Result<Vec<SignInRow>, StoreError>;
}

/// One fact about a sign-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignInRow {
    /// The row.
    pub id: Uuid,
    /// Who.
    pub identity: IdentityId,
    /// What happened.
    pub kind: SignInKind,
    /// When.
    pub at: Instant,
    /// From when on the row is no longer kept.
    pub expires_at: Instant,
    /// Device and address, sealed with a key of the person's.
    pub sealed: Vec<u8>,
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident = $name:literal,)*) => {
        /// What happened.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum SignInKind {
            $($(#[$doc])* $kind,)*
        }

        impl SignInKind {
            /// Every kind.
            pub const ALL: &'static [Self] = &[$(Self::$kind,)*];

            /// As stored.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$kind => $name,)*
                }
            }

            /// From its stored form.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|kind| kind.as_str() == text)
            }
        }
    };
}

kinds! {
    /// Somebody signed in.
    SignedIn = "signed_in",
    /// Somebody signed in with a device that they never had before.
    NewDevice = "new_device",
    /// Somebody signed in at their identity provider.
    SignedInElsewhere = "signed_in_elsewhere",
    /// A sign-in failed.
    Failed = "failed",
    /// A session was ended.
    SignedOut = "signed_out",
    /// A token for renewal was used twice: its whole chain ended.
    TokenReused = "token_reused",
    /// A new password took the place of the old one: every session of before ended.
    PasswordReplaced = "password_replaced",
    /// The person can sign in as one more identity.
    Linked = "linked",
    /// The person can no longer sign in as an identity.
    Unlinked = "unlinked",
}
