//! Sign in as one more identity.

use crate::{
    execute::{Naming, UseCase, Who, Work},
    failure::Failure,
};
use async_trait::async_trait;
use herald_account::{AccountCommand, Action, Identity};
use serde::Serialize;
use uuid::Uuid;

/// Let the member who asks sign in as one more identity, which they have just proven to be theirs.
#[derive(Debug, Serialize)]
pub struct LinkIdentity {
    /// As whom too.
    pub identity: Identity,
}

#[async_trait]
impl UseCase for LinkIdentity {
    const WHO: Who = Who::Members(Action::LinkIdentity);
    type Answer = ();

    fn object(&self) -> Option<Uuid> {
        None
    }

    async fn attempt(&self, work: &mut Work<'_>) -> Result<(), Failure> {
        let member = work.caller.acting_member()?;
        let identity = self.identity.clone();
        super::decide(work, AccountCommand::LinkIdentity { member, identity }).await
    }

    fn replayed(&self, _: Naming) {}
}
