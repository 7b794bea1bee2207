//! How the API is spoken: keys, parameters, versions, idempotency, pages of lists.

use herald_sandbox::STRIPE_SECRET_KEY;
use serde_json::{Value, json};

use crate::house::House;
use crate::stripe_house::{PAYS, STARTER, Shop, text};

async fn with_key(house: &House, key: &str, form: &[(&str, &str)]) -> reqwest::Response {
    let request = house.post("/stripe/v1/customers").bearer_auth(STRIPE_SECRET_KEY);
    request.header("idempotency-key", key).form(form).send().await.unwrap()
}

#[tokio::test]
async fn a_key_that_is_not_known_is_refused() {
    let shop = Shop::open().await;
    for (key, words) in
        [("", "You did not provide an API key"), ("sk_test_wrong_wrong", "Invalid API Key")]
    {
        let mut request = shop.house.get("/stripe/v1/customers");
        if !key.is_empty() {
            request = request.bearer_auth(key);
        }
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 401);
        assert!(answer.headers().contains_key("request-id"));
        let body: Value = answer.json().await.unwrap();
        assert_eq!(body["error"]["type"], "invalid_request_error");
        let message = text(&body["error"], "message");
        assert!(message.starts_with(words) && !message.contains("wrong_w"), "{message}");
    }
}

