//! Changes of the job queue that processes ask for, several in one statement.

use crate::errors::failed;
use herald_application::ports::{JobChange, NewJob, StoreError};
use serde_json::{Value, json};
use sqlx::{Sqlite as Engine, Transaction};
use std::collections::BTreeMap;

const PUT: &str = "
    INSERT INTO jobs (id, kind, key, account_id, payload, due_at, priority, fence, state)
    SELECT e.value ->> 0, e.value ->> 1, e.value ->> 2, e.value ->> 3, e.value ->> 4,
           e.value ->> 5, e.value ->> 6, ?2, 'ready'
      FROM json_each(?1) e WHERE true
    ON CONFLICT (key) DO UPDATE SET
        kind = excluded.kind, account_id = excluded.account_id, payload = excluded.payload,
        due_at = excluded.due_at, priority = excluded.priority, attempts = 0, lease_until = NULL,
        fence = excluded.fence, state = 'ready', last_error = NULL";

const CANCEL: &str = "DELETE FROM jobs WHERE key IN (SELECT value FROM json_each(?1))";

/// Applies `changes`; of several for one key the last one counts.
pub(crate) async fn apply(
    tx: &mut Transaction<'_, Engine>,
    changes: &[JobChange],
) -> Result<(), StoreError> {
    let mut last = BTreeMap::new();
    for change in changes {
        match change {
            JobChange::Put(job) => last.insert(&job.key, Some(job)),
            JobChange::Cancel { key } => last.insert(key, None),
        };
    }
    let puts: Vec<_> = last.values().flatten().map(|job| row(job)).collect();
    let cancels: Vec<_> =
        last.iter().filter(|(_, job)| job.is_none()).map(|(key, _)| key).collect();
    if !cancels.is_empty() {
        let keys = json!(cancels).to_string();
        sqlx::query(CANCEL).bind(keys).execute(&mut **tx).await.map_err(failed)?;
    }
    if !puts.is_empty() {
        let fence = next_fence(tx).await?;
        let rows = Value::Array(puts).to_string();
        sqlx::query(PUT).bind(rows).bind(fence).execute(&mut **tx).await.map_err(failed)?;
    }
    Ok(())
}

/// A fence that no job has had.
pub(crate) async fn next_fence(tx: &mut Transaction<'_, Engine>) -> Result<i64, StoreError> {
    sqlx::query_scalar("UPDATE job_fences SET last = last + 1 RETURNING last")
        .fetch_one(&mut **tx)
        .await
        .map_err(failed)
}

fn row(job: &NewJob) -> Value {
    json!([
        job.id,
        job.kind.as_str(),
        job.key,
        job.account,
        job.payload.to_string(),
        job.due_at.micros(),
        job.priority.as_i32()
    ])
}
