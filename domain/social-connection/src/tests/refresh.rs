//! Renewing tokens: one at a time, and never losing the last one that works.

use super::*;
use crate::{ConnectionCommand as Command, ConnectionEvent as Event, ConnectionRefusal as No, *};
use herald_kernel::Refusal;

fn intend() -> Command {
    Command::IntendRefresh { fence: 1 }
}

fn failed(n: u32, kind: RefreshFailure) -> Command {
    Command::RecordRefreshFailure { n, kind }
}

fn renewed(n: u32, secret_version: u32) -> Command {
    Command::RecordRefresh { n, tokens: tokens(secret_version, 100) }
}

/// Refresh 1 went out at second 0 and its answer was not seen.
fn lost_once() -> Vec<Event> {
    [refreshing(0), vec![Event::RefreshOutcomeUnknown { n: 1 }]].concat()
}

/// The same, and the old token is being tried once more.
fn trying_again() -> Vec<Event> {
    [lost_once(), vec![refresh_intended(2, 1, 130)]].concat()
}

#[test]
fn a_refresh_is_written_down_before_it_is_asked_for() {
    assert_eq!(when(&given(&connected()), 5, intend()), Ok(vec![refresh_intended(1, 1, 5)]));
    let open = given(&refreshing(5)).open_refresh().expect("a refresh is open");
    assert_eq!((open.n, open.fence, open.secret_version, open.at), (1, 1, 1, t(5)));
}

#[test]
fn a_refresh_without_an_outcome_blocks_the_next_one() {
    let refusal = when(&given(&refreshing(0)), 120, intend()).expect_err("refused");
    assert_eq!(refusal, No::RefreshInProgress);
    assert_eq!((refusal.code(), refusal.retryable()), ("REFRESH_IN_PROGRESS", true));
}

#[test]
fn a_refresh_that_nobody_reported_counts_as_unknown_after_two_minutes() {
    let answer = when(&given(&refreshing(0)), 121, intend());
    let expected = vec![Event::RefreshOutcomeUnknown { n: 1 }, refresh_intended(2, 1, 121)];
    assert_eq!(answer, Ok(expected));
}

#[test]
fn after_the_second_unknown_nothing_is_sent_and_a_person_must_reconnect() {
    let answer = when(&given(&trying_again()), 300, intend());
    let lost = Event::ReauthRequired { reason: ReauthReason::RefreshLost };
    assert_eq!(answer, Ok(vec![Event::RefreshOutcomeUnknown { n: 2 }, lost]));
}

#[test]
fn a_connection_that_was_never_made_has_nothing_to_refresh() {
    let no = No::InvalidState { status: Status::SelectingTarget };
    assert_eq!(when(&given(&exchanged()), 1, intend()), Err(no));
}

#[test]
fn without_a_refresh_token_only_a_person_can_renew() {
    let mut history = connected();
    history[2] =
        stored(TokenOrigin::Consent(1), TokenFacts { has_refresh: false, ..tokens(1, 0) }, 0);
    let refusal = when(&given(&history), 1, intend()).expect_err("refused");
    assert_eq!((refusal.code(), refusal), ("NEEDS_REAUTH", No::NothingToRefresh));
    assert_eq!(given(&history).refresh_due_at(t(1)), None);
}

#[test]
fn a_connection_that_needs_a_person_is_not_refreshed() {
    let required = Event::ReauthRequired { reason: ReauthReason::AuthRejected };
    let connection = given(&[connected(), vec![required]].concat());
    let no = No::InvalidState { status: Status::NeedsReauth };
    assert_eq!(when(&connection, 1, intend()), Err(no));
}

#[test]
fn new_tokens_replace_the_old_ones() {
    let answer = when(&given(&refreshing(0)), 100, renewed(1, 2));
    assert_eq!(answer, Ok(vec![stored(TokenOrigin::Refresh(1), tokens(2, 100), 100)]));
    let connection = after(&given(&refreshing(0)), 100, renewed(1, 2));
    assert_eq!((connection.secret_version(), connection.open_refresh()), (Some(2), None));
    assert_eq!(when(&connection, 101, renewed(1, 2)), Ok(vec![]));
}

#[test]
fn an_absent_refresh_token_does_not_overwrite_the_stored_one() {
    let tokens = TokenFacts { has_refresh: false, ..tokens(2, 100) };
    let command = Command::RecordRefresh { n: 1, tokens };
    let connection = after(&given(&refreshing(0)), 100, command);
    assert_eq!(when(&connection, 200, intend()), Ok(vec![refresh_intended(2, 2, 200)]));
}

#[test]
fn tokens_of_a_refresh_that_nobody_asked_for_are_refused() {
    assert_eq!(when(&given(&connected()), 1, renewed(1, 2)), Err(No::RefreshNotAwaited));
}

