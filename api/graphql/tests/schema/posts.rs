//! The main job through the schema: connect, write, approve, schedule, publish, prove.

use crate::world::{World, code};
use serde_json::{Value, json};

#[tokio::test]
async fn a_post_goes_from_draft_over_approval_to_the_network_and_the_log_says_why() {
    let world = World::new().await;
    let ada = world.owner("Ada").await;
    let connection = world.connect(&ada).await;
    let post = world.write(&ada, &connection, "Fresh bread from seven.").await;

    let select = "post { status contentHash version }";
    let submitted = world.send(&ada, "submitPost", json!({ "post": post }), select).await;
    assert_eq!(submitted["post"]["status"], "IN_REVIEW", "{submitted}");
    let waiting = "{ attention(first: 5) { totalCount nodes { kind nextAction post { id } } } }";
    let waiting = world.ask(&ada, waiting, json!({})).await;
    let item = &waiting["data"]["attention"]["nodes"][0];
    assert_eq!((&item["kind"], &item["post"]["id"]), (&json!("approval"), &json!(post)));

    let stale = json!({ "post": post, "contentHash": "0".repeat(64) });
    let refused = world.send(&ada, "approvePost", stale, select).await;
    assert_eq!(refused["userErrors"][0]["code"], "STALE_APPROVAL");
    let wish = json!({ "post": post, "contentHash": submitted["post"]["contentHash"] });
    let approved = world.send(&ada, "approvePost", wish, select).await;
    assert_eq!(approved["post"]["status"], "APPROVED", "{approved}");
    world.send(&ada, "publishPost", json!({ "post": post }), "").await;
    world.settle().await;

    let query = "query($id: ID!) { post(id: $id) { status reviews { verdict } targets { status url
        connection { handle } steps { kind intents { state } } attempts { outcome } } } }";
    let seen = world.ask(&ada, query, json!({ "id": post })).await;
    let target = &seen["data"]["post"]["targets"][0];
    assert_eq!(seen["data"]["post"]["status"], "PUBLISHED", "{seen}");
    assert_eq!(target["url"], "https://network.example/bakery/status/1234");
    assert_eq!(target["connection"]["handle"], "bakery");
    assert_eq!(target["steps"][0]["intents"][0]["state"], "COMMITTED");
    assert_eq!(target["attempts"][0]["outcome"], "PUBLISHED");

    let query = "query($id: ID!) { auditLog(first: 100, object: $id) { nodes { type why summary
        chain ordinal payload } } }";
    let log = world.ask(&ada, query, json!({ "id": post })).await;
    let entries = log["data"]["auditLog"]["nodes"].as_array().expect("entries").clone();
    let types: Vec<_> = entries.iter().rev().filter_map(|entry| entry["type"].as_str()).collect();
    let expected = [
        "post.created",
        "post.submitted",
        "post.approved",
        "post.scheduled",
        "post.attempt_started",
        "post.commit_intended",
        "post.step_published",
        "post.target_published",
    ];
    assert_eq!(types, expected);
    let why = |index: usize| entries[index]["why"].as_str().expect("a reason").to_owned();
    assert!(why(0).contains("because the time of the target had come"), "{}", why(0));
    assert!(why(7).contains("asked for it, through the GraphQL API"), "{}", why(7));
}

#[tokio::test]
async fn a_schedule_is_an_instant_or_a_wall_clock_and_the_calendar_shows_both() {
    let world = World::new().await;
    let ada = world.owner("Ada").await;
    let connection = world.connect(&ada).await;
    let post = world.write(&ada, &connection, "Happy new century.").await;
    for when in [
        json!({}),
        json!({ "at": "2099-12-31T23:00:00Z", "local": "2099-12-31T23:00:00", "zone": "UTC" }),
        json!({ "local": "2099-12-31T23:00:00" }),
    ] {
        let wish = json!({ "post": post, "when": when });
        let refused = world.send(&ada, "schedulePost", wish, "").await;
        assert_eq!(refused["userErrors"][0]["path"], json!(["when"]), "{refused}");
    }
    let when = json!({ "local": "2099-07-01T09:00:00", "zone": "Europe/Berlin" });
    let wish = json!({ "post": post, "when": when });
    let select = "post { status schedule { at local zone shift } }";
    let scheduled = world.send(&ada, "schedulePost", wish, select).await;
    assert_eq!(scheduled["post"]["schedule"]["shift"], "EXACT", "{scheduled}");

    let query = "{ calendar(from: \"2099-06-01T00:00:00Z\", to: \"2099-08-01T00:00:00Z\",
        zone: \"America/New_York\") { zoneLabel entries { at local status post { id } } } }";
    let calendar = world.ask(&ada, query, json!({})).await;
    let calendar = &calendar["data"]["calendar"];
    assert_eq!(calendar["entries"].as_array().map(Vec::len), Some(1), "{calendar}");
    let entry = &calendar["entries"][0];
    assert_eq!((&entry["status"], &entry["post"]["id"]), (&json!("SCHEDULED"), &json!(post)));
    assert_eq!(entry["at"], scheduled["post"]["schedule"]["at"]);
}

