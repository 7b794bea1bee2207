//! The whole way of whoever pays, door by door: from signing in over a checkout, its webhook, a key,
//! its calls and their limit to a higher tier, a lower one, and the end.

#![cfg(test)]
#![allow(clippy::allow_attributes, missing_docs, dead_code, reason = "sentences; parts of a front")]

mod front;

use front::{
    Front, cash,
    cash::{DECLINED, PAYS},
    database::Engine,
    story, until,
    visitor::{Visitor, text},
};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Instant;

const STARTER: &str = "starter";
const PROFESSIONAL: &str = "professional";

/// More calls than the starter's minute has.
const TOO_MANY: usize = 120;

/// Calls until one is told to wait. Answers that answer, and how many passed before it.
async fn until_told_to_wait(program: &Visitor) -> (usize, reqwest::Response) {
    for passed in 0..TOO_MANY {
        let call = program.request(Method::GET, "/posts?limit=1");
        let answer = call.send().await.expect("an answer");
        if answer.status() == 429 {
            return (passed, answer);
        }
        assert_eq!(answer.status(), 200);
    }
    panic!("{TOO_MANY} calls in a minute passed");
}

/// The limit of a starter's minute says what it is and when to come back.
async fn a_minute_has_its_limit(program: &Visitor) {
    let began = Instant::now();
    let (passed, stopped) = until_told_to_wait(program).await;
    // One more a second may pass while they are sent.
    let most = 61 + usize::try_from(began.elapsed().as_secs()).expect("seconds");
    assert!((30..=most).contains(&passed), "{passed} calls passed, at most {most} may");
    let header = |name| stopped.headers()[name].to_str().expect("text").to_owned();
    let wait: u64 = header("retry-after").parse().expect("seconds");
    assert!((1..=60).contains(&wait), "{wait} s");
    assert!(header("ratelimit-policy").contains("\"burst\";q=60;w=60"), "{stopped:?}");
    assert_eq!(header("content-type"), "application/problem+json");
    let problem: Value = stopped.json().await.expect("JSON");
    assert_eq!((&problem["code"], &problem["retryable"]), (&json!("RATE_LIMITED"), &json!(true)));
    assert_eq!(problem["violated-policies"][0], "burst", "{problem}");
}

async fn by_graphql(engine: Engine) {
    let front = cash::front(engine).await;
    let ada = story::open_account(&front.newcomer().await, "Corner Bakery").await;
    let before = cash::subscription(&ada).await;
    assert_eq!((&before["tier"], &before["access"]), (&json!("free"), &json!("FREE")));

    let page = cash::checkout(&ada, STARTER).await;
    assert_eq!(cash::click(&page, DECLINED).await.status(), 402);
    assert_eq!(cash::subscription(&ada).await["tier"], "free", "a declined card buys nothing");
    cash::pay(&page, PAYS).await;
    assert_eq!(cash::until_tier(&ada, STARTER).await["access"], "TRIAL");

    let wish = json!({ "name": "the till", "scopes": ["READ", "WRITE"] });
    let issued = ada.tell("issueApiKey", wish, "apiKey { id } secret").await;
    let till = Visitor { session: Some(text(&issued["secret"])), ..front.nobody() };
    let asked = till.gql("{ entitlements { tier } posts(first: 1) { nodes { id } } }", json!({}));
    assert_eq!(asked.await["entitlements"]["tier"], STARTER);
    a_minute_has_its_limit(&till).await;

    let up = json!({ "tier": PROFESSIONAL, "interval": "MONTH" });
    ada.tell("changePlan", up, "subscription { tier }").await;
    assert_eq!(cash::until_tier(&ada, PROFESSIONAL).await["access"], "TRIAL", "the trial goes on");
    until("the higher tier has room", async || {
        let call = till.request(Method::GET, "/posts?limit=1");
        (till.send(call).await.0 == 200).then_some(())
    })
    .await;

    let down = json!({ "tier": STARTER, "interval": "MONTH" });
    ada.tell("changePlan", down, "subscription { tier }").await;
    let waits = cash::until_so(&ada, "the change waits", |it| it["change"]["tier"] == STARTER);
    assert_eq!(waits.await["tier"], PROFESSIONAL, "what is paid for stays");

    ada.tell("cancelSubscription", json!({}), "subscription { endsAt }").await;
    cash::until_so(&ada, "an end is set", |it| it["endsAt"] == it["periodEnd"]).await;
    ada.tell("cancelSubscription", json!({ "at": "NOW" }), "subscription { endsAt }").await;
    let ended = cash::until_so(&ada, "it ended", |it| it["access"] == "ENDED").await;
    assert_eq!(ended["tier"], "free", "{ended}");
    let question = "query($of: ID!) { auditLog(object: $of, first: 100) { nodes { type } } }";
    let subscription = ada.gql("{ entitlements { basisEvent } }", json!({})).await;
    assert!(subscription["entitlements"].is_object(), "{subscription}");
    let trail = ada.gql(question, json!({ "of": issued["apiKey"]["id"] })).await;
    assert_eq!(trail["auditLog"]["nodes"][0]["type"], "api_key.issued", "{trail}");
}

