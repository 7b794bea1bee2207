//! People who are known by their mailbox alone: a link is mailed, and whoever opens it signs in, opens
//! an account and comes back as the same person.

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

/// An installation where nobody keeps passwords.
async fn house(engine: Engine) -> Front {
    Front::start_with(engine, &[("HERALD_PASSWORDS", "off")]).await
}

/// The mails that the sandbox's carrier took for an address, newest first.
async fn mails(front: &Front, to: &str) -> Vec<Value> {
    let address = format!("http://{}/_control/resend/mails?to={to}&subject=sign", front.sandbox);
    let answer = visitor::http().get(address).send().await.expect("the sandbox answers");
    let answer: Value = answer.json().await.expect("JSON");
    answer["mails"].as_array().expect("mails").clone()
}

/// Asks for a link, by registering or signing in, and reads it from the mail.
async fn link(front: &Front, route: &str, address: &str) -> String {
    let before = mails(front, address).await.len();
    let input = json!({ "email": address });
    let (status, answer) = cash::rest(&front.nobody(), Method::POST, route, &input).await;
    assert_eq!((status, answer), (202, json!({ "next": "mail" })), "known or not, one answer");
    let mail = until("the mail came", async || {
        let mails = mails(front, address).await;
        (mails.len() > before).then(|| mails[0].clone())
    });
    let words = text(&mail.await["text"]);
    let (_, link) = words.split_once("Sign in: ").expect("a link");
    link.lines().next().expect("a line").to_owned()
}

/// Trades a link for a session, as a program does.
async fn trade(front: &Front, link: &str) -> (u16, Value) {
    let secret = link.rsplit('/').next().expect("a secret");
    let form = [("grant_type", "urn:herald:link"), ("link", secret)];
    let request = visitor::http().post(front.url("/auth/token")).form(&form);
    let answer = request.send().await.expect("an answer");
    (answer.status().as_u16(), answer.json().await.expect("JSON"))
}

async fn signed_in(front: &Front, route: &str, address: &str) -> Visitor {
    let (status, tokens) = trade(front, &link(front, route, address).await).await;
    assert_eq!(status, 200);
    Visitor { session: Some(text(&tokens["access_token"])), ..front.nobody() }
}

async fn me(person: &Visitor) -> Value {
    let (status, me) = cash::rest(person, Method::GET, "/auth/me", &Value::Null).await;
    assert_eq!(status, 200, "{me}");
    me
}

async fn a_mailbox_is_a_person(engine: Engine) {
    let front = house(engine).await;
    let ada = signed_in(&front, "/auth/register", "ada@example.org").await;
    let first = me(&ada).await;
    assert_eq!((&first["issuer"], &first["accounts"]), (&json!("local"), &json!([])));
    let wish = json!({ "business": "Corner Bakery", "name": "Ada", "email": "ada@example.org",
        "zone": "Europe/Berlin" });
    let (status, opened) = cash::rest(&ada, Method::POST, "/accounts", &wish).await;
    assert_eq!((status, &opened["role"]), (201, &json!("owner")), "{opened}");
    let known = me(&ada).await;
    assert_eq!(known["accounts"][0]["account"], opened["account"], "{known}");

    // However the address is spelled, and by whichever door: the same person.
    let again = signed_in(&front, "/auth/login", "Ada@Example.org").await;
    assert_eq!(me(&again).await, known);
    let ben = me(&signed_in(&front, "/auth/login", "ben@example.org").await).await;
    assert_ne!(ben["identity"], known["identity"]);
    assert_eq!(ben["accounts"], json!([]), "another mailbox sees nothing of it");

    let used = link(&front, "/auth/login", "ada@example.org").await;
    assert_eq!(trade(&front, &used).await.0, 200);
    assert_eq!(trade(&front, &used).await.0, 400, "a link works once");
    let secret = used.rsplit('/').next().expect("a secret");
    assert!(!front.output().contains(secret), "a mailed link is not printed");
}

#[tokio::test]
async fn whoever_reads_a_mailbox_signs_in_opens_an_account_and_comes_back_on_sqlite() {
    a_mailbox_is_a_person(Engine::Sqlite).await;
}

#[tokio::test]
async fn whoever_reads_a_mailbox_signs_in_opens_an_account_and_comes_back_on_postgresql() {
    a_mailbox_is_a_person(Engine::Postgres).await;
}

#[tokio::test]
async fn strangers_can_neither_fill_a_mailbox_nor_choose_its_words() {
    let front = house(Engine::Sqlite).await;
    let nobody = front.nobody();
    for wrong in [
        json!({ "email": "no address" }),
        json!({ "email": "ada@example.org", "password": "secret" }),
        json!({ "email": "ada@example.org\r\nbcc: all@example.org" }),
    ] {
        let (status, problem) = cash::rest(&nobody, Method::POST, "/auth/register", &wrong).await;
        assert_eq!((status, &problem["code"]), (422, &json!("VALIDATION")), "{problem}");
    }
    assert_eq!(mails(&front, "ada@example.org").await, Vec::<Value>::new(), "nothing went out");
    let wish = json!({ "email": "ada@example.org", "name": "<b>Click http://evil.example</b>" });
    for _ in 0..5 {
        assert_eq!(cash::rest(&nobody, Method::POST, "/auth/register", &wish).await.0, 202);
    }
    let input = json!({ "email": "ada@example.org" });
    let (status, problem) = cash::rest(&nobody, Method::POST, "/auth/login", &input).await;
    assert_eq!((status, &problem["code"]), (429, &json!("RATE_LIMITED")), "{problem}");
    let came = until("five mails came", async || {
        let mails = mails(&front, "ada@example.org").await;
        (mails.len() == 5).then_some(mails)
    });
    for mail in came.await {
        assert!(!mail.to_string().contains("evil"), "{mail}");
    }
    let carried = json!({ "business": "B", "name": "N" });
    let (status, _) = cash::rest(&nobody, Method::POST, "/accounts", &carried).await;
    assert_eq!(status, 401, "nobody in particular opens no account");
}
