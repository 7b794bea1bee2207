//! What is folded of an event, the same from either engine.

use super::{EventRow, LoggedEvent, Ordinal, StoredJson};
use crate::log::Told;
use herald_kernel::{AccountId, Instant};
use uuid::Uuid;

/// One event as views and processes are told of it: neither its digest nor what only auditors ask of
/// its metadata.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FactRow {
    /// Its place.
    pub ordinal: Ordinal,
    /// The aggregate's type as stored; foreign writers may store types that we do not know.
    pub aggregate_type: String,
    /// The aggregate as stored: a hyphenated UUID for our own.
    pub aggregate_id: String,
    /// Its number within the stream, from 1.
    pub sequence: i64,
    /// The stored payload, personal values still sealed.
    pub payload: StoredJson,
    /// Whose it is.
    pub account: Option<AccountId>,
    /// Who, as the log names actors; empty where a foreign writer named nobody.
    pub actor: String,
    /// What it belongs to.
    pub correlation: Option<Uuid>,
    /// When, in business time; when it was stored, where a foreign writer told no time.
    pub at: Instant,
}

impl FactRow {
    /// The aggregate's id, when it is one of ours.
    #[must_use]
    pub fn stream(&self) -> Option<Uuid> {
        Uuid::parse_str(&self.aggregate_id).ok()
    }
}

impl From<LoggedEvent> for FactRow {
    fn from(event: LoggedEvent) -> Self {
        let LoggedEvent { ordinal, row, .. } = event;
        let told = Told::read(&row.metadata);
        let (account, correlation) = (told.account, told.correlation);
        let at = told.occurred_at.unwrap_or(row.recorded_at);
        let actor = told.actor.unwrap_or_default().into_owned();
        let EventRow { aggregate_type, aggregate_id, sequence, payload, .. } = row;
        Self {
            ordinal,
            aggregate_type,
            aggregate_id,
            sequence,
            payload,
            account,
            actor,
            correlation,
            at,
        }
    }
}
