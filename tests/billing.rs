//! What an account pays for, from the front door to the sandbox's Stripe and back: a tier is paid,
//! changed and ended, packs are bought, keys are issued, used and ended, and limits hold.

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

const STARTER: &str = "starter";
const PROFESSIONAL: &str = "professional";

/// A person with an account in an installation where accounts pay.
async fn bakery(front: &Front) -> Visitor {
    story::open_account(&front.newcomer().await, "Corner Bakery").await
}

async fn a_paid_page_gives_access(engine: Engine) {
    let front = cash::front(engine).await;
    let ada = bakery(&front).await;
    let before = cash::subscription(&ada).await;
    assert_eq!((&before["tier"], &before["access"]), (&json!("free"), &json!("FREE")));

    let page = cash::checkout(&ada, STARTER).await;
    assert!(page.starts_with(&format!("http://{}/stripe/c/pay/", front.sandbox)), "{page}");
    let back = cash::pay(&page, PAYS).await;
    assert!(back.starts_with(&front.url("/")), "the payer comes home: {back}");

    let paid = cash::until_tier(&ada, STARTER).await;
    assert_eq!((&paid["access"], &paid["status"]), (&json!("TRIAL"), &json!("trialing")));
    assert_eq!((&paid["interval"], &paid["card"]["last4"]), (&json!("MONTH"), &json!("4242")));
    let table = "{ entitlements { tier access postsPerMonth apiKeys apiCallsPerMonth } }";
    let may = ada.gql(table, json!({})).await["entitlements"].take();
    let expected = json!({
        "tier": "starter", "access": "TRIAL", "postsPerMonth": null, "apiKeys": 3,
        "apiCallsPerMonth": 10_000
    });
    assert_eq!(may, expected);

    let again = json!({ "tier": STARTER, "interval": "MONTH" });
    assert_eq!(ada.refused("startCheckout", again).await, "INVALID_STATE", "it is not sold again");
    let ben = bakery(&front).await;
    assert_eq!(cash::subscription(&ben).await["tier"], "free", "another account pays for itself");
    cash::pay(&cash::checkout(&ben, STARTER).await, PAYS).await;
    let paid = cash::until_tier(&ben, STARTER).await;
    assert_eq!(paid["access"], "FULL", "one card, one trial");
}

#[tokio::test]
async fn a_paid_page_gives_the_tier_its_trial_and_its_limits_on_sqlite() {
    a_paid_page_gives_access(Engine::Sqlite).await;
}

#[tokio::test]
async fn a_paid_page_gives_the_tier_its_trial_and_its_limits_on_postgresql() {
    a_paid_page_gives_access(Engine::Postgres).await;
}

/// A payer is quicker than the event that tells of the payment.
async fn nobody_pays_twice(engine: Engine) {
    let front = cash::front(engine).await;
    let ada = bakery(&front).await;
    cash::control(&front, "deliveries", json!({ "paused": true })).await;
    let page = cash::checkout(&ada, STARTER).await;
    assert_eq!(cash::checkout(&ada, STARTER).await, page, "one page while nobody has paid");
    cash::pay(&page, PAYS).await;
    for tier in [STARTER, PROFESSIONAL] {
        let again = json!({ "tier": tier, "interval": "MONTH" });
        assert_eq!(ada.refused("startCheckout", again).await, "INVALID_STATE", "{tier}");
    }
    let paid = cash::until_tier(&ada, STARTER).await;
    assert_eq!(paid["access"], "TRIAL", "no event was needed to see it");

    // The tier that was wanted first is paid while another one is asked for.
    let ben = bakery(&front).await;
    let first = cash::checkout(&ben, STARTER).await;
    let other = cash::checkout(&ben, PROFESSIONAL).await;
    assert_eq!(cash::click(&first, PAYS).await.status(), 410, "the first page is closed");
    cash::pay(&other, PAYS).await;
    cash::control(&front, "deliveries", json!({})).await;
    cash::until_tier(&ben, PROFESSIONAL).await;
    let bills = ben.gql("{ invoices { nodes { status paid { minor } } } }", json!({})).await;
    assert_eq!(bills["invoices"]["nodes"].as_array().map(Vec::len), Some(1), "{bills}");
}

#[tokio::test]
async fn a_page_that_was_paid_is_answered_to_nobody_and_paid_once_on_sqlite() {
    nobody_pays_twice(Engine::Sqlite).await;
}

#[tokio::test]
async fn a_page_that_was_paid_is_answered_to_nobody_and_paid_once_on_postgresql() {
    nobody_pays_twice(Engine::Postgres).await;
}

