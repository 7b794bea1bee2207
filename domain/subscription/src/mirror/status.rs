//! Where a subscription stands at the payment provider.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// Where a subscription stands at the payment provider.
///
/// `Paused` is a trial that ended without a means of payment. It is not "collection paused", which
/// leaves the status as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MirrorStatus {
    /// The first payment has not gone through yet.
    Incomplete,
    /// The first payment never went through. Final.
    IncompleteExpired,
    /// Nothing is due before the trial ends.
    Trialing,
    /// Paid.
    Active,
    /// The latest payment failed and is being tried again.
    PastDue,
    /// The latest payment failed for good; the subscription stands still.
    Unpaid,
    /// The trial ended without a means of payment.
    Paused,
    /// Over. Final.
    Canceled,
}

/// A word that is no status.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not the status of a subscription")]
pub struct InvalidMirrorStatus(pub String);

impl MirrorStatus {
    /// Every status.
    pub const ALL: [Self; 8] = [
        Self::Incomplete,
        Self::IncompleteExpired,
        Self::Trialing,
        Self::Active,
        Self::PastDue,
        Self::Unpaid,
        Self::Paused,
        Self::Canceled,
    ];

    /// The stored name, which is also the provider's.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Incomplete => "incomplete",
            Self::IncompleteExpired => "incomplete_expired",
            Self::Trialing => "trialing",
            Self::Active => "active",
            Self::PastDue => "past_due",
            Self::Unpaid => "unpaid",
            Self::Paused => "paused",
            Self::Canceled => "canceled",
        }
    }

    /// Can nothing follow?
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(self, Self::IncompleteExpired | Self::Canceled)
    }

    /// Does it live, and was its first payment made? Beside such a one, a second is paid twice.
    #[must_use]
    pub const fn is_running(self) -> bool {
        !self.is_final() && !matches!(self, Self::Incomplete)
    }
}

impl fmt::Display for MirrorStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for MirrorStatus {
    type Err = InvalidMirrorStatus;

    fn from_str(name: &str) -> Result<Self, InvalidMirrorStatus> {
        Self::ALL
            .into_iter()
            .find(|status| status.as_str() == name)
            .ok_or_else(|| InvalidMirrorStatus(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_reads_back_what_it_prints() {
        for status in MirrorStatus::ALL {
            assert_eq!(status.to_string().parse(), Ok(status));
            assert_eq!(serde_json::to_value(status).expect("serialises"), status.as_str());
        }
        let unknown = "resting".parse::<MirrorStatus>();
        assert_eq!(unknown, Err(InvalidMirrorStatus("resting".to_owned())));
    }
}
