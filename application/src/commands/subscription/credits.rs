//! Credits: bought once per payment, paid back while unused, gone when their time is up.

use super::{load, weighing};
use crate::{
    entitlements,
    execute::{Naming, UseCase, Who, Work},
    failure::Failure,
    limits::LEASE,
    metering::{bought, decide_credits},
};
use async_trait::async_trait;
use herald_kernel::{Instant, InvalidInstant, Money};
use herald_subscription::{
    Breakdown, CheckoutRef, Counter, CreditKind, Credits, CreditsCommand, CreditsContext,
    InvoiceRef, PaymentRef, Period, PriceRef, SubscriptionCommand as Command, Usage, UsageCommand,
    UsageContext, credits_id, usage_id,
};
use herald_terms::Quota;
use serde::Serialize;
use uuid::Uuid;

/// Add the pack that was paid on a checkout.
#[derive(Debug, Serialize)]
pub struct RecordPurchase {
    /// The checkout.
    pub session: CheckoutRef,
    /// The payment. One payment buys once.
    pub payment: PaymentRef,
    /// What was bought.
    pub price: PriceRef,
    /// How many.
    pub quantity: u32,
    /// For how much.
    pub amount: Money,
}

#[async_trait]
impl UseCase for RecordPurchase {
    const WHO: Who = Who::Jobs("recordPurchase");
    type Answer = ();

    fn object(&self) -> Option<Uuid> {
        None
    }

    async fn attempt(&self, work: &mut Work<'_>) -> Result<(), Failure> {
        let context = weighing::context(work, false).await?;
        let mut subscription = load(work).await?;
        let pack = context.catalogue.pack_by_price(&self.price);
        let unknown = || Failure::invalid("price", format!("`{}` buys no pack", self.price));
        let (kind, credits, months) =
            pack.map(|it| (it.kind, it.credits, it.months_valid)).ok_or_else(unknown)?;
        let session = self.session.clone();
        work.decide(&mut subscription, Command::CompleteCheckout { session }, &context).await?;
        let id = credits_id(work.account(), kind).uuid();
        let mut bought = work.load_any::<Credits>(id).await?;
        let buy = CreditsCommand::Buy {
            payment: self.payment.clone(),
            kind,
            credits: credits.saturating_mul(self.quantity),
            amount: self.amount,
            expires_at: later(work.now, months)?,
        };
        work.decide(&mut bought, buy, &CreditsContext { now: work.now }).await
    }

    fn replayed(&self, _: Naming) {}
}

/// So many months of the calendar later.
fn later(now: Instant, months: u32) -> Result<Instant, Failure> {
    let period = (0..months).try_fold(now, |at, _| {
        let month = Period::anchored(now, at);
        Some(month.end()).filter(|end| *end > at)
    });
    period.ok_or_else(|| Failure::Internal(InvalidInstant.to_string()))
}

/// Note that money went back; with a pack that nobody used, its credits go.
#[derive(Debug, Serialize)]
pub struct RecordRefund {
    /// Which movement of money.
    pub refund: PaymentRef,
    /// For which bill, if for one.
    pub invoice: Option<InvoiceRef>,
    /// How much.
    pub amount: Money,
    /// The payment, once all of it went back.
    pub whole_of: Option<PaymentRef>,
}

#[async_trait]
impl UseCase for RecordRefund {
    const WHO: Who = Who::Jobs("recordRefund");
    type Answer = ();

    fn object(&self) -> Option<Uuid> {
        None
    }

    async fn attempt(&self, work: &mut Work<'_>) -> Result<(), Failure> {
        let context = weighing::context(work, false).await?;
        let mut subscription = load(work).await?;
        let command = Command::RecordRefund {
            refund: self.refund.clone(),
            invoice: self.invoice.clone(),
            amount: self.amount,
        };
        work.decide(&mut subscription, command, &context).await?;
        match &self.whole_of {
            Some(payment) => close_unused(work, payment).await,
            None => Ok(()),
        }
    }

    fn replayed(&self, _: Naming) {}
}

/// Takes away the pack that this payment bought, if nobody used any of it. What is spent stays spent,
/// although its price went back.
pub(super) async fn close_unused(work: &mut Work<'_>, payment: &PaymentRef) -> Result<(), Failure> {
    for kind in [CreditKind::ApiCalls, CreditKind::AiCredits] {
        let id = credits_id(work.account(), kind).uuid();
        let mut bought = work.load_any::<Credits>(id).await?;
        let unused = |it: &herald_subscription::Pack| {
            it.payment == *payment && !it.closed && it.left == it.credits
        };
        if bought.state.packs().iter().any(unused) {
            let refund = CreditsCommand::Refund { payment: payment.clone() };
            work.decide(&mut bought, refund, &CreditsContext { now: work.now }).await?;
        }
    }
    Ok(())
}

