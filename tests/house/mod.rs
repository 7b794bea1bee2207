//! A whole installation in one process: real storage, the real X adapter, a sandbox over real HTTP,
//! and a clock that the test moves.

pub mod fuse;

use fuse::{Fuse, FusedEvents, FusedNetwork};
use herald_account::{Role, identity_id};
use herald_application::{
    caller::{Caller, Person, Standing},
    commands::{
        account::{OpenAccount, new_account_id},
        connection::{BeginConnection, CompleteConnection, ConsentAnswer},
    },
    desk::{Desk, Parts},
    execute::{Request, UseCase},
    failure::Failure,
    jobs::{Network, Networks},
    log::{Keyring, MasterKey, MasterKeys, Via},
    ports::{Clock, Draft, DraftFailure, DraftRequest, Ids, MediaFiles, StoreError, Writer},
    settings::{Mode, Settings},
    worker::Worker,
};
use herald_http_client::Environment;
use herald_kernel::{AccountId, ConnectionId, Instant, MediaId, Zone};
use herald_sandbox::{CLIENT_ID, CLIENT_SECRET, Running, Sandbox};
use herald_sqlite::{Sqlite, SqliteSettings};
use herald_x::X;
use secrecy::SecretString;
use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
    time::{Duration, SystemTime},
};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use uuid::Uuid;

/// Real time plus what the test has added.
#[derive(Debug, Default)]
pub struct MovedClock(AtomicI64);

impl MovedClock {
    pub fn advance(&self, span: Duration) {
        let micros = i64::try_from(span.as_micros()).expect("a span of a test");
        self.0.fetch_add(micros, Ordering::SeqCst);
    }
}

impl Clock for MovedClock {
    fn now(&self) -> Instant {
        Instant::new(Environment::wall(self).into())
    }
}

impl Environment for MovedClock {
    fn wall(&self) -> SystemTime {
        let added = u64::try_from(self.0.load(Ordering::SeqCst)).expect("time goes forward");
        SystemTime::now() + Duration::from_micros(added)
    }

    fn monotonic(&self) -> std::time::Instant {
        std::time::Instant::now()
    }

    fn chance(&self) -> f64 {
        0.5
    }

    fn pause(&self, _: Duration) -> futures::future::BoxFuture<'static, ()> {
        Box::pin(std::future::ready(()))
    }
}

/// Ids as good as chance, but different ones in each incarnation.
#[derive(Debug, Default)]
pub struct CountedIds(AtomicU64);

impl Ids for CountedIds {
    fn uuid(&self) -> Uuid {
        Uuid::new_v5(&Uuid::nil(), &self.0.fetch_add(1, Ordering::SeqCst).to_be_bytes())
    }

    fn secret(&self) -> [u8; 32] {
        let mut secret = [0; 32];
        secret[..16].copy_from_slice(self.uuid().as_bytes());
        secret[16..].copy_from_slice(self.uuid().as_bytes());
        secret
    }
}

struct NoWriter;

#[async_trait::async_trait]
impl Writer for NoWriter {
    async fn draft(&self, _: &DraftRequest) -> Result<Draft, DraftFailure> {
        Err(DraftFailure::NotConfigured)
    }
}

/// Pictures that survive a crash, as files do.
#[derive(Debug, Default)]
pub struct Pictures(Mutex<HashMap<(AccountId, MediaId), bytes::Bytes>>);

#[async_trait::async_trait]
impl MediaFiles for Pictures {
    async fn put(&self, a: AccountId, id: MediaId, bytes: bytes::Bytes) -> Result<(), StoreError> {
        self.0.lock().expect("no test dies here").insert((a, id), bytes);
        Ok(())
    }

    async fn get(&self, a: AccountId, id: MediaId) -> Result<Option<bytes::Bytes>, StoreError> {
        Ok(self.0.lock().expect("no test dies here").get(&(a, id)).cloned())
    }
}

/// The world outside and the disk: what survives a crash.
pub struct World {
    pub runtime: Runtime,
    pub sandbox: Running,
    pub clock: Arc<MovedClock>,
    pub ids: Arc<CountedIds>,
    pub folder: TempDir,
    pictures: Arc<Pictures>,
    keys: AtomicU64,
}

