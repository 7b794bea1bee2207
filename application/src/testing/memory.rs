//! A storage engine that forgets: the log's part of it.

use crate::{
    bridge::StreamKind,
    log::digest,
    ports::{
        AccountPage, AppendError, Appended, Checkpoint, EventRow, EventStore, Link, LogHead,
        LogReader, LoggedEvent, Media, Observation, Ordinal, Position, RefreshToken, SecretRow,
        Sequenced, Sequencer, Session, SignInRow, StoreError, StreamAppend, ViewDocument,
        WrappedKey,
    },
};
use async_trait::async_trait;
use bytes::Bytes;
use cqrs_es::persist::SerializedEvent;
use herald_kernel::{AccountId, Instant, MediaId};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, MutexGuard, PoisonError},
};
use uuid::Uuid;

/// Everything that a storage engine keeps, in memory. Implements every storage port.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    state: Mutex<State>,
}

/// What [`Memory`] keeps, for tests that look beneath the ports.
#[derive(Debug, Default)]
pub(crate) struct State {
    /// The log: an event's position is its index plus 1, and so is its ordinal.
    pub(crate) events: Vec<LoggedEvent>,
    /// How many of them have their ordinal.
    pub(crate) sequenced: usize,
    /// Appends to answer with a conflict before one goes through.
    pub(crate) conflicts: u32,
    /// Calls, such as `secrets.put`, that storage does not answer so often before it does.
    pub(crate) troubles: BTreeMap<&'static str, u32>,
    pub(crate) views: BTreeMap<(String, i32, String), ViewDocument>,
    pub(crate) checkpoints: Vec<Checkpoint>,
    pub(crate) jobs: Vec<super::jobs_kept::Row>,
    pub(crate) keys: BTreeMap<AccountId, Option<WrappedKey>>,
    pub(crate) secrets: BTreeMap<(AccountId, String, String), SecretRow>,
    pub(crate) sessions: BTreeMap<[u8; 32], Session>,
    pub(crate) refreshes: BTreeMap<[u8; 32], (RefreshToken, bool)>,
    pub(crate) sign_ins: Vec<SignInRow>,
    pub(crate) links: BTreeMap<[u8; 32], Link>,
    pub(crate) suppressions: BTreeMap<[u8; 32], crate::ports::Suppression>,
    pub(crate) media: BTreeMap<(AccountId, MediaId), Media>,
    pub(crate) files: BTreeMap<(AccountId, MediaId), Bytes>,
    /// Nothing that is read from the media directory is what was written.
    pub(crate) files_damaged: bool,
    pub(crate) contents: BTreeMap<(AccountId, String), Vec<u8>>,
    pub(crate) observations: Vec<Observation>,
    pub(crate) inbox: Vec<super::inbox_kept::Row>,
    pub(crate) inbox_cursors: BTreeMap<String, crate::ports::InboxCursor>,
}

impl Memory {
    /// Looks beneath the ports.
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The stored log as one text, to search for what must not be in it.
    pub(crate) fn log_text(&self) -> String {
        let state = self.state();
        let lines = state.events.iter().map(|event| {
            let EventRow { event_type, payload, metadata, .. } = &event.row;
            format!("{event_type} {payload} {metadata}\n")
        });
        lines.collect()
    }

    /// The types of an aggregate's events, in order.
    pub(crate) fn history(&self, stream: Uuid) -> Vec<String> {
        let state = self.state();
        let of_stream = state.events.iter().filter(|event| event.row.stream() == Some(stream));
        of_stream.map(|event| event.row.event_type.clone()).collect()
    }
}

impl State {
    /// Whether storage answers this call, or is in trouble as a test has scripted it.
    pub(super) fn answers(&mut self, call: &'static str) -> Result<(), StoreError> {
        match self.troubles.get_mut(call) {
            Some(left) if *left > 0 => {
                *left -= 1;
                Err(StoreError::Unavailable(format!("{call} is not answered")))
            }
            Some(_) | None => Ok(()),
        }
    }

    fn last_sequence(&self, kind: StreamKind, id: Uuid) -> u64 {
        let id = id.to_string();
        let of_stream = self
            .events
            .iter()
            .filter(|e| e.row.aggregate_type == kind.as_str() && e.row.aggregate_id == id);
        of_stream.count().try_into().unwrap_or(u64::MAX)
    }

    fn push(&mut self, stream: &StreamAppend) {
        for (sequence, event) in (stream.expected + 1..).zip(&stream.events) {
            let place = i64::try_from(self.events.len() + 1).unwrap_or(i64::MAX);
            let recorded_at = event.metadata["occurred_at"].as_str();
            let recorded_at = recorded_at.and_then(|text| text.parse().ok());
            self.events.push(LoggedEvent {
                ordinal: Ordinal(place),
                row: EventRow {
                    position: Position(place),
                    aggregate_type: stream.kind.as_str().to_owned(),
                    aggregate_id: stream.id.to_string(),
                    sequence: i64::try_from(sequence).unwrap_or(i64::MAX),
                    event_type: event.event_type.clone(),
                    event_version: event.event_version.clone(),
                    recorded_at: recorded_at.or(Instant::from_micros(0)).expect("an instant"),
                    payload: (&event.payload).into(),
                    metadata: (&event.metadata).into(),
                },
                digest: [0; 32],
                chain: [0; 32],
            });
        }
    }

