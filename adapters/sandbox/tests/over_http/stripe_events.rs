//! Events on their way: tried again, twice, late, shuffled, dropped, and after a restart.

use serde_json::{Value, json};

use crate::house::House;
use crate::stripe_house::{PAYS, SECRET, Shop, nothing, signed, text};

#[tokio::test]
async fn an_endpoint_that_fails_is_tried_again() {
    let shop = Shop::open().await;
    shop.moods.lock().unwrap().extend([500, 302]);
    shop.customer().await;
    let heard = shop.hears(3).await;
    assert!(heard.iter().all(|event| event["id"] == heard[0]["id"]));
    shop.quiet().await;
    let delivered = shop.house.effects("deliver_event");
    assert_eq!(delivered.len(), 1);
    assert_eq!(delivered[0].facts["attempts"], 3);
}

#[tokio::test]
async fn deliveries_can_be_held_doubled_shuffled_and_dropped() {
    let shop = Shop::open().await;
    shop.control("deliveries", json!({ "paused": true, "twice": true, "shuffle_ms": 1 })).await;
    shop.customer().await;
    shop.customer().await;
    assert!(shop.heard.lock().unwrap().is_empty());
    shop.control("deliveries", json!({ "shuffle_ms": 1 })).await;
    let heard = shop.hears(4).await;
    let ids: Vec<String> = heard.iter().map(|event| text(event, "id")).collect();
    let events = shop.get("/v1/events").await;
    let (newest, oldest) = (text(&events["data"][0], "id"), text(&events["data"][1], "id"));
    assert_eq!(ids, [newest.clone(), newest, oldest.clone(), oldest]);
    shop.quiet().await;

    shop.heard.lock().unwrap().clear();
    let drop = json!({ "drop_next": 1, "drop_types": ["customer.created"] });
    shop.control("deliveries", drop).await;
    let lost = shop.customer().await;
    shop.quiet().await;
    assert!(shop.heard.lock().unwrap().is_empty());
    let event = shop.get("/v1/events?type=customer.created").await["data"][0].clone();
    assert_eq!(event["data"]["object"]["id"], lost);
    shop.control("redeliver", json!({ "event": event["id"] })).await;
    assert_eq!(shop.hears(1).await[0]["id"], event["id"]);
}

#[tokio::test]
async fn while_a_secret_is_replaced_both_sign() {
    let shop = Shop::open().await;
    let rotated = shop.control("rotate", nothing()).await;
    shop.customer().await;
    shop.hears(1).await;
    let (header, body) = shop.heard.lock().unwrap()[0].clone();
    assert!(signed(&header, &body, SECRET) && signed(&header, &body, &text(&rotated, "secret")));

    let alone = shop.control("rotate", json!({ "keep_old": false })).await;
    shop.customer().await;
    shop.hears(2).await;
    let (header, body) = shop.heard.lock().unwrap()[1].clone();
    assert!(!signed(&header, &body, SECRET) && signed(&header, &body, &text(&alone, "secret")));
}

#[tokio::test]
async fn an_endpoint_chooses_types_and_version_and_sees_its_secret_once() {
    let shop = Shop::open().await;
    let url = shop.get("/v1/webhook_endpoints").await["data"][0]["url"].clone();
    let form = [
        ("url", url.as_str().unwrap()),
        ("enabled_events[]", "customer.subscription.created"),
        ("api_version", "2023-10-16"),
    ];
    let made = shop.post("/v1/webhook_endpoints", &form).await;
    let secret = text(&made, "secret");
    assert!(secret.starts_with("whsec_"));
    let path = format!("/v1/webhook_endpoints/{}", text(&made, "id"));
    assert_eq!(shop.get(&path).await.get("secret"), None);

    let customer = shop.customer().await;
    shop.subscribe(&customer, PAYS).await;
    shop.quiet().await;
    let heard = shop.heard.lock().unwrap().clone();
    let own: Vec<Value> = heard
        .iter()
        .filter(|(header, body)| signed(header, body, &secret))
        .map(|(_, body)| serde_json::from_slice(body).unwrap())
        .collect();
    assert_eq!(own.len(), 1);
    assert_eq!(own[0]["type"], "customer.subscription.created");
    assert_eq!(own[0]["api_version"], "2023-10-16");
    assert!(own[0]["data"]["object"]["current_period_end"].is_i64());
}

#[tokio::test]
async fn everything_of_stripe_survives_a_restart_and_no_file_holds_a_card_number() {
    let folder = tempfile::tempdir().unwrap();
    let lasting = folder.path().to_owned();
    let shop = Shop::with(|settings| herald_sandbox::Settings {
        data_dir: Some(lasting.clone()),
        ..settings
    })
    .await;
    shop.control("deliveries", json!({ "paused": true })).await;
    let customer = shop.customer().await;
    let own = shop.subscribe(&customer, PAYS).await;
    let told = shop.event_types().await;
    let before = shop.get(&format!("/v1/subscriptions/{own}")).await;
    let (heard, moods) = (shop.heard.clone(), shop.moods.clone());
    let url = shop.get("/v1/webhook_endpoints").await["data"][0]["url"].clone();
    shop.house.sandbox.shutdown().await;
    let file = std::fs::read_to_string(folder.path().join("sandbox/ledger.jsonl")).unwrap();
    assert!(!file.contains("4242424242424242") && !file.contains(PAYS));
    assert!(heard.lock().unwrap().is_empty());

    let endpoint = herald_sandbox::StripeEndpoint {
        url: url.as_str().unwrap().to_owned(),
        secret: SECRET.to_owned(),
        api_version: None,
    };
    let stripe = herald_sandbox::StripeSettings {
        endpoint: Some(endpoint),
        ..herald_sandbox::StripeSettings::default()
    };
    let again =
        herald_sandbox::Settings { data_dir: Some(lasting), stripe, ..crate::house::settings() };
    let shop = Shop { house: House::with(again).await, heard, moods };
    assert_eq!(shop.get(&format!("/v1/subscriptions/{own}")).await, before);
    assert_eq!(shop.event_types().await, told);
    assert_eq!(shop.hears(told.len()).await.len(), told.len());
}