#[test]
fn a_passing_failure_degrades_the_connection_and_success_restores_it() {
    let transient = RefreshFailure::Transient { cause: Trouble::RateLimited };
    let connection = after(&given(&refreshing(0)), 1, failed(1, transient.clone()));
    assert_eq!(connection.status(), Status::Degraded);
    assert_eq!(connection.trouble(), Some(Trouble::RateLimited));
    let connection = after(&connection, 2, intend());
    let again = when(&connection, 3, failed(2, transient));
    let cause = Trouble::RateLimited;
    assert_eq!(again, Ok(vec![Event::RefreshFailedTransient { n: 2, cause }]));
    assert_eq!(after(&connection, 100, renewed(2, 2)).status(), Status::Active);
}

#[test]
fn a_rejected_refresh_token_needs_a_person() {
    let answer = when(&given(&refreshing(0)), 1, failed(1, rejected()));
    let expected = vec![
        Event::RefreshRejected { n: 1, code: ProviderCode::new("invalid_grant") },
        Event::ReauthRequired { reason: ReauthReason::RefreshRejected },
    ];
    assert_eq!(answer, Ok(expected));
}

#[test]
fn after_one_lost_answer_the_old_token_is_tried_once_more() {
    let connection = after(&given(&refreshing(0)), 1, failed(1, RefreshFailure::Unknown));
    assert_eq!(connection, given(&lost_once()));
    assert_eq!(connection.status(), Status::Active);
    assert_eq!(when(&connection, 130, intend()), Ok(vec![refresh_intended(2, 1, 130)]));
}

#[test]
fn a_rejection_or_a_second_lost_answer_after_it_means_the_refresh_is_lost() {
    let connection = given(&trying_again());
    for kind in [rejected(), RefreshFailure::Unknown] {
        let next = after(&connection, 131, failed(2, kind));
        assert_eq!(next.reauth_reason(), Some(ReauthReason::RefreshLost));
        assert_eq!(next.status(), Status::NeedsReauth);
    }
}

#[test]
fn the_old_token_working_after_all_ends_the_doubt() {
    let connection = after(&given(&trying_again()), 131, renewed(2, 2));
    let connection = after(&connection, 132, intend());
    let connection = after(&connection, 133, failed(3, RefreshFailure::Unknown));
    assert_eq!(connection.status(), Status::Active, "this is a first unknown again");
}

#[test]
fn a_lost_successor_that_turns_up_is_always_taken() {
    let lost = Event::ReauthRequired { reason: ReauthReason::RefreshLost };
    let connection = given(&[lost_once(), vec![lost]].concat());
    let connection = after(&connection, 100, renewed(1, 2));
    assert_eq!((connection.status(), connection.secret_version()), (Status::Active, Some(2)));
}

#[test]
fn a_rejection_of_a_token_that_has_a_successor_meanwhile_changes_nothing_for_people() {
    let connection = after(&given(&trying_again()), 131, renewed(1, 2));
    assert_eq!(connection.open_refresh().map(|open| open.n), Some(2));
    let connection = after(&connection, 132, failed(2, rejected()));
    assert_eq!((connection.status(), connection.open_refresh()), (Status::Active, None));
}

#[test]
fn a_failure_of_a_refresh_that_nobody_waits_for_is_refused_and_a_known_unknown_is_not() {
    let connection = given(&lost_once());
    assert_eq!(when(&connection, 2, failed(1, RefreshFailure::Unknown)), Ok(vec![]));
    assert_eq!(when(&connection, 2, failed(1, rejected())), Err(No::RefreshNotAwaited));
    assert_eq!(when(&connection, 2, failed(9, rejected())), Err(No::RefreshNotAwaited));
}

#[test]
fn a_paused_connection_still_renews_its_tokens() {
    let paused = Event::Paused { reason: PauseReason::User, by: None };
    let connection = given(&[connected(), vec![paused]].concat());
    assert!(when(&connection, 5, intend()).is_ok());
}

#[test]
fn tokens_are_renewed_fifteen_minutes_ahead_and_long_lived_ones_by_a_tenth_of_their_life() {
    let connection = given(&connected());
    assert_eq!(connection.refresh_due_at(t(0)), Some(t(7200 - 900)));
    assert_eq!(connection.refresh_due_at(t(7000)), Some(t(7000)));
    let day = TokenFacts { access_expires_at: t(86_400), ..tokens(2, 0) };
    let long = given(&[refreshing(0), vec![stored(TokenOrigin::Refresh(1), day, 0)]].concat());
    assert_eq!(long.refresh_due_at(t(0)), Some(t(86_400 - 8_640)));
}

#[test]
fn a_token_of_ten_minutes_is_not_renewed_without_end() {
    let brief = TokenFacts { access_expires_at: t(600), ..tokens(2, 0) };
    let short = given(&[refreshing(0), vec![stored(TokenOrigin::Refresh(1), brief, 0)]].concat());
    assert_eq!(short.refresh_due_at(t(0)), Some(t(300)));
}

#[test]
fn while_a_refresh_is_open_the_next_is_due_when_its_lease_ends() {
    assert_eq!(given(&refreshing(10)).refresh_due_at(t(11)), Some(t(130)));
}
