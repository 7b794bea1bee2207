//! The log in its one order.

use crate::{
    Postgres,
    errors::corrupt,
    rows::{InOrder, column, event},
    snapshot::Snapshot,
};
use async_trait::async_trait;
use herald_application::ports::{
    AccountPage, FactRow, LogHead, LogReader, LoggedEvent, Ordinal, Position, StoreError,
};
use herald_kernel::Instant;
use sqlx::{
    postgres::{PgArguments, PgRow},
    query::Query,
    types::chrono::{DateTime, Utc},
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

// A range and no LIMIT, of which a plan for any page would expect a tenth of the log, and read all
// of it.
const PAGE: &str = listed!("WHERE l.ordinal > $1 AND l.ordinal <= $1 + $2 ORDER BY l.ordinal");

// Entries of the metadata by their names: to spell all of it costs the server more than the rest.
const FACTS: &str = "
    SELECT l.ordinal, e.aggregate_type, e.aggregate_id, e.sequence, e.payload, e.recorded_at,
           e.metadata ->> 'account_id', e.metadata ->> 'actor', e.metadata ->> 'correlation_id',
           e.metadata ->> 'occurred_at'
      FROM event_log l
      LEFT JOIN events e ON e.position = l.position
     WHERE l.ordinal > $1 AND l.ordinal <= $1 + $2 ORDER BY l.ordinal";

const ACCOUNT_FORWARDS: &str =
    listed!("WHERE l.account_id = $1 AND l.ordinal > $2 ORDER BY l.ordinal LIMIT $3");

const ACCOUNT_BACKWARDS: &str =
    listed!("WHERE l.account_id = $1 AND l.ordinal < $2 ORDER BY l.ordinal DESC LIMIT $3");

// By the key of the object's stream, whose length bounds what is read.
const OBJECT_FORWARDS: &str = listed!(
    "WHERE e.aggregate_type = $4 AND e.aggregate_id = $5
       AND l.account_id = $1 AND l.ordinal > $2 ORDER BY l.ordinal LIMIT $3"
);

const OBJECT_BACKWARDS: &str = listed!(
    "WHERE e.aggregate_type = $4 AND e.aggregate_id = $5
       AND l.account_id = $1 AND l.ordinal < $2 ORDER BY l.ordinal DESC LIMIT $3"
);

const HEAD: &str = "
    SELECT ordinal, seen::text AS seen, target::text AS target, after_position FROM sequencer";

/// What is stored and not in `seen`, but for the pages of `target` that are sequenced already. Two
/// arms, so that each one finds its rows by the index on transactions.
const WAITING: &str = "
    SELECT count(*) FROM (
        SELECT position, transaction_id FROM events WHERE transaction_id >= $1::xid8
        UNION ALL
        SELECT position, transaction_id FROM events WHERE transaction_id = ANY ($2::xid8[])
      ) e
     WHERE NOT (position <= $3 AND pg_visible_in_snapshot(transaction_id, $4::pg_snapshot))";

#[async_trait]
impl LogReader for Postgres {
    async fn page(&self, after: Ordinal, limit: u32) -> Result<Vec<LoggedEvent>, StoreError> {
        let ask = || sqlx::query(PAGE).bind(after.0).bind(i64::from(limit));
        let rows = self.rows(ask).await?;
        let events = rows.iter().map(logged).collect::<Result<Vec<_>, _>>()?;
        gapless(after, events.iter().map(|event| event.ordinal))?;
        Ok(events)
    }

    async fn facts(&self, after: Ordinal, limit: u32) -> Result<Vec<FactRow>, StoreError> {
        let ask = || sqlx::query(FACTS).bind(after.0).bind(i64::from(limit));
        let rows = self.rows(ask).await?;
        let facts = rows.iter().map(fact).collect::<Result<Vec<_>, _>>()?;
        gapless(after, facts.iter().map(|fact| fact.ordinal))?;
        Ok(facts)
    }

    async fn account_page(&self, wanted: AccountPage<'_>) -> Result<Vec<LoggedEvent>, StoreError> {
        self.rows(|| asking(&wanted)).await?.iter().map(logged).collect()
    }

    async fn head(&self) -> Result<LogHead, StoreError> {
        let row = self.row(|| sqlx::query(HEAD)).await?;
        let row = row.ok_or_else(|| corrupt("the sequencer has no state"))?;
        let ordinal: i64 = column(&row, "ordinal")?;
        let seen = Snapshot::parse(column(&row, "seen")?)?;
        let target: Option<&str> = column(&row, "target")?;
        let target = target.unwrap_or(seen.as_str());
        let after: i64 = column(&row, "after_position")?;
        let ask = || {
            let waiting = sqlx::query(WAITING).bind(seen.xmax.to_string()).bind(seen.running());
            // Not kept prepared: a plan for any snapshot would read the whole table.
            waiting.bind(after).bind(target.to_owned()).persistent(false)
        };
        let row = self.row(ask).await?;
        let row = row.ok_or_else(|| corrupt("counting answered nothing"))?;
        let waiting: i64 = column(&row, "count")?;
        Ok(LogHead { ordinal: Ordinal(ordinal), stored: ordinal.saturating_add(waiting) })
    }

    async fn counted(&self) -> Result<i64, StoreError> {
        let row = self.row(|| sqlx::query("SELECT count(*) FROM events")).await?;
        column(&row.ok_or_else(|| corrupt("counting answered nothing"))?, "count")
    }

    async fn ordinal_of(&self, position: Position) -> Result<Option<Ordinal>, StoreError> {
        let row = self
            .row(|| {
                sqlx::query("SELECT ordinal FROM event_log WHERE position = $1").bind(position.0)
            })
            .await?;
        row.map(|row| column(&row, "ordinal").map(Ordinal)).transpose()
    }
}

/// The question for a page of an account.
fn asking<'w>(wanted: &AccountPage<'w>) -> Query<'w, sqlx::Postgres, PgArguments> {
    let sql = match (wanted.object, wanted.backwards) {
        (None, false) => ACCOUNT_FORWARDS,
        (None, true) => ACCOUNT_BACKWARDS,
        (Some(_), false) => OBJECT_FORWARDS,
        (Some(_), true) => OBJECT_BACKWARDS,
    };
    let asked = sqlx::query(sql)
        .bind(wanted.account.to_string())
        .bind(wanted.from.0)
        .bind(i64::from(wanted.limit));
    match wanted.object {
        Some((kind, id)) => asked.bind(kind).bind(id),
        None => asked,
    }
}

