//! Remove another member, or withdraw an invitation.

use crate::{
    execute::{Naming, UseCase, Who, Work},
    failure::Failure,
};
use async_trait::async_trait;
use herald_account::{AccountCommand, Action};
use herald_kernel::MemberId;
use serde::Serialize;
use uuid::Uuid;

/// Remove a member.
#[derive(Debug, Serialize)]
pub struct RemoveMember {
    /// Whom.
    pub member: MemberId,
}

#[async_trait]
impl UseCase for RemoveMember {
    const WHO: Who = Who::Members(Action::RemoveMember);
    type Answer = ();

    fn object(&self) -> Option<Uuid> {
        Some(self.member.uuid())
    }

    async fn attempt(&self, work: &mut Work<'_>) -> Result<(), Failure> {
        let by = work.caller.acting_member()?;
        super::decide(work, AccountCommand::RemoveMember { member: self.member, by }).await
    }

    fn replayed(&self, _: Naming) {}
}
