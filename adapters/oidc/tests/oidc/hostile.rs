//! Tokens that somebody made to get in.

use crate::fake::{Fake, PUBLIC, signed, signed_as, unsigned};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use herald_application::ports::TokenRefused;
use jsonwebtoken::{Algorithm, EncodingKey, crypto};
use serde_json::{Value, json};

#[tokio::test]
async fn nothing_signed_with_nothing_or_with_a_public_key_is_believed() {
    let fake = Fake::new().await;
    let verifier = fake.oidc();
    let claims = fake.claims().to_string();
    for alg in ["none", "None", "NONE", "", "HS256", "RS512", "PS256", "ES384"] {
        let token = format!("{}.", unsigned(&json!({ "alg": alg, "kid": "rsa-1" }), &claims));
        let told = fake.told(&verifier, &token).await;
        assert_eq!(told, Err(TokenRefused::Algorithm), "{alg}");
    }
    // A shared secret that everybody knows: the public key, in each form that it may be taken in.
    let jwks: Value = serde_json::from_str(PUBLIC).expect("JSON");
    let rsa = &jwks["keys"][0];
    let modulus = rsa["n"].as_str().expect("text");
    let secrets = [
        modulus.as_bytes().to_vec(),
        URL_SAFE_NO_PAD.decode(modulus).expect("base64"),
        rsa.to_string().into_bytes(),
        Vec::new(),
    ];
    for secret in secrets {
        for alg in ["HS256", "RS256"] {
            let text = unsigned(&json!({ "alg": alg, "kid": "rsa-1" }), &claims);
            let key = EncodingKey::from_secret(&secret);
            let mac = crypto::sign(text.as_bytes(), &key, Algorithm::HS256).expect("a key");
            let told = fake.told(&verifier, &format!("{text}.{mac}")).await;
            let refused =
                if alg == "HS256" { TokenRefused::Algorithm } else { TokenRefused::Signature };
            assert_eq!(told, Err(refused), "{alg}");
        }
    }
}

#[tokio::test]
async fn the_algorithm_is_the_keys_own_and_not_the_tokens() {
    let fake = Fake::new().await;
    let verifier = fake.oidc();
    let claims = fake.claims().to_string();
    for (alg, kid, pair) in
        [("RS256", "ec", "rsa-1"), ("ES256", "rsa-1", "ec"), ("EdDSA", "ec", "ed")]
    {
        let token = signed_as(&json!({ "alg": alg, "kid": kid }), pair, &claims);
        assert_eq!(fake.told(&verifier, &token).await, Err(TokenRefused::Algorithm), "{alg} {kid}");
    }
    let wrong_pair = signed_as(&json!({ "alg": "RS256", "kid": "rsa-1" }), "rsa-2", &claims);
    assert_eq!(fake.told(&verifier, &wrong_pair).await, Err(TokenRefused::Signature));
}

#[tokio::test]
async fn a_key_that_the_token_brings_along_is_not_looked_at() {
    let fake = Fake::new().await;
    fake.publish(&["rsa-1"]);
    let verifier = fake.oidc();
    let jwks: Value = serde_json::from_str(PUBLIC).expect("JSON");
    let own = json!({ "alg": "RS256", "kid": "rsa-2", "jwk": jwks["keys"][1],
        "jku": format!("{}/evil", fake.base), "x5u": format!("{}/evil", fake.base) });
    let token = signed_as(&own, "rsa-2", &fake.claims().to_string());
    assert_eq!(fake.told(&verifier, &token).await, Err(TokenRefused::UnknownKey));
    assert!(fake.asked("/evil").is_empty());
}

#[tokio::test]
async fn a_token_of_no_sound_form_is_refused_before_any_key_is_read() {
    let fake = Fake::new().await;
    let verifier = fake.oidc();
    let claims = fake.claims().to_string();
    let header = json!({ "alg": "RS256", "kid": "rsa-1" });
    let good = signed("rsa-1", &fake.claims());
    let twice = claims.replacen('{', r#"{"sub":"mallory","#, 1);
    let critical = json!({ "alg": "RS256", "kid": "rsa-1", "crit": ["exp"] });
    let mut many = fake.claims();
    many["padding"] = "x".repeat(20_000).into();
    let nested = format!("{}1{}", "[".repeat(5_000), "]".repeat(5_000));
    let tokens = [
        String::new(),
        "...".to_owned(),
        "a.b.c".to_owned(),
        good.replacen('.', "", 1),
        format!("{good}.x"),
        format!(" {good}"),
        signed_as(&header, "rsa-1", &twice),
        signed_as(&critical, "rsa-1", &claims),
        signed_as(&json!({ "kid": "rsa-1" }), "rsa-1", &claims),
        signed_as(&json!({ "alg": "RS256", "kid": 7 }), "rsa-1", &claims),
        signed_as(&header, "rsa-1", "[]"),
        signed_as(&header, "rsa-1", "not JSON"),
        signed_as(&header, "rsa-1", &nested),
        signed("rsa-1", &many),
    ];
    for token in tokens {
        let shown: String = token.chars().take(40).collect();
        assert_eq!(fake.told(&verifier, &token).await, Err(TokenRefused::Malformed), "{shown}");
    }
    assert!(fake.asked("/keys").is_empty());
    let header_twice = URL_SAFE_NO_PAD.encode(r#"{"alg":"RS256","alg":"none"}"#);
    let token = format!("{header_twice}.{}.", URL_SAFE_NO_PAD.encode(&claims));
    assert_eq!(fake.told(&verifier, &token).await, Err(TokenRefused::Malformed));
}

#[tokio::test]
async fn one_changed_letter_anywhere_ends_a_tokens_credit() {
    let fake = Fake::new().await;
    let verifier = fake.oidc();
    let good = signed("ed", &fake.claims());
    assert!(fake.told(&verifier, &good).await.is_ok());
    for at in (0..good.len()).step_by(7) {
        let mut bytes = good.clone().into_bytes();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(bytes).expect("ASCII");
        assert!(fake.told(&verifier, &changed).await.is_err(), "at {at}");
    }
}
