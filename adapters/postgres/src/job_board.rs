//! The queue, for readers: what waits and what was given up.

use crate::{
    Postgres,
    errors::corrupt,
    jobs::{kind, kinds},
    rows::{column, id, instant},
};
use async_trait::async_trait;
use herald_application::ports::{Backlog, DeadJob, JobBoard, StoreError};
use herald_kernel::{AccountId, Instant};
use sqlx::postgres::PgRow;

const BACKLOG: &str = "
    SELECT count(*) FILTER (WHERE claimable) AS due,
           count(*) FILTER (WHERE state = 'ready' AND NOT claimable) AS later,
           count(*) FILTER (WHERE state = 'running' AND NOT claimable) AS running,
           count(*) FILTER (WHERE state = 'dead') AS dead,
           coalesce(floor(extract(epoch FROM $1 - min(due_at) FILTER (WHERE claimable))), 0)
               ::bigint AS oldest_seconds
      FROM (SELECT state, due_at, coalesce(state = 'ready' AND due_at <= $1
                   OR state = 'running' AND lease_until <= $1, false) AS claimable FROM jobs) job";

#[async_trait]
impl JobBoard for Postgres {
    async fn backlog(&self, now: Instant) -> Result<Backlog, StoreError> {
        let row = self.row(|| sqlx::query(BACKLOG).bind(now.to_utc())).await?;
        let row = row.ok_or_else(|| corrupt("counting answered nothing"))?;
        Ok(Backlog {
            due: column(&row, "due")?,
            later: column(&row, "later")?,
            running: column(&row, "running")?,
            dead: column(&row, "dead")?,
            oldest_seconds: column::<i64>(&row, "oldest_seconds")?.max(0),
        })
    }

    async fn next_due(&self) -> Result<Option<Instant>, StoreError> {
        let row = self
            .row(|| {
                sqlx::query(
                    "SELECT due_at FROM jobs WHERE state = 'ready' AND kind = ANY ($1)
                      ORDER BY due_at LIMIT 1",
                )
                .bind(kinds())
            })
            .await?;
        row.map(|row| instant(&row, "due_at")).transpose()
    }

    async fn dead(&self, account: AccountId, limit: u32) -> Result<Vec<DeadJob>, StoreError> {
        let rows = self
            .rows(|| {
                sqlx::query(
                    "SELECT * FROM jobs WHERE account_id = $1 AND state = 'dead'
                      ORDER BY due_at DESC, id DESC LIMIT $2",
                )
                .bind(account.to_string())
                .bind(i64::from(limit))
            })
            .await?;
        rows.iter().map(dead).collect()
    }
}

fn dead(row: &PgRow) -> Result<DeadJob, StoreError> {
    Ok(DeadJob {
        id: id(row, "id")?,
        kind: kind(row)?,
        key: column(row, "key")?,
        due_at: instant(row, "due_at")?,
        error: column::<Option<String>>(row, "last_error")?.unwrap_or_default(),
    })
}
