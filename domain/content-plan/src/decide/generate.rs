//! Having a plan written: one run at a time, and nothing of its output is trusted.

use super::Decision;
use crate::state::{Birth, Stage};
use crate::{
    ContentPlan, Defect, FailureKind, ItemContent, MAX_ITEM_CHARS, MAX_ITEMS, Outcome,
    PlanCommand as Command, PlanEvent as Event, PlanRefusal as Refusal, PlannedItem, ProposedItem,
    Strategy,
};
use herald_kernel::{ContentHash, RunId, Text};
use std::collections::BTreeSet;

/// The most repairs after which an output still counts as following the schema.
const MAX_REPAIRS: u8 = 2;

/// How many bytes of text one event of items holds at most, unless a single item has more: sealed
/// and escaped, an event must stay below the log's limit.
const EVENT_BYTES: usize = 64 * 1024;

impl ContentPlan {
    pub(super) fn request_generation(&self, command: Command) -> Decision {
        let Command::RequestGeneration { run, by, profiles, prompt_ref, prompt_hash } = command
        else {
            return Err(self.not_now());
        };
        match self.stage {
            Stage::Draft
            | Stage::GenerationFailed(_)
            | Stage::Proposed
            | Stage::ChangesRequested => {}
            Stage::Generating if self.awaits(run) => return Ok(Vec::new()),
            Stage::Generating => return Err(Refusal::GenerationOpen),
            Stage::Materialized | Stage::Completed | Stage::Archived => {
                return Err(Refusal::Locked { status: self.status() });
            }
            Stage::Absent | Stage::InReview | Stage::Approved => return Err(self.not_now()),
        }
        if profiles.is_empty() {
            return Err(Refusal::NoProfile);
        }
        Ok(vec![Event::GenerationIntended { run, by, profiles, prompt_ref, prompt_hash }])
    }

    pub(super) fn record_attempt(&self, command: Command) -> Vec<Event> {
        let Command::RecordAttempt { run, purpose, provider, model, request_id, usage } = command
        else {
            return Vec::new();
        };
        let known = self
            .run
            .as_ref()
            .is_some_and(|open| open.answers.iter().any(|answer| answer == request_id.as_str()));
        if known || !self.awaits(run) {
            return Vec::new();
        }
        vec![Event::GenerationAttempted { run, purpose, provider, model, request_id, usage }]
    }

    pub(super) fn record_generation(
        &self,
        run: RunId,
        (outcome, strategy): (Box<Outcome>, Strategy),
        items: Vec<ProposedItem>,
        hash: &ContentHash,
    ) -> Decision {
        let Some(birth) = self.birth.as_ref().filter(|_| self.awaits(run)) else {
            return Ok(Vec::new());
        };
        let defect = defect(birth, &outcome, &strategy, &items);
        if let Some(defect) = defect {
            return Err(Refusal::OutputInvalid { defect });
        }
        let mut events = vec![
            Event::GenerationSucceeded { run, outcome },
            Event::StrategyProposed { run, strategy: strategy.into() },
        ];
        let revision = self.next_revision();
        events.extend(in_portions(items).into_iter().map(|items| Event::ItemsProposed {
            run,
            items,
            revision,
            hash: hash.clone(),
        }));
        Ok(events)
    }

    pub(super) fn fail_generation(
        &self,
        run: RunId,
        kind: FailureKind,
        detail: Text<500>,
    ) -> Vec<Event> {
        if !self.awaits(run) {
            return Vec::new();
        }
        vec![Event::GenerationFailed { run, kind, detail: detail.into() }]
    }

    fn awaits(&self, run: RunId) -> bool {
        self.run.as_ref().is_some_and(|open| open.run == run)
    }
}

fn defect(
    birth: &Birth,
    outcome: &Outcome,
    strategy: &Strategy,
    items: &[ProposedItem],
) -> Option<Defect> {
    if !outcome.schema_valid || outcome.repairs > MAX_REPAIRS {
        return Some(Defect::Schema);
    }
    if !(1..=MAX_ITEMS).contains(&items.len()) {
        return Some(Defect::Count);
    }
    let different: BTreeSet<_> = items.iter().map(|proposed| proposed.item).collect();
    if different.len() != items.len() {
        return Some(Defect::Twice);
    }
    if strategy.pillars.len() > Strategy::MAX_PILLARS {
        return Some(Defect::Length);
    }
    items.iter().find_map(|proposed| item_defect(birth, proposed))
}

fn item_defect(birth: &Birth, proposed: &ProposedItem) -> Option<Defect> {
    if !birth.connections.iter().any(|known| known.connection == proposed.connection) {
        return Some(Defect::Connection);
    }
    if !birth.period.contains(proposed.local) || proposed.local.in_zone(&birth.zone).is_none() {
        return Some(Defect::Date);
    }
    (!fits(&proposed.content)).then_some(Defect::Length)
}

/// Is the content small enough for one event?
pub(super) fn fits(content: &ItemContent) -> bool {
    content.segments.len() <= ItemContent::MAX_SEGMENTS && content.chars() <= MAX_ITEM_CHARS
}

fn in_portions(items: Vec<ProposedItem>) -> Vec<Vec<PlannedItem>> {
    let mut portions = Vec::new();
    let mut portion = Vec::new();
    let mut held = 0;
    for proposed in items {
        let bytes = bytes(&proposed);
        if held + bytes > EVENT_BYTES && !portion.is_empty() {
            portions.push(std::mem::take(&mut portion));
            held = 0;
        }
        held += bytes;
        portion.push(proposed.into());
    }
    portions.push(portion);
    portions
}

fn bytes(proposed: &ProposedItem) -> usize {
    /// Ids, time and field names.
    const FRAME: usize = 300;
    let content = &proposed.content;
    let segments: usize = content.segments.iter().map(|segment| segment.as_str().len()).sum();
    let comment = content.first_comment.as_ref().map_or(0, |comment| comment.as_str().len());
    let rationale = proposed.rationale.as_ref().map_or(0, |rationale| rationale.as_str().len());
    FRAME + content.text.as_str().len() + segments + comment + rationale
}
