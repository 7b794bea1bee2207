//! Card numbers: typed on the payment provider's pages or written into one of its forms by mistake,
//! they are nowhere in what Herald keeps, prints and answers.

#![cfg(test)]
#![allow(clippy::allow_attributes, missing_docs, dead_code, reason = "sentences; parts of a front")]

mod front;

use front::{
    Front, cash,
    cash::{DECLINED, PAYS},
    database::Engine,
    story, until,
    visitor::Visitor,
};
use reqwest::Method;
use serde_json::{Value, json};

const METRICS: &str = "the-metrics-token";

/// A number as people type it and as programs send it.
fn spelled(number: &str) -> [String; 3] {
    let groups: Vec<_> = number.as_bytes().chunks(4).map(String::from_utf8_lossy).collect();
    [number.to_owned(), groups.join(" "), groups.join("-")]
}

/// An event in whose free texts somebody wrote a card's number.
fn event(customer: &str, account: &str) -> Value {
    let [bare, spaced, dashed] = spelled(PAYS);
    json!({
        "id": "evt_canary", "object": "event", "created": cash::now(), "type": "customer.updated",
        "data": { "object": {
            "id": customer, "object": "customer", "name": format!("Ada, {spaced}"),
            "description": dashed, "metadata": { "account_id": account, "card": bare }
        } }
    })
}

/// How the event stands in the inbox, once it was applied and replayed so often.
async fn until_applied(operator: &Visitor, replays: u32) {
    let inbox = "{ inbox(source: \"stripe\", kind: \"customer.updated\", first: 20) {
        nodes { event state replays size } } }";
    until("the event is applied", async || {
        let rows = operator.gql(inbox, json!({})).await;
        let mut rows = rows["inbox"]["nodes"].as_array().expect("rows").iter();
        let row = rows.find(|row| row["event"] == "evt_canary")?;
        (row["state"] == "APPLIED" && row["replays"] == replays).then_some(())
    })
    .await;
}

async fn read_everything(front: &Front, owner: &Visitor) {
    let everything = "{
        subscription { tier card { last4 brand } } paymentMethods { id card { last4 } }
        invoices { nodes { id } }
        auditLog(first: 100) { nodes { type why payload causation } } }";
    owner.gql(everything, json!({})).await;
    let machine = Visitor { session: Some(METRICS.to_owned()), ..front.nobody() };
    let (status, _) = machine.send(machine.request(Method::GET, "/metrics")).await;
    assert_eq!(status, 200);
    for command in [&["webhooks", "list"][..], &["audit", "log"], &["audit", "export"]] {
        front.herald(command);
    }
}

async fn no_card_number_is_kept(engine: Engine) {
    let settings =
        [("HERALD_BILLING", "on"), ("HERALD_METRICS_TOKEN", METRICS), ("RUST_LOG", "debug")];
    let front = Front::start_with(engine, &settings).await;
    let operator = front.resident().await;
    let ada = story::open_account(&front.newcomer().await, "Corner Bakery").await;
    let page = cash::checkout(&ada, "starter").await;
    assert_eq!(cash::click(&page, DECLINED).await.status(), 402);
    let [_, typed, _] = spelled(PAYS);
    cash::pay(&page, &typed).await;
    cash::until_tier(&ada, "starter").await;

    let customer = cash::stripe(&front, "customers?limit=1").await;
    let customer = customer["data"][0]["id"].as_str().expect("a customer").to_owned();
    let event = event(&customer, ada.account.as_deref().expect("an account"));
    let signature = cash::signature(&event, cash::now(), cash::SECRET);
    assert_eq!(cash::deliver(&front, &event, Some(signature)).await, 200);
    until_applied(&operator, 0).await;
    let again = ["webhooks", "replay", "--source", "stripe", "--event", "evt_canary"];
    assert!(front.herald(&again).status.success());
    until_applied(&operator, 1).await;
    read_everything(&front, &ada).await;

    let latin = |bytes: &[u8]| -> String { bytes.iter().map(|byte| char::from(*byte)).collect() };
    let database = latin(&front.database.dump().await);
    assert!(database.contains("evt_canary") && database.contains("starter"), "the search is blind");
    let answers = front.heard().join("\n");
    assert!(answers.contains("\"last4\":\"4242\""), "its last digits are shown");
    assert!(front.output().len() > 10_000, "the log was turned up");
    let places = [("database", database), ("answers", answers), ("output", front.output())];
    for number in spelled(PAYS).iter().chain(&spelled(DECLINED)) {
        for (place, text) in &places {
            assert!(!text.contains(number.as_str()), "{number} is in the {place}");
        }
    }
}

#[tokio::test]
async fn no_card_number_is_kept_printed_or_answered_on_sqlite() {
    no_card_number_is_kept(Engine::Sqlite).await;
}

#[tokio::test]
async fn no_card_number_is_kept_printed_or_answered_on_postgresql() {
    no_card_number_is_kept(Engine::Postgres).await;
}
