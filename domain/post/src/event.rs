//! What can have happened to a post, as the log keeps it for ever.

use crate::{
    command::PlanOrigin,
    content::Content,
    new_target::NewTarget,
    outcome::{
        AbandonReason, Authority, Evidence, Failure, HumanReason, Lookup, Rejection, Remark,
        Remote, Resolution, Resource, UnknownCause,
    },
    schedule::Schedule,
    target::HoldReason,
};
use herald_kernel::{AccountId, ContentHash, Fact, Instant, MemberId, Personal, TargetId};
use serde::{Deserialize, Serialize};

/// Declares the events and, from the same lines, their stored names.
macro_rules! events {
    ($($(#[$doc:meta])* $name:ident = $stored:literal {
        $($(#[$field_doc:meta])* $field:ident: $type:ty,)*
    })*) => {
        /// What can have happened to a post. Stored names are for ever.
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        #[serde(tag = "type")]
        pub enum PostEvent {
            $($(#[$doc])* #[serde(rename = $stored)] $name {
                $($(#[$field_doc])* $field: $type,)*
            },)*
        }

        impl Fact for PostEvent {
            const NAMES: &'static [&'static str] = &[$($stored),*];

            fn name(&self) -> &'static str {
                match self {
                    $(Self::$name { .. } => $stored,)*
                }
            }
        }
    };
}

events! {
    /// Somebody wrote it.
    Created = "created" {
        /// Whose post.
        account: AccountId,
        /// Who wrote it.
        author: MemberId,
        /// What it says.
        content: Personal<Content>,
        /// The keyed fingerprint of the content.
        content_hash: ContentHash,
        /// How many steps the content has.
        steps: u16,
        /// Where it goes.
        targets: Vec<NewTarget>,
        /// The plan item that it was made from.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        origin: Option<PlanOrigin>,
    }
    /// It says something else now; its approval is cleared.
    ContentRevised = "content_revised" {
        /// What it says.
        content: Personal<Content>,
        /// The keyed fingerprint of the content.
        content_hash: ContentHash,
        /// How many steps the content has.
        steps: u16,
        /// Who changed it.
        by: MemberId,
    }
    /// A review was asked for.
    Submitted = "submitted" {
        /// Who asked.
        by: MemberId,
    }
    /// Exactly this content may go out.
    Approved = "approved" {
        /// Who allowed it.
        by: MemberId,
        /// The content that was read.
        content_hash: ContentHash,
    }
    /// It went back to its author.
    ChangesRequested = "changes_requested" {
        /// Who asked.
        by: MemberId,
        /// What to change.
        comment: Remark,
    }
    /// Somebody decided against it.
    Rejected = "rejected" {
        /// Who decided.
        by: MemberId,
        /// Why.
        reason: Remark,
    }
    /// It has a time.
    Scheduled = "scheduled" {
        /// When.
        schedule: Schedule,
        /// What goes out then.
        content_hash: ContentHash,
        /// Which targets wait for it.
        targets: Vec<TargetId>,
        /// Does the post count for the month from here on? Once in its life.
        counted: bool,
        /// Who asked.
        by: MemberId,
    }
    /// It has another time.
    Rescheduled = "rescheduled" {
        /// When.
        schedule: Schedule,
        /// What goes out then.
        content_hash: ContentHash,
        /// Which targets wait for it.
        targets: Vec<TargetId>,
        /// Who asked.
        by: MemberId,
    }
    /// A new time-zone database understands its wall-clock time otherwise.
    ScheduleReResolved = "schedule_re_resolved" {
        /// When, now.
        schedule: Schedule,
        /// When it would have been.
        was: Instant,
        /// Which targets wait for it.
        targets: Vec<TargetId>,
    }
    /// It has no time any more.
    Unscheduled = "unscheduled" {
        /// Which targets waited.
        targets: Vec<TargetId>,
        /// Who asked.
        by: MemberId,
    }
    /// A person wants what is not sent yet to be given up.
    CancelRequested = "cancel_requested" {
        /// Who asked.
        by: MemberId,
    }
    /// A target is given up, at a person's wish.
    TargetCanceled = "target_canceled" {
        /// Which.
        target: TargetId,
    }
    /// A target is held back.
    TargetHeld = "target_held" {
        /// Which.
        target: TargetId,
        /// Why.
        reason: HoldReason,
    }
    /// A held target goes on.
    TargetReleased = "target_released" {
        /// Which.
        target: TargetId,
        /// When it is to be tried.
        due: Instant,
    }
    /// A target's time passed.
    TargetMissed = "target_missed" {
        /// Which.
        target: TargetId,
        /// When it should have begun.
        due: Instant,
        /// When that was noticed.
        at: Instant,
    }
    /// An attempt to publish began. Its number is the fence.
    AttemptStarted = "attempt_started" {
        /// Which target.
        target: TargetId,
        /// Its number, from 1.
        attempt: u32,
        /// The first step that is not published.
        step: u16,
        /// What is sent.
        content_hash: ContentHash,
        /// When.
        at: Instant,
    }
    /// Something invisible is ready on the network.
    ResourcePrepared = "resource_prepared" {
        /// Which target.
        target: TargetId,
        /// The attempt.
        attempt: u32,
        /// For which step.
        step: u16,
        /// What.
        resource: Resource,
    }
    /// A step is about to be sent. Written down before it is.
    CommitIntended = "commit_intended" {
        /// Which target.
        target: TargetId,
        /// The attempt.
        attempt: u32,
        /// Which step.
        step: u16,
        /// What is sent.
        content_hash: ContentHash,
        /// The keyed fingerprint of the normalised text.
        marker: ContentHash,
        /// After this nothing is sent any more.
        deadline: Instant,
        /// When it was written down.
        at: Instant,
    }
    /// A step stands on the network.
    StepPublished = "step_published" {
        /// Which target.
        target: TargetId,
        /// The attempt that published it.
        attempt: u32,
        /// Which step.
        step: u16,
        /// Where.
        remote: Remote,
        /// How that is known.
        evidence: Evidence,
        /// When that became known.
        at: Instant,
    }
    /// A step was refused, provably.
    StepRejected = "step_rejected" {
        /// Which target.
        target: TargetId,
        /// The attempt.
        attempt: u32,
        /// Which step.
        step: u16,
        /// How.
        rejection: Rejection,
        /// When.
        at: Instant,
    }
    /// Nobody saw how a step ended.
    OutcomeUnknown = "outcome_unknown" {
        /// Which target.
        target: TargetId,
        /// The attempt.
        attempt: u32,
        /// Which step.
        step: u16,
        /// What was seen instead.
        cause: UnknownCause,
        /// When.
        at: Instant,
    }
    /// An attempt ended before anything could have been published by it.
    AttemptAbandoned = "attempt_abandoned" {
        /// Which target.
        target: TargetId,
        /// The attempt.
        attempt: u32,
        /// Why.
        reason: AbandonReason,
        /// When the target is to be tried again.
        due: Instant,
    }
    /// A look-up of an unknown outcome began.
    ReconcileStarted = "reconcile_started" {
        /// Which target.
        target: TargetId,
        /// Which step.
        step: u16,
        /// Who asked.
        by: Authority,
        /// When.
        at: Instant,
    }
    /// A look-up said something.
    LookupRecorded = "lookup_recorded" {
        /// Which target.
        target: TargetId,
        /// The attempt whose intent was looked for.
        attempt: u32,
        /// Which step.
        step: u16,
        /// What it said.
        lookup: Lookup,
        /// Does it count? An absence does when its listing is complete and late enough.
        counts: bool,
        /// When.
        at: Instant,
    }
    /// An intent is taken not to have published: looked for twice and not found, or a person says so.
    StepNotPublished = "step_not_published" {
        /// Which target.
        target: TargetId,
        /// The attempt.
        attempt: u32,
        /// Which step.
        step: u16,
        /// How that is known.
        evidence: Evidence,
        /// When.
        at: Instant,
    }
    /// An intent turned out to have published after it was given up: there may be two now.
    DuplicateRiskFound = "duplicate_risk_found" {
        /// Which target.
        target: TargetId,
        /// The attempt.
        attempt: u32,
        /// Which step.
        step: u16,
        /// What it published.
        remote: Remote,
        /// When that became known.
        at: Instant,
    }
    /// A target may be tried again, from `due` on.
    RetryAuthorized = "retry_authorized" {
        /// Which.
        target: TargetId,
        /// Who allowed it.
        by: Authority,
        /// When.
        due: Instant,
    }
    /// Only a person can say how it went.
    TargetNeedsHuman = "target_needs_human" {
        /// Which.
        target: TargetId,
        /// Which step is in question.
        step: u16,
        /// Why.
        reason: HumanReason,
        /// When.
        at: Instant,
    }
    /// A person said how it went.
    ResolvedByPerson = "resolved_by_person" {
        /// Which target.
        target: TargetId,
        /// Which step was in question.
        step: u16,
        /// How it went.
        resolution: Resolution,
        /// Who said so.
        by: MemberId,
        /// When.
        at: Instant,
    }
    /// Every step of a target is published.
    TargetPublished = "target_published" {
        /// Which.
        target: TargetId,
        /// The root on the network.
        remote: Remote,
        /// When its last step was.
        at: Instant,
    }
    /// Some steps of a target are published and the rest is given up.
    TargetPartiallyPublished = "target_partially_published" {
        /// Which.
        target: TargetId,
        /// How many steps stand.
        published: u16,
        /// Why the rest does not.
        failure: Failure,
        /// When.
        at: Instant,
    }
    /// A target was refused, provably, and nothing of it is published.
    TargetFailed = "target_failed" {
        /// Which.
        target: TargetId,
        /// Why.
        failure: Failure,
        /// When.
        at: Instant,
    }
    /// A published target is gone from the network.
    TargetRemoteRemoved = "target_remote_removed" {
        /// Which.
        target: TargetId,
        /// When that was noticed.
        at: Instant,
    }
}
