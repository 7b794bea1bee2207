//! Whose key it is, and why it can rest.

use herald_kernel::{MemberId, Text};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// What a key is called by its owner.
pub type KeyName = Text<80>;

/// Whose key it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum KeyKind {
    /// A member's. It can never do more than the member, and dies when the member leaves.
    User {
        /// Who issued it.
        member: MemberId,
    },
    /// A service's, issued by an operator: it starts checkouts from known networks, nothing else.
    Service {
        /// The operator's sign-in name in the installation, not a person's name.
        operator: Text<80>,
    },
}

impl KeyKind {
    /// Is it a service's?
    #[must_use]
    pub const fn is_service(&self) -> bool {
        match self {
            Self::Service { .. } => true,
            Self::User { .. } => false,
        }
    }

    /// The member who issued it, if a member did.
    #[must_use]
    pub const fn member(&self) -> Option<MemberId> {
        match self {
            Self::User { member } => Some(*member),
            Self::Service { .. } => None,
        }
    }
}

/// Why a key rests. A later reason outweighs an earlier one: who may give a reason may also lift
/// the weaker ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DisabledReason {
    /// The tier has no place for it any more.
    PlanLimit,
    /// Its people want it so.
    User,
    /// It was used against others; only an operator lifts this.
    Abuse,
}

impl DisabledReason {
    /// Every reason, the weakest first.
    pub const ALL: [Self; 3] = [Self::PlanLimit, Self::User, Self::Abuse];

    /// The stored name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PlanLimit => "plan_limit",
            Self::User => "user",
            Self::Abuse => "abuse",
        }
    }
}

impl fmt::Display for DisabledReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Who found a key where it does not belong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LeakSource {
    /// Its own people.
    Member,
    /// A scanner that knows the published form of keys.
    Scanner,
    /// An operator.
    Operator,
}

impl LeakSource {
    /// Every source.
    pub const ALL: [Self; 3] = [Self::Member, Self::Scanner, Self::Operator];

    /// The stored name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Member => "member",
            Self::Scanner => "scanner",
            Self::Operator => "operator",
        }
    }
}

/// A word that names no source of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a leak is reported by `member`, `scanner` or `operator`")]
pub struct InvalidLeakSource;

impl FromStr for LeakSource {
    type Err = InvalidLeakSource;

    fn from_str(name: &str) -> Result<Self, InvalidLeakSource> {
        Self::ALL.into_iter().find(|source| source.as_str() == name).ok_or(InvalidLeakSource)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_and_sources_are_stored_by_the_names_they_print() {
        for reason in DisabledReason::ALL {
            assert_eq!(serde_json::to_value(reason).expect("serialises"), reason.to_string());
        }
        for source in LeakSource::ALL {
            assert_eq!(serde_json::to_value(source).expect("serialises"), source.as_str());
            assert_eq!(source.as_str().parse(), Ok(source));
        }
        assert_eq!("nobody".parse::<LeakSource>(), Err(InvalidLeakSource));
    }

    #[test]
    fn abuse_outweighs_a_users_wish_and_that_outweighs_the_tier() {
        assert!(DisabledReason::ALL.is_sorted());
        assert!(DisabledReason::Abuse > DisabledReason::User);
    }
}
