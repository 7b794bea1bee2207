//! Getting a person's consent, once, from the person who was asked.

use super::*;
use crate::{ConnectionCommand as Command, ConnectionEvent as Event, ConnectionRefusal as No, *};
use herald_kernel::{Decider, Refusal};
use herald_terms::{Entitlements, Quota};

fn consent(attempt: u32) -> Command {
    Command::ReceiveConsent { attempt, by: ada() }
}

fn denial(by: herald_kernel::MemberId) -> Command {
    Command::ReceiveDenial { attempt: 1, by, reason: ProviderCode::new("access_denied") }
}

#[test]
fn to_connect_a_person_is_asked_for_consent() {
    assert_eq!(when(&given(&[]), 0, begin()), Ok(asked()));
    let connection = given(&asked());
    assert_eq!(connection.status(), Status::AwaitingConsent);
    assert_eq!((connection.account(), connection.network()), (Some(account()), Some(Network::X)));
    let pending = connection.pending_consent().expect("a consent is awaited");
    assert_eq!((pending.attempt, pending.by, pending.expires_at), (1, ada(), t(600)));
}

#[test]
fn a_connection_begins_once() {
    assert_eq!(when(&given(&asked()), 0, begin()), Err(No::AlreadyBegun));
}

#[test]
fn what_does_not_exist_answers_not_found() {
    let refusal = when(&given(&[]), 0, Command::Disconnect { by: None }).expect_err("refused");
    assert_eq!((refusal.code(), refusal), ("NOT_FOUND", No::NotFound));
}

#[test]
fn a_consent_that_would_have_expired_already_is_not_asked_for() {
    assert_eq!(when(&given(&[]), 600, begin()), Err(No::ConsentExpired));
}

#[test]
fn the_free_tier_has_no_seat_for_a_second_connection() {
    let context = Context {
        entitlements: Entitlements::free(),
        live_connections: 1,
        live_networks: [Network::X].into(),
        ..Context::unlimited(t(0))
    };
    let refusal = given(&[]).decide(begin(), &context).expect_err("refused");
    assert_eq!(refusal, No::ConnectionLimit { limit: Quota::Limited(1) });
    assert_eq!(refusal.code(), "LIMIT_REACHED");
}

#[test]
fn a_network_beyond_the_tier_is_refused_and_one_that_is_live_already_is_not() {
    let entitlements = Entitlements { networks: Quota::Limited(0), ..Entitlements::embedded() };
    let none_live = Context { entitlements, ..Context::unlimited(t(0)) };
    let refusal = given(&[]).decide(begin(), &none_live).expect_err("refused");
    assert_eq!(refusal, No::NetworkLimit { limit: Quota::Limited(0) });
    let x_live = Context { live_networks: [Network::X].into(), ..none_live };
    assert_eq!(given(&[]).decide(begin(), &x_live), Ok(asked()));
}

#[test]
fn a_consent_in_time_by_the_person_who_was_asked_leads_to_the_exchange() {
    let answer = when(&given(&asked()), 599, consent(1));
    assert_eq!(answer, Ok(vec![Event::TokenExchangeIntended { attempt: 1 }]));
}

#[test]
fn a_late_consent_is_refused() {
    assert_eq!(when(&given(&asked()), 600, consent(1)), Err(No::ConsentExpired));
}

#[test]
fn a_consent_brought_by_another_member_is_refused() {
    let command = Command::ReceiveConsent { attempt: 1, by: bob() };
    assert_eq!(when(&given(&asked()), 1, command), Err(No::ConsentOfAnother));
    assert_eq!(when(&given(&asked()), 1, denial(bob())), Err(No::ConsentOfAnother));
}

#[test]
fn a_consent_is_taken_once() {
    assert_eq!(when(&given(&exchanging()), 1, consent(1)), Err(No::ConsentNotAwaited));
}

#[test]
fn the_consent_of_an_earlier_attempt_is_refused() {
    let connection = given(&[consent_requested(1), consent_requested(2)]);
    assert_eq!(when(&connection, 1, consent(1)), Err(No::ConsentNotAwaited));
    assert!(when(&connection, 1, consent(2)).is_ok());
}

#[test]
fn a_denial_ends_the_attempt_and_says_so_once() {
    let connection = after(&given(&asked()), 1, denial(ada()));
    assert_eq!(connection.consent().map(|c| c.phase), Some(ConsentPhase::Denied));
    assert_eq!(connection.pending_consent(), None);
    assert_eq!(when(&connection, 2, denial(ada())), Ok(vec![]));
    assert_eq!(when(&connection, 2, consent(1)), Err(No::ConsentNotAwaited));
}

#[test]
fn exchanged_tokens_wait_for_their_owner_to_be_known() {
    let command = Command::RecordTokens { attempt: 1, tokens: tokens(1, 0) };
    let connection = given(&exchanging());
    let answer = when(&connection, 0, command.clone());
    assert_eq!(answer, Ok(vec![stored(TokenOrigin::Consent(1), tokens(1, 0), 0)]));
    let connection = after(&connection, 0, command.clone());
    assert_eq!(connection.status(), Status::SelectingTarget);
    assert_eq!((connection.candidate_version(), connection.secret_version()), (Some(1), None));
    assert_eq!(when(&connection, 0, command), Ok(vec![]));
    let others = Command::RecordTokens { attempt: 1, tokens: tokens(2, 0) };
    assert_eq!(when(&connection, 0, others), Err(No::ConsentNotAwaited));
}

