//! Links that work once.

use crate::{
    Postgres,
    errors::{corrupt, failed},
    rows::{column, hash, instant},
};
use async_trait::async_trait;
use herald_application::ports::{Link, LinkPurpose, LinkStore, StoreError};
use sqlx::postgres::PgRow;

#[async_trait]
impl LinkStore for Postgres {
    async fn create(&self, link: &Link) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO links (hash, purpose, subject, expires_at) VALUES ($1, $2, $3, $4)",
        )
        .bind(link.hash.as_slice())
        .bind(link.purpose.as_str())
        .bind(&link.subject)
        .bind(link.expires_at.to_utc())
        .execute(&self.pool)
        .await
        .map(|_| ())
        .map_err(failed)
    }

    async fn peek(&self, hash: &[u8; 32]) -> Result<Option<Link>, StoreError> {
        let row = self
            .row(|| sqlx::query("SELECT * FROM links WHERE hash = $1").bind(hash.as_slice()))
            .await?;
        row.as_ref().map(link).transpose()
    }

    async fn take(&self, hash: &[u8; 32]) -> Result<Option<Link>, StoreError> {
        let row = sqlx::query("DELETE FROM links WHERE hash = $1 RETURNING *")
            .bind(hash.as_slice())
            .fetch_optional(&self.pool)
            .await
            .map_err(failed)?;
        row.as_ref().map(link).transpose()
    }
}

fn link(row: &PgRow) -> Result<Link, StoreError> {
    let purpose: &str = column(row, "purpose")?;
    Ok(Link {
        hash: hash(row, "hash")?,
        purpose: LinkPurpose::parse(purpose)
            .ok_or_else(|| corrupt("a link's purpose is unknown"))?,
        subject: column(row, "subject")?,
        expires_at: instant(row, "expires_at")?,
    })
}
