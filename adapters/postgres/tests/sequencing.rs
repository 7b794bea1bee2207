//! Whatever writers do – at once, rolled back, for a long time – every committed event gets one
//! ordinal, in the order of its stream.

#![expect(clippy::expect_used, clippy::panic, reason = "a test stops with a sentence")]

use futures::future::join_all;
use herald_application::{
    bridge::StreamKind,
    ports::{AppendError, EventStore as _, LogReader as _, Sequencer as _},
};
use herald_postgres::{Postgres, PostgresSettings};
use herald_test_support::{
    Storage,
    samples::{append, id},
    storage::Engine,
    suite::log::{assert_sound, read_all, sequence_all},
};
use sqlx::{ConnectOptions as _, Executor as _, PgConnection, postgres::PgConnectOptions};
use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

fn place(storage: &Storage) -> (PgConnectOptions, PostgresSettings) {
    match &storage.engine {
        Engine::Postgres { place, .. } => (place.options(), place.settings()),
        Engine::Sqlite { .. } => panic!("this is about PostgreSQL"),
    }
}

/// A small generator of numbers, the same for the same seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let limit = u64::try_from(limit).expect("a small number");
        usize::try_from((mixed ^ (mixed >> 31)) % limit).expect("a small number")
    }
}

/// A transaction that has begun and not ended, and the stream that it alone writes to.
struct Open {
    connection: PgConnection,
    stream: u128,
    head: u64,
    written: u64,
}

/// Many writers and two sequencers, one move at a time, so that a seed is a history.
struct World {
    dice: Dice,
    options: PgConnectOptions,
    sequencers: [Arc<Postgres>; 2],
    open: Vec<Open>,
    /// The last committed sequence of each stream that nobody writes to at the moment.
    idle: BTreeMap<u128, u64>,
    committed: u64,
}

impl World {
    async fn new(seed: u64, storage: &Storage) -> Self {
        let (options, settings) = place(storage);
        // Small pages, so that a back-log spans several and changes hands in between.
        let settings = PostgresSettings { sequencer_page: 3, ..settings };
        let open = async || Arc::new(Postgres::open(&settings).await.expect("a sequencer"));
        Self {
            dice: Dice(seed),
            options,
            sequencers: [open().await, open().await],
            open: Vec::new(),
            idle: (0..8).map(|stream| (stream, 0)).collect(),
            committed: 0,
        }
    }

    async fn play(&mut self) {
        match self.dice.below(10) {
            0 | 1 if self.open.len() < 5 => self.begin().await,
            2..=4 if !self.open.is_empty() => self.write().await,
            5 | 6 if !self.open.is_empty() => self.end().await,
            7 | 8 if !self.idle.is_empty() => self.append().await,
            _ => self.sequence().await,
        }
    }

    fn take_a_stream(&mut self) -> Option<(u128, u64)> {
        let chosen = self.dice.below(self.idle.len().max(1));
        let (stream, head) = self.idle.iter().nth(chosen)?;
        let chosen = (*stream, *head);
        self.idle.remove(&chosen.0);
        Some(chosen)
    }

    /// Half of the transactions draw their number long before they write.
    async fn begin(&mut self) {
        let Some((stream, head)) = self.take_a_stream() else { return };
        let mut connection = self.options.connect().await.expect("a connection");
        connection.execute("BEGIN").await.expect("a transaction");
        if self.dice.below(2) == 0 {
            connection.execute("SELECT pg_current_xact_id()").await.expect("a number");
        }
        self.open.push(Open { connection, stream, head, written: 0 });
    }

