//! The table of events is that of `cqrs-es`: its unmodified crate for an engine and ours read what
//! the other wrote, go on from there, and notice each other's writes.

use super::log::{assert_sound, read_all, sequence_all};
use crate::{
    Storage,
    samples::{account, id, metadata},
};
use cqrs_es::{
    AggregateError, CqrsFramework,
    persist::{PersistedEventRepository, PersistedEventStore, PersistenceError, SerializedEvent},
};
use herald_application::{
    bridge::{Stream, StreamKind},
    ports::{AppendError, NewEvent, Stores, StreamAppend},
};
use herald_kernel::{Claim, ClaimCommand, ClaimEvent, ClaimRefusal};
use serde_json::json;

/// One database, opened by us and by the unmodified crate with the repository `R`.
pub struct Both<R: PersistedEventRepository> {
    storage: Storage,
    framework: CqrsFramework<Stream<Claim>, PersistedEventStore<R, Stream<Claim>>>,
    theirs: R,
}

impl<R: PersistedEventRepository> std::fmt::Debug for Both<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Both").finish_non_exhaustive()
    }
}

impl<R: PersistedEventRepository> Both<R> {
    /// `open` opens the database of `storage`.
    pub fn new(storage: Storage, open: impl Fn() -> R) -> Self {
        let store = PersistedEventStore::new_event_store(open());
        Self { storage, framework: CqrsFramework::new(store, vec![], ()), theirs: open() }
    }

    fn ours(&self) -> &Stores {
        &self.storage.stores
    }

    async fn types(&self, n: u128) -> Vec<String> {
        let events = self.ours().events.load(StreamKind::Claim, id(n)).await;
        events.expect("a stream").into_iter().map(|event| event.event_type).collect()
    }
}

fn taken(n: u128, expected: u64) -> StreamAppend {
    let event = ClaimEvent::Taken { by: id(7) };
    let event = NewEvent {
        event_type: "claim.taken".to_owned(),
        event_version: "1".to_owned(),
        payload: serde_json::to_value(event).expect("an event serialises"),
        metadata: metadata(account(1), 1),
    };
    StreamAppend { kind: StreamKind::Claim, id: id(n), expected, events: vec![event] }
}

fn released(n: u128, sequence: usize) -> SerializedEvent {
    SerializedEvent::new(
        id(n).to_string(),
        sequence,
        "claim".to_owned(),
        "claim.released".to_owned(),
        "1".to_owned(),
        json!({"type": "released", "by": id(7)}),
        json!({}),
    )
}

pub async fn what_the_crate_writes_we_read_sequence_and_continue<R>(both: Both<R>)
where
    R: PersistedEventRepository,
{
    let stream = id(1).to_string();
    for command in [ClaimCommand::Take { by: id(7) }, ClaimCommand::Release { by: id(7) }] {
        both.framework.execute(&stream, command).await.expect("an accepted command");
    }
    assert_eq!(both.types(1).await, ["claim.taken", "claim.released"]);
    assert_eq!(both.ours().events.append(&[taken(1, 1)]).await, Err(AppendError::Conflict));
    both.ours().events.append(&[taken(1, 2)]).await.expect("the next event");
    sequence_all(both.ours()).await;
    let log = read_all(both.ours()).await;
    assert_sound(&log);
    assert_eq!(log.iter().map(|event| event.row.sequence).collect::<Vec<_>>(), [1, 2, 3]);
}

pub async fn what_we_write_the_crate_reads_and_continues<R>(both: Both<R>)
where
    R: PersistedEventRepository,
{
    both.ours().events.append(&[taken(1, 0), taken(2, 0)]).await.expect("two streams");
    let stream = id(1).to_string();
    let refused = both.framework.execute(&stream, ClaimCommand::Take { by: id(8) }).await;
    assert!(matches!(refused, Err(AggregateError::UserError(ClaimRefusal::Taken))), "{refused:?}");
    let release = ClaimCommand::Release { by: id(7) };
    both.framework.execute(&stream, release).await.expect("an accepted command");
    assert_eq!(both.types(1).await, ["claim.taken", "claim.released"]);
    let events = both.theirs.get_events::<Stream<Claim>>(&stream).await.expect("the stream");
    assert_eq!(events.iter().map(|event| event.sequence).collect::<Vec<_>>(), [1, 2]);
    sequence_all(both.ours()).await;
    assert_sound(&read_all(both.ours()).await);
}

pub async fn the_crate_still_knows_a_conflict_when_we_were_first<R>(both: Both<R>)
where
    R: PersistedEventRepository,
{
    both.ours().events.append(&[taken(1, 0)]).await.expect("a stream");
    let late = both.theirs.persist::<Stream<Claim>>(&[released(1, 1)], None).await;
    assert!(matches!(late, Err(PersistenceError::OptimisticLockError)), "{late:?}");
    let gap = both.theirs.persist::<Stream<Claim>>(&[released(1, 3)], None).await;
    assert!(matches!(gap, Err(PersistenceError::UnknownError(_))), "{gap:?}");
    both.theirs.persist::<Stream<Claim>>(&[released(1, 2)], None).await.expect("the next event");
    assert_eq!(both.types(1).await, ["claim.taken", "claim.released"]);
}
