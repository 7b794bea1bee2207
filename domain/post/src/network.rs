//! Where a post goes: the networks, and a target as it is asked for.

use herald_kernel::{ConnectionId, PostId, TargetId};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// A social network that Herald publishes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Network {
    /// X, formerly Twitter.
    X,
}

/// Text that names no network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this names no social network that Herald publishes to")]
pub struct UnknownNetwork;

impl Network {
    /// Every network.
    pub const ALL: &'static [Self] = &[Self::X];

    /// The stored name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::X => "x",
        }
    }

    /// Does the network itself refuse a text that it has just published? Only where this second
    /// wall stands may a step that was looked for and not found go out again without a person.
    #[must_use]
    pub const fn refuses_equal_text(self) -> bool {
        match self {
            Self::X => true,
        }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
impl FromStr for Network {
    type Err = UnknownNetwork;

    fn from_str(name: &str) -> Result<Self, UnknownNetwork> {
        Self::ALL.iter().copied().find(|network| network.name() == name).ok_or(UnknownNetwork)
    }
}

/// A target as it is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewTarget {
    /// Its id, [`target_id`] of the post and the connection.
    pub target: TargetId,
    /// Where it goes.
    pub connection: ConnectionId,
    /// The connection's network.
    pub network: Network,
    /// How long a text this connection may publish, in the network's own unit (X: 280, 4,000 or
    /// 25,000).
    pub text_limit: u32,
}

/// The id of a post's target on a connection: always the same.
#[must_use]
pub fn target_id(post: PostId, connection: ConnectionId) -> TargetId {
    TargetId::derived(post.uuid(), &connection.to_string())
}
