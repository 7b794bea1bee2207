//! What background jobs do, one kind a file: a job asks a port and tells a use case.
//!
//! **Invariant:** nothing else has an effect at a provider; `docs/architecture.md` lists who asks one.

mod access_token;
pub(crate) mod billing;
#[cfg(test)]
mod causes;
mod collect_metrics;
mod end_sessions;
mod enforce_entitlements;
mod enforce_keys;
mod exchange_code;
mod find_lost_verdict;
mod forget_member;
mod generate_plan;
mod mail_link;
mod networks;
mod preflight;
mod publish_target;
mod reconcile_target;
mod refresh_tokens;
pub(crate) mod send_notice;
mod settle_api_key;
mod settle_connection;
mod write_notes;

pub use access_token::access_token;
pub use networks::{Network, Networks};

use crate::{
    caller::{Caller, Standing},
    desk::Desk,
    execute::{Request, UseCase},
    failure::Failure,
    log::Via,
    ports::{Batch, ClaimedJob, JobChange, JobKind, NewJob, StoreError},
};
use herald_kernel::Instant;
use serde::de::DeserializeOwned;
use std::sync::Arc;

/// How a job goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// There is nothing left to do.
    Done,
    /// There is more to do, then. Counts as progress.
    At(Instant),
}

/// Why a job did not end.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JobFailure {
    /// Try again, with a growing pause.
    #[error("{0}")]
    Retry(String),
    /// Trying again is pointless: bury the job for a person to see.
    #[error("{0}")]
    GiveUp(String),
}

impl From<Failure> for JobFailure {
    fn from(failure: Failure) -> Self {
        let text = format!("{}: {failure}", failure.code());
        if failure.retryable() { Self::Retry(text) } else { Self::GiveUp(text) }
    }
}

/// Carries a job out.
pub async fn run(desk: &Arc<Desk>, job: &ClaimedJob) -> Result<Next, JobFailure> {
    match job.kind {
        JobKind::ExchangeCode => exchange_code::run(desk, job).await,
        JobKind::RefreshTokens => refresh_tokens::run(desk, job).await,
        JobKind::PublishTarget => publish_target::run(desk, job).await,
        JobKind::FindLostVerdict => find_lost_verdict::run(desk, job).await,
        JobKind::ReconcileTarget => reconcile_target::run(desk, job).await,
        JobKind::SettleConnection => settle_connection::run(desk, job).await,
        JobKind::GeneratePlan => generate_plan::run(desk, job).await,
        JobKind::SettleApiKey => settle_api_key::run(desk, job).await,
        JobKind::EnforceEntitlements => enforce_entitlements::run(desk, job).await,
        JobKind::EndSessions => end_sessions::run(desk, job).await,
        JobKind::WriteNotes => write_notes::run(desk, job).await,
        JobKind::ForgetMember => forget_member::run(desk, job).await,
        JobKind::CollectMetrics => collect_metrics::run(desk, job).await,
        JobKind::Billing => billing::run(desk, job).await,
        JobKind::SyncSubscription => billing::sync(desk, job).await,
        JobKind::MailLink => mail_link::run(desk, job).await,
        JobKind::SendNotice => send_notice::run(desk, job).await,
    }
}

/// On whose behalf a job acts.
#[must_use]
pub fn caller(job: &ClaimedJob) -> Caller {
    Caller {
        account: job.account,
        standing: Standing::Job(job.key.clone()),
        via: Via::Job,
        correlation: job.correlation(),
        causation: job.causation().to_owned(),
    }
}

/// Tells a use case something, once for each `step` of the job. Another job's step of the same name is
/// another one.
pub(crate) async fn tell<U: UseCase>(
    desk: &Arc<Desk>,
    job: &ClaimedJob,
    step: impl Into<String>,
    use_case: U,
) -> Result<U::Answer, Failure> {
    tell_as(desk, &caller(job), format!("{}/{}", job.key, step.into()), use_case).await
}

/// Tells a use case something on behalf of `caller`, once for each key.
async fn tell_as<U: UseCase>(
    desk: &Arc<Desk>,
    caller: &Caller,
    idempotency_key: String,
    use_case: U,
) -> Result<U::Answer, Failure> {
    let request = Request { idempotency_key, expected_version: None };
    Ok(desk.carry_out(caller, request, use_case).await?.answer)
}

/// What a process wrote into the job.
pub(crate) fn payload<T: DeserializeOwned>(job: &ClaimedJob) -> Result<T, JobFailure> {
    T::deserialize(&job.payload).map_err(|error| JobFailure::GiveUp(error.to_string()))
}

/// Puts a job, or makes it due again: the way to follow what no process hears of, such as a webhook,
/// with a call to its provider.
pub async fn put_job(desk: &Desk, job: NewJob) -> Result<(), StoreError> {
    let batch = Batch { jobs: vec![JobChange::Put(job)], ..Batch::default() };
    desk.stores.projections.commit(&batch).await?;
    desk.jobs_wake.notify_one();
    Ok(())
}
