//! Commands to content plans.

use super::{carry, inputs, outcome::carry_naming, payloads, post::hash};
use crate::schema::{
    fault::Result,
    input::{each, id, ids, optional, valid},
    reads,
    scalars::{Date, LocalTime, Zone},
    types::{plan::ContentPlan, plan::PlanItem, post::Post},
};
use async_graphql::{Context, ID, InputObject, Object};
use herald_application::{
    caller::Caller,
    commands::plan::{
        AcceptPlanItem, ApproveContentPlan, CreateContentPlan, EditPlanItem, GenerateContentPlan,
        MaterializeContentPlan, OnPlan, RejectPlanItem, RequestPlanChanges, SubmitContentPlan,
    },
    failure::Failure,
};
use herald_content_plan::{Brief, ItemContent, Period};
use herald_kernel::{PlanId, PlanItemId};
use std::sync::Arc;

/// What a plan is to achieve, in your words.
#[derive(Debug, InputObject)]
pub(crate) struct BriefInput {
    /// What the posts are to achieve.
    pub(crate) goal: String,
    /// Whom they are for.
    pub(crate) audience: Option<String>,
    /// What they are about, at most 30 things.
    pub(crate) topics: Option<Vec<String>>,
    /// How they sound.
    pub(crate) tone: Option<String>,
    /// In which language, such as `en`.
    pub(crate) language: Option<String>,
    /// What the posts are to do, at most 30 things.
    #[graphql(name = "do")]
    pub(crate) dos: Option<Vec<String>>,
    /// What the posts must not do, at most 30 things.
    #[graphql(name = "dont")]
    pub(crate) donts: Option<Vec<String>>,
    /// What else matters.
    pub(crate) notes: Option<String>,
}

/// What a proposed post is to say.
#[derive(Debug, InputObject)]
pub(crate) struct PlanItemContentInput {
    /// The post.
    pub(crate) text: String,
    /// What follows it as a thread.
    pub(crate) segments: Option<Vec<String>>,
    /// What follows it as the first comment.
    pub(crate) first_comment: Option<String>,
}

inputs! {
    /// What `createContentPlan` takes.
    CreateContentPlanInput {
        /// What it is to achieve.
        brief: BriefInput,
        /// The first day.
        from: Date,
        /// The last day, at most a year later.
        to: Date,
        /// In which zone's time.
        zone: Zone,
        /// For which connections.
        connections: Vec<ID>,
        /// How many posts a week each of them gets, 1 to 21.
        posts_per_week: i32,
    }
    /// What a command takes that needs nothing but the plan.
    PlanInput {
        /// Which plan.
        plan: ID,
    }
    /// What `editPlanItem` takes.
    EditPlanItemInput {
        /// Which plan.
        plan: ID,
        /// Which of its items.
        item: ID,
        /// What it says from now on, all of it.
        content: PlanItemContentInput,
        /// When it goes out from now on, by the clocks of the plan's zone.
        local: LocalTime,
    }
    /// What `acceptPlanItem` and `rejectPlanItem` take.
    PlanItemInput {
        /// Which plan.
        plan: ID,
        /// Which of its items.
        item: ID,
    }
    /// What `requestPlanChanges` takes.
    RequestPlanChangesInput {
        /// Which plan.
        plan: ID,
        /// What is to change.
        comment: String,
    }
    /// What `approveContentPlan` takes.
    ApproveContentPlanInput {
        /// Which plan.
        plan: ID,
        /// The `revision` that you have read: exactly that is approved.
        revision: i32,
        /// The `contentHash` of what you have read.
        content_hash: String,
    }
    /// What `materializeContentPlan` takes.
    MaterializeContentPlanInput {
        /// Which plan.
        plan: ID,
        /// Are the posts to be scheduled at their items' times? `true` when absent. A post whose
        /// time has passed is made and not scheduled.
        schedule: Option<bool>,
    }
}

