//! The roles a member can have, and how they rank.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// What a member is in an account. The table of what each may do is [`Role::may`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// May do everything; there is always at least one.
    Owner,
    /// May do everything but own and delete the account.
    Admin,
    /// Approves, schedules, publishes and connects, and does what an editor does.
    Publisher,
    /// Writes, plans and submits.
    Editor,
    /// Reads.
    Viewer,
    /// Sees to billing only.
    Billing,
    /// Reads everything, the log included, and changes nothing.
    Auditor,
}

/// A word that names no role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a role is `owner`, `admin`, `publisher`, `editor`, `viewer`, `billing` or `auditor`")]
pub struct InvalidRole;

impl Role {
    /// Every role.
    pub const ALL: [Self; 7] = [
        Self::Owner,
        Self::Admin,
        Self::Publisher,
        Self::Editor,
        Self::Viewer,
        Self::Billing,
        Self::Auditor,
    ];

    /// How high the role stands: one acts on those below only.
    #[must_use]
    pub const fn rank(self) -> u8 {
        match self {
            Self::Owner => 5,
            Self::Admin => 4,
            Self::Publisher => 3,
            Self::Editor => 2,
            Self::Viewer | Self::Billing | Self::Auditor => 1,
        }
    }

    /// May somebody of this role act on a member of role `other`?
    #[must_use]
    pub const fn stands_above(self, other: Self) -> bool {
        matches!(self, Self::Owner) || self.rank() > other.rank()
    }

    /// May somebody of this role make another member an `other`?
    #[must_use]
    pub const fn may_grant(self, other: Self) -> bool {
        self.rank() >= other.rank()
    }

    /// The stored name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Admin => "admin",
            Self::Publisher => "publisher",
            Self::Editor => "editor",
            Self::Viewer => "viewer",
            Self::Billing => "billing",
            Self::Auditor => "auditor",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Role {
    type Err = InvalidRole;

    fn from_str(name: &str) -> Result<Self, InvalidRole> {
        Self::ALL.into_iter().find(|role| role.as_str() == name).ok_or(InvalidRole)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_reads_back_what_it_prints_and_stores() {
        for role in Role::ALL {
            assert_eq!(role.to_string().parse(), Ok(role));
            assert_eq!(serde_json::to_value(role).expect("serialises"), role.as_str());
        }
        assert_eq!("king".parse::<Role>(), Err(InvalidRole));
    }

    #[test]
    fn only_owners_act_on_their_equals() {
        for role in Role::ALL {
            assert_eq!(role.stands_above(role), role == Role::Owner, "{role}");
            assert!(role.may_grant(role), "{role}");
            assert_eq!(role.may_grant(Role::Owner), role == Role::Owner, "{role}");
        }
    }
}
