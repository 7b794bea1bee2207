//! No longer sign in as an identity: because the member says so, or because its issuer does.

use crate::{
    execute::{Naming, UseCase, Who, Work},
    failure::Failure,
};
use async_trait::async_trait;
use herald_account::{AccountCommand, Action, UnlinkedBy};
use herald_kernel::{IdentityId, MemberId};
use serde::Serialize;
use uuid::Uuid;

/// Let the member who asks no longer sign in as an identity. The last one stays.
#[derive(Debug, Serialize)]
pub struct UnlinkIdentity {
    /// As whom no longer.
    pub identity: IdentityId,
}

#[async_trait]
impl UseCase for UnlinkIdentity {
    const WHO: Who = Who::Members(Action::UnlinkIdentity);
    type Answer = ();

    fn object(&self) -> Option<Uuid> {
        Some(self.identity.uuid())
    }

    async fn attempt(&self, work: &mut Work<'_>) -> Result<(), Failure> {
        let member = work.caller.acting_member()?;
        let (identity, by) = (self.identity, UnlinkedBy::Member);
        super::decide(work, AccountCommand::UnlinkIdentity { member, identity, by }).await
    }

    fn replayed(&self, _: Naming) {}
}

/// Note that the issuer no longer knows the person: this holds for the last identity, too.
#[derive(Debug, Serialize)]
pub struct LoseIdentity {
    /// Whose.
    pub member: MemberId,
    /// Which.
    pub identity: IdentityId,
}

#[async_trait]
impl UseCase for LoseIdentity {
    const WHO: Who = Who::Jobs("loseIdentity");
    type Answer = ();

    fn object(&self) -> Option<Uuid> {
        Some(self.identity.uuid())
    }

    async fn attempt(&self, work: &mut Work<'_>) -> Result<(), Failure> {
        let (member, identity, by) = (self.member, self.identity, UnlinkedBy::Provider);
        super::decide(work, AccountCommand::UnlinkIdentity { member, identity, by }).await
    }

    fn replayed(&self, _: Naming) {}
}
