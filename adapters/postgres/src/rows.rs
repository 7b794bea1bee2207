//! How Herald's values look in a row, and back.

use crate::errors::{corrupt, failed};
use herald_application::{
    log::digest,
    ports::{StoreError, ViewDocument},
};
use herald_kernel::{Id, Instant, Kind};
use serde_json::Value;
use sqlx::{
    Row as _,
    postgres::PgRow,
    types::chrono::{DateTime, Utc},
};

/// A column, or the reason why it cannot be read.
pub(crate) fn column<'r, T>(row: &'r PgRow, name: &str) -> Result<T, StoreError>
where
    T: sqlx::Decode<'r, sqlx::Postgres> + sqlx::Type<sqlx::Postgres>,
{
    row.try_get(name).map_err(failed)
}

/// An instant; PostgreSQL keeps microseconds, as we do.
pub(crate) fn instant(row: &PgRow, name: &str) -> Result<Instant, StoreError> {
    column::<DateTime<Utc>>(row, name).map(Instant::new)
}

/// An id, stored as it prints.
pub(crate) fn id<K: Kind>(row: &PgRow, name: &str) -> Result<Id<K>, StoreError> {
    let text: &str = column(row, name)?;
    text.parse().map_err(|_| corrupt(format!("{name} is not an id")))
}

/// A hash, stored as 32 bytes.
pub(crate) fn hash(row: &PgRow, name: &str) -> Result<[u8; 32], StoreError> {
    let bytes: &[u8] = column(row, name)?;
    bytes.try_into().map_err(|_| corrupt(format!("{name} is not a hash")))
}

/// A count that is never negative.
pub(crate) fn count<T: TryFrom<i64>>(row: &PgRow, name: &str) -> Result<T, StoreError> {
    let number: i64 = column(row, name)?;
    T::try_from(number).map_err(|_| corrupt(format!("{name} is out of range")))
}

/// The columns of [`document`].
pub(crate) const DOCUMENT: &str = "id, account_id, status, at, text, doc";

/// A row of a view.
pub(crate) fn document(row: &PgRow) -> Result<ViewDocument, StoreError> {
    let account: Option<&str> = column(row, "account_id")?;
    let account = account.map(str::parse).transpose();
    Ok(ViewDocument {
        id: column(row, "id")?,
        account: account.map_err(|_| corrupt("account_id is not an id"))?,
        status: column(row, "status")?,
        at: instant(row, "at")?,
        text: column(row, "text")?,
        doc: column(row, "doc")?,
    })
}

/// A row of `events`.
pub(crate) struct StoredEvent {
    pub(crate) position: i64,
    pub(crate) aggregate_type: String,
    pub(crate) aggregate_id: String,
    pub(crate) sequence: i64,
    pub(crate) event_type: String,
    pub(crate) event_version: String,
    pub(crate) recorded_at: Instant,
    pub(crate) payload: Value,
    pub(crate) metadata: Value,
}

impl StoredEvent {
    /// Reads a row of `events`.
    pub(crate) fn read(row: &PgRow) -> Result<Self, StoreError> {
        Ok(Self {
            position: column(row, "position")?,
            aggregate_type: column(row, "aggregate_type")?,
            aggregate_id: column(row, "aggregate_id")?,
            sequence: column(row, "sequence")?,
            event_type: column(row, "event_type")?,
            event_version: column(row, "event_version")?,
            recorded_at: instant(row, "recorded_at")?,
            payload: column(row, "payload")?,
            metadata: column(row, "metadata")?,
        })
    }

    /// The digest of the row as stored.
    pub(crate) fn digest(&self) -> [u8; 32] {
        digest::event_digest(&digest::Row {
            aggregate_type: &self.aggregate_type,
            aggregate_id: &self.aggregate_id,
            sequence: self.sequence,
            event_type: &self.event_type,
            event_version: &self.event_version,
            recorded_at: self.recorded_at,
            payload: &self.payload,
            metadata: &self.metadata,
        })
    }

    /// Whose event it says it is.
    pub(crate) fn account(&self) -> Option<&str> {
        self.metadata.get("account_id").and_then(Value::as_str)
    }
}
