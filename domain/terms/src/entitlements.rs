//! What one version of a tier includes.

use crate::{Feature, Features, Quota};
use serde::{Deserialize, Serialize};
use std::{borrow::Cow, fmt, time::Duration};

/// The name of a tier, as the catalogue spells it.
///
/// Not an enum: operators add tiers by editing the catalogue, not by building a new binary.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Tier(Cow<'static, str>);

impl Tier {
    /// An installation that bills nobody.
    pub const EMBEDDED: Self = Self(Cow::Borrowed("embedded"));
    /// The tier that costs nothing.
    pub const FREE: Self = Self(Cow::Borrowed("free"));
    /// The first paid tier.
    pub const STARTER: Self = Self(Cow::Borrowed("starter"));
    /// The tier for teams.
    pub const PROFESSIONAL: Self = Self(Cow::Borrowed("professional"));
    /// The tier whose price and contract an operator agrees on.
    pub const ENTERPRISE: Self = Self(Cow::Borrowed("enterprise"));

    /// A tier of the catalogue.
    #[must_use]
    pub fn named(name: impl Into<String>) -> Self {
        Self(Cow::Owned(name.into()))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Tier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Which class of language models an account's texts may be written with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ModelClass {
    /// The cheaper models.
    Standard,
    /// Every model, the best ones included.
    Premium,
}

/// How often the figures of published posts are fetched.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum MetricCadence {
    /// Once a day.
    #[default]
    Daily,
    /// Once an hour.
    Hourly,
}

impl MetricCadence {
    /// The time from one reading to the next.
    #[must_use]
    pub const fn interval(self) -> Duration {
        match self {
            Self::Daily => Duration::from_secs(24 * 3_600),
            Self::Hourly => Duration::from_secs(3_600),
        }
    }
}

/// What an account may use, computed from the tier version that it is pinned to.
///
/// A value: commands take it as an argument and decide by it; nobody looks it up in between.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entitlements {
    /// The tier.
    pub tier: Tier,
    /// The version of the tier: a change of price or content is a new one.
    pub tier_version: u32,
    /// Posts scheduled or published in a month; several targets of one post count once.
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
    /// Calls of the API within a minute, over all keys. Protection, not billing.
    #[serde(default = "unlimited")]
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

/// What was stored before bursts were limited stays unlimited.
const fn unlimited() -> Quota {
    Quota::Unlimited
}

impl Entitlements {
    /// A self-hosted installation without billing: nothing is limited.
    #[must_use]
    pub const fn embedded() -> Self {
        Self {
            tier: Tier::EMBEDDED,
            tier_version: 1,
            posts_per_month: Quota::Unlimited,
            networks: Quota::Unlimited,
            connections: Quota::Unlimited,
            seats: Quota::Unlimited,
            api_keys: Quota::Unlimited,
            api_calls_per_month: Quota::Unlimited,
            ai_model_class: ModelClass::Premium,
            ai_credits_per_month: Quota::Unlimited,
            burst_per_minute: Quota::Unlimited,
            metric_cadence: MetricCadence::Hourly,
            features: Features::ALL,
            trial_excluded: Features::NONE,
        }
    }

    /// The free tier of the default catalogue.
    #[must_use]
    pub const fn free() -> Self {
        Self {
            tier: Tier::FREE,
            tier_version: 1,
            posts_per_month: Quota::Limited(10),
            networks: Quota::Limited(1),
            connections: Quota::Limited(1),
            seats: Quota::Limited(1),
            api_keys: Quota::Limited(1),
            api_calls_per_month: Quota::Limited(100),
            ai_model_class: ModelClass::Standard,
            ai_credits_per_month: Quota::Limited(20),
            burst_per_minute: Quota::Limited(10),
            metric_cadence: MetricCadence::Daily,
            features: Features::NONE,
            trial_excluded: Features::NONE,
        }
    }

    /// The starter tier of the default catalogue.
    #[must_use]
    pub const fn starter() -> Self {
        Self {
            tier: Tier::STARTER,
            tier_version: 1,
            posts_per_month: Quota::Unlimited,
            networks: Quota::Limited(3),
            connections: Quota::Limited(10),
            seats: Quota::Limited(1),
            api_keys: Quota::Limited(3),
            api_calls_per_month: Quota::Limited(10_000),
            ai_model_class: ModelClass::Standard,
            ai_credits_per_month: Quota::Limited(200),
            burst_per_minute: Quota::Limited(60),
            metric_cadence: MetricCadence::Daily,
            features: STARTER_FEATURES,
            trial_excluded: Features::NONE.with(Feature::AiPictures),
        }
    }

