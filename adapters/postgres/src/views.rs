//! Reads views: every statement but the two for the worker names the account.

use crate::{
    Postgres,
    errors::corrupt,
    rows::{DOCUMENT, count, document},
};
use async_trait::async_trait;
use herald_application::ports::{
    Direction, StoreError, ViewDocument, ViewPage, ViewQuery, ViewStore,
};
use herald_kernel::{AccountId, Instant};
use sqlx::{Postgres as Engine, QueryBuilder};

#[async_trait]
impl ViewStore for Postgres {
    async fn get(
        &self,
        view: &str,
        version: i32,
        account: AccountId,
        id: &str,
    ) -> Result<Option<ViewDocument>, StoreError> {
        let sql = format!(
            "SELECT {DOCUMENT} FROM views
              WHERE view = $1 AND version = $2 AND id = $3 AND account_id = $4"
        );
        let owner = account.to_string();
        let ask = || sqlx::query(&sql).bind(view).bind(version).bind(id).bind(&owner);
        let row = self.row(ask).await?;
        row.as_ref().map(document).transpose()
    }

    async fn list(&self, query: &ViewQuery) -> Result<ViewPage, StoreError> {
        let limit = usize::try_from(query.page.limit).unwrap_or(usize::MAX);
        let rows = self.built_rows(|| page(query)).await?;
        let more = rows.len() > limit;
        let documents = rows.iter().take(limit).map(document).collect::<Result<_, _>>()?;
        Ok(ViewPage { documents, more })
    }

    async fn count(&self, query: &ViewQuery, cap: u32) -> Result<u32, StoreError> {
        let counting = || {
            let mut sql = QueryBuilder::new("SELECT count(*) AS found FROM (SELECT 1 FROM views");
            filter(&mut sql, query);
            sql.push(" LIMIT ").push_bind(i64::from(cap)).push(") matching");
            sql
        };
        let rows = self.built_rows(counting).await?;
        count(rows.first().ok_or_else(|| corrupt("counting answered nothing"))?, "found")
    }

    async fn get_unscoped(
        &self,
        view: &str,
        version: i32,
        id: &str,
    ) -> Result<Option<ViewDocument>, StoreError> {
        let sql =
            format!("SELECT {DOCUMENT} FROM views WHERE view = $1 AND version = $2 AND id = $3");
        let row = self.row(|| sqlx::query(&sql).bind(view).bind(version).bind(id)).await?;
        row.as_ref().map(document).transpose()
    }

    async fn list_unscoped(
        &self,
        view: &str,
        version: i32,
        statuses: &[String],
        after: Option<&(Instant, String)>,
        limit: u32,
    ) -> Result<Vec<ViewDocument>, StoreError> {
        let (at, id) = after.map(|(at, id)| (at.to_utc(), id.as_str())).unzip();
        let sql = format!(
            "SELECT {DOCUMENT} FROM views WHERE view = $1 AND version = $2 AND status = ANY ($3)
                AND ($4::timestamptz IS NULL OR (at, id) > ($4, $5)) ORDER BY at, id LIMIT $6"
        );
        let ask = || {
            let query = sqlx::query(&sql).bind(view).bind(version).bind(statuses);
            query.bind(at).bind(id).bind(i64::from(limit))
        };
        self.rows(ask).await?.iter().map(document).collect()
    }
}

/// One document more than asked for, which tells whether there is more.
fn page(query: &ViewQuery) -> QueryBuilder<'_, Engine> {
    let mut sql = QueryBuilder::new(format!("SELECT {DOCUMENT} FROM views"));
    filter(&mut sql, query);
    let (beyond, order) = match query.page.direction {
        Direction::Ascending => (" AND (at, id) > (", " ORDER BY at, id"),
        Direction::Descending => (" AND (at, id) < (", " ORDER BY at DESC, id DESC"),
    };
    if let Some((at, id)) = &query.page.after {
        sql.push(beyond).push_bind(at.to_utc()).push(", ").push_bind(id).push(")");
    }
    sql.push(order).push(" LIMIT ").push_bind(i64::from(query.page.limit) + 1);
    sql
}

fn filter<'q>(sql: &mut QueryBuilder<'q, Engine>, query: &'q ViewQuery) {
    sql.push(" WHERE view = ").push_bind(&query.view);
    sql.push(" AND version = ").push_bind(query.version);
    sql.push(" AND account_id = ").push_bind(query.account.to_string());
    if !query.statuses.is_empty() {
        sql.push(" AND status = ANY (").push_bind(query.statuses.as_slice()).push(")");
    }
    if let Some(from) = query.from {
        sql.push(" AND at >= ").push_bind(from.to_utc());
    }
    if let Some(to) = query.to {
        sql.push(" AND at < ").push_bind(to.to_utc());
    }
    if let Some(search) = &query.search {
        // Not LIKE: its wildcards would need escaping.
        sql.push(" AND strpos(folded, ").push_bind(search.to_lowercase()).push(") > 0");
    }
}
