//! Sealed prompts and outputs beside the log.

use crate::{Postgres, errors::failed, rows::column};
use async_trait::async_trait;
use herald_application::ports::{ContentStore, StoreError};
use herald_kernel::AccountId;

#[async_trait]
impl ContentStore for Postgres {
    async fn put(
        &self,
        account: AccountId,
        reference: &str,
        sealed: &[u8],
    ) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO content (account_id, reference, sealed) VALUES ($1, $2, $3)
             ON CONFLICT DO NOTHING",
        )
        .bind(account.to_string())
        .bind(reference)
        .bind(sealed)
        .execute(&self.pool)
        .await
        .map(|_| ())
        .map_err(failed)
    }

    async fn get(
        &self,
        account: AccountId,
        reference: &str,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let row = self
            .row(|| {
                sqlx::query("SELECT sealed FROM content WHERE account_id = $1 AND reference = $2")
                    .bind(account.to_string())
                    .bind(reference)
            })
            .await?;
        row.map(|row| column(&row, "sealed")).transpose()
    }

    async fn erase(&self, account: AccountId) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM content WHERE account_id = $1")
            .bind(account.to_string())
            .execute(&self.pool)
            .await
            .map(|_| ())
            .map_err(failed)
    }
}
