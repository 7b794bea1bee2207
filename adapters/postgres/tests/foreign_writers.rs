//! Positions are handed out before transactions commit, and some never do. Whoever writes how long
//! and in whatever order: no event is lost, none comes twice, each stream stays in its order.

#![expect(clippy::expect_used, clippy::panic, reason = "a test stops with a sentence")]

use futures::future::join_all;
use herald_application::ports::{Ordinal, Sequencer as _, Stores};
use herald_postgres::{Postgres, PostgresSettings};
use herald_test_support::{
    Fresh, Storage,
    samples::append,
    storage::Engine,
    suite::log::{assert_sound, read_all, sequence_all},
};
use sqlx::{
    ConnectOptions as _, Executor as _, PgConnection, PgPool, Postgres as Driver, Transaction,
};
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

const WRITERS: u32 = 8;
const ROUNDS: u32 = 30;
const HOT_STREAMS: u32 = 5;

fn place(storage: &Storage) -> &Fresh {
    let Engine::Postgres { place, .. } = &storage.engine else { panic!("another engine") };
    place
}

/// Another replica, which takes few events at a time.
async fn replica(storage: &Storage, page: u32) -> Postgres {
    let settings = PostgresSettings { sequencer_page: page, ..place(storage).settings() };
    Postgres::open(&settings).await.expect("our database")
}

async fn console(storage: &Storage) -> PgConnection {
    place(storage).options().connect().await.expect("a connection")
}

/// The next event of a stream, from outside; `false` when another writer was first.
async fn write(tx: &mut PgConnection, stream: &str) -> bool {
    let sequence: i64 = sqlx::query_scalar(
        "SELECT coalesce(max(sequence), 0) + 1 FROM events
          WHERE aggregate_type = 'foreign' AND aggregate_id = $1",
    )
    .bind(stream)
    .fetch_one(&mut *tx)
    .await
    .expect("the end of the stream");
    sqlx::query(
        "INSERT INTO events (aggregate_type, aggregate_id, sequence, event_type, event_version,
                             payload, metadata)
         VALUES ('foreign', $1, $2, 'foreign.written', '1', '{}', '{}')",
    )
    .bind(stream)
    .bind(sequence)
    .execute(&mut *tx)
    .await
    .is_ok()
}

/// A transaction of one to three events; every fourth takes its number before it looks, every fifth
/// is rolled back.
async fn one_transaction(mut tx: Transaction<'static, Driver>, writer: u32, round: u32) {
    let turn = writer * ROUNDS + round;
    if turn.is_multiple_of(4) {
        tx.execute("SELECT pg_current_xact_id()").await.expect("a number");
    }
    for step in 0..=(turn % 3) {
        if !write(&mut tx, &format!("hot-{}", (turn + step) % HOT_STREAMS)).await {
            return tx.rollback().await.expect("nothing written");
        }
    }
    if turn.is_multiple_of(5) {
        tx.rollback().await.expect("nothing written");
    } else {
        tx.commit().await.expect("written");
    }
}

/// Sequences until it is told that nothing more comes.
async fn sequence_until(replica: Arc<Postgres>, quiet: Arc<AtomicBool>) {
    loop {
        let last = quiet.load(Ordering::SeqCst);
        let step = replica.step().await.expect("a step");
        if last && step.events == 0 {
            return;
        }
    }
}

