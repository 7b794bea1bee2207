//! A whole installation in memory, for tests of use cases, jobs, processes and views.

mod inbox_kept;
mod jobs_kept;
mod keeping;
mod memory;
pub(crate) mod network;
pub(crate) mod payments;
mod tiers;
mod views;
pub(crate) mod webhooks;
mod writer;

pub(crate) use memory::Memory;
pub(crate) use network::FakeNetwork;
pub(crate) use writer::FakeWriter;

use crate::{
    caller::{Caller, Person, Standing},
    commands::{
        account::{OpenAccount, new_account_id},
        connection::{BeginConnection, CompleteConnection, ConsentAnswer, Reconnect},
    },
    desk::{Desk, Parts},
    execute::{Receipt, Request, UseCase},
    failure::Failure,
    inbox::Sources,
    jobs::{self, JobFailure, Network as Provider, Networks, Next},
    log::{Keyring, MasterKey, MasterKeys, Via},
    ports::{ClaimedJob, Clock, Ids, JobKind, Lease, Stores},
    projector::Projector,
    settings::{Mode, Settings},
};
use herald_account::{Role, identity_id};
use herald_kernel::{AccountId, ConnectionId, Instant, Network, Zone};
use secrecy::SecretString;
use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use url::Url;
use uuid::Uuid;

/// When every test begins.
pub(crate) fn start() -> Instant {
    "2026-11-21T09:00:00Z".parse().expect("an instant")
}

/// A clock that a test moves.
#[derive(Debug)]
pub(crate) struct TestClock(Mutex<Instant>);

