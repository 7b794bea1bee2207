//! How tokens are obtained, kept and renewed, and what becomes of them at the end.

use super::{TokenSets, access_token, load, not_taken};
use crate::{
    caller::Caller,
    commands::connection::{BeginConnection, Disconnect, IntendRefresh, Reconnect},
    failure::Failure,
    jobs::{JobFailure, Next},
    ports::{ExchangeFailure, JobKind, RefreshFailure},
    testing::{
        World, job_caller,
        network::{owner, tokens, tokens_until},
        start,
    },
};
use herald_kernel::{ConnectionId, Network};
use herald_social_connection::TokenOrigin;
use secrecy::{ExposeSecret as _, SecretString};
use std::time::Duration;

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3_600);

async fn token(world: &World, owner: &Caller, id: ConnectionId) -> Result<String, Failure> {
    let token: Result<SecretString, _> =
        access_token(&world.desk, &job_caller(owner.account), id).await;
    token.map(|token| token.expose_secret().to_owned())
}

async fn connected() -> (World, Caller, ConnectionId) {
    // A storage that does not answer is asked again at once.
    let world = World::with(|settings| settings.waits.retry = Duration::ZERO).await;
    let owner = world.open_account("Ada").await;
    let connection = world.connect(&owner).await;
    (world, owner, connection)
}

/// The connection's events after the one of this name.
fn since(world: &World, connection: ConnectionId, name: &str) -> Vec<String> {
    let history = world.memory.history(connection.uuid());
    let at = history.iter().rposition(|event| event == name).expect("it happened");
    history[at + 1..].to_vec()
}

/// So late that the token is renewed before it is used.
fn almost_expired(world: &World) {
    world.pass(Duration::from_secs(2 * 3_600 - 30));
}

#[tokio::test]
async fn tokens_that_come_after_the_end_are_given_back_and_not_kept() {
    let (world, owner, connection) = connected().await;
    almost_expired(&world);
    let job = job_caller(owner.account);
    let intend = IntendRefresh { connection, fence: 0 };
    let open = world.run(&job, intend).await.expect("intended").expect("one is open");
    world.run(&owner, Disconnect { connection }).await.expect("it ends");
    world.work().await;
    let sets = TokenSets { desk: &world.desk, account: owner.account, connection };
    let state = load(&world.desk, owner.account, connection).await.expect("it is there");
    let origin = TokenOrigin::Refresh(open.n);
    sets.keep(origin, &tokens("late", true), &state).await.expect("kept for a moment");
    let refusal = Failure::NotFound;
    let authorization = world.network.as_ref();
    not_taken(&world.desk, owner.account, connection, authorization, refusal)
        .await
        .expect("it has ended");
    assert_eq!(world.network.calls("revoke refresh-late").len(), 1);
    assert_eq!(world.network.calls("revoke access-late").len(), 1);
    assert_eq!(sets.stored(origin).await, Ok(None));
}

#[tokio::test]
async fn a_consent_ends_in_a_connection_and_a_token_that_works() {
    let (world, owner, connection) = connected().await;
    let history = world.memory.history(connection.uuid());
    let expected = [
        "connection.consent_requested",
        "connection.token_exchange_intended",
        "connection.token_stored",
        "connection.established",
    ];
    assert_eq!(history, expected);
    assert_eq!(token(&world, &owner, connection).await.as_deref(), Ok("access-1"));
    let account = world.memory.history(owner.account.uuid());
    assert_eq!(account.last().map(String::as_str), Some("account.onboarding_advanced"));
}

#[tokio::test]
async fn no_secret_is_in_the_log_or_in_the_clear_anywhere() {
    let (world, owner, connection) = connected().await;
    almost_expired(&world);
    token(&world, &owner, connection).await.expect("it is renewed");
    let kept = format!("{} {:?}", world.memory.log_text(), world.memory.state());
    for canary in ["code-canary", "access-1", "refresh-1", "access-2", "refresh-2"] {
        assert!(!kept.contains(canary), "{canary} is stored in the clear");
    }
}

