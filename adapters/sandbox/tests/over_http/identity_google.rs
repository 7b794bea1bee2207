//! Google: a click, a code, tokens that prove themselves, and every documented refusal.

use herald_sandbox::{GOOGLE_CLIENT_ID, GOOGLE_CLIENT_SECRET};
use reqwest::Response;
use serde_json::{Value, json};

use crate::house::{House, VERIFIER, parameter};
use crate::identity::{BACK, proven, query, told};

fn link(changes: &[(&str, &str)]) -> String {
    let query = query(GOOGLE_CLIENT_ID, "openid email profile", changes);
    format!("/google/o/oauth2/v2/auth?{query}")
}

async fn token(house: &House, changes: &[(&str, &str)]) -> Response {
    let right = [
        ("grant_type", "authorization_code"),
        ("redirect_uri", BACK),
        ("code_verifier", VERIFIER),
        ("client_id", GOOGLE_CLIENT_ID),
        ("client_secret", GOOGLE_CLIENT_SECRET),
    ];
    let mut form: Vec<(&str, &str)> =
        right.into_iter().filter(|(name, _)| !changes.iter().any(|(c, _)| c == name)).collect();
    form.extend(changes.iter().filter(|(_, value)| !value.is_empty()));
    house.post("/google/token").form(&form).send().await.unwrap()
}

async fn sign_in(house: &House, person: &str, changes: &[(&str, &str)]) -> Value {
    let code = house.code_for(&link(changes), person).await;
    let answer = token(house, &[("code", &code)]).await;
    assert_eq!(answer.status(), 200);
    answer.json().await.unwrap()
}

#[tokio::test]
async fn a_click_becomes_an_id_token_that_proves_who_clicked() {
    let house = House::open().await;
    let told = house.json("/google/.well-known/openid-configuration").await;
    assert_eq!(told["issuer"], house.url("/google"));
    assert_eq!(told["jwks_uri"], house.url("/google/oauth2/v3/certs"));

    let granted = sign_in(&house, "ada", &[]).await;
    assert_eq!(granted["expires_in"], 3599);
    assert_eq!(granted.get("refresh_token"), None);
    let keys = house.json("/google/oauth2/v3/certs").await;
    let claims = proven(granted["id_token"].as_str().unwrap(), &keys).unwrap();
    assert_eq!(claims["iss"], house.url("/google"));
    assert_eq!(claims["aud"], GOOGLE_CLIENT_ID);
    assert_eq!(claims["nonce"], "a nonce");
    assert_eq!(claims["email"], "ada@bakery.example");
    assert_eq!(claims["email_verified"], true);
    assert_eq!(claims["name"], "Ada Baker");

    let request = house.get("/google/v1/userinfo");
    let access = granted["access_token"].as_str().unwrap();
    let info: Value = request.bearer_auth(access).send().await.unwrap().json().await.unwrap();
    assert_eq!(info["sub"], claims["sub"]);
    assert_eq!(house.effects("exchange_code").len(), 1);
}

#[tokio::test]
async fn an_address_that_is_not_verified_is_told_as_such() {
    let house = House::open().await;
    let granted = sign_in(&house, "cleo@bakery.example", &[]).await;
    let keys = house.json("/google/oauth2/v3/certs").await;
    let claims = proven(granted["id_token"].as_str().unwrap(), &keys).unwrap();
    assert_eq!(claims["email_verified"], false);
}

#[tokio::test]
async fn a_cancelled_click_and_a_silent_request_grant_nothing() {
    let house = House::open().await;
    let answer = house.post(&link(&[])).form(&[("decision", "cancel")]).send().await.unwrap();
    let back: url::Url = answer.headers()["location"].to_str().unwrap().parse().unwrap();
    assert_eq!(parameter(&back, "error").as_deref(), Some("access_denied"));
    let answer = house.get(&link(&[("prompt", "none")])).send().await.unwrap();
    let back: url::Url = answer.headers()["location"].to_str().unwrap().parse().unwrap();
    assert_eq!(parameter(&back, "error").as_deref(), Some("login_required"));
    assert!(house.sandbox.state().ledger().is_empty());
}

#[tokio::test]
async fn a_wrong_request_for_consent_says_why_and_never_redirects() {
    let house = House::open().await;
    let table = [
        ("client_id", "somebody-else"),
        ("redirect_uri", "javascript:alert(1)"),
        ("response_type", "token"),
        ("scope", "openid everything"),
        ("scope", ""),
        ("code_challenge", "short"),
        ("code_challenge_method", "plain"),
    ];
    for (name, value) in table {
        let answer = house.get(&link(&[(name, value)])).send().await.unwrap();
        assert_eq!(answer.status(), 400, "{name}={value}");
        assert!(answer.text().await.unwrap().contains(name));
    }
}

