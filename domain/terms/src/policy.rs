//! The rules an account sets for its own posts: who approves, how late is too late.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr, time::Duration};

/// Whether a post needs somebody's approval before it may go out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ApprovalPolicy {
    /// Posts may be scheduled without approval; who writes may also approve.
    #[default]
    Optional,
    /// Every post must be approved; its author may be the one who does.
    Required,
    /// Every post must be approved by somebody other than its author.
    FourEyes,
}

impl ApprovalPolicy {
    /// Must a post be approved before it may be scheduled?
    #[must_use]
    pub const fn is_mandatory(self) -> bool {
        match self {
            Self::Optional => false,
            Self::Required | Self::FourEyes => true,
        }
    }

    /// May the author approve the own post?
    #[must_use]
    pub const fn author_may_approve(self) -> bool {
        match self {
            Self::Optional | Self::Required => true,
            Self::FourEyes => false,
        }
    }

    /// The stored name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Optional => "optional",
            Self::Required => "required",
            Self::FourEyes => "four_eyes",
        }
    }
}

impl fmt::Display for ApprovalPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A policy with a number that makes no sense.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PolicyOutOfRange {
    /// The word is not the name of an approval policy.
    #[error("an approval policy is `optional`, `required` or `four_eyes`")]
    Approval,
    /// The grace is longer than a month.
    #[error("a post may be late by at most 43200 minutes (30 days)")]
    LateGrace,
    /// The day's budget is nothing, or more than any network takes.
    #[error("the posts per day must be between 1 and 1000")]
    PostsPerDay,
}

impl PolicyOutOfRange {
    /// The input field at fault.
    #[must_use]
    pub const fn field(self) -> &'static str {
        match self {
            Self::Approval => "policy.approval",
            Self::LateGrace => "policy.lateGraceMinutes",
            Self::PostsPerDay => "policy.postsPerDay",
        }
    }
}

impl FromStr for ApprovalPolicy {
    type Err = PolicyOutOfRange;

    fn from_str(name: &str) -> Result<Self, PolicyOutOfRange> {
        [Self::Optional, Self::Required, Self::FourEyes]
            .into_iter()
            .find(|policy| policy.as_str() == name)
            .ok_or(PolicyOutOfRange::Approval)
    }
}

/// What an account has decided about its own publishing.
///
/// The account keeps it; posts and plans take it as a value, so that no aggregate looks into
/// another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Policy {
    /// Who must approve a post.
    pub approval: ApprovalPolicy,
    /// A post that could not start this long after its time waits for a person.
    pub late_grace_minutes: u32,
    /// How many posts the account may send within 24 hours.
    pub posts_per_day: u32,
}

impl Default for Policy {
    fn default() -> Self {
        Self { approval: ApprovalPolicy::Optional, late_grace_minutes: 60, posts_per_day: 50 }
    }
}

impl Policy {
    /// Refuses numbers that no network and no person could mean.
    pub const fn check(&self) -> Result<(), PolicyOutOfRange> {
        if self.late_grace_minutes > 43_200 {
            return Err(PolicyOutOfRange::LateGrace);
        }
        if self.posts_per_day == 0 || self.posts_per_day > 1_000 {
            return Err(PolicyOutOfRange::PostsPerDay);
        }
        Ok(())
    }

    /// How long after its time a post may still start.
    #[must_use]
    pub fn late_grace(&self) -> Duration {
        // Widened before the product, which therefore cannot overflow.
        Duration::from_secs(u64::from(self.late_grace_minutes) * 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_default_nobody_must_approve_and_an_hour_late_is_too_late() {
        let policy = Policy::default();
        assert!(!policy.approval.is_mandatory());
        assert_eq!(policy.late_grace(), Duration::from_secs(3_600));
        assert_eq!(policy.posts_per_day, 50);
        assert_eq!(policy.check(), Ok(()));
    }

    #[test]
    fn only_four_eyes_keeps_authors_from_approving() {
        assert!(ApprovalPolicy::Required.is_mandatory());
        assert!(ApprovalPolicy::Required.author_may_approve());
        assert!(ApprovalPolicy::FourEyes.is_mandatory());
        assert!(!ApprovalPolicy::FourEyes.author_may_approve());
    }

    #[test]
    fn numbers_that_make_no_sense_name_their_field() {
        let late = Policy { late_grace_minutes: 43_201, ..Policy::default() };
        assert_eq!(late.check().map_err(PolicyOutOfRange::field), Err("policy.lateGraceMinutes"));
        for posts_per_day in [0, 1_001] {
            let policy = Policy { posts_per_day, ..Policy::default() };
            assert_eq!(policy.check().map_err(PolicyOutOfRange::field), Err("policy.postsPerDay"));
        }
    }

    #[test]
    fn an_approval_policy_reads_back_what_it_prints() {
        for policy in [ApprovalPolicy::Optional, ApprovalPolicy::Required, ApprovalPolicy::FourEyes]
        {
            assert_eq!(policy.to_string().parse(), Ok(policy));
            assert_eq!(serde_json::to_value(policy).expect("serialises"), policy.as_str());
        }
        assert_eq!("lax".parse::<ApprovalPolicy>(), Err(PolicyOutOfRange::Approval));
    }

    #[test]
    fn a_policy_stored_with_fewer_or_more_fields_still_reads() {
        let policy: Policy = serde_json::from_str(r#"{"approval":"four_eyes"}"#).expect("reads");
        let expected = Policy { approval: ApprovalPolicy::FourEyes, ..Policy::default() };
        assert_eq!(policy, expected);
        let policy: Policy =
            serde_json::from_str(r#"{"approval":"four_eyes","auto_publish":true}"#).expect("reads");
        assert_eq!(policy, expected);
    }
}
