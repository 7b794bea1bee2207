//! What time and a smaller tier do to a key.

use crate::{
    execute::{Naming, UseCase, Who, Work},
    failure::Failure,
};
use async_trait::async_trait;
use herald_api_key::{ApiKey, ApiKeyCommand, DisabledReason, Stage};
use herald_kernel::ApiKeyId;
use serde::Serialize;
use uuid::Uuid;

/// Note that a key's overlap or its time is over. Whether a call may pass never waits for this.
#[derive(Debug, Serialize)]
pub struct SettleApiKey {
    /// Which.
    pub key: ApiKeyId,
}

/// Let a key rest that the account's tier has no place for, or give it its place back.
#[derive(Debug, Serialize)]
pub struct LimitApiKey {
    /// Which.
    pub key: ApiKeyId,
    /// Is there no place for it?
    pub disabled: bool,
}

#[async_trait]
impl UseCase for SettleApiKey {
    const WHO: Who = Who::Jobs("settleApiKey");
    type Answer = ();

    fn object(&self) -> Option<Uuid> {
        Some(self.key.uuid())
    }

    async fn attempt(&self, work: &mut Work<'_>) -> Result<(), Failure> {
        let mut key = work.load_seen::<ApiKey>(self.key.uuid()).await?;
        let command = match key.state.stage() {
            Stage::Rotating { overlap_until, .. } if overlap_until <= work.now => {
                ApiKeyCommand::EndOverlap
            }
            stage if !stage.is_final() && key.state.is_past_expiry(work.now) => {
                ApiKeyCommand::Expire
            }
            Stage::Absent
            | Stage::Active
            | Stage::Rotating { .. }
            | Stage::Disabled { .. }
            | Stage::Revoked
            | Stage::Expired
            | Stage::Compromised => return Ok(()),
        };
        let context = super::context(work, self.key, None, None).await?;
        work.decide(&mut key, command, &context).await
    }

    fn replayed(&self, _: Naming) {}
}

#[async_trait]
impl UseCase for LimitApiKey {
    const WHO: Who = Who::Jobs("limitApiKey");
    type Answer = ();

    fn object(&self) -> Option<Uuid> {
        Some(self.key.uuid())
    }

    async fn attempt(&self, work: &mut Work<'_>) -> Result<(), Failure> {
        let reason = DisabledReason::PlanLimit;
        let command = if self.disabled {
            ApiKeyCommand::Disable { reason }
        } else {
            ApiKeyCommand::Enable { reason }
        };
        super::decide(work, self.key, command).await
    }

    fn replayed(&self, _: Naming) {}
}
