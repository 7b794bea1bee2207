//! One proposed post of a plan.

use herald_kernel::{ConnectionId, LocalTime, Personal, PlanItemId, PostId, Text};
use serde::{Deserialize, Serialize};

/// The most characters in one item, all its parts together: what an event can hold.
pub const MAX_ITEM_CHARS: usize = 25_000;

/// What would be posted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemContent {
    /// The post.
    pub text: Text<25_000>,
    /// What follows it as a thread.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub segments: Vec<Text<25_000>>,
    /// What follows it as the first comment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_comment: Option<Text<25_000>>,
}

impl ItemContent {
    /// The most segments after the post itself.
    pub const MAX_SEGMENTS: usize = 24;

    /// All characters of all parts.
    #[must_use]
    pub fn chars(&self) -> usize {
        let count = |text: &Text<25_000>| text.as_str().chars().count();
        count(&self.text)
            + self.segments.iter().map(count).sum::<usize>()
            + self.first_comment.as_ref().map_or(0, count)
    }
}

/// An item as a run proposes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProposedItem {
    /// Its id.
    pub item: PlanItemId,
    /// The connection that would post it.
    pub connection: ConnectionId,
    /// When, by the clocks of the plan's zone.
    pub local: LocalTime,
    /// What.
    pub content: ItemContent,
    /// Why.
    pub rationale: Option<Text<2000>>,
}

/// An item as events keep it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedItem {
    /// Its id.
    pub item: PlanItemId,
    /// The connection that would post it.
    pub connection: ConnectionId,
    /// When, by the clocks of the plan's zone.
    pub local: LocalTime,
    /// What.
    pub content: Personal<ItemContent>,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rationale: Option<Personal<Text<2000>>>,
}

impl From<ProposedItem> for PlannedItem {
    fn from(proposed: ProposedItem) -> Self {
        let ProposedItem { item, connection, local, content, rationale } = proposed;
        let (content, rationale) = (content.into(), rationale.map(Personal::from));
        Self { item, connection, local, content, rationale }
    }
}

/// An item as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// What is planned.
    pub planned: PlannedItem,
    /// How far it got.
    pub state: ItemState,
}

/// How far an item got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ItemState {
    /// As the model proposed it.
    Proposed,
    /// Changed by a person since it was last accepted, if ever.
    Edited,
    /// To become a post.
    Accepted,
    /// Not to become a post.
    Rejected,
    /// It is a post.
    Materialized(PostId),
}

impl ItemState {
    /// The stored name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::Edited => "edited",
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
            Self::Materialized(_) => "materialized",
        }
    }
}
