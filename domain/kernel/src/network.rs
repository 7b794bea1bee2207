//! The social networks that Herald knows.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// A social network: connected, planned for and published to under one name.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_reads_back_what_it_prints() {
        for network in Network::ALL {
            assert_eq!(network.to_string().parse(), Ok(*network));
            assert_eq!(serde_json::to_value(network).expect("serialises"), network.as_str());
        }
        assert_eq!("myspace".parse::<Network>(), Err(InvalidNetwork));
    }
}
