//! Commands to an account and its people.

use super::{
    Outcome, carry, inputs,
    outcome::{carry_as, carry_naming},
    payloads,
};
use crate::schema::{
    fault::Result,
    input::{each, id, optional, valid},
    reads,
    scalars::Zone,
    types::{
        account::{Account, Member},
        names::{ApprovalPolicy, Role, Word},
    },
    visitor::{desk, person},
};
use async_graphql::{Context, ID, Object};
use herald_account::{Action, BusinessProfile};
use herald_application::{
    caller::{Caller, Person, Standing},
    commands::account::{
        AcceptInvite, ChangePolicy, ChangeRole, ChangeTimeZone, InviteMember, Invited,
        LeaveAccount, OpenAccount, RemoveMember, UpdateBusinessProfile, new_account_id,
    },
    failure::Failure,
    log::Via,
    reading::require,
    sign_in,
};
use herald_kernel::{AccountId, MemberId};
use secrecy::{ExposeSecret as _, SecretString};

inputs! {
    /// What `openAccount` takes.
    OpenAccountInput {
        /// What the business is called.
        business_name: String,
        /// What the owner is called.
        name: String,
        /// Where the owner can be reached.
        email: Option<String>,
        /// The zone in which the account's times are meant; `UTC` when absent.
        zone: Option<Zone>,
    }
    /// What `updateBusinessProfile` takes: the whole profile, which replaces the former one.
    UpdateBusinessProfileInput {
        /// What the business is called.
        name: String,
        /// What it sells.
        sells: String,
        /// Whom it wants to reach.
        audience: String,
        /// How it speaks.
        tone: String,
        /// What it wants to reach, at most ten things.
        goals: Option<Vec<String>>,
        /// Where to read more: an address that begins with `https://` or `http://`.
        website: Option<String>,
    }
    /// What `changeTimeZone` takes.
    ChangeTimeZoneInput {
        /// The zone in which the account's times are meant from now on.
        zone: Zone,
    }
    /// What `changePolicy` takes. What is absent stays as it is.
    ChangePolicyInput {
        /// Who must approve a post.
        approval: Option<ApprovalPolicy>,
        /// A post that could not start this many minutes after its time waits for a person: 0 to
        /// 43200.
        late_grace_minutes: Option<i32>,
        /// How many posts the account may send within 24 hours: 1 to 1000.
        posts_per_day: Option<i32>,
    }
    /// What `inviteMember` takes.
    InviteMemberInput {
        /// Whom: where the invitation goes.
        email: String,
        /// What they will be. Not more than you are.
        role: Role,
    }
    /// What `acceptInvite` takes.
    AcceptInviteInput {
        /// The secret that `inviteMember` answered once.
        invitation: String,
        /// What you are called.
        name: String,
    }
    /// What `changeRole` takes.
    ChangeRoleInput {
        /// Whose role.
        member: ID,
        /// What they will be.
        role: Role,
    }
    /// What `removeMember` takes.
    RemoveMemberInput {
        /// Whom. Naming yourself leaves the account.
        member: ID,
    }
}

payloads! {
    /// What came of a command to an account.
    AccountPayload(()) {
        /// The account as it stands now.
        account: Account = async |ctx: &Context<'_>, caller: Caller, (): &()| {
            reads::account(desk(ctx)?, &caller).await
        };
    }
    /// What came of a command about a member.
    MemberPayload(MemberId) {
        /// The member as they stand now.
        member: Member = async |ctx: &Context<'_>, caller: Caller, id: &MemberId| {
            let account = reads::account(desk(ctx)?, &caller).await?;
            Ok(account.and_then(|account| account.0.member(*id).cloned()).map(Member))
        };
        /// The account as it stands now.
        account: Account = async |ctx: &Context<'_>, caller: Caller, _: &MemberId| {
            reads::account(desk(ctx)?, &caller).await
        };
    }
    /// What came of an invitation.
    InvitePayload(Invited) {
        /// The invited person.
        member: Member = async |ctx: &Context<'_>, caller: Caller, invited: &Invited| {
            let account = reads::account(desk(ctx)?, &caller).await?;
            Ok(account.and_then(|it| it.0.member(invited.member).cloned()).map(Member))
        };
        /// The secret that accepts the invitation: hand it to the person. It is shown here and now
        /// and never again, so it is `null` when the same request was followed before.
        invitation: String = async |_: &Context<'_>, _: Caller, invited: &Invited| {
            let secret = invited.secret.as_ref().map(|secret| secret.expose_secret().to_owned());
            Ok::<_, crate::schema::fault::Fault>(secret)
        };
    }
}

#[derive(Debug, Default)]
pub(crate) struct AccountMutations;

#[Object]
impl AccountMutations {
    /// Opens an account; whoever asks becomes its owner. Needs a signed-in person, no account.
    async fn open_account(
        &self,
        ctx: &Context<'_>,
        input: OpenAccountInput,
    ) -> Result<AccountPayload> {
        let (visitor, person) = person(ctx)?;
        let account = new_account_id(person, &input.idempotency_key);
        let newcomer = newcomer(account, person, visitor.request);
        let outcome = carry_as(ctx, &newcomer, input, |input| {
            Ok(OpenAccount {
                business: valid(input.business_name, "businessName")?,
                name: valid(input.name, "name")?,
                email: optional(input.email, "email")?,
                zone: match input.zone {
                    Some(zone) => zone.read("zone")?,
                    None => herald_kernel::Zone::utc(),
                },
            })
        });
        Ok(AccountPayload(outcome.await?.seen_in(account).map(|_| ())))
    }

