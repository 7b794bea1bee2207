//! The networks that an account can connect, and what each must be allowed to let us do.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// A social network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Network {
    /// X, once Twitter.
    X,
}

impl Network {
    /// Every network, in the order in which they are offered.
    pub const ALL: &'static [Self] = &[Self::X];

    /// The stored name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::X => "x",
        }
    }

    /// The scopes without which no post can go out.
    #[must_use]
    pub const fn publishing_scopes(self) -> &'static [&'static str] {
        match self {
            Self::X => &["tweet.read", "tweet.write", "users.read"],
        }
    }

    /// The scope without which a post goes out, but no picture with it.
    #[must_use]
    pub const fn media_scope(self) -> &'static str {
        match self {
            Self::X => "media.write",
        }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A name that no network carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not a network that Herald connects to; `x` is one")]
pub struct InvalidNetwork;

impl FromStr for Network {
    type Err = InvalidNetwork;

    fn from_str(name: &str) -> Result<Self, InvalidNetwork> {
        Self::ALL.iter().copied().find(|known| known.as_str() == name).ok_or(InvalidNetwork)
    }
}
