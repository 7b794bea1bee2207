//! Clerk: sessions, `OpenID` Connect, the directory, and webhooks in every disorder.

use herald_sandbox::{CLERK_CLIENT_ID, CLERK_CLIENT_SECRET, CLERK_SECRET_KEY};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::house::{House, VERIFIER, parameter};
use crate::identity::{BACK, Receiver, proven, query, told};

fn api(house: &House, method: Method, path: &str) -> RequestBuilder {
    let request = house.client.request(method, house.url(&format!("/clerk/v1{path}")));
    request.bearer_auth(CLERK_SECRET_KEY)
}

async fn read(house: &House, path: &str) -> Value {
    api(house, Method::GET, path).send().await.unwrap().json().await.unwrap()
}

async fn ada(house: &House) -> String {
    let found = read(house, "/users?email_address=ada@bakery.example").await;
    found[0]["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_session_token_lives_a_minute_and_carries_the_claims_of_version_two() {
    let house = House::open().await;
    let body = json!({ "user": "ada", "azp": "http://127.0.0.1:8080" });
    let minted = house.control("/_control/clerk/tokens", body).await;
    let keys = house.json("/clerk/.well-known/jwks.json").await;
    let claims = proven(minted["jwt"].as_str().unwrap(), &keys).unwrap();
    assert_eq!(claims["sub"], ada(&house).await);
    assert_eq!(claims["sid"], minted["session"]);
    assert_eq!(claims["iss"], house.url("/clerk"));
    assert_eq!(claims["azp"], "http://127.0.0.1:8080");
    assert_eq!((claims["v"].as_i64(), claims["sts"].as_str()), (Some(2), Some("active")));
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 60);
    assert!(claims["nbf"].as_i64() < claims["iat"].as_i64());

    let body = json!({
        "user": "ada", "session": minted["session"], "expires_in": -5,
        "claims": { "sts": "pending", "v": null, "org_id": "org_1" },
    });
    let strange = house.control("/_control/clerk/tokens", body).await;
    let claims = proven(strange["jwt"].as_str().unwrap(), &keys).unwrap();
    assert_eq!((claims["sts"].as_str(), claims.get("v")), (Some("pending"), None));
    assert!(claims["exp"].as_i64() < claims["iat"].as_i64());
}

#[tokio::test]
async fn a_page_of_people_begins_after_the_person_whom_it_names() {
    let house = House::open().await;
    let ids = |page: &Value| -> Vec<String> {
        page.as_array().unwrap().iter().map(|it| it["id"].as_str().unwrap().to_owned()).collect()
    };
    let all = ids(&read(&house, "/users?limit=100&order_by=%2Bcreated_at").await);
    let after = format!("/users?limit=100&order_by=%2Bcreated_at&starting_after={}", all[0]);
    assert_eq!(ids(&read(&house, &after).await), all[1..]);
    let sorted = api(&house, Method::GET, "/users?order_by=email_address&starting_after=user_x");
    assert_eq!(sorted.send().await.unwrap().status(), 422);
}

#[tokio::test]
async fn the_backend_api_makes_sessions_and_their_tokens() {
    let house = House::open().await;
    let body = json!({ "user_id": ada(&house).await });
    let session = api(&house, Method::POST, "/sessions").json(&body).send().await.unwrap();
    let session: Value = session.json().await.unwrap();
    let path = format!("/sessions/{}/tokens", session["id"].as_str().unwrap());
    let token: Value = api(&house, Method::POST, &path).send().await.unwrap().json().await.unwrap();
    let keys = read(&house, "/jwks").await;
    let claims = proven(token["jwt"].as_str().unwrap(), &keys).unwrap();
    assert_eq!(claims["sid"], session["id"]);
    let short = api(&house, Method::POST, &path).json(&json!({ "expires_in_seconds": 5 }));
    assert_eq!(short.send().await.unwrap().status(), 422);

    let revoke = format!("/sessions/{}/revoke", session["id"].as_str().unwrap());
    api(&house, Method::POST, &revoke).send().await.unwrap();
    assert_eq!(api(&house, Method::POST, &path).send().await.unwrap().status(), 404);
}

#[tokio::test]
async fn the_hosted_page_returns_with_a_session() {
    let house = House::open().await;
    let path = "/clerk/sign-in?redirect_url=http%3A%2F%2F127.0.0.1%3A8080%2Fconsole";
    let page = house.get(path).send().await.unwrap().text().await.unwrap();
    assert!(page.contains("Ben Cook"), "{page}");
    let back = house.choose(path, "ben").await;
    assert!(back.as_str().starts_with("http://127.0.0.1:8080/console?"));
    let keys = house.json("/clerk/.well-known/jwks.json").await;
    let shake = proven(&parameter(&back, "__clerk_handshake").unwrap(), &keys).unwrap();
    let cookies = shake["handshake"].as_array().unwrap();
    let session = cookies.iter().find_map(|c| c.as_str()?.strip_prefix("__session=")).unwrap();
    let claims = proven(session.split(';').next().unwrap(), &keys).unwrap();
    assert_eq!(claims["azp"], "http://127.0.0.1:8080");
    assert_eq!(
        house.get("/clerk/sign-in?redirect_url=javascript:1").send().await.unwrap().status(),
        400
    );
}

