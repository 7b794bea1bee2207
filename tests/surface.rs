//! The pages and paths around the API, and how the process ends.

#![cfg(test)]
#![allow(clippy::allow_attributes, missing_docs, dead_code, reason = "sentences; parts of a front")]

mod front;

use front::{
    Front, cash,
    database::Engine,
    story,
    visitor::{self, Visitor, text},
};
use reqwest::{Method, Response, header};
use serde_json::{Value, json};
use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    process::Command,
    time::Instant,
};

#[tokio::test]
async fn a_link_is_used_up_by_a_button_and_by_nothing_else() {
    let front = Front::start(Engine::Sqlite).await;
    let (link, http) = (front.printed_link().await, visitor::http());
    for _ in 0..3 {
        assert_eq!(http.get(&link).send().await.expect("a page").status(), 200, "a scanner");
    }
    let elsewhere = http.post(&link).header("sec-fetch-site", "cross-site");
    assert_eq!(elsewhere.send().await.expect("an answer").status(), 403, "another site's page");
    let pressed = http.post(&link).send().await.expect("an answer");
    assert_eq!(pressed.status(), 200);
    let cookie = pressed.headers()[header::SET_COOKIE].to_str().expect("text").to_owned();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
    let again = http.post(&link).send().await.expect("an answer");
    assert_eq!(again.status(), 403, "it works once");
    assert!(again.headers().get(header::SET_COOKIE).is_none());
}

#[tokio::test]
async fn the_editor_comes_from_here_alone_and_for_the_signed_in_alone() {
    let front = Front::start(Engine::Sqlite).await;
    let (owner, nobody) = (front.resident().await, front.nobody());
    let paths = ["", "/react.js", "/graphiql.js", "/graphiql.css", "/start.js"];
    for path in paths.map(|path| format!("/graphiql{path}")) {
        let stranger = nobody.send(nobody.request(Method::GET, &path)).await;
        assert_eq!(stranger.0, 401, "{path}");
        let answer = owner.request(Method::GET, &path).send().await.expect("an answer");
        assert_eq!(answer.status(), 200, "{path}");
        assert_eq!(answer.headers()["x-content-type-options"], "nosniff", "{path}");
    }
    let page = owner.request(Method::GET, "/graphiql").send().await.expect("a page");
    let policy = page.headers()["content-security-policy"].to_str().expect("text").to_owned();
    assert!(policy.contains("script-src 'self';") && policy.contains("default-src 'none'"));
    let text = page.text().await.expect("text");
    assert!(!text.contains("://"), "nothing from elsewhere: {text}");
}

#[tokio::test]
async fn an_address_that_cannot_be_read_is_a_problem_like_any_other() {
    let front = Front::start(Engine::Sqlite).await;
    let ada = story::open_account(&front.resident().await, "Corner Bakery").await;
    for (path, status, code) in [
        ("/posts?limit=a", 400, "QUERY_NOT_READ"),
        ("/plans?misspelt=1", 400, "QUERY_NOT_READ"),
        ("/connections?limit=1&limit=2", 400, "QUERY_NOT_READ"),
        ("/api-keys/list?limit=-1", 400, "QUERY_NOT_READ"),
        ("/posts/%ff", 404, "NOT_FOUND"),
        ("/plans/%00", 404, "NOT_FOUND"),
    ] {
        let answer = ada.request(Method::GET, path).send().await.expect("an answer");
        assert_eq!(answer.status(), status, "{path}");
        assert_eq!(answer.headers()["content-type"], "application/problem+json", "{path}");
        let problem: serde_json::Value = answer.json().await.expect("JSON");
        assert_eq!(problem["code"], code, "{path}: {problem}");
    }
}

/// The cookie that an answer sets or drops.
fn cookie(answer: &Response) -> Option<String> {
    answer.headers().get(header::SET_COOKIE).map(|it| it.to_str().expect("text").to_owned())
}

