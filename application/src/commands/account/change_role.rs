//! Make a member something else.

use crate::{
    execute::{Naming, UseCase, Who, Work},
    failure::Failure,
};
use async_trait::async_trait;
use herald_account::{AccountCommand, Action, Role};
use herald_kernel::MemberId;
use serde::Serialize;
use uuid::Uuid;

/// Change a member's role.
#[derive(Debug, Serialize)]
pub struct ChangeRole {
    /// Whose.
    pub member: MemberId,
    /// To what.
    pub role: Role,
}

#[async_trait]
impl UseCase for ChangeRole {
    const WHO: Who = Who::Members(Action::ChangeRole);
    type Answer = ();

    fn object(&self) -> Option<Uuid> {
        Some(self.member.uuid())
    }

    async fn attempt(&self, work: &mut Work<'_>) -> Result<(), Failure> {
        let by = work.caller.acting_member()?;
        let Self { member, role } = *self;
        super::decide(work, AccountCommand::ChangeRole { member, role, by }).await
    }

    fn replayed(&self, _: Naming) {}
}
