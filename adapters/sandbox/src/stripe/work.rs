//! One piece of work: what it reads, what it changes, which events follow; all of it or nothing.

use std::collections::BTreeMap;

use rand::Rng as _;
use rand::distr::Alphanumeric;
use serde_json::{Map, Value, json};

use super::json::Json;
use super::refusal::Refusal;
use super::store::{Change, Store};
use super::version::NEWEST;

/// Reads see what was changed before; nothing is true before [`Work::changes`] is written down.
#[derive(Debug)]
pub(super) struct Work<'m> {
    store: &'m Store,
    changed: BTreeMap<String, Option<Value>>,
    order: Vec<String>,
    events: Vec<Value>,
    /// Seconds since 1970.
    pub(super) now: i64,
    /// Where links lead.
    pub(super) base: &'m str,
    /// Who asked: `{"id": "req_…", "idempotency_key": …}`.
    request: Value,
}

impl<'m> Work<'m> {
    pub(super) fn new(store: &'m Store, now: i64, base: &'m str, request: Value) -> Self {
        let (changed, order, events) = (BTreeMap::new(), Vec::new(), Vec::new());
        Self { store, changed, order, events, now, base, request }
    }

    pub(super) fn get(&self, id: &str) -> Option<&Value> {
        match self.changed.get(id) {
            Some(changed) => changed.as_ref(),
            None => self.store.get(id),
        }
    }

    /// A copy of an object, to be changed and put back; null when there is none.
    pub(super) fn copy(&self, id: &str) -> Value {
        self.get(id).cloned().unwrap_or_default()
    }

    /// An object of a kind, or Stripe's refusal that names the parameter.
    pub(super) fn find(&self, kind: &str, id: &str, param: &str) -> Result<Value, Refusal> {
        let found = self.get(id).filter(|o| o.text("object") == kind && !o.flag("deleted"));
        found.cloned().ok_or_else(|| {
            let noun = match kind {
                "payment_method" => "PaymentMethod".to_owned(),
                other => other.rsplit('.').next().unwrap_or(other).replace('_', " "),
            };
            let param = if param == "id" || param == kind { "id" } else { param };
            Refusal::no_such(&noun, id, param)
        })
    }

    /// All of a kind, newest first.
    pub(super) fn all(&self, kind: &str) -> Vec<&Value> {
        let born = self.order.iter().rev().filter(|id| self.store.get(id).is_none());
        let born = born.filter_map(|id| self.get(id)).filter(|o| o.text("object") == kind);
        let old = self.store.all(kind).filter_map(|object| self.get(object.text("id")));
        born.chain(old).filter(|object| !object.flag("deleted")).collect()
    }

    /// All of a kind that belong to a customer, newest first.
    pub(super) fn of_customer(&self, kind: &str, customer: &str) -> Vec<&Value> {
        let mut all = self.all(kind);
        all.retain(|object| object.text("customer") == customer);
        all
    }

    pub(super) fn put(&mut self, object: &Value) {
        self.set(object.owned("id"), Some(object.clone()));
    }

    pub(super) fn remove(&mut self, id: &str) {
        self.set(id.to_owned(), None);
    }

    fn set(&mut self, id: String, object: Option<Value>) {
        if self.changed.insert(id.clone(), object).is_none() {
            self.order.push(id);
        }
    }

    /// A new object: kept and told.
    pub(super) fn born(&mut self, kind: &str, object: &Value) {
        self.put(object);
        self.emit(kind, object, None);
    }

    /// An object as it now stands: kept, and told with what it was before.
    pub(super) fn changed(&mut self, kind: &str, object: &Value) {
        let before = self.copy(object.text("id"));
        let previous = difference(&before, object);
        self.put(object);
        if !previous.is_empty() {
            self.emit(kind, object, Some(Value::Object(previous)));
        }
    }

    /// Something happened to an object as it stands.
    pub(super) fn told(&mut self, kind: &str, object: &Value) {
        self.emit(kind, object, None);
    }

    fn emit(&mut self, kind: &str, object: &Value, previous: Option<Value>) {
        let mut data = json!({ "object": object });
        if let Some(previous) = previous {
            data.put("previous_attributes", previous);
        }
        self.events.push(json!({
            "id": id("evt_", 24),
            "object": "event",
            "api_version": NEWEST,
            "created": self.now,
            "data": data,
            "livemode": false,
            "pending_webhooks": self.store.listeners(kind).len(),
            "request": self.request,
            "type": kind,
        }));
    }

    /// The time of a customer: that of its test clock, or the sandbox's.
    pub(super) fn time_of(&self, customer: &str) -> i64 {
        let clock = self.get(customer).and_then(|customer| customer.maybe("test_clock"));
        clock.and_then(|clock| self.get(clock)).map_or(self.now, |clock| clock.int("frozen_time"))
    }

    pub(super) fn event_types(&self) -> Vec<&str> {
        self.events.iter().map(|event| event.text("type")).collect()
    }

    /// What is to be written down.
    pub(super) fn changes(self) -> Vec<Change> {
        let Self { mut changed, order, events, .. } = self;
        let objects = order.into_iter().filter_map(|id| {
            Some(match changed.remove(&id)? {
                Some(object) => Change::Put { object },
                None => Change::Removed { id },
            })
        });
        let objects: Vec<Change> = objects.collect();
        let events = events.into_iter().map(|event| Change::Happened { event });
        objects.into_iter().chain(events).collect()
    }
}

/// The members of `before` that `after` changed, as `previous_attributes` shows them.
fn difference(before: &Value, after: &Value) -> Map<String, Value> {
    let names = after.as_object().into_iter().flat_map(Map::keys);
    let visible = names.filter(|name| !name.starts_with('_') && *name != "updated");
    visible
        .filter(|name| before.at(name) != after.at(name))
        .map(|name| (name.clone(), before.at(name).clone()))
        .collect()
}

/// An id in Stripe's form: a prefix and letters by chance.
pub(super) fn id(prefix: &str, letters: usize) -> String {
    let chance = rand::rng().sample_iter(Alphanumeric).take(letters).map(char::from);
    prefix.chars().chain(chance).collect()
}