/// The calls that are left of the month, as the headers of an answer say it.
fn left_of_month(answer: &reqwest::Response) -> u32 {
    let header = |name| answer.headers()[name].to_str().expect("text");
    assert!(header("ratelimit-policy").contains("\"month\";q=10000"), "{answer:?}");
    let (_, month) = header("ratelimit").split_once("\"month\";r=").expect("the month");
    month.split(';').next().and_then(|left| left.parse().ok()).expect("a number")
}

/// A revoked key may work for half a second more, never longer.
async fn until_shut(program: &Visitor) {
    until("the revoked key opens nothing", async || {
        let (status, _) = program.send(program.request(Method::GET, "/auth/me")).await;
        (status == 401).then_some(())
    })
    .await;
}

async fn a_key_is_counted_until_it_is_revoked(engine: Engine) {
    let front = cash::front(engine).await;
    let ada = cash::paying(&front, STARTER).await;
    let wish = json!({ "name": "the till", "scopes": ["READ"] });
    let issued = ada.tell("issueApiKey", wish.clone(), "apiKey { id display } secret").await;
    let (key, secret) = (text(&issued["apiKey"]["id"]), text(&issued["secret"]));
    assert!(!text(&issued["apiKey"]["display"]).contains(&secret));
    let till = Visitor { session: Some(secret.clone()), ..front.nobody() };

    let question = json!({ "query": "{ entitlements { tier } }" });
    let asked = till.request(Method::POST, "/graphql").json(&question);
    let answer = asked.send().await.expect("an answer");
    let mut left = left_of_month(&answer);
    let answer: Value = answer.json().await.expect("JSON");
    assert_eq!(
        answer,
        json!({ "data": { "entitlements": { "tier": "starter" } },
        "extensions": answer["extensions"] })
    );
    for path in ["/auth/me", "/billing/usage", "/posts"] {
        let answer = till.request(Method::GET, path).send().await.expect("an answer");
        assert_eq!(answer.status(), 200, "{path}");
        let now = left_of_month(&answer);
        assert_eq!(now, left - 1, "{path} is a call");
        left = now;
    }
    // Calls are taken from the month in blocks: what a process holds is not free for another.
    let usage = ada.gql("{ usage { counter used held limit } }", json!({})).await;
    let calls = &usage["usage"][1];
    assert_eq!((&calls["counter"], &calls["limit"]), (&json!("api_calls"), &json!(10_000)));
    let taken = calls["used"].as_u64().zip(calls["held"].as_u64()).map(|(used, held)| used + held);
    assert!(taken.is_some_and(|taken| taken >= 4), "{usage}");

    let (status, problem) = till
        .send(till.request(Method::POST, "/posts").json(&json!({
            "text": "from the till", "connections": []
        })))
        .await;
    assert_eq!(status, 403, "a key that reads does not write: {problem}");
    ada.tell("revokeApiKey", json!({ "key": key }), "apiKey { status }").await;
    until_shut(&till).await;
    let asked = till.request(Method::POST, "/graphql").json(&question);
    assert_eq!(till.send(asked).await.0, 401);
    assert!(!front.output().contains(&secret), "a key is not printed");
}

#[tokio::test]
async fn a_key_opens_both_apis_and_is_counted_until_it_is_revoked_on_sqlite() {
    a_key_is_counted_until_it_is_revoked(Engine::Sqlite).await;
}

#[tokio::test]
async fn a_key_opens_both_apis_and_is_counted_until_it_is_revoked_on_postgresql() {
    a_key_is_counted_until_it_is_revoked(Engine::Postgres).await;
}

async fn free_has_its_limits(engine: Engine) {
    let front = cash::front(engine).await;
    let ada = bakery(&front).await;
    let wish = json!({ "name": "k", "scopes": ["READ"] });
    let issued = ada.tell("issueApiKey", wish.clone(), "secret").await;
    assert_eq!(ada.refused("issueApiKey", wish).await, "LIMIT_REACHED", "one key is free");
    let program = Visitor { session: Some(text(&issued["secret"])), ..front.nobody() };
    for _ in 0..10 {
        assert_eq!(program.send(program.request(Method::GET, "/auth/me")).await.0, 200);
    }
    let stopped = program.request(Method::GET, "/auth/me").send().await.expect("an answer");
    assert_eq!(stopped.status(), 429, "ten calls a minute are free");
    assert!(stopped.headers().contains_key("retry-after"), "{stopped:?}");
    let problem: Value = stopped.json().await.expect("JSON");
    assert_eq!((&problem["code"], &problem["retryable"]), (&json!("RATE_LIMITED"), &json!(true)));

    let connection = story::connect(&ada, "sandbox_bakery").await;
    let mut post = String::new();
    for number in 1..=11 {
        let written = story::words(&format!("bread number {number}"));
        post = text(&story::write(&ada, &connection, written).await["id"]);
        let at = format!("2031-03-{number:02}T08:00:00Z");
        let schedule = json!({ "post": post, "when": { "at": at } });
        if number <= 10 {
            ada.tell("schedulePost", schedule, "post { status }").await;
        } else {
            assert_eq!(ada.refused("schedulePost", schedule).await, "LIMIT_REACHED");
        }
    }
    let path = format!("/posts/{post}/schedule");
    let at = json!({ "at": "2031-03-11T08:00:00Z" });
    let (status, problem) = cash::rest(&ada, Method::POST, &path, &at).await;
    assert_eq!((status, &problem["code"]), (402, &json!("LIMIT_REACHED")), "{problem}");
    cash::pay(&cash::checkout(&ada, STARTER).await, PAYS).await;
    cash::until_tier(&ada, STARTER).await;
    let (status, problem) = cash::rest(&ada, Method::POST, &path, &at).await;
    assert_eq!(status, 200, "who pays goes on where the limit was: {problem}");
}

