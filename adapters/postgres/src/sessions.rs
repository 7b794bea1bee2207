//! Who is signed in, by the hash of their secret.

use crate::{
    Postgres,
    errors::failed,
    rows::{column, hash, id, instant},
};
use async_trait::async_trait;
use herald_application::ports::{Session, SessionStore, StoreError};
use herald_kernel::Instant;
use sqlx::postgres::PgRow;

#[async_trait]
impl SessionStore for Postgres {
    async fn create(&self, session: &Session) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO sessions
                (hash, identity, issuer, subject, created_at, used_at, expires_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(session.hash.as_slice())
        .bind(session.identity.to_string())
        .bind(&session.issuer)
        .bind(&session.subject)
        .bind(session.created_at.to_utc())
        .bind(session.used_at.to_utc())
        .bind(session.expires_at.to_utc())
        .execute(&self.pool)
        .await
        .map(|_| ())
        .map_err(failed)
    }

    async fn find(&self, hash: &[u8; 32]) -> Result<Option<Session>, StoreError> {
        let row = self
            .row(|| sqlx::query("SELECT * FROM sessions WHERE hash = $1").bind(hash.as_slice()))
            .await?;
        row.as_ref().map(session).transpose()
    }

    async fn touch(&self, hash: &[u8; 32], at: Instant) -> Result<(), StoreError> {
        sqlx::query("UPDATE sessions SET used_at = greatest(used_at, $2) WHERE hash = $1")
            .bind(hash.as_slice())
            .bind(at.to_utc())
            .execute(&self.pool)
            .await
            .map(|_| ())
            .map_err(failed)
    }

    async fn end(&self, hash: &[u8; 32]) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM sessions WHERE hash = $1")
            .bind(hash.as_slice())
            .execute(&self.pool)
            .await
            .map(|_| ())
            .map_err(failed)
    }
}

fn session(row: &PgRow) -> Result<Session, StoreError> {
    Ok(Session {
        hash: hash(row, "hash")?,
        identity: id(row, "identity")?,
        issuer: column(row, "issuer")?,
        subject: column(row, "subject")?,
        created_at: instant(row, "created_at")?,
        used_at: instant(row, "used_at")?,
        expires_at: instant(row, "expires_at")?,
    })
}