#[tokio::test]
async fn graphql_leads_from_a_checkout_to_calls_up_down_and_out_on_sqlite() {
    by_graphql(Engine::Sqlite).await;
}

#[tokio::test]
async fn graphql_leads_from_a_checkout_to_calls_up_down_and_out_on_postgresql() {
    by_graphql(Engine::Postgres).await;
}

/// Where the account stands, by REST, once it is so.
async fn until_status(payer: &Visitor, what: &str, so: impl Fn(&Value) -> bool) -> Value {
    until(what, async || {
        let (status, body) = cash::rest(payer, Method::GET, "/billing/status", &Value::Null).await;
        assert_eq!(status, 200, "{body}");
        assert_eq!(body["problem"], Value::Null, "nothing was refused: {body}");
        so(&body).then_some(body)
    })
    .await
}

async fn post(payer: &Visitor, path: &str, body: Value) -> Value {
    let (status, answer) = cash::rest(payer, Method::POST, path, &body).await;
    assert!((200..300).contains(&status), "{path}: {status} {answer}");
    answer
}

/// Bills by REST are those of GraphQL, and page on to the last.
async fn bills_are_listed_page_by_page(ada: &Visitor) {
    let get = async |query: &str| {
        let path = format!("/billing/invoices{query}");
        cash::rest(ada, Method::GET, &path, &Value::Null).await
    };
    let wanted = "{ invoices(first: 50) { nodes { id number status pageUrl pdfUrl createdAt
        total { minor } } hasMore } }";
    let known = ada.gql(wanted, json!({})).await["invoices"].take();
    let known = known["nodes"].as_array().expect("bills");
    assert!(!known.is_empty());
    let (mut after, mut seen) = (String::new(), Vec::new());
    loop {
        let (status, page) = get(&format!("?limit=1{after}")).await;
        assert_eq!(status, 200, "{page}");
        seen.extend(page["items"].as_array().expect("items").clone());
        let Some(next) = page["next"].as_str() else { break };
        after = format!("&after={next}");
    }
    assert_eq!(seen.len(), known.len());
    for (bill, known) in seen.iter().zip(known) {
        for (here, there) in [
            ("id", "id"),
            ("number", "number"),
            ("created_at", "createdAt"),
            ("page_url", "pageUrl"),
            ("pdf_url", "pdfUrl"),
        ] {
            assert_eq!(bill[here], known[there], "{bill} {known}");
        }
        assert_eq!(bill["total"]["minor"].to_string(), text(&known["total"]["minor"]));
        assert!(bill["page_url"].is_string() && bill["pdf_url"].is_string(), "{bill}");
    }
    for (query, status, code) in [
        ("?limit=0", 422, "VALIDATION"),
        ("?limit=51", 422, "VALIDATION"),
        ("?limit=many", 400, "QUERY_NOT_READ"),
        ("?status=paid", 400, "QUERY_NOT_READ"),
    ] {
        let (seen, problem) = get(query).await;
        assert_eq!((seen, &problem["code"]), (status, &json!(code)), "{query}: {problem}");
    }
}

