//! A row of `events`, the same from either engine.

use super::{Position, StoreError, StoredJson};
use crate::log::digest;
use herald_kernel::{AccountId, Instant};
use std::borrow::Cow;
use uuid::Uuid;

/// One event as an engine stores it, before it has a place in the order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventRow {
    /// The engine's own number.
    pub position: Position,
    /// The aggregate's type as stored; foreign writers may store types that we do not know.
    pub aggregate_type: String,
    /// The aggregate as stored: a hyphenated UUID for our own.
    pub aggregate_id: String,
    /// Its number within the stream, from 1.
    pub sequence: i64,
    /// For example `post.scheduled`.
    pub event_type: String,
    /// For example `1`.
    pub event_version: String,
    /// When the database stored it.
    pub recorded_at: Instant,
    /// The stored payload, personal values still sealed.
    pub payload: StoredJson,
    /// The stored metadata.
    pub metadata: StoredJson,
}

impl EventRow {
    /// The aggregate's id, when it is one of ours.
    #[must_use]
    pub fn stream(&self) -> Option<Uuid> {
        Uuid::parse_str(&self.aggregate_id).ok()
    }

    /// A metadata value.
    #[must_use]
    pub fn meta(&self, key: &str) -> Option<Cow<'_, str>> {
        self.metadata.text(key)
    }

    /// The account that the event belongs to.
    #[must_use]
    pub fn account(&self) -> Option<AccountId> {
        self.meta("account_id")?.parse().ok()
    }

    /// The digest of the row as it was read. An error when payload or metadata are no JSON.
    pub fn digest(&self) -> Result<[u8; 32], StoreError> {
        Ok(digest::event_digest(self, &self.payload.value()?, &self.metadata.value()?))
    }
}
