//! Data keys by the master key that wraps them.

use crate::{
    Postgres,
    errors::{corrupt, describe, failed},
    rows::column,
};
use async_trait::async_trait;
use herald_application::ports::{KeyWraps, Rewrap, StoreError, WrappedKey};
use herald_kernel::AccountId;
use sqlx::postgres::PgRow;

/// From one name to the next along the index, however many keys each wraps.
const MASTERS: &str = "WITH RECURSIVE names (master) AS (
        SELECT min(master) FROM data_keys WHERE master IS NOT NULL
        UNION ALL
        SELECT (SELECT min(next.master) FROM data_keys AS next WHERE next.master > names.master)
        FROM names WHERE names.master IS NOT NULL)
    SELECT master FROM names WHERE master IS NOT NULL";
const COUNT: &str = "SELECT count(*) AS keys FROM data_keys WHERE master = $1";
const PAGE: &str = "SELECT account_id, master, wrapped FROM data_keys
    WHERE master = $1 AND account_id > $2 ORDER BY account_id LIMIT $3";
/// A destroyed key has no wrap that could be the one it was made from.
const REPLACE: &str = "UPDATE data_keys SET master = $1, wrapped = $2
    WHERE account_id = $3 AND master = $4 AND wrapped = $5";

#[async_trait]
impl KeyWraps for Postgres {
    async fn masters(&self) -> Result<Vec<String>, StoreError> {
        let rows = self.rows(|| sqlx::query(MASTERS)).await?;
        rows.iter().map(|row| column(row, "master")).collect()
    }

    async fn count(&self, master: &str) -> Result<u64, StoreError> {
        let row = self.row(|| sqlx::query(COUNT).bind(master)).await?;
        let keys: i64 = row.as_ref().map_or(Ok(0), |row| column(row, "keys"))?;
        u64::try_from(keys).map_err(|_| corrupt("fewer keys than none"))
    }

    async fn page(
        &self,
        master: &str,
        after: Option<AccountId>,
        limit: u32,
    ) -> Result<Vec<(AccountId, WrappedKey)>, StoreError> {
        let after = after.map(|account| account.to_string()).unwrap_or_default();
        let rows = self
            .rows(|| sqlx::query(PAGE).bind(master).bind(&after).bind(i64::from(limit)))
            .await?;
        rows.iter().map(wrap).collect()
    }

    async fn replace(&self, wraps: &[Rewrap]) -> Result<u64, StoreError> {
        let mut tx = self.begin().await?;
        let mut replaced = 0;
        for wrap in wraps {
            let done = sqlx::query(REPLACE)
                .bind(&wrap.to.master)
                .bind(&wrap.to.wrapped)
                .bind(wrap.account.to_string())
                .bind(&wrap.from.master)
                .bind(&wrap.from.wrapped)
                .execute(&mut *tx)
                .await
                .map_err(failed)?;
            replaced += done.rows_affected();
        }
        tx.commit().await.map_err(failed)?;
        Ok(replaced)
    }

    async fn tidy(&self) -> Result<(), StoreError> {
        // The old rows are still in their pages until these are vacuumed. The keys are wrapped anew
        // whether or not the server lets us.
        if let Err(error) = sqlx::query("VACUUM data_keys").execute(&self.pool).await {
            tracing::warn!(reason = describe(&error), "replaced wraps await the next vacuum");
        }
        Ok(())
    }
}

fn wrap(row: &PgRow) -> Result<(AccountId, WrappedKey), StoreError> {
    let account: String = column(row, "account_id")?;
    let account = account.parse().map_err(|_| corrupt("a data key of no account"))?;
    Ok((account, WrappedKey { master: column(row, "master")?, wrapped: column(row, "wrapped")? }))
}
