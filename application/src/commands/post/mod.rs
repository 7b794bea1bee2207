//! What can be asked of a post.
//!
//! Most of it is one command to one post: a [`PostUse`], carried out as [`OnPost`].

mod approving;
mod attempting;
mod content;
mod creating;
mod reconciling;
mod scheduling;
mod weighing;

pub use approving::{ApprovePost, RejectPost, RequestChanges, SubmitPost};
pub use attempting::{
    AbandonAttempt, BeginAttempt, DeclareUnknown, HoldTarget, IntendCommit, ObserveRemoval,
    ReResolve, RecordPrepared, RecordVerdict, ReleaseTarget,
};
pub use content::{ContentInput, MediaInput, StepInput, content_hash};
pub use creating::{CreatePost, EditPost, NewPost, create_command};
pub use reconciling::{BeginReconcile, ReconcileTarget, RecordLookup, ResolveTarget, RetryTarget};
pub use scheduling::{
    CancelPost, PublishPost, ReschedulePost, SchedulePost, UnschedulePost, WhenInput,
};

use crate::{
    caller::Caller,
    execute::{Naming, UseCase, Who, Work},
    failure::Failure,
    log::Loaded,
    metering,
};
use async_trait::async_trait;
use herald_kernel::PostId;
use herald_post::{Post, PostCommand};
use serde::Serialize;
use uuid::Uuid;
use weighing::weigh;

/// How much a decision has to look at beside the post. Less is faster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weighs {
    /// The clock.
    Time,
    /// The clock and the account's policy.
    Policy,
    /// Those, and what was published lately.
    Budget,
}

/// One command to one post.
pub trait PostUse: Serialize + Send + Sync + 'static {
    /// Who may ask.
    const WHO: Who;
    /// What the decision looks at.
    const WEIGHS: Weighs = Weighs::Time;
    /// May somebody ask who owes a payment? What may not weighs [`Weighs::Budget`].
    const WHILE_OWING: bool = true;

    /// The post.
    fn post(&self) -> PostId;

    /// The command, on behalf of `caller`.
    fn command(&self, caller: &Caller) -> Result<PostCommand, Failure>;
}

/// Carries a [`PostUse`] out. Answers the post.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub struct OnPost<C>(pub C);

#[async_trait]
impl<C: PostUse> UseCase for OnPost<C> {
    const WHO: Who = C::WHO;
    type Answer = PostId;

    fn object(&self) -> Option<Uuid> {
        Some(self.0.post().uuid())
    }

    async fn attempt(&self, work: &mut Work<'_>) -> Result<PostId, Failure> {
        let mut post = load(work, self.0.post()).await?;
        let command = self.0.command(work.caller)?;
        let mut weighed = weigh(work, C::WEIGHS).await?;
        if !C::WHILE_OWING {
            weighed.entitled.must_allow_work()?;
        }
        let counted = post.state.counted();
        let decided = work.decide(&mut post, command, &weighed.context).await;
        decided.map_err(|refused| weighed.entitled.cite(refused))?;
        if post.state.counted() && !counted {
            metering::count_post(work, weighed.posts.as_mut(), self.0.post()).await?;
        }
        Ok(self.0.post())
    }

    fn replayed(&self, _: Naming) -> PostId {
        self.0.post()
    }
}

/// The post, if it is as the caller has seen it.
async fn load(work: &Work<'_>, post: PostId) -> Result<Loaded<Post>, Failure> {
    let post = work.load::<Post>(post.uuid()).await?;
    // For a key that is bound to some connections, posts for others are not there.
    if !post.state.targets().iter().all(|target| work.caller.reaches(target.connection)) {
        return Err(Failure::NotFound);
    }
    work.expect_version(editable_version(&post.state))?;
    Ok(post)
}

/// The version that a client compares: content and schedule, not attempts or metrics.
#[must_use]
pub fn editable_version(post: &Post) -> i64 {
    i64::try_from(post.editable_revision()).unwrap_or(i64::MAX)
}
