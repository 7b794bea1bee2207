//! Join an account by the link of an invitation.

use crate::{
    execute::{Naming, UseCase, Who, Work},
    failure::Failure,
    sign_in,
};
use async_trait::async_trait;
use herald_account::{Acceptance, AccountCommand, PersonName};
use secrecy::SecretString;
use serde::Serialize;
use uuid::Uuid;

/// Accept an invitation. The caller acts in the account that the link names
/// ([`sign_in::invitation`] tells it).
#[derive(Debug, Serialize)]
pub struct AcceptInvite {
    link: [u8; 32],
    name: PersonName,
}

impl AcceptInvite {
    /// By the link's secret, as a person of this name.
    #[must_use]
    pub fn new(secret: &SecretString, name: PersonName) -> Self {
        Self { link: sign_in::hash(secret), name }
    }
}

#[async_trait]
impl UseCase for AcceptInvite {
    const WHO: Who = Who::Anyone("acceptInvite");
    type Answer = ();

    fn object(&self) -> Option<Uuid> {
        None
    }

    async fn attempt(&self, work: &mut Work<'_>) -> Result<(), Failure> {
        let mut account = super::load(work).await?;
        let (named, member) = sign_in::invitation_by(work.desk, &self.link).await?;
        if named != work.account() {
            return Err(Failure::NotFound);
        }
        let identity = super::identity(work, "acceptInvite")?;
        let acceptance = Acceptance { member, identity, name: self.name.clone() };
        let context = super::context(work).await?;
        // The member's state makes the link work once: who has joined cannot join again.
        work.decide(&mut account, AccountCommand::AcceptInvite(acceptance), &context).await
    }

    fn replayed(&self, _: Naming) {}
}
