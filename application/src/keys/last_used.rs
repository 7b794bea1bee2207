//! When a key was last used, to the minute.
//!
//! No event: it changes with every minute. It is kept sealed beside the account's secrets, so that
//! it is forgotten with the account.

use super::Pass;
use crate::{desk::Desk, failure::Failure, vault::Name};
use herald_kernel::{AccountId, ApiKeyId, Instant};
use secrecy::{ExposeSecret as _, SecretString};
use std::sync::Arc;

const PURPOSE: &str = "last-used";
const MINUTE: i64 = 60_000_000;

/// Notes that a key was used, once in a minute and beside the call.
pub(crate) fn note(desk: &Arc<Desk>, pass: &Pass) {
    let (account, key) = (pass.account, pass.key);
    let micros = desk.clock.now().micros();
    let minute = micros - micros.rem_euclid(MINUTE);
    if desk.keys.noted.get(&key).is_some_and(|noted| noted >= minute) {
        return;
    }
    desk.keys.noted.insert(key, minute);
    let desk = Arc::clone(desk);
    let tracker = desk.commands.clone();
    tracker.spawn(async move {
        if let Err(failure) = write(&desk, account, key, minute).await {
            tracing::debug!(%key, %failure, "the last use of a key was not noted");
        }
    });
}

/// When the key was last used, to the minute; `None` when it never was.
pub async fn last_used_at(
    desk: &Desk,
    account: AccountId,
    key: ApiKeyId,
) -> Result<Option<Instant>, Failure> {
    let owner = key.to_string();
    let found = desk.vault.get(Name { account, owner: &owner, purpose: PURPOSE }).await?;
    Ok(found.and_then(|it| Instant::from_micros(it.secret.expose_secret().parse().ok()?)))
}

/// Time goes forwards only. Whoever writes at the same moment writes nearly the same.
async fn write(desk: &Desk, account: AccountId, key: ApiKeyId, minute: i64) -> Result<(), Failure> {
    let owner = key.to_string();
    let name = Name { account, owner: &owner, purpose: PURPOSE };
    let known = desk.vault.get(name).await?;
    let before = known.as_ref().and_then(|it| it.secret.expose_secret().parse::<i64>().ok());
    if before.is_some_and(|before| before >= minute) {
        return Ok(());
    }
    let version = known.map_or(0, |it| it.version);
    desk.vault.put(name, version, &SecretString::from(minute.to_string())).await?;
    Ok(())
}
