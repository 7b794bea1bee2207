//! Who carries mail.

use async_trait::async_trait;
use herald_account::Email;
use herald_kernel::Instant;
use std::fmt;

/// A mail, written out.
#[derive(Clone, PartialEq, Eq)]
pub struct Mail {
    /// Names the mail: one of this key is sent once, however often it is handed over.
    pub key: String,
    /// To whom.
    pub to: Email,
    /// The line above it.
    pub subject: String,
    /// The words.
    pub text: String,
    /// The same words, dressed.
    pub html: String,
    /// What it is about, by name, for the carrier's statistics; never anything personal.
    pub tags: Vec<(&'static str, String)>,
}

impl fmt::Debug for Mail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // What is said to a person is between us and them.
        f.debug_struct("Mail")
            .field("key", &self.key)
            .field("tags", &self.tags)
            .finish_non_exhaustive()
    }
}

/// Why a mail was not taken. No text in here holds an address or a credential.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MailFailure {
    /// Not now: the same mail may be handed over again.
    #[error("the mail was not taken: {0}")]
    Retry(String),
    /// No more mail is taken for a while.
    #[error("no more mail is taken until {until}")]
    Quota {
        /// Until when.
        until: Instant,
    },
    /// A mail of this key was taken before, with other words: it is sent, and need not be again.
    #[error("a mail of this key was taken before")]
    TakenBefore,
    /// Never: a person must look.
    #[error("the mail was refused ({code})")]
    Refused {
        /// The carrier's code.
        code: String,
    },
}

/// A mail that did not arrive or was not wanted, as its carrier tells it.
#[derive(Clone, PartialEq, Eq)]
pub struct MailReturn {
    /// How it ended.
    pub how: Returned,
    /// To whom it went.
    pub to: Vec<String>,
}

impl fmt::Debug for MailReturn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MailReturn").field("how", &self.how).finish_non_exhaustive()
    }
}

/// How a mail ended that did not arrive or was not wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Returned {
    /// The mailbox did not take it.
    Bounced {
        /// There is no such mailbox, and there will be none.
        for_good: bool,
    },
    /// Its reader called it unwanted.
    Complained,
    /// The carrier no longer writes to the address.
    Suppressed,
    /// It was not sent.
    Failed,
}

impl Returned {
    /// For counters.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Bounced { .. } => "bounced",
            Self::Complained => "complained",
            Self::Suppressed => "suppressed",
            Self::Failed => "failed",
        }
    }
}

/// Carries mail.
///
/// Implementations MUST send the mails of one key once, for a day at least, and MUST answer
/// [`MailFailure::Retry`] for whatever they cannot tell.
#[async_trait]
pub trait Messages: Send + Sync {
    /// Hands a mail over; answers the carrier's name of it.
    async fn send(&self, mail: &Mail) -> Result<String, MailFailure>;
}
