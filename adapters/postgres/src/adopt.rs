//! Taking over a database that was restored into another cluster.
//!
//! Transaction numbers of the old cluster mean nothing here: they may lie in the future, where no
//! snapshot sees them, and new events would never get an ordinal.

use crate::{
    Postgres, PostgresSettings,
    errors::{OpenError, failed},
    sequencer,
};
use herald_application::ports::{Ordinal, StoreError};

/// Every event without an ordinal. Writers are stopped, so what is visible is all there is, and
/// within a stream positions are in the order of sequences.
const LEFT: &str = "
    SELECT position, aggregate_type, aggregate_id, sequence, event_type, event_version,
           recorded_at, payload, metadata
      FROM events e
     WHERE NOT EXISTS (SELECT 1 FROM event_log l WHERE l.position = e.position)
     ORDER BY e.position LIMIT $1";

impl Postgres {
    /// Gives what has no ordinal yet its place, and makes this cluster the database's own. Call it
    /// while nothing else uses the database; answers how many events got an ordinal.
    pub async fn adopt(settings: &PostgresSettings) -> Result<u64, OpenError> {
        let this = Self::connect(settings).await?;
        this.refuse_foreign_tables().await?;
        let adopted = this.take_over().await;
        this.close().await;
        Ok(adopted?)
    }

    async fn take_over(&self) -> Result<u64, StoreError> {
        let mut tx = self.begin().await?;
        for sql in [
            "LOCK TABLE events IN ACCESS EXCLUSIVE MODE",
            // Left over from the old cluster; the statement below takes their events anyhow.
            "UPDATE sequencer SET target = NULL, after_position = 0",
        ] {
            sqlx::query(sql).execute(&mut *tx).await.map_err(failed)?;
        }
        let mut end = sequencer::lock(&mut tx).await?.end;
        let before = end.0;
        loop {
            let rows = sqlx::query(LEFT)
                .bind(i64::from(self.sequencer_page))
                .fetch_all(&mut *tx)
                .await
                .map_err(failed)?;
            if rows.is_empty() {
                break;
            }
            end = sequencer::link(&mut tx, end, &rows).await?;
        }
        sqlx::query("UPDATE sequencer SET ordinal = $1, chain = $2")
            .bind(end.0.0)
            .bind(end.1.as_slice())
            .execute(&mut *tx)
            .await
            .map_err(failed)?;
        for sql in [
            // The digest leaves the transaction out on purpose: it is the engine's own.
            "ALTER TABLE events DISABLE TRIGGER events_no_change",
            "UPDATE events SET transaction_id = '0' WHERE transaction_id <> '0'",
            "ALTER TABLE events ENABLE TRIGGER events_no_change",
            "UPDATE sequencer SET seen = pg_current_snapshot(),
                    cluster = (SELECT system_identifier FROM pg_control_system())",
        ] {
            sqlx::query(sql).execute(&mut *tx).await.map_err(failed)?;
        }
        tx.commit().await.map_err(failed)?;
        let Ordinal(added) = Ordinal(end.0.0 - before.0);
        Ok(u64::try_from(added).unwrap_or_default())
    }
}
