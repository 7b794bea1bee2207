//! The tests' PostgreSQL server: the one that is given, or one that is started when the first test
//! asks for it and that ends with the test process. Without PostgreSQL the tests fail.

use std::{
    ffi::OsString,
    fs,
    net::TcpListener,
    os::unix::process::CommandExt as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::OnceLock,
};

/// The variable that names a server to use, as one who may create databases.
const GIVEN: &str = "HERALD_TEST_POSTGRES";

/// How often another port is tried when somebody else was faster.
const TRIES: u32 = 3;

/// What tests need of a server: speed. Nothing here outlives the machine's next restart.
const SETTINGS: &str = "-c listen_addresses=127.0.0.1 -c fsync=off -c synchronous_commit=off \
                        -c full_page_writes=off -c max_connections=300";

/// Waits for the tests to end, however they end, and clears up.
const WATCH: &str = r#"tests=$1 folder=$2; shift 2
    while kill -0 "$tests"; do sleep 1; done
    "$@"; rm -rf "$folder""#;

/// The address of the server's maintenance database.
pub(crate) fn address() -> &'static str {
    static ADDRESS: OnceLock<String> = OnceLock::new();
    ADDRESS.get_or_init(|| std::env::var(GIVEN).unwrap_or_else(|_| Throwaway::new().start()))
}

/// A server that ends with us.
struct Throwaway {
    programs: PathBuf,
    folder: PathBuf,
    root: bool,
}

impl Throwaway {
    fn new() -> Self {
        let programs = programs().unwrap_or_else(|| {
            panic!("PostgreSQL is not installed: install it, or name a server in {GIVEN}")
        });
        let folder = tempfile::Builder::new().prefix("herald-test-postgres-").tempdir();
        let folder = folder.expect("a temporary folder").keep();
        let user = Command::new("id").arg("-u").output().expect("`id` runs");
        let root = user.stdout.trim_ascii() == b"0";
        if root {
            run(Command::new("chown").arg("postgres").arg(&folder));
        }
        Self { programs, folder, root }
    }

    fn start(&self) -> String {
        let data = self.folder.join("data");
        let log = self.folder.join("log");
        self.watch(&data);
        let wishes = ["-U", "herald", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8"];
        run(self.program("initdb").arg("-D").arg(&data).args(wishes).arg("--no-sync"));
        for _ in 0..TRIES {
            let port = TcpListener::bind(("127.0.0.1", 0)).and_then(|door| door.local_addr());
            let port = port.expect("a free port").port();
            let sockets = self.folder.display();
            let options = format!("-p {port} -c unix_socket_directories={sockets} {SETTINGS}");
            let mut start = self.program("pg_ctl");
            start.arg("-D").arg(&data).arg("-l").arg(&log).args(["-w", "-o", &options, "start"]);
            if start.status().is_ok_and(|status| status.success()) {
                return format!("postgres://herald@127.0.0.1:{port}/postgres");
            }
        }
        panic!("PostgreSQL does not start: {}", fs::read_to_string(log).unwrap_or_default())
    }

    /// One of PostgreSQL's programs; they refuse to run as root.
    fn program(&self, name: &str) -> Command {
        let words = self.words(name);
        let (first, rest) = words.split_first().expect("at least the program");
        let mut command = Command::new(first);
        // What the server inherits it keeps open, and whoever reads our output waits for it.
        command.args(rest).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command.current_dir(&self.folder);
        command
    }

    fn words(&self, name: &str) -> Vec<OsString> {
        let program = self.programs.join(name).into_os_string();
        if self.root {
            ["runuser", "-u", "postgres", "--"]
                .map(OsString::from)
                .into_iter()
                .chain([program])
                .collect()
        } else {
            vec![program]
        }
    }

    /// In a process group of its own, which an interrupt at the keyboard does not reach.
    fn watch(&self, data: &Path) {
        let mut watch = Command::new("sh");
        watch.args(["-c", WATCH, "herald-test-postgres", &std::process::id().to_string()]);
        watch.arg(&self.folder).args(self.words("pg_ctl")).arg("-D").arg(data);
        watch.args(["-m", "immediate", "stop"]).process_group(0);
        watch.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        #[expect(clippy::zombie_processes, reason = "it waits for us, not we for it")]
        let _watching = watch.spawn().expect("a shell to clear up after the tests");
    }
}

/// Where PostgreSQL's programs are: on the path, or where Debian puts the newest.
fn programs() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let version = |folder: &PathBuf| folder.file_name()?.to_str()?.parse::<u32>().ok();
    let mut debian: Vec<_> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect();
    debian.sort_by_key(version);
    let debian = debian.into_iter().rev().map(|folder| folder.join("bin"));
    std::env::split_paths(&path)
        .chain(debian)
        .find(|folder| folder.join("initdb").exists() && folder.join("pg_ctl").exists())
}

fn run(command: &mut Command) {
    let status = command.status();
    assert!(
        status.as_ref().is_ok_and(std::process::ExitStatus::success),
        "{command:?}: {status:?}"
    );
}
