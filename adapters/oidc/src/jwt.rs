//! A token taken apart: three parts, a header that says little, claims that say nothing twice.

use crate::strict;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use herald_application::ports::TokenRefused;
use herald_kernel::Instant;
use jsonwebtoken::Algorithm;
use serde_json::{Map, Value};

/// Longer tokens are not looked at: headers of this size do not reach us either.
const LONGEST: usize = 16 * 1024;

/// A token before anything of it is believed.
#[derive(Debug)]
pub(crate) struct Jwt<'a> {
    /// What the signature is over.
    pub(crate) signed: &'a str,
    pub(crate) signature: &'a str,
    pub(crate) algorithm: Algorithm,
    pub(crate) kid: Option<String>,
    pub(crate) claims: Claims,
}

impl<'a> Jwt<'a> {
    /// Takes `token` apart. `none`, shared secrets and algorithms without an issuer's key end here.
    pub(crate) fn parse(token: &'a str) -> Result<Self, TokenRefused> {
        if token.len() > LONGEST {
            return Err(TokenRefused::Malformed);
        }
        let (signed, signature) = token.rsplit_once('.').ok_or(TokenRefused::Malformed)?;
        let (header, payload) = signed.split_once('.').ok_or(TokenRefused::Malformed)?;
        let header = decoded(header)?;
        // Whatever is critical to the signer is unknown to us.
        if header.contains_key("crit") {
            return Err(TokenRefused::Malformed);
        }
        let algorithm = match header.get("alg").and_then(Value::as_str) {
            Some("RS256") => Algorithm::RS256,
            Some("ES256") => Algorithm::ES256,
            Some("EdDSA") => Algorithm::EdDSA,
            Some(_) => return Err(TokenRefused::Algorithm),
            None => return Err(TokenRefused::Malformed),
        };
        let kid = match header.get("kid") {
            None => None,
            Some(Value::String(kid)) => Some(kid.clone()),
            Some(_) => return Err(TokenRefused::Malformed),
        };
        Ok(Self { signed, signature, algorithm, kid, claims: Claims(decoded(payload)?) })
    }
}

fn decoded(part: &str) -> Result<Map<String, Value>, TokenRefused> {
    let bytes = URL_SAFE_NO_PAD.decode(part).map_err(|_| TokenRefused::Malformed)?;
    strict::object(&bytes).ok_or(TokenRefused::Malformed)
}

/// What a token claims.
#[derive(Debug)]
pub(crate) struct Claims(pub(crate) Map<String, Value>);

impl Claims {
    /// A claim that is a text with something in it.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str().filter(|text| !text.is_empty())
    }

    pub(crate) fn owned(&self, name: &str) -> Option<String> {
        self.text(name).map(str::to_owned)
    }

    /// A point in time, in seconds since 1970, perhaps with a fraction, which is dropped.
    pub(crate) fn time(&self, name: &str) -> Result<Option<Instant>, TokenRefused> {
        let Some(value) = self.0.get(name) else { return Ok(None) };
        let number = value.as_number().ok_or(TokenRefused::Malformed)?.to_string();
        let whole = number.split('.').next().unwrap_or_default();
        let micros = whole.parse::<i64>().ok().and_then(|seconds| seconds.checked_mul(1_000_000));
        micros.and_then(Instant::from_micros).map(Some).ok_or(TokenRefused::Malformed)
    }

    /// `aud`, which is one text or several.
    pub(crate) fn audiences(&self) -> Vec<&str> {
        match self.0.get("aud") {
            Some(Value::String(one)) => vec![one],
            Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        }
    }

    /// A yes that some issuers write as a text.
    pub(crate) fn yes(&self, name: &str) -> bool {
        match self.0.get(name) {
            Some(Value::Bool(yes)) => *yes,
            Some(Value::String(text)) => text == "true",
            _ => false,
        }
    }
}
