//! Herald itself as a contestant: the real use case over a real storage engine, without providers.

use crate::{
    business::{self, fresh_accounts},
    contestant::Contestant,
};
use anyhow::{Context as _, Result, anyhow, bail};
use async_trait::async_trait;
use herald_account::{Account, Action, BusinessProfile, Role, identity_id};
use herald_application::{
    audit,
    caller::{Caller, Person, Standing},
    commands::{account::UpdateBusinessProfile, api_key::IssueApiKey},
    desk::{Desk, Parts},
    execute::{Naming, Request, UseCase, Who, Work},
    failure::Failure,
    jobs::Networks,
    keys, limits,
    log::{EventMeta, Keyring, MasterKey, MasterKeys, Via, Writing, pages::Pages},
    occurred::AnyEvent,
    ports::{
        Clock, Draft, DraftFailure, DraftRequest, Ids, LoggedEvent, MediaFiles, Ordinal,
        StoreError, Stores, Writer,
    },
    settings::{Mode, Settings},
    worker::Worker,
};
use herald_kernel::{AccountId, CommandId, Instant, MediaId};
use herald_terms::{Reach, Scope};
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use uuid::Uuid;

/// Events per page, as the projector and the auditor read them.
const PAGE: u32 = 1_000;
/// Calls that fill the caches.
const WARMING: u32 = 100;

/// A composed installation.
pub(crate) struct House {
    name: &'static str,
    desk: Arc<Desk>,
    worker: Worker,
    /// Do the loops run?
    awake: bool,
    keys: AtomicU64,
}

impl House {
    /// A house over `stores`; `awake`, its loops keep the views up to date.
    pub(crate) async fn open(stores: Stores, name: &'static str, awake: bool) -> Result<Self> {
        let ids = Arc::new(CountedIds::default());
        let masters = MasterKeys { current: MasterKey::new([7; 32]), former: Vec::new() };
        let mut settings = Settings::new(Mode::Sandbox, "http://127.0.0.1:8080".parse()?);
        // How often one may call is not what is measured.
        settings.allowances.key = 1_000_000_000;
        let keyring = Keyring::new(Arc::clone(&stores.keys), ids.clone(), masters);
        let desk = Arc::new(Desk::new(Parts {
            stores,
            keyring: Arc::new(keyring),
            files: Arc::new(Nobody),
            networks: Networks::default(),
            writer: Arc::new(Nobody),
            business: herald_application::business::Business::default(),
            clock: Arc::new(SystemClock),
            ids,
            settings,
        }));
        let worker = Worker::new(Arc::clone(&desk));
        if awake {
            worker.start().await?;
        } else {
            worker.projector().register().await?;
        }
        Ok(Self { name, desk, worker, awake, keys: AtomicU64::default() })
    }

    /// Stops the loops.
    pub(crate) async fn close(&self) {
        self.worker.stop(Duration::from_secs(5)).await;
    }

    /// Gives every stored event its ordinal; answers how many there were.
    pub(crate) async fn sequence(&self) -> Result<u64> {
        let mut events = 0;
        loop {
            let step = self.desk.stores.sequencer.step().await?;
            if step.events == 0 {
                return Ok(events);
            }
            events += u64::try_from(step.events)?;
        }
    }

    /// Folds the whole log into the views that are behind; answers how far they have come.
    pub(crate) async fn project(&self) -> Result<Ordinal> {
        self.worker.projector().run_to_head().await?;
        Ok(self.desk.progress.covered())
    }

    /// Begins to build the accounts' view anew, beside the one that is served.
    pub(crate) async fn begin_rebuild(&self) -> Result<()> {
        self.worker.projector().rebuild("accounts").await?;
        Ok(())
    }

    /// Verifies the whole log; answers how many events it has.
    pub(crate) async fn verify(&self) -> Result<u64> {
        let verified = audit::verify(&self.desk.stores, |_| ()).await?;
        match verified.breach {
            None => Ok(u64::try_from(verified.events)?),
            Some(breach) => bail!("the log does not verify: {breach}"),
        }
    }

