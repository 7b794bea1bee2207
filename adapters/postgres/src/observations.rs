//! Metrics of published posts.

use crate::{
    Postgres,
    errors::failed,
    rows::{column, id, instant},
};
use async_trait::async_trait;
use herald_application::ports::{Observation, ObservationStore, StoreError};
use herald_kernel::{AccountId, TargetId};
use sqlx::postgres::PgRow;

#[async_trait]
impl ObservationStore for Postgres {
    async fn record(&self, observation: &Observation) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO observations (account_id, target_id, at, impressions, likes, reposts,
                                       replies, quotes, bookmarks)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING",
        )
        .bind(observation.account.to_string())
        .bind(observation.target.to_string())
        .bind(observation.at.to_utc())
        .bind(observation.impressions)
        .bind(observation.likes)
        .bind(observation.reposts)
        .bind(observation.replies)
        .bind(observation.quotes)
        .bind(observation.bookmarks)
        .execute(&self.pool)
        .await
        .map(|_| ())
        .map_err(failed)
    }

    async fn of_target(
        &self,
        account: AccountId,
        target: TargetId,
        limit: u32,
    ) -> Result<Vec<Observation>, StoreError> {
        let rows = self
            .rows(|| {
                sqlx::query(
                    "SELECT * FROM observations WHERE account_id = $1 AND target_id = $2
                      ORDER BY at DESC LIMIT $3",
                )
                .bind(account.to_string())
                .bind(target.to_string())
                .bind(i64::from(limit))
            })
            .await?;
        rows.iter().map(observation).collect()
    }
}

fn observation(row: &PgRow) -> Result<Observation, StoreError> {
    Ok(Observation {
        account: id(row, "account_id")?,
        target: id(row, "target_id")?,
        at: instant(row, "at")?,
        impressions: column(row, "impressions")?,
        likes: column(row, "likes")?,
        reposts: column(row, "reposts")?,
        replies: column(row, "replies")?,
        quotes: column(row, "quotes")?,
        bookmarks: column(row, "bookmarks")?,
    })
}
