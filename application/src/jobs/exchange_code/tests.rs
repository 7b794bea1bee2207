//! Whose the tokens are: asked again while that may help, and never for ever.

use crate::{
    ports::{ExchangeFailure, ProviderAccount},
    testing::{World, network::owner},
};
use herald_kernel::ConnectionId;
use std::time::Duration;

/// A world whose jobs are tried three times.
async fn world() -> World {
    World::with(|settings| settings.job_attempts = 3).await
}

fn no_route() -> ExchangeFailure {
    ExchangeFailure::NotSent { cause: "no route".to_owned() }
}

fn last_two(world: &World, connection: ConnectionId) -> Vec<String> {
    let history = world.memory.history(connection.uuid());
    history[history.len() - 2..].to_vec()
}

#[tokio::test]
async fn a_code_that_the_network_refuses_ends_the_consent_and_leaves_no_secret() {
    let world = world().await;
    let ada = world.open_account("Ada").await;
    let refused = ExchangeFailure::Refused { code: "invalid_grant".to_owned() };
    world.network.script().exchanges.push_back(Err(refused));
    let connection = world.connect(&ada).await;
    let expected = ["connection.token_exchange_intended", "connection.token_exchange_failed"];
    assert_eq!(last_two(&world, connection), expected);
    assert_eq!(world.network.calls("identify"), Vec::<String>::new());
    assert!(world.memory.state().secrets.is_empty());
}

#[tokio::test]
async fn asking_whose_tokens_they_are_is_repeated_without_another_exchange() {
    let world = world().await;
    let ada = world.open_account("Ada").await;
    let unseen = ExchangeFailure::Unknown { cause: "cut".to_owned() };
    world.network.script().identities.extend([Err(no_route()), Err(unseen)]);
    let connection = world.connect(&ada).await;
    for _ in 0..2 {
        world.pass(Duration::from_secs(5));
        world.work().await;
    }
    let expected = ["connection.token_stored", "connection.established"];
    assert_eq!(last_two(&world, connection), expected);
    assert_eq!(world.network.calls("exchange").len(), 1);
    assert_eq!(world.network.calls("identify").len(), 3);
}

#[tokio::test]
async fn asking_whose_tokens_they_are_is_given_up_when_the_attempts_are_over() {
    let world = world().await;
    let ada = world.open_account("Ada").await;
    world.network.script().identities.extend([Err(no_route()), Err(no_route()), Err(no_route())]);
    let connection = world.connect(&ada).await;
    for _ in 0..5 {
        world.pass(Duration::from_secs(5));
        world.work().await;
    }
    let expected = ["connection.token_stored", "connection.token_exchange_unknown"];
    assert_eq!(last_two(&world, connection), expected);
    assert_eq!(world.network.calls("identify").len(), 3);
}

#[tokio::test]
async fn tokens_that_the_network_does_not_know_are_whose_nobody_says() {
    let world = world().await;
    let ada = world.open_account("Ada").await;
    let refused = ExchangeFailure::Refused { code: "unauthorized".to_owned() };
    world.network.script().identities.push_back(Err(refused));
    let connection = world.connect(&ada).await;
    let expected = ["connection.token_stored", "connection.token_exchange_failed"];
    assert_eq!(last_two(&world, connection), expected);
}

#[tokio::test]
async fn an_owner_whose_name_cannot_be_kept_goes_by_their_handle() {
    let world = world().await;
    let ada = world.open_account("Ada").await;
    let nameless = ProviderAccount { name: "\u{7}\n".to_owned(), ..owner("42") };
    world.network.script().identities.push_back(Ok(nameless));
    let connection = world.connect(&ada).await;
    let expected = ["connection.token_stored", "connection.established"];
    assert_eq!(last_two(&world, connection), expected);
    let state = super::load(&world.desk, ada.account, connection).await.expect("it loads");
    let shown = state.display_name().and_then(|name| name.known());
    assert_eq!(shown.map(herald_kernel::Text::as_str), Some("handle-42"));
}

#[tokio::test]
async fn an_owner_without_an_id_that_can_be_kept_is_not_connected() {
    let world = world().await;
    let ada = world.open_account("Ada").await;
    let unnamed = ProviderAccount { id: "\u{7}".to_owned(), ..owner("42") };
    world.network.script().identities.push_back(Ok(unnamed));
    let connection = world.connect(&ada).await;
    let expected = ["connection.token_stored", "connection.token_exchange_failed"];
    assert_eq!(last_two(&world, connection), expected);
}
