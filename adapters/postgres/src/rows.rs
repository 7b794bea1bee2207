//! How Herald's values look in a row, and back.

use crate::errors::{corrupt, failed};
use herald_application::ports::{EventRow, Position, StoreError, StoredJson, ViewDocument};
use herald_kernel::{Id, Instant, Kind};
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

/// The columns of a row in the order of the question: to find one by its name costs more than to
/// read it.
pub(crate) struct InOrder<'r> {
    row: &'r PgRow,
    at: usize,
}

impl<'r> InOrder<'r> {
    pub(crate) const fn of(row: &'r PgRow) -> Self {
        Self { row, at: 0 }
    }

    /// The next column, or the reason why it cannot be read.
    pub(crate) fn next<T>(&mut self) -> Result<T, StoreError>
    where
        T: sqlx::Decode<'r, sqlx::Postgres> + sqlx::Type<sqlx::Postgres>,
    {
        self.at += 1;
        self.row.try_get(self.at - 1).map_err(failed)
    }

    /// A hash, stored as 32 bytes.
    pub(crate) fn hash(&mut self) -> Result<[u8; 32], StoreError> {
        let bytes: &[u8] = self.next()?;
        bytes.try_into().map_err(|_| corrupt("a hash has not 32 bytes"))
    }

    /// JSON as it is stored. In a row a `jsonb` is its text behind the number of its form, which is 1.
    pub(crate) fn json(&mut self) -> Result<StoredJson, StoreError> {
        self.at += 1;
        let text: &str = self.row.try_get_unchecked(self.at - 1).map_err(failed)?;
        let text = text.strip_prefix('\u{1}');
        text.map(StoredJson::new).ok_or_else(|| corrupt("an event is not of the form of a jsonb"))
    }
}

/// A row of `events`: what follows `position`, in the order of the fields.
pub(crate) fn event(position: i64, columns: &mut InOrder<'_>) -> Result<EventRow, StoreError> {
    Ok(EventRow {
        position: Position(position),
        aggregate_type: columns.next()?,
        aggregate_id: columns.next()?,
        sequence: columns.next()?,
        event_type: columns.next()?,
        event_version: columns.next()?,
        recorded_at: Instant::new(columns.next::<DateTime<Utc>>()?),
        payload: columns.json()?,
        metadata: columns.json()?,
    })
}
