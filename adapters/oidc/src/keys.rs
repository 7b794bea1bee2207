//! An issuer's published keys, each for one algorithm: its own.

use crate::jwt::Jwt;
use herald_application::ports::TokenRefused;
use jsonwebtoken::{Algorithm, DecodingKey, crypto};
use serde::Deserialize;

/// More keys than this nobody publishes.
const MOST: usize = 64;

/// The keys that tokens may be signed with.
#[derive(Default)]
pub(crate) struct Keys(Vec<Key>);

struct Key {
    id: Option<String>,
    algorithm: Algorithm,
    public: DecodingKey,
}

#[derive(Deserialize)]
struct Published {
    keys: Vec<serde_json::Value>,
}

/// RFC 7517 and 7518, as far as public keys for signatures go.
#[derive(Deserialize)]
struct Jwk {
    kty: String,
    kid: Option<String>,
    alg: Option<String>,
    #[serde(rename = "use")]
    purpose: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

impl Keys {
    /// Reads a key set. Keys that are not for signatures, or of a kind unknown here, are left out;
    /// a set without any usable key is none.
    pub(crate) fn read(body: &[u8]) -> Option<Self> {
        let published: Published = serde_json::from_slice(body).ok()?;
        let keys: Vec<Key> = published
            .keys
            .into_iter()
            .take(MOST)
            .filter_map(|key| Key::read(&serde_json::from_value(key).ok()?))
            .collect();
        (!keys.is_empty()).then_some(Self(keys))
    }

    pub(crate) const fn count(&self) -> usize {
        self.0.len()
    }

    /// Is `jwt` signed by the key that it names? A token without a key's name may only stand where
    /// there is no choice.
    pub(crate) fn prove(&self, jwt: &Jwt<'_>) -> Result<(), TokenRefused> {
        let fits = |key: &&Key| key.algorithm == jwt.algorithm;
        let mut named = self.0.iter().filter(|key| jwt.kid.is_none() || key.id == jwt.kid);
        let key = if jwt.kid.is_some() {
            let same: Vec<&Key> = named.collect();
            if same.is_empty() {
                return Err(TokenRefused::UnknownKey);
            }
            same.into_iter().find(fits).ok_or(TokenRefused::Algorithm)?
        } else {
            let first = named.find(fits).ok_or(TokenRefused::UnknownKey)?;
            if named.any(|key| fits(&key)) {
                return Err(TokenRefused::UnknownKey);
            }
            first
        };
        match crypto::verify(jwt.signature, jwt.signed.as_bytes(), &key.public, key.algorithm) {
            Ok(true) => Ok(()),
            Ok(false) | Err(_) => Err(TokenRefused::Signature),
        }
    }
}

impl Key {
    fn read(jwk: &Jwk) -> Option<Self> {
        if jwk.purpose.as_deref().is_some_and(|purpose| purpose != "sig") {
            return None;
        }
        let (algorithm, name, key) = match (jwk.kty.as_str(), jwk.crv.as_deref()) {
            ("RSA", _) => {
                let key = DecodingKey::from_rsa_components(jwk.n.as_deref()?, jwk.e.as_deref()?);
                (Algorithm::RS256, "RS256", key)
            }
            ("EC", Some("P-256")) => {
                let key = DecodingKey::from_ec_components(jwk.x.as_deref()?, jwk.y.as_deref()?);
                (Algorithm::ES256, "ES256", key)
            }
            ("OKP", Some("Ed25519")) => {
                let key = DecodingKey::from_ed_components(jwk.x.as_deref()?);
                (Algorithm::EdDSA, "EdDSA", key)
            }
            _ => return None,
        };
        if jwk.alg.as_deref().is_some_and(|alg| alg != name) {
            return None;
        }
        Some(Self { id: jwk.kid.clone(), algorithm, public: key.ok()? })
    }
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} keys", self.0.len())
    }
}
