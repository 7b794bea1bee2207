//! The inbox, for whoever takes in and applies.

use crate::{
    Sqlite,
    errors::{corrupt, failed},
    rows::{column, count, hash, instant, json},
};
use async_trait::async_trait;
use herald_application::ports::{
    Arrival, ClaimedArrival, InboxReception, InboxSettlement, InboxStateName, InboxStore, Lease,
    StoreError,
};
use herald_kernel::Instant;
use sqlx::sqlite::SqliteRow;

const RECEIVE: &str = "
    INSERT INTO inbox (source, event_id, kind, key, object, api_version, occurred_at, headers,
                       body, sealed, size, digest, received_at, due_at, state)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?13, 'received')
    ON CONFLICT (source, event_id) DO NOTHING";

/// Nothing of a row's key is in hands or came earlier and is still open.
const FIRST_OF_ITS_KEY: &str = "
    i.state IN ('received', 'failed') AND NOT EXISTS (
        SELECT 1 FROM inbox o
         WHERE o.source = i.source AND o.key = i.key
           AND o.state IN ('received', 'processing', 'failed')
           AND (o.number < i.number OR o.state = 'processing'))";

#[async_trait]
impl InboxStore for Sqlite {
    async fn receive(&self, arrival: &Arrival) -> Result<InboxReception, StoreError> {
        let headers = serde_json::json!(arrival.headers).to_string();
        // `execute` runs the statement to its end, and with it its transaction: what it answers is
        // on disk.
        let done = sqlx::query(RECEIVE)
            .bind(&arrival.source)
            .bind(&arrival.event_id)
            .bind(&arrival.kind)
            .bind(&arrival.key)
            .bind(&arrival.object)
            .bind(&arrival.api_version)
            .bind(arrival.occurred_at.map(Instant::micros))
            .bind(headers)
            .bind(&*arrival.body)
            .bind(arrival.sealed)
            .bind(i64::try_from(arrival.size).unwrap_or(i64::MAX))
            .bind(arrival.digest.as_slice())
            .bind(arrival.received_at.micros())
            .execute(&self.writer)
            .await
            .map_err(failed)?;
        Ok(if done.rows_affected() == 1 {
            InboxReception::Stored
        } else {
            InboxReception::Duplicate
        })
    }

    async fn claim(
        &self,
        lease: Lease,
        sources: &[String],
        limit: u32,
    ) -> Result<Vec<ClaimedArrival>, StoreError> {
        let sources = serde_json::json!(sources).to_string();
        if !self.any_claimable(lease.now, &sources).await? {
            return Ok(Vec::new());
        }
        let claim = format!(
            "UPDATE inbox SET state = 'processing', attempts = attempts + 1, fence = fence + 1,
                    lease_until = ?3, cause = NULL
              WHERE number IN ({} LIMIT ?4) RETURNING *",
            claimable()
        );
        let rows = sqlx::query(&claim)
            .bind(lease.now.micros())
            .bind(sources)
            .bind(lease.now.plus(lease.length).micros())
            .bind(limit)
            .fetch_all(&self.writer)
            .await
            .map_err(failed)?;
        let mut claimed = rows.iter().map(claimed).collect::<Result<Vec<_>, _>>()?;
        claimed.sort_by_key(|row| row.number);
        Ok(claimed)
    }

    async fn renew(&self, number: i64, fence: i64, until: Instant) -> Result<bool, StoreError> {
        let update = sqlx::query(
            "UPDATE inbox SET lease_until = ?3
              WHERE number = ?1 AND fence = ?2 AND state = 'processing'",
        );
        let update = update.bind(number).bind(fence).bind(until.micros());
        update.execute(&self.writer).await.map(|done| done.rows_affected() == 1).map_err(failed)
    }

    async fn settle(
        &self,
        number: i64,
        fence: i64,
        now: Instant,
        how: &InboxSettlement,
    ) -> Result<bool, StoreError> {
        let (state, cause, due) = match how {
            InboxSettlement::Applied => (InboxStateName::Applied, None, None),
            InboxSettlement::Ignored(reason) => (InboxStateName::Ignored, Some(reason), None),
            InboxSettlement::Failed { due_at, cause } => {
                (InboxStateName::Failed, Some(cause), Some(due_at.micros()))
            }
            InboxSettlement::Dead(cause) => (InboxStateName::Dead, Some(cause), None),
        };
        let settled = due.is_none().then(|| now.micros());
        let update = sqlx::query(
            "UPDATE inbox SET state = ?3, cause = ?4, due_at = coalesce(?5, due_at),
                    settled_at = ?6, lease_until = NULL
              WHERE number = ?1 AND fence = ?2 AND state = 'processing'",
        );
        let update = update.bind(number).bind(fence).bind(state.as_str());
        let update = update.bind(cause).bind(due).bind(settled);
        update.execute(&self.writer).await.map(|done| done.rows_affected() == 1).map_err(failed)
    }

    async fn next_due(&self, sources: &[String]) -> Result<Option<Instant>, StoreError> {
        let sql = format!(
            "SELECT min(i.due_at) FROM inbox i
              WHERE i.source IN (SELECT value FROM json_each(?1)) AND {FIRST_OF_ITS_KEY}"
        );
        let micros: Option<i64> = sqlx::query_scalar(&sql)
            .bind(serde_json::json!(sources).to_string())
            .fetch_one(&self.readers)
            .await
            .map_err(failed)?;
        let instant = |micros| {
            Instant::from_micros(micros).ok_or_else(|| corrupt("due_at is not an instant"))
        };
        micros.map(instant).transpose()
    }
}

impl Sqlite {
    /// Is there anything to claim? Asked without taking the writers' lock.
    async fn any_claimable(&self, now: Instant, sources: &str) -> Result<bool, StoreError> {
        sqlx::query_scalar(&format!("SELECT EXISTS ({} LIMIT 1)", claimable()))
            .bind(now.micros())
            .bind(sources)
            .fetch_one(&self.readers)
            .await
            .map_err(failed)
    }
}

/// The numbers of rows that can be claimed at `?1`, of the sources in `?2`, the oldest first.
fn claimable() -> String {
    format!(
        "SELECT i.number FROM inbox i
          WHERE i.state IN ('received', 'processing', 'failed')
            AND i.source IN (SELECT value FROM json_each(?2))
            AND (i.state = 'processing' AND i.lease_until <= ?1
                 OR i.due_at <= ?1 AND {FIRST_OF_ITS_KEY})
          ORDER BY i.number"
    )
}

fn claimed(row: &SqliteRow) -> Result<ClaimedArrival, StoreError> {
    let headers = serde_json::from_value(json(row, "headers")?);
    let occurred_at: Option<i64> = column(row, "occurred_at")?;
    Ok(ClaimedArrival {
        number: column(row, "number")?,
        arrival: Arrival {
            source: column(row, "source")?,
            event_id: column(row, "event_id")?,
            kind: column(row, "kind")?,
            key: column(row, "key")?,
            object: column(row, "object")?,
            api_version: column(row, "api_version")?,
            occurred_at: occurred_at.and_then(Instant::from_micros),
            headers: headers.map_err(|_| corrupt("headers are not names and values"))?,
            body: column::<Vec<u8>>(row, "body")?.into(),
            sealed: column(row, "sealed")?,
            size: count(row, "size")?,
            digest: hash(row, "digest")?,
            received_at: instant(row, "received_at")?,
        },
        attempts: count(row, "attempts")?,
        fence: column(row, "fence")?,
    })
}
