//! Changes of the job queue that processes ask for, several in one statement.

use crate::errors::failed;
use herald_application::ports::{JobChange, NewJob, StoreError};
use sqlx::{Postgres as Engine, Transaction, types::Json};
use std::collections::BTreeMap;

/// Each row draws a fence that no job has had.
const PUT: &str = "
    INSERT INTO jobs (id, kind, key, account_id, payload, due_at, priority, state)
    SELECT e.*, 'ready'
      FROM UNNEST($1::text[], $2::text[], $3::text[], $4::text[], $5::jsonb[],
                  $6::timestamptz[], $7::integer[]) e
    ON CONFLICT (key) DO UPDATE SET
        kind = excluded.kind, account_id = excluded.account_id, payload = excluded.payload,
        due_at = excluded.due_at, priority = excluded.priority, attempts = 0, lease_until = NULL,
        fence = excluded.fence, state = 'ready', last_error = NULL";

const CANCEL: &str = "DELETE FROM jobs WHERE key = ANY ($1)";

/// Applies `changes`; of several for one key the last one counts.
pub(crate) async fn apply(
    tx: &mut Transaction<'_, Engine>,
    changes: &[JobChange],
) -> Result<(), StoreError> {
    let mut last = BTreeMap::new();
    for change in changes {
        match change {
            JobChange::Put(job) => last.insert(job.key.as_str(), Some(job)),
            JobChange::Cancel { key } => last.insert(key.as_str(), None),
        };
    }
    let puts: Vec<_> = last.values().flatten().copied().collect();
    let cancels: Vec<_> =
        last.iter().filter(|(_, job)| job.is_none()).map(|(key, _)| *key).collect();
    if !cancels.is_empty() {
        sqlx::query(CANCEL).bind(cancels).execute(&mut **tx).await.map_err(failed)?;
    }
    if !puts.is_empty() {
        put(tx, &puts).await?;
    }
    Ok(())
}

async fn put(tx: &mut Transaction<'_, Engine>, jobs: &[&NewJob]) -> Result<(), StoreError> {
    sqlx::query(PUT)
        .bind(jobs.iter().map(|job| job.id.to_string()).collect::<Vec<_>>())
        .bind(jobs.iter().map(|job| job.kind.as_str()).collect::<Vec<_>>())
        .bind(jobs.iter().map(|job| job.key.as_str()).collect::<Vec<_>>())
        .bind(jobs.iter().map(|job| job.account.to_string()).collect::<Vec<_>>())
        .bind(jobs.iter().map(|job| Json(&job.payload)).collect::<Vec<_>>())
        .bind(jobs.iter().map(|job| job.due_at.to_utc()).collect::<Vec<_>>())
        .bind(jobs.iter().map(|job| job.priority.as_i32()).collect::<Vec<_>>())
        .execute(&mut **tx)
        .await
        .map(|_| ())
        .map_err(failed)
}
