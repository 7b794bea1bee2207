//! The journal: typed streams over the event store, sealed and canonical.

use super::{
    canonical::{self, NotCanonical},
    group::Group,
    keyring::{Keyring, KeyringError},
    metadata::EventMeta,
    remembered::{self, Remembered, Sight},
    sealing::{self, Place},
};
use crate::{
    bridge::{Logged, Stream, StreamKind, Streamed, event_type},
    ports::{
        AppendError, Appended, EventStore, FactRow, LoggedEvent, NewEvent, StoreError, StoredJson,
        StreamAppend,
    },
};
use cqrs_es::{Aggregate, event_sink::EventSink, persist::SerializedEvent};
use herald_kernel::{AccountId, CommandId, Fact as _};
use serde_json::Value;
use std::{
    borrow::Cow,
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};
use uuid::Uuid;

/// Why the journal could not do what was asked. Nothing was written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JournalError {
    /// Somebody else appended first.
    #[error("the stream has moved on")]
    Conflict,
    /// The storage engine failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A key is missing or a ciphertext was tampered with.
    #[error(transparent)]
    Keys(#[from] KeyringError),
    /// The event does not fit the log's profile.
    #[error(transparent)]
    NotCanonical(#[from] NotCanonical),
    /// A stored event is of a type or shape that this binary does not know.
    #[error("event {sequence} of {kind} {id} cannot be read: {cause}")]
    Unreadable {
        /// The stream's type.
        kind: &'static str,
        /// The stream.
        id: Uuid,
        /// The event's number.
        sequence: u64,
        /// What the decoder said.
        cause: String,
    },
}

impl From<AppendError> for JournalError {
    fn from(error: AppendError) -> Self {
        match error {
            AppendError::Conflict => Self::Conflict,
            AppendError::Store(error) => Self::Store(error),
        }
    }
}

/// A command that a stream has followed already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handled {
    /// The keyed fingerprint of its request.
    pub fingerprint: Arc<str>,
}

/// A stream's state and what the command side needs beside it.
#[derive(Debug, Clone)]
pub struct Loaded<D> {
    /// The stream.
    pub id: Uuid,
    /// The folded state.
    pub state: D,
    /// The sequence of the last event; 0 when the stream does not exist.
    pub version: u64,
    /// Whose stream it is.
    pub account: Option<AccountId>,
    /// The commands that it has followed.
    pub commands: Arc<HashMap<CommandId, Handled>>,
    /// About how many bytes it takes to remember it.
    pub(super) bytes: usize,
}

/// What one stream gains in one append.
#[derive(Debug, Clone)]
pub struct Writing {
    pub(super) kind: StreamKind,
    id: Uuid,
    pub(super) expected: u64,
    pub(super) events: Vec<(String, String, Value)>,
}

impl Writing {
    pub(super) const fn name(&self) -> (StreamKind, Uuid) {
        (self.kind, self.id)
    }
}

/// The typed log: the one way to read and write streams.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "a bundle of ports has nothing to print")]
pub struct Journal {
    events: Arc<dyn EventStore>,
    group: Arc<Group>,
    keyring: Arc<Keyring>,
    remembered: Arc<Remembered>,
}

impl Journal {
    /// A journal over one engine's event store.
    #[must_use]
    pub fn new(events: Arc<dyn EventStore>, keyring: Arc<Keyring>) -> Self {
        let group = Arc::new(Group::new(Arc::clone(&events)));
        Self { events, group, keyring, remembered: Arc::default() }
    }

    /// The keys under which personal values are sealed.
    #[must_use]
    pub fn keyring(&self) -> &Arc<Keyring> {
        &self.keyring
    }

    /// Loads and folds a stream; an empty one when it does not exist.
    pub async fn load<D: Streamed>(&self, id: Uuid) -> Result<Loaded<D>, JournalError> {
        let stored = self.events.load(D::KIND, id).await?;
        let mut loaded = Loaded {
            id,
            state: D::default(),
            version: 0,
            account: None,
            commands: Arc::default(),
            bytes: 0,
        };
        let mut commands = HashMap::new();
        for event in stored {
            loaded.account = loaded.account.or_else(|| meta(&event, "account_id")?.parse().ok());
            loaded.bytes += remembered::bytes(&event.payload) + remembered::bytes(&event.metadata);
            if let Some(command) = meta(&event, "command_id").and_then(|text| text.parse().ok()) {
                let fingerprint = meta(&event, "fingerprint").unwrap_or_default().into();
                commands.insert(command, Handled { fingerprint });
            }
            loaded.version = u64::try_from(event.sequence).unwrap_or(u64::MAX);
            let place = Place { kind: D::STREAM, id, sequence: loaded.version };
            let text = event.payload.to_string();
            let fact = self.read::<D>(&text, loaded.account, &place).await?;
            loaded.state.evolve(&fact);
        }
        loaded.commands = Arc::new(commands);
        Ok(loaded)
    }

