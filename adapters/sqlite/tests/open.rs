//! A database file: opened only when it is Herald's, stamped once, one file when closed.

#![expect(clippy::expect_used, reason = "a test stops with a sentence")]

use herald_sqlite::{OpenError, Sqlite, SqliteSettings};
use sqlx::{ConnectOptions as _, Executor as _, sqlite::SqliteConnectOptions};
use std::{fs, path::Path};

async fn sql(path: &Path, statement: &str) {
    let options = SqliteConnectOptions::new().filename(path).create_if_missing(true);
    let mut console = options.connect().await.expect("a connection");
    console.execute(statement).await.expect("a statement");
}

#[tokio::test]
async fn a_file_with_somebody_elses_tables_is_refused_untouched() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("wordpress.db");
    sql(&path, "CREATE TABLE wp_posts (id integer); CREATE TABLE installation (id integer)").await;
    let refused = Sqlite::open(&SqliteSettings::new(&path)).await;
    let Err(OpenError::ForeignTables(tables)) = refused else { panic!("{refused:?}") };
    assert_eq!(tables, ["installation", "wp_posts"]);
}

#[tokio::test]
async fn a_file_that_cannot_be_opened_is_told_without_its_path() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("missing").join("herald.db");
    let refused = Sqlite::open(&SqliteSettings::new(&path)).await.expect_err("no such folder");
    assert_eq!(refused.code(), "STORAGE_UNREACHABLE");
    assert!(!refused.to_string().contains("missing"), "{refused}");
}

#[tokio::test]
async fn an_installation_keeps_the_mode_it_was_stamped_with() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("herald.db");
    let database = Sqlite::open(&SqliteSettings::new(&path)).await.expect("a new database");
    database.migrate().await.expect("migrations apply");
    assert_eq!(database.installation_mode().await, Ok(None));
    assert!(database.stamp_mode("staging").await.is_err());
    assert_eq!(database.stamp_mode("sandbox").await.as_deref(), Ok("sandbox"));
    assert_eq!(database.stamp_mode("production").await.as_deref(), Ok("sandbox"));
    database.migrate().await.expect("nothing left to migrate");
    assert_eq!(database.installation_mode().await.unwrap().as_deref(), Some("sandbox"));
}

#[tokio::test]
async fn a_closed_database_is_one_file_and_opens_again() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("herald.db");
    let settings = SqliteSettings::new(&path);
    let database = Sqlite::open(&settings).await.expect("a new database");
    database.migrate().await.expect("migrations apply");
    database.stamp_mode("sandbox").await.expect("a stamp");
    database.close().await;
    let files = fs::read_dir(folder.path()).expect("the folder");
    let files: Vec<_> = files.map(|file| file.expect("a file").file_name()).collect();
    assert_eq!(files, ["herald.db"]);
    let again = Sqlite::open(&settings).await.expect("our own database");
    assert_eq!(again.installation_mode().await.unwrap().as_deref(), Some("sandbox"));
}
