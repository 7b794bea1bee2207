//! What follows from what the provider says.
//!
//! Everything but [`SubscriptionEvent::SnapshotObserved`] is compared with the state, so that the
//! same snapshot twice changes nothing, and an equal one answers a question that meanwhile can be.
//!
//! [`SubscriptionEvent::SnapshotObserved`]: crate::SubscriptionEvent::SnapshotObserved

use super::{Decision, access};
use crate::subscription::{
    Question, Subscription, SubscriptionContext, SubscriptionEvent as E, SubscriptionRefusal as R,
    TrialRefusalReason,
};
use crate::{
    Catalogue, InvoiceStatus, MirrorStatus, MirrorSubscription, Snapshot, TierKey, TierVersion,
};
use herald_kernel::{Decider, Instant};

pub(super) fn observe(
    it: &Subscription,
    snapshot: Snapshot,
    fetched_at: Instant,
    card_tried: bool,
    context: &SubscriptionContext,
) -> Decision {
    if it.customer.as_ref().is_some_and(|known| *known != snapshot.customer) {
        return Err(R::CustomerMismatch);
    }
    if it.observed_at.is_some_and(|last| fetched_at < last) {
        return Ok(Vec::new());
    }
    let snapshot = snapshot.sorted();
    let mut story = Story { state: it.clone(), events: Vec::new() };
    if it.customer.is_none() {
        story.tell(E::CustomerLinked { customer: snapshot.customer.clone() });
    }
    // Asked before the snapshot is believed: an end that it shows is no return.
    let came_back =
        |shown: &MirrorSubscription| it.past.contains(&shown.id) && !shown.status.is_final();
    let ghost = snapshot.subscription.as_ref().filter(|shown| came_back(shown));
    if let Some(shown) = ghost {
        story.ask(Question::SubscriptionCameBack { subscription: shown.id.clone() }, context.now);
    }
    if it.mirror.as_ref() != Some(&snapshot) {
        story.tell(E::SnapshotObserved { snapshot: Box::new(snapshot.clone()), fetched_at });
    }
    if snapshot.other_live != story.state.duplicates {
        story.tell(E::DuplicateDetected { subscriptions: snapshot.other_live.clone() });
    }
    if ghost.is_some() {
        return Ok(story.events);
    }
    if let Some(shown) = &snapshot.subscription {
        trial(&mut story, shown, &snapshot, card_tried, context.now);
        entitlements(&mut story, shown, context);
        payment(&mut story, shown, context.now);
        change(&mut story, shown, &context.catalogue);
    }
    access::follow(&mut story, context);
    Ok(story.events)
}

/// The events so far and the state that they make.
pub(super) struct Story {
    pub(super) state: Subscription,
    pub(super) events: Vec<E>,
}

impl Story {
    pub(super) fn tell(&mut self, event: E) {
        self.state.evolve(&event);
        self.events.push(event);
    }

    fn ask(&mut self, question: Question, at: Instant) {
        if !self.state.questions.contains(&question) {
            self.tell(E::OperatorAsked { question, at });
        }
    }
}

/// An account has one trial, and so has a card.
fn trial(
    story: &mut Story,
    shown: &MirrorSubscription,
    snapshot: &Snapshot,
    card_tried: bool,
    now: Instant,
) {
    let had = story.state.trial.as_ref();
    let own = had.is_some_and(|trial| trial.subscription == shown.id);
    if shown.status == MirrorStatus::Trialing {
        let reason = match had {
            Some(_) if own => None,
            Some(_) => Some(TrialRefusalReason::Account),
            None if card_tried => Some(TrialRefusalReason::Card),
            None => None,
        };
        let subscription = shown.id.clone();
        match reason {
            Some(_) if story.state.refused_trial.as_ref() == Some(&shown.id) => {}
            Some(reason) => story.tell(E::TrialRefused { subscription, reason }),
            None if own => {}
            None => {
                let card = snapshot.card.as_ref().map(|card| card.fingerprint.clone());
                let until = shown.trial_end;
                story.tell(E::TrialStarted { subscription, card, until, at: now });
            }
        }
    }
    let converted = had_trial_open(story, shown) && shown.status == MirrorStatus::Active;
    let paid = |it: &crate::MirrorInvoice| it.status == InvoiceStatus::Paid && it.paid.minor > 0;
    if converted && shown.latest_invoice.as_ref().is_some_and(paid) {
        story.tell(E::TrialConverted { subscription: shown.id.clone(), at: now });
    }
}

