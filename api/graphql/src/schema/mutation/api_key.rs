//! Commands to API keys.

use super::{carry, inputs, outcome::carry_naming, payloads};
use crate::schema::{
    fault::{Fault, Result},
    input::{id, ids, valid},
    reads,
    scalars::DateTime,
    types::{
        api_key::ApiKey,
        names::{ApiKeyScope, Word},
    },
    visitor::{caller, signed_in_at},
};
use async_graphql::{Context, ID, Object};
use herald_account::Action;
use herald_api_key::SourceNet;
use herald_application::{
    caller::Caller,
    commands::api_key::{
        ChangeApiKeyScopes, DisableApiKey, EnableApiKey, IssueApiKey, IssuedKey, RenameApiKey,
        ReportApiKeyLeak, RevokeApiKey, RotateApiKey,
    },
    failure::Failure,
    reading::require,
};
use herald_kernel::ApiKeyId;
use herald_terms::{Reach, Scope};
use secrecy::ExposeSecret as _;
use std::{collections::BTreeSet, time::Duration};

/// How long a key works beside its successor when nothing is said.
const OVERLAP_HOURS: i32 = 24;

inputs! {
    /// What `issueApiKey` takes.
    IssueApiKeyInput {
        /// What it is called, at most 80 characters.
        name: String,
        /// What it may do; not more than you may.
        scopes: Vec<ApiKeyScope>,
        /// The connections that it may use; all of the account's when absent.
        connections: Option<Vec<ID>>,
        /// The networks that calls may come from, such as `192.0.2.0/24`; anywhere when absent.
        ip_allow: Option<Vec<String>>,
        /// From when on it is void, at most two years ahead; never when absent.
        expires_at: Option<DateTime>,
    }
    /// What `rotateApiKey` takes.
    RotateApiKeyInput {
        /// The key that is replaced.
        key: ID,
        /// How many hours both work, 0 to 168; 24 when absent.
        overlap_hours: Option<i32>,
    }
    /// What `changeApiKeyScopes` takes.
    ChangeApiKeyScopesInput {
        /// The key.
        key: ID,
        /// All that it may do from now on.
        scopes: Vec<ApiKeyScope>,
    }
    /// What `renameApiKey` takes.
    RenameApiKeyInput {
        /// The key.
        key: ID,
        /// What it is called, at most 80 characters.
        name: String,
    }
    /// What mutations take that need nothing but the key.
    ApiKeyInput {
        /// The key.
        key: ID,
    }
}

payloads! {
    /// What came of a command to an API key.
    ApiKeyPayload(ApiKeyId) {
        /// The key as it stands now.
        api_key: ApiKey = async |ctx: &Context<'_>, _: Caller, id: &ApiKeyId| {
            reads::api_key(ctx, *id).await
        };
    }
    /// What came of issuing an API key.
    IssueApiKeyPayload(IssuedKey) {
        /// The key.
        api_key: ApiKey = async |ctx: &Context<'_>, _: Caller, issued: &IssuedKey| {
            reads::api_key(ctx, issued.key).await
        };
        /// The key's text: store it now. It is shown here and never again, so it is `null` when the
        /// same request was followed before.
        secret: String = async |_: &Context<'_>, _: Caller, issued: &IssuedKey| shown(issued);
    }
    /// What came of rotating an API key.
    RotateApiKeyPayload((IssuedKey, ApiKeyId)) {
        /// The key that takes the former one's place.
        api_key: ApiKey = async |ctx: &Context<'_>, _: Caller, it: &(IssuedKey, ApiKeyId)| {
            reads::api_key(ctx, it.0.key).await
        };
        /// The key that is replaced; it works until `overlapUntil`.
        former: ApiKey = async |ctx: &Context<'_>, _: Caller, it: &(IssuedKey, ApiKeyId)| {
            reads::api_key(ctx, it.1).await
        };
        /// The new key's text: store it now. It is shown here and never again, so it is `null` when
        /// the same request was followed before.
        secret: String = async |_: &Context<'_>, _: Caller, it: &(IssuedKey, ApiKeyId)| {
            shown(&it.0)
        };
    }
}

#[expect(clippy::unnecessary_wraps, reason = "every field of a payload may fail")]
fn shown(issued: &IssuedKey) -> Result<Option<String>, Fault> {
    Ok(issued.secret.as_ref().map(|secret| secret.expose_secret().to_owned()))
}

#[derive(Debug, Default)]
pub(crate) struct ApiKeyMutations;

#[Object]
impl ApiKeyMutations {
    /// Issues an API key. The answer holds its text, once. Needs an owner or admin.
    async fn issue_api_key(
        &self,
        ctx: &Context<'_>,
        input: IssueApiKeyInput,
    ) -> Result<IssueApiKeyPayload> {
        let outcome = carry(ctx, input, |input| {
            Ok(IssueApiKey {
                name: valid(input.name, "name")?,
                scopes: scopes(&input.scopes)?,
                reach: reach(input.connections.as_deref())?,
                ip_allow: networks(&input.ip_allow.unwrap_or_default())?,
                expires_at: input.expires_at.map(|at| at.read("expiresAt")).transpose()?,
            })
        });
        Ok(IssueApiKeyPayload(outcome.await?))
    }