/// One life of the process.
pub struct Life {
    pub runtime: Runtime,
    pub desk: Arc<Desk>,
    pub worker: Worker,
    pub fuse: Arc<Fuse>,
}

/// How a life ended.
#[derive(Debug, PartialEq, Eq)]
pub enum End {
    /// Nothing was left to do.
    Idle,
    /// It died where the fuse was set.
    Died,
}

impl World {
    pub fn new() -> Self {
        rustls::crypto::ring::default_provider().install_default().ok();
        let runtime = threads();
        let settings = herald_sandbox::Settings {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            rate_limits: false,
            ..herald_sandbox::Settings::default()
        };
        let sandbox = runtime.block_on(Sandbox::start(settings)).expect("the sandbox starts");
        let folder = tempfile::tempdir().expect("a folder");
        Self {
            runtime,
            sandbox,
            clock: Arc::default(),
            ids: Arc::default(),
            folder,
            pictures: Arc::default(),
            keys: AtomicU64::default(),
        }
    }

    /// Moves time for everybody alike.
    pub fn advance(&self, span: Duration) {
        let seconds = i64::try_from(span.as_secs()).expect("a span of a test") + 1;
        self.clock.advance(Duration::from_secs(seconds.unsigned_abs()));
        self.sandbox.state().advance_clock(seconds).expect("the sandbox's clock moves");
    }

    /// Starts the process anew over what is on disk. It dies when `fuse` says so.
    pub fn live(&self, fuse: Fuse) -> Life {
        let runtime = threads();
        let fuse = Arc::new(fuse);
        let desk = runtime.block_on(self.desk(&fuse));
        let worker = Worker::new(Arc::clone(&desk));
        runtime.block_on(worker.projector().register()).expect("projections register");
        Life { runtime, desk, worker, fuse }
    }

    async fn desk(&self, fuse: &Arc<Fuse>) -> Arc<Desk> {
        let path = self.folder.path().join("herald.db");
        let database = Sqlite::open(&SqliteSettings::new(path)).await.expect("the database opens");
        let database = Arc::new(database);
        database.migrate().await.expect("migrations apply");
        let mut stores = database.stores();
        stores.events = Arc::new(FusedEvents { inner: stores.events, fuse: Arc::clone(fuse) });
        let masters = MasterKeys { current: MasterKey::new([9; 32]), former: Vec::new() };
        let keyring = Keyring::new(Arc::clone(&stores.keys), self.ids.clone(), masters);
        let x = Arc::new(self.x());
        let social = Arc::new(FusedNetwork { inner: x.clone(), fuse: Arc::clone(fuse) });
        let network = Network { social, authorization: x };
        Arc::new(Desk::new(Parts {
            stores,
            keyring: Arc::new(keyring),
            files: self.pictures.clone(),
            networks: Networks::default().with(herald_kernel::Network::X, network),
            writer: Arc::new(NoWriter),
            business: herald_application::business::Business::default(),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
            settings: settings(),
        }))
    }

    fn x(&self) -> X {
        let base: herald_http_client::Url =
            self.sandbox.base_url("x").parse().expect("the sandbox's address");
        let secret = SecretString::from(CLIENT_SECRET.to_owned());
        let mut settings = herald_x::Settings::new(base.clone(), base, CLIENT_ID, Some(secret));
        settings.timeout = Duration::from_millis(400);
        settings.commit_window = Duration::from_millis(400);
        settings.base_delay = Duration::from_millis(1);
        X::try_new_in(settings, self.clock.clone()).expect("the settings are right")
    }

    /// Carries a use case out under a key of its own.
    pub fn tell<U: UseCase>(
        &self,
        life: &Life,
        caller: &Caller,
        use_case: U,
    ) -> Result<U::Answer, Failure> {
        let number = self.keys.fetch_add(1, Ordering::SeqCst);
        let request = Request { idempotency_key: format!("key-{number}"), expected_version: None };
        let run = life.desk.carry_out(caller, request, use_case);
        life.runtime.block_on(run).map(|receipt| receipt.answer)
    }