async fn by_rest(engine: Engine) {
    let front = cash::front(engine).await;
    // A card has one trial: whoever comes second pays at once.
    let ben = story::open_account(&front.newcomer().await, "Ben's Bikes").await;
    cash::pay(&cash::checkout(&ben, STARTER).await, PAYS).await;
    cash::until_tier(&ben, STARTER).await;
    let ada = story::open_account(&front.newcomer().await, "Corner Bakery").await;
    let (_, me) = cash::rest(&ada, Method::GET, "/auth/me", &Value::Null).await;
    assert_eq!(
        (&me["accounts"][0]["role"], &me["accounts"][0]["account"]),
        (&json!("owner"), &json!(ada.account))
    );

    let page = text(&post(&ada, "/billing/checkout", json!({ "tier": STARTER })).await["url"]);
    cash::pay(&page, PAYS).await;
    let paid = until_status(&ada, "the tier is there", |it| it["tier"] == STARTER).await;
    assert_eq!(paid["access"]["state"], "full");

    let wish = json!({ "name": "the till", "scopes": ["read"] });
    let issued = post(&ada, "/api-keys/generate", wish).await;
    let till = Visitor { session: Some(text(&issued["key"])), ..front.nobody() };
    let (status, usage) = cash::rest(&till, Method::GET, "/billing/usage", &Value::Null).await;
    assert_eq!((status, &usage["counters"][1]["limit"]), (200, &json!(10_000)), "{usage}");
    a_minute_has_its_limit(&till).await;

    let path = "/billing/preview?tier=professional&interval=month";
    let (status, preview) = cash::rest(&ada, Method::GET, path, &Value::Null).await;
    assert_eq!((status, &preview["due"]["currency"]), (200, &json!("USD")), "{preview}");
    assert!(preview["due"]["minor"].as_i64().is_some_and(|due| due > 0), "{preview}");
    bills_are_listed_page_by_page(&ada).await;
    let (status, problem) =
        cash::rest(&till, Method::POST, "/billing/change", &json!({ "tier": PROFESSIONAL })).await;
    assert_ne!(status, 200, "a key does not pay: {problem}");
    post(&ada, "/billing/change", json!({ "tier": PROFESSIONAL })).await;
    let up = until_status(&ada, "the higher tier", |it| it["tier"] == PROFESSIONAL).await;
    assert_eq!((&up["access"]["state"], &up["limits"]["networks"]), (&json!("full"), &Value::Null));

    let waits = post(&ada, "/billing/change", json!({ "tier": STARTER })).await;
    assert_eq!((&waits["tier"], &waits["change"]["tier"]), (&json!(PROFESSIONAL), &json!(STARTER)));
    let (status, stays) = cash::rest(&ada, Method::DELETE, "/billing/change", &Value::Null).await;
    assert_eq!((status, &stays["change"]), (200, &Value::Null), "{stays}");

    post(&ada, "/billing/cancel", json!({})).await;
    let set = |it: &Value| !it["ends_at"].is_null() && it["ends_at"] == it["access"]["ends_at"];
    until_status(&ada, "an end is set", set).await;
    post(&ada, "/billing/resume", json!({})).await;
    until_status(&ada, "it goes on", |it| it["ends_at"].is_null()).await;
    post(&ada, "/billing/cancel", json!({ "at": "now" })).await;
    let ended = until_status(&ada, "it ended", |it| it["access"]["state"] == "ended").await;
    assert_eq!(ended["tier"], "free");

    let wrong = json!({ "tier": STARTER, "interval": "weekly" });
    let (status, problem) = cash::rest(&ada, Method::POST, "/billing/change", &wrong).await;
    assert_eq!((status, &problem["field"]), (422, &json!("interval")), "{problem}");
    let path = "/billing/preview?level=9";
    let (status, problem) = cash::rest(&ada, Method::GET, path, &Value::Null).await;
    assert_eq!((status, &problem["code"]), (400, &json!("QUERY_NOT_READ")), "{problem}");
}

