//! Why a use case did not do what was asked, in the caller's terms.

use crate::{
    log::{JournalError, KeyringError},
    ports::StoreError,
};
use herald_kernel::Refusal;

/// Why nothing happened. Whatever the variant: nothing did.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// A rule of the domain, or a malformed input, stands against it. The caller can mend it.
    #[error("{message}")]
    Refused {
        /// A stable code, listed in `docs/errors.md`.
        code: &'static str,
        /// A sentence for people.
        message: String,
        /// The input field at fault, as a path.
        path: Option<String>,
        /// May the same request succeed later?
        retryable: bool,
    },
    /// There is nothing of this id in the caller's account.
    #[error("there is no such object in this account")]
    NotFound,
    /// The caller's role does not allow it.
    #[error("your role does not allow `{action}`")]
    Forbidden {
        /// The operation.
        action: &'static str,
    },
    /// The object has changed since the caller read it.
    #[error("the object has changed since you read it: its version is {current}")]
    VersionConflict {
        /// The present version.
        current: i64,
    },
    /// Others kept changing the object; nothing was written.
    #[error("the object is being changed by others; try again")]
    Contended,
    /// The key belongs to another request.
    #[error("this idempotency key was used for another request; use a new key")]
    IdempotencyKeyReused,
    /// The storage engine does not answer. Safe to repeat with the same idempotency key.
    #[error("storage does not answer; try again with the same idempotency key")]
    Unavailable(String),
    /// A defect of ours. The cause is for the log, not for the caller.
    #[error("something is broken on our side")]
    Internal(String),
    /// Not an error: the command was followed earlier. Never leaves `execute`.
    #[error("this was done before")]
    AlreadyHandled,
}

impl Failure {
    /// A refusal of malformed input.
    #[must_use]
    pub fn invalid(path: &str, message: impl Into<String>) -> Self {
        Self::Refused {
            code: "VALIDATION",
            message: message.into(),
            path: Some(path.to_owned()),
            retryable: false,
        }
    }

    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Refused { code, .. } => code,
            Self::NotFound => "NOT_FOUND",
            Self::Forbidden { .. } => "FORBIDDEN",
            Self::VersionConflict { .. } | Self::Contended => "CONCURRENCY_CONFLICT",
            Self::IdempotencyKeyReused => "IDEMPOTENCY_KEY_REUSED",
            Self::Unavailable(_) => "UNAVAILABLE",
            Self::Internal(_) | Self::AlreadyHandled => "INTERNAL",
        }
    }

    /// May the same request succeed later, unchanged?
    #[must_use]
    pub const fn retryable(&self) -> bool {
        match self {
            Self::Refused { retryable, .. } => *retryable,
            Self::Contended | Self::Unavailable(_) => true,
            Self::NotFound
            | Self::Forbidden { .. }
            | Self::VersionConflict { .. }
            | Self::IdempotencyKeyReused
            | Self::Internal(_)
            | Self::AlreadyHandled => false,
        }
    }
}

impl<R: Refusal> From<R> for Failure {
    fn from(refusal: R) -> Self {
        Self::Refused {
            code: refusal.code(),
            message: refusal.to_string(),
            path: refusal.field().map(ToOwned::to_owned),
            retryable: refusal.retryable(),
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(cause) => Self::Unavailable(cause),
            StoreError::Corrupt(cause) => Self::Internal(cause),
        }
    }
}

impl From<KeyringError> for Failure {
    fn from(error: KeyringError) -> Self {
        match error {
            KeyringError::Store(error) => error.into(),
            KeyringError::UnknownMaster(_) | KeyringError::Tampered => {
                Self::Internal(error.to_string())
            }
        }
    }
}

impl From<JournalError> for Failure {
    fn from(error: JournalError) -> Self {
        match error {
            JournalError::Conflict => Self::Contended,
            JournalError::Store(error) => error.into(),
            JournalError::Keys(error) => error.into(),
            JournalError::NotCanonical(error) => Self::Refused {
                code: "EVENT_NOT_CANONICAL",
                message: error.to_string(),
                path: None,
                retryable: false,
            },
            JournalError::Unreadable { .. } => Self::Internal(error.to_string()),
        }
    }
}
