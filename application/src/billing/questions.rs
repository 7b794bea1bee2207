//! Reads that ask the provider: what a change would cost, bills, ways to pay.

use super::{payments, sync::subscription};
use crate::{
    caller::Caller,
    commands::subscription::catalogue,
    desk::Desk,
    failure::Failure,
    jobs::{billing::terms, put_job},
    ports::payments::{ChangePreview, InvoicePage, PaymentFailure, PaymentMethod, PlanChange},
    reading::require,
};
use herald_account::Action;
use herald_subscription::{CustomerRef, Interval, InvoiceRef, Subscription};
use herald_terms::Tier;

impl From<PaymentFailure> for Failure {
    fn from(failure: PaymentFailure) -> Self {
        Self::Refused {
            code: failure.code(),
            message: failure.to_string(),
            path: None,
            retryable: failure.retryable(),
        }
    }
}

async fn customer(desk: &Desk, caller: &Caller) -> Result<Option<CustomerRef>, Failure> {
    catalogue(desk)?;
    Ok(subscription(desk, caller.account).await?.customer().cloned())
}

/// What another tier or interval would cost now. Changes nothing.
pub async fn preview_change(
    desk: &Desk,
    caller: &Caller,
    tier: &Tier,
    interval: Interval,
) -> Result<ChangePreview, Failure> {
    require(caller, Action::ChangePlan)?;
    let catalogue = catalogue(desk)?;
    let state = subscription(desk, caller.account).await?;
    let none = || Failure::Refused {
        code: "SUBSCRIPTION_REQUIRED",
        message: "this account has no subscription; `startCheckout` begins one".to_owned(),
        path: None,
        retryable: false,
    };
    let live = state.live().ok_or_else(none)?;
    let unknown = || Failure::invalid("tier", "this is not on offer in this interval and currency");
    let tier = catalogue.tier(tier.as_str()).ok_or_else(unknown)?;
    let currency = live.items.first().map(|item| item.unit.currency).ok_or_else(none)?;
    let offer = catalogue.offer(&tier, interval, currency).ok_or_else(unknown)?;
    let now = desk.clock.now();
    let (proration, only_when_paid) = terms(catalogue, live, &offer.price, now);
    let change = PlanChange {
        subscription: live.id.clone(),
        price: catalogue.id_of(&offer.price).clone(),
        proration,
        only_when_paid,
        as_of: None,
    };
    Ok(payments(desk)?.subscriptions.preview(&change).await?)
}

/// The account's bills, newest first; none before it was ever a customer.
pub async fn invoices(
    desk: &Desk,
    caller: &Caller,
    after: Option<&InvoiceRef>,
    first: u8,
) -> Result<InvoicePage, Failure> {
    require(caller, Action::ReadInvoices)?;
    match customer(desk, caller).await? {
        Some(customer) => Ok(payments(desk)?.invoices.list(&customer, after, first).await?),
        None => Ok(InvoicePage::default()),
    }
}

/// The account's ways to pay; none before it was ever a customer.
pub async fn payment_methods(desk: &Desk, caller: &Caller) -> Result<Vec<PaymentMethod>, Failure> {
    require(caller, Action::ReadPaymentMethods)?;
    catalogue(desk)?;
    methods_of(desk, &subscription(desk, caller.account).await?).await
}

/// The ways to pay of whoever `known` is about; the default is the one that is charged. A running
/// subscription may have one of its own, which its customer's settings do not show.
pub(crate) async fn methods_of(
    desk: &Desk,
    known: &Subscription,
) -> Result<Vec<PaymentMethod>, Failure> {
    let Some(customer) = known.customer() else { return Ok(Vec::new()) };
    let mut methods = payments(desk)?.methods.list(customer).await?;
    let charged = known.live().and(known.mirror()).and_then(|shown| shown.card.as_ref());
    if let Some(charged) = charged {
        for method in &mut methods {
            let card = method.card.as_ref();
            method.is_default = card.is_some_and(|it| it.fingerprint == charged.fingerprint);
        }
    }
    Ok(methods)
}

/// Looks soon how the account stands at the provider.
pub async fn look(desk: &Desk, caller: &Caller) -> Result<(), Failure> {
    require(caller, Action::SyncSubscription)?;
    catalogue(desk)?;
    let job = super::sync_job(caller.account, desk.clock.now());
    Ok(put_job(desk, job.because_of(caller)).await?)
}
