//! A PostgreSQL server: one that is given, or a throwaway one that commits to disk as it should.

use anyhow::{Context as _, Result, ensure};
use sqlx::{Connection as _, Executor as _, PgConnection};
use std::{
    ffi::OsStr,
    net::TcpListener,
    path::{Path, PathBuf},
    process::Command,
    sync::{
        Mutex,
        atomic::{AtomicU32, Ordering},
    },
};
use tempfile::TempDir;
use url::Url;

/// The variable that names a server to use.
const VARIABLE: &str = "HERALD_BENCH_POSTGRES";

/// A server with databases of ours.
pub(crate) struct Server {
    url: Url,
    databases: AtomicU32,
    created: Mutex<Vec<String>>,
    throwaway: Option<Throwaway>,
}

/// A server that ends with us.
struct Throwaway {
    programs: PathBuf,
    folder: TempDir,
}

impl Server {
    /// The server that is given, or a throwaway one in a folder within `parent`.
    pub(crate) fn start(parent: &Path) -> Result<Self> {
        let (url, throwaway) = if let Ok(url) = std::env::var(VARIABLE) {
            (url.parse().with_context(|| format!("{VARIABLE} is not an address"))?, None)
        } else {
            let (url, throwaway) = Throwaway::start(parent)?;
            (url, Some(throwaway))
        };
        Ok(Self { url, databases: AtomicU32::default(), created: Mutex::default(), throwaway })
    }

    /// Creates an empty database and answers its address.
    pub(crate) async fn new_database(&self) -> Result<String> {
        let number = self.databases.fetch_add(1, Ordering::Relaxed);
        let name = format!("herald_bench_{}_{number}", std::process::id());
        let mut console = PgConnection::connect(self.url.as_str()).await?;
        console.execute(format!("CREATE DATABASE {name}").as_str()).await?;
        let mut url = self.url.clone();
        url.set_path(&name);
        if let Ok(mut created) = self.created.lock() {
            created.push(name);
        }
        Ok(url.into())
    }

    /// The server's version and how it commits.
    pub(crate) async fn describe(&self) -> Result<String> {
        let mut console = PgConnection::connect(self.url.as_str()).await?;
        let setting = "SELECT 'PostgreSQL ' || current_setting('server_version')
            || ', fsync=' || current_setting('fsync')
            || ', synchronous_commit=' || current_setting('synchronous_commit')";
        Ok(sqlx::query_scalar(setting).fetch_one(&mut console).await?)
    }

    /// Leaves nothing behind.
    pub(crate) async fn close(&self) -> Result<()> {
        if self.throwaway.is_some() {
            return Ok(());
        }
        let created = self.created.lock().map(|names| names.clone()).unwrap_or_default();
        let mut console = PgConnection::connect(self.url.as_str()).await?;
        for name in created {
            console.execute(format!("DROP DATABASE {name} WITH (FORCE)").as_str()).await?;
        }
        Ok(())
    }
}

impl Throwaway {
    fn start(parent: &Path) -> Result<(Url, Self)> {
        let programs = programs().with_context(|| {
            format!("PostgreSQL is not installed; install it, or name a server in {VARIABLE}")
        })?;
        let folder = tempfile::Builder::new().prefix("herald-bench-").tempdir_in(parent)?;
        let this = Self { programs, folder };
        if is_root()? {
            run("chown", [OsStr::new("postgres"), this.folder.path().as_os_str()])?;
        }
        let port = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
        let data = this.data();
        let options = format!(
            "-p {port} -c listen_addresses=127.0.0.1 -c fsync=on -c max_connections=200 \
             -c unix_socket_directories={}",
            this.folder.path().display()
        );
        let created = ["-U", "herald", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8"];
        this.run("initdb", [&["-D", &data], created.as_slice()].concat())?;
        let log = this.folder.path().join("log").display().to_string();
        this.run("pg_ctl", vec!["-D", &data, "-w", "-l", &log, "-o", &options, "start"])?;
        Ok((format!("postgres://herald@127.0.0.1:{port}/postgres").parse()?, this))
    }

    fn data(&self) -> String {
        self.folder.path().join("data").display().to_string()
    }

    /// Runs one of PostgreSQL's programs; it refuses to run as root.
    fn run(&self, program: &str, arguments: Vec<&str>) -> Result<()> {
        let program = self.programs.join(program).display().to_string();
        if is_root()? {
            let user = ["-u", "postgres", "--", program.as_str()];
            run("runuser", user.into_iter().chain(arguments).map(OsStr::new))
        } else {
            run(&program, arguments.into_iter().map(OsStr::new))
        }
    }
}

impl Drop for Throwaway {
    fn drop(&mut self) {
        // The folder goes in any case.
        let _ = self.run("pg_ctl", vec!["-D", &self.data(), "-m", "immediate", "stop"]);
    }
}

/// The newest installed PostgreSQL.
fn programs() -> Option<PathBuf> {
    let installed = std::fs::read_dir("/usr/lib/postgresql").ok()?;
    let mut folders: Vec<_> =
        installed.filter_map(|entry| entry.ok().map(|entry| entry.path().join("bin"))).collect();
    folders.retain(|folder| folder.join("initdb").exists());
    folders.sort();
    folders.pop()
}

fn is_root() -> Result<bool> {
    let output = Command::new("id").arg("-u").output()?;
    Ok(String::from_utf8_lossy(&output.stdout).trim() == "0")
}

fn run<'a>(program: &str, arguments: impl IntoIterator<Item = &'a OsStr>) -> Result<()> {
    let status = Command::new(program)
        .args(arguments)
        // What the server inherits it keeps open.
        .stdin(std::process::Stdio::null())
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .status()
        .with_context(|| format!("{program} does not run"))?;
    ensure!(status.success(), "{program} failed: {status}");
    Ok(())
}
