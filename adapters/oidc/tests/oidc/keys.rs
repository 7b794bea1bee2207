//! How often an issuer is asked for its keys, and what holds while it does not answer.

use crate::fake::{Fake, signed, signed_as};
use futures::future::join_all;
use herald_application::ports::{HealthStatus, TokenRefused};
use serde_json::json;
use std::time::Duration;

const PAUSE: Duration = Duration::from_secs(30);
const HOUR: Duration = Duration::from_secs(60 * 60);

#[tokio::test]
async fn a_flood_of_unknown_keys_asks_the_issuer_once_in_a_pause() {
    let fake = Fake::new().await;
    let verifier = fake.oidc();
    assert!(fake.told(&verifier, &signed("rsa-1", &fake.claims())).await.is_ok());
    fake.world.pass(PAUSE);
    for round in 2..=3 {
        let tokens: Vec<String> = (0..100)
            .map(|n| {
                let header = json!({ "alg": "RS256", "kid": format!("unknown-{n}") });
                signed_as(&header, "rsa-1", &fake.claims().to_string())
            })
            .collect();
        let told = join_all(tokens.iter().map(|token| fake.told(&verifier, token))).await;
        assert!(told.iter().all(|told| *told == Err(TokenRefused::UnknownKey)));
        assert_eq!(fake.asked("/keys").len(), round);
        fake.world.pass(PAUSE);
    }
}

#[tokio::test]
async fn whoever_comes_first_reads_the_keys_for_all() {
    let fake = Fake::new().await;
    let verifier = fake.oidc();
    let token = signed("ec", &fake.claims());
    let told = join_all((0..50).map(|_| fake.told(&verifier, &token))).await;
    assert!(told.iter().all(Result::is_ok));
    assert_eq!(fake.asked("/keys").len(), 1);
    assert_eq!(fake.asked("/.well-known/openid-configuration").len(), 1);
}

#[tokio::test]
async fn a_new_key_is_found_and_an_old_one_forgotten() {
    let fake = Fake::new().await;
    fake.publish(&["rsa-1"]);
    let verifier = fake.oidc();
    assert!(fake.told(&verifier, &signed("rsa-1", &fake.claims())).await.is_ok());

    fake.publish(&["rsa-2"]);
    fake.world.pass(PAUSE);
    assert!(fake.told(&verifier, &signed("rsa-2", &fake.claims())).await.is_ok());
    let old = fake.told(&verifier, &signed("rsa-1", &fake.claims())).await;
    assert_eq!(old, Err(TokenRefused::UnknownKey));

    fake.publish(&["rsa-1"]);
    fake.world.pass(HOUR);
    let revoked = fake.told(&verifier, &signed("rsa-2", &fake.claims())).await;
    assert_eq!(revoked, Err(TokenRefused::UnknownKey), "after an hour what was taken back is gone");
}

#[tokio::test]
async fn known_keys_carry_through_an_outage_of_a_day() {
    let fake = Fake::new().await;
    let verifier = fake.oidc();
    assert!(fake.told(&verifier, &signed("rsa-1", &fake.claims())).await.is_ok());
    fake.breaks("/keys");
    fake.world.pass(HOUR * 23);
    for _ in 0..20 {
        assert!(fake.told(&verifier, &signed("rsa-1", &fake.claims())).await.is_ok());
    }
    assert!(fake.asked("/keys").len() <= 3, "an issuer in trouble is not hammered");
    fake.world.pass(HOUR);
    let told = fake.told(&verifier, &signed("rsa-1", &fake.claims())).await;
    assert_eq!(told, Err(TokenRefused::Unavailable));
    fake.publish(&["rsa-1"]);
    fake.world.pass(PAUSE);
    assert!(fake.told(&verifier, &signed("rsa-1", &fake.claims())).await.is_ok());
}

#[tokio::test]
async fn without_keys_a_token_is_neither_good_nor_bad() {
    let fake = Fake::new().await;
    let unusable = [
        json!({ "keys": [] }),
        json!({ "keys": [{ "kty": "oct", "kid": "rsa-1", "k": "c2VjcmV0" }] }),
        json!({ "keys": [{ "kty": "RSA", "kid": "rsa-1", "use": "enc", "n": "AQAB", "e": "AQAB" }] }),
        json!({ "keys": "none" }),
        json!([]),
        json!({ "keys": [], "padding": "x".repeat(300_000) }),
    ];
    for keys in unusable {
        fake.says("/keys", 200, &keys);
        let told = fake.told(&fake.oidc(), &signed("rsa-1", &fake.claims())).await;
        assert_eq!(told, Err(TokenRefused::Unavailable));
    }
}

#[tokio::test]
async fn a_discovery_document_of_another_issuer_is_not_followed() {
    let fake = Fake::new().await;
    let mut document = fake.document();
    document["issuer"] = json!("https://evil.example");
    fake.says("/.well-known/openid-configuration", 200, &document);
    let told = fake.told(&fake.oidc(), &signed("rsa-1", &fake.claims())).await;
    assert_eq!(told, Err(TokenRefused::Unavailable));
    assert!(fake.asked("/keys").is_empty());
}

#[tokio::test]
async fn a_token_without_a_keys_name_needs_an_issuer_with_one_key() {
    let fake = Fake::new().await;
    let token = signed_as(&json!({ "alg": "RS256" }), "rsa-1", &fake.claims().to_string());
    assert_eq!(fake.told(&fake.oidc(), &token).await, Err(TokenRefused::UnknownKey));
    fake.publish(&["rsa-1", "ec"]);
    assert!(fake.told(&fake.oidc(), &token).await.is_ok());
}

#[tokio::test]
async fn health_is_whether_the_keys_can_be_read() {
    let fake = Fake::new().await;
    let verifier = fake.oidc();
    let check = verifier.health_checks().remove(0);
    assert_eq!(check.check().await.status, HealthStatus::Healthy);
    fake.breaks("/keys");
    assert_eq!(check.check().await.status, HealthStatus::Down);
    verifier.warm_up().await;
}
