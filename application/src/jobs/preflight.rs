//! What is looked at before an attempt: the connection, the pictures, the limits. No call is made.

use crate::{desk::Desk, entitlements, failure::Failure, ports::SocialNetwork};
use herald_kernel::AccountId;
use herald_post::{HoldReason, Post, Preflight, Readiness, Target};
use herald_social_connection::{PauseReason, SocialConnection, Unpublishable};

/// What an attempt at `target` would find.
pub(super) async fn look(
    desk: &Desk,
    account: AccountId,
    target: &Target,
    post: &Post,
) -> Result<Preflight, Failure> {
    let connection = desk.journal.load::<SocialConnection>(target.connection.uuid()).await?.state;
    let owing = !entitlements::of_account(desk, account).await?.access.allows_work();
    let publishing = match connection.publishable(desk.clock.now()) {
        Ok(()) if owing => Readiness::Held(HoldReason::Billing),
        Ok(()) => Readiness::Ready,
        Err(reason) => Readiness::Held(held(reason)),
    };
    let text_limit = connection.text_limit().map_or(target.text_limit, |limit| limit.0);
    Ok(Preflight { publishing, media_ready: media_ready(desk, account, post).await?, text_limit })
}

/// Why a target waits for its connection.
pub(super) fn held(reason: Unpublishable) -> HoldReason {
    match reason {
        Unpublishable::Paused(PauseReason::User) => HoldReason::ConnectionPaused,
        Unpublishable::Paused(PauseReason::PlanLimit) => HoldReason::PlanLimit,
        Unpublishable::Paused(PauseReason::AccountSuspended) => HoldReason::AccountSuspended,
        Unpublishable::Disconnected => HoldReason::Disconnected,
        Unpublishable::Blocked(_) => HoldReason::PlatformOutage,
        Unpublishable::QuotaUsedUp { until } => HoldReason::PlatformQuota { until },
        Unpublishable::NotEstablished
        | Unpublishable::NeedsReauth(_)
        | Unpublishable::MissingScope(_) => HoldReason::NeedsReauth,
    }
}

async fn media_ready(desk: &Desk, account: AccountId, post: &Post) -> Result<bool, Failure> {
    let Some(content) = post.content() else { return Ok(true) };
    for picture in content.steps().flat_map(|(_, step)| &step.media) {
        if desk.stores.media.get(account, picture.media).await?.is_none() {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The ports of a target's network.
pub(super) fn network<'d>(
    desk: &'d Desk,
    target: &Target,
) -> Result<&'d dyn SocialNetwork, Failure> {
    Ok(desk.networks.get(target.network)?.social.as_ref())
}