#[tokio::test]
async fn every_wrong_exchange_is_refused_by_name() {
    let house = House::open().await;
    let other = "b-verifier-that-is-at-least-forty-three-letters-long";
    let table = [
        (vec![("client_id", "nobody")], 401, "invalid_client"),
        (vec![("client_secret", "guess")], 401, "invalid_client"),
        (vec![("client_secret", "")], 401, "invalid_client"),
        (vec![("grant_type", "password")], 400, "unsupported_grant_type"),
        (vec![("grant_type", "")], 400, "invalid_request"),
        (vec![("redirect_uri", "http://127.0.0.1:8080/other")], 400, "redirect_uri_mismatch"),
        (vec![("code_verifier", other)], 400, "invalid_grant"),
        (vec![("code_verifier", "")], 400, "invalid_grant"),
        (vec![("code", "guess")], 400, "invalid_grant"),
    ];
    let code = house.code_for(&link(&[]), "ada").await;
    for (mut changes, status, error) in table {
        if !changes.iter().any(|(name, _)| *name == "code") {
            changes.push(("code", &code));
        }
        let (told, body) = told(token(&house, &changes).await).await;
        assert_eq!((told, body["error"].as_str()), (status, Some(error)), "{changes:?}");
        assert!(body["error_description"].is_string());
    }
    assert_eq!(token(&house, &[("code", &code)]).await.status(), 200);
    let (status, again) = told(token(&house, &[("code", &code)]).await).await;
    assert_eq!((status, again["error"].as_str()), (400, Some("invalid_grant")));
    assert_eq!(house.effects("exchange_code").len(), 1);
}

#[tokio::test]
async fn a_refresh_token_is_given_for_offline_access_and_stays_the_same() {
    let house = House::open().await;
    let offline = [("access_type", "offline"), ("prompt", "consent")];
    let granted = sign_in(&house, "ben", &offline).await;
    let refresh = granted["refresh_token"].as_str().unwrap();
    let form = [("grant_type", "refresh_token"), ("refresh_token", refresh)];
    for _ in 0..2 {
        let renewed: Value = token(&house, &form).await.json().await.unwrap();
        assert_ne!(renewed["access_token"], granted["access_token"]);
        assert_eq!(renewed.get("refresh_token"), None);
    }
    house.control("/_control/grants/google/end", json!({ "user": "ben" })).await;
    let (status, body) = told(token(&house, &form).await).await;
    assert_eq!((status, body["error"].as_str()), (400, Some("invalid_grant")));
}

#[tokio::test]
async fn an_access_token_ends_after_an_hour_or_when_it_is_revoked() {
    let house = House::open().await;
    let first = sign_in(&house, "ada", &[]).await;
    let second = sign_in(&house, "ada", &[]).await;
    let ask = |granted: &Value| {
        house.get("/google/v1/userinfo").bearer_auth(granted["access_token"].as_str().unwrap())
    };
    let form = [("token", first["access_token"].as_str().unwrap())];
    assert_eq!(house.post("/google/revoke").form(&form).send().await.unwrap().status(), 200);
    assert_eq!(ask(&first).send().await.unwrap().status(), 401);
    assert_eq!(ask(&second).send().await.unwrap().status(), 200);
    house.sandbox.state().advance_clock(3_600).unwrap();
    let answer = ask(&second).send().await.unwrap();
    assert!(answer.headers().contains_key("www-authenticate"));
    let (status, body) = told(answer).await;
    assert_eq!((status, body["error"].as_str()), (401, Some("invalid_request")));
}

#[tokio::test]
async fn keys_rotate_and_the_old_one_stays_until_it_is_dropped() {
    let house = House::open().await;
    let before = sign_in(&house, "ada", &[]).await;
    let before = before["id_token"].as_str().unwrap();
    house.control("/_control/keys/google/rotate", json!({})).await;
    let after = sign_in(&house, "ada", &[]).await;
    let after = after["id_token"].as_str().unwrap();
    let keys = house.json("/google/oauth2/v3/certs").await;
    assert!(proven(before, &keys).is_some() && proven(after, &keys).is_some());

    let keys = house.control("/_control/keys/google/rotate", json!({ "keep_old": false })).await;
    assert!(proven(before, &keys).is_none() && proven(after, &keys).is_none());
    let clerk = house.json("/clerk/.well-known/jwks.json").await;
    assert_ne!(clerk["keys"][0]["n"], keys["keys"][0]["n"]);
}

#[tokio::test]
async fn a_fault_answers_in_googles_shape() {
    let house = House::open().await;
    house.fault(json!({ "provider": "google", "operation": "token", "kind": "status" })).await;
    let (status, body) = told(token(&house, &[("code", "any")]).await).await;
    assert_eq!((status, body["error"].as_str()), (500, Some("internal_failure")));
}
