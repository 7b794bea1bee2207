//! Sessions: begun, found, listed, ended, swept away.

use super::{
    OneTimeSecret, Whence,
    devices::{self, Met},
    draw, hash,
    log::{note, note_as},
    membership::look,
};
use crate::{
    caller::Person,
    desk::Desk,
    failure::Failure,
    notices,
    ports::{Session, SignInKind},
};
use herald_kernel::{IdentityId, Instant};
use secrecy::SecretString;
use std::{cmp::Reverse, collections::HashSet, time::Duration};
use uuid::Uuid;

/// A session that is in use is noted as used once in this time, not with every request.
const TOUCH: Duration = Duration::from_secs(60);

/// One of a person's sessions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedInAt {
    /// Its public name; it opens nothing.
    pub id: String,
    /// What it was begun with, such as `Firefox on Linux`; empty when that was not said.
    pub device: String,
    /// When the person signed in, however often it was renewed since.
    pub signed_in_at: Instant,
    /// When they were last seen.
    pub used_at: Instant,
    /// When it ends, unless it is renewed before.
    pub expires_at: Instant,
    /// Is it renewed by tokens, as programs do?
    pub renewed: bool,
}

/// Begins a session of `person`, and says so in their log.
pub(super) async fn begin(
    desk: &Desk,
    person: &Person,
    whence: &Whence,
    family: Option<Uuid>,
) -> Result<SecretString, Failure> {
    let secret = store(desk, person, &whence.device, family).await?;
    let met = devices::meet(desk, person, &whence.device).await.unwrap_or_else(|failure| {
        // What is remembered of devices keeps nobody out.
        tracing::warn!(%failure, "a device was not remembered");
        Met::Known
    });
    let (fact, identity) = (desk.ids.uuid(), person.identity);
    match met {
        Met::First | Met::Known => {
            note_as(desk, fact, identity, SignInKind::SignedIn, whence).await;
        }
        Met::New => {
            note_as(desk, fact, identity, SignInKind::NewDevice, whence).await;
            announce(desk, person, fact).await;
        }
    }
    Ok(secret)
}

/// Has the person told of a sign-in from a new device, once, where an account knows how to reach
/// them: in the first in which they take part.
async fn announce(desk: &Desk, person: &Person, fact: Uuid) {
    let told = async {
        let Some(home) = look(desk, person).await?.into_iter().next() else { return Ok(()) };
        notices::new_device(desk, home.account, home.member, person.identity, fact).await
    };
    if let Err(failure) = told.await {
        tracing::warn!(%failure, "a sign-in from a new device was not announced");
    }
}

/// Stores a session of somebody who signed in just now. One that belongs to a chain of renewals is short.
async fn store(
    desk: &Desk,
    person: &Person,
    device: &str,
    family: Option<Uuid>,
) -> Result<SecretString, Failure> {
    let now = desk.clock.now();
    let life = match family {
        Some(_) => desk.settings.identity.renewed_session,
        None => desk.settings.waits.session_life,
    };
    let OneTimeSecret { secret, hash } = draw(desk);
    let session = Session {
        hash,
        identity: person.identity,
        issuer: person.issuer.clone(),
        subject: person.subject.clone(),
        signed_in_at: now,
        created_at: now,
        used_at: now,
        expires_at: now.plus(life),
        device: device.to_owned(),
        family,
    };
    desk.stores.sessions.create(&session).await?;
    Ok(secret)
}

/// The person who holds this session, unless it has ended.
pub async fn person_of(desk: &Desk, session: &SecretString) -> Result<Option<Person>, Failure> {
    let hash = hash(session);
    let Some(session) = desk.stores.sessions.find(&hash).await? else { return Ok(None) };
    let now = desk.clock.now();
    let idle = now.since(session.used_at);
    if now >= session.expires_at || idle >= desk.settings.waits.session_idle {
        desk.stores.sessions.end(&hash).await?;
        return Ok(None);
    }
    if idle >= TOUCH {
        desk.stores.sessions.touch(&hash, now).await?;
    }
    let Session { identity, issuer, subject, .. } = session;
    Ok(Some(Person { identity, issuer, subject }))
}

/// Ends a session, if there is one, and whatever renews it.
pub async fn end(desk: &Desk, session: &SecretString) -> Result<(), Failure> {
    let hash = hash(session);
    if let Some(session) = desk.stores.sessions.find(&hash).await? {
        end_one(desk, &session).await?;
    }
    Ok(())
}

async fn end_one(desk: &Desk, session: &Session) -> Result<(), Failure> {
    match session.family {
        Some(family) => desk.stores.refreshes.end_family(family).await?,
        None => desk.stores.sessions.end(&session.hash).await?,
    }
    let whence = Whence { device: session.device.clone(), address: None };
    note(desk, session.identity, SignInKind::SignedOut, &whence).await;
    Ok(())
}

/// Where a person is signed in, the latest first. What is renewed is one session: the last one before
/// is good for a while beside its successor, and is not shown.
pub async fn sessions_of(desk: &Desk, person: &Person) -> Result<Vec<SignedInAt>, Failure> {
    let now = desk.clock.now();
    let sessions = desk.stores.sessions.of(person.identity).await?;
    let idle = desk.settings.waits.session_idle;
    let live = sessions
        .into_iter()
        .filter(|session| now < session.expires_at && now.since(session.used_at) < idle);
    let mut chains = HashSet::new();
    let latest = live.filter(|session| session.family.is_none_or(|chain| chains.insert(chain)));
    let seen = latest.map(|session| SignedInAt {
        id: name(&session.hash),
        device: session.device,
        signed_in_at: session.signed_in_at,
        used_at: session.used_at,
        expires_at: session.expires_at,
        renewed: session.family.is_some(),
    });
    let mut seen: Vec<_> = seen.collect();
    seen.sort_by_key(|session| Reverse(session.signed_in_at));
    Ok(seen)
}

/// Ends the person's own sessions of these names. Answers how many there were; names of nobody's
/// and of others' sessions are passed over.
pub async fn end_named(desk: &Desk, person: &Person, names: &[String]) -> Result<u64, Failure> {
    let mut ended = 0;
    for session in desk.stores.sessions.of(person.identity).await? {
        if names.contains(&name(&session.hash)) {
            end_one(desk, &session).await?;
            ended += 1;
        }
    }
    Ok(ended)
}

/// Ends every session of `identity`. Answers how many there were.
pub async fn end_everywhere(desk: &Desk, identity: IdentityId) -> Result<u64, Failure> {
    let ended = desk.stores.sessions.end_all(identity, None).await?;
    if ended > 0 {
        note(desk, identity, SignInKind::SignedOut, &Whence::default()).await;
    }
    Ok(ended)
}

/// Deletes sessions, links, tokens and rows of the log that are over. Answers how many.
pub async fn sweep(desk: &Desk) -> Result<u64, Failure> {
    let now = desk.clock.now();
    let idle_since = now.minus(desk.settings.waits.session_idle);
    Ok(desk.stores.sessions.sweep(now, idle_since).await?)
}

/// The name by which a session is listed: half of a hash of 256 random bits leads to no secret.
pub(crate) fn name(hash: &[u8; 32]) -> String {
    let digits = hash.iter().take(16).map(|byte| format!("{byte:02x}"));
    format!("ses_{}", digits.collect::<String>())
}
