//! Decisions about the account as a whole: opened, suspended, deleted.

use super::{Decision, must_be_open, people};
use crate::state::Stage;
use crate::{
    Account, AccountEvent, AccountRefusal, Action, OnboardingStep, Opening, Role, SuspensionReason,
};
use herald_kernel::{Instant, MemberId};
use std::time::Duration;

/// How long one can think better of deleting an account.
const REFLECTION: Duration = Duration::from_secs(14 * 24 * 3_600);

pub(super) fn open(account: &Account, opening: Opening) -> Decision {
    match account.stage {
        Stage::Absent => {}
        Stage::Deleted => return Err(AccountRefusal::AccountDeleted),
        Stage::Active | Stage::Suspended { .. } | Stage::DeletionScheduled { .. } => {
            return already_opened(account, &opening);
        }
    }
    Ok(vec![
        AccountEvent::Opened {
            account: opening.account,
            business: opening.business.into(),
            zone: opening.zone,
        },
        AccountEvent::MemberAdded {
            member: opening.owner,
            role: Role::Owner,
            identity: opening.identity,
            name: opening.name.into(),
            email: opening.email.map(Into::into),
        },
        AccountEvent::OnboardingAdvanced { step: OnboardingStep::Started },
    ])
}

/// The same person asking again for the same account is no contradiction.
fn already_opened(account: &Account, opening: &Opening) -> Decision {
    let same_account = account.id() == Some(opening.account);
    let same_owner = account
        .member(opening.owner)
        .is_some_and(|owner| owner.is_active() && owner.is_known_as(opening.identity.id()));
    if same_account && same_owner { Ok(Vec::new()) } else { Err(AccountRefusal::AlreadyOpen) }
}

pub(super) fn suspend(account: &Account, reason: SuspensionReason) -> Decision {
    if account.suspension() == Some(reason) {
        return Ok(Vec::new());
    }
    must_be_open(account)?;
    Ok(vec![AccountEvent::Suspended { reason }])
}

pub(super) fn reinstate(account: &Account) -> Decision {
    if account.is_suspended() {
        return Ok(vec![AccountEvent::Reinstated]);
    }
    must_be_open(account)?;
    Ok(Vec::new())
}

pub(super) fn schedule_deletion(account: &Account, by: MemberId, now: Instant) -> Decision {
    if account.deletion_due_at().is_none() {
        must_be_open(account)?;
    }
    people::actor(account, by, Action::ScheduleDeletion)?;
    if account.deletion_due_at().is_some() {
        return Ok(Vec::new());
    }
    Ok(vec![deletion_scheduled(by, now)])
}

pub(super) fn deletion_scheduled(by: MemberId, now: Instant) -> AccountEvent {
    AccountEvent::DeletionScheduled { by, due_at: now.plus(REFLECTION) }
}

pub(super) fn cancel_deletion(account: &Account) -> Decision {
    if account.deletion_due_at().is_some() {
        return Ok(vec![AccountEvent::DeletionCanceled]);
    }
    must_be_open(account)?;
    Ok(Vec::new())
}

pub(super) fn complete_deletion(account: &Account, now: Instant) -> Decision {
    match account.stage {
        Stage::Deleted => Ok(Vec::new()),
        Stage::DeletionScheduled { due_at } if due_at <= now => Ok(vec![AccountEvent::Deleted]),
        Stage::DeletionScheduled { .. } => Err(AccountRefusal::DeletionNotDue),
        Stage::Absent => Err(AccountRefusal::NotOpened),
        Stage::Active | Stage::Suspended { .. } => Err(AccountRefusal::DeletionNotScheduled),
    }
}
