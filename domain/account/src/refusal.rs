//! Why a command to an account was not followed.

use crate::{GOALS_AT_MOST, Role};
use herald_kernel::Refusal;
use herald_terms::PolicyOutOfRange;

/// Why a command to an account was not followed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AccountRefusal {
    /// Nobody opened it.
    #[error("this account does not exist")]
    NotOpened,
    /// Somebody else opened it.
    #[error("this account is already open")]
    AlreadyOpen,
    /// It is suspended.
    #[error("this account is suspended")]
    AccountSuspended,
    /// It is about to be deleted.
    #[error("this account is about to be deleted; cancel the deletion first")]
    DeletionPending,
    /// It is deleted.
    #[error("this account is deleted")]
    AccountDeleted,
    /// Nobody asked for its deletion.
    #[error("nobody asked for the deletion of this account")]
    DeletionNotScheduled,
    /// One can still think better of it.
    #[error("the time to cancel the deletion is not over yet")]
    DeletionNotDue,
    /// No such member.
    #[error("this member does not exist")]
    MemberUnknown,
    /// The member has not joined, or has left.
    #[error("this member is not active")]
    MemberNotActive,
    /// The invitation cannot be accepted or repeated: it was, or it was withdrawn.
    #[error("this invitation is no longer open")]
    InviteNotOpen,
    /// The invitation's time is up.
    #[error("this invitation has expired; ask for a new one")]
    InviteExpired,
    /// The invitation would be void from the start.
    #[error("an invitation must expire in the future")]
    ExpiryInThePast,
    /// The address belongs to a member or an open invitation.
    #[error("this address already belongs to a member or an open invitation")]
    EmailTaken,
    /// The identity belongs to another member of the account.
    #[error("this identity already belongs to another member")]
    IdentityTaken,
    /// The member could no longer sign in.
    #[error("a member must keep at least one identity")]
    LastIdentity,
    /// Who takes part has a name.
    #[error("only somebody who no longer takes part, or can no longer sign in, is forgotten")]
    MemberStillActive,
    /// Who asks is not an active member, or of a role that may not do this.
    #[error("your role does not allow this")]
    ActorNotAllowed,
    /// Who asks does not stand above the member.
    #[error("your role does not stand above this member's role")]
    OutrankedBy {
        /// The member's role.
        role: Role,
    },
    /// Who asks would give away more than they have.
    #[error("you cannot make anybody {role}: that is above your own role")]
    RoleAboveOwn {
        /// The role asked for.
        role: Role,
    },
    /// The account would have no owner.
    #[error("an account needs at least one active owner")]
    LastOwner,
    /// The tier has no seat left.
    #[error("all {limit} seats are taken")]
    SeatsTaken {
        /// How many there are.
        limit: u32,
        /// How many are taken.
        used: u32,
    },
    /// More goals than anybody pursues.
    #[error("at most {GOALS_AT_MOST} goals are allowed")]
    TooManyGoals,
    /// A number of the policy makes no sense.
    #[error(transparent)]
    PolicyOutOfRange(#[from] PolicyOutOfRange),
    /// The onboarding is completed by its steps, not by saying so.
    #[error("the onboarding is completed once every other step is taken")]
    OnboardingIncomplete,
}

impl Refusal for AccountRefusal {
    fn code(&self) -> &'static str {
        match self {
            Self::NotOpened | Self::MemberUnknown => "NOT_FOUND",
            Self::AlreadyOpen
            | Self::AccountSuspended
            | Self::DeletionPending
            | Self::AccountDeleted
            | Self::DeletionNotScheduled
            | Self::DeletionNotDue
            | Self::MemberNotActive
            | Self::InviteNotOpen
            | Self::InviteExpired
            | Self::LastIdentity
            | Self::MemberStillActive
            | Self::LastOwner
            | Self::OnboardingIncomplete => "INVALID_STATE",
            Self::EmailTaken | Self::IdentityTaken => "ALREADY_TAKEN",
            Self::ActorNotAllowed | Self::OutrankedBy { .. } | Self::RoleAboveOwn { .. } => {
                "FORBIDDEN"
            }
            Self::SeatsTaken { .. } => "LIMIT_REACHED",
            Self::ExpiryInThePast | Self::TooManyGoals | Self::PolicyOutOfRange(_) => "VALIDATION",
        }
    }

    fn field(&self) -> Option<&'static str> {
        match self {
            Self::MemberUnknown | Self::MemberNotActive | Self::MemberStillActive => Some("member"),
            Self::ExpiryInThePast => Some("expiresAt"),
            Self::EmailTaken => Some("email"),
            Self::RoleAboveOwn { .. } => Some("role"),
            Self::TooManyGoals => Some("goals"),
            Self::PolicyOutOfRange(which) => Some(which.field()),
            Self::OnboardingIncomplete => Some("step"),
            Self::NotOpened
            | Self::AlreadyOpen
            | Self::AccountSuspended
            | Self::DeletionPending
            | Self::AccountDeleted
            | Self::DeletionNotScheduled
            | Self::DeletionNotDue
            | Self::InviteNotOpen
            | Self::InviteExpired
            | Self::IdentityTaken
            | Self::LastIdentity
            | Self::ActorNotAllowed
            | Self::OutrankedBy { .. }
            | Self::LastOwner
            | Self::SeatsTaken { .. } => None,
        }
    }

    /// These pass by themselves or by what somebody else does, with the same input.
    fn retryable(&self) -> bool {
        matches!(self, Self::AccountSuspended | Self::DeletionNotDue | Self::SeatsTaken { .. })
    }
}
