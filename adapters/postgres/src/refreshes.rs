//! What renews sessions, by the hash of its secret.

use crate::{
    Postgres,
    errors::{corrupt, failed},
    rows::{column, hash, id, instant},
};
use async_trait::async_trait;
use herald_application::ports::{RefreshStore, RefreshToken, Spent, StoreError};
use herald_kernel::Instant;
use sqlx::postgres::PgRow;
use uuid::Uuid;

#[async_trait]
impl RefreshStore for Postgres {
    async fn put(&self, token: &RefreshToken) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO refresh_tokens
                (hash, family, identity, issuer, subject, device, expires_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(token.hash.as_slice())
        .bind(token.family.to_string())
        .bind(token.identity.to_string())
        .bind(&token.issuer)
        .bind(&token.subject)
        .bind(&token.device)
        .bind(token.expires_at.to_utc())
        .execute(&self.pool)
        .await
        .map(|_| ())
        .map_err(failed)
    }

    async fn spend(&self, hash: &[u8; 32], at: Instant) -> Result<Spent, StoreError> {
        let fresh = sqlx::query(
            "UPDATE refresh_tokens SET used_at = $2
              WHERE hash = $1 AND used_at IS NULL RETURNING *",
        )
        .bind(hash.as_slice())
        .bind(at.to_utc())
        .fetch_optional(&self.pool)
        .await
        .map_err(failed)?;
        if let Some(row) = &fresh {
            return token(row).map(Spent::Fresh);
        }
        let used = sqlx::query("SELECT * FROM refresh_tokens WHERE hash = $1")
            .bind(hash.as_slice())
            .fetch_optional(&self.pool)
            .await
            .map_err(failed)?;
        used.as_ref().map_or(Ok(Spent::Unknown), |row| token(row).map(Spent::Again))
    }

    async fn end_family(&self, family: Uuid) -> Result<(), StoreError> {
        let mut tx = self.pool.begin().await.map_err(failed)?;
        for chain in [
            "DELETE FROM refresh_tokens WHERE family = $1",
            "DELETE FROM sessions WHERE family = $1",
        ] {
            sqlx::query(chain).bind(family.to_string()).execute(&mut *tx).await.map_err(failed)?;
        }
        tx.commit().await.map_err(failed)
    }
}

fn token(row: &PgRow) -> Result<RefreshToken, StoreError> {
    let family: &str = column(row, "family")?;
    Ok(RefreshToken {
        hash: hash(row, "hash")?,
        family: family.parse().map_err(|_| corrupt("a family is no UUID"))?,
        identity: id(row, "identity")?,
        issuer: column(row, "issuer")?,
        subject: column(row, "subject")?,
        device: column(row, "device")?,
        expires_at: instant(row, "expires_at")?,
    })
}
