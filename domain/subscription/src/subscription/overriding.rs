//! One entitlement that an operator set otherwise than the tier does.

use super::Reason;
use crate::{Entitlements, Feature, MetricCadence, ModelClass, Quota};
use herald_kernel::Instant;
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

impl Entitlement {
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