async fn sent(
    who: &Visitor,
    method: Method,
    path: &str,
    more: &[(&'static str, &str)],
) -> Response {
    let mut request = who.request(method, path);
    for (name, value) in more {
        request = request.header(*name, *value);
    }
    request.send().await.expect("an answer")
}

#[tokio::test]
async fn a_session_that_has_ended_does_not_keep_its_owner_from_beginning_another() {
    let front = Front::start_with(Engine::Sqlite, &[("HERALD_PASSWORDS", "off")]).await;
    let nobody = front.nobody();
    let dead = ("cookie", "herald_session=of-last-month");
    let login =
        nobody.request(Method::POST, "/auth/login").json(&json!({ "email": "a@b.example" }));
    let login = login.header(dead.0, dead.1).send().await.expect("an answer");
    assert_eq!(login.status(), 202, "a link is mailed");
    for (method, path) in [(Method::GET, "/auth/me"), (Method::POST, "/graphql")] {
        let json = ("content-type", "application/json");
        let refused = sent(&nobody, method, path, &[dead, json]).await;
        assert_eq!(refused.status(), 401, "{path}");
        let dropped = cookie(&refused).expect("a cookie");
        assert!(dropped.starts_with("herald_session=;") && dropped.contains("Max-Age=0"), "{path}");
    }
    let bearer = sent(&nobody, Method::GET, "/auth/me", &[("authorization", "Bearer dead")]).await;
    assert_eq!((bearer.status().as_u16(), cookie(&bearer)), (401, None));
}

#[tokio::test]
async fn under_tls_a_browser_is_told_to_drop_its_cookie_in_words_that_it_obeys() {
    let public = [("HERALD_PUBLIC_URL", "https://herald.example.org")];
    let front = Front::start_with(Engine::Sqlite, &public).await;
    let kept = ("cookie", "__Host-herald_session=mine");
    let out = sent(&front.nobody(), Method::POST, "/sign-out", &[kept]).await;
    let dropped = cookie(&out).expect("a cookie");
    assert!(dropped.starts_with("__Host-herald_session=;"), "{dropped}");
    assert!(dropped.contains("; Secure") && dropped.contains("; Max-Age=0"), "{dropped}");
}

#[tokio::test]
async fn in_production_a_proxy_on_this_machine_brings_no_plain_http_in() {
    let front = Front::start_with(Engine::Sqlite, &[("HERALD_MODE", "production")]).await;
    let (nobody, live) = (front.nobody(), "/health/live");
    let forwarded = ("x-forwarded-for", "203.0.113.9");
    assert_eq!(sent(&nobody, Method::GET, live, &[]).await.status(), 200);
    assert_eq!(sent(&nobody, Method::GET, live, &[forwarded]).await.status(), 426);
    let https = ("x-forwarded-proto", "https");
    let answer = sent(&nobody, Method::GET, live, &[forwarded, https]).await;
    assert_eq!(answer.status(), 426, "nobody said that this proxy is to be trusted");
}

#[tokio::test]
async fn a_page_of_a_listed_origin_reads_where_it_stands_and_asking_whether_it_may_costs_nothing() {
    let settings = [("HERALD_CORS_ORIGINS", "https://app.example"), ("HERALD_LIMIT_SIGN_IN", "2")];
    let front = Front::start_with(Engine::Sqlite, &settings).await;
    let (nobody, origin) = (front.nobody(), ("origin", "https://app.example"));
    let asks = [origin, ("access-control-request-method", "POST")];
    for _ in 0..5 {
        let may = sent(&nobody, Method::OPTIONS, "/auth/confirm", &asks).await;
        assert_eq!(may.headers()["access-control-allow-origin"], origin.1);
    }
    let mut answers = Vec::new();
    for _ in 0..3 {
        answers.push(sent(&nobody, Method::POST, "/auth/confirm", &[origin]).await);
    }
    let last = answers.pop().expect("an answer");
    assert!(answers.iter().all(|answer| answer.status() != 429), "{answers:?}");
    assert_eq!(last.status(), 429);
    assert_eq!(last.headers()["access-control-allow-origin"], origin.1);
    let exposed =
        last.headers()["access-control-expose-headers"].to_str().expect("text").to_owned();
    for name in ["ratelimit", "ratelimit-policy", "retry-after", "x-request-id"] {
        assert!(exposed.contains(name), "{exposed}");
    }
    let problem: Value = last.json().await.expect("JSON");
    assert_eq!((&problem["code"], &problem["retryable"]), (&json!("RATE_LIMITED"), &json!(true)));
}

#[tokio::test]
async fn how_providers_are_is_told_to_those_who_may_know_and_counted() {
    let front = Front::start_with(Engine::Sqlite, &[("HERALD_LIMIT_SESSION", "8")]).await;
    let (nobody, path) = (front.nobody(), "/health/providers");
    assert_eq!(sent(&nobody, Method::GET, path, &[]).await.status(), 401);
    let newcomer = front.newcomer().await;
    assert_eq!(sent(&newcomer, Method::GET, path, &[]).await.status(), 403, "of no account");
    let resident = front.resident().await;
    let operates = sent(&resident, Method::GET, path, &[]).await;
    assert_eq!(operates.status(), 200);
    assert!(operates.headers().contains_key("ratelimit"), "it says where one stands");
    let mut last = operates.status();
    for _ in 0..8 {
        last = sent(&resident, Method::GET, path, &[]).await.status();
    }
    assert_eq!(last, 429);
}

#[tokio::test]
async fn a_program_takes_pictures_in_and_out_as_far_as_its_key_reaches() {
    let front = Front::start(Engine::Sqlite).await;
    let ada = story::open_account(&front.resident().await, "Corner Bakery").await;
    let key = async |scope: &str| {
        let wish = json!({ "name": scope, "scopes": [scope] });
        let (status, issued) = cash::rest(&ada, Method::POST, "/api-keys/generate", &wish).await;
        assert_eq!(status, 201, "{issued}");
        Visitor { session: Some(text(&issued["key"])), ..front.nobody() }
    };
    let (writer, reader) = (key("write").await, key("read").await);
    let upload = |who: &Visitor| {
        who.request(Method::POST, "/media?name=bread.png").body(story::PIXEL.to_vec())
    };
    assert_eq!(reader.send(upload(&reader)).await.0, 403);
    let (status, taken) = writer.send(upload(&writer)).await;
    assert_eq!(status, 201, "{taken}");
    let taken: Value = serde_json::from_str(&taken).expect("JSON");
    let path = format!("/media/{}", text(&taken["id"]));
    let shown = sent(&reader, Method::GET, &path, &[]).await;
    assert_eq!(shown.status(), 200);
    assert_eq!(shown.bytes().await.expect("a picture"), story::PIXEL);
    assert_eq!(sent(&writer, Method::GET, &path, &[]).await.status(), 403, "it may not read");
}

#[tokio::test]
async fn one_slow_client_does_not_keep_the_process() {
    let mut front = Front::start(Engine::Sqlite).await;
    let mut slow = TcpStream::connect(front.listen).expect("a connection");
    let head = "POST /media?name=x HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nhalf a";
    slow.write_all(head.as_bytes()).expect("it takes what comes");
    let told = Instant::now();
    let sent = Command::new("kill").arg(front.pid().to_string()).status().expect("kill");
    assert!(sent.success());
    while front.ended().is_none() {
        assert!(told.elapsed().as_secs() < 6, "it has not ended: {}", front.output());
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert_eq!(front.ended().as_deref(), Some("exit status: 0"));
}

#[tokio::test]
async fn whoever_writes_everything_before_they_read_hears_that_it_was_too_much() {
    let front = Front::start(Engine::Sqlite).await;
    let ada = story::open_account(&front.resident().await, "Corner Bakery").await;
    let session = ada.session.clone().expect("a session");
    // More than what is on its way between two sockets.
    let body = vec![b' '; 8 * 1024 * 1024];
    for (path, status) in [
        ("/graphql", "413"),
        ("/posts", "413"),
        ("/webhooks/stripe", "413"),
        ("/webhooks/nobody", "413"),
        ("/auth/token", "400"),
        ("/media", "400"),
        ("/nowhere", "404"),
    ] {
        let mut line = TcpStream::connect(front.listen).expect("a connection");
        let form = if path == "/auth/token" { "x-www-form-urlencoded" } else { "json" };
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: herald\r\nauthorization: Bearer {session}\r\n\
             content-type: application/{form}\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        line.write_all(head.as_bytes()).expect("a head");
        line.write_all(&body).unwrap_or_else(|error| panic!("{path}: {error}"));
        let mut said = [0; 12];
        line.read_exact(&mut said).unwrap_or_else(|error| panic!("{path}: {error}"));
        assert_eq!(String::from_utf8_lossy(&said), format!("HTTP/1.1 {status}"), "{path}");
    }
}

#[tokio::test]
async fn an_account_changes_its_rules_and_its_zone_by_rest_as_by_graphql() {
    let front = Front::start(Engine::Sqlite).await;
    let ada = story::open_account(&front.resident().await, "Corner Bakery").await;
    let post = async |path: &str, body: Value| cash::rest(&ada, Method::POST, path, &body).await;
    let (_, before) = cash::rest(&ada, Method::GET, "/account", &Value::Null).await;
    let rules = json!({ "approval": "optional", "late_grace_minutes": 60, "posts_per_day": 50 });
    assert_eq!(before["policy"], rules, "{before}");

    let (status, seen) = post("/account/policy", json!({ "approval": "four_eyes" })).await;
    assert_eq!((status, &seen["policy"]["approval"]), (200, &json!("four_eyes")), "{seen}");
    assert_eq!(seen["policy"]["posts_per_day"], 50, "what is not named stays");
    let (status, seen) = post("/account/zone", json!({ "zone": "Asia/Tokyo" })).await;
    assert_eq!((status, &seen["zone"]), (200, &json!("Asia/Tokyo")), "{seen}");
    let query = "{ account { zone policy { approval postsPerDay } } }";
    let told = ada.gql(query, json!({})).await;
    let policy = json!({ "approval": "FOUR_EYES", "postsPerDay": 50 });
    assert_eq!(told["account"], json!({ "zone": "Asia/Tokyo", "policy": policy }));

    for (path, body, field) in [
        ("/account/policy", json!({ "approval": "lax" }), "approval"),
        ("/account/policy", json!({ "posts_per_day": 0 }), "posts_per_day"),
        ("/account/policy", json!({ "late_grace_minutes": 43_201 }), "late_grace_minutes"),
        ("/account/zone", json!({ "zone": "Nowhere/Land" }), "zone"),
    ] {
        let (status, problem) = post(path, body).await;
        assert_eq!((status, &problem["field"]), (422, &json!(field)), "{problem}");
    }
    let wish = json!({ "name": "all", "scopes": ["read", "write", "publish"] });
    let (_, issued) = post("/api-keys/generate", wish).await;
    let program = Visitor { session: Some(text(&issued["key"])), ..front.nobody() };
    let change = json!({ "approval": "optional" });
    assert_eq!(cash::rest(&program, Method::POST, "/account/policy", &change).await.0, 403);
    let (status, last) = cash::rest(&program, Method::GET, "/account", &Value::Null).await;
    assert_eq!((status, last), (200, seen), "what was refused changed nothing");
}
