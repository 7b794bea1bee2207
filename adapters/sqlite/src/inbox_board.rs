//! The inbox, for readers and operators.

use crate::{
    Sqlite,
    errors::{corrupt, failed},
    rows::{column, count, hash, instant},
};
use async_trait::async_trait;
use herald_application::ports::{
    InboxBacklog, InboxBoard, InboxCursor, InboxCursors, InboxFilter, InboxReplay, InboxRow,
    InboxState, InboxStateName, StoreError,
};
use herald_kernel::Instant;
use sqlx::{QueryBuilder, Sqlite as Engine, sqlite::SqliteRow};

/// Everything but the bytes of the body.
const ROW: &str = "number, source, event_id, kind, key, object, api_version, occurred_at, size,
    digest, body IS NOT NULL AS has_body, received_at, due_at, state, cause, attempts, replays,
    lease_until, settled_at";

/// Two arms, so that each finds its own index.
const BACKLOG: &str = "
    SELECT source,
           count(*) FILTER (WHERE state = 'received') AS received,
           count(*) FILTER (WHERE state = 'processing') AS processing,
           count(*) FILTER (WHERE state = 'failed') AS failed,
           count(*) FILTER (WHERE state = 'dead') AS dead,
           coalesce((?1 - min(received_at) FILTER (WHERE state <> 'dead')) / 1000000, 0)
               AS oldest_seconds
      FROM (SELECT source, state, received_at FROM inbox
             WHERE state IN ('received', 'processing', 'failed')
            UNION ALL
            SELECT source, state, received_at FROM inbox WHERE state = 'dead') AS waiting
     GROUP BY source ORDER BY source";

const FORGET: &str = "
    UPDATE inbox SET body = NULL, headers = '{}' WHERE number IN (
        SELECT number FROM inbox
         WHERE body IS NOT NULL AND state IN ('applied', 'ignored') AND settled_at < ?1
         ORDER BY settled_at LIMIT 1000)";

#[async_trait]
impl InboxBoard for Sqlite {
    async fn list(&self, filter: &InboxFilter) -> Result<Vec<InboxRow>, StoreError> {
        let mut sql = QueryBuilder::<Engine>::new(format!("SELECT {ROW} FROM inbox WHERE true"));
        if let Some(source) = &filter.source {
            sql.push(" AND source = ").push_bind(source);
        }
        if let Some(kind) = &filter.kind {
            sql.push(" AND kind = ").push_bind(kind);
        }
        if let Some(since) = filter.since {
            sql.push(" AND received_at >= ").push_bind(since.micros());
        }
        if let Some(until) = filter.until {
            sql.push(" AND received_at < ").push_bind(until.micros());
        }
        if let Some(before) = filter.before {
            sql.push(" AND number < ").push_bind(before);
        }
        match filter.states.as_slice() {
            [] => {}
            // Written out, so that an index of one state is found.
            [one] => {
                sql.push(format!(" AND state = '{}'", one.as_str()));
            }
            several => {
                let names: Vec<_> = several.iter().map(|name| name.as_str()).collect();
                sql.push(format!(" AND state IN ('{}')", names.join("', '")));
            }
        }
        sql.push(" ORDER BY number DESC LIMIT ").push_bind(filter.limit);
        let rows = sql.build().fetch_all(&self.readers).await.map_err(failed)?;
        rows.iter().map(inbox_row).collect()
    }

    async fn find(&self, source: &str, event_id: &str) -> Result<Option<InboxRow>, StoreError> {
        let sql = format!("SELECT {ROW} FROM inbox WHERE source = ?1 AND event_id = ?2");
        let row = sqlx::query(&sql)
            .bind(source)
            .bind(event_id)
            .fetch_optional(&self.readers)
            .await
            .map_err(failed)?;
        row.as_ref().map(inbox_row).transpose()
    }

    async fn replay(&self, which: &InboxReplay, now: Instant) -> Result<u64, StoreError> {
        let mut sql = QueryBuilder::<Engine>::new(
            "UPDATE inbox SET state = 'received', cause = NULL, settled_at = NULL, attempts = 0,
                    replays = replays + 1, due_at = ",
        );
        sql.push_bind(now.micros());
        sql.push(" WHERE state NOT IN ('received', 'processing') AND body IS NOT NULL");
        match which {
            InboxReplay::One { source, event_id } => {
                sql.push(" AND source = ").push_bind(source);
                sql.push(" AND event_id = ").push_bind(event_id);
            }
            InboxReplay::Range { source, first, last } => {
                sql.push(" AND source = ").push_bind(source);
                sql.push(" AND number BETWEEN ").push_bind(first).push(" AND ").push_bind(last);
            }
            InboxReplay::Since { source, since } => {
                sql.push(" AND source = ").push_bind(source);
                sql.push(" AND received_at >= ").push_bind(since.micros());
            }
        }
        let done = sql.build().execute(&self.writer).await.map_err(failed)?;
        Ok(done.rows_affected())
    }