    /// As [`Self::load`]; from memory where the store confirms, by the stream's version alone, that
    /// nothing was added since.
    pub(crate) async fn confirmed<D: Streamed>(
        &self,
        id: Uuid,
    ) -> Result<Arc<Loaded<D>>, JournalError> {
        let known = self.remembered.get::<D>(id);
        // A destroyed key is forgotten, and with it what it opened.
        let known = known.filter(|known| known.account.is_some_and(|of| self.keyring.knows(of)));
        if let Some(known) = known
            && self.events.versions(&[(D::KIND, id)]).await? == [known.version]
        {
            return Ok(known);
        }
        let loaded = Arc::new(self.load::<D>(id).await?);
        if loaded.version > 0 {
            self.remembered.put(&loaded);
        }
        Ok(loaded)
    }

    /// As [`Self::load`], but where `trust` allows it from memory, which may be out of date. What was
    /// looked at is added to `sight`, for [`Self::append_seen`] to prove.
    pub(crate) async fn recall<D: Streamed>(
        &self,
        id: Uuid,
        trust: bool,
        sight: &Mutex<Sight>,
    ) -> Result<Loaded<D>, JournalError> {
        let known = if trust { self.remembered.get::<D>(id) } else { None };
        // A destroyed key is forgotten, and with it what it opened.
        let known = known.filter(|known| known.account.is_some_and(|of| self.keyring.knows(of)));
        let remembered = known.is_some();
        let loaded = match known {
            Some(loaded) => loaded,
            None => Arc::new(self.load::<D>(id).await?),
        };
        if !remembered && loaded.version > 0 {
            self.remembered.put(&loaded);
        }
        sight.lock().unwrap_or_else(PoisonError::into_inner).add(&loaded, remembered);
        Ok(Loaded::clone(&loaded))
    }

    /// The event that `payload` holds.
    async fn read<D: Streamed>(
        &self,
        payload: &str,
        account: Option<AccountId>,
        place: &Place<'_>,
    ) -> Result<D::Event, JournalError> {
        let text = self.opened(payload, account, place).await?;
        serde_json::from_str(&text).map_err(|error| JournalError::Unreadable {
            kind: D::STREAM,
            id: place.id,
            sequence: place.sequence,
            cause: error.to_string(),
        })
    }

    /// The event of `D` that `fact` holds, with its personal values opened; `None` for an event of
    /// another aggregate.
    pub async fn decode<D: Streamed>(
        &self,
        fact: &FactRow,
    ) -> Result<Option<D::Event>, JournalError> {
        let (true, Some(id)) = (fact.aggregate_type == D::STREAM, fact.stream()) else {
            return Ok(None);
        };
        let sequence = u64::try_from(fact.sequence).unwrap_or_default();
        let place = Place { kind: D::STREAM, id, sequence };
        self.read::<D>(fact.payload.as_str(), fact.account, &place).await.map(Some)
    }

    /// A logged event's payload with its personal values opened, for the account's own audit log.
    pub async fn reveal(&self, logged: &LoggedEvent) -> Result<Value, JournalError> {
        let Some(id) = logged.row.stream() else { return Ok(logged.row.payload.value()?) };
        let sequence = u64::try_from(logged.row.sequence).unwrap_or_default();
        let place = Place { kind: &logged.row.aggregate_type, id, sequence };
        let opened = self.opened(logged.row.payload.as_str(), logged.row.account(), &place).await?;
        Ok(StoredJson::new(opened).value()?)
    }

