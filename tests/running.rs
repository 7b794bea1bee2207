//! An installation as it is run: replicas that only answer, views that are built anew meanwhile,
//! tables that nobody changes by looking.

#![cfg(test)]
#![allow(clippy::allow_attributes, missing_docs, dead_code, reason = "sentences; parts of a front")]

mod front;

use front::{
    Front, cash,
    database::Engine,
    until,
    visitor::{Visitor, text},
};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::process::Output;

/// A program with a key of its own, that calls `there`.
async fn program(owner: &Visitor, there: &Front) -> Visitor {
    let wish = json!({ "name": "the till", "scopes": ["READ"] });
    let issued = owner.tell("issueApiKey", wish, "secret").await;
    Visitor { session: Some(text(&issued["secret"])), ..there.nobody() }
}

#[tokio::test]
async fn a_replica_that_only_answers_gives_back_the_calls_that_nobody_made() {
    let front = cash::front(Engine::Postgres).await;
    let ada = cash::paying(&front, "starter").await;
    let mut there = front.replica().await;
    let till = program(&ada, &there).await;
    for _ in 0..3 {
        assert_eq!(till.send(till.request(Method::GET, "/posts")).await.0, 200);
    }
    there.stop().await;
    until("only what was called counts", async || {
        let (_, usage) = cash::rest(&ada, Method::GET, "/billing/usage", &Value::Null).await;
        let counters = usage["counters"].as_array().expect("counters").iter();
        let calls = counters.clone().find(|it| it["counter"] == "api_calls").expect("calls");
        (calls["used"] == 3 && calls["held"] == 0).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_replica_that_only_answers_knows_every_key_while_their_view_is_replaced() {
    let front = cash::front(Engine::Postgres).await;
    let ada = cash::paying(&front, "starter").await;
    let there = front.replica().await;
    // A key that called before is remembered; the others are looked for.
    for _ in 0..3 {
        let till = program(&ada, &there).await;
        assert!(front.herald(&["projections", "rebuild", "api_keys"]).status.success());
        assert_eq!(till.send(till.request(Method::GET, "/posts")).await.0, StatusCode::OK);
    }
}

/// What a command said, and that it was not content.
fn refused(output: &Output) -> String {
    assert!(!output.status.success(), "{output:?}");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

const LOOKING: [&[&str]; 4] =
    [&["audit", "verify"], &["audit", "log"], &["doctor"], &["projections", "list"]];

#[tokio::test]
async fn whoever_only_looks_leaves_the_tables_as_they_are_on_sqlite() {
    let mut front = Front::start(Engine::Sqlite).await;
    let file = front.folder.path().join("another.db");
    front.set("HERALD_DATABASE_URL", &format!("sqlite://{}", file.display()));
    for looking in LOOKING {
        let said = refused(&front.herald(looking));
        assert!(said.contains("there is no database") && said.contains("herald migrate"), "{said}");
        assert!(!file.exists(), "{looking:?}");
    }
    std::fs::write(&file, "").expect("an empty file");
    for looking in LOOKING {
        let said = refused(&front.herald(looking));
        assert!(said.contains("migrations; run `herald migrate` first"), "{said}");
    }
    assert!(front.herald(&["migrate"]).status.success());
    for looking in LOOKING {
        let output = front.herald(looking);
        assert!(output.status.success(), "{output:?}");
    }
}

#[tokio::test]
async fn whoever_only_looks_leaves_the_tables_as_they_are_on_postgresql() {
    let front = Front::start(Engine::Postgres).await;
    front.database.execute("DELETE FROM _sqlx_migrations WHERE version > 1").await;
    for looking in LOOKING {
        let said = refused(&front.herald(looking));
        assert!(said.contains("migrations; run `herald migrate` first"), "{said}");
    }
}

#[tokio::test]
async fn what_no_binary_of_this_version_folds_is_named_and_holds_up_nobody() {
    let mut front = Front::start(Engine::Sqlite).await;
    let strange = "INSERT INTO checkpoints (projection, version, ordinal, status)
                   VALUES ('dropped', 1000, 0, 'live'), ('posts', 99000, 0, 'live')";
    front.database.execute(strange).await;
    front.stop().await;
    front.restart().await;
    let ada = front::story::open_account(&front.newcomer().await, "Corner Bakery").await;
    let log = ada.gql("{ auditLog(first: 1) { nodes { token } } }", json!({})).await;
    let after = json!({ "after": log["auditLog"]["nodes"][0]["token"] });
    let read = "query($after: String) { account(after: $after) { businessName } }";
    assert_eq!(ada.gql(read, after).await["account"]["businessName"], "Corner Bakery");
    let listed = front.herald(&["projections", "list"]);
    let listed = String::from_utf8(listed.stdout).expect("text");
    let noted = listed.lines().filter(|line| line.ends_with("nobody of this version folds it"));
    assert_eq!(noted.count(), 2, "{listed}");
}
