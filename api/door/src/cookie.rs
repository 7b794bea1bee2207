//! Cookies: read where they are not ambiguous, and taken back.

use axum::http::{
    HeaderMap, HeaderName, HeaderValue,
    header::{COOKIE, SET_COOKIE},
};
use secrecy::SecretString;

/// One cookie of a request. Twice the same name is no credential: one of them is not ours.
#[must_use]
pub fn cookie(headers: &HeaderMap, name: &str) -> Option<SecretString> {
    let pairs = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    let pairs = pairs.flat_map(|value| value.split(';')).filter_map(|pair| pair.split_once('='));
    let mut found = pairs.filter(|(key, _)| key.trim() == name).map(|(_, value)| value.trim());
    match (found.next(), found.next()) {
        (Some(value), None) if !value.is_empty() => Some(SecretString::from(value)),
        _ => None,
    }
}

/// Has a browser drop the session cookie of this name. It says what was said when the cookie was
/// set: under TLS browsers listen to nothing less.
#[must_use]
pub fn dropped(cookie: &str) -> Option<(HeaderName, HeaderValue)> {
    let secure = if cookie.starts_with("__Host-") { "; Secure" } else { "" };
    let gone = format!("{cookie}=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0{secure}");
    Some((SET_COOKIE, HeaderValue::from_str(&gone).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_that_comes_twice_is_none() {
        let mut headers = HeaderMap::new();
        headers.insert(COOKIE, HeaderValue::from_static("a=1; herald_signing_in=x"));
        assert!(cookie(&headers, "herald_signing_in").is_some());
        headers.append(COOKIE, HeaderValue::from_static("herald_signing_in=y"));
        assert!(cookie(&headers, "herald_signing_in").is_none());
    }
}