    /// Lets a new key take the place of one; both work until the overlap ends. The answer holds the
    /// new key's text, once. Needs an owner or admin.
    async fn rotate_api_key(
        &self,
        ctx: &Context<'_>,
        input: RotateApiKeyInput,
    ) -> Result<RotateApiKeyPayload> {
        let outcome = carry_naming(ctx, input, |input| {
            let key = id(&input.key, "key")?;
            let hours = u64::try_from(input.overlap_hours.unwrap_or(OVERLAP_HOURS));
            let hours = hours
                .map_err(|_| Failure::invalid("overlapHours", "an overlap is not negative"))?;
            let overlap = Duration::from_secs(hours.saturating_mul(3_600));
            Ok((RotateApiKey { key, overlap }, key))
        });
        Ok(RotateApiKeyPayload(outcome.await?.renaming("overlap", "overlapHours")))
    }

    /// Gives a key other scopes. To add one, you must have signed in within the last ten minutes.
    /// Needs an owner or admin.
    async fn change_api_key_scopes(
        &self,
        ctx: &Context<'_>,
        input: ChangeApiKeyScopesInput,
    ) -> Result<ApiKeyPayload> {
        require(&caller(ctx).await?, Action::ChangeApiKeyScopes)?;
        let signed_in_at = signed_in_at(ctx).await?;
        let outcome = carry_naming(ctx, input, |input| {
            let (key, scopes) = (id(&input.key, "key")?, scopes(&input.scopes)?);
            Ok((ChangeApiKeyScopes { key, scopes, signed_in_at }, key))
        });
        Ok(ApiKeyPayload(outcome.await?.map(|((), key)| key)))
    }

    /// Calls a key something else. Needs an owner or admin.
    async fn rename_api_key(
        &self,
        ctx: &Context<'_>,
        input: RenameApiKeyInput,
    ) -> Result<ApiKeyPayload> {
        let outcome = carry_naming(ctx, input, |input| {
            let key = id(&input.key, "key")?;
            Ok((RenameApiKey { key, name: valid(input.name, "name")? }, key))
        });
        Ok(ApiKeyPayload(outcome.await?.map(|((), key)| key)))
    }

    /// Lets a key rest: calls with it are refused. Needs an owner or admin.
    async fn disable_api_key(
        &self,
        ctx: &Context<'_>,
        input: ApiKeyInput,
    ) -> Result<ApiKeyPayload> {
        let outcome = carry_naming(ctx, input, |input| {
            let key = id(&input.key, "key")?;
            Ok((DisableApiKey { key }, key))
        });
        Ok(ApiKeyPayload(outcome.await?.map(|((), key)| key)))
    }

    /// Lets a key work again. Needs an owner or admin.
    async fn enable_api_key(&self, ctx: &Context<'_>, input: ApiKeyInput) -> Result<ApiKeyPayload> {
        let outcome = carry_naming(ctx, input, |input| {
            let key = id(&input.key, "key")?;
            Ok((EnableApiKey { key }, key))
        });
        Ok(ApiKeyPayload(outcome.await?.map(|((), key)| key)))
    }

    /// Ends a key for ever, everywhere within a second. Needs an owner or admin.
    async fn revoke_api_key(&self, ctx: &Context<'_>, input: ApiKeyInput) -> Result<ApiKeyPayload> {
        let outcome = carry_naming(ctx, input, |input| {
            let key = id(&input.key, "key")?;
            Ok((RevokeApiKey { key }, key))
        });
        Ok(ApiKeyPayload(outcome.await?.map(|((), key)| key)))
    }

    /// Says that somebody has a key who should not: it ends at once. Needs an owner or admin.
    async fn report_api_key_leak(
        &self,
        ctx: &Context<'_>,
        input: ApiKeyInput,
    ) -> Result<ApiKeyPayload> {
        let outcome = carry_naming(ctx, input, |input| {
            let key = id(&input.key, "key")?;
            Ok((ReportApiKeyLeak { key }, key))
        });
        Ok(ApiKeyPayload(outcome.await?.map(|((), key)| key)))
    }
}

fn scopes(wanted: &[ApiKeyScope]) -> Result<BTreeSet<Scope>, Failure> {
    let read = |scope: &ApiKeyScope| {
        let read: Result<Scope, _> = scope.stored().parse();
        read.map_err(|error| Failure::invalid("scopes", error.to_string()))
    };
    wanted.iter().map(read).collect()
}

fn reach(connections: Option<&[ID]>) -> Result<Reach, Failure> {
    let Some(connections) = connections else { return Ok(Reach::All) };
    Ok(Reach::Only(ids(connections, "connections")?.into_iter().collect()))
}

fn networks(texts: &[String]) -> Result<Vec<SourceNet>, Failure> {
    let read = |(index, text): (usize, &String)| {
        let read: Result<SourceNet, _> = text.parse();
        read.map_err(|error| Failure::invalid(&format!("ipAllow.{index}"), error.to_string()))
    };
    texts.iter().enumerate().map(read).collect()
}
