//! The inbox: kept once, applied in order, claimed again, replayed, forgotten.

use crate::{
    Storage,
    samples::{at, hash},
};
use futures::future::join_all;
use herald_application::ports::{
    Arrival, ClaimedArrival, InboxBacklog, InboxCursor, InboxFilter, InboxReception, InboxReplay,
    InboxRow, InboxSettlement, InboxState, InboxStateName, Lease,
};
use std::{
    collections::{BTreeMap, HashSet},
    sync::{Arc, Mutex},
    time::Duration,
};

/// An event of `key` that came at `seconds`.
#[must_use]
pub fn arrival(event_id: &str, key: &str, seconds: i64) -> Arrival {
    Arrival {
        source: "stripe".to_owned(),
        event_id: event_id.to_owned(),
        kind: "invoice.paid".to_owned(),
        key: key.to_owned(),
        object: Some("in_1".to_owned()),
        api_version: Some("2026-09-30".to_owned()),
        occurred_at: Some(at(seconds - 1)),
        headers: BTreeMap::from([("user-agent".to_owned(), "Stripe/1.0 (\"é\")".to_owned())]),
        body: vec![0, 255, b'{', 13, 10].into(),
        sealed: false,
        size: 5,
        digest: hash(7),
        received_at: at(seconds),
    }
}

async fn receive(storage: &Storage, arrival: Arrival) {
    let kept = storage.stores.inbox.receive(&arrival).await;
    assert_eq!(kept, Ok(InboxReception::Stored));
}

fn sources() -> Vec<String> {
    vec!["stripe".to_owned(), "clerk".to_owned()]
}

async fn claim(storage: &Storage, seconds: i64) -> Vec<ClaimedArrival> {
    let lease = Lease { now: at(seconds), length: Duration::from_secs(60) };
    storage.stores.inbox.claim(lease, &sources(), 100).await.expect("a claim")
}

async fn claimed_ids(storage: &Storage, seconds: i64) -> Vec<String> {
    claim(storage, seconds).await.into_iter().map(|row| row.arrival.event_id).collect()
}

async fn settle(
    storage: &Storage,
    row: &ClaimedArrival,
    seconds: i64,
    how: InboxSettlement,
) -> bool {
    let settled = storage.stores.inbox.settle(row.number, row.fence, at(seconds), &how).await;
    settled.expect("an answer")
}

async fn apply_all(storage: &Storage, seconds: i64) -> Vec<String> {
    let mut applied = Vec::new();
    loop {
        let rows = claim(storage, seconds).await;
        if rows.is_empty() {
            return applied;
        }
        for row in rows {
            assert!(settle(storage, &row, seconds, InboxSettlement::Applied).await);
            applied.push(row.arrival.event_id);
        }
    }
}

async fn found(storage: &Storage, event_id: &str) -> InboxRow {
    let row = storage.stores.inbox_board.find("stripe", event_id).await;
    row.expect("an answer").expect("the row")
}

async fn listed(storage: &Storage, filter: InboxFilter) -> Vec<String> {
    let rows = storage.stores.inbox_board.list(&filter).await.expect("rows");
    rows.into_iter().map(|row| row.event_id).collect()
}

pub async fn a_webhook_is_claimed_as_it_came(storage: Storage) {
    let given = arrival("evt_1", "cus_1", 10);
    receive(&storage, given.clone()).await;
    let row = found(&storage, "evt_1").await;
    assert_eq!((row.state, row.size, row.digest), (InboxState::Received, 5, given.digest));
    assert_eq!((row.due_at, row.received_at), (at(10), at(10)));
    let claimed = claim(&storage, 10).await;
    assert_eq!(claimed.iter().map(|row| &row.arrival).collect::<Vec<_>>(), [&given]);
    assert_eq!(claimed.first().map(|row| row.attempts), Some(1));
    let bare = Arrival { object: None, api_version: None, occurred_at: None, ..given.clone() };
    let bare = Arrival { event_id: "evt_2".to_owned(), key: "cus_2".to_owned(), ..bare };
    receive(&storage, bare.clone()).await;
    assert_eq!(claim(&storage, 10).await.first().map(|row| &row.arrival), Some(&bare));
    assert_eq!(storage.stores.inbox_board.find("clerk", "evt_1").await, Ok(None));
    // Sealed it is longer; what is told is how long it was.
    let body = vec![7; 45].into();
    let sealed = Arrival { body, sealed: true, ..arrival("evt_3", "cus_3", 10) };
    receive(&storage, sealed.clone()).await;
    assert_eq!(found(&storage, "evt_3").await.size, 5);
    assert_eq!(claim(&storage, 10).await.first().map(|row| &row.arrival), Some(&sealed));
}

