//! The values that commands and events about a subscription share.

use crate::{CheckoutRef, Interval, Overage, PriceRef, SubscriptionRef, TaxRateRef, TierKey};
use herald_kernel::{
    ApiKeyId, CommandId, ConnectionId, Currency, Instant, MemberId, Personal, Text,
};
use herald_terms::{Entitlements, Quota, Tier};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeSet, time::Duration};

/// Why an operator did something.
pub type Reason = Text<500>;

/// An address at the payment provider that lets in whoever knows it.
pub type Url = Text<2000>;

/// What is to be bought.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Buys {
    /// The newest version of a tier.
    Tier {
        /// Which.
        tier: Tier,
        /// Paid how often.
        interval: Interval,
        /// In which currency.
        currency: Currency,
    },
    /// A pack of credits.
    Pack {
        /// Which.
        name: String,
        /// In which currency.
        currency: Currency,
    },
}

/// A page on which somebody pays, intended or open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkout {
    /// The command that asked for it; also the key under which the provider repeats nothing.
    pub id: CommandId,
    /// What is bought.
    pub buys: Buys,
    /// At which price.
    pub price: PriceRef,
    /// What is put on the bill as tax, where the provider does not work it out.
    #[serde(default)]
    pub tax_rates: Vec<TaxRateRef>,
    /// Where it is, once it is open.
    pub session: Option<CheckoutRef>,
    /// The page.
    pub url: Option<Personal<Url>>,
    /// From when on it is void.
    pub expires_at: Option<Instant>,
    /// When it was intended.
    #[serde(default)]
    pub intended_at: Option<Instant>,
}

impl Checkout {
    /// So long the provider may take to open a page. After that somebody else may ask for one.
    const OPENED_WITHIN: Duration = Duration::from_secs(10 * 60);

    /// Can somebody pay on it at `now`, or will they soon?
    #[must_use]
    pub fn is_open(&self, now: Instant) -> bool {
        let until = self.intended_at.map(|at| at.plus(Self::OPENED_WITHIN));
        match self.session {
            Some(_) => self.expires_at.is_none_or(|at| now < at),
            None => until.is_some_and(|until| now < until),
        }
    }
}

/// How the opening of a checkout ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CheckoutOutcome {
    /// The page is there.
    Opened {
        /// Its name.
        session: CheckoutRef,
        /// Its address.
        url: Url,
        /// From when on it is void.
        expires_at: Instant,
    },
    /// The provider refused.
    Failed {
        /// The provider's code.
        code: String,
    },
}

/// How the opening of the provider's own pages ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PortalOutcome {
    /// They are open.
    Opened {
        /// Their address.
        url: Url,
    },
    /// The provider refused.
    Failed {
        /// The provider's code.
        code: String,
    },
}

/// How the provider answered to a change, a cancellation or a resumption.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recorded {
    /// It will do so; the next snapshot shows it.
    Accepted,
    /// It refused.
    Rejected {
        /// The provider's code.
        code: String,
    },
}

/// When a subscription is to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CancelAt {
    /// With what is paid for.
    PeriodEnd,
    /// At once.
    Now,
}

/// How far a contested payment is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DisputeStage {
    /// The bank asks.
    Opened,
    /// The money stays.
    Won,
    /// The money is gone.
    Lost,
}

/// What only an operator can answer.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "about", rename_all = "snake_case")]
pub enum Question {
    /// Which tier does this price buy? Until the catalogue says so, the last entitlements stay.
    UnknownPrice {
        /// Which.
        price: PriceRef,
    },
    /// Why is a subscription alive again that had ended?
    SubscriptionCameBack {
        /// Which.
        subscription: SubscriptionRef,
    },
}

/// Why a trial was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TrialRefusalReason {
    /// The account had its trial.
    Account,
    /// The card was used for another account's trial.
    Card,
}

/// A change to another tier or interval.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanChange {
    /// The command that asked for it.
    pub id: CommandId,
    /// To what.
    pub to: TierKey,
    /// At which price.
    pub price: PriceRef,
    /// What it includes.
    pub entitlements: Entitlements,
    /// When; `None` once it was handed to the provider.
    pub effective_at: Option<Instant>,
    /// Did the provider take it?
    #[serde(default)]
    pub accepted: bool,
    /// Was it seen to wait for its payment at the provider?
    #[serde(default)]
    pub awaited_payment: bool,
}

impl PlanChange {
    /// How long before its time a lower tier is handed to the provider: once the period is over,
    /// the bill for the next one is written at the old price.
    pub const HANDED_OVER_BEFORE: Duration = Duration::from_secs(3600);
}

/// An operator's gift: a tier version until a date, or for ever.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// What it includes.
    pub entitlements: Entitlements,
    /// What happens beyond a quota.
    pub overage: Overage,
    /// Until when.
    pub until: Option<Instant>,
}

/// How much of what is limited by number an account uses.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct InUse {
    /// Networks with a live connection.
    pub networks: u32,
    /// Live connections.
    pub connections: u32,
    /// Members and open invitations.
    pub seats: u32,
    /// Usable API keys.
    pub api_keys: u32,
}

/// How much of it a lower tier leaves without a place: paused, never deleted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Impact {
    /// Networks too many.
    pub networks: u32,
    /// Connections too many.
    pub connections: u32,
    /// Members and invitations too many.
    pub seats: u32,
    /// API keys too many.
    pub api_keys: u32,
}

impl Impact {
    /// What `used` has beyond what `tier` includes.
    #[must_use]
    pub fn of(used: InUse, tier: &Entitlements) -> Self {
        let over = |used: u32, quota: Quota| used.saturating_sub(quota.limit().unwrap_or(u32::MAX));
        Self {
            networks: over(used.networks, tier.networks),
            connections: over(used.connections, tier.connections),
            seats: over(used.seats, tier.seats),
            api_keys: over(used.api_keys, tier.api_keys),
        }
    }

    /// Does everything keep its place?
    #[must_use]
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }
}

/// What keeps its place when there are too many.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Keepers {
    /// Which connections.
    #[serde(default)]
    pub connections: BTreeSet<ConnectionId>,
    /// Which members.
    #[serde(default)]
    pub members: BTreeSet<MemberId>,
    /// Which API keys.
    #[serde(default)]
    pub api_keys: BTreeSet<ApiKeyId>,
}
