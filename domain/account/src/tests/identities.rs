//! As whom members sign in, what their issuers say about them, and how they are forgotten.

use super::*;
use crate::{Member, NoticeKind, OptOuts, SuspensionReason};
use herald_kernel::{Personal, Refusal as _};

const DAY: u64 = 24;

fn link(person: u8, to: u8) -> AccountCommand {
    AccountCommand::LinkIdentity { member: id(to), identity: identity(person) }
}

fn linked(person: u8, to: u8) -> AccountEvent {
    AccountEvent::IdentityLinked { member: id(to), identity: identity(person) }
}

fn unlink_by(person: u8, from: u8, by: UnlinkedBy) -> AccountCommand {
    let (member, identity) = (id(from), identity(person).id());
    AccountCommand::UnlinkIdentity { member, identity, by }
}

fn unlink(person: u8, from: u8) -> AccountCommand {
    unlink_by(person, from, UnlinkedBy::Member)
}

/// The issuer deleted the user that `person` signs in as.
fn lose(person: u8) -> AccountCommand {
    unlink_by(person, person, UnlinkedBy::Provider)
}

fn unlinked(person: u8, from: u8, by: UnlinkedBy) -> AccountEvent {
    AccountEvent::IdentityUnlinked { member: id(from), identity: identity(person).id(), by }
}

fn lost(person: u8) -> AccountEvent {
    unlinked(person, person, UnlinkedBy::Provider)
}

fn deletion(by: u8) -> AccountEvent {
    AccountEvent::DeletionScheduled { by: id(by), due_at: t(14 * DAY) }
}

fn observe(person: u8, name: Option<&str>, mail: Option<u8>) -> AccountCommand {
    AccountCommand::ObserveMemberProfile {
        member: id(person),
        name: name.map(text),
        email: mail.map(email),
    }
}

fn forget(person: u8) -> AccountCommand {
    AccountCommand::ForgetMember { member: id(person) }
}

fn forgotten(person: u8) -> AccountEvent {
    AccountEvent::MemberForgotten { member: id(person) }
}

fn without(kinds: &[NoticeKind]) -> OptOuts {
    kinds.iter().copied().collect()
}

fn change_notices(person: u8, kinds: &[NoticeKind]) -> AccountCommand {
    AccountCommand::ChangeNotices { member: id(person), opt_outs: without(kinds) }
}

fn notices_changed(person: u8, kinds: &[NoticeKind]) -> AccountEvent {
    AccountEvent::NoticesChanged { member: id(person), opt_outs: without(kinds) }
}

#[test]
fn a_member_can_sign_in_as_several_identities_but_needs_one() {
    let account = given_open();
    assert_eq!(account.when(link(CY, ADA)), Ok(vec![linked(CY, ADA)]));
    assert_eq!(account.when(link(ADA, ADA)), Ok(vec![]));
    assert_eq!(account.when(unlink(ADA, ADA)), Err(AccountRefusal::LastIdentity));
    let both = account.and([linked(CY, ADA)]);
    let found = both.state();
    assert_eq!(found.member_by_identity(identity(CY).id()).map(crate::Member::id), Some(id(ADA)));
    let unlinked = unlinked(ADA, ADA, UnlinkedBy::Member);
    assert_eq!(both.when(unlink(ADA, ADA)), Ok(vec![unlinked.clone()]));
    let other_only = both.and([unlinked]);
    assert_eq!(other_only.state().member_by_identity(identity(ADA).id()), None);
    assert_eq!(other_only.when(unlink(ADA, ADA)), Ok(vec![]));
}

#[test]
fn an_identity_of_one_member_is_not_linked_to_another() {
    let team = team(&[(BOB, Role::Editor)]);
    assert_eq!(team.when(link(BOB, ADA)), Err(AccountRefusal::IdentityTaken));
    let gone = team.and([removed(BOB, ADA)]);
    assert_eq!(gone.when(link(BOB, ADA)), Ok(vec![linked(BOB, ADA)]));
}

#[test]
fn a_member_that_does_not_exist_has_no_identity_name_or_notices() {
    for command in [
        link(CY, EVE),
        unlink(CY, EVE),
        lose(EVE),
        observe(EVE, Some("Eve"), None),
        change_notices(EVE, &[NoticeKind::News]),
        forget(EVE),
    ] {
        let refusal = given_open().when(command).expect_err("nobody there");
        assert_eq!((refusal.code(), refusal.field()), ("NOT_FOUND", Some("member")));
    }
}

