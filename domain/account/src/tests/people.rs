//! People are invited, join, rise, fall and leave; an owner always stays.

use super::*;
use crate::MemberState;
use herald_kernel::{Personal, Refusal as _};

fn invite(person: u8, role: Role, by: u8) -> AccountCommand {
    AccountCommand::InviteMember(invitation(person, role, by))
}

fn make(person: u8, role: Role, by: u8) -> AccountCommand {
    AccountCommand::ChangeRole { member: id(person), role, by: id(by) }
}

fn made(person: u8, role: Role, by: u8) -> AccountEvent {
    AccountEvent::RoleChanged { member: id(person), role, by: id(by) }
}

fn remove(person: u8, by: u8) -> AccountCommand {
    AccountCommand::RemoveMember { member: id(person), by: id(by) }
}

#[test]
fn an_invited_person_takes_part_once_the_invitation_is_accepted() {
    let asked = given_open().and([invited(BOB, Role::Editor)]);
    assert_eq!(given_open().when(invite(BOB, Role::Editor, ADA)), Ok(vec![asked.0[3].clone()]));
    let account = asked.state();
    let bob = account.member(id(BOB)).expect("known");
    assert_eq!(
        (bob.role(), bob.state()),
        (Role::Editor, MemberState::Invited { expires_at: t(24) })
    );
    assert_eq!(account.member_by_identity(identity(BOB).id()), None);
    assert_eq!(asked.when(accept(BOB)), Ok(vec![accepted(BOB)]));
    let joined = asked.and([accepted(BOB)]).state();
    let bob = joined.member_by_identity(identity(BOB).id()).expect("takes part");
    assert!(bob.is_active() && bob.id() == id(BOB));
    assert_eq!(bob.identities(), [identity(BOB)]);
    assert_eq!(joined.active_members().count(), 2);
}

#[test]
fn the_same_invitation_again_is_already_so() {
    let asked = given_open().and([invited(BOB, Role::Editor)]);
    assert_eq!(asked.when(invite(BOB, Role::Editor, ADA)), Ok(vec![]));
    let other = asked.when(invite(BOB, Role::Viewer, ADA));
    assert_eq!(other, Err(AccountRefusal::InviteNotOpen));
    let joined = team(&[(BOB, Role::Editor)]);
    let late = joined.when(invite(BOB, Role::Editor, ADA));
    assert_eq!(late, Err(AccountRefusal::InviteNotOpen));
    assert_eq!(joined.when(accept(BOB)), Ok(vec![]));
}

#[test]
fn an_expired_invitation_is_void_and_can_be_renewed() {
    let asked = given_open().and([invited(BOB, Role::Editor)]);
    let too_late = asked.when_in(accept(BOB), &at(t(24)));
    assert_eq!(too_late, Err(AccountRefusal::InviteExpired));
    let anew = Invitation { expires_at: t(72), ..invitation(BOB, Role::Editor, ADA) };
    let renewed = asked.when_in(AccountCommand::InviteMember(anew), &at(t(48)));
    assert_eq!(renewed.map(|events| events.len()), Ok(1));
    let dead_on_arrival = given_open().when_in(invite(BOB, Role::Editor, ADA), &at(t(24)));
    let refusal = dead_on_arrival.expect_err("it would be void from the start");
    assert_eq!((refusal.code(), refusal.field()), ("VALIDATION", Some("expiresAt")));
}

#[test]
fn one_address_is_invited_once() {
    let team = team(&[(BOB, Role::Editor)]).and([invited(CY, Role::Viewer)]);
    for person in [ADA, BOB, CY] {
        let address = email(person).as_str().to_uppercase();
        let email = Email::try_from(address).expect("valid");
        let again = Invitation { email, ..invitation(EVE, Role::Viewer, ADA) };
        let refused = team.when(AccountCommand::InviteMember(again));
        assert_eq!(refused, Err(AccountRefusal::EmailTaken));
    }
    let gone = team.and([removed(BOB, ADA)]);
    let again = Invitation { email: email(BOB), ..invitation(EVE, Role::Viewer, ADA) };
    assert!(gone.when(AccountCommand::InviteMember(again)).is_ok());
}

