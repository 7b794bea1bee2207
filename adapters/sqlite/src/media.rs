//! What is known of uploaded media.

use crate::{
    Sqlite,
    errors::{corrupt, failed},
    rows::{column, count, id, instant},
};
use async_trait::async_trait;
use herald_application::ports::{Media, MediaKind, MediaStore, StoreError};
use herald_kernel::{AccountId, Instant, MediaId};
use sqlx::sqlite::SqliteRow;

const NEWEST: &str = "
    SELECT * FROM media WHERE account_id = ?1 ORDER BY uploaded_at DESC, id DESC LIMIT ?2";

const NEWEST_AFTER: &str = "
    SELECT * FROM media WHERE account_id = ?1 AND (uploaded_at, id) < (?3, ?4)
     ORDER BY uploaded_at DESC, id DESC LIMIT ?2";

#[async_trait]
impl MediaStore for Sqlite {
    async fn insert(&self, media: &Media) -> Result<(), StoreError> {
        let bytes = i64::try_from(media.bytes).map_err(|_| corrupt("a picture is too large"))?;
        sqlx::query(
            "INSERT INTO media
                (account_id, id, kind, bytes, fingerprint, name, alt, uploaded_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT DO NOTHING",
        )
        .bind(media.account.to_string())
        .bind(media.id.to_string())
        .bind(media.kind.content_type())
        .bind(bytes)
        .bind(&media.fingerprint)
        .bind(&media.name)
        .bind(&media.alt)
        .bind(media.uploaded_at.micros())
        .execute(&self.writer)
        .await
        .map(|_| ())
        .map_err(failed)
    }

    async fn get(&self, account: AccountId, id: MediaId) -> Result<Option<Media>, StoreError> {
        let row = sqlx::query("SELECT * FROM media WHERE account_id = ?1 AND id = ?2")
            .bind(account.to_string())
            .bind(id.to_string())
            .fetch_optional(&self.readers)
            .await
            .map_err(failed)?;
        row.as_ref().map(media).transpose()
    }

    async fn bytes_of(&self, account: AccountId) -> Result<u64, StoreError> {
        let row =
            sqlx::query("SELECT coalesce(sum(bytes), 0) AS bytes FROM media WHERE account_id = ?1")
                .bind(account.to_string())
                .fetch_one(&self.readers)
                .await
                .map_err(failed)?;
        count(&row, "bytes")
    }

    async fn list(
        &self,
        account: AccountId,
        after: Option<(Instant, MediaId)>,
        limit: u32,
    ) -> Result<Vec<Media>, StoreError> {
        let sql = if after.is_some() { NEWEST_AFTER } else { NEWEST };
        let mut query = sqlx::query(sql).bind(account.to_string()).bind(limit);
        if let Some((at, id)) = after {
            query = query.bind(at.micros()).bind(id.to_string());
        }
        let rows = query.fetch_all(&self.readers).await.map_err(failed)?;
        rows.iter().map(media).collect()
    }
}

fn media(row: &SqliteRow) -> Result<Media, StoreError> {
    let kind: &str = column(row, "kind")?;
    let kind = MediaKind::of(kind);
    Ok(Media {
        id: id(row, "id")?,
        account: id(row, "account_id")?,
        kind: kind.ok_or_else(|| corrupt("a picture's format is unknown"))?,
        bytes: count(row, "bytes")?,
        fingerprint: column(row, "fingerprint")?,
        name: column(row, "name")?,
        alt: column(row, "alt")?,
        uploaded_at: instant(row, "uploaded_at")?,
    })
}
