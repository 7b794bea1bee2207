//! Start a content plan.

use super::weighing;
use crate::{
    commands::connection,
    execute::{Naming, UseCase, Who, Work},
    failure::Failure,
    generation::{Calendar, Place, spread},
};
use async_trait::async_trait;
use herald_account::Action;
use herald_content_plan::{
    Brief, ContentPlan, MAX_ITEMS, Period, PlanCommand as Command, PlanConnection, PostsPerWeek,
};
use herald_kernel::{ConnectionId, PlanId, Zone};
use serde::Serialize;
use uuid::Uuid;

/// Start a content plan.
#[derive(Debug, Serialize)]
pub struct CreateContentPlan {
    /// What it is to achieve.
    pub brief: Brief,
    /// Which days.
    pub period: Period,
    /// In which zone's time.
    pub zone: Zone,
    /// For which connections.
    pub connections: Vec<ConnectionId>,
    /// How often each of them posts.
    pub cadence: PostsPerWeek,
}

#[async_trait]
impl UseCase for CreateContentPlan {
    const WHO: Who = Who::Members(Action::CreateContentPlan);
    type Answer = PlanId;

    fn object(&self) -> Option<Uuid> {
        None
    }

    async fn attempt(&self, work: &mut Work<'_>) -> Result<PlanId, Failure> {
        let id: PlanId = work.naming().created();
        let mut plan = work.load_any::<ContentPlan>(id.uuid()).await?;
        let mut places = Vec::with_capacity(self.connections.len());
        for (index, &each) in self.connections.iter().enumerate() {
            places.push(place(work, each, &format!("connections.{index}")).await?);
        }
        self.check_size(work, &places)?;
        let connections = places
            .iter()
            .map(|place| PlanConnection { connection: place.connection, network: place.network });
        let command = Command::Create {
            plan: id,
            account: work.account(),
            by: work.caller.acting_member()?,
            brief: Box::new(self.brief.clone()),
            period: self.period,
            zone: self.zone.clone(),
            connections: connections.collect(),
            cadence: self.cadence,
        };
        let context = weighing::context(work).await?;
        work.decide(&mut plan, command, &context).await?;
        Ok(id)
    }

    fn replayed(&self, naming: Naming) -> PlanId {
        naming.created()
    }
}

impl CreateContentPlan {
    /// Refused now rather than when it is written: a plan holds so many items and no more.
    fn check_size(&self, work: &Work<'_>, places: &[Place]) -> Result<(), Failure> {
        let calendar =
            Calendar { period: self.period, zone: self.zone.clone(), cadence: self.cadence };
        let posts = spread(&calendar, places, work.now).len();
        if posts > MAX_ITEMS {
            let message = format!(
                "this would be {posts} posts, and a plan has at most {MAX_ITEMS}: shorten the \
                 period, or plan fewer connections or posts a week"
            );
            return Err(Failure::invalid("cadence", message));
        }
        Ok(())
    }
}

/// A connection that can be planned for: the account's own, and completed.
pub(super) async fn place(work: &Work<'_>, id: ConnectionId, path: &str) -> Result<Place, Failure> {
    let (network, limit) = connection::postable(work, id, path).await?;
    Ok(Place { connection: id, network, text_limit: limit.0 })
}