#[tokio::test]
async fn what_is_unknown_missing_or_no_number_is_named() {
    type Form<'f> = &'f [(&'f str, &'f str)];
    let shop = Shop::open().await;
    let customer = shop.customer().await;
    let item = ("items[0][price]", STARTER);
    let who = ("customer", customer.as_str());
    let table: [(&str, Form<'_>, &str, &str); 7] = [
        ("/v1/customers", &[("colour", "red")], "parameter_unknown", "colour"),
        (
            "/v1/subscriptions",
            &[who, ("items[0][prize]", "x")],
            "parameter_unknown",
            "items[0][prize]",
        ),
        ("/v1/subscriptions", &[item], "parameter_missing", "customer"),
        (
            "/v1/subscriptions",
            &[who, ("items[0][price]", "price_no")],
            "resource_missing",
            "items[0][price]",
        ),
        (
            "/v1/subscriptions",
            &[who, item, ("trial_period_days", "two")],
            "parameter_invalid_integer",
            "trial_period_days",
        ),
        ("/v1/customers/cus_nobody", &[], "resource_missing", "id"),
        ("/v1/subscriptions", &[who, item], "resource_missing", ""),
    ];
    let before = shop.event_types().await;
    for (path, form, code, param) in table {
        let (status, error) = shop.refused(path, form).await;
        assert_eq!(status, if param == "id" { 404 } else { 400 }, "{error}");
        assert_eq!(error["code"], code, "{error}");
        assert_eq!(error["param"].as_str().unwrap_or_default(), param, "{error}");
    }
    assert_eq!(shop.event_types().await, before);
    let (status, error) = shop.refused("/v1/nothing", &[]).await;
    assert_eq!(status, 404);
    assert!(text(&error, "message").starts_with("Unrecognized request URL (POST: /v1/nothing)"));
}

#[tokio::test]
async fn the_same_key_brings_the_same_answer_and_no_second_effect() {
    let shop = Shop::open().await;
    let form = [("email", "jo@example.com")];
    let first = with_key(&shop.house, "key-1", &form).await;
    assert_eq!(first.headers().get("idempotent-replayed"), None);
    let first: Value = first.json().await.unwrap();
    let again = with_key(&shop.house, "key-1", &form).await;
    assert_eq!(again.headers()["idempotent-replayed"], "true");
    assert_eq!(again.json::<Value>().await.unwrap(), first);
    assert_eq!(shop.house.effects("create_customer").len(), 1);

    let other = with_key(&shop.house, "key-1", &[("email", "al@example.com")]).await;
    assert_eq!(other.status(), 400);
    let error: Value = other.json().await.unwrap();
    assert_eq!(error["error"]["type"], "idempotency_error");

    // A refusal for its parameters is not remembered.
    assert_eq!(with_key(&shop.house, "key-2", &[("colour", "red")]).await.status(), 400);
    assert_eq!(with_key(&shop.house, "key-2", &form).await.status(), 200);
}

#[tokio::test]
async fn a_key_at_work_is_a_conflict() {
    let shop = Shop::open().await;
    shop.control("deliveries", json!({ "latency_ms": 300 })).await;
    let form = [("email", "jo@example.com")];
    let (one, two) =
        tokio::join!(with_key(&shop.house, "key", &form), with_key(&shop.house, "key", &form));
    let mut statuses = [one.status().as_u16(), two.status().as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
    assert_eq!(shop.house.effects("create_customer").len(), 1);
}

#[tokio::test]
async fn a_list_comes_in_pages_in_both_directions() {
    let shop = Shop::open().await;
    let mut ids = Vec::new();
    for _ in 0..5 {
        ids.push(shop.customer().await);
    }
    ids.reverse();
    let first = shop.get("/v1/customers?limit=2").await;
    assert_eq!(first["has_more"], true);
    let page = |value: &Value| -> Vec<String> {
        value["data"].as_array().unwrap().iter().map(|one| text(one, "id")).collect()
    };
    assert_eq!(page(&first), ids[..2]);
    let last = shop.get(&format!("/v1/customers?limit=3&starting_after={}", ids[1])).await;
    assert_eq!((page(&last), &last["has_more"]), (ids[2..].to_vec(), &false.into()));
    let back = shop.get(&format!("/v1/customers?limit=2&ending_before={}", ids[4])).await;
    assert_eq!((page(&back), &back["has_more"]), (ids[2..4].to_vec(), &true.into()));

    for path in ["/v1/customers?limit=101", "/v1/customers?starting_after=cus_no"] {
        let request = shop.house.get(&format!("/stripe{path}")).bearer_auth(STRIPE_SECRET_KEY);
        assert_eq!(request.send().await.unwrap().status(), 400, "{path}");
    }
}

#[tokio::test]
async fn an_older_version_answers_in_older_shapes() {
    let shop = Shop::open().await;
    let customer = shop.customer().await;
    let own = shop.subscribe(&customer, PAYS).await;
    let path = format!("/stripe/v1/subscriptions/{own}?expand[]=latest_invoice.payment_intent");
    let request = shop.house.get(&path).bearer_auth(STRIPE_SECRET_KEY);
    let answer = request.header("stripe-version", "2023-10-16").send().await.unwrap();
    assert_eq!(answer.headers()["stripe-version"], "2023-10-16");
    let old: Value = answer.json().await.unwrap();
    assert!(old["current_period_end"].is_i64());
    assert_eq!(old["items"]["data"][0].get("current_period_end"), None);
    assert_eq!(old["latest_invoice"]["subscription"], own);
    assert_eq!(old["latest_invoice"]["paid"], true);
    assert_eq!(old["latest_invoice"]["payment_intent"]["status"], "succeeded");
    assert_eq!(old["latest_invoice"].get("parent"), None);

    let now = shop.get(&format!("/v1/invoices/{}", text(&old["latest_invoice"], "id"))).await;
    assert_eq!(now["parent"]["subscription_details"]["subscription"], own);
    assert_eq!(now.get("subscription"), None);
    for (name, wrong) in [("stripe-version", "yesterday")] {
        let request = shop.house.get("/stripe/v1/account").bearer_auth(STRIPE_SECRET_KEY);
        assert_eq!(request.header(name, wrong).send().await.unwrap().status(), 400);
    }
}

#[tokio::test]
async fn the_catalogue_is_there_by_lookup_key() {
    let shop = Shop::open().await;
    let path = "/v1/prices?lookup_keys[]=herald_starter_yearly_v1&lookup_keys[]=herald_ai_credits_500_v1\
                &expand[]=data.product";
    let prices = shop.get(path).await;
    let mut found: Vec<(String, i64)> = prices["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|price| (text(price, "id"), price["unit_amount"].as_i64().unwrap()))
        .collect();
    found.sort();
    assert_eq!(
        found,
        [
            ("price_herald_ai_credits_500_v1".to_owned(), 1_000),
            ("price_herald_starter_yearly_v1".to_owned(), 29_000)
        ]
    );
    assert!(prices["data"][0]["product"]["name"].is_string());
}

#[tokio::test]
async fn use_is_counted_once_per_identifier() {
    let shop = Shop::open().await;
    let customer = shop.customer().await;
    let meter = [
        ("display_name", "API calls"),
        ("event_name", "api_calls"),
        ("default_aggregation[formula]", "sum"),
    ];
    let meter = text(&shop.post("/v1/billing/meters", &meter).await, "id");
    let event = |identifier| {
        [
            ("event_name", "api_calls"),
            ("payload[stripe_customer_id]", customer.as_str()),
            ("payload[value]", "25"),
            ("identifier", identifier),
        ]
    };
    shop.post("/v1/billing/meter_events", &event("one")).await;
    shop.post("/v1/billing/meter_events", &event("two")).await;
    let (status, _) = shop.refused("/v1/billing/meter_events", &event("one")).await;
    assert_eq!(status, 400);
    let path = format!(
        "/v1/billing/meters/{meter}/event_summaries?customer={customer}&start_time=1700000040\
         &end_time=4000000020"
    );
    let summaries = shop.get(&path).await;
    assert_eq!(summaries["data"][0]["aggregated_value"], 50);
}
