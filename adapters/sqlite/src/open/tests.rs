use super::{Sqlite, SqliteSettings};
use herald_application::ports::{Batch, CheckpointMove, Committed, Ordinal, ProjectionStore as _};
use sqlx::SqliteConnection;
use std::sync::atomic::Ordering;

const NORMAL: i64 = 1;
const FULL: i64 = 2;

async fn synchronous(connection: &mut SqliteConnection) -> i64 {
    sqlx::query_scalar("PRAGMA synchronous").fetch_one(connection).await.unwrap()
}

#[tokio::test]
async fn whoever_writes_after_a_projection_waits_for_the_disk_again() {
    let folder = tempfile::tempdir().unwrap();
    let database = Sqlite::open(&SqliteSettings::new(folder.path().join("herald.db"))).await;
    let database = database.unwrap();
    for _ in 0..2 {
        let mut deriving = database.deriving().await.unwrap();
        assert_eq!(synchronous(&mut deriving).await, NORMAL);
        drop(deriving);
        let mut writer = database.writer.acquire().await.unwrap();
        assert_eq!(synchronous(&mut writer).await, FULL);
        drop(writer);
        let mut transaction = database.begin().await.unwrap();
        assert_eq!(synchronous(&mut transaction).await, FULL);
    }
}

#[tokio::test]
async fn a_batch_that_moves_no_checkpoint_waits_for_the_disk() {
    let folder = tempfile::tempdir().unwrap();
    let database = Sqlite::open(&SqliteSettings::new(folder.path().join("herald.db"))).await;
    let database = database.unwrap();
    database.migrate().await.unwrap();
    let (projection, from, to) = ("posts".to_owned(), Ordinal(0), Ordinal(1));
    let step = CheckpointMove { projection, version: 1, from, to };
    for (moves, relaxed) in [(Vec::new(), false), (vec![step], true)] {
        let batch = Batch { moves, ..Batch::default() };
        let expected = if relaxed { Committed::Stale } else { Committed::Done };
        assert_eq!(database.commit(&batch).await, Ok(expected));
        assert_eq!(database.relaxed.load(Ordering::Relaxed), relaxed);
    }
}

#[tokio::test]
async fn a_new_file_lacks_every_migration_and_a_migrated_one_none() {
    let folder = tempfile::tempdir().unwrap();
    let database = Sqlite::open(&SqliteSettings::new(folder.path().join("herald.db"))).await;
    let database = database.unwrap();
    assert_eq!(database.pending().await.unwrap(), super::MIGRATIONS.iter().count());
    database.migrate().await.unwrap();
    assert_eq!(database.pending().await.unwrap(), 0);
}
