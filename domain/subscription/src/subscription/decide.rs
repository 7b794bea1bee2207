//! What follows from a command to a subscription.

mod access;
mod change;
mod checkout;
mod ending;
mod money;
mod observe;
mod operator;

use super::{
    Subscription, SubscriptionCommand, SubscriptionContext, SubscriptionEvent, SubscriptionRefusal,
};
use crate::MirrorSubscription;

/// The events of a command that was followed; none when it was already so.
type Decision = Result<Vec<SubscriptionEvent>, SubscriptionRefusal>;

pub(super) fn decide(
    it: &Subscription,
    command: SubscriptionCommand,
    context: &SubscriptionContext,
) -> Decision {
    use SubscriptionCommand as C;
    match command {
        C::IntendCustomer => Ok(checkout::intend_customer(it, context.now)),
        C::LinkCustomer { customer } => checkout::link_customer(it, customer),
        C::StartCheckout { checkout, buys, tax_rates } => {
            checkout::start(it, checkout, buys, tax_rates, context)
        }
        C::RecordCheckout { checkout, outcome } => checkout::record(it, checkout, outcome),
        C::CompleteCheckout { session } => Ok(checkout::complete(it, session)),
        C::ExpireCheckout { session } => Ok(checkout::expire(it, session)),
        C::OpenPortal { portal } => checkout::open_portal(it, portal),
        C::RecordPortal { portal, outcome } => checkout::record_portal(it, portal, outcome),
        C::ObserveSnapshot { snapshot, fetched_at, card_tried } => {
            observe::observe(it, *snapshot, fetched_at, card_tried, context)
        }
        C::RequestPlanChange { change, tier, interval } => {
            change::request(it, change, &tier, interval, context)
        }
        C::WithdrawPlanChange => change::withdraw(it),
        C::ApplyPlanChange { change } => change::apply(it, change, context.now),
        C::RecordPlanChange { change, outcome } => Ok(change::record(it, change, outcome)),
        C::ChooseKeepers { keepers } => change::choose_keepers(it, keepers, context),
        C::Cancel { at } => ending::cancel(it, at, context),
        C::RecordCancellation { outcome } => Ok(ending::record_cancellation(it, outcome)),
        C::Resume => ending::resume(it),
        C::RecordResumption { outcome } => Ok(ending::record_resumption(it, outcome)),
        C::RecordPayment { invoice, amount } => Ok(money::payment(it, invoice, amount, context)),
        C::RecordRefund { refund, invoice, amount } => {
            Ok(money::refund(it, refund, invoice, amount, context))
        }
        C::RecordDispute { dispute, stage, amount, opened_at } => {
            Ok(money::dispute(it, dispute, stage, (amount, opened_at), context))
        }
        C::RunErrand { errand, what } => money::run_errand(it, errand, what),
        C::RecordErrand { errand, outcome } => Ok(money::record_errand(it, errand, outcome)),
        C::ExtendGrace { until, reason } => operator::extend_grace(it, until, reason, context),
        C::OverrideEntitlement { entitlement, until, reason } => {
            operator::set(it, entitlement, until, reason, context.now)
        }
        C::LiftOverride { entitlement } => Ok(operator::lift(it, entitlement)),
        C::Grandfather { to, until, reason } => {
            operator::grandfather(it, &to, until, reason, context)
        }
        C::ElapseGrace => access::elapse_grace(it, context),
        C::NoteTrialEnding => access::note_trial_ending(it, context.now),
    }
}

/// The subscription at the provider, or a refusal.
fn must_live(it: &Subscription) -> Result<&MirrorSubscription, SubscriptionRefusal> {
    it.live().ok_or(SubscriptionRefusal::NotSubscribed)
}
