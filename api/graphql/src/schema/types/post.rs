//! Posts and what they say.

use super::{
    names::{MediaKind, Network, PostStatus, Shift, StepKind, Word, word},
    review::Review,
    target::Target,
};
use crate::schema::{
    fault::Result,
    reads,
    scalars::{BigInt, DateTime, LocalTime, Zone, int},
    types::account::Member,
};
use async_graphql::{Context, ID, Object, SimpleObject};
use herald_application::views::posts::PostDoc;
use herald_post::{MediaRef, Schedule as Decided, StepContent};
use std::sync::Arc;

/// A post: content for one or more targets.
#[derive(Debug, Clone)]
pub(crate) struct Post(pub(crate) Arc<PostDoc>);

/// A post: content for one or more targets.
#[Object]
impl Post {
    /// The post's id, `post_…`.
    pub(crate) async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }

    /// How it stands as a whole.
    async fn status(&self) -> Result<PostStatus> {
        PostStatus::named(self.0.status())
    }

    /// What `expectedVersion` is compared with: it counts changes of content and schedule, and
    /// neither reviews nor attempts.
    async fn version(&self) -> i32 {
        int(self.0.post.editable_revision())
    }

    /// The fingerprint of what it says now: what `approvePost` is bound to.
    async fn content_hash(&self) -> Option<String> {
        self.0.post.content_hash().map(ToString::to_string)
    }

    /// Everything that it says, step by step; `null` once that was erased.
    async fn content(&self) -> Option<Content> {
        self.0.post.content().map(Content::of)
    }

    /// The beginning of what it says.
    async fn excerpt(&self) -> String {
        self.0.excerpt()
    }

    /// When it goes out, if it has a time.
    async fn schedule(&self) -> Result<Option<Schedule>> {
        self.0.post.schedule().map(Schedule::of).transpose()
    }

    /// Where it goes: one target for each connection.
    #[graphql(complexity = "1 + 2 * child_complexity")]
    async fn targets(&self) -> Vec<Target> {
        let targets = self.0.post.targets().iter();
        targets.map(|target| Target { post: Arc::clone(&self.0), id: target.id }).collect()
    }

    /// What reviewers said, oldest first.
    async fn reviews(&self) -> Result<Vec<Review>> {
        self.0.reviews.iter().map(Review::of).collect()
    }

    /// The member who wrote it first.
    async fn author(&self, ctx: &Context<'_>) -> Result<Option<Member>> {
        match self.0.post.author() {
            Some(author) => reads::member(ctx, author).await,
            None => Ok(None),
        }
    }

    /// The plan item that it was made from, if it was.
    async fn origin(&self) -> Option<PlanOrigin> {
        self.0.post.origin().map(|origin| PlanOrigin {
            plan: origin.plan.to_string().into(),
            item: origin.item.to_string().into(),
        })
    }

    /// When it was created.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// When anything last happened to it.
    async fn updated_at(&self) -> DateTime {
        self.0.updated_at.into()
    }
}

/// The plan item that a post was made from.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct PlanOrigin {
    /// The plan.
    pub(crate) plan: ID,
    /// The item in it.
    pub(crate) item: ID,
}

/// Everything that a post says.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct Content {
    /// The steps in the order in which they are published: the root, the rest of the thread, the
    /// first comment.
    pub(crate) steps: Vec<Step>,
    /// Is any of it written or drawn by a machine?
    pub(crate) made_with_ai: bool,
}

/// One step: what becomes one post on a network.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct Step {
    /// Its place, from 0.
    pub(crate) index: i32,
    /// Which part of the post it is.
    pub(crate) kind: StepKind,
    /// The text.
    pub(crate) text: String,
    /// The pictures, in order.
    pub(crate) media: Vec<StepMedia>,
}

/// A picture in a step.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct StepMedia {
    /// The uploaded picture.
    pub(crate) media: ID,
    /// What people who do not see it are told.
    pub(crate) alt: Option<String>,
    /// Its format.
    pub(crate) kind: MediaKind,
    /// Its size.
    pub(crate) bytes: BigInt,
}

impl Content {
    fn of(content: &herald_post::Content) -> Self {
        let steps = content.steps().enumerate();
        let steps = steps.map(|(index, (kind, step))| Step::of(index, kind, step)).collect();
        Self { steps, made_with_ai: content.made_with_ai }
    }
}

impl Step {
    fn of(index: usize, kind: herald_post::StepKind, step: &StepContent) -> Self {
        Self {
            index: int(index),
            kind: match kind {
                herald_post::StepKind::Root => StepKind::Root,
                herald_post::StepKind::Segment => StepKind::Segment,
                herald_post::StepKind::FirstComment => StepKind::FirstComment,
            },
            text: step.text.as_str().to_owned(),
            media: step.media.iter().map(StepMedia::of).collect(),
        }
    }
}

impl StepMedia {
    fn of(media: &MediaRef) -> Self {
        Self {
            media: media.media.to_string().into(),
            alt: media.alt.as_ref().map(ToString::to_string),
            kind: match media.kind {
                herald_post::MediaKind::Jpeg => MediaKind::Jpeg,
                herald_post::MediaKind::Png => MediaKind::Png,
                herald_post::MediaKind::Webp => MediaKind::Webp,
                herald_post::MediaKind::Gif => MediaKind::Gif,
            },
            bytes: media.bytes.into(),
        }
    }
}

/// When a post goes out, and how that was meant.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct Schedule {
    /// The instant.
    pub(crate) at: DateTime,
    /// What the clock shows then, if a wall-clock time was asked for.
    pub(crate) local: Option<LocalTime>,
    /// Whose clock.
    pub(crate) zone: Option<Zone>,
    /// Whether that clock shows this time once, never or twice.
    pub(crate) shift: Option<Shift>,
    /// The release of the time-zone database by which the instant was found.
    pub(crate) tzdb: Option<String>,
    /// Was it asked for as soon as possible?
    pub(crate) asap: bool,
}

impl Schedule {
    pub(crate) fn of(schedule: &Decided) -> Result<Self> {
        let wall = schedule.wall.as_ref();
        Ok(Self {
            at: schedule.instant.into(),
            local: wall.map(|wall| wall.local.into()),
            zone: wall.map(|wall| wall.zone.clone().into()),
            shift: wall.map(|wall| Shift::named(&word(&wall.shift))).transpose()?,
            tzdb: wall.map(|wall| wall.tzdb.clone()),
            asap: schedule.asap,
        })
    }
}

/// The network's word in the API's spelling.
pub(crate) fn network(network: herald_kernel::Network) -> Result<Network> {
    Network::named(network.as_str())
}
