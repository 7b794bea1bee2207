//! The front door: the real binary with its own database, port and sandbox, and people who use it.

pub(crate) mod browser;
pub(crate) mod cash;
pub(crate) mod database;
pub(crate) mod doors;
pub(crate) mod nonsense;
pub(crate) mod schema;
pub(crate) mod story;
pub(crate) mod visitor;
pub(crate) mod wire;

use database::{Database, Engine};
use std::{
    io::{BufRead as _, BufReader, Read},
    net::{SocketAddr, TcpListener},
    process::{Child, Command, Output, Stdio},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};
use tempfile::TempDir;
use visitor::{Heard, Visitor};

/// How long anything may take before a test gives up on it.
pub(crate) const PATIENCE: Duration = Duration::from_secs(40);

/// Short waits, so that nobody waits in a test. What they mean is in `docs/configuration.md`.
const WAITS: [(&str, &str); 9] = [
    ("HERALD_WAIT_POLL", "100ms"),
    ("HERALD_WAIT_RETRY", "50ms"),
    ("HERALD_WAIT_LEASE", "2s"),
    ("HERALD_WAIT_COMMIT", "2s"),
    ("HERALD_WAIT_SETTLE", "1s"),
    ("HERALD_WAIT_FIRST_LOOKUP", "100ms"),
    ("HERALD_WAIT_BETWEEN_LOOKUPS", "200ms"),
    ("HERALD_WAIT_READ", "10s"),
    ("HERALD_WRITER_REQUESTS_PER_MINUTE", "6000"),
];

/// A running `herald` and all that belongs to it. It ends with the value.
pub(crate) struct Front {
    pub(crate) listen: SocketAddr,
    pub(crate) sandbox: SocketAddr,
    pub(crate) database: Database,
    pub(crate) folder: TempDir,
    /// How long the last start took until it was ready.
    pub(crate) ready_in: Duration,
    settings: Vec<(String, String)>,
    output: Arc<Mutex<String>>,
    heard: Heard,
    child: Child,
}

impl Front {
    /// A fresh installation on `engine`, ready.
    pub(crate) async fn start(engine: Engine) -> Self {
        Self::start_with(engine, &[]).await
    }

    /// The same with settings beside or instead of the usual ones.
    pub(crate) async fn start_with(engine: Engine, settings: &[(&str, &str)]) -> Self {
        // TLS is never spoken here, yet a client is not built without a provider for it.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let folder = tempfile::tempdir().expect("a temporary folder");
        let database = Database::new(engine, folder.path()).await;
        let own = |(name, text): &(&str, &str)| ((*name).to_owned(), (*text).to_owned());
        let mut all: Vec<_> = WAITS.iter().map(own).collect();
        all.push(("HERALD_DATA_DIR".to_owned(), folder.path().display().to_string()));
        all.push(("HERALD_DATABASE_URL".to_owned(), database.url.clone()));
        all.extend(settings.iter().map(own));
        let [listen, sandbox] = free_ports();
        let output = Arc::new(Mutex::new(String::new()));
        let mut front = Self {
            child: spawn(&all, listen, sandbox, &output),
            listen,
            sandbox,
            database,
            folder,
            ready_in: Duration::ZERO,
            settings: all,
            output,
            heard: Heard::default(),
        };
        front.until_ready(Instant::now()).await;
        front
    }

