//! The handle on a running sandbox: one lock around what is remembered and its ledger.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use bytes::Bytes;
use serde_json::{Map, Value};

use crate::clock::{self, Millis};
use crate::faults::{Faults, Rule};
use crate::identity::settings::IdentitySettings;
use crate::ledger::{Entry, Ledger, LedgerError, Line, at};
use crate::resend::ResendSettings;
use crate::server::Settings;
use crate::svix::Desks;
use crate::world::{Change, PEOPLE, Person, Vocabulary, World};
use crate::x::oauth::Client;

/// A handle on the sandbox: cheap to clone, shared by every request.
#[derive(Debug, Clone)]
pub struct State {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    memory: Mutex<Memory>,
    faults: Mutex<Faults>,
    clients: Vec<Client>,
    identity: IdentitySettings,
    resend: ResendSettings,
}

/// A handle that does not keep the sandbox alive, for what works in the background.
#[derive(Debug, Clone)]
pub(crate) struct Distant(Weak<Inner>);

impl Distant {
    /// The sandbox, while it is there.
    pub(crate) fn reach(&self) -> Option<State> {
        self.0.upgrade().map(|inner| State { inner })
    }
}

/// What lies under the lock.
#[derive(Debug)]
pub(crate) struct Memory {
    pub(crate) world: World,
    ledger: Ledger,
    /// Where links lead; settled once the listener has an address.
    pub(crate) public_url: String,
    pub(crate) vocabulary: Vocabulary,
    pub(crate) rate_limits: bool,
    windows: HashMap<(String, &'static str), Window>,
    pub(crate) uploads: BTreeMap<u64, Upload>,
    pictures: Pictures,
    pub(crate) svix: Desks,
    pub(crate) cognito_pool: String,
    /// The quota of Resend that is used up, because a test says so.
    pub(crate) resend_quota: Option<crate::resend::Quota>,
}

/// A rate-limit window of one user and one operation.
#[derive(Debug, Clone, Copy)]
struct Window {
    until: Millis,
    used: u32,
}

/// How much of a limit is left, as the `x-rate-limit-*` headers say it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rate {
    pub(crate) limit: u32,
    pub(crate) remaining: u32,
    pub(crate) reset: Millis,
    pub(crate) exceeded: bool,
}

/// A chunked upload that is not finalized yet; it does not survive a restart.
#[derive(Debug)]
pub(crate) struct Upload {
    pub(crate) owner: String,
    pub(crate) category: String,
    pub(crate) mime: String,
    pub(crate) total: u64,
    pub(crate) parts: BTreeMap<u16, Bytes>,
}

/// Picture bytes: in a folder where there is one, else the newest few in memory.
#[derive(Debug, Default)]
struct Pictures {
    folder: Option<PathBuf>,
    kept: BTreeMap<u64, Bytes>,
}

impl State {
    /// Opens the sandbox's memory, reading back what an earlier run left in `data_dir`.
    pub fn open(settings: &Settings) -> Result<Self, LedgerError> {
        let mut world = World::default();
        // The endpoint must be known while events are read back, and the settings win afterwards.
        world.stripe.configure(settings.stripe.clone());
        let folder = settings.data_dir.as_ref().map(|dir| dir.join("sandbox"));
        let ledger = match &folder {
            Some(folder) => {
                Ledger::open(folder, settings.fsync_ledger, |change| world.apply(change))?
            }
            None => Ledger::default(),
        };
        world.stripe.configure(settings.stripe.clone());
        let pictures = Pictures::open(folder.map(|folder| folder.join("media")))?;
        let memory = Memory {
            world,
            ledger,
            public_url: settings.public_url.clone().unwrap_or_default(),
            vocabulary: settings.vocabulary,
            rate_limits: settings.rate_limits,
            windows: HashMap::new(),
            uploads: BTreeMap::new(),
            pictures,
            resend_quota: None,
            cognito_pool: settings.identity.cognito_pool.clone(),
            svix: Desks::open(
                settings.identity.clerk_webhook.clone(),
                settings.resend.webhook.clone(),
            ),
        };
        Ok(Self {
            inner: Arc::new(Inner {
                memory: Mutex::new(memory),
                faults: Mutex::new(Faults::seeded(settings.seed)),
                clients: settings.clients.clone(),
                identity: settings.identity.clone(),
                resend: settings.resend.clone(),
            }),
        })
    }

    /// Everything that really happened so far.
    #[must_use]
    pub fn ledger(&self) -> Vec<Entry> {
        self.memory().ledger.entries().to_vec()
    }

    /// Adds a fault rule, as `POST /_control/faults` does.
    pub fn add_fault(&self, rule: Rule) {
        self.faults().add(rule);
    }

    /// Removes every fault rule and ends the chaos.
    pub fn clear_faults(&self) {
        self.faults().clear();
    }

    /// Moves the sandbox's clock forward.
    pub fn advance_clock(&self, seconds: i64) -> Result<(), LedgerError> {
        let mut memory = self.memory();
        let offset = memory.world.offset.saturating_add(seconds.saturating_mul(1000));
        let facts = serde_json::json!({ "advance_seconds": seconds });
        memory.happen("control", "advance_clock", facts, vec![Change::ClockMoved { offset }])
    }