    /// The professional tier of the default catalogue: the one with teams.
    #[must_use]
    pub const fn professional() -> Self {
        Self {
            tier: Tier::PROFESSIONAL,
            tier_version: 1,
            posts_per_month: Quota::Unlimited,
            networks: Quota::Unlimited,
            connections: Quota::Unlimited,
            seats: Quota::Limited(25),
            api_keys: Quota::Limited(25),
            api_calls_per_month: Quota::Limited(100_000),
            ai_model_class: ModelClass::Premium,
            ai_credits_per_month: Quota::Limited(2_000),
            burst_per_minute: Quota::Limited(300),
            metric_cadence: MetricCadence::Hourly,
            features: PROFESSIONAL_FEATURES,
            trial_excluded: Features::NONE.with(Feature::AiVideo),
        }
    }

    /// The enterprise tier of the default catalogue.
    #[must_use]
    pub const fn enterprise() -> Self {
        Self {
            tier: Tier::ENTERPRISE,
            tier_version: 1,
            posts_per_month: Quota::Unlimited,
            networks: Quota::Unlimited,
            connections: Quota::Unlimited,
            seats: Quota::Unlimited,
            api_keys: Quota::Unlimited,
            api_calls_per_month: Quota::Unlimited,
            ai_model_class: ModelClass::Premium,
            ai_credits_per_month: Quota::Unlimited,
            burst_per_minute: Quota::Limited(1_000),
            metric_cadence: MetricCadence::Hourly,
            features: Features::ALL,
            trial_excluded: Features::NONE,
        }
    }

    /// What is left of it in a trial: all but what costs too much to be tried.
    #[must_use]
    pub fn in_trial(&self) -> Self {
        Self { features: self.features.minus(self.trial_excluded), ..self.clone() }
    }
}

const STARTER_FEATURES: Features = Features::NONE
    .with(Feature::Analytics)
    .with(Feature::AiPictures)
    .with(Feature::PrioritySupport);

const PROFESSIONAL_FEATURES: Features = STARTER_FEATURES
    .with(Feature::Teams)
    .with(Feature::OutgoingWebhooks)
    .with(Feature::AiVideo)
    .with(Feature::DedicatedSupport);

impl Default for Entitlements {
    fn default() -> Self {
        Self::embedded()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_installation_without_billing_limits_nothing() {
        let embedded = Entitlements::default();
        for quota in [
            embedded.posts_per_month,
            embedded.networks,
            embedded.connections,
            embedded.seats,
            embedded.api_keys,
            embedded.api_calls_per_month,
            embedded.ai_credits_per_month,
        ] {
            assert_eq!(quota, Quota::Unlimited);
        }
        assert_eq!(embedded.ai_model_class, ModelClass::Premium);
    }

    #[test]
    fn the_default_catalogue_holds_what_the_price_list_promises() {
        let promised =
            |tier: &Entitlements| (tier.posts_per_month, tier.networks, tier.api_calls_per_month);
        let free = (Quota::Limited(10), Quota::Limited(1), Quota::Limited(100));
        let starter = (Quota::Unlimited, Quota::Limited(3), Quota::Limited(10_000));
        let professional = (Quota::Unlimited, Quota::Unlimited, Quota::Limited(100_000));
        assert_eq!(promised(&Entitlements::free()), free);
        assert_eq!(promised(&Entitlements::starter()), starter);
        assert_eq!(promised(&Entitlements::professional()), professional);
    }

    #[test]
    fn teams_begin_with_the_professional_tier() {
        assert!(!Entitlements::starter().seats.allows(1));
        assert!(Entitlements::professional().seats.allows(1));
    }

    #[test]
    fn a_trial_holds_back_what_costs_too_much_to_be_tried() {
        let trial = Entitlements::professional().in_trial();
        assert!(!trial.features.has(Feature::AiVideo) && trial.features.has(Feature::Teams));
        assert!(Entitlements::professional().features.has(Feature::AiVideo));
        assert_eq!(trial.seats, Entitlements::professional().seats);
    }

    #[test]
    fn entitlements_stored_before_bursts_were_limited_stay_unlimited() {
        let mut stored = serde_json::to_value(Entitlements::free()).expect("serialises");
        let fields = stored.as_object_mut().expect("an object");
        for later in ["burst_per_minute", "metric_cadence", "features", "trial_excluded"] {
            fields.remove(later);
        }
        let read: Entitlements = serde_json::from_value(stored).expect("reads");
        let expected = Entitlements { burst_per_minute: Quota::Unlimited, ..Entitlements::free() };
        assert_eq!(read, expected);
    }

    #[test]
    fn entitlements_read_back_as_they_were_written() {
        for tier in [Entitlements::free(), Entitlements::starter(), Entitlements::professional()] {
            let json = serde_json::to_string(&tier).expect("serialises");
            assert_eq!(serde_json::from_str::<Entitlements>(&json).expect("reads back"), tier);
        }
        assert_eq!(Tier::named("free"), Tier::FREE);
        assert_eq!(Tier::STARTER.to_string(), Tier::STARTER.as_str());
    }
}
