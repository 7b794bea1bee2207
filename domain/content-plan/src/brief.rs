//! What a plan is to achieve, in the customer's words.

use herald_kernel::{ConnectionId, Network, Text};
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};

/// The customer's wishes. Data for the writer, never instructions to us.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Brief {
    /// What the posts are to achieve.
    pub goal: Text<2000>,
    /// Whom they are for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audience: Option<Text<1000>>,
    /// What they are about.
    #[serde(default)]
    pub topics: Vec<Text<200>>,
    /// How they sound.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tone: Option<Text<500>>,
    /// In which language, such as `en`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Text<35>>,
    /// What the posts are to do.
    #[serde(default, rename = "do")]
    pub dos: Vec<Text<500>>,
    /// What the posts must not do.
    #[serde(default, rename = "dont")]
    pub donts: Vec<Text<500>>,
    /// What else matters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notes: Option<Text<4000>>,
}

impl Brief {
    /// The most entries in any of the lists.
    pub const MAX_ENTRIES: usize = 30;

    /// The field of a list with more entries than allowed.
    #[must_use]
    pub fn overlong(&self) -> Option<&'static str> {
        [
            ("brief.topics", self.topics.len()),
            ("brief.do", self.dos.len()),
            ("brief.dont", self.donts.len()),
        ]
        .into_iter()
        .find_map(|(field, entries)| (entries > Self::MAX_ENTRIES).then_some(field))
    }
}

/// A social connection that the plan writes for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanConnection {
    /// Which one.
    pub connection: ConnectionId,
    /// Its network.
    pub network: Network,
}

/// How many posts a week each connection gets: 1 to 21.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct PostsPerWeek(u8);

/// A number of posts a week that nobody should send.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the posts per week must be between 1 and 21")]
pub struct PostsPerWeekOutOfRange;

impl PostsPerWeek {
    /// The number.
    #[must_use]
    pub const fn get(self) -> u8 {
        self.0
    }
}

impl TryFrom<u32> for PostsPerWeek {
    type Error = PostsPerWeekOutOfRange;

    fn try_from(posts: u32) -> Result<Self, PostsPerWeekOutOfRange> {
        match u8::try_from(posts) {
            Ok(posts @ 1..=21) => Ok(Self(posts)),
            Ok(_) | Err(_) => Err(PostsPerWeekOutOfRange),
        }
    }
}
impl<'de> Deserialize<'de> for PostsPerWeek {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        u32::deserialize(deserializer)?.try_into().map_err(D::Error::custom)
    }
}
