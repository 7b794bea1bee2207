//! Who reads the log: a view or a process, from where it stands.

use crate::{
    desk::Desk,
    failure::Failure,
    occurred::{AnyEvent, Occurred},
    ports::{Batch, Checkpoint, CheckpointStatus, Ordinal, ViewChange},
    processes::Process,
    views::{Folded, View},
};
use std::collections::{BTreeMap, HashMap};

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
    let mut changes: BTreeMap<String, Vec<&Occurred>> = BTreeMap::new();
    for event in events {
        if let Some(key) = view.key(event) {
            changes.entry(key).or_default().push(event);
        }
    }
    if changes.is_empty() {
        return Ok(Ok(()));
    }
    let keys: Vec<String> = changes.keys().cloned().collect();
    let stored = desk.stores.projections.documents(view.name(), version, &keys).await?;
    let stored: HashMap<_, _> = stored.iter().map(|row| (row.id.as_str(), row)).collect();
    let mut rows = Vec::new();
    for (key, events) in changes {
        let before = stored.get(key.as_str()).copied();
        let (Some(first), Some(last)) = (events.first(), events.last()) else { continue };
        let Folded { document, derived } = match view.fold(before, &events) {
            Ok(folded) => folded,
            // What cannot be believed is the first: a document believes whatever comes later.
            Err(error) => return Ok(Err(format!("event {}: {error}", first.ordinal.0))),
        };
        if before == Some(&document) {
            continue;
        }
        let (name, ordinal) = (view.name().to_owned(), last.ordinal);
        rows.extend(derived.into_iter().map(|row| row.into_change(version, ordinal)));
        rows.push(ViewChange::Put { view: name, version, document, ordinal });
    }
    batch.views.extend(rows);
    Ok(Ok(()))
}