    async fn backlog(&self, now: Instant) -> Result<Vec<InboxBacklog>, StoreError> {
        let rows = sqlx::query(BACKLOG)
            .bind(now.micros())
            .fetch_all(&self.readers)
            .await
            .map_err(failed)?;
        let read = |row: &SqliteRow| {
            Ok(InboxBacklog {
                source: column(row, "source")?,
                received: column(row, "received")?,
                processing: column(row, "processing")?,
                failed: column(row, "failed")?,
                dead: column(row, "dead")?,
                oldest_seconds: column::<i64>(row, "oldest_seconds")?.max(0),
            })
        };
        rows.iter().map(read).collect()
    }

    async fn forget_before(&self, instant: Instant) -> Result<u64, StoreError> {
        let forget = sqlx::query(FORGET).bind(instant.micros());
        forget.execute(&self.writer).await.map(|done| done.rows_affected()).map_err(failed)
    }
}

#[async_trait]
impl InboxCursors for Sqlite {
    async fn cursor(&self, source: &str) -> Result<Option<InboxCursor>, StoreError> {
        let row = sqlx::query("SELECT cursor, moved_at FROM inbox_cursors WHERE source = ?1")
            .bind(source)
            .fetch_optional(&self.readers)
            .await
            .map_err(failed)?;
        let read = |row: &SqliteRow| {
            Ok(InboxCursor { cursor: column(row, "cursor")?, moved_at: instant(row, "moved_at")? })
        };
        row.as_ref().map(read).transpose()
    }

    async fn move_cursor(
        &self,
        source: &str,
        from: Option<&str>,
        to: &InboxCursor,
    ) -> Result<bool, StoreError> {
        let sql = match from {
            None => {
                "INSERT INTO inbox_cursors (source, cursor, moved_at) VALUES (?1, ?2, ?3)
                 ON CONFLICT DO NOTHING"
            }
            Some(_) => {
                "UPDATE inbox_cursors SET cursor = ?2, moved_at = ?3
                  WHERE source = ?1 AND cursor = ?4"
            }
        };
        let query = sqlx::query(sql).bind(source).bind(&to.cursor).bind(to.moved_at.micros());
        let query = if let Some(from) = from { query.bind(from) } else { query };
        query.execute(&self.writer).await.map(|done| done.rows_affected() == 1).map_err(failed)
    }
}

fn inbox_row(row: &SqliteRow) -> Result<InboxRow, StoreError> {
    let occurred_at: Option<i64> = column(row, "occurred_at")?;
    Ok(InboxRow {
        number: column(row, "number")?,
        source: column(row, "source")?,
        event_id: column(row, "event_id")?,
        kind: column(row, "kind")?,
        key: column(row, "key")?,
        object: column(row, "object")?,
        api_version: column(row, "api_version")?,
        occurred_at: occurred_at.and_then(Instant::from_micros),
        size: count(row, "size")?,
        digest: hash(row, "digest")?,
        has_body: column(row, "has_body")?,
        received_at: instant(row, "received_at")?,
        due_at: instant(row, "due_at")?,
        state: state(row)?,
        attempts: count(row, "attempts")?,
        replays: count(row, "replays")?,
    })
}

fn state(row: &SqliteRow) -> Result<InboxState, StoreError> {
    let name: &str = column(row, "state")?;
    let name = InboxStateName::parse(name).ok_or_else(|| corrupt("a row's state is unknown"))?;
    let cause = || column::<Option<String>>(row, "cause").map(Option::unwrap_or_default);
    let settled = || instant(row, "settled_at");
    Ok(match name {
        InboxStateName::Received => InboxState::Received,
        InboxStateName::Processing => {
            InboxState::Processing { until: instant(row, "lease_until")? }
        }
        InboxStateName::Applied => InboxState::Applied { at: settled()? },
        InboxStateName::Ignored => InboxState::Ignored { at: settled()?, reason: cause()? },
        InboxStateName::Failed => InboxState::Failed { cause: cause()? },
        InboxStateName::Dead => InboxState::Dead { at: settled()?, cause: cause()? },
    })
}
