//! Consent and tokens: who may act for whom, for how long, and how often a secret works.

use herald_sandbox::{CLIENT_ID, PUBLIC_CLIENT_ID};
use serde_json::{Value, json};

use crate::house::{self, BACK, House, SCOPES, VERIFIER, consent_query, parameter};

#[tokio::test]
async fn a_person_allows_and_the_code_becomes_tokens() {
    let house = House::open().await;
    let page = house.get(&format!("/x/i/oauth2/authorize?{}", consent_query(&[])));
    let page = page.send().await.unwrap().text().await.unwrap();
    assert!(page.contains("Authorize app") && page.contains("@sandbox_bakery"), "{page}");

    let back = house.click(&consent_query(&[]), "allow", "sandbox_studio").await;
    assert!(back.as_str().starts_with(BACK));
    assert_eq!(parameter(&back, "state").as_deref(), Some("opaque state"));
    let code = parameter(&back, "code").unwrap();
    let granted: Value = house.exchange(&code, VERIFIER).await.json().await.unwrap();

    assert_eq!(granted["token_type"], "bearer");
    assert_eq!(granted["expires_in"], 7200);
    assert_eq!(granted["scope"], SCOPES);
    let tokens = house::tokens(&granted);
    let me = house.read(&tokens, "/x/2/users/me?user.fields=created_at,verified").await;
    assert_eq!(me["data"]["username"], "sandbox_studio");
    assert_eq!(me["data"]["verified"], false);
}

#[tokio::test]
async fn a_person_cancels_and_nothing_is_granted() {
    let house = House::open().await;
    let back = house.click(&consent_query(&[]), "cancel", "sandbox_bakery").await;
    assert_eq!(parameter(&back, "error").as_deref(), Some("access_denied"));
    assert_eq!(parameter(&back, "state").as_deref(), Some("opaque state"));
    assert_eq!(parameter(&back, "code"), None);
    assert!(house.sandbox.state().ledger().is_empty());
}

#[tokio::test]
async fn a_wrong_request_for_consent_says_why_and_never_redirects() {
    let house = House::open().await;
    let table = [
        ("client_id", ""),
        ("client_id", "somebody-else"),
        ("redirect_uri", ""),
        ("redirect_uri", "javascript:alert(1)"),
        ("redirect_uri", "/relative"),
        ("response_type", "token"),
        ("scope", ""),
        ("scope", "tweet.read everything"),
        ("state", ""),
        ("code_challenge", ""),
        ("code_challenge", "short"),
        ("code_challenge", "padded-padded-padded-padded-padded-padded-pa="),
        ("code_challenge_method", "S512"),
    ];
    for (name, value) in table {
        let path = format!("/x/i/oauth2/authorize?{}", consent_query(&[(name, value)]));
        for request in [house.get(&path), house.post(&path).form(&[("decision", "allow")])] {
            let answer = request.send().await.unwrap();
            assert_eq!(answer.status(), 400, "{name}={value}");
            let page = answer.text().await.unwrap();
            assert!(page.contains("Something went wrong") && page.contains(name), "{page}");
        }
    }
}

#[tokio::test]
async fn a_code_works_once() {
    let house = House::open().await;
    let code = house.code().await;
    assert_eq!(house.exchange(&code, VERIFIER).await.status(), 200);

    let again = house.exchange(&code, VERIFIER).await;
    assert_eq!(again.status(), 400);
    let again: Value = again.json().await.unwrap();
    assert_eq!(again["error"], "invalid_request");
    assert_eq!(again["error_description"], "Value passed for the authorization code was invalid.");
    assert_eq!(house.effects("exchange_code").len(), 1);
}

#[tokio::test]
async fn a_code_lives_half_a_minute() {
    let house = House::open().await;
    let code = house.code().await;
    house.sandbox.state().advance_clock(31).unwrap();
    assert_eq!(house.exchange(&code, VERIFIER).await.status(), 400);
}

#[tokio::test]
async fn another_verifier_does_not_open_the_code() {
    let house = House::open().await;
    let code = house.code().await;
    let other = "b-verifier-that-is-at-least-forty-three-letters-long";
    let answer: Value = house.exchange(&code, other).await.json().await.unwrap();
    assert_eq!(
        answer["error_description"],
        "Value passed for the code verifier did not match the code challenge."
    );
    assert_eq!(house.exchange(&code, VERIFIER).await.status(), 200);
}

