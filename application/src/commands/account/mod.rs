//! What can be asked of an account.

mod accept_invite;
mod change_role;
mod change_settings;
mod invite_member;
mod leave_account;
mod link_identity;
mod observe_profile;
mod open_account;
mod record_onboarding;
mod remove_member;
mod settle_seats;
mod unlink_identity;
mod update_business_profile;

pub use accept_invite::AcceptInvite;
pub use change_role::ChangeRole;
pub use change_settings::{ChangePolicy, ChangeTimeZone};
pub use invite_member::{InviteMember, Invited};
pub use leave_account::LeaveAccount;
pub use link_identity::LinkIdentity;
pub use observe_profile::{ForgetMember, ObserveProfile};
pub use open_account::{OpenAccount, Opened, new_account_id};
pub use record_onboarding::RecordOnboarding;
pub use remove_member::RemoveMember;
pub use settle_seats::SettleSeats;
pub use unlink_identity::{LoseIdentity, UnlinkIdentity};
pub use update_business_profile::UpdateBusinessProfile;

use crate::{entitlements, execute::Work, failure::Failure, log::Loaded};
use herald_account::{Account, AccountCommand, Context, Identity};

/// What decisions about an account look at.
pub(crate) async fn context(work: &Work<'_>) -> Result<Context, Failure> {
    let entitled = entitlements::of_account(work.desk, work.account()).await?;
    Ok(Context { now: work.now, entitlements: entitled.entitlements })
}

/// The caller's account, as the caller has seen it.
async fn load(work: &Work<'_>) -> Result<Loaded<Account>, Failure> {
    work.load_seen::<Account>(work.account().uuid()).await
}

/// Loads the caller's account and decides one command.
async fn decide(work: &mut Work<'_>, command: AccountCommand) -> Result<(), Failure> {
    decide_on(work, |_| command).await
}

/// Loads the caller's account and decides the command that follows from how it is.
async fn decide_on(
    work: &mut Work<'_>,
    command: impl FnOnce(&Account) -> AccountCommand + Send,
) -> Result<(), Failure> {
    let mut account = load(work).await?;
    let entitled = entitlements::of_account(work.desk, work.account()).await?;
    let context = Context { now: work.now, entitlements: entitled.entitlements.clone() };
    let command = command(&account.state);
    let decided = work.decide(&mut account, command, &context).await;
    decided.map_err(|refused| entitled.cite(refused))
}

/// As whom the person who asks is signed in.
fn identity(work: &Work<'_>, action: &'static str) -> Result<Identity, Failure> {
    let person = work.caller.person().ok_or(Failure::Forbidden { action })?;
    Identity::try_new(&person.issuer, &person.subject)
        .map_err(|error| Failure::invalid("identity", error.to_string()))
}

#[cfg(test)]
mod tests;
