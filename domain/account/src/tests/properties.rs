//! What holds for every account, whatever one asks of it.

use super::*;
use crate::{Member, NoticeKind, SuspensionReason};
use herald_kernel::{Fact, Refusal as _};
use herald_terms::{ApprovalPolicy, Policy};
use proptest::prelude::*;
use std::collections::BTreeSet;

const PEOPLE: std::ops::Range<u8> = 1..6;

fn role() -> impl Strategy<Value = Role> {
    prop::sample::select(Role::ALL.to_vec())
}

fn about_people() -> impl Strategy<Value = AccountCommand> {
    let member = || PEOPLE.prop_map(id);
    let by = || prop_oneof![3 => Just(id(ADA)), 2 => PEOPLE.prop_map(id)];
    prop_oneof![
        4 => (PEOPLE, PEOPLE, role(), by(), 0..40_u64).prop_map(|(who, mail, role, by, hours)| {
            let (member, email, expires_at) = (id(who), email(mail), t(hours));
            AccountCommand::InviteMember(Invitation { member, email, role, by, expires_at })
        }),
        4 => (member(), PEOPLE).prop_map(|(member, who)| {
            let (identity, name) = (identity(who), text("somebody"));
            AccountCommand::AcceptInvite(Acceptance { member, identity, name })
        }),
        3 => (member(), role(), by())
            .prop_map(|(member, role, by)| AccountCommand::ChangeRole { member, role, by }),
        2 => (member(), by()).prop_map(|(member, by)| AccountCommand::RemoveMember { member, by }),
        1 => (member(), PEOPLE).prop_map(|(member, who)| {
            AccountCommand::LinkIdentity { member, identity: identity(who) }
        }),
        2 => (member(), PEOPLE, any::<bool>()).prop_map(|(member, who, deleted)| {
            let by = if deleted { UnlinkedBy::Provider } else { UnlinkedBy::Member };
            AccountCommand::UnlinkIdentity { member, identity: identity(who).id(), by }
        }),
    ]
}

fn about_persons() -> impl Strategy<Value = AccountCommand> {
    let member = || PEOPLE.prop_map(id);
    let names = prop::option::of(prop_oneof![Just("Ada"), Just("Bob")]);
    let kinds = prop::sample::subsequence(NoticeKind::ALL.to_vec(), 0..3);
    prop_oneof![
        (member(), names, prop::option::of(PEOPLE)).prop_map(|(member, name, mail)| {
            let (name, email) = (name.map(text), mail.map(email));
            AccountCommand::ObserveMemberProfile { member, name, email }
        }),
        (member(), kinds).prop_map(|(member, kinds)| {
            AccountCommand::ChangeNotices { member, opt_outs: kinds.into_iter().collect() }
        }),
        member().prop_map(|member| AccountCommand::ForgetMember { member }),
    ]
}

fn about_settings() -> impl Strategy<Value = AccountCommand> {
    let approval = prop_oneof![Just(ApprovalPolicy::Optional), Just(ApprovalPolicy::FourEyes)];
    prop_oneof![
        (0..13_usize).prop_map(|goals| {
            let profile = BusinessProfile { goals: vec![text("more"); goals], ..profile() };
            AccountCommand::UpdateBusinessProfile { profile }
        }),
        prop::sample::select(vec!["UTC", "Europe/Berlin", "America/Vancouver"])
            .prop_map(|name| AccountCommand::ChangeTimeZone { zone: zone(name) }),
        (approval, 0..3_u32).prop_map(|(approval, posts_per_day)| {
            let policy = Policy { approval, posts_per_day, ..Policy::default() };
            AccountCommand::ChangePolicy { policy }
        }),
        prop::sample::select(OnboardingStep::ALL.to_vec())
            .prop_map(|step| AccountCommand::RecordOnboarding { step }),
    ]
}

