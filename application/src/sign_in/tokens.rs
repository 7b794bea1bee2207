//! Bearer tokens: our own sessions, and what trusted issuers signed.

use super::person_of;
use crate::{caller::Person, desk::Desk, failure::Failure, ports::TokenRefused};
use secrecy::{ExposeSecret as _, SecretString};

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
pub async fn admit(desk: &Desk, bearer: &SecretString) -> Result<Admitted, Failure> {
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
            Ok(Admitted::Refused)
        }
    }
}