#[tokio::test]
async fn a_code_whose_answer_was_not_seen_is_never_sent_again() {
    let world = World::new().await;
    let owner = world.open_account("Ada").await;
    let unseen = Err(ExchangeFailure::Unknown { cause: "cut".to_owned() });
    world.network.script().exchanges.push_back(unseen);
    let connection = world.connect(&owner).await;
    world.pass(HOUR);
    world.work().await;
    assert_eq!(world.network.calls("exchange").len(), 1);
    let after = since(&world, connection, "connection.token_exchange_intended");
    assert_eq!(after, ["connection.token_exchange_unknown"]);
}

#[tokio::test]
async fn a_worker_that_died_with_the_code_in_hand_leaves_it_unsent() {
    let world = World::new().await;
    let owner = world.open_account("Ada").await;
    let x = BeginConnection { network: Network::X };
    let begun = world.run(&owner, x).await.expect("it begins");
    world.consent(&owner, &begun.authorization_url.expect("an address")).await;
    // It had taken the code out of the vault, and nobody knows whether it had sent it.
    world.memory.state().secrets.clear();
    world.work().await;
    assert_eq!(world.network.calls("exchange"), Vec::<String>::new());
    let after = since(&world, begun.connection, "connection.token_exchange_intended");
    assert_eq!(after, ["connection.token_exchange_unknown"]);
}

#[tokio::test]
async fn a_code_that_never_left_is_sent_again_while_it_lives() {
    let world = World::new().await;
    let owner = world.open_account("Ada").await;
    let unsent = || Err(ExchangeFailure::NotSent { cause: "no route".to_owned() });
    world.network.script().exchanges.extend([unsent()]);
    let connection = world.connect(&owner).await;
    world.pass(Duration::from_secs(5));
    world.work().await;
    assert_eq!(token(&world, &owner, connection).await.as_deref(), Ok("access-1"));
}

#[tokio::test]
async fn a_code_that_never_left_in_its_life_is_given_up() {
    let world = World::new().await;
    let owner = world.open_account("Ada").await;
    let unsent = || Err(ExchangeFailure::NotSent { cause: "no route".to_owned() });
    world.network.script().exchanges.extend([unsent(), unsent()]);
    let connection = world.connect(&owner).await;
    world.pass(Duration::from_secs(31));
    world.work().await;
    let after = since(&world, connection, "connection.token_exchange_intended");
    assert_eq!(after, ["connection.token_exchange_failed"]);
    assert_eq!(world.network.calls("exchange").len(), 2);
}

#[tokio::test]
async fn one_owner_is_connected_once_until_the_connection_ends() {
    let (world, owner, first) = connected().await;
    let second = world.connect(&owner).await;
    let after = since(&world, second, "connection.token_stored");
    assert_eq!(after, ["connection.token_exchange_failed"]);
    world.run(&owner, Disconnect { connection: first }).await.expect("it ends");
    let third = world.connect(&owner).await;
    assert_eq!(since(&world, third, "connection.token_stored"), ["connection.established"]);
}

#[tokio::test]
async fn consent_for_another_owner_leaves_the_former_tokens_in_use() {
    let (world, ada, connection) = connected().await;
    world.network.script().exchanges.push_back(Ok(tokens("other", true)));
    world.network.script().identities.push_back(Ok(owner("43")));
    let begun = world.run(&ada, Reconnect { connection }).await.expect("a new attempt");
    world.consent(&ada, &begun.authorization_url.expect("an address")).await;
    world.work().await;
    let after = since(&world, connection, "connection.token_stored");
    assert_eq!(after, ["connection.token_exchange_failed"]);
    assert_eq!(token(&world, &ada, connection).await.as_deref(), Ok("access-1"));
}

#[tokio::test]
async fn tokens_are_renewed_ahead_of_their_end() {
    let (world, _, _) = connected().await;
    let later = start().plus(4 * HOUR);
    world.network.script().refreshes.push_back(Ok(tokens_until("2", true, later)));
    world.pass(Duration::from_secs(105 * 60 - 1));
    world.work().await;
    assert_eq!(world.network.calls("refresh"), Vec::<String>::new());
    world.pass(Duration::from_secs(1));
    world.work().await;
    assert_eq!(world.network.calls("refresh"), ["refresh refresh-1"]);
}

