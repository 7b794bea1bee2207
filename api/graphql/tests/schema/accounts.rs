//! Accounts and their people, as clients see them.

use crate::world::{World, code, somebody};
use serde_json::json;

#[tokio::test]
async fn whoever_opens_an_account_sees_it_at_once_and_a_repetition_meets_the_same() {
    let world = World::new().await;
    let ada = somebody("Ada");
    let wish = json!({ "businessName": "Ada's bakery", "name": "Ada", "zone": "Europe/Berlin" });
    let select = "account { id businessName zone status version members { name role } }";
    let first = world.send_as(&ada, "one", "openAccount", wish.clone(), select).await;
    assert_eq!(first["userErrors"], json!([]));
    assert_eq!(first["account"]["zone"], "Europe/Berlin");
    assert_eq!(first["account"]["members"], json!([{ "name": "Ada", "role": "OWNER" }]));

    let again = world.send_as(&ada, "one", "openAccount", wish, select).await;
    assert_eq!(again["replayed"], true);
    assert_eq!(again["account"]["id"], first["account"]["id"]);

    let other = json!({ "businessName": "Another", "name": "Ada" });
    let reused = world.send_as(&ada, "one", "openAccount", other, select).await;
    assert_eq!(reused["userErrors"][0]["code"], "IDEMPOTENCY_KEY_REUSED");
    let viewer = "{ viewer { mode networks memberships { accountId role businessName } } }";
    let viewer = world.ask(&ada, viewer, json!({})).await;
    assert_eq!(viewer["data"]["viewer"]["memberships"][0]["role"], "OWNER");
    assert_eq!(viewer["data"]["viewer"]["mode"], "SANDBOX");
}

#[tokio::test]
async fn a_mistake_in_an_input_names_its_field_and_changes_nothing() {
    let world = World::new().await;
    let ada = somebody("Ada");
    let wish = json!({ "businessName": " ", "name": "Ada", "zone": "Mars/Olympus" });
    let refused = world.send(&ada, "openAccount", wish, "account { id }").await;
    assert_eq!(refused["account"], json!(null));
    assert_eq!(refused["userErrors"][0]["code"], "VALIDATION");
    assert_eq!(refused["userErrors"][0]["path"], json!(["businessName"]));
    let wish = json!({ "businessName": "A", "name": "Ada", "zone": "Mars/Olympus" });
    let refused = world.send(&ada, "openAccount", wish, "account { id }").await;
    assert_eq!(refused["userErrors"][0]["path"], json!(["zone"]));
    assert_eq!(world.desk.stores.log.head().await.expect("a head").stored, 0);
}

#[tokio::test]
async fn an_invited_person_joins_with_the_secret_and_may_do_what_their_role_says() {
    let world = World::new().await;
    let ada = world.owner("Ada").await;
    let wish = json!({ "email": "bob@example.org", "role": "VIEWER" });
    let invited = world.send(&ada, "inviteMember", wish, "member { id status } invitation").await;
    assert_eq!(invited["member"]["status"], "INVITED");

    let mut bob = somebody("Bob");
    let wrong = json!({ "invitation": "made up", "name": "Bob" });
    let refused = world.send(&bob, "acceptInvite", wrong, "member { id }").await;
    assert_eq!(refused["userErrors"][0]["code"], "LINK_NOT_VALID");
    assert_eq!(refused["userErrors"][0]["path"], json!(["invitation"]));
    let wish = json!({ "invitation": invited["invitation"], "name": "Bob" });
    let joined = world.send(&bob, "acceptInvite", wish, "member { id name status role }").await;
    assert_eq!(joined["member"]["status"], "ACTIVE", "{joined}");

    bob.account = ada.account.clone();
    let refused = world.send(&bob, "beginConnection", json!({ "network": "X" }), "").await;
    assert_eq!(code(&refused), "FORBIDDEN");
    let refused = world.ask(&bob, "{ auditLog(first: 1) { edges { cursor } } }", json!({})).await;
    assert_eq!(code(&refused), "FORBIDDEN");
    let members = "{ members(first: 10) { totalCount nodes { name } } }";
    let members = world.ask(&bob, members, json!({})).await;
    assert_eq!(members["data"]["members"]["totalCount"], 2);

    let left = world.send(&bob, "removeMember", json!({ "member": joined["member"]["id"] }), "");
    assert_eq!(left.await["userErrors"], json!([]));
    world.project().await;
    let gone = world.ask(&bob, "{ account { id } }", json!({})).await;
    assert_eq!(code(&gone), "NOT_FOUND");
}

#[tokio::test]
async fn who_takes_part_in_nothing_or_in_several_is_told_what_to_do() {
    let world = World::new().await;
    let stranger = world.ask(&somebody("Eve"), "{ account { id } }", json!({})).await;
    assert_eq!(code(&stranger), "NO_ACCOUNT");
    let mut ada = world.owner("Ada").await;
    let wish = json!({ "businessName": "Second", "name": "Ada" });
    world.send(&ada, "openAccount", wish, "account { id }").await;
    ada.account = None;
    let several = world.ask(&ada, "{ account { id } }", json!({})).await;
    assert_eq!(code(&several), "ACCOUNT_REQUIRED");
    assert_eq!(several["errors"][0]["extensions"]["accounts"].as_array().map(Vec::len), Some(2));
}
