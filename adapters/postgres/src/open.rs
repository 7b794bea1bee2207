//! Opening, migrating, stamping and closing a database.

use crate::errors::{OpenError, corrupt, describe, failed};
use herald_application::ports::{StoreError, Stores};
use secrecy::{ExposeSecret as _, SecretString};
use sqlx::{
    Connection as _, PgPool, Row as _,
    migrate::Migrator,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use std::{fmt, sync::Arc, time::Duration};
use tokio::sync::Mutex;

static MIGRATIONS: Migrator = sqlx::migrate!("../../migrations/postgres");

/// A connection that rested longer is asked whether it lives before it is used.
const RESTED: Duration = Duration::from_secs(30);

/// Which database, and how much of it.
#[derive(Debug, Clone)]
pub struct PostgresSettings {
    /// The address, with its password.
    pub url: SecretString,
    /// Connections at the most.
    pub max_connections: u32,
    /// Events that the sequencer takes in one step; each may be 256 KiB large.
    pub sequencer_page: u32,
}

impl PostgresSettings {
    /// The database at `url`, with sixteen connections.
    #[must_use]
    pub const fn new(url: SecretString) -> Self {
        Self { url, max_connections: 16, sequencer_page: 1_000 }
    }
}

/// An open PostgreSQL database.
pub struct Postgres {
    pub(crate) pool: PgPool,
    pub(crate) sequencer_page: u32,
    /// At most one sequencer of this process waits for the lock of all.
    pub(crate) sequencing: Mutex<()>,
}

impl fmt::Debug for Postgres {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Postgres").finish_non_exhaustive()
    }
}

impl Postgres {
    /// Opens the database, and refuses one that serves somebody else or was moved.
    pub async fn open(settings: &PostgresSettings) -> Result<Self, OpenError> {
        let this = Self::connect(settings).await?;
        this.refuse_foreign_tables().await?;
        if this.cluster_changed().await? {
            return Err(OpenError::ClusterChanged);
        }
        Ok(this)
    }

    pub(crate) async fn connect(settings: &PostgresSettings) -> Result<Self, OpenError> {
        let options = address(settings.url.expose_secret())?;
        let pool = PgPoolOptions::new()
            .max_connections(settings.max_connections)
            .acquire_timeout(Duration::from_secs(10))
            // Asking before every use would double the round trips of a command.
            .test_before_acquire(false)
            .before_acquire(|connection, meta| {
                Box::pin(
                    async move { Ok(meta.idle_for < RESTED || connection.ping().await.is_ok()) },
                )
            })
            .connect_with(options.application_name("herald"))
            .await
            .map_err(unreachable)?;
        refuse_old(pool.acquire().await.map_err(unreachable)?.server_version_num())?;
        let sequencer_page = settings.sequencer_page;
        Ok(Self { pool, sequencer_page, sequencing: Mutex::default() })
    }

    /// Brings the schema up to date. A newer schema than ours is left alone: migrations only add.
    pub async fn migrate(&self) -> Result<(), OpenError> {
        let migrator = Migrator { ignore_missing: true, ..migrations() };
        migrator.run(&self.pool).await.map_err(|error| OpenError::Migration(migration(&error)))
    }

    /// How many migrations the schema lacks.
    pub async fn pending(&self) -> Result<usize, OpenError> {
        let known: bool = sqlx::query_scalar("SELECT to_regclass('_sqlx_migrations') IS NOT NULL")
            .fetch_one(&self.pool)
            .await
            .map_err(unreachable)?;
        let applied: Vec<i64> = if known {
            let versions = sqlx::query_scalar("SELECT version FROM _sqlx_migrations");
            versions.fetch_all(&self.pool).await.map_err(unreachable)?
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
        let row = self.row(|| sqlx::query("SELECT mode FROM installation")).await?;
        row.map(|row| row.try_get(0).map_err(failed)).transpose()
    }

    /// Stamps the database unless it is stamped, and answers the stamp that it has.
    pub async fn stamp_mode(&self, mode: &str) -> Result<String, StoreError> {
        sqlx::query(
            "INSERT INTO installation (mode, created_by) VALUES ($1, $2)
             ON CONFLICT (singleton) DO NOTHING",
        )
        .bind(mode)
        .bind(env!("CARGO_PKG_VERSION"))
        .execute(&self.pool)
        .await
        .map_err(failed)?;
        self.installation_mode().await?.ok_or_else(|| corrupt("the installation has no mode"))
    }

    /// Ends every connection.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    pub(crate) async fn refuse_foreign_tables(&self) -> Result<(), OpenError> {
        let tables: Vec<String> = sqlx::query_scalar(
            "SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
              WHERE c.relkind IN ('r', 'p') AND n.nspname <> 'information_schema'
                AND n.nspname NOT LIKE 'pg\\_%' AND NOT EXISTS (
                    SELECT 1 FROM pg_depend d WHERE d.classid = 'pg_class'::regclass
                       AND d.objid = c.oid AND d.deptype = 'e')
              ORDER BY c.relname",
        )
        .fetch_all(&self.pool)
        .await
        .map_err(unreachable)?;
        let has = |name: &str| tables.iter().any(|table| table == name);
        let ours = has("installation") && has("_sqlx_migrations");
        let foreign: Vec<_> =
            tables.into_iter().filter(|table| table != "_sqlx_migrations").collect();
        if ours || foreign.is_empty() { Ok(()) } else { Err(OpenError::ForeignTables(foreign)) }
    }

    /// Was the database restored into another cluster than the one that it was migrated in?
    async fn cluster_changed(&self) -> Result<bool, OpenError> {
        let migrated: bool = sqlx::query_scalar("SELECT to_regclass('sequencer') IS NOT NULL")
            .fetch_one(&self.pool)
            .await
            .map_err(unreachable)?;
        if !migrated {
            return Ok(false);
        }
        sqlx::query_scalar(
            "SELECT cluster <> (SELECT system_identifier FROM pg_control_system()) FROM sequencer",
        )
        .fetch_one(&self.pool)
        .await
        .map_err(unreachable)
    }
}

/// The driver would take the address of any other kind of database for one of its own.
fn address(url: &str) -> Result<PgConnectOptions, OpenError> {
    let ours = ["postgres://", "postgresql://"].iter().any(|scheme| url.starts_with(scheme));
    let options = url.parse().ok().filter(|_| ours);
    options.ok_or(OpenError::Address)
}

fn migrations() -> Migrator {
    Migrator { migrations: MIGRATIONS.migrations.clone(), ..Migrator::DEFAULT }
}

/// Snapshots of 64-bit transaction numbers came with 13; 14 is the oldest that is tested and kept
/// up. A server that does not tell its version is believed.
fn refuse_old(version: Option<u32>) -> Result<(), OpenError> {
    match version.map(|version| version / 10_000) {
        Some(major) if major < 14 => Err(OpenError::TooOld(major)),
        Some(_) | None => Ok(()),
    }
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
mod tests {
    use super::*;

    #[test]
    fn a_server_before_14_is_refused_by_its_number() {
        assert!(matches!(refuse_old(Some(130_012)), Err(OpenError::TooOld(13))));
        assert!(refuse_old(Some(140_000)).is_ok() && refuse_old(Some(150_019)).is_ok());
    }
}
