//! Let another key take the place of one: both work until the overlap ends.

use super::IssuedKey;
use crate::{
    execute::{Naming, UseCase, Who, Work},
    failure::Failure,
};
use async_trait::async_trait;
use herald_account::Action;
use herald_api_key::{ApiKey, ApiKeyCommand};
use herald_kernel::ApiKeyId;
use serde::Serialize;
use std::time::Duration;
use uuid::Uuid;

/// Rotate a key.
#[derive(Debug, Serialize)]
pub struct RotateApiKey {
    /// Which.
    pub key: ApiKeyId,
    /// How long it works beside its successor.
    pub overlap: Duration,
}

#[async_trait]
impl UseCase for RotateApiKey {
    const WHO: Who = Who::Members(Action::RotateApiKey);
    type Answer = IssuedKey;

    fn object(&self) -> Option<Uuid> {
        Some(self.key.uuid())
    }

    async fn attempt(&self, work: &mut Work<'_>) -> Result<IssuedKey, Failure> {
        let mut former = work.load_seen::<ApiKey>(self.key.uuid()).await?;
        let successor: ApiKeyId = work.naming().created();
        let mut stream = work.load_any::<ApiKey>(successor.uuid()).await?;
        let (material, secret) = super::draw(work)?;
        let issuance = former.state.successor(successor, material).ok_or(Failure::NotFound)?;
        let context = super::context(work, successor, former.state.issuer(), None).await?;
        let rotate = ApiKeyCommand::Rotate { successor, overlap: self.overlap };
        work.decide(&mut former, rotate, &context).await?;
        // In the same append: neither is there without the other, and one place is taken.
        work.decide(&mut stream, ApiKeyCommand::Issue(Box::new(issuance)), &context).await?;
        Ok(IssuedKey { key: successor, secret: Some(secret) })
    }

    fn replayed(&self, naming: Naming) -> IssuedKey {
        IssuedKey { key: naming.created(), secret: None }
    }
}
