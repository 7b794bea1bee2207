//! Our table of events is that of the unmodified `sqlite-es`.

#![expect(clippy::expect_used, clippy::panic, reason = "a test stops with a sentence")]

use herald_test_support::{Storage, conformance_suite, storage::Engine, suite::conformance::Both};
use sqlite_es::SqliteEventRepository;
use sqlx::SqlitePool;

/// One database file, opened by us and by the crate.
async fn both() -> Both<SqliteEventRepository> {
    let storage = Storage::sqlite().await;
    let Engine::Sqlite { path, .. } = &storage.engine else { panic!("another engine") };
    let pool = SqlitePool::connect(&format!("sqlite://{}", path.display())).await;
    let pool = pool.expect("the same database");
    Both::new(storage, || SqliteEventRepository::new(pool.clone()))
}

conformance_suite!(both);