fn had_trial_open(story: &Story, shown: &MirrorSubscription) -> bool {
    let trial = story.state.trial.as_ref();
    trial.is_some_and(|trial| trial.subscription == shown.id && !trial.converted)
}

/// The tier follows from the price, and from the version that the catalogue has for it.
fn entitlements(story: &mut Story, shown: &MirrorSubscription, context: &SubscriptionContext) {
    let refused = story.state.refuses(shown);
    if shown.status.is_final() || shown.status == MirrorStatus::Incomplete || refused {
        return;
    }
    let bought = shown.items.iter().find_map(|item| context.catalogue.by_price(&item.price));
    let Some(bought) = bought else {
        for item in &shown.items {
            let price = item.price.clone();
            story.ask(Question::UnknownPrice { price }, context.now);
        }
        return;
    };
    let from = story.state.pinned_key();
    if from.as_ref() == Some(&bought.key) || waits_for_payment(story, shown, bought, context) {
        return;
    }
    story.tell(E::EntitlementsChanged {
        from,
        to: bought.entitlements(),
        overage: bought.overage,
        grace_days: bought.grace_days,
        at: context.now,
    });
}

/// A higher tier than the one that is used begins once its bill is paid.
fn waits_for_payment(
    story: &Story,
    shown: &MirrorSubscription,
    bought: &TierVersion,
    context: &SubscriptionContext,
) -> bool {
    let uses = story.state.pinned_key().filter(|_| !story.state.access.is_free());
    let Some(TierKey { tier, .. }) = uses else { return false };
    let unpaid = shown
        .latest_invoice
        .as_ref()
        .is_some_and(|it| matches!(it.status, InvoiceStatus::Open | InvoiceStatus::Uncollectible));
    unpaid && context.catalogue.stands_above(&bought.key.tier, &tier)
}

fn payment(story: &mut Story, shown: &MirrorSubscription, now: Instant) {
    let failing = story.state.failing.is_some();
    match shown.status {
        // Who may not try has nothing that a grace would keep.
        MirrorStatus::PastDue if !failing && !story.state.refuses(shown) => {
            let invoice = shown.latest_invoice.as_ref();
            let since = invoice.map_or(now, |it| it.created_at.min(now));
            let days = story.state.pinned.as_ref().map_or(7, |it| it.grace_days);
            let grace = std::time::Duration::from_secs(u64::from(days) * 86_400);
            story.tell(E::PaymentFailed {
                invoice: invoice.map(|it| it.id.clone()),
                since,
                grace_until: since.plus(grace),
                needs_action: invoice.is_some_and(|it| it.needs_action),
            });
        }
        MirrorStatus::Active | MirrorStatus::Trialing if failing => {
            story.tell(E::PaymentRecovered { at: now });
        }
        MirrorStatus::Incomplete
        | MirrorStatus::IncompleteExpired
        | MirrorStatus::Trialing
        | MirrorStatus::Active
        | MirrorStatus::PastDue
        | MirrorStatus::Unpaid
        | MirrorStatus::Paused
        | MirrorStatus::Canceled => {}
    }
}

/// Of a change whose payment never came.
const PAYMENT_FAILED: &str = "payment_failed";

/// A change is made once the provider shows its price and the account is pinned to its tier. One
/// that waited for its payment and waits no more, without its price, is over: nobody paid in time.
fn change(story: &mut Story, shown: &MirrorSubscription, catalogue: &Catalogue) {
    let Some(wanted) = &story.state.change else { return };
    let is_it = |item: &crate::MirrorItem| {
        item.price == wanted.price || catalogue.name_of(&item.price) == Some(&wanted.price)
    };
    let (change, made) = (wanted.id, shown.items.iter().any(is_it));
    let given_up =
        wanted.accepted && wanted.awaited_payment && shown.pending_change_until.is_none();
    if made && story.state.pinned_key().as_ref() == Some(&wanted.to) {
        story.tell(E::PlanChangeCompleted { change });
    } else if given_up && !made {
        story.tell(E::PlanChangeRejected { change, code: PAYMENT_FAILED.to_owned() });
    }
}
