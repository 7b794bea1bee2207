//! A fresh database per test, on either engine.

use crate::fresh::Fresh;
use herald_application::ports::Stores;
use herald_postgres::Postgres;
use herald_sqlite::{Sqlite, SqliteSettings};
use sqlx::{ConnectOptions as _, Connection as _, Executor as _, sqlite::SqliteConnectOptions};
use std::{fmt, path::PathBuf, sync::Arc};
use tempfile::TempDir;

/// A fresh, migrated database and its ports; gone with the test.
pub struct Storage {
    /// The ports.
    pub stores: Stores,
    /// The engine behind them.
    pub engine: Engine,
}

/// The engine of a [`Storage`].
pub enum Engine {
    /// SQLite in a temporary folder.
    Sqlite {
        /// The open database.
        database: Arc<Sqlite>,
        /// Its file.
        path: PathBuf,
        /// The folder, deleted with the fixture.
        folder: TempDir,
    },
    /// PostgreSQL, in a database of the test's own.
    Postgres {
        /// The open database.
        database: Arc<Postgres>,
        /// Where it is, dropped with the fixture.
        place: Fresh,
    },
}

impl fmt::Debug for Storage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Storage").finish_non_exhaustive()
    }
}
impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite { .. } => f.write_str("Sqlite"),
            Self::Postgres { .. } => f.write_str("Postgres"),
        }
    }
}

impl Storage {
    /// SQLite in a file of its own.
    pub async fn sqlite() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("herald.db");
        let database = Sqlite::open(&SqliteSettings::new(&path)).await.expect("a new database");
        let database = Arc::new(database);
        database.migrate().await.expect("migrations apply to an empty database");
        Self { stores: database.stores(), engine: Engine::Sqlite { database, path, folder } }
    }

    /// PostgreSQL, in a copy of a migrated database.
    pub async fn postgres() -> Self {
        let place = Fresh::new().await;
        let database = Postgres::open(&place.settings()).await.expect("a migrated database");
        let database = Arc::new(database);
        Self { stores: database.stores(), engine: Engine::Postgres { database, place } }
    }

    /// Runs SQL past the ports, as somebody with a console would; answers the rows affected.
    pub async fn execute(&self, sql: &str) -> Result<u64, sqlx::Error> {
        match &self.engine {
            Engine::Sqlite { path, .. } => {
                let options = SqliteConnectOptions::new().filename(path);
                let options = options.pragma("recursive_triggers", "ON");
                let mut console = sqlx::SqliteConnection::connect_with(&options).await?;
                Ok(console.execute(sql).await?.rows_affected())
            }
            Engine::Postgres { place, .. } => {
                let mut console = place.options().connect().await?;
                Ok(console.execute(sql).await?.rows_affected())
            }
        }
    }
}

impl Storage {
    /// A statement that overwrites the first event of the suite's first stream.
    #[must_use]
    pub fn replace_an_event(&self) -> &'static str {
        match &self.engine {
            Engine::Sqlite { .. } => {
                "INSERT OR REPLACE INTO events (aggregate_type, aggregate_id, sequence, event_type,
                    event_version, payload, metadata)
                 SELECT aggregate_type, aggregate_id, sequence, 'claim.evil', '1', '{}', '{}'
                   FROM events WHERE sequence = 1"
            }
            Engine::Postgres { .. } => {
                "INSERT INTO events (aggregate_type, aggregate_id, sequence, event_type,
                    event_version, payload, metadata)
                 SELECT aggregate_type, aggregate_id, sequence, 'claim.evil', '1', '{}', '{}'
                   FROM events WHERE sequence = 1
                 ON CONFLICT (aggregate_type, aggregate_id, sequence) DO UPDATE
                    SET event_type = excluded.event_type, payload = excluded.payload"
            }
        }
    }

    /// Takes one link out of the log, as only somebody who switches the guards off can.
    pub async fn tear_out_of_the_log(&self, ordinal: i64) {
        let sql = match &self.engine {
            Engine::Sqlite { .. } => format!(
                "DROP TRIGGER event_log_no_delete; DELETE FROM event_log WHERE ordinal = {ordinal}"
            ),
            Engine::Postgres { .. } => format!(
                "ALTER TABLE event_log DISABLE TRIGGER event_log_no_change;
                 DELETE FROM event_log WHERE ordinal = {ordinal}"
            ),
        };
        self.execute(&sql).await.expect("the link is gone");
    }
}