    /// The first events of the log.
    pub(crate) async fn first_page(&self) -> Result<Vec<LoggedEvent>> {
        Ok(self.desk.stores.log.page(Ordinal(0), PAGE).await?)
    }

    /// Gives one command and waits until every view shows it; answers how long each took.
    pub(crate) async fn until_visible(
        &self,
        account: AccountId,
        number: u64,
    ) -> Result<(Duration, Duration)> {
        let started = std::time::Instant::now();
        let receipt = self.carry_out(account, described(number)?).await?;
        let acknowledged = started.elapsed();
        let token = receipt.context("the command wrote nothing")?;
        self.desk.await_token(token).await?;
        Ok((acknowledged, started.elapsed().saturating_sub(acknowledged)))
    }

    /// Lets a program in by its key `count` times and counts its calls; answers how long each took,
    /// in microseconds. The first ones, which fill the caches, are left out.
    pub(crate) async fn calls_with_a_key(
        &self,
        account: AccountId,
        count: u32,
    ) -> Result<Vec<f64>> {
        let issue = IssueApiKey {
            name: "a till".to_owned().try_into()?,
            scopes: [Scope::Read].into(),
            reach: Reach::All,
            ip_allow: Vec::new(),
            expires_at: None,
        };
        let key = self.keys.fetch_add(1, Ordering::Relaxed);
        let request = Request { idempotency_key: format!("key-{key}"), expected_version: None };
        let issued = self.desk.carry_out(&caller(account), request, issue).await?;
        let secret = issued.answer.secret.context("a new key is shown")?;
        self.settle().await?;
        let mut took = Vec::new();
        for number in 0..count + WARMING {
            let started = std::time::Instant::now();
            let pass = keys::authenticate(&self.desk, &secret, None).await;
            let pass = pass.map_err(|denied| anyhow!("the key is refused: {denied:?}"))?;
            let tally = limits::charge_key(&self.desk, &pass, "bench", 1).await;
            tally.map_err(|stopped| anyhow!("the call is stopped: {stopped:?}"))?;
            if number >= WARMING {
                took.push(started.elapsed().as_secs_f64() * 1e6);
            }
        }
        Ok(took)
    }

    /// One account to work with.
    pub(crate) async fn account(&self) -> Result<AccountId> {
        let account = *fresh_accounts(1).first().context("one was asked for")?;
        self.prepare(account, 0).await?;
        self.settle().await?;
        Ok(account)
    }

    async fn carry_out<U: UseCase>(
        &self,
        account: AccountId,
        use_case: U,
    ) -> Result<Option<herald_application::token::Token>> {
        let key = self.keys.fetch_add(1, Ordering::Relaxed);
        let request = Request { idempotency_key: format!("key-{key}"), expected_version: None };
        let receipt = self.desk.carry_out(&caller(account), request, use_case).await?;
        Ok(receipt.token)
    }
}

#[async_trait]
impl Contestant for House {
    fn name(&self) -> &'static str {
        self.name
    }

    async fn prepare(&self, account: AccountId, updates: u64) -> Result<()> {
        let mut loaded = self.desk.journal.load::<Account>(account.uuid()).await?;
        let mut writings: Vec<Writing> = Vec::new();
        let updates = (0..updates).map(business::update);
        for command in std::iter::once(business::open(account)).chain(updates) {
            let decided = loaded.decide(command?, &business::context()).await;
            writings.extend(decided.map_err(|error| anyhow!("refused: {error:?}"))?);
        }
        let command = CommandId::derived(account.uuid(), "prepare");
        self.desk.journal.append(&writings, &meta(account, command)).await?;
        self.desk.wake.notify_one();
        Ok(())
    }

    async fn update(&self, account: AccountId, number: u64) -> Result<()> {
        self.carry_out(account, described(number)?).await?;
        Ok(())
    }

    async fn update_many(&self, account: AccountId, count: u64) -> Result<()> {
        let profiles = (0..count).map(business::profile).collect::<Result<Vec<_>>>()?;
        self.carry_out(account, DescribeOftenAtOnce { profiles }).await?;
        Ok(())
    }

    async fn settle(&self) -> Result<()> {
        if !self.awake {
            return Ok(());
        }
        let mut progress = self.desk.progress.watch();
        loop {
            let stored = self.desk.stores.log.head().await?.stored;
            if self.desk.progress.covered().0 >= stored {
                return Ok(());
            }
            tokio::time::timeout(Duration::from_millis(100), progress.changed()).await.ok();
        }
    }

    async fn read_all(&self) -> Result<u64> {
        let desk = &self.desk;
        let mut pages = Pages::after(&desk.journal, &desk.stores.log, Ordinal(0), PAGE);
        let mut events = 0;
        while let Some(page) = pages.next().await? {
            for occurred in page {
                if let AnyEvent::Unreadable(cause) = occurred.event {
                    bail!("event {} cannot be read: {cause}", occurred.ordinal.0);
                }
                events += 1;
            }
        }
        Ok(events)
    }
}

