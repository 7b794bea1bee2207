//! GitHub: refusals with status 200, scopes, addresses, and organisations.

use herald_sandbox::{GITHUB_APP_CLIENT_ID, GITHUB_CLIENT_ID, GITHUB_CLIENT_SECRET};
use reqwest::RequestBuilder;
use serde_json::{Value, json};

use crate::house::{House, VERIFIER, parameter};
use crate::identity::{BACK, query, told};

const SCOPES: &str = "read:user user:email read:org";

fn link(client: &str, scope: &str) -> String {
    format!("/github/login/oauth/authorize?{}", query(client, scope, &[("response_type", "")]))
}

async fn token(house: &House, form: &[(&str, &str)]) -> Value {
    let request = house.post("/github/login/oauth/access_token").form(form);
    let answer = request.header("accept", "application/json").send().await.unwrap();
    assert_eq!(answer.status(), 200);
    answer.json().await.unwrap()
}

fn form<'a>(client: &'a str, code: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("client_id", client),
        ("client_secret", GITHUB_CLIENT_SECRET),
        ("code", code),
        ("redirect_uri", BACK),
        ("code_verifier", VERIFIER),
    ]
}

async fn sign_in(house: &House, client: &str, scope: &str, person: &str) -> Value {
    let code = house.code_for(&link(client, scope), person).await;
    token(house, &form(client, &code)).await
}

fn ask(house: &House, path: &str, granted: &Value) -> RequestBuilder {
    let token = granted["access_token"].as_str().unwrap_or("nothing");
    house.get(&format!("/github/api{path}")).bearer_auth(token).header("user-agent", "herald")
}

#[tokio::test]
async fn a_click_tells_who_somebody_is_and_which_address_counts() {
    let house = House::open().await;
    let granted = sign_in(&house, GITHUB_CLIENT_ID, SCOPES, "ada").await;
    assert!(granted["access_token"].as_str().unwrap().starts_with("gho_"));
    assert_eq!(granted["scope"], "read:user,user:email,read:org");
    assert_eq!(granted.get("expires_in"), None);

    let answer = ask(&house, "/user", &granted).send().await.unwrap();
    assert_eq!(answer.headers()["x-oauth-scopes"], "read:user, user:email, read:org");
    assert_eq!(answer.headers()["x-ratelimit-limit"], "5000");
    let user: Value = answer.json().await.unwrap();
    assert_eq!(user["login"], "ada-baker");
    assert!(user["id"].is_u64() && user["email"].is_null());

    let answer = ask(&house, "/user/emails?per_page=1", &granted).send().await.unwrap();
    assert!(answer.headers()["link"].to_str().unwrap().contains("rel=\"next\""));
    let emails: Value = answer.json().await.unwrap();
    assert_eq!(emails[0]["email"], "ada@bakery.example");
    assert_eq!(
        (emails[0]["primary"].as_bool(), emails[0]["verified"].as_bool()),
        (Some(true), Some(true))
    );
}

#[tokio::test]
async fn membership_is_told_to_those_who_may_ask() {
    let house = House::open().await;
    let path = "/user/memberships/orgs/sandbox-bakery";
    let granted = sign_in(&house, GITHUB_CLIENT_ID, SCOPES, "ada").await;
    let (status, place) = told(ask(&house, path, &granted).send().await.unwrap()).await;
    assert_eq!(
        (status, place["role"].as_str(), place["state"].as_str()),
        (200, Some("admin"), Some("active"))
    );
    let granted = sign_in(&house, GITHUB_CLIENT_ID, SCOPES, "dan").await;
    assert_eq!(ask(&house, path, &granted).send().await.unwrap().status(), 404);

    let granted = sign_in(&house, GITHUB_CLIENT_ID, "read:user", "ada").await;
    assert_eq!(ask(&house, path, &granted).send().await.unwrap().status(), 403);
    assert_eq!(ask(&house, "/user/emails", &granted).send().await.unwrap().status(), 404);
}

