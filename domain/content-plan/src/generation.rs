//! What a generation run is asked for, and what it came to.

use herald_kernel::{NanoUsd, Text};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use std::{fmt, str::FromStr};

/// What a call of a model is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// The strategy: few calls, the better model.
    Strategy,
    /// The posts: many calls, the cheaper model.
    Posts,
}

/// How a model is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// For what.
    pub purpose: Purpose,
    /// The model's name.
    pub model: Text<200>,
    /// The most tokens to write.
    pub max_tokens: u32,
    /// How freely it writes.
    pub temperature: Temperature,
}

/// A model's temperature in hundredths, 0 to 2; written as a decimal, such as `0.70`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Temperature(u32);

/// A temperature that no model takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a temperature is a decimal between 0 and 2 with at most two digits after the point")]
pub struct InvalidTemperature;

impl Temperature {
    /// From hundredths: 70 is 0.7.
    pub const fn from_hundredths(hundredths: u32) -> Result<Self, InvalidTemperature> {
        if hundredths <= 200 { Ok(Self(hundredths)) } else { Err(InvalidTemperature) }
    }

    /// In hundredths.
    #[must_use]
    pub const fn hundredths(self) -> u32 {
        self.0
    }
}

impl FromStr for Temperature {
    type Err = InvalidTemperature;

    fn from_str(text: &str) -> Result<Self, InvalidTemperature> {
        let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
        let digits = |text: &str| text.len() <= 2 && text.bytes().all(|b| b.is_ascii_digit());
        if !digits(whole) || !digits(part) {
            return Err(InvalidTemperature);
        }
        let whole: u32 = whole.parse().map_err(|_| InvalidTemperature)?;
        let part: u32 = format!("{part:0<2}").parse().map_err(|_| InvalidTemperature)?;
        Self::from_hundredths(whole * 100 + part)
    }
}
impl fmt::Display for Temperature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:02}", self.0 / 100, self.0 % 100)
    }
}
impl Serialize for Temperature {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
impl<'de> Deserialize<'de> for Temperature {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(D::Error::custom)
    }
}

/// What a successful run took, over all of its calls.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// The model that answered last.
    pub model: Text<200>,
    /// Tokens read.
    pub prompt_tokens: u32,
    /// Tokens written.
    pub completion_tokens: u32,
    /// What it cost.
    pub cost: NanoUsd,
    /// Why the model stopped, in the provider's word.
    pub finish_reason: Text<64>,
    /// Where the content store keeps what the model wrote.
    pub output_ref: Text<200>,
    /// Whether the output follows the schema.
    pub schema_valid: bool,
    /// How often it had to be repaired before it did.
    pub repairs: u8,
}

/// What one answer took.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Usage {
    /// Tokens read.
    pub prompt_tokens: u32,
    /// Tokens written.
    pub completion_tokens: u32,
    /// What it cost.
    pub cost: NanoUsd,
}

/// Why a run came to nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureKind {
    /// The provider's rules forbid the content.
    Safety,
    /// The output did not follow the schema, repairs included.
    Schema,
    /// Credits or the provider's quota are used up.
    Quota,
    /// Nobody answered in time.
    Timeout,
    /// The provider failed or is not configured.
    Provider,
}

impl FailureKind {
    /// The stored name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Safety => "safety",
            Self::Schema => "schema",
            Self::Quota => "quota",
            Self::Timeout => "timeout",
            Self::Provider => "provider",
        }
    }
}

/// The thought behind the posts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Strategy {
    /// In a few paragraphs.
    pub summary: Text<8000>,
    /// The themes that the posts return to; at most 20.
    #[serde(default)]
    pub pillars: Vec<Pillar>,
}

impl Strategy {
    /// The most themes.
    pub const MAX_PILLARS: usize = 20;
}

/// One theme of a strategy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pillar {
    /// What it is called.
    pub name: Text<200>,
    /// What it is about.
    pub description: Text<1000>,
}
