//! Decisions about what the business is and how it wants to publish.

use super::{Decision, must_be_open, must_exist, people};
use crate::{
    Account, AccountEvent, AccountRefusal, BusinessProfile, GOALS_AT_MOST, OnboardingStep, OptOuts,
};
use herald_kernel::{MemberId, Zone};
use herald_terms::Policy;

/// Describing the business is also a step of the onboarding.
pub(super) fn update_profile(account: &Account, profile: BusinessProfile) -> Decision {
    must_be_open(account)?;
    if profile.goals.len() > GOALS_AT_MOST {
        return Err(AccountRefusal::TooManyGoals);
    }
    if account.profile() == Some(&profile) {
        return Ok(Vec::new());
    }
    let mut events = vec![AccountEvent::BusinessProfileUpdated { profile: profile.into() }];
    events.extend(steps_after(account, OnboardingStep::BusinessDescribed));
    Ok(events)
}

pub(super) fn change_zone(account: &Account, zone: Zone) -> Decision {
    must_be_open(account)?;
    if account.zone() == Some(&zone) {
        return Ok(Vec::new());
    }
    Ok(vec![AccountEvent::TimeZoneChanged { zone }])
}

pub(super) fn change_policy(account: &Account, policy: Policy) -> Decision {
    must_be_open(account)?;
    policy.check()?;
    if *account.policy() == policy {
        return Ok(Vec::new());
    }
    Ok(vec![AccountEvent::PolicyChanged { policy }])
}

/// Who wants no more mail may say so however the account stands.
pub(super) fn change_notices(account: &Account, id: MemberId, opt_outs: OptOuts) -> Decision {
    must_exist(account)?;
    if people::active(account, id)?.opt_outs == opt_outs {
        return Ok(Vec::new());
    }
    Ok(vec![AccountEvent::NoticesChanged { member: id, opt_outs }])
}

/// Steps are reported by processes after the fact, so a suspension in between does not undo them.
pub(super) fn record_onboarding(account: &Account, step: OnboardingStep) -> Decision {
    must_exist(account)?;
    let completed = account.onboarding().contains(&OnboardingStep::Completed);
    if step == OnboardingStep::Completed && !completed {
        return Err(AccountRefusal::OnboardingIncomplete);
    }
    Ok(steps_after(account, step))
}

/// `step`, unless it was taken already, and the completion when it was the last one missing.
fn steps_after(account: &Account, step: OnboardingStep) -> Vec<AccountEvent> {
    if account.onboarding().contains(&step) {
        return Vec::new();
    }
    let taken = |other| {
        other == step || other == OnboardingStep::Completed || account.onboarding().contains(&other)
    };
    let mut steps = vec![step];
    if OnboardingStep::ALL.into_iter().all(taken) {
        steps.push(OnboardingStep::Completed);
    }
    steps.into_iter().map(|step| AccountEvent::OnboardingAdvanced { step }).collect()
}