/// An item, named with its plan.
type Named = (PlanId, PlanItemId);

payloads! {
    /// What came of a command to a content plan.
    ContentPlanPayload(PlanId) {
        /// The plan as it stands now.
        content_plan: ContentPlan = async |ctx: &Context<'_>, _: Caller, id: &PlanId| {
            reads::plan(ctx, *id).await
        };
        /// The posts that its items have become.
        posts: Vec<Post> = async |ctx: &Context<'_>, _: Caller, id: &PlanId| {
            let Some(plan) = reads::plan(ctx, *id).await? else { return Ok(None) };
            let mut posts = Vec::new();
            for (_, post) in plan.0.plan.posts() {
                posts.extend(reads::post(ctx, post).await?);
            }
            Ok::<_, crate::schema::fault::Fault>(Some(posts))
        };
    }
    /// What came of a command to a proposed post.
    PlanItemPayload(Named) {
        /// The plan as it stands now.
        content_plan: ContentPlan = async |ctx: &Context<'_>, _: Caller, (id, _): &Named| {
            reads::plan(ctx, *id).await
        };
        /// The item as it stands now.
        item: PlanItem = async |ctx: &Context<'_>, _: Caller, (id, item): &Named| {
            let Some(plan) = reads::plan(ctx, *id).await? else { return Ok(None) };
            let found = plan.0.plan.item(*item).cloned();
            Ok::<_, crate::schema::fault::Fault>(
                found.map(|item| PlanItem { plan: Arc::clone(&plan.0), item }),
            )
        };
    }
}

#[derive(Debug, Default)]
pub(crate) struct PlanMutations;

#[Object]
impl PlanMutations {
    /// Starts a content plan with a brief. Needs an editor.
    async fn create_content_plan(
        &self,
        ctx: &Context<'_>,
        input: CreateContentPlanInput,
    ) -> Result<ContentPlanPayload> {
        let outcome = carry(ctx, input, |input| {
            let cadence = u32::try_from(input.posts_per_week).unwrap_or(0);
            Ok(CreateContentPlan {
                brief: brief(input.brief)?,
                period: Period { from: input.from.read("from")?, to: input.to.read("to")? },
                zone: input.zone.read("zone")?,
                connections: ids(&input.connections, "connections")?,
                cadence: valid(cadence, "postsPerWeek")?,
            })
        });
        let outcome = outcome.await?.renaming("period", "to").renaming("cadence", "postsPerWeek");
        Ok(ContentPlanPayload(outcome))
    }

    /// Has a strategy and posts written; they replace what was proposed before. The plan says how
    /// the run goes. Needs an editor.
    async fn generate_content_plan(
        &self,
        ctx: &Context<'_>,
        input: PlanInput,
    ) -> Result<ContentPlanPayload> {
        let outcome = carry_naming(ctx, input, |input| {
            let plan = id(&input.plan, "plan")?;
            Ok((GenerateContentPlan { plan }, plan))
        });
        Ok(ContentPlanPayload(outcome.await?.map(|(_, plan)| plan)))
    }

    /// Changes what a proposed post says, or when it goes out. An approval of the plan is void
    /// then. Needs an editor.
    async fn edit_plan_item(
        &self,
        ctx: &Context<'_>,
        input: EditPlanItemInput,
    ) -> Result<PlanItemPayload> {
        let outcome = carry_naming(ctx, input, |input| {
            let (plan, item) = (id(&input.plan, "plan")?, id(&input.item, "item")?);
            let content = item_content(input.content)?;
            let local = input.local.read("local")?;
            Ok((EditPlanItem { plan, item, content, local }, item))
        });
        Ok(PlanItemPayload(outcome.await?))
    }

