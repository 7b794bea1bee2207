//! Reads views: every statement but the two for the worker names the account.

use crate::{
    Sqlite,
    errors::failed,
    rows::{DOCUMENT, count, document},
};
use async_trait::async_trait;
use herald_application::ports::{
    Direction, StoreError, ViewDocument, ViewPage, ViewQuery, ViewStore,
};
use herald_kernel::{AccountId, Instant};
use serde_json::json;
use sqlx::{QueryBuilder, Sqlite as Engine};

#[async_trait]
impl ViewStore for Sqlite {
    async fn get(
        &self,
        view: &str,
        version: i32,
        account: AccountId,
        id: &str,
    ) -> Result<Option<ViewDocument>, StoreError> {
        let row = sqlx::query(&format!(
            "SELECT {DOCUMENT} FROM views
              WHERE view = ?1 AND version = ?2 AND id = ?3 AND account_id = ?4"
        ))
        .bind(view)
        .bind(version)
        .bind(id)
        .bind(account.to_string())
        .fetch_optional(&self.readers)
        .await
        .map_err(failed)?;
        row.as_ref().map(document).transpose()
    }

    async fn list(&self, query: &ViewQuery) -> Result<ViewPage, StoreError> {
        let limit = usize::try_from(query.page.limit).unwrap_or(usize::MAX);
        let rows = page(query).build().fetch_all(&self.readers).await.map_err(failed)?;
        let more = rows.len() > limit;
        let documents = rows.iter().take(limit).map(document).collect::<Result<_, _>>()?;
        Ok(ViewPage { documents, more })
    }

    async fn count(&self, query: &ViewQuery, cap: u32) -> Result<u32, StoreError> {
        let mut sql = QueryBuilder::new("SELECT count(*) AS found FROM (SELECT 1 FROM views");
        filter(&mut sql, query);
        sql.push(" LIMIT ").push_bind(cap).push(")");
        let row = sql.build().fetch_one(&self.readers).await.map_err(failed)?;
        count(&row, "found")
    }

    async fn get_unscoped(
        &self,
        view: &str,
        version: i32,
        id: &str,
    ) -> Result<Option<ViewDocument>, StoreError> {
        let row = sqlx::query(&format!(
            "SELECT {DOCUMENT} FROM views WHERE view = ?1 AND version = ?2 AND id = ?3"
        ))
        .bind(view)
        .bind(version)
        .bind(id)
        .fetch_optional(&self.readers)
        .await
        .map_err(failed)?;
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
        let (at, id) = after.map(|(at, id)| (at.micros(), id.as_str())).unzip();
        let rows = sqlx::query(&format!(
            "SELECT {DOCUMENT} FROM views WHERE view = ?1 AND version = ?2
                AND status IN (SELECT value FROM json_each(?3))
                AND (?4 IS NULL OR (at, id) > (?4, ?5)) ORDER BY at, id LIMIT ?6"
        ))
        .bind(view)
        .bind(version)
        .bind(json!(statuses).to_string())
        .bind(at)
        .bind(id)
        .bind(limit)
        .fetch_all(&self.readers)
        .await
        .map_err(failed)?;
        rows.iter().map(document).collect()
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
        sql.push(beyond).push_bind(at.micros()).push(", ").push_bind(id).push(")");
    }
    sql.push(order).push(" LIMIT ").push_bind(i64::from(query.page.limit) + 1);
    sql
}

fn filter<'q>(sql: &mut QueryBuilder<'q, Engine>, query: &'q ViewQuery) {
    sql.push(" WHERE view = ").push_bind(&query.view);
    sql.push(" AND version = ").push_bind(query.version);
    sql.push(" AND account_id = ").push_bind(query.account.to_string());
    if !query.statuses.is_empty() {
        let statuses = json!(query.statuses).to_string();
        sql.push(" AND status IN (SELECT value FROM json_each(").push_bind(statuses).push("))");
    }
    if let Some(from) = query.from {
        sql.push(" AND at >= ").push_bind(from.micros());
    }
    if let Some(to) = query.to {
        sql.push(" AND at < ").push_bind(to.micros());
    }
    if let Some(search) = &query.search {
        // Not LIKE: it knows only ASCII's capitals here, and would need its wildcards escaped.
        sql.push(" AND instr(folded, ").push_bind(search.to_lowercase()).push(") > 0");
    }
}
