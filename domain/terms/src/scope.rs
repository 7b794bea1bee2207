//! The kinds of thing a key can be allowed to do.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// One kind of thing that a key may do. There is no scope for members, keys or billing: a key can
/// never manage those. What a service may do about billing is start a checkout, and nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Look at posts, plans, connections and the log.
    Read,
    /// Write posts and plans, upload media.
    Write,
    /// Approve, schedule and publish.
    Publish,
    /// Start a checkout on a customer's behalf: for services, never for users.
    #[serde(rename = "checkout:create")]
    CheckoutCreate,
}

/// A word that names no scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a scope is `read`, `write` or `publish`, and for services `checkout:create`")]
pub struct InvalidScope;

impl Scope {
    /// Every scope.
    pub const ALL: [Self; 4] = [Self::Read, Self::Write, Self::Publish, Self::CheckoutCreate];

    /// Every scope that a user's key can have.
    pub const OF_USERS: [Self; 3] = [Self::Read, Self::Write, Self::Publish];

    /// Can a user's key have it?
    #[must_use]
    pub const fn is_for_users(self) -> bool {
        match self {
            Self::Read | Self::Write | Self::Publish => true,
            Self::CheckoutCreate => false,
        }
    }

    /// The stored name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Publish => "publish",
            Self::CheckoutCreate => "checkout:create",
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Scope {
    type Err = InvalidScope;

    fn from_str(name: &str) -> Result<Self, InvalidScope> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == name).ok_or(InvalidScope)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_reads_back_what_it_prints_and_stores() {
        for scope in Scope::ALL {
            assert_eq!(scope.to_string().parse(), Ok(scope));
            assert_eq!(serde_json::to_value(scope).expect("serialises"), scope.as_str());
        }
        assert_eq!("billing".parse::<Scope>(), Err(InvalidScope));
    }

    #[test]
    fn only_the_checkout_is_kept_from_users() {
        for scope in Scope::ALL {
            assert_eq!(Scope::OF_USERS.contains(&scope), scope.is_for_users(), "{scope}");
            assert_eq!(scope.is_for_users(), scope != Scope::CheckoutCreate, "{scope}");
        }
    }
}
