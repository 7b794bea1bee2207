//! What must exist at Stripe: told, made, and found again.

use crate::{
    fake::{Stage, Then, key, list, named, ok},
    published::follows,
    shapes::price,
};
use herald_application::ports::payments::{
    Difference, PaymentCatalogue, Setup, WantedMeter, WantedPortal, WantedPrice, WantedProduct,
    WantedWebhook,
};
use herald_kernel::Money;
use herald_subscription::Interval;
use secrecy::ExposeSecret as _;
use serde_json::json;

fn wanted() -> Setup {
    let amount = Money { minor: 2_900, currency: "USD".parse().expect("a currency") };
    Setup {
        products: vec![WantedProduct {
            id: "herald_starter".to_owned(),
            name: "Starter".to_owned(),
            prices: vec![WantedPrice {
                price: named("herald_starter_monthly_v1"),
                amount,
                interval: Some(Interval::Month),
            }],
        }],
        meters: vec![WantedMeter { event: "herald_posts".to_owned(), name: "Posts".to_owned() }],
        portal: Some(WantedPortal {
            return_to: "https://app.example/billing".parse().expect("a URL"),
            privacy_policy: None,
            terms: Some("https://app.example/terms".parse().expect("a URL")),
        }),
        webhook: Some(WantedWebhook {
            url: "https://herald.example.org/webhooks/stripe".parse().expect("a URL"),
            events: Vec::new(),
        }),
    }
}

fn gone() -> Then {
    let error = json!({ "error": { "type": "invalid_request_error", "code": "resource_missing" } });
    Then::Say(404, vec![], error.to_string())
}

#[tokio::test]
async fn a_plan_tells_what_is_missing_and_changes_nothing() {
    let stage = Stage::new([gone(), list(&[]), list(&[]), list(&[]), list(&[])]).await;
    let plan = stage.stripe.plan(&wanted()).await.expect("a plan");
    let told: Vec<_> = plan.iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "product herald_starter is missing",
            "price herald_starter_monthly_v1 is missing",
            "meter herald_posts is missing",
            "portal herald is missing",
            "webhook https://herald.example.org/webhooks/stripe is missing",
        ]
    );
    assert!(stage.lines().iter().all(|line| line.starts_with("GET ")), "{:?}", stage.lines());
    follows(&stage.asked());
}

#[tokio::test]
async fn applying_makes_what_is_missing_each_with_a_key_of_its_own() {
    let made = ok(&json!({ "id": "x", "name": "Starter", "event_name": "herald_posts",
        "currency": "usd", "secret": "whsec_CANARY", "url": "", "enabled_events": [] }));
    let nothing = || list(&[]);
    let stage = Stage::new([
        gone(),
        made.clone(),
        nothing(),
        made.clone(),
        nothing(),
        made.clone(),
        nothing(),
        made.clone(),
        nothing(),
        made,
    ])
    .await;
    let done = stage.stripe.apply(&key(), &wanted()).await.expect("done");
    assert_eq!(done.differences.len(), 5);
    assert_eq!(done.portal.as_deref(), Some("x"));
    assert_eq!(done.webhook_secret.as_ref().expect("a secret").expose_secret(), "whsec_CANARY");
    assert!(!format!("{done:?}").contains("CANARY"));
    let asked = stage.asked();
    let keys: std::collections::BTreeSet<_> = asked
        .iter()
        .filter(|it| it.line().starts_with("POST "))
        .map(|it| it.header("idempotency-key").to_owned())
        .collect();
    assert_eq!(keys.len(), 5, "{keys:?}");
    let price = asked[3].parameters();
    assert_eq!(price["lookup_key"], "herald_starter_monthly_v1");
    assert_eq!(
        (price["unit_amount"].as_str(), price["tax_behavior"].as_str()),
        ("2900", "exclusive")
    );
    let webhook = asked[9].parameters();
    assert!(
        webhook.values().any(|it| it == "invoice.paid") && webhook.values().all(|it| it != "*")
    );
    assert_eq!(webhook["api_version"], "2026-10-28.endive");
    follows(&asked);
}

#[tokio::test]
async fn a_price_that_differs_is_told_and_never_changed() {
    let mut other = price("price_1", Some("herald_starter_monthly_v1"));
    other["unit_amount"] = json!(3_900);
    let product = json!({ "id": "herald_starter", "name": "Starter", "active": true });
    let stage = Stage::new([ok(&product), list(&[other])]).await;
    let only = Setup { products: wanted().products, ..Setup::default() };
    let done = stage.stripe.apply(&key(), &only).await.expect("done");
    let [Difference::Differs { field, wanted, found, mendable, .. }] = done.differences.as_slice()
    else {
        std::panic::panic_any(format!("{:?}", done.differences))
    };
    assert_eq!((*field, wanted.as_str(), found.as_str()), ("amount", "2900 USD", "3900 USD"));
    assert!(!mendable);
    assert!(stage.lines().iter().all(|line| line.starts_with("GET ")));
}

#[tokio::test]
async fn a_webhook_that_misses_kinds_gets_them_and_keeps_what_somebody_added() {
    let url = "https://herald.example.org/webhooks/stripe";
    let there = json!({ "id": "we_1", "url": url, "status": "disabled",
        "enabled_events": ["invoice.paid", "payout.paid"] });
    let stage = Stage::new([list(std::slice::from_ref(&there)), ok(&there), ok(&there)]).await;
    let only = Setup { webhook: wanted().webhook, ..Setup::default() };
    let done = stage.stripe.apply(&key(), &only).await.expect("done");
    assert_eq!(done.differences.len(), 2);
    assert!(done.webhook_secret.is_none());
    let sent = stage.asked()[1].parameters();
    assert!(sent.values().any(|it| it == "payout.paid"));
    assert!(sent.values().any(|it| it == "customer.subscription.updated"));
    assert_eq!(stage.asked()[2].parameters()["disabled"], "false");
    follows(&stage.asked());
}
