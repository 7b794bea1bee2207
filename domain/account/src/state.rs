//! What an account is at present, folded from what happened to it.

use crate::{AccountName, BusinessProfile, Member, OnboardingStep, Role, SuspensionReason};
use herald_kernel::{AccountId, IdentityId, Instant, MemberId, Personal, Zone};
use herald_terms::Policy;
use std::collections::{BTreeMap, BTreeSet};

/// Where the account stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Stage {
    #[default]
    Absent,
    Active,
    Suspended {
        reason: SuspensionReason,
    },
    DeletionScheduled {
        due_at: Instant,
    },
    Deleted,
}

/// The tenant: who takes part in it, by which rules it publishes and how far it has come.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Account {
    pub(crate) id: Option<AccountId>,
    pub(crate) stage: Stage,
    pub(crate) business: Option<Personal<AccountName>>,
    pub(crate) zone: Option<Zone>,
    pub(crate) policy: Policy,
    pub(crate) profile: Option<Personal<BusinessProfile>>,
    pub(crate) members: BTreeMap<MemberId, Member>,
    pub(crate) onboarding: BTreeSet<OnboardingStep>,
    pub(crate) joined: usize,
}

impl Account {
    /// The id; `None` until it is opened.
    #[must_use]
    pub const fn id(&self) -> Option<AccountId> {
        self.id
    }

    /// Can it be worked with: opened, neither suspended nor deleted nor about to be?
    #[must_use]
    pub const fn is_open(&self) -> bool {
        matches!(self.stage, Stage::Active)
    }

    /// Is it suspended? Its due posts wait then; they do not fail.
    #[must_use]
    pub const fn is_suspended(&self) -> bool {
        matches!(self.stage, Stage::Suspended { .. })
    }

    /// Why it is suspended, if it is.
    #[must_use]
    pub const fn suspension(&self) -> Option<SuspensionReason> {
        match self.stage {
            Stage::Suspended { reason } => Some(reason),
            Stage::Absent | Stage::Active | Stage::DeletionScheduled { .. } | Stage::Deleted => {
                None
            }
        }
    }

    /// When it will be deleted, if it will.
    #[must_use]
    pub const fn deletion_due_at(&self) -> Option<Instant> {
        match self.stage {
            Stage::DeletionScheduled { due_at } => Some(due_at),
            Stage::Absent | Stage::Active | Stage::Suspended { .. } | Stage::Deleted => None,
        }
    }

    /// Is it gone?
    #[must_use]
    pub const fn is_deleted(&self) -> bool {
        matches!(self.stage, Stage::Deleted)
    }

    /// What the business is called, by its profile or else as it was opened, unless forgotten.
    #[must_use]
    pub fn name(&self) -> Option<&AccountName> {
        let opened_as = || self.business.as_ref().and_then(Personal::known);
        self.profile().map(|profile| &profile.name).or_else(opened_as)
    }

    /// The zone in which its times are meant.
    #[must_use]
    pub const fn zone(&self) -> Option<&Zone> {
        self.zone.as_ref()
    }

    /// The rules for its posts.
    #[must_use]
    pub const fn policy(&self) -> &Policy {
        &self.policy
    }

    /// What the business says about itself, unless it never did or that was forgotten.
    #[must_use]
    pub fn profile(&self) -> Option<&BusinessProfile> {
        self.profile.as_ref().and_then(Personal::known)
    }

    /// Everybody who was ever asked to join.
    pub fn members(&self) -> impl Iterator<Item = &Member> {
        self.members.values()
    }

    /// One of them.
    #[must_use]
    pub fn member(&self, id: MemberId) -> Option<&Member> {
        self.members.get(&id)
    }

    /// The member who signs in as `identity`, with or without a seat at present.
    #[must_use]
    pub fn member_by_identity(&self, identity: IdentityId) -> Option<&Member> {
        self.members().filter(|it| it.belongs()).find(|member| member.is_known_as(identity))
    }

    /// The steps of the onboarding that were taken.
    #[must_use]
    pub const fn onboarding(&self) -> &BTreeSet<OnboardingStep> {
        &self.onboarding
    }

    /// The members who take part.
    pub fn active_members(&self) -> impl Iterator<Item = &Member> {
        self.members().filter(|member| member.is_active())
    }

    /// Is there an owner, other than this member, who can sign in?
    pub(crate) fn has_owner_beside(&self, id: MemberId) -> bool {
        let owner = |it: &Member| it.id != id && it.role == Role::Owner && it.can_sign_in();
        self.members().any(owner)
    }
}
