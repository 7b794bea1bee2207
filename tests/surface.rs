//! The pages and paths around the API, and how the process ends.

#![cfg(test)]
#![allow(clippy::allow_attributes, missing_docs, dead_code, reason = "sentences; parts of a front")]

mod front;

use front::{Front, database::Engine, visitor};
use reqwest::{Method, header};
use std::{io::Write as _, net::TcpStream, process::Command, time::Instant};

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
    let ada = front::story::open_account(&front.resident().await, "Corner Bakery").await;
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
