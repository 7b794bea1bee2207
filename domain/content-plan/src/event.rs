//! What can have happened to a content plan.

use crate::{
    Brief, FailureKind, ItemContent, Outcome, Period, PlanConnection, PlannedItem, PostsPerWeek,
    Profile, Purpose, Strategy, Usage,
};
use herald_kernel::{
    AccountId, ContentHash, Fact, LocalTime, MemberId, Personal, PlanId, PlanItemId, PostId, RunId,
    Text, Zone,
};
use serde::{Deserialize, Serialize};

/// A fact about a content plan, stored as `plan.<name>`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[expect(missing_docs, reason = "the fields carry the names of the commands that explain them")]
pub enum PlanEvent {
    /// A plan was started.
    Created {
        plan: PlanId,
        account: AccountId,
        by: MemberId,
        brief: Box<Personal<Brief>>,
        period: Period,
        zone: Zone,
        connections: Vec<PlanConnection>,
        cadence: PostsPerWeek,
    },
    /// A run is about to ask the models.
    GenerationIntended {
        run: RunId,
        by: MemberId,
        profiles: Vec<Profile>,
        prompt_ref: Text<200>,
        prompt_hash: ContentHash,
    },
    /// A provider answered, usefully or not.
    GenerationAttempted {
        run: RunId,
        purpose: Purpose,
        provider: Text<64>,
        model: Text<200>,
        request_id: Text<200>,
        usage: Usage,
    },
    /// A run brought something; what, is in the events that follow.
    GenerationSucceeded { run: RunId, outcome: Box<Outcome> },
    /// The thought behind the items. Everything proposed before is gone.
    StrategyProposed { run: RunId, strategy: Personal<Strategy> },
    /// Items were proposed; a large calendar takes several of these.
    ItemsProposed { run: RunId, items: Vec<PlannedItem>, revision: u32, hash: ContentHash },
    /// A run brought nothing.
    GenerationFailed { run: RunId, kind: FailureKind, detail: Personal<Text<500>> },
    /// A person changed an item. An approval, if there was one, is void.
    ItemEdited {
        item: PlanItemId,
        content: Personal<ItemContent>,
        local: LocalTime,
        by: MemberId,
        revision: u32,
        hash: ContentHash,
    },
    /// An item may become a post. An approval, if there was one, is void.
    ItemAccepted { item: PlanItemId, by: MemberId, revision: u32, hash: ContentHash },
    /// An item shall not become a post. An approval, if there was one, is void.
    ItemRejected { item: PlanItemId, by: MemberId, revision: u32, hash: ContentHash },
    /// A review was asked for.
    Submitted { by: MemberId, revision: u32 },
    /// The plan was sent back.
    ChangesRequested { by: MemberId, comment: Personal<Text<2000>>, revision: u32 },
    /// Exactly this revision with exactly this content was approved.
    Approved { by: MemberId, revision: u32, hash: ContentHash },
    /// The accepted items became posts.
    Materialized { by: MemberId, items: Vec<(PlanItemId, PostId)> },
    /// All posts of the plan have had their time.
    Completed,
    /// The plan was put away.
    Archived { by: MemberId },
}

impl Fact for PlanEvent {
    const NAMES: &'static [&'static str] = &[
        "created",
        "generation_intended",
        "generation_attempted",
        "generation_succeeded",
        "strategy_proposed",
        "items_proposed",
        "generation_failed",
        "item_edited",
        "item_accepted",
        "item_rejected",
        "submitted",
        "changes_requested",
        "approved",
        "materialized",
        "completed",
        "archived",
    ];

    fn name(&self) -> &'static str {
        match self {
            Self::Created { .. } => "created",
            Self::GenerationIntended { .. } => "generation_intended",
            Self::GenerationAttempted { .. } => "generation_attempted",
            Self::GenerationSucceeded { .. } => "generation_succeeded",
            Self::StrategyProposed { .. } => "strategy_proposed",
            Self::ItemsProposed { .. } => "items_proposed",
            Self::GenerationFailed { .. } => "generation_failed",
            Self::ItemEdited { .. } => "item_edited",
            Self::ItemAccepted { .. } => "item_accepted",
            Self::ItemRejected { .. } => "item_rejected",
            Self::Submitted { .. } => "submitted",
            Self::ChangesRequested { .. } => "changes_requested",
            Self::Approved { .. } => "approved",
            Self::Materialized { .. } => "materialized",
            Self::Completed => "completed",
            Self::Archived { .. } => "archived",
        }
    }
}