#[test]
fn a_deleted_account_and_one_that_nobody_opened_take_no_facts_about_members() {
    for (account, refusal) in [
        (given(&[]), AccountRefusal::NotOpened),
        (given_open().and([AccountEvent::Deleted]), AccountRefusal::AccountDeleted),
    ] {
        for command in [
            lose(ADA),
            observe(ADA, Some("Eve"), None),
            change_notices(ADA, &[NoticeKind::News]),
            forget(ADA),
        ] {
            assert_eq!(account.when(command), Err(refusal.clone()));
        }
    }
}

#[test]
fn an_issuer_takes_back_even_the_last_identity() {
    let team = team(&[(BOB, Role::Editor)]);
    assert_eq!(team.when(unlink(BOB, BOB)), Err(AccountRefusal::LastIdentity));
    assert_eq!(team.when(lose(BOB)), Ok(vec![lost(BOB)]));
    let without_bob = team.and([lost(BOB)]);
    assert_eq!(without_bob.when(lose(BOB)), Ok(vec![]));
    let account = without_bob.state();
    let bob = account.member(id(BOB)).expect("known");
    assert!(bob.is_active() && !bob.can_sign_in() && bob.identities().is_empty());
    assert_eq!(account.member_by_identity(identity(BOB).id()), None);
    assert!(account.is_open());
}

#[test]
fn an_account_whose_sole_owner_the_issuer_deleted_goes_after_fourteen_days() {
    let team = team(&[(BOB, Role::Admin)]);
    assert_eq!(team.when(lose(ADA)), Ok(vec![lost(ADA), deletion(ADA)]));
    let leaving = team.and([lost(ADA), deletion(ADA)]);
    assert_eq!(leaving.state().deletion_due_at(), Some(t(14 * DAY)));
    assert_eq!(leaving.when(lose(ADA)), Ok(vec![]));
    let kept = leaving.when(AccountCommand::CancelDeletion);
    assert_eq!(kept, Ok(vec![AccountEvent::DeletionCanceled]));
    let reachable = leaving.and([AccountEvent::DeletionCanceled]);
    assert_eq!(reachable.when(link(CY, ADA)), Ok(vec![linked(CY, ADA)]));
}

#[test]
fn an_owner_who_can_still_sign_in_keeps_the_account() {
    let two_identities = given_open().and([linked(CY, ADA)]);
    assert_eq!(two_identities.when(lose(ADA)), Ok(vec![lost(ADA)]));
    let two_owners = team(&[(BOB, Role::Owner)]);
    assert_eq!(two_owners.when(lose(ADA)), Ok(vec![lost(ADA)]));
    let one_left = two_owners.and([lost(ADA)]);
    assert_eq!(one_left.when(lose(BOB)), Ok(vec![lost(BOB), deletion(BOB)]));
}

#[test]
fn an_owner_whom_no_issuer_knows_does_not_replace_one_who_can_sign_in() {
    let team = team(&[(BOB, Role::Owner)]).and([lost(ADA)]);
    let leave = AccountCommand::RemoveMember { member: id(BOB), by: id(BOB) };
    assert_eq!(team.when(leave), Err(AccountRefusal::LastOwner));
    let remove = AccountCommand::RemoveMember { member: id(ADA), by: id(BOB) };
    assert_eq!(team.when(remove), Ok(vec![removed(ADA, BOB)]));
}

#[test]
fn a_suspended_account_notes_a_lost_identity_and_stays_suspended() {
    let stopped = given_open().and([AccountEvent::Suspended { reason: SuspensionReason::Fraud }]);
    assert_eq!(stopped.when(lose(ADA)), Ok(vec![lost(ADA)]));
    assert_eq!(stopped.when(unlink(ADA, ADA)), Err(AccountRefusal::AccountSuspended));
    assert!(stopped.and([lost(ADA)]).state().is_suspended());
}

#[test]
fn an_unlinking_that_the_log_knows_from_before_was_by_the_accounts_people() {
    let before = serde_json::json!({
        "type": "identity_unlinked",
        "member": id(ADA),
        "identity": identity(ADA).id(),
    });
    let read: AccountEvent = serde_json::from_value(before).expect("reads");
    assert_eq!(read, unlinked(ADA, ADA, UnlinkedBy::Member));
}

#[test]
fn what_an_issuer_says_about_a_member_is_noted_when_it_is_new() {
    let account = given_open();
    assert_eq!(account.when(observe(ADA, Some("Ada"), Some(ADA))), Ok(vec![]));
    assert_eq!(account.when(observe(ADA, None, None)), Ok(vec![]));
    let renamed = AccountEvent::MemberProfileObserved {
        member: id(ADA),
        name: Some(text("Countess").into()),
        email: None,
    };
    let answer = account.when(observe(ADA, Some("Countess"), Some(ADA)));
    assert_eq!(answer, Ok(vec![renamed.clone()]));
    let moved = AccountEvent::MemberProfileObserved {
        member: id(ADA),
        name: None,
        email: Some(email(CY).into()),
    };
    let account = account.and([renamed, moved]);
    let state = account.state();
    let ada = state.member(id(ADA)).expect("known");
    assert_eq!(ada.name().map(Text::as_str), Some("Countess"));
    assert_eq!(ada.email(), Some(&email(CY)));
    assert_eq!(account.when(observe(ADA, Some("Countess"), Some(CY))), Ok(vec![]));
}

