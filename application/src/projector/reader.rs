//! Who reads the log: a view or a process, from where it stands.

use crate::{
    desk::Desk,
    failure::Failure,
    occurred::{AnyEvent, Occurred},
    ports::{Batch, Checkpoint, CheckpointStatus, Ordinal, ViewChange, ViewDocument},
    processes::Process,
    views::View,
};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// One projection or process with where it stands.
pub(super) struct Reader<'p> {
    pub(super) checkpoint: Checkpoint,
    pub(super) part: Part<'p>,
}

#[derive(Clone, Copy)]
pub(super) enum Part<'p> {
    View(&'p dyn View),
    Process(&'p dyn Process),
}

/// Those whose turn it is: of all that are behind, the furthest ahead, and what is being built last.
/// So nobody who has a long way to go holds up the others. Whoever stands at the same event joins in.
pub(super) fn next(readers: Vec<Reader<'_>>, head: Ordinal) -> Vec<Reader<'_>> {
    let behind = readers.iter().map(|r| &r.checkpoint).filter(|c| c.ordinal < head);
    let first = behind.map(|c| (c.status == CheckpointStatus::Live, c.ordinal)).max();
    let Some((_, from)) = first else { return Vec::new() };
    readers.into_iter().filter(|r| r.checkpoint.ordinal == from).collect()
}

impl Part<'_> {
    fn reads(self, event: &Occurred) -> bool {
        event.kind.is_some_and(|kind| match self {
            Part::View(view) => view.reads(kind),
            Part::Process(process) => process.reads(kind),
        })
    }
}

impl Reader<'_> {
    /// Adds to `batch` what follows from `events`; the inner error is a poison event's, and adds
    /// nothing.
    pub(super) async fn read(
        &self,
        desk: &Desk,
        events: &[Occurred],
        batch: &mut Batch,
    ) -> Result<Result<(), String>, Failure> {
        let poison = events.iter().filter(|event| self.part.reads(event)).find_map(unreadable);
        if let Some(cause) = poison {
            return Ok(Err(cause));
        }
        match self.part {
            Part::View(view) => fold(desk, view, self.checkpoint.version, events, batch).await,
            Part::Process(process) => {
                for event in events.iter().filter(|event| self.part.reads(event)) {
                    let follows = process.react(event, &desk.settings);
                    batch.jobs.extend(follows.into_iter().map(|job| job.because_of(event)));
                }
                Ok(Ok(()))
            }
        }
    }
}

fn unreadable(event: &Occurred) -> Option<String> {
    let AnyEvent::Unreadable(cause) = &event.event else { return None };
    Some(format!("event {}: {cause}", event.ordinal.0))
}

async fn fold(
    desk: &Desk,
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
        desk.stores.projections.documents(view.name(), version, &keys).await?
    };
    let before: HashMap<String, ViewDocument> =
        stored.into_iter().map(|document| (document.id.clone(), document)).collect();
    let mut after: BTreeMap<String, (Option<ViewDocument>, Ordinal)> = BTreeMap::new();
    for event in events {
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
