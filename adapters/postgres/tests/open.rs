//! A database: opened only when it is Herald's and where it was migrated, stamped once.

#![expect(clippy::expect_used, clippy::panic, reason = "a test stops with a sentence")]

use herald_application::ports::{Ordinal, StoreError};
use herald_postgres::{OpenError, Postgres, PostgresSettings};
use herald_test_support::{
    Fresh, Storage,
    samples::append,
    storage::Engine,
    suite::log::{assert_sound, read_all, sequence_all},
};
use secrecy::SecretString;
use sqlx::ConnectOptions as _;

fn place(storage: &Storage) -> &Fresh {
    let Engine::Postgres { place, .. } = &storage.engine else { panic!("another engine") };
    place
}

async fn sql(storage: &Storage, statements: &str) {
    storage.execute(statements).await.expect("the statements run");
}

/// As if the database had been dumped and restored elsewhere: other cluster, other transactions.
const MOVED: &str = "
    UPDATE sequencer SET cluster = cluster + 1;
    ALTER TABLE events DISABLE TRIGGER events_no_change;
    UPDATE events SET transaction_id = '9000000000';
    ALTER TABLE events ENABLE TRIGGER events_no_change";

#[tokio::test]
async fn a_database_with_somebody_elses_tables_is_refused_untouched() {
    let storage = Storage::postgres().await;
    sql(&storage, "DROP SCHEMA public CASCADE; CREATE SCHEMA public").await;
    sql(&storage, "CREATE TABLE wp_posts (id integer); CREATE TABLE installation (id integer)")
        .await;
    let refused = Postgres::open(&place(&storage).settings()).await;
    let Err(OpenError::ForeignTables(tables)) = refused else { panic!("{refused:?}") };
    assert_eq!(tables, ["installation", "wp_posts"]);
}

#[tokio::test]
async fn a_server_that_does_not_let_us_in_is_told_without_its_address() {
    let storage = Storage::postgres().await;
    let url = place(&storage).options().database("CANARY").password("CANARY").to_url_lossy();
    let nowhere = PostgresSettings::new(SecretString::from(url.to_string()));
    let refused = Postgres::open(&nowhere).await.expect_err("no such database");
    assert_eq!(refused.code(), "STORAGE_UNREACHABLE");
    assert!(!format!("{refused} {refused:?} {nowhere:?}").contains("CANARY"), "{refused}");
    let nonsense = PostgresSettings::new(SecretString::from("CANARY"));
    let refused = Postgres::open(&nonsense).await.expect_err("no address");
    assert_eq!(refused.code(), "STORAGE_ADDRESS_INVALID");
    assert!(!format!("{refused} {refused:?}").contains("CANARY"), "{refused}");
}

#[tokio::test]
async fn an_installation_keeps_the_mode_it_was_stamped_with() {
    let storage = Storage::postgres().await;
    let Engine::Postgres { database, .. } = &storage.engine else { panic!("another engine") };
    assert_eq!(database.installation_mode().await, Ok(None));
    assert!(database.stamp_mode("staging").await.is_err());
    assert_eq!(database.stamp_mode("sandbox").await.as_deref(), Ok("sandbox"));
    assert_eq!(database.stamp_mode("production").await.as_deref(), Ok("sandbox"));
    database.migrate().await.expect("nothing left to migrate");
    assert_eq!(database.installation_mode().await.unwrap().as_deref(), Some("sandbox"));
}

#[tokio::test]
async fn a_database_from_another_cluster_is_not_served() {
    let storage = Storage::postgres().await;
    storage.stores.events.append(&[append(1, 0, 2)]).await.expect("a stream");
    sql(&storage, MOVED).await;
    let refused = Postgres::open(&place(&storage).settings()).await;
    assert!(matches!(refused, Err(OpenError::ClusterChanged)), "{refused:?}");
    let step = storage.stores.sequencer.step().await;
    assert!(matches!(step, Err(StoreError::Corrupt(_))), "{step:?}");
}

#[tokio::test]
async fn an_adopted_database_goes_on_in_order_and_loses_nothing() {
    let storage = Storage::postgres().await;
    let events = &storage.stores.events;
    events.append(&[append(1, 0, 2)]).await.expect("a stream");
    assert_eq!(sequence_all(&storage.stores).await, Ordinal(2));
    events.append(&[append(1, 2, 2), append(2, 0, 1)]).await.expect("two streams");
    sql(&storage, MOVED).await;
    let adopted = Postgres::adopt(&place(&storage).settings()).await.expect("the runbook");
    assert_eq!(adopted, 3);
    Postgres::open(&place(&storage).settings()).await.expect("it is at home here");
    events.append(&[append(2, 1, 1)]).await.expect("the next event");
    assert_eq!(sequence_all(&storage.stores).await, Ordinal(6));
    assert_sound(&read_all(&storage.stores).await);
}
