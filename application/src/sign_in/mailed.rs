//! Signing in by mail: a link that works once goes to an address, and whoever opens it is the person
//! of that mailbox.
//!
//! **Invariant:** what is answered and done does not depend on whether somebody signed in by this
//! address before.
//!
//! **Invariant:** until the mail has gone, address and secret lie in the vault, and nowhere else.

use super::{LocalNames, SignInAs, create_sign_in_link};
use crate::{
    desk::Desk,
    failure::Failure,
    jobs::put_job,
    limits::{self, Stopped},
    log::Lasting,
    ports::{JobKind, NewJob, Priority},
    vault::Name,
};
use herald_account::Email;
use herald_kernel::{AccountId, Instant};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

/// What a mailed link waits for in the vault.
const PURPOSE: &str = "mail";

/// Why no link is on its way.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotMailed {
    /// Nobody carries mail for this installation.
    #[error(
        "nobody carries mail here: set RESEND_API_KEY and HERALD_MAIL_FROM, or sign in by a link (`herald sign-in`)"
    )]
    NoCarrier,
    /// This mailbox got enough links for now.
    #[error(
        "this mailbox was sent several links already: use the latest, or ask again in {seconds} seconds"
    )]
    TooMany {
        /// In so many seconds one more is sent.
        seconds: u64,
    },
    /// It could not be done.
    #[error(transparent)]
    Failed(#[from] Failure),
}

/// What the job needs: names, never the secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct MailedLink {
    link: Uuid,
    /// A later mail would hold a link that is void.
    pub(crate) expires_at: Instant,
}

/// What lies in the vault until the mail has gone.
#[derive(Serialize, Deserialize)]
pub(crate) struct Kept {
    pub(crate) address: String,
    pub(crate) secret: String,
}

/// Has a link mailed to `address` that signs its reader in once.
pub async fn mail_link(desk: &Desk, address: &Email) -> Result<(), NotMailed> {
    if desk.business.messages.is_none() {
        return Err(NotMailed::NoCarrier);
    }
    let mailbox = address.as_str().to_lowercase();
    let subject = LocalNames::of(desk, Lasting::Mailboxes, &[&mailbox]).in_use(desk).await?;
    limits::charge_mailbox(desk, subject).map_err(stopped)?;
    let secret = create_sign_in_link(desk, SignInAs::Subject(subject)).await?;
    let expires_at = desk.clock.now().plus(desk.settings.waits.sign_in_link);
    let waiting = MailedLink { link: desk.ids.uuid(), expires_at };
    waiting.keep(desk, address, &secret).await?;
    let (account, key) = (keeper(), format!("mail_link:{}", waiting.link));
    let (payload, now) = (json!(waiting), desk.clock.now());
    let job = NewJob::new(JobKind::MailLink, account, key, payload, now, Priority::AtOnce);
    Ok(put_job(desk, job).await.map_err(Failure::from)?)
}

fn stopped(stopped: Stopped) -> NotMailed {
    match stopped {
        Stopped::Exceeded(exceeded) => NotMailed::TooMany { seconds: exceeded.retry_after },
        Stopped::Failed(failure) => NotMailed::Failed(failure),
    }
}

/// Data keys belong to accounts; what waits to be mailed has one of its own under a derived name.
fn keeper() -> AccountId {
    AccountId::derived(Uuid::nil(), "mailed links")
}

impl MailedLink {
    async fn keep(
        &self,
        desk: &Desk,
        address: &Email,
        secret: &SecretString,
    ) -> Result<(), Failure> {
        let (address, secret) = (address.as_str().to_owned(), secret.expose_secret().to_owned());
        let kept = serde_json::to_string(&Kept { address, secret });
        let kept = kept.map_err(|error| Failure::Internal(error.to_string()))?;
        let owner = self.link.to_string();
        desk.vault.put(name(&owner), 0, &SecretString::from(kept)).await?;
        Ok(())
    }

    /// What is to be mailed; nothing once it has gone.
    pub(crate) async fn kept(&self, desk: &Desk) -> Result<Option<Kept>, Failure> {
        let owner = self.link.to_string();
        let Some(found) = desk.vault.get(name(&owner)).await? else { return Ok(None) };
        let kept = serde_json::from_str(found.secret.expose_secret());
        kept.map(Some).map_err(|error| Failure::Internal(error.to_string()))
    }

    /// Forgets what was to be mailed.
    pub(crate) async fn forget(&self, desk: &Desk) -> Result<(), Failure> {
        let owner = self.link.to_string();
        Ok(desk.vault.remove(name(&owner)).await?)
    }
}

fn name(owner: &str) -> Name<'_> {
    Name { account: keeper(), owner, purpose: PURPOSE }
}
