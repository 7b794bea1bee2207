//! What the tests of the key share: a key, people, times, and given / when / then.

mod issuing;
mod living;
mod passing;
mod properties;

use crate::{
    ApiKey, ApiKeyCommand, ApiKeyEvent, ApiKeyRefusal, Call, Context, DisabledReason, Environment,
    Issuance, KeyDigest, KeyKind, KeyMaterial, KeyText, LeakSource, Lookup, SourceNet, Stage,
    Verdict, verdict,
};
use herald_kernel::{
    AccountId, ApiKeyId, ConnectionId, Decider, Instant, MemberId, Refusal as _, Text,
};
use herald_terms::{Entitlements, Quota, Reach, Rights, Scope};
use std::{collections::BTreeSet, net::IpAddr, time::Duration};
use uuid::Uuid;

const HOUR: u64 = 1;
const DAY: u64 = 24 * HOUR;

fn key_id(number: u8) -> ApiKeyId {
    ApiKeyId::new(Uuid::from_u128(number.into()))
}

fn connection(number: u8) -> ConnectionId {
    ConnectionId::new(Uuid::from_u128(number.into()))
}

/// The instant this many hours into the tests' time.
fn t(hours: u64) -> Instant {
    let start: Instant = "2026-11-21T09:00:00Z".parse().expect("valid");
    start.plus(Duration::from_secs(hours * 3_600))
}

fn hours(hours: u64) -> Duration {
    Duration::from_secs(hours * 3_600)
}

fn scopes(scopes: &[Scope]) -> BTreeSet<Scope> {
    scopes.iter().copied().collect()
}

fn name(text: &str) -> Text<80> {
    Text::try_from(text).expect("valid")
}

fn net(text: &str) -> SourceNet {
    text.parse().expect("a network")
}

fn ip(text: &str) -> IpAddr {
    text.parse().expect("an address")
}

fn digest() -> KeyDigest {
    KeyDigest::new([9; 32])
}

fn material() -> KeyMaterial {
    KeyMaterial {
        digest: digest(),
        lookup: Lookup::of(&[8; 32]),
        last4: KeyText::compose(Environment::Live, &[7; 32]).last4(),
        pepper_version: 1,
    }
}

/// Ada's key: reads and writes, on every connection, from anywhere, without end.
fn ada() -> Issuance {
    Issuance {
        key: key_id(1),
        account: AccountId::new(Uuid::from_u128(100)),
        kind: KeyKind::User { member: MemberId::new(Uuid::from_u128(101)) },
        name: name("Ada's laptop"),
        environment: Environment::Live,
        scopes: scopes(&[Scope::Read, Scope::Write]),
        reach: Reach::All,
        ip_allow: Vec::new(),
        expires_at: None,
        replaces: None,
        material: material(),
    }
}

/// The shop's key: starts checkouts from one network.
fn shop() -> Issuance {
    Issuance {
        kind: KeyKind::Service { operator: name("ops") },
        scopes: scopes(&[Scope::CheckoutCreate]),
        ip_allow: vec![net("192.0.2.0/24")],
        ..ada()
    }
}

fn at(hours: u64) -> Context {
    Context {
        now: t(hours),
        entitlements: Entitlements::embedded(),
        keys_in_use: 0,
        issuer: Rights::all(),
        reauthenticated_at: None,
    }
}

fn with_places(limit: u32, keys_in_use: u32) -> Context {
    let entitlements = Entitlements { api_keys: Quota::Limited(limit), ..Entitlements::embedded() };
    Context { entitlements, keys_in_use, ..at(0) }
}

/// A history that a command meets.
struct Given(Vec<ApiKeyEvent>);

fn given_nothing() -> Given {
    Given(Vec::new())
}

/// The key as it is once issued at hour 0.
fn given(issuance: Issuance) -> Given {
    let issued = given_nothing().when(ApiKeyCommand::Issue(Box::new(issuance)));
    Given(issued.expect("it can be issued"))
}

impl Given {
    fn and(mut self, events: impl IntoIterator<Item = ApiKeyEvent>) -> Self {
        self.0.extend(events);
        self
    }

    fn state(&self) -> ApiKey {
        ApiKey::fold(&self.0)
    }

    fn when(&self, command: ApiKeyCommand) -> Result<Vec<ApiKeyEvent>, ApiKeyRefusal> {
        self.when_in(command, &at(0))
    }

    fn when_in(
        &self,
        command: ApiKeyCommand,
        context: &Context,
    ) -> Result<Vec<ApiKeyEvent>, ApiKeyRefusal> {
        self.state().decide(command, context)
    }
}

fn issue(issuance: Issuance) -> ApiKeyCommand {
    ApiKeyCommand::Issue(Box::new(issuance))
}

fn rotate(successor: u8, overlap: u64) -> ApiKeyCommand {
    ApiKeyCommand::Rotate { successor: key_id(successor), overlap: hours(overlap) }
}

fn rotated(successor: u8, until: u64) -> ApiKeyEvent {
    ApiKeyEvent::Rotated { successor: key_id(successor), overlap_until: t(until) }
}

fn disable(reason: DisabledReason) -> ApiKeyCommand {
    ApiKeyCommand::Disable { reason }
}

fn enable(reason: DisabledReason) -> ApiKeyCommand {
    ApiKeyCommand::Enable { reason }
}

fn disabled(reason: DisabledReason) -> ApiKeyEvent {
    ApiKeyEvent::Disabled { reason }
}

fn compromised() -> ApiKeyEvent {
    ApiKeyEvent::Compromised { source: LeakSource::Scanner }
}
