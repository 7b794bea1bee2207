//! A database of its own for each installation, and a console past all of its guards.

use sqlx::{
    Column as _, ConnectOptions as _, Connection as _, Executor as _, PgConnection, Row as _,
    SqliteConnection, postgres::PgConnectOptions, sqlite::SqliteConnectOptions,
};
use std::{
    path::{Path, PathBuf},
    str::FromStr as _,
    sync::atomic::{AtomicU32, Ordering},
};

/// The storage engines. Whatever holds, holds on both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Engine {
    Sqlite,
    Postgres,
}

/// What the URL of a PostgreSQL carries when its server asks for none.
pub(crate) const PASSWORD: &str = "CANARY-7d1e5b0c9a43-of-the-database";

/// Where an installation keeps everything.
#[derive(Debug, Clone)]
pub(crate) struct Database {
    pub(crate) engine: Engine,
    pub(crate) url: String,
    file: PathBuf,
}

impl Database {
    /// A new, empty one. PostgreSQL's server is the one that `tests/run` starts; the databases end
    /// with it.
    pub(crate) async fn new(engine: Engine, folder: &Path) -> Self {
        let file = folder.join("herald.db");
        let url = match engine {
            Engine::Sqlite => format!("sqlite://{}", file.display()),
            Engine::Postgres => create().await,
        };
        Self { engine, url, file }
    }

    /// Runs SQL as the owner of the tables can.
    pub(crate) async fn execute(&self, sql: &str) {
        match self.engine {
            Engine::Sqlite => {
                let mut console = self.sqlite().await;
                console.execute(sql).await.expect("the statements run");
                console.close().await.expect("closed");
            }
            Engine::Postgres => {
                let mut console = postgres(&self.url).await;
                console.execute(sql).await.expect("the statements run");
                console.close().await.expect("closed");
            }
        }
    }

    /// How many rows there are, by SQL that counts them.
    pub(crate) async fn count(&self, sql: &'static str) -> i64 {
        match self.engine {
            Engine::Sqlite => {
                let mut console = self.sqlite().await;
                let counted = sqlx::query_scalar(sql).fetch_one(&mut console).await;
                console.close().await.expect("closed");
                counted.expect("a number")
            }
            Engine::Postgres => {
                let mut console = postgres(&self.url).await;
                let counted = sqlx::query_scalar(sql).fetch_one(&mut console).await;
                console.close().await.expect("closed");
                counted.expect("a number")
            }
        }
    }

    /// Changes a stored event, as only somebody who switches the guards off can.
    pub(crate) async fn tamper(&self) {
        let change = match self.engine {
            Engine::Sqlite => {
                "UPDATE events SET payload = json_set(payload, '$.injected', 1) WHERE position = 3"
            }
            Engine::Postgres => {
                "UPDATE events SET payload = (payload::jsonb || '{\"injected\": 1}')::json
                  WHERE position = 3"
            }
        };
        for trigger in self.triggers().await {
            let on = if self.engine == Engine::Postgres { " ON events" } else { "" };
            self.execute(&format!("DROP TRIGGER {trigger}{on}")).await;
        }
        self.execute(change).await;
    }

    async fn triggers(&self) -> Vec<String> {
        let (sqlite, pg) = (
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'events'",
            "SELECT tgname::text FROM pg_trigger WHERE tgrelid = 'events'::regclass
                AND NOT tgisinternal",
        );
        match self.engine {
            Engine::Sqlite => sqlx::query_scalar(sqlite).fetch_all(&mut self.sqlite().await).await,
            Engine::Postgres => {
                sqlx::query_scalar(pg).fetch_all(&mut postgres(&self.url).await).await
            }
        }
        .expect("the triggers are listed")
    }

    /// Every byte that is stored, whatever the table.
    pub(crate) async fn dump(&self) -> Vec<u8> {
        match self.engine {
            Engine::Sqlite => {
                let mut bytes = std::fs::read(&self.file).expect("the database file");
                let journal = self.file.with_extension("db-wal");
                bytes.extend(std::fs::read(journal).unwrap_or_default());
                bytes
            }
            Engine::Postgres => self.dump_tables().await,
        }
    }

    /// Every row as text. Byte columns come as hexadecimal digits, so they are decoded once more.
    async fn dump_tables(&self) -> Vec<u8> {
        let mut console = postgres(&self.url).await;
        let tables = "SELECT quote_ident(table_name) FROM information_schema.tables
                       WHERE table_schema = 'public' AND table_type = 'BASE TABLE'";
        let tables: Vec<String> =
            sqlx::query_scalar(tables).fetch_all(&mut console).await.expect("the tables");
        assert!(tables.len() > 5, "{tables:?}");
        let mut bytes = Vec::new();
        for table in tables {
            let all = format!("SELECT * FROM {table}");
            let rows = sqlx::raw_sql(&all).fetch_all(&mut console).await.expect("the rows");
            for row in rows {
                for column in row.columns() {
                    let value = row.try_get_raw(column.ordinal()).expect("a value");
                    let text = value.as_bytes().unwrap_or_default();
                    bytes.extend_from_slice(text);
                    bytes.push(b'\n');
                    bytes.extend(text.strip_prefix(b"\\x").map(unhex).unwrap_or_default());
                    bytes.push(b'\n');
                }
            }
        }
        bytes
    }

    async fn sqlite(&self) -> SqliteConnection {
        let options = SqliteConnectOptions::new().filename(&self.file);
        options.connect().await.expect("the database opens")
    }
}

fn unhex(digits: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(digits);
    let pairs = (0..text.len()).step_by(2).filter_map(|at| text.get(at..at + 2));
    pairs.filter_map(|pair| u8::from_str_radix(pair, 16).ok()).collect()
}

/// Creates a database on the tests' server and answers its URL.
async fn create() -> String {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let server = std::env::var("HERALD_TEST_POSTGRES").expect(
        "HERALD_TEST_POSTGRES names a PostgreSQL on which databases may be created; tests/run \
         starts one",
    );
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let name = format!("front_{}_{number}", std::process::id());
    let mut console = postgres(&server).await;
    for sql in [format!("DROP DATABASE IF EXISTS {name}"), format!("CREATE DATABASE {name}")] {
        console.execute(sql.as_str()).await.expect("a database of its own");
    }
    let mut url = url::Url::parse(&server).expect("an address");
    url.set_path(&name);
    if url.password().is_none() {
        // A server that trusts its callers takes any; tests look whether it turns up somewhere.
        url.set_password(Some(PASSWORD)).expect("an address with a host");
    }
    url.into()
}

async fn postgres(url: &str) -> PgConnection {
    let options = PgConnectOptions::from_str(url).expect("an address of a PostgreSQL");
    options.connect().await.expect("the tests' PostgreSQL answers")
}
