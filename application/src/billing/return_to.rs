//! Where people come back from the provider's pages: kept in the vault until the page is open.

use crate::{
    desk::Desk,
    failure::Failure,
    settings::Settings,
    vault::{Name, Versioned},
};
use herald_kernel::{AccountId, CommandId};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use url::Url;

/// Where people come back. Absent addresses lead to our own.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReturnTo {
    /// After paying, or after looking.
    pub success: Option<Url>,
    /// After turning back.
    pub cancel: Option<Url>,
}

const PURPOSE: &str = "return_to";

impl ReturnTo {
    /// Refuses addresses beyond our own origin and the allowed ones: a link of ours must not lead
    /// people to strangers.
    pub fn check(&self, settings: &Settings) -> Result<(), Failure> {
        let own = settings.public_url.origin();
        for (field, url) in [("successUrl", &self.success), ("cancelUrl", &self.cancel)] {
            let Some(url) = url else { continue };
            let origin = url.origin();
            let listed = &settings.payments.return_origins;
            let allowed = origin == own || listed.contains(&origin.ascii_serialization());
            if !allowed || !origin.is_tuple() {
                let message = "people may be sent back to this installation or to an origin of \
                               HERALD_RETURN_ORIGINS only";
                return Err(Failure::invalid(field, message));
            }
        }
        Ok(())
    }

    /// Where people come back after paying.
    #[must_use]
    pub fn success(&self, settings: &Settings) -> Url {
        self.success.clone().unwrap_or_else(|| settings.public_url.clone())
    }

    /// Where people come back after turning back.
    #[must_use]
    pub fn cancel(&self, settings: &Settings) -> Url {
        self.cancel.clone().unwrap_or_else(|| settings.public_url.clone())
    }
}

/// Keeps the way back from a page until it is open.
pub(crate) async fn keep(
    desk: &Desk,
    account: AccountId,
    page: CommandId,
    way: &ReturnTo,
) -> Result<(), Failure> {
    let owner = page.to_string();
    let name = Name { account, owner: &owner, purpose: PURPOSE };
    let stored = desk.vault.get(name).await?.map_or(0, |stored| stored.version);
    let text = serde_json::to_string(way).map_err(|it| Failure::Internal(it.to_string()))?;
    match desk.vault.put(name, stored, &SecretString::from(text)).await? {
        Some(_) => Ok(()),
        None => Err(Failure::Contended),
    }
}

/// The way back from a page; to our own where none was kept.
pub(crate) async fn kept(
    desk: &Desk,
    account: AccountId,
    page: CommandId,
) -> Result<ReturnTo, Failure> {
    let owner = page.to_string();
    let name = Name { account, owner: &owner, purpose: PURPOSE };
    let stored = desk.vault.get(name).await?;
    let read = |it: Versioned| serde_json::from_str(it.secret.expose_secret()).ok();
    Ok(stored.and_then(read).unwrap_or_default())
}

/// Forgets the way back once the page is open, or will never be.
pub(crate) async fn forget(
    desk: &Desk,
    account: AccountId,
    page: CommandId,
) -> Result<(), Failure> {
    let owner = page.to_string();
    Ok(desk.vault.remove(Name { account, owner: &owner, purpose: PURPOSE }).await?)
}
