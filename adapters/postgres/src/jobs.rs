//! The queue, for the worker: claims with a lease and a fence.

use crate::{
    Postgres,
    errors::{corrupt, failed},
    rows::{column, count, id, instant},
};
use async_trait::async_trait;
use herald_application::ports::{ClaimedJob, JobKind, JobQueue, Lease, StoreError};
use herald_kernel::{Instant, JobId};
use sqlx::postgres::PgRow;

/// Kinds that this binary does not know are left to a newer one. What another worker holds at this
/// moment is skipped, and the choice is made once, not once for each row to update.
const CLAIM: &str = "
    WITH due AS MATERIALIZED (
        SELECT id FROM jobs
         WHERE (state = 'ready' AND due_at <= $1 OR state = 'running' AND lease_until <= $1)
           AND kind = ANY ($3)
         ORDER BY priority, due_at, id LIMIT $4
           FOR UPDATE SKIP LOCKED)
    UPDATE jobs SET state = 'running', attempts = attempts + 1, lease_until = $2,
                    fence = nextval('job_fences')
      FROM due WHERE jobs.id = due.id
    RETURNING jobs.*";

#[async_trait]
impl JobQueue for Postgres {
    async fn claim(&self, lease: Lease, limit: u32) -> Result<Vec<ClaimedJob>, StoreError> {
        if !self.any_due(lease.now).await? {
            return Ok(Vec::new());
        }
        let rows = sqlx::query(CLAIM)
            .bind(lease.now.to_utc())
            .bind(lease.now.plus(lease.length).to_utc())
            .bind(kinds())
            .bind(i64::from(limit))
            .fetch_all(&self.pool)
            .await
            .map_err(failed)?;
        let mut claimed = rows.iter().map(claimed).collect::<Result<Vec<_>, _>>()?;
        claimed.sort_by_key(|(priority, job)| (*priority, job.due_at, job.id));
        Ok(claimed.into_iter().map(|(_, job)| job).collect())
    }

    async fn renew(&self, job: JobId, fence: i64, until: Instant) -> Result<bool, StoreError> {
        let update = sqlx::query(
            "UPDATE jobs SET lease_until = $3 WHERE id = $1 AND fence = $2 AND state = 'running'",
        );
        let update = update.bind(job.to_string()).bind(fence).bind(until.to_utc());
        update.execute(&self.pool).await.map(|done| done.rows_affected() == 1).map_err(failed)
    }

    async fn finish(&self, job: JobId, fence: i64) -> Result<bool, StoreError> {
        let delete =
            sqlx::query("DELETE FROM jobs WHERE id = $1 AND fence = $2 AND state = 'running'");
        let delete = delete.bind(job.to_string()).bind(fence);
        delete.execute(&self.pool).await.map(|done| done.rows_affected() == 1).map_err(failed)
    }

    async fn reschedule(
        &self,
        job: JobId,
        fence: i64,
        due_at: Instant,
        error: Option<&str>,
        progress: bool,
    ) -> Result<bool, StoreError> {
        let update = sqlx::query(
            "UPDATE jobs SET state = 'ready', lease_until = NULL, due_at = $3, last_error = $4,
                    attempts = CASE WHEN $5 THEN 0 ELSE attempts END
              WHERE id = $1 AND fence = $2 AND state = 'running'",
        );
        let update = update.bind(job.to_string()).bind(fence);
        let update = update.bind(due_at.to_utc()).bind(error).bind(progress);
        update.execute(&self.pool).await.map(|done| done.rows_affected() == 1).map_err(failed)
    }

    async fn bury(&self, job: JobId, fence: i64, error: &str) -> Result<bool, StoreError> {
        let update = sqlx::query(
            "UPDATE jobs SET state = 'dead', lease_until = NULL, last_error = $3
              WHERE id = $1 AND fence = $2 AND state = 'running'",
        );
        let update = update.bind(job.to_string()).bind(fence).bind(error);
        update.execute(&self.pool).await.map(|done| done.rows_affected() == 1).map_err(failed)
    }
}

impl Postgres {
    /// Is there anything to claim? Asked without locking a row.
    async fn any_due(&self, now: Instant) -> Result<bool, StoreError> {
        let row = self
            .row(|| {
                sqlx::query(
                    "SELECT 1 FROM jobs
                      WHERE (state = 'ready' AND due_at <= $1
                             OR state = 'running' AND lease_until <= $1)
                        AND kind = ANY ($2) LIMIT 1",
                )
                .bind(now.to_utc())
                .bind(kinds())
            })
            .await?;
        Ok(row.is_some())
    }
}

/// The kinds that this binary carries out.
pub(crate) fn kinds() -> Vec<&'static str> {
    JobKind::ALL.map(JobKind::as_str).into()
}

/// A kind as stored.
pub(crate) fn kind(row: &PgRow) -> Result<JobKind, StoreError> {
    let text: &str = column(row, "kind")?;
    JobKind::parse(text).ok_or_else(|| corrupt("a job's kind is unknown"))
}

fn claimed(row: &PgRow) -> Result<(i32, ClaimedJob), StoreError> {
    let job = ClaimedJob {
        id: id(row, "id")?,
        kind: kind(row)?,
        key: column(row, "key")?,
        account: id(row, "account_id")?,
        payload: column(row, "payload")?,
        due_at: instant(row, "due_at")?,
        attempts: count(row, "attempts")?,
        fence: column(row, "fence")?,
    };
    Ok((column(row, "priority")?, job))
}
