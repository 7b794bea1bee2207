//! What people do with a key that is there: name it, let it rest, end it.

use crate::{
    caller::Standing,
    execute::{Naming, UseCase, Who, Work},
    failure::Failure,
};
use async_trait::async_trait;
use herald_account::Action;
use herald_api_key::{ApiKeyCommand, DisabledReason, KeyName, LeakSource};
use herald_kernel::ApiKeyId;
use serde::Serialize;
use uuid::Uuid;

/// Call a key something else.
#[derive(Debug, Serialize)]
pub struct RenameApiKey {
    /// Which.
    pub key: ApiKeyId,
    /// What.
    pub name: KeyName,
}

/// Let a key rest.
#[derive(Debug, Serialize)]
pub struct DisableApiKey {
    /// Which.
    pub key: ApiKeyId,
}

/// Let a key work again.
#[derive(Debug, Serialize)]
pub struct EnableApiKey {
    /// Which.
    pub key: ApiKeyId,
}

/// End a key, for ever.
#[derive(Debug, Serialize)]
pub struct RevokeApiKey {
    /// Which.
    pub key: ApiKeyId,
}

/// Say that somebody has a key who should not: it ends at once.
#[derive(Debug, Serialize)]
pub struct ReportApiKeyLeak {
    /// Which.
    pub key: ApiKeyId,
}

/// What an operator does to a key outweighs its people's wish.
fn reason(work: &Work<'_>) -> DisabledReason {
    match work.caller.standing {
        Standing::Operator(_) => DisabledReason::Abuse,
        Standing::Member { .. }
        | Standing::Person(_)
        | Standing::Key { .. }
        | Standing::Service(_)
        | Standing::Job(_) => DisabledReason::User,
    }
}

impl RenameApiKey {
    fn command(wish: &Self, _: &Work<'_>) -> ApiKeyCommand {
        ApiKeyCommand::Rename { name: wish.name.clone() }
    }
}

impl DisableApiKey {
    fn command(_: &Self, work: &Work<'_>) -> ApiKeyCommand {
        ApiKeyCommand::Disable { reason: reason(work) }
    }
}

impl EnableApiKey {
    fn command(_: &Self, work: &Work<'_>) -> ApiKeyCommand {
        ApiKeyCommand::Enable { reason: reason(work) }
    }
}

impl RevokeApiKey {
    const fn command(_: &Self, _: &Work<'_>) -> ApiKeyCommand {
        ApiKeyCommand::Revoke
    }
}

impl ReportApiKeyLeak {
    fn command(_: &Self, work: &Work<'_>) -> ApiKeyCommand {
        let source = match work.caller.standing {
            Standing::Operator(_) => LeakSource::Operator,
            Standing::Member { .. }
            | Standing::Person(_)
            | Standing::Key { .. }
            | Standing::Service(_)
            | Standing::Job(_) => LeakSource::Member,
        };
        ApiKeyCommand::ReportLeak { source }
    }
}

macro_rules! one_command {
    ($($name:ident,)*) => {$(
        #[async_trait]
        impl UseCase for $name {
            const WHO: Who = Who::Members(Action::$name);
            type Answer = ();

            fn object(&self) -> Option<Uuid> {
                Some(self.key.uuid())
            }

            async fn attempt(&self, work: &mut Work<'_>) -> Result<(), Failure> {
                let command = Self::command(self, work);
                super::decide(work, self.key, command).await
            }

            fn replayed(&self, _: Naming) {}
        }
    )*};
}

one_command! {
    RenameApiKey,
    DisableApiKey,
    EnableApiKey,
    RevokeApiKey,
    ReportApiKeyLeak,
}
