//! Streams of events: loaded through `sqlite-es`, appended by one statement of our own.

use crate::{
    Sqlite,
    errors::{corrupt, failed, is_conflict, is_gap, persistence, store},
};
use async_trait::async_trait;
use cqrs_es::persist::{PersistedEventRepository as _, SerializedEvent};
use herald_account::Account;
use herald_application::{
    bridge::{Stream, StreamKind},
    ports::{AppendError, Appended, EventStore, Position, StoreError, StreamAppend},
};
use herald_content_plan::ContentPlan;
use herald_kernel::Claim;
use herald_post::Post;
use herald_social_connection::SocialConnection;
use sqlite_es::SqliteEventRepository;
use sqlx::Row as _;
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

#[async_trait]
impl EventStore for Sqlite {
    async fn load(&self, kind: StreamKind, id: Uuid) -> Result<Vec<SerializedEvent>, StoreError> {
        let streams = SqliteEventRepository::new(self.readers.clone());
        let id = id.to_string();
        let events = match kind {
            StreamKind::Account => streams.get_events::<Stream<Account>>(&id).await,
            StreamKind::Claim => streams.get_events::<Stream<Claim>>(&id).await,
            StreamKind::Connection => streams.get_events::<Stream<SocialConnection>>(&id).await,
            StreamKind::Plan => streams.get_events::<Stream<ContentPlan>>(&id).await,
            StreamKind::Post => streams.get_events::<Stream<Post>>(&id).await,
        };
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
