//! The sign-in log: facts about people, sealed with a key of each person's, kept for a while.

use super::{Whence, devices, grants, membership::look};
use crate::{
    caller::Person,
    desk::Desk,
    failure::Failure,
    ports::{SignInKind, SignInRow},
};
use herald_kernel::{AccountId, IdentityId, Instant};
use uuid::Uuid;

/// A row of the log as its readers see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoggedSignIn {
    /// The row.
    pub id: Uuid,
    /// Who.
    pub identity: IdentityId,
    /// What happened.
    pub kind: SignInKind,
    /// When.
    pub at: Instant,
    /// Where from; nothing is known once the person's key is gone.
    pub whence: Whence,
}

/// Adds a fact about `identity`. Never fails: that the log does not answer keeps nobody out.
pub async fn note(desk: &Desk, identity: IdentityId, kind: SignInKind, whence: &Whence) {
    note_as(desk, desk.ids.uuid(), identity, kind, whence).await;
}

/// As [`note`], under a name of its own: the same fact twice is one.
pub(crate) async fn note_as(
    desk: &Desk,
    id: Uuid,
    identity: IdentityId,
    kind: SignInKind,
    whence: &Whence,
) {
    metrics::counter!("herald_sign_in_total", "kind" => kind.as_str()).increment(1);
    if let Err(failure) = write(desk, id, identity, kind, whence).await {
        tracing::warn!(%failure, kind = kind.as_str(), "the sign-in log was not written");
    }
}

/// Notes that somebody failed to prove that they are `person`, who takes part somewhere. The minute
/// names the row: however often it is tried, and on however many replicas, a person's log gets one
/// row of it a minute.
pub(super) async fn note_failed(desk: &Desk, person: &Person, whence: &Whence) {
    const MINUTE: i64 = 60_000_000;
    if !look(desk, person).await.is_ok_and(|found| !found.is_empty()) {
        return;
    }
    let minute = desk.clock.now().micros().div_euclid(MINUTE);
    let row = Uuid::new_v5(&person.identity.uuid(), format!("failed/{minute}").as_bytes());
    note_as(desk, row, person.identity, SignInKind::Failed, whence).await;
}

async fn write(
    desk: &Desk,
    id: Uuid,
    identity: IdentityId,
    kind: SignInKind,
    whence: &Whence,
) -> Result<(), Failure> {
    let at = desk.clock.now();
    let expires_at = at.plus(desk.settings.identity.log);
    let key = desk.journal.keyring().ensure(keeper(identity)).await?;
    let plain = serde_json::to_vec(whence)
        .map_err(|error| Failure::Internal(format!("a place has no JSON form: {error}")))?;
    let sealed = key.seal(&place(id, identity), &plain);
    let row = SignInRow { id, identity, kind, at, expires_at, sealed };
    Ok(desk.stores.sign_ins.note(&row).await?)
}

/// What happened lately to these people, the latest first.
pub async fn signed_in_lately(
    desk: &Desk,
    identities: &[IdentityId],
    before: Option<(Instant, Uuid)>,
    limit: u32,
) -> Result<Vec<LoggedSignIn>, Failure> {
    let rows = desk.stores.sign_ins.noted(identities, before, limit).await?;
    let mut lately = Vec::with_capacity(rows.len());
    for SignInRow { id, identity, kind, at, sealed, .. } in rows {
        let key = desk.journal.keyring().existing(keeper(identity)).await?;
        let plain = key.and_then(|key| key.open(&place(id, identity), &sealed).ok());
        let whence = plain.and_then(|plain| serde_json::from_slice(&plain).ok());
        let whence = whence.unwrap_or_default();
        lately.push(LoggedSignIn { id, identity, kind, at, whence });
    }
    Ok(lately)
}

/// One fact about `identity`; nothing once it was forgotten.
pub(crate) async fn fact(
    desk: &Desk,
    identity: IdentityId,
    id: Uuid,
) -> Result<Option<LoggedSignIn>, Failure> {
    const LATELY: u32 = 100;
    let lately = signed_in_lately(desk, &[identity], None, LATELY).await?;
    Ok(lately.into_iter().find(|fact| fact.id == id))
}

/// Forgets where `identity` signed in from, and with what: its key is destroyed for good.
pub(crate) async fn forget(desk: &Desk, identity: IdentityId) -> Result<(), Failure> {
    devices::forget(desk, identity).await?;
    grants::forget(desk, identity).await?;
    Ok(desk.journal.keyring().destroy(keeper(identity)).await?)
}

/// Data keys belong to accounts; a person's log has one of its own under a derived name.
pub(super) fn keeper(identity: IdentityId) -> AccountId {
    AccountId::derived(identity.uuid(), "sign-in log")
}

fn place(id: Uuid, identity: IdentityId) -> String {
    format!("sign-in-log\n{id}\n{identity}")
}
