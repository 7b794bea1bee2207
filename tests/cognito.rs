//! Passwords, which Cognito keeps: registering, confirming, signing in, what is asked beside the
//! password, and a forgotten one. Through the front door, against the sandbox's user pool.

#![cfg(test)]
#![allow(clippy::allow_attributes, missing_docs, dead_code, reason = "sentences; parts of a front")]

mod front;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use front::{
    Front, cash,
    database::Engine,
    story, until,
    visitor::{self, Visitor, text},
};
use reqwest::Method;
use serde_json::{Value, json};

const EVA: &str = "eva@example.org";
const FIRST: &str = "Sandbox-1234";
const SECOND: &str = "Another-5678";
/// Somebody who is in the pool from the start, with the sandbox's password.
const ADA: &str = "ada@bakery.example";
const BEN: &str = "ben@bakery.example";

async fn post(front: &Front, path: &str, body: Value) -> (u16, Value) {
    cash::rest(&front.nobody(), Method::POST, path, &body).await
}

async fn control(front: &Front, path: &str, body: Value) {
    let address = format!("http://{}/_control/cognito/{path}", front.sandbox);
    let answer = visitor::http().post(address).json(&body).send().await.expect("an answer");
    assert!(answer.status().is_success(), "{path}: {}", answer.status());
}

/// Every code that went to somebody, newest first, and their authenticator's.
async fn codes(front: &Front, user: &str) -> (Vec<String>, Value) {
    let address = format!("http://{}/_control/cognito/codes?user={user}", front.sandbox);
    let answer = visitor::http().get(address).send().await.expect("an answer");
    let mut answer: Value = answer.json().await.expect("JSON");
    let codes = answer["codes"].as_array().expect("codes").iter().map(|it| text(&it["code"]));
    (codes.collect(), answer["totp"].take())
}

async fn newest(front: &Front, user: &str) -> String {
    codes(front, user).await.0.first().expect("a code was sent").clone()
}

async fn login(front: &Front, email: &str, password: &str) -> (u16, Value) {
    post(front, "/auth/login", json!({ "email": email, "password": password })).await
}

/// Answers what login asked, with the answer.
async fn meet(front: &Front, asked: &Value, answer: &str) -> (u16, Value) {
    let body = json!({
        "challenge": asked["challenge"], "username": asked["username"],
        "session": asked["session"], "answer": answer,
    });
    post(front, "/auth/challenge", body).await
}

async fn me(front: &Front, session: &Value) -> (u16, Value) {
    let person = Visitor { session: Some(text(&session["access_token"])), ..front.nobody() };
    cash::rest(&person, Method::GET, "/auth/me", &Value::Null).await
}

fn wrong(code: &str) -> String {
    let last = if code.ends_with('0') { "1" } else { "0" };
    let mut code = code.to_owned();
    code.pop();
    code + last
}

