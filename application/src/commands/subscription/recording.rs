//! What webhooks tell: pages that are done with, money that came in, money that is contested.

use super::{SubscriptionUse, credits::close_unused, load, weighing};
use crate::{
    execute::{Naming, UseCase, Who, Work},
    failure::Failure,
};
use async_trait::async_trait;
use herald_kernel::{CommandId, Instant, Money};
use herald_subscription::{
    CheckoutRef, DisputeRef, DisputeStage, InvoiceRef, PaymentRef, SubscriptionCommand as Command,
};
use serde::Serialize;
use uuid::Uuid;

/// Note that nobody pays on a page any more.
#[derive(Debug, Serialize)]
pub struct CloseCheckout {
    /// Which.
    pub session: CheckoutRef,
    /// How it came.
    pub how: Closed,
}

/// How a page closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Closed {
    /// Somebody went through with it.
    Completed,
    /// Nobody did in time.
    Expired,
}

impl Closed {
    /// What is said of a page that closed so.
    pub(super) const fn command(self, session: CheckoutRef) -> Command {
        match self {
            Self::Completed => Command::CompleteCheckout { session },
            Self::Expired => Command::ExpireCheckout { session },
        }
    }
}

impl SubscriptionUse for CloseCheckout {
    const WHO: Who = Who::Jobs("closeCheckout");

    fn command(&self, _: CommandId) -> Result<Command, Failure> {
        Ok(self.how.command(self.session.clone()))
    }
}

/// Note that money came in.
#[derive(Debug, Serialize)]
pub struct RecordPayment {
    /// For which bill.
    pub invoice: InvoiceRef,
    /// How much.
    pub amount: Money,
}

impl SubscriptionUse for RecordPayment {
    const WHO: Who = Who::Jobs("recordPayment");

    fn command(&self, _: CommandId) -> Result<Command, Failure> {
        Ok(Command::RecordPayment { invoice: self.invoice.clone(), amount: self.amount })
    }
}

/// Note how far a contested payment is; with a pack that nobody used, its credits go once it is lost.
#[derive(Debug, Serialize)]
pub struct RecordDispute {
    /// Which.
    pub dispute: DisputeRef,
    /// How far.
    pub stage: DisputeStage,
    /// How much is contested.
    pub amount: Money,
    /// When the bank asked, if that is told. It follows from the dispute, and so does the payment.
    #[serde(skip)]
    pub opened_at: Option<Instant>,
    /// The payment that is contested, if it is named.
    #[serde(skip)]
    pub payment: Option<PaymentRef>,
}

#[async_trait]
impl UseCase for RecordDispute {
    const WHO: Who = Who::Jobs("recordDispute");
    type Answer = ();

    fn object(&self) -> Option<Uuid> {
        None
    }

    async fn attempt(&self, work: &mut Work<'_>) -> Result<(), Failure> {
        let context = weighing::context(work, false).await?;
        let mut subscription = load(work).await?;
        let (dispute, stage, amount) = (self.dispute.clone(), self.stage, self.amount);
        let opened_at = self.opened_at.unwrap_or(work.now);
        let command = Command::RecordDispute { dispute, stage, amount, opened_at };
        work.decide(&mut subscription, command, &context).await?;
        match (stage, &self.payment) {
            (DisputeStage::Lost, Some(payment)) => close_unused(work, payment).await,
            (DisputeStage::Opened | DisputeStage::Won | DisputeStage::Lost, _) => Ok(()),
        }
    }

    fn replayed(&self, _: Naming) {}
}
