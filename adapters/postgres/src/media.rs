//! What is known of uploaded media.

use crate::{
    Postgres,
    errors::{corrupt, failed},
    rows::{column, count, id, instant},
};
use async_trait::async_trait;
use herald_application::ports::{Media, MediaKind, MediaStore, StoreError};
use herald_kernel::{AccountId, Instant, MediaId};
use sqlx::postgres::PgRow;

const NEWEST: &str = "
    SELECT * FROM media WHERE account_id = $1 ORDER BY uploaded_at DESC, id DESC LIMIT $2";

const NEWEST_AFTER: &str = "
    SELECT * FROM media WHERE account_id = $1 AND (uploaded_at, id) < ($3, $4)
     ORDER BY uploaded_at DESC, id DESC LIMIT $2";

#[async_trait]
impl MediaStore for Postgres {
    async fn insert(&self, media: &Media) -> Result<(), StoreError> {
        let bytes = i64::try_from(media.bytes).map_err(|_| corrupt("a picture is too large"))?;
        sqlx::query(
            "INSERT INTO media
                (account_id, id, kind, bytes, fingerprint, name, alt, uploaded_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING",
        )
        .bind(media.account.to_string())
        .bind(media.id.to_string())
        .bind(media.kind.content_type())
        .bind(bytes)
        .bind(&media.fingerprint)
        .bind(&media.name)
        .bind(&media.alt)
        .bind(media.uploaded_at.to_utc())
        .execute(&self.pool)
        .await
        .map(|_| ())
        .map_err(failed)
    }

    async fn get(&self, account: AccountId, id: MediaId) -> Result<Option<Media>, StoreError> {
        let row = self
            .row(|| {
                sqlx::query("SELECT * FROM media WHERE account_id = $1 AND id = $2")
                    .bind(account.to_string())
                    .bind(id.to_string())
            })
            .await?;
        row.as_ref().map(media).transpose()
    }

    async fn bytes_of(&self, account: AccountId) -> Result<u64, StoreError> {
        let ask = || {
            let sum = "SELECT coalesce(sum(bytes), 0)::bigint AS bytes FROM media
                        WHERE account_id = $1";
            sqlx::query(sum).bind(account.to_string())
        };
        let row = self.row(ask).await?;
        count(&row.ok_or_else(|| corrupt("adding up answered nothing"))?, "bytes")
    }

    async fn list(
        &self,
        account: AccountId,
        after: Option<(Instant, MediaId)>,
        limit: u32,
    ) -> Result<Vec<Media>, StoreError> {
        let ask = || {
            let sql = if after.is_some() { NEWEST_AFTER } else { NEWEST };
            let query = sqlx::query(sql).bind(account.to_string()).bind(i64::from(limit));
            match after {
                Some((at, id)) => query.bind(at.to_utc()).bind(id.to_string()),
                None => query,
            }
        };
        self.rows(ask).await?.iter().map(media).collect()
    }
}

fn media(row: &PgRow) -> Result<Media, StoreError> {
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
