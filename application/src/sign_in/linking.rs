//! One more identity for a member: begun where they are signed in, proven at the provider.

use super::{OneTimeSecret, draw};
use crate::{
    caller::{Caller, Person},
    desk::Desk,
    failure::Failure,
    ports::{Link, LinkPurpose},
};
use herald_account::Action;
use herald_kernel::{AccountId, MemberId};
use secrecy::ExposeSecret as _;
use serde::{Deserialize, Serialize};
use url::Url;

/// Who links, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Linking {
    pub(super) account: AccountId,
    pub(super) member: MemberId,
    pub(super) issuer: String,
    pub(super) subject: String,
}

impl Linking {
    pub(super) fn is_by(&self, person: &Person) -> bool {
        self.issuer == person.issuer && self.subject == person.subject
    }
}

/// Where the member goes, in the browser in which they are signed in, to sign in at `provider` too.
/// The address works once.
pub async fn begin_link(desk: &Desk, caller: &Caller, provider: &str) -> Result<Url, Failure> {
    let action = Action::LinkIdentity;
    if !caller.may(action) {
        return Err(Failure::Forbidden { action: action.name() });
    }
    let (Some(member), Some(person)) = (caller.member(), caller.person()) else {
        return Err(Failure::Forbidden { action: action.name() });
    };
    if !desk.business.sign_in.contains_key(provider) {
        return Err(Failure::invalid("provider", "there is no such way to sign in here"));
    }
    let linking = Linking {
        account: caller.account,
        member,
        issuer: person.issuer.clone(),
        subject: person.subject.clone(),
    };
    let OneTimeSecret { secret, hash } = draw(desk);
    let subject = serde_json::to_string(&linking)
        .map_err(|error| Failure::Internal(format!("a link has no JSON form: {error}")))?;
    let expires_at = desk.clock.now().plus(desk.settings.identity.redirect);
    let link = Link { hash, purpose: LinkPurpose::Link, subject, expires_at };
    desk.stores.links.create(&link).await?;
    let path = format!("auth/{provider}/start?ticket={}", secret.expose_secret());
    desk.settings.public_url.join(&path).map_err(|error| Failure::Internal(error.to_string()))
}
