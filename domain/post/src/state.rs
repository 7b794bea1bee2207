//! The state of a post: what was written, who allowed it, when it goes out, and its targets.

use crate::{
    command::PlanOrigin,
    content::{Content, StepKind},
    outcome::Resource,
    schedule::Schedule,
    target::{Intent, Target},
};
use herald_kernel::{AccountId, ConnectionId, ContentHash, Instant, MemberId, Personal, TargetId};
use serde::{Deserialize, Serialize};

/// How far a post has come among its people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Editorial {
    /// It is being written.
    Draft,
    /// Somebody is asked to read it.
    InReview,
    /// Exactly this content may go out.
    Approved,
    /// Somebody decided against it.
    Rejected,
}

impl Editorial {
    /// The stored name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::InReview => "in_review",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
        }
    }
}

/// A post: drafted, approved, scheduled, attempted, and in the end published or given up.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Post {
    pub(crate) written: Option<Written>,
}

/// A post that exists.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Written {
    pub(crate) account: AccountId,
    pub(crate) author: MemberId,
    /// Who wrote the current content.
    pub(crate) editor: MemberId,
    pub(crate) content: Personal<Content>,
    pub(crate) hash: ContentHash,
    pub(crate) steps: u16,
    pub(crate) origin: Option<PlanOrigin>,
    pub(crate) editorial: Editorial,
    /// The content that somebody approved.
    pub(crate) approved: Option<ContentHash>,
    /// The content that may go out: approved, or scheduled where no approval is needed.
    pub(crate) released: Option<ContentHash>,
    pub(crate) schedule: Option<Schedule>,
    /// Has it been counted for a month?
    pub(crate) counted: bool,
    pub(crate) revision: u64,
    pub(crate) targets: Vec<Target>,
}

impl Written {
    pub(crate) fn target(&self, id: TargetId) -> Option<&Target> {
        self.targets.iter().find(|target| target.id == id)
    }
}

/// What the publisher needs to send a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepPlan {
    /// Which step; 0 is the root.
    pub index: u16,
    /// Which part of the content it is.
    pub kind: StepKind,
    /// The text.
    pub text: String,
    /// The pictures, in order.
    pub media: Vec<crate::content::MediaRef>,
    /// The network's id of the post that this step answers.
    pub reply_to: Option<String>,
    /// Is any of the post written or drawn by a machine?
    pub made_with_ai: bool,
}

impl Post {
    /// Whose post; `None` before it exists.
    #[must_use]
    pub fn account(&self) -> Option<AccountId> {
        self.written.as_ref().map(|post| post.account)
    }

    /// Who wrote it first.
    #[must_use]
    pub fn author(&self) -> Option<MemberId> {
        self.written.as_ref().map(|post| post.author)
    }

    /// The plan item that it was made from.
    #[must_use]
    pub fn origin(&self) -> Option<PlanOrigin> {
        self.written.as_ref().and_then(|post| post.origin)
    }

    /// What it says, unless that was erased.
    #[must_use]
    pub fn content(&self) -> Option<&Content> {
        self.written.as_ref().and_then(|post| post.content.known())
    }

    /// The keyed fingerprint of what it says.
    #[must_use]
    pub fn content_hash(&self) -> Option<&ContentHash> {
        self.written.as_ref().map(|post| &post.hash)
    }

    /// How far it has come among its people.
    #[must_use]
    pub fn editorial(&self) -> Option<Editorial> {
        self.written.as_ref().map(|post| post.editorial)
    }

    /// When it goes out.
    #[must_use]
    pub fn schedule(&self) -> Option<&Schedule> {
        self.written.as_ref().and_then(|post| post.schedule.as_ref())
    }

    /// The version that an editor refers to: it counts changes of content and schedule, and neither
    /// reviews nor attempts.
    #[must_use]
    pub fn editable_revision(&self) -> u64 {
        self.written.as_ref().map_or(0, |post| post.revision)
    }

    /// Has the post been counted for a month?
    #[must_use]
    pub fn counted(&self) -> bool {
        self.written.as_ref().is_some_and(|post| post.counted)
    }

    /// Where it goes.
    #[must_use]
    pub fn targets(&self) -> &[Target] {
        self.written.as_ref().map_or(&[], |post| post.targets.as_slice())
    }

    /// One target.
    #[must_use]
    pub fn target(&self, id: TargetId) -> Option<&Target> {
        self.written.as_ref().and_then(|post| post.target(id))
    }

    /// The target on a connection.
    #[must_use]
    pub fn target_on(&self, connection: ConnectionId) -> Option<&Target> {
        self.targets().iter().find(|target| target.connection == connection)
    }

    /// The step that is to be published next on a target; `None` when all stand, when the content
    /// was erased, or when what it would answer is not known.
    #[must_use]
    pub fn next_step(&self, target: TargetId) -> Option<StepPlan> {
        let target = self.target(target)?;
        self.step(target, target.next_step()?)
    }

    /// A step as it is, or was, sent: what a look-up compares with.
    #[must_use]
    pub fn step_plan(&self, target: TargetId, index: u16) -> Option<StepPlan> {
        self.step(self.target(target)?, index)
    }

    /// The intent on a target whose outcome is not known, and its step.
    #[must_use]
    pub fn intent(&self, target: TargetId) -> Option<(u16, &Intent)> {
        self.target(target)?.unresolved()
    }

    /// The intent that a look-up is to search for, and its step.
    #[must_use]
    pub fn in_question(&self, target: TargetId) -> Option<(u16, &Intent)> {
        self.target(target)?.in_question()
    }

    /// What the open attempt has prepared for a step and the network still remembers at `now`.
    pub fn prepared(
        &self,
        target: TargetId,
        step: u16,
        now: Instant,
    ) -> impl Iterator<Item = &Resource> {
        self.target(target)
            .into_iter()
            .flat_map(|target| &target.prepared)
            .filter(move |prepared| prepared.step == step)
            .map(|prepared| &prepared.resource)
            .filter(move |resource| resource.expires_at.is_none_or(|expires| now < expires))
    }

    fn step(&self, target: &Target, index: u16) -> Option<StepPlan> {
        let content = self.content()?;
        let (kind, step) = content.step(index)?;
        let reply_to = match kind {
            StepKind::Root => None,
            // A thread is a chain; the first comment answers the root, where readers look for it.
            StepKind::Segment => Some(target.remote_id(index.checked_sub(1)?)?),
            StepKind::FirstComment => Some(target.remote_id(0)?),
        };
        Some(StepPlan {
            index,
            kind,
            text: step.text.as_str().to_owned(),
            media: step.media.clone(),
            reply_to,
            made_with_ai: content.made_with_ai,
        })
    }
}