pub async fn of_many_receivers_of_one_event_exactly_one_stores_it(storage: Storage) {
    for event in ["evt_1", "evt_2", "evt_3"] {
        let receivers = (0..64).map(|n| {
            let inbox = storage.stores.inbox.clone();
            let body = format!("copy {n}").into_bytes().into();
            let copy = Arrival { body, ..arrival(event, "cus_1", 0) };
            tokio::spawn(async move { inbox.receive(&copy).await.expect("an answer") })
        });
        let answers = join_all(receivers).await.into_iter().map(|a| a.expect("no panic"));
        let stored = answers.filter(|answer| *answer == InboxReception::Stored).count();
        assert_eq!(stored, 1, "{event}");
    }
    assert_eq!(listed(&storage, InboxFilter::default()).await, ["evt_3", "evt_2", "evt_1"]);
    let elsewhere = Arrival { source: "clerk".to_owned(), ..arrival("evt_1", "cus_1", 0) };
    receive(&storage, elsewhere).await;
}

pub async fn rows_of_one_key_are_applied_one_after_another(storage: Storage) {
    for (event, key) in [("a1", "a"), ("a2", "a"), ("b1", "b"), ("a3", "a")] {
        receive(&storage, arrival(event, key, 0)).await;
    }
    let other_source = Arrival { source: "clerk".to_owned(), ..arrival("c1", "a", 0) };
    receive(&storage, other_source).await;
    let first = claim(&storage, 5).await;
    let ids: Vec<_> = first.iter().map(|row| row.arrival.event_id.as_str()).collect();
    assert_eq!(ids, ["a1", "b1", "c1"]);
    assert_eq!(claimed_ids(&storage, 5).await, [""; 0]);
    assert_eq!(storage.stores.inbox.next_due(&sources()).await, Ok(None));
    let a1 = first.first().expect("a row");
    assert!(settle(&storage, a1, 6, InboxSettlement::Applied).await);
    assert_eq!(storage.stores.inbox.next_due(&sources()).await, Ok(Some(at(0))));
    assert_eq!(claimed_ids(&storage, 6).await, ["a2"]);
    assert_eq!(claimed_ids(&storage, 6).await, [""; 0]);
}

pub async fn many_workers_never_hold_two_rows_of_one_key(storage: Storage) {
    for n in 0..60 {
        receive(&storage, arrival(&format!("evt_{n:02}"), &format!("key-{}", n % 5), 0)).await;
    }
    let in_hands = Arc::new(Mutex::new(HashSet::new()));
    let workers = (0..8).map(|_| {
        let inbox = storage.stores.inbox.clone();
        let in_hands = Arc::clone(&in_hands);
        tokio::spawn(async move {
            let mut mine = Vec::new();
            let lease = Lease { now: at(1), length: Duration::from_secs(60) };
            // The others hold what is left whenever nothing can be claimed.
            while let Some(row) =
                inbox.claim(lease, &sources(), 1).await.expect("a claim").into_iter().next()
            {
                let key = row.arrival.key;
                assert!(in_hands.lock().expect("a lock").insert(key.clone()), "two of {key}");
                tokio::task::yield_now().await;
                in_hands.lock().expect("a lock").remove(&key);
                let (number, fence) = (row.number, row.fence);
                let applied = InboxSettlement::Applied;
                assert_eq!(inbox.settle(number, fence, at(1), &applied).await, Ok(true));
                mine.push(row.arrival.event_id);
            }
            mine
        })
    });
    let done = join_all(workers).await.into_iter().flat_map(|mine| mine.expect("no panic"));
    let mut applied: Vec<_> = done.collect();
    applied.extend(apply_all(&storage, 1).await);
    assert_eq!(applied.len(), 60);
    assert_eq!(applied.iter().collect::<HashSet<_>>().len(), 60);
}

