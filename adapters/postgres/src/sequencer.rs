//! Gives every committed event its ordinal, digest and chain.
//!
//! A step takes what is visible in a snapshot and was not in the one before: exactly what committed
//! in between, however long it took. Within a step positions are in the order of each stream,
//! because a writer sees its predecessor's commit before it draws a position.

use crate::{
    Postgres,
    errors::{corrupt, failed},
    rows::{self, InOrder, column, hash},
    snapshot::Snapshot,
};
use async_trait::async_trait;
use herald_application::{
    log::digest,
    ports::{EventRow, Ordinal, Sequenced, Sequencer, StoreError},
};
use sqlx::{Postgres as Engine, Row as _, Transaction, postgres::PgRow};
use std::borrow::Cow;

/// Two arms, so that each one finds its rows by the index on transactions.
const NEW: &str = "
    SELECT position, aggregate_type, aggregate_id, sequence, event_type, event_version,
           recorded_at, payload, metadata
      FROM (
        SELECT * FROM events
         WHERE transaction_id >= $1::xid8
           AND pg_visible_in_snapshot(transaction_id, $2::pg_snapshot)
        UNION ALL
        SELECT * FROM events WHERE transaction_id = ANY ($3::xid8[])
      ) e ORDER BY position LIMIT $4";

/// The same set beyond a position, for back-logs: it walks along the index on positions.
const REST: &str = "
    SELECT position, aggregate_type, aggregate_id, sequence, event_type, event_version,
           recorded_at, payload, metadata
      FROM events
     WHERE position > $1 AND pg_visible_in_snapshot(transaction_id, $2::pg_snapshot)
       AND NOT pg_visible_in_snapshot(transaction_id, $3::pg_snapshot)
     ORDER BY position LIMIT $4";

const LOCK: &str = "
    SELECT cluster = (SELECT system_identifier FROM pg_control_system()) AS home, ordinal, chain,
           seen::text AS seen, target::text AS target, after_position
      FROM sequencer FOR UPDATE";

const LOG: &str = "
    INSERT INTO event_log (ordinal, position, account_id, digest, chain)
    SELECT * FROM UNNEST($1::bigint[], $2::bigint[], $3::text[], $4::bytea[], $5::bytea[])";

/// The end of the log and its chain value.
pub(crate) type End = (Ordinal, [u8; 32]);

/// The locked row of `sequencer`.
pub(crate) struct State {
    home: bool,
    pub(crate) end: End,
    seen: Snapshot,
    target: Option<Snapshot>,
    after: i64,
}

#[async_trait]
impl Sequencer for Postgres {
    async fn step(&self) -> Result<Sequenced, StoreError> {
        let waiting = self.sequencing.lock().await;
        let mut tx = self.begin().await?;
        let state = lock(&mut tx).await?;
        if !state.home {
            return Err(corrupt("the database comes from another cluster: adopt it first"));
        }
        let target = match &state.target {
            Some(target) => target.clone(),
            // Taken under the lock: an earlier one could be older than what is already seen.
            None => current(&mut tx).await?,
        };
        let rows = self.fetch(&mut tx, &state, &target).await?;
        if rows.is_empty() && state.target.is_none() {
            tx.rollback().await.map_err(failed)?;
            return Ok(Sequenced { events: 0, head: state.end.0 });
        }
        let end = link(&mut tx, state.end, &rows).await?;
        self.save(&mut tx, end, &target, &rows).await?;
        tx.commit().await.map_err(failed)?;
        // The end of a back-log may be an empty page, while more has come since.
        if rows.is_empty() {
            drop(waiting);
            return self.step().await;
        }
        Ok(Sequenced { events: rows.len(), head: end.0 })
    }
}

