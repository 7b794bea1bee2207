//! Make posts of an approved plan: the plan and all of its posts in one atomic append.

use super::{load, weighing};
use crate::{
    commands::post::{NewPost, create_command},
    entitlements,
    execute::{Naming, UseCase, Who, Work},
    failure::Failure,
    generation::as_post,
    metering::{self, Meter},
};
use async_trait::async_trait;
use herald_account::Action;
use herald_content_plan::{Approval, ContentPlan, Context, Item, PlanCommand as Command};
use herald_kernel::{MemberId, PlanId, PostId, Zone};
use herald_post::{PlanOrigin, Post, When};
use herald_subscription::{Counter, Overage};
use serde::Serialize;
use uuid::Uuid;

/// Make posts of the accepted items of an approved plan.
///
/// The plan's approval was given to exactly these words at exactly these times; each post carries it
/// on, so nobody has to approve again. Doing it twice makes nothing twice.
#[derive(Debug, Serialize)]
pub struct MaterializeContentPlan {
    /// The plan.
    pub plan: PlanId,
    /// Are the posts to be scheduled at their items' times? A post whose time has passed is not.
    pub schedule: bool,
}

#[async_trait]
impl UseCase for MaterializeContentPlan {
    const WHO: Who = Who::Members(Action::MaterializeContentPlan);
    type Answer = PlanId;

    fn object(&self) -> Option<Uuid> {
        Some(self.plan.uuid())
    }

    async fn attempt(&self, work: &mut Work<'_>) -> Result<PlanId, Failure> {
        let mut plan = load(work, self.plan).await?;
        let by = work.caller.acting_member()?;
        let entitled = entitlements::of_account(work.desk, work.account()).await?;
        if self.schedule {
            entitled.must_allow_work()?;
        }
        let context = weighing::context(work).await?;
        let before = plan.version;
        work.decide(&mut plan, Command::Materialize { by }, &context).await?;
        if plan.version == before {
            return Ok(self.plan);
        }
        let quota = entitled.entitlements.posts_per_month;
        let mut meter = metering::meter(work, &entitled, Counter::Posts, quota).await?;
        let mut birth = Birth::of(work, self, &plan.state, context, by)?;
        for (item, post) in plan.state.posts() {
            // What is metered is never refused for its number.
            if entitled.overage == Overage::Block {
                birth.context.posts_this_month = meter.as_ref().map_or(0, Meter::taken);
            }
            if birth.give(work, item, post).await? {
                metering::count_post(work, meter.as_mut(), post).await?;
            }
        }
        Ok(self.plan)
    }

    fn replayed(&self, _: Naming) -> PlanId {
        self.plan
    }
}

/// What all posts of one plan have in common.
struct Birth {
    plan: PlanId,
    author: MemberId,
    approval: Approval,
    schedule: Option<Zone>,
    by: MemberId,
    context: herald_post::Context,
}

impl Birth {
    fn of(
        work: &Work<'_>,
        wish: &MaterializeContentPlan,
        plan: &ContentPlan,
        context: Context,
        by: MemberId,
    ) -> Result<Self, Failure> {
        let (Some(author), Some(approval)) = (plan.created_by(), plan.approval()) else {
            return Err(Failure::Internal("a materialised plan was never approved".to_owned()));
        };
        let waits = &work.desk.settings.waits;
        Ok(Self {
            plan: wish.plan,
            author,
            approval: approval.clone(),
            schedule: plan.zone().filter(|_| wish.schedule).cloned(),
            by,
            context: herald_post::Context {
                entitlements: context.entitlements,
                policy: context.policy,
                settle: waits.settle,
                give_up: waits.give_up_lookup,
                ..herald_post::Context::at(work.now)
            },
        })
    }

    /// Makes a post of an item. Answers whether it counts for the month: it is scheduled.
    async fn give(&self, work: &mut Work<'_>, item: &Item, id: PostId) -> Result<bool, Failure> {
        let planned = &item.planned;
        let Some(content) = planned.content.known() else { return Ok(false) };
        let path = format!("items.{}", planned.item);
        let content =
            as_post(content).map_err(|error| Failure::invalid(&path, error.to_string()))?;
        let mut post = work.load_any::<Post>(id.uuid()).await?;
        let new = NewPost {
            id,
            author: self.author,
            content,
            connections: &[planned.connection],
            origin: Some(PlanOrigin { plan: self.plan, item: planned.item }),
        };
        let create = create_command(work, new).await.map_err(|it| at(it, &path))?;
        work.decide(&mut post, create, &self.context).await.map_err(|it| at(it, &path))?;
        let Some(hash) = post.state.content_hash().cloned() else { return Ok(false) };
        let approve = herald_post::PostCommand::Approve { by: self.approval.by, hash };
        let approved = work.decide(&mut post, approve, &self.context).await;
        let Some(zone) = self.schedule.clone().filter(|_| approved.is_ok()) else {
            as_far_as_allowed(approved)?;
            return Ok(false);
        };
        let when = When::Local { local: planned.local, zone };
        let schedule = herald_post::PostCommand::Schedule { when, by: self.by };
        as_far_as_allowed(work.decide(&mut post, schedule, &self.context).await)?;
        Ok(post.state.counted())
    }
}

/// A post that may not be approved or scheduled (its time has passed, a quota is used up) is there
/// all the same, as far as it may be; a person sees it and decides.
fn as_far_as_allowed(decided: Result<(), Failure>) -> Result<(), Failure> {
    match decided {
        Ok(()) | Err(Failure::Refused { .. }) => Ok(()),
        Err(failure) => Err(failure),
    }
}

/// The same failure, naming the item that it is about.
fn at(failure: Failure, item: &str) -> Failure {
    match failure {
        Failure::Refused { code, message, path, retryable } => {
            let path = path.map_or_else(|| item.to_owned(), |path| format!("{item}.{path}"));
            Failure::Refused { code, message, path: Some(path), retryable }
        }
        failure @ (Failure::NotFound
        | Failure::Forbidden { .. }
        | Failure::VersionConflict { .. }
        | Failure::Contended
        | Failure::IdempotencyKeyReused
        | Failure::Unavailable(_)
        | Failure::Internal(_)
        | Failure::AlreadyHandled) => failure,
    }
}
