//! Ask for the approval of a plan, give it, or send the plan back.

use super::PlanUse;
use crate::{caller::Caller, execute::Who, failure::Failure};
use herald_account::Action;
use herald_content_plan::PlanCommand as Command;
use herald_kernel::{ContentHash, PlanId, Text};
use serde::Serialize;

/// Ask for approval.
#[derive(Debug, Serialize)]
pub struct SubmitContentPlan {
    /// The plan.
    pub plan: PlanId,
}

impl PlanUse for SubmitContentPlan {
    const WHO: Who = Who::Members(Action::SubmitContentPlan);

    fn plan(&self) -> PlanId {
        self.plan
    }

    fn command(&self, caller: &Caller, _: ContentHash) -> Result<Command, Failure> {
        Ok(Command::Submit { by: caller.acting_member()? })
    }
}

/// Send a plan back with a wish.
#[derive(Debug, Serialize)]
pub struct RequestPlanChanges {
    /// The plan.
    pub plan: PlanId,
    /// What is to change.
    pub comment: Text<2000>,
}

impl PlanUse for RequestPlanChanges {
    const WHO: Who = Who::Members(Action::RequestPlanChanges);

    fn plan(&self) -> PlanId {
        self.plan
    }

    fn command(&self, caller: &Caller, _: ContentHash) -> Result<Command, Failure> {
        Ok(Command::RequestChanges { by: caller.acting_member()?, comment: self.comment.clone() })
    }
}

/// Approve exactly the revision and the content that were read.
#[derive(Debug, Serialize)]
pub struct ApproveContentPlan {
    /// The plan.
    pub plan: PlanId,
    /// The revision that was read.
    pub revision: u32,
    /// The fingerprint of the content that was read.
    pub content_hash: ContentHash,
}

impl PlanUse for ApproveContentPlan {
    const WHO: Who = Who::Members(Action::ApproveContentPlan);

    fn plan(&self) -> PlanId {
        self.plan
    }

    fn command(&self, caller: &Caller, _: ContentHash) -> Result<Command, Failure> {
        let hash = self.content_hash.clone();
        Ok(Command::Approve { by: caller.acting_member()?, revision: self.revision, hash })
    }
}
