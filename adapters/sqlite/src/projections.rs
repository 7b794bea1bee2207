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
    UPDATE checkpoints SET ordinal = m.value ->> 3 FROM json_each(?1) m
     WHERE projection = m.value ->> 0 AND version = m.value ->> 1 AND ordinal = m.value ->> 2
       AND status <> 'retired'";

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
    ) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO checkpoints (projection, version, ordinal, status) VALUES (?1, ?2, 0, ?3)
             ON CONFLICT (projection, version) DO NOTHING",
        )
        .bind(projection)
        .bind(version)
        .bind(status.as_str())
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
        let mut connection = self.deriving().await.map_err(failed)?;
        let mut tx = connection.begin_with(BEGIN).await.map_err(failed)?;
        if !advance(&mut tx, &batch.moves).await? {
            return Ok(Committed::Stale);
        }
        view_changes::apply(&mut tx, &batch.views).await?;
        job_changes::apply(&mut tx, &batch.jobs).await?;
        tx.commit().await.map_err(failed)?;
        Ok(Committed::Done)
    }

    async fn set_status(
        &self,
        projection: &str,
        version: i32,
        status: CheckpointStatus,
        error: Option<&str>,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await.map_err(failed)?;
        match status {
            CheckpointStatus::Building => {}
            CheckpointStatus::Live => retire(&mut tx, projection, 0, version - 1).await?,
            CheckpointStatus::Retired => retire(&mut tx, projection, version, version).await?,
        }
        sqlx::query(
            "UPDATE checkpoints SET status = ?3, error = ?4 WHERE projection = ?1 AND version = ?2",
        )
        .bind(projection)
        .bind(version)
        .bind(status.as_str())
        .bind(error)
        .execute(&mut *tx)
        .await
        .map_err(failed)?;
        tx.commit().await.map_err(failed)
    }
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

/// Retires the versions `from` to `to` of a projection, and deletes their documents and what was
/// derived from them.
async fn retire(
    tx: &mut Transaction<'_, Engine>,
    projection: &str,
    from: i32,
    to: i32,
) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE checkpoints SET status = 'retired'
          WHERE projection = ?1 AND version BETWEEN ?2 AND ?3",
    )
    .bind(projection)
    .bind(from)
    .bind(to)
    .execute(&mut **tx)
    .await
    .map_err(failed)?;
    for view in derived_names(projection).iter().copied().chain([projection]) {
        sqlx::query("DELETE FROM views WHERE view = ?1 AND version BETWEEN ?2 AND ?3")
            .bind(view)
            .bind(from)
            .bind(to)
            .execute(&mut **tx)
            .await
            .map_err(failed)?;
    }
    Ok(())
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
