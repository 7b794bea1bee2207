//! What billing asks of the payment provider: one effect a job, each under the key of the command
//! that wanted it.

mod customer;
mod effects;
mod errands;
mod pages;
mod reports;
#[cfg(test)]
mod tests;
mod timers;

pub(crate) use effects::terms;

use super::{JobFailure, Next, payload};
use crate::{
    billing::{self, payments, recorded_code, sync_customer, sync_job},
    desk::Desk,
    failure::Failure,
    jobs::put_job,
    ports::{
        ClaimedJob,
        payments::{IdempotencyKey, PaymentFailure},
    },
};
use herald_kernel::{CommandId, Instant};
use herald_subscription::{
    CancelAt, CheckoutRef, Counter, CreditKind, Subscription, SubscriptionRef,
};
use serde::{Deserialize, Serialize};
use std::{sync::Arc, time::Duration};
use uuid::Uuid;

/// How often a paying account is looked at although nobody said that anything happened.
const LOOK_EVERY: Duration = Duration::from_secs(24 * 3600);

/// What a billing job is to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "task", rename_all = "snake_case")]
pub(crate) enum Task {
    /// Make the account's customer.
    Customer,
    /// Open a checkout.
    OpenCheckout {
        /// Which.
        checkout: CommandId,
        /// For how many days it is free.
        trial_days: u16,
        /// The page that it takes the place of, which is closed first.
        #[serde(default)]
        replaces: Option<CheckoutRef>,
    },
    /// Open the provider's own pages.
    OpenPortal {
        /// Which visit.
        portal: CommandId,
    },
    /// Make a change of tier or interval.
    ChangePlan {
        /// Which.
        change: CommandId,
    },
    /// End a subscription.
    Cancel {
        /// Which.
        subscription: SubscriptionRef,
        /// When.
        when: CancelAt,
        /// What wants it.
        because: CommandId,
    },
    /// Let a subscription go on.
    Resume {
        /// Which.
        subscription: SubscriptionRef,
        /// What wants it.
        because: CommandId,
    },
    /// End a trial that the account may not have.
    EndTrial {
        /// Of which subscription.
        subscription: SubscriptionRef,
        /// What wants it.
        because: CommandId,
    },
    /// The grace may be over.
    ElapseGrace,
    /// The trial may end soon.
    NoteTrialEnding,
    /// A change's time may have come.
    ApplyPlanChange {
        /// Which.
        change: CommandId,
    },
    /// Credits may be over.
    ExpireCredits {
        /// Of which kind.
        kind: CreditKind,
    },
    /// Have something done once.
    Errand {
        /// Which.
        errand: CommandId,
        /// Since when; not told by jobs of long ago.
        #[serde(default)]
        since: Option<Instant>,
    },
    /// Tell what was used of a counter.
    ReportUsage {
        /// The counter's stream.
        usage: Uuid,
        /// What it counts.
        counter: Counter,
    },
    /// What was handed out of a counter may be over.
    ExpireUsage {
        /// The counter's stream.
        usage: Uuid,
    },
    /// A block of bought calls may be over.
    LapseCalls {
        /// The block.
        lease: Uuid,
    },
    /// A run for which bought credits are set aside may say nothing more.
    LapseRun {
        /// The run.
        run: Uuid,
    },
}

/// Looks how the account stands, and again in a day while it pays.
pub(super) async fn sync(desk: &Arc<Desk>, job: &ClaimedJob) -> Result<Next, JobFailure> {
    if sync_customer(desk, job).await?.is_none() {
        return Ok(Next::Done);
    }
    let live = billing::subscription(desk, job.account).await?.live().is_some();
    if live { Ok(Next::At(desk.clock.now().plus(LOOK_EVERY))) } else { Ok(Next::Done) }
}

pub(super) async fn run(desk: &Arc<Desk>, job: &ClaimedJob) -> Result<Next, JobFailure> {
    let task: Task = payload(job)?;
    let run = Run { desk, job };
    match task {
        Task::Customer => {
            run.customer().await??;
            Ok(Next::Done)
        }
        Task::OpenCheckout { checkout, trial_days, replaces } => {
            run.open_checkout(checkout, trial_days, replaces.as_ref()).await
        }
        Task::OpenPortal { portal } => run.open_portal(portal).await,
        Task::ChangePlan { change } => run.change_plan(change).await,
        Task::Cancel { subscription, when, because } => {
            run.cancel(&subscription, when, because).await
        }
        Task::Resume { subscription, because } => run.resume(&subscription, because).await,
        Task::EndTrial { subscription, because } => run.end_trial(&subscription, because).await,
        Task::Errand { errand, since } => run.errand(errand, since).await,
        Task::ReportUsage { usage, counter } => run.report_usage(usage, counter).await,
        Task::ElapseGrace
        | Task::NoteTrialEnding
        | Task::ApplyPlanChange { .. }
        | Task::ExpireCredits { .. }
        | Task::ExpireUsage { .. }
        | Task::LapseCalls { .. }
        | Task::LapseRun { .. } => run.timer(task).await,
    }
}

struct Run<'r> {
    desk: &'r Arc<Desk>,
    job: &'r ClaimedJob,
}

impl Run<'_> {
    async fn state(&self) -> Result<Subscription, Failure> {
        billing::subscription(self.desk, self.job.account).await
    }

    /// What the provider said, if trying again cannot change it: then it is recorded. After the last
    /// try silence is recorded as well, because somebody waits.
    fn settled<T>(
        &self,
        answer: Result<T, PaymentFailure>,
    ) -> Result<Result<T, String>, JobFailure> {
        match answer {
            Ok(answer) => Ok(Ok(answer)),
            Err(failure)
                if failure.retryable() && self.job.attempts < self.desk.settings.job_attempts =>
            {
                Err(failure.into())
            }
            Err(failure) => {
                tracing::warn!(job = %self.job.key, %failure, "the payment provider did not do it");
                Ok(Err(recorded_code(&failure)))
            }
        }
    }

    /// Effects show in the next answer of the provider: no webhook need come.
    async fn look(&self) -> Result<(), JobFailure> {
        let job = sync_job(self.job.account, self.desk.clock.now());
        Ok(put_job(self.desk, job.because_of(self.job)).await.map_err(Failure::from)?)
    }

    /// May an effect that is wanted since then be there, although its key is no longer known?
    fn is_old(&self, since: Option<Instant>) -> bool {
        let now = self.desk.clock.now();
        since.is_none_or(|since| now.since(since) >= IdempotencyKey::REPEATABLE)
    }

    fn key(of: CommandId) -> IdempotencyKey {
        IdempotencyKey::of(of)
    }
}
