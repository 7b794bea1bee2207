//! Streams of events: loaded through `postgres-es`, appended by one statement of our own.

use crate::{
    Postgres,
    asking::TRIES,
    errors::{corrupt, driver, failed, is_broken, is_conflict, is_gap, persistence, store},
    rows::column,
};
use async_trait::async_trait;
use cqrs_es::persist::{PersistenceError, SerializedEvent};
use herald_application::{
    bridge::{StreamKind, events_of},
    ports::{AppendError, Appended, EventStore, NewEvent, Position, StoreError, StreamAppend},
};
use postgres_es::PostgresEventRepository;
use sqlx::{Row as _, postgres::PgRow, types::Json};
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

/// The index answers each stream by its last entry.
const VERSIONS: &str = "
    SELECT (SELECT e.sequence FROM events e
             WHERE e.aggregate_type = s.kind AND e.aggregate_id = s.id
             ORDER BY e.sequence DESC LIMIT 1) AS version
      FROM UNNEST($1::text[], $2::text[]) WITH ORDINALITY AS s (kind, id, place)
     ORDER BY s.place";

/// Groups that are written side by side: while one waits for the disk, another is put together.
const WRITERS: usize = 2;

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

    async fn versions(&self, streams: &[(StreamKind, Uuid)]) -> Result<Vec<u64>, StoreError> {
        let kinds: Vec<_> = streams.iter().map(|(kind, _)| kind.as_str()).collect();
        let ids: Vec<_> = streams.iter().map(|(_, id)| id.to_string()).collect();
        let ask = || sqlx::query(VERSIONS).bind(kinds.clone()).bind(ids.clone());
        self.rows(ask).await?.iter().map(version).collect()
    }

    fn writers(&self) -> usize {
        WRITERS
    }
}

fn version(row: &PgRow) -> Result<u64, StoreError> {
    let version: Option<i64> = column(row, "version")?;
    u64::try_from(version.unwrap_or_default()).map_err(|_| corrupt("a version is negative"))
}

impl Postgres {
    async fn load_once(
        &self,
        kind: StreamKind,
        id: &str,
    ) -> Result<Vec<SerializedEvent>, PersistenceError> {
        let streams = PostgresEventRepository::new(self.pool.clone());
        events_of(&streams, kind, id).await
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