    async fn opened<'p>(
        &self,
        payload: &'p str,
        account: Option<AccountId>,
        place: &Place<'_>,
    ) -> Result<Cow<'p, str>, JournalError> {
        if !sealing::may_be_sealed(payload) {
            return Ok(Cow::Borrowed(payload));
        }
        let key = match account {
            Some(account) => self.keyring.existing(account).await?,
            None => None,
        };
        Ok(Cow::Owned(sealing::open(payload, key.as_ref(), place)?))
    }

    /// Appends to several streams, all or nothing.
    pub async fn append(
        &self,
        writings: &[Writing],
        meta: &EventMeta,
    ) -> Result<Appended, JournalError> {
        let metadata = meta.to_json();
        canonical::check(&metadata)?;
        let mut streams = Vec::with_capacity(writings.len());
        for writing in writings {
            streams.push(self.prepare(writing, meta.account, &metadata).await?);
        }
        Ok(self.group.append(streams).await?)
    }

    /// As [`Self::append`], where the decision rests on `sight`: what of it was remembered and is not
    /// written now must still be so, and is a conflict when it is not.
    pub(crate) async fn append_seen(
        &self,
        writings: &[Writing],
        meta: &EventMeta,
        sight: &Sight,
    ) -> Result<Appended, JournalError> {
        let appended = match self.prove(sight, writings).await {
            Ok(()) => self.append(writings, meta).await,
            Err(error) => Err(error),
        };
        match &appended {
            Ok(_) => self.remembered.follow(sight, writings, meta),
            Err(_) => self.remembered.forget(sight, writings),
        }
        appended
    }

    async fn prove(&self, sight: &Sight, writings: &[Writing]) -> Result<(), JournalError> {
        let (streams, versions) = sight.unproven(writings);
        if streams.is_empty() || self.events.versions(&streams).await? == versions {
            return Ok(());
        }
        Err(JournalError::Conflict)
    }

    async fn prepare(
        &self,
        writing: &Writing,
        account: AccountId,
        metadata: &Value,
    ) -> Result<StreamAppend, JournalError> {
        let mut events = Vec::with_capacity(writing.events.len());
        for (sequence, (name, version, payload)) in (writing.expected + 1..).zip(&writing.events) {
            let mut payload = payload.clone();
            if sealing::is_personal(&payload) {
                let key = self.keyring.ensure(account).await?;
                let place = Place { kind: writing.kind.as_str(), id: writing.id, sequence };
                sealing::seal(&mut payload, &key, &place);
            }
            canonical::check(&payload)?;
            events.push(NewEvent {
                event_type: name.clone(),
                event_version: version.clone(),
                payload,
                metadata: metadata.clone(),
            });
        }
        Ok(StreamAppend { kind: writing.kind, id: writing.id, expected: writing.expected, events })
    }
}

impl<D: Streamed> Loaded<D> {
    /// How many events there are: the version that a client compares.
    #[must_use]
    pub fn events(&self) -> i64 {
        i64::try_from(self.version).unwrap_or(i64::MAX)
    }

    /// Decides through the bridge, folds what follows into the state, and answers what to write;
    /// `None` when it is already so.
    pub async fn decide(
        &mut self,
        command: D::Command,
        context: &D::Context,
    ) -> Result<Option<Writing>, Decided<D::Refusal>> {
        let sink = EventSink::<Stream<D>>::default();
        let mut stream = Stream(std::mem::take(&mut self.state));
        let decided = stream.handle(command, context, &sink).await;
        self.state = stream.0;
        decided.map_err(Decided::Refused)?;
        let events = sink.collect().await;
        if events.is_empty() {
            return Ok(None);
        }
        let expected = self.version;
        let events: Vec<_> = events
            .into_iter()
            .map(|Logged(event)| {
                let payload = serde_json::to_value(&event).map_err(|_| Decided::Unwritable)?;
                Ok((event_type::<D>(&event), event.version().to_string(), payload))
            })
            .collect::<Result<_, _>>()?;
        self.version += u64::try_from(events.len()).unwrap_or_default();
        Ok(Some(Writing { kind: D::KIND, id: self.id, expected, events }))
    }
}

/// Why nothing is to be written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Decided<R> {
    /// The domain said no.
    #[error("refused")]
    Refused(R),
    /// The event has no JSON form: a defect of ours.
    #[error("an event cannot be written")]
    Unwritable,
}

fn meta<'e>(event: &'e SerializedEvent, key: &str) -> Option<&'e str> {
    event.metadata.get(key).and_then(Value::as_str)
}
