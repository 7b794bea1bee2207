//! Targets: one post on one connection, with its steps, attempts and evidence.

use super::{
    connection::SocialAccount,
    names::{AttemptOutcome, IntentState, Network, StepKind, TargetStatus, Word, word},
    post::{Post, network},
};
use crate::schema::{
    fault::{Fault, Result},
    reads,
    scalars::{BigInt, DateTime, int},
    visitor::{caller, desk},
};
use async_graphql::{Context, ID, Object, SimpleObject};
use herald_account::Action;
use herald_application::{
    entitlements,
    ports::Observation,
    reading::require,
    views::posts::{AttemptDoc, PostDoc, next_action},
};
use herald_kernel::TargetId;
use herald_post::{self as domain, TargetState};
use herald_terms::Feature;
use std::sync::Arc;

/// One post on one connection, with a state of its own.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    pub(crate) post: Arc<PostDoc>,
    pub(crate) id: TargetId,
}

impl Target {
    fn target(&self) -> Result<&domain::Target> {
        self.post.post.target(self.id).ok_or_else(|| Fault::internal("a target left its post"))
    }
}

/// One post on one connection, with a state of its own.
#[Object]
impl Target {
    /// The target's id, `tgt_…`.
    pub(crate) async fn id(&self) -> ID {
        self.id.to_string().into()
    }

    /// The post.
    async fn post(&self) -> Post {
        Post(Arc::clone(&self.post))
    }

    /// The connection that it goes out by.
    async fn connection(&self, ctx: &Context<'_>) -> Result<Option<SocialAccount>> {
        reads::connection(ctx, self.target()?.connection).await
    }

    /// The network.
    async fn network(&self) -> Result<Network> {
        network(self.target()?.network)
    }

    /// Where it stands.
    async fn status(&self) -> Result<TargetStatus> {
        TargetStatus::named(self.target()?.state.name())
    }

    /// Why it is held back, if it is.
    async fn held_reason(&self) -> Result<Option<&'static str>> {
        let TargetState::Held(reason) = &self.target()?.state else { return Ok(None) };
        Ok(Some(reason.name()))
    }

    /// Why it failed, or why the rest of it stays unpublished.
    async fn failure(&self) -> Result<Option<TargetFailure>> {
        let (TargetState::Failed(failure) | TargetState::PartiallyPublished(failure)) =
            &self.target()?.state
        else {
            return Ok(None);
        };
        let kind = failure.kind.name().to_owned();
        let (code, detail) = (failure.code.clone(), failure.detail.clone());
        Ok(Some(TargetFailure { kind, code, detail }))
    }

    /// Why only a person can say how it went, when that is so.
    async fn human_reason(&self) -> Result<Option<String>> {
        let TargetState::NeedsHuman { reason, .. } = &self.target()?.state else {
            return Ok(None);
        };
        Ok(Some(word(reason)))
    }

    /// The mutation with which a person could go on, if one is needed.
    async fn next_action(&self) -> Result<Option<&'static str>> {
        Ok(next_action(&self.target()?.state))
    }

    /// When it is to be tried next.
    async fn due_at(&self) -> Result<Option<DateTime>> {
        Ok(self.target()?.due.map(Into::into))
    }

    /// When its root was published.
    async fn published_at(&self) -> Result<Option<DateTime>> {
        Ok(self.target()?.root().map(|root| root.at.into()))
    }

    /// Where people see its root.
    async fn url(&self) -> Result<Option<&str>> {
        Ok(self.target()?.root().map(|root| root.remote.url.as_str()))
    }

    /// The network's id of its root.
    async fn remote_id(&self) -> Result<Option<&str>> {
        Ok(self.target()?.root().map(|root| root.remote.remote_id.as_str()))
    }

    /// Its steps, in the order in which they are published.
    async fn steps(&self) -> Result<Vec<TargetStep>> {
        let content = self.post.post.content();
        let kind = |index: u16| content.and_then(|content| Some(content.step(index)?.0));
        let steps = self.target()?.steps.iter().enumerate();
        Ok(steps
            .map(|(index, step)| {
                TargetStep::of(index, kind(u16::try_from(index).unwrap_or(0)), step)
            })
            .collect())
    }

    /// Every attempt, oldest first.
    async fn attempts(&self) -> Result<Vec<Attempt>> {
        self.post.attempts_at(self.id).map(Attempt::of).collect()
    }

    /// What the network said about it, newest first, at most 100 observations. `null`, with the error
    /// `FEATURE_NOT_INCLUDED`, where the account's tier has no analytics.
    async fn metrics(&self, ctx: &Context<'_>) -> Result<Option<Vec<Metrics>>> {
        let (caller, desk) = (caller(ctx).await?, desk(ctx)?);
        require(&caller, Action::ReadPosts)?;
        let entitled = entitlements::of_account(desk, caller.account).await?;
        entitled.must_include(Feature::Analytics)?;
        let observed = desk.stores.observations.of_target(caller.account, self.id, 100).await;
        let observed = observed.map_err(herald_application::failure::Failure::from)?;
        Ok(Some(observed.iter().map(Metrics::of).collect()))
    }
}