#[tokio::test]
async fn another_way_back_does_not_open_the_code() {
    let house = House::open().await;
    let code = house.code().await;
    let form = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", "http://127.0.0.1:8080/elsewhere"),
        ("code_verifier", VERIFIER),
    ];
    assert_eq!(house.token(&form).await.status(), 400);
}

#[tokio::test]
async fn an_application_must_prove_who_it_is() {
    let house = House::open().await;
    let code = house.code().await;
    let form = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", BACK),
        ("code_verifier", VERIFIER),
        ("client_id", CLIENT_ID),
    ];
    let nameless = house.post("/x/2/oauth2/token").form(&form).send().await.unwrap();
    assert_eq!(nameless.status(), 401);
    let answer: Value = nameless.json().await.unwrap();
    assert_eq!(answer["error"], "unauthorized_client");
    let request = house.post("/x/2/oauth2/token").basic_auth(CLIENT_ID, Some("guess"));
    assert_eq!(request.form(&form).send().await.unwrap().status(), 401);
}

#[tokio::test]
async fn an_application_without_a_secret_is_known_by_its_name() {
    let house = House::open().await;
    let query = consent_query(&[("client_id", PUBLIC_CLIENT_ID)]);
    let back = house.click(&query, "allow", "sandbox_bakery").await;
    let code = parameter(&back, "code").unwrap();
    let form = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", BACK),
        ("code_verifier", VERIFIER),
        ("client_id", PUBLIC_CLIENT_ID),
    ];
    let answer = house.post("/x/2/oauth2/token").form(&form).send().await.unwrap();
    assert_eq!(answer.status(), 200);
}

#[tokio::test]
async fn a_refresh_token_works_once_and_brings_the_next() {
    let house = House::open().await;
    let first = house.connect().await;
    let second: Value = house.refresh(&first.refresh).await.json().await.unwrap();
    let second = house::tokens(&second);
    assert_ne!(first.refresh, second.refresh);

    assert_eq!(house.refresh(&first.refresh).await.status(), 400);
    house.say(&second, "still here").await;
    assert_eq!(house.effects("refresh_token").len(), 1);
}

#[tokio::test]
async fn without_offline_access_there_is_no_refresh_token() {
    let house = House::open().await;
    let query = consent_query(&[("scope", "tweet.read users.read")]);
    let back = house.click(&query, "allow", "sandbox_bakery").await;
    let code = parameter(&back, "code").unwrap();
    let granted: Value = house.exchange(&code, VERIFIER).await.json().await.unwrap();
    assert_eq!(granted.get("refresh_token"), None);

    let answer = house.publish(&house::tokens(&granted), &json!({ "text": "may I?" })).await;
    assert_eq!(answer.status(), 403);
    assert_eq!(house.effects("create_post").len(), 0);
}

#[tokio::test]
async fn an_access_token_lives_two_hours() {
    let house = House::open().await;
    let tokens = house.connect().await;
    house.sandbox.state().advance_clock(7_201).unwrap();
    let answer = house.publish(&tokens, &json!({ "text": "too late" })).await;
    assert_eq!(answer.status(), 401);
    let answer: Value = answer.json().await.unwrap();
    assert_eq!(answer["title"], "Unauthorized");
    assert_eq!(house.refresh(&tokens.refresh).await.status(), 200);
}

#[tokio::test]
async fn permission_can_be_given_back() {
    let house = House::open().await;
    let tokens = house.connect().await;
    let request = house.post("/x/2/oauth2/revoke").form(&[("token", &tokens.access)]);
    let request = request.basic_auth(CLIENT_ID, Some(herald_sandbox::CLIENT_SECRET));
    let answer: Value = request.send().await.unwrap().json().await.unwrap();
    assert_eq!(answer, json!({ "revoked": true }));
    assert_eq!(house.publish(&tokens, &json!({ "text": "gone" })).await.status(), 401);
}

#[tokio::test]
async fn a_person_who_withdraws_ends_every_token() {
    let house = House::open().await;
    let tokens = house.connect().await;
    let withdraw = house.post("/_control/revoke").json(&json!({ "handle": "@sandbox_bakery" }));
    assert_eq!(withdraw.send().await.unwrap().status(), 200);
    assert_eq!(house.publish(&tokens, &json!({ "text": "gone" })).await.status(), 401);
    assert_eq!(house.refresh(&tokens.refresh).await.status(), 400);
}
