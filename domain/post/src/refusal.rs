//! Why a command about a post was not followed.

use crate::rules::Violation;
use herald_kernel::{Instant, TargetId};

/// Why a command about a post was not followed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PostRefusal {
    /// There is no such post.
    #[error("this post does not exist")]
    NotCreated,
    /// The post was created before.
    #[error("this post exists already")]
    AlreadyCreated,
    /// The post has no such target.
    #[error("this post has no target {0}")]
    UnknownTarget(TargetId),
    /// A post goes somewhere.
    #[error("choose at least one connection to publish on")]
    NoTargets,
    /// A post goes to a connection once.
    #[error("a connection was chosen twice")]
    DuplicateTarget,
    /// The networks' rules do not allow the content.
    #[error("{}", first(.0))]
    Invalid(Vec<Violation>),
    /// The content belonged to a person whose data was erased.
    #[error("the content was erased and cannot be sent")]
    ContentForgotten,
    /// The state contradicts the wish.
    #[error("this cannot be done while it is {current}; it can be done from {allowed}")]
    InvalidState {
        /// Where it stands.
        current: &'static str,
        /// Where it would have to stand.
        allowed: &'static str,
    },
    /// Something of it is published or on its way, so what it says is settled.
    #[error("a part of this post is published or on its way; its content is settled")]
    InFlight,
    /// What was approved is not what it says now.
    #[error("the content has changed since; read it again before you approve it")]
    StaleApproval,
    /// Four eyes are two people.
    #[error("a second person has to approve this post: you wrote it")]
    SelfApproval,
    /// The account wants an approval first.
    #[error("this post has to be approved before it can be scheduled")]
    ApprovalRequired,
    /// The time has passed.
    #[error("{instant} has passed; choose a time in the future, or publish now")]
    InThePast {
        /// The time, resolved.
        instant: Instant,
    },
    /// No instant has such a date.
    #[error("this date is outside of what a calendar can say")]
    TimeOutOfRange,
    /// The tier does not carry one more.
    #[error(
        "the tier {tier} (version {tier_version}) carries {limit} posts a month, {used} are used"
    )]
    LimitReached {
        /// The tier.
        tier: String,
        /// Its version.
        tier_version: u32,
        /// What it carries.
        limit: u32,
        /// What is used.
        used: u32,
    },
    /// Its time has not come.
    #[error("this is due at {due}")]
    NotDue {
        /// When it comes.
        due: Instant,
    },
    /// It is not late enough to be missed.
    #[error("this is not late yet")]
    NotLate,
    /// Another attempt is open.
    #[error("attempt {attempt} is open")]
    AttemptOpen {
        /// Its number.
        attempt: u32,
    },
    /// The attempt is over, or never was: the fence.
    #[error("attempt {attempt} is not the open one")]
    StaleAttempt {
        /// What was presented.
        attempt: u32,
    },
    /// Steps go out in order, each once.
    #[error("step {step} is not the next one to be published")]
    NotNextStep {
        /// What was presented.
        step: u16,
    },
    /// The network may have published it: look it up before anything else.
    #[error("the outcome of attempt {attempt} is not known; it has to be looked up first")]
    OutcomeUnknown {
        /// The attempt.
        attempt: u32,
    },
    /// There is no intent that this verdict could belong to.
    #[error("attempt {attempt} has no intent for step {step}")]
    NoIntent {
        /// The attempt.
        attempt: u32,
        /// The step.
        step: u16,
    },
    /// A post on the network stands for one step only.
    #[error("that post on the network is step {step} already")]
    RemoteInUse {
        /// Which step it is.
        step: u16,
    },
    /// The deadline of an intent lies in the past.
    #[error("the deadline has passed; nothing may be sent any more")]
    DeadlinePassed,
    /// The deadline of an intent lies ahead: the verdict may still come.
    #[error("the verdict may still come until {deadline}")]
    DeadlineAhead {
        /// The deadline.
        deadline: Instant,
    },
}

