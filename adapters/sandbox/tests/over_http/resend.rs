//! Resend: once per key, quotas, a mailbox to read, and what became of a mail.

use herald_sandbox::{RESEND_API_KEY, RESEND_SENDING_KEY, ResendSettings, Settings};
use reqwest::RequestBuilder;
use serde_json::{Value, json};

use crate::house::{House, settings};
use crate::identity::{Receiver, told};

async fn open() -> House {
    let resend = ResendSettings { per_second: 1_000, ..ResendSettings::default() };
    House::with(Settings { resend, ..settings() }).await
}

fn mail() -> Value {
    json!({
        "from": "Herald <hello@herald.example>", "to": ["ada@bakery.example"],
        "subject": "Welcome", "text": "Look: https://herald.example/in <now>", "html": "<p>Hi</p>",
        "tags": [{ "name": "kind", "value": "welcome" }],
    })
}

fn send(house: &House, body: &Value, key: Option<&str>) -> RequestBuilder {
    let request = house.post("/resend/emails").bearer_auth(RESEND_API_KEY);
    let request = request.header("user-agent", "herald").json(body);
    match key {
        Some(key) => request.header("idempotency-key", key),
        None => request,
    }
}

async fn sent(house: &House, body: &Value) -> String {
    let answer: Value = send(house, body, None).send().await.unwrap().json().await.unwrap();
    answer["id"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned()
}

fn read(house: &House, path: &str, key: &str) -> RequestBuilder {
    house.get(&format!("/resend{path}")).bearer_auth(key).header("user-agent", "herald")
}

#[tokio::test]
async fn a_mail_is_kept_shown_and_told_about() {
    let house = open().await;
    let id = sent(&house, &mail()).await;
    let found = read(&house, &format!("/emails/{id}"), RESEND_API_KEY).send().await.unwrap();
    assert!(found.headers().contains_key("ratelimit-remaining"));
    let found: Value = found.json().await.unwrap();
    assert_eq!(
        (found["object"].as_str(), found["last_event"].as_str()),
        (Some("email"), Some("delivered"))
    );
    let page = house.get("/resend/").send().await.unwrap().text().await.unwrap();
    assert!(
        page.contains("<a href=\"https://herald.example/in\">") && page.contains("&lt;now&gt;"),
        "{page}"
    );
    let html = house.get(&format!("/resend/mailbox/{id}")).send().await.unwrap();
    assert!(html.headers()["content-security-policy"].to_str().unwrap().contains("sandbox"));
    assert_eq!(html.text().await.unwrap(), "<p>Hi</p>");
    let mails = house.json("/_control/resend/mails?to=ada@bakery.example").await;
    assert_eq!(
        (mails["count"].as_u64(), mails["mails"][0]["text"].as_str()),
        (Some(1), mail()["text"].as_str())
    );
}

#[tokio::test]
async fn a_key_sends_once_within_a_day_and_refuses_another_payload() {
    let house = open().await;
    let ask = |body: Value| {
        let request = send(&house, &body, Some("welcome/1"));
        async { told(request.send().await.unwrap()).await }
    };
    let first = ask(mail()).await;
    assert_eq!(ask(mail()).await, first);
    let mut other = mail();
    other["subject"] = json!("Another");
    let (status, body) = ask(other.clone()).await;
    assert_eq!((status, body["name"].as_str()), (409, Some("invalid_idempotent_request")));
    assert_eq!(house.effects("send_email").len(), 1);
    house.sandbox.state().advance_clock(86_401).unwrap();
    assert_eq!(ask(other).await.0, 200);
    assert_eq!(house.effects("send_email").len(), 2);
}

#[tokio::test]
async fn a_batch_is_accepted_whole_or_not_at_all() {
    let house = open().await;
    let batch = |body: Value| {
        let request = house.post("/resend/emails/batch").bearer_auth(RESEND_API_KEY);
        request.header("user-agent", "herald").json(&body).send()
    };
    let (status, body) = told(batch(json!([mail(), mail()])).await.unwrap()).await;
    assert_eq!((status, body["data"].as_array().unwrap().len()), (200, 2));
    let mut wrong = mail();
    wrong["to"] = json!("nobody");
    for body in [json!([mail(), wrong]), json!([]), json!({}), json!(vec![mail(); 101])] {
        assert_eq!(batch(body).await.unwrap().status(), 422);
    }
    assert_eq!(house.json("/_control/resend").await["mails"], 2);
}

#[tokio::test]
async fn every_refusal_has_its_name() {
    let house = open().await;
    let without = |name: &str| {
        let mut body = mail();
        body.as_object_mut().unwrap().remove(name);
        body
    };
    let with = |name: &str, value: Value| {
        let mut body = mail();
        body[name] = value;
        body
    };
    let mut bare = without("text");
    bare.as_object_mut().unwrap().remove("html");
    let nameless = house.post("/resend/emails").header("user-agent", "herald").json(&mail());
    let guessed = house
        .post("/resend/emails")
        .header("user-agent", "herald")
        .bearer_auth("re_x")
        .json(&mail());
    let long = "k".repeat(257);
    let table = [
        (nameless, 401, "missing_api_key"),
        (guessed, 403, "invalid_api_key"),
        (read(&house, "/emails/x", RESEND_SENDING_KEY), 401, "restricted_api_key"),
        (read(&house, "/emails/x", RESEND_API_KEY), 404, "not_found"),
        (read(&house, "/nothing", RESEND_API_KEY), 404, "not_found"),
        (send(&house, &without("from"), None), 422, "missing_required_field"),
        (send(&house, &without("to"), None), 422, "missing_required_field"),
        (send(&house, &without("subject"), None), 422, "missing_required_field"),
        (send(&house, &bare, None), 422, "missing_required_field"),
        (send(&house, &with("from", json!("nobody")), None), 422, "validation_error"),
        (send(&house, &with("to", json!(vec!["a@x.example"; 51])), None), 422, "validation_error"),
        (send(&house, &with("tags", json!([{ "name": "a b" }])), None), 422, "validation_error"),
        (
            send(&house, &with("attachments", json!([{ "filename": "x" }])), None),
            422,
            "invalid_attachment",
        ),
        (send(&house, &mail(), Some(&long)), 400, "invalid_idempotency_key"),
    ];
    for (request, status, name) in table {
        let (told, body) = told(request.send().await.unwrap()).await;
        assert_eq!((told, body["name"].as_str()), (status, Some(name)), "{body}");
        assert_eq!(body["statusCode"], status);
    }
    let agentless = house.post("/resend/emails").bearer_auth(RESEND_API_KEY).json(&mail());
    assert_eq!(agentless.send().await.unwrap().status(), 403);
    assert!(house.sandbox.state().ledger().is_empty());
}

#[tokio::test]
async fn more_than_two_requests_a_second_and_used_up_quotas_are_refused() {
    let house = House::open().await;
    let mut last = None;
    for _ in 0..30 {
        let answer = send(&house, &mail(), None).send().await.unwrap();
        if answer.status() == 429 {
            last = Some(answer);
            break;
        }
    }
    let last = last.unwrap();
    assert!(last.headers().contains_key("retry-after"));
    assert_eq!(last.headers()["ratelimit-limit"], "2");
    assert_eq!(last.json::<Value>().await.unwrap()["name"], "rate_limit_exceeded");

    let house = open().await;
    for (quota, name) in [("daily", "daily_quota_exceeded"), ("monthly", "monthly_quota_exceeded")]
    {
        house.control("/_control/resend", json!({ "quota": quota })).await;
        let (status, body) = told(send(&house, &mail(), None).send().await.unwrap()).await;
        assert_eq!((status, body["name"].as_str()), (429, Some(name)));
    }
    house.control("/_control/resend", json!({ "quota": null })).await;
    sent(&house, &mail()).await;
}

#[tokio::test]
async fn what_becomes_of_a_mail_is_told_and_signed() {
    let house = open().await;
    let receiver = Receiver::open(0).await;
    receiver.listen(&house, "resend").await;
    let id = sent(&house, &mail()).await;
    let mut kinds: Vec<Value> =
        receiver.wait(2).await.iter().map(|one| one.json()["type"].clone()).collect();
    kinds.sort_by_key(Value::to_string);
    assert_eq!(kinds, ["email.delivered", "email.sent"]);

    let body = json!({ "email_id": id, "type": "email.complained" });
    house.control("/_control/resend/events", body).await;
    let complained = receiver.wait(3).await.remove(2);
    assert!(complained.genuine());
    let event = complained.json();
    assert_eq!(event["type"], "email.complained");
    assert_eq!(
        (event["data"]["email_id"].as_str(), event["data"]["tags"]["kind"].as_str()),
        (Some(id.as_str()), Some("welcome"))
    );

    let mut body = mail();
    body["to"] = json!("bounced@resend.dev");
    let bounced = sent(&house, &body).await;
    let all = receiver.wait(5).await;
    let bounce = all
        .iter()
        .map(super::identity::Arrived::json)
        .find(|one| one["type"] == "email.bounced")
        .unwrap();
    assert_eq!(
        (bounce["data"]["email_id"].as_str(), bounce["data"]["bounce"]["type"].as_str()),
        (Some(bounced.as_str()), Some("Permanent"))
    );
    let found = read(&house, &format!("/emails/{bounced}"), RESEND_API_KEY).send().await.unwrap();
    assert_eq!(found.json::<Value>().await.unwrap()["last_event"], "bounced");
}
