//! Change what an account has decided for itself: its zone, and the rules for its posts.

use crate::{
    execute::{Naming, UseCase, Who, Work},
    failure::Failure,
};
use async_trait::async_trait;
use herald_account::{AccountCommand, Action};
use herald_kernel::Zone;
use herald_terms::{ApprovalPolicy, Policy};
use serde::Serialize;
use uuid::Uuid;

/// Mean the account's times in another zone from now on. What is scheduled stays where it is.
#[derive(Debug, Serialize)]
pub struct ChangeTimeZone {
    /// Which.
    pub zone: Zone,
}

#[async_trait]
impl UseCase for ChangeTimeZone {
    const WHO: Who = Who::Members(Action::ChangeTimeZone);
    type Answer = ();

    fn object(&self) -> Option<Uuid> {
        None
    }

    async fn attempt(&self, work: &mut Work<'_>) -> Result<(), Failure> {
        super::decide(work, AccountCommand::ChangeTimeZone { zone: self.zone.clone() }).await
    }

    fn replayed(&self, _: Naming) {}
}

/// Change the rules that the account sets for its own posts. What is not named stays as it is.
#[derive(Debug, Default, Serialize)]
pub struct ChangePolicy {
    /// Who must approve a post.
    pub approval: Option<ApprovalPolicy>,
    /// A post that could not start this many minutes after its time waits for a person.
    pub late_grace_minutes: Option<u32>,
    /// How many posts the account may send within 24 hours.
    pub posts_per_day: Option<u32>,
}

#[async_trait]
impl UseCase for ChangePolicy {
    const WHO: Who = Who::Members(Action::ChangePolicy);
    type Answer = ();

    fn object(&self) -> Option<Uuid> {
        None
    }

    async fn attempt(&self, work: &mut Work<'_>) -> Result<(), Failure> {
        super::decide_on(work, |account| {
            let known = account.policy();
            let policy = Policy {
                approval: self.approval.unwrap_or(known.approval),
                late_grace_minutes: self.late_grace_minutes.unwrap_or(known.late_grace_minutes),
                posts_per_day: self.posts_per_day.unwrap_or(known.posts_per_day),
            };
            AccountCommand::ChangePolicy { policy }
        })
        .await
    }

    fn replayed(&self, _: Naming) {}
}
