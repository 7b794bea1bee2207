//! The entries of the catalogue.

use crate::{Interval, PriceRef};
use herald_kernel::Money;
use herald_terms::{Entitlements, Features, MetricCadence, ModelClass, Quota, Tier};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Which version of which tier.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TierKey {
    /// The tier.
    pub tier: Tier,
    /// Its version, from 1.
    pub version: u32,
}

impl fmt::Display for TierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} v{}", self.tier, self.version)
    }
}

/// What a tier costs, in one currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Price {
    /// The catalogue's name of it, which the provider may know as a lookup key.
    pub price: PriceRef,
    /// How much, without tax.
    pub amount: Money,
    /// How often.
    pub interval: Interval,
}

/// What happens to use beyond a monthly quota.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Overage {
    /// It is refused.
    #[default]
    Block,
    /// It is allowed, and billed by the meter.
    Meter,
}

/// What a tier version includes: [`Entitlements`] without the name of the tier.
///
/// Two types and not one within the other, because they are read differently: the operator's file
/// must give every number and nothing misspelt, while entitlements in the log may lack what was not
/// yet limited when they were stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Posts scheduled or published in a month.
    pub posts_per_month: Quota,
    /// Networks with at least one live connection.
    pub networks: Quota,
    /// Live connections over all networks.
    pub connections: Quota,
    /// Members and open invitations.
    pub seats: Quota,
    /// API keys that can be used.
    pub api_keys: Quota,
    /// Calls of the API with a key in a month.
    pub api_calls_per_month: Quota,
    /// The class of language models.
    pub ai_model_class: ModelClass,
    /// Credits for generated texts in a month.
    pub ai_credits_per_month: Quota,
    /// Calls of the API within a minute.
    pub burst_per_minute: Quota,
    /// How often the figures of published posts are fetched.
    #[serde(default)]
    pub metric_cadence: MetricCadence,
    /// What the tier has beside its numbers.
    #[serde(default)]
    pub features: Features,
    /// Which of them begin with the first payment and not with the trial.
    #[serde(default)]
    pub trial_excluded: Features,
}

impl From<Entitlements> for Limits {
    fn from(it: Entitlements) -> Self {
        Self {
            posts_per_month: it.posts_per_month,
            networks: it.networks,
            connections: it.connections,
            seats: it.seats,
            api_keys: it.api_keys,
            api_calls_per_month: it.api_calls_per_month,
            ai_model_class: it.ai_model_class,
            ai_credits_per_month: it.ai_credits_per_month,
            burst_per_minute: it.burst_per_minute,
            metric_cadence: it.metric_cadence,
            features: it.features,
            trial_excluded: it.trial_excluded,
        }
    }
}

/// One version of a tier: what it costs and what it includes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TierVersion {
    /// Which.
    #[serde(flatten)]
    pub key: TierKey,
    /// What people call it.
    pub name: String,
    /// What it costs. None: nobody can buy it, an operator gives it.
    #[serde(default)]
    pub prices: Vec<Price>,
    /// How long it can be tried; 0 for not at all.
    #[serde(default)]
    pub trial_days: u16,
    /// How long after a failed payment everything still works.
    #[serde(default = "a_week")]
    pub grace_days: u16,
    /// What happens to use beyond a monthly quota.
    #[serde(default)]
    pub overage: Overage,
    /// What it includes.
    pub limits: Limits,
}

const fn a_week() -> u16 {
    7
}

impl TierVersion {
    /// What it includes, as commands take it.
    #[must_use]
    pub fn entitlements(&self) -> Entitlements {
        let it = &self.limits;
        Entitlements {
            tier: self.key.tier.clone(),
            tier_version: self.key.version,
            posts_per_month: it.posts_per_month,
            networks: it.networks,
            connections: it.connections,
            seats: it.seats,
            api_keys: it.api_keys,
            api_calls_per_month: it.api_calls_per_month,
            ai_model_class: it.ai_model_class,
            ai_credits_per_month: it.ai_credits_per_month,
            burst_per_minute: it.burst_per_minute,
            metric_cadence: it.metric_cadence,
            features: it.features,
            trial_excluded: it.trial_excluded,
        }
    }
}

/// What a credit can be spent on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CreditKind {
    /// Calls of the API.
    ApiCalls,
    /// Generated texts and pictures.
    AiCredits,
}

impl CreditKind {
    /// The stored name, which is also the name of the counter that it adds to.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ApiCalls => "api_calls",
            Self::AiCredits => "ai_credits",
        }
    }
}

/// What a pack costs, in one currency, once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PackPrice {
    /// The catalogue's name of it.
    pub price: PriceRef,
    /// How much, without tax.
    pub amount: Money,
}

/// Credits to buy beside what a tier includes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreditPack {
    /// What it is called, for ever.
    pub name: String,
    /// What its credits are for.
    pub kind: CreditKind,
    /// How many there are in it.
    pub credits: u32,
    /// What it costs.
    pub prices: Vec<PackPrice>,
    /// For how many months they can be spent.
    pub months_valid: u32,
}
