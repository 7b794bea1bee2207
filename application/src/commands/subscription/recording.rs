//! What webhooks tell: pages that are done with, money that came in, money that is contested.

use super::SubscriptionUse;
use crate::{execute::Who, failure::Failure};
use herald_kernel::{CommandId, Money};
use herald_subscription::{
    CheckoutRef, DisputeRef, DisputeStage, InvoiceRef, SubscriptionCommand as Command,
};
use serde::Serialize;

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

/// Note how far a contested payment is.
#[derive(Debug, Serialize)]
pub struct RecordDispute {
    /// Which.
    pub dispute: DisputeRef,
    /// How far.
    pub stage: DisputeStage,
    /// How much is contested.
    pub amount: Money,
}

impl SubscriptionUse for RecordDispute {
    const WHO: Who = Who::Jobs("recordDispute");

    fn command(&self, _: CommandId) -> Result<Command, Failure> {
        let (dispute, stage, amount) = (self.dispute.clone(), self.stage, self.amount);
        Ok(Command::RecordDispute { dispute, stage, amount })
    }
}
