//! What follows from a command to an account.

mod identities;
mod life;
mod people;
mod seats;
mod settings;

use crate::account::Stage;
use crate::{Account, AccountCommand, AccountEvent, AccountRefusal, Context, UnlinkedBy};

/// The events of a command that was followed; none when it was already so.
type Decision = Result<Vec<AccountEvent>, AccountRefusal>;

pub(crate) fn decide(account: &Account, command: AccountCommand, context: &Context) -> Decision {
    use AccountCommand as C;
    match command {
        C::Open(opening) => life::open(account, opening),
        C::Suspend { reason } => life::suspend(account, reason),
        C::Reinstate => life::reinstate(account),
        C::ScheduleDeletion { by } => life::schedule_deletion(account, by, context.now),
        C::CancelDeletion => life::cancel_deletion(account),
        C::CompleteDeletion => life::complete_deletion(account, context.now),
        C::UpdateBusinessProfile { profile } => settings::update_profile(account, profile),
        C::ChangeTimeZone { zone } => settings::change_zone(account, zone),
        C::ChangePolicy { policy } => settings::change_policy(account, policy),
        C::RecordOnboarding { step } => settings::record_onboarding(account, step),
        C::InviteMember(invitation) => people::invite(account, invitation, context),
        C::AcceptInvite(acceptance) => people::accept_invite(account, acceptance, context),
        C::ChangeRole { member, role, by } => people::change_role(account, member, role, by),
        C::RemoveMember { member, by } => people::remove(account, member, by),
        C::SettleSeats { chosen } => seats::settle(account, &chosen, context),
        C::LinkIdentity { member, identity } => identities::link(account, member, identity),
        C::UnlinkIdentity { member, identity, by: UnlinkedBy::Member } => {
            identities::unlink(account, member, identity)
        }
        C::UnlinkIdentity { member, identity, by: UnlinkedBy::Provider } => {
            identities::lose(account, member, identity, context.now)
        }
        C::ObserveMemberProfile { member, name, email } => {
            identities::observe(account, member, name, email)
        }
        C::ChangeNotices { member, opt_outs } => {
            settings::change_notices(account, member, opt_outs)
        }
        C::ForgetMember { member } => identities::forget(account, member, context.now),
    }
}

/// Refuses what is a fact, and not a wish, only when there is no account that it could be about.
const fn must_exist(account: &Account) -> Result<(), AccountRefusal> {
    match account.stage {
        Stage::Absent => Err(AccountRefusal::NotOpened),
        Stage::Deleted => Err(AccountRefusal::AccountDeleted),
        Stage::Active | Stage::Suspended { .. } | Stage::DeletionScheduled { .. } => Ok(()),
    }
}

/// Refuses unless the account can be worked with.
const fn must_be_open(account: &Account) -> Result<(), AccountRefusal> {
    match account.stage {
        Stage::Active => Ok(()),
        Stage::Absent => Err(AccountRefusal::NotOpened),
        Stage::Suspended { .. } => Err(AccountRefusal::AccountSuspended),
        Stage::DeletionScheduled { .. } => Err(AccountRefusal::DeletionPending),
        Stage::Deleted => Err(AccountRefusal::AccountDeleted),
    }
}
