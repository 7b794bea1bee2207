//! What a subscription becomes by what happens to it.

use super::state::{Failing, Pinned, Trial};
use super::{Access, Buys, Checkout, Grant, PlanChange, Subscription, SubscriptionEvent as E};
use crate::{DisputeRef, Snapshot, TierKey};
use herald_kernel::Instant;
use herald_terms::Entitlements;

pub(super) fn evolve(it: &mut Subscription, event: &E) {
    it.sequence += 1;
    match event {
        E::CustomerIntended { at } => {
            it.customer_intended = true;
            it.customer_intended_at = *at;
        }
        E::CustomerLinked { customer } => it.customer = Some(customer.clone()),
        E::CheckoutIntended { .. }
        | E::CheckoutOpened { .. }
        | E::CheckoutFailed { .. }
        | E::CheckoutCompleted { .. }
        | E::CheckoutExpired { .. }
        | E::PortalIntended { .. }
        | E::PortalOpened { .. }
        | E::PortalFailed { .. } => pages(it, event),
        E::SnapshotObserved { snapshot, fetched_at } => observed(it, snapshot, *fetched_at),
        E::AccessChanged { .. }
        | E::EntitlementsChanged { .. }
        | E::GraceExtended { .. }
        | E::EntitlementOverridden { .. }
        | E::OverrideLifted { .. }
        | E::Grandfathered { .. } => rights(it, event),
        E::DuplicateDetected { subscriptions } => it.duplicates.clone_from(subscriptions),
        E::OperatorAsked { question, .. } => {
            it.questions.insert(question.clone());
        }
        E::TrialStarted { .. }
        | E::TrialRefused { .. }
        | E::TrialEnding { .. }
        | E::TrialConverted { .. } => trial(it, event),
        E::PaymentFailed { since, grace_until, .. } => {
            it.failing = Some(Failing { since: *since, grace_until: *grace_until });
        }
        E::PaymentRecovered { .. } => it.failing = None,
        E::PlanChangeIntended { .. }
        | E::PlanChangeScheduled { .. }
        | E::PlanChangeAccepted { .. }
        | E::PlanChangeRejected { .. }
        | E::PlanChangeCompleted { .. }
        | E::PlanChangeWithdrawn { .. } => change(it, event),
        E::KeepersChosen { keepers } => it.keepers = keepers.clone(),
        E::CancellationIntended { .. }
        | E::CancellationAccepted
        | E::CancellationRejected { .. }
        | E::ResumptionIntended { .. }
        | E::ResumptionAccepted
        | E::ResumptionRejected { .. } => ending(it, event),
        E::PaymentRecorded { .. }
        | E::RefundRecorded { .. }
        | E::DisputeOpened { .. }
        | E::DisputeWon { .. }
        | E::DisputeLost { .. } => money(it, event),
        E::ErrandIntended { errand, what } => {
            it.errands.insert(*errand, what.clone());
        }
        E::ErrandDone { errand } | E::ErrandRejected { errand, .. } => {
            it.errands.remove(errand);
        }
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "`evolve` hands over these events alone")]
fn pages(it: &mut Subscription, event: &E) {
    match event {
        E::CheckoutIntended { checkout, buys, price, tax_rates, at, .. } => {
            it.checkout = Some(Checkout {
                id: *checkout,
                buys: buys.clone(),
                price: price.clone(),
                tax_rates: tax_rates.clone(),
                session: None,
                url: None,
                expires_at: None,
                intended_at: *at,
            });
        }
        E::CheckoutOpened { session, url, expires_at, .. } => {
            if let Some(checkout) = &mut it.checkout {
                checkout.session = Some(session.clone());
                checkout.url = Some(url.clone());
                checkout.expires_at = Some(*expires_at);
            }
        }
        E::PortalIntended { portal } => it.portal = Some(*portal),
        E::PortalOpened { .. } | E::PortalFailed { .. } => it.portal = None,
        E::CheckoutCompleted { .. } => {
            let tier = |known: &Checkout| matches!(known.buys, Buys::Tier { .. });
            // A subscription that is seen already says itself what came of it.
            it.tier_bought = it.checkout.take().is_some_and(|it| tier(&it)) && it.live().is_none();
        }
        _ => it.checkout = None,
    }
}

fn observed(it: &mut Subscription, snapshot: &Snapshot, fetched_at: Instant) {
    if let Some(shown) = &snapshot.subscription {
        if shown.status.is_final() {
            it.past.insert(shown.id.clone());
        }
        if it.refused_trial.as_ref() == Some(&shown.id) && shown.is_paid() {
            it.refused_trial = None;
        }
        if let Some(change) = it.change.as_mut().filter(|it| it.effective_at.is_none()) {
            change.awaited_payment |= shown.pending_change_until.is_some();
        }
    }
    it.duplicates.retain(|known| snapshot.other_live.contains(known));
    it.tier_bought = false;
    it.mirror = Some(snapshot.clone());
    it.observed_at = Some(fetched_at);
}

