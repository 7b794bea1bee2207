//! What follows from a command to an account.

mod identities;
mod life;
mod people;
mod seats;
mod settings;

use crate::state::Stage;
use crate::{Account, AccountCommand, AccountEvent, AccountRefusal, Context, UnlinkedBy};
use herald_kernel::Decider;

/// The events of a command that was followed; none when it was already so.
type Decision = Result<Vec<AccountEvent>, AccountRefusal>;

impl Decider for Account {
    const STREAM: &'static str = "account";
    type Context = Context;
    type Command = AccountCommand;
    type Event = AccountEvent;
    type Refusal = AccountRefusal;

    fn decide(&self, command: AccountCommand, context: &Context) -> Decision {
        use AccountCommand as C;
        match command {
            C::Open(opening) => life::open(self, opening),
            C::Suspend { reason } => life::suspend(self, reason),
            C::Reinstate => life::reinstate(self),
            C::ScheduleDeletion { by } => life::schedule_deletion(self, by, context.now),
            C::CancelDeletion => life::cancel_deletion(self),
            C::CompleteDeletion => life::complete_deletion(self, context.now),
            C::UpdateBusinessProfile { profile } => settings::update_profile(self, profile),
            C::ChangeTimeZone { zone } => settings::change_zone(self, zone),
            C::ChangePolicy { policy } => settings::change_policy(self, policy),
            C::RecordOnboarding { step } => settings::record_onboarding(self, step),
            C::InviteMember(invitation) => people::invite(self, invitation, context),
            C::AcceptInvite(acceptance) => people::accept_invite(self, acceptance, context),
            C::ChangeRole { member, role, by } => people::change_role(self, member, role, by),
            C::RemoveMember { member, by } => people::remove(self, member, by),
            C::SettleSeats { chosen } => seats::settle(self, &chosen, context),
            C::LinkIdentity { member, identity } => identities::link(self, member, identity),
            C::UnlinkIdentity { member, identity, by: UnlinkedBy::Member } => {
                identities::unlink(self, member, identity)
            }
            C::UnlinkIdentity { member, identity, by: UnlinkedBy::Provider } => {
                identities::lose(self, member, identity, context.now)
            }
            C::ObserveMemberProfile { member, name, email } => {
                identities::observe(self, member, name, email)
            }
            C::ChangeNotices { member, opt_outs } => {
                settings::change_notices(self, member, opt_outs)
            }
            C::ForgetMember { member } => identities::forget(self, member, context.now),
        }
    }

    fn evolve(&mut self, event: &AccountEvent) {
        self.believe(event);
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
