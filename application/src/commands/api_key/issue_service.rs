//! Issue a service its key: it starts checkouts for any account, from known networks, nothing else.

use super::IssuedKey;
use crate::{
    caller::Standing,
    execute::{Naming, UseCase, Who, Work},
    failure::Failure,
    keys,
};
use async_trait::async_trait;
use herald_account::Action;
use herald_api_key::{ApiKey, ApiKeyCommand, Context, Issuance, KeyKind, KeyName, SourceNet};
use herald_kernel::{AccountId, ApiKeyId, Instant, Text};
use herald_terms::{Entitlements, Reach, Rights};
use serde::Serialize;
use uuid::Uuid;

/// Issue a service its key. For operators only.
#[derive(Debug, Serialize)]
pub struct IssueServiceKey {
    /// What it is called.
    pub name: KeyName,
    /// Who issues it, by their sign-in name in the installation.
    pub operator: Text<80>,
    /// Where calls may come from; at least one network.
    pub ip_allow: Vec<SourceNet>,
    /// From when on it is void, if ever.
    pub expires_at: Option<Instant>,
}

/// Where the keys of services are kept: they belong to the installation, to no customer's account.
#[must_use]
pub fn services_account() -> AccountId {
    AccountId::derived(Uuid::nil(), "services")
}

#[async_trait]
impl UseCase for IssueServiceKey {
    const WHO: Who = Who::Members(Action::IssueApiKey);
    type Answer = IssuedKey;

    fn object(&self) -> Option<Uuid> {
        None
    }

    async fn attempt(&self, work: &mut Work<'_>) -> Result<IssuedKey, Failure> {
        if !matches!(work.caller.standing, Standing::Operator(_))
            || work.account() != services_account()
        {
            return Err(Failure::Forbidden { action: "issueServiceKey" });
        }
        let key: ApiKeyId = work.naming().created();
        let mut stream = work.load_any::<ApiKey>(key.uuid()).await?;
        let (material, secret) = super::draw(work)?;
        let issuance = Issuance {
            key,
            account: work.account(),
            kind: KeyKind::Service { operator: self.operator.clone() },
            name: self.name.clone(),
            environment: keys::environment(work.desk.settings.mode),
            scopes: Rights::of_services().scopes().clone(),
            reach: Reach::All,
            ip_allow: self.ip_allow.clone(),
            expires_at: self.expires_at,
            replaces: None,
            material,
        };
        let context = Context {
            now: work.now,
            entitlements: Entitlements::embedded(),
            keys_in_use: 0,
            issuer: Rights::default(),
            reauthenticated_at: None,
        };
        work.decide(&mut stream, ApiKeyCommand::Issue(Box::new(issuance)), &context).await?;
        Ok(IssuedKey { key, secret: Some(secret) })
    }

    fn replayed(&self, naming: Naming) -> IssuedKey {
        IssuedKey { key: naming.created(), secret: None }
    }
}
