//! Standing orders.

use super::{IdempotencyKey, PaymentFailure};
use async_trait::async_trait;
use herald_kernel::{AccountId, Instant, Money};
use herald_subscription::{
    CustomerRef, MirrorStatus, PriceRef, Snapshot, SubscriptionRef, TaxRateRef,
};

/// Reads and changes subscriptions.
#[async_trait]
pub trait Subscriptions: Send + Sync {
    /// All that the provider says about a customer now: never from a cache, its lists sorted.
    async fn snapshot(&self, customer: &CustomerRef) -> Result<Snapshot, PaymentFailure>;

    /// Every subscription that a customer has or had.
    async fn list(
        &self,
        customer: &CustomerRef,
    ) -> Result<Vec<(SubscriptionRef, MirrorStatus)>, PaymentFailure>;

    /// Begins a subscription without a checkout: a trial that is given, an import.
    async fn create(
        &self,
        key: &IdempotencyKey,
        subscription: &NewSubscription,
    ) -> Result<SubscriptionRef, PaymentFailure>;

    /// Moves a subscription to another price.
    async fn change_plan(
        &self,
        key: &IdempotencyKey,
        change: &PlanChange,
    ) -> Result<(), PaymentFailure>;

    /// What `change` would cost. Changes nothing.
    async fn preview(&self, change: &PlanChange) -> Result<ChangePreview, PaymentFailure>;

    /// Ends a trial now: the first payment is due at once.
    async fn end_trial(
        &self,
        key: &IdempotencyKey,
        subscription: &SubscriptionRef,
    ) -> Result<(), PaymentFailure>;

    /// Ends a subscription, now or with its period.
    async fn cancel(
        &self,
        key: &IdempotencyKey,
        subscription: &SubscriptionRef,
        when: CancelWhen,
    ) -> Result<(), PaymentFailure>;

    /// Lets a subscription go on.
    async fn resume(
        &self,
        key: &IdempotencyKey,
        subscription: &SubscriptionRef,
        from: ResumeFrom,
    ) -> Result<(), PaymentFailure>;
}

/// A subscription to begin without a checkout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSubscription {
    /// Whose it will be.
    pub account: AccountId,
    /// Who pays.
    pub customer: CustomerRef,
    /// What is bought, once.
    pub price: PriceRef,
    /// Days before the first payment. Without a card by then, the subscription pauses.
    pub trial_days: Option<u32>,
    /// Whether the provider works out the tax.
    pub automatic_tax: bool,
    /// What is put on every bill as tax, where the provider does not work it out.
    pub tax_rates: Vec<TaxRateRef>,
}

/// A move to another price. The subscription must have exactly one item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanChange {
    /// Which subscription.
    pub subscription: SubscriptionRef,
    /// The price from now on.
    pub price: PriceRef,
    /// What happens to the part of the period that is already paid.
    pub proration: Proration,
    /// Changes only once the difference is paid; until then it waits, and in the end lapses.
    pub only_when_paid: bool,
    /// The instant to work out proration for; the same in the preview and in the change makes their
    /// amounts equal. `None`: now.
    pub as_of: Option<Instant>,
}

/// What happens to the part of the period that is already paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proration {
    /// The difference is billed at once.
    BillNow,
    /// The difference goes onto the next bill.
    NextBill,
    /// Nothing.
    None,
}

/// What a change would cost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangePreview {
    /// What would be charged with the bill, tax included, after credit.
    pub due: Money,
    /// The lines' sum before tax; negative when credit is larger.
    pub subtotal: Money,
    /// The tax in `due`.
    pub tax: Money,
    /// What the bill would say.
    pub lines: Vec<PreviewLine>,
    /// The instant that proration was worked out for: pass it on as [`PlanChange::as_of`].
    pub as_of: Option<Instant>,
}

/// A line of a bill that does not exist yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreviewLine {
    /// What it is for, in the provider's words.
    pub description: String,
    /// How much; negative for credit.
    pub amount: Money,
    /// Is it for a part of a period that was already billed?
    pub proration: bool,
}

/// When a subscription ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CancelWhen {
    /// With the period that is paid.
    AtPeriodEnd,
    /// Now. Nothing is paid back.
    Now,
}

/// What a subscription goes on from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResumeFrom {
    /// An end that was set for later.
    ScheduledEnd,
    /// A pause, after a trial that ended without a card. A bill is made at once.
    Pause,
}
