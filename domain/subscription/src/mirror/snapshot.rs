//! All that a payment provider says about one account at one instant.

use super::{
    CustomerRef, Discount, InvoiceRef, MirrorItem, MirrorStatus, PriceRef, ScheduleRef,
    SubscriptionRef,
};
use herald_kernel::{Instant, Money};
use serde::{Deserialize, Serialize};

/// Where a bill stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InvoiceStatus {
    /// It may still change.
    Draft,
    /// It is due.
    Open,
    /// It is paid, or there was nothing to pay.
    Paid,
    /// Nobody expects it to be paid any more.
    Uncollectible,
    /// It no longer holds.
    Void,
}

/// A bill.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MirrorInvoice {
    /// Its name.
    pub id: InvoiceRef,
    /// Where it stands.
    pub status: InvoiceStatus,
    /// What is to be paid, tax included.
    pub due: Money,
    /// What was paid of it.
    pub paid: Money,
    /// How often the payment was tried.
    pub attempts: u32,
    /// When it was written.
    pub created_at: Instant,
    /// Must the payer do something, such as confirm at the bank?
    pub needs_action: bool,
}

/// A card, as far as a log may know it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardSeen {
    /// An HMAC of the provider's fingerprint: equal cards are equal here, and nothing leads back.
    pub fingerprint: String,
    /// Such as `visa`.
    pub brand: String,
    /// The last four digits.
    pub last4: String,
    /// The month in which it expires, 1 to 12.
    pub exp_month: u8,
    /// The year in which it expires.
    pub exp_year: u16,
}

/// A change that the provider will make by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MirrorSchedule {
    /// Its name.
    pub id: ScheduleRef,
    /// What is bought from then on.
    pub next_price: PriceRef,
    /// From when on.
    pub starts_at: Instant,
}

/// A subscription, as the payment provider shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MirrorSubscription {
    /// Its name.
    pub id: SubscriptionRef,
    /// Where it stands.
    pub status: MirrorStatus,
    /// What it consists of.
    pub items: Vec<MirrorItem>,
    /// From when on the present bill counts …
    pub period_start: Instant,
    /// … and until when, exclusively.
    pub period_end: Instant,
    /// When it began.
    pub started_at: Instant,
    /// On whose day of the month bills come, after a trial the one on which it ended.
    #[serde(default)]
    pub billing_anchor: Option<Instant>,
    /// When its trial ends or ended, if it had one.
    #[serde(default)]
    pub trial_end: Option<Instant>,
    /// When it will end, if that is set.
    #[serde(default)]
    pub cancel_at: Option<Instant>,
    /// Will it end with the present period?
    #[serde(default)]
    pub cancel_at_period_end: bool,
    /// When somebody asked for its end.
    #[serde(default)]
    pub canceled_at: Option<Instant>,
    /// When it ended.
    #[serde(default)]
    pub ended_at: Option<Instant>,
    /// Is money, for the time being, not collected although the status says nothing of it?
    #[serde(default)]
    pub collection_paused: bool,
    /// What is taken off every bill, in order.
    #[serde(default)]
    pub discounts: Vec<Discount>,
    /// The latest bill.
    #[serde(default)]
    pub latest_invoice: Option<MirrorInvoice>,
    /// A change that was asked for and waits for its payment until this instant.
    #[serde(default)]
    pub pending_change_until: Option<Instant>,
    /// A change that the provider will make by itself.
    #[serde(default)]
    pub schedule: Option<MirrorSchedule>,
}

/// All that a payment provider says about one account at one instant.
///
/// Two snapshots are equal when they say the same; when they were taken is not part of it. Lists
/// are compared in order, so whoever takes a snapshot sorts `items` by price and `other_live` by
/// name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// Who pays.
    pub customer: CustomerRef,
    /// The subscription that counts: the live one, else the latest that ended.
    #[serde(default)]
    pub subscription: Option<MirrorSubscription>,
    /// Further subscriptions that have not ended. There should be none.
    #[serde(default)]
    pub other_live: Vec<SubscriptionRef>,
    /// The card that would be charged.
    #[serde(default)]
    pub card: Option<CardSeen>,
}

impl MirrorSubscription {
    /// When it ends, by date or with the present period; `None` while it goes on.
    #[must_use]
    pub const fn ends_at(&self) -> Option<Instant> {
        match (self.cancel_at, self.cancel_at_period_end) {
            (Some(at), _) => Some(at),
            (None, true) => Some(self.period_end),
            (None, false) => None,
        }
    }

    /// Monthly quotas renew on this day of the month, with the bills.
    #[must_use]
    pub fn quota_anchor(&self) -> Instant {
        self.billing_anchor.unwrap_or(self.started_at)
    }

    /// Does it run, and is its latest bill paid?
    #[must_use]
    pub fn is_paid(&self) -> bool {
        let paid = |it: &MirrorInvoice| it.status == InvoiceStatus::Paid;
        self.status == MirrorStatus::Active && self.latest_invoice.as_ref().is_some_and(paid)
    }
}

impl Snapshot {
    /// The same, with its lists in their one order.
    #[must_use]
    pub fn sorted(mut self) -> Self {
        if let Some(subscription) = &mut self.subscription {
            subscription.items.sort_by(|a, b| a.price.cmp(&b.price));
        }
        self.other_live.sort();
        self.other_live.dedup();
        self
    }
}
