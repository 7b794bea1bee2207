//! What providers had before Herald came: people and customers, taken over by an operator.

#![cfg(test)]
#![allow(clippy::allow_attributes, missing_docs, dead_code, reason = "sentences; parts of a front")]

mod front;

use front::{
    Front, cash,
    database::Engine,
    until,
    visitor::{self, Visitor, text},
};
use reqwest::Method;
use serde_json::{Value, json};

/// Runs `herald import …`: whether it went well, and what it printed.
fn import(front: &Front, what: &[&str]) -> (bool, String) {
    let printed = front.herald(&[&["import"], what].concat());
    (printed.status.success(), String::from_utf8(printed.stdout).expect("text"))
}

/// How many events are in the log.
fn events(front: &Front) -> usize {
    let exported = front.herald(&["audit", "export"]);
    assert!(exported.status.success(), "{exported:?}");
    String::from_utf8(exported.stdout).expect("text").lines().count()
}

/// Somebody with a session token of Clerk's.
async fn clerk(front: &Front, person: &str) -> Visitor {
    let address = format!("http://{}/_control/clerk/tokens", front.sandbox);
    let wanted = json!({ "user": person, "azp": front.url("") });
    let minted = visitor::http().post(address).json(&wanted).send().await.expect("an answer");
    let minted: Value = minted.json().await.expect("JSON");
    Visitor { session: Some(text(&minted["jwt"])), ..front.nobody() }
}

async fn account_of(person: &Visitor) -> Option<String> {
    let (status, me) = cash::rest(person, Method::GET, "/auth/me", &Value::Null).await;
    assert_eq!(status, 200, "{me}");
    me["accounts"][0]["account"].as_str().map(ToOwned::to_owned)
}

async fn people_are_taken_over(engine: Engine) {
    let front = Front::start(engine).await;
    let before = events(&front);
    for directory in ["clerk", "cognito"] {
        let wanted = ["users", "--from", directory];
        let (well, would) = import(&front, &[&wanted[..], &["--dry-run"]].concat());
        assert!(well && would.contains(" would open acc_"), "{would}");
    }
    assert_eq!(events(&front), before, "a dry run writes nothing");
    assert_eq!(account_of(&clerk(&front, "ada").await).await, None);

    for directory in ["clerk", "cognito"] {
        let (well, opened) = import(&front, &["users", "--from", directory]);
        assert!(well && opened.contains(" opened acc_"), "{opened}");
        assert!(!opened.contains('@'), "nobody's address is printed: {opened}");
    }
    let after = events(&front);
    assert!(after > before);
    let ada = account_of(&clerk(&front, "ada").await).await.expect("an account");
    let (well, again) = import(&front, &["users", "--from", "clerk"]);
    assert!(well && again.contains(&format!(" already there {ada}")), "{again}");
    assert!(!again.contains("opened"), "{again}");
    assert_eq!(events(&front), after, "once more changes nothing");

    let (well, _) = import(&front, &["users", "--from", "nowhere"]);
    assert!(!well && front.output().contains("CLERK_SECRET_KEY"), "it says what is missing");
}

#[tokio::test]
async fn a_directorys_people_are_taken_over_once_on_sqlite() {
    people_are_taken_over(Engine::Sqlite).await;
}

#[tokio::test]
async fn a_directorys_people_are_taken_over_once_on_postgresql() {
    people_are_taken_over(Engine::Postgres).await;
}

/// A customer whom Stripe had before, with a card and, where `price` is given, a subscription.
async fn customer(front: &Front, price: Option<&str>, more: &[(&str, &str)]) -> String {
    let card = ("payment_method", "pm_card_visa");
    let made = cash::tell_stripe(front, "customers", &[&[card], more].concat()).await;
    let customer = text(&made["id"]);
    if let Some(price) = price {
        let methods = cash::stripe(front, &format!("customers/{customer}/payment_methods")).await;
        let card = text(&methods["data"][0]["id"]);
        let wish = [
            ("customer", &*customer),
            ("items[0][price]", price),
            ("default_payment_method", &*card),
        ];
        cash::tell_stripe(front, "subscriptions", &wish).await;
    }
    customer
}

async fn customers_are_taken_over(engine: Engine) {
    let front = cash::front(engine).await;
    import(&front, &["users", "--from", "clerk"]);
    let ada = clerk(&front, "ada").await;
    let account = account_of(&ada).await.expect("an account");
    let prices = cash::stripe(&front, "prices?lookup_keys[]=herald_starter_monthly_v1").await;
    let price = text(&prices["data"][0]["id"]);
    let note = ("metadata[account_id]", &*account);
    let ours = customer(&front, Some(&price), &[note]).await;
    // The same address as Ada's, and a card of its own: still nobody's here.
    let theirs = customer(&front, Some(&price), &[("email", "ada@bakery.example")]).await;
    let line = |printed: &str, customer: &str| {
        let found = printed.lines().find(|line| line.starts_with(customer)).map(str::to_owned);
        found.unwrap_or_else(|| panic!("{customer} in {printed}"))
    };

    let before = events(&front);
    let (well, would) = import(&front, &["customers", "--dry-run"]);
    assert!(well, "{would}");
    assert!(line(&would, &ours).contains(&format!("would link {account}, sub_")), "{would}");
    assert_eq!(events(&front), before, "a dry run writes nothing");
    let here = clerk(&front, "ada").await;
    assert_eq!(cash::subscription(&here).await["tier"], "free");

    let (well, done) = import(&front, &["customers"]);
    assert!(well && line(&done, &ours).contains(" active"), "{done}");
    assert!(line(&done, &theirs).contains("unmatched"), "{done}");
    assert!(done.contains("2 in all: 1 linked, 1 unmatched"), "{done}");
    let paid = cash::until_tier(&clerk(&front, "ada").await, "starter").await;
    assert_eq!((&paid["access"], &paid["status"]), (&json!("FULL"), &json!("active")), "{paid}");

    // What Stripe told of the customer meanwhile is worked off before it is looked again.
    until("the inbox is empty", async || {
        let open = ["--state", "received", "--state", "processing", "--state", "failed"];
        let listed = front.herald(&[&["webhooks", "list"][..], &open].concat());
        (listed.status.success() && listed.stdout.is_empty()).then_some(())
    })
    .await;
    let after = events(&front);
    let (well, again) = import(&front, &["customers"]);
    assert!(well && line(&again, &ours).contains(&format!("already there {account}")), "{again}");
    assert_eq!(events(&front), after, "once more changes nothing");
}

#[tokio::test]
async fn a_customer_and_its_tier_are_taken_over_and_anothers_is_left_alone_on_sqlite() {
    customers_are_taken_over(Engine::Sqlite).await;
}

#[tokio::test]
async fn a_customer_and_its_tier_are_taken_over_and_anothers_is_left_alone_on_postgresql() {
    customers_are_taken_over(Engine::Postgres).await;
}
