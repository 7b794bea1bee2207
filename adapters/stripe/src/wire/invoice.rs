//! Bills, and bills that do not exist yet.

use super::{List, Named, Thing, nullable};
use serde::Deserialize;

#[derive(Debug, Deserialize)]
pub(crate) struct Invoice {
    pub(crate) id: String,
    #[serde(default)]
    pub(crate) customer: Option<Named<Thing>>,
    #[serde(default)]
    pub(crate) number: Option<String>,
    #[serde(default)]
    pub(crate) status: Option<String>,
    pub(crate) currency: String,
    #[serde(default)]
    pub(crate) subtotal: i64,
    #[serde(default)]
    pub(crate) total: i64,
    #[serde(default)]
    pub(crate) amount_due: i64,
    #[serde(default)]
    pub(crate) amount_paid: i64,
    #[serde(default)]
    pub(crate) attempt_count: u32,
    #[serde(default)]
    pub(crate) created: i64,
    #[serde(default)]
    pub(crate) due_date: Option<i64>,
    #[serde(default)]
    pub(crate) period_start: i64,
    #[serde(default)]
    pub(crate) period_end: i64,
    #[serde(default)]
    status_transitions: Option<Transitions>,
    #[serde(default)]
    pub(crate) hosted_invoice_url: Option<String>,
    #[serde(default, rename = "invoice_pdf")]
    pub(crate) pdf: Option<String>,
    #[serde(flatten)]
    tax: Taxes,
    /// The old link to the subscription.
    #[serde(default)]
    subscription: Option<Named<Thing>>,
    #[serde(default)]
    parent: Option<Parent>,
    /// The old link to the payment.
    #[serde(default)]
    payment_intent: Option<Named<Thing>>,
    #[serde(default, deserialize_with = "nullable")]
    payments: List<Settlement>,
}

#[derive(Debug, Deserialize)]
struct Transitions {
    #[serde(default)]
    paid_at: Option<i64>,
}

/// Tax has stood in three places.
#[derive(Debug, Default, Deserialize)]
struct Taxes {
    #[serde(default)]
    tax: Option<i64>,
    #[serde(default, rename = "total_taxes", deserialize_with = "nullable")]
    newer: Vec<Part>,
    #[serde(default, rename = "total_tax_amounts", deserialize_with = "nullable")]
    older: Vec<Part>,
}

#[derive(Debug, Deserialize)]
struct Part {
    #[serde(default)]
    amount: i64,
}

impl Taxes {
    fn sum(&self) -> i64 {
        let sum =
            |parts: &[Part]| parts.iter().fold(0_i64, |sum, it| sum.saturating_add(it.amount));
        let parts = [&self.newer, &self.older];
        let told = parts.into_iter().find(|parts| !parts.is_empty());
        self.tax.unwrap_or_else(|| told.map_or(0, |parts| sum(parts)))
    }
}

#[derive(Debug, Deserialize)]
struct Parent {
    #[serde(default)]
    subscription_details: Option<OfSubscription>,
}

#[derive(Debug, Deserialize)]
struct OfSubscription {
    #[serde(default)]
    subscription: Option<Named<Thing>>,
}

#[derive(Debug, Deserialize)]
struct Settlement {
    #[serde(default)]
    status: Option<String>,
    #[serde(default)]
    payment: Option<PaymentLink>,
}

#[derive(Debug, Deserialize)]
struct PaymentLink {
    #[serde(default, rename = "payment_intent")]
    intent: Option<Named<Thing>>,
}

impl Invoice {
    pub(crate) fn tax(&self) -> i64 {
        self.tax.sum()
    }

    pub(crate) fn paid_at(&self) -> Option<i64> {
        self.status_transitions.as_ref().and_then(|it| it.paid_at)
    }

    /// The subscription that it is for, by the new link or the old.
    pub(crate) fn subscription(&self) -> Option<&str> {
        let newer = self.parent.as_ref().and_then(|it| it.subscription_details.as_ref());
        let newer = newer.and_then(|it| it.subscription.as_ref());
        newer.or(self.subscription.as_ref()).map(Named::id)
    }

    /// The payment that settled it, or that is meant to.
    pub(crate) fn payment(&self) -> Option<&str> {
        let paid = self.payments.data.iter().find(|it| it.status.as_deref() == Some("paid"));
        let newer = paid.or_else(|| self.payments.data.last());
        let newer = newer.and_then(|it| it.payment.as_ref()?.intent.as_ref());
        newer.or(self.payment_intent.as_ref()).map(Named::id)
    }
}

/// A bill that does not exist yet.
#[derive(Debug, Deserialize)]
pub(crate) struct Preview {
    pub(crate) currency: String,
    #[serde(default)]
    pub(crate) subtotal: i64,
    #[serde(default)]
    pub(crate) amount_due: i64,
    #[serde(flatten)]
    tax: Taxes,
    #[serde(default, deserialize_with = "nullable")]
    pub(crate) lines: List<Line>,
}

impl Preview {
    pub(crate) fn tax(&self) -> i64 {
        self.tax.sum()
    }
}

#[derive(Debug, Deserialize)]
pub(crate) struct Line {
    #[serde(default)]
    pub(crate) description: Option<String>,
    #[serde(default)]
    pub(crate) amount: i64,
    /// The old place of the flag.
    #[serde(default)]
    proration: Option<bool>,
    #[serde(default)]
    parent: Option<LineParent>,
}

#[derive(Debug, Deserialize)]
struct LineParent {
    #[serde(default)]
    subscription_item_details: Option<Prorated>,
    #[serde(default)]
    invoice_item_details: Option<Prorated>,
}

#[derive(Debug, Deserialize)]
struct Prorated {
    #[serde(default, deserialize_with = "nullable")]
    proration: bool,
}

impl Line {
    pub(crate) fn is_proration(&self) -> bool {
        let newer = self.parent.as_ref().and_then(|it| {
            it.subscription_item_details.as_ref().or(it.invoice_item_details.as_ref())
        });
        newer.map_or(self.proration.unwrap_or_default(), |it| it.proration)
    }
}
