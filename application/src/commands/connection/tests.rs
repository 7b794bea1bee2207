//! How a connection is asked for, consented to, paused and ended, and who may not.

use super::*;
use crate::{
    caller::{Caller, Standing},
    testing::{World, caller, job_caller, person},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use herald_account::Role;
use herald_kernel::{MemberId, Network};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};
use std::collections::HashMap;
use url::Url;

const CODE: &str = "canary-code";

async fn begin(world: &World, owner: &Caller) -> (ConnectionId, Url) {
    let begun = world.run(owner, BeginConnection { network: Network::X }).await;
    let begun = begun.expect("it begins");
    (begun.connection, begun.authorization_url.expect("an address"))
}

fn state_of(url: &Url) -> String {
    let query: HashMap<_, _> = url.query_pairs().into_owned().collect();
    query["state"].clone()
}

fn with_code(state: &str) -> CompleteConnection {
    let answer = ConsentAnswer::Code(SecretString::from(CODE));
    CompleteConnection { state: state.to_owned(), answer }
}

fn colleague(owner: &Caller, role: Role) -> Caller {
    let member = MemberId::derived(owner.account.uuid(), "Bob");
    let standing = Standing::Member { member, role, person: person("Bob") };
    caller(owner.account, standing)
}

#[tokio::test]
async fn the_consent_page_is_the_same_for_a_repeated_request() {
    let world = World::new().await;
    let owner = world.open_account("Ada").await;
    let begin = || BeginConnection { network: Network::X };
    let first = world.run_as(&owner, "k", begin()).await.expect("it begins").answer;
    let again = world.run_as(&owner, "k", begin()).await.expect("the same again").answer;
    assert_eq!((again.connection, again.authorization_url), (first.connection, None));
    let page = consent_page(&world.desk, &owner, first.connection).await.expect("it is awaited");
    assert_eq!(page, first.authorization_url);
    let redirect = redirect_uri(&world.desk.settings, Network::X).expect("an address");
    assert_eq!(redirect.as_str(), "http://127.0.0.1:8080/oauth/x/callback");
}

#[tokio::test]
async fn the_page_commits_to_the_verifier_without_showing_it() {
    let world = World::new().await;
    let owner = world.open_account("Ada").await;
    let (connection, page) = begin(&world, &owner).await;
    let verifier = verifier(&world.desk, connection, 1);
    let verifier = verifier.expose_secret();
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier));
    assert_eq!(verifier.len(), 43);
    assert!(page.as_str().contains(&challenge) && !page.as_str().contains(verifier));
}

#[tokio::test]
async fn an_answer_by_another_networks_address_is_refused_and_uses_nothing_up() {
    let world = World::new().await;
    let owner = world.open_account("Ada").await;
    let (connection, page) = begin(&world, &owner).await;
    let state = state_of(&page);
    for elsewhere in ["mastodon", "X", ""] {
        let mixed = account_of_state(&world.desk, elsewhere, &state).await;
        assert_eq!(mixed.expect_err("another").code(), "CONSENT_OF_ANOTHER_NETWORK");
    }
    assert_eq!(account_of_state(&world.desk, "x", &state).await, Ok(owner.account));
    assert_eq!(world.run(&owner, with_code(&state)).await, Ok(connection));
}

#[tokio::test]
async fn a_code_is_taken_once_and_stays_out_of_the_log() {
    let world = World::new().await;
    let owner = world.open_account("Ada").await;
    let (connection, page) = begin(&world, &owner).await;
    let state = state_of(&page);
    assert_eq!(account_of_state(&world.desk, "x", &state).await, Ok(owner.account));
    assert_eq!(world.run(&owner, with_code(&state)).await, Ok(connection));
    let again = world.run(&owner, with_code(&state)).await.expect_err("it was used");
    assert_eq!(again.code(), "CONSENT_NOT_AWAITED");
    let kept = format!("{} {:?}", world.memory.log_text(), world.memory.state());
    assert!(!kept.contains(CODE), "the code is stored in the clear");
}