#[tokio::test]
async fn whoever_pays_nothing_has_ten_posts_ten_calls_a_minute_and_one_key_on_sqlite() {
    free_has_its_limits(Engine::Sqlite).await;
}

#[tokio::test]
async fn whoever_pays_nothing_has_ten_posts_ten_calls_a_minute_and_one_key_on_postgresql() {
    free_has_its_limits(Engine::Postgres).await;
}

async fn plans_change(engine: Engine) {
    let front = cash::front(engine).await;
    // The first card has its trial; whoever pays with it after that pays at once.
    cash::paying(&front, STARTER).await;
    let ada = cash::paying(&front, STARTER).await;
    let question = "{ previewPlanChange(tier: \"professional\", interval: MONTH) {
        due { minor currency } lines { description proration } } }";
    let preview = ada.gql(question, json!({})).await["previewPlanChange"].take();
    let due: u32 = text(&preview["due"]["minor"]).parse().expect("cents");
    assert!(due > 0 && preview["due"]["currency"] == "USD", "{preview}");
    assert_eq!(cash::subscription(&ada).await["tier"], STARTER, "to look changes nothing");

    let up = json!({ "tier": PROFESSIONAL, "interval": "MONTH" });
    ada.tell("changePlan", up, "subscription { tier }").await;
    let now = cash::until_tier(&ada, PROFESSIONAL).await;
    assert_eq!((&now["access"], &now["problem"]), (&json!("FULL"), &Value::Null));
    let bills = ada.gql("{ invoices { nodes { status paid { minor } } } }", json!({})).await;
    let paid = bills["invoices"]["nodes"].as_array().expect("bills").iter();
    let paid: Vec<_> = paid.map(|bill| text(&bill["paid"]["minor"])).collect();
    assert!(paid.contains(&due.to_string()), "{due} was foretold: {bills}");

    let down = json!({ "tier": STARTER, "interval": "MONTH" });
    ada.tell("changePlan", down, "subscription { tier }").await;
    let waits = cash::until_so(&ada, "the change waits", |it| it["change"]["tier"] == STARTER);
    let waits = waits.await;
    assert_eq!(waits["tier"], PROFESSIONAL, "what is paid for stays: {waits}");
    assert_eq!(waits["change"]["effectiveAt"], waits["periodEnd"]);
    ada.tell("withdrawPlanChange", json!({}), "subscription { tier }").await;
    cash::until_so(&ada, "the change is withdrawn", |it| it["change"].is_null()).await;

    ada.tell("cancelSubscription", json!({}), "subscription { endsAt }").await;
    let ends = cash::until_so(&ada, "an end is set", |it| it["endsAt"] == it["periodEnd"]).await;
    assert_eq!((&ends["access"], &ends["tier"]), (&json!("FULL"), &json!(PROFESSIONAL)));
    ada.tell("resumeSubscription", json!({}), "subscription { endsAt }").await;
    cash::until_so(&ada, "it goes on", |it| it["endsAt"].is_null()).await;
    ada.tell("cancelSubscription", json!({ "at": "NOW" }), "subscription { endsAt }").await;
    let ended = cash::until_so(&ada, "it ended", |it| it["access"] == "ENDED").await;
    assert_eq!(ended["tier"], "free", "{ended}");
}

#[tokio::test]
async fn a_plan_goes_up_at_once_and_down_or_away_with_what_is_paid_for_on_sqlite() {
    plans_change(Engine::Sqlite).await;
}

#[tokio::test]
async fn a_plan_goes_up_at_once_and_down_or_away_with_what_is_paid_for_on_postgresql() {
    plans_change(Engine::Postgres).await;
}

