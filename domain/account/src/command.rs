//! What one can ask of an account.

use crate::{
    AccountName, BusinessProfile, Email, Identity, OnboardingStep, OptOuts, PersonName, Role,
    SuspensionReason, UnlinkedBy,
};
use herald_kernel::{AccountId, IdentityId, Instant, MemberId, Zone};
use herald_terms::Policy;
use std::collections::BTreeSet;

/// What one can ask of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AccountCommand {
    /// Open an account; who asks becomes its first owner.
    Open(Opening),
    /// Say what the business sells, to whom and how it speaks.
    UpdateBusinessProfile {
        /// The whole profile; it replaces the former one.
        profile: BusinessProfile,
    },
    /// Mean times in another zone. Posts that are already scheduled stay where they are.
    ChangeTimeZone {
        /// The zone.
        zone: Zone,
    },
    /// Change the rules for the account's posts.
    ChangePolicy {
        /// The whole policy; it replaces the former one.
        policy: Policy,
    },
    /// Ask a person to join.
    InviteMember(Invitation),
    /// Join.
    AcceptInvite(Acceptance),
    /// Make a member something else.
    ChangeRole {
        /// Whom.
        member: MemberId,
        /// What.
        role: Role,
        /// Who says so.
        by: MemberId,
    },
    /// Remove a member, withdraw an invitation, or leave.
    RemoveMember {
        /// Whom.
        member: MemberId,
        /// Who says so.
        by: MemberId,
    },
    /// Give the tier's seats to the members: who finds none rests, and who finds one again goes on.
    SettleSeats {
        /// Who keeps a seat before others.
        chosen: BTreeSet<MemberId>,
    },
    /// Let a member sign in as one more identity.
    LinkIdentity {
        /// Whom.
        member: MemberId,
        /// As whom too.
        identity: Identity,
    },
    /// Let a member no longer sign in as an identity.
    UnlinkIdentity {
        /// Whom.
        member: MemberId,
        /// As whom no longer.
        identity: IdentityId,
        /// Who says so. What an issuer says is a fact: it holds also for the last identity, and
        /// when nobody else owns the account, that is then scheduled for deletion.
        by: UnlinkedBy,
    },
    /// Note what a member's issuer says about them. It never links one person to another.
    ObserveMemberProfile {
        /// Whom.
        member: MemberId,
        /// The name, if the issuer says one.
        name: Option<PersonName>,
        /// The address, if the issuer vouches for one.
        email: Option<Email>,
    },
    /// Say which mails a member does without.
    ChangeNotices {
        /// Whom.
        member: MemberId,
        /// All of them; they replace the former ones.
        opt_outs: OptOuts,
    },
    /// Keep a former member's name and address no longer.
    ForgetMember {
        /// Whom.
        member: MemberId,
    },
    /// Note that a step of the onboarding was taken.
    RecordOnboarding {
        /// The step.
        step: OnboardingStep,
    },
    /// Stop the account: nothing is published, called or written until it is reinstated.
    Suspend {
        /// Why.
        reason: SuspensionReason,
    },
    /// Let a suspended account go on.
    Reinstate,
    /// Delete the account after a time in which one can think better of it.
    ScheduleDeletion {
        /// Which owner says so.
        by: MemberId,
    },
    /// Keep the account after all.
    CancelDeletion,
    /// Delete the account, now that its time is up.
    CompleteDeletion,
}

/// What it takes to open an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    /// The account.
    pub account: AccountId,
    /// The first owner.
    pub owner: MemberId,
    /// As whom the owner signs in.
    pub identity: Identity,
    /// What the owner is called.
    pub name: PersonName,
    /// Where the owner can be reached.
    pub email: Option<Email>,
    /// The zone in which the account's times are meant.
    pub zone: Zone,
    /// What the business is called.
    pub business: AccountName,
}

/// Who is asked to join, as what, and by whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// Who the person will be.
    pub member: MemberId,
    /// Where the invitation goes.
    pub email: Email,
    /// What the person will be.
    pub role: Role,
    /// Who asks.
    pub by: MemberId,
    /// From when on the invitation is void.
    pub expires_at: Instant,
}

/// Who joins, and as whom they sign in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acceptance {
    /// Who was invited.
    pub member: MemberId,
    /// As whom the person signs in.
    pub identity: Identity,
    /// What the person is called.
    pub name: PersonName,
}
