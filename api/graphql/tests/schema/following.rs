//! Following changes: exact, resumable, and only one's own.

use crate::world::{Somebody, World, code};
use futures::StreamExt as _;
use serde_json::{Value, json};

const LOG: &str = "{ auditLog(first: 100) { nodes { ordinal } } }";

fn changes(after: &str) -> String {
    format!("subscription {{ changes(after: \"{after}\") {{ token ordinal type objectId at }} }}")
}

/// The mark of the last thing that happened.
async fn latest(world: &World, who: &Somebody) -> String {
    world.project().await;
    let log = world.ask(who, "{ auditLog(first: 1) { nodes { token } } }", json!({})).await;
    log["data"]["auditLog"]["nodes"][0]["token"].as_str().expect("a token").to_owned()
}

#[tokio::test]
async fn a_subscriber_who_comes_back_with_a_token_misses_and_repeats_nothing() {
    let world = World::new().await;
    let ada = world.owner("Ada").await;
    let eve = world.owner("Eve").await;
    let mut live = Box::pin(world.follow(&ada, &changes(&latest(&world, &ada).await)));
    let connection = world.connect(&ada).await;
    world.connect(&eve).await;
    world.write(&ada, &connection, "one").await;
    world.project().await;
    let mut seen: Vec<Value> = Vec::new();
    while seen.last().is_none_or(|last| last["data"]["changes"]["type"] != "post.created") {
        seen.push(live.next().await.expect("the stream goes on"));
    }
    let first = &seen[0]["data"]["changes"];
    assert_eq!(
        (&first["type"], &first["objectId"]),
        (&json!("connection.consent_requested"), &json!(connection))
    );
    let ours = world.ask(&ada, LOG, json!({})).await;
    let ours = ours["data"]["auditLog"]["nodes"].as_array().expect("events").iter().rev();
    let ours: Vec<_> = ours.map(|event| &event["ordinal"]).collect();
    let heard: Vec<_> = seen.iter().map(|one| &one["data"]["changes"]["ordinal"]).collect();
    assert_eq!(heard, ours[ours.len() - heard.len()..], "no gap and nobody else's");

    for (place, one) in seen.iter().enumerate().take(seen.len() - 1) {
        let token = one["data"]["changes"]["token"].as_str().expect("a token");
        let resumed = world.follow(&ada, &changes(token));
        let rest: Vec<_> = resumed.take(seen.len() - 1 - place).collect().await;
        assert_eq!(rest, seen[place + 1..], "behind {place}");
    }
}

#[tokio::test]
async fn what_is_no_token_ends_a_subscription_with_an_error() {
    let world = World::new().await;
    let ada = world.owner("Ada").await;
    let mut stream = Box::pin(world.follow(&ada, &changes("nonsense")));
    assert_eq!(code(&stream.next().await.expect("an answer")), "VALIDATION");
    assert!(stream.next().await.is_none());
}

#[tokio::test]
async fn who_no_longer_takes_part_hears_no_more() {
    let world = World::new().await;
    let ada = world.owner("Ada").await;
    let wish = json!({ "email": "bob@example.org", "role": "VIEWER" });
    let invited = world.send(&ada, "inviteMember", wish, "invitation").await;
    let mut bob = crate::world::somebody("Bob");
    let wish = json!({ "invitation": invited["invitation"], "name": "Bob" });
    let joined = world.send(&bob, "acceptInvite", wish, "member { id }").await;
    bob.account = ada.account.clone();
    let mut stream = Box::pin(world.follow(&bob, &changes(&latest(&world, &ada).await)));
    let member = json!({ "member": joined["member"]["id"] });
    world.send(&ada, "removeMember", member, "").await;
    world.project().await;
    assert_eq!(code(&stream.next().await.expect("an answer")), "NOT_FOUND");
    assert!(stream.next().await.is_none());
}
