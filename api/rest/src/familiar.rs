//! What a browser keeps of a sign-in with a password, so that strangers who try the same name do not
//! keep its owner out.

use crate::{Rest, asking::Calling};
use axum::{
    Json,
    extract::FromRequestParts,
    http::{HeaderMap, HeaderValue, header, request::Parts},
    response::{IntoResponse as _, Response},
};
use herald_application::sign_in::{Asks, FAMILIAR_FOR, PasswordStep};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use std::convert::Infallible;

/// The cookie's name.
const KEPT: &str = "herald_familiar";
/// The longest that is read.
const LONGEST: usize = 256;

/// Who tries something with a name.
pub(crate) struct Trying(pub(crate) Asks);

impl FromRequestParts<Rest> for Trying {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, rest: &Rest) -> Result<Self, Infallible> {
        let Calling(whence) = Calling::from_request_parts(parts, rest).await?;
        Ok(Self(Asks { whence, kept: kept(&parts.headers, &rest.named(KEPT)) }))
    }
}

/// The answer, with what the device is to keep once somebody is signed in.
pub(crate) fn known_again(rest: &Rest, step: &PasswordStep, body: Json<Value>) -> Response {
    let mut response = body.into_response();
    let PasswordStep::Done(_, kept) = step else { return response };
    let secure = if rest.is_secure() { "; Secure" } else { "" };
    let (name, kept, seconds) = (rest.named(KEPT), kept.expose_secret(), FAMILIAR_FOR.as_secs());
    let cookie =
        format!("{name}={kept}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}");
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    response
}

impl Rest {
    /// A cookie's name; the prefix makes browsers bind it to this host and to TLS.
    fn named(&self, name: &str) -> String {
        if self.is_secure() { format!("__Host-{name}") } else { name.to_owned() }
    }

    fn is_secure(&self) -> bool {
        self.cookie.starts_with("__Host-")
    }
}

/// The one cookie of this name.
fn kept(headers: &HeaderMap, name: &str) -> Option<SecretString> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.split_once('='));
    let mut found = pairs.filter(|(key, _)| key.trim() == name).map(|(_, value)| value.trim());
    match (found.next(), found.next()) {
        (Some(value), None) if (1..=LONGEST).contains(&value.len()) => {
            Some(SecretString::from(value))
        }
        _ => None,
    }
}
