//! Checkouts, payments, refunds and events.

use super::{List, Named, Price, Thing, nullable};
use serde::Deserialize;
use std::collections::BTreeMap;

/// Stripe's minor units.
pub(crate) type Money = i64;

#[derive(Deserialize)]
pub(crate) struct Session {
    pub(crate) id: String,
    #[serde(default)]
    pub(crate) url: Option<String>,
    #[serde(default)]
    pub(crate) expires_at: i64,
    #[serde(default)]
    pub(crate) status: Option<String>,
    #[serde(default)]
    pub(crate) payment_status: Option<String>,
    #[serde(default)]
    pub(crate) client_reference_id: Option<String>,
    #[serde(default)]
    pub(crate) customer: Option<Named<Thing>>,
    #[serde(default)]
    pub(crate) subscription: Option<Named<Thing>>,
    #[serde(default)]
    pub(crate) payment_intent: Option<Named<Thing>>,
    #[serde(default)]
    pub(crate) amount_total: Option<Money>,
    #[serde(default)]
    pub(crate) currency: Option<String>,
    #[serde(default, deserialize_with = "nullable")]
    pub(crate) line_items: List<Bought>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Bought {
    #[serde(default)]
    pub(crate) price: Option<Price>,
    #[serde(default)]
    pub(crate) quantity: Option<u32>,
}

#[derive(Deserialize)]
pub(crate) struct Intent {
    pub(crate) id: String,
    #[serde(default)]
    pub(crate) status: String,
    #[serde(default)]
    pub(crate) amount: Money,
    #[serde(default)]
    pub(crate) amount_received: Money,
    pub(crate) currency: String,
    #[serde(default)]
    pub(crate) client_secret: Option<String>,
    #[serde(default)]
    pub(crate) customer: Option<Named<Thing>>,
    #[serde(default, deserialize_with = "nullable")]
    pub(crate) metadata: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct RefundMade {
    pub(crate) id: String,
    #[serde(default, deserialize_with = "nullable")]
    pub(crate) metadata: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) amount: Money,
    pub(crate) currency: String,
    #[serde(default)]
    pub(crate) status: Option<String>,
}

/// An event of a list, kept as it came.
pub(crate) type Event = serde_json::Value;
