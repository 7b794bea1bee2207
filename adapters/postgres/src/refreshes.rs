//! What renews sessions, by the hash of its secret.

use crate::{
    Postgres,
    errors::{corrupt, failed},
    rows::{column, hash, id, instant},
    sessions,
};
use async_trait::async_trait;
use herald_application::ports::{RefreshStore, RefreshToken, Spent, StoreError, Succession};
use herald_kernel::Instant;
use sqlx::{Executor, PgConnection, postgres::PgRow};
use uuid::Uuid;

#[async_trait]
impl RefreshStore for Postgres {
    async fn put(&self, token: &RefreshToken) -> Result<(), StoreError> {
        insert(&self.pool, token).await
    }

    async fn renew(
        &self,
        hash: &[u8; 32],
        at: Instant,
        next: &Succession,
    ) -> Result<Spent, StoreError> {
        let mut tx = self.pool.begin().await.map_err(failed)?;
        let fresh = sqlx::query(
            "UPDATE refresh_tokens SET used_at = $2
              WHERE hash = $1 AND used_at IS NULL AND expires_at > $2 RETURNING *",
        )
        .bind(hash.as_slice())
        .bind(at.to_utc())
        .fetch_optional(&mut *tx)
        .await
        .map_err(failed)?;
        if let Some(row) = &fresh {
            let spent = token(row)?;
            insert(&mut *tx, &next.token_after(&spent)).await?;
            sessions::insert(&mut *tx, &next.session_of(&spent, at)).await?;
            tx.commit().await.map_err(failed)?;
            return Ok(Spent::Fresh);
        }
        let used = "SELECT * FROM refresh_tokens WHERE hash = $1 AND used_at IS NOT NULL";
        let used = sqlx::query(used).bind(hash.as_slice()).fetch_optional(&mut *tx).await;
        let used = used.map_err(failed)?;
        used.as_ref().map_or(Ok(Spent::Unknown), |row| token(row).map(Spent::Again))
    }

    async fn end_family(&self, family: Uuid) -> Result<(), StoreError> {
        let mut tx = self.pool.begin().await.map_err(failed)?;
        let family = family.to_string();
        end_tokens(&mut tx, "DELETE FROM refresh_tokens WHERE family = $1", &family).await?;
        let sessions = sqlx::query("DELETE FROM sessions WHERE family = $1").bind(family);
        sessions.execute(&mut *tx).await.map_err(failed)?;
        tx.commit().await.map_err(failed)
    }
}

/// Deletes tokens until none is left: a renewal that was under way meanwhile let go of its token only
/// when the next one stood in its place, and no statement sees what was stored after it began.
pub(crate) async fn end_tokens(
    within: &mut PgConnection,
    tokens: &'static str,
    whose: &str,
) -> Result<(), StoreError> {
    loop {
        let ended = sqlx::query(tokens).bind(whose).execute(&mut *within).await.map_err(failed)?;
        if ended.rows_affected() == 0 {
            return Ok(());
        }
    }
}

async fn insert<'e>(
    within: impl Executor<'e, Database = sqlx::Postgres>,
    token: &RefreshToken,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO refresh_tokens
            (hash, family, identity, issuer, subject, device, signed_in_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(token.hash.as_slice())
    .bind(token.family.to_string())
    .bind(token.identity.to_string())
    .bind(&token.issuer)
    .bind(&token.subject)
    .bind(&token.device)
    .bind(token.signed_in_at.to_utc())
    .bind(token.expires_at.to_utc())
    .execute(within)
    .await
    .map(|_| ())
    .map_err(failed)
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
        signed_in_at: instant(row, "signed_in_at")?,
        expires_at: instant(row, "expires_at")?,
    })
}