#[test]
fn an_invitation_needs_a_free_seat() {
    let team = team(&[(BOB, Role::Editor)]);
    let full = team.when_in(invite(CY, Role::Viewer, ADA), &with_seats(2));
    assert_eq!(full, Err(AccountRefusal::SeatsTaken { limit: 2, used: 2 }));
    assert!(team.when_in(invite(CY, Role::Viewer, ADA), &with_seats(3)).is_ok());
    let pending = team.and([invited(CY, Role::Viewer)]);
    let full = pending.when_in(invite(EVE, Role::Viewer, ADA), &with_seats(3));
    assert_eq!(full.map_err(|refusal| refusal.code()), Err("LIMIT_REACHED"));
    let context = Context { now: t(24), ..with_seats(3) };
    let later = Invitation { expires_at: t(48), ..invitation(EVE, Role::Viewer, ADA) };
    assert!(pending.when_in(AccountCommand::InviteMember(later), &context).is_ok());
}

#[test]
fn a_seat_that_was_lost_since_the_invitation_cannot_be_taken() {
    let asked = given_open().and([invited(BOB, Role::Editor)]);
    let refused = asked.when_in(accept(BOB), &with_seats(1));
    assert_eq!(refused, Err(AccountRefusal::SeatsTaken { limit: 1, used: 1 }));
    assert!(asked.when_in(accept(BOB), &with_seats(2)).is_ok());
}

#[test]
fn a_person_cannot_be_two_members_of_one_account() {
    let asked = given_open().and([invited(BOB, Role::Editor)]);
    let ada_again = Acceptance { member: id(BOB), identity: identity(ADA), name: text("Ada") };
    let refused = asked.when(AccountCommand::AcceptInvite(ada_again));
    assert_eq!(refused, Err(AccountRefusal::IdentityTaken));
}

#[test]
fn an_invitation_that_was_withdrawn_or_never_made_cannot_be_accepted() {
    assert_eq!(given_open().when(accept(BOB)), Err(AccountRefusal::MemberUnknown));
    let asked = given_open().and([invited(BOB, Role::Editor)]);
    assert_eq!(asked.when(remove(BOB, ADA)), Ok(vec![removed(BOB, ADA)]));
    let withdrawn = asked.and([removed(BOB, ADA)]);
    assert_eq!(withdrawn.when(accept(BOB)), Err(AccountRefusal::InviteNotOpen));
    let stolen = team(&[(BOB, Role::Editor)]);
    let eve = Acceptance { member: id(BOB), identity: identity(EVE), name: text("Eve") };
    let refused = stolen.when(AccountCommand::AcceptInvite(eve));
    assert_eq!(refused, Err(AccountRefusal::InviteNotOpen));
}

#[test]
fn nobody_grants_a_role_above_their_own() {
    let team = team(&[(BOB, Role::Admin), (CY, Role::Editor)]);
    let refused = Err(AccountRefusal::RoleAboveOwn { role: Role::Owner });
    assert_eq!(team.when(invite(EVE, Role::Owner, BOB)), refused);
    assert_eq!(team.when(make(CY, Role::Owner, BOB)), refused);
    assert_eq!(team.when(make(BOB, Role::Owner, BOB)), refused);
    assert_eq!(team.when(make(CY, Role::Admin, BOB)), Ok(vec![made(CY, Role::Admin, BOB)]));
    assert_eq!(team.when(make(CY, Role::Owner, ADA)), Ok(vec![made(CY, Role::Owner, ADA)]));
}

#[test]
fn nobody_acts_on_their_equals_but_owners() {
    let team = team(&[(BOB, Role::Admin), (CY, Role::Admin)]);
    let outranked = Err(AccountRefusal::OutrankedBy { role: Role::Admin });
    assert_eq!(team.when(remove(CY, BOB)), outranked);
    assert_eq!(team.when(make(CY, Role::Viewer, BOB)), outranked);
    assert_eq!(team.when(remove(ADA, BOB)), Err(AccountRefusal::OutrankedBy { role: Role::Owner }));
    let owners = team.and([made(BOB, Role::Owner, ADA)]);
    assert_eq!(owners.when(remove(ADA, BOB)), Ok(vec![removed(ADA, BOB)]));
}

