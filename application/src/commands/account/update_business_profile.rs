//! Say what the business sells, to whom and how it speaks. A step of the onboarding.

use crate::{
    execute::{Naming, UseCase, Who, Work},
    failure::Failure,
};
use async_trait::async_trait;
use herald_account::{AccountCommand, Action, BusinessProfile};
use serde::Serialize;
use uuid::Uuid;

/// Replace the business profile.
#[derive(Debug, Serialize)]
pub struct UpdateBusinessProfile {
    /// The whole profile.
    pub profile: BusinessProfile,
}

#[async_trait]
impl UseCase for UpdateBusinessProfile {
    const WHO: Who = Who::Members(Action::UpdateBusinessProfile);
    type Answer = ();

    fn object(&self) -> Option<Uuid> {
        None
    }

    async fn attempt(&self, work: &mut Work<'_>) -> Result<(), Failure> {
        let profile = self.profile.clone();
        super::decide(work, AccountCommand::UpdateBusinessProfile { profile }).await
    }

    fn replayed(&self, _: Naming) {}
}
