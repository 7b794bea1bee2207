//! A tier with fewer seats than people: who has none rests and is told why, nobody is removed, and
//! who has one again goes on.

#![cfg(test)]
#![allow(clippy::allow_attributes, missing_docs, dead_code, reason = "sentences; parts of a front")]

mod front;

use front::{
    cash,
    cash::PAYS,
    database::Engine,
    story, until,
    visitor::{Visitor, text},
};
use reqwest::Method;
use serde_json::{Value, json};

const QUESTION: &str = "{ posts(first: 1) { nodes { id } } }";

/// How the account's members stand: role and status, the oldest first.
async fn members(owner: &Visitor) -> Vec<(String, String)> {
    let seen = owner.gql("{ members(first: 50) { nodes { role status } } }", json!({})).await;
    let members = seen["members"]["nodes"].as_array().expect("members").iter();
    members.map(|it| (text(&it["role"]), text(&it["status"]))).collect()
}

/// Once these have a seat and the others rest; what a role says stays as it is.
async fn until_seated(owner: &Visitor, admin: &str, editor: &str) {
    let wanted = [("OWNER", "ACTIVE"), ("ADMIN", admin), ("EDITOR", editor)];
    let wanted: Vec<_> = wanted.map(|(role, at)| (role.to_owned(), at.to_owned())).into();
    until(&format!("{wanted:?}"), async || (members(owner).await == wanted).then_some(())).await;
}

/// A resting member is told so at both doors, by which tier and event, and what helps.
async fn is_told_why(resting: &Visitor, tier: &str) {
    let answer = resting.ask(QUESTION, json!({})).await;
    let fault = &answer["errors"][0];
    assert_eq!(fault["extensions"]["code"], "MEMBER_RESTS", "{answer}");
    let message = text(&fault["message"]);
    for said in ["`changePlan`", "`chooseKeepers`", tier, "subscription event "] {
        assert!(message.contains(said), "no `{said}` in `{message}`");
    }
    let written = json!({ "text": "unseen", "connections": [] });
    let (status, problem) = cash::rest(resting, Method::POST, "/posts", &written).await;
    assert_eq!((status, &problem["code"]), (403, &json!("MEMBER_RESTS")), "{problem}");
    let (status, _) = cash::rest(resting, Method::GET, "/posts?limit=1", &Value::Null).await;
    assert_eq!(status, 403, "a resting member does not read either");
}

/// The mails about a seat that rests which went to somebody.
async fn mails(front: &front::Front, to: &str) -> Vec<Value> {
    let address = format!("http://{}/_control/resend/mails?to={to}&subject=seat", front.sandbox);
    let answer = front::visitor::http().get(address).send().await.expect("the sandbox answers");
    let answer: Value = answer.json().await.expect("JSON");
    answer["mails"].as_array().expect("mails").clone()
}

async fn until_told(front: &front::Front, to: &str, times: usize) -> Vec<Value> {
    until(&format!("{to} is told {times} times"), async || {
        let mails = mails(front, to).await;
        (mails.len() == times).then_some(mails)
    })
    .await
}

async fn until_key(program: &Visitor, wanted: u16) {
    until(&format!("the key hears {wanted}"), async || {
        let (status, _) = program.send(program.request(Method::GET, "/auth/me")).await;
        (status == wanted).then_some(())
    })
    .await;
}

