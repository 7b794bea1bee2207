//! The loop that turns events into views and jobs: sequence, fold, commit with the checkpoint.
//!
//! **Invariant:** a view row or a job that follows from an event is written in the transaction that
//! moves the checkpoint over the event: exactly once, or not yet.

mod reader;
#[cfg(test)]
mod tests;

use crate::{
    audit::Census,
    desk::Desk,
    failure::Failure,
    log::pages::{self, Pages},
    occurred::Occurred,
    ports::{Batch, Checkpoint, CheckpointMove, CheckpointStatus, Committed, Ordinal},
    processes::{Process, all_processes},
    views::{View, all_views},
};
use herald_kernel::Instant;
use reader::{Part, Reader, next};
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

/// Events folded in one transaction.
const PAGE: u32 = 500;

/// After so many pages it is time to look up: what else is there to do, and is it time to stop?
const PAGES_AT_ONCE: u32 = 20;

/// How often those that stopped at an event try it again: another binary may have gone on.
const TRY_AGAIN: Duration = Duration::from_secs(60);

/// A data version is the code's version times this, plus how often it was rebuilt.
pub(crate) const REBUILDS: i32 = 1000;

/// Folds the log into views and jobs.
#[expect(missing_debug_implementations, reason = "a bundle of ports has nothing to print")]
pub struct Projector {
    desk: Arc<Desk>,
    views: Vec<Box<dyn View>>,
    processes: Vec<Box<dyn Process>>,
    census: Census,
    /// When those that stopped last tried again; not yet at the start.
    tried: Mutex<Option<Instant>>,
}

/// A back-log that is read ahead, and where its next page begins.
struct Backlog {
    next: Ordinal,
    pages: Pages,
}

/// One run towards the head of the log.
struct Run {
    /// Where everybody stands, as of the last commit.
    checkpoints: Vec<Checkpoint>,
    /// The last ordinal.
    head: Ordinal,
    backlog: Option<Backlog>,
}

/// For whom a turn was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Turn {
    /// For what is served, and for jobs.
    Served,
    /// For what is being built: everything else is at the head.
    Built,
    /// For nobody: nothing is left to do.
    Idle,
}

impl Projector {
    /// A projector over every view and process.
    #[must_use]
    pub fn new(desk: Arc<Desk>) -> Self {
        let census = Census::since(desk.clock.now());
        let (views, processes) = (all_views(), all_processes());
        Self { desk, views, processes, census, tried: Mutex::default() }
    }

    /// Makes sure that every view and process has a checkpoint.
    ///
    /// A new view begins at the first event, and is served once it has read them all; so does one
    /// that a newer binary replaced. A new process begins at the end of the log, for it must not act
    /// on what is long past.
    pub async fn register(&self) -> Result<(), Failure> {
        let store = &self.desk.stores.projections;
        let known = store.checkpoints().await?;
        let head = self.desk.stores.log.head().await?;
        let (live, building) = (CheckpointStatus::Live, CheckpointStatus::Building);
        // Before the first event there is nothing to build.
        let status = if head.stored == 0 { live } else { building };
        for view in &self.views {
            let own = known.iter().filter(|c| c.projection == view.name());
            let own = own.filter(|c| c.version / REBUILDS == view.version());
            let last = own.max_by_key(|c| c.version);
            if last.is_none_or(|last| last.status == CheckpointStatus::Retired) {
                let version = last.map_or(view.version() * REBUILDS, |last| last.version + 1);
                store.register(view.name(), version, status, Ordinal(0)).await?;
            }
        }
        let is_new = |name| !known.iter().any(|c| c.projection == name);
        for process in self.processes.iter().filter(|process| is_new(process.name())) {
            store.register(process.name(), REBUILDS, live, head.ordinal).await?;
        }
        self.desk.progress.refresh(&store.checkpoints().await?);
        Ok(())
    }

    /// Sequences and folds until nothing is left to do.
    pub async fn run_to_head(&self) -> Result<(), Failure> {
        while !self.run().await? {}
        Ok(())
    }

