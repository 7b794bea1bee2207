//! Decisions about the provider's pages: where somebody pays, and where bills and cards are.

use super::Decision;
use crate::subscription::{
    Buys, Checkout, CheckoutOutcome, PortalOutcome, Subscription, SubscriptionContext,
    SubscriptionEvent as E, SubscriptionRefusal as R,
};
use crate::{CheckoutRef, CustomerRef, PriceRef, TaxRateRef};
use herald_kernel::{CommandId, Instant};

pub(super) fn intend_customer(it: &Subscription, now: Instant) -> Vec<E> {
    let so = it.customer_intended || it.customer.is_some();
    if so { Vec::new() } else { vec![E::CustomerIntended { at: Some(now) }] }
}

pub(super) fn link_customer(it: &Subscription, customer: CustomerRef) -> Decision {
    match &it.customer {
        Some(known) if *known == customer => Ok(Vec::new()),
        Some(_) => Err(R::CustomerMismatch),
        None => Ok(vec![E::CustomerLinked { customer }]),
    }
}

/// The same purchase again is already so while its page is intended or open; one that is intended
/// for long is not being opened any more. What would be paid
/// twice is refused first: the page of a tier that is paid stands open here until its event comes.
pub(super) fn start(
    it: &Subscription,
    checkout: CommandId,
    buys: Buys,
    tax_rates: Vec<TaxRateRef>,
    context: &SubscriptionContext,
) -> Decision {
    let (price, trial_days) = offer(it, &buys, context)?;
    if matches!(buys, Buys::Tier { .. }) {
        must_not_pay_twice(it)?;
    }
    let open = it.checkout.as_ref().filter(|known| known.is_open(context.now));
    let same = |known: &Checkout| known.price == price && known.tax_rates == tax_rates;
    if open.is_some_and(|known| same(known) || known.id == checkout) {
        return Ok(Vec::new());
    }
    let replaces = open.and_then(|known| known.session.clone());
    let mut events = intend_customer(it, context.now);
    let at = Some(context.now);
    events.push(E::CheckoutIntended { checkout, buys, price, trial_days, replaces, tax_rates, at });
    Ok(events)
}

fn must_not_pay_twice(it: &Subscription) -> Result<(), R> {
    if it.live().is_some_and(|live| live.status.is_running()) {
        return Err(R::AlreadySubscribed);
    }
    if it.tier_bought { Err(R::PaymentArriving) } else { Ok(()) }
}

/// The price, and for how many days it is free: an account that had its trial has none.
fn offer(
    it: &Subscription,
    buys: &Buys,
    context: &SubscriptionContext,
) -> Result<(PriceRef, u16), R> {
    let catalogue = &context.catalogue;
    match buys {
        Buys::Tier { tier, interval, currency } => {
            let unknown = || R::NotOnOffer { what: tier.to_string() };
            let tier = catalogue.tier(tier.as_str()).ok_or_else(unknown)?;
            let offer = catalogue.offer(&tier, *interval, *currency).ok_or_else(unknown)?;
            let days = catalogue.latest(&tier).map_or(0, |version| version.trial_days);
            Ok((offer.price.clone(), if it.had_trial() { 0 } else { days }))
        }
        Buys::Pack { name, currency } => {
            let unknown = || R::NotOnOffer { what: name.clone() };
            let pack = catalogue.pack(name).ok_or_else(unknown)?;
            let priced = pack.prices.iter().find(|it| it.amount.currency == *currency);
            Ok((priced.ok_or_else(unknown)?.price.clone(), 0))
        }
    }
}

pub(super) fn record(it: &Subscription, checkout: CommandId, outcome: CheckoutOutcome) -> Decision {
    let known = it.checkout.as_ref().filter(|known| known.id == checkout);
    let known = known.ok_or(R::RequestUnknown)?;
    match outcome {
        // The provider repeats its answer when it is asked again.
        _ if known.session.is_some() => Ok(Vec::new()),
        CheckoutOutcome::Opened { session, url, expires_at } => {
            Ok(vec![E::CheckoutOpened { checkout, session, url: url.into(), expires_at }])
        }
        CheckoutOutcome::Failed { code } => Ok(vec![E::CheckoutFailed { checkout, code }]),
    }
}

fn is_at(it: &Subscription, session: &CheckoutRef) -> bool {
    it.checkout.as_ref().is_some_and(|known| known.session.as_ref() == Some(session))
}

pub(super) fn complete(it: &Subscription, session: CheckoutRef) -> Vec<E> {
    if is_at(it, &session) { vec![E::CheckoutCompleted { session }] } else { Vec::new() }
}

pub(super) fn expire(it: &Subscription, session: CheckoutRef) -> Vec<E> {
    if is_at(it, &session) { vec![E::CheckoutExpired { session }] } else { Vec::new() }
}

pub(super) fn open_portal(it: &Subscription, portal: CommandId) -> Decision {
    if it.customer.is_none() {
        return Err(R::NoCustomer);
    }
    let so = it.portal == Some(portal);
    Ok(if so { Vec::new() } else { vec![E::PortalIntended { portal }] })
}

pub(super) fn record_portal(
    it: &Subscription,
    portal: CommandId,
    outcome: PortalOutcome,
) -> Decision {
    if it.portal != Some(portal) {
        return Err(R::RequestUnknown);
    }
    Ok(vec![match outcome {
        PortalOutcome::Opened { url } => E::PortalOpened { portal, url: url.into() },
        PortalOutcome::Failed { code } => E::PortalFailed { portal, code },
    }])
}
