//! The people whom an identity provider keeps for us, and what we write back beside their names.

use super::ClaimedEmail;
use async_trait::async_trait;
use herald_kernel::Instant;
use std::fmt;

/// An identity provider's directory of people. Nothing is ever deleted through it.
#[async_trait]
pub trait UserDirectory: Send + Sync {
    /// Who vouches for these people: the `issuer` of their identities.
    fn issuer(&self) -> &str;

    /// The person of this subject, as the provider knows them now.
    async fn get(&self, subject: &str) -> Result<Option<DirectoryUser>, DirectoryFailure>;

    /// A page of people, for importing them; `after` is the page before's `next`.
    async fn list(&self, after: Option<&str>) -> Result<DirectoryPage, DirectoryFailure>;

    /// Writes what we know of a person beside their name. Repeatable: the same note twice is one.
    async fn write(&self, subject: &str, note: &DirectoryNote) -> Result<(), DirectoryFailure>;
}

/// A person as their identity provider knows them.
#[derive(Clone, PartialEq, Eq)]
pub struct DirectoryUser {
    /// The provider's own, stable name for the person.
    pub subject: String,
    /// The display name.
    pub name: Option<String>,
    /// The primary address; a person may have none.
    pub email: Option<ClaimedEmail>,
    /// Where their picture is.
    pub picture: Option<String>,
    /// Whether they may sign in at the provider.
    pub enabled: bool,
    /// When the provider first saw them.
    pub created_at: Option<Instant>,
    /// What we wrote, as it stands.
    pub note: DirectoryNote,
}

/// What we write beside a person's name. An absent field is left as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DirectoryNote {
    /// The plan, for frontends to read.
    pub plan: Option<String>,
    /// Whether onboarding is done, for frontends to read.
    pub onboarding_completed: Option<bool>,
    /// The Stripe customer; nobody but servers may read it.
    pub stripe_customer: Option<String>,
}

/// Some of the people.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DirectoryPage {
    /// Who they are.
    pub users: Vec<DirectoryUser>,
    /// Where the next page begins; `None` after the last.
    pub next: Option<String>,
}

/// What an identity provider's webhook says. A hint: the person is read again before anything
/// follows from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DirectoryEvent {
    /// A person is new or has changed.
    UserChanged {
        /// Who.
        subject: String,
    },
    /// A person was deleted there.
    UserDeleted {
        /// Who.
        subject: String,
    },
    /// A person has signed in there.
    SessionStarted {
        /// Who.
        subject: String,
        /// The provider's session.
        session: String,
    },
    /// A session ended, was removed or revoked there: ours of that session must end too.
    SessionEnded {
        /// Who.
        subject: String,
        /// The provider's session.
        session: String,
    },
    /// Nothing that matters here.
    Ignored {
        /// The provider's word for it.
        kind: String,
    },
}

/// How the directory failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DirectoryFailure {
    /// There is no such person.
    #[error("the identity provider knows no such person")]
    NotFound,
    /// It said no, and will say so again; `code` is its own word for it.
    #[error("the identity provider refused: {code}")]
    Refused {
        /// The provider's error code.
        code: String,
    },
    /// Our credentials are not accepted.
    #[error("the identity provider does not accept our credentials")]
    Credentials,
    /// It may work later.
    #[error("the identity provider is in trouble: {cause}")]
    Transient {
        /// Why.
        cause: String,
        /// When to ask again, where it said so.
        retry_at: Option<Instant>,
    },
    /// It answered what cannot be read.
    #[error("the identity provider's answer cannot be read")]
    Unreadable,
}

impl fmt::Debug for DirectoryUser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DirectoryUser")
            .field("subject", &self.subject)
            .field("email", &self.email)
            .field("enabled", &self.enabled)
            .finish_non_exhaustive()
    }
}
