//! RS256 tokens and the key sets that prove them, with keys that ship with the sandbox.

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::rsa::PublicKeyComponents;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use serde_json::{Value, json};

use super::world::{Generation, World};

/// Two keys for each issuer, used in turn. They sign nothing but sandbox tokens.
static KEYS: LazyLock<[RsaKeyPair; 6]> = LazyLock::new(|| {
    [
        key(include_bytes!("sandbox_only_keys/0.pk8")),
        key(include_bytes!("sandbox_only_keys/1.pk8")),
        key(include_bytes!("sandbox_only_keys/2.pk8")),
        key(include_bytes!("sandbox_only_keys/3.pk8")),
        key(include_bytes!("sandbox_only_keys/4.pk8")),
        key(include_bytes!("sandbox_only_keys/5.pk8")),
    ]
});

#[expect(clippy::expect_used, reason = "the keys are part of the program, and tests load them")]
fn key(bytes: &[u8]) -> RsaKeyPair {
    RsaKeyPair::from_pkcs8(bytes).expect("a key that ships with the sandbox")
}

/// A signed token: the issuer's newest key over these claims.
#[expect(clippy::expect_used, reason = "signing with a loaded key only fails without memory")]
pub(crate) fn jwt(world: &World, issuer: &str, claims: &Value) -> String {
    let generation = world.generation(issuer).number;
    let header = json!({ "alg": "RS256", "typ": "JWT", "kid": kid(issuer, generation) });
    let encode = |part: &Value| URL_SAFE_NO_PAD.encode(part.to_string());
    let signed = format!("{}.{}", encode(&header), encode(claims));
    let pair = pair(issuer, generation);
    let mut signature = vec![0; pair.public().modulus_len()];
    pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed.as_bytes(), &mut signature)
        .expect("a signature with a key that ships with the sandbox");
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// The issuer's key set: the newest key, and the one before while it is published.
pub(crate) fn key_set(world: &World, issuer: &str) -> Value {
    let Generation { number, old_published } = world.generation(issuer);
    let old = number.checked_sub(1).filter(|_| old_published);
    let keys: Vec<Value> = std::iter::once(number).chain(old).map(|n| public(issuer, n)).collect();
    json!({ "keys": keys })
}

fn public(issuer: &str, generation: usize) -> Value {
    let PublicKeyComponents::<Vec<u8>> { n, e } = pair(issuer, generation).public().into();
    json!({
        "kty": "RSA",
        "use": "sig",
        "alg": "RS256",
        "kid": kid(issuer, generation),
        "n": URL_SAFE_NO_PAD.encode(n),
        "e": URL_SAFE_NO_PAD.encode(e),
    })
}

fn kid(issuer: &str, generation: usize) -> String {
    format!("sandbox-{issuer}-{}", generation.saturating_add(1))
}

fn pair(issuer: &str, generation: usize) -> &'static RsaKeyPair {
    let [google, next_google, clerk, next_clerk, cognito, next_cognito] = &*KEYS;
    match (issuer, generation % 2) {
        ("google", 0) => google,
        ("google", _) => next_google,
        ("clerk", 0) => clerk,
        ("clerk", _) => next_clerk,
        (_, 0) => cognito,
        (_, _) => next_cognito,
    }
}
