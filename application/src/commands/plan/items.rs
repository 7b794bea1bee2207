//! Edit, accept and reject what was proposed.

use super::{PlanUse, load, weighing};
use crate::{
    caller::Caller,
    commands::connection,
    execute::{Naming, UseCase, Who, Work},
    failure::Failure,
    generation::problems,
};
use async_trait::async_trait;
use herald_account::Action;
use herald_content_plan::{ContentPlan, ItemContent, PlanCommand as Command};
use herald_kernel::{ContentHash, LocalTime, PlanId, PlanItemId};
use serde::Serialize;
use uuid::Uuid;

/// Change an item's content or time. Clears an approval of the plan.
#[derive(Debug, Serialize)]
pub struct EditPlanItem {
    /// The plan.
    pub plan: PlanId,
    /// The item.
    pub item: PlanItemId,
    /// What it says from now on.
    pub content: ItemContent,
    /// When it goes out from now on, by the clocks of the plan's zone.
    pub local: LocalTime,
}

#[async_trait]
impl UseCase for EditPlanItem {
    const WHO: Who = Who::Members(Action::EditPlanItem);
    type Answer = PlanId;

    fn object(&self) -> Option<Uuid> {
        Some(self.plan.uuid())
    }

    async fn attempt(&self, work: &mut Work<'_>) -> Result<PlanId, Failure> {
        let mut plan = load(work, self.plan).await?;
        let by = work.caller.acting_member()?;
        self.check(work, &plan.state).await?;
        let command = |hash| {
            Ok(Command::EditItem {
                item: self.item,
                content: self.content.clone(),
                local: self.local,
                by,
                hash,
            })
        };
        weighing::decide(work, &mut plan, command).await?;
        Ok(self.plan)
    }

    fn replayed(&self, _: Naming) -> PlanId {
        self.plan
    }
}

impl EditPlanItem {
    /// Refuses what the network would refuse, while the person still looks at it.
    async fn check(&self, work: &Work<'_>, plan: &ContentPlan) -> Result<(), Failure> {
        // An item that does not exist is the domain's to refuse.
        let Some(item) = plan.item(self.item) else { return Ok(()) };
        let id = item.planned.connection;
        let Some(known) = plan.connections().iter().find(|known| known.connection == id) else {
            return Ok(());
        };
        let limit = connection::named(work, id, "item").await?.text_limit();
        let limit = limit.map_or(u32::MAX, |limit| limit.0);
        match problems(known.network, limit, &self.content).into_iter().next() {
            Some((path, message)) => Err(Failure::invalid(&format!("content.{path}"), message)),
            None => Ok(()),
        }
    }
}

macro_rules! on_item {
    ($(#[$doc:meta])* $name:ident, $command:ident) => {
        $(#[$doc])*
        #[derive(Debug, Serialize)]
        pub struct $name {
            /// The plan.
            pub plan: PlanId,
            /// The item.
            pub item: PlanItemId,
        }

        impl PlanUse for $name {
            const WHO: Who = Who::Members(Action::$name);

            fn plan(&self) -> PlanId {
                self.plan
            }

            fn command(&self, caller: &Caller, hash: ContentHash) -> Result<Command, Failure> {
                Ok(Command::$command { item: self.item, by: caller.acting_member()?, hash })
            }
        }
    };
}

on_item! {
    /// Let an item become a post.
    AcceptPlanItem, AcceptItem
}
on_item! {
    /// Let an item not become a post.
    RejectPlanItem, RejectItem
}
