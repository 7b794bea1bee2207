//! Streams of events: loaded one at a time, appended several at once.

use super::{Position, StoreError};
use crate::bridge::StreamKind;
use async_trait::async_trait;
use cqrs_es::persist::SerializedEvent;
use serde_json::Value;
use uuid::Uuid;

/// The streams of one storage engine.
#[async_trait]
pub trait EventStore: Send + Sync {
    /// Every event of one stream in order; empty when the stream does not exist.
    async fn load(&self, kind: StreamKind, id: Uuid) -> Result<Vec<SerializedEvent>, StoreError>;

    /// Appends to several streams, all or nothing, durably before it answers.
    ///
    /// MUST answer [`AppendError::Conflict`] when any stream's last sequence is not `expected`, and
    /// MUST keep each stream contiguous. Carries events only: no view, job or key is written here.
    async fn append(&self, streams: &[StreamAppend]) -> Result<Appended, AppendError>;

    /// The sequence of each stream's last event, in the order of `streams`; 0 for one that does not
    /// exist. An engine answers without reading the events.
    async fn versions(&self, streams: &[(StreamKind, Uuid)]) -> Result<Vec<u64>, StoreError> {
        let mut versions = Vec::with_capacity(streams.len());
        for (kind, id) in streams {
            let last = self.load(*kind, *id).await?.pop();
            versions
                .push(last.map_or(0, |event| u64::try_from(event.sequence).unwrap_or_default()));
        }
        Ok(versions)
    }

    /// How many appends the engine can write side by side.
    fn writers(&self) -> usize {
        1
    }
}

/// New events of one stream.
#[derive(Debug, Clone, PartialEq)]
pub struct StreamAppend {
    /// The aggregate's type.
    pub kind: StreamKind,
    /// The aggregate.
    pub id: Uuid,
    /// The sequence of the last event that the decision has seen; 0 for a new stream.
    pub expected: u64,
    /// At least one event; they get the sequences `expected + 1`, `expected + 2`, ….
    pub events: Vec<NewEvent>,
}

/// One event, sealed and canonical, ready to store.
#[derive(Debug, Clone, PartialEq)]
pub struct NewEvent {
    /// For example `post.scheduled`.
    pub event_type: String,
    /// For example `1`.
    pub event_version: String,
    /// A JSON object, tagged with `type`.
    pub payload: Value,
    /// A JSON object of flat strings.
    pub metadata: Value,
}

/// What an append answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Appended {
    /// The engine's position of the last event written.
    pub position: Position,
}

/// Why nothing was appended. Whatever the variant: nothing was.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AppendError {
    /// Somebody else appended first: load again and decide again.
    #[error("the stream has moved on")]
    Conflict,
    /// The engine failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
