//! The states of streams that this process saw lately, so that most commands need not load.
//!
//! **Invariant:** what is remembered may be out of date, and nobody is told anything on its word
//! alone. An answer rests on it only when the append at its version succeeded, or when the store
//! confirmed its version in the same attempt. A refusal, an "already so" and a repetition are
//! decided again from a fresh load. It holds only what was folded from events as they read back,
//! and counts only while the keyring knows the account's key.

use super::{
    journal::{Handled, Loaded, Writing},
    metadata::EventMeta,
};
use crate::bridge::{StreamKind, Streamed};
use moka::sync::Cache;
use serde::Deserialize as _;
use serde_json::Value;
use std::{any::Any, sync::Arc, time::Duration};
use uuid::Uuid;

/// About how many bytes all states may take.
const BYTES: u64 = 16 * 1024 * 1024;
/// A stream that nobody asks for any longer makes room.
const IDLE: Duration = Duration::from_secs(300);
/// About what a JSON value, a command or an entry takes beside its text.
const OVERHEAD: usize = 48;

/// Which stream.
pub(crate) type Name = (StreamKind, Uuid);

/// A loaded stream of whatever type.
trait State: Any + Send + Sync {
    /// Its state after `writings` of its own; `None` when they do not follow.
    fn after(&self, writings: &[&Writing], meta: &EventMeta) -> Option<Arc<dyn State>>;
    /// About how many bytes it takes.
    fn bytes(&self) -> usize;
}

impl<D: Streamed> State for Loaded<D> {
    fn after(&self, writings: &[&Writing], meta: &EventMeta) -> Option<Arc<dyn State>> {
        let mut grown = self.clone();
        for writing in writings.iter().filter(|writing| writing.kind == D::KIND) {
            if writing.expected != grown.version {
                return None;
            }
            for (_, _, payload) in &writing.events {
                // Through its JSON form, as it will be read back.
                grown.state.evolve(&D::Event::deserialize(payload).ok()?);
                grown.version += 1;
                grown.bytes += bytes(payload);
            }
        }
        grown.account = grown.account.or(Some(meta.account));
        let handled = Handled { fingerprint: meta.fingerprint.as_str().into() };
        grown.bytes += OVERHEAD + handled.fingerprint.len();
        Arc::make_mut(&mut grown.commands).insert(meta.command, handled);
        Some(Arc::new(grown))
    }

    fn bytes(&self) -> usize {
        self.bytes
    }
}

/// About how many bytes a value takes in a state: each event counts, also what a later one replaced.
pub(super) fn bytes(value: &Value) -> usize {
    OVERHEAD
        + match value {
            Value::Null | Value::Bool(_) | Value::Number(_) => 0,
            Value::String(text) => text.len(),
            Value::Array(items) => items.iter().map(bytes).sum(),
            Value::Object(entries) => entries.values().map(bytes).sum(),
        }
}

/// A stream that an attempt has looked at.
#[derive(Clone)]
pub(crate) struct Seen {
    name: Name,
    version: u64,
    /// Was it remembered, and not loaded in this attempt?
    remembered: bool,
    state: Arc<dyn State>,
}

/// Everything that an attempt has looked at.
#[derive(Clone, Default)]
pub(crate) struct Sight(Vec<Seen>);

impl Sight {
    pub(super) fn add<D: Streamed>(&mut self, loaded: &Arc<Loaded<D>>, remembered: bool) {
        let (name, version) = ((D::KIND, loaded.id), loaded.version);
        let state: Arc<dyn State> = Arc::<Loaded<D>>::clone(loaded);
        self.0.push(Seen { name, version, remembered, state });
    }

    /// Does anything rest on what was only remembered?
    pub(crate) fn rests_on_memory(&self) -> bool {
        self.0.iter().any(|seen| seen.remembered)
    }

    /// The remembered streams, with their versions, that `writings` do not prove by following them.
    pub(super) fn unproven(&self, writings: &[Writing]) -> (Vec<Name>, Vec<u64>) {
        let unproven = self.0.iter().filter(|seen| {
            seen.remembered && !writings.iter().any(|writing| writing.name() == seen.name)
        });
        unproven.map(|seen| (seen.name, seen.version)).unzip()
    }
}

/// The memory of one process.
pub(super) struct Remembered(Cache<Name, Arc<dyn State>>);

impl Default for Remembered {
    fn default() -> Self {
        let weigh = |_: &Name, state: &Arc<dyn State>| {
            u32::try_from(OVERHEAD + state.bytes()).unwrap_or(u32::MAX)
        };
        let states = Cache::builder().max_capacity(BYTES).weigher(weigh).time_to_idle(IDLE);
        Self(states.build())
    }
}

impl Remembered {
    pub(super) fn get<D: Streamed>(&self, id: Uuid) -> Option<Arc<Loaded<D>>> {
        let state: Arc<dyn Any + Send + Sync> = self.0.get(&(D::KIND, id))?;
        state.downcast().ok()
    }

    pub(super) fn put<D: Streamed>(&self, loaded: &Arc<Loaded<D>>) {
        let state: Arc<dyn State> = Arc::<Loaded<D>>::clone(loaded);
        self.0.insert((D::KIND, loaded.id), state);
    }

    /// Takes over what was appended to the streams of `sight`.
    pub(super) fn follow(&self, sight: &Sight, writings: &[Writing], meta: &EventMeta) {
        for seen in &sight.0 {
            let own: Vec<_> = writings.iter().filter(|w| w.name() == seen.name).collect();
            if own.is_empty() {
                continue;
            }
            match seen.state.after(&own, meta) {
                Some(state) => self.0.insert(seen.name, state),
                None => self.0.invalidate(&seen.name),
            }
        }
    }

    /// Forgets whatever an attempt has looked at or would have written.
    pub(super) fn forget(&self, sight: &Sight, writings: &[Writing]) {
        let seen = sight.0.iter().map(|seen| seen.name);
        for name in seen.chain(writings.iter().map(Writing::name)) {
            self.0.invalidate(&name);
        }
    }
}
