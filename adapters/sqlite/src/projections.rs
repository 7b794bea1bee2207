//! Where projections write: views, jobs and checkpoints in one transaction.

use crate::{
    Sqlite,
    errors::{corrupt, failed},
    job_changes,
    open::BEGIN,
    rows::{DOCUMENT, column, document},
    view_changes,
};
use async_trait::async_trait;
use herald_application::{
    ports::{
        Batch, Checkpoint, CheckpointMove, CheckpointStatus, Committed, Ordinal, ProjectionStore,
        StoreError, ViewDocument,
    },
    views::derived_names,
};
use serde_json::{Value, json};
use sqlx::{Connection as _, Sqlite as Engine, Transaction, sqlite::SqliteRow};

const MOVE: &str = "
    UPDATE checkpoints SET ordinal = m.value ->> 3, error = NULL FROM json_each(?1) m
     WHERE projection = m.value ->> 0 AND version = m.value ->> 1 AND ordinal = m.value ->> 2
       AND status <> 'retired'";

/// Few at a time: whoever else writes gets a turn in between.
const FORGET: &str = "
    DELETE FROM views WHERE (view, version, id) IN (
        SELECT view, version, id FROM views
         WHERE view IN (SELECT value FROM json_each(?3)) AND version = ?2
           AND EXISTS (SELECT 1 FROM checkpoints
                        WHERE projection = ?1 AND version = ?2 AND status = 'retired')
         LIMIT ?4)";

#[async_trait]
impl ProjectionStore for Sqlite {
    async fn checkpoints(&self) -> Result<Vec<Checkpoint>, StoreError> {
        let rows = sqlx::query("SELECT * FROM checkpoints ORDER BY projection, version")
            .fetch_all(&self.readers)
            .await
            .map_err(failed)?;
        rows.iter().map(checkpoint).collect()
    }

    async fn register(
        &self,
        projection: &str,
        version: i32,
        status: CheckpointStatus,
        at: Ordinal,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO checkpoints (projection, version, ordinal, status)
             VALUES (?1, ?2, ?4, ?3)
             ON CONFLICT (projection, version) DO NOTHING",
        )
        .bind(projection)
        .bind(version)
        .bind(status.as_str())
        .bind(at.0)
        .execute(&self.writer)
        .await
        .map(|_| ())
        .map_err(failed)
    }

    async fn documents(
        &self,
        view: &str,
        version: i32,
        ids: &[String],
    ) -> Result<Vec<ViewDocument>, StoreError> {
        let rows = sqlx::query(&format!(
            "SELECT {DOCUMENT} FROM views WHERE view = ?1 AND version = ?2
                AND id IN (SELECT value FROM json_each(?3)) ORDER BY id"
        ))
        .bind(view)
        .bind(version)
        .bind(json!(ids).to_string())
        .fetch_all(&self.readers)
        .await
        .map_err(failed)?;
        rows.iter().map(document).collect()
    }

    async fn commit(&self, batch: &Batch) -> Result<Committed, StoreError> {
        // Without a checkpoint that would be read on from, nothing makes these rows again.
        if batch.moves.is_empty() {
            return write(self.begin().await.map_err(failed)?, batch).await;
        }
        let mut connection = self.deriving().await.map_err(failed)?;
        write(connection.begin_with(BEGIN).await.map_err(failed)?, batch).await
    }

    async fn set_status(
        &self,
        seen: &Checkpoint,
        status: CheckpointStatus,
        error: Option<&str>,
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin().await.map_err(failed)?;
        let stood = sqlx::query(
            "UPDATE checkpoints SET status = ?5, error = ?6
              WHERE projection = ?1 AND version = ?2 AND ordinal = ?3 AND status = ?4",
        )
        .bind(&seen.projection)
        .bind(seen.version)
        .bind(seen.ordinal.0)
        .bind(seen.status.as_str())
        .bind(status.as_str())
        .bind(error)
        .execute(&mut *tx)
        .await
        .map_err(failed)?;
        if stood.rows_affected() == 0 {
            tx.rollback().await.map_err(failed)?;
            return Ok(false);
        }
        if status == CheckpointStatus::Live {
            retire_below(&mut tx, &seen.projection, seen.version).await?;
        }
        tx.commit().await.map_err(failed)?;
        Ok(true)
    }

    async fn forget(&self, projection: &str, version: i32, limit: u32) -> Result<u64, StoreError> {
        let views: Vec<_> = derived_names(projection).iter().copied().chain([projection]).collect();
        sqlx::query(FORGET)
            .bind(projection)
            .bind(version)
            .bind(json!(views).to_string())
            .bind(i64::from(limit))
            .execute(&self.writer)
            .await
            .map(|done| done.rows_affected())
            .map_err(failed)
    }
}

async fn write(mut tx: Transaction<'_, Engine>, batch: &Batch) -> Result<Committed, StoreError> {
    if !advance(&mut tx, &batch.moves).await? {
        return Ok(Committed::Stale);
    }
    view_changes::apply(&mut tx, &batch.views).await?;
    job_changes::apply(&mut tx, &batch.jobs).await?;
    tx.commit().await.map_err(failed)?;
    Ok(Committed::Done)
}

/// Moves the checkpoints that stand where they must and still count; answers whether all did.
async fn advance(
    tx: &mut Transaction<'_, Engine>,
    moves: &[CheckpointMove],
) -> Result<bool, StoreError> {
    let rows: Vec<_> = moves
        .iter()
        .map(|step| json!([step.projection, step.version, step.from, step.to]))
        .collect();
    let done = sqlx::query(MOVE)
        .bind(Value::Array(rows).to_string())
        .execute(&mut **tx)
        .await
        .map_err(failed)?;
    Ok(usize::try_from(done.rows_affected()).is_ok_and(|rows| rows == moves.len()))
}

/// Retires the versions of a projection below this one.
async fn retire_below(
    tx: &mut Transaction<'_, Engine>,
    projection: &str,
    version: i32,
) -> Result<(), StoreError> {
    sqlx::query("UPDATE checkpoints SET status = 'retired' WHERE projection = ?1 AND version < ?2")
        .bind(projection)
        .bind(version)
        .execute(&mut **tx)
        .await
        .map(|_| ())
        .map_err(failed)
}

fn checkpoint(row: &SqliteRow) -> Result<Checkpoint, StoreError> {
    let status: &str = column(row, "status")?;
    Ok(Checkpoint {
        projection: column(row, "projection")?,
        version: column(row, "version")?,
        ordinal: Ordinal(column(row, "ordinal")?),
        status: CheckpointStatus::parse(status)
            .ok_or_else(|| corrupt("a checkpoint's status is unknown"))?,
        error: column(row, "error")?,
    })
}