/// `Corrupt` where an ordinal after `after` is missing.
fn gapless(after: Ordinal, ordinals: impl Iterator<Item = Ordinal>) -> Result<(), StoreError> {
    match (after.0 + 1..).zip(ordinals).find(|(expected, ordinal)| ordinal.0 != *expected) {
        Some((expected, _)) => Err(corrupt(format!("ordinal {expected} is missing in the log"))),
        None => Ok(()),
    }
}

fn gone(ordinal: i64) -> StoreError {
    corrupt(format!("the event of ordinal {ordinal} is gone"))
}

fn fact(row: &PgRow) -> Result<FactRow, StoreError> {
    let mut columns = InOrder::of(row);
    let ordinal = columns.next()?;
    let aggregate_type = columns.next::<Option<String>>()?.ok_or_else(|| gone(ordinal))?;
    let (aggregate_id, sequence, payload) = (columns.next()?, columns.next()?, columns.json()?);
    let recorded_at = Instant::new(columns.next::<DateTime<Utc>>()?);
    let account = columns.next::<Option<&str>>()?.and_then(|text| text.parse().ok());
    let actor = columns.next::<Option<String>>()?.unwrap_or_default();
    let correlation = columns.next::<Option<&str>>()?.and_then(|text| text.parse().ok());
    let occurred_at = columns.next::<Option<&str>>()?.and_then(|text| text.parse().ok());
    Ok(FactRow {
        ordinal: Ordinal(ordinal),
        aggregate_type,
        aggregate_id,
        sequence,
        payload,
        account,
        actor,
        correlation,
        at: occurred_at.unwrap_or(recorded_at),
    })
}

fn logged(row: &PgRow) -> Result<LoggedEvent, StoreError> {
    let mut columns = InOrder::of(row);
    let ordinal = columns.next()?;
    let (digest, chain) = (columns.hash()?, columns.hash()?);
    let position = columns.next::<Option<i64>>()?;
    let row = event(position.ok_or_else(|| gone(ordinal))?, &mut columns)?;
    Ok(LoggedEvent { ordinal: Ordinal(ordinal), row, digest, chain })
}