#[tokio::test]
async fn an_absent_refresh_token_does_not_replace_the_stored_one() {
    let (world, owner, connection) = connected().await;
    let (second, third) = (start().plus(4 * HOUR), start().plus(6 * HOUR));
    let renewed = [Ok(tokens_until("2", false, second)), Ok(tokens_until("3", true, third))];
    world.network.script().refreshes.extend(renewed);
    almost_expired(&world);
    assert_eq!(token(&world, &owner, connection).await.as_deref(), Ok("access-2"));
    world.pass(2 * HOUR);
    assert_eq!(token(&world, &owner, connection).await.as_deref(), Ok("access-3"));
    assert_eq!(world.network.calls("refresh"), ["refresh refresh-1", "refresh refresh-1"]);
}

#[tokio::test]
async fn a_rejected_refresh_asks_for_a_person() {
    let (world, owner, connection) = connected().await;
    let rejected = Err(RefreshFailure::Rejected { code: "invalid_grant".to_owned() });
    world.network.script().refreshes.push_back(rejected);
    world.pass(2 * HOUR);
    let refused = token(&world, &owner, connection).await.expect_err("nothing works");
    assert_eq!((refused.code(), refused.retryable()), ("NEEDS_REAUTH", false));
    let after = since(&world, connection, "connection.refresh_intended");
    assert_eq!(after, ["connection.refresh_rejected", "connection.reauth_required"]);
}

#[tokio::test]
async fn trouble_with_a_token_that_still_works_is_no_reason_to_stop() {
    let (world, owner, connection) = connected().await;
    let trouble = Err(RefreshFailure::Transient { cause: "503".to_owned() });
    world.network.script().refreshes.push_back(trouble);
    almost_expired(&world);
    assert_eq!(token(&world, &owner, connection).await.as_deref(), Ok("access-1"));
    world.pass(Duration::from_secs(30));
    let trouble = Err(RefreshFailure::Transient { cause: "503".to_owned() });
    world.network.script().refreshes.push_back(trouble);
    let refused = token(&world, &owner, connection).await.expect_err("it has expired");
    assert_eq!((refused.code(), refused.retryable()), ("ACCESS_NOT_RENEWED", true));
}

#[tokio::test]
async fn the_old_token_is_tried_once_more_when_an_answer_was_lost() {
    let (world, owner, connection) = connected().await;
    let lost = || Err(RefreshFailure::Unknown { cause: "cut".to_owned() });
    world.network.script().refreshes.extend([lost(), lost()]);
    world.pass(2 * HOUR);
    let first = token(&world, &owner, connection).await.expect_err("lost");
    assert_eq!(first.code(), "ACCESS_NOT_RENEWED");
    let second = token(&world, &owner, connection).await.expect_err("lost again");
    assert!(!second.code().is_empty());
    let third = token(&world, &owner, connection).await.expect_err("a person has to help");
    assert_eq!(third.code(), "NEEDS_REAUTH");
    assert_eq!(world.network.calls("refresh").len(), 2);
    let history = world.memory.history(connection.uuid());
    assert!(history.contains(&"connection.reauth_required".to_owned()));
}

#[tokio::test]
async fn a_successor_is_stored_again_until_storage_takes_it() {
    let (world, owner, connection) = connected().await;
    world.network.script().refreshes.push_back(Ok(tokens_until("2", true, start().plus(4 * HOUR))));
    world.pass(2 * HOUR);
    world.memory.state().troubles.insert("secrets.put", 5);
    assert_eq!(token(&world, &owner, connection).await.as_deref(), Ok("access-2"));
    assert_eq!(world.network.calls("refresh"), ["refresh refresh-1"]);
}

#[tokio::test]
async fn a_successor_that_storage_never_takes_is_lost_and_not_rejected() {
    let (world, owner, connection) = connected().await;
    world.pass(2 * HOUR);
    world.memory.state().troubles.insert("secrets.put", u32::MAX);
    let refused = token(&world, &owner, connection).await.expect_err("nothing works");
    assert_eq!((refused.code(), refused.retryable()), ("ACCESS_NOT_RENEWED", true));
    let after = since(&world, connection, "connection.refresh_intended");
    assert_eq!(after, ["connection.refresh_outcome_unknown"]);
    assert_eq!(world.network.calls("refresh").len(), 1);
}

