//! Streams of events: loaded through `sqlite-es`, appended by one statement of our own.

use crate::{
    Sqlite,
    errors::{corrupt, failed, is_conflict, is_refused_by_trigger, persistence, store},
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
use serde_json::json;
use sqlite_es::SqliteEventRepository;
use sqlx::{Row as _, Sqlite as Engine, Transaction};
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

const HEAD: &str = "
    SELECT coalesce(max(sequence), 0) FROM events WHERE aggregate_type = ?1 AND aggregate_id = ?2";

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
        let mut tx = self.begin().await.map_err(|error| refused(&error))?;
        let inserted = sqlx::query(APPEND).bind(rows).fetch_all(&mut *tx).await;
        let inserted = match inserted {
            Ok(inserted) => inserted,
            Err(error) if is_refused_by_trigger(&error) => {
                return Err(unexpected(&mut tx, streams, &error).await?);
            }
            Err(error) => return Err(refused(&error)),
        };
        tx.commit().await.map_err(|error| refused(&error))?;
        let positions = inserted.iter().map(|row| row.try_get::<i64, _>(0).map_err(failed));
        let last = positions.collect::<Result<Vec<_>, _>>()?.into_iter().max();
        let last = last.ok_or_else(|| corrupt("an append without events"))?;
        Ok(Appended { position: Position(last) })
    }
}

/// The new rows as one JSON array of arrays. Payloads travel as text, so that SQLite stores them
/// letter for letter.
fn rows(streams: &[StreamAppend]) -> Result<String, StoreError> {
    let mut rows = Vec::new();
    for stream in streams {
        let id = stream.id.to_string();
        for (sequence, event) in (stream.expected + 1..).zip(&stream.events) {
            rows.push(json!([
                stream.kind.as_str(),
                id,
                sequence,
                event.event_type,
                event.event_version,
                event.payload.to_string(),
                event.metadata.to_string()
            ]));
        }
    }
    if rows.is_empty() || streams.iter().any(|stream| stream.events.is_empty()) {
        return Err(corrupt("an append needs at least one event of each stream"));
    }
    Ok(serde_json::Value::Array(rows).to_string())
}

fn refused(error: &sqlx::Error) -> AppendError {
    if is_conflict(error) { AppendError::Conflict } else { store(error).into() }
}

/// A trigger refused: because a stream does not end where it was expected to, or because what is
/// stored is not as it should be.
async fn unexpected(
    tx: &mut Transaction<'_, Engine>,
    streams: &[StreamAppend],
    error: &sqlx::Error,
) -> Result<AppendError, StoreError> {
    for stream in streams {
        let head: i64 = sqlx::query_scalar(HEAD)
            .bind(stream.kind.as_str())
            .bind(stream.id.to_string())
            .fetch_one(&mut **tx)
            .await
            .map_err(failed)?;
        if u64::try_from(head) != Ok(stream.expected) {
            return Ok(AppendError::Conflict);
        }
    }
    Ok(store(error).into())
}
