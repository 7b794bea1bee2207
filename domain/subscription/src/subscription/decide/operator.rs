//! Decisions of an operator: more time, other limits, a tier for nothing.

use super::{Decision, access::refollow};
use crate::TierKey;
use crate::subscription::{
    Entitlement, Override, Reason, Subscription, SubscriptionContext, SubscriptionEvent as E,
    SubscriptionRefusal as R,
};
use herald_kernel::Instant;
use std::time::Duration;

const LONGEST_GRACE: Duration = Duration::from_secs(60 * 86_400);

fn must_lie_ahead(until: Option<Instant>, now: Instant) -> Result<(), R> {
    if until.is_some_and(|until| until <= now) { Err(R::NotInTheFuture) } else { Ok(()) }
}

pub(super) fn extend_grace(
    it: &Subscription,
    until: Instant,
    reason: Reason,
    context: &SubscriptionContext,
) -> Decision {
    let failing = it.failing.ok_or(R::NothingDue)?;
    must_lie_ahead(Some(until), context.now)?;
    if until.since(failing.since) > LONGEST_GRACE {
        return Err(R::GraceTooLong);
    }
    if failing.grace_until == until {
        return Ok(Vec::new());
    }
    Ok(refollow(it, vec![E::GraceExtended { until, reason }], context))
}

pub(super) fn set(
    it: &Subscription,
    entitlement: Entitlement,
    until: Option<Instant>,
    reason: Reason,
    now: Instant,
) -> Decision {
    must_lie_ahead(until, now)?;
    let set = Override { entitlement, until, reason };
    let so = it.overrides.contains(&set);
    Ok(if so { Vec::new() } else { vec![E::EntitlementOverridden { set }] })
}

pub(super) fn lift(it: &Subscription, entitlement: Entitlement) -> Vec<E> {
    let known = it.overrides.iter().any(|set| set.entitlement.is_about_the_same(&entitlement));
    if known { vec![E::OverrideLifted { entitlement }] } else { Vec::new() }
}

pub(super) fn grandfather(
    it: &Subscription,
    to: &TierKey,
    until: Option<Instant>,
    reason: Reason,
    context: &SubscriptionContext,
) -> Decision {
    must_lie_ahead(until, context.now)?;
    let version = context.catalogue.version(to);
    let version = version.ok_or_else(|| R::NotOnOffer { what: to.to_string() })?;
    let (to, overage) = (version.entitlements(), version.overage);
    let known = it.grant.as_ref();
    if known.is_some_and(|known| known.entitlements == to && known.until == until) {
        return Ok(Vec::new());
    }
    Ok(vec![E::Grandfathered { to, overage, until, reason }])
}
