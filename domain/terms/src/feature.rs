//! What a tier has or has not, as opposed to how much of it.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Something that a tier has or has not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Feature {
    /// Figures about published posts.
    Analytics,
    /// More than one person.
    Teams,
    /// Messages of Herald's to the account's own systems.
    OutgoingWebhooks,
    /// Generated pictures.
    AiPictures,
    /// Generated films.
    AiVideo,
    /// Questions are answered before others'.
    PrioritySupport,
    /// Questions are answered by somebody who knows the account.
    DedicatedSupport,
    /// What is promised is written into a contract.
    ServiceLevel,
}

impl Feature {
    /// Every feature.
    pub const ALL: [Self; 8] = [
        Self::Analytics,
        Self::Teams,
        Self::OutgoingWebhooks,
        Self::AiPictures,
        Self::AiVideo,
        Self::PrioritySupport,
        Self::DedicatedSupport,
        Self::ServiceLevel,
    ];

    /// The stored name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Analytics => "analytics",
            Self::Teams => "teams",
            Self::OutgoingWebhooks => "outgoing_webhooks",
            Self::AiPictures => "ai_pictures",
            Self::AiVideo => "ai_video",
            Self::PrioritySupport => "priority_support",
            Self::DedicatedSupport => "dedicated_support",
            Self::ServiceLevel => "service_level",
        }
    }

    const fn bit(self) -> u16 {
        match self {
            Self::Analytics => 1,
            Self::Teams => 2,
            Self::OutgoingWebhooks => 4,
            Self::AiPictures => 8,
            Self::AiVideo => 16,
            Self::PrioritySupport => 32,
            Self::DedicatedSupport => 64,
            Self::ServiceLevel => 128,
        }
    }
}

impl fmt::Display for Feature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A set of features, stored as the list of their names.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "Vec<Feature>", into = "Vec<Feature>")]
pub struct Features(u16);

impl Features {
    /// No feature.
    pub const NONE: Self = Self(0);
    /// Every feature there is.
    pub const ALL: Self = Self(255);

    /// This set and one more.
    #[must_use]
    pub const fn with(self, feature: Feature) -> Self {
        Self(self.0 | feature.bit())
    }

    /// This set without one.
    #[must_use]
    pub const fn without(self, feature: Feature) -> Self {
        Self(self.0 & !feature.bit())
    }

    /// This set without another's.
    #[must_use]
    pub const fn minus(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Is it in there?
    #[must_use]
    pub const fn has(self, feature: Feature) -> bool {
        self.0 & feature.bit() != 0
    }

    /// Each, in the order of declaration.
    pub fn iter(self) -> impl Iterator<Item = Feature> {
        Feature::ALL.into_iter().filter(move |&feature| self.has(feature))
    }
}

impl From<Vec<Feature>> for Features {
    fn from(features: Vec<Feature>) -> Self {
        features.into_iter().fold(Self::NONE, Self::with)
    }
}
impl From<Features> for Vec<Feature> {
    fn from(features: Features) -> Self {
        features.iter().collect()
    }
}
impl fmt::Debug for Features {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_of_features_is_stored_as_their_names() {
        let set = Features::NONE.with(Feature::Teams).with(Feature::Analytics);
        let json = serde_json::to_value(set).expect("serialises");
        assert_eq!(json, serde_json::json!(["analytics", "teams"]));
        assert_eq!(serde_json::from_value::<Features>(json).expect("reads back"), set);
        assert!(set.has(Feature::Teams) && !set.without(Feature::Teams).has(Feature::Teams));
    }

    #[test]
    fn all_features_are_every_feature_and_are_stored_as_they_are_called() {
        assert_eq!(Features::from(Feature::ALL.to_vec()), Features::ALL);
        assert_eq!(Features::ALL.minus(Features::ALL), Features::NONE);
        for feature in Feature::ALL {
            assert_eq!(serde_json::to_value(feature).expect("serialises"), feature.as_str());
        }
    }
}
