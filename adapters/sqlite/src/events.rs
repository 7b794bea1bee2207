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
    ports::{AppendError, Appended, EventStore, Position, StoreError, StreamAppend},
};
use sqlite_es::SqliteEventRepository;
use sqlx::{Row as _, sqlite::SqliteRow};
use uuid::Uuid;

/// The position is ours to give: RETURNING is computed before a trigger could set it.
const APPEND: &str = "
    INSERT INTO events (aggregate_type, aggregate_id, sequence, event_type, event_version,
                        payload, metadata, position)
    SELECT e.value ->> 0, e.value ->> 1, e.value ->> 2, e.value ->> 3, e.value ->> 4,
           e.value ->> 5, e.value ->> 6,
           (SELECT coalesce(max(position), 0) FROM events) + e.key + 1
      FROM json_each(?1) e ORDER BY e.key
    RETURNING position";

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
        // One statement is a transaction of its own: nothing else to send to the writer.
        let inserted = sqlx::query(APPEND).bind(rows).fetch_all(&self.writer).await;
        let inserted = inserted.map_err(|error| refused(&error))?;
        let positions = inserted.iter().map(|row| row.try_get::<i64, _>(0).map_err(failed));
        let last = positions.collect::<Result<Vec<_>, _>>()?.into_iter().max();
        let last = last.ok_or_else(|| corrupt("an append without events"))?;
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

/// The new rows as one JSON array of arrays. Payloads travel as text, so that SQLite stores them
/// letter for letter.
fn rows(streams: &[StreamAppend]) -> Result<String, StoreError> {
    if streams.is_empty() || streams.iter().any(|stream| stream.events.is_empty()) {
        return Err(corrupt("an append needs at least one event of each stream"));
    }
    let mut rows = Vec::new();
    for stream in streams {
        let (kind, id) = (stream.kind.as_str(), stream.id);
        for (sequence, event) in (stream.expected + 1..).zip(&stream.events) {
            let (payload, metadata) = (event.payload.to_string(), event.metadata.to_string());
            let names = (&event.event_type, &event.event_version);
            rows.push((kind, id, sequence, names.0, names.1, payload, metadata));
        }
    }
    serde_json::to_string(&rows).map_err(|_| corrupt("an event has no JSON form"))
}

/// An event whose number is taken and an event without a predecessor mean the same: the stream does
/// not end where the decision saw it end.
fn refused(error: &sqlx::Error) -> AppendError {
    if is_conflict(error) || is_gap(error) { AppendError::Conflict } else { store(error).into() }
}
