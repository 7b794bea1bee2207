//! What can be asked about what an account pays for.
//!
//! Most of it is one command to the account's one subscription: a [`SubscriptionUse`], carried out
//! as [`OnSubscription`]. Where nobody pays, all of it is refused.

mod changing;
mod credits;
mod customer;
mod ending;
mod errands;
mod observing;
mod operating;
mod pages;
mod recording;
mod reporting;
mod timers;
mod weighing;

pub use changing::{
    ApplyPlanChange, ChangePlan, ChooseKeepers, RecordPlanChange, WithdrawPlanChange,
};
pub use credits::{ExpireCredits, ExpireUsage, LapseCalls, LapseRun, RecordPurchase, RecordRefund};
pub use customer::{IntendCustomer, LinkCustomer};
pub use ending::{CancelSubscription, RecordCancellation, RecordResumption, ResumeSubscription};
pub use errands::{
    DetachPaymentMethod, FinalizeInvoice, Paid, RecordErrand, RefundPayment, SendInvoice,
    VoidInvoice,
};
pub use observing::ObserveSnapshot;
pub use operating::{ExtendGrace, Grandfather, LiftOverride, OverrideEntitlement};
pub use pages::{BuyCredits, OpenPortal, PageOutcome, RecordCheckout, RecordPortal, StartCheckout};
pub use recording::{CloseCheckout, Closed, RecordDispute, RecordPayment};
pub use reporting::{IntendReport, RecordReport};
pub use timers::{ElapseGrace, NoteTrialEnding};
pub use weighing::catalogue;
pub(crate) use weighing::in_use;

use crate::{
    execute::{Naming, UseCase, Who, Work},
    failure::Failure,
    log::Loaded,
};
use async_trait::async_trait;
use herald_kernel::CommandId;
use herald_subscription::{Subscription, SubscriptionCommand as Command, subscription_id};
use serde::Serialize;
use uuid::Uuid;

/// One command to the account's subscription.
pub trait SubscriptionUse: Serialize + Send + Sync + 'static {
    /// Who may ask.
    const WHO: Who;
    /// Does the decision look at what the account uses?
    const WEIGHS: bool = false;

    /// The command; `id` names it.
    fn command(&self, id: CommandId) -> Result<Command, Failure>;
}

/// Carries a [`SubscriptionUse`] out. Answers the command's own name.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub struct OnSubscription<C>(pub C);

#[async_trait]
impl<C: SubscriptionUse> UseCase for OnSubscription<C> {
    const WHO: Who = C::WHO;
    type Answer = CommandId;

    fn object(&self) -> Option<Uuid> {
        None
    }

    async fn attempt(&self, work: &mut Work<'_>) -> Result<CommandId, Failure> {
        let id = work.naming().command();
        let context = weighing::context(work, C::WEIGHS).await?;
        let mut subscription = load(work).await?;
        let command = self.0.command(id)?;
        work.decide(&mut subscription, command, &context).await?;
        Ok(id)
    }

    fn replayed(&self, naming: Naming) -> CommandId {
        naming.command()
    }
}

/// The account's subscription, as the caller has seen it. It begins empty.
async fn load(work: &Work<'_>) -> Result<Loaded<Subscription>, Failure> {
    let loaded = work.load_any::<Subscription>(subscription_id(work.account()).uuid()).await?;
    work.expect_version(loaded.events())?;
    Ok(loaded)
}
