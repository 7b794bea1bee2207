//! Our table of events is that of the unmodified `postgres-es`.

#![expect(clippy::expect_used, clippy::panic, reason = "a test stops with a sentence")]

use herald_test_support::{Storage, conformance_suite, storage::Engine, suite::conformance::Both};
use postgres_es::PostgresEventRepository;
use sqlx::PgPool;

/// One database, opened by us and by the crate.
async fn both() -> Both<PostgresEventRepository> {
    let storage = Storage::postgres().await;
    let Engine::Postgres { place, .. } = &storage.engine else { panic!("another engine") };
    let pool = PgPool::connect_with(place.options()).await.expect("the same database");
    Both::new(storage, || PostgresEventRepository::new(pool.clone()))
}

conformance_suite!(both);
