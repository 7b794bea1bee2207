//! What a connection is, in one word.

use serde::{Deserialize, Serialize};
use std::fmt;

/// What a connection is, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It does not exist.
    Absent,
    /// A person has to consent.
    AwaitingConsent,
    /// The tokens are there; their owner is being looked up.
    SelectingTarget,
    /// It works.
    Active,
    /// It has passing trouble and is still tried.
    Degraded,
    /// A person has to connect again.
    NeedsReauth,
    /// It publishes nothing for a while.
    Paused,
    /// The network forbids its use.
    Blocked,
    /// It has ended for ever.
    Disconnected,
}

impl Status {
    /// The stored name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Absent => "absent",
            Self::AwaitingConsent => "awaiting_consent",
            Self::SelectingTarget => "selecting_target",
            Self::Active => "active",
            Self::Degraded => "degraded",
            Self::NeedsReauth => "needs_reauth",
            Self::Paused => "paused",
            Self::Blocked => "blocked",
            Self::Disconnected => "disconnected",
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
