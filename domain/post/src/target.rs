//! A target: one post on one social connection, with its own steps, attempts and state.

use crate::outcome::{Failure, HumanReason, Remote, Resource};
use herald_kernel::{ConnectionId, ContentHash, Instant, PostId, TargetId};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// A social network that Herald publishes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Network {
    /// X, formerly Twitter.
    X,
}

/// Text that names no network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this names no social network that Herald publishes to")]
pub struct UnknownNetwork;

impl Network {
    /// Every network.
    pub const ALL: &'static [Self] = &[Self::X];

    /// The stored name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::X => "x",
        }
    }

    /// Does the network itself refuse a text that it has just published? Only where this second
    /// wall stands may a step that was looked for and not found go out again without a person.
    #[must_use]
    pub const fn refuses_equal_text(self) -> bool {
        match self {
            Self::X => true,
        }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
impl FromStr for Network {
    type Err = UnknownNetwork;

    fn from_str(name: &str) -> Result<Self, UnknownNetwork> {
        Self::ALL.iter().copied().find(|network| network.name() == name).ok_or(UnknownNetwork)
    }
}

/// A target as it is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewTarget {
    /// Its id, [`target_id`] of the post and the connection.
    pub target: TargetId,
    /// Where it goes.
    pub connection: ConnectionId,
    /// The connection's network.
    pub network: Network,
    /// How long a text this connection may publish, in the network's own unit (X: 280, 4,000 or
    /// 25,000).
    pub text_limit: u32,
}

/// The id of a post's target on a connection: always the same.
#[must_use]
pub fn target_id(post: PostId, connection: ConnectionId) -> TargetId {
    TargetId::derived(post.uuid(), &connection.to_string())
}

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
            Self::PlatformOutage => "platform_outage",
            Self::ApprovalStale => "approval_stale",
            Self::ClientHold => "client_hold",
        }
    }
}

/// Where a target stands. Whether the post is drafted, in review or approved is the post's own
/// [`crate::Editorial`] state.
#[derive(Debug, Clone, PartialEq, Eq)]
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
}

/// How far an intent has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IntentState {
    /// No verdict yet.
    Open,
    /// The verdict was not seen.
    Unknown,
    /// It was published.
    Committed,
    /// It was refused, provably.
    Rejected,
    /// It was looked for twice and not found.
    Absent,
    /// A person said that it is not there.
    Denied,
}

/// A commit that was written down before it was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Intent {
    /// The attempt that it belongs to.
    pub attempt: u32,
    /// When it was written down.
    pub intended_at: Instant,
    /// After this nothing is sent any more.
    pub deadline: Instant,
    /// The keyed fingerprint of the normalised text.
    pub marker: ContentHash,
    /// How far it has come.
    pub state: IntentState,
}

/// A step that stands on the network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publication {
    /// Where.
    pub remote: Remote,
    /// Since when, as far as we know.
    pub at: Instant,
}

/// One step of a target.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Step {
    /// Every intent, oldest first.
    pub intents: Vec<Intent>,
    /// Where it stands, once it is published.
    pub published: Option<Publication>,
    /// When complete listings were begun that count and do not show it.
    pub absences: Vec<Instant>,
    /// A second copy that an earlier intent turned out to have published.
    pub duplicate: Option<Remote>,
}

impl Step {
    /// The intent whose outcome is not known: open, or unknown.
    #[must_use]
    pub fn unresolved(&self) -> Option<&Intent> {
        let open = |intent: &&Intent| match intent.state {
            IntentState::Open | IntentState::Unknown => true,
            IntentState::Committed
            | IntentState::Rejected
            | IntentState::Absent
            | IntentState::Denied => false,
        };
        self.intents.iter().rev().find(open)
    }

    /// The intent that a look-up or a person could still find published: the unresolved one, else
    /// one that was only not found.
    #[must_use]
    pub fn in_question(&self) -> Option<&Intent> {
        if self.published.is_some() {
            return None;
        }
        let absent = || self.intents.iter().rev().find(|i| i.state == IntentState::Absent);
        let found_late = || self.intents.iter().rev().find(|i| i.state == IntentState::Committed);
        self.unresolved().or_else(absent).or_else(found_late)
    }

