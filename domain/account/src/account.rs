//! What an account is at present, folded from what happened to it.

use crate::{
    AccountCommand, AccountEvent, AccountName, AccountRefusal, BusinessProfile, Context, Member,
    MemberState, OnboardingStep, Role, SuspensionReason,
};
use herald_kernel::{AccountId, Decider, IdentityId, Instant, MemberId, Personal, Zone};
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

    fn change(&mut self, id: MemberId, change: impl FnOnce(&mut Member)) {
        // A history that was written by hand may name a member nobody added; it changes nobody.
        if let Some(member) = self.members.get_mut(&id) {
            change(member);
        }
    }
}

impl Decider for Account {
    const STREAM: &'static str = "account";
    type Context = Context;
    type Command = AccountCommand;
    type Event = AccountEvent;
    type Refusal = AccountRefusal;

    fn decide(
        &self,
        command: AccountCommand,
        context: &Context,
    ) -> Result<Vec<AccountEvent>, AccountRefusal> {
        crate::decide::decide(self, command, context)
    }

    fn evolve(&mut self, event: &AccountEvent) {
        use AccountEvent as E;
        match event {
            E::Opened { account, business, zone } => {
                self.id = Some(*account);
                self.stage = Stage::Active;
                self.business = Some(business.clone());
                self.zone = Some(zone.clone());
            }
            E::MemberAdded { member, role, identity, name, email } => {
                let mut added = Member::new(*member, *role, email.clone());
                self.joined += 1;
                added.join(identity.clone(), name.clone(), self.joined);
                self.members.insert(*member, added);
            }
            E::BusinessProfileUpdated { profile } => self.profile = Some(profile.clone()),
            E::TimeZoneChanged { zone } => self.zone = Some(zone.clone()),
            E::PolicyChanged { policy } => self.policy = policy.clone(),
            E::MemberInvited { member, email, role, expires_at, .. } => {
                let mut invited = Member::new(*member, *role, Some(email.clone()));
                invited.state = MemberState::Invited { expires_at: *expires_at };
                self.members.insert(*member, invited);
            }
            E::InviteAccepted { member, identity, name } => {
                self.joined += 1;
                let nth = self.joined;
                self.change(*member, |it| it.join(identity.clone(), name.clone(), nth));
            }
            E::RoleChanged { member, role, .. } => self.change(*member, |it| it.role = *role),
            E::MemberRemoved { member, .. } => {
                self.change(*member, |member| member.state = MemberState::Removed);
            }
            E::MemberRested { member } => {
                self.change(*member, |member| member.state = MemberState::Resting);
            }
            E::MemberResumed { member } => {
                self.change(*member, |member| member.state = MemberState::Active);
            }
            E::IdentityLinked { member, identity } => {
                self.change(*member, |member| member.identities.push(identity.clone()));
            }
            E::IdentityUnlinked { member, identity, .. } => {
                self.change(*member, |it| it.identities.retain(|known| known.id() != *identity));
            }
            E::MemberProfileObserved { member, name, email } => {
                self.change(*member, |member| member.observe(name.as_ref(), email.as_ref()));
            }
            E::NoticesChanged { member, opt_outs } => {
                self.change(*member, |member| member.opt_outs.clone_from(opt_outs));
            }
            E::MemberForgotten { member } => self.change(*member, Member::forget),
            E::OnboardingAdvanced { step } => {
                self.onboarding.insert(*step);
            }
            E::Suspended { reason } => self.stage = Stage::Suspended { reason: *reason },
            E::Reinstated | E::DeletionCanceled => self.stage = Stage::Active,
            E::DeletionScheduled { due_at, .. } => {
                self.stage = Stage::DeletionScheduled { due_at: *due_at };
            }
            E::Deleted => self.stage = Stage::Deleted,
        }
    }
}
