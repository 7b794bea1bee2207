//! What a tier has or has not: what it lacks is refused with the tier and the way to it, and is
//! there once the tier is.

#![cfg(test)]
#![allow(clippy::allow_attributes, missing_docs, dead_code, reason = "sentences; parts of a front")]

mod front;

use front::{
    cash,
    cash::PAYS,
    database::Engine,
    story,
    visitor::{Visitor, text},
};
use serde_json::{Value, json};

/// A post with the figures of its one target, as far as they are shown.
async fn figures(reader: &Visitor, post: &str) -> Value {
    let query = "query($id: ID!) { post(id: $id) { status targets { metrics { at likes } } } }";
    reader.ask(query, json!({ "id": post })).await
}

async fn features_come_with_a_tier(engine: Engine) {
    let front = cash::front(engine).await;
    let ada = story::open_account(&front.newcomer().await, "Corner Bakery").await;
    let connection = story::connect(&ada, "sandbox_bakery").await;
    let post = story::write(&ada, &connection, story::words("bread")).await;
    let post = text(&post["id"]);
    story::publish(&ada, &post).await;

    let answer = figures(&ada, &post).await;
    let (seen, fault) = (&answer["data"]["post"], &answer["errors"][0]);
    assert_eq!(seen["status"], "PUBLISHED", "the rest is answered: {answer}");
    assert_eq!(seen["targets"][0]["metrics"], Value::Null, "{answer}");
    assert_eq!(fault["extensions"]["code"], "FEATURE_NOT_INCLUDED", "{answer}");
    let message = text(&fault["message"]);
    for said in ["analytics", "`startCheckout`", "tier free v1", "subscription event "] {
        assert!(message.contains(said), "no `{said}` in `{message}`");
    }
    let invite = json!({ "email": "ben@example.org", "role": "VIEWER" });
    assert_eq!(ada.refused("inviteMember", invite.clone()).await, "FEATURE_NOT_INCLUDED");

    cash::pay(&cash::checkout(&ada, "starter").await, PAYS).await;
    cash::until_tier(&ada, "starter").await;
    let answer = figures(&ada, &post).await;
    assert!(answer.get("errors").is_none(), "{answer}");
    assert!(answer["data"]["post"]["targets"][0]["metrics"].is_array(), "{answer}");
    assert_eq!(ada.refused("inviteMember", invite.clone()).await, "FEATURE_NOT_INCLUDED");
    let up = json!({ "tier": "professional", "interval": "MONTH" });
    ada.tell("changePlan", up, "subscription { tier }").await;
    cash::until_tier(&ada, "professional").await;
    ada.tell("inviteMember", invite, "member { id }").await;
}

#[tokio::test]
async fn figures_are_shown_where_the_tier_has_analytics_and_refused_where_not_on_sqlite() {
    features_come_with_a_tier(Engine::Sqlite).await;
}

#[tokio::test]
async fn figures_are_shown_where_the_tier_has_analytics_and_refused_where_not_on_postgresql() {
    features_come_with_a_tier(Engine::Postgres).await;
}