#[tokio::test]
async fn clerk_signs_in_to_other_applications() {
    let house = House::open().await;
    let found = house.json("/clerk/.well-known/openid-configuration").await;
    assert_eq!(found["issuer"], house.url("/clerk"));
    let query = query(CLERK_CLIENT_ID, "openid email profile offline_access", &[]);
    let code = house.code_for(&format!("/clerk/oauth/authorize?{query}"), "ada").await;
    let exchange = |verifier: &'static str, code: String| {
        let form = [
            ("grant_type", "authorization_code".to_owned()),
            ("code", code),
            ("redirect_uri", BACK.to_owned()),
            ("code_verifier", verifier.to_owned()),
        ];
        let request = house.post("/clerk/oauth/token").form(&form);
        request.basic_auth(CLERK_CLIENT_ID, Some(CLERK_CLIENT_SECRET)).send()
    };
    let wrong = "b-verifier-that-is-at-least-forty-three-letters-long";
    let (status, body) = told(exchange(wrong, code.clone()).await.unwrap()).await;
    assert_eq!((status, body["error"].as_str()), (400, Some("invalid_grant")));
    let granted: Value = exchange(VERIFIER, code.clone()).await.unwrap().json().await.unwrap();
    assert!(granted["refresh_token"].is_string());
    let keys = house.json("/clerk/.well-known/jwks.json").await;
    let claims = proven(granted["id_token"].as_str().unwrap(), &keys).unwrap();
    assert_eq!(
        (claims["aud"].as_str(), claims["nonce"].as_str()),
        (Some(CLERK_CLIENT_ID), Some("a nonce"))
    );
    assert_eq!(claims["email"], "ada@bakery.example");
    assert_eq!(exchange(VERIFIER, code).await.unwrap().status(), 400);

    let access = granted["access_token"].as_str().unwrap();
    let info = house.get("/clerk/oauth/userinfo").bearer_auth(access).send().await.unwrap();
    assert_eq!(info.json::<Value>().await.unwrap()["sub"], claims["sub"]);
    assert_eq!(house.get("/clerk/oauth/userinfo").send().await.unwrap().status(), 401);
}

#[tokio::test]
async fn the_directory_is_listed_in_pages() {
    let house = House::open().await;
    let all = read(&house, "/users?limit=500").await;
    assert_eq!(all.as_array().unwrap().len(), 4);
    let page = read(&house, "/users?limit=2&offset=1").await;
    assert_eq!(page.as_array().unwrap().len(), 2);
    assert_eq!(page[0]["id"], all[1]["id"]);
    assert_eq!(read(&house, "/users/count").await["total_count"], 4);
    let primary = &all[0]["primary_email_address_id"];
    assert_eq!(&all[0]["email_addresses"][0]["id"], primary);
}

#[tokio::test]
async fn metadata_is_merged_deeply_and_null_removes() {
    let house = House::open().await;
    let path = format!("/users/{}/metadata", ada(&house).await);
    let send = |body: Value| api(&house, Method::PATCH, &path).json(&body).send();
    send(json!({ "public_metadata": { "herald": { "a": 1, "b": [1] }, "x": true } }))
        .await
        .unwrap();
    let body = json!({
        "public_metadata": { "herald": { "b": null, "c": { "d": 2 } }, "x": null },
        "private_metadata": { "stripe": "cus_1" },
    });
    let user: Value = send(body).await.unwrap().json().await.unwrap();
    assert_eq!(user["public_metadata"], json!({ "herald": { "a": 1, "c": { "d": 2 } } }));
    assert_eq!(user["private_metadata"], json!({ "stripe": "cus_1" }));

    let large = "x".repeat(9_000);
    for wrong in [
        json!({ "metadata": {} }),
        json!({ "public_metadata": 1 }),
        json!({ "public_metadata": { "x": large } }),
    ] {
        let (status, body) = told(send(wrong).await.unwrap()).await;
        assert_eq!(status, 422);
        assert!(body["errors"][0]["code"].is_string() && body["clerk_trace_id"].is_string());
    }
}

