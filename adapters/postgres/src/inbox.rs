//! The inbox, for whoever takes in and applies.

use crate::{
    Postgres,
    asking::TRIES,
    errors::{corrupt, failed, is_conflict},
    rows::{column, count, hash, instant},
};
use async_trait::async_trait;
use herald_application::ports::{
    Arrival, ClaimedArrival, InboxReception, InboxSettlement, InboxStateName, InboxStore, Lease,
    StoreError,
};
use herald_kernel::Instant;
use sqlx::{
    postgres::PgRow,
    types::chrono::{DateTime, Utc},
};

const RECEIVE: &str = "
    INSERT INTO inbox (source, event_id, kind, key, object, api_version, occurred_at, headers,
                       body, sealed, size, digest, received_at, due_at, state)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $13, 'received')
    ON CONFLICT (source, event_id) DO NOTHING";

/// Nothing of a row's key is in hands or came earlier and is still open.
const FIRST_OF_ITS_KEY: &str = "
    i.state IN ('received', 'failed') AND NOT EXISTS (
        SELECT 1 FROM inbox o
         WHERE o.source = i.source AND o.key = i.key
           AND o.state IN ('received', 'processing', 'failed')
           AND (o.number < i.number OR o.state = 'processing'))";

#[async_trait]
impl InboxStore for Postgres {
    async fn receive(&self, arrival: &Arrival) -> Result<InboxReception, StoreError> {
        // A conflict with a row that is being written waits for that row's end: who hears
        // `Duplicate` may count on it.
        let done = sqlx::query(RECEIVE)
            .bind(&arrival.source)
            .bind(&arrival.event_id)
            .bind(&arrival.kind)
            .bind(&arrival.key)
            .bind(&arrival.object)
            .bind(&arrival.api_version)
            .bind(arrival.occurred_at.map(Instant::to_utc))
            .bind(serde_json::json!(arrival.headers))
            .bind(&*arrival.body)
            .bind(arrival.sealed)
            .bind(i64::try_from(arrival.size).unwrap_or(i64::MAX))
            .bind(arrival.digest.as_slice())
            .bind(arrival.received_at.to_utc())
            .execute(&self.pool)
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
        if !self.any_claimable(lease.now, sources).await? {
            return Ok(Vec::new());
        }
        let claim = claim();
        for _ in 0..TRIES {
            let rows = sqlx::query(&claim)
                .bind(lease.now.to_utc())
                .bind(sources)
                .bind(lease.now.plus(lease.length).to_utc())
                .bind(i64::from(limit))
                .fetch_all(&self.pool)
                .await;
            let rows = match rows {
                // Another worker holds a row of the same key: look again.
                Err(error) if is_conflict(&error) => continue,
                good_or_final => good_or_final.map_err(failed)?,
            };
            let mut claimed = rows.iter().map(claimed).collect::<Result<Vec<_>, _>>()?;
            claimed.sort_by_key(|row| row.number);
            return Ok(claimed);
        }
        Ok(Vec::new())
    }

    async fn renew(&self, number: i64, fence: i64, until: Instant) -> Result<bool, StoreError> {
        let update = sqlx::query(
            "UPDATE inbox SET lease_until = $3
              WHERE number = $1 AND fence = $2 AND state = 'processing'",
        );
        let update = update.bind(number).bind(fence).bind(until.to_utc());
        update.execute(&self.pool).await.map(|done| done.rows_affected() == 1).map_err(failed)
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
                (InboxStateName::Failed, Some(cause), Some(due_at.to_utc()))
            }
            InboxSettlement::Dead(cause) => (InboxStateName::Dead, Some(cause), None),
        };
        let settled = due.is_none().then(|| now.to_utc());
        let update = sqlx::query(
            "UPDATE inbox SET state = $3, cause = $4, due_at = coalesce($5, due_at),
                    settled_at = $6, lease_until = NULL
              WHERE number = $1 AND fence = $2 AND state = 'processing'",
        );
        let update = update.bind(number).bind(fence).bind(state.as_str());
        let update = update.bind(cause).bind(due).bind(settled);
        update.execute(&self.pool).await.map(|done| done.rows_affected() == 1).map_err(failed)
    }

    async fn next_due(&self, sources: &[String]) -> Result<Option<Instant>, StoreError> {
        let sql = format!(
            "SELECT min(i.due_at) AS due_at FROM inbox i
              WHERE i.source = ANY ($1) AND {FIRST_OF_ITS_KEY}"
        );
        let row = self.row(|| sqlx::query(&sql).bind(sources)).await?;
        let row = row.ok_or_else(|| corrupt("a minimum answered nothing"))?;
        Ok(column::<Option<DateTime<Utc>>>(&row, "due_at")?.map(Instant::new))
    }
}

impl Postgres {
    /// Is there anything to claim? Asked without locking a row.
    async fn any_claimable(&self, now: Instant, sources: &[String]) -> Result<bool, StoreError> {
        let sql = format!("{} LIMIT 1", claimable());
        let row = self.row(|| sqlx::query(&sql).bind(now.to_utc()).bind(sources)).await?;
        Ok(row.is_some())
    }
}

/// The numbers of rows that can be claimed at `$1`, of the sources in `$2`.
fn claimable() -> String {
    format!(
        "SELECT i.number FROM inbox i
          WHERE i.state IN ('received', 'processing', 'failed') AND i.source = ANY ($2)
            AND (i.state = 'processing' AND i.lease_until <= $1
                 OR i.due_at <= $1 AND {FIRST_OF_ITS_KEY})"
    )
}

/// What another worker takes at this moment is skipped, and the choice is made once.
fn claim() -> String {
    format!(
        "WITH first AS MATERIALIZED (
            {} ORDER BY i.number LIMIT $4 FOR UPDATE OF i SKIP LOCKED)
         UPDATE inbox SET state = 'processing', attempts = attempts + 1, fence = fence + 1,
                lease_until = $3, cause = NULL
           FROM first WHERE inbox.number = first.number
         RETURNING inbox.*",
        claimable()
    )
}

fn claimed(row: &PgRow) -> Result<ClaimedArrival, StoreError> {
    let headers = serde_json::from_value(column(row, "headers")?);
    let occurred_at: Option<DateTime<Utc>> = column(row, "occurred_at")?;
    Ok(ClaimedArrival {
        number: column(row, "number")?,
        arrival: Arrival {
            source: column(row, "source")?,
            event_id: column(row, "event_id")?,
            kind: column(row, "kind")?,
            key: column(row, "key")?,
            object: column(row, "object")?,
            api_version: column(row, "api_version")?,
            occurred_at: occurred_at.map(Instant::new),
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
