//! Why a content plan did not do as it was told.

use crate::Status;
use herald_kernel::{PlanItemId, Refusal};

/// Why a command was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanRefusal {
    /// There is no such plan.
    #[error("this content plan does not exist")]
    NotFound,
    /// There is no such item in the plan.
    #[error("this plan has no item {item}")]
    ItemNotFound {
        /// Which item.
        item: PlanItemId,
    },
    /// The plan was created before.
    #[error("this content plan exists already")]
    AlreadyCreated,
    /// No connection, too many, or one twice.
    #[error("a plan writes for 1 to {max} different connections", max = crate::MAX_CONNECTIONS)]
    Connections,
    /// The last day is before the first, or more than a year after it.
    #[error("a plan spans 1 to 366 days, and its last day is not before its first")]
    Period,
    /// The last day is over.
    #[error("the plan's last day is over already")]
    PeriodOver,
    /// A list of the brief is too long.
    #[error("this list has more than {max} entries", max = crate::Brief::MAX_ENTRIES)]
    BriefTooLong {
        /// Which list.
        field: &'static str,
    },
    /// No profile says how to ask the models.
    #[error("no generation profile is configured")]
    NoProfile,
    /// A run is writing at present.
    #[error("the plan is being written; wait until the run has ended")]
    GenerationOpen,
    /// What the model wrote cannot be used.
    #[error("the generated plan cannot be used: {defect}")]
    OutputInvalid {
        /// What is wrong with it.
        defect: Defect,
    },
    /// The plan can no longer be changed.
    #[error("a plan that is {status} cannot be changed")]
    Locked {
        /// What the plan is.
        status: Status,
    },
    /// The new time is not within the plan.
    #[error("this time is not within the plan's days")]
    OutsideOfPeriod,
    /// The new content is too long.
    #[error(
        "an item has at most {max} characters and {segments} further segments",
        max = crate::MAX_ITEM_CHARS,
        segments = crate::ItemContent::MAX_SEGMENTS
    )]
    ItemTooLong,
    /// Nobody accepted an item.
    #[error("no item of the plan is accepted; accept what is to become a post")]
    NothingAccepted,
    /// The plan changed since it was read.
    #[error("the plan has changed since you read it; it is at revision {revision} now")]
    StaleApproval {
        /// The revision that it is at.
        revision: u32,
    },
    /// A second pair of eyes is missing.
    #[error("this account asks for four eyes: somebody who did not work on the plan must approve")]
    FourEyes,
    /// The state does not allow it.
    #[error("a plan that is {status} does not allow this")]
    InvalidState {
        /// What the plan is.
        status: Status,
    },
}

/// What is wrong with what a model wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Defect {
    /// It does not follow the schema, or only after too many repairs.
    #[error("it does not follow the schema")]
    Schema,
    /// It proposes nothing, or too much.
    #[error("it has no item, or more than {max}", max = crate::MAX_ITEMS)]
    Count,
    /// Two items have the same id.
    #[error("an item appears twice")]
    Twice,
    /// An item is for a connection that the plan does not write for.
    #[error("an item is for a connection that the plan does not write for")]
    Connection,
    /// An item is not within the plan's days.
    #[error("an item is not within the plan's days")]
    Date,
    /// An item or the strategy is too long.
    #[error("an item or the strategy is too long")]
    Length,
}

impl Refusal for PlanRefusal {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound | Self::ItemNotFound { .. } => "NOT_FOUND",
            Self::AlreadyCreated | Self::InvalidState { .. } => "INVALID_STATE",
            Self::Connections
            | Self::Period
            | Self::PeriodOver
            | Self::BriefTooLong { .. }
            | Self::OutsideOfPeriod
            | Self::ItemTooLong => "VALIDATION",
            Self::NoProfile => "MODEL_UNAVAILABLE",
            Self::OutputInvalid { .. } => "OUTPUT_INVALID",
            Self::GenerationOpen | Self::Locked { .. } => "PLAN_LOCKED",
            Self::NothingAccepted => "NOTHING_ACCEPTED",
            Self::StaleApproval { .. } => "STALE_APPROVAL",
            Self::FourEyes => "FOUR_EYES_REQUIRED",
        }
    }

    fn field(&self) -> Option<&'static str> {
        match self {
            Self::Connections => Some("connections"),
            Self::Period | Self::PeriodOver => Some("period"),
            Self::BriefTooLong { field } => Some(field),
            Self::OutsideOfPeriod => Some("local"),
            Self::ItemTooLong => Some("content"),
            Self::ItemNotFound { .. } => Some("item"),
            Self::StaleApproval { .. } => Some("revision"),
            Self::NotFound
            | Self::AlreadyCreated
            | Self::NoProfile
            | Self::GenerationOpen
            | Self::OutputInvalid { .. }
            | Self::Locked { .. }
            | Self::NothingAccepted
            | Self::FourEyes
            | Self::InvalidState { .. } => None,
        }
    }

    fn retryable(&self) -> bool {
        matches!(self, Self::GenerationOpen)
    }
}
