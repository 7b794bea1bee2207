//! The ceiling: single-row inserts into a bare table, one commit each, nothing loaded or decided.

use crate::{business, contestant::Contestant};
use anyhow::{Result, bail};
use async_trait::async_trait;
use herald_kernel::AccountId;
use sqlx::{PgPool, SqlitePool};

/// One engine's pool.
pub(crate) enum Raw {
    /// SQLite with one writer connection, as is best for it.
    Sqlite(SqlitePool),
    /// PostgreSQL.
    Postgres(PgPool),
}

const COLUMNS: &str = "INSERT INTO events (aggregate_type, aggregate_id, sequence, event_type,
    event_version, payload, metadata) VALUES ";

#[async_trait]
impl Contestant for Raw {
    fn name(&self) -> &'static str {
        "raw inserts"
    }

    async fn prepare(&self, _: AccountId, _: u64) -> Result<()> {
        Ok(())
    }

    async fn update(&self, account: AccountId, number: u64) -> Result<()> {
        let payload = serde_json::to_value(business::profile(number)?)?;
        let (id, sequence) = (account.uuid().to_string(), i64::try_from(number)? + 1);
        match self {
            Self::Sqlite(pool) => {
                sqlx::query(&format!("{COLUMNS} ('account', ?1, ?2, 'updated', '1', ?3, '{{}}')"))
                    .bind(id)
                    .bind(sequence)
                    .bind(payload.to_string())
                    .execute(pool)
                    .await?;
            }
            Self::Postgres(pool) => {
                sqlx::query(&format!("{COLUMNS} ('account', $1, $2, 'updated', '1', $3, '{{}}')"))
                    .bind(id)
                    .bind(sequence)
                    .bind(payload)
                    .execute(pool)
                    .await?;
            }
        }
        Ok(())
    }

    async fn update_many(&self, _: AccountId, _: u64) -> Result<()> {
        bail!("single-row inserts come one by one")
    }

    async fn read_all(&self) -> Result<u64> {
        bail!("nothing typed can be read")
    }
}
