//! Wrapped data keys, one an account, destroyed for good.

use crate::{
    Sqlite,
    errors::{corrupt, failed},
    rows::column,
};
use async_trait::async_trait;
use herald_application::ports::{KeyStore, StoreError, WrappedKey};
use herald_kernel::AccountId;
use sqlx::sqlite::SqliteRow;

const SELECT: &str = "SELECT master, wrapped FROM data_keys WHERE account_id = ?1";

#[async_trait]
impl KeyStore for Sqlite {
    async fn get(&self, account: AccountId) -> Result<Option<WrappedKey>, StoreError> {
        let row = sqlx::query(SELECT)
            .bind(account.to_string())
            .fetch_optional(&self.readers)
            .await
            .map_err(failed)?;
        row.as_ref().map(key).transpose().map(Option::flatten)
    }

    async fn insert(&self, account: AccountId, new: &WrappedKey) -> Result<WrappedKey, StoreError> {
        let mut tx = self.begin().await.map_err(failed)?;
        sqlx::query(
            "INSERT INTO data_keys (account_id, master, wrapped) VALUES (?1, ?2, ?3)
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
            "INSERT INTO data_keys (account_id, destroyed_at)
             VALUES (?1, strftime('%Y-%m-%dT%H:%M:%f000Z', 'now'))
             ON CONFLICT (account_id) DO UPDATE SET master = NULL, wrapped = NULL,
                destroyed_at = coalesce(destroyed_at, excluded.destroyed_at)",
        )
        .bind(account.to_string())
        .execute(&self.writer)
        .await
        .map_err(failed)?;
        // The write-ahead log still holds the page with the key.
        self.empty_write_ahead_log().await;
        Ok(())
    }
}

/// The key of a row; none when it was destroyed.
fn key(row: &SqliteRow) -> Result<Option<WrappedKey>, StoreError> {
    let master: Option<String> = column(row, "master")?;
    let wrapped: Option<Vec<u8>> = column(row, "wrapped")?;
    Ok(master.zip(wrapped).map(|(master, wrapped)| WrappedKey { master, wrapped }))
}
