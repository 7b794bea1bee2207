//! Decisions about another tier or interval: up at once, down with the end of what is paid for.

use super::{Decision, must_live};
use crate::subscription::{
    Access, Impact, Keepers, PlanChange, Recorded, Subscription, SubscriptionContext,
    SubscriptionEvent as E, SubscriptionRefusal as R,
};
use crate::{Interval, MirrorItem, MirrorSubscription, TierVersion};
use herald_kernel::{CommandId, Instant};
use herald_terms::{Entitlements, Quota, Tier};

pub(super) fn request(
    it: &Subscription,
    change: CommandId,
    tier: &Tier,
    interval: Interval,
    context: &SubscriptionContext,
) -> Decision {
    let shown = must_live(it)?;
    let unknown = || R::NotOnOffer { what: tier.to_string() };
    let catalogue = &context.catalogue;
    let tier = catalogue.tier(tier.as_str()).ok_or_else(unknown)?;
    if tier == Tier::FREE {
        return Err(R::CancelInstead { tier });
    }
    let (item, present) = present(shown, context).ok_or(R::NotSubscribed)?;
    let version = catalogue.latest(&tier).ok_or_else(unknown)?;
    let offer = catalogue.offer(&tier, interval, item.unit.currency).ok_or_else(unknown)?;
    if let Some(known) = &it.change {
        let same = known.price == offer.price;
        return if same { Ok(Vec::new()) } else { Err(R::ChangePending) };
    }
    if catalogue.name_of(&item.price) == Some(&offer.price) {
        return Ok(Vec::new());
    }
    must_be_changeable(it, shown, context.now)?;
    let (from, to, price) = (it.pinned_key(), version.entitlements(), offer.price.clone());
    let longer = tier == present.key.tier && interval.months() >= item.interval.months();
    if longer || catalogue.stands_above(&tier, &present.key.tier) {
        return Ok(vec![E::PlanChangeIntended { change, from, to, price }]);
    }
    let impact = Impact::of(context.in_use, &to);
    let effective_at = shown.period_end;
    Ok(vec![E::PlanChangeScheduled { change, from, to, price, effective_at, impact }])
}

/// The line that buys the tier, and the tier that it buys.
fn present<'a>(
    shown: &'a MirrorSubscription,
    context: &'a SubscriptionContext,
) -> Option<(&'a MirrorItem, &'a TierVersion)> {
    let bought =
        |item: &'a MirrorItem| context.catalogue.by_price(&item.price).map(|it| (item, it));
    shown.items.iter().find_map(bought)
}

fn must_be_changeable(
    it: &Subscription,
    shown: &MirrorSubscription,
    now: Instant,
) -> Result<(), R> {
    match it.access_at(now) {
        Access::Grace { .. } | Access::Restricted { .. } => Err(R::PaymentDue),
        Access::Free | Access::Ended => Err(R::NotSubscribed),
        Access::Trial { .. } | Access::Full { .. } => {
            let ends = shown.ends_at().is_some() || it.cancel_intended;
            if ends { Err(R::EndsSoon) } else { Ok(()) }
        }
    }
}

/// What was handed to the provider can no longer be withdrawn here.
pub(super) fn withdraw(it: &Subscription) -> Decision {
    match &it.change {
        None => Ok(Vec::new()),
        Some(PlanChange { effective_at: None, .. }) => Err(R::ChangeUnderWay),
        Some(PlanChange { id, .. }) => Ok(vec![E::PlanChangeWithdrawn { change: *id }]),
    }
}

pub(super) fn apply(it: &Subscription, change: CommandId, now: Instant) -> Decision {
    must_live(it)?;
    let known = it.change.as_ref().filter(|known| known.id == change).ok_or(R::RequestUnknown)?;
    match known.effective_at {
        None => Ok(Vec::new()),
        Some(at) if now < at.minus(PlanChange::HANDED_OVER_BEFORE) => Err(R::ChangeNotDue { at }),
        Some(_) => Ok(vec![E::PlanChangeIntended {
            change,
            from: it.pinned_key(),
            to: known.entitlements.clone(),
            price: known.price.clone(),
        }]),
    }
}

/// An answer to a change that a snapshot already showed says nothing new.
pub(super) fn record(it: &Subscription, change: CommandId, outcome: Recorded) -> Vec<E> {
    if it.change.as_ref().is_none_or(|known| known.id != change) {
        return Vec::new();
    }
    vec![match outcome {
        Recorded::Accepted => E::PlanChangeAccepted { change },
        Recorded::Rejected { code } => E::PlanChangeRejected { change, code },
    }]
}

pub(super) fn choose_keepers(
    it: &Subscription,
    keepers: Keepers,
    context: &SubscriptionContext,
) -> Decision {
    let shown = must_live(it)?;
    let ends = shown.ends_at().is_some() || it.cancel_intended;
    let lower: Entitlements = match &it.change {
        Some(change) => change.entitlements.clone(),
        None if ends => context.catalogue.free(),
        None => return Err(R::NothingToKeepFor),
    };
    must_fit("connections", keepers.connections.len(), lower.connections)?;
    must_fit("members", keepers.members.len(), lower.seats)?;
    must_fit("apiKeys", keepers.api_keys.len(), lower.api_keys)?;
    let so = it.keepers == keepers;
    Ok(if so { Vec::new() } else { vec![E::KeepersChosen { keepers }] })
}

fn must_fit(what: &'static str, chosen: usize, quota: Quota) -> Result<(), R> {
    let chosen = u32::try_from(chosen).unwrap_or(u32::MAX);
    match quota.limit() {
        Some(limit) if chosen > limit => Err(R::TooManyKeepers { what, limit }),
        Some(_) | None => Ok(()),
    }
}
