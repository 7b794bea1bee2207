//! Which access follows from what the provider shows, and when it changes by itself.

use super::observe::Story;
use super::{Decision, must_live};
use crate::subscription::state::Failing;
use crate::subscription::{
    Access, Restriction, Subscription, SubscriptionContext, SubscriptionEvent as E,
    SubscriptionRefusal as R,
};
use crate::{MirrorStatus, MirrorSubscription};
use herald_kernel::Instant;
use herald_terms::Tier;
use std::time::Duration;

/// How long before its end a trial is spoken of.
const WARNED_BEFORE: Duration = Duration::from_secs(3 * 86_400);

/// Tells the access that the state asks for, unless it is so already.
pub(super) fn follow(story: &mut Story, context: &SubscriptionContext) {
    let shown = story.state.mirror.as_ref().and_then(|it| it.subscription.as_ref());
    let from = story.state.access;
    let to = target(&story.state, shown, context.now);
    if from == to {
        return;
    }
    let status = shown.map(|it| it.status);
    let ended = shown.and_then(|it| it.ended_at).filter(|_| to == Access::Ended);
    let effective_at = ended.unwrap_or(context.now);
    let ends = to == Access::Ended;
    story.tell(E::AccessChanged { from, to, status, effective_at });
    if ends && let Some(version) = context.catalogue.latest(&Tier::FREE) {
        let (from, to) = (story.state.pinned_key(), version.entitlements());
        let (overage, grace_days) = (version.overage, version.grace_days);
        story.tell(E::EntitlementsChanged { from, to, overage, grace_days, at: effective_at });
    }
}

fn target(it: &Subscription, shown: Option<&MirrorSubscription>, now: Instant) -> Access {
    let without = if it.access.is_free() { it.access } else { Access::Ended };
    let Some(shown) = shown else { return without };
    let disputed = it.is_disputed(shown);
    let restricted = |reason| Access::Restricted { reason };
    match shown.status {
        // Nothing is given before the first payment, and nothing is taken that was there before.
        MirrorStatus::Incomplete => it.access,
        MirrorStatus::IncompleteExpired => without,
        MirrorStatus::Canceled => Access::Ended,
        _ if it.refuses(shown) => without,
        MirrorStatus::Unpaid => restricted(Restriction::Unpaid),
        MirrorStatus::Paused => restricted(Restriction::Paused),
        MirrorStatus::Trialing | MirrorStatus::Active | MirrorStatus::PastDue if disputed => {
            restricted(Restriction::Disputed)
        }
        MirrorStatus::Trialing => Access::Trial { until: shown.trial_end },
        MirrorStatus::Active => Access::Full { ends_at: shown.ends_at() },
        MirrorStatus::PastDue => grace(it.failing, now),
    }
}

fn grace(failing: Option<Failing>, now: Instant) -> Access {
    match failing {
        Some(Failing { grace_until, .. }) if now < grace_until => {
            Access::Grace { until: grace_until }
        }
        Some(_) | None => Access::Restricted { reason: Restriction::PastDue },
    }
}

/// Computes the access anew after something else than a snapshot changed.
pub(super) fn refollow(it: &Subscription, events: Vec<E>, context: &SubscriptionContext) -> Vec<E> {
    let mut story = Story { state: it.clone(), events: Vec::new() };
    for event in events {
        story.tell(event);
    }
    follow(&mut story, context);
    story.events
}

pub(super) fn elapse_grace(it: &Subscription, context: &SubscriptionContext) -> Decision {
    match it.access {
        Access::Grace { until } if context.now < until => Err(R::GraceNotOver { until }),
        Access::Grace { .. } => Ok(refollow(it, Vec::new(), context)),
        Access::Free
        | Access::Trial { .. }
        | Access::Full { .. }
        | Access::Restricted { .. }
        | Access::Ended => Ok(Vec::new()),
    }
}

pub(super) fn note_trial_ending(it: &Subscription, now: Instant) -> Decision {
    let shown = must_live(it)?;
    let (Access::Trial { until: Some(until) }, Some(trial)) = (it.access, &it.trial) else {
        return Ok(Vec::new());
    };
    if trial.warned || now >= until {
        return Ok(Vec::new());
    }
    if now < until.minus(WARNED_BEFORE) {
        return Err(R::TrialNotEnding { until });
    }
    Ok(vec![E::TrialEnding { subscription: shown.id.clone(), until }])
}