#[tokio::test]
async fn a_version_that_has_passed_is_refused_with_the_present_one() {
    let world = World::new().await;
    let ada = world.owner("Ada").await;
    let connection = world.connect(&ada).await;
    let post = world.write(&ada, &connection, "One.").await;
    let content = json!({ "root": { "text": "Two." } });
    let wish = json!({ "post": post, "content": content, "expectedVersion": 41 });
    let refused = world.send(&ada, "editPost", wish, "post { version }").await;
    assert_eq!(refused["userErrors"][0]["code"], "CONCURRENCY_CONFLICT");
    let current = refused["userErrors"][0]["currentVersion"].clone();
    let wish = json!({ "post": post, "content": content, "expectedVersion": current });
    let edited = world.send(&ada, "editPost", wish, "post { excerpt version }").await;
    assert_eq!(edited["post"]["excerpt"], "Two.", "{edited}");
}

#[tokio::test]
async fn another_accounts_objects_are_not_there() {
    let world = World::new().await;
    let (ada, eve) = (world.owner("Ada").await, world.owner("Eve").await);
    let connection = world.connect(&ada).await;
    let post = world.write(&ada, &connection, "Ours.").await;
    let query = "query($id: ID!) { post(id: $id) { targets { id } } }";
    let ours = world.ask(&ada, query, json!({ "id": post })).await;
    let target = ours["data"]["post"]["targets"][0]["id"].clone();
    for id in [json!(post), json!(connection), target.clone(), json!(ada.account)] {
        let query = "query($id: ID!) { node(id: $id) { id __typename } }";
        let mine = world.ask(&ada, query, json!({ "id": id })).await;
        assert_eq!(mine["data"]["node"]["id"], id, "{mine}");
        let theirs = world.ask(&eve, query, json!({ "id": id })).await;
        assert_eq!((&theirs["data"]["node"], &theirs["errors"]), (&Value::Null, &Value::Null));
    }
    let refused = world.send(&eve, "cancelPost", json!({ "post": post }), "post { id }").await;
    assert_eq!(refused["userErrors"][0]["code"], "NOT_FOUND");
    let refused = world.send(&eve, "retryTarget", json!({ "target": target }), "").await;
    assert_eq!(refused["userErrors"][0]["code"], "NOT_FOUND");
    let refused = world.send(&eve, "disconnect", json!({ "connection": connection }), "").await;
    assert_eq!(refused["userErrors"][0]["code"], "NOT_FOUND");
    let mut thief = eve.clone();
    thief.account = ada.account.clone();
    let refused = world.ask(&thief, "{ account { id } }", json!({})).await;
    assert_eq!(code(&refused), "NOT_FOUND");
}

#[tokio::test]
async fn a_small_picture_is_uploaded_and_listed() {
    let world = World::new().await;
    let ada = world.owner("Ada").await;
    // The first bytes of a PNG.
    let wish = json!({ "name": "loaf.png", "alt": "A loaf", "base64": "iVBORw0KGgo=" });
    let stored = world.send(&ada, "uploadMedia", wish, "media { id kind alt bytes }").await;
    assert_eq!((&stored["media"]["kind"], &stored["media"]["bytes"]), (&json!("PNG"), &json!("8")));
    let wish = json!({ "name": "loaf.txt", "base64": "bG9hZg==" });
    let refused = world.send(&ada, "uploadMedia", wish, "media { id }").await;
    assert_eq!(refused["userErrors"][0]["path"], json!(["base64"]));
    let list = world.ask(&ada, "{ media(first: 5) { totalCount nodes { id } } }", json!({})).await;
    assert_eq!(list["data"]["media"]["nodes"][0]["id"], stored["media"]["id"]);
    assert_eq!(list["data"]["media"]["totalCount"], 1);
}
