//! What the views of accounts serve.

use herald_account::{BusinessProfile, OnboardingStep, OptOuts, Role, SuspensionReason};
use herald_kernel::{AccountId, IdentityId, Instant, MemberId, Zone};
use herald_terms::Policy;
use serde::{Deserialize, Serialize};

/// An account with its people. Texts that belonged to people are `None` once they are forgotten.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountDoc {
    /// The account.
    pub id: AccountId,
    /// What the business is called.
    pub business: Option<String>,
    /// What it says about itself.
    pub profile: Option<BusinessProfile>,
    /// The zone in which its times are meant.
    pub zone: Zone,
    /// The rules for its posts.
    pub policy: Policy,
    /// The steps of the onboarding that were taken, in the order in which they were.
    pub onboarding: Vec<OnboardingStep>,
    /// Where it stands.
    pub status: AccountStatus,
    /// Why it is suspended, if it is.
    pub suspended_for: Option<SuspensionReason>,
    /// When it will be deleted, if it will.
    pub deletion_due_at: Option<Instant>,
    /// What `expectedVersion` is compared with.
    pub version: i64,
    /// Everybody who was ever asked to join, in that order.
    pub members: Vec<MemberDoc>,
    /// When it was opened.
    pub opened_at: Instant,
}

/// Where an account stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountStatus {
    /// It can be worked with.
    Active,
    /// It is stopped.
    Suspended,
    /// It will be deleted.
    DeletionScheduled,
    /// It is gone.
    Deleted,
}

impl AccountStatus {
    /// As stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::DeletionScheduled => "deletion_scheduled",
            Self::Deleted => "deleted",
        }
    }
}

/// A person in an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberDoc {
    /// The member.
    pub id: MemberId,
    /// What they are called, once they have said so.
    pub name: Option<String>,
    /// Where they can be reached.
    pub email: Option<String>,
    /// What they may do.
    pub role: Role,
    /// Whether they take part.
    pub state: MemberStatus,
    /// As whom they sign in.
    pub identities: Vec<IdentityId>,
    /// The mails that they do without.
    #[serde(default)]
    pub opt_outs: OptOuts,
    /// Who asked them to join.
    pub invited_by: Option<MemberId>,
    /// From when on the invitation is void.
    pub expires_at: Option<Instant>,
    /// Since when they take part.
    pub joined_at: Option<Instant>,
}

/// Whether a member takes part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MemberStatus {
    /// Asked to join.
    Invited,
    /// Takes part.
    Active,
    /// Has no seat in the account's tier at present.
    Resting,
    /// Has left or was removed.
    Removed,
}

/// That a person takes part in an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MembershipDoc {
    /// As whom they sign in.
    pub identity: IdentityId,
    /// The account.
    pub account: AccountId,
    /// Who they are there.
    pub member: MemberId,
    /// What they may do there.
    pub role: Role,
    /// Do they rest there, for want of a seat?
    #[serde(default)]
    pub rests: bool,
    /// What the business is called.
    pub business: Option<String>,
}