    async fn write(&mut self) {
        let chosen = self.dice.below(self.open.len());
        let Some(open) = self.open.get_mut(chosen) else { return };
        open.written += 1;
        sqlx::query(
            "INSERT INTO events (aggregate_type, aggregate_id, sequence, event_type,
                                 event_version, payload, metadata)
             VALUES ('claim', $1, $2, 'claim.taken', '1', '{}', '{}')",
        )
        .bind(id(open.stream).to_string())
        .bind(i64::try_from(open.head + open.written).expect("a small number"))
        .execute(&mut open.connection)
        .await
        .expect("an event");
    }

    /// One in four rolls back.
    async fn end(&mut self) {
        let chosen = self.dice.below(self.open.len());
        let mut open = self.open.swap_remove(chosen);
        let kept = if self.dice.below(4) == 0 {
            open.connection.execute("ROLLBACK").await.expect("an end");
            0
        } else {
            open.connection.execute("COMMIT").await.expect("an end");
            open.written
        };
        self.committed += kept;
        self.idle.insert(open.stream, open.head + kept);
    }

    async fn append(&mut self) {
        let Some((stream, head)) = self.take_a_stream() else { return };
        let count = u64::try_from(self.dice.below(4) + 1).expect("a small number");
        let [writer, _] = &self.sequencers;
        writer.append(&[append(stream, head, count)]).await.expect("an append");
        self.idle.insert(stream, head + count);
        self.committed += count;
    }

    /// When there is nothing to do, everything committed is in the log.
    async fn sequence(&mut self) {
        let chosen = self.dice.below(2);
        let Some(sequencer) = self.sequencers.get(chosen) else { return };
        let step = sequencer.step().await.expect("a step");
        if step.events == 0 {
            assert_eq!(u64::try_from(step.head.0), Ok(self.committed), "events were lost");
        }
        let head = sequencer.head().await.expect("the head");
        assert_eq!(step.head, head.ordinal);
    }
}

#[tokio::test]
async fn nothing_is_lost_repeated_or_out_of_order_whatever_writers_do() {
    let (mut crowd, mut logged) = (0, 0);
    for seed in 0..6 {
        let storage = Storage::postgres().await;
        let mut world = World::new(seed, &storage).await;
        for _ in 0..250 {
            world.play().await;
            crowd = crowd.max(world.open.len());
        }
        while !world.open.is_empty() {
            world.end().await;
        }
        let head = sequence_all(&storage.stores).await;
        assert_eq!(u64::try_from(head.0), Ok(world.committed), "seed {seed}");
        let log = read_all(&storage.stores).await;
        assert_eq!(u64::try_from(log.len()), Ok(world.committed), "seed {seed}");
        assert_sound(&log);
        logged += log.len();
    }
    assert!(crowd >= 4 && logged > 300, "the histories are too tame: {crowd}, {logged}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writers_and_sequencers_at_once_keep_the_order_of_every_stream() {
    let storage = Storage::postgres().await;
    let stores = Arc::new(storage.stores.clone());
    let writing = Arc::new(AtomicUsize::new(8));
    let writers = (0..8).map(|writer| {
        let (stores, writing) = (Arc::clone(&stores), Arc::clone(&writing));
        tokio::spawn(async move {
            for round in 0..25 {
                let stream = (writer + round) % 3;
                loop {
                    let head = stores.events.load(StreamKind::Claim, id(stream)).await;
                    let head = u64::try_from(head.expect("a stream").len()).expect("small");
                    match stores.events.append(&[append(stream, head, 2)]).await {
                        Ok(_) => break,
                        Err(AppendError::Conflict) => {}
                        Err(AppendError::Store(error)) => panic!("{error}"),
                    }
                }
            }
            writing.fetch_sub(1, Ordering::SeqCst);
        })
    });
    let sequencers = (0..2).map(|_| {
        let (stores, writing) = (Arc::clone(&stores), Arc::clone(&writing));
        tokio::spawn(async move {
            while writing.load(Ordering::SeqCst) > 0 {
                stores.sequencer.step().await.expect("a step");
            }
        })
    });
    for done in join_all(writers.chain(sequencers).collect::<Vec<_>>()).await {
        done.expect("no panic");
    }
    sequence_all(&stores).await;
    let log = read_all(&stores).await;
    assert_eq!(log.len(), 8 * 25 * 2);
    assert_sound(&log);
}
