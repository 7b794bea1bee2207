//! A token that works now, renewed just in time when it would not.

mod renewal;
#[cfg(test)]
mod tests;
mod token_sets;

pub(super) use renewal::{Renewal, renew};
pub(super) use token_sets::TokenSets;

use crate::{
    caller::{Caller, Standing},
    commands::connection::{ObserveProbe, OnConnection},
    desk::Desk,
    failure::Failure,
    jobs::tell_as,
    ports::SocialAuthorization,
};
use herald_kernel::{AccountId, ConnectionId, Instant};
use herald_social_connection::{Probe, ProviderCode, SocialConnection, Status};
use secrecy::{ExposeSecret as _, SecretString};
use std::{sync::Arc, time::Duration};

/// A token that expires sooner than this is renewed before it is used.
const TOO_SHORT: Duration = Duration::from_secs(60);
/// Tokens this young are not renewed because they were rejected.
const FRESH: Duration = Duration::from_secs(300);

/// A token of the connection that works now and for a minute, for the job that `caller` acts as.
pub async fn access_token(
    desk: &Arc<Desk>,
    caller: &Caller,
    connection: ConnectionId,
) -> Result<SecretString, Failure> {
    let account = caller.account;
    let state = load(desk, account, connection).await?;
    let now = desk.clock.now();
    if lives(&state, now.plus(TOO_SHORT)) {
        return in_use(desk, account, connection, &state).await;
    }
    let renewal = renew(desk, &in_time(caller, connection), connection, 0).await?;
    let state = load(desk, account, connection).await?;
    if lives(&state, now) {
        // Renewed, by us or by another; or else good enough for what is left of it.
        return in_use(desk, account, connection, &state).await;
    }
    match renewal {
        Renewal::Renewed | Renewal::NotPossible => Err(needs_reauth()),
        Renewal::Busy => Err(trouble("a renewal is under way")),
        Renewal::Trouble(cause) => Err(trouble(&cause)),
    }
}

/// The log did not take new tokens, and says why by `refusal`: when the connection has ended
/// meanwhile, the network takes them back and nothing of them stays here.
pub(super) async fn not_taken(
    desk: &Desk,
    account: AccountId,
    connection: ConnectionId,
    authorization: &dyn SocialAuthorization,
    refusal: Failure,
) -> Result<(), Failure> {
    if load(desk, account, connection).await?.status() != Status::Disconnected {
        return Err(refusal);
    }
    TokenSets { desk, account, connection }.destroy(Some(authorization)).await
}

/// What became of access that the network did not accept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// There are new tokens.
    Renewed,
    /// It could not be asked for just now.
    Unclear,
    /// A person has to connect again.
    Gone,
}

/// The network did not accept `token`, which should live: renews it before its time. Only what the
/// network says to that, or a second rejection soon after, asks a person to connect again.
pub(super) async fn rejected(
    desk: &Arc<Desk>,
    caller: &Caller,
    connection: ConnectionId,
    token: &SecretString,
) -> Result<Access, Failure> {
    let state = load(desk, caller.account, connection).await?;
    let known = in_use(desk, caller.account, connection, &state).await?;
    if known.expose_secret() != token.expose_secret() {
        return Ok(Access::Renewed);
    }
    let now = desk.clock.now();
    let fresh = state.tokens_since().is_some_and(|since| now.since(since) < FRESH);
    if !fresh {
        match renew(desk, &in_time(caller, connection), connection, 0).await? {
            Renewal::Renewed => return Ok(Access::Renewed),
            Renewal::Busy | Renewal::Trouble(_) => return Ok(Access::Unclear),
            Renewal::NotPossible => {}
        }
    }
    let probe = Probe::AuthRejected { code: ProviderCode::new("unauthorized") };
    let observe = OnConnection(ObserveProbe { connection, probe });
    match tell_as(desk, caller, desk.ids.uuid().to_string(), observe).await {
        Ok(_) | Err(Failure::Refused { .. }) => Ok(Access::Gone),
        Err(failure) => Err(failure),
    }
}

async fn in_use(
    desk: &Desk,
    account: AccountId,
    connection: ConnectionId,
    state: &SocialConnection,
) -> Result<SecretString, Failure> {
    let set = TokenSets { desk, account, connection }.in_use(state).await?;
    set.map(|set| set.access()).ok_or_else(needs_reauth)
}

fn needs_reauth() -> Failure {
    Failure::Refused {
        code: "NEEDS_REAUTH",
        message: "the connection has no access that works; reconnect it".to_owned(),
        path: None,
        retryable: false,
    }
}

fn trouble(cause: &str) -> Failure {
    Failure::Refused {
        code: "ACCESS_NOT_RENEWED",
        message: format!("the access could not be renewed: {cause}"),
        path: None,
        retryable: true,
    }
}

/// Does the connection hold a token that works until `until`?
fn lives(connection: &SocialConnection, until: Instant) -> bool {
    let usable = !matches!(connection.status(), Status::Absent | Status::Disconnected);
    usable && connection.access_expires_at().is_some_and(|expires| until < expires)
}

/// A connection of this account.
pub(super) async fn load(
    desk: &Desk,
    account: AccountId,
    connection: ConnectionId,
) -> Result<SocialConnection, Failure> {
    let loaded = desk.journal.load::<SocialConnection>(connection.uuid()).await?;
    if loaded.account == Some(account) { Ok(loaded.state) } else { Err(Failure::NotFound) }
}

/// Who renews just in time: the same as the job that renews ahead of time, moved by what moved the
/// one that needs the token.
fn in_time(caller: &Caller, connection: ConnectionId) -> Caller {
    Caller { standing: Standing::Job(format!("refresh:{connection}")), ..caller.clone() }
}
