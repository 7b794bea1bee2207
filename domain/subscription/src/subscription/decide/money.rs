//! Decisions about money that came in, went back or is contested.

use super::{Decision, access::refollow};
use crate::subscription::{
    DisputeStage, Errand, Recorded, Subscription, SubscriptionContext, SubscriptionEvent as E,
    SubscriptionRefusal as R,
};
use crate::{DisputeRef, InvoiceRef, PaymentRef};
use herald_kernel::{CommandId, Instant, Money};

pub(super) fn payment(
    it: &Subscription,
    invoice: InvoiceRef,
    amount: Money,
    context: &SubscriptionContext,
) -> Vec<E> {
    if it.payments.contains(&invoice) {
        return Vec::new();
    }
    vec![E::PaymentRecorded { invoice, amount, at: context.now }]
}

pub(super) fn refund(
    it: &Subscription,
    refund: PaymentRef,
    invoice: Option<InvoiceRef>,
    amount: Money,
    context: &SubscriptionContext,
) -> Vec<E> {
    if it.refunds.contains(&refund) {
        return Vec::new();
    }
    vec![E::RefundRecorded { refund, invoice, amount, at: context.now }]
}

/// A contested payment restricts until it is won, or until the subscription has ended; what is lost
/// restricts as well when nobody told before that it was contested.
pub(super) fn dispute(
    it: &Subscription,
    dispute: DisputeRef,
    stage: DisputeStage,
    (amount, opened_at): (Money, Instant),
    context: &SubscriptionContext,
) -> Vec<E> {
    let settled = it.settled_disputes.contains(&dispute);
    let open = it.disputes.contains(&dispute);
    let opened_at = Some(opened_at);
    let event = match stage {
        _ if settled => return Vec::new(),
        DisputeStage::Opened if open => return Vec::new(),
        DisputeStage::Opened => E::DisputeOpened { dispute, amount, opened_at },
        DisputeStage::Won => E::DisputeWon { dispute },
        DisputeStage::Lost => E::DisputeLost { dispute, amount, opened_at },
    };
    refollow(it, vec![event], context)
}

/// Of two equal wishes the second may be a slip: it waits until the first one is answered.
pub(super) fn run_errand(it: &Subscription, errand: CommandId, what: Errand) -> Decision {
    if it.customer.is_none() {
        return Err(R::NoCustomer);
    }
    if it.errands.contains_key(&errand) {
        return Ok(Vec::new());
    }
    if let Errand::Refund { amount: Some(amount), .. } = &what
        && amount.minor <= 0
    {
        return Err(R::NothingToRefund);
    }
    if it.errands.values().any(|open| *open == what) {
        return Err(R::ErrandUnderWay);
    }
    Ok(vec![E::ErrandIntended { errand, what }])
}

pub(super) fn record_errand(it: &Subscription, errand: CommandId, outcome: Recorded) -> Vec<E> {
    match outcome {
        _ if !it.errands.contains_key(&errand) => Vec::new(),
        Recorded::Accepted => vec![E::ErrandDone { errand }],
        Recorded::Rejected { code } => vec![E::ErrandRejected { errand, code }],
    }
}