    /// An account whose owner is `name`.
    pub fn open_account(&self, life: &Life, name: &str) -> Caller {
        let (issuer, subject) = ("local".to_owned(), name.to_lowercase());
        let person = Person { identity: identity_id(&issuer, &subject), issuer, subject };
        let key = format!("key-{}", self.keys.load(Ordering::SeqCst));
        let mut caller = Caller {
            account: new_account_id(&person, &key),
            standing: Standing::Person(person.clone()),
            via: Via::Graphql,
            correlation: Uuid::nil(),
            causation: "request:test".to_owned(),
        };
        let open = OpenAccount {
            business: format!("{name}'s bakery").try_into().expect("a name"),
            name: name.try_into().expect("a name"),
            email: None,
            zone: Zone::utc(),
        };
        let opened = self.tell(life, &caller, open).expect("the account opens");
        caller.standing = Standing::Member { member: opened.owner, role: Role::Owner, person };
        caller
    }

    /// Connects a sandbox account, clicking through the consent page.
    pub fn connect(&self, life: &Life, caller: &Caller, handle: &str) -> ConnectionId {
        let begin = BeginConnection { network: herald_kernel::Network::X };
        let asked = self.tell(life, caller, begin).expect("consent is asked for");
        let page = asked.authorization_url.expect("an address to send the person to");
        let back = self.runtime.block_on(allow(&page, handle));
        let parameter = |name: &str| {
            back.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
        };
        let complete = CompleteConnection {
            state: parameter("state").expect("a state"),
            answer: ConsentAnswer::Code(parameter("code").expect("a code").into()),
        };
        self.tell(life, caller, complete).expect("the consent is taken");
        assert_eq!(self.run(life), End::Idle);
        asked.connection
    }

    /// Works until nothing is left to do within a day, moving time to whatever is due next, or until
    /// death.
    pub fn run(&self, life: &Life) -> End {
        self.run_until(life, || false)
    }

    /// Works until `settled`, or until nothing is left to do within a day, or until death.
    pub fn run_until(&self, life: &Life, settled: impl Fn() -> bool) -> End {
        // Token refreshes come round for ever; a day sees every look-up through.
        let horizon = self.clock.now().plus(Duration::from_secs(24 * 3600));
        while !settled() {
            let ticked = life.runtime.block_on(async {
                tokio::select! {
                    biased;
                    () = life.fuse.blown() => None,
                    ticked = life.worker.tick() => Some(ticked.expect("the worker works")),
                }
            });
            match ticked {
                None => return End::Died,
                Some(0) => {}
                Some(_) => continue,
            }
            let next = life.runtime.block_on(life.desk.stores.job_board.next_due());
            match next.expect("the queue answers") {
                Some(due) if due < horizon => self.advance(due.since(self.clock.now())),
                _ => return End::Idle,
            }
        }
        End::Idle
    }

    /// What X really did for the account `handle`, by its own ledger: the texts of every post that it
    /// created.
    pub fn published_by(&self, handle: &str) -> Vec<String> {
        let ledger = self.sandbox.state().ledger();
        let created = ledger.iter().filter(|entry| {
            entry.operation == "create_post" && entry.text("author") == Some(handle)
        });
        created.map(|entry| entry.text("text").unwrap_or_default().to_owned()).collect()
    }
}

impl Life {
    /// The power goes: whatever runs, stops where it stands.
    pub fn crash(self) {
        self.runtime.shutdown_background();
    }
}

/// Presses "allow" for `handle`; answers where the browser is sent.
async fn allow(page: &url::Url, handle: &str) -> url::Url {
    #[expect(clippy::disallowed_methods, reason = "this is a person's browser")]
    let browser = reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .expect("a browser");
    let form = [("decision", "allow"), ("handle", handle)];
    let answer = browser.post(page.clone()).form(&form).send().await.expect("the page answers");
    let location = answer.headers().get("location").expect("a redirect");
    location.to_str().expect("text").parse().expect("an address")
}

fn settings() -> Settings {
    let public_url = "http://127.0.0.1:8080".parse().expect("an address");
    let mut settings = Settings::new(Mode::Sandbox, public_url);
    settings.waits.commit = Duration::from_millis(400);
    settings.waits.retry = Duration::from_millis(1);
    // One thing at a time, so that a seed tells the whole story.
    settings.parallel_jobs = 1;
    settings
}

fn threads() -> Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .expect("threads")
}
