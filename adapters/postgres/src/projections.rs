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
    ) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO checkpoints (projection, version, ordinal, status) VALUES ($1, $2, 0, $3)
             ON CONFLICT (projection, version) DO NOTHING",
        )
        .bind(projection)
        .bind(version)
        .bind(status.as_str())
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
        let mut tx = self.begin_deriving().await?;
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
        projection: &str,
        version: i32,
        status: CheckpointStatus,
        error: Option<&str>,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        match status {
            CheckpointStatus::Building => {}
            CheckpointStatus::Live => retire(&mut tx, projection, 0, version - 1).await?,
            CheckpointStatus::Retired => retire(&mut tx, projection, version, version).await?,
        }
        sqlx::query(
            "UPDATE checkpoints SET status = $3, error = $4 WHERE projection = $1 AND version = $2",
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
        "UPDATE checkpoints c SET ordinal = m.ordinal
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
          WHERE projection = $1 AND version BETWEEN $2 AND $3",
    )
    .bind(projection)
    .bind(from)
    .bind(to)
    .execute(&mut **tx)
    .await
    .map_err(failed)?;
    for view in derived_names(projection).iter().copied().chain([projection]) {
        sqlx::query("DELETE FROM views WHERE view = $1 AND version BETWEEN $2 AND $3")
            .bind(view)
            .bind(from)
            .bind(to)
            .execute(&mut **tx)
            .await
            .map_err(failed)?;
    }
    Ok(())
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
