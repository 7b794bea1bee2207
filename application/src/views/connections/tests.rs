//! What the views of connections make of what happened.

use super::*;
use crate::{
    caller::Caller,
    commands::connection::{Disconnect, ObserveProbe, OnConnection, PauseConnection, Reconnect},
    log::JournalError,
    ports::{ExchangeFailure as Unseen, RefreshFailure},
    reading::read_document,
    testing::{World, job_caller},
    views::attention::AttentionDoc,
};
use herald_social_connection::{Probe, SocialConnection, Trouble};
use std::time::Duration;

async fn document(world: &World, id: ConnectionId) -> ConnectionDoc {
    world.work().await;
    let version = world.desk.progress.version(NAME);
    let row = world.desk.stores.views.get_unscoped(NAME, version, &id.to_string()).await;
    let row = row.expect("storage answers").expect("it is there");
    let doc: ConnectionDoc = read_document(&row).expect("it reads");
    let state: Result<_, JournalError> =
        world.desk.journal.load::<SocialConnection>(id.uuid()).await;
    let state = state.expect("it loads").state;
    assert_eq!(doc.status, state.status(), "the view says what the domain says");
    assert_eq!(doc.scopes, state.scopes());
    assert_eq!(doc.access_expires_at, state.access_expires_at());
    assert_eq!(doc.text_limit, state.text_limit().map(|limit| limit.0));
    doc
}

async fn attention(world: &World) -> Vec<AttentionDoc> {
    world.work().await;
    let state = world.memory.state();
    let rows = state.views.iter().filter(|((view, ..), _)| view == ATTENTION);
    rows.map(|(_, row)| read_document(row).expect("it reads")).collect()
}

async fn connected() -> (World, Caller, ConnectionId) {
    let world = World::new().await;
    let owner = world.open_account("Ada").await;
    let connection = world.connect(&owner).await;
    (world, owner, connection)
}

#[tokio::test]
async fn a_made_connection_shows_whose_it_is_and_what_it_may() {
    let (world, owner, connection) = connected().await;
    let doc = document(&world, connection).await;
    assert_eq!((doc.handle.as_deref(), doc.text_limit), (Some("handle-42"), Some(280)));
    assert_eq!((doc.missing_scopes.len(), doc.can_attach_media), (0, true));
    assert_eq!(Some(doc.connected_by), owner.member());
    let due = crate::testing::start().plus(Duration::from_secs(105 * 60));
    assert_eq!(doc.refresh_due, Some(due));
    assert_eq!(attention(&world).await, []);
}

#[tokio::test]
async fn a_connection_that_never_got_made_asks_for_a_person() {
    let world = World::new().await;
    let owner = world.open_account("Ada").await;
    let unseen = Unseen::Unknown { cause: "cut".to_owned() };
    world.network.script().exchanges.push_back(Err(unseen));
    let connection = world.connect(&owner).await;
    let doc = document(&world, connection).await;
    assert_eq!(doc.status_reason.as_deref(), Some("unknown"));
    assert_eq!(doc.next_action.as_deref(), Some("reconnect"));
    let waiting = attention(&world).await;
    assert_eq!((waiting[0].kind.as_str(), waiting.len()), ("connect_failed", 1));
    world.run(&owner, Reconnect { connection }).await.expect("a new attempt");
    assert_eq!(attention(&world).await, [], "a person is at it");
}

#[tokio::test]
async fn lost_access_waits_for_a_person_until_it_is_given_again() {
    let (world, owner, connection) = connected().await;
    let rejected = Err(RefreshFailure::Rejected { code: "invalid_grant".to_owned() });
    world.network.script().refreshes.push_back(rejected);
    world.pass(Duration::from_secs(2 * 3_600));
    let doc = document(&world, connection).await;
    assert_eq!(
        (doc.status, doc.last_error.as_deref()),
        (Status::NeedsReauth, Some("invalid_grant"))
    );
    assert_eq!(attention(&world).await[0].next_action, "reconnect");
    world.reconnect(&owner, connection).await;
    assert_eq!(document(&world, connection).await.status, Status::Active);
    assert_eq!(attention(&world).await, []);
}

#[tokio::test]
async fn trouble_shows_and_passes() {
    let (world, owner, connection) = connected().await;
    let job = job_caller(owner.account);
    let cause = Trouble::ServerError;
    let trouble = OnConnection(ObserveProbe { connection, probe: Probe::Transient { cause } });
    world.run(&job, trouble).await.expect("observed");
    let doc = document(&world, connection).await;
    assert_eq!(doc.status_reason.as_deref(), Some("server_error"));
    world
        .run(&job, OnConnection(ObserveProbe { connection, probe: Probe::Healthy }))
        .await
        .expect("observed");
    assert_eq!(document(&world, connection).await.status, Status::Active);
}

#[tokio::test]
async fn a_lost_permission_is_named() {
    let (world, owner, connection) = connected().await;
    let scope = "tweet.write".to_owned();
    let probe = Probe::CapabilityLost { scope: scope.clone() };
    world
        .run(&job_caller(owner.account), OnConnection(ObserveProbe { connection, probe }))
        .await
        .expect("seen");
    assert_eq!(document(&world, connection).await.missing_scopes, [scope]);
    assert_eq!(attention(&world).await[0].kind, "missing_scope");
}

#[tokio::test]
async fn a_pause_and_an_end_show_and_wait_for_nobody() {
    let (world, owner, connection) = connected().await;
    world
        .run(&owner, OnConnection(PauseConnection { connection, paused: true }))
        .await
        .expect("paused");
    let doc = document(&world, connection).await;
    assert_eq!((doc.status, doc.next_action.as_deref()), (Status::Paused, Some("pauseConnection")));
    world.run(&owner, Disconnect { connection }).await.expect("ended");
    let doc = document(&world, connection).await;
    assert_eq!((doc.status, doc.refresh_due), (Status::Disconnected, None));
    assert_eq!(attention(&world).await, []);
}
