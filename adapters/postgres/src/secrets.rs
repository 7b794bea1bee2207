//! Encrypted secrets by (account, owner, purpose).

use crate::{
    Postgres,
    errors::failed,
    rows::{column, count},
};
use async_trait::async_trait;
use herald_application::ports::{SecretRow, SecretStore, SecretWrite, StoreError};
use herald_kernel::AccountId;

#[async_trait]
impl SecretStore for Postgres {
    async fn get(
        &self,
        account: AccountId,
        owner: &str,
        purpose: &str,
    ) -> Result<Option<SecretRow>, StoreError> {
        let row = self
            .row(|| {
                sqlx::query(
                    "SELECT version, sealed FROM secrets
                      WHERE account_id = $1 AND owner = $2 AND purpose = $3",
                )
                .bind(account.to_string())
                .bind(owner)
                .bind(purpose)
            })
            .await?;
        let secret = |row| {
            Ok(SecretRow { version: count(&row, "version")?, sealed: column(&row, "sealed")? })
        };
        row.map(secret).transpose()
    }

    async fn put(&self, write: &SecretWrite) -> Result<bool, StoreError> {
        let sql = if write.row.version == 1 {
            "INSERT INTO secrets (account_id, owner, purpose, version, sealed)
             VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING"
        } else {
            "UPDATE secrets SET version = $4, sealed = $5
              WHERE account_id = $1 AND owner = $2 AND purpose = $3 AND version = $4 - 1"
        };
        sqlx::query(sql)
            .bind(write.account.to_string())
            .bind(&write.owner)
            .bind(&write.purpose)
            .bind(i64::from(write.row.version))
            .bind(&write.row.sealed)
            .execute(&self.pool)
            .await
            .map(|done| done.rows_affected() == 1)
            .map_err(failed)
    }

    async fn shred(&self, account: AccountId, owner: &str) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM secrets WHERE account_id = $1 AND owner = $2")
            .bind(account.to_string())
            .bind(owner)
            .execute(&self.pool)
            .await
            .map(|_| ())
            .map_err(failed)
    }

    async fn remove(
        &self,
        account: AccountId,
        owner: &str,
        purpose: &str,
    ) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM secrets WHERE account_id = $1 AND owner = $2 AND purpose = $3")
            .bind(account.to_string())
            .bind(owner)
            .bind(purpose)
            .execute(&self.pool)
            .await
            .map(|_| ())
            .map_err(failed)
    }
}
