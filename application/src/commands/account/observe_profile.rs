//! What a member's issuer says about them, and that it is forgotten.

use crate::{
    execute::{Naming, UseCase, Who, Work},
    failure::Failure,
};
use async_trait::async_trait;
use herald_account::{AccountCommand, Email, PersonName};
use herald_kernel::MemberId;
use serde::Serialize;
use uuid::Uuid;

/// Note what a member's issuer says about them.
#[derive(Debug, Serialize)]
pub struct ObserveProfile {
    /// Whom.
    pub member: MemberId,
    /// The name, if the issuer says one.
    pub name: Option<PersonName>,
    /// The address, if the issuer vouches for one.
    pub email: Option<Email>,
}

#[async_trait]
impl UseCase for ObserveProfile {
    const WHO: Who = Who::Jobs("observeProfile");
    type Answer = ();

    fn object(&self) -> Option<Uuid> {
        Some(self.member.uuid())
    }

    async fn attempt(&self, work: &mut Work<'_>) -> Result<(), Failure> {
        let Self { member, name, email } = self;
        let (member, name, email) = (*member, name.clone(), email.clone());
        super::decide(work, AccountCommand::ObserveMemberProfile { member, name, email }).await
    }

    fn replayed(&self, _: Naming) {}
}

/// Keep a former member's name and address no longer.
#[derive(Debug, Serialize)]
pub struct ForgetMember {
    /// Whom.
    pub member: MemberId,
}

#[async_trait]
impl UseCase for ForgetMember {
    const WHO: Who = Who::Jobs("forgetMember");
    type Answer = ();

    fn object(&self) -> Option<Uuid> {
        Some(self.member.uuid())
    }

    async fn attempt(&self, work: &mut Work<'_>) -> Result<(), Failure> {
        super::decide(work, AccountCommand::ForgetMember { member: self.member }).await
    }

    fn replayed(&self, _: Naming) {}
}
