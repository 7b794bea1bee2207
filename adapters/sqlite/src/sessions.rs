//! Who is signed in, by the hash of their secret.

use crate::{
    Sqlite,
    errors::{corrupt, failed},
    rows::{column, hash, id, instant},
};
use async_trait::async_trait;
use herald_application::ports::{Session, SessionStore, StoreError};
use herald_kernel::{IdentityId, Instant};
use sqlx::{Executor, sqlite::SqliteRow};

#[async_trait]
impl SessionStore for Sqlite {
    async fn create(&self, session: &Session) -> Result<(), StoreError> {
        insert(&self.writer, session).await
    }

    async fn find(&self, hash: &[u8; 32]) -> Result<Option<Session>, StoreError> {
        let row = sqlx::query("SELECT * FROM sessions WHERE hash = ?1")
            .bind(hash.as_slice())
            .fetch_optional(&self.readers)
            .await
            .map_err(failed)?;
        row.as_ref().map(session).transpose()
    }

    async fn touch(&self, hash: &[u8; 32], at: Instant) -> Result<(), StoreError> {
        sqlx::query("UPDATE sessions SET used_at = max(used_at, ?2) WHERE hash = ?1")
            .bind(hash.as_slice())
            .bind(at.micros())
            .execute(&self.writer)
            .await
            .map(|_| ())
            .map_err(failed)
    }

    async fn end(&self, hash: &[u8; 32]) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM sessions WHERE hash = ?1")
            .bind(hash.as_slice())
            .execute(&self.writer)
            .await
            .map(|_| ())
            .map_err(failed)
    }

    async fn of(&self, identity: IdentityId) -> Result<Vec<Session>, StoreError> {
        let rows = sqlx::query(
            "SELECT * FROM sessions WHERE identity = ?1 ORDER BY created_at DESC, hash",
        )
        .bind(identity.to_string())
        .fetch_all(&self.readers)
        .await
        .map_err(failed)?;
        rows.iter().map(session).collect()
    }

    async fn end_all(
        &self,
        identity: IdentityId,
        but: Option<&[u8; 32]>,
    ) -> Result<u64, StoreError> {
        let mut tx = self.begin().await.map_err(failed)?;
        sqlx::query("DELETE FROM refresh_tokens WHERE identity = ?1")
            .bind(identity.to_string())
            .execute(&mut *tx)
            .await
            .map_err(failed)?;
        // No session has an empty hash.
        let ended = sqlx::query("DELETE FROM sessions WHERE identity = ?1 AND hash <> ?2")
            .bind(identity.to_string())
            .bind(but.map_or(&[][..], |hash| hash.as_slice()))
            .execute(&mut *tx)
            .await
            .map_err(failed)?;
        tx.commit().await.map_err(failed)?;
        Ok(ended.rows_affected())
    }

    async fn sweep(&self, now: Instant, idle_since: Instant) -> Result<u64, StoreError> {
        let mut rows = 0;
        for over in [
            "DELETE FROM links WHERE expires_at <= ?1",
            "DELETE FROM refresh_tokens WHERE expires_at <= ?1",
            "DELETE FROM sign_in_log WHERE expires_at <= ?1",
            "DELETE FROM sessions WHERE expires_at <= ?1",
        ] {
            let swept = sqlx::query(over).bind(now.micros()).execute(&self.writer).await;
            rows += swept.map_err(failed)?.rows_affected();
        }
        let idle = sqlx::query("DELETE FROM sessions WHERE used_at <= ?1")
            .bind(idle_since.micros())
            .execute(&self.writer)
            .await
            .map_err(failed)?;
        Ok(rows + idle.rows_affected())
    }
}

/// Stores a session, where else than here within what else is stored.
pub(crate) async fn insert<'e>(
    within: impl Executor<'e, Database = sqlx::Sqlite>,
    session: &Session,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO sessions
            (hash, identity, issuer, subject, signed_in_at, created_at, used_at, expires_at,
             device, family)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    )
    .bind(session.hash.as_slice())
    .bind(session.identity.to_string())
    .bind(&session.issuer)
    .bind(&session.subject)
    .bind(session.signed_in_at.micros())
    .bind(session.created_at.micros())
    .bind(session.used_at.micros())
    .bind(session.expires_at.micros())
    .bind(&session.device)
    .bind(session.family.map(|family| family.to_string()))
    .execute(within)
    .await
    .map(|_| ())
    .map_err(failed)
}

fn session(row: &SqliteRow) -> Result<Session, StoreError> {
    let family: Option<&str> = column(row, "family")?;
    Ok(Session {
        hash: hash(row, "hash")?,
        identity: id(row, "identity")?,
        issuer: column(row, "issuer")?,
        subject: column(row, "subject")?,
        signed_in_at: instant(row, "signed_in_at")?,
        created_at: instant(row, "created_at")?,
        used_at: instant(row, "used_at")?,
        expires_at: instant(row, "expires_at")?,
        device: column(row, "device")?,
        family: family.map(str::parse).transpose().map_err(|_| corrupt("a family is no UUID"))?,
    })
}
