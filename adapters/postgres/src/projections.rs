//! Where projections write: views, jobs and checkpoints in one transaction.

use crate::{
    Postgres,
    errors::{corrupt, failed},
    job_changes,
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
use sqlx::{Postgres as Engine, Transaction, postgres::PgRow};

/// Few at a time: a long deletion would hold up whoever cleans the table.
const FORGET: &str = "
    DELETE FROM views WHERE (view, version, id) IN (
        SELECT view, version, id FROM views
         WHERE view = ANY ($3) AND version = $2
           AND EXISTS (SELECT 1 FROM checkpoints
                        WHERE projection = $1 AND version = $2 AND status = 'retired')
         LIMIT $4)";

#[async_trait]
impl ProjectionStore for Postgres {
    async fn checkpoints(&self) -> Result<Vec<Checkpoint>, StoreError> {
        let rows = self
            .rows(|| sqlx::query("SELECT * FROM checkpoints ORDER BY projection, version"))
            .await?;
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
             VALUES ($1, $2, $4, $3)
             ON CONFLICT (projection, version) DO NOTHING",
        )
        .bind(projection)
        .bind(version)
        .bind(status.as_str())
        .bind(at.0)
        .execute(&self.pool)
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
        let sql = format!(
            "SELECT {DOCUMENT} FROM views
              WHERE view = $1 AND version = $2 AND id = ANY ($3) ORDER BY id"
        );
        let rows = self.rows(|| sqlx::query(&sql).bind(view).bind(version).bind(ids)).await?;
        rows.iter().map(document).collect()
    }

    async fn commit(&self, batch: &Batch) -> Result<Committed, StoreError> {
        // Without a checkpoint that would be read on from, nothing makes these rows again.
        let derived = !batch.moves.is_empty();
        let mut tx = if derived { self.begin_deriving().await? } else { self.begin().await? };
        if !stand_where_they_must(&mut tx, &batch.moves).await? {
            tx.rollback().await.map_err(failed)?;
            return Ok(Committed::Stale);
        }
        advance(&mut tx, &batch.moves).await?;
        view_changes::apply(&mut tx, &batch.views).await?;
        job_changes::apply(&mut tx, &batch.jobs).await?;
        tx.commit().await.map_err(failed)?;
        Ok(Committed::Done)
    }

    async fn set_status(
        &self,
        seen: &Checkpoint,
        status: CheckpointStatus,
        error: Option<&str>,
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        let stood = sqlx::query(
            "UPDATE checkpoints SET status = $5, error = $6
              WHERE projection = $1 AND version = $2 AND ordinal = $3 AND status = $4",
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
            .bind(views)
            .bind(i64::from(limit))
            .execute(&self.pool)
            .await
            .map(|done| done.rows_affected())
            .map_err(failed)
    }
}

/// Locks the checkpoints of `moves` and compares. Every replica locks them in the same order, and
/// whoever comes second waits here and sees where the first one left them.
async fn stand_where_they_must(
    tx: &mut Transaction<'_, Engine>,
    moves: &[CheckpointMove],
) -> Result<bool, StoreError> {
    let rows = sqlx::query(
        "SELECT * FROM checkpoints
          WHERE (projection, version) IN (SELECT * FROM UNNEST($1::text[], $2::integer[]))
          ORDER BY projection, version FOR UPDATE",
    )
    .bind(moves.iter().map(|step| step.projection.as_str()).collect::<Vec<_>>())
    .bind(moves.iter().map(|step| step.version).collect::<Vec<_>>())
    .fetch_all(&mut **tx)
    .await
    .map_err(failed)?;
    let stored = rows.iter().map(checkpoint).collect::<Result<Vec<_>, _>>()?;
    Ok(moves.iter().all(|step| {
        stored.iter().any(|stored| {
            (&stored.projection, stored.version, stored.ordinal)
                == (&step.projection, step.version, step.from)
                && stored.status != CheckpointStatus::Retired
        })
    }))
}

/// Moves the locked checkpoints.
async fn advance(
    tx: &mut Transaction<'_, Engine>,
    moves: &[CheckpointMove],
) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE checkpoints c SET ordinal = m.ordinal, error = NULL
           FROM UNNEST($1::text[], $2::integer[], $3::bigint[]) m (projection, version, ordinal)
          WHERE c.projection = m.projection AND c.version = m.version",
    )
    .bind(moves.iter().map(|step| step.projection.as_str()).collect::<Vec<_>>())
    .bind(moves.iter().map(|step| step.version).collect::<Vec<_>>())
    .bind(moves.iter().map(|step| step.to.0).collect::<Vec<_>>())
    .execute(&mut **tx)
    .await
    .map(|_| ())
    .map_err(failed)
}

/// Retires the versions of a projection below this one.
async fn retire_below(
    tx: &mut Transaction<'_, Engine>,
    projection: &str,
    version: i32,
) -> Result<(), StoreError> {
    sqlx::query("UPDATE checkpoints SET status = 'retired' WHERE projection = $1 AND version < $2")
        .bind(projection)
        .bind(version)
        .execute(&mut **tx)
        .await
        .map(|_| ())
        .map_err(failed)
}

fn checkpoint(row: &PgRow) -> Result<Checkpoint, StoreError> {
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
