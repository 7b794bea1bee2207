//! Streams of events: loaded through `sqlite-es`, appended by one statement of our own.

use crate::{
    Sqlite,
    errors::{corrupt, failed, is_conflict, is_gap, persistence, store},
    rows::column,
};
use async_trait::async_trait;
use cqrs_es::persist::SerializedEvent;
use herald_application::{
    bridge::{StreamKind, events_of},
    ports::{AppendError, Appended, EventStore, NewEvent, Position, StoreError, StreamAppend},
};
use sqlite_es::SqliteEventRepository;
use sqlx::{Row as _, SqliteExecutor, sqlite::SqliteRow};
use uuid::Uuid;

/// The position is ours to give: RETURNING is computed before a trigger could set it.
const INSERT: &str = "
    INSERT INTO events (aggregate_type, aggregate_id, sequence, event_type, event_version,
                        payload, metadata, position)
    SELECT column1, column2, column3, column4, column5, column6, column7,
           column8 + (SELECT coalesce(max(position), 0) FROM events)
      FROM (VALUES ";

const ROW: &str = "(?, ?, ?, ?, ?, ?, ?, ?)";

/// Rows of one statement. Few enough that every size stays prepared: to compile a statement of
/// hundreds of rows takes longer than to run it.
const ROWS: usize = 50;

/// The index answers each stream by its last entry.
const VERSIONS: &str = "
    SELECT (SELECT max(e.sequence) FROM events e
             WHERE e.aggregate_type = s.value ->> 0 AND e.aggregate_id = s.value ->> 1) AS version
      FROM json_each(?1) s ORDER BY s.key";

#[async_trait]
impl EventStore for Sqlite {
    async fn load(&self, kind: StreamKind, id: Uuid) -> Result<Vec<SerializedEvent>, StoreError> {
        let streams = SqliteEventRepository::new(self.readers.clone());
        let id = id.to_string();
        let events = events_of(&streams, kind, &id).await;
        events.map_err(persistence)
    }

    async fn append(&self, streams: &[StreamAppend]) -> Result<Appended, AppendError> {
        let rows = rows(streams)?;
        if rows.len() <= ROWS {
            // One statement is a transaction of its own: nothing else to send to the writer.
            let last = insert(&rows, &self.writer).await?;
            return Ok(Appended { position: Position(last) });
        }
        let mut tx = self.begin().await.map_err(failed)?;
        let mut last = 0;
        for rows in rows.chunks(ROWS) {
            last = insert(rows, &mut *tx).await?;
        }
        tx.commit().await.map_err(failed)?;
        Ok(Appended { position: Position(last) })
    }

    async fn versions(&self, streams: &[(StreamKind, Uuid)]) -> Result<Vec<u64>, StoreError> {
        let names: Vec<_> = streams.iter().map(|(kind, id)| (kind.as_str(), *id)).collect();
        let names = serde_json::to_string(&names).map_err(|_| corrupt("a name is no JSON"))?;
        let rows = sqlx::query(VERSIONS).bind(names).fetch_all(&self.readers).await;
        rows.map_err(failed)?.iter().map(version).collect()
    }
}

fn version(row: &SqliteRow) -> Result<u64, StoreError> {
    let version: Option<i64> = column(row, "version")?;
    u64::try_from(version.unwrap_or_default()).map_err(|_| corrupt("a version is negative"))
}

/// One event in its place. Payloads travel as text, so that SQLite stores them letter for letter.
struct Row<'a> {
    stream: &'a StreamAppend,
    sequence: i64,
    event: &'a NewEvent,
}

fn rows(streams: &[StreamAppend]) -> Result<Vec<Row<'_>>, StoreError> {
    if streams.is_empty() || streams.iter().any(|stream| stream.events.is_empty()) {
        return Err(corrupt("an append needs at least one event of each stream"));
    }
    let mut rows = Vec::new();
    for stream in streams {
        let expected = i64::try_from(stream.expected)
            .map_err(|_| corrupt("no stream is as long as the append expects"))?;
        let numbered = (expected.saturating_add(1)..).zip(&stream.events);
        rows.extend(numbered.map(|(sequence, event)| Row { stream, sequence, event }));
    }
    Ok(rows)
}

/// Answers the last position.
async fn insert(rows: &[Row<'_>], connection: impl SqliteExecutor<'_>) -> Result<i64, AppendError> {
    let values = vec![ROW; rows.len()].join(", ");
    let sql = format!("{INSERT}{values}) RETURNING position");
    let mut query = sqlx::query(&sql);
    for (place, row) in (1_i64..).zip(rows) {
        query = query
            .bind(row.stream.kind.as_str())
            .bind(row.stream.id.to_string())
            .bind(row.sequence)
            .bind(row.event.event_type.as_str())
            .bind(row.event.event_version.as_str())
            .bind(row.event.payload.to_string())
            .bind(row.event.metadata.to_string())
            .bind(place);
    }
    let inserted = query.fetch_all(connection).await.map_err(|error| refused(&error))?;
    let positions = inserted.iter().map(|row| row.try_get::<i64, _>(0).map_err(failed));
    let last = positions.collect::<Result<Vec<_>, _>>()?.into_iter().max();
    Ok(last.ok_or_else(|| corrupt("an append without events"))?)
}

/// An event whose number is taken and an event without a predecessor mean the same: the stream does
/// not end where the decision saw it end.
fn refused(error: &sqlx::Error) -> AppendError {
    if is_conflict(error) || is_gap(error) { AppendError::Conflict } else { store(error).into() }
}