    fn seal_next(&mut self) {
        let previous = self.sequenced.checked_sub(1).map(|last| self.events[last].chain);
        let event = &mut self.events[self.sequenced];
        event.digest = event.row.digest().expect("what was written is JSON");
        let previous = previous.unwrap_or(digest::GENESIS);
        event.chain = digest::chain(&previous, event.ordinal, &event.digest);
        self.sequenced += 1;
    }
}

#[async_trait]
impl EventStore for Memory {
    async fn load(&self, kind: StreamKind, id: Uuid) -> Result<Vec<SerializedEvent>, StoreError> {
        let id = id.to_string();
        let mut state = self.state();
        state.answers("events.load")?;
        let of_stream = state
            .events
            .iter()
            .filter(|e| e.row.aggregate_type == kind.as_str() && e.row.aggregate_id == id);
        let serialized = of_stream.map(|event| {
            SerializedEvent::new(
                event.row.aggregate_id.clone(),
                event.row.sequence.try_into().unwrap_or_default(),
                event.row.aggregate_type.clone(),
                event.row.event_type.clone(),
                event.row.event_version.clone(),
                event.row.payload.value().expect("what was written is JSON"),
                event.row.metadata.value().expect("what was written is JSON"),
            )
        });
        Ok(serialized.collect())
    }

    async fn append(&self, streams: &[StreamAppend]) -> Result<Appended, AppendError> {
        let mut state = self.state();
        state.answers("events.append")?;
        if state.conflicts > 0 {
            state.conflicts -= 1;
            return Err(AppendError::Conflict);
        }
        let mut seen = BTreeSet::new();
        for stream in streams {
            // A stream may come twice: then its parts follow one another.
            let first = seen.insert((stream.kind, stream.id));
            if first && state.last_sequence(stream.kind, stream.id) != stream.expected {
                return Err(AppendError::Conflict);
            }
        }
        for stream in streams {
            state.push(stream);
        }
        let position = Position(i64::try_from(state.events.len()).unwrap_or(i64::MAX));
        Ok(Appended { position })
    }
}

#[async_trait]
impl Sequencer for Memory {
    async fn step(&self) -> Result<Sequenced, StoreError> {
        let mut state = self.state();
        state.answers("sequencer.step")?;
        let before = state.sequenced;
        while state.sequenced < state.events.len() {
            state.seal_next();
        }
        let head = Ordinal(state.sequenced.try_into().unwrap_or(i64::MAX));
        Ok(Sequenced { events: state.sequenced - before, head })
    }
}

#[async_trait]
impl LogReader for Memory {
    async fn page(&self, after: Ordinal, limit: u32) -> Result<Vec<LoggedEvent>, StoreError> {
        let state = self.state();
        let sequenced = state.events.iter().take(state.sequenced);
        let later = sequenced.filter(|event| event.ordinal > after);
        Ok(later.take(limit.try_into().unwrap_or_default()).cloned().collect())
    }

    async fn account_page(&self, wanted: AccountPage<'_>) -> Result<Vec<LoggedEvent>, StoreError> {
        let AccountPage { account, object, from, backwards, limit } = wanted;
        let of = |event: &LoggedEvent| {
            object.is_none_or(|(kind, id)| {
                event.row.aggregate_type == kind && event.row.aggregate_id == id
            })
        };
        let state = self.state();
        let sequenced = state.events.iter().take(state.sequenced);
        let mut page: Vec<_> = sequenced
            .filter(|event| event.row.account() == Some(account) && of(event))
            .filter(|event| if backwards { event.ordinal < from } else { event.ordinal > from })
            .cloned()
            .collect();
        if backwards {
            page.reverse();
        }
        page.truncate(limit.try_into().unwrap_or_default());
        Ok(page)
    }

    async fn head(&self) -> Result<LogHead, StoreError> {
        let state = self.state();
        let ordinal = Ordinal(state.sequenced.try_into().unwrap_or(i64::MAX));
        Ok(LogHead { ordinal, stored: state.events.len().try_into().unwrap_or(i64::MAX) })
    }

    async fn ordinal_of(&self, position: Position) -> Result<Option<Ordinal>, StoreError> {
        let sequenced = i64::try_from(self.state().sequenced).unwrap_or(i64::MAX);
        Ok((position.0 <= sequenced).then_some(Ordinal(position.0)))
    }
}
