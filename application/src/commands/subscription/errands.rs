//! What the payment provider is to do once: give money back, move a bill on, forget a card.
//!
//! Whose a payment, a bill or a way to pay is, only the provider knows: it is asked before anything
//! is decided, and what is another's is not found.

use super::{SubscriptionUse, changing::recorded, load, weighing};
use crate::{
    billing::{methods_of, payments},
    execute::{Naming, UseCase, Who, Work},
    failure::Failure,
    log::Loaded,
    ports::payments::{Invoice, Payment, PaymentStatus},
};
use async_trait::async_trait;
use herald_account::Action;
use herald_kernel::{CommandId, Money};
use herald_subscription::{
    CancelAt, CustomerRef, Errand, InvoiceRef, InvoiceStatus, MethodRef, PaymentRef, Reason,
    Subscription, SubscriptionCommand as Command, SubscriptionRefusal,
};
use serde::Serialize;
use uuid::Uuid;

/// Give money back.
#[derive(Debug, Serialize)]
pub struct RefundPayment {
    /// What was paid.
    pub what: Paid,
    /// How much, in the payment's smallest unit; all of it for `None`.
    pub minor: Option<i64>,
    /// Why.
    pub reason: Reason,
    /// Does the subscription end with it, now?
    pub ends_subscription: bool,
}

/// What was paid.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Paid {
    /// This payment.
    Payment(PaymentRef),
    /// Whatever settled this bill.
    Invoice(InvoiceRef),
}

/// Make a draft due.
#[derive(Debug, Serialize)]
pub struct FinalizeInvoice {
    /// Which.
    pub invoice: InvoiceRef,
}

/// Withdraw a bill that is due.
#[derive(Debug, Serialize)]
pub struct VoidInvoice {
    /// Which.
    pub invoice: InvoiceRef,
}

/// Have a bill mailed once more.
#[derive(Debug, Serialize)]
pub struct SendInvoice {
    /// Which.
    pub invoice: InvoiceRef,
}

/// Have the payment provider forget a way to pay, but not the one that is charged.
#[derive(Debug, Serialize)]
pub struct DetachPaymentMethod {
    /// Which.
    pub method: MethodRef,
}

fn customer(known: &Loaded<Subscription>) -> Result<CustomerRef, Failure> {
    Ok(known.state.customer().cloned().ok_or(SubscriptionRefusal::NoCustomer)?)
}

fn unfit(message: String) -> Failure {
    Failure::Refused { code: "INVALID_STATE", message, path: None, retryable: false }
}

async fn bill(
    work: &Work<'_>,
    customer: &CustomerRef,
    invoice: &InvoiceRef,
) -> Result<Invoice, Failure> {
    let found = payments(work.desk)?.invoices.get(customer, invoice).await?;
    found.ok_or(Failure::NotFound)
}

impl RefundPayment {
    /// The payment, if it is the customer's and there.
    async fn paid(&self, work: &Work<'_>, customer: &CustomerRef) -> Result<Payment, Failure> {
        let payment = match &self.what {
            Paid::Payment(payment) => payment.clone(),
            Paid::Invoice(invoice) => {
                let unpaid = || unfit("this bill names no payment that could go back".to_owned());
                bill(work, customer, invoice).await?.payment.ok_or_else(unpaid)?
            }
        };
        let seen = match payments(work.desk)?.purchases.read(&payment).await {
            Err(failure) if failure.is_missing() => return Err(Failure::NotFound),
            seen => seen?,
        };
        if seen.customer.as_ref() != Some(customer) {
            return Err(Failure::NotFound);
        }
        if seen.status != PaymentStatus::Succeeded {
            return Err(unfit("nothing of this payment has arrived".to_owned()));
        }
        Ok(seen)
    }

    fn amount(&self, paid: &Payment) -> Result<Option<Money>, Failure> {
        match self.minor {
            Some(minor) if minor > paid.received.minor => {
                let message = format!("only {} were paid", paid.received.minor);
                Err(Failure::invalid("amount", message))
            }
            minor => Ok(minor.map(|minor| Money { minor, currency: paid.received.currency })),
        }
    }
}

#[async_trait]
impl UseCase for RefundPayment {
    const WHO: Who = Who::Operator("refundPayment");
    type Answer = CommandId;

    fn object(&self) -> Option<Uuid> {
        None
    }

