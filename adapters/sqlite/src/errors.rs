//! What SQLite's errors mean for the application, told without values or paths.

use cqrs_es::persist::PersistenceError;
use herald_application::ports::StoreError;

/// Why a database cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The file cannot be opened or does not answer.
    #[error("the database cannot be opened: {0}")]
    Unreachable(String),
    /// Somebody else's tables are in there.
    #[error("the database already holds tables that are not Herald's: {}", .0.join(", "))]
    ForeignTables(Vec<String>),
    /// The schema could not be brought up to date.
    #[error("the database could not be migrated: {0}")]
    Migration(String),
}

impl OpenError {
    /// A stable code for programs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unreachable(_) => "STORAGE_UNREACHABLE",
            Self::ForeignTables(_) => "STORAGE_FOREIGN_TABLES",
            Self::Migration(_) => "STORAGE_MIGRATION_FAILED",
        }
    }
}

/// A primary key met itself: another writer was first.
const PRIMARY_KEY_CODE: i32 = 1555;
/// A trigger of ours refused.
const TRIGGER_CODE: i32 = 1811;
/// Somebody else holds the lock (5, 6); the upper bits only say which one.
const BUSY_CODES: [i32; 2] = [5, 6];
/// SQL error, corrupt file, violated constraint, wrong type, not a database.
const CORRUPT_CODES: [i32; 5] = [1, 11, 19, 20, 26];

/// SQLite's extended result code.
fn code(error: &sqlx::Error) -> Option<i32> {
    error.as_database_error()?.code()?.parse().ok()
}

/// Did another writer come first, or does one hold the lock?
pub(crate) fn is_conflict(error: &sqlx::Error) -> bool {
    code(error).is_some_and(|code| code == PRIMARY_KEY_CODE || BUSY_CODES.contains(&(code & 0xff)))
}

/// Did the guard of contiguity refuse: an event whose predecessor is not there?
pub(crate) fn is_gap(error: &sqlx::Error) -> bool {
    let message = error.as_database_error().map(sqlx::error::DatabaseError::message);
    code(error) == Some(TRIGGER_CODE) && message == Some("gap in stream")
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

/// What a failed load through `cqrs-es` means.
pub(crate) fn persistence(error: PersistenceError) -> StoreError {
    match error {
        PersistenceError::OptimisticLockError => {
            StoreError::Unavailable("an optimistic lock failed while reading".to_owned())
        }
        PersistenceError::DeserializationError(_) => {
            StoreError::Corrupt("an event could not be read".to_owned())
        }
        PersistenceError::ConnectionError(inner) | PersistenceError::UnknownError(inner) => inner
            .downcast_ref::<sqlx::Error>()
            .map_or_else(|| StoreError::Unavailable("reading a stream failed".to_owned()), store),
    }
}

/// An invariant that does not hold.
pub(crate) fn corrupt(what: impl Into<String>) -> StoreError {
    StoreError::Corrupt(what.into())
}

fn is_corrupt(error: &sqlx::Error) -> bool {
    code(error).is_some_and(|code| CORRUPT_CODES.contains(&(code & 0xff)))
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

/// An error in words. SQLite's own messages name tables and columns, never values.
pub(crate) fn describe(error: &sqlx::Error) -> String {
    if let Some(database) = error.as_database_error() {
        let code = code(error).unwrap_or_default();
        return format!("SQLite says `{}` (code {code})", database.message());
    }
    if let sqlx::Error::ColumnDecode { index, .. } = error {
        return format!("column {index} does not hold what it should");
    }
    if let sqlx::Error::Io(inner) = error {
        return format!("input or output failed: {}", inner.kind());
    }
    if matches!(error, sqlx::Error::PoolTimedOut) {
        return "no connection became free in time".to_owned();
    }
    if matches!(error, sqlx::Error::PoolClosed) {
        return "the database is closed".to_owned();
    }
    "the database driver failed".to_owned()
}
