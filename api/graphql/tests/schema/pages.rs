//! Pages: in order, bounded, and only by cursors that we made.

use crate::world::{World, code};
use serde_json::{Value, json};

const PAGE: &str = "query($first: Int, $after: String, $last: Int, $before: String) {
    posts(first: $first, after: $after, last: $last, before: $before) {
        totalCount edges { cursor node { excerpt } }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }";

fn excerpts(answer: &Value) -> Vec<&str> {
    let edges = answer["data"]["posts"]["edges"].as_array().expect("edges");
    edges.iter().filter_map(|edge| edge["node"]["excerpt"].as_str()).collect()
}

#[tokio::test]
async fn a_list_is_read_in_pages_from_either_end() {
    let world = World::new().await;
    let ada = world.owner("Ada").await;
    let connection = world.connect(&ada).await;
    for text in ["one", "two", "three"] {
        world.write(&ada, &connection, text).await;
    }
    let first = world.ask(&ada, PAGE, json!({ "first": 2 })).await;
    assert_eq!(excerpts(&first), ["three", "two"]);
    let info = first["data"]["posts"]["pageInfo"].clone();
    assert_eq!((&info["hasNextPage"], &info["hasPreviousPage"]), (&json!(true), &json!(false)));
    assert_eq!(first["data"]["posts"]["totalCount"], 3);
    let rest = world.ask(&ada, PAGE, json!({ "first": 2, "after": info["endCursor"] })).await;
    assert_eq!(excerpts(&rest), ["one"]);
    assert_eq!(rest["data"]["posts"]["totalCount"], 3);
    let info = rest["data"]["posts"]["pageInfo"].clone();
    let back = world.ask(&ada, PAGE, json!({ "last": 2, "before": info["startCursor"] })).await;
    assert_eq!(excerpts(&back), ["three", "two"]);
    let last = world.ask(&ada, PAGE, json!({ "last": 1 })).await;
    assert_eq!(excerpts(&last), ["one"]);
}

#[tokio::test]
async fn a_page_needs_a_size_and_takes_only_cursors_of_its_own_list() {
    let world = World::new().await;
    let (ada, eve) = (world.owner("Ada").await, world.owner("Eve").await);
    let connection = world.connect(&ada).await;
    world.write(&ada, &connection, "one").await;
    let first = world.ask(&ada, PAGE, json!({ "first": 1 })).await;
    let cursor =
        first["data"]["posts"]["edges"][0]["cursor"].as_str().expect("a cursor").to_owned();
    for wrong in [
        json!({}),
        json!({ "first": 0 }),
        json!({ "first": 101 }),
        json!({ "first": -1 }),
        json!({ "first": 1, "last": 1 }),
        json!({ "first": 1, "before": cursor }),
        json!({ "first": 1, "after": "made up" }),
        json!({ "first": 1, "after": format!("{cursor}A") }),
    ] {
        assert_eq!(code(&world.ask(&ada, PAGE, wrong.clone()).await), "VALIDATION", "{wrong}");
    }
    let foreign = world.ask(&eve, PAGE, json!({ "first": 1, "after": cursor })).await;
    assert_eq!(code(&foreign), "VALIDATION");
    let query = "query($after: String) { contentPlans(first: 1, after: $after) { totalCount } }";
    assert_eq!(code(&world.ask(&ada, query, json!({ "after": cursor })).await), "VALIDATION");
}

#[tokio::test]
async fn the_log_is_read_from_its_end_and_from_its_beginning() {
    let world = World::new().await;
    let ada = world.owner("Ada").await;
    world.connect(&ada).await;
    let query = "query($first: Int, $after: String, $last: Int) {
        auditLog(first: $first, after: $after, last: $last) {
            totalCount nodes { ordinal type } pageInfo { endCursor hasNextPage } } }";
    let whole = world.ask(&ada, query, json!({ "first": 100 })).await;
    let nodes = whole["data"]["auditLog"]["nodes"].as_array().expect("nodes").clone();
    assert_eq!(nodes.last().expect("an event")["type"], "account.opened");
    let oldest = world.ask(&ada, query, json!({ "last": 1 })).await;
    assert_eq!(oldest["data"]["auditLog"]["nodes"], json!([nodes.last()]));
    let mut found = Vec::new();
    let mut after = Value::Null;
    loop {
        let page = world.ask(&ada, query, json!({ "first": 3, "after": after })).await;
        let page = &page["data"]["auditLog"];
        found.extend(page["nodes"].as_array().expect("nodes").clone());
        after = page["pageInfo"]["endCursor"].clone();
        if page["pageInfo"]["hasNextPage"] == json!(false) {
            break;
        }
    }
    assert_eq!(found, nodes);
}

#[tokio::test]
async fn a_read_waits_for_what_its_token_promises_and_says_when_that_takes_too_long() {
    let world = World::new().await;
    let ada = world.owner("Ada").await;
    let invite = "mutation { inviteMember(input: { email: \"bob@example.org\", role: EDITOR,
        idempotencyKey: \"k\" }) { token } }";
    // Nobody folds meanwhile.
    let invited = world.ask_alone(&ada, invite, json!({})).await;
    let token = invited["data"]["inviteMember"]["token"].clone();
    let query = "query($after: String) { account(after: $after) { members { email } } }";
    let early = world.ask_alone(&ada, query, json!({ "after": token })).await;
    assert_eq!(code(&early), "READ_TIMEOUT");
    assert_eq!(early["errors"][0]["extensions"]["retryable"], true);
    world.project().await;
    let seen = world.ask(&ada, query, json!({ "after": token })).await;
    assert_eq!(seen["data"]["account"]["members"][1]["email"], "bob@example.org");
    let forged = world.ask(&ada, query, json!({ "after": "nonsense" })).await;
    assert_eq!(code(&forged), "VALIDATION");
}
