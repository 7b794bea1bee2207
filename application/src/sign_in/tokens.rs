//! Bearer tokens: our own sessions, and what trusted issuers signed.

use super::{Whence, log::note_failed, person_of};
use crate::{caller::Person, desk::Desk, failure::Failure, ports::TokenRefused};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use std::net::IpAddr;

/// The longest token whose claims are read although it is refused.
const LONGEST: usize = 8 * 1024;

/// Whether a bearer is let in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Admitted {
    /// As this person.
    As(Person),
    /// No. Why is not said to the caller: each reason would help whoever forges.
    Refused,
}

/// Whose bearer token it is. A session has no dots, a signed token has two; neither is ever tried
/// as the other. Nobody outside is asked: issuers' keys are known beforehand.
pub async fn admit(
    desk: &Desk,
    bearer: &SecretString,
    source: Option<IpAddr>,
) -> Result<Admitted, Failure> {
    let dots = bearer.expose_secret().bytes().filter(|byte| *byte == b'.').count();
    if dots != 2 {
        let person = person_of(desk, bearer).await?;
        return Ok(person.map_or(Admitted::Refused, Admitted::As));
    }
    let Some(tokens) = &desk.business.tokens else { return Ok(Admitted::Refused) };
    match tokens.verify(bearer, desk.clock.now()).await {
        Ok(token) => Ok(Admitted::As(Person::of(&token.issuer, &token.subject))),
        Err(TokenRefused::Unavailable) => {
            Err(Failure::Unavailable(TokenRefused::Unavailable.to_string()))
        }
        Err(refused) => {
            metrics::counter!("herald_token_refused_total", "reason" => refused.code())
                .increment(1);
            tracing::debug!(reason = refused.code(), "a token was refused");
            if is_an_attempt(refused)
                && let Some(person) = claimed(bearer)
            {
                note_failed(desk, &person, &Whence { address: source, ..Whence::default() }).await;
            }
            Ok(Admitted::Refused)
        }
    }
}

/// Did somebody try what the issuer does not stand behind? Tokens grow old every day, and a session
/// that waits for a task is the person's own.
const fn is_an_attempt(refused: TokenRefused) -> bool {
    match refused {
        TokenRefused::Algorithm
        | TokenRefused::UnknownKey
        | TokenRefused::Signature
        | TokenRefused::Audience
        | TokenRefused::AuthorizedParty
        | TokenRefused::Use
        | TokenRefused::Nonce => true,
        TokenRefused::Malformed
        | TokenRefused::Expired
        | TokenRefused::NotYet
        | TokenRefused::Issuer
        | TokenRefused::Pending
        | TokenRefused::Unavailable => false,
    }
}

/// As whom a refused token would have been taken. Nothing of it is proven: it tells whose log says so.
fn claimed(bearer: &SecretString) -> Option<Person> {
    #[derive(Deserialize)]
    struct Claims {
        iss: String,
        sub: String,
    }
    let text = bearer.expose_secret();
    let body = text.split('.').nth(1).filter(|_| text.len() <= LONGEST)?;
    let claims: Claims = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(body).ok()?).ok()?;
    Some(Person::of(&claims.iss, &claims.sub))
}
