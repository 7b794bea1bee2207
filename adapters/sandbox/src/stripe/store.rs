//! What Stripe remembers: objects by id, events still to be delivered, answers under their keys.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::deliver::{Outbox, Parcel};
use super::json::Json;
use super::settings::StripeSettings;
use super::{builtin, engine};

/// One change; a ledger line carries those that its effect made.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "stripe", rename_all = "snake_case")]
pub(crate) enum Change {
    /// An object as it now stands.
    Put { object: Value },
    /// An object that is gone.
    Removed { id: String },
    /// Something happened that endpoints want to hear of.
    Happened { event: Value },
    /// What was answered under an idempotency key.
    Answered { key: String, answer: Answer },
    /// A delivery that needs no further try.
    Settled { event: String, endpoint: String },
    /// A delivery that is wanted once more.
    Wanted { event: String, endpoint: String },
}

/// An answer that the same key brings again.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Answer {
    /// Of method, path and parameters: the key stands for these alone.
    pub(super) fingerprint: String,
    pub(super) request: String,
    pub(super) status: u16,
    pub(super) body: Value,
    /// Seconds since 1970.
    pub(super) at: i64,
}

#[derive(Debug)]
struct Kept {
    place: u64,
    object: Value,
}

/// Everything; changes only through [`Store::apply`].
#[derive(Debug)]
pub(crate) struct Store {
    objects: HashMap<String, Kept>,
    by_kind: HashMap<String, BTreeMap<u64, String>>,
    /// What time will bring, by test clock; the empty name is the sandbox's own clock.
    due: HashMap<String, BTreeSet<(i64, String)>>,
    answers: HashMap<String, Answer>,
    pub(super) in_flight: HashSet<String>,
    pub(super) outbox: Outbox,
    pub(super) settings: StripeSettings,
    last: u64,
}

/// How long an answer is remembered, in seconds.
const KEY_SECONDS: i64 = 86_400;

impl Default for Store {
    fn default() -> Self {
        let mut store = Self {
            objects: HashMap::new(),
            by_kind: HashMap::new(),
            due: HashMap::new(),
            answers: HashMap::new(),
            in_flight: HashSet::new(),
            outbox: Outbox::default(),
            settings: StripeSettings::default(),
            last: 0,
        };
        for object in builtin::objects() {
            store.keep(object);
        }
        store
    }
}

impl Store {
    /// Takes the settings over, among them the endpoint that needs no set-up.
    pub(crate) fn configure(&mut self, settings: StripeSettings) {
        if let Some(endpoint) = &settings.endpoint {
            self.keep(builtin::endpoint(endpoint));
        }
        self.settings = settings;
    }

    /// An empty store with the same settings.
    pub(crate) fn fresh(&self) -> Self {
        let mut fresh = Self::default();
        fresh.configure(self.settings.clone());
        fresh
    }

    pub(crate) fn apply(&mut self, change: Change) {
        match change {
            Change::Put { object } => self.keep(object),
            Change::Removed { id } => self.forget(&id),
            Change::Happened { event } => {
                let endpoints: Vec<String> = self.listeners(event.text("type"));
                let id = event.owned("id");
                self.keep(event);
                for endpoint in endpoints {
                    self.outbox.add(Parcel::first(&id, &endpoint));
                }
            }
            Change::Answered { key, answer } => {
                let now = answer.at;
                self.answers.retain(|_, kept| kept.at.saturating_add(KEY_SECONDS) > now);
                self.answers.insert(key, answer);
            }
            Change::Settled { event, endpoint } => self.outbox.settle(&event, &endpoint),
            Change::Wanted { event, endpoint } => self.outbox.add(Parcel::first(&event, &endpoint)),
        }
    }

    pub(super) fn get(&self, id: &str) -> Option<&Value> {
        self.objects.get(id).map(|kept| &kept.object)
    }

    /// All of a kind, newest first.
    pub(super) fn all(&self, kind: &str) -> impl Iterator<Item = &Value> {
        let ids = self.by_kind.get(kind).into_iter().flat_map(|ids| ids.values().rev());
        ids.filter_map(|id| self.get(id))
    }

    pub(super) fn answer(&self, key: &str, now: i64) -> Option<&Answer> {
        self.answers.get(key).filter(|kept| kept.at.saturating_add(KEY_SECONDS) > now)
    }

    /// The next thing that time brings until `until`, of one clock.
    pub(super) fn next_due(&self, clock: &str, until: i64) -> Option<(i64, String)> {
        self.due.get(clock)?.first().filter(|(at, _)| *at <= until).cloned()
    }

    /// The endpoints that asked for a type of event.
    pub(super) fn listeners(&self, kind: &str) -> Vec<String> {
        let wants = |endpoint: &&Value| {
            let asked =
                |name: &Value| matches!(name.as_str(), Some("*")) || name.as_str() == Some(kind);
            endpoint.text("status") == "enabled" && endpoint.all("enabled_events").iter().any(asked)
        };
        self.all("webhook_endpoint").filter(wants).map(|endpoint| endpoint.owned("id")).collect()
    }

    fn keep(&mut self, object: Value) {
        let id = object.owned("id");
        let place = if let Some(kept) = self.objects.get(&id) {
            kept.place
        } else {
            self.last = self.last.saturating_add(1);
            self.last
        };
        self.unschedule(&id);
        if let Some((clock, at)) = engine::due(&object) {
            self.due.entry(clock).or_default().insert((at, id.clone()));
        }
        let kind = object.owned("object");
        self.by_kind.entry(kind).or_default().insert(place, id.clone());
        self.objects.insert(id, Kept { place, object });
    }

    fn unschedule(&mut self, id: &str) {
        let old = self.objects.get(id).and_then(|kept| engine::due(&kept.object));
        if let Some((clock, at)) = old
            && let Some(due) = self.due.get_mut(&clock)
        {
            due.remove(&(at, id.to_owned()));
        }
    }

    fn forget(&mut self, id: &str) {
        self.unschedule(id);
        if let Some(kept) = self.objects.remove(id)
            && let Some(ids) = self.by_kind.get_mut(kept.object.text("object"))
        {
            ids.remove(&kept.place);
        }
    }
}