/// What failed.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct TargetFailure {
    /// What kind of failure, for example `auth`, `quota` or `policy`. Never a timeout: a call whose
    /// end was not seen is an unknown outcome.
    pub(crate) kind: String,
    /// The network's code, or that of our own rule.
    pub(crate) code: String,
    /// The network's words, or those of our own rule.
    pub(crate) detail: String,
}

/// One step of a target.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct TargetStep {
    /// Its place, from 0.
    pub(crate) index: i32,
    /// Which part of the post it is; `null` once the content was erased.
    pub(crate) kind: Option<StepKind>,
    /// When it was published, as far as we know.
    pub(crate) published_at: Option<DateTime>,
    /// The network's id.
    pub(crate) remote_id: Option<String>,
    /// Where people see it.
    pub(crate) url: Option<String>,
    /// Every time that it was about to be sent, oldest first: the evidence of what was tried.
    pub(crate) intents: Vec<Intent>,
    /// A second copy that an earlier intent turned out to have published.
    pub(crate) duplicate_url: Option<String>,
}

/// A commit that was written down before it was sent.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct Intent {
    /// The attempt that it belongs to.
    pub(crate) attempt: i32,
    /// When it was written down.
    pub(crate) intended_at: DateTime,
    /// After this nothing was sent any more.
    pub(crate) deadline: DateTime,
    /// What became of it.
    pub(crate) state: IntentState,
}

impl TargetStep {
    fn of(index: usize, kind: Option<domain::StepKind>, step: &domain::Step) -> Self {
        let published = step.published.as_ref();
        Self {
            index: int(index),
            kind: kind.map(|kind| match kind {
                domain::StepKind::Root => StepKind::Root,
                domain::StepKind::Segment => StepKind::Segment,
                domain::StepKind::FirstComment => StepKind::FirstComment,
            }),
            published_at: published.map(|published| published.at.into()),
            remote_id: published.map(|published| published.remote.remote_id.clone()),
            url: published.map(|published| published.remote.url.clone()),
            intents: step.intents.iter().map(Intent::of).collect(),
            duplicate_url: step.duplicate.as_ref().map(|remote| remote.url.clone()),
        }
    }
}

impl Intent {
    fn of(intent: &domain::Intent) -> Self {
        Self {
            attempt: int(intent.attempt),
            intended_at: intent.intended_at.into(),
            deadline: intent.deadline.into(),
            state: match intent.state {
                domain::IntentState::Open => IntentState::Open,
                domain::IntentState::Unknown => IntentState::Unknown,
                domain::IntentState::Committed => IntentState::Committed,
                domain::IntentState::Rejected => IntentState::Rejected,
                domain::IntentState::Absent => IntentState::Absent,
                domain::IntentState::Denied => IntentState::Denied,
            },
        }
    }
}

/// One try to publish a target.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct Attempt {
    /// Its number, from 1.
    pub(crate) number: i32,
    /// The first step that it was to publish.
    pub(crate) step: i32,
    /// When it began.
    pub(crate) started_at: DateTime,
    /// When its outcome was known.
    pub(crate) ended_at: Option<DateTime>,
    /// How it ended.
    pub(crate) outcome: AttemptOutcome,
    /// The network's or our own code.
    pub(crate) code: Option<String>,
    /// What was seen, in words.
    pub(crate) detail: Option<String>,
}

impl Attempt {
    fn of(doc: &AttemptDoc) -> Result<Self> {
        Ok(Self {
            number: int(doc.number),
            step: int(doc.step),
            started_at: doc.started_at.into(),
            ended_at: doc.ended_at.map(Into::into),
            outcome: AttemptOutcome::named(&doc.outcome)?,
            code: doc.code.clone(),
            detail: doc.detail.clone(),
        })
    }
}

/// What a network said of a published post at one time. `null`: it did not say.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct Metrics {
    /// When we asked.
    pub(crate) at: DateTime,
    /// Times shown.
    pub(crate) impressions: Option<BigInt>,
    /// Likes.
    pub(crate) likes: Option<BigInt>,
    /// Reposts.
    pub(crate) reposts: Option<BigInt>,
    /// Replies.
    pub(crate) replies: Option<BigInt>,
    /// Quotes.
    pub(crate) quotes: Option<BigInt>,
    /// Bookmarks.
    pub(crate) bookmarks: Option<BigInt>,
}

impl Metrics {
    fn of(observed: &Observation) -> Self {
        Self {
            at: observed.at.into(),
            impressions: observed.impressions.map(Into::into),
            likes: observed.likes.map(Into::into),
            reposts: observed.reposts.map(Into::into),
            replies: observed.replies.map(Into::into),
            quotes: observed.quotes.map(Into::into),
            bookmarks: observed.bookmarks.map(Into::into),
        }
    }
}
