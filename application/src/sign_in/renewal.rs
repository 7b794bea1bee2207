//! Sessions of programs: short, and renewed by tokens that work once each.
//!
//! **Invariant:** a token that comes a second time ends its whole chain, for one of two who hold it
//! is a thief.

use super::{OneTimeSecret, Whence, draw, hash, log::note, sessions};
use crate::{
    caller::Person,
    desk::Desk,
    failure::Failure,
    ports::{RefreshToken, SignInKind, Spent, Succession},
};
use secrecy::SecretString;
use std::time::Duration;
use uuid::Uuid;

/// A session with what renews it.
#[derive(Debug, Clone)]
pub struct Renewed {
    /// The session's secret: the bearer token.
    pub access: SecretString,
    /// How long it lasts.
    pub expires_in: Duration,
    /// Renews it, once.
    pub refresh: SecretString,
}

/// Uses a sign-in link up and begins a chain of renewals.
pub async fn begin_chain(
    desk: &Desk,
    link: &SecretString,
    whence: &Whence,
) -> Result<Renewed, Failure> {
    let person = super::person_by_link(desk, link).await?;
    begin_for(desk, &person, whence).await
}

/// Begins a chain of renewals for somebody who has just proven who they are.
pub(super) async fn begin_for(
    desk: &Desk,
    person: &Person,
    whence: &Whence,
) -> Result<Renewed, Failure> {
    let family = desk.ids.uuid();
    let access = sessions::begin(desk, person, whence, Some(family)).await?;
    let refresh = hand_out(desk, person, &whence.device, family).await?;
    Ok(Renewed { access, refresh, expires_in: desk.settings.identity.renewed_session })
}

/// Renews a session. `None` for a token that is not good, or not any more.
pub async fn renew(
    desk: &Desk,
    refresh: &SecretString,
    whence: &Whence,
) -> Result<Option<Renewed>, Failure> {
    let now = desk.clock.now();
    let (access, successor) = (draw(desk), draw(desk));
    let expires_in = desk.settings.identity.renewed_session;
    let next = Succession {
        token: successor.hash,
        session: access.hash,
        expires_at: now.plus(expires_in),
    };
    match desk.stores.refreshes.renew(&hash(refresh), now, &next).await? {
        Spent::Fresh => {
            let (access, refresh) = (access.secret, successor.secret);
            Ok(Some(Renewed { access, expires_in, refresh }))
        }
        Spent::Unknown => Ok(None),
        Spent::Again(token) => {
            desk.stores.refreshes.end_family(token.family).await?;
            tracing::warn!("a token for renewal came twice; its chain was ended");
            note(desk, token.identity, SignInKind::TokenReused, whence).await;
            Ok(None)
        }
    }
}

/// The first token of a chain.
async fn hand_out(
    desk: &Desk,
    person: &Person,
    device: &str,
    family: Uuid,
) -> Result<SecretString, Failure> {
    let now = desk.clock.now();
    let OneTimeSecret { secret, hash } = draw(desk);
    let token = RefreshToken {
        hash,
        family,
        identity: person.identity,
        issuer: person.issuer.clone(),
        subject: person.subject.clone(),
        device: device.to_owned(),
        signed_in_at: now,
        expires_at: now.plus(desk.settings.waits.session_life),
    };
    desk.stores.refreshes.put(&token).await?;
    Ok(secret)
}