    async fn attempt(&self, work: &mut Work<'_>) -> Result<CommandId, Failure> {
        let errand = work.naming().command();
        let context = weighing::context(work, self.ends_subscription).await?;
        let mut known = load(work).await?;
        let paid = self.paid(work, &customer(&known)?).await?;
        let amount = self.amount(&paid)?;
        let what = Errand::Refund { payment: paid.id, amount, reason: self.reason.clone() };
        work.decide(&mut known, Command::RunErrand { errand, what }, &context).await?;
        if self.ends_subscription && known.state.live().is_some() {
            work.decide(&mut known, Command::Cancel { at: CancelAt::Now }, &context).await?;
        }
        Ok(errand)
    }

    fn replayed(&self, naming: Naming) -> CommandId {
        naming.command()
    }
}

/// A bill that stands so is moved on; one that does not is refused with the reason.
async fn move_on(
    work: &mut Work<'_>,
    invoice: &InvoiceRef,
    from: &[InvoiceStatus],
    what: Errand,
) -> Result<CommandId, Failure> {
    let errand = work.naming().command();
    let context = weighing::context(work, false).await?;
    let mut known = load(work).await?;
    let status = bill(work, &customer(&known)?, invoice).await?.status;
    if !from.contains(&status) {
        let stands = format!("{status:?}").to_lowercase();
        return Err(unfit(format!("this bill is {stands}: nothing of the kind can follow")));
    }
    work.decide(&mut known, Command::RunErrand { errand, what }, &context).await?;
    Ok(errand)
}

macro_rules! moves {
    ($($name:ident, $who:expr, $errand:ident, $from:expr;)*) => {$(
        #[async_trait]
        impl UseCase for $name {
            const WHO: Who = $who;
            type Answer = CommandId;

            fn object(&self) -> Option<Uuid> {
                None
            }

            async fn attempt(&self, work: &mut Work<'_>) -> Result<CommandId, Failure> {
                let what = Errand::$errand { invoice: self.invoice.clone() };
                move_on(work, &self.invoice, $from, what).await
            }

            fn replayed(&self, naming: Naming) -> CommandId {
                naming.command()
            }
        }
    )*};
}

moves! {
    FinalizeInvoice, Who::Operator("finalizeInvoice"), FinalizeInvoice, &[InvoiceStatus::Draft];
    VoidInvoice, Who::Operator("voidInvoice"), VoidInvoice,
        &[InvoiceStatus::Open, InvoiceStatus::Uncollectible];
    SendInvoice, Who::Members(Action::SendInvoice), SendInvoice,
        &[InvoiceStatus::Open, InvoiceStatus::Uncollectible, InvoiceStatus::Paid];
}

#[async_trait]
impl UseCase for DetachPaymentMethod {
    const WHO: Who = Who::Members(Action::DetachPaymentMethod);
    type Answer = CommandId;

    fn object(&self) -> Option<Uuid> {
        None
    }

    async fn attempt(&self, work: &mut Work<'_>) -> Result<CommandId, Failure> {
        let errand = work.naming().command();
        let context = weighing::context(work, false).await?;
        let mut known = load(work).await?;
        customer(&known)?;
        let methods = methods_of(work.desk, &known.state).await?;
        let method = methods.iter().find(|it| it.id == self.method).ok_or(Failure::NotFound)?;
        if method.is_default {
            let message = "this is what is charged; choose another one first, through `openPortal`";
            return Err(unfit(message.to_owned()));
        }
        let what = Errand::DetachMethod { method: self.method.clone() };
        work.decide(&mut known, Command::RunErrand { errand, what }, &context).await?;
        Ok(errand)
    }

    fn replayed(&self, naming: Naming) -> CommandId {
        naming.command()
    }
}

/// Note how the provider answered.
#[derive(Debug, Serialize)]
pub struct RecordErrand {
    /// Which.
    pub errand: CommandId,
    /// The provider's code, if it refused.
    pub rejected: Option<String>,
}

impl SubscriptionUse for RecordErrand {
    const WHO: Who = Who::Jobs("recordErrand");

    fn command(&self, _: CommandId) -> Result<Command, Failure> {
        let outcome = recorded(self.rejected.as_ref());
        Ok(Command::RecordErrand { errand: self.errand, outcome })
    }
}
