//! Note that a new account has come one step further.

use crate::{
    execute::{Naming, UseCase, Who, Work},
    failure::Failure,
};
use async_trait::async_trait;
use herald_account::{AccountCommand, OnboardingStep};
use serde::Serialize;
use uuid::Uuid;

/// Record a step of the onboarding. Told by jobs.
#[derive(Debug, Serialize)]
pub struct RecordOnboarding {
    /// The step.
    pub step: OnboardingStep,
}

#[async_trait]
impl UseCase for RecordOnboarding {
    const WHO: Who = Who::Jobs("recordOnboarding");
    type Answer = ();

    fn object(&self) -> Option<Uuid> {
        None
    }

    async fn attempt(&self, work: &mut Work<'_>) -> Result<(), Failure> {
        super::decide(work, AccountCommand::RecordOnboarding { step: self.step }).await
    }

    fn replayed(&self, _: Naming) {}
}
