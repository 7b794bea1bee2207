//! Streams of events: loaded through `postgres-es`, appended by one statement of our own.

use crate::{
    Postgres,
    asking::TRIES,
    errors::{corrupt, driver, failed, is_broken, is_conflict, is_gap, persistence, store},
};
use async_trait::async_trait;
use cqrs_es::persist::{PersistedEventRepository as _, PersistenceError, SerializedEvent};
use herald_account::Account;
use herald_application::{
    bridge::{Stream, StreamKind},
    ports::{AppendError, Appended, EventStore, NewEvent, Position, StoreError, StreamAppend},
};
use herald_content_plan::ContentPlan;
use herald_kernel::Claim;
use herald_post::Post;
use herald_social_connection::SocialConnection;
use postgres_es::PostgresEventRepository;
use sqlx::{Row as _, types::Json};
use uuid::Uuid;

/// One statement, and so one transaction and one round trip. The rows go in in their order: a row
/// may follow one of the same statement.
const APPEND: &str = "
    INSERT INTO events (aggregate_type, aggregate_id, sequence, event_type, event_version,
                        payload, metadata)
    SELECT aggregate_type, aggregate_id, sequence, event_type, event_version, payload, metadata
      FROM UNNEST($1::text[], $2::text[], $3::bigint[], $4::text[], $5::text[], $6::jsonb[],
                  $7::jsonb[]) WITH ORDINALITY
        AS e (aggregate_type, aggregate_id, sequence, event_type, event_version, payload,
              metadata, place)
     ORDER BY place
    RETURNING position";

#[async_trait]
impl EventStore for Postgres {
    async fn load(&self, kind: StreamKind, id: Uuid) -> Result<Vec<SerializedEvent>, StoreError> {
        let id = id.to_string();
        let mut answer = self.load_once(kind, &id).await;
        for _ in 1..TRIES {
            match &answer {
                Err(error) if driver(error).is_some_and(is_broken) => {
                    answer = self.load_once(kind, &id).await;
                }
                Err(_) | Ok(_) => break,
            }
        }
        answer.map_err(|error| persistence(&error))
    }

    async fn append(&self, streams: &[StreamAppend]) -> Result<Appended, AppendError> {
        let rows = rows(streams)?;
        let inserted = sqlx::query(APPEND)
            .bind(rows.iter().map(|row| row.stream.kind.as_str()).collect::<Vec<_>>())
            .bind(rows.iter().map(|row| row.stream.id.to_string()).collect::<Vec<_>>())
            .bind(rows.iter().map(|row| row.sequence).collect::<Vec<_>>())
            .bind(rows.iter().map(|row| row.event.event_type.as_str()).collect::<Vec<_>>())
            .bind(rows.iter().map(|row| row.event.event_version.as_str()).collect::<Vec<_>>())
            .bind(rows.iter().map(|row| Json(&row.event.payload)).collect::<Vec<_>>())
            .bind(rows.iter().map(|row| Json(&row.event.metadata)).collect::<Vec<_>>())
            .fetch_all(&self.pool)
            .await
            .map_err(|error| refused(&error))?;
        let positions = inserted.iter().map(|row| row.try_get::<i64, _>(0).map_err(failed));
        let last = positions.collect::<Result<Vec<_>, _>>()?.into_iter().max();
        let last = last.ok_or_else(|| corrupt("an append without events"))?;
        Ok(Appended { position: Position(last) })
    }
}

impl Postgres {
    async fn load_once(
        &self,
        kind: StreamKind,
        id: &str,
    ) -> Result<Vec<SerializedEvent>, PersistenceError> {
        let streams = PostgresEventRepository::new(self.pool.clone());
        match kind {
            StreamKind::Account => streams.get_events::<Stream<Account>>(id).await,
            StreamKind::Claim => streams.get_events::<Stream<Claim>>(id).await,
            StreamKind::Connection => streams.get_events::<Stream<SocialConnection>>(id).await,
            StreamKind::Plan => streams.get_events::<Stream<ContentPlan>>(id).await,
            StreamKind::Post => streams.get_events::<Stream<Post>>(id).await,
        }
    }
}

/// One event in its place.
struct Row<'a> {
    stream: &'a StreamAppend,
    sequence: i64,
    event: &'a NewEvent,
}

fn rows(streams: &[StreamAppend]) -> Result<Vec<Row<'_>>, StoreError> {
    let mut rows = Vec::new();
    for stream in streams {
        let expected = i64::try_from(stream.expected)
            .map_err(|_| corrupt("no stream is as long as the append expects"))?;
        let numbered = (expected.saturating_add(1)..).zip(&stream.events);
        rows.extend(numbered.map(|(sequence, event)| Row { stream, sequence, event }));
    }
    if rows.is_empty() || streams.iter().any(|stream| stream.events.is_empty()) {
        return Err(corrupt("an append needs at least one event of each stream"));
    }
    Ok(rows)
}

/// An event whose number is taken and an event without a predecessor mean the same: the stream does
/// not end where the decision saw it end.
fn refused(error: &sqlx::Error) -> AppendError {
    if is_conflict(error) || is_gap(error) { AppendError::Conflict } else { store(error).into() }
}
