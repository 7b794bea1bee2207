//! Signing in by code: what goes out, and what is believed of what comes back.

use crate::fake::{Fake, signed};
use herald_application::ports::{
    ClaimedEmail, SignInExchange, SignInFailure, SignInProvider as _, SignInRequest, SignedIn,
    TokenRefused,
};
use herald_oidc::{ClientAuth, GooglePlaces, Provider, ProviderSettings};
use serde_json::{Value, json};
use std::{collections::HashMap, sync::Arc, time::Duration};

const CALLBACK: &str = "https://herald.example/sign-in/id/callback";

fn exchange() -> SignInExchange {
    SignInExchange {
        code: "CANARY-CODE".into(),
        code_verifier: "CANARY-VERIFIER".into(),
        nonce: "nonce".to_owned(),
        redirect_uri: CALLBACK.parse().expect("a URL"),
        issuer: None,
    }
}

fn request() -> SignInRequest {
    SignInRequest {
        state: "state".to_owned(),
        code_challenge: "challenge".to_owned(),
        nonce: "nonce".to_owned(),
        redirect_uri: exchange().redirect_uri,
    }
}

fn provider_with(fake: &Fake, change: impl FnOnce(&mut ProviderSettings)) -> Provider {
    let secret = Some("CANARY-S/&".into());
    let mut settings = ProviderSettings::oidc("id", &*fake.base, "us", secret);
    settings.timeout = Duration::from_millis(300);
    change(&mut settings);
    Provider::try_new_in(settings, Arc::new(fake.world.clone())).expect("valid settings")
}

/// The token endpoint grants these claims, with the nonce that was asked for.
fn grants(fake: &Fake, path: &str, changes: &Value) {
    let mut claims = fake.with(&json!({ "nonce": "nonce" }));
    for (name, value) in changes.as_object().expect("an object") {
        claims[name] = value.clone();
    }
    let granted = json!({ "access_token": "CANARY-A", "token_type": "Bearer", "expires_in": 3600,
        "id_token": signed("rsa-1", &claims) });
    fake.says(path, 200, &granted);
}

async fn signed_in(fake: &Fake, changes: Value) -> Result<SignedIn, SignInFailure> {
    grants(fake, "/token", &changes);
    provider_with(fake, |_| {}).exchange(&exchange()).await
}

#[tokio::test]
async fn the_person_is_sent_away_with_a_challenge_a_nonce_and_no_secret() {
    let fake = Fake::new().await;
    let url = provider_with(&fake, |_| {}).authorization_url(&request()).await.expect("a URL");
    assert_eq!(url.path(), "/i/authorize");
    let query: HashMap<_, _> = url.query_pairs().into_owned().collect();
    for (name, value) in [
        ("response_type", "code"),
        ("client_id", "us"),
        ("redirect_uri", CALLBACK),
        ("scope", "openid email profile"),
        ("state", "state"),
        ("nonce", "nonce"),
        ("code_challenge", "challenge"),
        ("code_challenge_method", "S256"),
    ] {
        assert_eq!(query[name], value);
    }
    assert!(!url.as_str().contains("CANARY"));
}

#[tokio::test]
async fn a_code_is_traded_once_and_the_id_token_says_who_it_is() {
    let fake = Fake::new().await;
    let person = signed_in(&fake, json!({})).await.expect("signed in");
    assert_eq!((person.issuer.as_str(), person.subject.as_str()), (&*fake.base, "ada"));
    assert_eq!(person.verified_email(), Some("ada@example.org"));
    assert_eq!(person.grant, None);
    let asked = fake.asked("/token");
    assert_eq!(asked.len(), 1);
    // RFC 6749, 2.3.1: the halves are form-encoded first.
    assert_eq!(asked[0].header("authorization"), "Basic dXM6Q0FOQVJZLVMlMkYlMjY=");
    let form = asked[0].form();
    assert_eq!(form["grant_type"], "authorization_code");
    assert_eq!(form["code"], "CANARY-CODE");
    assert_eq!(form["code_verifier"], "CANARY-VERIFIER");
    assert_eq!(form["redirect_uri"], CALLBACK);
    assert!(!form.contains_key("client_secret"));
}

#[tokio::test]
async fn an_id_token_that_does_not_answer_us_signs_nobody_in() {
    let fake = Fake::new().await;
    for (changes, refusal) in [
        (json!({ "nonce": "another" }), TokenRefused::Nonce),
        (json!({ "nonce": null }), TokenRefused::Nonce),
        (json!({ "aud": "them" }), TokenRefused::Audience),
        (json!({ "azp": "them" }), TokenRefused::AuthorizedParty),
        (json!({ "iss": "https://evil.example" }), TokenRefused::Issuer),
        (json!({ "exp": 1 }), TokenRefused::Expired),
    ] {
        let told = signed_in(&fake, changes.clone()).await;
        assert_eq!(told, Err(SignInFailure::NotTrusted(refusal)), "{changes}");
    }
    fake.says("/token", 200, &json!({ "access_token": "CANARY-A" }));
    let told = provider_with(&fake, |_| {}).exchange(&exchange()).await;
    assert_eq!(told, Err(SignInFailure::NotTrusted(TokenRefused::Malformed)));
}

#[tokio::test]
async fn an_empty_nonce_matches_nothing() {
    let fake = Fake::new().await;
    grants(&fake, "/token", &json!({ "nonce": "" }));
    let exchange = SignInExchange { nonce: String::new(), ..exchange() };
    let told = provider_with(&fake, |_| {}).exchange(&exchange).await;
    assert_eq!(told, Err(SignInFailure::NotTrusted(TokenRefused::Nonce)));
}

