//! Gives every committed event its ordinal, digest and chain.
//!
//! SQLite has one writer at a time, so positions already are in commit order and without gaps; the
//! sequencer proves that while it chains them.

use crate::{
    Sqlite,
    errors::{corrupt, failed},
    open::BEGIN,
    rows::{self, InOrder, column, hash},
};
use async_trait::async_trait;
use herald_application::{
    log::digest,
    ports::{EventRow, Ordinal, Sequenced, Sequencer, StoreError},
};
use serde_json::{Value, json};
use sqlx::{Connection as _, sqlite::SqliteRow};

/// Events per step: each may be 256 KiB large.
const STEP: i64 = 1_000;

const NEW: &str = "
    SELECT position, aggregate_type, aggregate_id, sequence, event_type, event_version,
           recorded_at, payload, metadata
      FROM events WHERE position > ?1 ORDER BY position LIMIT ?2";

const LOG: &str = "
    INSERT INTO event_log (ordinal, position, account_id, digest, chain)
    SELECT e.value ->> 0, e.value ->> 1, e.value ->> 2, unhex(e.value ->> 3), unhex(e.value ->> 4)
      FROM json_each(?1) e ORDER BY e.key";

#[async_trait]
impl Sequencer for Sqlite {
    async fn step(&self) -> Result<Sequenced, StoreError> {
        if let Some(head) = self.at_rest().await? {
            return Ok(Sequenced { events: 0, head });
        }
        // Positions stand in their order already: whoever links them again finds the same chain.
        let mut connection = self.deriving().await.map_err(failed)?;
        let mut tx = connection.begin_with(BEGIN).await.map_err(failed)?;
        let end = sqlx::query("SELECT ordinal, chain FROM sequencer")
            .fetch_one(&mut *tx)
            .await
            .map_err(failed)?;
        let end = (Ordinal(column(&end, "ordinal")?), hash(&end, "chain")?);
        let rows =
            sqlx::query(NEW).bind(end.0.0).bind(STEP).fetch_all(&mut *tx).await.map_err(failed)?;
        let events = rows.iter().map(stored).collect::<Result<Vec<_>, _>>()?;
        let ((head, chain), links) = link(end, &events)?;
        sqlx::query(LOG).bind(links.to_string()).execute(&mut *tx).await.map_err(failed)?;
        sqlx::query("UPDATE sequencer SET ordinal = ?1, chain = ?2")
            .bind(head.0)
            .bind(chain.as_slice())
            .execute(&mut *tx)
            .await
            .map_err(failed)?;
        tx.commit().await.map_err(failed)?;
        Ok(Sequenced { events: events.len(), head })
    }
}

impl Sqlite {
    /// The end of the log when nothing waits, seen without taking the writers' lock.
    async fn at_rest(&self) -> Result<Option<Ordinal>, StoreError> {
        let row = sqlx::query(
            "SELECT ordinal, (SELECT coalesce(max(position), 0) FROM events) AS stored
               FROM sequencer",
        )
        .fetch_one(&self.readers)
        .await
        .map_err(failed)?;
        let (ordinal, stored): (i64, i64) = (column(&row, "ordinal")?, column(&row, "stored")?);
        Ok((ordinal == stored).then_some(Ordinal(ordinal)))
    }
}

fn stored(row: &SqliteRow) -> Result<EventRow, StoreError> {
    let mut columns = InOrder::of(row);
    rows::event(columns.next()?, &mut columns)
}

/// The end of the log and its chain value.
type End = (Ordinal, [u8; 32]);

fn link(mut end: End, events: &[EventRow]) -> Result<(End, Value), StoreError> {
    let mut links = Vec::with_capacity(events.len());
    for event in events {
        let ordinal = Ordinal(end.0.0 + 1);
        if event.position.0 != ordinal.0 {
            return Err(corrupt(format!("no event has position {}", ordinal.0)));
        }
        let digest = event.digest()?;
        let chain = digest::chain(&end.1, ordinal, &digest);
        links.push(json!([
            ordinal,
            event.position.0,
            event.meta("account_id"),
            digest::hex(&digest),
            digest::hex(&chain)
        ]));
        end = (ordinal, chain);
    }
    Ok((end, Value::Array(links)))
}
