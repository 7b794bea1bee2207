//! What events of the payment provider lead to.

use super::{account_of, facts::Facts, payments, sync_job};
use crate::{
    business::Payments,
    commands::subscription::{
        CloseCheckout, Closed, OnSubscription, RecordDispute, RecordPayment, RecordPurchase,
        RecordRefund,
    },
    desk::Desk,
    execute::{Request, UseCase},
    failure::Failure,
    inbox::{Applied, WebhookApplier, caller},
    jobs::put_job,
    ports::{
        Hint,
        payments::{CheckoutSeen, CheckoutStatus, PaymentFailure},
    },
};
use async_trait::async_trait;
use bytes::Bytes;
use herald_kernel::AccountId;
use herald_subscription::{CustomerRef, InvoiceStatus};
use std::{str::FromStr, sync::Arc};

/// Applies the events of the payment provider that goes by this name.
#[derive(Debug, Clone, Copy)]
pub struct PaymentWebhooks(pub &'static str);

/// Kinds whose only meaning is: look how the customer stands.
const LOOK: [&str; 4] = ["customer.", "invoice.", "payment_intent.", "payment_method."];

#[async_trait]
impl WebhookApplier for PaymentWebhooks {
    async fn apply(&self, desk: &Arc<Desk>, hint: &Hint, raw: &Bytes) -> Applied {
        match self.follow(desk, hint, &Facts::of(raw)).await {
            Ok(applied) | Err(applied) => applied,
        }
    }
}

impl From<PaymentFailure> for Applied {
    fn from(failure: PaymentFailure) -> Self {
        let text = format!("{}: {failure}", failure.code());
        // Without a key, or with a wrong one, an operator mends it while the event waits.
        let mended = matches!(
            failure,
            PaymentFailure::NotConfigured | PaymentFailure::Authentication { .. }
        );
        if failure.is_missing() {
            Self::Ignored(text)
        } else if mended || failure.retryable() {
            Self::Retry(text)
        } else {
            Self::GiveUp(text)
        }
    }
}

impl PaymentWebhooks {
    async fn follow(
        &self,
        desk: &Arc<Desk>,
        hint: &Hint,
        facts: &Facts,
    ) -> Result<Applied, Applied> {
        let kind = hint.kind.as_str();
        let money = kind == "charge.refunded" || kind.starts_with("charge.dispute.");
        let checkout = kind.starts_with("checkout.session.");
        if !money && !checkout && !LOOK.iter().any(|prefix| kind.starts_with(prefix)) {
            return Ok(Applied::Ignored(format!("`{kind}` means nothing here")));
        }
        let payments = payments(desk)?;
        let Some(customer) = customer(payments, hint, facts).await? else {
            return Ok(Applied::Ignored("no customer is named".to_owned()));
        };
        let Some(account) = account_of(desk, &customer, facts.account()).await? else {
            return Ok(Applied::Ignored("the customer is of no account here".to_owned()));
        };
        (payments.forget)(&customer);
        let event = Event { source: self.0, desk, payments, hint, facts, account, customer };
        match kind {
            _ if checkout => event.checkout().await?,
            "invoice.paid" | "invoice.payment_succeeded" => event.paid().await?,
            "charge.refunded" => event.refunded().await?,
            _ if money => event.disputed().await?,
            _ => {}
        }
        let because = caller(account, self.0, hint);
        put_job(desk, sync_job(account, desk.clock.now()).because_of(&because)).await?;
        Ok(Applied::Done)
    }
}

/// Whom it is about: by the event, or, for a dispute, by the payment that is contested.
async fn customer(
    payments: &Payments,
    hint: &Hint,
    facts: &Facts,
) -> Result<Option<CustomerRef>, Applied> {
    if let Some(named) = facts.customer() {
        return Ok(Some(named));
    }
    if hint.key.starts_with("cus_") {
        return Ok(hint.key.parse().ok());
    }
    let Some(payment) = facts.payment() else { return Ok(None) };
    Ok(payments.purchases.read(&payment).await?.customer)
}

fn named<T: FromStr>(name: &str) -> Result<T, Applied> {
    name.parse().map_err(|_| Applied::GiveUp("the event names no object".to_owned()))
}

struct Event<'e> {
    source: &'static str,
    desk: &'e Arc<Desk>,
    payments: &'e Payments,
    hint: &'e Hint,
    facts: &'e Facts,
    account: AccountId,
    customer: CustomerRef,
}