#[expect(clippy::wildcard_enum_match_arm, reason = "`evolve` hands over these events alone")]
fn rights(it: &mut Subscription, event: &E) {
    it.basis_sequence = it.sequence;
    match event {
        E::AccessChanged { from, to, effective_at, .. } => {
            it.access = *to;
            it.basis_at = Some(*effective_at);
            let goes_on = matches!(from, Access::Full { ends_at: Some(_) })
                && matches!(to, Access::Full { ends_at: None });
            it.end_asked &= !goes_on && *to != Access::Ended;
            if *to == Access::Ended {
                it.failing = None;
                it.change = None;
                // What is dated concerns no later subscription, and is still known when told again.
                let disputed_at = &it.disputed_at;
                it.disputes.retain(|known| disputed_at.contains_key(known));
            }
        }
        E::EntitlementsChanged { to, overage, grace_days, at, .. } => {
            let (overage, grace_days) = (*overage, *grace_days);
            it.pinned = Some(Pinned { entitlements: to.clone(), overage, grace_days });
            it.basis_at = Some(*at);
        }
        E::GraceExtended { until, .. } => {
            if let Some(failing) = &mut it.failing {
                failing.grace_until = *until;
            }
        }
        E::EntitlementOverridden { set } => {
            it.overrides.retain(|known| !known.entitlement.is_about_the_same(&set.entitlement));
            it.overrides.push(set.clone());
        }
        E::OverrideLifted { entitlement } => {
            it.overrides.retain(|known| !known.entitlement.is_about_the_same(entitlement));
        }
        E::Grandfathered { to, overage, until, .. } => {
            let (entitlements, overage, until) = (to.clone(), *overage, *until);
            it.grant = Some(Grant { entitlements, overage, until });
        }
        _ => {}
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "`evolve` hands over these events alone")]
fn trial(it: &mut Subscription, event: &E) {
    match event {
        E::TrialStarted { subscription, until, .. } => {
            let (subscription, until) = (subscription.clone(), *until);
            it.trial = Some(Trial { subscription, until, warned: false, converted: false });
        }
        E::TrialRefused { subscription, .. } => it.refused_trial = Some(subscription.clone()),
        E::TrialEnding { .. } => it.trial.iter_mut().for_each(|trial| trial.warned = true),
        E::TrialConverted { .. } => it.trial.iter_mut().for_each(|trial| trial.converted = true),
        _ => {}
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "`evolve` hands over these events alone")]
fn change(it: &mut Subscription, event: &E) {
    let wanted = |id, to: &Entitlements, price: &crate::PriceRef, effective_at| PlanChange {
        id,
        to: TierKey { tier: to.tier.clone(), version: to.tier_version },
        price: price.clone(),
        entitlements: to.clone(),
        effective_at,
        accepted: false,
        awaited_payment: false,
    };
    match event {
        E::PlanChangeIntended { change, to, price, .. } => {
            it.change = Some(wanted(*change, to, price, None));
        }
        E::PlanChangeScheduled { change, to, price, effective_at, .. } => {
            it.change = Some(wanted(*change, to, price, Some(*effective_at)));
        }
        E::PlanChangeAccepted { .. } => it.change.iter_mut().for_each(|it| it.accepted = true),
        _ => it.change = None,
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "`evolve` hands over these events alone")]
fn ending(it: &mut Subscription, event: &E) {
    match event {
        E::CancellationIntended { .. } => {
            it.cancel_intended = true;
            it.resume_intended = false;
            it.end_asked = true;
        }
        E::CancellationAccepted => it.cancel_intended = false,
        E::CancellationRejected { .. } => {
            it.cancel_intended = false;
            it.end_asked = false;
        }
        E::ResumptionIntended { .. } => {
            it.resume_intended = true;
            it.cancel_intended = false;
            it.end_asked = false;
        }
        _ => it.resume_intended = false,
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "`evolve` hands over these events alone")]
fn money(it: &mut Subscription, event: &E) {
    match event {
        E::PaymentRecorded { invoice, .. } => {
            it.payments.insert(invoice.clone());
        }
        E::RefundRecorded { refund, .. } => {
            it.refunds.insert(refund.clone());
        }
        E::DisputeOpened { dispute, opened_at, .. } => contested(it, dispute, *opened_at),
        E::DisputeWon { dispute } => {
            it.disputes.remove(dispute);
            it.settled_disputes.insert(dispute.clone());
        }
        E::DisputeLost { dispute, opened_at, .. } => {
            contested(it, dispute, *opened_at);
            it.settled_disputes.insert(dispute.clone());
        }
        _ => {}
    }
}

/// What bears no date concerns the subscription that is live when it is told.
fn contested(it: &mut Subscription, dispute: &DisputeRef, opened_at: Option<Instant>) {
    if let Some(at) = opened_at {
        it.disputed_at.entry(dispute.clone()).or_insert(at);
    }
    if opened_at.is_some() || it.live().is_some() {
        it.disputes.insert(dispute.clone());
    }
}
