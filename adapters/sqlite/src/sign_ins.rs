//! Who signed in, when and from where.

use crate::{
    Sqlite,
    errors::{corrupt, failed},
    rows::{column, id, instant},
};
use async_trait::async_trait;
use herald_application::ports::{SignInKind, SignInLog, SignInRow, StoreError};
use herald_kernel::{IdentityId, Instant};
use sqlx::sqlite::SqliteRow;
use uuid::Uuid;

#[async_trait]
impl SignInLog for Sqlite {
    async fn note(&self, row: &SignInRow) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO sign_in_log (id, identity, kind, at, expires_at, sealed)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (id) DO NOTHING",
        )
        .bind(row.id.to_string())
        .bind(row.identity.to_string())
        .bind(row.kind.as_str())
        .bind(row.at.micros())
        .bind(row.expires_at.micros())
        .bind(&row.sealed)
        .execute(&self.writer)
        .await
        .map(|_| ())
        .map_err(failed)
    }

    async fn noted(
        &self,
        identities: &[IdentityId],
        before: Option<(Instant, Uuid)>,
        limit: u32,
    ) -> Result<Vec<SignInRow>, StoreError> {
        // SQLite takes no list as one parameter, but JSON.
        let people: Vec<_> = identities.iter().map(ToString::to_string).collect();
        let people = serde_json::Value::from(people).to_string();
        let (at, id) =
            before.map_or((None, String::new()), |(at, id)| (Some(at.micros()), id.to_string()));
        let rows = sqlx::query(
            "SELECT * FROM sign_in_log
              WHERE identity IN (SELECT value FROM json_each(?1))
                AND (?2 IS NULL OR at < ?2 OR (at = ?2 AND id < ?3))
              ORDER BY at DESC, id DESC LIMIT ?4",
        )
        .bind(people)
        .bind(at)
        .bind(id)
        .bind(i64::from(limit))
        .fetch_all(&self.readers)
        .await
        .map_err(failed)?;
        rows.iter().map(row_of).collect()
    }
}

fn row_of(row: &SqliteRow) -> Result<SignInRow, StoreError> {
    let (name, kind): (&str, &str) = (column(row, "id")?, column(row, "kind")?);
    Ok(SignInRow {
        id: name.parse().map_err(|_| corrupt("a row's id is no UUID"))?,
        identity: id(row, "identity")?,
        kind: SignInKind::parse(kind).ok_or_else(|| corrupt("a sign-in's kind is unknown"))?,
        at: instant(row, "at")?,
        expires_at: instant(row, "expires_at")?,
        sealed: column(row, "sealed")?,
    })
}