impl Postgres {
    /// The next page of what `target` sees and `state.seen` does not.
    async fn fetch(
        &self,
        tx: &mut Transaction<'_, Engine>,
        state: &State,
        target: &Snapshot,
    ) -> Result<Vec<PgRow>, StoreError> {
        let limit = i64::from(self.sequencer_page);
        let query = if state.seen.sees_nothing() || state.after > 0 {
            sqlx::query(REST)
                .bind(state.after)
                .bind(target.as_str())
                .bind(state.seen.as_str())
                .bind(limit)
        } else {
            sqlx::query(NEW)
                .bind(state.seen.xmax.to_string())
                .bind(target.as_str())
                .bind(state.seen.ended_until(target))
                .bind(limit)
        };
        // Not kept prepared: a plan for any snapshot would read the whole table.
        query.persistent(false).fetch_all(&mut **tx).await.map_err(failed)
    }

    /// A full page is a page in progress: its snapshot and position are kept.
    async fn save(
        &self,
        tx: &mut Transaction<'_, Engine>,
        end: End,
        target: &Snapshot,
        rows: &[PgRow],
    ) -> Result<(), StoreError> {
        let full = u32::try_from(rows.len()).is_ok_and(|rows| rows >= self.sequencer_page);
        let sql = if full {
            "UPDATE sequencer SET ordinal = $1, chain = $2, target = $3::pg_snapshot,
                    after_position = $4"
        } else {
            "UPDATE sequencer SET ordinal = $1, chain = $2, seen = $3::pg_snapshot, target = NULL,
                    after_position = $4"
        };
        let last = rows.last().filter(|_| full);
        let after = last.map_or(Ok(0), |row| column::<i64>(row, "position"))?;
        sqlx::query(sql)
            .bind(end.0.0)
            .bind(end.1.as_slice())
            .bind(target.as_str())
            .bind(after)
            .execute(&mut **tx)
            .await
            .map(|_| ())
            .map_err(failed)
    }
}

/// Locks the one row of `sequencer`; whoever holds it is the sequencer of all replicas.
pub(crate) async fn lock(tx: &mut Transaction<'_, Engine>) -> Result<State, StoreError> {
    let row = sqlx::query(LOCK).fetch_one(&mut **tx).await.map_err(failed)?;
    let target: Option<&str> = column(&row, "target")?;
    Ok(State {
        home: column(&row, "home")?,
        end: (Ordinal(column(&row, "ordinal")?), hash(&row, "chain")?),
        seen: Snapshot::parse(column(&row, "seen")?)?,
        target: target.map(Snapshot::parse).transpose()?,
        after: column(&row, "after_position")?,
    })
}

async fn current(tx: &mut Transaction<'_, Engine>) -> Result<Snapshot, StoreError> {
    let row = sqlx::query("SELECT pg_current_snapshot()::text").fetch_one(&mut **tx).await;
    let row = row.map_err(failed)?;
    Snapshot::parse(row.try_get(0).map_err(failed)?)
}

fn stored(row: &PgRow) -> Result<EventRow, StoreError> {
    let mut columns = InOrder::of(row);
    rows::event(columns.next()?, &mut columns)
}

/// Gives `rows` the ordinals after `end`; answers the new end.
pub(crate) async fn link(
    tx: &mut Transaction<'_, Engine>,
    mut end: End,
    rows: &[PgRow],
) -> Result<End, StoreError> {
    let events = rows.iter().map(stored).collect::<Result<Vec<_>, _>>()?;
    let (mut ordinals, mut digests, mut chains) = (Vec::new(), Vec::new(), Vec::new());
    for event in &events {
        let (ordinal, digest) = (Ordinal(end.0.0 + 1), event.digest()?);
        end = (ordinal, digest::chain(&end.1, ordinal, &digest));
        ordinals.push(ordinal.0);
        digests.push(digest.to_vec());
        chains.push(end.1.to_vec());
    }
    sqlx::query(LOG)
        .bind(ordinals)
        .bind(events.iter().map(|event| event.position.0).collect::<Vec<_>>())
        .bind(
            events
                .iter()
                .map(|event| event.meta("account_id").map(Cow::into_owned))
                .collect::<Vec<_>>(),
        )
        .bind(digests)
        .bind(chains)
        .execute(&mut **tx)
        .await
        .map_err(failed)?;
    Ok(end)
}