#[tokio::test]
async fn an_answer_in_another_issuers_name_never_meets_the_token_endpoint() {
    let fake = Fake::new().await;
    grants(&fake, "/token", &json!({}));
    let mixed_up = Err(SignInFailure::NotTrusted(TokenRefused::Issuer));
    let named =
        |issuer: Option<&str>| SignInExchange { issuer: issuer.map(str::to_owned), ..exchange() };
    let provider = provider_with(&fake, |_| {});
    assert_eq!(provider.exchange(&named(Some("https://evil.example"))).await, mixed_up);
    let mut document = fake.document();
    document["authorization_response_iss_parameter_supported"] = json!(true);
    fake.says("/.well-known/openid-configuration", 200, &document);
    let provider = provider_with(&fake, |_| {});
    assert_eq!(provider.exchange(&named(None)).await, mixed_up, "who always says it must say it");
    assert!(fake.asked("/token").is_empty());
    assert!(provider.exchange(&named(Some(&fake.base))).await.is_ok());
}

#[tokio::test]
async fn an_address_must_be_verified_unless_a_setting_says_otherwise() {
    let fake = Fake::new().await;
    for unverified in [json!({ "email_verified": false }), json!({ "email_verified": null })] {
        let told = signed_in(&fake, unverified).await;
        assert_eq!(told, Err(SignInFailure::EmailNotVerified));
    }
    let lenient = provider_with(&fake, |settings| settings.verified_email = false);
    let person = lenient.exchange(&exchange()).await.expect("signed in");
    assert_eq!(person.verified_email(), None);
}

#[tokio::test]
async fn a_silent_id_token_is_completed_by_the_description_of_the_same_person() {
    let fake = Fake::new().await;
    let silent = json!({ "email": null, "email_verified": null, "name": null });
    fake.says(
        "/userinfo",
        200,
        &json!({ "sub": "ada", "name": "Ada",
        "email": "ada@example.org", "email_verified": "true" }),
    );
    let person = signed_in(&fake, silent.clone()).await.expect("signed in");
    let email = ClaimedEmail { address: "ada@example.org".to_owned(), verified: true };
    assert_eq!((person.name.as_deref(), person.emails), (Some("Ada"), vec![email]));
    assert_eq!(fake.asked("/userinfo")[0].header("authorization"), "Bearer CANARY-A");

    fake.says(
        "/userinfo",
        200,
        &json!({ "sub": "mallory", "email": "ada@example.org",
        "email_verified": true }),
    );
    let told = signed_in(&fake, silent).await;
    assert_eq!(told, Err(SignInFailure::NotTrusted(TokenRefused::Malformed)));
}

#[tokio::test]
async fn an_exchange_whose_end_was_not_seen_is_unknown_and_not_repeated() {
    let fake = Fake::new().await;
    let told = async || provider_with(&fake, |_| {}).exchange(&exchange()).await.expect_err("no");
    fake.hangs("/token");
    assert!(matches!(told().await, SignInFailure::Unknown { .. }));
    for (status, body) in [
        (200, json!("garbage")),
        (500, json!({})),
        (400, json!({})),
        (503, json!({ "error": "x" })),
    ] {
        fake.says("/token", status, &body);
        assert!(matches!(told().await, SignInFailure::Unknown { .. }), "{status} {body}");
    }
    assert_eq!(fake.asked("/token").len(), 5);
    for (status, code) in [(400, "invalid_grant"), (401, "invalid_client")] {
        fake.says("/token", status, &json!({ "error": code }));
        assert_eq!(told().await, SignInFailure::Refused { code: code.to_owned() });
    }
    fake.says("/token", 429, &json!({}));
    assert!(matches!(told().await, SignInFailure::NotSent { .. }));
    fake.breaks("/.well-known/openid-configuration");
    assert!(matches!(told().await, SignInFailure::NotSent { .. }));
}

#[tokio::test]
async fn google_is_reached_at_its_documented_addresses() {
    let fake = Fake::new().await;
    let places = GooglePlaces::at(&format!("{}/", fake.base).parse().expect("a URL"));
    let settings = ProviderSettings::google(&places, "us", "CANARY-S".into()).expect("addresses");
    assert_eq!(settings.client_auth, ClientAuth::Post);
    let google =
        Provider::try_new_in(settings, Arc::new(fake.world.clone())).expect("valid settings");
    let url = google.authorization_url(&request()).await.expect("a URL");
    assert_eq!(url.path(), "/i/o/oauth2/v2/auth");
    assert!(url.query_pairs().any(|(name, value)| name == "prompt" && value == "select_account"));

    grants(&fake, "/token", &json!({ "iss": "accounts.google.com", "azp": "us" }));
    let person = google.exchange(&exchange()).await.expect("signed in");
    assert_eq!(person.issuer, "https://accounts.google.com");
    let form = fake.asked("/token")[0].form();
    assert_eq!((&*form["client_id"], &*form["client_secret"]), ("us", "CANARY-S"));
    assert_eq!(google.name(), "google");
    assert!(google.health_check().check().await.detail.contains("4 usable keys"));
}

#[test]
fn the_real_google_is_where_google_says() {
    let places = GooglePlaces::real().expect("addresses");
    let settings = ProviderSettings::google(&places, "us", "s".into()).expect("addresses");
    let endpoints = settings.endpoints.expect("given");
    assert_eq!(endpoints.authorization.as_str(), "https://accounts.google.com/o/oauth2/v2/auth");
    assert_eq!(endpoints.token.as_str(), "https://oauth2.googleapis.com/token");
    let userinfo = endpoints.userinfo.expect("given");
    assert_eq!(userinfo.as_str(), "https://openidconnect.googleapis.com/v1/userinfo");
    let settings = ProviderSettings::google(&places, "us", "s".into()).expect("addresses");
    assert!(Provider::try_new(settings.https_only(true)).is_ok());
}
