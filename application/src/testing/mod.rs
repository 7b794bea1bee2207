//! A whole installation in memory, for tests of use cases, jobs, processes and views.

mod jobs;
mod keeping;
mod memory;
pub(crate) mod network;
mod views;
mod writer;

pub(crate) use memory::Memory;
pub(crate) use network::FakeNetwork;
pub(crate) use writer::FakeWriter;

use crate::{
    caller::{Caller, Person, Standing},
    commands::account::{OpenAccount, new_account_id},
    desk::{Desk, Parts},
    execute::{Receipt, Request, UseCase},
    failure::Failure,
    jobs::{Network as Provider, Networks},
    log::{Keyring, MasterKey, MasterKeys, Via},
    ports::{ClaimedJob, Clock, Ids, Lease, Stores},
    projector::Projector,
    settings::{Mode, Settings},
};
use herald_account::{Role, identity_id};
use herald_kernel::{AccountId, Instant, JobId, Zone};
use herald_social_connection::Network;
use std::{
    sync::{Arc, Mutex, PoisonError, atomic::{AtomicU64, Ordering}},
    time::Duration,
};
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
        let memory = Arc::new(Memory::default());
        let ids = Arc::new(TestIds::default());
        let masters = MasterKeys { current: MasterKey::new([7; 32]), former: Vec::new() };
        let keyring = Arc::new(Keyring::new(memory.clone(), ids.clone(), masters));
        let clock = Arc::new(TestClock(Mutex::new(start())));
        let network = Arc::new(FakeNetwork::default());
        let writer = Arc::new(FakeWriter::default());
        let provider = Provider { social: network.clone(), authorization: network.clone() };
        let public_url = "http://127.0.0.1:8080".parse().expect("a url");
        let desk = Arc::new(Desk::new(Parts {
            stores: stores(&memory),
            keyring,
            files: memory.clone(),
            networks: Networks::default().with(Network::X, provider),
            writer: writer.clone(),
            clock: clock.clone(),
            ids,
            settings: Settings::new(Mode::Sandbox, public_url),
        }));
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
    caller(account, Standing::Job(JobId::derived(account.uuid(), "job")))
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
        secrets: memory.clone(),
        sessions: memory.clone(),
        links: memory.clone(),
        media: memory.clone(),
        content: memory.clone(),
        observations: memory.clone(),
    }
}
