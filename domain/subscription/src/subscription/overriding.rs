//! One entitlement that an operator set otherwise than the tier does.

use super::Reason;
use herald_kernel::Instant;
use herald_terms::{Entitlements, Feature, MetricCadence, ModelClass, Quota};
use serde::{Deserialize, Serialize};

/// One entitlement and its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "name", content = "value", rename_all = "snake_case")]
pub enum Entitlement {
    /// Posts in a month.
    PostsPerMonth(Quota),
    /// Networks.
    Networks(Quota),
    /// Connections.
    Connections(Quota),
    /// Members and open invitations.
    Seats(Quota),
    /// API keys.
    ApiKeys(Quota),
    /// Calls of the API in a month.
    ApiCallsPerMonth(Quota),
    /// Credits for generated texts in a month.
    AiCreditsPerMonth(Quota),
    /// Calls of the API within a minute.
    BurstPerMinute(Quota),
    /// The class of language models.
    AiModelClass(ModelClass),
    /// How often figures are fetched.
    MetricCadence(MetricCadence),
    /// A feature that the tier has not.
    With(Feature),
    /// A feature that the tier has.
    Without(Feature),
}

/// What names no entitlement, or is no value of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "give posts_per_month, networks, connections, seats, api_keys, api_calls_per_month, \
     ai_credits_per_month or burst_per_minute a number or `unlimited`; ai_model_class `standard` \
     or `premium`; metric_cadence `daily` or `hourly`; a feature such as teams `on` or `off`"
)]
pub struct InvalidEntitlement;

impl Entitlement {
    /// The entitlement of this name with this value, as people write them.
    pub fn named(name: &str, value: &str) -> Result<Self, InvalidEntitlement> {
        let quota = || match value {
            "unlimited" => Ok(Quota::Unlimited),
            number => number.parse().map(Quota::Limited).map_err(|_| InvalidEntitlement),
        };
        match (name, value) {
            ("posts_per_month", _) => quota().map(Self::PostsPerMonth),
            ("networks", _) => quota().map(Self::Networks),
            ("connections", _) => quota().map(Self::Connections),
            ("seats", _) => quota().map(Self::Seats),
            ("api_keys", _) => quota().map(Self::ApiKeys),
            ("api_calls_per_month", _) => quota().map(Self::ApiCallsPerMonth),
            ("ai_credits_per_month", _) => quota().map(Self::AiCreditsPerMonth),
            ("burst_per_minute", _) => quota().map(Self::BurstPerMinute),
            ("ai_model_class", "standard") => Ok(Self::AiModelClass(ModelClass::Standard)),
            ("ai_model_class", "premium") => Ok(Self::AiModelClass(ModelClass::Premium)),
            ("metric_cadence", "daily") => Ok(Self::MetricCadence(MetricCadence::Daily)),
            ("metric_cadence", "hourly") => Ok(Self::MetricCadence(MetricCadence::Hourly)),
            (feature, "on") => Self::feature(feature).map(Self::With),
            (feature, "off") => Self::feature(feature).map(Self::Without),
            _ => Err(InvalidEntitlement),
        }
    }

    /// The entitlement of this name, whatever its value: for lifting it.
    pub fn about(name: &str) -> Result<Self, InvalidEntitlement> {
        ["unlimited", "standard", "daily", "on"]
            .into_iter()
            .find_map(|value| Self::named(name, value).ok())
            .ok_or(InvalidEntitlement)
    }

    fn feature(name: &str) -> Result<Feature, InvalidEntitlement> {
        Feature::ALL.into_iter().find(|it| it.as_str() == name).ok_or(InvalidEntitlement)
    }

    /// Do both speak of the same thing?
    #[must_use]
    pub fn is_about_the_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::With(a) | Self::Without(a), Self::With(b) | Self::Without(b)) => a == b,
            (Self::With(_) | Self::Without(_), _) | (_, Self::With(_) | Self::Without(_)) => false,
            (a, b) => std::mem::discriminant(a) == std::mem::discriminant(b),
        }
    }

    pub(super) const fn apply(self, to: &mut Entitlements) {
        match self {
            Self::PostsPerMonth(quota) => to.posts_per_month = quota,
            Self::Networks(quota) => to.networks = quota,
            Self::Connections(quota) => to.connections = quota,
            Self::Seats(quota) => to.seats = quota,
            Self::ApiKeys(quota) => to.api_keys = quota,
            Self::ApiCallsPerMonth(quota) => to.api_calls_per_month = quota,
            Self::AiCreditsPerMonth(quota) => to.ai_credits_per_month = quota,
            Self::BurstPerMinute(quota) => to.burst_per_minute = quota,
            Self::AiModelClass(class) => to.ai_model_class = class,
            Self::MetricCadence(cadence) => to.metric_cadence = cadence,
            Self::With(feature) => to.features = to.features.with(feature),
            Self::Without(feature) => to.features = to.features.without(feature),
        }
    }
}

/// One entitlement, set by an operator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Override {
    /// Which, and what it is.
    pub entitlement: Entitlement,
    /// Until when; without one, until it is lifted.
    pub until: Option<Instant>,
    /// Why.
    pub reason: Reason,
}
