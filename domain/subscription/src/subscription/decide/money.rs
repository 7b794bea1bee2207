//! Decisions about money that came in, went back or is contested.

use super::access::refollow;
use crate::subscription::{
    DisputeStage, Subscription, SubscriptionContext, SubscriptionEvent as E,
};
use crate::{DisputeRef, InvoiceRef, PaymentRef};
use herald_kernel::Money;

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

/// A contested payment restricts until it is won, or until the subscription has ended.
pub(super) fn dispute(
    it: &Subscription,
    dispute: DisputeRef,
    stage: DisputeStage,
    amount: Money,
    context: &SubscriptionContext,
) -> Vec<E> {
    let settled = it.settled_disputes.contains(&dispute);
    let open = it.disputes.contains(&dispute);
    let event = match stage {
        _ if settled => return Vec::new(),
        DisputeStage::Opened if open => return Vec::new(),
        DisputeStage::Opened => E::DisputeOpened { dispute, amount },
        DisputeStage::Won => E::DisputeWon { dispute },
        DisputeStage::Lost => E::DisputeLost { dispute, amount },
    };
    refollow(it, vec![event], context)
}
