//! The mails that a member can do without.

use serde::{Deserialize, Serialize};
use std::{collections::BTreeSet, fmt, str::FromStr};

/// What a mail is about. There is no kind for what a member must hear: sign-ins, security, changes
/// of the account itself, and what the law demands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeKind {
    /// Something waits for the member's approval.
    Approvals,
    /// A post failed, or needs a person.
    Failures,
    /// A post was published.
    Published,
    /// A connection needs fresh consent, or soon will.
    Connections,
    /// Payments, trials and changes of the tier.
    Billing,
    /// A limit is near or reached.
    Usage,
    /// API keys that were issued, rotated or are about to expire.
    Keys,
    /// The regular summary of how posts did.
    Reports,
    /// News about the product.
    News,
}

/// A word that names no kind of mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not a kind of mail that one can do without")]
pub struct InvalidNoticeKind;

/// The mails that a member does without.
pub type OptOuts = BTreeSet<NoticeKind>;

impl NoticeKind {
    /// Every kind.
    pub const ALL: [Self; 9] = [
        Self::Approvals,
        Self::Failures,
        Self::Published,
        Self::Connections,
        Self::Billing,
        Self::Usage,
        Self::Keys,
        Self::Reports,
        Self::News,
    ];

    /// The stored name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Approvals => "approvals",
            Self::Failures => "failures",
            Self::Published => "published",
            Self::Connections => "connections",
            Self::Billing => "billing",
            Self::Usage => "usage",
            Self::Keys => "keys",
            Self::Reports => "reports",
            Self::News => "news",
        }
    }
}

impl fmt::Display for NoticeKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for NoticeKind {
    type Err = InvalidNoticeKind;

    fn from_str(name: &str) -> Result<Self, InvalidNoticeKind> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name).ok_or(InvalidNoticeKind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_reads_back_what_it_prints_and_stores() {
        for kind in NoticeKind::ALL {
            assert_eq!(kind.to_string().parse(), Ok(kind));
            assert_eq!(serde_json::to_value(kind).expect("serialises"), kind.as_str());
        }
        assert_eq!("security".parse::<NoticeKind>(), Err(InvalidNoticeKind));
    }
}
