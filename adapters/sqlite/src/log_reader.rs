//! The log in its one order.

use crate::{
    Sqlite,
    errors::{corrupt, failed},
    rows::{InOrder, column, event},
};
use async_trait::async_trait;
use futures::TryStreamExt as _;
use herald_application::ports::{
    AccountPage, LogHead, LogReader, LoggedEvent, Ordinal, Position, StoreError,
};
use sqlx::{
    query::Query,
    sqlite::{SqliteArguments, SqliteRow},
};

// LEFT JOIN: an event that was taken away must be an error, not a shorter page.
macro_rules! listed {
    ($rest:literal) => {
        concat!(
            "SELECT l.ordinal, l.digest, l.chain, e.position, e.aggregate_type, e.aggregate_id,
                    e.sequence, e.event_type, e.event_version, e.recorded_at, e.payload, e.metadata
               FROM event_log l
               LEFT JOIN events e ON e.position = l.position ",
            $rest
        )
    };
}

const PAGE: &str = listed!("WHERE l.ordinal > ?1 ORDER BY l.ordinal LIMIT ?2");

const ACCOUNT_FORWARDS: &str =
    listed!("WHERE l.account_id = ?1 AND l.ordinal > ?2 ORDER BY l.ordinal LIMIT ?3");

const ACCOUNT_BACKWARDS: &str =
    listed!("WHERE l.account_id = ?1 AND l.ordinal < ?2 ORDER BY l.ordinal DESC LIMIT ?3");

// By the key of the object's stream, whose length bounds what is read.
const OBJECT_FORWARDS: &str = listed!(
    "WHERE e.aggregate_type = ?4 AND e.aggregate_id = ?5
       AND l.account_id = ?1 AND l.ordinal > ?2 ORDER BY l.ordinal LIMIT ?3"
);

const OBJECT_BACKWARDS: &str = listed!(
    "WHERE e.aggregate_type = ?4 AND e.aggregate_id = ?5
       AND l.account_id = ?1 AND l.ordinal < ?2 ORDER BY l.ordinal DESC LIMIT ?3"
);

// Positions have no gaps, which the sequencer proves: the last one is the count.
const HEAD: &str = "
    SELECT (SELECT coalesce(max(ordinal), 0) FROM event_log) AS ordinal,
           (SELECT coalesce(max(position), 0) FROM events) AS stored";

#[async_trait]
impl LogReader for Sqlite {
    async fn page(&self, after: Ordinal, limit: u32) -> Result<Vec<LoggedEvent>, StoreError> {
        // A row is decoded while SQLite's own thread steps to the next one.
        let mut rows = sqlx::query(PAGE).bind(after.0).bind(limit).fetch(&self.readers);
        let mut events: Vec<LoggedEvent> = Vec::new();
        let mut expected = after.0;
        while let Some(row) = rows.try_next().await.map_err(failed)? {
            expected += 1;
            let event = logged(&row)?;
            if event.ordinal.0 != expected {
                return Err(corrupt(format!("ordinal {expected} is missing in the log")));
            }
            events.push(event);
        }
        Ok(events)
    }

    async fn account_page(&self, wanted: AccountPage<'_>) -> Result<Vec<LoggedEvent>, StoreError> {
        let rows = asking(&wanted).fetch_all(&self.readers).await.map_err(failed)?;
        rows.iter().map(logged).collect()
    }

    async fn head(&self) -> Result<LogHead, StoreError> {
        let row = sqlx::query(HEAD).fetch_one(&self.readers).await.map_err(failed)?;
        Ok(LogHead { ordinal: Ordinal(column(&row, "ordinal")?), stored: column(&row, "stored")? })
    }

    async fn counted(&self) -> Result<i64, StoreError> {
        sqlx::query_scalar("SELECT count(*) FROM events")
            .fetch_one(&self.readers)
            .await
            .map_err(failed)
    }

    async fn ordinal_of(&self, position: Position) -> Result<Option<Ordinal>, StoreError> {
        sqlx::query_scalar("SELECT ordinal FROM event_log WHERE position = ?1")
            .bind(position.0)
            .fetch_optional(&self.readers)
            .await
            .map(|ordinal| ordinal.map(Ordinal))
            .map_err(failed)
    }
}

/// The question for a page of an account.
fn asking<'w>(wanted: &AccountPage<'w>) -> Query<'w, sqlx::Sqlite, SqliteArguments<'w>> {
    let sql = match (wanted.object, wanted.backwards) {
        (None, false) => ACCOUNT_FORWARDS,
        (None, true) => ACCOUNT_BACKWARDS,
        (Some(_), false) => OBJECT_FORWARDS,
        (Some(_), true) => OBJECT_BACKWARDS,
    };
    let asked =
        sqlx::query(sql).bind(wanted.account.to_string()).bind(wanted.from.0).bind(wanted.limit);
    match wanted.object {
        Some((kind, id)) => asked.bind(kind).bind(id),
        None => asked,
    }
}

fn logged(row: &SqliteRow) -> Result<LoggedEvent, StoreError> {
    let mut columns = InOrder::of(row);
    let ordinal = columns.next()?;
    let (digest, chain) = (columns.hash()?, columns.hash()?);
    let position = columns.next::<Option<i64>>()?;
    let gone = || corrupt(format!("the event of ordinal {ordinal} is gone"));
    let row = event(position.ok_or_else(gone)?, &mut columns)?;
    Ok(LoggedEvent { ordinal: Ordinal(ordinal), row, digest, chain })
}