    /// A second process over the same database that answers and does no work.
    pub(crate) async fn replica(&self) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        // One database is one installation, and one master key opens it.
        let key = "master.key";
        std::fs::copy(self.folder.path().join(key), folder.path().join(key)).expect("a key");
        let [listen, sandbox] = free_ports();
        let output = Arc::new(Mutex::new(String::new()));
        let mut settings = self.settings.clone();
        settings.push(("HERALD_DATA_DIR".to_owned(), folder.path().display().to_string()));
        settings.push(("HERALD_ROLES".to_owned(), "api".to_owned()));
        let mut second = Self {
            child: spawn(&settings, listen, sandbox, &output),
            listen,
            sandbox,
            database: self.database.clone(),
            folder,
            ready_in: Duration::ZERO,
            settings,
            output,
            heard: Heard::default(),
        };
        second.until_ready(Instant::now()).await;
        second
    }

    /// Ends the process as a power cut would: no signal handler sees it.
    pub(crate) fn kill(&mut self) {
        self.child.kill().expect("SIGKILL is sent");
        self.child.wait().expect("the process is reaped");
    }

    /// Has the process come to its end in peace.
    pub(crate) async fn stop(&mut self) {
        let sent = Command::new("kill").arg(self.pid().to_string()).status().expect("kill");
        assert!(sent.success());
        let deadline = Instant::now() + PATIENCE;
        while self.ended().is_none() {
            assert!(Instant::now() < deadline, "it does not stop");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Starts the same installation again, ready.
    pub(crate) async fn restart(&mut self) {
        let started = Instant::now();
        self.child = spawn(&self.settings, self.listen, self.sandbox, &self.output);
        self.until_ready(started).await;
    }

    /// Sets something otherwise for the next start, and for commands from now on.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.settings.push((name.to_owned(), value.to_owned()));
    }

    /// The status with which the process ended, if it did.
    pub(crate) fn ended(&mut self) -> Option<String> {
        self.child.try_wait().expect("a child").map(|status| status.to_string())
    }

    /// The process, by its number.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Everything that was printed so far, by every process of this installation.
    pub(crate) fn output(&self) -> String {
        self.output.lock().expect("no reader panics").clone()
    }

    /// Everything that was answered so far.
    pub(crate) fn heard(&self) -> Vec<String> {
        self.heard.lock().expect("nobody panics").clone()
    }

    /// An address of this installation.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.listen)
    }

    /// Runs another command of the binary on the same installation. What it prints is kept as well.
    pub(crate) fn herald(&self, arguments: &[&str]) -> Output {
        let mut command = command(&self.settings, self.listen, self.sandbox);
        let output = command.args(arguments).output().expect("the binary starts");
        let mut kept = self.output.lock().expect("no reader panics");
        kept.push_str(&String::from_utf8_lossy(&output.stdout));
        kept.push_str(&String::from_utf8_lossy(&output.stderr));
        drop(kept);
        output
    }

    /// Nobody in particular.
    pub(crate) fn nobody(&self) -> Visitor {
        Visitor::new(self.url(""), Arc::clone(&self.heard))
    }

    /// The person who runs this installation, by the link that was printed at the start.
    pub(crate) async fn resident(&self) -> Visitor {
        self.nobody().signed_in(&self.printed_link().await).await
    }

    /// The link that the start prints, a moment after it is ready.
    pub(crate) async fn printed_link(&self) -> String {
        until("a link to sign in with", async || {
            let output = self.output();
            let link = output.lines().rev().find_map(|line| line.split_once("15 minutes: "));
            link.map(|(_, link)| link.trim().to_owned())
        })
        .await
    }

    /// Somebody who was never here before.
    pub(crate) async fn newcomer(&self) -> Visitor {
        let printed = self.herald(&["sign-in", "--new"]);
        assert!(printed.status.success(), "{printed:?}");
        let text = String::from_utf8(printed.stdout).expect("text");
        let link = text.lines().find(|line| line.contains("/sign-in/")).expect("a link");
        self.nobody().signed_in(link.trim()).await
    }

    /// The link that `herald sign-in` shows at a terminal. In production mode it shows it nowhere
    /// else, so a terminal is what it gets.
    pub(crate) fn link_on_a_terminal(&self, arguments: &str) -> String {
        let binary = env!("CARGO_BIN_EXE_herald");
        let mut terminal = command_of("script", &self.settings, self.listen, self.sandbox);
        terminal.args(["-qec", &format!("'{binary}' sign-in {arguments}"), "/dev/null"]);
        let shown = terminal.stdin(Stdio::null()).output().expect("script is installed");
        let shown = String::from_utf8_lossy(&shown.stdout).into_owned();
        let link = shown.lines().find(|line| line.contains("/sign-in/"));
        link.unwrap_or_else(|| panic!("a link: {shown}")).trim().to_owned()
    }

    async fn until_ready(&mut self, started: Instant) {
        let ready = self.url("/health/ready");
        let http = visitor::http();
        loop {
            if let Ok(answer) = http.get(&ready).send().await
                && answer.status().is_success()
            {
                self.ready_in = started.elapsed();
                return;
            }
            let ended = self.ended();
            assert!(
                ended.is_none() && started.elapsed() < PATIENCE,
                "not ready; ended: {ended:?}; it printed:\n{}",
                self.output()
            );
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            let output = self.output();
            let lines: Vec<_> = output.lines().rev().take(40).collect();
            eprintln!("the last lines that it printed, latest first:\n{}", lines.join("\n"));
        }
    }
}

fn command(settings: &[(String, String)], listen: SocketAddr, sandbox: SocketAddr) -> Command {
    command_of(env!("CARGO_BIN_EXE_herald"), settings, listen, sandbox)
}

fn command_of(
    program: &str,
    settings: &[(String, String)],
    listen: SocketAddr,
    sandbox: SocketAddr,
) -> Command {
    let mut command = Command::new(program);
    command.env_clear();
    // Where to find programs, and where `tests/coverage.py` wants to hear what ran.
    for name in ["PATH", "LLVM_PROFILE_FILE"] {
        command.envs(std::env::var_os(name).map(|value| (name, value)));
    }
    command.env("HERALD_LISTEN", listen.to_string());
    command.env("HERALD_SANDBOX_LISTEN", sandbox.to_string());
    command.envs(settings.iter().map(|(name, text)| (name, text)));
    command
}

fn spawn(
    settings: &[(String, String)],
    listen: SocketAddr,
    sandbox: SocketAddr,
    output: &Arc<Mutex<String>>,
) -> Child {
    let mut command = command(settings, listen, sandbox);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the binary starts");
    keep(child.stdout.take().expect("piped"), Arc::clone(output));
    keep(child.stderr.take().expect("piped"), Arc::clone(output));
    child
}

/// Keeps whatever comes out of a pipe until it is closed.
fn keep(pipe: impl Read + Send + 'static, output: Arc<Mutex<String>>) {
    std::thread::spawn(move || {
        let mut lines = BufReader::new(pipe);
        let mut line = Vec::new();
        while lines.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
            output.lock().expect("nobody panics").push_str(&String::from_utf8_lossy(&line));
            line.clear();
        }
    });
}

/// Ports that are free now: held side by side, so that they differ.
fn free_ports<const N: usize>() -> [SocketAddr; N] {
    let held = [(); N].map(|()| TcpListener::bind("127.0.0.1:0").expect("a free port"));
    held.map(|listener| listener.local_addr().expect("an address"))
}

/// Asks again and again until there is an answer, and not for ever.
pub(crate) async fn until<T, F>(what: &str, mut found: impl FnMut() -> F) -> T
where
    F: Future<Output = Option<T>>,
{
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = found().await {
            return found;
        }
        assert!(Instant::now() < deadline, "this never came: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
