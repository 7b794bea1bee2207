//! Who owes a payment: may look, pay and leave, and does nothing that costs; what was to go out
//! waits, and goes on once it is paid, once.

#![cfg(test)]
#![allow(clippy::allow_attributes, missing_docs, dead_code, reason = "sentences; parts of a front")]

mod front;

use front::{
    Front, cash,
    database::Engine,
    story, until,
    visitor::{Visitor, text},
};
use herald_kernel::Instant;
use reqwest::Method;
use serde_json::{Value, json};
use std::time::{Duration, SystemTime};

/// The starter without a day of grace, so that a test need not wait for a week.
const CATALOGUE: &str = r#"
[[tiers]]
tier = "free"
version = 1
name = "Free"
limits = { posts_per_month = { limited = 10 }, networks = { limited = 1 }, connections = { limited = 1 }, seats = { limited = 1 }, api_keys = { limited = 1 }, api_calls_per_month = { limited = 100 }, ai_model_class = "standard", ai_credits_per_month = { limited = 20 }, burst_per_minute = "unlimited" }

[[tiers]]
tier = "starter"
version = 1
name = "Starter"
trial_days = 14
grace_days = 0
limits = { posts_per_month = "unlimited", networks = "unlimited", connections = "unlimited", seats = { limited = 5 }, api_keys = { limited = 3 }, api_calls_per_month = { limited = 1000 }, ai_model_class = "standard", ai_credits_per_month = { limited = 200 }, burst_per_minute = "unlimited" }

[[tiers.prices]]
price = "herald_starter_monthly_v1"
amount = { minor = 2900, currency = "USD" }
interval = "month"
"#;

fn now() -> Instant {
    Instant::new(SystemTime::now().into())
}

async fn until_access(payer: &Visitor, access: &str) -> Value {
    cash::until_so(payer, access, |it| it["access"] == access).await
}

/// The target of a post that has one, once it stands there.
async fn until_target(reader: &Visitor, post: &str, status: &str) -> Value {
    let query = "query($id: ID!) { post(id: $id) {
        targets { id status heldReason attempts { outcome } } } }";
    until(&format!("{post} is {status}"), async || {
        let seen = reader.gql(query, json!({ "id": post })).await;
        let target = seen["post"]["targets"][0].clone();
        (target["status"] == status).then_some(target)
    })
    .await
}

/// A command that is refused because a payment is owed: the refusal says by what, and what to do.
async fn owes(payer: &Visitor, mutation: &str, input: Value) {
    let answer = payer.try_tell(mutation, input, "").await.expect("an answer");
    let refusal = &answer["data"][mutation]["userErrors"][0];
    assert_eq!(refusal["code"], "SUBSCRIPTION_REQUIRED", "{mutation}: {answer}");
    let message = text(&refusal["message"]);
    for said in ["restricted (past_due)", "openPortal", "tier starter v1", "subscription event "] {
        assert!(message.contains(said), "{mutation}: no `{said}` in `{message}`");
    }
}

/// The trial ends, and the card that is charged says no.
async fn let_the_payment_fail(front: &Front) -> Value {
    let subscription = cash::stripe(front, "subscriptions?limit=1").await["data"][0].take();
    let path = format!("subscriptions/{}", text(&subscription["id"]));
    let bad = [("default_payment_method", "pm_card_chargeCustomerFail"), ("trial_end", "now")];
    cash::tell_stripe(front, &path, &bad).await
}

/// Somebody pays the bill with a card that is good.
async fn pay_the_bill(front: &Front, subscription: &Value) {
    let card = [("type", "card"), ("card[token]", "tok_visa")];
    let card = text(&cash::tell_stripe(front, "payment_methods", &card).await["id"]);
    let customer = text(&subscription["customer"]);
    let attach = format!("payment_methods/{card}/attach");
    cash::tell_stripe(front, &attach, &[("customer", &customer)]).await;
    let pay = format!("invoices/{}/pay", text(&subscription["latest_invoice"]));
    cash::tell_stripe(front, &pay, &[("payment_method", &card)]).await;
}

