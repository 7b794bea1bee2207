//! A tier with fewer seats lets people rest and removes nobody; the owner never rests.

use super::*;
use crate::MemberState;

fn settle(chosen: &[u8]) -> AccountCommand {
    AccountCommand::SettleSeats { chosen: chosen.iter().map(|person| id(*person)).collect() }
}

fn rested(person: u8) -> AccountEvent {
    AccountEvent::MemberRested { member: id(person) }
}

fn resumed(person: u8) -> AccountEvent {
    AccountEvent::MemberResumed { member: id(person) }
}

/// Cy joined first, although Bob's id is the smaller one.
fn three() -> Given {
    team(&[(CY, Role::Admin), (BOB, Role::Editor)])
}

#[test]
fn who_joined_last_rests_first_and_the_owner_never_does() {
    assert_eq!(three().when_in(settle(&[]), &with_seats(3)), Ok(vec![]));
    assert_eq!(three().when_in(settle(&[]), &with_seats(2)), Ok(vec![rested(BOB)]));
    let none = three().when_in(settle(&[]), &with_seats(0));
    assert_eq!(none, Ok(vec![rested(CY), rested(BOB)]));
}

#[test]
fn whom_people_chose_keeps_a_seat_before_who_was_there_first() {
    assert_eq!(three().when_in(settle(&[BOB]), &with_seats(2)), Ok(vec![rested(CY)]));
    let nobody = three().when_in(settle(&[EVE]), &with_seats(2));
    assert_eq!(nobody, Ok(vec![rested(BOB)]), "whoever is chosen and not there takes no seat");
}

#[test]
fn another_owner_rests_neither_and_takes_the_seat_of_somebody_else() {
    let two = three().and([AccountEvent::RoleChanged {
        member: id(BOB),
        role: Role::Owner,
        by: id(ADA),
    }]);
    assert_eq!(two.when_in(settle(&[CY]), &with_seats(1)), Ok(vec![rested(CY)]));
}

#[test]
fn seats_that_come_back_wake_whoever_rests_and_twice_is_already_so() {
    let resting = three().and([rested(CY), rested(BOB)]);
    assert_eq!(resting.when_in(settle(&[]), &with_seats(1)), Ok(vec![]));
    assert_eq!(resting.when_in(settle(&[]), &with_seats(2)), Ok(vec![resumed(CY)]));
    let all = resting.when_in(settle(&[]), &with_seats(5));
    assert_eq!(all, Ok(vec![resumed(CY), resumed(BOB)]));
    let exchanged = three().and([rested(BOB)]).when_in(settle(&[BOB]), &with_seats(2));
    assert_eq!(exchanged, Ok(vec![rested(CY), resumed(BOB)]), "a seat is free before it is taken");
}

#[test]
fn who_rests_is_still_a_member_with_the_same_role_and_does_nothing() {
    let resting = three().and([rested(CY)]);
    let account = resting.state();
    let cy = account.member(id(CY)).expect("still there");
    assert_eq!((cy.state(), cy.role(), cy.is_active()), (MemberState::Resting, Role::Admin, false));
    assert!(cy.rests() && cy.can_sign_in());
    assert_eq!(account.member_by_identity(identity(CY).id()).map(crate::Member::id), Some(id(CY)));
    let invitation = Invitation { by: id(CY), ..invitation(EVE, Role::Viewer, ADA) };
    let asked = resting.when(AccountCommand::InviteMember(invitation));
    assert_eq!(asked, Err(AccountRefusal::ActorNotAllowed));
    let forgotten = resting.when(AccountCommand::ForgetMember { member: id(CY) });
    assert_eq!(forgotten, Err(AccountRefusal::MemberStillActive));
}

#[test]
fn a_resting_member_takes_no_seat_keeps_their_address_and_can_be_removed() {
    let resting = three().and([rested(BOB)]);
    let invite = |person: u8, address: u8| {
        let invitation = invitation(person, Role::Viewer, ADA);
        AccountCommand::InviteMember(Invitation { email: email(address), ..invitation })
    };
    assert!(resting.when_in(invite(EVE, EVE), &with_seats(3)).is_ok());
    let twice = resting.when_in(invite(EVE, BOB), &with_seats(3));
    assert_eq!(twice, Err(AccountRefusal::EmailTaken));
    let removed = AccountCommand::RemoveMember { member: id(BOB), by: id(ADA) };
    let gone = resting.when(removed).expect("removed");
    assert_eq!(resting.and(gone).when_in(settle(&[]), &with_seats(9)), Ok(vec![]));
}