#[test]
fn tokens_that_nobody_asked_for_are_refused() {
    let command = Command::RecordTokens { attempt: 1, tokens: tokens(1, 0) };
    assert_eq!(when(&given(&asked()), 0, command), Err(No::ConsentNotAwaited));
}

#[test]
fn a_lost_answer_to_the_exchange_asks_to_connect_again() {
    let lost = Command::RecordExchangeFailure { attempt: 1, kind: ExchangeFailure::Unknown };
    let connection = given(&exchanging());
    let answer = when(&connection, 1, lost.clone());
    assert_eq!(answer, Ok(vec![Event::TokenExchangeUnknown { attempt: 1 }]));
    let connection = after(&connection, 1, lost.clone());
    assert_eq!(connection.status(), Status::AwaitingConsent);
    assert_eq!(when(&connection, 2, lost), Ok(vec![]));
    let again = Command::BeginReauth { by: ada(), expires_at: t(600) };
    assert_eq!(when(&connection, 2, again), Ok(vec![consent_requested(2)]));
}

#[test]
fn tokens_that_turn_up_after_a_lost_answer_are_taken() {
    let connection =
        given(&[exchanging(), vec![Event::TokenExchangeUnknown { attempt: 1 }]].concat());
    let command = Command::RecordTokens { attempt: 1, tokens: tokens(1, 5) };
    assert_eq!(after(&connection, 5, command).status(), Status::SelectingTarget);
}

#[test]
fn a_refused_exchange_keeps_the_networks_word_and_is_recorded_once() {
    let kind = ExchangeFailure::Refused { code: ProviderCode::new("invalid_request") };
    let command = Command::RecordExchangeFailure { attempt: 1, kind: kind.clone() };
    let connection = given(&exchanging());
    let answer = when(&connection, 1, command.clone());
    assert_eq!(answer, Ok(vec![Event::TokenExchangeFailed { attempt: 1, failure: kind }]));
    let connection = after(&connection, 1, command.clone());
    assert_eq!(when(&connection, 1, command), Ok(vec![]));
}

#[test]
fn tokens_whose_owner_cannot_be_looked_up_are_given_up() {
    let command = Command::RecordExchangeFailure { attempt: 1, kind: ExchangeFailure::NotSent };
    let connection = after(&given(&exchanged()), 1, command);
    assert_eq!(connection.status(), Status::AwaitingConsent);
    assert_eq!(connection.candidate_version(), None);
}

#[test]
fn a_connection_is_made_for_the_owner_of_its_tokens() {
    let connection = after(&given(&exchanged()), 1, establish("42"));
    assert_eq!(connection, given(&connected()));
    assert_eq!(connection.status(), Status::Active);
    assert_eq!(connection.provider_account_id().map(ToString::to_string), Some("42".to_owned()));
    assert_eq!(connection.text_limit(), Some(TextLimit(280)));
    assert_eq!((connection.secret_version(), connection.candidate_version()), (Some(1), None));
    assert!(connection.handle().and_then(|handle| handle.known()).is_some());
    assert!(connection.display_name().and_then(|name| name.known()).is_some());
    assert_eq!(when(&connection, 2, establish("42")), Ok(vec![]));
}

#[test]
fn a_connection_is_not_made_before_its_tokens_are_there() {
    assert_eq!(when(&given(&exchanging()), 1, establish("42")), Err(No::ConsentNotAwaited));
}

#[test]
fn only_a_connection_that_was_never_made_needs_a_seat_to_try_again() {
    let full = Context {
        entitlements: Entitlements::free(),
        live_connections: 1,
        ..Context::unlimited(t(0))
    };
    let again = Command::BeginReauth { by: bob(), expires_at: t(600) };
    let refusal = given(&asked()).decide(again.clone(), &full);
    assert_eq!(refusal, Err(No::ConnectionLimit { limit: Quota::Limited(1) }));
    assert!(given(&connected()).decide(again, &full).is_ok());
}

fn reconsented() -> Vec<Event> {
    let intended = Event::TokenExchangeIntended { attempt: 2 };
    let new = stored(TokenOrigin::Consent(2), tokens(2, 10), 10);
    [connected(), vec![consent_requested(2), intended, new]].concat()
}

#[test]
fn a_working_connection_keeps_working_on_its_old_tokens_until_it_is_renewed() {
    let connection = given(&reconsented());
    assert_eq!(connection.status(), Status::Active);
    assert_eq!((connection.secret_version(), connection.candidate_version()), (Some(1), Some(2)));
    let renewed = after(&connection, 11, establish("42"));
    assert_eq!((renewed.secret_version(), renewed.candidate_version()), (Some(2), None));
    assert_eq!(renewed.attempt(), 2);
}

#[test]
fn a_connection_is_never_renewed_for_another_account_of_the_network() {
    let refusal = when(&given(&reconsented()), 11, establish("43")).expect_err("refused");
    assert_eq!((refusal.code(), refusal), ("IDENTITY_MISMATCH", No::IdentityMismatch));
}

#[test]
fn a_renewal_ends_the_need_to_reconnect_and_a_block() {
    let broken = vec![
        Event::ReauthRequired { reason: ReauthReason::RefreshLost },
        Event::Blocked { reason: BlockReason::Banned },
    ];
    let connection = given(&[reconsented(), broken].concat());
    assert_eq!(connection.status(), Status::Blocked);
    assert_eq!(after(&connection, 11, establish("42")).status(), Status::Active);
}