/// What still may be done by who owes a payment, and what may not.
async fn may_look_and_not_work(payer: &Visitor, key: &Visitor, posts: [&str; 2], plan: &str) {
    let [scheduled, draft] = posts;
    let read = "query($id: ID!) { post(id: $id) { status } posts(first: 5) { nodes { id } }
        entitlements { access } usage { counter } auditLog(first: 1) { nodes { type } } }";
    let seen = payer.gql(read, json!({ "id": draft })).await;
    assert_eq!(seen["entitlements"]["access"], "RESTRICTED", "{seen}");
    let portal = payer.tell("openPortal", json!({}), "portalUrl").await;
    assert!(portal["portalUrl"].is_string(), "paying is allowed: {portal}");

    let at = json!({ "at": "2031-03-02T08:00:00Z" });
    owes(payer, "schedulePost", json!({ "post": draft, "when": at })).await;
    owes(payer, "reschedulePost", json!({ "post": scheduled, "when": at })).await;
    owes(payer, "publishPost", json!({ "post": draft })).await;
    owes(payer, "generateContentPlan", json!({ "plan": plan })).await;
    owes(payer, "materializeContentPlan", json!({ "plan": plan, "schedule": true })).await;
    let target = until_target(payer, scheduled, "HELD").await["id"].clone();
    owes(payer, "retryTarget", json!({ "target": target })).await;

    let path = format!("/posts/{draft}/schedule");
    let (status, problem) = cash::rest(payer, Method::POST, &path, &at).await;
    assert_eq!((status, &problem["code"]), (402, &json!("SUBSCRIPTION_REQUIRED")), "{problem}");
    let (status, _) = cash::rest(key, Method::GET, "/posts?limit=1", &Value::Null).await;
    assert_eq!(status, 200, "a key goes on reading");
    let post = json!({ "text": "by a program", "connections": [] });
    let (status, problem) = cash::rest(key, Method::POST, "/posts", &post).await;
    assert_eq!((status, &problem["code"]), (402, &json!("SUBSCRIPTION_REQUIRED")), "{problem}");
    let said = text(&problem["detail"]);
    assert!(said.contains("tier starter v1") && said.contains("openPortal"), "{said}");
}

async fn who_owes_waits(engine: Engine) {
    let folder = tempfile::tempdir().expect("a folder");
    let catalogue = folder.path().join("catalogue.toml");
    std::fs::write(&catalogue, CATALOGUE).expect("the catalogue is written");
    let catalogue = catalogue.display().to_string();
    let settings = [("HERALD_BILLING", "on"), ("HERALD_CATALOGUE", &*catalogue)];
    let front = Front::start_with(engine, &settings).await;
    let operator = front.resident().await;
    let ada = cash::paying(&front, "starter").await;
    let connection = story::connect(&ada, "sandbox_bakery").await;
    let wish = json!({ "name": "the till", "scopes": ["READ", "WRITE"] });
    let issued = ada.tell("issueApiKey", wish, "secret").await;
    let till = Visitor { session: Some(text(&issued["secret"])), ..front.nobody() };
    let mut posts = Vec::new();
    for words in ["bread for later", "bread for soon", "bread for nobody"] {
        let written = story::write(&ada, &connection, story::words(words)).await;
        posts.push(text(&written["id"]));
    }
    let [later, soon, draft] = posts.try_into().expect("three");
    let plan = text(&story::plan(&ada, &connection).await["id"]);
    let march = json!({ "post": later, "when": { "at": "2031-03-01T08:00:00Z" } });
    ada.tell("schedulePost", march, "post { id }").await;

    let unpaid = let_the_payment_fail(&front).await;
    until_access(&ada, "RESTRICTED").await;
    assert_eq!(until_target(&ada, &later, "HELD").await["heldReason"], "billing");
    may_look_and_not_work(&ada, &till, [&later, &draft], &plan).await;

    // An operator gives some seconds: everything works until they are over.
    let over = now().plus(Duration::from_secs(8));
    let grace = json!({ "account": ada.account, "until": over.to_string(), "reason": "a call" });
    operator.tell("extendGrace", grace, "subscription { access }").await;
    let due = over.plus(Duration::from_secs(1));
    let wish = json!({ "post": soon, "when": { "at": due.to_string() } });
    ada.tell("schedulePost", wish, "post { id }").await;
    until_target(&ada, &later, "SCHEDULED").await;
    until_access(&ada, "RESTRICTED").await;
    for post in [&later, &soon] {
        assert_eq!(until_target(&ada, post, "HELD").await["heldReason"], "billing");
    }
    until("the time of the post has passed", async || (now() > due).then_some(())).await;
    assert_eq!(until_target(&ada, &soon, "HELD").await["attempts"], json!([]));
    assert_eq!(story::ledger(&front, "create_post").await.len(), 0, "nothing goes out");

    pay_the_bill(&front, &unpaid).await;
    until_access(&ada, "FULL").await;
    until_target(&ada, &later, "SCHEDULED").await;
    let sent = until_target(&ada, &soon, "PUBLISHED").await;
    assert_eq!(sent["attempts"].as_array().map(Vec::len), Some(1), "{sent}");
    ada.tell("publishPost", json!({ "post": later }), "post { id }").await;
    until_target(&ada, &later, "PUBLISHED").await;
    assert_eq!(story::ledger(&front, "create_post").await.len(), 2, "each goes out once");
    let post = json!({ "text": "by a program", "connections": [connection] });
    until("the key writes again", async || {
        let (status, _) = cash::rest(&till, Method::POST, "/posts", &post).await;
        (status == 201).then_some(())
    })
    .await;
}

#[tokio::test]
async fn who_owes_a_payment_reads_and_pays_and_posts_wait_and_go_out_once_on_sqlite() {
    who_owes_waits(Engine::Sqlite).await;
}

#[tokio::test]
async fn who_owes_a_payment_reads_and_pays_and_posts_wait_and_go_out_once_on_postgresql() {
    who_owes_waits(Engine::Postgres).await;
}