/// Describes the business many times in one command. No person would; an import might.
#[derive(serde::Serialize)]
struct DescribeOftenAtOnce {
    profiles: Vec<BusinessProfile>,
}

#[async_trait]
impl UseCase for DescribeOftenAtOnce {
    const WHO: Who = Who::Members(Action::UpdateBusinessProfile);
    type Answer = ();

    fn object(&self) -> Option<Uuid> {
        None
    }

    async fn attempt(&self, work: &mut Work<'_>) -> Result<(), Failure> {
        let mut account = work.load::<Account>(work.account().uuid()).await?;
        for profile in self.profiles.clone() {
            let command = herald_account::AccountCommand::UpdateBusinessProfile { profile };
            work.decide(&mut account, command, &business::context()).await?;
        }
        Ok(())
    }

    fn replayed(&self, _: Naming) {}
}

fn described(number: u64) -> Result<UpdateBusinessProfile> {
    Ok(UpdateBusinessProfile { profile: business::profile(number)? })
}

/// The account's owner, signed in.
fn caller(account: AccountId) -> Caller {
    let (issuer, subject) = ("local".to_owned(), business::subject(account));
    let person = Person { identity: identity_id(&issuer, &subject), issuer, subject };
    let member = business::owner(account);
    Caller {
        account,
        standing: Standing::Member { member, role: Role::Owner, person },
        via: Via::Graphql,
        correlation: account.uuid(),
        causation: format!("request:{}", account.uuid()),
    }
}

fn meta(account: AccountId, command: CommandId) -> EventMeta {
    let caller = caller(account);
    EventMeta {
        account,
        actor: caller.actor(),
        command,
        fingerprint: "0".repeat(64),
        correlation: caller.correlation,
        causation: caller.causation,
        occurred_at: business::now(),
        via: Via::Graphql,
    }
}

struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Instant {
        business::now()
    }
}

/// Ids that differ; nobody's secrets are kept here.
#[derive(Default)]
struct CountedIds(AtomicU64);

impl Ids for CountedIds {
    fn uuid(&self) -> Uuid {
        Uuid::new_v5(&Uuid::max(), &self.0.fetch_add(1, Ordering::Relaxed).to_be_bytes())
    }

    fn secret(&self) -> [u8; 32] {
        let mut secret = [0; 32];
        secret[..16].copy_from_slice(self.uuid().as_bytes());
        secret[16..].copy_from_slice(self.uuid().as_bytes());
        secret
    }
}

/// Neither pictures nor texts are needed to measure the log.
struct Nobody;

#[async_trait]
impl MediaFiles for Nobody {
    async fn put(&self, _: AccountId, _: MediaId, _: bytes::Bytes) -> Result<(), StoreError> {
        Err(StoreError::Unavailable("no media are kept here".to_owned()))
    }

    async fn get(&self, _: AccountId, _: MediaId) -> Result<Option<bytes::Bytes>, StoreError> {
        Ok(None)
    }
}

#[async_trait]
impl Writer for Nobody {
    async fn draft(&self, _: &DraftRequest) -> Result<Draft, DraftFailure> {
        Err(DraftFailure::NotConfigured)
    }
}
