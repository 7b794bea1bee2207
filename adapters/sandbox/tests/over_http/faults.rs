//! Faults on demand: what the caller sees, and what the ledger says really happened.

use std::io::ErrorKind;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::house::{BAKERY, House, Tokens};

/// Publishes under a rule; the status, if an answer with a readable body came, and the effects.
async fn under(rule: Value) -> (Option<u16>, usize) {
    let house = House::open().await;
    let tokens = house.connect().await;
    house.fault(rule).await;
    let seen = match house.try_publish(&tokens, &json!({ "text": "only once" })).await {
        Ok(answer) => {
            let status = answer.status().as_u16();
            answer.bytes().await.ok().map(|_| status)
        }
        Err(_) => None,
    };
    (seen, house.effects("create_post").len())
}

#[tokio::test]
async fn each_fault_does_what_it_says_and_the_ledger_knows() {
    let at = |kind: Value| {
        let mut rule = json!({ "provider": "x", "operation": "create_post", "times": 1 });
        rule.as_object_mut().unwrap().extend(kind.as_object().unwrap().clone());
        rule
    };
    let table = [
        (at(json!({ "kind": "status", "code": 503, "effect": "before" })), Some(503), 0),
        (at(json!({ "kind": "status", "code": 503, "effect": "after" })), Some(503), 1),
        (at(json!({ "kind": "status", "code": 400, "effect": "after" })), Some(400), 1),
        (at(json!({ "kind": "cut", "when": "before_effect" })), None, 0),
        (at(json!({ "kind": "cut", "when": "after_effect" })), None, 1),
        (at(json!({ "kind": "cut", "when": "mid_body" })), None, 1),
        (at(json!({ "kind": "garbage", "effect": "after" })), Some(201), 1),
        (at(json!({ "kind": "garbage", "effect": "before" })), Some(200), 0),
        (at(json!({ "kind": "rate_limited", "retry_after": 7 })), Some(429), 0),
        (at(json!({ "kind": "revoked" })), Some(401), 0),
        (at(json!({ "kind": "delay", "ms": 1 })), Some(201), 1),
        (at(json!({ "kind": "slow_drip", "ms": 0 })), Some(201), 1),
    ];
    for (rule, status, effects) in table {
        assert_eq!(under(rule.clone()).await, (status, effects), "{rule}");
    }
}

/// What a bare socket reads after a whole request: the bytes, or how the connection ended.
async fn raw(house: &House, tokens: &Tokens) -> Result<String, ErrorKind> {
    let body = r#"{"text":"raw"}"#;
    let request = format!(
        "POST /x/2/tweets HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\ncontent-length: {}\r\n\
         connection: close\r\n\r\n{body}",
        tokens.access,
        body.len()
    );
    let mut socket = TcpStream::connect(house.sandbox.addr()).await.unwrap();
    socket.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await.map_err(|error| error.kind())?;
    Ok(answer)
}

#[tokio::test]
async fn a_cut_connection_carries_not_one_byte() {
    let house = House::open().await;
    let tokens = house.connect().await;
    house.fault(json!({ "kind": "cut", "when": "before_effect" })).await;
    assert_eq!(raw(&house, &tokens).await, Ok(String::new()));
    house.fault(json!({ "kind": "cut", "when": "before_effect", "reset": true })).await;
    assert_eq!(raw(&house, &tokens).await, Err(ErrorKind::ConnectionReset));
    assert_eq!(house.effects("create_post").len(), 0);

    house.fault(json!({ "kind": "cut", "when": "mid_body" })).await;
    let half = raw(&house, &tokens).await.unwrap();
    assert!(half.starts_with("HTTP/1.1 201") && half.contains("{\"data\""), "{half}");
    assert!(!half.ends_with('}'), "{half}");
    assert_eq!(house.effects("create_post").len(), 1);
}

#[tokio::test]
async fn a_rate_limit_says_when_to_come_back() {
    let house = House::open().await;
    let tokens = house.connect().await;
    house.fault(json!({ "kind": "rate_limited", "retry_after": "soon" })).await;
    let answer = house.publish(&tokens, &json!({ "text": "hi" })).await;
    assert_eq!(answer.headers()["retry-after"], "soon");
    assert_eq!(answer.headers()["x-rate-limit-remaining"], "0");
    house.say(&tokens, "hi").await;
}

#[tokio::test]
async fn permission_can_be_gone_just_when_it_is_to_be_refreshed() {
    let house = House::open().await;
    let tokens = house.connect().await;
    house.fault(json!({ "operation": "token", "kind": "revoked" })).await;
    assert_eq!(house.refresh(&tokens.refresh).await.status(), 400);
    assert_eq!(house.publish(&tokens, &json!({ "text": "gone" })).await.status(), 401);
}

#[tokio::test]
async fn a_caller_that_hangs_up_does_not_undo_what_was_delayed() {
    let house = House::open().await;
    let tokens = house.connect().await;
    house.fault(json!({ "operation": "create_post", "kind": "delay", "ms": 60 })).await;
    let request = house
        .post("/x/2/tweets")
        .bearer_auth(&tokens.access)
        .timeout(Duration::from_millis(20))
        .json(&json!({ "text": "late" }));
    assert!(request.send().await.unwrap_err().is_timeout());

    let arrived = async {
        while house.effects("create_post").is_empty() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(5), arrived).await.unwrap();
}