    /// Lets a proposed post become a post. Needs an editor.
    async fn accept_plan_item(
        &self,
        ctx: &Context<'_>,
        input: PlanItemInput,
    ) -> Result<PlanItemPayload> {
        let outcome = carry_naming(ctx, input, |input| {
            let (plan, item) = (id(&input.plan, "plan")?, id(&input.item, "item")?);
            Ok((OnPlan(AcceptPlanItem { plan, item }), item))
        });
        Ok(PlanItemPayload(outcome.await?))
    }

    /// Lets a proposed post not become a post. Needs an editor.
    async fn reject_plan_item(
        &self,
        ctx: &Context<'_>,
        input: PlanItemInput,
    ) -> Result<PlanItemPayload> {
        let outcome = carry_naming(ctx, input, |input| {
            let (plan, item) = (id(&input.plan, "plan")?, id(&input.item, "item")?);
            Ok((OnPlan(RejectPlanItem { plan, item }), item))
        });
        Ok(PlanItemPayload(outcome.await?))
    }

    /// Asks for the approval of a plan. Needs an editor.
    async fn submit_content_plan(
        &self,
        ctx: &Context<'_>,
        input: PlanInput,
    ) -> Result<ContentPlanPayload> {
        let outcome = carry(ctx, input, |input| {
            Ok(OnPlan(SubmitContentPlan { plan: id(&input.plan, "plan")? }))
        });
        Ok(ContentPlanPayload(outcome.await?))
    }

    /// Sends a plan back with a wish. Needs a publisher.
    async fn request_plan_changes(
        &self,
        ctx: &Context<'_>,
        input: RequestPlanChangesInput,
    ) -> Result<ContentPlanPayload> {
        let outcome = carry(ctx, input, |input| {
            let comment = valid(input.comment, "comment")?;
            Ok(OnPlan(RequestPlanChanges { plan: id(&input.plan, "plan")?, comment }))
        });
        Ok(ContentPlanPayload(outcome.await?))
    }

    /// Approves exactly the revision and the content that were read. Needs a publisher.
    async fn approve_content_plan(
        &self,
        ctx: &Context<'_>,
        input: ApproveContentPlanInput,
    ) -> Result<ContentPlanPayload> {
        let outcome = carry(ctx, input, |input| {
            let revision = u32::try_from(input.revision)
                .map_err(|_| Failure::invalid("revision", "a revision is not negative"))?;
            Ok(OnPlan(ApproveContentPlan {
                plan: id(&input.plan, "plan")?,
                revision,
                content_hash: hash(&input.content_hash)?,
            }))
        });
        Ok(ContentPlanPayload(outcome.await?))
    }

    /// Makes posts of the accepted items of an approved plan. Doing it twice makes nothing twice.
    /// Needs a publisher.
    async fn materialize_content_plan(
        &self,
        ctx: &Context<'_>,
        input: MaterializeContentPlanInput,
    ) -> Result<ContentPlanPayload> {
        let outcome = carry(ctx, input, |input| {
            let plan = id(&input.plan, "plan")?;
            Ok(MaterializeContentPlan { plan, schedule: input.schedule.unwrap_or(true) })
        });
        Ok(ContentPlanPayload(outcome.await?))
    }
}

fn brief(input: BriefInput) -> Result<Brief, Failure> {
    Ok(Brief {
        goal: valid(input.goal, "brief.goal")?,
        audience: optional(input.audience, "brief.audience")?,
        topics: each(input.topics.unwrap_or_default(), "brief.topics")?,
        tone: optional(input.tone, "brief.tone")?,
        language: optional(input.language, "brief.language")?,
        dos: each(input.dos.unwrap_or_default(), "brief.do")?,
        donts: each(input.donts.unwrap_or_default(), "brief.dont")?,
        notes: optional(input.notes, "brief.notes")?,
    })
}

fn item_content(input: PlanItemContentInput) -> Result<ItemContent, Failure> {
    Ok(ItemContent {
        text: valid(input.text, "content.text")?,
        segments: each(input.segments.unwrap_or_default(), "content.segments")?,
        first_comment: optional(input.first_comment, "content.firstComment")?,
    })
}
