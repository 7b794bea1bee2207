//! Who may stand at the till: every route of REST about money, asked by a wrong role, a key, another
//! account's people and nobody.

#![cfg(test)]
#![allow(clippy::allow_attributes, missing_docs, dead_code, reason = "sentences; parts of a front")]

mod front;

use front::{
    Front, cash,
    database::Engine,
    story,
    visitor::{Visitor, text},
};
use reqwest::Method;
use serde_json::{Value, json};

/// What owners, admins and billers may.
fn of_billers() -> Vec<(Method, &'static str, Value)> {
    vec![
        (Method::POST, "/billing/checkout", json!({ "tier": "starter" })),
        (Method::POST, "/billing/portal", json!({})),
        (Method::GET, "/billing/preview?tier=starter&interval=month", Value::Null),
        (Method::GET, "/billing/invoices", Value::Null),
        (Method::POST, "/billing/change", json!({ "tier": "starter" })),
        (Method::DELETE, "/billing/change", Value::Null),
        (Method::POST, "/billing/cancel", json!({})),
        (Method::POST, "/billing/resume", json!({})),
    ]
}

/// What everybody in the account may.
fn of_everybody() -> Vec<(Method, &'static str, Value)> {
    vec![
        (Method::GET, "/billing/status", Value::Null),
        (Method::GET, "/billing/usage", Value::Null),
        (Method::GET, "/billing/usage/export", Value::Null),
    ]
}

/// Everything that Stripe's stand-in did but answer questions.
async fn effects(front: &Front) -> usize {
    let mut done = 0;
    for operation in ["create_checkout_session", "create_portal_session", "update_subscription"] {
        done += story::ledger(front, operation).await.len();
    }
    done
}

async fn hears(who: &Visitor, routes: &[(Method, &str, Value)], status: u16, code: &str) {
    for (method, path, body) in routes {
        let (seen, problem) = cash::rest(who, method.clone(), path, body).await;
        assert_eq!((seen, &problem["code"]), (status, &json!(code)), "{method} {path}: {problem}");
    }
}

async fn the_till_is_for_billers(engine: Engine) {
    let front = cash::front(engine).await;
    let ada = cash::paying(&front, "professional").await;
    let biller = story::join(&front, &ada, "BILLING").await;
    let mut others = Vec::new();
    for role in ["VIEWER", "PUBLISHER"] {
        others.push(story::join(&front, &ada, role).await);
    }
    let wish = json!({ "name": "the till", "scopes": ["READ", "WRITE", "PUBLISH"] });
    let issued = ada.tell("issueApiKey", wish, "secret").await;
    let key = Visitor { session: Some(text(&issued["secret"])), ..front.nobody() };
    let ben = story::open_account(&front.newcomer().await, "Ben's Bikes").await;
    let intruder = ben.acting_in(ada.account.as_deref().expect("an account"));
    let stranger = front.newcomer().await;
    let made_up = Visitor { session: Some("made-up".repeat(6)), ..ada.clone() };
    let nobody = Visitor { session: None, ..ada.clone() };
    let (before, done) = (cash::subscription(&ada).await, effects(&front).await);

    for other in &others {
        hears(other, &of_billers(), 403, "FORBIDDEN").await;
    }
    hears(&key, &of_billers(), 403, "FORBIDDEN").await;
    for routes in [of_billers(), of_everybody()] {
        hears(&intruder, &routes, 404, "NOT_FOUND").await;
        hears(&stranger, &routes, 403, "NO_ACCOUNT").await;
        hears(&made_up, &routes, 401, "UNAUTHENTICATED").await;
        hears(&nobody, &routes, 401, "UNAUTHENTICATED").await;
    }
    assert_eq!(cash::subscription(&ada).await, before, "whoever may not changed nothing");
    assert_eq!(effects(&front).await, done, "and nothing was asked of the payment provider");

    let (status, problem) = cash::rest(&ben, Method::POST, "/billing/portal", &json!({})).await;
    assert_eq!((status, &problem["code"]), (402, &json!("SUBSCRIPTION_REQUIRED")), "{problem}");
    let (status, page) = cash::rest(&biller, Method::POST, "/billing/portal", &json!({})).await;
    assert_eq!(status, 201, "{page}");
    assert!(text(&page["url"]).contains(&front.sandbox.to_string()), "{page}");
    for (method, path, body) in of_everybody() {
        for who in [&biller, &others[0]] {
            let (status, answer) = cash::rest(who, method.clone(), path, &body).await;
            assert_eq!(status, 200, "{path}: {answer}");
        }
    }
}

#[tokio::test]
async fn money_by_rest_is_for_billers_of_the_account_and_for_nobody_else_on_sqlite() {
    the_till_is_for_billers(Engine::Sqlite).await;
}

#[tokio::test]
async fn money_by_rest_is_for_billers_of_the_account_and_for_nobody_else_on_postgresql() {
    the_till_is_for_billers(Engine::Postgres).await;
}
