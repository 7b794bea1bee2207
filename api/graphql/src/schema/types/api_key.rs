//! API keys: what programs call with. A key's text is shown once, by the mutation that makes it.

use super::{
    account::Member,
    connection::SocialAccount,
    names::{ApiKeyDisabledReason, ApiKeyEnvironment, ApiKeyScope, ApiKeyStatus, Word},
};
use crate::schema::{
    fault::Result,
    reads,
    scalars::{DateTime, int},
    visitor::desk,
};
use async_graphql::{Context, ID, Object};
use herald_api_key::{Issued, Stage};
use herald_application::{keys, views::api_keys::ApiKeyDoc};
use herald_kernel::Instant;
use herald_terms::Reach;
use std::sync::Arc;

/// An API key.
#[derive(Debug, Clone)]
pub(crate) struct ApiKey(pub(crate) Arc<ApiKeyDoc>);

impl ApiKey {
    fn issued(&self) -> Option<&Issued> {
        self.0.key.details()
    }

    /// Time ends a key before anybody notes it.
    fn stage(&self, now: Instant) -> Stage {
        let stage = self.0.key.stage();
        if let Stage::Rotating { overlap_until, .. } = stage
            && overlap_until <= now
        {
            Stage::Revoked
        } else if !stage.is_final() && self.0.key.is_past_expiry(now) {
            Stage::Expired
        } else {
            stage
        }
    }
}

/// An API key: what a program calls with, on behalf of the member who issued it.
#[Object]
impl ApiKey {
    /// The key's id, `key_…`. It opens nothing.
    pub(crate) async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }

    /// What it is called; `null` once that was erased.
    async fn name(&self) -> Option<String> {
        self.0.key.name().map(ToString::to_string)
    }

    /// How to recognise it: `herald_sk_live_…a1B2`.
    async fn display(&self) -> Option<String> {
        self.0.key.display()
    }

    /// Where it stands.
    async fn status(&self, ctx: &Context<'_>) -> Result<ApiKeyStatus> {
        ApiKeyStatus::named(self.stage(desk(ctx)?.clock.now()).as_str())
    }

    /// Why it rests, if it does.
    async fn disabled_reason(&self) -> Result<Option<ApiKeyDisabledReason>> {
        match self.0.key.stage() {
            Stage::Disabled { reason } => ApiKeyDisabledReason::named(reason.as_str()).map(Some),
            Stage::Absent
            | Stage::Active
            | Stage::Rotating { .. }
            | Stage::Revoked
            | Stage::Expired
            | Stage::Compromised => Ok(None),
        }
    }

    /// Where it acts.
    async fn environment(&self) -> Result<Option<ApiKeyEnvironment>> {
        self.issued().map(|it| ApiKeyEnvironment::named(it.environment.as_str())).transpose()
    }

    /// What it may do at most. It never does more than the present role of who issued it allows.
    async fn scopes(&self) -> Result<Vec<ApiKeyScope>> {
        self.0.key.scopes().iter().map(|scope| ApiKeyScope::named(scope.as_str())).collect()
    }

    /// The connections that it is bound to; `null` when it may use all of the account's.
    async fn connections(&self, ctx: &Context<'_>) -> Result<Option<Vec<SocialAccount>>> {
        let Some(Reach::Only(ids)) = self.issued().map(|it| &it.reach) else { return Ok(None) };
        let mut found = Vec::new();
        for id in ids {
            found.extend(reads::connection(ctx, *id).await?);
        }
        Ok(Some(found))
    }

    /// The networks that calls may come from; from anywhere when empty.
    async fn ip_allow(&self) -> Vec<String> {
        let networks = self.issued().and_then(|it| it.ip_allow.known());
        networks.into_iter().flatten().map(ToString::to_string).collect()
    }

    /// Who issued it.
    async fn created_by(&self, ctx: &Context<'_>) -> Result<Option<Member>> {
        match self.0.key.issuer() {
            Some(member) => reads::member(ctx, member).await,
            None => Ok(None),
        }
    }

    /// When it was issued.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// When it was last used, to the minute; `null` when it never was.
    async fn last_used_at(&self, ctx: &Context<'_>) -> Result<Option<DateTime>> {
        let used = keys::last_used_at(desk(ctx)?, self.0.account, self.0.id).await?;
        Ok(used.map(Into::into))
    }

    /// From when on it is void, if ever.
    async fn expires_at(&self) -> Option<DateTime> {
        self.issued().and_then(|it| it.expires_at).map(Into::into)
    }

    /// The key that takes its place, while it is being replaced.
    async fn successor(&self) -> Option<ID> {
        match self.0.key.stage() {
            Stage::Rotating { successor, .. } => Some(successor.to_string().into()),
            Stage::Absent
            | Stage::Active
            | Stage::Disabled { .. }
            | Stage::Revoked
            | Stage::Expired
            | Stage::Compromised => None,
        }
    }

    /// Until when it works beside its successor.
    async fn overlap_until(&self) -> Option<DateTime> {
        match self.0.key.stage() {
            Stage::Rotating { overlap_until, .. } => Some(overlap_until.into()),
            Stage::Absent
            | Stage::Active
            | Stage::Disabled { .. }
            | Stage::Revoked
            | Stage::Expired
            | Stage::Compromised => None,
        }
    }

    /// The key whose place it took, if it took one's.
    async fn replaces(&self) -> Option<ID> {
        self.issued().and_then(|it| it.replaces).map(|key| key.to_string().into())
    }

    /// What `expectedVersion` is compared with.
    async fn version(&self) -> i32 {
        int(self.0.version)
    }
}
