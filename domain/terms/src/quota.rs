//! How much of something an account may use: so many, or as many as it likes.

use serde::{Deserialize, Serialize};
use std::fmt;

/// An upper limit, or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Quota {
    /// At most this many.
    Limited(u32),
    /// As many as one likes.
    Unlimited,
}

impl Quota {
    /// May one more be used when `used` already are?
    #[must_use]
    pub const fn allows(self, used: u32) -> bool {
        match self {
            Self::Limited(limit) => used < limit,
            Self::Unlimited => true,
        }
    }

    /// How many are left after `used`; `None` when there is no limit.
    #[must_use]
    pub const fn left(self, used: u32) -> Option<u32> {
        match self {
            Self::Limited(limit) => Some(limit.saturating_sub(used)),
            Self::Unlimited => None,
        }
    }

    /// The limit, when there is one.
    #[must_use]
    pub const fn limit(self) -> Option<u32> {
        match self {
            Self::Limited(limit) => Some(limit),
            Self::Unlimited => None,
        }
    }
}

impl fmt::Display for Quota {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Limited(limit) => write!(f, "{limit}"),
            Self::Unlimited => f.write_str("unlimited"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_the_number_that_may_be_used_and_not_one_more() {
        assert!(Quota::Limited(10).allows(9));
        assert!(!Quota::Limited(10).allows(10));
        assert!(!Quota::Limited(0).allows(0));
        assert!(Quota::Unlimited.allows(u32::MAX));
    }

    #[test]
    fn what_is_left_never_goes_below_nothing() {
        assert_eq!(Quota::Limited(3).left(1), Some(2));
        assert_eq!(Quota::Limited(3).left(5), Some(0));
        assert_eq!(Quota::Unlimited.left(5), None);
    }

    #[test]
    fn a_quota_is_stored_as_a_number_or_as_the_word_unlimited() {
        for (quota, stored) in [
            (Quota::Limited(3), serde_json::json!({"limited": 3})),
            (Quota::Unlimited, serde_json::json!("unlimited")),
        ] {
            assert_eq!(serde_json::to_value(quota).expect("serialises"), stored);
            assert_eq!(serde_json::from_value::<Quota>(stored).expect("reads"), quota);
        }
    }
}
