//! Asking the provider how things stand, and taking it in.

use super::payments;
use crate::{
    commands::subscription::ObserveSnapshot,
    desk::Desk,
    failure::Failure,
    jobs::{JobFailure, tell},
    ports::{ClaimedJob, JobKind, NewJob, Priority},
};
use herald_kernel::{AccountId, Instant};
use herald_subscription::{CustomerRef, Subscription, subscription_id};
use serde_json::json;
use std::sync::Arc;

/// The account's subscription as the log has it.
pub(crate) async fn subscription(desk: &Desk, account: AccountId) -> Result<Subscription, Failure> {
    Ok(desk.journal.load::<Subscription>(subscription_id(account).uuid()).await?.state)
}

/// The job that asks how an account stands. Put again, it asks again.
#[must_use]
pub fn sync_job(account: AccountId, due_at: Instant) -> NewJob {
    let key = format!("sync:{account}");
    let (kind, priority) = (JobKind::SyncSubscription, Priority::Urgent);
    NewJob::new(kind, account, key, json!({}), due_at, priority)
}

/// Asks how the job's account stands and takes the answer in; answers whose customer that is.
pub async fn sync_customer(
    desk: &Arc<Desk>,
    job: &ClaimedJob,
) -> Result<Option<CustomerRef>, JobFailure> {
    let known = subscription(desk, job.account).await?;
    let Some(customer) = known.customer().cloned() else { return Ok(None) };
    let payments = payments(desk)?;
    // Before asking: what changes meanwhile is newer than the answer.
    let fetched_at = desk.clock.now();
    let snapshot = payments.subscriptions.snapshot(&customer).await?;
    let step = format!("snapshot/{}", fetched_at.micros());
    tell(desk, job, step, ObserveSnapshot { snapshot, fetched_at }).await?;
    Ok(Some(customer))
}