#[tokio::test]
async fn every_wrong_exchange_is_refused_with_status_200() {
    let house = House::open().await;
    let code = house.code_for(&link(GITHUB_CLIENT_ID, SCOPES), "ada").await;
    let table = [
        ("client_id", "nobody", "incorrect_client_credentials"),
        ("client_secret", "guess", "incorrect_client_credentials"),
        ("code", "guess", "bad_verification_code"),
        ("redirect_uri", "http://127.0.0.1/x", "redirect_uri_mismatch"),
        ("code_verifier", "guess", "bad_verification_code"),
    ];
    for (name, value, error) in table {
        let mut form = form(GITHUB_CLIENT_ID, &code);
        form.iter_mut().filter(|(known, _)| *known == name).for_each(|pair| pair.1 = value);
        let told = token(&house, &form).await;
        assert_eq!(told["error"], error, "{name}");
        assert!(told["error_description"].is_string() && told["error_uri"].is_string());
    }
    assert!(token(&house, &form(GITHUB_CLIENT_ID, &code)).await["access_token"].is_string());
    let again = token(&house, &form(GITHUB_CLIENT_ID, &code)).await;
    assert_eq!(again["error"], "bad_verification_code");
    let told = sign_in(&house, GITHUB_CLIENT_ID, SCOPES, "cleo").await;
    assert_eq!(told["error"], "unverified_user_email");
}

#[tokio::test]
async fn without_a_wish_for_json_a_form_is_answered() {
    let house = House::open().await;
    let code = house.code_for(&link(GITHUB_CLIENT_ID, SCOPES), "ada").await;
    let request = house.post("/github/login/oauth/access_token");
    let answer = request.form(&form(GITHUB_CLIENT_ID, &code)).send().await.unwrap();
    let text = answer.text().await.unwrap();
    assert!(text.contains("access_token=gho_") && text.contains("token_type=bearer"), "{text}");
}

#[tokio::test]
async fn a_refused_challenge_goes_back_to_the_application() {
    let house = House::open().await;
    let query = query(GITHUB_CLIENT_ID, SCOPES, &[("code_challenge_method", "plain")]);
    let answer = house.get(&format!("/github/login/oauth/authorize?{query}")).send().await.unwrap();
    let back: url::Url = answer.headers()["location"].to_str().unwrap().parse().unwrap();
    assert_eq!(parameter(&back, "error").as_deref(), Some("invalid_request"));
}

#[tokio::test]
async fn a_github_apps_tokens_expire_and_rotate() {
    let house = House::open().await;
    let first = sign_in(&house, GITHUB_APP_CLIENT_ID, "", "ben").await;
    assert_eq!((first["expires_in"].as_i64(), first["scope"].as_str()), (Some(28_800), Some("")));
    let refresh = [
        ("client_id", GITHUB_APP_CLIENT_ID),
        ("client_secret", GITHUB_CLIENT_SECRET),
        ("grant_type", "refresh_token"),
        ("refresh_token", first["refresh_token"].as_str().unwrap()),
    ];
    house.sandbox.state().advance_clock(28_801).unwrap();
    assert_eq!(ask(&house, "/user", &first).send().await.unwrap().status(), 401);
    let second = token(&house, &refresh).await;
    assert_eq!(ask(&house, "/user", &second).send().await.unwrap().status(), 200);
    assert_eq!(token(&house, &refresh).await["error"], "bad_refresh_token");
}

#[tokio::test]
async fn the_api_refuses_in_its_own_shape() {
    let house = House::open().await;
    let granted = sign_in(&house, GITHUB_CLIENT_ID, SCOPES, "ada").await;
    let (status, body) = told(ask(&house, "/user", &json!({})).send().await.unwrap()).await;
    assert_eq!((status, body["message"].as_str()), (401, Some("Bad credentials")));
    assert!(body["documentation_url"].is_string());
    let bare = house.get("/github/api/user").bearer_auth(granted["access_token"].as_str().unwrap());
    assert_eq!(bare.send().await.unwrap().status(), 403);
    let old = ask(&house, "/user", &granted).header("x-github-api-version", "2001-01-01");
    assert_eq!(old.send().await.unwrap().status(), 400);
}

#[tokio::test]
async fn an_application_can_give_a_token_back() {
    let house = House::open().await;
    let granted = sign_in(&house, GITHUB_CLIENT_ID, SCOPES, "ada").await;
    let path = format!("/github/api/applications/{GITHUB_CLIENT_ID}/token");
    let request = house
        .client
        .delete(house.url(&path))
        .json(&json!({ "access_token": granted["access_token"] }));
    let answer =
        request.basic_auth(GITHUB_CLIENT_ID, Some(GITHUB_CLIENT_SECRET)).send().await.unwrap();
    assert_eq!(answer.status(), 204);
    assert_eq!(ask(&house, "/user", &granted).send().await.unwrap().status(), 401);
}