#[tokio::test]
async fn every_refusal_of_the_directory_has_its_code() {
    let house = House::open().await;
    let twice = json!({ "email_address": ["ada@bakery.example"] });
    let table = [
        (house.get("/clerk/v1/users"), 401, "authentication_invalid"),
        (house.get("/clerk/v1/users").bearer_auth("sk_guess"), 401, "clerk_key_invalid"),
        (api(&house, Method::GET, "/users/user_nobody"), 404, "resource_not_found"),
        (api(&house, Method::DELETE, "/users/user_nobody"), 404, "resource_not_found"),
        (api(&house, Method::GET, "/users?limit=501"), 422, "form_param_format_invalid"),
        (api(&house, Method::POST, "/users").json(&twice), 422, "form_identifier_exists"),
        (api(&house, Method::POST, "/users").json(&json!({ "x": 1 })), 422, "form_param_unknown"),
        (api(&house, Method::POST, "/users").body("{"), 400, "request_body_invalid"),
    ];
    for (request, status, code) in table {
        let (told, body) = told(request.send().await.unwrap()).await;
        assert_eq!((told, body["errors"][0]["code"].as_str()), (status, Some(code)));
    }
    let mut last = 200;
    for _ in 0..101 {
        let answer = api(&house, Method::GET, "/users/count").send().await.unwrap();
        last = answer.status().as_u16();
        if last == 429 {
            assert!(answer.headers().contains_key("retry-after"));
            break;
        }
    }
    assert_eq!(last, 429);
}

#[tokio::test]
async fn every_change_of_a_user_is_told_and_signed() {
    let house = House::open().await;
    let receiver = Receiver::open(0).await;
    receiver.listen(&house, "clerk").await;
    let body = json!({ "email_address": ["kim@x.example"], "first_name": "Kim" });
    let kim: Value =
        api(&house, Method::POST, "/users").json(&body).send().await.unwrap().json().await.unwrap();
    let created = receiver.wait(1).await.remove(0);
    assert!(created.genuine());
    assert_eq!(created.json()["type"], "user.created");
    assert_eq!(created.json()["data"]["id"], kim["id"]);

    let path = format!("/users/{}", kim["id"].as_str().unwrap());
    api(&house, Method::PATCH, &path).json(&json!({ "last_name": "Lee" })).send().await.unwrap();
    receiver.wait(2).await;
    house.control("/_control/clerk/tokens", json!({ "user": kim["id"] })).await;
    receiver.wait(3).await;
    api(&house, Method::DELETE, &path).send().await.unwrap();
    let all = receiver.wait(4).await;
    let kinds: Vec<String> =
        all.iter().map(|one| one.json()["type"].as_str().unwrap().to_owned()).collect();
    assert_eq!(kinds, ["user.created", "user.updated", "session.created", "user.deleted"]);
    assert_eq!(
        all[3].json()["data"],
        json!({ "object": "user", "id": kim["id"], "deleted": true })
    );
    assert!(all.iter().all(super::identity::Arrived::genuine));
}

#[tokio::test]
async fn webhooks_come_twice_late_out_of_order_or_forged_on_demand() {
    let house = House::open().await;
    let receiver = Receiver::open(0).await;
    receiver.listen(&house, "clerk").await;
    house.control("/_control/svix/clerk", json!({ "hold": true })).await;
    for name in ["kim", "lee"] {
        house.control("/_control/clerk/users", json!({ "first_name": name })).await;
    }
    assert!(receiver.wait(0).await.is_empty());
    let body = json!({ "order": "newest", "copies": 2, "timestamp_shift": -600 });
    let sent = house.control("/_control/svix/clerk/deliver", body).await;
    assert_eq!(sent["deliveries"].as_array().unwrap().len(), 4);
    let all = receiver.wait(4).await;
    let names: Vec<Value> =
        all.iter().map(|one| one.json()["data"]["first_name"].clone()).collect();
    assert_eq!(names, ["lee", "lee", "kim", "kim"]);
    assert_eq!(all[0].id, all[1].id);
    assert!(all.iter().all(super::identity::Arrived::genuine));
    let body = json!({ "ids": [all[0].id], "forged": true });
    house.control("/_control/svix/clerk/deliver", body).await;
    let forged = receiver.wait(5).await.remove(4);
    assert!(!forged.genuine() && forged.seconds - all[0].seconds >= 600);
}

#[tokio::test]
async fn a_refused_webhook_comes_again() {
    let house = House::open().await;
    let receiver = Receiver::open(1).await;
    receiver.listen(&house, "clerk").await;
    house.control("/_control/clerk/users", json!({ "first_name": "kim" })).await;
    receiver.wait(1).await;
    // The pause before the second attempt is five seconds of the sandbox's time, counted from when
    // the first one ended; so the clock moves until it has come.
    let all = loop {
        house.sandbox.state().advance_clock(6).unwrap();
        let patience = std::time::Duration::from_millis(50);
        if let Ok(all) = tokio::time::timeout(patience, receiver.wait(2)).await {
            break all;
        }
    };
    assert_eq!(all[0].id, all[1].id);
}
