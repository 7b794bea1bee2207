//! The networks that a plan can write for.

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
    /// The stored name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::X => "x",
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
#[error("this is not a network that a plan can write for; `x` is one")]
pub struct InvalidNetwork;

impl FromStr for Network {
    type Err = InvalidNetwork;

    fn from_str(name: &str) -> Result<Self, InvalidNetwork> {
        [Self::X].into_iter().find(|known| known.as_str() == name).ok_or(InvalidNetwork)
    }
}
