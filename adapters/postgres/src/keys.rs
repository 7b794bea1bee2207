//! Wrapped data keys, one an account, destroyed for good.

use crate::{
    Postgres,
    errors::{corrupt, describe, failed},
    rows::column,
};
use async_trait::async_trait;
use herald_application::ports::{KeyStore, StoreError, WrappedKey};
use herald_kernel::AccountId;
use sqlx::postgres::PgRow;

const SELECT: &str = "SELECT master, wrapped FROM data_keys WHERE account_id = $1";

#[async_trait]
impl KeyStore for Postgres {
    async fn get(&self, account: AccountId) -> Result<Option<WrappedKey>, StoreError> {
        let row = self.row(|| sqlx::query(SELECT).bind(account.to_string())).await?;
        row.as_ref().map(key).transpose().map(Option::flatten)
    }

    async fn insert(&self, account: AccountId, new: &WrappedKey) -> Result<WrappedKey, StoreError> {
        let mut tx = self.begin().await?;
        sqlx::query(
            "INSERT INTO data_keys (account_id, master, wrapped) VALUES ($1, $2, $3)
             ON CONFLICT (account_id) DO NOTHING",
        )
        .bind(account.to_string())
        .bind(&new.master)
        .bind(&new.wrapped)
        .execute(&mut *tx)
        .await
        .map_err(failed)?;
        let row = sqlx::query(SELECT)
            .bind(account.to_string())
            .fetch_one(&mut *tx)
            .await
            .map_err(failed)?;
        tx.commit().await.map_err(failed)?;
        key(&row)?.ok_or_else(|| corrupt("the account's data key was destroyed"))
    }

    async fn destroy(&self, account: AccountId) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO data_keys AS kept (account_id, destroyed_at)
             VALUES ($1, clock_timestamp())
             ON CONFLICT (account_id) DO UPDATE SET master = NULL, wrapped = NULL,
                destroyed_at = coalesce(kept.destroyed_at, excluded.destroyed_at)",
        )
        .bind(account.to_string())
        .execute(&self.pool)
        .await
        .map_err(failed)?;
        // The old row is still in its page until it is vacuumed, sealed by the master key. Asked
        // for at once, but the key is destroyed whether or not the server lets us.
        if let Err(error) = sqlx::query("VACUUM data_keys").execute(&self.pool).await {
            tracing::warn!(reason = describe(&error), "a destroyed key awaits the next vacuum");
        }
        Ok(())
    }
}

/// The key of a row; none when it was destroyed.
fn key(row: &PgRow) -> Result<Option<WrappedKey>, StoreError> {
    let master: Option<String> = column(row, "master")?;
    let wrapped: Option<Vec<u8>> = column(row, "wrapped")?;
    Ok(master.zip(wrapped).map(|(master, wrapped)| WrappedKey { master, wrapped }))
}