#[test]
fn the_same_address_makes_nobody_the_same_person() {
    let team = team(&[(BOB, Role::Editor)]);
    let events = team.when(observe(BOB, None, Some(ADA))).expect("followed");
    let state = team.and(events).state();
    assert_eq!(state.member(id(BOB)).and_then(Member::email), Some(&email(ADA)));
    assert_eq!(state.member_by_identity(identity(ADA).id()).map(Member::id), Some(id(ADA)));
    assert_eq!(state.member(id(BOB)).map(Member::identities), Some(&[identity(BOB)][..]));
}

#[test]
fn nothing_is_noted_about_somebody_who_left() {
    let gone = team(&[(BOB, Role::Editor)]).and([removed(BOB, ADA), forgotten(BOB)]);
    let refused = gone.when(observe(BOB, Some("Bob"), None));
    assert_eq!(refused, Err(AccountRefusal::MemberNotActive));
    let refused = gone.when(change_notices(BOB, &[NoticeKind::News]));
    assert_eq!(refused, Err(AccountRefusal::MemberNotActive));
}

#[test]
fn a_member_chooses_which_mails_to_do_without() {
    let account = given_open();
    let wants =
        |given: &Given, kind| given.state().member(id(ADA)).is_some_and(|it| it.wants(kind));
    assert!(NoticeKind::ALL.iter().all(|&kind| wants(&account, kind)));
    assert_eq!(account.when(change_notices(ADA, &[])), Ok(vec![]));
    let news = [NoticeKind::News, NoticeKind::Reports];
    let events = account.when(change_notices(ADA, &news));
    assert_eq!(events, Ok(vec![notices_changed(ADA, &news)]));
    let fewer = account.and([notices_changed(ADA, &news)]);
    assert!(!wants(&fewer, NoticeKind::News) && wants(&fewer, NoticeKind::Failures));
    assert_eq!(fewer.when(change_notices(ADA, &news)), Ok(vec![]));
    let all_again = fewer.when(change_notices(ADA, &[]));
    assert_eq!(all_again, Ok(vec![notices_changed(ADA, &[])]));
}

#[test]
fn mails_can_be_stopped_while_the_account_is_suspended() {
    let stopped = given_open().and([AccountEvent::Suspended { reason: SuspensionReason::Admin }]);
    let news = [NoticeKind::News];
    assert_eq!(stopped.when(change_notices(ADA, &news)), Ok(vec![notices_changed(ADA, &news)]));
}

#[test]
fn a_former_member_is_forgotten_and_one_who_takes_part_is_not() {
    let team = team(&[(BOB, Role::Editor)]).and([invited(CY, Role::Viewer)]);
    for person in [ADA, BOB, CY] {
        let refusal = team.when(forget(person)).expect_err("takes part");
        let expected = (&AccountRefusal::MemberStillActive, "INVALID_STATE", Some("member"));
        assert_eq!((&refusal, refusal.code(), refusal.field()), expected);
    }
    assert_eq!(team.when_in(forget(CY), &at(t(24))), Ok(vec![forgotten(CY)]));
    let gone = team.and([removed(BOB, ADA)]);
    assert_eq!(gone.when(forget(BOB)), Ok(vec![forgotten(BOB)]));
    let forgotten = gone.and([forgotten(BOB)]);
    let state = forgotten.state();
    let bob = state.member(id(BOB)).expect("still counted");
    assert_eq!((bob.name(), bob.email()), (None, None));
    assert_eq!(forgotten.when(forget(BOB)), Ok(vec![]));
}

#[test]
fn a_member_whom_the_issuer_deleted_is_forgotten_also_while_the_account_is_about_to_go() {
    let leaving = given_open().and([lost(ADA), deletion(ADA)]);
    assert_eq!(leaving.when(forget(ADA)), Ok(vec![forgotten(ADA)]));
}

#[test]
fn what_is_observed_and_forgotten_is_sealed_and_never_printed() {
    let observed = AccountEvent::MemberProfileObserved {
        member: id(ADA),
        name: Some(text("Countess").into()),
        email: Some(Personal::Known(email(ADA))),
    };
    let stored = serde_json::to_value(&observed).expect("serialises");
    assert_eq!(stored["name"]["$personal"], "Countess");
    assert_eq!(stored["email"]["$personal"], email(ADA).as_str());
    assert!(!format!("{observed:?}").contains("Countess"));
}
