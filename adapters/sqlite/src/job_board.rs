//! The queue, for readers: what waits and what was given up.

use crate::{
    Sqlite,
    errors::{corrupt, failed},
    jobs::{kind, kinds},
    rows::{column, id, instant},
};
use async_trait::async_trait;
use herald_application::ports::{Backlog, DeadJob, JobBoard, StoreError};
use herald_kernel::{AccountId, Instant};
use sqlx::sqlite::SqliteRow;

const BACKLOG: &str = "
    SELECT count(*) FILTER (WHERE claimable) AS due,
           count(*) FILTER (WHERE state = 'ready' AND NOT claimable) AS later,
           count(*) FILTER (WHERE state = 'running' AND NOT claimable) AS running,
           count(*) FILTER (WHERE state = 'dead') AS dead,
           coalesce((?1 - min(due_at) FILTER (WHERE claimable)) / 1000000, 0) AS oldest_seconds
      FROM (SELECT state, due_at, coalesce(state = 'ready' AND due_at <= ?1
                   OR state = 'running' AND lease_until <= ?1, false) AS claimable FROM jobs)";

#[async_trait]
impl JobBoard for Sqlite {
    async fn backlog(&self, now: Instant) -> Result<Backlog, StoreError> {
        let row = sqlx::query(BACKLOG)
            .bind(now.micros())
            .fetch_one(&self.readers)
            .await
            .map_err(failed)?;
        Ok(Backlog {
            due: column(&row, "due")?,
            later: column(&row, "later")?,
            running: column(&row, "running")?,
            dead: column(&row, "dead")?,
            oldest_seconds: column::<i64>(&row, "oldest_seconds")?.max(0),
        })
    }

    async fn next_due(&self) -> Result<Option<Instant>, StoreError> {
        let micros: Option<i64> = sqlx::query_scalar(
            "SELECT due_at FROM jobs
              WHERE state = 'ready' AND kind IN (SELECT value FROM json_each(?1))
              ORDER BY due_at LIMIT 1",
        )
        .bind(kinds())
        .fetch_optional(&self.readers)
        .await
        .map_err(failed)?;
        let instant = |micros| {
            Instant::from_micros(micros).ok_or_else(|| corrupt("due_at is not an instant"))
        };
        micros.map(instant).transpose()
    }

    async fn dead(&self, account: AccountId, limit: u32) -> Result<Vec<DeadJob>, StoreError> {
        let rows = sqlx::query(
            "SELECT * FROM jobs WHERE account_id = ?1 AND state = 'dead'
              ORDER BY due_at DESC, id DESC LIMIT ?2",
        )
        .bind(account.to_string())
        .bind(limit)
        .fetch_all(&self.readers)
        .await
        .map_err(failed)?;
        rows.iter().map(dead).collect()
    }
}

fn dead(row: &SqliteRow) -> Result<DeadJob, StoreError> {
    Ok(DeadJob {
        id: id(row, "id")?,
        kind: kind(row)?,
        key: column(row, "key")?,
        due_at: instant(row, "due_at")?,
        error: column::<Option<String>>(row, "last_error")?.unwrap_or_default(),
    })
}
