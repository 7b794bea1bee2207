//! How posts follow what becomes of their connection.

use crate::{
    caller::Caller,
    commands::{
        connection::{Disconnect, OnConnection, PauseConnection},
        post::{ContentInput, CreatePost, HoldTarget, OnPost, SchedulePost, StepInput, WhenInput},
    },
    failure::Failure,
    reading::read_document,
    testing::{World, job_caller},
    views::posts::{TARGETS, TargetDoc},
};
use herald_kernel::{ConnectionId, PostId};
use herald_post::{HoldReason, target_id};
use std::time::Duration;

const DAY: Duration = Duration::from_secs(24 * 3_600);

fn bread(connection: ConnectionId) -> CreatePost {
    let text = "Fresh bread".to_owned().try_into().expect("a text");
    let root = StepInput { text, media: Vec::new() };
    let content =
        ContentInput { root, segments: Vec::new(), first_comment: None, made_with_ai: false };
    CreatePost { content, connections: vec![connection] }
}

async fn scheduled(world: &World, owner: &Caller, connection: ConnectionId) -> PostId {
    let post = world.run(owner, bread(connection)).await.expect("it is written");
    let when = WhenInput::At(world.desk.clock.now().plus(DAY));
    world.run(owner, OnPost(SchedulePost { post, when })).await.expect("it has a time");
    post
}

async fn target(world: &World, post: PostId, connection: ConnectionId) -> TargetDoc {
    world.work().await;
    let version = world.desk.progress.version(TARGETS);
    let id = target_id(post, connection).to_string();
    let row = world.desk.stores.views.get_unscoped(TARGETS, version, &id).await;
    read_document(&row.expect("storage answers").expect("it is there")).expect("it reads")
}

#[tokio::test]
async fn a_paused_connection_holds_its_posts_and_releases_them_when_it_goes_on() {
    let world = World::new().await;
    let owner = world.open_account("Ada").await;
    let connection = world.connect(&owner).await;
    let post = scheduled(&world, &owner, connection).await;
    assert_eq!(target(&world, post, connection).await.status, "scheduled");
    world
        .run(&owner, OnConnection(PauseConnection { connection, paused: true }))
        .await
        .expect("paused");
    let held = target(&world, post, connection).await;
    assert_eq!(held.held, Some(HoldReason::ConnectionPaused));
    world
        .run(&owner, OnConnection(PauseConnection { connection, paused: false }))
        .await
        .expect("resumed");
    let released = target(&world, post, connection).await;
    assert_eq!((released.status.as_str(), released.held), ("scheduled", None));
}

#[tokio::test]
async fn an_ended_connection_holds_its_posts_for_another_reason_than_a_pause() {
    let world = World::new().await;
    let owner = world.open_account("Ada").await;
    let connection = world.connect(&owner).await;
    let post = scheduled(&world, &owner, connection).await;
    world
        .run(&owner, OnConnection(PauseConnection { connection, paused: true }))
        .await
        .expect("paused");
    world.work().await;
    world.run(&owner, Disconnect { connection }).await.expect("ended");
    let held = target(&world, post, connection).await;
    assert_eq!(held.held, Some(HoldReason::Disconnected));
}

#[tokio::test]
async fn what_somebody_else_holds_stays_held_when_the_connection_goes_on() {
    let world = World::new().await;
    let owner = world.open_account("Ada").await;
    let connection = world.connect(&owner).await;
    let post = scheduled(&world, &owner, connection).await;
    let (target_id, reason) = (target_id(post, connection), HoldReason::ClientHold);
    let hold = OnPost(HoldTarget { post, target: target_id, reason });
    world.run(&job_caller(owner.account), hold).await.expect("held");
    for paused in [true, false] {
        world
            .run(&owner, OnConnection(PauseConnection { connection, paused }))
            .await
            .expect("it is so");
        world.work().await;
    }
    assert_eq!(target(&world, post, connection).await.held, Some(HoldReason::ClientHold));
}

#[tokio::test]
async fn the_posts_of_other_connections_are_left_alone() {
    let world = World::new().await;
    let owner = world.open_account("Ada").await;
    let first = world.connect(&owner).await;
    let other = crate::testing::network::owner("43");
    world.network.script().identities.push_back(Ok(other));
    let second = world.connect(&owner).await;
    let post = scheduled(&world, &owner, second).await;
    world
        .run(&owner, OnConnection(PauseConnection { connection: first, paused: true }))
        .await
        .expect("paused");
    assert_eq!(target(&world, post, second).await.status, "scheduled");
}

#[tokio::test]
async fn an_ended_connection_takes_no_new_post() {
    let world = World::new().await;
    let owner = world.open_account("Ada").await;
    let connection = world.connect(&owner).await;
    world.run(&owner, Disconnect { connection }).await.expect("it ends");
    let refused = world.run(&owner, bread(connection)).await.expect_err("it could never go out");
    let at = "connections.0";
    assert_eq!(refused, Failure::invalid(at, "this connection was disconnected; choose another"));
}
