//! The order: every event once, in a chain that anybody can recompute.

use crate::{
    Storage,
    samples::{account, append, append_of},
};
use herald_application::{
    log::digest::{self, GENESIS},
    ports::{AccountPage, FactRow, LoggedEvent, Ordinal, Position, StoreError, StoredJson, Stores},
};
use serde_json::json;
use std::collections::HashMap;
use uuid::Uuid;

/// Sequences everything that is stored.
pub async fn sequence(storage: &Storage) -> Ordinal {
    sequence_all(&storage.stores).await
}

/// Sequences everything that `stores` hold.
pub async fn sequence_all(stores: &Stores) -> Ordinal {
    loop {
        let step = stores.sequencer.step().await.expect("a step of the sequencer");
        if step.events == 0 {
            return step.head;
        }
    }
}

/// The whole log.
pub async fn read(storage: &Storage) -> Vec<LoggedEvent> {
    read_all(&storage.stores).await
}

/// The whole log of `stores`.
pub async fn read_all(stores: &Stores) -> Vec<LoggedEvent> {
    let mut events: Vec<LoggedEvent> = Vec::new();
    loop {
        let after = events.last().map_or(Ordinal(0), |event| event.ordinal);
        let page = stores.log.page(after, 7).await.expect("a page of the log");
        if page.is_empty() {
            return events;
        }
        events.extend(page);
    }
}

/// Gapless ordinals, each stream in its order, digests and chain right.
pub fn assert_sound(events: &[LoggedEvent]) {
    let mut chain = GENESIS;
    let mut streams: HashMap<(&str, &str), i64> = HashMap::new();
    for (event, ordinal) in events.iter().zip(1..) {
        assert_eq!(event.ordinal, Ordinal(ordinal));
        let last = streams.entry((&event.row.aggregate_type, &event.row.aggregate_id)).or_default();
        assert_eq!(event.row.sequence, *last + 1, "stream order at {ordinal}");
        *last += 1;
        let digest = event.row.digest().expect("JSON");
        assert_eq!(event.digest, digest, "the digest at {ordinal}");
        chain = digest::chain(&chain, event.ordinal, &digest);
        assert_eq!(event.chain, chain, "the chain at {ordinal}");
    }
}

pub async fn every_event_gets_one_ordinal_in_a_chain_without_gaps(storage: Storage) {
    let events = &storage.stores.events;
    events.append(&[append(1, 0, 3)]).await.expect("a stream");
    assert_eq!(sequence(&storage).await, Ordinal(3));
    events.append(&[append(2, 0, 1), append(1, 3, 2)]).await.expect("two streams");
    events.append(&[append(2, 1, 1)]).await.expect("a stream");
    assert_eq!(sequence(&storage).await, Ordinal(7));
    let log = read(&storage).await;
    assert_eq!(log.len(), 7);
    assert_sound(&log);
}

pub async fn a_step_without_new_events_changes_nothing(storage: Storage) {
    let empty = storage.stores.sequencer.step().await.expect("a step");
    assert_eq!((empty.events, empty.head), (0, Ordinal(0)));
    storage.stores.events.append(&[append(1, 0, 2)]).await.expect("a stream");
    let first = storage.stores.sequencer.step().await.expect("a step");
    assert_eq!((first.events, first.head), (2, Ordinal(2)));
    let second = storage.stores.sequencer.step().await.expect("a step");
    assert_eq!((second.events, second.head), (0, Ordinal(2)));
    assert_eq!(read(&storage).await.len(), 2);
}

