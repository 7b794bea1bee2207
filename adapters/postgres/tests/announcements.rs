//! Announcements between replicas: heard by the others, not by oneself, and again after the
//! connection broke.

#![expect(clippy::expect_used, clippy::panic, reason = "a test stops with a sentence")]

use herald_application::ports::{Announcement, Announcements as _};
use herald_postgres::{Neighbours, Postgres};
use herald_test_support::{Storage, storage::Engine};
use sqlx::{ConnectOptions as _, Executor as _};
use std::{sync::Arc, time::Duration};
use uuid::Uuid;

async fn replica(storage: &Storage, number: u128) -> Arc<Neighbours> {
    let Engine::Postgres { place, .. } = &storage.engine else { panic!("another engine") };
    let engine = Postgres::open(&place.settings()).await.expect("our database");
    Arc::new(Arc::new(engine).announcements(Uuid::from_u128(number)))
}

/// What `hearer` hears while `tell` is called again and again: whoever does not listen yet misses
/// the first ones. A connection that broke is an error, after which it listens anew.
async fn heard(
    hearer: &Neighbours,
    teller: &Neighbours,
    announcement: Announcement,
) -> Announcement {
    let listening = async {
        loop {
            if let Ok(announcement) = hearer.next().await {
                return announcement;
            }
        }
    };
    let telling = async {
        let mut again = tokio::time::interval(Duration::from_millis(20));
        loop {
            again.tick().await;
            teller.tell(announcement).await.expect("it is told");
        }
    };
    tokio::select! {
        first = tokio::time::timeout(Duration::from_secs(20), listening) => first.expect("in time"),
        () = telling => panic!("it is told for ever"),
    }
}

#[tokio::test]
async fn a_replica_hears_of_the_others_and_not_of_itself() {
    let storage = Storage::postgres().await;
    let (here, there) = (replica(&storage, 1).await, replica(&storage, 2).await);
    assert_eq!(heard(&there, &here, Announcement::Written).await, Announcement::Written);
    let own = heard(&there, &there, Announcement::Written);
    assert!(tokio::time::timeout(Duration::from_millis(300), own).await.is_err());
}

#[tokio::test]
async fn a_replica_whose_connection_broke_listens_again() {
    let storage = Storage::postgres().await;
    let (here, there) = (replica(&storage, 1).await, replica(&storage, 2).await);
    assert_eq!(heard(&there, &here, Announcement::Written).await, Announcement::Written);
    let Engine::Postgres { place, .. } = &storage.engine else { panic!("another engine") };
    let mut console = place.options().connect().await.expect("a connection");
    let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                WHERE datname = current_database() AND query LIKE 'LISTEN%'";
    let cut = console.execute(cut).await.expect("it is cut");
    assert_eq!(cut.rows_affected(), 1, "one connection listens");
    // What was told before the cut may wait still; of the other kind nothing was.
    while heard(&there, &here, Announcement::Folded).await != Announcement::Folded {}
}
