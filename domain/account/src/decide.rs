//! What follows from a command to an account.

mod life;
mod people;
mod settings;

use crate::account::Stage;
use crate::{Account, AccountCommand, AccountEvent, AccountRefusal, Context};

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
        C::LinkIdentity { member, identity } => people::link(account, member, identity),
        C::UnlinkIdentity { member, identity } => people::unlink(account, member, identity),
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
