//! Decisions about who takes part and as what.

use super::{Decision, must_be_open};
use crate::{
    Acceptance, Account, AccountEvent, AccountRefusal, Action, Context, Email, Identity,
    Invitation, Member, MemberState, Role,
};
use herald_kernel::{Instant, MemberId};
use herald_terms::Quota;

/// The active member who asks, if the role allows the action.
pub(super) fn actor(
    account: &Account,
    by: MemberId,
    action: Action,
) -> Result<&Member, AccountRefusal> {
    account
        .member(by)
        .filter(|member| member.is_active() && member.role.may(action))
        .ok_or(AccountRefusal::ActorNotAllowed)
}

pub(super) fn known(account: &Account, id: MemberId) -> Result<&Member, AccountRefusal> {
    account.member(id).ok_or(AccountRefusal::MemberUnknown)
}

pub(super) fn active(account: &Account, id: MemberId) -> Result<&Member, AccountRefusal> {
    let member = known(account, id)?;
    if member.is_active() { Ok(member) } else { Err(AccountRefusal::MemberNotActive) }
}

fn must_stand_above(actor: &Member, member: &Member) -> Result<(), AccountRefusal> {
    if actor.role.stands_above(member.role) {
        Ok(())
    } else {
        Err(AccountRefusal::OutrankedBy { role: member.role })
    }
}

fn must_be_able_to_grant(actor: &Member, role: Role) -> Result<(), AccountRefusal> {
    if actor.role.may_grant(role) { Ok(()) } else { Err(AccountRefusal::RoleAboveOwn { role }) }
}

/// Refuses when taking `member`'s role away would leave the account without an owner who can sign
/// in: one whose issuer no longer knows them is no help.
fn must_leave_an_owner(account: &Account, member: &Member) -> Result<(), AccountRefusal> {
    let owns = member.is_active() && member.role == Role::Owner;
    if owns && !account.has_owner_beside(member.id) {
        Err(AccountRefusal::LastOwner)
    } else {
        Ok(())
    }
}

fn must_have_a_seat(seats: Quota, taken: usize) -> Result<(), AccountRefusal> {
    let used = u32::try_from(taken).unwrap_or(u32::MAX);
    match seats {
        Quota::Limited(limit) if !seats.allows(used) => {
            Err(AccountRefusal::SeatsTaken { limit, used })
        }
        Quota::Limited(_) | Quota::Unlimited => Ok(()),
    }
}

/// An open invitation holds a seat; one that has expired gives it back.
pub(super) fn invite(account: &Account, invitation: Invitation, context: &Context) -> Decision {
    must_be_open(account)?;
    let Invitation { member, email, role, by, expires_at } = invitation;
    let actor = actor(account, by, Action::InviteMember)?;
    must_be_able_to_grant(actor, role)?;
    if expires_at <= context.now {
        return Err(AccountRefusal::ExpiryInThePast);
    }
    if let Some(former) = account.member(member)
        && is_already_invited(former, &email, role, context.now)?
    {
        return Ok(Vec::new());
    }
    let takes_part = |other: &&Member| other.is_active() || other.is_invited(context.now);
    let same = |other: &Member| other.email().is_some_and(|theirs| theirs.same_mailbox(&email));
    if account.members().filter(|it| takes_part(it) || it.rests()).any(same) {
        return Err(AccountRefusal::EmailTaken);
    }
    must_have_a_seat(context.entitlements.seats, account.members().filter(takes_part).count())?;
    Ok(vec![AccountEvent::MemberInvited { member, email: email.into(), role, by, expires_at }])
}

/// The same invitation again is already so while it is open; once expired it may be renewed.
fn is_already_invited(
    former: &Member,
    email: &Email,
    role: Role,
    now: Instant,
) -> Result<bool, AccountRefusal> {
    let same = former.email() == Some(email) && former.role == role;
    match former.state {
        MemberState::Invited { .. } if same => Ok(former.is_invited(now)),
        MemberState::Invited { .. }
        | MemberState::Active
        | MemberState::Resting
        | MemberState::Removed => Err(AccountRefusal::InviteNotOpen),
    }
}

pub(super) fn accept_invite(
    account: &Account,
    acceptance: Acceptance,
    context: &Context,
) -> Decision {
    must_be_open(account)?;
    let Acceptance { member: id, identity, name } = acceptance;
    let member = known(account, id)?;
    match member.state {
        MemberState::Active if member.is_known_as(identity.id()) => return Ok(Vec::new()),
        MemberState::Active | MemberState::Resting | MemberState::Removed => {
            return Err(AccountRefusal::InviteNotOpen);
        }
        MemberState::Invited { .. } if !member.is_invited(context.now) => {
            return Err(AccountRefusal::InviteExpired);
        }
        MemberState::Invited { .. } => {}
    }
    must_be_free(account, &identity)?;
    // Its own seat was held since the invitation, but the tier may have shrunk in between.
    must_have_a_seat(context.entitlements.seats, account.active_members().count())?;
    Ok(vec![AccountEvent::InviteAccepted { member: id, identity, name: name.into() }])
}

pub(super) fn change_role(account: &Account, id: MemberId, role: Role, by: MemberId) -> Decision {
    must_be_open(account)?;
    let actor = actor(account, by, Action::ChangeRole)?;
    let member = active(account, id)?;
    if member.role == role {
        return Ok(Vec::new());
    }
    must_be_able_to_grant(actor, role)?;
    // Stepping down is everybody's own affair.
    if id != by {
        must_stand_above(actor, member)?;
    }
    must_leave_an_owner(account, member)?;
    Ok(vec![AccountEvent::RoleChanged { member: id, role, by }])
}

pub(super) fn remove(account: &Account, id: MemberId, by: MemberId) -> Decision {
    must_be_open(account)?;
    let leaves = id == by;
    let action = if leaves { Action::LeaveAccount } else { Action::RemoveMember };
    let actor = actor(account, by, action)?;
    let member = known(account, id)?;
    if member.state == MemberState::Removed {
        return Ok(Vec::new());
    }
    if !leaves {
        must_stand_above(actor, member)?;
    }
    must_leave_an_owner(account, member)?;
    Ok(vec![AccountEvent::MemberRemoved { member: id, by }])
}

pub(super) fn must_be_free(account: &Account, identity: &Identity) -> Result<(), AccountRefusal> {
    match account.member_by_identity(identity.id()) {
        Some(_) => Err(AccountRefusal::IdentityTaken),
        None => Ok(()),
    }
}
