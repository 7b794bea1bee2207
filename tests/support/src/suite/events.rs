//! Streams: what is appended is there as it was, once, and for ever.

use crate::{
    Storage,
    samples::{account, append, event, id},
};
use futures::future::join_all;
use herald_application::{
    bridge::StreamKind,
    ports::{AppendError, StoreError},
};

async fn length(storage: &Storage, n: u128) -> usize {
    storage.stores.events.load(StreamKind::Claim, id(n)).await.expect("a stream").len()
}

pub async fn a_stream_loads_as_it_was_appended(storage: Storage) {
    let events = &storage.stores.events;
    let first = events.append(&[append(1, 0, 2)]).await.expect("a new stream");
    let second = events.append(&[append(1, 2, 1)]).await.expect("its next event");
    assert!(second.position > first.position);
    let loaded = events.load(StreamKind::Claim, id(1)).await.expect("the stream");
    assert_eq!(loaded.iter().map(|event| event.sequence).collect::<Vec<_>>(), [1, 2, 3]);
    for (stored, n) in loaded.iter().zip(1..) {
        let given = event(account(1), n);
        assert_eq!(stored.aggregate_type, "claim");
        assert_eq!(stored.aggregate_id, id(1).to_string());
        assert_eq!(
            (&stored.event_type, &stored.event_version),
            (&given.event_type, &given.event_version)
        );
        assert_eq!((&stored.payload, &stored.metadata), (&given.payload, &given.metadata));
    }
}

pub async fn a_missing_stream_is_empty(storage: Storage) {
    storage.stores.events.append(&[append(1, 0, 1)]).await.expect("another stream");
    for kind in StreamKind::ALL {
        let loaded = storage.stores.events.load(kind, id(2)).await.expect("no stream");
        assert_eq!(loaded, []);
    }
    let other_kind = storage.stores.events.load(StreamKind::Post, id(1)).await.expect("no stream");
    assert_eq!(other_kind, []);
}

pub async fn an_outdated_append_is_a_conflict_and_stores_nothing(storage: Storage) {
    let events = &storage.stores.events;
    events.append(&[append(1, 0, 2)]).await.expect("a new stream");
    for expected in [0, 1] {
        let late = events.append(&[append(1, expected, 3)]).await;
        assert_eq!(late, Err(AppendError::Conflict));
    }
    assert_eq!(length(&storage, 1).await, 2);
}

pub async fn an_append_beyond_the_end_is_a_conflict_and_stores_nothing(storage: Storage) {
    let events = &storage.stores.events;
    events.append(&[append(1, 0, 2)]).await.expect("a new stream");
    assert_eq!(events.append(&[append(1, 3, 1)]).await, Err(AppendError::Conflict));
    assert_eq!(events.append(&[append(2, 6, 1)]).await, Err(AppendError::Conflict));
    assert_eq!((length(&storage, 1).await, length(&storage, 2).await), (2, 0));
    events.append(&[append(1, 2, 1)]).await.expect("the store works on");
}

pub async fn an_append_to_several_streams_is_all_or_nothing(storage: Storage) {
    let events = &storage.stores.events;
    events.append(&[append(1, 0, 1), append(2, 0, 2)]).await.expect("two new streams");
    let half = events.append(&[append(1, 1, 1), append(2, 1, 1)]).await;
    assert_eq!(half, Err(AppendError::Conflict));
    let gap = events.append(&[append(1, 1, 1), append(2, 3, 1)]).await;
    assert_eq!(gap, Err(AppendError::Conflict));
    let twice = events.append(&[append(1, 1, 1), append(1, 1, 1)]).await;
    assert_eq!(twice, Err(AppendError::Conflict));
    assert_eq!((length(&storage, 1).await, length(&storage, 2).await), (1, 2));
    let head = storage.stores.log.head().await.expect("the log");
    assert_eq!(head.stored, 3);
}

