//! The account: the tenant, its people and their roles, its business and how far it has come.
//!
//! **Invariant:** an open account always has at least one active owner.
//! **Invariant:** a person is known by issuer and subject, never by an e-mail address.

mod command;
mod context;
mod decide;
mod email;
mod event;
mod evolve;
mod identity;
mod member;
mod notice;
mod onboarding;
mod profile;
mod refusal;
mod rights;
mod role;
mod state;
#[cfg(test)]
mod tests;

pub use command::{Acceptance, AccountCommand, Invitation, Opening};
pub use context::Context;
pub use email::{Email, InvalidEmail};
pub use event::{AccountEvent, SuspensionReason, UnlinkedBy};
pub use identity::{Identity, InvalidIdentity, identity_id};
pub use member::{Member, MemberState};
pub use notice::{InvalidNoticeKind, NoticeKind, OptOuts};
pub use onboarding::{InvalidOnboardingStep, OnboardingStep};
pub use profile::{
    AccountName, BusinessProfile, GOALS_AT_MOST, Goal, InvalidWebsite, PersonName, Website,
};
pub use refusal::AccountRefusal;
pub use rights::Action;
pub use role::{InvalidRole, Role};
pub use state::Account;
