//! What can have happened to an account.

use crate::{
    AccountName, BusinessProfile, Email, Identity, OnboardingStep, OptOuts, PersonName, Role,
};
use herald_kernel::{AccountId, Fact, IdentityId, Instant, MemberId, Personal, Zone};
use herald_terms::Policy;
use serde::{Deserialize, Serialize};

/// Why an account was suspended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SuspensionReason {
    /// It was used against others.
    Abuse,
    /// Its payments or its people are not what they say.
    Fraud,
    /// An operator decided so.
    Admin,
    /// The law asks for it.
    Legal,
}

/// Who said that an identity no longer holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnlinkedBy {
    /// The account's people.
    #[default]
    Member,
    /// The issuer: it no longer knows the person.
    Provider,
}

/// What happened to an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum AccountEvent {
    /// The account exists.
    Opened {
        /// The account.
        account: AccountId,
        /// What the business is called.
        business: Personal<AccountName>,
        /// The zone in which its times are meant.
        zone: Zone,
    },
    /// A person takes part without an invitation: the first owner.
    MemberAdded {
        /// Who.
        member: MemberId,
        /// As what.
        role: Role,
        /// As whom the person signs in.
        identity: Identity,
        /// What the person is called.
        name: Personal<PersonName>,
        /// Where the person can be reached.
        email: Option<Personal<Email>>,
    },
    /// The business described itself.
    BusinessProfileUpdated {
        /// How.
        profile: Personal<BusinessProfile>,
    },
    /// Times are meant in another zone.
    TimeZoneChanged {
        /// Which.
        zone: Zone,
    },
    /// The rules for the account's posts are others.
    PolicyChanged {
        /// Which.
        policy: Policy,
    },
    /// A person was asked to join.
    MemberInvited {
        /// Who the person will be.
        member: MemberId,
        /// Where the invitation goes.
        email: Personal<Email>,
        /// As what.
        role: Role,
        /// Who asked.
        by: MemberId,
        /// From when on the invitation is void.
        expires_at: Instant,
    },
    /// The person joined.
    InviteAccepted {
        /// Who.
        member: MemberId,
        /// As whom the person signs in.
        identity: Identity,
        /// What the person is called.
        name: Personal<PersonName>,
    },
    /// A member is something else now.
    RoleChanged {
        /// Who.
        member: MemberId,
        /// What.
        role: Role,
        /// Who said so.
        by: MemberId,
    },
    /// A member no longer takes part, or an invitation no longer holds.
    MemberRemoved {
        /// Who.
        member: MemberId,
        /// Who said so.
        by: MemberId,
    },
    /// A member has no seat in the account's tier and rests: still a member, but does nothing.
    MemberRested {
        /// Who.
        member: MemberId,
    },
    /// A member who rested has a seat again.
    MemberResumed {
        /// Who.
        member: MemberId,
    },
    /// A member can sign in as one more identity.
    IdentityLinked {
        /// Who.
        member: MemberId,
        /// As whom too.
        identity: Identity,
    },
    /// A member can no longer sign in as an identity.
    IdentityUnlinked {
        /// Who.
        member: MemberId,
        /// As whom no longer.
        identity: IdentityId,
        /// Who said so; the account's people, where the log does not say.
        #[serde(default)]
        by: UnlinkedBy,
    },
    /// The issuer says that a member is called, or can be reached, differently.
    MemberProfileObserved {
        /// Who.
        member: MemberId,
        /// The new name, if that changed.
        name: Option<Personal<PersonName>>,
        /// The new address, if that changed. It reaches the person, and is never their key.
        email: Option<Personal<Email>>,
    },
    /// A member does without other mails than before.
    NoticesChanged {
        /// Who.
        member: MemberId,
        /// All that the member does without.
        opt_outs: OptOuts,
    },
    /// A member's name and address are no longer kept.
    MemberForgotten {
        /// Who.
        member: MemberId,
    },
    /// A step of the onboarding was taken.
    OnboardingAdvanced {
        /// The step.
        step: OnboardingStep,
    },
    /// The account was stopped.
    Suspended {
        /// Why.
        reason: SuspensionReason,
    },
    /// The account goes on.
    Reinstated,
    /// The account will be deleted.
    DeletionScheduled {
        /// Which owner said so.
        by: MemberId,
        /// From when on it may be.
        due_at: Instant,
    },
    /// The account is kept after all.
    DeletionCanceled,
    /// The account is gone, for ever.
    Deleted,
}

impl Fact for AccountEvent {
    const NAMES: &'static [&'static str] = &[
        "opened",
        "member_added",
        "business_profile_updated",
        "time_zone_changed",
        "policy_changed",
        "member_invited",
        "invite_accepted",
        "role_changed",
        "member_removed",
        "member_rested",
        "member_resumed",
        "identity_linked",
        "identity_unlinked",
        "member_profile_observed",
        "notices_changed",
        "member_forgotten",
        "onboarding_advanced",
        "suspended",
        "reinstated",
        "deletion_scheduled",
        "deletion_canceled",
        "deleted",
    ];

    fn name(&self) -> &'static str {
        match self {
            Self::Opened { .. } => "opened",
            Self::MemberAdded { .. } => "member_added",
            Self::BusinessProfileUpdated { .. } => "business_profile_updated",
            Self::TimeZoneChanged { .. } => "time_zone_changed",
            Self::PolicyChanged { .. } => "policy_changed",
            Self::MemberInvited { .. } => "member_invited",
            Self::InviteAccepted { .. } => "invite_accepted",
            Self::RoleChanged { .. } => "role_changed",
            Self::MemberRemoved { .. } => "member_removed",
            Self::MemberRested { .. } => "member_rested",
            Self::MemberResumed { .. } => "member_resumed",
            Self::IdentityLinked { .. } => "identity_linked",
            Self::IdentityUnlinked { .. } => "identity_unlinked",
            Self::MemberProfileObserved { .. } => "member_profile_observed",
            Self::NoticesChanged { .. } => "notices_changed",
            Self::MemberForgotten { .. } => "member_forgotten",
            Self::OnboardingAdvanced { .. } => "onboarding_advanced",
            Self::Suspended { .. } => "suspended",
            Self::Reinstated => "reinstated",
            Self::DeletionScheduled { .. } => "deletion_scheduled",
            Self::DeletionCanceled => "deletion_canceled",
            Self::Deleted => "deleted",
        }
    }
}
