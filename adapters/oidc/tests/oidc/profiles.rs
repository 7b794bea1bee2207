//! The tokens of Clerk, Cognito and Google, as each of them shapes its own.

use crate::fake::{Fake, signed};
use herald_application::ports::{ClaimedOrganisation, TokenRefused};
use herald_oidc::{GooglePlaces, Issuer};
use serde_json::{Value, json};

const APP: &str = "https://app.example";

/// A session token as Clerk's documentation shows version 2.
fn session(fake: &Fake) -> Value {
    fake.with(&json!({ "aud": null, "azp": APP, "sub": "user_1", "sid": "sess_1", "sts": "active",
        "v": 2, "fva": [1, -1], "pla": "u:pro", "nbf": fake.seconds() - 10,
        "o": { "id": "org_1", "slg": "acme", "rol": "admin", "per": "read", "fpm": "1" } }))
}

#[tokio::test]
async fn clerks_sessions_are_read_in_both_versions() {
    let fake = Fake::new().await;
    let clerk = Issuer::clerk(&fake.base, vec![APP.to_owned()]).expect("a URL");
    let verifier = fake.verifier(vec![clerk]);
    let acme = ClaimedOrganisation {
        id: "org_1".to_owned(),
        slug: Some("acme".to_owned()),
        role: Some("admin".to_owned()),
    };
    let mut first = session(&fake);
    for (name, value) in [("org_id", "org_1"), ("org_slug", "acme"), ("org_role", "org:admin")] {
        first[name] = value.into();
    }
    first.as_object_mut().expect("an object").remove("o");
    for claims in [session(&fake), first] {
        let token = fake.told(&verifier, &signed("rsa-1", &claims)).await.expect("believed");
        assert_eq!((token.subject.as_str(), token.session.as_deref()), ("user_1", Some("sess_1")));
        assert_eq!(token.organisation, Some(acme.clone()));
    }
    assert_eq!(fake.asked("/.well-known/jwks.json").len(), 1);
}

#[tokio::test]
async fn clerks_pending_sessions_and_other_sites_sessions_are_refused() {
    let fake = Fake::new().await;
    let clerk = Issuer::clerk(&fake.base, vec![APP.to_owned()]).expect("a URL");
    let verifier = fake.verifier(vec![clerk]);
    for (name, value, refusal) in [
        ("sts", json!("pending"), TokenRefused::Pending),
        ("azp", json!("https://evil.example"), TokenRefused::AuthorizedParty),
        ("azp", json!(""), TokenRefused::AuthorizedParty),
        ("azp", Value::Null, TokenRefused::AuthorizedParty),
    ] {
        let mut claims = session(&fake);
        claims[name] = value.clone();
        let told = fake.told(&verifier, &signed("rsa-1", &claims)).await;
        assert_eq!(told, Err(refusal), "{name}: {value}");
    }
}

#[tokio::test]
async fn cognitos_two_kinds_of_token_are_told_apart() {
    let fake = Fake::new().await;
    let both = Issuer::cognito(&fake.base, &["client".to_owned()]).expect("a URL");
    let verifier = fake.verifier(both.to_vec());
    let id = fake.with(&json!({ "aud": "client", "token_use": "id", "email_verified": "true",
        "custom:stripe_customer_id": "cus_1", "origin_jti": "jti" }));
    let token = fake.told(&verifier, &signed("rsa-1", &id)).await.expect("believed");
    assert_eq!(token.stripe_customer.as_deref(), Some("cus_1"));
    assert!(token.email.expect("one").verified);

    let access = fake.with(&json!({ "aud": null, "client_id": "client", "token_use": "access",
        "email": null, "scope": "aws.cognito.signin.user.admin" }));
    let token = fake.told(&verifier, &signed("rsa-1", &access)).await.expect("believed");
    assert_eq!((token.email, token.stripe_customer), (None, None));

    let told = async |changes| fake.told(&verifier, &signed("rsa-1", &fake.with(&changes))).await;
    for (changes, refusal) in [
        (json!({ "aud": "client" }), TokenRefused::Use),
        (json!({ "aud": "client", "token_use": "refresh" }), TokenRefused::Use),
        (json!({ "aud": "other", "token_use": "id" }), TokenRefused::Audience),
        (json!({ "aud": "client", "token_use": "access" }), TokenRefused::Audience),
        (json!({ "client_id": "other", "token_use": "access" }), TokenRefused::Audience),
    ] {
        assert_eq!(told(changes.clone()).await, Err(refusal), "{changes}");
    }
    let only_id = fake.verifier(vec![both[0].clone()]);
    let told = fake.told(&only_id, &signed("rsa-1", &access)).await;
    assert_eq!(told, Err(TokenRefused::Use));
}

#[tokio::test]
async fn several_issuers_each_answer_for_their_own_tokens_only() {
    let (one, two) = (Fake::new().await, Fake::new().await);
    one.publish(&["rsa-1"]);
    two.publish(&["rsa-2"]);
    let us = || vec!["us".to_owned()];
    let verifier =
        one.verifier(vec![Issuer::oidc(&*one.base, us()), Issuer::oidc(&*two.base, us())]);
    let told = one.told(&verifier, &signed("rsa-2", &two.claims())).await.expect("believed");
    assert_eq!(told.issuer, two.base);
    // The key of one issuer says nothing in the name of another.
    let told = one.told(&verifier, &signed("rsa-2", &one.claims())).await;
    assert_eq!(told, Err(TokenRefused::UnknownKey));
}

#[tokio::test]
async fn googles_two_spellings_are_one_issuer() {
    let fake = Fake::new().await;
    let places = GooglePlaces::at(&fake.base.parse().expect("a URL"));
    let certs = format!("{}/oauth2/v3/certs", places.apis).parse().expect("a URL");
    let verifier = fake.verifier(vec![Issuer::google(certs, "us")]);
    for iss in ["https://accounts.google.com", "accounts.google.com"] {
        let token = signed("rsa-1", &fake.with(&json!({ "iss": iss })));
        let told = fake.told(&verifier, &token).await.expect("believed");
        assert_eq!(told.issuer, "https://accounts.google.com");
    }
}
