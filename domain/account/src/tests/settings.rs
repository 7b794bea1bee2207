//! A business describes itself, sets its rules, and comes along step by step.

use super::*;
use crate::{GOALS_AT_MOST, SuspensionReason};
use herald_kernel::{Personal, Refusal as _};
use herald_terms::{ApprovalPolicy, Policy, PolicyOutOfRange};

fn advanced(step: OnboardingStep) -> AccountEvent {
    AccountEvent::OnboardingAdvanced { step }
}

fn updated() -> AccountEvent {
    AccountEvent::BusinessProfileUpdated { profile: profile().into() }
}

#[test]
fn describing_the_business_is_a_step_of_the_onboarding() {
    let describe = AccountCommand::UpdateBusinessProfile { profile: profile() };
    let events = given_open().when(describe.clone());
    assert_eq!(events, Ok(vec![updated(), advanced(OnboardingStep::BusinessDescribed)]));
    let described = given_open().and(events.expect("followed"));
    assert_eq!(described.when(describe), Ok(vec![]));
    assert_eq!(described.state().profile(), Some(&profile()));
    assert_eq!(described.state().name().map(Text::as_str), Some("Engines & Sons"));
}

#[test]
fn describing_the_business_differently_is_no_second_step() {
    let described = given_open().and([updated(), advanced(OnboardingStep::BusinessDescribed)]);
    let other = BusinessProfile { tone: text("cheerful"), ..profile() };
    let events = described.when(AccountCommand::UpdateBusinessProfile { profile: other.clone() });
    let expected = AccountEvent::BusinessProfileUpdated { profile: other.into() };
    assert_eq!(events, Ok(vec![expected]));
}

#[test]
fn nobody_pursues_more_than_ten_goals() {
    let with_goals = |count| {
        let profile = BusinessProfile { goals: vec![text("one more"); count], ..profile() };
        given_open().when(AccountCommand::UpdateBusinessProfile { profile })
    };
    assert!(with_goals(GOALS_AT_MOST).is_ok());
    let refusal = with_goals(GOALS_AT_MOST + 1).expect_err("too many goals");
    assert_eq!((refusal.code(), refusal.field()), ("VALIDATION", Some("goals")));
}

#[test]
fn a_profile_whose_key_was_destroyed_is_gone_and_can_be_written_anew() {
    let forgotten = AccountEvent::BusinessProfileUpdated { profile: Personal::Forgotten };
    let account = given_open().and([advanced(OnboardingStep::BusinessDescribed), forgotten]);
    assert_eq!(account.state().profile(), None);
    let events = account.when(AccountCommand::UpdateBusinessProfile { profile: profile() });
    assert_eq!(events, Ok(vec![updated()]));
}

#[test]
fn an_account_can_move_to_another_time_zone() {
    let move_to = |zone: Zone| AccountCommand::ChangeTimeZone { zone };
    let changed = AccountEvent::TimeZoneChanged { zone: Zone::utc() };
    assert_eq!(given_open().when(move_to(Zone::utc())), Ok(vec![changed.clone()]));
    assert_eq!(given_open().when(move_to(zone("Europe/Berlin"))), Ok(vec![]));
    assert_eq!(given_open().and([changed]).state().zone(), Some(&Zone::utc()));
}

#[test]
fn an_account_sets_the_rules_for_its_posts() {
    let policy = Policy { approval: ApprovalPolicy::FourEyes, ..Policy::default() };
    let change = AccountCommand::ChangePolicy { policy: policy.clone() };
    let changed = AccountEvent::PolicyChanged { policy: policy.clone() };
    assert_eq!(given_open().state().policy(), &Policy::default());
    assert_eq!(given_open().when(change.clone()), Ok(vec![changed.clone()]));
    let strict = given_open().and([changed]);
    assert_eq!((strict.state().policy(), strict.when(change)), (&policy, Ok(vec![])));
}

#[test]
fn a_policy_that_makes_no_sense_names_the_number_at_fault() {
    let policy = Policy { posts_per_day: 0, ..Policy::default() };
    let refusal =
        given_open().when(AccountCommand::ChangePolicy { policy }).expect_err("no posts at all");
    assert_eq!(refusal, AccountRefusal::PolicyOutOfRange(PolicyOutOfRange::PostsPerDay));
    assert_eq!((refusal.code(), refusal.field()), ("VALIDATION", Some("policy.postsPerDay")));
}

#[test]
fn the_last_missing_step_completes_the_onboarding_in_any_order() {
    let nearly = given_open()
        .and([advanced(OnboardingStep::FirstPlan), advanced(OnboardingStep::FirstConnection)]);
    let events = nearly.when(AccountCommand::UpdateBusinessProfile { profile: profile() });
    let expected = vec![
        updated(),
        advanced(OnboardingStep::BusinessDescribed),
        advanced(OnboardingStep::Completed),
    ];
    assert_eq!(events, Ok(expected.clone()));
    let done = nearly.and(expected);
    for step in OnboardingStep::ALL {
        assert!(done.state().onboarding().contains(&step));
        assert_eq!(done.when(AccountCommand::RecordOnboarding { step }), Ok(vec![]));
    }
}

#[test]
fn saying_that_the_onboarding_is_completed_does_not_complete_it() {
    let step = OnboardingStep::Completed;
    let refusal = given_open().when(AccountCommand::RecordOnboarding { step });
    assert_eq!(refusal, Err(AccountRefusal::OnboardingIncomplete));
}

#[test]
fn a_step_that_was_taken_is_noted_even_while_the_account_is_suspended() {
    let reason = SuspensionReason::Admin;
    let stopped = given_open().and([AccountEvent::Suspended { reason }]);
    let step = OnboardingStep::FirstConnection;
    let events = stopped.when(AccountCommand::RecordOnboarding { step });
    assert_eq!(events, Ok(vec![advanced(step)]));
}
