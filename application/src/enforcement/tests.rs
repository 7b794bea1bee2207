//! Who keeps a place, and what becomes of those who do not.

use super::*;
use crate::{
    caller::Standing,
    commands::{
        api_key::{IssueApiKey, RevokeApiKey},
        connection::{BeginConnection, OnConnection, PauseConnection},
        subscription::{OnSubscription, OverrideEntitlement, in_use},
    },
    ports::ViewDocument,
    reading::read_document,
    settings::Billing,
    testing::{World, caller, network},
    views::{
        self,
        connections::{self, ConnectionDoc},
    },
};
use herald_kernel::{ConnectionId, Instant, Network};
use herald_subscription::Entitlement;
use herald_terms::{Entitlements, Quota, Reach, Scope};
use proptest::prelude::*;
use std::{collections::BTreeSet, sync::Arc, time::Duration};
use uuid::Uuid;

fn connection(number: u8) -> ConnectionId {
    ConnectionId::new(Uuid::from_u128(number.into()))
}

fn candidate(number: u8, used: u64, created: u64) -> Candidate {
    let nine: Instant = "2026-11-21T09:00:00Z".parse().expect("an instant");
    let at = |minutes: u64| nine.plus(Duration::from_secs(minutes * 60));
    let (used_at, created_at) = (at(used), at(created));
    Candidate { connection: connection(number), network: Network::X, used_at, created_at }
}

fn tier(connections: u32, networks: u32) -> Entitlements {
    let (connections, networks) = (Quota::Limited(connections), Quota::Limited(networks));
    Entitlements { connections, networks, ..Entitlements::free() }
}

#[test]
fn the_most_recently_used_keeps_its_place_and_of_two_the_older() {
    let candidates = [candidate(1, 5, 2), candidate(2, 9, 3), candidate(3, 9, 1)];
    let kept = |n| keep(&candidates, &BTreeSet::new(), &tier(n, 1));
    assert_eq!(kept(1), [connection(3)].into());
    assert_eq!(kept(2), [connection(2), connection(3)].into());
}

#[test]
fn what_people_chose_keeps_its_place_first() {
    let candidates = [candidate(1, 5, 2), candidate(2, 9, 3), candidate(3, 9, 1)];
    let chosen = [connection(1)].into();
    assert_eq!(keep(&candidates, &chosen, &tier(2, 1)), [connection(1), connection(3)].into());
    assert_eq!(keep(&candidates, &chosen, &tier(2, 0)), BTreeSet::new());
}

proptest! {
    #[test]
    fn no_more_are_kept_than_there_are_places_and_none_is_left_empty(
        times in prop::collection::vec((0..50_u64, 0..50_u64), 0..12), places in 0..12_u32,
    ) {
        let numbered = times.iter().zip(0_u8..);
        let candidates: Vec<_> =
            numbered.map(|((used, created), number)| candidate(number, *used, *created)).collect();
        let kept = keep(&candidates, &BTreeSet::new(), &tier(places, 1));
        let mut backwards = candidates.clone();
        backwards.reverse();
        prop_assert_eq!(&keep(&backwards, &BTreeSet::new(), &tier(places, 1)), &kept);
        let wanted = candidates.len().min(usize::try_from(places).expect("small"));
        prop_assert_eq!(kept.len(), wanted);
    }
}

async fn paying_world() -> World {
    World::with(|settings| {
        settings.billing = Billing::On { catalogue: Arc::default(), automatic_tax: false };
    })
    .await
}

#[tokio::test]
async fn keys_beyond_a_lower_tier_rest_and_work_again_where_there_is_a_place() {
    let world = paying_world().await;
    let owner = world.open_account("Ada").await;
    world.give(owner.account, "professional").await;
    let mut keys = Vec::new();
    for n in 0..5 {
        let key = IssueApiKey {
            name: format!("shop {n}").as_str().try_into().expect("a name"),
            scopes: [Scope::Read].into(),
            reach: Reach::All,
            ip_allow: Vec::new(),
            expires_at: None,
        };
        keys.push(world.run(&owner, key).await.expect("issued").key);
        world.pass(Duration::from_secs(1));
        world.work().await;
    }
    let resting = |world: &World| -> Vec<bool> {
        let last = |key: &herald_kernel::ApiKeyId| world.memory.history(key.uuid()).pop();
        keys.iter().map(|key| last(key).as_deref() == Some("api_key.disabled")).collect()
    };
    world.give(owner.account, "starter").await;
    world.work().await;
    assert_eq!(resting(&world), [false, false, false, true, true], "the oldest keep their places");
    world.run(&owner, RevokeApiKey { key: keys[0] }).await.expect("ended");
    world.give(owner.account, "professional").await;
    world.work().await;
    assert_eq!(resting(&world), [false; 5]);
}

#[tokio::test]
async fn connections_beyond_a_lower_tier_rest_and_go_on_where_there_is_a_place() {
    let world = paying_world().await;
    let owner = world.open_account("Ada").await;
    world.give(owner.account, "professional").await;
    let mut connections = Vec::new();
    for id in ["41", "42", "43"] {
        world.network.script().identities.push_back(Ok(network::owner(id)));
        connections.push(world.connect(&owner).await);
        world.pass(Duration::from_secs(1));
    }
    let last = |world: &World| -> Vec<String> {
        let last = |id: &ConnectionId| world.memory.history(id.uuid()).pop().unwrap_or_default();
        connections.iter().map(last).collect()
    };
    // A person's own pause is theirs, whatever the tier.
    let pause = OnConnection(PauseConnection { connection: connections[2], paused: true });
    world.run(&owner, pause).await.expect("it rests");
    world.give(owner.account, "free").await;
    world.work().await;
    let paused = "connection.paused";
    assert_eq!(last(&world).iter().filter(|it| *it == paused).count(), 3, "{:?}", last(&world));
    world.give(owner.account, "professional").await;
    world.work().await;
    assert_eq!(last(&world)[..2], ["connection.resumed", "connection.resumed"]);
}

#[tokio::test]
async fn every_live_connection_takes_a_place_however_many_there_are() {
    let world = paying_world().await;
    let owner = world.open_account("Ada").await;
    let places = OverrideEntitlement {
        entitlement: Entitlement::Connections(Quota::Limited(102)),
        until: None,
        reason: "a test".try_into().expect("a reason"),
    };
    let operator = caller(owner.account, Standing::Operator(None));
    world.run(&operator, OnSubscription(places)).await.expect("given");
    let known = world.connect(&owner).await;
    let version = world.desk.progress.version(connections::NAME);
    let key = |id: ConnectionId| (connections::NAME.to_owned(), version, id.to_string());
    let row = world.memory.state().views[&key(known)].clone();
    let copy_as = |id: ConnectionId| {
        let mut doc: ConnectionDoc = read_document(&row).expect("read");
        doc.id = id;
        let doc = views::write(&doc).expect("written");
        let row = ViewDocument { id: id.to_string(), doc, ..row.clone() };
        world.memory.state().views.insert(key(id), row);
    };
    (0..100).map(connection).for_each(copy_as);
    let used = in_use(&world.desk, owner.account).await.expect("counted");
    assert_eq!((used.connections, used.networks), (101, 1));
    let another = || BeginConnection { network: Network::X };
    let last = world.run(&owner, another()).await.expect("the last place");
    copy_as(last.connection);
    let refused = world.run(&owner, another()).await.expect_err("no place is left");
    assert_eq!(refused.code(), "LIMIT_REACHED");
}
