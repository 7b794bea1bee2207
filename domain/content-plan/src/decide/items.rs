//! Editing, accepting and rejecting what was proposed.

use super::{Decision, generate::fits};
use crate::state::Stage;
use crate::{
    ContentPlan, Item, ItemContent, ItemState, PlanEvent as Event, PlanRefusal as Refusal,
};
use herald_kernel::{ContentHash, LocalTime, MemberId, PlanItemId};

impl ContentPlan {
    pub(super) fn edit_item(
        &self,
        item: PlanItemId,
        (content, local): (ItemContent, LocalTime),
        by: MemberId,
        hash: ContentHash,
    ) -> Decision {
        let found = self.changeable(item)?;
        let planned = &found.planned;
        if planned.content.known() == Some(&content) && planned.local == local {
            return Ok(Vec::new());
        }
        if !fits(&content) {
            return Err(Refusal::ItemTooLong);
        }
        let in_plan = self.birth.as_ref().is_some_and(|birth| {
            birth.period.contains(local) && local.in_zone(&birth.zone).is_some()
        });
        if !in_plan {
            return Err(Refusal::OutsideOfPeriod);
        }
        let (content, revision) = (content.into(), self.next_revision());
        Ok(vec![Event::ItemEdited { item, content, local, by, revision, hash }])
    }

    pub(super) fn accept_item(
        &self,
        item: PlanItemId,
        by: MemberId,
        hash: ContentHash,
    ) -> Decision {
        if self.changeable(item)?.state == ItemState::Accepted {
            return Ok(Vec::new());
        }
        Ok(vec![Event::ItemAccepted { item, by, revision: self.next_revision(), hash }])
    }

    pub(super) fn reject_item(
        &self,
        item: PlanItemId,
        by: MemberId,
        hash: ContentHash,
    ) -> Decision {
        if self.changeable(item)?.state == ItemState::Rejected {
            return Ok(Vec::new());
        }
        Ok(vec![Event::ItemRejected { item, by, revision: self.next_revision(), hash }])
    }

    /// The item, while the plan may still be changed.
    fn changeable(&self, item: PlanItemId) -> Result<&Item, Refusal> {
        match self.stage {
            Stage::Generating => return Err(Refusal::GenerationOpen),
            Stage::Materialized | Stage::Completed | Stage::Archived => {
                return Err(Refusal::Locked { status: self.status() });
            }
            Stage::Absent
            | Stage::Draft
            | Stage::GenerationFailed(_)
            | Stage::Proposed
            | Stage::InReview
            | Stage::ChangesRequested
            | Stage::Approved => {}
        }
        self.items.get(&item).ok_or(Refusal::ItemNotFound { item })
    }
}
