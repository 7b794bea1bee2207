//! What can be asked of an API key.

mod change_scopes;
mod issue;
mod issue_service;
mod life;
mod rotate;
mod timers;

pub use change_scopes::ChangeApiKeyScopes;
pub use issue::{IssueApiKey, IssuedKey};
pub use issue_service::{IssueServiceKey, services_account};
pub use life::{DisableApiKey, EnableApiKey, RenameApiKey, ReportApiKeyLeak, RevokeApiKey};
pub use rotate::RotateApiKey;
pub use timers::{LimitApiKey, SettleApiKey};

use crate::{
    entitlements,
    execute::Work,
    failure::Failure,
    keys,
    views::api_keys::{ApiKeyDoc, NAME},
};
use herald_account::Account;
use herald_api_key::{ApiKey, ApiKeyCommand, Context, KeyMaterial, KeyText, Stage};
use herald_kernel::{ApiKeyId, Instant, MemberId};
use herald_terms::Rights;
use secrecy::SecretString;

/// Loads a key and decides one command.
async fn decide(work: &mut Work<'_>, id: ApiKeyId, command: ApiKeyCommand) -> Result<(), Failure> {
    let mut key = work.load_seen::<ApiKey>(id.uuid()).await?;
    let context = context(work, id, key.state.issuer(), None).await?;
    work.decide(&mut key, command, &context).await
}

/// What decisions about `key` look at: the tier, what of it is taken, and what its issuer may do.
async fn context(
    work: &Work<'_>,
    key: ApiKeyId,
    issuer: Option<MemberId>,
    reauthenticated_at: Option<Instant>,
) -> Result<Context, Failure> {
    let entitlements = entitlements::of_account(work.desk, work.account()).await?.entitlements;
    let issuer = match issuer {
        Some(member) => rights_of(work, member).await?,
        None => Rights::default(),
    };
    let keys_in_use = keys_in_use(work, key).await?;
    Ok(Context { now: work.now, entitlements, keys_in_use, issuer, reauthenticated_at })
}

/// What a member may do at present; nothing when they no longer take part.
async fn rights_of(work: &Work<'_>, member: MemberId) -> Result<Rights, Failure> {
    let account = work.load::<Account>(work.account().uuid()).await?.state;
    let member = account.member(member).filter(|member| member.is_active());
    Ok(member.map(|member| member.role().rights()).unwrap_or_default())
}

/// How many other keys take a place. The count comes from the view and may lag.
async fn keys_in_use(work: &Work<'_>, key: ApiKeyId) -> Result<u32, Failure> {
    let active = [Stage::Active.as_str()];
    let keys: Vec<ApiKeyDoc> = work.desk.all_documents(work.account(), NAME, &active).await?;
    let taken = keys.iter().filter(|doc| doc.id != key && doc.key.takes_a_place(work.now)).count();
    Ok(u32::try_from(taken).unwrap_or(u32::MAX))
}

/// Draws a key's text: what is kept of it, and the text for the one answer that shows it.
fn draw(work: &Work<'_>) -> Result<(KeyMaterial, SecretString), Failure> {
    let environment = keys::environment(work.desk.settings.mode);
    let text = KeyText::compose(environment, &work.desk.ids.secret());
    let material = keys::Peppers::new(work.desk.journal.keyring()).material(&text);
    let material = material.ok_or_else(|| Failure::Internal("there is no pepper".to_owned()))?;
    Ok((material, SecretString::from(text.expose_secret())))
}

#[cfg(test)]
mod tests;
