//! Where the contestants keep their databases: a folder and, for PostgreSQL, a server.

use crate::{
    contestant::Contestant,
    crates::{self, POSTGRES_TABLES, SQLITE_TABLES},
    house::House,
    raw::Raw,
    server::Server,
};
use anyhow::Result;
use herald_postgres::{Postgres, PostgresSettings};
use herald_sqlite::{Sqlite, SqliteSettings};
use sqlx::{
    Executor as _, PgPool, SqlitePool,
    postgres::PgPoolOptions,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};
use tempfile::TempDir;

/// Connections of every contestant on PostgreSQL; on SQLite the crates get their default of ten.
const CONNECTIONS: u32 = 16;

/// A storage engine with room for many databases.
pub(crate) enum Place {
    /// Files in a folder.
    Sqlite {
        /// The folder, deleted in the end.
        folder: TempDir,
        /// Files so far.
        files: AtomicU32,
    },
    /// Databases on a server.
    Postgres(Server),
}

impl Place {
    /// SQLite in a new folder within `parent`.
    pub(crate) fn sqlite(parent: &Path) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("herald-bench-").tempdir_in(parent)?;
        Ok(Self::Sqlite { folder, files: AtomicU32::default() })
    }

    /// As the tables name it.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Sqlite { .. } => "SQLite",
            Self::Postgres(_) => "PostgreSQL",
        }
    }

    /// Herald over a new database; `awake`, it keeps its views up to date.
    pub(crate) async fn house(&self, name: &'static str, awake: bool) -> Result<House> {
        let stores = match self {
            Self::Sqlite { folder, files } => {
                let settings = SqliteSettings::new(file(folder, files));
                let database = Arc::new(Sqlite::open(&settings).await?);
                database.migrate().await?;
                database.stores()
            }
            Self::Postgres(server) => {
                let settings = PostgresSettings::new(server.new_database().await?.into());
                let database = Arc::new(Postgres::open(&settings).await?);
                database.migrate().await?;
                database.stores()
            }
        };
        House::open(stores, name, awake).await
    }

    /// The engine's crate over a new database, with or without its own view.
    pub(crate) async fn rival(&self, with_view: bool) -> Result<Arc<dyn Contestant>> {
        Ok(match self {
            Self::Sqlite { folder, files } => {
                let pool = sqlite_pool(&file(folder, files), 10, SqliteSynchronous::Full).await?;
                pool.execute(SQLITE_TABLES).await?;
                let name = if with_view { "sqlite-es, one view" } else { "sqlite-es" };
                Arc::new(crates::sqlite(name, &pool, with_view))
            }
            Self::Postgres(server) => {
                let pool = postgres_pool(&server.new_database().await?).await?;
                pool.execute(POSTGRES_TABLES).await?;
                let name = if with_view { "postgres-es, one view" } else { "postgres-es" };
                Arc::new(crates::postgres(name, &pool, with_view))
            }
        })
    }

    /// Bare inserts into a new database.
    pub(crate) async fn raw(&self) -> Result<Arc<dyn Contestant>> {
        Ok(match self {
            Self::Sqlite { folder, files } => {
                let pool = sqlite_pool(&file(folder, files), 1, SqliteSynchronous::Full).await?;
                pool.execute(SQLITE_TABLES).await?;
                Arc::new(Raw::Sqlite(pool))
            }
            Self::Postgres(server) => {
                let pool = postgres_pool(&server.new_database().await?).await?;
                pool.execute(POSTGRES_TABLES).await?;
                Arc::new(Raw::Postgres(pool))
            }
        })
    }
}

fn file(folder: &TempDir, files: &AtomicU32) -> PathBuf {
    folder.path().join(format!("{}.db", files.fetch_add(1, Ordering::Relaxed)))
}

async fn sqlite_pool(
    path: &Path,
    connections: u32,
    synchronous: SqliteSynchronous,
) -> Result<SqlitePool> {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(synchronous)
        .foreign_keys(true);
    Ok(SqlitePoolOptions::new().max_connections(connections).connect_with(options).await?)
}

async fn postgres_pool(url: &str) -> Result<PgPool> {
    Ok(PgPoolOptions::new().max_connections(CONNECTIONS).connect(url).await?)
}
