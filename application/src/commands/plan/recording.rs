//! What the writing job tells a plan. A report of a run that is no longer awaited changes nothing.

use super::PlanUse;
use crate::{caller::Caller, execute::Who, failure::Failure, metering::Charge};
use herald_content_plan::{
    FailureKind, Outcome, PlanCommand as Command, ProposedItem, Purpose, Strategy, Usage,
};
use herald_kernel::{ContentHash, PlanId, RunId, Text};
use serde::Serialize;

/// A provider answered, usefully or not.
#[derive(Debug, Serialize)]
pub struct RecordGenerationAttempt {
    /// The plan.
    pub plan: PlanId,
    /// In which run.
    pub run: RunId,
    /// For what.
    pub purpose: Purpose,
    /// Who answered.
    pub provider: Text<64>,
    /// Which model.
    pub model: Text<200>,
    /// The provider's id of the answer.
    pub request_id: Text<200>,
    /// What the answer took.
    pub usage: Usage,
}

impl PlanUse for RecordGenerationAttempt {
    const WHO: Who = Who::Jobs("recordGenerationAttempt");

    fn plan(&self) -> PlanId {
        self.plan
    }

    fn command(&self, _: &Caller, _: ContentHash) -> Result<Command, Failure> {
        Ok(Command::RecordAttempt {
            run: self.run,
            purpose: self.purpose,
            provider: self.provider.clone(),
            model: self.model.clone(),
            request_id: self.request_id.clone(),
            usage: self.usage,
        })
    }
}

/// A run brought something.
#[derive(Debug, Serialize)]
pub struct RecordGeneration {
    /// The plan.
    pub plan: PlanId,
    /// Which run.
    pub run: RunId,
    /// What it took.
    pub outcome: Outcome,
    /// The thought behind the posts.
    pub strategy: Strategy,
    /// The proposed posts.
    pub items: Vec<ProposedItem>,
}

impl PlanUse for RecordGeneration {
    const WHO: Who = Who::Jobs("recordGeneration");

    fn plan(&self) -> PlanId {
        self.plan
    }

    fn charge(&self) -> Option<Charge> {
        let used = u32::try_from(self.items.len()).unwrap_or(u32::MAX);
        Some(Charge::Commit { run: self.run, used })
    }

    fn command(&self, _: &Caller, hash: ContentHash) -> Result<Command, Failure> {
        Ok(Command::RecordGeneration {
            run: self.run,
            outcome: Box::new(self.outcome.clone()),
            strategy: self.strategy.clone(),
            items: self.items.clone(),
            hash,
        })
    }
}

/// A run brought nothing.
#[derive(Debug, Serialize)]
pub struct FailGeneration {
    /// The plan.
    pub plan: PlanId,
    /// Which run.
    pub run: RunId,
    /// Why.
    pub kind: FailureKind,
    /// In the provider's or our words.
    pub detail: Text<500>,
}

impl PlanUse for FailGeneration {
    const WHO: Who = Who::Jobs("failGeneration");

    fn plan(&self) -> PlanId {
        self.plan
    }

    fn charge(&self) -> Option<Charge> {
        Some(Charge::Release { run: self.run })
    }

    fn command(&self, _: &Caller, _: ContentHash) -> Result<Command, Failure> {
        let detail = self.detail.clone();
        Ok(Command::FailGeneration { run: self.run, kind: self.kind, detail })
    }
}
