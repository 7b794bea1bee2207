//! What a content plan is at present, and what one can read from it.

use crate::{Brief, FailureKind, Item, ItemState, Period, PlanConnection, PostsPerWeek, Strategy};
use herald_kernel::{
    AccountId, ContentHash, MemberId, Personal, PlanId, PlanItemId, PostId, RunId, Zone,
};
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

/// The most items of one plan.
pub const MAX_ITEMS: usize = 200;

/// The most connections that one plan writes for.
pub const MAX_CONNECTIONS: usize = 10;

/// A calendar of proposed posts.
///
/// Its serialised form is for views, which keep a folded plan; the log keeps events alone.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContentPlan {
    pub(crate) birth: Option<Birth>,
    pub(crate) stage: Stage,
    pub(crate) strategy: Option<Personal<Strategy>>,
    pub(crate) items: BTreeMap<PlanItemId, Item>,
    pub(crate) revision: u32,
    pub(crate) hash: Option<ContentHash>,
    pub(crate) run: Option<OpenRun>,
    pub(crate) workers: BTreeSet<MemberId>,
    pub(crate) approval: Option<Approval>,
}

/// What a plan was created with; it never changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Birth {
    pub(crate) plan: PlanId,
    pub(crate) account: AccountId,
    pub(crate) by: MemberId,
    pub(crate) brief: Personal<Brief>,
    pub(crate) period: Period,
    pub(crate) zone: Zone,
    pub(crate) connections: Vec<PlanConnection>,
    pub(crate) cadence: PostsPerWeek,
}

/// How far a plan got.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Stage {
    #[default]
    Absent,
    Draft,
    Generating,
    GenerationFailed(FailureKind),
    Proposed,
    InReview,
    ChangesRequested,
    Approved,
    Materialized,
    Completed,
    Archived,
}

/// A run that is writing at present.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenRun {
    /// Which run.
    pub run: RunId,
    /// The provider's ids of the answers so far.
    pub answers: Vec<String>,
}

/// An approval, and what exactly it is bound to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// Who approved.
    pub by: MemberId,
    /// Which revision.
    pub revision: u32,
    /// Which content.
    pub hash: ContentHash,
}

/// What a plan is, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It does not exist.
    Absent,
    /// It has a brief.
    Draft,
    /// It is being written.
    Generating,
    /// Writing it failed.
    GenerationFailed,
    /// It has items to accept, edit and reject.
    Proposed,
    /// Somebody is to approve it.
    InReview,
    /// It was sent back.
    ChangesRequested,
    /// It may become posts.
    Approved,
    /// Its accepted items are posts.
    Materialized,
    /// Its posts have had their time.
    Completed,
    /// It was put away.
    Archived,
}

impl Status {
    /// The stored name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Absent => "absent",
            Self::Draft => "draft",
            Self::Generating => "generating",
            Self::GenerationFailed => "generation_failed",
            Self::Proposed => "proposed",
            Self::InReview => "in_review",
            Self::ChangesRequested => "changes_requested",
            Self::Approved => "approved",
            Self::Materialized => "materialized",
            Self::Completed => "completed",
            Self::Archived => "archived",
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl ContentPlan {
    /// The plan's id.
    #[must_use]
    pub fn id(&self) -> Option<PlanId> {
        self.birth.as_ref().map(|birth| birth.plan)
    }

    /// The account that the plan belongs to.
    #[must_use]
    pub fn account(&self) -> Option<AccountId> {
        self.birth.as_ref().map(|birth| birth.account)
    }

    /// Who wrote the brief.
    #[must_use]
    pub fn created_by(&self) -> Option<MemberId> {
        self.birth.as_ref().map(|birth| birth.by)
    }

    /// The brief.
    #[must_use]
    pub fn brief(&self) -> Option<&Personal<Brief>> {
        self.birth.as_ref().map(|birth| &birth.brief)
    }

    /// The days that the plan spans.
    #[must_use]
    pub fn period(&self) -> Option<Period> {
        self.birth.as_ref().map(|birth| birth.period)
    }

    /// The zone of the items' times.
    #[must_use]
    pub fn zone(&self) -> Option<&Zone> {
        self.birth.as_ref().map(|birth| &birth.zone)
    }

    /// The connections that the plan writes for.
    #[must_use]
    pub fn connections(&self) -> &[PlanConnection] {
        self.birth.as_ref().map_or(&[], |birth| &birth.connections)
    }

    /// How often each of them posts.
    #[must_use]
    pub fn cadence(&self) -> Option<PostsPerWeek> {
        self.birth.as_ref().map(|birth| birth.cadence)
    }

    /// What the plan is.
    #[must_use]
    pub const fn status(&self) -> Status {
        match self.stage {
            Stage::Absent => Status::Absent,
            Stage::Draft => Status::Draft,
            Stage::Generating => Status::Generating,
            Stage::GenerationFailed(_) => Status::GenerationFailed,
            Stage::Proposed => Status::Proposed,
            Stage::InReview => Status::InReview,
            Stage::ChangesRequested => Status::ChangesRequested,
            Stage::Approved => Status::Approved,
            Stage::Materialized => Status::Materialized,
            Stage::Completed => Status::Completed,
            Stage::Archived => Status::Archived,
        }
    }

    /// Why the latest run came to nothing, if it did.
    #[must_use]
    pub const fn failure(&self) -> Option<FailureKind> {
        if let Stage::GenerationFailed(kind) = self.stage { Some(kind) } else { None }
    }

    /// The run that is writing at present.
    #[must_use]
    pub const fn open_run(&self) -> Option<&OpenRun> {
        self.run.as_ref()
    }

    /// The thought behind the items.
    #[must_use]
    pub const fn strategy(&self) -> Option<&Personal<Strategy>> {
        self.strategy.as_ref()
    }

    /// All items, by id.
    #[must_use]
    pub const fn items(&self) -> &BTreeMap<PlanItemId, Item> {
        &self.items
    }

    /// One item.
    #[must_use]
    pub fn item(&self, item: PlanItemId) -> Option<&Item> {
        self.items.get(&item)
    }

    /// The posts that the items became.
    pub fn posts(&self) -> impl Iterator<Item = (&Item, PostId)> {
        self.items.values().filter_map(|item| match item.state {
            ItemState::Materialized(post) => Some((item, post)),
            ItemState::Proposed | ItemState::Edited | ItemState::Accepted | ItemState::Rejected => {
                None
            }
        })
    }

    /// How often the content changed; what an approval is bound to.
    #[must_use]
    pub const fn revision(&self) -> u32 {
        self.revision
    }

    /// The keyed fingerprint of the content; what an approval is bound to.
    #[must_use]
    pub const fn hash(&self) -> Option<&ContentHash> {
        self.hash.as_ref()
    }

    /// The approval, while the content is still what was approved.
    #[must_use]
    pub const fn approval(&self) -> Option<&Approval> {
        self.approval.as_ref()
    }

    /// Has anybody accepted an item?
    #[must_use]
    pub fn has_accepted(&self) -> bool {
        self.items.values().any(|item| item.state == ItemState::Accepted)
    }
}
