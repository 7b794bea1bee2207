//! Where a target stands, and why it is held.

use crate::outcome::{Failure, HumanReason};
use herald_kernel::Instant;
use serde::{Deserialize, Serialize};

/// Why a target waits although its time may come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum HoldReason {
    /// The account has not paid.
    Billing,
    /// The tier does not carry this connection.
    PlanLimit,
    /// The connection has to be authorised again.
    NeedsReauth,
    /// The connection is paused.
    ConnectionPaused,
    /// The connection is gone.
    Disconnected,
    /// The account is suspended.
    AccountSuspended,
    /// The network takes no more for now.
    PlatformQuota {
        /// When it will.
        until: Instant,
    },
    /// The account's policy lets no more posts out to this connection for now.
    DailyLimit {
        /// When it will.
        until: Instant,
    },
    /// The network is down.
    PlatformOutage,
    /// What was approved is not what would be sent.
    ApprovalStale,
    /// A person holds it back.
    ClientHold,
}

impl HoldReason {
    /// The stored name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Billing => "billing",
            Self::PlanLimit => "plan_limit",
            Self::NeedsReauth => "needs_reauth",
            Self::ConnectionPaused => "connection_paused",
            Self::Disconnected => "disconnected",
            Self::AccountSuspended => "account_suspended",
            Self::PlatformQuota { .. } => "platform_quota",
            Self::DailyLimit { .. } => "daily_limit",
            Self::PlatformOutage => "platform_outage",
            Self::ApprovalStale => "approval_stale",
            Self::ClientHold => "client_hold",
        }
    }

    /// When it passes by itself, if it does.
    #[must_use]
    pub const fn until(self) -> Option<Instant> {
        match self {
            Self::PlatformQuota { until } | Self::DailyLimit { until } => Some(until),
            Self::Billing
            | Self::PlanLimit
            | Self::NeedsReauth
            | Self::ConnectionPaused
            | Self::Disconnected
            | Self::AccountSuspended
            | Self::PlatformOutage
            | Self::ApprovalStale
            | Self::ClientHold => None,
        }
    }
}

/// Where a target stands. Whether the post is drafted, in review or approved is the post's own
/// [`crate::Editorial`] state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum TargetState {
    /// It has no time yet.
    Idle,
    /// It waits for its time.
    Scheduled,
    /// It is to be tried, again or at once.
    Due,
    /// An attempt is open and nothing can have been published by it yet.
    Preparing,
    /// An intent is open: the network may have published it.
    Committing,
    /// The outcome of an intent was not seen.
    OutcomeUnknown,
    /// It is being looked up.
    Reconciling,
    /// It is proven not to be there; a person may try again.
    NotPublished,
    /// Only a person can say how it went.
    NeedsHuman {
        /// Why.
        reason: HumanReason,
        /// Has a person decided to leave it so?
        left: bool,
    },
    /// It is held back.
    Held(HoldReason),
    /// Its time passed.
    Missed,
    /// It was refused, provably.
    Failed(Failure),
    /// A person canceled it.
    Canceled,
    /// Every step is published.
    Published,
    /// Some steps are published and the rest is given up.
    PartiallyPublished(Failure),
    /// It was published, and somebody removed it on the network.
    RemoteRemoved,
}

impl TargetState {
    /// The stored name, as views and people know it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::Scheduled => "scheduled",
            Self::Due => "due",
            Self::Preparing => "preparing",
            Self::Committing => "committing",
            Self::OutcomeUnknown => "outcome_unknown",
            Self::Reconciling => "reconciling",
            Self::NotPublished => "not_published",
            Self::NeedsHuman { .. } => "needs_human",
            Self::Held(_) => "held",
            Self::Missed => "missed",
            Self::Failed(_) => "failed",
            Self::Canceled => "canceled",
            Self::Published => "published",
            Self::PartiallyPublished(_) => "partially_published",
            Self::RemoteRemoved => "remote_removed",
        }
    }

    /// Is it to be tried, now or later?
    #[must_use]
    pub const fn is_waiting(&self) -> bool {
        matches!(self, Self::Scheduled | Self::Due)
    }

    /// Is it held back?
    #[must_use]
    pub const fn is_held(&self) -> bool {
        matches!(self, Self::Held(_))
    }

    /// Is it not known how it went?
    #[must_use]
    pub const fn is_unknown(&self) -> bool {
        matches!(self, Self::OutcomeUnknown | Self::Reconciling | Self::NeedsHuman { .. })
    }

    /// Does all or a part of it stand, and nothing more is tried?
    #[must_use]
    pub const fn is_published(&self) -> bool {
        matches!(self, Self::Published | Self::PartiallyPublished(_))
    }

    /// Is nothing of what is missing on its way, so that a person may try it again?
    #[must_use]
    pub const fn is_given_up(&self) -> bool {
        matches!(
            self,
            Self::Failed(_) | Self::NotPublished | Self::Missed | Self::PartiallyPublished(_)
        )
    }
}
