//! An account is opened, suspended, and in the end deleted.

use super::*;
use crate::SuspensionReason;
use herald_kernel::Refusal as _;

const DAY: u64 = 24;

fn suspended() -> AccountEvent {
    AccountEvent::Suspended { reason: SuspensionReason::Abuse }
}

fn deletion_scheduled() -> AccountEvent {
    AccountEvent::DeletionScheduled { by: id(ADA), due_at: t(14 * DAY) }
}

#[test]
fn who_opens_an_account_becomes_its_owner() {
    let events = given(&[]).when(AccountCommand::Open(opening()));
    assert_eq!(events, Ok(opened()));
    let account = given_open().state();
    assert!(account.is_open() && !account.is_suspended() && !account.is_deleted());
    assert_eq!(account.id(), Some(super::account()));
    assert_eq!(account.name().map(Text::as_str), Some("Engines"));
    assert_eq!(account.zone(), Some(&zone("Europe/Berlin")));
    let ada = account.member_by_identity(identity(ADA).id()).expect("Ada takes part");
    assert_eq!((ada.id(), ada.role(), ada.email()), (id(ADA), Role::Owner, Some(&email(ADA))));
    assert_eq!(ada.name().map(Text::as_str), Some("Ada"));
}

#[test]
fn opening_an_account_twice_is_already_so_for_its_owner_and_refused_to_others() {
    let again = given_open().when(AccountCommand::Open(opening()));
    assert_eq!(again, Ok(vec![]));
    let stranger = Opening { owner: id(EVE), identity: identity(EVE), ..opening() };
    let taken = given_open().when(AccountCommand::Open(stranger));
    assert_eq!(taken, Err(AccountRefusal::AlreadyOpen));
    let under_another_id = Opening { identity: identity(EVE), ..opening() };
    let taken = given_open().when(AccountCommand::Open(under_another_id));
    assert_eq!(taken, Err(AccountRefusal::AlreadyOpen));
}

#[test]
fn an_account_that_nobody_opened_is_not_found() {
    for command in [
        AccountCommand::UpdateBusinessProfile { profile: profile() },
        AccountCommand::Reinstate,
        AccountCommand::CancelDeletion,
        AccountCommand::CompleteDeletion,
        AccountCommand::RecordOnboarding { step: OnboardingStep::FirstPlan },
        AccountCommand::InviteMember(invitation(BOB, Role::Editor, ADA)),
    ] {
        let refusal = given(&[]).when(command).expect_err("nothing is open");
        assert_eq!((&refusal, refusal.code()), (&AccountRefusal::NotOpened, "NOT_FOUND"));
    }
}

#[test]
fn a_suspended_account_refuses_work_until_it_is_reinstated() {
    let suspend = AccountCommand::Suspend { reason: SuspensionReason::Abuse };
    assert_eq!(given_open().when(suspend.clone()), Ok(vec![suspended()]));
    let stopped = given_open().and([suspended()]);
    assert!(stopped.state().is_suspended() && !stopped.state().is_open());
    assert_eq!(stopped.state().suspension(), Some(SuspensionReason::Abuse));
    let refused = stopped.when(AccountCommand::UpdateBusinessProfile { profile: profile() });
    assert_eq!(refused, Err(AccountRefusal::AccountSuspended));
    assert_eq!(stopped.when(suspend), Ok(vec![]));
    assert_eq!(stopped.when(AccountCommand::Reinstate), Ok(vec![AccountEvent::Reinstated]));
    let again = stopped.and([AccountEvent::Reinstated]);
    assert!(again.state().is_open());
    assert_eq!(again.when(AccountCommand::Reinstate), Ok(vec![]));
}

#[test]
fn a_suspension_for_one_reason_does_not_become_one_for_another() {
    let stopped = given_open().and([suspended()]);
    let other = stopped.when(AccountCommand::Suspend { reason: SuspensionReason::Legal });
    assert_eq!(other, Err(AccountRefusal::AccountSuspended));
}

#[test]
fn an_owner_has_fourteen_days_to_think_better_of_a_deletion() {
    let schedule = AccountCommand::ScheduleDeletion { by: id(ADA) };
    assert_eq!(given_open().when(schedule.clone()), Ok(vec![deletion_scheduled()]));
    let leaving = given_open().and([deletion_scheduled()]);
    assert_eq!(leaving.state().deletion_due_at(), Some(t(14 * DAY)));
    assert_eq!(leaving.when(schedule), Ok(vec![]));
    let early = leaving.when_in(AccountCommand::CompleteDeletion, &at(t(14 * DAY - 1)));
    assert_eq!(early, Err(AccountRefusal::DeletionNotDue));
    let due = leaving.when_in(AccountCommand::CompleteDeletion, &at(t(14 * DAY)));
    assert_eq!(due, Ok(vec![AccountEvent::Deleted]));
}

#[test]
fn a_deletion_that_was_canceled_leaves_the_account_as_it_was() {
    let leaving = given_open().and([deletion_scheduled()]);
    let refused = leaving.when(AccountCommand::ChangeTimeZone { zone: Zone::utc() });
    assert_eq!(refused, Err(AccountRefusal::DeletionPending));
    let canceled = leaving.when(AccountCommand::CancelDeletion);
    assert_eq!(canceled, Ok(vec![AccountEvent::DeletionCanceled]));
    let kept = leaving.and([AccountEvent::DeletionCanceled]);
    assert_eq!(kept.state(), given_open().state());
    assert_eq!(kept.when(AccountCommand::CancelDeletion), Ok(vec![]));
    let nothing_due = kept.when(AccountCommand::CompleteDeletion);
    assert_eq!(nothing_due, Err(AccountRefusal::DeletionNotScheduled));
}

#[test]
fn nobody_but_an_owner_deletes_the_account() {
    let team = team(&[(BOB, Role::Admin)]);
    for person in [BOB, EVE] {
        let refused = team.when(AccountCommand::ScheduleDeletion { by: id(person) });
        assert_eq!(refused, Err(AccountRefusal::ActorNotAllowed));
    }
}

#[test]
fn a_deleted_account_stays_deleted() {
    let gone = given_open().and([deletion_scheduled(), AccountEvent::Deleted]);
    assert!(gone.state().is_deleted() && !gone.state().is_open());
    assert_eq!(gone.when(AccountCommand::CompleteDeletion), Ok(vec![]));
    for command in [
        AccountCommand::Open(opening()),
        AccountCommand::CancelDeletion,
        AccountCommand::Reinstate,
        AccountCommand::RecordOnboarding { step: OnboardingStep::FirstPlan },
        AccountCommand::RemoveMember { member: id(ADA), by: id(ADA) },
    ] {
        assert_eq!(gone.when(command), Err(AccountRefusal::AccountDeleted));
    }
}