    /// As [`Self::run_to_head`], but comes back from a long way in between; answers whether nothing
    /// is left to do.
    pub async fn run(&self) -> Result<bool, Failure> {
        let mut run = self.begin().await?;
        for _ in 0..PAGES_AT_ONCE {
            if self.turn(&mut run).await? == Turn::Idle {
                if self.census.is_due(self.desk.clock.now()) {
                    let log = Arc::clone(&self.desk.stores.log);
                    self.desk.commands.spawn(async move { Census::take(log.as_ref()).await });
                }
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Sequences and folds until what is served is at the head, whatever is being built.
    pub async fn catch_up(&self) -> Result<(), Failure> {
        let mut run = self.begin().await?;
        while self.turn(&mut run).await? == Turn::Served {}
        Ok(())
    }

    async fn begin(&self) -> Result<Run, Failure> {
        let mut checkpoints = self.checkpoints().await?;
        if self.is_time_to_try_again() {
            // Whoever still cannot read its event stops at once; storage keeps the error until then.
            let ours = checkpoints.iter_mut().filter(|c| self.part(c).is_some());
            ours.for_each(|checkpoint| checkpoint.error = None);
        }
        Ok(Run { checkpoints, head: Ordinal(0), backlog: None })
    }

    /// Answers so once.
    fn is_time_to_try_again(&self) -> bool {
        let now = self.desk.clock.now();
        let mut tried = self.tried.lock().unwrap_or_else(PoisonError::into_inner);
        let due = tried.is_none_or(|at| now.since(at) >= TRY_AGAIN);
        if due {
            *tried = Some(now);
        }
        due
    }

    /// Where every projection stands, by the storage.
    async fn checkpoints(&self) -> Result<Vec<Checkpoint>, Failure> {
        let checkpoints = self.desk.stores.projections.checkpoints().await?;
        self.desk.progress.refresh(&checkpoints);
        Ok(checkpoints)
    }

    /// Sequences what was appended, and folds one page for those whose turn it is.
    async fn turn(&self, run: &mut Run) -> Result<Turn, Failure> {
        let step = self.desk.stores.sequencer.step().await?;
        run.head = step.head;
        let group = next(self.readers(&run.checkpoints), run.head);
        let served = group.iter().any(|r| r.checkpoint.status == CheckpointStatus::Live);
        let folded = self.fold_page(group, run).await?;
        let switched = self.switch_built(run).await?;
        Ok(match (folded, switched) {
            (true, _) if served => Turn::Served,
            // More may have been stored than one step takes.
            (false, _) if step.events > 0 => Turn::Served,
            (false, false) => Turn::Idle,
            (true, _) | (_, true) => Turn::Built,
        })
    }

    /// The page after `from`; empty at the end. A full one begins a back-log, which is read ahead.
    async fn page(
        &self,
        from: Ordinal,
        backlog: &mut Option<Backlog>,
    ) -> Result<Vec<Occurred>, Failure> {
        if let Some(Backlog { next, pages }) = backlog
            && *next == from
        {
            if let Some(page) = pages.next().await? {
                *next = page.last().map_or(from, |event| event.ordinal);
                return Ok(page);
            }
            *backlog = None;
        }
        let (journal, log) = (&self.desk.journal, &self.desk.stores.log);
        let page = log.facts(from, PAGE).await?;
        let full = u32::try_from(page.len()).is_ok_and(|events| events >= PAGE);
        if let Some(last) = page.last().filter(|_| full) {
            let (next, pages) = (last.ordinal, Pages::after(journal, log, last.ordinal, PAGE));
            *backlog = Some(Backlog { next, pages });
        }
        pages::read(journal, page).await
    }

    /// Folds one page for readers that stand at the same event; answers whether there was anything
    /// to do.
    async fn fold_page(&self, group: Vec<Reader<'_>>, run: &mut Run) -> Result<bool, Failure> {
        let Some(from) = group.first().map(|r| r.checkpoint.ordinal) else { return Ok(false) };
        let events = self.page(from, &mut run.backlog).await?;
        let Some(to) = events.last().map(|event| event.ordinal) else { return Ok(false) };
        let (mut batch, mut stale) = (Batch::default(), false);
        for reader in group {
            let Checkpoint { projection, version, .. } = reader.checkpoint.clone();
            match reader.read(&self.desk, &events, &mut batch).await? {
                Ok(()) => batch.moves.push(CheckpointMove { projection, version, from, to }),
                Err(cause) => {
                    stale |= !self.stop(&mut run.checkpoints, reader.checkpoint, cause).await?;
                }
            }
        }
        if !batch.moves.is_empty() {
            match self.desk.stores.projections.commit(&batch).await? {
                Committed::Done => self.moved(&mut run.checkpoints, &batch),
                Committed::Stale => stale = true,
            }
        }
        if stale {
            run.checkpoints = self.checkpoints().await?;
        }
        Ok(true)
    }

    /// What was committed shows at once, before anybody asks the storage for it.
    fn moved(&self, checkpoints: &mut [Checkpoint], batch: &Batch) {
        for checkpoint in checkpoints.iter_mut() {
            let step = batch.moves.iter().find(|step| {
                step.projection == checkpoint.projection && step.version == checkpoint.version
            });
            if let Some(step) = step {
                (checkpoint.ordinal, checkpoint.error) = (step.to, None);
            }
        }
        self.desk.progress.refresh(checkpoints);
        self.desk.folded.notify_one();
        if !batch.jobs.is_empty() {
            self.desk.jobs_wake.notify_one();
        }
    }

    fn readers(&self, checkpoints: &[Checkpoint]) -> Vec<Reader<'_>> {
        let running = checkpoints.iter().filter(|c| c.error.is_none());
        let readers = running.filter_map(|checkpoint| {
            Some(Reader { part: self.part(checkpoint)?, checkpoint: checkpoint.clone() })
        });
        readers.collect()
    }

    /// Does this binary fold what the checkpoint is of?
    #[must_use]
    pub fn folds(&self, checkpoint: &Checkpoint) -> bool {
        self.part(checkpoint).is_some()
    }

    /// Every projection of this binary, with where it stands: by what is served of it, until then by
    /// what is built; by nothing where another binary folds it.
    #[must_use]
    pub fn standing<'c>(
        &self,
        checkpoints: &'c [Checkpoint],
    ) -> Vec<(&'static str, Option<&'c Checkpoint>)> {
        let views = self.views.iter().map(|view| view.name());
        let names = views.chain(self.processes.iter().map(|process| process.name()));
        let stands = |name| {
            let own = checkpoints.iter().filter(|c| c.projection == name && self.folds(c));
            own.max_by_key(|c| (c.status == CheckpointStatus::Live, c.version))
        };
        names.map(|name| (name, stands(name))).collect()
    }

    /// What folds for a checkpoint; nothing where that is over, or is another binary's.
    fn part(&self, checkpoint: &Checkpoint) -> Option<Part<'_>> {
        let Checkpoint { projection, version, status, .. } = checkpoint;
        if *status == CheckpointStatus::Retired {
            return None;
        }
        let view = self
            .views
            .iter()
            .find(|view| view.name() == projection && version / REBUILDS == view.version());
        if let Some(view) = view {
            return Some(Part::View(view.as_ref()));
        }
        let process = self.processes.iter().find(|process| process.name() == projection);
        process.map(|process| Part::Process(process.as_ref()))
    }

