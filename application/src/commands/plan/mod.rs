//! What can be asked of a content plan.
//!
//! Most of it is one command to one plan: a [`PlanUse`], carried out as [`OnPlan`].

mod creating;
mod generating;
mod items;
mod materializing;
mod recording;
mod reviewing;
mod weighing;

pub use creating::CreateContentPlan;
pub use generating::GenerateContentPlan;
pub use items::{AcceptPlanItem, EditPlanItem, RejectPlanItem};
pub use materializing::MaterializeContentPlan;
pub use recording::{FailGeneration, RecordGeneration, RecordGenerationAttempt};
pub use reviewing::{ApproveContentPlan, RequestPlanChanges, SubmitContentPlan};
pub use weighing::plan_hash;

use crate::{
    caller::Caller,
    execute::{Naming, UseCase, Who, Work},
    failure::Failure,
    log::Loaded,
    metering::{self, Charge},
};
use async_trait::async_trait;
use herald_content_plan::{ContentPlan, PlanCommand as Command};
use herald_kernel::{ContentHash, PlanId};
use serde::Serialize;
use uuid::Uuid;

/// One command to one plan.
pub trait PlanUse: Serialize + Send + Sync + 'static {
    /// Who may ask.
    const WHO: Who;

    /// The plan.
    fn plan(&self) -> PlanId;

    /// What becomes of the credits that were set aside for a run.
    fn charge(&self) -> Option<Charge> {
        None
    }

    /// The command, on behalf of `caller`. `hash` is the fingerprint of the plan's content as it
    /// will be afterwards.
    fn command(&self, caller: &Caller, hash: ContentHash) -> Result<Command, Failure>;
}

/// Carries a [`PlanUse`] out. Answers the plan.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub struct OnPlan<C>(pub C);

#[async_trait]
impl<C: PlanUse> UseCase for OnPlan<C> {
    const WHO: Who = C::WHO;
    type Answer = PlanId;

    fn object(&self) -> Option<Uuid> {
        Some(self.0.plan().uuid())
    }

    async fn attempt(&self, work: &mut Work<'_>) -> Result<PlanId, Failure> {
        let mut plan = load(work, self.0.plan()).await?;
        let caller = work.caller;
        let before = plan.version;
        weighing::decide(work, &mut plan, |hash| self.0.command(caller, hash)).await?;
        // A report of a run that nobody awaits any more changes nothing and charges nobody.
        if let Some(charge) = self.0.charge().filter(|_| plan.version > before) {
            metering::settle_run(work, charge).await?;
        }
        Ok(self.0.plan())
    }

    fn replayed(&self, _: Naming) -> PlanId {
        self.0.plan()
    }
}

/// The plan, if it is as the caller has seen it.
async fn load(work: &Work<'_>, plan: PlanId) -> Result<Loaded<ContentPlan>, Failure> {
    let plan = work.load::<ContentPlan>(plan.uuid()).await?;
    // For a key that is bound to some connections, plans for others are not there.
    if !plan.state.connections().iter().all(|known| work.caller.reaches(known.connection)) {
        return Err(Failure::NotFound);
    }
    work.expect_version(plan.events())?;
    Ok(plan)
}
