//! Writes plan, onboarding and payment customer beside the names of an account's owners, where their
//! identity provider keeps a directory.

use super::{JobFailure, Next};
use crate::{
    desk::Desk,
    entitlements,
    failure::Failure,
    ports::{ClaimedJob, DirectoryFailure, DirectoryNote},
};
use herald_account::{Account, OnboardingStep, Role};
use herald_subscription::{Subscription, subscription_id};
use std::sync::Arc;

pub(super) async fn run(desk: &Arc<Desk>, job: &ClaimedJob) -> Result<Next, JobFailure> {
    if desk.business.directories.is_empty() {
        return Ok(Next::Done);
    }
    let loaded = desk.journal.load::<Account>(job.account.uuid()).await;
    let account = loaded.map_err(Failure::from)?.state;
    let note = note(desk, job, &account).await?;
    let owners = account.active_members().filter(|member| member.role() == Role::Owner);
    for identity in owners.flat_map(herald_account::Member::identities) {
        let mut directories = desk.business.directories.values();
        let Some(theirs) = directories.find(|it| it.issuer() == identity.issuer()) else {
            continue;
        };
        match theirs.write(identity.subject(), &note).await {
            // Whoever is gone there has nothing beside their name.
            Ok(()) | Err(DirectoryFailure::NotFound) => {}
            Err(DirectoryFailure::Transient { cause, retry_at }) => {
                return match retry_at {
                    Some(at) => Ok(Next::At(at)),
                    None => Err(JobFailure::Retry(cause)),
                };
            }
            Err(failure) => return Err(JobFailure::GiveUp(failure.to_string())),
        }
    }
    Ok(Next::Done)
}

async fn note(desk: &Desk, job: &ClaimedJob, account: &Account) -> Result<DirectoryNote, Failure> {
    let entitled = entitlements::of_account(desk, job.account).await?;
    let subscription = desk.journal.load::<Subscription>(subscription_id(job.account).uuid());
    let subscription = subscription.await?.state;
    Ok(DirectoryNote {
        // Where nobody pays there is no plan to tell.
        plan: entitled.basis.map(|basis| basis.tier.tier.to_string()),
        onboarding_completed: Some(account.onboarding().contains(&OnboardingStep::Completed)),
        stripe_customer: subscription.customer().map(|customer| customer.as_str().to_owned()),
    })
}

#[cfg(test)]
mod tests;
