//! Who one is: links that sign in once, redirects to those who know a person, sessions and what
//! renews them, and the accounts in which a person takes part.
//!
//! **Invariant:** no secret of a link or a session is stored; only its SHA-256 is. The secrets have
//! 256 bits, so nobody finds one by trying.

mod devices;
mod familiar;
mod grants;
mod keepsake;
mod linking;
mod log;
mod mailed;
mod membership;
mod operators;
mod own;
mod passwords;
mod redirect;
mod renewal;
mod sessions;
#[cfg(test)]
mod tests;
mod tokens;
mod whence;

pub use familiar::FAMILIAR_FOR;
pub(crate) use grants::forget as forget_grant;
pub use linking::begin_link;
pub use log::{LoggedSignIn, note, signed_in_lately};
pub(crate) use log::{fact, forget, note_as};
pub(crate) use mailed::{Kept, MailedLink};
pub use mailed::{NotMailed, mail_link};
pub use membership::{Membership, Unplaced, caller, memberships};
pub use operators::{operates, operator};
pub use own::identities_of;
pub use passwords::{Asks, NotTried, PasswordStep, Passwords};
pub use redirect::{CameBack, Finished, Returned, Started, Stopped, finish, start};
pub use renewal::{Renewed, begin_chain, renew};
pub use sessions::{SignedInAt, end, end_everywhere, end_named, person_of, sessions_of, sweep};
pub use tokens::{Admitted, admit};
pub use whence::Whence;

use crate::{
    caller::Person,
    desk::Desk,
    failure::Failure,
    log::{InstallKey, Lasting},
    ports::{Link, LinkPurpose},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use herald_kernel::{AccountId, MemberId};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

/// Who vouches for people who sign in by a link of this installation.
pub const LOCAL_ISSUER: &str = "local";

/// Whom a sign-in link signs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignInAs {
    /// The person who runs this installation: always the same one.
    Resident,
    /// Somebody who was never here before.
    Newcomer,
    /// The local person of this subject.
    Subject(Uuid),
}

/// A secret that is handed out once, and what is stored of it.
#[derive(Debug, Clone)]
pub(crate) struct OneTimeSecret {
    pub(crate) secret: SecretString,
    pub(crate) hash: [u8; 32],
}

/// Draws a secret of 256 bits.
pub(crate) fn draw(desk: &Desk) -> OneTimeSecret {
    let secret = SecretString::from(URL_SAFE_NO_PAD.encode(desk.ids.secret()));
    let hash = hash(&secret);
    OneTimeSecret { secret, hash }
}

/// What is stored of a secret. It has 256 random bits: a slow or salted hash would add nothing.
pub(crate) fn hash(secret: &SecretString) -> [u8; 32] {
    Sha256::digest(secret.expose_secret()).into()
}

/// Makes a link that signs somebody in once, and answers its secret.
pub async fn create_sign_in_link(desk: &Desk, whom: SignInAs) -> Result<SecretString, Failure> {
    let subject = match whom {
        SignInAs::Resident => LocalNames::of_resident(desk).in_use(desk).await?,
        SignInAs::Newcomer => desk.ids.uuid(),
        SignInAs::Subject(subject) => subject,
    };
    let OneTimeSecret { secret, hash } = draw(desk);
    let expires_at = desk.clock.now().plus(desk.settings.waits.sign_in_link);
    let purpose = LinkPurpose::SignIn;
    let link = Link { hash, purpose, subject: subject.to_string(), expires_at };
    desk.stores.links.create(&link).await?;
    Ok(secret)
}

/// The names of a local person, which follow from the master key: the same words lead to the same
/// person.
struct LocalNames {
    /// By the master key in force.
    own: Uuid,
    /// By former ones, the newest first.
    former: Vec<Uuid>,
}

impl LocalNames {
    fn of(desk: &Desk, purpose: Lasting, words: &[&str]) -> Self {
        let keyring = desk.journal.keyring();
        let name = |key: &InstallKey| Uuid::new_v5(&Uuid::NAMESPACE_OID, &key.mac(words));
        let former = keyring.lasting_keys(purpose).into_iter().skip(1);
        Self {
            own: name(&keyring.lasting_key(purpose)),
            former: former.map(|(_, key)| name(&key)).collect(),
        }
    }

    /// The names of the person who runs this installation.
    fn of_resident(desk: &Desk) -> Self {
        Self::of(desk, Lasting::Resident, &["subject"])
    }

    fn contain(&self, subject: &str) -> bool {
        self.former.iter().chain([&self.own]).any(|name| name.to_string() == subject)
    }

    /// By which of them the person goes. Whoever took part somewhere before the master key was
    /// changed keeps the former one's.
    async fn in_use(self, desk: &Desk) -> Result<Uuid, Failure> {
        for former in self.former {
            let person = Person::of(LOCAL_ISSUER, &former.to_string());
            if !memberships(desk, &person).await?.is_empty() {
                return Ok(former);
            }
        }
        Ok(self.own)
    }
}

/// Uses a sign-in link up and answers the secret of a new session.
pub async fn redeem(desk: &Desk, link: &SecretString) -> Result<SecretString, Failure> {
    redeem_from(desk, link, &Whence::default()).await
}

/// As [`redeem`], noting where the person is.
pub async fn redeem_from(
    desk: &Desk,
    link: &SecretString,
    whence: &Whence,
) -> Result<SecretString, Failure> {
    let person = person_by_link(desk, link).await?;
    sessions::begin(desk, &person, whence, None).await
}

/// Uses a sign-in link up and answers whom it is for.
pub(crate) async fn person_by_link(desk: &Desk, link: &SecretString) -> Result<Person, Failure> {
    let hash = hash(link);
    let now = desk.clock.now();
    let peeked = desk.stores.links.peek(&hash).await?;
    // An invitation's link must survive being tried at the wrong door.
    let usable = |link: &Link| link.purpose == LinkPurpose::SignIn && now < link.expires_at;
    if !peeked.as_ref().is_some_and(usable) {
        return Err(invalid_link());
    }
    let link = desk.stores.links.take(&hash).await?.filter(usable).ok_or_else(invalid_link)?;
    Ok(Person::of(LOCAL_ISSUER, &link.subject))
}

/// The account and the member that an invitation's link is for. It is not used up by looking.
pub async fn invitation(
    desk: &Desk,
    secret: &SecretString,
) -> Result<(AccountId, MemberId), Failure> {
    invitation_by(desk, &hash(secret)).await
}

/// As [`invitation`], by the hash of the secret. An expired one is answered too: the account says
/// so when it is accepted.
pub(crate) async fn invitation_by(
    desk: &Desk,
    hash: &[u8; 32],
) -> Result<(AccountId, MemberId), Failure> {
    let link = desk.stores.links.peek(hash).await?;
    let link = link.filter(|link| link.purpose == LinkPurpose::Invite).ok_or_else(invalid_link)?;
    let parsed = link
        .subject
        .split_once('/')
        .and_then(|(account, member)| Some((account.parse().ok()?, member.parse().ok()?)));
    parsed.ok_or_else(|| Failure::Internal("an invitation's link names no member".to_owned()))
}

fn invalid_link() -> Failure {
    Failure::Refused {
        code: "LINK_NOT_VALID",
        message: "this link was used, has expired or never existed; ask for a new one".to_owned(),
        path: None,
        retryable: false,
    }
}
