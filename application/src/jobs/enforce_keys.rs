//! Brings an account's keys in line with its tier: those that people chose keep their places, then
//! the oldest; the others rest.

use super::{JobFailure, tell};
use crate::{
    commands::api_key::LimitApiKey,
    desk::Desk,
    entitlements,
    failure::Failure,
    ports::{ClaimedJob, Ordinal},
    views::api_keys::{ApiKeyDoc, NAME},
};
use herald_api_key::{DisabledReason, Stage};
use herald_kernel::ApiKeyId;
use std::{collections::BTreeSet, sync::Arc};

/// Lets keys rest that the tier has no place for, and lets those work again that it has one for.
pub(super) async fn settle_keys(
    desk: &Arc<Desk>,
    job: &ClaimedJob,
    ordinal: Ordinal,
    chosen: &BTreeSet<ApiKeyId>,
) -> Result<(), JobFailure> {
    let places = entitlements::of_account(desk, job.account).await?.entitlements.api_keys;
    let mut taken = 0;
    let mut enabled = Vec::new();
    let mut order = candidates(desk, job).await?;
    order.sort_by_key(|doc| !chosen.contains(&doc.id));
    for doc in order {
        let rests = doc.key.stage() != Stage::Active;
        let fits = places.allows(taken);
        taken += u32::from(fits);
        match (fits, rests) {
            (false, false) => limit(desk, job, ordinal, &doc, true).await?,
            (true, true) => enabled.push(doc),
            (true, false) | (false, true) => {}
        }
    }
    // Places are given back before they are taken again.
    for doc in enabled {
        limit(desk, job, ordinal, &doc, false).await?;
    }
    Ok(())
}

async fn limit(
    desk: &Arc<Desk>,
    job: &ClaimedJob,
    ordinal: Ordinal,
    doc: &ApiKeyDoc,
    disabled: bool,
) -> Result<(), JobFailure> {
    let verb = if disabled { "limit" } else { "unlimit" };
    let step = format!("{verb}/{}/{}", ordinal.0, doc.id);
    match tell(desk, job, step, LimitApiKey { key: doc.id, disabled }).await {
        // What has moved on meanwhile stays as it is.
        Ok(()) | Err(Failure::Refused { .. }) => Ok(()),
        Err(failure) => Err(failure.into()),
    }
}

/// The keys that take a place, or would but for the tier; the oldest first.
async fn candidates(desk: &Arc<Desk>, job: &ClaimedJob) -> Result<Vec<ApiKeyDoc>, Failure> {
    let now = desk.clock.now();
    let limited = Stage::Disabled { reason: DisabledReason::PlanLimit };
    let statuses = ["active", "disabled"];
    let mut found: Vec<ApiKeyDoc> = desk.all_documents(job.account, NAME, &statuses).await?;
    found.retain(|doc| {
        let waits = doc.key.stage() == limited && !doc.key.is_past_expiry(now);
        doc.key.takes_a_place(now) || waits
    });
    Ok(found)
}
