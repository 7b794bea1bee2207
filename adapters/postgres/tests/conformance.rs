//! The table of events is that of `cqrs-es`: its unmodified crate for PostgreSQL and ours read what
//! the other wrote, go on from there, and notice each other's writes.

#![expect(clippy::expect_used, clippy::panic, reason = "a test stops with a sentence")]

use cqrs_es::{
    AggregateError,
    persist::{PersistedEventRepository as _, PersistenceError, SerializedEvent},
};
use herald_application::{
    bridge::{Stream, StreamKind},
    ports::{AppendError, NewEvent, StoreError, Stores, StreamAppend},
};
use herald_kernel::{Claim, ClaimCommand, ClaimEvent, ClaimRefusal};
use herald_test_support::{
    Storage,
    samples::{account, id, metadata},
    storage::Engine,
    suite::log::{assert_sound, read_all, sequence_all},
};
use postgres_es::{PostgresCqrs, PostgresEventRepository};
use serde_json::json;
use sqlx::PgPool;

struct Both {
    ours: Stores,
    framework: PostgresCqrs<Stream<Claim>>,
    theirs: PostgresEventRepository,
    _storage: Storage,
}

/// One database, opened by us and by the unmodified crate.
async fn both() -> Both {
    let storage = Storage::postgres().await;
    let Engine::Postgres { place, .. } = &storage.engine else { panic!("another engine") };
    let pool = PgPool::connect_with(place.options()).await.expect("the same database");
    Both {
        ours: storage.stores.clone(),
        framework: postgres_es::postgres_cqrs(pool.clone(), vec![], ()),
        theirs: PostgresEventRepository::new(pool),
        _storage: storage,
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

fn theirs(n: u128, sequence: usize) -> SerializedEvent {
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

async fn types(stores: &Stores, n: u128) -> Result<Vec<String>, StoreError> {
    let events = stores.events.load(StreamKind::Claim, id(n)).await?;
    Ok(events.into_iter().map(|event| event.event_type).collect())
}

#[tokio::test]
async fn what_the_crate_writes_we_read_sequence_and_continue() {
    let both = both().await;
    let stream = id(1).to_string();
    for command in [ClaimCommand::Take { by: id(7) }, ClaimCommand::Release { by: id(7) }] {
        both.framework.execute(&stream, command).await.expect("an accepted command");
    }
    assert_eq!(types(&both.ours, 1).await.unwrap(), ["claim.taken", "claim.released"]);
    assert_eq!(both.ours.events.append(&[taken(1, 1)]).await, Err(AppendError::Conflict));
    both.ours.events.append(&[taken(1, 2)]).await.expect("the next event");
    sequence_all(&both.ours).await;
    let log = read_all(&both.ours).await;
    assert_sound(&log);
    assert_eq!(log.iter().map(|event| event.sequence).collect::<Vec<_>>(), [1, 2, 3]);
}

#[tokio::test]
async fn what_we_write_the_crate_reads_and_continues() {
    let both = both().await;
    both.ours.events.append(&[taken(1, 0), taken(2, 0)]).await.expect("two streams");
    let stream = id(1).to_string();
    let refused = both.framework.execute(&stream, ClaimCommand::Take { by: id(8) }).await;
    assert!(matches!(refused, Err(AggregateError::UserError(ClaimRefusal::Taken))), "{refused:?}");
    let release = ClaimCommand::Release { by: id(7) };
    both.framework.execute(&stream, release).await.expect("an accepted command");
    assert_eq!(types(&both.ours, 1).await.unwrap(), ["claim.taken", "claim.released"]);
    let events = both.theirs.get_events::<Stream<Claim>>(&stream).await.expect("the stream");
    assert_eq!(events.iter().map(|event| event.sequence).collect::<Vec<_>>(), [1, 2]);
    sequence_all(&both.ours).await;
    assert_sound(&read_all(&both.ours).await);
}

#[tokio::test]
async fn the_crate_still_knows_a_conflict_when_we_were_first() {
    let both = both().await;
    both.ours.events.append(&[taken(1, 0)]).await.expect("a stream");
    let late = both.theirs.persist::<Stream<Claim>>(&[theirs(1, 1)], None).await;
    assert!(matches!(late, Err(PersistenceError::OptimisticLockError)), "{late:?}");
    let gap = both.theirs.persist::<Stream<Claim>>(&[theirs(1, 3)], None).await;
    assert!(matches!(gap, Err(PersistenceError::UnknownError(_))), "{gap:?}");
    both.theirs.persist::<Stream<Claim>>(&[theirs(1, 2)], None).await.expect("the next event");
    assert_eq!(types(&both.ours, 1).await.unwrap(), ["claim.taken", "claim.released"]);
}
