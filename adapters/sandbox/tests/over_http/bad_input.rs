//! Nonsense to every door: never a 500, never a dropped connection, always the provider's shape.

use reqwest::Method;
use serde_json::Value;

use crate::house::House;

const DOORS: [(&str, &str); 22] = [
    ("GET", "/x/i/oauth2/authorize"),
    ("POST", "/x/i/oauth2/authorize"),
    ("POST", "/x/2/oauth2/token"),
    ("POST", "/x/2/oauth2/revoke"),
    ("GET", "/x/2/users/me"),
    ("GET", "/x/2/users/%ff/tweets"),
    ("GET", "/x/2/users/1700000000000000001/tweets"),
    ("POST", "/x/2/tweets"),
    ("GET", "/x/2/tweets"),
    ("GET", "/x/2/tweets/abc"),
    ("GET", "/x/2/tweets/99999999999999999999"),
    ("DELETE", "/x/2/tweets/%f0%9f"),
    ("GET", "/x/2/media/upload"),
    ("POST", "/x/2/media/upload"),
    ("POST", "/x/2/media/upload/initialize"),
    ("POST", "/x/2/media/upload/7/append"),
    ("POST", "/x/2/media/upload/7/finalize"),
    ("POST", "/x/2/media/metadata"),
    ("PATCH", "/x/2/tweets"),
    ("GET", "/x/2/no/such/path"),
    ("POST", "/openrouter/api/v1/chat/completions"),
    ("POST", "/openai/v1/chat/completions"),
];

const QUERIES: [&str; 7] = [
    "",
    "?max_results=4",
    "?max_results=-1&start_time=yesterday",
    "?tweet.fields=everything",
    "?unheard=%00%ff",
    "?pagination_token=7140dibdnow9c7btwzzzz",
    "?ids=1,2,x&media_id=abc&command=START&exclude=all",
];

fn bodies() -> Vec<(&'static str, Vec<u8>)> {
    let deep = "[".repeat(5_000);
    vec![
        ("application/json", Vec::new()),
        ("application/json", b"{".to_vec()),
        ("application/json", b"null".to_vec()),
        ("application/json", deep.into_bytes()),
        ("application/json", b"{\"text\":\"a\",\"text\":\"b\"}".to_vec()),
        ("application/json", b"{\"text\":\"\\ud800\"}".to_vec()),
        ("application/json", vec![0xff, 0xfe, 0x00]),
        ("application/json", b"{\"media\":\"%%%\",\"media_category\":\"tweet_image\"}".to_vec()),
        ("application/json", b"{\"media\":\"AAAA\",\"media_category\":\"tweet_image\"}".to_vec()),
        ("multipart/form-data", b"no boundary".to_vec()),
        ("multipart/form-data; boundary=b", b"--b\r\nbroken".to_vec()),
        ("application/x-www-form-urlencoded", b"grant_type=%&code=%ff&=&&".to_vec()),
        ("text/plain", b"hello".to_vec()),
    ]
}

fn shaped(path: &str, body: &str) -> bool {
    if path.starts_with("/x/i/") {
        return body.contains("Something went wrong");
    }
    let Ok(body) = serde_json::from_str::<Value>(body) else { return false };
    if path.starts_with("/x/2/oauth2") {
        body["error"].is_string() && body["error_description"].is_string()
    } else if path.starts_with("/x/") {
        body["title"].is_string() && body["status"].is_number() || body["errors"].is_array()
    } else {
        body["error"]["message"].is_string()
    }
}

#[tokio::test]
async fn nonsense_is_answered_in_the_providers_own_shape() {
    let house = House::open().await;
    house.sandbox.state().advance_clock(0).unwrap();
    let tokens = house.connect().await;
    let before = house.sandbox.state().ledger().len();
    house.post("/_control/settings").body("{\"rate_limits\":false}").send().await.unwrap();
    for (method, path) in DOORS {
        for query in QUERIES {
            for (kind, body) in bodies() {
                if method == "GET" && !body.is_empty() {
                    continue;
                }
                let method = Method::from_bytes(method.as_bytes()).unwrap();
                let request = house
                    .client
                    .request(method.clone(), house.url(&format!("{path}{query}")))
                    .bearer_auth(&tokens.access)
                    .header("content-type", kind)
                    .body(body.clone());
                let answer = request.send().await.unwrap();
                let status = answer.status();
                let text = answer.text().await.unwrap();
                let case = format!("{method} {path}{query} {kind} {body:?} → {status} {text}");
                assert!(status.as_u16() < 500, "{case}");
                assert!(status.is_success() || shaped(path, &text), "{case}");
            }
        }
    }
    assert_eq!(house.sandbox.state().ledger().len(), before);
}

#[tokio::test]
async fn without_a_good_token_no_door_opens() {
    let house = House::open().await;
    for (method, path) in DOORS.iter().filter(|(_, path)| path.starts_with("/x/2/")) {
        for header in ["", "Bearer", "Bearer ", "Bearer nope", "Basic bm9wZQ==", "Bearer \u{1}"] {
            if path.contains("oauth2") || path.contains("no/such") || *method == "PATCH" {
                continue;
            }
            let method = Method::from_bytes(method.as_bytes()).unwrap();
            let mut request = house.client.request(method, house.url(path));
            if let Ok(header) = reqwest::header::HeaderValue::from_str(header) {
                request = request.header("authorization", header);
            }
            let answer = request.send().await.unwrap();
            assert!(matches!(answer.status().as_u16(), 400 | 401), "{path} {header}");
        }
    }
    assert!(house.sandbox.state().ledger().is_empty());
}

#[tokio::test]
async fn a_body_beyond_the_limit_is_refused_before_it_is_read() {
    let house = House::open().await;
    let tokens = house.connect().await;
    let body = format!("{{\"text\":\"{}\"}}", "x".repeat(400_000));
    let request = house.post("/x/2/tweets").bearer_auth(&tokens.access).body(body);
    assert_eq!(request.send().await.unwrap().status(), 413);
}
