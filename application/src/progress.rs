//! How far the views have come, as this process knows it.

use crate::{
    ports::{Checkpoint, CheckpointStatus, Ordinal},
    processes::all_processes,
    projector::REBUILDS,
    views::{View, all_views, derived_names},
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

    /// The ordinal that everything [counted] covers, as this process knows it.
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
        let mut versions = BTreeMap::new();
        for view in all_views() {
            let Some(Checkpoint { version, .. }) = served(view.as_ref(), checkpoints) else {
                continue;
            };
            for name in derived_names(view.name()).iter().copied().chain([view.name()]) {
                versions.insert(name.to_owned(), *version);
            }
        }
        *self.versions.write().unwrap_or_else(PoisonError::into_inner) = versions;
        // A stopped projection must not make every read wait; readiness reports it instead.
        let running = counted(checkpoints).into_iter().filter(|c| c.error.is_none());
        if let Some(covered) = running.map(|c| c.ordinal).min() {
            self.covered.send_if_modified(|known| {
                let moved = covered > *known;
                *known = covered.max(*known);
                moved
            });
        }
    }
}

/// The checkpoints that count for this binary: of the views as it serves them, and of its processes.
/// Others' are theirs: who went back to an older binary, or dropped a view, waits for none of them.
#[must_use]
pub fn counted(checkpoints: &[Checkpoint]) -> Vec<&Checkpoint> {
    let (views, processes) = (all_views(), all_processes());
    let served = views.iter().filter_map(|view| served(view.as_ref(), checkpoints));
    let served = served.filter(|c| c.status != CheckpointStatus::Retired);
    let names = |c: &&Checkpoint| processes.iter().any(|it| it.name() == c.projection);
    served.chain(checkpoints.iter().filter(names)).collect()
}

/// The views that this binary has to build before it serves what happens from now on.
#[must_use]
pub fn unbuilt(checkpoints: &[Checkpoint]) -> Vec<&'static str> {
    let views = all_views();
    let unbuilt = views.iter().filter(|view| {
        let own =
            |c: &&Checkpoint| c.projection == view.name() && c.version / REBUILDS == view.version();
        let has = |status| checkpoints.iter().filter(own).any(|c| c.status == status);
        has(CheckpointStatus::Building) && !has(CheckpointStatus::Live)
    });
    unbuilt.map(|view| view.name()).collect()
}

/// What is served of a view: the live version; where a newer binary's took over from it, the last
/// one that this binary can read; and of a new view what there is of it so far.
fn served<'c>(view: &dyn View, checkpoints: &'c [Checkpoint]) -> Option<&'c Checkpoint> {
    let readable = checkpoints
        .iter()
        .filter(|c| c.projection == view.name() && c.version / REBUILDS <= view.version());
    readable.max_by_key(|c| {
        let rank = match c.status {
            CheckpointStatus::Live => 2,
            CheckpointStatus::Retired => 1,
            CheckpointStatus::Building => 0,
        };
        (rank, c.version)
    })
}

#[cfg(test)]
mod tests;
