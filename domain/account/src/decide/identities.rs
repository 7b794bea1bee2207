//! Decisions about as whom members sign in, and what their issuers say about them.

use super::{Decision, life, must_be_open, must_exist, people};
use crate::{
    Account, AccountEvent, AccountRefusal, Email, Identity, MemberState, PersonName, Role,
    UnlinkedBy,
};
use herald_kernel::{IdentityId, Instant, MemberId};

pub(super) fn link(account: &Account, id: MemberId, identity: Identity) -> Decision {
    must_be_open(account)?;
    if people::active(account, id)?.is_known_as(identity.id()) {
        return Ok(Vec::new());
    }
    people::must_be_free(account, &identity)?;
    Ok(vec![AccountEvent::IdentityLinked { member: id, identity }])
}

pub(super) fn unlink(account: &Account, id: MemberId, identity: IdentityId) -> Decision {
    must_be_open(account)?;
    let member = people::active(account, id)?;
    if !member.is_known_as(identity) {
        return Ok(Vec::new());
    }
    if member.identities.len() == 1 {
        return Err(AccountRefusal::LastIdentity);
    }
    let by = UnlinkedBy::Member;
    Ok(vec![AccountEvent::IdentityUnlinked { member: id, identity, by }])
}

/// The issuer no longer knows the person. That is so whatever state the account is in, and whether
/// or not it was the last identity. An account that no owner can reach any more is given up, with
/// the usual time to think better of it; one that is suspended stays in the operator's hands.
pub(super) fn lose(
    account: &Account,
    id: MemberId,
    identity: IdentityId,
    now: Instant,
) -> Decision {
    must_exist(account)?;
    let member = people::known(account, id)?;
    if !member.is_known_as(identity) {
        return Ok(Vec::new());
    }
    let by = UnlinkedBy::Provider;
    let mut events = vec![AccountEvent::IdentityUnlinked { member: id, identity, by }];
    let was_the_last = member.can_sign_in() && member.identities.len() == 1;
    let owned = member.role == Role::Owner && !account.has_owner_beside(id);
    if was_the_last && owned && account.is_open() {
        events.push(life::deletion_scheduled(id, now));
    }
    Ok(events)
}

/// Only what changed is written down. An issuer that says nothing about a value leaves it as it is.
pub(super) fn observe(
    account: &Account,
    id: MemberId,
    name: Option<PersonName>,
    email: Option<Email>,
) -> Decision {
    must_exist(account)?;
    let member = people::known(account, id)?;
    if !member.belongs() {
        return Err(AccountRefusal::MemberNotActive);
    }
    let name = name.filter(|name| member.name() != Some(name));
    let email = email.filter(|email| member.email() != Some(email));
    if name.is_none() && email.is_none() {
        return Ok(Vec::new());
    }
    Ok(vec![AccountEvent::MemberProfileObserved {
        member: id,
        name: name.map(Into::into),
        email: email.map(Into::into),
    }])
}

/// Whoever takes part and can sign in, or may still accept an invitation, is not forgotten.
pub(super) fn forget(account: &Account, id: MemberId, now: Instant) -> Decision {
    must_exist(account)?;
    let member = people::known(account, id)?;
    if member.name.is_none() && member.email.is_none() {
        return Ok(Vec::new());
    }
    match member.state {
        MemberState::Active | MemberState::Resting if member.can_sign_in() => {
            Err(AccountRefusal::MemberStillActive)
        }
        MemberState::Invited { .. } if member.is_invited(now) => {
            Err(AccountRefusal::MemberStillActive)
        }
        MemberState::Active
        | MemberState::Resting
        | MemberState::Invited { .. }
        | MemberState::Removed => Ok(vec![AccountEvent::MemberForgotten { member: id }]),
    }
}
