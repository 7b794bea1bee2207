//! How failures are told: what a caller can mend in `userErrors`, everything else as an error with
//! a stable code.

use async_graphql::{Error, ErrorExtensions as _, SimpleObject, Value};
use herald_application::{failure::Failure, reading::ReadFailure, sign_in::Unplaced};

/// What a resolver answers.
pub(crate) type Result<T, E = Fault> = std::result::Result<T, E>;

/// An error beside the data: nobody signed in, a role too small, a wait too long, a defect.
#[derive(Debug, Clone)]
pub(crate) struct Fault {
    code: &'static str,
    message: String,
    retryable: bool,
    details: Vec<(&'static str, Value)>,
}

impl Fault {
    pub(crate) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), retryable: false, details: Vec::new() }
    }

    /// Nobody is signed in.
    pub(crate) fn unauthenticated() -> Self {
        Self::new("UNAUTHENTICATED", "sign in first: send a session as a bearer token or cookie")
    }

    /// An argument that makes no sense.
    pub(crate) fn invalid(argument: &str, message: impl Into<String>) -> Self {
        Failure::invalid(argument, message).into()
    }

    /// A defect of ours: the cause is for the log.
    pub(crate) fn internal(cause: impl std::fmt::Display) -> Self {
        tracing::error!(%cause, "a resolver failed");
        Self::new("INTERNAL", "something is broken on our side")
    }

    const fn with_retry(mut self) -> Self {
        self.retryable = true;
        self
    }

    fn with(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.details.push((name, value.into()));
        self
    }
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        let Fault { code, message, retryable, details } = fault;
        Self::new(message).extend_with(|_, extensions| {
            extensions.set("code", code);
            extensions.set("retryable", retryable);
            for (name, value) in details {
                extensions.set(name, value);
            }
        })
    }
}

impl From<Failure> for Fault {
    fn from(failure: Failure) -> Self {
        let (code, message) = (failure.code(), failure.to_string());
        match failure {
            Failure::Internal(cause) => Self::internal(cause),
            Failure::AlreadyHandled => Self::internal("a repetition left its command"),
            Failure::Unavailable(cause) => {
                tracing::warn!(%cause, "storage does not answer");
                Self::new(code, message).with_retry()
            }
            Failure::Refused { path: Some(path), .. } => {
                Self::new(code, message).with("argument", path)
            }
            Failure::Contended => Self::new(code, message).with_retry(),
            Failure::Refused { path: None, .. }
            | Failure::NotFound
            | Failure::Forbidden { .. }
            | Failure::VersionConflict { .. }
            | Failure::IdempotencyKeyReused => Self::new(code, message),
        }
    }
}

impl From<ReadFailure> for Fault {
    fn from(failure: ReadFailure) -> Self {
        match failure {
            ReadFailure::Timeout => Self::new("READ_TIMEOUT", failure.to_string()).with_retry(),
            ReadFailure::Failed(failure) => failure.into(),
        }
    }
}

impl From<Unplaced> for Fault {
    fn from(unplaced: Unplaced) -> Self {
        let message = unplaced.to_string();
        match unplaced {
            Unplaced::NoAccount => Self::new("NO_ACCOUNT", message),
            Unplaced::SeveralAccounts(accounts) => {
                let ids = accounts.into_iter().map(|id| Value::from(id.to_string())).collect();
                Self::new("ACCOUNT_REQUIRED", message).with("accounts", Value::List(ids))
            }
            Unplaced::NotAMember => Self::new("NOT_FOUND", message),
            Unplaced::Failed(failure) => failure.into(),
        }
    }
}

/// Something about a mutation's input, or about the state that it met, which the caller can mend.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct UserError {
    /// A stable code, listed in `docs/errors.md`.
    pub(crate) code: String,
    /// What is the matter, in a sentence.
    pub(crate) message: String,
    /// The field of the input at fault, from the outside in; `null` when it is none of them.
    pub(crate) path: Option<Vec<String>>,
    /// May the same input succeed later?
    pub(crate) retryable: bool,
    /// The present version, where `expectedVersion` was another one.
    pub(crate) current_version: Option<i32>,
    /// Where the code is explained.
    pub(crate) doc_url: String,
}

impl UserError {
    /// Tells what the caller can mend; what they cannot is a [`Fault`].
    pub(crate) fn of(failure: Failure) -> Result<Self> {
        let (code, message, retryable) = (failure.code(), failure.to_string(), failure.retryable());
        let mut error = Self {
            code: code.to_owned(),
            message,
            path: None,
            retryable,
            current_version: None,
            doc_url: doc_url(code),
        };
        match failure {
            Failure::Refused { path, .. } => {
                error.path = path.map(|path| path.split('.').map(ToOwned::to_owned).collect());
            }
            Failure::VersionConflict { current } => {
                error.path = Some(vec!["expectedVersion".to_owned()]);
                error.current_version = i32::try_from(current).ok();
            }
            Failure::IdempotencyKeyReused => error.path = Some(vec!["idempotencyKey".to_owned()]),
            Failure::NotFound | Failure::Contended => {}
            Failure::Forbidden { .. }
            | Failure::Unavailable(_)
            | Failure::Internal(_)
            | Failure::AlreadyHandled => return Err(failure.into()),
        }
        Ok(error)
    }
}

/// Where a code is explained.
fn doc_url(code: &str) -> String {
    let anchor = code.to_ascii_lowercase();
    format!("{}/blob/main/docs/errors.md#{anchor}", env!("CARGO_PKG_REPOSITORY"))
}