fn first(violations: &[Violation]) -> &str {
    violations.first().map_or("the content is not valid", |violation| violation.message.as_str())
}

impl herald_kernel::Refusal for PostRefusal {
    fn code(&self) -> &'static str {
        match self {
            Self::NotCreated | Self::UnknownTarget(_) => "NOT_FOUND",
            Self::AlreadyCreated => "ALREADY_EXISTS",
            Self::NoTargets => "NO_TARGETS",
            Self::DuplicateTarget => "DUPLICATE_TARGET",
            Self::Invalid(_) => "VALIDATION",
            Self::ContentForgotten => "CONTENT_FORGOTTEN",
            Self::InvalidState { .. } => "INVALID_STATE",
            Self::InFlight => "IN_FLIGHT",
            Self::StaleApproval => "STALE_APPROVAL",
            Self::SelfApproval => "SELF_APPROVAL",
            Self::ApprovalRequired => "APPROVAL_REQUIRED",
            Self::InThePast { .. } => "IN_THE_PAST",
            Self::TimeOutOfRange => "TIME_OUT_OF_RANGE",
            Self::LimitReached { .. } => "LIMIT_REACHED",
            Self::NotDue { .. } => "NOT_DUE",
            Self::NotLate => "NOT_LATE",
            Self::AttemptOpen { .. } => "ATTEMPT_OPEN",
            Self::StaleAttempt { .. } => "STALE_ATTEMPT",
            Self::NotNextStep { .. } => "NOT_NEXT_STEP",
            Self::OutcomeUnknown { .. } => "OUTCOME_UNKNOWN",
            Self::NoIntent { .. } => "NO_INTENT",
            Self::RemoteInUse { .. } => "REMOTE_IN_USE",
            Self::DeadlinePassed => "DEADLINE_PASSED",
            Self::DeadlineAhead { .. } => "DEADLINE_AHEAD",
        }
    }

    fn field(&self) -> Option<&'static str> {
        match self {
            Self::NoTargets | Self::DuplicateTarget => Some("targets"),
            Self::Invalid(_) | Self::ContentForgotten => Some("content"),
            Self::StaleApproval => Some("contentHash"),
            Self::InThePast { .. } | Self::TimeOutOfRange => Some("when"),
            Self::UnknownTarget(_) => Some("target"),
            Self::RemoteInUse { .. } => Some("resolution"),
            Self::NotCreated
            | Self::AlreadyCreated
            | Self::InvalidState { .. }
            | Self::InFlight
            | Self::SelfApproval
            | Self::ApprovalRequired
            | Self::LimitReached { .. }
            | Self::NotDue { .. }
            | Self::NotLate
            | Self::AttemptOpen { .. }
            | Self::StaleAttempt { .. }
            | Self::NotNextStep { .. }
            | Self::OutcomeUnknown { .. }
            | Self::NoIntent { .. }
            | Self::DeadlinePassed
            | Self::DeadlineAhead { .. } => None,
        }
    }

    fn retryable(&self) -> bool {
        match self {
            Self::NotDue { .. }
            | Self::NotLate
            | Self::AttemptOpen { .. }
            | Self::OutcomeUnknown { .. }
            | Self::DeadlineAhead { .. }
            | Self::LimitReached { .. }
            | Self::InFlight => true,
            Self::NotCreated
            | Self::AlreadyCreated
            | Self::UnknownTarget(_)
            | Self::NoTargets
            | Self::DuplicateTarget
            | Self::Invalid(_)
            | Self::ContentForgotten
            | Self::InvalidState { .. }
            | Self::StaleApproval
            | Self::SelfApproval
            | Self::ApprovalRequired
            | Self::InThePast { .. }
            | Self::TimeOutOfRange
            | Self::StaleAttempt { .. }
            | Self::NotNextStep { .. }
            | Self::NoIntent { .. }
            | Self::RemoteInUse { .. }
            | Self::DeadlinePassed => false,
        }
    }
}
