//! An address that bounces for good or complains gets no more mail that it can do without, until an
//! operator lets mail go there again.

#![cfg(test)]
#![allow(clippy::allow_attributes, missing_docs, dead_code, reason = "sentences; parts of a front")]

mod front;

use front::{
    Front,
    database::Engine,
    until,
    visitor::{self, text},
};
use serde_json::{Value, json};

/// An address at which the sandbox's mail bounces for good, as at Resend.
const GONE: &str = "bounced@resend.dev";

/// The mails that went to somebody, newest first.
async fn mails(front: &Front, to: &str) -> Vec<Value> {
    let address = format!("http://{}/_control/resend/mails?to={to}", front.sandbox);
    let answer = visitor::http().get(address).send().await.expect("the sandbox answers");
    let answer: Value = answer.json().await.expect("JSON");
    answer["mails"].as_array().expect("mails").clone()
}

async fn until_mailed(front: &Front, to: &str, times: usize) -> Vec<Value> {
    until(&format!("{to} gets {times} mails"), async || {
        let mails = mails(front, to).await;
        (mails.len() == times).then_some(mails)
    })
    .await
}

/// Somebody new opens an account, and is to be welcomed.
async fn opens_an_account(front: &Front, address: &str) {
    let input = json!({ "businessName": "Corner Bakery", "name": "Ada", "email": address });
    front.newcomer().await.tell("openAccount", input, "account { id }").await;
}

fn herald(front: &Front, arguments: &[&str]) -> (bool, String) {
    let output = front.herald(arguments);
    (output.status.success(), String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The list, once it is as long as this.
async fn until_listed(front: &Front, long: usize) -> String {
    until(&format!("{long} are suppressed"), async || {
        let (_, list) = herald(front, &["mail", "suppressed"]);
        let lines =
            list.lines().filter(|line| line.contains("bounce") || line.contains("complain"));
        (lines.count() == long).then_some(list)
    })
    .await
}

/// How many welcomes ended so.
async fn welcomes(front: &Front, outcome: &str) -> u32 {
    let (_, page) =
        front.nobody().send(front.nobody().request(reqwest::Method::GET, "/metrics")).await;
    let wanted = |line: &&str| {
        line.starts_with("herald_notices_total{")
            && line.contains("notice=\"welcome\"")
            && line.contains(&format!("outcome=\"{outcome}\""))
    };
    let line = page.lines().find(wanted);
    line.and_then(|line| line.rsplit(' ').next()?.parse().ok()).unwrap_or(0)
}

async fn who_bounced_gets_no_more_mail(engine: Engine) {
    let front = Front::start(engine).await;
    opens_an_account(&front, GONE).await;
    until_mailed(&front, GONE, 1).await;
    let list = until_listed(&front, 1).await;
    assert!(list.contains("bounce") && !list.contains("resend.dev"), "no address is kept: {list}");
    let (_, seen) = herald(&front, &["mail", "suppressed", "--address", "Bounced@Resend.dev"]);
    assert!(seen.contains("bounce"), "{seen}");

    opens_an_account(&front, GONE).await;
    until("the welcome is held back", async || {
        (welcomes(&front, "suppressed").await == 1).then_some(())
    })
    .await;
    assert_eq!(mails(&front, GONE).await.len(), 1);

    let eva = "eva@example.org";
    opens_an_account(&front, eva).await;
    let mail = until_mailed(&front, eva, 1).await;
    let body = json!({ "email_id": text(&mail[0]["id"]), "type": "email.complained" });
    let told = format!("http://{}/_control/resend/events", front.sandbox);
    visitor::http().post(told).json(&body).send().await.expect("it is told");
    until_listed(&front, 2).await;

    assert!(!herald(&front, &["mail", "lift", "nobody@example.org"]).0, "it was not suppressed");
    assert!(herald(&front, &["mail", "lift", eva]).0);
    until_listed(&front, 1).await;
    opens_an_account(&front, eva).await;
    until_mailed(&front, eva, 2).await;
}

#[tokio::test]
async fn who_bounced_or_complained_gets_no_more_mail_until_an_operator_lifts_it_on_sqlite() {
    who_bounced_gets_no_more_mail(Engine::Sqlite).await;
}

#[tokio::test]
async fn who_bounced_or_complained_gets_no_more_mail_until_an_operator_lifts_it_on_postgresql() {
    who_bounced_gets_no_more_mail(Engine::Postgres).await;
}