#[test]
fn a_role_that_does_not_manage_people_manages_nobody() {
    for role in [Role::Publisher, Role::Editor, Role::Viewer, Role::Billing, Role::Auditor] {
        let team = team(&[(BOB, role), (CY, Role::Viewer)]);
        for command in
            [invite(EVE, Role::Viewer, BOB), make(CY, Role::Billing, BOB), remove(CY, BOB)]
        {
            let refusal = team.when(command).expect_err("not allowed");
            assert_eq!((&refusal, refusal.code()), (&AccountRefusal::ActorNotAllowed, "FORBIDDEN"));
        }
    }
}

#[test]
fn strangers_and_former_members_manage_nobody() {
    let team = team(&[(BOB, Role::Admin), (CY, Role::Viewer)]).and([removed(BOB, ADA)]);
    for by in [BOB, EVE] {
        assert_eq!(team.when(remove(CY, by)), Err(AccountRefusal::ActorNotAllowed));
        assert_eq!(team.when(make(CY, Role::Editor, by)), Err(AccountRefusal::ActorNotAllowed));
    }
}

#[test]
fn the_last_owner_can_neither_leave_nor_step_down() {
    let team = team(&[(BOB, Role::Admin)]).and([invited(CY, Role::Owner)]);
    assert_eq!(team.when(remove(ADA, ADA)), Err(AccountRefusal::LastOwner));
    assert_eq!(team.when(make(ADA, Role::Admin, ADA)), Err(AccountRefusal::LastOwner));
    let two_owners = team.and([accepted(CY)]);
    assert_eq!(two_owners.when(remove(ADA, ADA)), Ok(vec![removed(ADA, ADA)]));
    let stepped_down = two_owners.when(make(ADA, Role::Admin, ADA));
    assert_eq!(stepped_down, Ok(vec![made(ADA, Role::Admin, ADA)]));
}

#[test]
fn anybody_but_the_last_owner_may_leave_or_step_down() {
    for role in [Role::Admin, Role::Viewer, Role::Billing] {
        let team = team(&[(BOB, role)]);
        assert_eq!(team.when(remove(BOB, BOB)), Ok(vec![removed(BOB, BOB)]));
    }
    let admin = team(&[(BOB, Role::Admin)]);
    let stepped_down = admin.when(make(BOB, Role::Viewer, BOB));
    assert_eq!(stepped_down, Ok(vec![made(BOB, Role::Viewer, BOB)]));
}

#[test]
fn what_is_already_so_changes_nothing() {
    let team = team(&[(BOB, Role::Editor)]);
    assert_eq!(team.when(make(BOB, Role::Editor, ADA)), Ok(vec![]));
    let gone = team.and([removed(BOB, ADA)]);
    assert_eq!(gone.when(remove(BOB, ADA)), Ok(vec![]));
    assert_eq!(gone.state().member(id(BOB)).map(crate::Member::state), Some(MemberState::Removed));
}

#[test]
fn a_member_that_does_not_exist_is_not_found() {
    let account = given_open();
    for command in [remove(EVE, ADA), make(EVE, Role::Viewer, ADA)] {
        let refusal = account.when(command).expect_err("nobody there");
        assert_eq!((refusal.code(), refusal.field()), ("NOT_FOUND", Some("member")));
    }
    let asked = account.and([invited(BOB, Role::Editor)]);
    let refused = asked.when(make(BOB, Role::Viewer, ADA));
    assert_eq!(refused, Err(AccountRefusal::MemberNotActive));
}

#[test]
fn a_forgotten_member_still_counts_but_has_no_name_and_no_address() {
    let added = AccountEvent::MemberAdded {
        member: id(BOB),
        role: Role::Viewer,
        identity: identity(BOB),
        name: Personal::Forgotten,
        email: Some(Personal::Forgotten),
    };
    let account = given_open().and([added]).state();
    let bob = account.member(id(BOB)).expect("known");
    assert_eq!((bob.name(), bob.email(), bob.is_active()), (None, None, true));
}
