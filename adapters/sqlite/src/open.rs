//! Opening, migrating, stamping and closing a database file.

use crate::errors::{OpenError, describe, failed};
use herald_application::ports::{StoreError, Stores};
use sqlx::{
    Sqlite as Engine, SqlitePool, Transaction,
    migrate::Migrator,
    pool::PoolConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use std::{
    fmt,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

static MIGRATIONS: Migrator = sqlx::migrate!("../../migrations/sqlite");

/// How long a writer waits for another process's write.
const BUSY: Duration = Duration::from_secs(5);

/// Takes the writers' lock.
pub(crate) const BEGIN: &str = "BEGIN IMMEDIATE";

/// Rows that wait for their reader.
const ROWS: usize = 1_000;

/// Where the database is and how many may read it at one time.
#[derive(Debug, Clone)]
pub struct SqliteSettings {
    /// The database file; it is created when missing, its folder is not.
    pub path: PathBuf,
    /// Connections for reading.
    pub readers: u32,
}

impl SqliteSettings {
    /// The database at `path`, with eight readers.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), readers: 8 }
    }
}

/// An open SQLite database.
pub struct Sqlite {
    pub(crate) writer: SqlitePool,
    pub(crate) readers: SqlitePool,
    /// The writer's last transaction did not wait for the disk, and the next user of it must.
    relaxed: Arc<AtomicBool>,
}

impl fmt::Debug for Sqlite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sqlite").finish_non_exhaustive()
    }
}

impl Sqlite {
    /// Opens the database, and refuses one that already serves somebody else.
    pub async fn open(settings: &SqliteSettings) -> Result<Self, OpenError> {
        let options = options(settings);
        // The writer comes first: it creates the file and switches it to WAL.
        let relaxed = Arc::default();
        let writing = waiting(pool(1), Arc::clone(&relaxed)).connect_with(options.clone());
        let writer = writing.await.map_err(unreachable)?;
        let reading = options
            .create_if_missing(false)
            .pragma("query_only", "ON")
            // A page of rows is handed over at once, not in a to and fro between two threads.
            .row_buffer_size(ROWS);
        let readers = pool(settings.readers).connect_with(reading).await.map_err(unreachable)?;
        let this = Self { writer, readers, relaxed };
        this.refuse_foreign_tables().await?;
        Ok(this)
    }

    /// Brings the schema up to date. A newer schema than ours is left alone: migrations only add.
    pub async fn migrate(&self) -> Result<(), OpenError> {
        let migrator = Migrator { ignore_missing: true, ..migrations() };
        migrator.run(&self.writer).await.map_err(|error| OpenError::Migration(migration(&error)))
    }

    /// How many migrations the schema lacks.
    pub async fn pending(&self) -> Result<usize, OpenError> {
        let known: bool = sqlx::query_scalar(
            "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = '_sqlx_migrations')",
        )
        .fetch_one(&self.readers)
        .await
        .map_err(unreachable)?;
        let applied: Vec<i64> = if known {
            let versions = sqlx::query_scalar("SELECT version FROM _sqlx_migrations");
            versions.fetch_all(&self.readers).await.map_err(unreachable)?
        } else {
            Vec::new()
        };
        Ok(MIGRATIONS.iter().filter(|needed| !applied.contains(&needed.version)).count())
    }

    /// Every storage port, served by this database.
    #[must_use]
    pub fn stores(self: &Arc<Self>) -> Stores {
        Stores {
            events: self.clone(),
            sequencer: self.clone(),
            log: self.clone(),
            views: self.clone(),
            projections: self.clone(),
            jobs: self.clone(),
            job_board: self.clone(),
            keys: self.clone(),
            key_wraps: self.clone(),
            secrets: self.clone(),
            sessions: self.clone(),
            refreshes: self.clone(),
            sign_ins: self.clone(),
            links: self.clone(),
            suppressions: self.clone(),
            media: self.clone(),
            content: self.clone(),
            observations: self.clone(),
            inbox: self.clone(),
            inbox_board: self.clone(),
            inbox_cursors: self.clone(),
        }
    }

    /// The mode that the database was stamped with, `sandbox` or `production`, if any yet.
    pub async fn installation_mode(&self) -> Result<Option<String>, StoreError> {
        sqlx::query_scalar("SELECT mode FROM installation")
            .fetch_optional(&self.readers)
            .await
            .map_err(failed)
    }

