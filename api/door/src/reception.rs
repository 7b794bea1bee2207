//! The one door of an installation: it knows sessions, tokens and keys, and whose they are.

use crate::{Charge, Credential, Door, Knock, Limited, TurnedAway, Visitor};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use herald_application::{
    desk::Desk,
    keys::{self, Denied},
    limits::{self, Entrance, Exceeded, Stopped, Tally},
    sign_in::{self, Admitted},
};
use secrecy::ExposeSecret as _;
use std::{net::IpAddr, sync::Arc};

/// A request is worth one call for each so many fields.
const FIELDS_A_CALL: usize = 100;

/// Lets people in by the sessions that this installation gave them and by the tokens of issuers whom
/// it trusts, and programs by their keys.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "a bundle of ports has nothing to print")]
pub struct Reception {
    desk: Arc<Desk>,
}

impl Reception {
    /// A door that knows the sessions of `desk`.
    #[must_use]
    pub const fn new(desk: Arc<Desk>) -> Self {
        Self { desk }
    }
}

/// How many calls a request is worth: one for each hundred fields that it selects, or part of it.
fn calls(fields: usize) -> u32 {
    u32::try_from(fields.div_ceil(FIELDS_A_CALL)).unwrap_or(u32::MAX).max(1)
}

/// The headers that tell where a caller stands.
fn told(tally: &Tally) -> HeaderMap {
    let values = [("ratelimit-policy", tally.policies()), ("ratelimit", tally.limits())];
    let header = |(name, value): (&'static str, Option<String>)| {
        Some((HeaderName::from_static(name), HeaderValue::try_from(value?).ok()?))
    };
    values.into_iter().filter_map(header).collect()
}

fn stopped(stopped: Stopped) -> TurnedAway {
    match stopped {
        Stopped::Exceeded(Exceeded { tally, violated, retry_after }) => {
            let headers = told(&tally);
            TurnedAway::Limited(Box::new(Limited { violated, retry_after, headers }))
        }
        Stopped::Failed(failure) => {
            tracing::warn!(code = failure.code(), ?failure, "calls cannot be counted");
            TurnedAway::Unavailable
        }
    }
}

impl Reception {
    /// Whoever tries credentials out is counted as nobody, and at some point stopped.
    fn stranger(&self, source: Option<IpAddr>, reason: TurnedAway) -> TurnedAway {
        let charge = |source| limits::charge_stranger(&self.desk, Entrance::Nobody, source);
        match source.map(charge) {
            Some(Err(too_many)) if reason == TurnedAway::BadCredential => stopped(too_many),
            Some(_) | None => reason,
        }
    }
}

#[async_trait::async_trait]
impl Door for Reception {
    type Visitor = Visitor;

    async fn admit(&self, knock: Knock) -> Result<Visitor, TurnedAway> {
        let Knock { credential, account, request, source } = knock;
        let visitor = Visitor { account, source, request, ..Visitor::default() };
        let (session, admitted) = match credential {
            None => return Ok(visitor),
            Some(Credential::Bearer(key)) if key.expose_secret().starts_with(keys::PREFIX) => {
                let pass = keys::authenticate(&self.desk, &key, source).await.map_err(turned);
                let pass = pass.map_err(|reason| self.stranger(source, reason))?;
                return Ok(Visitor { pass: Some(pass), ..visitor });
            }
            // A browser's cookie is a session of our own and nothing else.
            Some(Credential::Cookie(session)) => {
                let person = sign_in::person_of(&self.desk, &session).await;
                (session, person.map(|person| person.map_or(Admitted::Refused, Admitted::As)))
            }
            Some(Credential::Bearer(token)) => {
                let admitted = sign_in::admit(&self.desk, &token, source).await;
                (token, admitted)
            }
        };
        match admitted {
            Ok(Admitted::As(person)) => {
                let operator = sign_in::operates(&self.desk, &person);
                let (person, session) = (Some(person), Some(session));
                Ok(Visitor { person, session, operator, ..visitor })
            }
            Ok(Admitted::Refused) => Err(self.stranger(source, TurnedAway::BadCredential)),
            Err(failure) => {
                tracing::warn!(code = failure.code(), ?failure, "sign-in does not answer");
                Err(TurnedAway::Unavailable)
            }
        }
    }

    fn is_signed_in(&self, visitor: &Visitor) -> bool {
        visitor.person.is_some() || visitor.pass.is_some()
    }

    /// A program is counted by its key, its account and the month; a person by themselves; nobody
    /// in particular by their address.
    async fn charge(&self, visitor: &Visitor, of: Charge<'_>) -> Result<HeaderMap, TurnedAway> {
        let tally = match (&visitor.pass, &visitor.person) {
            (Some(pass), _) => {
                limits::charge_key(&self.desk, pass, of.operation, calls(of.fields)).await
            }
            (None, Some(person)) => limits::charge_person(&self.desk, person.identity),
            (None, None) => match visitor.source {
                Some(source) => {
                    limits::charge_stranger(&self.desk, Entrance::Nobody, source)
                        // Strangers are stopped, but told nothing.
                        .map(|_| Tally::default())
                }
                None => Ok(Tally::default()),
            },
        };
        tally.map(|tally| told(&tally)).map_err(stopped)
    }
}

/// What a caller whose key is refused gets to know: next to nothing.
fn turned(denied: Denied) -> TurnedAway {
    match denied {
        Denied::Refused(verdict) if verdict.is_unauthenticated() => TurnedAway::BadCredential,
        Denied::Refused(_) => TurnedAway::Elsewhere,
        Denied::Failed(failure) => {
            tracing::warn!(code = failure.code(), ?failure, "keys cannot be looked up");
            TurnedAway::Unavailable
        }
    }
}
