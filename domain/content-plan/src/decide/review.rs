//! From a proposal to posts: review, approval, and the end of the plan.

use super::Decision;
use crate::state::Stage;
use crate::{ContentPlan, Context, ItemState, PlanEvent as Event, PlanRefusal as Refusal};
use herald_kernel::{ContentHash, MemberId, PostId, Text};

impl ContentPlan {
    pub(super) fn submit(&self, by: MemberId) -> Decision {
        match self.stage {
            Stage::InReview => return Ok(Vec::new()),
            Stage::Proposed | Stage::ChangesRequested => {}
            Stage::Absent
            | Stage::Draft
            | Stage::Generating
            | Stage::GenerationFailed(_)
            | Stage::Approved
            | Stage::Materialized
            | Stage::Completed
            | Stage::Archived => return Err(self.not_now()),
        }
        if self.items.values().all(|item| item.state == ItemState::Rejected) {
            return Err(Refusal::NothingAccepted);
        }
        Ok(vec![Event::Submitted { by, revision: self.revision }])
    }

    pub(super) fn request_changes(&self, by: MemberId, comment: Text<2000>) -> Decision {
        match self.stage {
            Stage::InReview | Stage::Approved => {
                let (comment, revision) = (comment.into(), self.revision);
                Ok(vec![Event::ChangesRequested { by, comment, revision }])
            }
            Stage::ChangesRequested => Ok(Vec::new()),
            Stage::Absent
            | Stage::Draft
            | Stage::Generating
            | Stage::GenerationFailed(_)
            | Stage::Proposed
            | Stage::Materialized
            | Stage::Completed
            | Stage::Archived => Err(self.not_now()),
        }
    }

    pub(super) fn approve(
        &self,
        by: MemberId,
        revision: u32,
        hash: ContentHash,
        context: &Context,
    ) -> Decision {
        let current = self.revision == revision && self.hash.as_ref() == Some(&hash);
        match self.stage {
            // Staleness first: it is what the approver can do something about.
            Stage::InReview | Stage::Approved | Stage::Proposed | Stage::ChangesRequested
                if !current =>
            {
                return Err(Refusal::StaleApproval { revision: self.revision });
            }
            Stage::InReview => {}
            Stage::Approved => return Ok(Vec::new()),
            Stage::Absent
            | Stage::Draft
            | Stage::Generating
            | Stage::GenerationFailed(_)
            | Stage::Proposed
            | Stage::ChangesRequested
            | Stage::Materialized
            | Stage::Completed
            | Stage::Archived => return Err(self.not_now()),
        }
        if !context.policy.approval.author_may_approve() && self.workers.contains(&by) {
            return Err(Refusal::FourEyes);
        }
        if !self.has_accepted() {
            return Err(Refusal::NothingAccepted);
        }
        Ok(vec![Event::Approved { by, revision, hash }])
    }

    pub(super) fn materialize(&self, by: MemberId) -> Decision {
        match (self.stage, self.id()) {
            (Stage::Approved, Some(plan)) => {
                // The post's id follows from the plan and the item: doing it again is harmless.
                let accepted =
                    self.items.iter().filter(|(_, item)| item.state == ItemState::Accepted);
                let items = accepted
                    .map(|(item, _)| (*item, PostId::derived(plan.uuid(), &item.to_string())))
                    .collect();
                Ok(vec![Event::Materialized { by, items }])
            }
            (Stage::Materialized | Stage::Completed, _) => Ok(Vec::new()),
            (
                Stage::Absent
                | Stage::Draft
                | Stage::Generating
                | Stage::GenerationFailed(_)
                | Stage::Proposed
                | Stage::InReview
                | Stage::ChangesRequested
                | Stage::Approved
                | Stage::Archived,
                _,
            ) => Err(self.not_now()),
        }
    }

    pub(super) fn complete(&self) -> Decision {
        match self.stage {
            Stage::Materialized => Ok(vec![Event::Completed]),
            Stage::Completed => Ok(Vec::new()),
            Stage::Absent
            | Stage::Draft
            | Stage::Generating
            | Stage::GenerationFailed(_)
            | Stage::Proposed
            | Stage::InReview
            | Stage::ChangesRequested
            | Stage::Approved
            | Stage::Archived => Err(self.not_now()),
        }
    }

    pub(super) fn archive(&self, by: MemberId) -> Decision {
        match self.stage {
            Stage::Archived => Ok(Vec::new()),
            Stage::Completed | Stage::Absent => Err(self.not_now()),
            Stage::Draft
            | Stage::Generating
            | Stage::GenerationFailed(_)
            | Stage::Proposed
            | Stage::InReview
            | Stage::ChangesRequested
            | Stage::Approved
            | Stage::Materialized => Ok(vec![Event::Archived { by }]),
        }
    }
}
