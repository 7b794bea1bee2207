//! How each fact changes what a content plan is.

use crate::state::{Birth, Stage};
use crate::{Approval, ContentPlan, Item, ItemState, OpenRun, PlanEvent as Event, PlannedItem};
use herald_kernel::{ContentHash, PlanItemId};

impl ContentPlan {
    pub(crate) fn believe(&mut self, event: &Event) {
        match event {
            Event::Created { .. } => self.be_born(event),
            Event::GenerationIntended { .. }
            | Event::GenerationAttempted { .. }
            | Event::GenerationSucceeded { .. }
            | Event::StrategyProposed { .. }
            | Event::ItemsProposed { .. }
            | Event::GenerationFailed { .. } => self.believe_generation(event),
            Event::ItemEdited { .. } | Event::ItemAccepted { .. } | Event::ItemRejected { .. } => {
                self.believe_item(event);
            }
            Event::Submitted { by, .. } => {
                self.workers.insert(*by);
                self.stage = Stage::InReview;
            }
            Event::ChangesRequested { .. } => {
                self.approval = None;
                self.stage = Stage::ChangesRequested;
            }
            Event::Approved { by, revision, hash } => {
                let (by, revision, hash) = (*by, *revision, hash.clone());
                self.approval = Some(Approval { by, revision, hash });
                self.stage = Stage::Approved;
            }
            Event::Materialized { items, .. } => {
                for (item, post) in items {
                    self.set(*item, ItemState::Materialized(*post));
                }
                self.stage = Stage::Materialized;
            }
            Event::Completed => self.stage = Stage::Completed,
            Event::Archived { .. } => {
                self.run = None;
                self.stage = Stage::Archived;
            }
        }
    }

    fn be_born(&mut self, event: &Event) {
        let Event::Created { plan, account, by, brief, period, zone, connections, cadence } = event
        else {
            return;
        };
        self.workers.insert(*by);
        self.birth = Some(Birth {
            plan: *plan,
            account: *account,
            by: *by,
            brief: (**brief).clone(),
            period: *period,
            zone: zone.clone(),
            connections: connections.clone(),
            cadence: *cadence,
        });
        self.stage = Stage::Draft;
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "`believe` has told the events apart")]
    fn believe_generation(&mut self, event: &Event) {
        match event {
            Event::GenerationIntended { run, .. } => {
                self.run = Some(OpenRun { run: *run, answers: Vec::new() });
                self.stage = Stage::Generating;
            }
            Event::GenerationAttempted { request_id, .. } => {
                if let Some(open) = &mut self.run {
                    open.answers.push(request_id.to_string());
                }
            }
            Event::GenerationSucceeded { .. } => {
                self.run = None;
                self.items.clear();
                // The text is new: whoever worked on the old one did not work on this.
                self.workers = self.created_by().into_iter().collect();
                self.stage = Stage::Proposed;
            }
            Event::StrategyProposed { strategy, .. } => self.strategy = Some(strategy.clone()),
            Event::ItemsProposed { items, revision, hash, .. } => {
                self.items.extend(items.iter().map(as_proposed));
                self.revise(*revision, hash);
            }
            Event::GenerationFailed { kind, .. } => {
                self.run = None;
                self.stage = Stage::GenerationFailed(*kind);
            }
            _ => {}
        }
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "`believe` has told the events apart")]
    fn believe_item(&mut self, event: &Event) {
        match event {
            Event::ItemEdited { item, content, local, by, revision, hash } => {
                if let Some(found) = self.items.get_mut(item) {
                    found.planned.content = content.clone();
                    found.planned.local = *local;
                }
                self.workers.insert(*by);
                self.set(*item, ItemState::Edited);
                self.revise(*revision, hash);
            }
            Event::ItemAccepted { item, revision, hash, .. } => {
                self.set(*item, ItemState::Accepted);
                self.revise(*revision, hash);
            }
            Event::ItemRejected { item, revision, hash, .. } => {
                self.set(*item, ItemState::Rejected);
                self.revise(*revision, hash);
            }
            _ => {}
        }
    }

    fn set(&mut self, item: PlanItemId, state: ItemState) {
        if let Some(found) = self.items.get_mut(&item) {
            found.state = state;
        }
    }

    /// The content is another one: an approval of the former is void. A review goes on.
    fn revise(&mut self, revision: u32, hash: &ContentHash) {
        self.revision = revision;
        self.hash = Some(hash.clone());
        self.approval = None;
        if self.stage != Stage::InReview {
            self.stage = Stage::Proposed;
        }
    }
}

fn as_proposed(planned: &PlannedItem) -> (PlanItemId, Item) {
    (planned.item, Item { planned: planned.clone(), state: ItemState::Proposed })
}