    /// Says what the business sells, to whom and how it speaks. Needs an owner or admin.
    async fn update_business_profile(
        &self,
        ctx: &Context<'_>,
        input: UpdateBusinessProfileInput,
    ) -> Result<AccountPayload> {
        let outcome = carry(ctx, input, |input| {
            let profile = BusinessProfile {
                name: valid(input.name, "name")?,
                sells: valid(input.sells, "sells")?,
                audience: valid(input.audience, "audience")?,
                tone: valid(input.tone, "tone")?,
                goals: each(input.goals.unwrap_or_default(), "goals")?,
                website: optional(input.website, "website")?,
            };
            Ok(UpdateBusinessProfile { profile })
        });
        Ok(AccountPayload(outcome.await?))
    }

    /// Means the account's times in another zone. What is scheduled stays where it is. Needs an owner
    /// or admin.
    async fn change_time_zone(
        &self,
        ctx: &Context<'_>,
        input: ChangeTimeZoneInput,
    ) -> Result<AccountPayload> {
        let outcome =
            carry(ctx, input, |input| Ok(ChangeTimeZone { zone: input.zone.read("zone")? }));
        Ok(AccountPayload(outcome.await?))
    }

    /// Changes who must approve posts, and how late is too late. Posts that would now need an
    /// approval that they do not have are held until they get it. Needs an owner or admin.
    async fn change_policy(
        &self,
        ctx: &Context<'_>,
        input: ChangePolicyInput,
    ) -> Result<AccountPayload> {
        let outcome = carry(ctx, input, |input| {
            let approval = input.approval.map(|approval| approval.stored().parse());
            // What is negative is out of range, whatever the range.
            let count = |number: i32| u32::try_from(number).unwrap_or(u32::MAX);
            Ok(ChangePolicy {
                approval: approval.transpose().map_err(|_| {
                    Failure::invalid("approval", "there is no such approval policy")
                })?,
                late_grace_minutes: input.late_grace_minutes.map(count),
                posts_per_day: input.posts_per_day.map(count),
            })
        });
        Ok(AccountPayload(outcome.await?))
    }

    /// Asks somebody to join. The answer holds a secret for them, once. Needs an owner or admin.
    async fn invite_member(
        &self,
        ctx: &Context<'_>,
        input: InviteMemberInput,
    ) -> Result<InvitePayload> {
        let outcome = carry(ctx, input, |input| {
            let email = valid(input.email, "email")?;
            Ok(InviteMember { email, role: role(input.role)? })
        });
        Ok(InvitePayload(outcome.await?))
    }

    /// Joins the account of an invitation. Needs a signed-in person, no account.
    async fn accept_invite(
        &self,
        ctx: &Context<'_>,
        input: AcceptInviteInput,
    ) -> Result<MemberPayload> {
        let (visitor, person) = person(ctx)?;
        let secret = SecretString::from(input.invitation.as_str());
        let (account, member) = match sign_in::invitation(desk(ctx)?, &secret).await {
            Ok(found) => found,
            Err(failure) => {
                let outcome = Outcome::refused(at(failure, "invitation"))?;
                return Ok(MemberPayload(outcome));
            }
        };
        let newcomer = newcomer(account, person, visitor.request);
        let outcome = carry_as(ctx, &newcomer, input, |input| {
            Ok(AcceptInvite::new(&secret, valid(input.name, "name")?))
        });
        Ok(MemberPayload(outcome.await?.seen_in(account).map(|()| member)))
    }

    /// Makes a member something else. Needs an owner or admin who stands above them.
    async fn change_role(
        &self,
        ctx: &Context<'_>,
        input: ChangeRoleInput,
    ) -> Result<MemberPayload> {
        let outcome = carry_naming(ctx, input, |input| {
            let member = id(&input.member, "member")?;
            Ok((ChangeRole { member, role: role(input.role)? }, member))
        });
        Ok(MemberPayload(outcome.await?.map(|((), member)| member)))
    }

    /// Removes a member or withdraws an invitation; naming oneself, leaves the account.
    async fn remove_member(
        &self,
        ctx: &Context<'_>,
        input: RemoveMemberInput,
    ) -> Result<MemberPayload> {
        let caller = crate::schema::visitor::caller(ctx).await?;
        require(&caller, Action::LeaveAccount)?;
        let member = match id(&input.member, "member") {
            Ok(member) => member,
            Err(failure) => return Ok(MemberPayload(Outcome::refused(failure)?)),
        };
        let outcome = if caller.member() == Some(member) {
            carry(ctx, input, |_| Ok(LeaveAccount {})).await?
        } else {
            carry(ctx, input, |_| Ok(RemoveMember { member })).await?
        };
        Ok(MemberPayload(outcome.map(|()| member)))
    }
}

/// A signed-in person on their way into an account.
fn newcomer(account: AccountId, person: &Person, request: uuid::Uuid) -> Caller {
    Caller {
        account,
        standing: Standing::Person(person.clone()),
        via: Via::Graphql,
        correlation: request,
        causation: format!("request:{request}"),
    }
}

fn role(role: Role) -> Result<herald_account::Role, Failure> {
    let read: Result<_, herald_account::InvalidRole> = role.stored().parse();
    read.map_err(|error| Failure::invalid("role", error.to_string()))
}

/// The same refusal, at a field of the input.
fn at(failure: Failure, field: &str) -> Failure {
    let Failure::Refused { code, message, retryable, .. } = failure else { return failure };
    Failure::Refused { code, message, path: Some(field.to_owned()), retryable }
}
