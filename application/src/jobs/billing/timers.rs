//! What time alone brings about: each is told when it may be due, and the domain says whether it is.

use super::{JobFailure, Next, Run, Task};
use crate::{
    commands::subscription::{
        ApplyPlanChange, ElapseGrace, ExpireCredits, ExpireUsage, LapseCalls, LapseRun,
        NoteTrialEnding, OnSubscription,
    },
    execute::UseCase,
    failure::Failure,
    jobs::tell,
};

impl Run<'_> {
    pub(super) async fn timer(&self, task: Task) -> Result<Next, JobFailure> {
        match task {
            Task::ElapseGrace => self.due(OnSubscription(ElapseGrace)).await,
            Task::NoteTrialEnding => self.due(OnSubscription(NoteTrialEnding)).await,
            Task::ApplyPlanChange { change } => {
                self.due(OnSubscription(ApplyPlanChange { change })).await
            }
            Task::ExpireCredits { kind } => self.due(ExpireCredits { kind }).await,
            Task::ExpireUsage { usage } => self.due(ExpireUsage { usage }).await,
            Task::LapseCalls { lease } => self.due(LapseCalls { lease }).await,
            Task::LapseRun { run } => self.due(LapseRun { run }).await,
            Task::Customer
            | Task::OpenCheckout { .. }
            | Task::OpenPortal { .. }
            | Task::Errand { .. }
            | Task::ReportUsage { .. }
            | Task::ChangePlan { .. }
            | Task::Cancel { .. }
            | Task::Resume { .. }
            | Task::EndTrial { .. } => Ok(Next::Done),
        }
    }

    /// What is refused is not due, or was overtaken: whatever moved it put a timer of its own.
    async fn due<U: UseCase>(&self, use_case: U) -> Result<Next, JobFailure> {
        let step = format!("timer/{}/{}", self.job.key, self.job.due_at.micros());
        match tell(self.desk, self.job, step, use_case).await {
            Ok(_) | Err(Failure::Refused { .. } | Failure::NotFound) => Ok(Next::Done),
            Err(failure) => Err(failure.into()),
        }
    }
}
