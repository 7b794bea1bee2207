//! What one can ask of a content plan.

use crate::{
    Brief, FailureKind, ItemContent, Outcome, Period, PlanConnection, PostsPerWeek, Profile,
    ProposedItem, Purpose, Strategy, Usage,
};
use herald_kernel::{
    AccountId, ContentHash, LocalTime, MemberId, PlanId, PlanItemId, RunId, Text, Zone,
};

/// A wish or a report.
///
/// Every `hash` is the keyed fingerprint of the plan's whole content *after* the command: of what
/// would become posts if it were approved then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlanCommand {
    /// Start a plan.
    Create {
        /// Its id, from which its posts' ids follow.
        plan: PlanId,
        /// Whose plan.
        account: AccountId,
        /// Who writes the brief.
        by: MemberId,
        /// What it is to achieve.
        brief: Box<Brief>,
        /// Which days.
        period: Period,
        /// In which zone's time.
        zone: Zone,
        /// For which connections.
        connections: Vec<PlanConnection>,
        /// How often.
        cadence: PostsPerWeek,
    },
    /// Have a strategy and items written. They replace what was proposed before.
    RequestGeneration {
        /// The run's id.
        run: RunId,
        /// Who asks.
        by: MemberId,
        /// How the models are asked.
        profiles: Vec<Profile>,
        /// Where the content store keeps the prompt.
        prompt_ref: Text<200>,
        /// The prompt's keyed fingerprint.
        prompt_hash: ContentHash,
    },
    /// A provider answered, usefully or not.
    RecordAttempt {
        /// In which run.
        run: RunId,
        /// For what.
        purpose: Purpose,
        /// Who answered.
        provider: Text<64>,
        /// Which model.
        model: Text<200>,
        /// The provider's id of the answer.
        request_id: Text<200>,
        /// What the answer took, whether or not it can be used.
        usage: Usage,
    },
    /// A run brought something. Validated here once more, never trusted.
    RecordGeneration {
        /// Which run.
        run: RunId,
        /// What it took.
        outcome: Box<Outcome>,
        /// The thought behind it.
        strategy: Strategy,
        /// The proposed posts.
        items: Vec<ProposedItem>,
        /// The plan's fingerprint.
        hash: ContentHash,
    },
    /// A run brought nothing.
    FailGeneration {
        /// Which run.
        run: RunId,
        /// Why.
        kind: FailureKind,
        /// In the provider's or our words.
        detail: Text<500>,
    },
    /// Change an item's content or time.
    EditItem {
        /// Which item.
        item: PlanItemId,
        /// The new content.
        content: ItemContent,
        /// The new time.
        local: LocalTime,
        /// Who.
        by: MemberId,
        /// The plan's fingerprint.
        hash: ContentHash,
    },
    /// Let an item become a post.
    AcceptItem {
        /// Which item.
        item: PlanItemId,
        /// Who.
        by: MemberId,
        /// The plan's fingerprint.
        hash: ContentHash,
    },
    /// Let an item not become a post.
    RejectItem {
        /// Which item.
        item: PlanItemId,
        /// Who.
        by: MemberId,
        /// The plan's fingerprint.
        hash: ContentHash,
    },
    /// Ask for a review.
    Submit {
        /// Who.
        by: MemberId,
    },
    /// Send the plan back.
    RequestChanges {
        /// Who.
        by: MemberId,
        /// What is to change.
        comment: Text<2000>,
    },
    /// Approve exactly this revision with exactly this content.
    Approve {
        /// Who.
        by: MemberId,
        /// The revision that was read.
        revision: u32,
        /// The content that was read.
        hash: ContentHash,
    },
    /// Turn the accepted items into posts.
    Materialize {
        /// Who.
        by: MemberId,
    },
    /// All posts of the plan have had their time.
    Complete,
    /// Put the plan away.
    Archive {
        /// Who.
        by: MemberId,
    },
}
