//! Ada connects her account of X; here are the words that the tests tell it in.

mod consent;
mod control;
mod health;
mod properties;
mod readiness;
mod refresh;
mod stored;

use crate::*;
use herald_kernel::{AccountId, Decider, Instant, MemberId, Network};
use std::time::Duration;
use uuid::Uuid;

type Answer = Result<Vec<ConnectionEvent>, ConnectionRefusal>;

fn t(seconds: u64) -> Instant {
    let start: Instant = "2026-11-21T09:00:00Z".parse().expect("an instant");
    start.plus(Duration::from_secs(seconds))
}

fn account() -> AccountId {
    AccountId::new(Uuid::from_u128(7))
}

fn ada() -> MemberId {
    MemberId::new(Uuid::from_u128(1))
}

fn bob() -> MemberId {
    MemberId::new(Uuid::from_u128(2))
}

fn given(events: &[ConnectionEvent]) -> SocialConnection {
    SocialConnection::fold(events)
}

/// What `connection` answers at second `now`, with nothing limited.
fn when(connection: &SocialConnection, now: u64, command: ConnectionCommand) -> Answer {
    connection.decide(command, &Context::unlimited(t(now)))
}

/// The connection after it followed `command` at second `now`.
fn after(connection: &SocialConnection, now: u64, command: ConnectionCommand) -> SocialConnection {
    let mut next = connection.clone();
    for event in when(connection, now, command).expect("the command is followed") {
        next.evolve(&event);
    }
    next
}

fn begin() -> ConnectionCommand {
    ConnectionCommand::Begin {
        account: account(),
        network: Network::X,
        by: ada(),
        expires_at: t(600),
    }
}

fn tokens(secret_version: u32, now: u64) -> TokenFacts {
    TokenFacts {
        secret_version,
        fingerprint: format!("print-{secret_version}"),
        scopes: ["tweet.read", "tweet.write", "users.read", "media.write", "offline.access"]
            .map(str::to_owned)
            .to_vec(),
        access_expires_at: t(now + 7200),
        refresh_expires_at: None,
        has_refresh: true,
    }
}

fn identity(id: &str) -> Identity {
    Identity {
        provider_account_id: id.try_into().expect("an id"),
        handle: "ada".try_into().expect("a handle"),
        display_name: "Ada Lovelace".try_into().expect("a name"),
    }
}

fn establish(id: &str) -> ConnectionCommand {
    ConnectionCommand::Establish { identity: identity(id), capability: TextLimit(280) }
}

fn consent_requested(attempt: u32) -> ConnectionEvent {
    ConnectionEvent::ConsentRequested {
        account: account(),
        network: Network::X,
        attempt,
        by: ada(),
        expires_at: t(600),
    }
}

fn stored(origin: TokenOrigin, tokens: TokenFacts, now: u64) -> ConnectionEvent {
    ConnectionEvent::TokenStored { origin, tokens, at: t(now) }
}

/// Ada is at the network's consent page.
fn asked() -> Vec<ConnectionEvent> {
    vec![consent_requested(1)]
}

/// Ada consented and the code is being exchanged.
fn exchanging() -> Vec<ConnectionEvent> {
    [asked(), vec![ConnectionEvent::TokenExchangeIntended { attempt: 1 }]].concat()
}

/// The tokens are there; whose they are is not known yet.
fn exchanged() -> Vec<ConnectionEvent> {
    [exchanging(), vec![stored(TokenOrigin::Consent(1), tokens(1, 0), 0)]].concat()
}

/// The connection to the account `42` works; its tokens are of version 1 and live two hours.
fn connected() -> Vec<ConnectionEvent> {
    let identity = identity("42");
    let established = ConnectionEvent::Established {
        provider_account_id: identity.provider_account_id,
        handle: identity.handle.into(),
        display_name: identity.display_name.into(),
        text_limit: TextLimit(280),
    };
    [exchanged(), vec![established]].concat()
}

/// The connection works and refresh 1 was intended at second `at`.
fn refreshing(at: u64) -> Vec<ConnectionEvent> {
    [connected(), vec![refresh_intended(1, 1, at)]].concat()
}

fn refresh_intended(n: u32, secret_version: u32, at: u64) -> ConnectionEvent {
    ConnectionEvent::RefreshIntended { n, fence: 1, secret_version, at: t(at) }
}

fn rejected() -> RefreshFailure {
    RefreshFailure::Rejected { code: ProviderCode::new("invalid_grant") }
}
