//! Who asks: the transport says which person, this finds out as whom they act and in which account.

use super::{
    fault::{Fault, Result},
    reads::{KnownAccount, KnownConnections},
};
use crate::http::{Charge, Credential, Door, Knock, Limited, TurnedAway};
use async_graphql::{Context, Data};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use herald_application::{
    caller::{Caller, Person},
    desk::Desk,
    failure::Failure,
    keys::{self, Denied, Pass},
    limits::{self, Entrance, Exceeded, Stopped, Tally},
    log::Via,
    ports::Ordinal,
    sign_in::{self, Admitted},
};
use herald_kernel::{AccountId, Instant};
use secrecy::{ExposeSecret as _, SecretString};
use std::{net::IpAddr, sync::Arc};
use tokio::sync::Mutex;
use uuid::Uuid;

/// A request is worth one call for each so many fields.
const FIELDS_A_CALL: usize = 100;

/// What the transport knows of who asks. It puts one into every request.
#[derive(Debug, Clone, Default)]
pub struct Visitor {
    /// The signed-in person; `None` is nobody in particular.
    pub person: Option<Person>,
    /// The session by which they are signed in.
    pub session: Option<SecretString>,
    /// Does that person operate the installation? A program never does, whoever issued its key.
    pub operator: bool,
    /// What a program with an API key may do.
    pub pass: Option<Pass>,
    /// The account that they want to act in, where they take part in several.
    pub account: Option<String>,
    /// Where they call from, where that can be told.
    pub source: Option<IpAddr>,
    /// Names the request in logs and in the audit log.
    pub request: Uuid,
}

/// What one request has found out so far, so that its resolvers need not ask again.
///
/// It holds for as long as the views stand still: a mutation between two reads makes them ask anew.
#[derive(Debug, Default)]
pub(crate) struct Known {
    caller: Mutex<Option<(Ordinal, Caller)>>,
    pub(crate) account: Mutex<KnownAccount>,
    pub(crate) connections: Mutex<KnownConnections>,
}

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

    fn furnish(&self, _: &Visitor, data: &mut Data) {
        data.insert(Known::default());
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

/// The desk that everything is done at.
pub(crate) fn desk<'c>(ctx: &Context<'c>) -> Result<&'c Arc<Desk>> {
    ctx.data_opt::<Arc<Desk>>()
        .ok_or_else(|| Fault::internal("the schema was built without a desk"))
}

/// The person who asks. Nobody in particular is refused here, before anything is looked at.
pub(crate) fn person<'c>(ctx: &Context<'c>) -> Result<(&'c Visitor, &'c Person)> {
    let visitor = ctx.data_opt::<Visitor>().ok_or_else(Fault::unauthenticated)?;
    if visitor.pass.is_some() {
        return Err(Fault::new("FORBIDDEN", "this is for people; an API key cannot do it"));
    }
    let person = visitor.person.as_ref().ok_or_else(Fault::unauthenticated)?;
    Ok((visitor, person))
}

/// On whose behalf the request acts. Every root goes through here.
pub(crate) async fn caller(ctx: &Context<'_>) -> Result<Caller> {
    if let Some((visitor, pass)) = key(ctx) {
        return by_key(visitor, pass);
    }
    let (visitor, person) = person(ctx)?;
    let desk = desk(ctx)?;
    let Some(known) = ctx.data_opt::<Known>() else {
        return find(desk, visitor, person).await;
    };
    let mut known = known.caller.lock().await;
    let covered = desk.progress.covered();
    match &*known {
        Some((then, caller)) if *then == covered => Ok(caller.clone()),
        _ => {
            let caller = find(desk, visitor, person).await?;
            *known = Some((covered, caller.clone()));
            Ok(caller)
        }
    }
}

/// The program that asks, if one does.
fn key<'c>(ctx: &Context<'c>) -> Option<(&'c Visitor, &'c Pass)> {
    let visitor = ctx.data_opt::<Visitor>()?;
    Some((visitor, visitor.pass.as_ref()?))
}

fn by_key(visitor: &Visitor, pass: &Pass) -> Result<Caller> {
    let caller = pass.caller(named(visitor)?, Via::Graphql, visitor.request);
    Ok(caller.ok_or(sign_in::Unplaced::NotAMember)?)
}

/// Makes sure that a program that was let in a while ago still would be.
pub(crate) async fn recheck(desk: &Desk, visitor: &Visitor, pass: &Pass) -> Result<Caller> {
    match keys::recheck(desk, pass).await {
        Ok(pass) => by_key(visitor, &pass),
        Err(Denied::Refused(_)) => Err(Fault::unauthenticated()),
        Err(Denied::Failed(failure)) => Err(failure.into()),
    }
}

/// The operator who asks for `operation`. Whoever is none learns nothing else.
pub(crate) fn operator<'c>(
    ctx: &Context<'c>,
    operation: &'static str,
) -> Result<(&'c Visitor, &'c Person)> {
    let (visitor, person) = person(ctx)?;
    if visitor.operator {
        Ok((visitor, person))
    } else {
        Err(Failure::Forbidden { action: operation }.into())
    }
}

/// When the person who asks signed in, if a session says so.
pub(crate) async fn signed_in_at(ctx: &Context<'_>) -> Result<Option<Instant>> {
    let (visitor, _) = person(ctx)?;
    let Some(session) = &visitor.session else { return Ok(None) };
    Ok(keys::signed_in_at(desk(ctx)?, session).await?)
}

/// The account that the request names. What is no id names no account of theirs.
fn named(visitor: &Visitor) -> Result<Option<AccountId>, sign_in::Unplaced> {
    let named = visitor.account.as_deref().map(str::parse::<AccountId>).transpose();
    named.map_err(|_| sign_in::Unplaced::NotAMember)
}

async fn find(desk: &Desk, visitor: &Visitor, person: &Person) -> Result<Caller> {
    let named = named(visitor)?;
    caller_in(desk, visitor, person, named).await
}

/// On whose behalf the request acts in a certain account.
pub(crate) async fn caller_in(
    desk: &Desk,
    visitor: &Visitor,
    person: &Person,
    account: Option<AccountId>,
) -> Result<Caller> {
    Ok(sign_in::caller(desk, person, account, Via::Graphql, visitor.request).await?)
}