/// Everything stored is in the log, once.
async fn assert_complete(stores: &Stores) {
    let log = read_all(stores).await;
    assert_sound(&log);
    let head = stores.log.head().await.expect("the head");
    assert_eq!(head.stored, head.ordinal.0);
    assert_eq!(usize::try_from(head.stored), Ok(log.len()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn among_many_writers_nothing_is_lost_repeated_or_out_of_order() {
    let storage = Storage::postgres().await;
    // Strangers wait for each other all the time; the server need not ponder that for a second.
    let options = place(&storage).options().options([("deadlock_timeout", "20ms")]);
    let pool = PgPool::connect_with(options).await.expect("connections");
    let quiet = Arc::new(AtomicBool::new(false));
    let mut sequencers = Vec::new();
    for page in [1, 7, 1_000] {
        let replica = Arc::new(replica(&storage, page).await);
        sequencers.push(tokio::spawn(sequence_until(replica, quiet.clone())));
    }
    let mut endless = console(&storage).await;
    endless.execute("BEGIN").await.expect("a transaction");
    assert!(write(&mut endless, "long").await);
    let strangers = (0..WRITERS).map(|writer| {
        let pool = pool.clone();
        tokio::spawn(async move {
            for round in 0..ROUNDS {
                let tx = pool.begin().await.expect("a transaction");
                one_transaction(tx, writer, round).await;
            }
        })
    });
    let ours = (0..4).map(|stream| {
        let events = storage.stores.events.clone();
        tokio::spawn(async move {
            for expected in 0..u64::from(ROUNDS) {
                let next = append(stream, expected * 2, 2);
                events.append(&[next]).await.expect("nobody else writes here");
            }
        })
    });
    for writer in join_all(strangers.chain(ours)).await {
        writer.expect("no panic");
    }
    sequence_all(&storage.stores).await;
    let log = read_all(&storage.stores).await;
    assert!(log.len() > 4 * 2 * usize::try_from(ROUNDS).unwrap(), "only {} events", log.len());
    assert!(log.iter().all(|event| event.row.aggregate_id != "long"), "it is not committed yet");
    endless.execute("COMMIT").await.expect("written at last");
    quiet.store(true, Ordering::SeqCst);
    for sequencer in join_all(sequencers).await {
        sequencer.expect("no panic");
    }
    assert_complete(&storage.stores).await;
    let log = read_all(&storage.stores).await;
    assert_eq!(log.last().map(|event| event.row.aggregate_id.as_str()), Some("long"));
}

#[tokio::test]
async fn a_long_transaction_hides_nobody_elses_events() {
    let storage = Storage::postgres().await;
    let (mut kept, mut undone) = (console(&storage).await, console(&storage).await);
    for long in [&mut kept, &mut undone] {
        long.execute("BEGIN").await.expect("a transaction");
    }
    assert!(write(&mut kept, "kept").await && write(&mut undone, "undone").await);
    storage.stores.events.append(&[append(1, 0, 2)]).await.expect("a stream");
    assert_eq!(sequence_all(&storage.stores).await, Ordinal(2));
    kept.execute("COMMIT").await.expect("written");
    undone.execute("ROLLBACK").await.expect("undone");
    assert_eq!(sequence_all(&storage.stores).await, Ordinal(3));
    assert_complete(&storage.stores).await;
}

#[tokio::test]
async fn a_back_log_goes_on_where_a_replica_that_died_left_it() {
    let storage = Storage::postgres().await;
    let mut late = console(&storage).await;
    late.execute("BEGIN").await.expect("a transaction");
    assert!(write(&mut late, "late").await);
    for stream in 0..7 {
        storage.stores.events.append(&[append(stream, 0, 1)]).await.expect("a stream");
    }
    let first = replica(&storage, 3).await.step().await.expect("a page");
    assert_eq!((first.events, first.head), (3, Ordinal(3)));
    // Its position is lower than those that have an ordinal already.
    late.execute("COMMIT").await.expect("written");
    let next = replica(&storage, 3).await;
    let mut heads = Vec::new();
    while let step = next.step().await.expect("a page")
        && step.events > 0
    {
        heads.push(step.head.0);
    }
    assert_eq!(heads, [6, 7, 8]);
    assert_complete(&storage.stores).await;
    let log = read_all(&storage.stores).await;
    assert_eq!(log.last().map(|event| event.row.aggregate_id.as_str()), Some("late"));
}

#[tokio::test]
async fn a_back_log_that_ends_with_a_full_page_leaves_nothing_behind() {
    let storage = Storage::postgres().await;
    storage.stores.events.append(&[append(1, 0, 6)]).await.expect("a stream");
    let replica = replica(&storage, 3).await;
    for head in [3, 6] {
        assert_eq!(replica.step().await.expect("a page").head, Ordinal(head));
    }
    storage.stores.events.append(&[append(2, 0, 1)]).await.expect("a stream");
    let step = replica.step().await.expect("the rest");
    assert_eq!((step.events, step.head), (1, Ordinal(7)));
    assert_complete(&storage.stores).await;
}
