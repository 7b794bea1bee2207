//! The account, its people, its rules.

use super::names::{
    AccountStatus, ApprovalPolicy, MemberStatus, Mode, Network, OnboardingStep, Role, Word, word,
};
use crate::schema::{
    fault::Result,
    scalars::{DateTime, Zone, int},
    visitor::{caller, desk},
};
use async_graphql::{Context, ID, Object, SimpleObject};
use herald_account::Action;
use herald_application::{
    reading::require,
    sign_in::Membership,
    views::accounts::{AccountDoc, MemberDoc},
};
use std::sync::Arc;

/// An account: the tenant. Everything else belongs to one.
#[derive(Debug, Clone)]
pub(crate) struct Account(pub(crate) Arc<AccountDoc>);

/// An account: the tenant. Everything else belongs to one.
#[Object]
impl Account {
    /// The account's id, `acc_…`.
    pub(crate) async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }

    /// What the business is called; `null` once that was erased.
    async fn business_name(&self) -> Option<&str> {
        self.0.business.as_deref()
    }

    /// What the business says about itself, once it did.
    async fn profile(&self) -> Option<BusinessProfile> {
        self.0.profile.as_ref().map(BusinessProfile::of)
    }

    /// The zone in which the account's times are meant.
    async fn zone(&self) -> Zone {
        self.0.zone.clone().into()
    }

    /// The rules for its posts.
    async fn policy(&self) -> Result<Policy> {
        Policy::of(&self.0.policy)
    }

    /// The steps of the onboarding that were taken, in the order in which they were.
    async fn onboarding(&self) -> Result<Vec<OnboardingStep>> {
        self.0.onboarding.iter().map(|step| OnboardingStep::named(step.as_str())).collect()
    }

    /// Where it stands.
    async fn status(&self) -> Result<AccountStatus> {
        AccountStatus::named(self.0.status.as_str())
    }

    /// Why it is suspended, if it is.
    async fn suspended_for(&self) -> Option<String> {
        self.0.suspended_for.as_ref().map(word)
    }

    /// When it will be deleted, if it will.
    async fn deletion_due_at(&self) -> Option<DateTime> {
        self.0.deletion_due_at.map(Into::into)
    }

    /// When it was opened.
    async fn opened_at(&self) -> DateTime {
        self.0.opened_at.into()
    }

    /// What `expectedVersion` is compared with when the account is changed.
    async fn version(&self) -> i32 {
        int(self.0.version)
    }

    /// Everybody who was ever asked to join, in that order. Needs a role that reads.
    #[graphql(complexity = "2 + 5 * child_complexity")]
    async fn members(&self, ctx: &Context<'_>) -> Result<Vec<Member>> {
        require(&caller(ctx).await?, Action::ReadMembers)?;
        Ok(self.0.members.iter().cloned().map(Member).collect())
    }
}

/// What a business sells, to whom and how it speaks: what every plan and every text starts from.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct BusinessProfile {
    /// What it is called.
    pub(crate) name: String,
    /// What it sells.
    pub(crate) sells: String,
    /// Whom it wants to reach.
    pub(crate) audience: String,
    /// How it speaks.
    pub(crate) tone: String,
    /// What it wants to reach.
    pub(crate) goals: Vec<String>,
    /// Where to read more.
    pub(crate) website: Option<String>,
}

impl BusinessProfile {
    fn of(profile: &herald_account::BusinessProfile) -> Self {
        Self {
            name: profile.name.to_string(),
            sells: profile.sells.to_string(),
            audience: profile.audience.to_string(),
            tone: profile.tone.to_string(),
            goals: profile.goals.iter().map(ToString::to_string).collect(),
            website: profile.website.as_ref().map(ToString::to_string),
        }
    }
}

/// The rules that an account sets for its own posts.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct Policy {
    /// Who must approve a post.
    pub(crate) approval: ApprovalPolicy,
    /// A post that could not start this many minutes after its time waits for a person.
    pub(crate) late_grace_minutes: i32,
    /// How many posts the account may send within 24 hours.
    pub(crate) posts_per_day: i32,
}

impl Policy {
    fn of(policy: &herald_terms::Policy) -> Result<Self> {
        Ok(Self {
            approval: ApprovalPolicy::named(policy.approval.as_str())?,
            late_grace_minutes: int(policy.late_grace_minutes),
            posts_per_day: int(policy.posts_per_day),
        })
    }
}

/// A person in an account.
#[derive(Debug, Clone)]
pub(crate) struct Member(pub(crate) MemberDoc);

/// A person in an account.
#[Object]
impl Member {
    /// The member's id, `mem_…`.
    async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }

    /// What they are called, once they have said so.
    async fn name(&self) -> Option<&str> {
        self.0.name.as_deref()
    }

    /// Where they can be reached.
    async fn email(&self) -> Option<&str> {
        self.0.email.as_deref()
    }

    /// What they may do.
    async fn role(&self) -> Result<Role> {
        Role::named(self.0.role.as_str())
    }

    /// Whether they take part.
    async fn status(&self) -> Result<MemberStatus> {
        MemberStatus::named(&word(&self.0.state))
    }

    /// The member who asked them to join.
    async fn invited_by(&self) -> Option<ID> {
        self.0.invited_by.map(|member| member.to_string().into())
    }

    /// From when on the invitation is void, while it is open.
    async fn invitation_expires_at(&self) -> Option<DateTime> {
        self.0.expires_at.map(Into::into)
    }

    /// Since when they take part.
    async fn joined_at(&self) -> Option<DateTime> {
        self.0.joined_at.map(Into::into)
    }
}

/// Who asks, and where they may act.
#[derive(Debug, Clone)]
pub(crate) struct Viewer {
    pub(crate) identity: String,
    pub(crate) memberships: Vec<Membership>,
    pub(crate) operator: bool,
}

/// Who asks, and where they may act.
#[Object]
impl Viewer {
    /// The signed-in person, `idn_…`.
    async fn id(&self) -> ID {
        self.identity.clone().into()
    }

    /// The accounts in which they take part, oldest first.
    async fn memberships(&self) -> Result<Vec<ViewerMembership>> {
        self.memberships.iter().map(ViewerMembership::of).collect()
    }

    /// Do they operate the installation? That is no role in an account.
    async fn is_operator(&self) -> bool {
        self.operator
    }

    /// Whether the world outside is real: show it.
    async fn mode(&self, ctx: &Context<'_>) -> Result<Mode> {
        Mode::named(desk(ctx)?.settings.mode.as_str())
    }

    /// The networks that can be connected here.
    async fn networks(&self, ctx: &Context<'_>) -> Result<Vec<Network>> {
        let networks = &desk(ctx)?.networks;
        let all = herald_kernel::Network::ALL.iter();
        let configured = all.filter(|network| networks.get(**network).is_ok());
        configured.map(|network| Network::named(network.as_str())).collect()
    }
}

/// One account in which the viewer takes part.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct ViewerMembership {
    /// The account: name it in the header `herald-account` when there are several.
    pub(crate) account_id: ID,
    /// Who the viewer is there.
    pub(crate) member_id: ID,
    /// What they may do there.
    pub(crate) role: Role,
    /// What the business is called.
    pub(crate) business_name: Option<String>,
}

impl ViewerMembership {
    fn of(membership: &Membership) -> Result<Self> {
        Ok(Self {
            account_id: membership.account.to_string().into(),
            member_id: membership.member.to_string().into(),
            role: Role::named(membership.role.as_str())?,
            business_name: membership.business.clone(),
        })
    }
}
