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
use herald_kernel::Decider;

/// The events of a command that was followed; none when it was already so.
type Decision = Result<Vec<SubscriptionEvent>, SubscriptionRefusal>;

impl Decider for Subscription {
    const STREAM: &'static str = "subscription";
    type Context = SubscriptionContext;
    type Command = SubscriptionCommand;
    type Event = SubscriptionEvent;
    type Refusal = SubscriptionRefusal;

    fn decide(&self, command: SubscriptionCommand, context: &SubscriptionContext) -> Decision {
        use SubscriptionCommand as C;
        match command {
            C::IntendCustomer => Ok(checkout::intend_customer(self, context.now)),
            C::LinkCustomer { customer } => checkout::link_customer(self, customer),
            C::StartCheckout { checkout, buys, tax_rates } => {
                checkout::start(self, checkout, buys, tax_rates, context)
            }
            C::RecordCheckout { checkout, outcome } => checkout::record(self, checkout, outcome),
            C::CompleteCheckout { session } => Ok(checkout::complete(self, session)),
            C::ExpireCheckout { session } => Ok(checkout::expire(self, session)),
            C::OpenPortal { portal } => checkout::open_portal(self, portal),
            C::RecordPortal { portal, outcome } => checkout::record_portal(self, portal, outcome),
            C::ObserveSnapshot { snapshot, fetched_at, card_tried } => {
                observe::observe(self, *snapshot, fetched_at, card_tried, context)
            }
            C::RequestPlanChange { change, tier, interval } => {
                change::request(self, change, &tier, interval, context)
            }
            C::WithdrawPlanChange => change::withdraw(self),
            C::ApplyPlanChange { change } => change::apply(self, change, context.now),
            C::RecordPlanChange { change, outcome } => Ok(change::record(self, change, outcome)),
            C::ChooseKeepers { keepers } => change::choose_keepers(self, keepers, context),
            C::Cancel { at } => ending::cancel(self, at, context),
            C::RecordCancellation { outcome } => Ok(ending::record_cancellation(self, outcome)),
            C::Resume => ending::resume(self),
            C::RecordResumption { outcome } => Ok(ending::record_resumption(self, outcome)),
            C::RecordPayment { invoice, amount } => {
                Ok(money::payment(self, invoice, amount, context))
            }
            C::RecordRefund { refund, invoice, amount } => {
                Ok(money::refund(self, refund, invoice, amount, context))
            }
            C::RecordDispute { dispute, stage, amount, opened_at } => {
                Ok(money::dispute(self, dispute, stage, (amount, opened_at), context))
            }
            C::RunErrand { errand, what } => money::run_errand(self, errand, what),
            C::RecordErrand { errand, outcome } => Ok(money::record_errand(self, errand, outcome)),
            C::ExtendGrace { until, reason } => {
                operator::extend_grace(self, until, reason, context)
            }
            C::OverrideEntitlement { entitlement, until, reason } => {
                operator::set(self, entitlement, until, reason, context.now)
            }
            C::LiftOverride { entitlement } => Ok(operator::lift(self, entitlement)),
            C::Grandfather { to, until, reason } => {
                operator::grandfather(self, &to, until, reason, context)
            }
            C::ElapseGrace => access::elapse_grace(self, context),
            C::NoteTrialEnding => access::note_trial_ending(self, context.now),
        }
    }

    fn evolve(&mut self, event: &SubscriptionEvent) {
        super::evolve::evolve(self, event);
    }
}

/// The subscription at the provider, or a refusal.
fn must_live(it: &Subscription) -> Result<&MirrorSubscription, SubscriptionRefusal> {
    it.live().ok_or(SubscriptionRefusal::NotSubscribed)
}
