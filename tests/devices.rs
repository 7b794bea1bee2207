//! Who signs in with a device that they never had is told by mail, once; through the front door, with
//! the sandbox's mailbox.

#![cfg(test)]
#![allow(clippy::allow_attributes, missing_docs, dead_code, reason = "sentences; parts of a front")]

mod front;

use front::{
    Front, cash,
    database::Engine,
    until,
    visitor::{self, Visitor, text},
};
use reqwest::{Method, header};
use serde_json::{Value, json};

const ADA: &str = "ada@bakery.example";
const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
const CHROME: &str =
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/143.0 Safari/537.36";
const SAFARI: &str =
    "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Safari/604";

/// Signs Ada in with a device.
async fn with(front: &Front, agent: &str) -> Visitor {
    let wish = json!({ "email": ADA, "password": "Sandbox-1234" });
    let request = visitor::http().post(front.url("/auth/login")).json(&wish);
    let answer = request.header(header::USER_AGENT, agent).send().await.expect("an answer");
    assert_eq!(answer.status(), 200);
    let session: Value = answer.json().await.expect("JSON");
    Visitor { session: Some(text(&session["access_token"])), ..front.nobody() }
}

/// The mails that went to Ada, newest first.
async fn mails(front: &Front, subject: &str) -> Vec<Value> {
    let address = format!("http://{}/_control/resend/mails", front.sandbox);
    let query = [("to", ADA), ("subject", subject)];
    let mut address = reqwest::Url::parse(&address).expect("an address");
    address.query_pairs_mut().extend_pairs(query);
    let answer = visitor::http().get(address).send().await.expect("the sandbox answers");
    let answer: Value = answer.json().await.expect("JSON");
    answer["mails"].as_array().expect("mails").clone()
}

async fn until_mails(front: &Front, many: usize) -> Vec<Value> {
    until("the mail came", async || {
        let mails = mails(front, "new device").await;
        (mails.len() >= many).then_some(mails)
    })
    .await
}

async fn a_new_device_is_told(engine: Engine) {
    let front = Front::start(engine).await;
    let ada = with(&front, FIREFOX).await;
    let wish = json!({ "business": "Corner Bakery", "name": "Ada", "email": ADA,
        "zone": "Europe/Berlin" });
    let (status, opened) = cash::rest(&ada, Method::POST, "/accounts", &wish).await;
    assert_eq!(status, 201, "{opened}");
    until("she is welcomed", async || (mails(&front, "Welcome").await.len() == 1).then_some(()))
        .await;

    with(&front, CHROME).await;
    let first = until_mails(&front, 1).await;
    let words = text(&first[0]["text"]);
    assert!(words.contains("Chrome on Windows") && words.contains("(Europe/Berlin)"), "{words}");
    assert!(words.contains("end all of your sessions"), "{words}");
    assert!(first[0]["html"].is_string(), "{first:?}");

    // The same again, by then without a session that would remember it.
    let here = with(&front, CHROME).await;
    let ended = here.tell("endSessions", json!({ "everywhere": true }), "ended").await;
    assert_eq!(ended["ended"], 3, "{ended}");
    with(&front, CHROME).await;
    let here = with(&front, SAFARI).await;
    let all = until_mails(&front, 2).await;
    assert_eq!(all.len(), 2, "one for each device but the first: {all:?}");
    assert!(text(&all[0]["text"]).contains("Safari on iOS"), "{all:?}");

    let log = here.gql("{ signInLog { kind device } }", json!({})).await;
    let facts = log["signInLog"].as_array().expect("facts").iter();
    let of = |kind: &str| facts.clone().filter(|fact| fact["kind"] == kind).count();
    assert_eq!((of("new_device"), of("signed_in")), (2, 3), "{log}");
}

#[tokio::test]
async fn a_sign_in_from_a_new_device_is_told_by_mail_once_and_the_first_is_not_on_sqlite() {
    a_new_device_is_told(Engine::Sqlite).await;
}

#[tokio::test]
async fn a_sign_in_from_a_new_device_is_told_by_mail_once_and_the_first_is_not_on_postgresql() {
    a_new_device_is_told(Engine::Postgres).await;
}
