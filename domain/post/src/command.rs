//! What one can ask of a post.

use crate::{
    content::Content,
    new_target::NewTarget,
    outcome::{AbandonReason, Lookup, Remark, Resolution, Resource, Verdict},
    schedule::When,
    target::HoldReason,
};
use herald_kernel::{
    AccountId, ContentHash, Instant, MemberId, Personal, PlanId, PlanItemId, TargetId,
};
use serde::{Deserialize, Serialize};

/// The plan item that a post was made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanOrigin {
    /// The plan.
    pub plan: PlanId,
    /// The item in it.
    pub item: PlanItemId,
}

/// What the scheduler found out just before an attempt, without calling the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Preflight {
    /// May the account and its connection publish?
    pub publishing: Readiness,
    /// Are all pictures there to be sent?
    pub media_ready: bool,
    /// How long a text the connection may publish today.
    pub text_limit: u32,
}

/// Whether something may publish now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readiness {
    /// It may.
    Ready,
    /// Not now; the target is held for this reason.
    Held(HoldReason),
}

/// What one can ask of a post. People's commands carry who asks; the others are made by jobs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PostCommand {
    /// Write a post for one or more connections.
    Create {
        /// Whose post.
        account: AccountId,
        /// Who writes it.
        author: MemberId,
        /// What it says.
        content: Personal<Content>,
        /// The keyed fingerprint of the content.
        hash: ContentHash,
        /// Where it goes.
        targets: Vec<NewTarget>,
        /// The plan item that it was made from.
        origin: Option<PlanOrigin>,
    },
    /// Say something else. Clears the approval and the schedule.
    Edit {
        /// What it says now.
        content: Personal<Content>,
        /// The keyed fingerprint of the content.
        hash: ContentHash,
        /// Who asks.
        by: MemberId,
    },
    /// Ask for a review.
    Submit {
        /// Who asks.
        by: MemberId,
    },
    /// Allow exactly this content to go out.
    Approve {
        /// Who allows it.
        by: MemberId,
        /// The content that was read.
        hash: ContentHash,
    },
    /// Send it back to its author.
    RequestChanges {
        /// Who asks.
        by: MemberId,
        /// What to change.
        comment: Remark,
    },
    /// Decide against it.
    Reject {
        /// Who decides.
        by: MemberId,
        /// Why.
        reason: Remark,
    },
    /// Give it a time.
    Schedule {
        /// When.
        when: When,
        /// Who asks.
        by: MemberId,
    },
    /// Give it another time; also out of held and missed.
    Reschedule {
        /// When.
        when: When,
        /// Who asks.
        by: MemberId,
    },
    /// Take its time away.
    Unschedule {
        /// Who asks.
        by: MemberId,
    },
    /// Let it go out as soon as possible.
    PublishNow {
        /// Who asks.
        by: MemberId,
    },
    /// Give up every target that nothing can have been sent for.
    Cancel {
        /// Who asks.
        by: MemberId,
    },
    /// Resolve the wall-clock time again with the compiled-in time-zone database.
    ReResolve,
    /// Hold a target back.
    HoldTarget {
        /// Which.
        target: TargetId,
        /// Why.
        reason: HoldReason,
    },
    /// Let a held target go on.
    ReleaseTarget {
        /// Which.
        target: TargetId,
    },
    /// Its time has passed and nobody tried.
    MarkMissed {
        /// Which.
        target: TargetId,
    },
    /// Begin to publish a target whose time has come.
    BeginAttempt {
        /// Which.
        target: TargetId,
        /// What was found out just before.
        preflight: Preflight,
    },
    /// Something invisible is ready on the network.
    RecordPrepared {
        /// Which target.
        target: TargetId,
        /// The fence.
        attempt: u32,
        /// For which step.
        step: u16,
        /// What.
        resource: Resource,
    },
    /// Write down that a step is about to be sent, before it is.
    IntendCommit {
        /// Which target.
        target: TargetId,
        /// The fence.
        attempt: u32,
        /// Which step.
        step: u16,
        /// After this nothing may be sent any more.
        deadline: Instant,
        /// The keyed fingerprint of the normalised text.
        marker: ContentHash,
    },
    /// Write down what the one attempt on the wire came to. Always accepted for an intent.
    RecordVerdict {
        /// Which target.
        target: TargetId,
        /// The attempt of the intent.
        attempt: u32,
        /// Which step.
        step: u16,
        /// What it came to.
        verdict: Verdict,
    },
    /// End an attempt by which nothing can have been published.
    AbandonAttempt {
        /// Which target.
        target: TargetId,
        /// The fence.
        attempt: u32,
        /// Why.
        reason: AbandonReason,
        /// When to try again, if the network said so.
        retry_at: Option<Instant>,
    },
    /// The deadline of an intent passed without a verdict.
    DeclareUnknown {
        /// Which target.
        target: TargetId,
        /// The attempt of the intent.
        attempt: u32,
        /// Which step.
        step: u16,
    },
    /// Begin to look up an unknown outcome.
    BeginReconcile {
        /// Which target.
        target: TargetId,
    },
    /// Write down what a look-up said.
    RecordLookup {
        /// Which target.
        target: TargetId,
        /// Which step.
        step: u16,
        /// What it said.
        lookup: Lookup,
    },
    /// Look again, at a person's wish.
    Reconcile {
        /// Which target.
        target: TargetId,
        /// Who asks.
        by: MemberId,
    },
    /// Say how it went, as a person.
    ResolveByPerson {
        /// Which target.
        target: TargetId,
        /// Who says so.
        by: MemberId,
        /// How it went.
        resolution: Resolution,
    },
    /// Try a target again that is proven not to be there.
    RetryTarget {
        /// Which.
        target: TargetId,
        /// Who asks.
        by: MemberId,
    },
    /// The published post is gone from the network.
    ObserveRemoval {
        /// Which.
        target: TargetId,
    },
}