async fn seats_shrink_and_grow(engine: Engine) {
    let front = cash::front(engine).await;
    let operator = front.resident().await;
    let ada = cash::paying(&front, "professional").await;
    let admin = story::join(&front, &ada, "ADMIN").await;
    let editor = story::join(&front, &ada, "EDITOR").await;
    until_seated(&ada, "ACTIVE", "ACTIVE").await;
    let wish = json!({ "name": "the admin's", "scopes": ["READ"] });
    let issued = admin.tell("issueApiKey", wish, "secret").await;
    let program = Visitor { session: Some(text(&issued["secret"])), ..front.nobody() };
    until_key(&program, 200).await;

    // Whom people choose stays before who was there first.
    let lower = json!({ "tier": "starter", "interval": "MONTH" });
    ada.tell("changePlan", lower, "subscription { tier }").await;
    let all = ada.gql("{ members(first: 50) { nodes { id role } } }", json!({})).await;
    let keep =
        json!({ "connections": [], "apiKeys": [], "members": [all["members"]["nodes"][2]["id"]] });
    ada.tell("chooseKeepers", keep, "subscription { tier }").await;
    until_seated(&ada, "ACTIVE", "ACTIVE").await;
    let two = json!({
        "account": ada.account, "entitlement": "seats", "value": "2", "reason": "a test"
    });
    operator.tell("overrideEntitlement", two, "token").await;
    until_seated(&ada, "RESTING", "ACTIVE").await;
    is_told_why(&admin, "tier professional v1").await;
    let mail = &until_told(&front, "admin@example.org", 1).await[0];
    let words = text(&mail["text"]);
    assert!(words.contains("You stay a member") && words.contains("professional"), "{words}");
    assert_eq!(mails(&front, "editor@example.org").await, Vec::<Value>::new());
    editor.gql(QUESTION, json!({})).await;
    until_key(&program, 401).await;

    let about = json!({ "account": ada.account, "entitlement": "seats" });
    operator.tell("liftOverride", about, "token").await;
    until_seated(&ada, "ACTIVE", "ACTIVE").await;
    admin.gql(QUESTION, json!({})).await;
    until_key(&program, 200).await;

    ada.tell("cancelSubscription", json!({ "at": "NOW" }), "subscription { tier }").await;
    cash::until_tier(&ada, "free").await;
    until_seated(&ada, "RESTING", "RESTING").await;
    is_told_why(&admin, "tier free v1").await;
    is_told_why(&editor, "tier free v1").await;
    until_told(&front, "admin@example.org", 2).await;
    until_told(&front, "editor@example.org", 1).await;
    assert_eq!(mails(&front, "ada@example.org").await, Vec::<Value>::new(), "an owner has a seat");
    ada.gql(QUESTION, json!({})).await;
    cash::pay(&cash::checkout(&ada, "professional").await, PAYS).await;
    until_seated(&ada, "ACTIVE", "ACTIVE").await;
    editor.gql(QUESTION, json!({})).await;
    let trail = "query($of: ID!) { auditLog(object: $of, first: 100) { nodes { type } } }";
    let trail = ada.gql(trail, json!({ "of": ada.account })).await["auditLog"].to_string();
    assert_eq!(trail.matches("account.member_rested").count(), 3, "{trail}");
    assert_eq!(trail.matches("account.member_resumed").count(), 3, "{trail}");
    assert!(!trail.contains("account.member_removed"), "nobody is removed: {trail}");
}

#[tokio::test]
async fn whoever_was_removed_is_out_although_no_projection_moves() {
    let mut front = front::Front::start(Engine::Postgres).await;
    let ada = story::open_account(&front.newcomer().await, "Corner Bakery").await;
    let admin = story::join(&front, &ada, "ADMIN").await;
    let editor = story::join(&front, &ada, "EDITOR").await;
    until_seated(&ada, "ACTIVE", "ACTIVE").await;
    let all = ada.gql("{ members(first: 50) { nodes { id } } }", json!({})).await;
    let id = |place: usize| all["members"]["nodes"][place]["id"].clone();
    let there = front.replica().await;
    let elsewhere = |who: &Visitor| Visitor { base: there.url(""), ..who.clone() };
    let (ada, admin, editor) = (elsewhere(&ada), elsewhere(&admin), elsewhere(&editor));
    editor.gql(QUESTION, json!({})).await;
    // What is left answers and folds nothing.
    front.kill();
    ada.tell("removeMember", json!({ "member": id(2) }), "").await;
    let answer = editor.ask(QUESTION, json!({})).await;
    assert!(answer["errors"][0]["extensions"]["code"].is_string(), "{answer}");
    let (status, _) = cash::rest(&editor, Method::GET, "/posts?limit=1", &Value::Null).await;
    assert_eq!(status, 404, "nobody of this account");
    ada.tell("changeRole", json!({ "member": id(1), "role": "EDITOR" }), "").await;
    let wish = json!({ "email": "eva@example.org", "role": "EDITOR" });
    assert_eq!(admin.refused("inviteMember", wish).await, "FORBIDDEN");
}

#[tokio::test]
async fn members_beyond_a_lower_tier_rest_as_chosen_and_wake_with_a_higher_one_on_sqlite() {
    seats_shrink_and_grow(Engine::Sqlite).await;
}

#[tokio::test]
async fn members_beyond_a_lower_tier_rest_as_chosen_and_wake_with_a_higher_one_on_postgresql() {
    seats_shrink_and_grow(Engine::Postgres).await;
}
