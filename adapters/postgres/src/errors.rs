//! What PostgreSQL's errors mean for the application, told without values or addresses.

use cqrs_es::persist::PersistenceError;
use herald_application::ports::StoreError;

/// Why a database cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The address is not one of a PostgreSQL database.
    #[error("the database's address is not of the form postgres://user:password@host/name")]
    Address,
    /// The server cannot be reached or does not let us in.
    #[error("the database cannot be opened: {0}")]
    Unreachable(String),
    /// The server lacks what the log's order rests on.
    #[error("the server is PostgreSQL {0}; Herald needs 14 or later")]
    TooOld(u32),
    /// Somebody else's tables are in there.
    #[error("the database already holds tables that are not Herald's: {}", .0.join(", "))]
    ForeignTables(Vec<String>),
    /// The database was restored into another cluster, whose transaction numbers differ.
    #[error(
        "the database comes from another PostgreSQL cluster: stop every Herald that uses it and \
         run `herald migrate --adopt`"
    )]
    ClusterChanged,
    /// The schema could not be brought up to date.
    #[error("the database could not be migrated: {0}")]
    Migration(String),
    /// What is stored could not be taken over.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl OpenError {
    /// A stable code for programs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Address => "STORAGE_ADDRESS_INVALID",
            Self::Unreachable(_) => "STORAGE_UNREACHABLE",
            Self::TooOld(_) => "STORAGE_SERVER_TOO_OLD",
            Self::ForeignTables(_) => "STORAGE_FOREIGN_TABLES",
            Self::ClusterChanged => "STORAGE_CLUSTER_CHANGED",
            Self::Migration(_) => "STORAGE_MIGRATION_FAILED",
            Self::Store(_) => "STORAGE_FAILED",
        }
    }
}

/// A unique key met itself, a serialisation failed, two writers waited for each other.
const CONFLICTS: [&str; 3] = ["23505", "40001", "40P01"];
/// The server shut down, crashed, or is starting: the connection is of no use.
const GOING_AWAY: [&str; 3] = ["57P01", "57P02", "57P03"];
/// Wrong data, violated constraints, missing tables, damaged pages: the first two characters.
const CORRUPT_CLASSES: [&str; 4] = ["22", "23", "42", "XX"];

fn code(error: &sqlx::Error) -> Option<String> {
    error.as_database_error()?.code().map(std::borrow::Cow::into_owned)
}

/// Did another writer come first?
pub(crate) fn is_conflict(error: &sqlx::Error) -> bool {
    code(error).is_some_and(|code| CONFLICTS.contains(&code.as_str()))
}

/// Did the trigger that keeps streams contiguous refuse?
pub(crate) fn is_gap(error: &sqlx::Error) -> bool {
    error.as_database_error().and_then(sqlx::error::DatabaseError::constraint)
        == Some("events_contiguous")
}

/// Is the connection of no use any more? What was asked on it may or may not have happened.
pub(crate) fn is_broken(error: &sqlx::Error) -> bool {
    matches!(error, sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::Protocol(_))
        || code(error)
            .is_some_and(|code| GOING_AWAY.contains(&code.as_str()) || code.starts_with("08"))
}

/// What a failed statement means.
pub(crate) fn store(error: &sqlx::Error) -> StoreError {
    let text = describe(error);
    if is_corrupt(error) { StoreError::Corrupt(text) } else { StoreError::Unavailable(text) }
}

/// What a failed statement means, for `map_err`.
#[expect(clippy::needless_pass_by_value, reason = "`map_err` hands the error over")]
pub(crate) fn failed(error: sqlx::Error) -> StoreError {
    store(&error)
}

/// The driver's error behind a failed load through `cqrs-es`.
pub(crate) fn driver(error: &PersistenceError) -> Option<&sqlx::Error> {
    match error {
        PersistenceError::OptimisticLockError => None,
        PersistenceError::DeserializationError(inner)
        | PersistenceError::ConnectionError(inner)
        | PersistenceError::UnknownError(inner) => inner.downcast_ref(),
    }
}

/// What a failed load through `cqrs-es` means.
pub(crate) fn persistence(error: &PersistenceError) -> StoreError {
    if let PersistenceError::DeserializationError(_) = error {
        return StoreError::Corrupt("an event could not be read".to_owned());
    }
    driver(error)
        .map_or_else(|| StoreError::Unavailable("reading a stream failed".to_owned()), store)
}

/// An invariant that does not hold.
pub(crate) fn corrupt(what: impl Into<String>) -> StoreError {
    StoreError::Corrupt(what.into())
}

fn is_corrupt(error: &sqlx::Error) -> bool {
    code(error).is_some_and(|code| CORRUPT_CLASSES.iter().any(|class| code.starts_with(class)))
        || matches!(
            error,
            sqlx::Error::RowNotFound
                | sqlx::Error::TypeNotFound { .. }
                | sqlx::Error::ColumnIndexOutOfBounds { .. }
                | sqlx::Error::ColumnNotFound(_)
                | sqlx::Error::ColumnDecode { .. }
                | sqlx::Error::Decode(_)
        )
}

/// An error in words. PostgreSQL's own messages may quote values and names of users, so they are
/// told by their code.
pub(crate) fn describe(error: &sqlx::Error) -> String {
    if let Some(database) = error.as_database_error() {
        let code = code(error).unwrap_or_default();
        let constraint = database.constraint().map(|name| format!(" at {name}"));
        return format!("PostgreSQL says {code}{}", constraint.unwrap_or_default());
    }
    if let sqlx::Error::ColumnDecode { index, .. } = error {
        return format!("column {index} does not hold what it should");
    }
    if let sqlx::Error::Io(inner) = error {
        return format!("the connection failed: {}", inner.kind());
    }
    if matches!(error, sqlx::Error::Tls(_)) {
        return "the server's certificate or TLS was not accepted".to_owned();
    }
    if matches!(error, sqlx::Error::PoolTimedOut) {
        return "no connection became free in time".to_owned();
    }
    if matches!(error, sqlx::Error::PoolClosed) {
        return "the database is closed".to_owned();
    }
    "the database driver failed".to_owned()
}