/// Take away the credits that nobody spent in time.
#[derive(Debug, Serialize)]
pub struct ExpireCredits {
    /// Of which kind.
    pub kind: CreditKind,
}

#[async_trait]
impl UseCase for ExpireCredits {
    const WHO: Who = Who::Jobs("expireCredits");
    type Answer = ();

    fn object(&self) -> Option<Uuid> {
        None
    }

    async fn attempt(&self, work: &mut Work<'_>) -> Result<(), Failure> {
        let id = credits_id(work.account(), self.kind).uuid();
        let mut bought = work.load_any::<Credits>(id).await?;
        let context = CreditsContext { now: work.now };
        work.decide(&mut bought, CreditsCommand::Expire, &context).await
    }

    fn replayed(&self, _: Naming) {}
}

/// Count as used what a crash left of a block of bought calls.
#[derive(Debug, Serialize)]
pub struct LapseCalls {
    /// The block.
    pub lease: Uuid,
}

#[async_trait]
impl UseCase for LapseCalls {
    const WHO: Who = Who::Jobs("lapseCalls");
    type Answer = ();

    fn object(&self) -> Option<Uuid> {
        None
    }

    async fn attempt(&self, work: &mut Work<'_>) -> Result<(), Failure> {
        let (id, mut credits) = (self.lease, bought(work, CreditKind::ApiCalls).await?);
        let n = credits.state.held_by(id);
        if n == 0 {
            return Ok(());
        }
        decide_credits(work, &mut credits, CreditsCommand::Commit { id, used: n }).await?;
        // They were used in the month in which they were handed out.
        let at = work.now.minus(LEASE);
        let entitled = entitlements::of_account_at(work.desk, work.account(), at).await?;
        let context = UsageContext {
            now: work.now,
            counter: Counter::ApiCalls,
            period: entitled.period,
            quota: Quota::Unlimited,
            overage: entitled.overage,
        };
        let usage = usage_id(work.account(), Counter::ApiCalls, &entitled.period).uuid();
        let mut usage = work.load_any::<Usage>(usage).await?;
        let draw = UsageCommand::Draw { id, n, breakdown: Breakdown::default() };
        work.decide(&mut usage, draw, &context).await
    }

    fn replayed(&self, _: Naming) {}
}

/// Give back the credits of packs that are still set aside for a run.
#[derive(Debug, Serialize)]
pub struct LapseRun {
    /// The run.
    pub run: Uuid,
}

#[async_trait]
impl UseCase for LapseRun {
    const WHO: Who = Who::Jobs("lapseRun");
    type Answer = ();

    fn object(&self) -> Option<Uuid> {
        None
    }

    async fn attempt(&self, work: &mut Work<'_>) -> Result<(), Failure> {
        let mut credits = bought(work, CreditKind::AiCredits).await?;
        if credits.state.held_by(self.run) == 0 {
            return Ok(());
        }
        decide_credits(work, &mut credits, CreditsCommand::Release { id: self.run }).await
    }

    fn replayed(&self, _: Naming) {}
}

/// Settle what of a counter nobody settled in time.
#[derive(Debug, Serialize)]
pub struct ExpireUsage {
    /// The counter's stream.
    pub usage: Uuid,
}

#[async_trait]
impl UseCase for ExpireUsage {
    const WHO: Who = Who::Jobs("expireUsage");
    type Answer = ();

    fn object(&self) -> Option<Uuid> {
        Some(self.usage)
    }

    async fn attempt(&self, work: &mut Work<'_>) -> Result<(), Failure> {
        let mut usage = work.load::<Usage>(self.usage).await?;
        let entitled = entitlements::of_account(work.desk, work.account()).await?;
        // An end gives back or counts what was handed out before: no quota can refuse it.
        let context = UsageContext {
            now: work.now,
            counter: Counter::AiCredits,
            period: entitled.period,
            quota: Quota::Unlimited,
            overage: entitled.overage,
        };
        work.decide(&mut usage, UsageCommand::Expire, &context).await
    }

    fn replayed(&self, _: Naming) {}
}
