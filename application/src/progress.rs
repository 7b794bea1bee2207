//! How far the views have come, as this process knows it.

use crate::{
    ports::{Checkpoint, CheckpointStatus, Ordinal},
    projector::REBUILDS,
    views::{all_views, derived_names},
};
use std::{
    collections::BTreeMap,
    sync::{PoisonError, RwLock},
};
use tokio::sync::watch;

/// Which version of each view is served, and how far all of them have come.
#[derive(Debug)]
pub struct Progress {
    versions: RwLock<BTreeMap<String, i32>>,
    covered: watch::Sender<Ordinal>,
}

impl Default for Progress {
    fn default() -> Self {
        Self { versions: RwLock::default(), covered: watch::Sender::new(Ordinal(0)) }
    }
}

impl Progress {
    /// The version of `view` that is served.
    #[must_use]
    pub fn version(&self, view: &str) -> i32 {
        let versions = self.versions.read().unwrap_or_else(PoisonError::into_inner);
        versions.get(view).copied().unwrap_or(REBUILDS)
    }

    /// The ordinal that every live projection covers, as this process knows it.
    #[must_use]
    pub fn covered(&self) -> Ordinal {
        *self.covered.borrow()
    }

    /// Tells when [`Self::covered`] moves.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<Ordinal> {
        self.covered.subscribe()
    }

    /// Takes over what the checkpoints say.
    pub fn refresh(&self, checkpoints: &[Checkpoint]) {
        let live: Vec<_> =
            checkpoints.iter().filter(|c| c.status == CheckpointStatus::Live).collect();
        let mut versions = BTreeMap::new();
        for view in all_views() {
            let served = live.iter().filter(|c| c.projection == view.name());
            let served = served.map(|c| c.version).filter(|v| v / REBUILDS <= view.version());
            if let Some(version) = served.max() {
                versions.insert(view.name().to_owned(), version);
                for derived in derived_names(view.name()) {
                    versions.insert((*derived).to_owned(), version);
                }
            }
        }
        *self.versions.write().unwrap_or_else(PoisonError::into_inner) = versions;
        // A stopped projection must not make every read wait; readiness reports it instead.
        let running = live.iter().filter(|c| c.error.is_none()).map(|c| c.ordinal);
        if let Some(covered) = running.min() {
            self.covered.send_if_modified(|known| {
                let moved = covered > *known;
                *known = covered.max(*known);
                moved
            });
        }
    }
}