#[tokio::test]
async fn without_a_refresh_token_in_the_vault_a_person_is_asked_and_not_the_network() {
    let (world, owner, connection) = connected().await;
    world.pass(2 * HOUR);
    world.memory.state().secrets.clear();
    let refused = token(&world, &owner, connection).await.expect_err("nothing works");
    assert_eq!((refused.code(), refused.retryable()), ("NEEDS_REAUTH", false));
    let after = since(&world, connection, "connection.refresh_intended");
    assert_eq!(after, ["connection.refresh_rejected", "connection.reauth_required"]);
    assert_eq!(world.network.calls("refresh"), Vec::<String>::new());
}

#[tokio::test]
async fn a_renewal_ahead_of_time_comes_back_soon_while_the_token_works_and_later_once_it_does_not()
{
    let (world, _, _) = connected().await;
    let trouble = || Err(RefreshFailure::Transient { cause: "503".to_owned() });
    world.network.script().refreshes.extend([trouble(), trouble()]);
    world.pass(105 * MINUTE);
    let renewed = |ends: Vec<(JobKind, Result<Next, JobFailure>)>| {
        ends.into_iter().find(|(kind, _)| *kind == JobKind::RefreshTokens).map(|(_, end)| end)
    };
    let now = world.desk.clock.now();
    assert_eq!(renewed(world.work().await), Some(Ok(Next::At(now.plus(MINUTE)))));
    world.pass(15 * MINUTE);
    let now = world.desk.clock.now();
    assert_eq!(renewed(world.work().await), Some(Ok(Next::At(now.plus(15 * MINUTE)))));
}

#[tokio::test]
async fn one_renewal_runs_at_a_time() {
    let (world, owner, connection) = connected().await;
    world.pass(2 * HOUR);
    let job = job_caller(owner.account);
    let intend = IntendRefresh { connection, fence: 1 };
    let open = world.run(&job, intend).await.expect("it is intended");
    assert!(open.is_some());
    let busy = token(&world, &owner, connection).await.expect_err("another is at it");
    assert_eq!(busy.code(), "ACCESS_NOT_RENEWED");
    assert_eq!(world.network.calls("refresh"), Vec::<String>::new());
}

#[tokio::test]
async fn a_successor_that_was_stored_before_a_crash_is_found_again() {
    let (world, owner, connection) = connected().await;
    world.pass(2 * HOUR);
    let job = job_caller(owner.account);
    let intend = IntendRefresh { connection, fence: 1 };
    let open = world.run(&job, intend).await.expect("intended").expect("open");
    let state = load(&world.desk, owner.account, connection).await.expect("it loads");
    let sets = TokenSets { desk: &world.desk, account: owner.account, connection };
    let origin = TokenOrigin::Refresh(open.n);
    let successor = tokens_until("found", true, start().plus(4 * HOUR));
    sets.keep(origin, &successor, &state).await.expect("it is stored");
    // Here the worker dies: the log knows nothing of the successor.
    assert_eq!(token(&world, &owner, connection).await.as_deref(), Ok("access-found"));
    assert_eq!(world.network.calls("refresh"), Vec::<String>::new());
}

#[tokio::test]
async fn a_disconnected_account_keeps_no_secret_and_hands_its_tokens_back() {
    let (world, owner, connection) = connected().await;
    world.run(&owner, Disconnect { connection }).await.expect("it ends");
    let ends = world.work().await;
    assert!(ends.contains(&(JobKind::SettleConnection, Ok(Next::Done))), "{ends:?}");
    assert!(world.memory.state().secrets.is_empty());
    assert_eq!(world.network.calls("revoke"), ["revoke refresh-1", "revoke access-1"]);
    let refused = token(&world, &owner, connection).await.expect_err("it has ended");
    assert_eq!(refused.code(), "NEEDS_REAUTH");
}

#[tokio::test]
async fn another_accounts_token_does_not_exist() {
    let (world, _, connection) = connected().await;
    let stranger = world.open_account("Eve").await;
    assert_eq!(token(&world, &stranger, connection).await, Err(Failure::NotFound));
}

#[tokio::test]
async fn a_job_that_cannot_be_read_is_given_up() {
    let (world, owner, connection) = connected().await;
    world.run(&owner, Disconnect { connection }).await.expect("it ends");
    world.project().await;
    let mut job = world.due_jobs().await.remove(0);
    job.payload = serde_json::json!({});
    let end = crate::jobs::run(&world.desk, &job).await;
    assert!(matches!(end, Err(JobFailure::GiveUp(_))), "{end:?}");
}
