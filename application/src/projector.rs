//! The loop that turns events into views and jobs: sequence, fold, commit with the checkpoint.
//!
//! **Invariant:** a view row or a job that follows from an event is written in the transaction that
//! moves the checkpoint over the event: exactly once, or not yet.

use crate::{
    audit::Census,
    desk::Desk,
    failure::Failure,
    log::pages::{self, Pages},
    occurred::{AnyEvent, Occurred},
    ports::{
        Batch, Checkpoint, CheckpointMove, CheckpointStatus, Committed, Ordinal, ViewChange,
        ViewDocument,
    },
    processes::{Process, all_processes},
    views::{View, all_views},
};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

/// Events folded in one transaction.
const PAGE: u32 = 500;

/// A data version is the code's version times this, plus how often it was rebuilt.
pub(crate) const REBUILDS: i32 = 1000;

/// Folds the log into views and jobs.
#[expect(missing_debug_implementations, reason = "a bundle of ports has nothing to print")]
pub struct Projector {
    desk: Arc<Desk>,
    views: Vec<Box<dyn View>>,
    processes: Vec<Box<dyn Process>>,
    census: Census,
}

/// A back-log that is read ahead, and where its next page begins.
struct Backlog {
    next: Ordinal,
    pages: Pages,
}

/// One run to the head of the log.
struct Run {
    /// Where everybody stands, as of the last commit.
    checkpoints: Vec<Checkpoint>,
    /// The last ordinal.
    head: Ordinal,
    backlog: Option<Backlog>,
}

/// One projection or process with where it stands.
struct Reader<'p> {
    checkpoint: Checkpoint,
    part: Part<'p>,
}

