//! What the tests of the account share: people, times, and given / when / then.

mod identities;
mod life;
mod people;
mod properties;
mod seats;
mod settings;

use crate::{
    Acceptance, Account, AccountCommand, AccountEvent, AccountRefusal, BusinessProfile, Context,
    Email, Identity, Invitation, OnboardingStep, Opening, Role, UnlinkedBy,
};
use herald_kernel::{AccountId, Decider, Instant, MemberId, Text, Zone};
use herald_terms::{Entitlements, Quota};
use std::time::Duration;
use uuid::Uuid;

/// The first owner, and members of falling rank; `eve` belongs to nobody.
const ADA: u8 = 1;
const BOB: u8 = 2;
const CY: u8 = 3;
const EVE: u8 = 9;

fn account() -> AccountId {
    AccountId::new(Uuid::from_u128(100))
}

fn id(person: u8) -> MemberId {
    MemberId::new(Uuid::from_u128(person.into()))
}

fn identity(person: u8) -> Identity {
    Identity::try_new("local", format!("person-{person}")).expect("valid")
}

fn email(person: u8) -> Email {
    Email::try_from(format!("person-{person}@example.org")).expect("valid")
}

fn text<const MAX: usize>(text: &str) -> Text<MAX> {
    Text::try_from(text).expect("valid")
}

fn zone(name: &str) -> Zone {
    name.parse().expect("a zone")
}

/// The instant this many hours into the tests' time.
fn t(hours: u64) -> Instant {
    let start: Instant = "2026-11-21T09:00:00Z".parse().expect("valid");
    start.plus(Duration::from_secs(hours * 3_600))
}

fn at(now: Instant) -> Context {
    Context { now, entitlements: Entitlements::embedded() }
}

fn with_seats(seats: u32) -> Context {
    let entitlements = Entitlements { seats: Quota::Limited(seats), ..Entitlements::embedded() };
    Context { now: t(0), entitlements }
}

fn opening() -> Opening {
    Opening {
        account: account(),
        owner: id(ADA),
        identity: identity(ADA),
        name: text("Ada"),
        email: Some(email(ADA)),
        zone: zone("Europe/Berlin"),
        business: text("Engines"),
    }
}

fn opened() -> Vec<AccountEvent> {
    vec![
        AccountEvent::Opened {
            account: account(),
            business: text("Engines").into(),
            zone: zone("Europe/Berlin"),
        },
        AccountEvent::MemberAdded {
            member: id(ADA),
            role: Role::Owner,
            identity: identity(ADA),
            name: text("Ada").into(),
            email: Some(email(ADA).into()),
        },
        AccountEvent::OnboardingAdvanced { step: OnboardingStep::Started },
    ]
}

fn profile() -> BusinessProfile {
    BusinessProfile {
        name: text("Engines & Sons"),
        sells: text("engines that calculate"),
        audience: text("mills"),
        tone: text("plain"),
        goals: vec![text("fewer errors")],
        website: Some("https://example.org".try_into().expect("valid")),
    }
}

fn invitation(person: u8, role: Role, by: u8) -> Invitation {
    Invitation { member: id(person), email: email(person), role, by: id(by), expires_at: t(24) }
}

fn invited(person: u8, role: Role) -> AccountEvent {
    AccountEvent::MemberInvited {
        member: id(person),
        email: email(person).into(),
        role,
        by: id(ADA),
        expires_at: t(24),
    }
}

fn accept(person: u8) -> AccountCommand {
    let name = text("somebody");
    AccountCommand::AcceptInvite(Acceptance {
        member: id(person),
        identity: identity(person),
        name,
    })
}

fn accepted(person: u8) -> AccountEvent {
    AccountEvent::InviteAccepted {
        member: id(person),
        identity: identity(person),
        name: text("somebody").into(),
    }
}

fn removed(person: u8, by: u8) -> AccountEvent {
    AccountEvent::MemberRemoved { member: id(person), by: id(by) }
}

/// An open account of Ada's in which these people take part.
fn team(people: &[(u8, Role)]) -> Given {
    let joined = people.iter().flat_map(|&(who, role)| [invited(who, role), accepted(who)]);
    given(&[]).and(opened()).and(joined)
}

/// A history that a command meets.
struct Given(Vec<AccountEvent>);

fn given(events: &[AccountEvent]) -> Given {
    Given(events.to_vec())
}

fn given_open() -> Given {
    Given(opened())
}

impl Given {
    fn and(mut self, events: impl IntoIterator<Item = AccountEvent>) -> Self {
        self.0.extend(events);
        self
    }

    fn state(&self) -> Account {
        Account::fold(&self.0)
    }

    fn when(&self, command: AccountCommand) -> Result<Vec<AccountEvent>, AccountRefusal> {
        self.when_in(command, &at(t(0)))
    }

    fn when_in(
        &self,
        command: AccountCommand,
        context: &Context,
    ) -> Result<Vec<AccountEvent>, AccountRefusal> {
        self.state().decide(command, context)
    }
}
