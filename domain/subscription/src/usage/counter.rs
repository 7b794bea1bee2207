//! What is counted, and what it is broken down by.

use crate::Period;
use herald_kernel::{AccountId, UsageId};
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use std::{collections::BTreeMap, fmt};

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Counter {
    /// Posts that were scheduled or published, each once.
    Posts,
    /// Calls of the API with a key.
    ApiCalls,
    /// Credits for generated texts and pictures.
    AiCredits,
}

impl Counter {
    /// Every counter.
    pub const ALL: [Self; 3] = [Self::Posts, Self::ApiCalls, Self::AiCredits];

    /// The stored name; also the name of the policy that a refusal cites.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Posts => "posts",
            Self::ApiCalls => "api_calls",
            Self::AiCredits => "ai_credits",
        }
    }
}

impl fmt::Display for Counter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The stream in which an account's use of a counter within a period is counted.
#[must_use]
pub fn usage_id(account: AccountId, counter: Counter, period: &Period) -> UsageId {
    UsageId::derived(account.uuid(), &format!("usage/{counter}/{}", period.key()))
}

/// The most parts that a breakdown may have: an event stays small.
pub const BREAKDOWN_AT_MOST: usize = 200;

/// How often each key or operation was used, by name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Breakdown(BTreeMap<String, u64>);

/// A breakdown that an event could not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a breakdown has at most 200 parts with names of 1 to 120 characters")]
pub struct InvalidBreakdown;

impl Breakdown {
    /// The counts, by name.
    #[must_use]
    pub const fn counts(&self) -> &BTreeMap<String, u64> {
        &self.0
    }
}

impl TryFrom<BTreeMap<String, u64>> for Breakdown {
    type Error = InvalidBreakdown;

    fn try_from(counts: BTreeMap<String, u64>) -> Result<Self, InvalidBreakdown> {
        let fits = |name: &String| (1..=120).contains(&name.chars().count());
        let few = counts.len() <= BREAKDOWN_AT_MOST;
        if few && counts.keys().all(fits) { Ok(Self(counts)) } else { Err(InvalidBreakdown) }
    }
}

impl<'de> Deserialize<'de> for Breakdown {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::try_from(BTreeMap::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}
