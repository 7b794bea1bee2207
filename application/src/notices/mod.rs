//! What people are told by mail: one cause, one mail for each who is to hear of it.
//!
//! The process `notify` puts one job for a cause. The job `send_notice` finds out who is to hear of
//! it and puts one more for each, whose key is also the mail's: however often a cause is seen, a job
//! is repeated or a log is folded again, the carrier sends it once. Signing in is no event: what it
//! is to tell comes from where sessions begin, under the name of its row in the sign-in log.
//!
//! **Invariant:** no job holds an address or a name; they are read when the mail is written.

pub(crate) mod letters;
pub(crate) mod render;
mod returned;
mod standing;
mod suppressed;
#[cfg(test)]
mod tests;
mod told;

pub use returned::Returns;
pub(crate) use standing::as_it_stands;
pub use suppressed::{lift, suppress, suppressed, suppressions};
pub(crate) use told::{Told, new_device};

use crate::ports::Priority;
use herald_account::{NoticeKind, Role};
use herald_kernel::{ApiKeyId, IdentityId, Instant, Money};
use herald_subscription::{Impact, InvoiceRef};
use herald_terms::Quota;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use uuid::Uuid;

/// What somebody is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "notice", rename_all = "snake_case")]
pub(crate) enum Notice {
    /// The account is there.
    Welcome,
    /// A tier is tried.
    TrialStarted { until: Option<Instant> },
    /// A tier is paid for.
    SubscriptionStarted,
    /// Money came in.
    Receipt { invoice: InvoiceRef, amount: Money },
    /// A payment failed, or waits for the payer.
    PaymentFailed { invoice: Option<InvoiceRef>, until: Instant, needs_action: bool },
    /// A trial is nearly over.
    TrialEnding { until: Instant },
    /// What works despite a failed payment soon will not.
    GraceEnding { until: Instant },
    /// A subscription will end; `seen` at the payment provider, where somebody may have asked for it.
    Ending {
        at: Instant,
        #[serde(default)]
        seen: bool,
    },
    /// Something will lose its place; what, is found out when it is told, unless it was before.
    LossAhead { at: Instant, impact: Option<Impact>, days: u8 },
    /// A tier was given for nothing.
    Grandfathered { until: Option<Instant> },
    /// Something rests, because the tier has no place for it.
    Resting,
    /// The member rests, because the tier has no seat for them.
    SeatRests,
    /// A limit is near or reached.
    Usage { usage: Uuid, percent: u8, used: u64, quota: Quota },
    /// A key was found where it does not belong, and ended.
    KeyLeaked { key: ApiKeyId },
    /// Somebody signed in as the person with a device that they never had; which and when is in the
    /// sign-in log.
    NewDevice { identity: IdentityId, fact: Uuid },
}

/// How much it matters that somebody hears of it. What matters more goes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Weight {
    /// Somebody else may hold what opens the account.
    Security,
    /// Money, and what is had for it.
    Money,
    /// The rest.
    Plain,
}

impl Weight {
    /// As the queue orders jobs.
    pub(crate) const fn priority(self) -> Priority {
        match self {
            Self::Security => Priority::AtOnce,
            Self::Money => Priority::Urgent,
            Self::Plain => Priority::Ordinary,
        }
    }

    /// So long after its cause it is still worth telling. Older causes are those of a log that is
    /// folded for the first time, or of a carrier that was away.
    pub(crate) const fn keeps(self) -> Duration {
        const DAY: u64 = 86_400;
        match self {
            Self::Security => Duration::from_secs(30 * DAY),
            Self::Money | Self::Plain => Duration::from_secs(3 * DAY),
        }
    }
}

impl Notice {
    /// The name, for keys and statistics. What one cause leads to has names that differ.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Welcome => "welcome",
            Self::TrialStarted { .. } => "trial_started",
            Self::SubscriptionStarted => "subscription_started",
            Self::Receipt { .. } => "receipt",
            Self::PaymentFailed { needs_action: false, .. } => "payment_failed",
            Self::PaymentFailed { needs_action: true, .. } => "payment_needs_action",
            Self::TrialEnding { .. } => "trial_ending",
            Self::GraceEnding { .. } => "grace_ending",
            Self::Ending { .. } => "ending",
            Self::LossAhead { days: 7, .. } => "loss_ahead_7",
            Self::LossAhead { days: 3, .. } => "loss_ahead_3",
            Self::LossAhead { .. } => "loss_ahead_1",
            Self::Grandfathered { .. } => "grandfathered",
            Self::Resting => "resting",
            Self::SeatRests => "seat_rests",
            Self::Usage { .. } => "usage",
            Self::KeyLeaked { .. } => "key_leaked",
            Self::NewDevice { .. } => "new_device",
        }
    }

    pub(crate) const fn weight(&self) -> Weight {
        match self {
            Self::KeyLeaked { .. } | Self::NewDevice { .. } => Weight::Security,
            Self::Welcome | Self::Usage { .. } => Weight::Plain,
            Self::TrialStarted { .. }
            | Self::SubscriptionStarted
            | Self::Receipt { .. }
            | Self::PaymentFailed { .. }
            | Self::TrialEnding { .. }
            | Self::GraceEnding { .. }
            | Self::Ending { .. }
            | Self::LossAhead { .. }
            | Self::Grandfathered { .. }
            | Self::Resting
            | Self::SeatRests => Weight::Money,
        }
    }

    /// Who hears of it.
    pub(crate) const fn roles(&self) -> &'static [Role] {
        match self {
            Self::Welcome => &[Role::Owner],
            Self::KeyLeaked { .. } => &[Role::Owner, Role::Admin],
            Self::NewDevice { .. } | Self::SeatRests => &Role::ALL,
            Self::TrialStarted { .. }
            | Self::SubscriptionStarted
            | Self::Receipt { .. }
            | Self::PaymentFailed { .. }
            | Self::TrialEnding { .. }
            | Self::GraceEnding { .. }
            | Self::Ending { .. }
            | Self::LossAhead { .. }
            | Self::Grandfathered { .. }
            | Self::Resting
            | Self::Usage { .. } => &[Role::Owner, Role::Billing],
        }
    }

    /// The kind under which one can do without it; none for what everybody must hear: contracts that
    /// begin and end, what is charged next or can no longer be, who takes part, and security.
    pub(crate) const fn kind(&self) -> Option<NoticeKind> {
        match self {
            Self::Receipt { .. }
            | Self::LossAhead { .. }
            | Self::Grandfathered { .. }
            | Self::Resting => Some(NoticeKind::Billing),
            Self::Usage { .. } => Some(NoticeKind::Usage),
            Self::Welcome
            | Self::TrialStarted { .. }
            | Self::SubscriptionStarted
            | Self::PaymentFailed { .. }
            | Self::TrialEnding { .. }
            | Self::GraceEnding { .. }
            | Self::Ending { .. }
            | Self::SeatRests
            | Self::KeyLeaked { .. }
            | Self::NewDevice { .. } => None,
        }
    }
}