async fn webhooks_count_once(engine: Engine) {
    let front = cash::front(engine).await;
    let ada = bakery(&front).await;
    let event = json!({
        "id": "evt_of_nobody", "object": "event", "api_version": "2025-09-30.clover",
        "created": cash::now(), "livemode": false, "type": "customer.subscription.updated",
        "data": { "object": {
            "id": "sub_nobody", "object": "subscription", "customer": "cus_nobody",
            "status": "active", "metadata": { "account_id": ada.account }
        } }
    });
    let forged = cash::signature(&event, cash::now(), "whsec_of_another");
    assert_eq!(cash::deliver(&front, &event, Some(forged)).await, 400);
    assert_eq!(cash::deliver(&front, &event, None).await, 400);
    for late in [cash::now() - 400, cash::now() + 400] {
        let stale = cash::signature(&event, late, cash::SECRET);
        assert_eq!(cash::deliver(&front, &event, Some(stale)).await, 400);
    }
    for _ in 0..2 {
        let good = cash::signature(&event, cash::now(), cash::SECRET);
        assert_eq!(cash::deliver(&front, &event, Some(good)).await, 200);
    }

    let unkind = json!({ "twice": true, "shuffle_ms": 50 });
    cash::control(&front, "deliveries", unkind).await;
    let wanted = "checkoutUrl problem { code }";
    let bought = ada.tell("buyCredits", json!({ "pack": "api_calls_10000" }), wanted).await;
    cash::pay(&text(&bought["checkoutUrl"]), PAYS).await;
    let balance = async || {
        let credits = ada.gql("{ credits { kind balance packs { credits } } }", json!({})).await;
        credits["credits"][0].clone()
    };
    let got = until("the pack is there", async || {
        let credits = balance().await;
        (credits["balance"] != 0).then_some(credits)
    });
    assert_eq!(got.await["balance"], 10_000);
    cash::pay(&cash::checkout(&ada, STARTER).await, PAYS).await;
    let paid = cash::until_tier(&ada, STARTER).await;
    assert_eq!(paid["access"], "TRIAL", "what was said of nobody changed nothing");
    let credits = balance().await;
    assert_eq!(
        (&credits["balance"], credits["packs"].as_array().map(Vec::len)),
        (&json!(10_000), Some(1)),
        "told twice, granted once"
    );
}

#[tokio::test]
async fn a_webhook_is_taken_when_it_is_genuine_and_counts_once_on_sqlite() {
    webhooks_count_once(Engine::Sqlite).await;
}

#[tokio::test]
async fn a_webhook_is_taken_when_it_is_genuine_and_counts_once_on_postgresql() {
    webhooks_count_once(Engine::Postgres).await;
}

async fn the_same_by_rest(engine: Engine) {
    let front = cash::front(engine).await;
    let ada = bakery(&front).await;
    let status = async || {
        let (status, body) = cash::rest(&ada, Method::GET, "/billing/status", &Value::Null).await;
        assert_eq!(status, 200, "{body}");
        body
    };
    let tier = json!({ "tier": STARTER });
    let (code, page) = cash::rest(&ada, Method::POST, "/billing/checkout", &tier).await;
    assert_eq!(code, 201, "{page}");
    let page = text(&page["url"]);
    assert_eq!(cash::click(&page, DECLINED).await.status(), 402);
    assert_eq!(status().await["access"]["state"], "free", "a declined card buys nothing");
    cash::pay(&page, PAYS).await;
    let paid = until("the tier is there", async || {
        let status = status().await;
        (status["tier"] == STARTER).then_some(status)
    });
    assert_eq!(paid.await["access"]["state"], "trial");

    let wish = json!({ "name": "the till", "scopes": ["read"] });
    let (code, issued) = cash::rest(&ada, Method::POST, "/api-keys/generate", &wish).await;
    assert_eq!(code, 201, "{issued}");
    let (key, secret) = (text(&issued["id"]), text(&issued["key"]));
    let (_, listed) = cash::rest(&ada, Method::GET, "/api-keys/list", &Value::Null).await;
    assert_eq!(
        (&listed["items"][0]["id"], &listed["items"][0]["status"]),
        (&json!(key), &json!("active"))
    );
    assert!(!listed.to_string().contains(&secret), "a key is shown once");
    let till = Visitor { session: Some(secret), ..front.nobody() };
    let (code, me) = cash::rest(&till, Method::GET, "/auth/me", &Value::Null).await;
    assert_eq!((code, &me["api_key"]), (200, &json!(key)));
    let path = format!("/api-keys/{key}");
    assert_eq!(cash::rest(&ada, Method::DELETE, &path, &Value::Null).await.0, 204);
    until_shut(&till).await;
}

#[tokio::test]
async fn rest_sells_issues_lists_and_ends_as_graphql_does_on_sqlite() {
    the_same_by_rest(Engine::Sqlite).await;
}

#[tokio::test]
async fn rest_sells_issues_lists_and_ends_as_graphql_does_on_postgresql() {
    the_same_by_rest(Engine::Postgres).await;
}