fn is(answer: &(u16, Value), status: u16, code: &str) {
    assert_eq!((answer.0, answer.1["code"].as_str()), (status, Some(code)), "{answer:?}");
    assert!(answer.1["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{answer:?}");
}

async fn a_person_comes_in_and_back(engine: Engine) {
    let front = Front::start(engine).await;
    let wish = json!({ "email": EVA, "password": FIRST, "name": "Eva" });
    let (status, registered) = post(&front, "/auth/register", wish).await;
    assert_eq!((status, &registered["next"]), (201, &json!("confirm")), "{registered}");
    is(&login(&front, EVA, FIRST).await, 422, "PASSWORD_NOT_CONFIRMED");

    let first = newest(&front, EVA).await;
    let confirm = async |code: &str| {
        post(&front, "/auth/confirm", json!({ "email": EVA, "code": code })).await
    };
    is(&confirm(&wrong(&first)).await, 422, "PASSWORD_CODE_WRONG");
    let again = post(&front, "/auth/confirm/resend", json!({ "email": EVA })).await;
    assert_eq!(again, (202, json!({ "next": "confirm" })));
    let second = newest(&front, EVA).await;
    if first != second {
        is(&confirm(&first).await, 422, "PASSWORD_CODE_WRONG");
    }
    assert_eq!(confirm(&second).await, (200, json!({ "next": "login" })));

    // What login asks beside the password: a code of the authenticator.
    control(&front, "factor", json!({ "user": EVA, "kind": "totp" })).await;
    let (status, asked) = login(&front, EVA, FIRST).await;
    assert_eq!((status, &asked["challenge"]), (200, &json!("SOFTWARE_TOKEN_MFA")), "{asked}");
    assert_eq!((&asked["next"], asked.get("access_token")), (&json!("challenge"), None));
    let totp = text(&codes(&front, EVA).await.1);
    is(&meet(&front, &asked, &wrong(&totp)).await, 422, "PASSWORD_CODE_WRONG");
    let (status, session) = meet(&front, &asked, &text(&codes(&front, EVA).await.1)).await;
    assert_eq!((status, &session["token_type"]), (200, &json!("Bearer")), "{session}");
    is(&meet(&front, &asked, &totp).await, 401, "PASSWORD_NOT_AUTHORIZED");
    let (status, known) = me(&front, &session).await;
    assert_eq!(status, 200, "{known}");

    // The session is our own: it is renewed as every other, and Cognito's tokens are nowhere.
    let refresh = text(&session["refresh_token"]);
    let form = [("grant_type", "refresh_token"), ("refresh_token", refresh.as_str())];
    let renewed = visitor::http().post(front.url("/auth/token")).form(&form).send().await;
    let renewed: Value = renewed.expect("an answer").json().await.expect("JSON");
    assert_eq!(me(&front, &renewed).await, (200, known.clone()));
    assert!(!front.output().contains(FIRST), "a password is not printed");

    control(&front, "factor", json!({ "user": EVA, "kind": "none" })).await;
    let forgot = post(&front, "/auth/forgot", json!({ "email": EVA })).await;
    assert_eq!(forgot, (202, json!({ "next": "reset" })));
    let code = newest(&front, EVA).await;
    let reset = async |code: &str, password: &str| {
        let body = json!({ "email": EVA, "code": code, "password": password });
        post(&front, "/auth/reset", body).await
    };
    is(&reset(&code, "short").await, 422, "PASSWORD_TOO_WEAK");
    is(&login(&front, EVA, SECOND).await, 401, "PASSWORD_NOT_AUTHORIZED");
    assert_eq!(reset(&code, SECOND).await, (200, json!({ "next": "login" })));
    is(&login(&front, EVA, FIRST).await, 401, "PASSWORD_NOT_AUTHORIZED");
    let (status, session) = login(&front, EVA, SECOND).await;
    assert_eq!(status, 200, "{session}");
    assert_eq!(me(&front, &session).await, (200, known), "the same person");
}

#[tokio::test]
async fn a_person_registers_confirms_is_challenged_and_chooses_a_new_password_on_sqlite() {
    a_person_comes_in_and_back(Engine::Sqlite).await;
}

#[tokio::test]
async fn a_person_registers_confirms_is_challenged_and_chooses_a_new_password_on_postgresql() {
    a_person_comes_in_and_back(Engine::Postgres).await;
}

/// Trades a session's refresh token. Answers the status.
async fn renew(front: &Front, session: &Value) -> u16 {
    let refresh = text(&session["refresh_token"]);
    let form = [("grant_type", "refresh_token"), ("refresh_token", refresh.as_str())];
    let answer = visitor::http().post(front.url("/auth/token")).form(&form).send().await;
    answer.expect("an answer").status().as_u16()
}

async fn a_new_password_ends_what_was_begun_with_the_old(engine: Engine) {
    let front = Front::start(engine).await;
    let (_, thief) = login(&front, ADA, FIRST).await;
    let (_, second) = login(&front, ADA, FIRST).await;
    let (_, ben) = login(&front, BEN, FIRST).await;
    let ada = Visitor { session: Some(text(&thief["access_token"])), ..front.nobody() };
    let home = story::open_account(&ada, "Aurora Bakery").await.account.expect("an account");

    post(&front, "/auth/forgot", json!({ "email": ADA })).await;
    let code = newest(&front, ADA).await;
    let body = json!({ "email": ADA, "code": wrong(&code), "password": SECOND });
    is(&post(&front, "/auth/reset", body).await, 422, "PASSWORD_CODE_WRONG");
    assert_eq!(me(&front, &thief).await.0, 200, "a code that is wrong ends nothing");
    let body = json!({ "email": ADA, "code": code, "password": SECOND });
    assert_eq!(post(&front, "/auth/reset", body).await, (200, json!({ "next": "login" })));
    for ended in [&thief, &second] {
        assert_eq!((me(&front, ended).await.0, renew(&front, ended).await), (401, 400));
    }
    assert_eq!(me(&front, &ben).await.0, 200, "others are not concerned");

    let (_, own) = login(&front, ADA, SECOND).await;
    control(&front, "temporary", json!({ "user": ADA, "password": "First-1234" })).await;
    let (_, asked) = login(&front, ADA, "First-1234").await;
    assert_eq!(asked["challenge"], "NEW_PASSWORD_REQUIRED", "{asked}");
    assert_eq!(me(&front, &own).await.0, 200, "a question ends nothing");
    let (status, new) = meet(&front, &asked, "Third-91011").await;
    assert_eq!(status, 200, "{new}");
    assert_eq!((me(&front, &own).await.0, renew(&front, &own).await), (401, 400));
    let ada = Visitor { session: Some(text(&new["access_token"])), ..front.nobody() };
    let facts = log(&ada.acting_in(&home), "password_replaced").await;
    assert_eq!(facts.len(), 2, "{facts:?}");
    assert!(facts.iter().all(|fact| fact["address"] == "127.0.0.1"), "{facts:?}");
}

#[tokio::test]
async fn a_new_password_ends_every_session_of_the_old_one_on_sqlite() {
    a_new_password_ends_what_was_begun_with_the_old(Engine::Sqlite).await;
}

#[tokio::test]
async fn a_new_password_ends_every_session_of_the_old_one_on_postgresql() {
    a_new_password_ends_what_was_begun_with_the_old(Engine::Postgres).await;
}

#[tokio::test]
async fn every_challenge_of_the_pool_is_answered_by_the_session_that_asks_it() {
    let front = Front::start(Engine::Sqlite).await;
    control(&front, "factor", json!({ "user": ADA, "kind": "sms" })).await;
    let (_, asked) = login(&front, ADA, FIRST).await;
    assert_eq!(asked["challenge"], "SMS_MFA", "{asked}");
    assert!(asked["sent_to"].as_str().is_some_and(|to| to.contains('*')), "masked: {asked}");
    let code = newest(&front, ADA).await;
    let mut another = asked.clone();
    another["session"] = json!("made up");
    is(&meet(&front, &another, &code).await, 401, "PASSWORD_NOT_AUTHORIZED");
    another["challenge"] = json!("RIDDLE");
    is(&meet(&front, &another, &code).await, 422, "VALIDATION");
    let (status, session) = meet(&front, &asked, &code).await;
    assert_eq!(status, 200, "{session}");

    // A first password that somebody else chose gives way, and what else is needed is asked next.
    control(&front, "factor", json!({ "user": BEN, "kind": "totp" })).await;
    control(&front, "temporary", json!({ "user": BEN, "password": "First-1234" })).await;
    let (_, asked) = login(&front, BEN, "First-1234").await;
    assert_eq!(asked["challenge"], "NEW_PASSWORD_REQUIRED", "{asked}");
    is(&meet(&front, &asked, "short").await, 422, "PASSWORD_TOO_WEAK");
    let (status, next) = meet(&front, &asked, SECOND).await;
    assert_eq!((status, &next["challenge"]), (200, &json!("SOFTWARE_TOKEN_MFA")), "{next}");
    let (status, session) = meet(&front, &next, &text(&codes(&front, BEN).await.1)).await;
    assert_eq!(status, 200, "{session}");
    is(&login(&front, BEN, "First-1234").await, 401, "PASSWORD_NOT_AUTHORIZED");
}

#[tokio::test]
async fn strangers_do_not_learn_who_is_known_and_are_stopped_by_name() {
    // The bound by address is another test's; here it must not come first.
    let front = Front::start_with(Engine::Sqlite, &[("HERALD_LIMIT_SIGN_IN", "600")]).await;
    let (known, nobody) = (ADA, "nobody@example.org");
    let mut told = Vec::new();
    for who in [known, nobody] {
        let mut heard = Vec::new();
        for _ in 0..3 {
            heard.push(post(&front, "/auth/forgot", json!({ "email": who })).await);
            heard.push(post(&front, "/auth/confirm/resend", json!({ "email": who })).await);
        }
        for _ in 0..6 {
            let body = json!({ "email": who, "code": "no code", "password": SECOND });
            heard.push(post(&front, "/auth/reset", body).await);
            heard.push(login(&front, who, "Wrong-1234").await);
        }
        // How many seconds are left is no secret, and changes while we ask.
        let plain = |(status, answer): &(u16, Value)| {
            (*status, answer["code"].clone(), answer["next"].clone())
        };
        told.push(heard.iter().map(plain).collect::<Vec<_>>());
    }
    assert_eq!(told[0], told[1], "known and unknown hear the same");
    let statuses: Vec<_> = told[0].iter().map(|(status, ..)| *status).collect();
    assert_eq!(statuses[..6], [202, 202, 202, 202, 202, 429], "five mails to a mailbox");
    assert_eq!(statuses[6..16], [422, 401].repeat(5), "five tries of each kind");
    assert_eq!(statuses[16..], [429, 429]);
    let codes = codes(&front, known).await.0;
    assert_eq!(codes.len(), 3, "a code for each time that it was forgotten");
    for path in ["/auth/confirm", "/auth/challenge", "/auth/forgot", "/auth/reset"] {
        is(&post(&front, path, json!({ "email": known, "x": 1 })).await, 400, "BODY_NOT_READ");
    }
    is(&post(&front, "/auth/forgot", json!({ "email": " " })).await, 422, "VALIDATION");
    is(&post(&front, "/auth/confirm", json!({ "email": EVA })).await, 422, "VALIDATION");
}

/// Somebody behind a proxy signs in as Ada: the status, and what their browser keeps.
async fn from_address(front: &Front, address: &str, kept: &str, password: &str) -> (u16, String) {
    let request = front.nobody().request(Method::POST, "/auth/login");
    let request = request.header("x-forwarded-for", address).header("cookie", kept);
    let answer = request.json(&json!({ "email": ADA, "password": password })).send().await;
    let answer = answer.expect("an answer");
    let kept = answer.headers().get("set-cookie").map(|it| it.to_str().expect("text").to_owned());
    (answer.status().as_u16(), kept.unwrap_or_default())
}

#[tokio::test]
async fn whoever_signed_in_before_gets_in_however_many_strangers_try_their_name() {
    let proxied = [("HERALD_LIMIT_SIGN_IN", "600"), ("HERALD_TRUSTED_PROXIES", "127.0.0.0/8")];
    let front = Front::start_with(Engine::Sqlite, &proxied).await;
    let (status, cookie) = from_address(&front, "192.0.2.1", "", FIRST).await;
    assert_eq!(status, 200);
    assert!(cookie.starts_with("herald_familiar=") && cookie.contains("HttpOnly"), "{cookie}");
    assert!(cookie.contains("SameSite=Lax"), "{cookie}");

    // The pool makes everybody wait after five wrong passwords in a row; a right one ends the row.
    let wrong = (401, String::new());
    for _ in 0..4 {
        assert_eq!(from_address(&front, "203.0.113.1", "", "Wrong-1234").await, wrong);
    }
    assert_eq!(from_address(&front, "192.0.2.7", "", FIRST).await.0, 200, "one keeps nobody out");
    assert_eq!(from_address(&front, "203.0.113.1", "", "Wrong-1234").await, wrong);
    assert_eq!(from_address(&front, "203.0.113.1", "", "Wrong-1234").await.0, 429);
    let value = |cookie: &str| cookie.split(';').next().expect("a value").to_owned();
    let mut kept = value(&cookie);
    for number in 2..24 {
        from_address(&front, &format!("203.0.113.{number}"), "", "Wrong-1234").await;
        if number % 3 == 0 {
            let (status, cookie) = from_address(&front, "192.0.2.9", &kept, FIRST).await;
            assert_eq!(status, 200, "many strangers keep no known browser out");
            kept = value(&cookie);
        }
    }
    assert_eq!(from_address(&front, "192.0.2.8", "", FIRST).await.0, 429, "they slow others down");
    assert_eq!(from_address(&front, "192.0.2.9", &kept, FIRST).await.0, 200);
}

/// What an account's sign-in log says, newest first, without what is not asked for.
async fn log(home: &Visitor, kind: &str) -> Vec<Value> {
    let log = home.gql("{ signInLog { kind device address member } }", json!({})).await;
    let facts = log["signInLog"].as_array().expect("facts").clone();
    facts.into_iter().filter(|fact| fact["kind"] == kind).collect()
}

async fn until_logged(home: &Visitor, kind: &str, times: usize) -> Vec<Value> {
    until("the log says so", async || {
        let found = log(home, kind).await;
        (found.len() >= times).then_some(found)
    })
    .await
}

/// A failed try may fall into two minutes: then there are two rows of it.
fn of_a_minute(facts: &[Value]) {
    assert!((1..=2).contains(&facts.len()), "{facts:?}");
}

#[tokio::test]
async fn whoever_fails_to_be_somebody_is_in_their_log_and_fills_it_with_one_row_a_minute() {
    let front = Front::start(Engine::Sqlite).await;
    let (status, session) = login(&front, ADA, FIRST).await;
    assert_eq!(status, 200, "{session}");
    let token = Some(text(&session["access_token"]));
    let ada = Visitor { session: token, ..front.nobody() };
    let home = story::open_account(&ada, "Aurora Bakery").await;
    assert_eq!(log(&home, "failed").await, Vec::<Value>::new());
    for _ in 0..4 {
        is(&login(&front, ADA, "Wrong-1234").await, 401, "PASSWORD_NOT_AUTHORIZED");
    }
    is(&login(&front, "nobody@example.org", "Wrong-1234").await, 401, "PASSWORD_NOT_AUTHORIZED");
    let failed = until_logged(&home, "failed", 1).await;
    of_a_minute(&failed);
    assert_eq!(
        (&failed[0]["address"], failed[0]["member"].is_string()),
        (&json!("127.0.0.1"), true)
    );

    // A token of hers with a forged signature leads to the same row, not to another.
    let person = me(&front, &session).await.1;
    let claims = json!({ "iss": person["issuer"], "sub": subject(&front, ADA).await,
        "exp": cash::now() + 600, "token_use": "id" });
    let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let forged = format!("{}.{}.c2ln", part(json!({ "alg": "none" })), part(claims));
    let eve = Visitor { session: Some(forged), ..front.nobody() };
    for _ in 0..4 {
        assert_eq!(cash::rest(&eve, Method::GET, "/auth/me", &Value::Null).await.0, 401);
    }
    of_a_minute(&log(&home, "failed").await);
}

#[tokio::test]
async fn a_refused_token_of_somebody_known_and_a_failed_challenge_are_in_their_log() {
    let front = Front::start(Engine::Sqlite).await;
    let mut homes = Vec::new();
    for (who, business) in [(ADA, "Aurora Bakery"), (BEN, "Crumb & Crust")] {
        let (_, session) = login(&front, who, FIRST).await;
        let token = Some(text(&session["access_token"]));
        let person = Visitor { session: token, ..front.nobody() };
        homes.push((story::open_account(&person, business).await, me(&front, &session).await.1));
    }
    let (ada, ben) = (&homes[0], &homes[1]);
    let claims = json!({ "iss": ada.1["issuer"], "sub": subject(&front, ADA).await,
        "exp": cash::now() + 600, "token_use": "id" });
    let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let forged = format!("{}.{}.c2ln", part(json!({ "alg": "none" })), part(claims));
    let eve = Visitor { session: Some(forged), ..front.nobody() };
    assert_eq!(cash::rest(&eve, Method::GET, "/auth/me", &Value::Null).await.0, 401);
    of_a_minute(&until_logged(&ada.0, "failed", 1).await);

    control(&front, "factor", json!({ "user": BEN, "kind": "sms" })).await;
    let (_, asked) = login(&front, BEN, FIRST).await;
    assert_eq!(log(&ben.0, "failed").await, Vec::<Value>::new(), "a question is no failure");
    is(&meet(&front, &asked, "no code").await, 422, "PASSWORD_CODE_WRONG");
    of_a_minute(&until_logged(&ben.0, "failed", 1).await);
}

/// Cognito's own name for somebody.
async fn subject(front: &Front, user: &str) -> String {
    let address = format!("http://{}/_control/cognito/factor", front.sandbox);
    let body = json!({ "user": user, "kind": "none" });
    let answer = visitor::http().post(address).json(&body).send().await.expect("an answer");
    let answer: Value = answer.json().await.expect("JSON");
    text(&answer["user"])
}

#[tokio::test]
async fn where_nobody_keeps_passwords_the_routes_say_what_to_do_instead() {
    let front = Front::start_with(Engine::Sqlite, &[("HERALD_PASSWORDS", "off")]).await;
    let name = json!({ "email": EVA });
    let code = json!({ "email": EVA, "code": "123456" });
    let reset = json!({ "email": EVA, "code": "123456", "password": SECOND });
    let met =
        json!({ "challenge": "SMS_MFA", "username": EVA, "session": "s", "answer": "123456" });
    for (path, body) in [
        ("/auth/confirm", &code),
        ("/auth/confirm/resend", &name),
        ("/auth/challenge", &met),
        ("/auth/forgot", &name),
        ("/auth/reset", &reset),
    ] {
        let answer = post(&front, path, body.clone()).await;
        is(&answer, 503, "NOT_CONFIGURED");
        let detail = text(&answer.1["detail"]);
        assert!(detail.contains("/auth/login") && detail.contains("AWS_COGNITO"), "{detail}");
        assert_eq!(answer.1["retryable"], false);
    }
}