    /// Ends every permission that a handle gave; false when there is no such handle.
    pub fn revoke(&self, handle: &str) -> Result<bool, LedgerError> {
        let Some(person) = Person::by_handle(handle) else { return Ok(false) };
        let facts = serde_json::json!({ "handle": handle });
        let change = Change::UserRevoked { user: person.id.to_owned() };
        self.memory().happen("control", "revoke", facts, vec![change])?;
        Ok(true)
    }

    /// Forgets everything and begins a new ledger.
    pub fn reset(&self) -> Result<(), LedgerError> {
        self.faults().clear();
        let mut memory = self.memory();
        memory.ledger.restart()?;
        let stripe = memory.world.stripe.fresh();
        memory.world = World::default();
        memory.world.stripe = stripe;
        memory.windows.clear();
        memory.uploads.clear();
        memory.pictures.kept.clear();
        Ok(())
    }

    /// The handles that can give consent.
    #[must_use]
    pub fn handles() -> Vec<&'static str> {
        PEOPLE.iter().map(|person| person.handle).collect()
    }

    pub(crate) fn memory(&self) -> MutexGuard<'_, Memory> {
        self.inner.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn faults(&self) -> MutexGuard<'_, Faults> {
        self.inner.faults.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn client(&self, id: &str) -> Option<&Client> {
        self.inner.clients.iter().find(|client| client.id == id)
    }

    pub(crate) fn identity(&self) -> &IdentitySettings {
        &self.inner.identity
    }

    pub(crate) fn resend(&self) -> &ResendSettings {
        &self.inner.resend
    }

    pub(crate) fn distant(&self) -> Distant {
        Distant(Arc::downgrade(&self.inner))
    }

    /// Links are built on where the sandbox really listens, unless a setting says otherwise.
    pub(crate) fn listening_at(&self, address: std::net::SocketAddr) {
        let mut memory = self.memory();
        if memory.public_url.is_empty() {
            memory.public_url = format!("http://{address}");
        }
    }
}

impl Memory {
    pub(crate) fn now(&self) -> Millis {
        clock::now(self.world.offset)
    }

    pub(crate) fn entries(&self) -> &[Entry] {
        self.ledger.entries()
    }

    /// Makes an effect happen: first on paper, then in memory, both or neither.
    pub(crate) fn happen(
        &mut self,
        provider: &str,
        operation: &str,
        facts: Value,
        changes: Vec<Change>,
    ) -> Result<(), LedgerError> {
        let entry = Entry {
            seq: self.ledger.next_seq(),
            at: clock::print(self.now()),
            provider: provider.to_owned(),
            operation: operation.to_owned(),
            facts: if let Value::Object(facts) = facts { facts } else { Map::new() },
        };
        for change in self.ledger.append(Line { entry, changes })? {
            self.world.apply(change);
        }
        Ok(())
    }

    /// Counts one request against a limit per fifteen minutes.
    pub(crate) fn spend(&mut self, user: &str, operation: &'static str, limit: u32) -> Rate {
        self.spend_within(user, operation, limit, 900_000)
    }

    /// Counts one request against a limit per window of so many milliseconds.
    pub(crate) fn spend_within(
        &mut self,
        user: &str,
        operation: &'static str,
        limit: u32,
        window: Millis,
    ) -> Rate {
        let now = self.now();
        let fresh = Window { until: now.saturating_add(window), used: 0 };
        let window = self.windows.entry((user.to_owned(), operation)).or_insert(fresh);
        if window.until <= now {
            *window = fresh;
        }
        let exceeded = self.rate_limits && window.used >= limit;
        window.used = window.used.saturating_add(1);
        let remaining = limit.saturating_sub(window.used);
        Rate { limit, remaining, reset: window.until, exceeded }
    }

    pub(crate) fn keep_picture(&mut self, id: u64, bytes: Bytes) -> Result<(), LedgerError> {
        self.pictures.keep(id, bytes)
    }

    pub(crate) fn picture(&self, id: u64) -> Option<Bytes> {
        self.pictures.get(id)
    }
}

impl Pictures {
    /// Without a folder, at most this many pictures are kept.
    const KEPT: usize = 64;

    fn open(folder: Option<PathBuf>) -> Result<Self, LedgerError> {
        if let Some(folder) = &folder {
            std::fs::create_dir_all(folder).map_err(at(folder))?;
        }
        Ok(Self { folder, kept: BTreeMap::new() })
    }

    fn keep(&mut self, id: u64, bytes: Bytes) -> Result<(), LedgerError> {
        if let Some(folder) = &self.folder {
            let path = folder.join(id.to_string());
            return std::fs::write(&path, &bytes).map_err(at(&path));
        }
        self.kept.insert(id, bytes);
        if self.kept.len() > Self::KEPT {
            self.kept.pop_first();
        }
        Ok(())
    }

    fn get(&self, id: u64) -> Option<Bytes> {
        match &self.folder {
            Some(folder) => std::fs::read(folder.join(id.to_string())).ok().map(Bytes::from),
            None => self.kept.get(&id).cloned(),
        }
    }
}
