//! Leave an account: everybody may, but the last owner.

use crate::{
    execute::{Naming, UseCase, Who, Work},
    failure::Failure,
};
use async_trait::async_trait;
use herald_account::{AccountCommand, Action};
use serde::Serialize;
use uuid::Uuid;

/// Leave the account. What `removeMember` does when a member names themselves.
#[derive(Debug, Serialize)]
pub struct LeaveAccount {}

#[async_trait]
impl UseCase for LeaveAccount {
    const WHO: Who = Who::Members(Action::LeaveAccount);
    type Answer = ();

    fn object(&self) -> Option<Uuid> {
        None
    }

    async fn attempt(&self, work: &mut Work<'_>) -> Result<(), Failure> {
        let by = work.caller.acting_member()?;
        super::decide(work, AccountCommand::RemoveMember { member: by, by }).await
    }

    fn replayed(&self, _: Naming) {}
}