impl Event<'_> {
    /// A command that was told by another event already changes nothing.
    async fn tell<U: UseCase>(&self, key: String, use_case: U) -> Result<(), Failure> {
        let caller = caller(self.account, self.source, self.hint);
        let request = Request { idempotency_key: key, expected_version: None };
        self.desk.carry_out(&caller, request, use_case).await.map(drop)
    }

    fn object<T: FromStr>(&self) -> Result<T, Applied> {
        named(self.hint.object.as_deref().unwrap_or_default())
    }

    async fn checkout(&self) -> Result<(), Applied> {
        let session = self.object()?;
        let seen = self.payments.checkouts.read(&session).await?;
        if seen.customer.as_ref().is_some_and(|it| *it != self.customer) {
            return Err(Applied::GiveUp("the checkout is another customer's".to_owned()));
        }
        let closed = |how| OnSubscription(CloseCheckout { session: session.clone(), how });
        match seen.status {
            CheckoutStatus::Open => {}
            CheckoutStatus::Expired => {
                self.tell(format!("expired/{session}"), closed(Closed::Expired)).await?;
            }
            CheckoutStatus::Complete => {
                self.tell(format!("completed/{session}"), closed(Closed::Completed)).await?;
                self.purchase(&seen).await?;
            }
        }
        Ok(())
    }

    /// A pack is bought once its money is there, which some ways to pay take days for. Where nothing
    /// was to be paid there is no payment: then the page's own name stands in its place.
    async fn purchase(&self, seen: &CheckoutSeen) -> Result<(), Applied> {
        let (true, Some(amount)) = (seen.paid, seen.total) else { return Ok(()) };
        if seen.subscription.is_some() {
            return Ok(());
        }
        let Some((price, quantity)) = seen.bought.first().cloned() else { return Ok(()) };
        let session = seen.id.clone();
        let payment = match &seen.payment {
            Some(payment) => payment.clone(),
            None => named(session.as_str())?,
        };
        let key = format!("purchase/{payment}");
        let purchase = RecordPurchase { session, payment, price, quantity, amount };
        Ok(self.tell(key, purchase).await?)
    }

    async fn paid(&self) -> Result<(), Applied> {
        let invoice = self.object()?;
        let Some(bill) = self.payments.invoices.get(&self.customer, &invoice).await? else {
            return Ok(());
        };
        if bill.status == InvoiceStatus::Paid && bill.paid.minor > 0 {
            let key = format!("payment/{invoice}");
            let record = RecordPayment { invoice, amount: bill.paid };
            self.tell(key, OnSubscription(record)).await?;
        }
        Ok(())
    }

    async fn refunded(&self) -> Result<(), Applied> {
        let Some((refund, amount)) = self.facts.refund() else { return Ok(()) };
        let whole_of = self.facts.payment().filter(|_| self.facts.is_whole());
        let key = format!("refund/{refund}");
        Ok(self.tell(key, RecordRefund { refund, invoice: None, amount, whole_of }).await?)
    }

    async fn disputed(&self) -> Result<(), Applied> {
        let Some((stage, amount)) = self.facts.dispute() else { return Ok(()) };
        let (opened_at, payment) = (self.facts.created(), self.facts.payment());
        let dispute = self.object()?;
        let key = format!("dispute/{dispute}/{stage:?}");
        let record = RecordDispute { dispute, stage, amount, opened_at, payment };
        Ok(self.tell(key, record).await?)
    }
}