#[tokio::test]
async fn an_answer_without_end_can_be_given_up() {
    let house = House::open().await;
    let tokens = house.connect().await;
    house.fault(json!({ "operation": "create_post", "kind": "oversized", "bytes": 300_000 })).await;
    let answer = house.publish(&tokens, &json!({ "text": "big" })).await;
    assert_eq!(answer.status(), 201);
    assert!(answer.bytes().await.unwrap().len() >= 300_000);
}

#[tokio::test]
async fn a_rule_passes_some_requests_first_and_strikes_as_often_as_it_says() {
    let house = House::open().await;
    let tokens = house.connect().await;
    let rule = json!({ "operation": "create_post", "kind": "status", "after": 1, "times": 2 });
    house.fault(rule).await;
    let mut seen = Vec::new();
    for n in 0..5 {
        let answer = house.publish(&tokens, &json!({ "text": format!("post {n}") })).await;
        seen.push(answer.status().as_u16());
    }
    assert_eq!(seen, [201, 500, 500, 201, 201]);
}

#[tokio::test]
async fn a_rule_can_wait_for_certain_words() {
    let house = House::open().await;
    let tokens = house.connect().await;
    let rule = json!({ "operation": "create_post", "kind": "status", "contains": "second" });
    house.fault(rule).await;
    house.say(&tokens, "first").await;
    let answer = house.publish(&tokens, &json!({ "text": "second" })).await;
    assert_eq!(answer.status(), 500);
}

async fn listed(house: &House, tokens: &Tokens) -> u64 {
    let page = house.read(tokens, &format!("/x/2/users/{BAKERY}/tweets?max_results=5")).await;
    page["meta"]["result_count"].as_u64().unwrap()
}

#[tokio::test]
async fn a_listing_lags_until_the_post_is_old_enough() {
    let house = House::open().await;
    let tokens = house.connect().await;
    house.fault(json!({ "operation": "user_posts", "kind": "lag", "seconds": 60 })).await;
    house.say(&tokens, "where am I").await;

    assert_eq!(listed(&house, &tokens).await, 0);
    assert_eq!(house.effects("create_post").len(), 1);
    house.sandbox.state().advance_clock(61).unwrap();
    assert_eq!(listed(&house, &tokens).await, 1);
}

#[tokio::test]
async fn faults_end_when_they_are_removed() {
    let house = House::open().await;
    let tokens = house.connect().await;
    house.fault(json!({ "kind": "status", "times": 100 })).await;
    assert_eq!(house.publish(&tokens, &json!({ "text": "hi" })).await.status(), 500);
    let request = house.client.delete(house.url("/_control/faults"));
    assert_eq!(request.send().await.unwrap().status(), 200);
    house.say(&tokens, "hi").await;
}

/// The same seed twice: what each of twenty publications saw.
#[tokio::test]
async fn chaos_is_the_same_for_the_same_seed() {
    let mut seen = Vec::new();
    for seed in [7, 7, 8] {
        let house = House::open().await;
        let tokens = house.connect().await;
        let kinds = json!(["cut", { "kind": "status", "code": 502, "effect": "after" }, "garbage"]);
        let chaos = json!({ "seed": seed, "rate": 0.5, "kinds": kinds });
        let answer = house.post("/_control/chaos").json(&chaos).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        let mut run = Vec::new();
        for n in 0..20 {
            let answer = house.try_publish(&tokens, &json!({ "text": format!("post {n}") })).await;
            run.push(answer.map_or(0, |answer| answer.status().as_u16()));
        }
        seen.push((run, house.effects("create_post").len()));
    }
    assert_eq!(seen[0], seen[1]);
    assert_ne!(seen[0], seen[2]);
}

#[tokio::test]
async fn the_control_api_says_how_things_stand() {
    let house = House::open().await;
    house.fault(json!({ "operation": "create_post", "kind": "cut", "when": "mid_body" })).await;
    let told: Value = house.get("/_control").send().await.unwrap().json().await.unwrap();
    assert_eq!(told["faults"][0]["kind"], "cut");
    assert_eq!(told["faults"][0]["struck"], 0);
    assert!(told["operations"].as_array().unwrap().contains(&json!("x.create_post")));
}

#[tokio::test]
async fn a_wrong_wish_is_refused_with_its_reason() {
    let house = House::open().await;
    let table = [
        ("/_control/faults", json!({})),
        ("/_control/faults", json!({ "kind": "earthquake" })),
        ("/_control/faults", json!({ "kind": "cut", "operation": "no_such" })),
        ("/_control/faults", json!({ "kind": "cut", "probability": 2 })),
        ("/_control/chaos", json!({ "rate": 3, "kinds": [] })),
        ("/_control/chaos", json!({ "rate": 0.1, "kinds": ["earthquake"] })),
        ("/_control/clock", json!({ "advance_seconds": -1 })),
        ("/_control/clock", json!([])),
        ("/_control/revoke", json!({ "handle": "nobody" })),
        ("/_control/settings", json!({ "unheard": true })),
    ];
    for (path, body) in table {
        let answer = house.post(path).json(&body).send().await.unwrap();
        assert_eq!(answer.status(), 400, "{path} {body}");
        let answer: Value = answer.json().await.unwrap();
        assert!(answer["error"]["code"].is_string(), "{path} {body}");
    }
}