pub async fn the_digest_is_recomputed_from_what_was_read(storage: Storage) {
    storage.stores.events.append(&[append(1, 0, 1)]).await.expect("a stream");
    sequence(&storage).await;
    let mut log = read(&storage).await;
    assert_sound(&log);
    let [event] = log.as_mut_slice() else { panic!("one event, not {}", log.len()) };
    assert!(event.row.recorded_at.micros() > 1_700_000_000_000_000, "{}", event.row.recorded_at);
    event.row.payload = StoredJson::new(r#"{"n": 99}"#);
    let forged = std::panic::catch_unwind(|| assert_sound(&log));
    assert!(forged.is_err(), "a changed event must not pass");
}

pub async fn the_log_reads_in_pages(storage: Storage) {
    storage.stores.events.append(&[append(1, 0, 5)]).await.expect("a stream");
    sequence(&storage).await;
    let ordinals = async |after, limit| {
        let page = storage.stores.log.page(Ordinal(after), limit).await.expect("a page");
        page.into_iter().map(|event| event.ordinal.0).collect::<Vec<_>>()
    };
    assert_eq!(ordinals(0, 2).await, [1, 2]);
    assert_eq!(ordinals(2, 2).await, [3, 4]);
    assert_eq!(ordinals(4, 2).await, [5]);
    assert_eq!(ordinals(5, 2).await, [0_i64; 0]);
    let head = storage.stores.log.head().await.expect("the head");
    assert_eq!((head.ordinal, head.stored), (Ordinal(5), 5));
}

pub async fn the_head_tells_what_waits_and_counting_tells_the_same(storage: Storage) {
    let log = &storage.stores.log;
    let told = async || {
        let head = log.head().await.expect("the head");
        (head.ordinal.0, head.stored, log.counted().await.expect("a count"))
    };
    assert_eq!(told().await, (0, 0, 0));
    storage.stores.events.append(&[append(1, 0, 3)]).await.expect("a stream");
    assert_eq!(told().await, (0, 3, 3));
    sequence(&storage).await;
    assert_eq!(told().await, (3, 3, 3));
    storage.stores.events.append(&[append(1, 3, 1), append(2, 0, 1)]).await.expect("more");
    assert_eq!(told().await, (3, 5, 5));
    sequence(&storage).await;
    assert_eq!(told().await, (5, 5, 5));
}

pub async fn an_account_reads_only_its_own_events(storage: Storage) {
    let events = &storage.stores.events;
    for n in 0..6 {
        let owner = account(1 + n % 2);
        events.append(&[append_of(owner, n, 0, 1)]).await.expect("a stream");
    }
    sequence(&storage).await;
    let ordinals = async |owner, from, backwards, limit| {
        let log = &storage.stores.log;
        let (of, from) = (account(owner), Ordinal(from));
        let wanted = AccountPage { account: of, object: None, from, backwards, limit };
        let page = log.account_page(wanted).await;
        let page = page.expect("a page");
        assert!(page.iter().all(|event| event.row.account() == Some(account(owner))));
        page.into_iter().map(|event| event.ordinal.0).collect::<Vec<_>>()
    };
    assert_eq!(ordinals(1, 0, false, 2).await, [1, 3]);
    assert_eq!(ordinals(1, 3, false, 2).await, [5]);
    assert_eq!(ordinals(2, i64::MAX, true, 2).await, [6, 4]);
    assert_eq!(ordinals(2, 4, true, 9).await, [2]);
    assert_eq!(ordinals(3, 0, false, 9).await, [0_i64; 0]);
}

pub async fn an_object_shows_its_own_events_however_long_the_log_is(storage: Storage) {
    let events = &storage.stores.events;
    for round in 0..3 {
        let pair = [append_of(account(1), 1, round, 1), append_of(account(1), 2, round, 1)];
        events.append(&pair).await.expect("two streams");
    }
    events.append(&[append_of(account(2), 3, 0, 1)]).await.expect("another account");
    sequence(&storage).await;
    let of = |n| append_of(account(1), n, 0, 1);
    let ordinals = async |n, from, backwards, limit| {
        let (kind, id) = (of(n).kind.as_str(), of(n).id.to_string());
        let object = Some((kind, id.as_str()));
        let (account, from) = (account(1), Ordinal(from));
        let wanted = AccountPage { account, object, from, backwards, limit };
        let page = storage.stores.log.account_page(wanted).await.expect("a page");
        assert!(page.iter().all(|event| event.row.aggregate_id == id));
        page.into_iter().map(|event| event.ordinal.0).collect::<Vec<_>>()
    };
    assert_eq!(ordinals(1, 0, false, 2).await, [1, 3]);
    assert_eq!(ordinals(1, 3, false, 2).await, [5]);
    assert_eq!(ordinals(2, i64::MAX, true, 2).await, [6, 4]);
    assert_eq!(ordinals(2, 4, true, 9).await, [2]);
    assert_eq!(ordinals(3, 0, false, 9).await, [0_i64; 0], "another account's stays unseen");
}

pub async fn what_is_folded_is_what_was_logged(storage: Storage) {
    let all = json!({
        "account_id": account(1), "actor": "job:\"Ä\"\n", "command_id": "c", "fingerprint": "f",
        "correlation_id": Uuid::from_u128(7), "causation_id": "event:1",
        "occurred_at": "2026-11-21T09:00:00.123456Z", "via": "job",
    });
    let foreign = json!({"account_id": "somebody", "actor": null, "n": [1]});
    for (n, metadata) in (1..).zip([all, foreign, json!({})]) {
        let mut one = append(n, 0, 1);
        one.events.iter_mut().for_each(|event| event.metadata = metadata.clone());
        storage.stores.events.append(&[one]).await.expect("a stream");
    }
    storage.stores.events.append(&[append(9, 0, 3)]).await.expect("a stream");
    sequence(&storage).await;
    let log = &storage.stores.log;
    for (after, limit) in [(0, 100), (0, 2), (4, 100), (6, 100)] {
        let page = log.page(Ordinal(after), limit).await.expect("a page");
        let logged: Vec<_> = page.into_iter().map(FactRow::from).collect();
        assert_eq!(log.facts(Ordinal(after), limit).await, Ok(logged), "{limit} after {after}");
    }
    let facts = log.facts(Ordinal(0), 3).await.expect("facts");
    let told: Vec<_> = facts.iter().map(|it| (it.account, &*it.actor, it.correlation)).collect();
    let all = (Some(account(1)), "job:\"Ä\"\n", Some(Uuid::from_u128(7)));
    assert_eq!(told, [all, (None, "", None), (None, "", None)]);
    let first = facts.first().map(|it| it.at.to_string());
    assert_eq!(first.as_deref(), Some("2026-11-21T09:00:00.123456Z"));
    let stored = |it: &FactRow| it.at.micros() > 1_700_000_000_000_000;
    assert!(facts.iter().skip(1).all(stored), "when they were stored: {facts:?}");
}

pub async fn a_missing_link_is_an_error_and_not_a_short_page(storage: Storage) {
    storage.stores.events.append(&[append(1, 0, 3)]).await.expect("a stream");
    sequence(&storage).await;
    storage.tear_out_of_the_log(2).await;
    let log = &storage.stores.log;
    for after in [0, 1] {
        let page = log.page(Ordinal(after), 10).await;
        assert!(matches!(page, Err(StoreError::Corrupt(_))), "{page:?}");
        let facts = log.facts(Ordinal(after), 10).await;
        assert!(matches!(facts, Err(StoreError::Corrupt(_))), "{facts:?}");
    }
}

pub async fn the_log_can_neither_be_changed_nor_deleted(storage: Storage) {
    storage.stores.events.append(&[append(1, 0, 2)]).await.expect("a stream");
    sequence(&storage).await;
    for evil in [
        "UPDATE event_log SET ordinal = ordinal + 10",
        "UPDATE event_log SET account_id = 'somebody else'",
        "DELETE FROM event_log WHERE ordinal = 2",
    ] {
        assert!(storage.execute(evil).await.is_err(), "{evil}");
    }
    assert_sound(&read(&storage).await);
}

pub async fn a_position_finds_its_ordinal_once_it_is_sequenced(storage: Storage) {
    let first = storage.stores.events.append(&[append(1, 0, 2)]).await.expect("a stream");
    let log = &storage.stores.log;
    assert_eq!(log.ordinal_of(first.position).await, Ok(None));
    sequence(&storage).await;
    assert_eq!(log.ordinal_of(first.position).await, Ok(Some(Ordinal(2))));
    assert_eq!(log.ordinal_of(Position(first.position.0 + 1)).await, Ok(None));
}