pub async fn one_append_may_go_on_in_the_same_stream(storage: Storage) {
    let events = &storage.stores.events;
    let steps = [append(1, 0, 1), append(2, 0, 1), append(1, 1, 2), append(1, 3, 1)];
    events.append(&steps).await.expect("one step after the other");
    assert_eq!((length(&storage, 1).await, length(&storage, 2).await), (4, 1));
    let late = events.append(&[append(1, 3, 1), append(1, 4, 1)]).await;
    assert_eq!(late, Err(AppendError::Conflict));
    let gap = events.append(&[append(1, 4, 1), append(1, 6, 1)]).await;
    assert_eq!(gap, Err(AppendError::Conflict));
    assert_eq!(length(&storage, 1).await, 4);
}

pub async fn the_versions_of_streams_are_told_in_the_order_of_the_question(storage: Storage) {
    let events = &storage.stores.events;
    events.append(&[append(1, 0, 3), append(2, 0, 1)]).await.expect("two new streams");
    let of = |n| (StreamKind::Claim, id(n));
    let asked = [of(2), (StreamKind::Post, id(1)), of(1), of(3), of(2)];
    assert_eq!(events.versions(&asked).await, Ok(vec![1, 0, 3, 0, 1]));
    events.append(&[append(2, 1, 1)]).await.expect("its next event");
    assert_eq!(events.versions(&[of(2)]).await, Ok(vec![2]));
    assert_eq!(events.versions(&[]).await, Ok(vec![]));
}

pub async fn an_append_may_be_larger_than_one_statement(storage: Storage) {
    let events = &storage.stores.events;
    events.append(&[append(1, 0, 1_300), append(2, 0, 2)]).await.expect("two new streams");
    assert_eq!((length(&storage, 1).await, length(&storage, 2).await), (1_300, 2));
    let half = events.append(&[append(3, 0, 1_300), append(2, 0, 1)]).await;
    assert_eq!(half, Err(AppendError::Conflict));
    assert_eq!(length(&storage, 3).await, 0, "nothing of it is written");
}

pub async fn an_append_of_nothing_is_refused(storage: Storage) {
    let events = &storage.stores.events;
    for nothing in [vec![], vec![append(1, 0, 0)], vec![append(1, 0, 1), append(2, 0, 0)]] {
        let answer = events.append(&nothing).await;
        assert!(matches!(answer, Err(AppendError::Store(StoreError::Corrupt(_)))), "{answer:?}");
    }
    assert_eq!(length(&storage, 1).await, 0);
}

pub async fn of_many_writers_of_one_version_exactly_one_wins(storage: Storage) {
    let events = &storage.stores.events;
    for round in 0..5 {
        let writers = (0..8).map(|_| {
            let events = events.clone();
            tokio::spawn(
                async move { events.append(&[append(1, round, 1), append(2, round, 1)]).await },
            )
        });
        let answers = join_all(writers).await;
        let answers: Vec<_> = answers.into_iter().map(|a| a.expect("no panic")).collect();
        assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1, "{answers:?}");
        assert!(
            answers.iter().all(|a| a.is_ok() || *a == Err(AppendError::Conflict)),
            "{answers:?}"
        );
    }
    assert_eq!((length(&storage, 1).await, length(&storage, 2).await), (5, 5));
}

pub async fn an_event_can_neither_be_changed_nor_deleted_nor_replaced(storage: Storage) {
    storage.stores.events.append(&[append(1, 0, 2)]).await.expect("a new stream");
    let before = storage.stores.events.load(StreamKind::Claim, id(1)).await;
    for evil in [
        "UPDATE events SET event_type = 'claim.evil'",
        "UPDATE events SET sequence = sequence + 1 WHERE sequence = 2",
        "DELETE FROM events WHERE sequence = 2",
        "DELETE FROM events",
        storage.replace_an_event(),
    ] {
        assert!(storage.execute(evil).await.is_err(), "{evil}");
    }
    assert_eq!(storage.stores.events.load(StreamKind::Claim, id(1)).await, before);
}