    /// The intent of an attempt.
    #[must_use]
    pub fn intent(&self, attempt: u32) -> Option<&Intent> {
        self.intents.iter().find(|intent| intent.attempt == attempt)
    }
}

/// A resource that an attempt prepared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prepared {
    /// For which step.
    pub step: u16,
    /// What.
    pub resource: Resource,
}

/// One post on one social connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Its id.
    pub id: TargetId,
    /// Where it goes.
    pub connection: ConnectionId,
    /// The connection's network.
    pub network: Network,
    /// How long a text the connection could publish when the post was created.
    pub text_limit: u32,
    /// Where it stands.
    pub state: TargetState,
    /// When it is to be tried next.
    pub due: Option<Instant>,
    /// From when lateness counts: its scheduled time, a person's retry, or its last published step.
    pub on_time: Option<Instant>,
    /// The number of the last attempt; 0 before the first. It is the fence.
    pub attempt: u32,
    /// What the open attempt has prepared.
    pub prepared: Vec<Prepared>,
    /// Its steps, in order.
    pub steps: Vec<Step>,
}

impl Target {
    /// A target as it begins, with `steps` steps.
    pub(crate) fn new(new: &NewTarget, steps: u16) -> Self {
        Self {
            id: new.target,
            connection: new.connection,
            network: new.network,
            text_limit: new.text_limit,
            state: TargetState::Idle,
            due: None,
            on_time: None,
            attempt: 0,
            prepared: Vec::new(),
            steps: vec![Step::default(); usize::from(steps)],
        }
    }

    /// One step; 0 is the root.
    #[must_use]
    pub fn step(&self, index: u16) -> Option<&Step> {
        self.steps.get(usize::from(index))
    }

    /// The first step that is not published.
    #[must_use]
    pub fn next_step(&self) -> Option<u16> {
        let index = self.steps.iter().position(|step| step.published.is_none())?;
        u16::try_from(index).ok()
    }

    /// How many steps stand on the network.
    #[must_use]
    pub fn published_steps(&self) -> u16 {
        let count = self.steps.iter().filter(|step| step.published.is_some()).count();
        u16::try_from(count).unwrap_or(u16::MAX)
    }

    /// Where the root stands, once it is published.
    #[must_use]
    pub fn root(&self) -> Option<&Publication> {
        self.step(0)?.published.as_ref()
    }

    /// The open attempt, if there is one.
    #[must_use]
    pub const fn open_attempt(&self) -> Option<u32> {
        match self.state {
            TargetState::Preparing | TargetState::Committing => Some(self.attempt),
            TargetState::Idle
            | TargetState::Scheduled
            | TargetState::Due
            | TargetState::OutcomeUnknown
            | TargetState::Reconciling
            | TargetState::NotPublished
            | TargetState::NeedsHuman { .. }
            | TargetState::Held(_)
            | TargetState::Missed
            | TargetState::Failed(_)
            | TargetState::Canceled
            | TargetState::Published
            | TargetState::PartiallyPublished(_)
            | TargetState::RemoteRemoved => None,
        }
    }

    /// The intent whose outcome is not known, and its step.
    #[must_use]
    pub fn unresolved(&self) -> Option<(u16, &Intent)> {
        self.find_intent(Step::unresolved)
    }

    /// The intent that could still be found published, and its step.
    #[must_use]
    pub fn in_question(&self) -> Option<(u16, &Intent)> {
        self.find_intent(Step::in_question)
    }

    pub(crate) fn remote_id(&self, index: u16) -> Option<String> {
        Some(self.step(index)?.published.as_ref()?.remote.remote_id.clone())
    }

    fn find_intent<'t>(
        &'t self,
        of: impl Fn(&'t Step) -> Option<&'t Intent>,
    ) -> Option<(u16, &'t Intent)> {
        self.steps
            .iter()
            .enumerate()
            .find_map(|(index, step)| Some((u16::try_from(index).ok()?, of(step)?)))
    }
}
