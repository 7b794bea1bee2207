//! Addresses that get no more mail that they can do without.

use crate::{
    Sqlite,
    errors::{corrupt, failed},
    rows::{column, hash, instant},
};
use async_trait::async_trait;
use herald_application::ports::{StoreError, SuppressedBy, Suppression, SuppressionStore};
use herald_kernel::Instant;
use sqlx::sqlite::SqliteRow;

#[async_trait]
impl SuppressionStore for Sqlite {
    async fn suppress(&self, it: &Suppression) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO mail_suppressions (mark, cause, since) VALUES (?1, ?2, ?3)
             ON CONFLICT (mark) DO NOTHING",
        )
        .bind(it.mark.as_slice())
        .bind(it.cause.as_str())
        .bind(it.since.micros())
        .execute(&self.writer)
        .await
        .map(|_| ())
        .map_err(failed)
    }

    async fn find(&self, marks: &[[u8; 32]]) -> Result<Option<Suppression>, StoreError> {
        for mark in marks {
            let row = sqlx::query("SELECT * FROM mail_suppressions WHERE mark = ?1")
                .bind(mark.as_slice())
                .fetch_optional(&self.readers)
                .await
                .map_err(failed)?;
            if let Some(row) = row {
                return row_of(&row).map(Some);
            }
        }
        Ok(None)
    }

    async fn list(
        &self,
        before: Option<(Instant, [u8; 32])>,
        limit: u32,
    ) -> Result<Vec<Suppression>, StoreError> {
        let since = before.map(|(since, _)| since.micros());
        let mark = before.map_or([0; 32], |(_, mark)| mark);
        let rows = sqlx::query(
            "SELECT * FROM mail_suppressions
              WHERE ?1 IS NULL OR since < ?1 OR (since = ?1 AND mark < ?2)
              ORDER BY since DESC, mark DESC LIMIT ?3",
        )
        .bind(since)
        .bind(mark.as_slice())
        .bind(i64::from(limit))
        .fetch_all(&self.readers)
        .await
        .map_err(failed)?;
        rows.iter().map(row_of).collect()
    }

    async fn lift(&self, mark: &[u8; 32]) -> Result<bool, StoreError> {
        let gone = sqlx::query("DELETE FROM mail_suppressions WHERE mark = ?1")
            .bind(mark.as_slice())
            .execute(&self.writer)
            .await
            .map_err(failed)?;
        Ok(gone.rows_affected() > 0)
    }
}

fn row_of(row: &SqliteRow) -> Result<Suppression, StoreError> {
    let cause: &str = column(row, "cause")?;
    Ok(Suppression {
        mark: hash(row, "mark")?,
        cause: SuppressedBy::parse(cause)
            .ok_or_else(|| corrupt("a suppression's cause is unknown"))?,
        since: instant(row, "since")?,
    })
}