    /// A view that was built beside the live one has reached the head: it takes over.
    async fn switch_built(&self, run: &mut Run) -> Result<bool, Failure> {
        let building = |c: &&Checkpoint| c.status == CheckpointStatus::Building;
        let at_head = |c: &&Checkpoint| c.ordinal >= run.head && c.error.is_none();
        let built = run.checkpoints.iter().filter(building).filter(at_head);
        let built: Vec<_> = built.filter(|c| self.folds(c)).cloned().collect();
        for checkpoint in &built {
            let store = &self.desk.stores.projections;
            if store.set_status(checkpoint, CheckpointStatus::Live, None).await? {
                let Checkpoint { projection, version, .. } = checkpoint;
                tracing::info!(projection, version, "a rebuilt view took over");
            }
        }
        if !built.is_empty() {
            run.checkpoints = self.checkpoints().await?;
            self.desk.folded.notify_one();
        }
        Ok(!built.is_empty())
    }

    /// A poison event stops its projection and no other; readiness turns red. Answers `false` where
    /// another replica has gone past the event meanwhile.
    async fn stop(
        &self,
        checkpoints: &mut [Checkpoint],
        at: Checkpoint,
        cause: String,
    ) -> Result<bool, Failure> {
        if !self.desk.stores.projections.set_status(&at, at.status, Some(&cause)).await? {
            return Ok(false);
        }
        tracing::error!(at.projection, at.version, cause, "a projection stopped at an event");
        if let Some(checkpoint) = checkpoints.iter_mut().find(|checkpoint| **checkpoint == at) {
            checkpoint.error = Some(cause);
        }
        self.desk.progress.refresh(checkpoints);
        Ok(true)
    }

    /// Begins to build the next version of a view beside the live one.
    pub async fn rebuild(&self, name: &str) -> Result<i32, Failure> {
        let view = self.views.iter().find(|view| view.name() == name);
        let view = view.ok_or(Failure::NotFound)?;
        let known = self.desk.stores.projections.checkpoints().await?;
        let highest = known.iter().filter(|c| c.projection == name).map(|c| c.version).max();
        let version = highest.map_or(view.version() * REBUILDS, |highest| highest + 1);
        let store = &self.desk.stores.projections;
        store.register(name, version, CheckpointStatus::Building, Ordinal(0)).await?;
        Ok(version)
    }
}
