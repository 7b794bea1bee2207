//! AWS Signature Version 4, verified as AWS verifies it.

use std::fmt::Write as _;

use axum::body::Bytes;
use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, Uri};
use chrono::NaiveDateTime;
use ring::hmac;
use sha2::{Digest, Sha256};
use url::form_urlencoded;

use super::wire::Refused;
use crate::clock;
use crate::identity::form::header;
use crate::x::oauth::Client;

/// How far the signer's clock may be off, in seconds. The machine's clock counts, not the
/// sandbox's: the signer knows no other.
const TOLERANCE: i64 = 300;

/// The parts of the `Authorization` header.
#[derive(Debug)]
struct Claim<'a> {
    access_key: &'a str,
    scope: &'a str,
    day: &'a str,
    signed: Vec<&'a str>,
    signature: &'a str,
}

impl<'a> Claim<'a> {
    fn read(text: &'a str) -> Option<Self> {
        let rest = text.strip_prefix("AWS4-HMAC-SHA256")?.trim();
        let part = |name: &str| {
            rest.split(',').find_map(|part| part.trim().strip_prefix(name)?.strip_prefix('='))
        };
        let (access_key, scope) = part("Credential")?.split_once('/')?;
        let day = scope.split('/').next()?;
        let signed = part("SignedHeaders")?.split(';').collect();
        Some(Self { access_key, scope, day, signed, signature: part("Signature")? })
    }
}

/// Refuses whatever is not signed with one of these keys, for this region and this service.
pub(crate) fn verify(
    keys: &[Client],
    region: &str,
    (uri, headers, body): (&Uri, &HeaderMap, &Bytes),
) -> Result<(), Refused> {
    let Some(text) = header(headers, AUTHORIZATION.as_str()) else {
        let text = "Missing Authentication Token";
        return Err(Refused::new("MissingAuthenticationTokenException", text));
    };
    let incomplete = |text: &str| Refused::new("IncompleteSignatureException", text);
    let claim = Claim::read(text).ok_or_else(|| {
        incomplete("Authorization header requires 'Credential', 'SignedHeaders' and 'Signature'.")
    })?;
    let date = header(headers, "x-amz-date")
        .ok_or_else(|| incomplete("Authorization header requires existence of 'X-Amz-Date'."))?;
    let key = keys.iter().find(|key| key.id == claim.access_key);
    let Some(secret) = key.and_then(|key| key.secret.as_deref()) else {
        let text = "The security token included in the request is invalid.";
        return Err(Refused::new("UnrecognizedClientException", text));
    };
    let invalid = |text: &str| Refused::new("InvalidSignatureException", text);
    if claim.scope != format!("{}/{region}/cognito-idp/aws4_request", claim.day) {
        return Err(invalid("Credential should be scoped to a valid region and service."));
    }
    if !claim.signed.contains(&"host") || !date.starts_with(claim.day) {
        return Err(invalid("'Host' must be a signed header, and the dates must agree."));
    }
    let at = NaiveDateTime::parse_from_str(date, "%Y%m%dT%H%M%SZ")
        .map_err(|_| incomplete("Date must be in ISO-8601 'basic format'."))?;
    let off = clock::now(0).div_euclid(1000).saturating_sub(at.and_utc().timestamp());
    if off.abs() > TOLERANCE {
        return Err(invalid(&format!("Signature expired: {date} is too far from now")));
    }
    let expected = signature(&claim, secret, date, &canonical(&claim, uri, headers, body));
    if expected == claim.signature {
        return Ok(());
    }
    Err(invalid(
        "The request signature we calculated does not match the signature you provided. Check \
         your AWS Secret Access Key and signing method. Consult the service documentation for \
         details.",
    ))
}

/// The request as both sides write it down.
fn canonical(claim: &Claim<'_>, uri: &Uri, headers: &HeaderMap, body: &[u8]) -> String {
    let mut pairs: Vec<(String, String)> =
        form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes())
            .map(|(name, value)| (escaped(&name), escaped(&value)))
            .collect();
    pairs.sort();
    let query: Vec<String> =
        pairs.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
    let path: Vec<String> = uri.path().split('/').map(escaped).collect();
    let lines = claim.signed.iter().fold(String::new(), |mut lines, name| {
        let values = headers.get_all(*name).iter().filter_map(|value| value.to_str().ok());
        let plain = |value: &str| value.split_whitespace().collect::<Vec<_>>().join(" ");
        let _ = writeln!(lines, "{name}:{}", values.map(plain).collect::<Vec<_>>().join(","));
        lines
    });
    format!(
        "POST\n{path}\n{query}\n{lines}\n{signed}\n{payload}",
        path = path.join("/"),
        query = query.join("&"),
        signed = claim.signed.join(";"),
        payload = hex(&Sha256::digest(body)),
    )
}

fn signature(claim: &Claim<'_>, secret: &str, date: &str, canonical: &str) -> String {
    let keyed = |key: &[u8], text: &str| {
        hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), text.as_bytes()).as_ref().to_vec()
    };
    let first = format!("AWS4{secret}").into_bytes();
    let key = claim.scope.split('/').fold(first, |key, part| keyed(&key, part));
    let hash = hex(&Sha256::digest(canonical.as_bytes()));
    hex(&keyed(&key, &format!("AWS4-HMAC-SHA256\n{date}\n{}\n{hash}", claim.scope)))
}

/// Percent-encoding in which only the unreserved letters stay as they are.
fn escaped(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
        out
    })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
