//! Commands to posts.

use super::{Outcome, carry, inputs, payloads};
use crate::schema::{
    fault::Result,
    input::{id, ids, optional, valid},
    reads,
    scalars::{DateTime, LocalTime, Zone},
    types::post::Post,
};
use async_graphql::{Context, ID, InputObject, Object};
use herald_application::{
    caller::Caller,
    commands::post::{
        ApprovePost, CancelPost, ContentInput as Written, CreatePost, EditPost,
        MediaInput as Picture, OnPost, PublishPost, RejectPost, RequestChanges, ReschedulePost,
        SchedulePost, StepInput as WrittenStep, SubmitPost, UnschedulePost, WhenInput as When,
    },
    failure::Failure,
};
use herald_kernel::{ContentHash, PostId};

/// What a post is to say.
#[derive(Debug, InputObject)]
pub(crate) struct ContentInput {
    /// The post itself.
    pub(crate) root: StepInput,
    /// The rest of a thread, each a reply to the one before.
    pub(crate) segments: Option<Vec<StepInput>>,
    /// A comment under the root, made once the thread stands.
    pub(crate) first_comment: Option<StepInput>,
    /// Is any of it written or drawn by a machine? Networks want to know.
    pub(crate) made_with_ai: Option<bool>,
}

/// What one step is to say.
#[derive(Debug, InputObject)]
pub(crate) struct StepInput {
    /// The text. It may be empty where a picture speaks for itself.
    pub(crate) text: String,
    /// The pictures, in order.
    pub(crate) media: Option<Vec<MediaInput>>,
}

/// A picture in a step.
#[derive(Debug, InputObject)]
pub(crate) struct MediaInput {
    /// The uploaded picture.
    pub(crate) media: ID,
    /// What people who do not see it are told; what was given at upload when absent.
    pub(crate) alt: Option<String>,
}

/// When: at an instant, or when clocks in a zone show a time. Give `at`, or `local` and `zone`.
#[derive(Debug, InputObject)]
pub(crate) struct WhenInput {
    /// The instant.
    pub(crate) at: Option<DateTime>,
    /// What the clocks show. It stays what they show, whatever the zone's rules become until then.
    pub(crate) local: Option<LocalTime>,
    /// Whose clocks.
    pub(crate) zone: Option<Zone>,
}

inputs! {
    /// What `createPost` takes.
    CreatePostInput {
        /// What it is to say.
        content: ContentInput,
        /// Where it is to appear: one target for each connection.
        connections: Vec<ID>,
    }
    /// What `editPost` takes.
    EditPostInput {
        /// Which post.
        post: ID,
        /// What it says from now on, all of it.
        content: ContentInput,
    }
    /// What a command takes that needs nothing but the post.
    PostInput {
        /// Which post.
        post: ID,
    }
    /// What `approvePost` takes.
    ApprovePostInput {
        /// Which post.
        post: ID,
        /// The `contentHash` of what you have read: exactly that is approved.
        content_hash: String,
    }
    /// What `requestChanges` takes.
    RequestChangesInput {
        /// Which post.
        post: ID,
        /// What is to change.
        comment: String,
    }
    /// What `rejectPost` takes.
    RejectPostInput {
        /// Which post.
        post: ID,
        /// Why.
        reason: String,
    }
    /// What `schedulePost` and `reschedulePost` take.
    SchedulePostInput {
        /// Which post.
        post: ID,
        /// When.
        when: WhenInput,
    }
}

payloads! {
    /// What came of a command to a post.
    PostPayload(PostId) {
        /// The post as it stands now.
        post: Post = async |ctx: &Context<'_>, _: Caller, id: &PostId| {
            reads::post(ctx, *id).await
        };
    }
}

impl PostPayload {
    /// What the domain calls targets, the input calls connections.
    fn of(outcome: Outcome<PostId>) -> Self {
        Self(outcome.renaming("targets", "connections"))
    }
}

#[derive(Debug, Default)]
pub(crate) struct PostMutations;

#[Object]
impl PostMutations {
    /// Writes a post for one or more connections. Needs an editor.
    async fn create_post(&self, ctx: &Context<'_>, input: CreatePostInput) -> Result<PostPayload> {
        let outcome = carry(ctx, input, |input| {
            let connections = ids(&input.connections, "connections")?;
            Ok(CreatePost { content: content(input.content)?, connections })
        });
        Ok(PostPayload::of(outcome.await?))
    }

    /// Changes what a post says. Its approval and its time are void then. Needs an editor.
    async fn edit_post(&self, ctx: &Context<'_>, input: EditPostInput) -> Result<PostPayload> {
        let outcome = carry(ctx, input, |input| {
            Ok(EditPost { post: id(&input.post, "post")?, content: content(input.content)? })
        });
        Ok(PostPayload(outcome.await?))
    }

    /// Asks for an approval. Needs an editor.
    async fn submit_post(&self, ctx: &Context<'_>, input: PostInput) -> Result<PostPayload> {
        let outcome =
            carry(ctx, input, |input| Ok(OnPost(SubmitPost { post: id(&input.post, "post")? })));
        Ok(PostPayload(outcome.await?))
    }

