use super::{Sqlite, SqliteSettings};
use sqlx::SqliteConnection;

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
