//! What must exist at the provider before anybody can pay.

use super::{IdempotencyKey, PaymentFailure};
use async_trait::async_trait;
use herald_kernel::Money;
use herald_subscription::{Interval, PriceRef};
use secrecy::SecretString;
use std::fmt;
use url::Url;

/// Compares what is wanted with what is there, and makes what is missing.
///
/// Nothing is ever deleted, and an existing price is never changed: a price that differs is told,
/// and a person decides on a new version of it.
#[async_trait]
pub trait PaymentCatalogue: Send + Sync {
    /// What differs. Changes nothing.
    async fn plan(&self, wanted: &Setup) -> Result<Vec<Difference>, PaymentFailure>;

    /// Makes what is missing and mends what can be mended. Safe to repeat.
    async fn apply(
        &self,
        key: &IdempotencyKey,
        wanted: &Setup,
    ) -> Result<SetupDone, PaymentFailure>;

    /// A price as the provider has it.
    async fn price(&self, price: &PriceRef) -> Result<Option<PriceSeen>, PaymentFailure>;
}

/// What is wanted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Setup {
    /// Tiers and packs.
    pub products: Vec<WantedProduct>,
    /// Meters.
    pub meters: Vec<WantedMeter>,
    /// The customers' own page.
    pub portal: Option<WantedPortal>,
    /// Where events are sent.
    pub webhook: Option<WantedWebhook>,
}

/// A tier, or a pack of credits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WantedProduct {
    /// Our stable name for it, such as `herald_starter`: also its name at the provider.
    pub id: String,
    /// What the payer reads.
    pub name: String,
    /// What it costs.
    pub prices: Vec<WantedPrice>,
}

/// What something costs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WantedPrice {
    /// Its lookup key, such as `herald_starter_monthly_v1`.
    pub price: PriceRef,
    /// How much, without tax.
    pub amount: Money,
    /// How often; `None` for once.
    pub interval: Option<Interval>,
}

/// A meter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WantedMeter {
    /// The name that reports carry.
    pub event: String,
    /// What people read.
    pub name: String,
}

/// The customers' own page. Cards, addresses and bills can be seen and changed there; a
/// subscription can be ended with its period, and nothing else about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WantedPortal {
    /// Where the way back leads when a visit says nothing else.
    pub return_to: Url,
    /// Where the privacy policy is.
    pub privacy_policy: Option<Url>,
    /// Where the terms are.
    pub terms: Option<Url>,
}

/// Where events are sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WantedWebhook {
    /// Our address, such as `https://herald.example.org/webhooks/stripe`.
    pub url: Url,
    /// Which kinds; empty for those that Herald reads.
    pub events: Vec<String>,
}

/// Something that is not as wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Difference {
    /// It does not exist; `apply` makes it.
    Missing {
        /// Such as `price`.
        thing: &'static str,
        /// Which.
        name: String,
    },
    /// It exists and differs.
    Differs {
        /// Such as `price`.
        thing: &'static str,
        /// Which.
        name: String,
        /// In what.
        field: &'static str,
        /// What is wanted.
        wanted: String,
        /// What is there.
        found: String,
        /// Whether `apply` mends it; otherwise a person must.
        mendable: bool,
    },
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { thing, name } => write!(f, "{thing} {name} is missing"),
            Self::Differs { thing, name, field, wanted, found, mendable } => {
                write!(f, "{thing} {name}: {field} is {found}, wanted {wanted}")?;
                if *mendable { Ok(()) } else { f.write_str(" (a person must decide)") }
            }
        }
    }
}

/// What was done.
#[derive(Debug, Clone, Default)]
pub struct SetupDone {
    /// What differed before.
    pub differences: Vec<Difference>,
    /// The secret of a webhook endpoint that was made: shown once, to be put into the settings.
    pub webhook_secret: Option<SecretString>,
    /// The portal that visits are to use.
    pub portal: Option<String>,
}

/// A price as the provider has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PriceSeen {
    /// The name that it goes by here: its lookup key, or else the provider's id.
    pub price: PriceRef,
    /// Can it be bought?
    pub active: bool,
    /// How much; `None` for tiers of amounts.
    pub amount: Option<Money>,
    /// How often; `None` for once, or for an interval that we do not sell.
    pub interval: Option<Interval>,
}
