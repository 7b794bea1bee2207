//! What can be asked of an account.

mod accept_invite;
mod change_role;
mod invite_member;
mod open_account;
mod record_onboarding;
mod remove_member;
mod update_business_profile;

pub use accept_invite::AcceptInvite;
pub use change_role::ChangeRole;
pub use invite_member::{InviteMember, Invited};
pub use open_account::{Opened, OpenAccount, new_account_id};
pub use record_onboarding::RecordOnboarding;
pub use remove_member::RemoveMember;
pub use update_business_profile::UpdateBusinessProfile;

use herald_account::Context;
use herald_kernel::Instant;
use herald_subscription::Entitlements;

/// What decisions about an account look at. Without billing nothing is limited.
fn context(now: Instant) -> Context {
    Context { now, entitlements: Entitlements::embedded() }
}