impl Clock for TestClock {
    fn now(&self) -> Instant {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Chance that is the same in every run.
#[derive(Debug, Default)]
pub(crate) struct TestIds(AtomicU64);

impl Ids for TestIds {
    fn uuid(&self) -> Uuid {
        Uuid::from_u128(0x7000_0000_0000 + u128::from(self.0.fetch_add(1, Ordering::Relaxed)))
    }

    fn secret(&self) -> [u8; 32] {
        let drawn = self.0.fetch_add(1, Ordering::Relaxed);
        let mut secret = [0x5a; 32];
        secret[..8].copy_from_slice(&drawn.to_be_bytes());
        secret
    }
}

/// A desk over [`Memory`] with one network, its clock and its projector.
pub(crate) struct World {
    pub(crate) desk: Arc<Desk>,
    pub(crate) memory: Arc<Memory>,
    pub(crate) network: Arc<FakeNetwork>,
    pub(crate) writer: Arc<FakeWriter>,
    pub(crate) clock: Arc<TestClock>,
    projector: Projector,
    keys: AtomicU64,
}

impl World {
    /// An empty installation whose projections are registered.
    pub(crate) async fn new() -> Self {
        Self::with(|_| ()).await
    }

    /// As [`Self::new`], with other settings.
    pub(crate) async fn with(change: impl FnOnce(&mut Settings)) -> Self {
        Self::built(change, true, Sources::default()).await
    }

    /// As [`Self::new`], but no network has credentials.
    pub(crate) async fn without_networks() -> Self {
        Self::built(|_| (), false, Sources::default()).await
    }

    /// As [`Self::new`], with other settings and with providers that call.
    pub(crate) async fn with_sources(change: impl FnOnce(&mut Settings), sources: Sources) -> Self {
        Self::built(change, true, sources).await
    }

    /// As [`Self::new`], with other settings and with somebody who takes payments.
    pub(crate) async fn with_business(
        change: impl FnOnce(&mut Settings),
        business: crate::business::Business,
    ) -> Self {
        Self::furnished(change, true, Sources::default(), business).await
    }

    /// As [`Self::with_business`], with providers that call.
    pub(crate) async fn with_callers(
        change: impl FnOnce(&mut Settings),
        business: crate::business::Business,
        sources: Sources,
    ) -> Self {
        Self::furnished(change, true, sources, business).await
    }

    async fn built(change: impl FnOnce(&mut Settings), configured: bool, sources: Sources) -> Self {
        let business = crate::business::Business::default();
        Self::furnished(change, configured, sources, business).await
    }

    async fn furnished(
        change: impl FnOnce(&mut Settings),
        configured: bool,
        sources: Sources,
        business: crate::business::Business,
    ) -> Self {
        let memory = Arc::new(Memory::default());
        let ids = Arc::new(TestIds::default());
        let masters = MasterKeys { current: MasterKey::new([7; 32]), former: Vec::new() };
        let keyring = Arc::new(Keyring::new(memory.clone(), ids.clone(), masters));
        let clock = Arc::new(TestClock(Mutex::new(start())));
        let network = Arc::new(FakeNetwork::default());
        let writer = Arc::new(FakeWriter::default());
        let provider = Provider { social: network.clone(), authorization: network.clone() };
        let networks = Networks::default();
        let networks = if configured { networks.with(Network::X, provider) } else { networks };
        let public_url = "http://127.0.0.1:8080".parse().expect("a url");
        let mut settings = Settings::new(Mode::Sandbox, public_url);
        change(&mut settings);
        let desk = Desk::new(Parts {
            stores: stores(&memory),
            keyring,
            files: memory.clone(),
            networks,
            writer: writer.clone(),
            business,
            clock: clock.clone(),
            ids,
            settings,
        });
        let desk = Arc::new(desk.with_sources(sources));
        let projector = Projector::new(Arc::clone(&desk));
        projector.register().await.expect("projections register");
        Self { desk, memory, network, writer, clock, projector, keys: AtomicU64::default() }
    }

    /// Lets time pass.
    pub(crate) fn pass(&self, span: Duration) {
        let mut now = self.clock.0.lock().unwrap_or_else(PoisonError::into_inner);
        *now = now.plus(span);
    }

    /// Folds everything that happened into views and jobs.
    pub(crate) async fn project(&self) {
        self.projector.run_to_head().await.expect("the log folds");
        let stopped = self.memory.state().checkpoints.iter().find_map(|c| c.error.clone());
        assert_eq!(stopped, None, "a projection stopped");
    }

    /// Carries a use case out under a key of its own.
    pub(crate) async fn run<U: UseCase>(
        &self,
        caller: &Caller,
        use_case: U,
    ) -> Result<U::Answer, Failure> {
        let key = format!("key-{}", self.keys.fetch_add(1, Ordering::Relaxed));
        self.run_as(caller, &key, use_case).await.map(|receipt| receipt.answer)
    }

    /// Carries a use case out under the given key.
    pub(crate) async fn run_as<U: UseCase>(
        &self,
        caller: &Caller,
        key: &str,
        use_case: U,
    ) -> Result<Receipt<U::Answer>, Failure> {
        let request = Request { idempotency_key: key.to_owned(), expected_version: None };
        self.desk.carry_out(caller, request, use_case).await
    }

    /// Opens an account for the person of this name, who becomes its owner.
    pub(crate) async fn open_account(&self, name: &str) -> Caller {
        let person = person(name);
        let account = new_account_id(&person, "open");
        let newcomer = caller(account, Standing::Person(person.clone()));
        let open = OpenAccount {
            business: format!("{name}'s bakery").try_into().expect("a name"),
            name: name.try_into().expect("a name"),
            email: None,
            zone: Zone::utc(),
        };
        let opened = self.run_as(&newcomer, "open", open).await.expect("the account opens");
        let member = opened.answer.owner;
        caller(account, Standing::Member { member, role: Role::Owner, person })
    }

    /// Connects the account to the network's account `42`, as a person and the worker would.
    pub(crate) async fn connect(&self, owner: &Caller) -> ConnectionId {
        let begun = self.run(owner, BeginConnection { network: Network::X }).await;
        let begun = begun.expect("it begins");
        self.consent(owner, &begun.authorization_url.expect("an address")).await;
        self.work().await;
        begun.connection
    }

    /// Gives a connection fresh consent.
    pub(crate) async fn reconnect(&self, owner: &Caller, connection: ConnectionId) {
        let begun = self.run(owner, Reconnect { connection }).await.expect("a new attempt");
        self.consent(owner, &begun.authorization_url.expect("an address")).await;
        self.work().await;
    }

    /// Comes back from the consent page with a code.
    pub(crate) async fn consent(&self, owner: &Caller, page: &Url) {
        let state = page.query_pairs().find(|(name, _)| name == "state");
        let state = state.expect("the page carries the state").1.into_owned();
        let answer = ConsentAnswer::Code(SecretString::from("code-canary"));
        self.run(owner, CompleteConnection { state, answer }).await.expect("it is awaited");
    }

    /// Folds what happened and carries out every job that is due, until none is. Answers how each
    /// ended.
    pub(crate) async fn work(&self) -> Vec<(JobKind, Result<Next, JobFailure>)> {
        let mut ends = Vec::new();
        loop {
            self.project().await;
            let due = self.due_jobs().await;
            if due.is_empty() {
                return ends;
            }
            for job in due {
                let end = jobs::run(&self.desk, &job).await;
                self.after(&job, &end).await;
                ends.push((job.kind, end));
            }
        }
    }

    async fn after(&self, job: &ClaimedJob, end: &Result<Next, JobFailure>) {
        let (queue, id, fence) = (&self.desk.stores.jobs, job.id, job.fence);
        let later = self.clock.now().plus(self.desk.settings.waits.retry);
        let done = match end {
            Ok(Next::Done) => queue.finish(id, fence).await,
            Ok(Next::At(at)) => queue.reschedule(id, fence, *at, None, true).await,
            Err(JobFailure::Retry(cause)) => {
                queue.reschedule(id, fence, later, Some(cause), false).await
            }
            Err(JobFailure::GiveUp(cause)) => queue.bury(id, fence, cause).await,
        };
        done.expect("the queue answers");
    }

    /// Claims every job that is due, the most urgent first.
    pub(crate) async fn due_jobs(&self) -> Vec<ClaimedJob> {
        let lease = Lease { now: self.clock.now(), length: self.desk.settings.waits.lease };
        self.desk.stores.jobs.claim(lease, 100).await.expect("jobs are claimed")
    }
}

/// Somebody whom the local issuer vouches for.
pub(crate) fn person(name: &str) -> Person {
    let (issuer, subject) = ("local".to_owned(), name.to_lowercase());
    Person { identity: identity_id(&issuer, &subject), issuer, subject }
}

/// Somebody who acts in `account`.
pub(crate) fn caller(account: AccountId, standing: Standing) -> Caller {
    let causation = "request:test".to_owned();
    Caller { account, standing, via: Via::Graphql, correlation: Uuid::from_u128(1), causation }
}

/// The same account, seen by a job.
pub(crate) fn job_caller(account: AccountId) -> Caller {
    caller(account, Standing::Job("job".to_owned()))
}

fn stores(memory: &Arc<Memory>) -> Stores {
    Stores {
        events: memory.clone(),
        sequencer: memory.clone(),
        log: memory.clone(),
        views: memory.clone(),
        projections: memory.clone(),
        jobs: memory.clone(),
        job_board: memory.clone(),
        keys: memory.clone(),
        key_wraps: memory.clone(),
        secrets: memory.clone(),
        sessions: memory.clone(),
        refreshes: memory.clone(),
        sign_ins: memory.clone(),
        links: memory.clone(),
        suppressions: memory.clone(),
        media: memory.clone(),
        content: memory.clone(),
        observations: memory.clone(),
        inbox: memory.clone(),
        inbox_board: memory.clone(),
        inbox_cursors: memory.clone(),
    }
}