#[tokio::test]
async fn rest_leads_from_a_checkout_to_calls_up_down_and_out_on_sqlite() {
    by_rest(Engine::Sqlite).await;
}

#[tokio::test]
async fn rest_leads_from_a_checkout_to_calls_up_down_and_out_on_postgresql() {
    by_rest(Engine::Postgres).await;
}

/// Where nobody is sent: other sites, and what only looks like an allowed one.
const ASTRAY: [&str; 6] = [
    "https://evil.example/done",
    "https://app.example.org.evil.example/",
    "https://app.example.org@evil.example/",
    "http://app.example.org/",
    "https://app.example.org:8443/",
    "javascript:alert(document.domain)",
];

async fn refused_field(payer: &Visitor, path: &str, input: &Value) -> (u16, Value, Value) {
    let (status, mut problem) = cash::rest(payer, Method::POST, path, input).await;
    (status, problem["code"].take(), problem["field"].take())
}

async fn people_come_back_to_listed_origins(engine: Engine) {
    let origins = ("HERALD_RETURN_ORIGINS", "https://app.example.org");
    let front = Front::start_with(engine, &[("HERALD_BILLING", "on"), origins]).await;
    let ada = story::open_account(&front.newcomer().await, "Corner Bakery").await;
    let purchase = [
        ("startCheckout", json!({ "tier": STARTER, "interval": "MONTH" })),
        ("buyCredits", json!({ "pack": "ai_credits_500" })),
    ];
    let validation = json!("VALIDATION");
    for address in ASTRAY {
        for field in ["successUrl", "cancelUrl"] {
            for (mutation, mut input) in purchase.clone() {
                input[field] = json!(address);
                assert_eq!(ada.refused(mutation, input).await, "VALIDATION", "{field} {address}");
            }
        }
        for field in ["success_url", "cancel_url"] {
            let input = json!({ "tier": STARTER, field: address });
            let refused = refused_field(&ada, "/billing/checkout", &input).await;
            assert_eq!(refused, (422, validation.clone(), json!(field)), "{address}");
        }
    }
    assert_eq!(story::ledger(&front, "create_checkout_session").await, Vec::<Value>::new());

    let mut input = json!({ "tier": STARTER, "interval": "MONTH" });
    input["successUrl"] = json!("https://app.example.org/done");
    let opened = ada.tell("startCheckout", input, "checkoutUrl problem { code }").await;
    let back = cash::pay(&text(&opened["checkoutUrl"]), PAYS).await;
    assert!(back.starts_with("https://app.example.org/done"), "{back}");
    cash::until_tier(&ada, STARTER).await;
    for address in ASTRAY {
        let input = json!({ "returnUrl": address });
        assert_eq!(ada.refused("openPortal", input).await, "VALIDATION", "{address}");
        let input = json!({ "return_url": address });
        let refused = refused_field(&ada, "/billing/portal", &input).await;
        assert_eq!(refused, (422, validation.clone(), json!("return_url")), "{address}");
    }
    assert_eq!(story::ledger(&front, "create_portal_session").await, Vec::<Value>::new());
    let home = json!({ "returnUrl": front.url("/") });
    let portal = ada.tell("openPortal", home, "portalUrl").await;
    assert!(portal["portalUrl"].is_string(), "{portal}");
}

#[tokio::test]
async fn nobody_is_sent_back_from_a_page_to_a_stranger_on_sqlite() {
    people_come_back_to_listed_origins(Engine::Sqlite).await;
}

#[tokio::test]
async fn nobody_is_sent_back_from_a_page_to_a_stranger_on_postgresql() {
    people_come_back_to_listed_origins(Engine::Postgres).await;
}