fn about_life() -> impl Strategy<Value = AccountCommand> {
    prop_oneof![
        1 => Just(AccountCommand::Open(opening())),
        1 => Just(AccountCommand::Suspend { reason: SuspensionReason::Fraud }),
        2 => Just(AccountCommand::Reinstate),
        1 => PEOPLE.prop_map(|by| AccountCommand::ScheduleDeletion { by: id(by) }),
        2 => Just(AccountCommand::CancelDeletion),
        1 => Just(AccountCommand::CompleteDeletion),
    ]
}

/// A command, how many hours pass before it, and how many seats there are then.
fn asked() -> impl Strategy<Value = (AccountCommand, u64, u8)> {
    let command = prop_oneof![
        12 => about_people(),
        3 => about_persons(),
        4 => about_settings(),
        2 => about_life(),
    ];
    (command, prop_oneof![9 => 0..3_u64, 1 => 300..400_u64], 1..8_u8)
}

fn stored_and_read(event: &AccountEvent) -> AccountEvent {
    let stored = serde_json::to_value(event).expect("serialises");
    assert_eq!(stored["type"], event.name());
    assert!(AccountEvent::NAMES.contains(&event.name()));
    serde_json::from_value(stored).expect("reads back")
}

fn seats_in_use(account: &Account, now: Instant) -> usize {
    account.members().filter(|it| it.is_active() || it.is_invited(now)).count()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn an_account_is_what_its_history_says_and_never_without_an_owner(
        commands in prop::collection::vec(asked(), 1..60),
    ) {
        let mut account = Account::default();
        let mut history = Vec::new();
        let mut hours = 0;
        let first = (AccountCommand::Open(opening()), 0, 8);
        for (command, pause, seats) in std::iter::once(first).chain(commands) {
            hours += pause;
            let context = Context { now: t(hours), ..with_seats(seats.into()) };
            let before = account.clone();
            match account.decide(command.clone(), &context) {
                Ok(events) => {
                    for event in events {
                        account.evolve(&event);
                        history.push(stored_and_read(&event));
                    }
                    let taken = seats_in_use(&account, context.now);
                    let grew = taken > seats_in_use(&before, context.now);
                    prop_assert!(before.id.is_none() || !grew || taken <= usize::from(seats));
                }
                Err(refusal) => {
                    prop_assert!(!refusal.code().is_empty() && !refusal.to_string().is_empty());
                    prop_assert_eq!(&account, &before);
                }
            }
            let owns = |it: &Member| it.role() == Role::Owner;
            prop_assert!(account.active_members().any(owns), "after {:?}", command);
        }
        prop_assert_eq!(Account::fold(&history), account);
    }

    #[test]
    fn what_was_followed_is_already_so_when_asked_again(
        commands in prop::collection::vec(asked(), 1..40),
    ) {
        let mut account = Account::fold(&opened());
        for (command, _, _) in commands {
            // Who removes themself, or steps down, may not ask again.
            let actors_go = matches!(
                command,
                AccountCommand::RemoveMember { .. } | AccountCommand::ChangeRole { .. }
            );
            let Ok(events) = account.decide(command.clone(), &at(t(0))) else { continue };
            for event in &events {
                account.evolve(event);
            }
            if !actors_go {
                prop_assert_eq!(account.decide(command, &at(t(0))), Ok(vec![]));
            }
        }
    }

    #[test]
    fn one_identity_signs_in_as_one_active_member_at_most(
        commands in prop::collection::vec(asked(), 1..60),
    ) {
        let mut account = Account::fold(&opened());
        let mut lost = BTreeSet::new();
        for (command, _, _) in commands {
            let events = account.decide(command, &at(t(0))).unwrap_or_default();
            for event in &events {
                account.evolve(event);
                if let AccountEvent::IdentityUnlinked { member, by: UnlinkedBy::Provider, .. } = event
                {
                    lost.insert(*member);
                }
            }
            for person in PEOPLE {
                let who = identity(person).id();
                prop_assert!(account.active_members().filter(|it| it.is_known_as(who)).count() < 2);
            }
            // Only an issuer takes a member's last identity.
            prop_assert!(account.active_members().all(|it| it.can_sign_in() || lost.contains(&it.id())));
        }
    }
}