    /// Stamps the database unless it is stamped, and answers the stamp that it has.
    pub async fn stamp_mode(&self, mode: &str) -> Result<String, StoreError> {
        let mut tx = self.begin().await.map_err(failed)?;
        sqlx::query(
            "INSERT INTO installation (singleton, mode, created_by) VALUES (1, ?1, ?2)
             ON CONFLICT (singleton) DO NOTHING",
        )
        .bind(mode)
        .bind(env!("CARGO_PKG_VERSION"))
        .execute(&mut *tx)
        .await
        .map_err(failed)?;
        let stamp = sqlx::query_scalar("SELECT mode FROM installation")
            .fetch_one(&mut *tx)
            .await
            .map_err(failed)?;
        tx.commit().await.map_err(failed)?;
        Ok(stamp)
    }

    /// Moves everything into the one database file and closes it.
    pub async fn close(&self) {
        self.readers.close().await;
        self.empty_write_ahead_log().await;
        self.writer.close().await;
    }

    /// Best effort: what cannot be moved now is moved at the next opening.
    pub(crate) async fn empty_write_ahead_log(&self) {
        let checkpoint = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)");
        if let Err(error) = checkpoint.execute(&self.writer).await {
            tracing::warn!(error = describe(&error), "the write-ahead log was not emptied");
        }
    }

    /// A transaction that writes. It takes the lock at once, so that it never fails half-way.
    pub(crate) async fn begin(&self) -> Result<Transaction<'static, Engine>, sqlx::Error> {
        self.writer.begin_with(BEGIN).await
    }

    /// The writer, for what follows from the log alone. Its commits do not wait for the disk: a power
    /// cut takes the newest of them, and they are made again as they were. The next commit that does
    /// wait has the disk keep these as well, for all of them go through one write-ahead log.
    pub(crate) async fn deriving(&self) -> Result<PoolConnection<Engine>, sqlx::Error> {
        let mut connection = self.writer.acquire().await?;
        self.relaxed.store(true, Ordering::Relaxed);
        sqlx::query("PRAGMA synchronous = NORMAL").execute(&mut *connection).await?;
        Ok(connection)
    }

    async fn refuse_foreign_tables(&self) -> Result<(), OpenError> {
        let tables: Vec<String> = sqlx::query_scalar(
            "SELECT name FROM sqlite_schema
              WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name",
        )
        .fetch_all(&self.readers)
        .await
        .map_err(unreachable)?;
        let has = |name: &str| tables.iter().any(|table| table == name);
        let ours = has("installation") && has("_sqlx_migrations");
        let foreign: Vec<_> =
            tables.into_iter().filter(|table| table != "_sqlx_migrations").collect();
        if ours || foreign.is_empty() { Ok(()) } else { Err(OpenError::ForeignTables(foreign)) }
    }
}

fn migrations() -> Migrator {
    Migrator { migrations: MIGRATIONS.migrations.clone(), ..Migrator::DEFAULT }
}

fn options(settings: &SqliteSettings) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(&settings.path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        // With NORMAL a power cut can lose commits that were already answered.
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(BUSY)
        // Without it REPLACE deletes a row and no trigger hears of it.
        .pragma("recursive_triggers", "ON")
        // A destroyed key must not survive in a free page.
        .pragma("secure_delete", "ON")
}

fn pool(connections: u32) -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        .max_connections(connections)
        .min_connections(1)
        .idle_timeout(None)
        .max_lifetime(None)
        .acquire_timeout(Duration::from_secs(10))
        // A file does not hang up; asking it before each use only costs time.
        .test_before_acquire(false)
}

/// Whoever takes the writer finds that its commits wait for the disk, whatever the one before did.
fn waiting(pool: SqlitePoolOptions, relaxed: Arc<AtomicBool>) -> SqlitePoolOptions {
    pool.before_acquire(move |connection, _| {
        let was_relaxed = relaxed.swap(false, Ordering::Relaxed);
        Box::pin(async move {
            if was_relaxed {
                sqlx::query("PRAGMA synchronous = FULL").execute(connection).await?;
            }
            Ok(true)
        })
    })
}

#[expect(clippy::needless_pass_by_value, reason = "`map_err` hands the error over")]
fn unreachable(error: sqlx::Error) -> OpenError {
    OpenError::Unreachable(describe(&error))
}

fn migration(error: &sqlx::migrate::MigrateError) -> String {
    use sqlx::migrate::MigrateError::{Execute, ExecuteMigration};
    if let Execute(inner) | ExecuteMigration(inner, _) = error {
        return describe(inner);
    }
    error.to_string()
}

#[cfg(test)]
mod tests;
