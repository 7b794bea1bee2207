//! The queue, for the worker: claims with a lease and a fence.

use crate::{
    Sqlite,
    errors::{corrupt, failed},
    job_changes::next_fence,
    rows::{column, count, id, instant, json},
};
use async_trait::async_trait;
use herald_application::ports::{ClaimedJob, JobKind, JobQueue, Lease, StoreError};
use herald_kernel::{Instant, JobId};
use sqlx::sqlite::SqliteRow;

/// Kinds that this binary does not know are left to a newer one.
const CLAIM: &str = "
    UPDATE jobs SET state = 'running', attempts = attempts + 1, fence = ?1, lease_until = ?2
     WHERE id IN (
        SELECT id FROM jobs
         WHERE (state = 'ready' AND due_at <= ?3 OR state = 'running' AND lease_until <= ?3)
           AND kind IN (SELECT value FROM json_each(?4))
         ORDER BY priority, due_at, id LIMIT ?5)
    RETURNING *";

#[async_trait]
impl JobQueue for Sqlite {
    async fn claim(&self, lease: Lease, limit: u32) -> Result<Vec<ClaimedJob>, StoreError> {
        if !self.any_due(lease.now).await? {
            return Ok(Vec::new());
        }
        let mut tx = self.begin().await.map_err(failed)?;
        let fence = next_fence(&mut tx).await?;
        let rows = sqlx::query(CLAIM)
            .bind(fence)
            .bind(lease.now.plus(lease.length).micros())
            .bind(lease.now.micros())
            .bind(kinds())
            .bind(limit)
            .fetch_all(&mut *tx)
            .await
            .map_err(failed)?;
        let mut claimed = rows.iter().map(claimed).collect::<Result<Vec<_>, _>>()?;
        tx.commit().await.map_err(failed)?;
        claimed.sort_by_key(|(priority, job)| (*priority, job.due_at, job.id));
        Ok(claimed.into_iter().map(|(_, job)| job).collect())
    }

    async fn renew(&self, job: JobId, fence: i64, until: Instant) -> Result<bool, StoreError> {
        let update = sqlx::query(
            "UPDATE jobs SET lease_until = ?3 WHERE id = ?1 AND fence = ?2 AND state = 'running'",
        );
        let update = update.bind(job.to_string()).bind(fence).bind(until.micros());
        update.execute(&self.writer).await.map(|done| done.rows_affected() == 1).map_err(failed)
    }

    async fn finish(&self, job: JobId, fence: i64) -> Result<bool, StoreError> {
        let delete =
            sqlx::query("DELETE FROM jobs WHERE id = ?1 AND fence = ?2 AND state = 'running'");
        let delete = delete.bind(job.to_string()).bind(fence);
        delete.execute(&self.writer).await.map(|done| done.rows_affected() == 1).map_err(failed)
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
            "UPDATE jobs SET state = 'ready', lease_until = NULL, due_at = ?3, last_error = ?4,
                    attempts = CASE WHEN ?5 THEN 0 ELSE attempts END
              WHERE id = ?1 AND fence = ?2 AND state = 'running'",
        );
        let update = update.bind(job.to_string()).bind(fence);
        let update = update.bind(due_at.micros()).bind(error).bind(progress);
        update.execute(&self.writer).await.map(|done| done.rows_affected() == 1).map_err(failed)
    }

    async fn bury(&self, job: JobId, fence: i64, error: &str) -> Result<bool, StoreError> {
        let update = sqlx::query(
            "UPDATE jobs SET state = 'dead', lease_until = NULL, last_error = ?3
              WHERE id = ?1 AND fence = ?2 AND state = 'running'",
        );
        let update = update.bind(job.to_string()).bind(fence).bind(error);
        update.execute(&self.writer).await.map(|done| done.rows_affected() == 1).map_err(failed)
    }
}

impl Sqlite {
    /// Is there anything to claim? Asked without taking the writers' lock.
    async fn any_due(&self, now: Instant) -> Result<bool, StoreError> {
        sqlx::query_scalar(
            "SELECT EXISTS (SELECT 1 FROM jobs WHERE state = 'ready' AND due_at <= ?1
                               AND kind IN (SELECT value FROM json_each(?2)))
                 OR EXISTS (SELECT 1 FROM jobs WHERE state = 'running' AND lease_until <= ?1
                               AND kind IN (SELECT value FROM json_each(?2)))",
        )
        .bind(now.micros())
        .bind(kinds())
        .fetch_one(&self.readers)
        .await
        .map_err(failed)
    }
}

/// The kinds that this binary carries out.
pub(crate) fn kinds() -> String {
    serde_json::json!(JobKind::ALL.map(JobKind::as_str)).to_string()
}

/// A kind as stored.
pub(crate) fn kind(row: &SqliteRow) -> Result<JobKind, StoreError> {
    let text: &str = column(row, "kind")?;
    JobKind::parse(text).ok_or_else(|| corrupt("a job's kind is unknown"))
}

fn claimed(row: &SqliteRow) -> Result<(i32, ClaimedJob), StoreError> {
    let job = ClaimedJob {
        id: id(row, "id")?,
        kind: kind(row)?,
        key: column(row, "key")?,
        account: id(row, "account_id")?,
        payload: json(row, "payload")?,
        due_at: instant(row, "due_at")?,
        attempts: count(row, "attempts")?,
        fence: column(row, "fence")?,
    };
    Ok((column(row, "priority")?, job))
}