pub async fn the_engine_itself_refuses_two_rows_of_a_key_in_hands(storage: Storage) {
    receive(&storage, arrival("a1", "a", 0)).await;
    receive(&storage, arrival("a2", "a", 0)).await;
    assert_eq!(claimed_ids(&storage, 0).await, ["a1"]);
    let forced = storage
        .execute(
            "UPDATE inbox SET state = 'processing', lease_until =
                (SELECT lease_until FROM inbox WHERE event_id = 'a1') WHERE event_id = 'a2'",
        )
        .await;
    assert!(forced.is_err());
}

pub async fn a_webhook_whose_lease_ran_out_is_claimed_again(storage: Storage) {
    let inbox = &storage.stores.inbox;
    receive(&storage, arrival("evt_1", "a", 0)).await;
    receive(&storage, arrival("evt_2", "a", 0)).await;
    let slow = claim(&storage, 0).await.remove(0);
    assert_eq!(inbox.renew(slow.number, slow.fence, at(90)).await, Ok(true));
    assert_eq!(claimed_ids(&storage, 89).await, [""; 0]);
    let next = claim(&storage, 90).await.remove(0);
    assert_eq!((next.number, next.attempts), (slow.number, 2));
    assert_eq!(inbox.renew(slow.number, slow.fence, at(500)).await, Ok(false));
    assert!(!settle(&storage, &slow, 91, InboxSettlement::Applied).await);
    assert!(settle(&storage, &next, 91, InboxSettlement::Applied).await);
    assert!(!settle(&storage, &next, 91, InboxSettlement::Dead("late".to_owned())).await);
    assert_eq!(found(&storage, "evt_1").await.state, InboxState::Applied { at: at(91) });
}

pub async fn a_failed_webhook_waits_and_later_ones_of_its_key_wait_behind_it(storage: Storage) {
    receive(&storage, arrival("evt_1", "a", 0)).await;
    receive(&storage, arrival("evt_2", "a", 0)).await;
    let first = claim(&storage, 0).await.remove(0);
    let again = InboxSettlement::Failed { due_at: at(10), cause: "no answer".to_owned() };
    assert!(settle(&storage, &first, 1, again).await);
    let cause = "no answer".to_owned();
    assert_eq!(found(&storage, "evt_1").await.state, InboxState::Failed { cause });
    assert_eq!(storage.stores.inbox.next_due(&sources()).await, Ok(Some(at(10))));
    assert_eq!(claimed_ids(&storage, 9).await, [""; 0]);
    let second = claim(&storage, 10).await.remove(0);
    assert_eq!((second.arrival.event_id.as_str(), second.attempts), ("evt_1", 2));
    let nothing = InboxSettlement::Ignored("nobody here".to_owned());
    assert!(settle(&storage, &second, 11, nothing).await);
    assert_eq!(claimed_ids(&storage, 11).await, ["evt_2"]);
}

pub async fn a_dead_webhook_stays_with_its_cause_and_lets_others_pass(storage: Storage) {
    receive(&storage, arrival("evt_1", "a", 0)).await;
    receive(&storage, arrival("evt_2", "a", 0)).await;
    let first = claim(&storage, 0).await.remove(0);
    assert!(settle(&storage, &first, 3, InboxSettlement::Dead("no use".to_owned())).await);
    let dead = InboxState::Dead { at: at(3), cause: "no use".to_owned() };
    assert_eq!(found(&storage, "evt_1").await.state, dead);
    assert_eq!(apply_all(&storage, 1_000_000).await, ["evt_2"]);
    let only_dead = InboxFilter { states: vec![InboxStateName::Dead], ..InboxFilter::default() };
    assert_eq!(listed(&storage, only_dead).await, ["evt_1"]);
}