enum Part<'p> {
    View(&'p dyn View),
    Process(&'p dyn Process),
}

impl Projector {
    /// A projector over every view and process.
    #[must_use]
    pub fn new(desk: Arc<Desk>) -> Self {
        let census = Census::since(desk.clock.now());
        Self { desk, views: all_views(), processes: all_processes(), census }
    }

    /// Makes sure that every view and process has a checkpoint.
    ///
    /// A new view begins at the first event; a new process begins at the end of the log, for it must
    /// not act on what is long past.
    pub async fn register(&self) -> Result<(), Failure> {
        let store = &self.desk.stores.projections;
        let known = store.checkpoints().await?;
        let highest = |name: &str| {
            known.iter().filter(|c| c.projection == name).map(|c| c.version).max().unwrap_or(0)
        };
        for view in &self.views {
            let version = view.version() * REBUILDS;
            match highest(view.name()) {
                0 => store.register(view.name(), version, CheckpointStatus::Live).await?,
                old if old / REBUILDS < view.version() => {
                    store.register(view.name(), version, CheckpointStatus::Building).await?;
                }
                _ => {}
            }
        }
        let head = self.desk.stores.log.head().await?.ordinal;
        for process in &self.processes {
            if highest(process.name()) > 0 {
                continue;
            }
            store.register(process.name(), REBUILDS, CheckpointStatus::Live).await?;
            let step = CheckpointMove {
                projection: process.name().to_owned(),
                version: REBUILDS,
                from: Ordinal(0),
                to: head,
            };
            store.commit(&Batch { moves: vec![step], ..Batch::default() }).await?;
        }
        self.desk.progress.refresh(&store.checkpoints().await?);
        Ok(())
    }

    /// Sequences and folds until nothing is left to do.
    pub async fn run_to_head(&self) -> Result<(), Failure> {
        let mut run =
            Run { checkpoints: self.checkpoints().await?, head: Ordinal(0), backlog: None };
        loop {
            // While a back-log is read, what comes in meanwhile can wait for its end.
            let mut sequenced = 0;
            if run.backlog.is_none() {
                let step = self.desk.stores.sequencer.step().await?;
                (sequenced, run.head) = (step.events, step.head);
            }
            if !self.step(&mut run).await? && sequenced == 0 {
                break;
            }
        }
        if self.census.is_due(self.desk.clock.now()) {
            let log = Arc::clone(&self.desk.stores.log);
            self.desk.commands.spawn(async move { Census::take(log.as_ref()).await });
        }
        Ok(())
    }

    /// Where every projection stands, by the storage.
    async fn checkpoints(&self) -> Result<Vec<Checkpoint>, Failure> {
        let checkpoints = self.desk.stores.projections.checkpoints().await?;
        self.desk.progress.refresh(&checkpoints);
        Ok(checkpoints)
    }

    /// The page after `from`; empty at the end. A full one begins a back-log, which is read ahead.
    async fn page(
        &self,
        from: Ordinal,
        backlog: &mut Option<Backlog>,
    ) -> Result<Vec<Occurred>, Failure> {
        if let Some(Backlog { next, pages }) = backlog
            && *next == from
            && let Some(page) = pages.next().await?
        {
            *next = page.last().map_or(from, |event| event.ordinal);
            return Ok(page);
        }
        *backlog = None;
        let (journal, log) = (&self.desk.journal, &self.desk.stores.log);
        let page = log.page(from, PAGE).await?;
        let full = u32::try_from(page.len()).is_ok_and(|events| events >= PAGE);
        if let Some(last) = page.last().filter(|_| full) {
            let (next, pages) = (last.ordinal, Pages::after(journal, log, last.ordinal, PAGE));
            *backlog = Some(Backlog { next, pages });
        }
        pages::read(journal, page).await
    }

    /// Folds one page for those who are furthest behind; answers whether there was anything to do.
    async fn step(&self, run: &mut Run) -> Result<bool, Failure> {
        let readers = self.readers(&run.checkpoints);
        let Some(from) = readers.iter().map(|r| r.checkpoint.ordinal).min() else {
            return Ok(false);
        };
        let events =
            if from < run.head { self.page(from, &mut run.backlog).await? } else { Vec::new() };
        let Some(last) = events.last().map(|event| event.ordinal) else {
            let ended = run.backlog.take().is_some();
            let switched = self.switch_built(&readers).await?;
            if switched {
                run.checkpoints = self.checkpoints().await?;
            }
            return Ok(switched || ended);
        };
        // Those further ahead than `from` join once the others have caught up with them.
        let group = readers.into_iter().filter(|r| r.checkpoint.ordinal == from);
        let (mut batch, mut stopped) = (Batch::default(), false);
        for reader in group {
            match self.read(&reader, &events, &mut batch).await? {
                Ok(()) => batch.moves.push(CheckpointMove {
                    projection: reader.checkpoint.projection,
                    version: reader.checkpoint.version,
                    from,
                    to: last,
                }),
                Err(cause) => {
                    self.stop(&reader.checkpoint, &cause).await?;
                    stopped = true;
                }
            }
        }
        let committed = if batch.moves.is_empty() {
            Committed::Done
        } else {
            self.desk.stores.projections.commit(&batch).await?
        };
        if committed == Committed::Done {
            self.moved(&mut run.checkpoints, &batch);
        }
        if committed == Committed::Stale || stopped {
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
            checkpoint.ordinal = step.map_or(checkpoint.ordinal, |step| step.to);
        }
        self.desk.progress.refresh(checkpoints);
        self.desk.folded.notify_one();
        if !batch.jobs.is_empty() {
            self.desk.jobs_wake.notify_one();
        }
    }

    fn readers(&self, checkpoints: &[Checkpoint]) -> Vec<Reader<'_>> {
        let mut readers = Vec::new();
        for checkpoint in checkpoints {
            let running = checkpoint.status != CheckpointStatus::Retired;
            if !running || checkpoint.error.is_some() {
                continue;
            }
            let view = self.views.iter().find(|v| {
                v.name() == checkpoint.projection && checkpoint.version / REBUILDS == v.version()
            });
            let process = self.processes.iter().find(|p| p.name() == checkpoint.projection);
            let part = match (view, process) {
                (Some(view), _) => Part::View(view.as_ref()),
                (None, Some(process)) => Part::Process(process.as_ref()),
                // Another binary's: it folds it.
                (None, None) => continue,
            };
            readers.push(Reader { checkpoint: checkpoint.clone(), part });
        }
        readers
    }

    /// Folds `events` for one reader into `batch`; the inner error is a poison event's.
    async fn read(
        &self,
        reader: &Reader<'_>,
        events: &[Occurred],
        batch: &mut Batch,
    ) -> Result<Result<(), String>, Failure> {
        match reader.part {
            Part::View(view) => self.fold(view, reader.checkpoint.version, events, batch).await,
            Part::Process(process) => {
                for event in events {
                    if let AnyEvent::Unreadable(cause) = &event.event {
                        return Ok(Err(format!("event {}: {cause}", event.ordinal.0)));
                    }
                    let follows = process.react(event, &self.desk.settings);
                    batch.jobs.extend(follows.into_iter().map(|job| job.because_of(event)));
                }
                Ok(Ok(()))
            }
        }
    }

    async fn fold(
        &self,
        view: &dyn View,
        version: i32,
        events: &[Occurred],
        batch: &mut Batch,
    ) -> Result<Result<(), String>, Failure> {
        let keys: BTreeSet<String> = events.iter().filter_map(|e| view.key(e)).collect();
        let keys: Vec<String> = keys.into_iter().collect();
        let stored = if keys.is_empty() {
            Vec::new()
        } else {
            self.desk.stores.projections.documents(view.name(), version, &keys).await?
        };
        let before: HashMap<String, ViewDocument> =
            stored.into_iter().map(|document| (document.id.clone(), document)).collect();
        let mut after: BTreeMap<String, (Option<ViewDocument>, Ordinal)> = BTreeMap::new();
        for event in events {
            if let (AnyEvent::Unreadable(cause), Some(kind)) = (&event.event, event.kind)
                && view.reads(kind)
            {
                return Ok(Err(format!("event {}: {cause}", event.ordinal.0)));
            }
            let Some(key) = view.key(event) else { continue };
            let document = match after.remove(&key) {
                Some((document, _)) => document,
                None => before.get(&key).cloned(),
            };
            match view.fold(document, event) {
                Ok(document) => after.insert(key, (document, event.ordinal)),
                Err(error) => return Ok(Err(format!("event {}: {error}", event.ordinal.0))),
            };
        }
        for (key, (document, ordinal)) in after {
            let old = before.get(&key);
            if old == document.as_ref() {
                continue;
            }
            let rows = view.derived(old, document.as_ref());
            batch.views.extend(rows.into_iter().map(|row| row.into_change(version, ordinal)));
            batch.views.push(match document {
                Some(document) => {
                    ViewChange::Put { view: view.name().to_owned(), version, document, ordinal }
                }
                None => ViewChange::Remove { view: view.name().to_owned(), version, id: key },
            });
        }
        Ok(Ok(()))
    }

    /// A view that was built beside the live one has reached the end: it takes over.
    async fn switch_built(&self, readers: &[Reader<'_>]) -> Result<bool, Failure> {
        let store = &self.desk.stores.projections;
        let mut switched = false;
        for reader in readers {
            let Checkpoint { projection, version, status, .. } = &reader.checkpoint;
            if *status == CheckpointStatus::Building {
                store.set_status(projection, *version, CheckpointStatus::Live, None).await?;
                tracing::info!(projection, version, "a rebuilt view took over");
                switched = true;
            }
        }
        Ok(switched)
    }

    /// A poison event stops its projection and no other; readiness turns red.
    async fn stop(&self, checkpoint: &Checkpoint, cause: &str) -> Result<(), Failure> {
        let Checkpoint { projection, version, status, .. } = checkpoint;
        tracing::error!(projection, version, cause, "a projection stopped at an event");
        let store = &self.desk.stores.projections;
        Ok(store.set_status(projection, *version, *status, Some(cause)).await?)
    }

    /// Begins to build the next version of a view beside the live one.
    pub async fn rebuild(&self, name: &str) -> Result<i32, Failure> {
        let view = self.views.iter().find(|view| view.name() == name);
        let view = view.ok_or(Failure::NotFound)?;
        let known = self.desk.stores.projections.checkpoints().await?;
        let highest = known.iter().filter(|c| c.projection == name).map(|c| c.version).max();
        let version = highest.map_or(view.version() * REBUILDS, |highest| highest + 1);
        let store = &self.desk.stores.projections;
        store.register(name, version, CheckpointStatus::Building).await?;
        Ok(version)
    }
}