#[tokio::test]
async fn a_state_that_was_made_up_is_refused() {
    let world = World::new().await;
    let owner = world.open_account("Ada").await;
    let (connection, page) = begin(&world, &owner).await;
    let state = state_of(&page);
    let other_attempt = state.replace(".1.", ".2.");
    let (head, mac) = state.rsplit_once('.').expect("three parts");
    let other_mac = format!("{head}.{}", mac.chars().rev().collect::<String>());
    for forged in [other_attempt, other_mac, format!("{connection}.1."), String::new()] {
        let refused = world.run(&owner, with_code(&forged)).await.expect_err("it is not ours");
        assert_eq!(refused.code(), "CONSENT_NOT_AWAITED", "{forged}");
        assert!(account_of_state(&world.desk, "x", &forged).await.is_err());
    }
    assert!(world.memory.state().secrets.is_empty(), "a refused code is not stored");
}

#[tokio::test]
async fn an_answer_that_comes_too_late_is_refused() {
    let world = World::new().await;
    let owner = world.open_account("Ada").await;
    let (connection, page) = begin(&world, &owner).await;
    world.pass(world.desk.settings.waits.consent);
    let late = world.run(&owner, with_code(&state_of(&page))).await.expect_err("too late");
    assert_eq!(late.code(), "CONSENT_EXPIRED");
    assert_eq!(consent_page(&world.desk, &owner, connection).await, Ok(None));
    assert!(world.memory.state().secrets.is_empty(), "a refused code is not stored");
}

#[tokio::test]
async fn only_who_was_sent_to_the_page_brings_its_answer() {
    let world = World::new().await;
    let owner = world.open_account("Ada").await;
    let (_, page) = begin(&world, &owner).await;
    let bob = colleague(&owner, Role::Publisher);
    let refused = world.run(&bob, with_code(&state_of(&page))).await;
    assert_eq!(refused.expect_err("not Bob's").code(), "CONSENT_OF_ANOTHER");
    let stranger = world.open_account("Eve").await;
    let refused = world.run(&stranger, with_code(&state_of(&page))).await;
    assert_eq!(refused, Err(Failure::NotFound));
    assert!(world.memory.state().secrets.is_empty(), "a refused code is not stored");
}

#[tokio::test]
async fn a_denial_is_written_down_and_a_new_attempt_begins() {
    let world = World::new().await;
    let owner = world.open_account("Ada").await;
    let (connection, page) = begin(&world, &owner).await;
    let answer = ConsentAnswer::Refused("access_denied".to_owned());
    let denied = CompleteConnection { state: state_of(&page), answer };
    world.run(&owner, denied).await.expect("it is written down");
    let again = world.run(&owner, Reconnect { connection }).await.expect("a new attempt");
    let second = again.authorization_url.expect("an address");
    assert!(state_of(&second).contains(".2."));
    let stale = world.run(&owner, with_code(&state_of(&page))).await;
    assert_eq!(stale.expect_err("replaced").code(), "CONSENT_NOT_AWAITED");
    let history = world.memory.history(connection.uuid());
    assert_eq!(history[1..], ["connection.consent_denied", "connection.consent_requested"]);
}

#[tokio::test]
async fn editors_connect_nothing_and_people_report_nothing() {
    let world = World::new().await;
    let owner = world.open_account("Ada").await;
    let forbidden = Err(Failure::Forbidden { action: "beginConnection" });
    let editor = colleague(&owner, Role::Editor);
    let begin = || BeginConnection { network: Network::X };
    assert_eq!(world.run(&editor, begin()).await, forbidden);
    assert_eq!(world.run(&job_caller(owner.account), begin()).await, forbidden);
    let (connection, _) = self::begin(&world, &owner).await;
    let refused = world.run(&owner, IntendRefresh { connection, fence: 1 }).await;
    assert_eq!(refused, Err(Failure::Forbidden { action: "intendRefresh" }));
}

#[tokio::test]
async fn a_pause_is_lifted_by_the_same_mutation() {
    let world = World::new().await;
    let owner = world.open_account("Ada").await;
    let (connection, _) = begin(&world, &owner).await;
    for paused in [true, true, false] {
        world
            .run(&owner, OnConnection(PauseConnection { connection, paused }))
            .await
            .expect("it is so");
    }
    let history = world.memory.history(connection.uuid());
    assert_eq!(history[1..], ["connection.paused", "connection.resumed"]);
}

#[tokio::test]
async fn a_network_without_credentials_is_refused_before_anything_is_written() {
    let world = World::without_networks().await;
    let owner = world.open_account("Ada").await;
    let before = world.memory.state().events.len();
    let refused = world.run(&owner, BeginConnection { network: Network::X }).await;
    assert_eq!(refused.expect_err("not configured").code(), "PROVIDER_NOT_CONFIGURED");
    assert_eq!(world.memory.state().events.len(), before);
}
