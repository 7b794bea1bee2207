//! Give a key other scopes: taking some away is free, adding one needs a fresh sign-in.

use crate::{
    execute::{Naming, UseCase, Who, Work},
    failure::Failure,
};
use async_trait::async_trait;
use herald_account::Action;
use herald_api_key::{ApiKey, ApiKeyCommand};
use herald_kernel::{ApiKeyId, Instant};
use herald_terms::Scope;
use serde::Serialize;
use std::collections::BTreeSet;
use uuid::Uuid;

/// Change a key's scopes.
#[derive(Debug, Serialize)]
pub struct ChangeApiKeyScopes {
    /// Which key.
    pub key: ApiKeyId,
    /// All that it will have.
    pub scopes: BTreeSet<Scope>,
    /// When whoever asks signed in. Not part of the wish: signing in again repeats it.
    #[serde(skip)]
    pub signed_in_at: Option<Instant>,
}

#[async_trait]
impl UseCase for ChangeApiKeyScopes {
    const WHO: Who = Who::Members(Action::ChangeApiKeyScopes);
    type Answer = ();

    fn object(&self) -> Option<Uuid> {
        Some(self.key.uuid())
    }

    async fn attempt(&self, work: &mut Work<'_>) -> Result<(), Failure> {
        let mut key = work.load_seen::<ApiKey>(self.key.uuid()).await?;
        let issuer = key.state.issuer();
        let context = super::context(work, self.key, issuer, self.signed_in_at).await?;
        let command = ApiKeyCommand::change_scopes(&key.state, self.scopes.clone());
        work.decide(&mut key, command, &context).await
    }

    fn replayed(&self, _: Naming) {}
}
