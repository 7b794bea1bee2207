//! Issue a key: its text is shown once, and never again.

use crate::{
    execute::{Naming, UseCase, Who, Work},
    failure::Failure,
    keys,
};
use async_trait::async_trait;
use herald_account::Action;
use herald_api_key::{ApiKey, ApiKeyCommand, Issuance, KeyKind, KeyName, SourceNet};
use herald_kernel::{ApiKeyId, Instant};
use herald_social_connection::SocialConnection;
use herald_terms::{Reach, Scope};
use secrecy::SecretString;
use serde::Serialize;
use std::collections::BTreeSet;
use uuid::Uuid;

/// Issue a key.
#[derive(Debug, Serialize)]
pub struct IssueApiKey {
    /// What it is called.
    pub name: KeyName,
    /// What it may do at most.
    pub scopes: BTreeSet<Scope>,
    /// On which connections.
    pub reach: Reach,
    /// Where calls may come from; from anywhere when empty.
    pub ip_allow: Vec<SourceNet>,
    /// From when on it is void, if ever.
    pub expires_at: Option<Instant>,
}

/// A key that was issued.
#[derive(Debug, Clone)]
pub struct IssuedKey {
    /// Which.
    pub key: ApiKeyId,
    /// Its text. Shown once: `None` when the same request was followed before.
    pub secret: Option<SecretString>,
}

#[async_trait]
impl UseCase for IssueApiKey {
    const WHO: Who = Who::Members(Action::IssueApiKey);
    type Answer = IssuedKey;

    fn object(&self) -> Option<Uuid> {
        None
    }

    async fn attempt(&self, work: &mut Work<'_>) -> Result<IssuedKey, Failure> {
        let member = work.caller.acting_member()?;
        let key: ApiKeyId = work.naming().created();
        let mut stream = work.load_any::<ApiKey>(key.uuid()).await?;
        self.must_be_own_connections(work).await?;
        let (material, secret) = super::draw(work)?;
        let issuance = Issuance {
            key,
            account: work.account(),
            kind: KeyKind::User { member },
            name: self.name.clone(),
            environment: keys::environment(work.desk.settings.mode),
            scopes: self.scopes.clone(),
            reach: self.reach.clone(),
            ip_allow: self.ip_allow.clone(),
            expires_at: self.expires_at,
            replaces: None,
            material,
        };
        let context = super::context(work, key, Some(member), None).await?;
        work.decide(&mut stream, ApiKeyCommand::Issue(Box::new(issuance)), &context).await?;
        Ok(IssuedKey { key, secret: Some(secret) })
    }

    fn replayed(&self, naming: Naming) -> IssuedKey {
        IssuedKey { key: naming.created(), secret: None }
    }
}

impl IssueApiKey {
    async fn must_be_own_connections(&self, work: &Work<'_>) -> Result<(), Failure> {
        let Reach::Only(connections) = &self.reach else { return Ok(()) };
        for connection in connections {
            let found = work.load::<SocialConnection>(connection.uuid()).await;
            if let Err(Failure::NotFound) = found {
                let message = "there is no such connection in this account";
                return Err(Failure::invalid("connections", message));
            }
            found?;
        }
        Ok(())
    }
}