pub async fn rows_are_replayed_one_by_one_by_range_and_since(storage: Storage) {
    let board = &storage.stores.inbox_board;
    for n in 1..=5 {
        receive(&storage, arrival(&format!("evt_{n}"), "a", n * 10)).await;
    }
    assert_eq!(apply_all(&storage, 100).await.len(), 5);
    let source = || "stripe".to_owned();
    let one = InboxReplay::One { source: source(), event_id: "evt_2".to_owned() };
    assert_eq!(board.replay(&one, at(200)).await, Ok(1));
    assert_eq!(board.replay(&one, at(200)).await, Ok(0), "it waits already");
    let row = found(&storage, "evt_2").await;
    assert_eq!((row.state, row.attempts, row.replays), (InboxState::Received, 0, 1));
    assert_eq!(row.due_at, at(200));
    assert_eq!(apply_all(&storage, 200).await, ["evt_2"]);
    let (first, last) =
        (found(&storage, "evt_2").await.number, found(&storage, "evt_4").await.number);
    let range = InboxReplay::Range { source: source(), first, last };
    assert_eq!(board.replay(&range, at(300)).await, Ok(3));
    assert_eq!(apply_all(&storage, 300).await, ["evt_2", "evt_3", "evt_4"]);
    let since = InboxReplay::Since { source: source(), since: at(40) };
    assert_eq!(board.replay(&since, at(400)).await, Ok(2));
    assert_eq!(apply_all(&storage, 400).await, ["evt_4", "evt_5"]);
    let other = InboxReplay::Since { source: "clerk".to_owned(), since: at(0) };
    assert_eq!(board.replay(&other, at(500)).await, Ok(0));
}

pub async fn a_row_in_hands_is_not_replayed_and_a_dead_one_is(storage: Storage) {
    let board = &storage.stores.inbox_board;
    receive(&storage, arrival("evt_1", "a", 0)).await;
    receive(&storage, arrival("evt_2", "a", 0)).await;
    let first = claim(&storage, 0).await.remove(0);
    assert!(settle(&storage, &first, 0, InboxSettlement::Dead("no use".to_owned())).await);
    let second = claim(&storage, 0).await.remove(0);
    let all = InboxReplay::Since { source: "stripe".to_owned(), since: at(0) };
    assert_eq!(board.replay(&all, at(1)).await, Ok(1));
    // The replayed row is older, but its key is in hands.
    assert_eq!(claimed_ids(&storage, 1).await, [""; 0]);
    assert!(settle(&storage, &second, 1, InboxSettlement::Applied).await);
    assert_eq!(claimed_ids(&storage, 1).await, ["evt_1"]);
}

pub async fn the_inbox_is_listed_by_source_state_kind_and_time(storage: Storage) {
    for n in 1..=5 {
        receive(&storage, arrival(&format!("evt_{n}"), &format!("k{n}"), n * 10)).await;
    }
    let other = Arrival {
        source: "clerk".to_owned(),
        kind: "user.deleted".to_owned(),
        ..arrival("msg_1", "u", 60)
    };
    receive(&storage, other).await;
    let all = InboxFilter::default;
    let stripe = InboxFilter { source: Some("stripe".to_owned()), limit: 2, ..all() };
    assert_eq!(listed(&storage, stripe.clone()).await, ["evt_5", "evt_4"]);
    let before = Some(found(&storage, "evt_4").await.number);
    assert_eq!(listed(&storage, InboxFilter { before, ..stripe }).await, ["evt_3", "evt_2"]);
    let kind = Some("user.deleted".to_owned());
    assert_eq!(listed(&storage, InboxFilter { kind, ..all() }).await, ["msg_1"]);
    let since = Some(at(50));
    assert_eq!(listed(&storage, InboxFilter { since, ..all() }).await, ["msg_1", "evt_5"]);
    let until = Some(at(50));
    let early = InboxFilter { until, limit: 1, ..all() };
    assert_eq!(listed(&storage, early.clone()).await, ["evt_4"]);
    assert_eq!(listed(&storage, InboxFilter { since, ..early }).await, Vec::<String>::new());
    let row = claim(&storage, 10).await.remove(0);
    assert_eq!(row.arrival.event_id, "evt_1");
    let states = vec![InboxStateName::Processing, InboxStateName::Dead];
    assert_eq!(listed(&storage, InboxFilter { states, ..all() }).await, ["evt_1"]);
    assert_eq!(found(&storage, "evt_1").await.state, InboxState::Processing { until: at(70) });
}

