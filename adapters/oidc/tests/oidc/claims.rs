//! Which claims of a rightly signed token are believed.

use crate::fake::{Fake, signed};
use herald_application::ports::{ClaimedEmail, TokenRefused};
use herald_oidc::{Issuer, Unusable, Verifier};
use serde_json::json;
use std::time::Duration;

#[tokio::test]
async fn a_sound_token_says_who_the_person_is_whatever_its_kind_of_key() {
    let fake = Fake::new().await;
    let verifier = fake.oidc();
    for kid in ["rsa-1", "rsa-2", "ec", "ed"] {
        let token = fake.told(&verifier, &signed(kid, &fake.claims())).await.expect("believed");
        assert_eq!((token.issuer.as_str(), token.subject.as_str()), (&*fake.base, "ada"));
        let email = ClaimedEmail { address: "ada@example.org".to_owned(), verified: true };
        assert_eq!(token.email, Some(email));
        assert_eq!(token.name.as_deref(), Some("Ada"));
        assert_eq!(token.expires_at, fake.world.now().plus(Duration::from_secs(60)));
    }
    assert_eq!(fake.asked("/keys").len(), 1, "keys are read once, not per token");
}

#[tokio::test]
async fn a_token_for_others_or_by_others_is_refused_by_name() {
    let fake = Fake::new().await;
    let verifier = fake.oidc();
    let told = async |changes| fake.told(&verifier, &signed("rsa-1", &fake.with(&changes))).await;
    let base = &fake.base;
    let refusals = [
        (json!({ "iss": "https://evil.example" }), TokenRefused::Issuer),
        (json!({ "iss": format!("{base}/") }), TokenRefused::Issuer),
        (json!({ "iss": base.to_uppercase() }), TokenRefused::Issuer),
        (json!({ "iss": null }), TokenRefused::Malformed),
        (json!({ "iss": [base] }), TokenRefused::Malformed),
        (json!({ "aud": "them" }), TokenRefused::Audience),
        (json!({ "aud": "us " }), TokenRefused::Audience),
        (json!({ "aud": [] }), TokenRefused::Audience),
        (json!({ "aud": null }), TokenRefused::Audience),
        (json!({ "aud": { "us": true } }), TokenRefused::Audience),
        (json!({ "aud": ["us", "them"] }), TokenRefused::AuthorizedParty),
        (json!({ "azp": "them" }), TokenRefused::AuthorizedParty),
        (json!({ "aud": ["us", "them"], "azp": "them" }), TokenRefused::AuthorizedParty),
        (json!({ "sub": null }), TokenRefused::Malformed),
        (json!({ "sub": "" }), TokenRefused::Malformed),
        (json!({ "sub": 7 }), TokenRefused::Malformed),
    ];
    for (changes, refusal) in refusals {
        assert_eq!(told(changes.clone()).await, Err(refusal), "{changes}");
    }
    for changes in [json!({ "aud": ["us", "them"], "azp": "us" }), json!({ "azp": "us" })] {
        assert!(told(changes.clone()).await.is_ok(), "{changes}");
    }
}

#[tokio::test]
async fn a_token_holds_in_its_time_with_five_seconds_for_clocks() {
    let fake = Fake::new().await;
    let verifier = fake.oidc();
    let now = fake.seconds();
    let told = async |changes| fake.told(&verifier, &signed("rsa-1", &fake.with(&changes))).await;
    assert!(told(json!({ "exp": now - 4 })).await.is_ok());
    assert_eq!(told(json!({ "exp": now - 5 })).await, Err(TokenRefused::Expired));
    assert!(told(json!({ "nbf": now + 5, "iat": now + 5 })).await.is_ok());
    assert_eq!(told(json!({ "nbf": now + 6 })).await, Err(TokenRefused::NotYet));
    assert_eq!(told(json!({ "iat": now + 6 })).await, Err(TokenRefused::NotYet));
    for exp in [json!(null), json!("soon"), json!(1e300), json!(u64::MAX), json!({}), json!(true)] {
        let told = told(json!({ "exp": exp.clone() })).await;
        assert_eq!(told, Err(TokenRefused::Malformed), "{exp}");
    }
}

#[tokio::test]
async fn a_fraction_of_a_second_is_a_time_too() {
    let fake = Fake::new().await;
    let exp = format!("{}.75", fake.seconds() + 60);
    let exp: serde_json::Value = exp.parse().expect("a number");
    let token = signed("rsa-1", &fake.with(&json!({ "exp": exp })));
    assert!(fake.told(&fake.oidc(), &token).await.is_ok());
}

#[test]
fn settings_that_would_believe_everybody_are_refused() {
    let url = "https://id.example";
    let us = || vec!["us".to_owned()];
    let made = |issuers| Verifier::try_new(issuers).err();
    assert_eq!(made(vec![Issuer::oidc(url, vec![])]), Some(Unusable::NoAudience("oidc")));
    let clerk = Issuer::clerk(url, vec![]).expect("a URL");
    assert_eq!(made(vec![clerk]), Some(Unusable::NoAudience("clerk")));
    let plain = Issuer { https_only: true, ..Issuer::oidc("http://id.example", us()) };
    assert!(matches!(made(vec![plain]), Some(Unusable::Address(_))));
    let twice = vec![Issuer::oidc(url, us()), Issuer::oidc(url, us())];
    assert_eq!(made(twice), Some(Unusable::Twice(url.to_owned())));
    assert_eq!(made(vec![Issuer::oidc("id", us())]), Some(Unusable::Issuer("oidc")));
    assert_eq!(made(vec![Issuer::oidc(url, us())]), None);
}
