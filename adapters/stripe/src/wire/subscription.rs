//! Subscriptions, what they consist of, and what is taken off.

use super::{Invoice, List, Method, Named, Thing, nullable};
use serde::Deserialize;

#[derive(Debug, Deserialize)]
pub(crate) struct Subscription {
    pub(crate) id: String,
    pub(crate) status: String,
    #[serde(default)]
    pub(crate) created: i64,
    #[serde(default)]
    pub(crate) start_date: Option<i64>,
    #[serde(default)]
    pub(crate) billing_cycle_anchor: Option<i64>,
    #[serde(default, deserialize_with = "nullable")]
    pub(crate) items: List<Item>,
    /// The old place of the period.
    #[serde(default)]
    pub(crate) current_period_start: Option<i64>,
    #[serde(default)]
    pub(crate) current_period_end: Option<i64>,
    #[serde(default)]
    pub(crate) trial_end: Option<i64>,
    #[serde(default)]
    pub(crate) cancel_at: Option<i64>,
    #[serde(default, deserialize_with = "nullable")]
    pub(crate) cancel_at_period_end: bool,
    #[serde(default)]
    pub(crate) canceled_at: Option<i64>,
    #[serde(default)]
    pub(crate) ended_at: Option<i64>,
    #[serde(default)]
    pub(crate) pause_collection: Option<serde_json::Value>,
    /// The old place of what is taken off.
    #[serde(default)]
    pub(crate) discount: Option<Discount>,
    #[serde(default, deserialize_with = "nullable")]
    pub(crate) discounts: Vec<Named<Discount>>,
    #[serde(default)]
    pub(crate) latest_invoice: Option<Named<Invoice>>,
    #[serde(default)]
    pub(crate) default_payment_method: Option<Named<Method>>,
    #[serde(default)]
    pub(crate) pending_update: Option<Pending>,
    #[serde(default)]
    pub(crate) schedule: Option<Named<Schedule>>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Item {
    pub(crate) id: String,
    pub(crate) price: Price,
    #[serde(default)]
    pub(crate) quantity: Option<u32>,
    /// The new place of the period.
    #[serde(default)]
    pub(crate) current_period_start: Option<i64>,
    #[serde(default)]
    pub(crate) current_period_end: Option<i64>,
}

impl Item {
    /// Is it billed by what was used, rather than by how many?
    pub(crate) fn is_metered(&self) -> bool {
        let recurring = self.price.recurring.as_ref();
        recurring.and_then(|it| it.usage_type.as_deref()) == Some("metered")
    }
}

#[derive(Debug, Deserialize)]
pub(crate) struct Price {
    pub(crate) id: String,
    #[serde(default = "yes")]
    pub(crate) active: bool,
    #[serde(default)]
    pub(crate) lookup_key: Option<String>,
    #[serde(default)]
    pub(crate) currency: String,
    #[serde(default)]
    pub(crate) unit_amount: Option<i64>,
    #[serde(default)]
    pub(crate) recurring: Option<Recurring>,
}

const fn yes() -> bool {
    true
}

#[derive(Debug, Deserialize)]
pub(crate) struct Recurring {
    pub(crate) interval: String,
    #[serde(default)]
    pub(crate) interval_count: Option<u32>,
    #[serde(default)]
    pub(crate) usage_type: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Pending {
    #[serde(default)]
    pub(crate) expires_at: Option<i64>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Discount {
    #[serde(default)]
    pub(crate) end: Option<i64>,
    /// The old place of the coupon.
    #[serde(default)]
    pub(crate) coupon: Option<Named<Coupon>>,
    #[serde(default)]
    pub(crate) source: Option<Source>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Source {
    #[serde(default)]
    pub(crate) coupon: Option<Named<Coupon>>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Coupon {
    #[serde(default)]
    pub(crate) duration: Option<String>,
    #[serde(default)]
    pub(crate) percent_off: Option<f64>,
    #[serde(default)]
    pub(crate) amount_off: Option<i64>,
    #[serde(default)]
    pub(crate) currency: Option<String>,
}

impl Discount {
    /// The coupon, where it is shown.
    pub(crate) fn coupon(&self) -> Option<&Coupon> {
        let newer = self.source.as_ref().and_then(|source| source.coupon.as_ref());
        newer.or(self.coupon.as_ref()).and_then(Named::whole)
    }
}

#[derive(Debug, Deserialize)]
pub(crate) struct Schedule {
    pub(crate) id: String,
    #[serde(default)]
    pub(crate) status: Option<String>,
    #[serde(default)]
    pub(crate) current_phase: Option<Phase>,
    #[serde(default, deserialize_with = "nullable")]
    pub(crate) phases: Vec<Phase>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Phase {
    pub(crate) start_date: i64,
    #[serde(default, deserialize_with = "nullable")]
    pub(crate) items: Vec<PhaseItem>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct PhaseItem {
    pub(crate) price: Named<Thing>,
}