pub async fn the_inbox_counts_what_waits(storage: Storage) {
    let board = &storage.stores.inbox_board;
    assert_eq!(board.backlog(at(0)).await, Ok(vec![]));
    for n in 0..5 {
        receive(&storage, arrival(&format!("evt_{n}"), &format!("k{n}"), n * 10)).await;
    }
    let rows = claim(&storage, 30).await;
    let [one, two, three, ..] = rows.as_slice() else { panic!("{rows:?}") };
    assert!(settle(&storage, one, 30, InboxSettlement::Applied).await);
    assert!(settle(&storage, two, 30, InboxSettlement::Dead("no".to_owned())).await);
    let again = InboxSettlement::Failed { due_at: at(90), cause: "no".to_owned() };
    assert!(settle(&storage, three, 30, again).await);
    let source = "stripe".to_owned();
    let (received, processing, failed, dead) = (1, 1, 1, 1);
    let expected = InboxBacklog { source, received, processing, failed, dead, oldest_seconds: 25 };
    assert_eq!(board.backlog(at(45)).await, Ok(vec![expected]));
}

pub async fn a_forgotten_body_leaves_its_row_and_digest(storage: Storage) {
    let board = &storage.stores.inbox_board;
    for event in ["old", "dead", "young"] {
        receive(&storage, arrival(event, event, 0)).await;
    }
    let rows = claim(&storage, 0).await;
    let [one, two, three, ..] = rows.as_slice() else { panic!("{rows:?}") };
    assert!(settle(&storage, one, 10, InboxSettlement::Applied).await);
    assert!(settle(&storage, two, 10, InboxSettlement::Dead("no".to_owned())).await);
    assert!(settle(&storage, three, 20, InboxSettlement::Ignored("no".to_owned())).await);
    assert_eq!(board.forget_before(at(20)).await, Ok(1));
    assert_eq!(board.forget_before(at(20)).await, Ok(0));
    let old = found(&storage, "old").await;
    assert_eq!((old.has_body, old.size, old.digest), (false, 5, hash(7)));
    assert!(found(&storage, "dead").await.has_body && found(&storage, "young").await.has_body);
    let all = InboxReplay::Since { source: "stripe".to_owned(), since: at(0) };
    assert_eq!(board.replay(&all, at(30)).await, Ok(2), "what is forgotten is not replayed");
    assert_eq!(
        storage.stores.inbox.receive(&arrival("old", "old", 40)).await,
        Ok(InboxReception::Duplicate),
        "and still known"
    );
}

pub async fn a_source_that_nobody_knows_waits(storage: Storage) {
    let foreign = Arrival { source: "paypal".to_owned(), ..arrival("evt_1", "a", 0) };
    receive(&storage, foreign).await;
    assert_eq!(claimed_ids(&storage, 10).await, [""; 0]);
    assert_eq!(storage.stores.inbox.next_due(&sources()).await, Ok(None));
    assert_eq!(storage.stores.inbox.next_due(&["paypal".to_owned()]).await, Ok(Some(at(0))));
}

pub async fn a_cursor_moves_only_from_where_it_was(storage: Storage) {
    let cursors = &storage.stores.inbox_cursors;
    let mark =
        |cursor: &str, seconds| InboxCursor { cursor: cursor.to_owned(), moved_at: at(seconds) };
    assert_eq!(cursors.cursor("stripe").await, Ok(None));
    assert_eq!(cursors.move_cursor("stripe", Some("x"), &mark("1", 0)).await, Ok(false));
    assert_eq!(cursors.move_cursor("stripe", None, &mark("1", 1)).await, Ok(true));
    assert_eq!(cursors.move_cursor("stripe", None, &mark("2", 2)).await, Ok(false));
    assert_eq!(cursors.move_cursor("stripe", Some("1"), &mark("2", 3)).await, Ok(true));
    assert_eq!(cursors.move_cursor("stripe", Some("1"), &mark("3", 4)).await, Ok(false));
    assert_eq!(cursors.cursor("stripe").await, Ok(Some(mark("2", 3))));
    assert_eq!(cursors.cursor("clerk").await, Ok(None));
}