    /// Approves exactly the content that was read. Needs a publisher.
    async fn approve_post(
        &self,
        ctx: &Context<'_>,
        input: ApprovePostInput,
    ) -> Result<PostPayload> {
        let outcome = carry(ctx, input, |input| {
            let content_hash = hash(&input.content_hash)?;
            Ok(OnPost(ApprovePost { post: id(&input.post, "post")?, content_hash }))
        });
        Ok(PostPayload(outcome.await?))
    }

    /// Sends a post back to its author with a wish. Needs a publisher.
    async fn request_changes(
        &self,
        ctx: &Context<'_>,
        input: RequestChangesInput,
    ) -> Result<PostPayload> {
        let outcome = carry(ctx, input, |input| {
            let comment = valid(input.comment, "comment")?;
            Ok(OnPost(RequestChanges { post: id(&input.post, "post")?, comment }))
        });
        Ok(PostPayload(outcome.await?))
    }

    /// Turns a post down. Needs a publisher.
    async fn reject_post(&self, ctx: &Context<'_>, input: RejectPostInput) -> Result<PostPayload> {
        let outcome = carry(ctx, input, |input| {
            let reason = valid(input.reason, "reason")?;
            Ok(OnPost(RejectPost { post: id(&input.post, "post")?, reason }))
        });
        Ok(PostPayload(outcome.await?))
    }

    /// Gives a post its time. Needs a publisher.
    async fn schedule_post(
        &self,
        ctx: &Context<'_>,
        input: SchedulePostInput,
    ) -> Result<PostPayload> {
        let outcome = carry(ctx, input, |input| {
            Ok(OnPost(SchedulePost { post: id(&input.post, "post")?, when: when(&input.when)? }))
        });
        Ok(PostPayload(outcome.await?))
    }

    /// Moves a scheduled, held or missed post to another time. Needs a publisher.
    async fn reschedule_post(
        &self,
        ctx: &Context<'_>,
        input: SchedulePostInput,
    ) -> Result<PostPayload> {
        let outcome = carry(ctx, input, |input| {
            Ok(OnPost(ReschedulePost { post: id(&input.post, "post")?, when: when(&input.when)? }))
        });
        Ok(PostPayload(outcome.await?))
    }

    /// Takes a post's time away; it stays as it is. Needs a publisher.
    async fn unschedule_post(&self, ctx: &Context<'_>, input: PostInput) -> Result<PostPayload> {
        let outcome = carry(ctx, input, |input| {
            Ok(OnPost(UnschedulePost { post: id(&input.post, "post")? }))
        });
        Ok(PostPayload(outcome.await?))
    }

    /// Publishes a post as soon as possible. Needs a publisher.
    async fn publish_post(&self, ctx: &Context<'_>, input: PostInput) -> Result<PostPayload> {
        let outcome =
            carry(ctx, input, |input| Ok(OnPost(PublishPost { post: id(&input.post, "post")? })));
        Ok(PostPayload(outcome.await?))
    }

    /// Gives up whatever of a post cannot have been sent yet. Needs a publisher.
    async fn cancel_post(&self, ctx: &Context<'_>, input: PostInput) -> Result<PostPayload> {
        let outcome =
            carry(ctx, input, |input| Ok(OnPost(CancelPost { post: id(&input.post, "post")? })));
        Ok(PostPayload(outcome.await?))
    }
}

fn content(input: ContentInput) -> Result<Written, Failure> {
    let mut segments = Vec::new();
    for (index, segment) in input.segments.unwrap_or_default().into_iter().enumerate() {
        segments.push(step(segment, &format!("content.segments.{index}"))?);
    }
    let comment = input.first_comment.map(|comment| step(comment, "content.firstComment"));
    Ok(Written {
        root: step(input.root, "content.root")?,
        segments,
        first_comment: comment.transpose()?,
        made_with_ai: input.made_with_ai.unwrap_or(false),
    })
}

fn step(input: StepInput, path: &str) -> Result<WrittenStep, Failure> {
    let mut media = Vec::new();
    for (index, picture) in input.media.unwrap_or_default().into_iter().enumerate() {
        let path = format!("{path}.media.{index}");
        media.push(Picture {
            media: id(&picture.media, &format!("{path}.media"))?,
            alt: optional(picture.alt, &format!("{path}.alt"))?,
        });
    }
    Ok(WrittenStep { text: valid(input.text, &format!("{path}.text"))?, media })
}

fn when(input: &WhenInput) -> Result<When, Failure> {
    match (&input.at, &input.local, &input.zone) {
        (Some(at), None, None) => Ok(When::At(at.read("when.at")?)),
        (None, Some(local), Some(zone)) => {
            Ok(When::Local { local: local.read("when.local")?, zone: zone.read("when.zone")? })
        }
        (_, _, _) => {
            Err(Failure::invalid("when", "give `at`, or `local` and `zone`, and not both"))
        }
    }
}

/// A fingerprint as a caller presents it.
pub(super) fn hash(text: &str) -> Result<ContentHash, Failure> {
    let hex = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if hex {
        Ok(ContentHash::new(text.to_ascii_lowercase()))
    } else {
        Err(Failure::invalid("contentHash", "copy the `contentHash` of what you have read"))
    }
}
