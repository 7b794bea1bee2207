//! A fresh PostgreSQL database for each test: a copy of one that was migrated once.

use crate::server;
use herald_postgres::{Postgres, PostgresSettings};
use secrecy::SecretString;
use sqlx::{ConnectOptions as _, Executor as _, PgConnection, postgres::PgConnectOptions};
use std::{
    fs,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    sync::atomic::{AtomicU32, Ordering},
};

/// Two test processes must not make one template at one time. The number only has to be ours.
const MAKING_A_TEMPLATE: i64 = 4_711_005;

/// A database of one test, dropped with it.
#[derive(Debug)]
pub struct Fresh {
    name: String,
}

impl Fresh {
    /// A copy of the migrated template.
    pub(crate) async fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("herald_test_{}_{number}", std::process::id());
        let mut console = console(&maintenance()).await;
        let template = template(&mut console).await;
        for sql in [
            format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"),
            format!("CREATE DATABASE {name} TEMPLATE {template}"),
        ] {
            console.execute(sql.as_str()).await.expect("a database of its own");
        }
        Self { name }
    }

    /// How to connect to it, past the ports.
    #[must_use]
    pub fn options(&self) -> PgConnectOptions {
        maintenance().database(&self.name)
    }

    /// How Herald opens it.
    #[must_use]
    pub fn settings(&self) -> PostgresSettings {
        settings(&self.options())
    }
}

impl Drop for Fresh {
    fn drop(&mut self) {
        let sql = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name);
        // On a thread of its own: the test's runtime is busy running this.
        let dropping = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime
                .block_on(async { maintenance().connect().await?.execute(sql.as_str()).await })
                .map_err(std::io::Error::other)
        });
        // A server that is given may keep a database; one of ours is going to be deleted anyhow.
        let _ = dropping.join();
    }
}

/// The template of the present migrations, made when missing.
async fn template(console: &mut PgConnection) -> String {
    let name = format!("herald_template_{:016x}", migrations());
    let lock = format!("SELECT pg_advisory_lock({MAKING_A_TEMPLATE})");
    console.execute(lock.as_str()).await.expect("the lock");
    let known = "SELECT EXISTS (SELECT 1 FROM pg_database WHERE datname = $1)";
    let known: bool =
        sqlx::query_scalar(known).bind(&name).fetch_one(&mut *console).await.expect("an answer");
    if !known {
        let making = format!("{name}_making");
        for sql in [
            format!("DROP DATABASE IF EXISTS {making} WITH (FORCE)"),
            format!("CREATE DATABASE {making} TEMPLATE template0"),
        ] {
            console.execute(sql.as_str()).await.expect("a new database");
        }
        let settings = settings(&maintenance().database(&making));
        let database = Postgres::open(&settings).await.expect("an empty database opens");
        database.migrate().await.expect("migrations apply to an empty database");
        database.close().await;
        // A connection that is on its way back into the pool outlives its end, but not the pool.
        drop(database);
        let rename = format!("ALTER DATABASE {making} RENAME TO {name}");
        console.execute(rename.as_str()).await.expect("the template is ready");
    }
    let unlock = format!("SELECT pg_advisory_unlock({MAKING_A_TEMPLATE})");
    console.execute(unlock.as_str()).await.expect("the lock is ours");
    name
}

/// A number that changes with any migration.
fn migrations() -> u64 {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../migrations/postgres");
    let files = fs::read_dir(folder).expect("the migrations");
    let mut files: Vec<_> = files.map(|file| file.expect("a migration").path()).collect();
    files.sort();
    let mut hasher = DefaultHasher::new();
    for file in files {
        file.file_name().hash(&mut hasher);
        fs::read(file).expect("a migration").hash(&mut hasher);
    }
    hasher.finish()
}

fn maintenance() -> PgConnectOptions {
    server::address().parse().expect("the address of a PostgreSQL")
}

fn settings(options: &PgConnectOptions) -> PostgresSettings {
    PostgresSettings::new(SecretString::from(options.to_url_lossy().to_string()))
}

async fn console(options: &PgConnectOptions) -> PgConnection {
    options.connect().await.expect("the tests' PostgreSQL answers")
}
