//! Who asks, and how: whom the door let in, and what every command takes beside its input.

use crate::{
    Rest,
    problem::{Answer, Problem},
};
use axum::{
    Json,
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Request},
    http::{HeaderMap, StatusCode, header, request::Parts},
};
use herald_application::{
    caller::{Caller, Person},
    desk::Desk,
    execute::{Receipt, Request as Asked, UseCase},
    keys::Pass,
    log::Via,
    sign_in::{self, Unplaced, Whence},
};
use herald_door::{RequestId, Source, Visitor};
use herald_kernel::AccountId;
use serde::de::DeserializeOwned;
use std::convert::Infallible;
use uuid::Uuid;

/// Names a request, so that repeating it changes nothing.
const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// On whose behalf a request acts.
pub(crate) struct Asking {
    pub(crate) caller: Caller,
    key: String,
}

impl Asking {
    /// Carries a use case out under the request's key.
    pub(crate) async fn carry_out<U: UseCase>(
        &self,
        rest: &Rest,
        use_case: U,
    ) -> Answer<Receipt<U::Answer>> {
        let request = Asked { idempotency_key: self.key.clone(), expected_version: None };
        Ok(rest.desk.carry_out(&self.caller, request, use_case).await?)
    }

    /// As [`Self::carry_out`]; waits until the views show what was written.
    pub(crate) async fn carry_through<U: UseCase>(
        &self,
        rest: &Rest,
        use_case: U,
    ) -> Answer<U::Answer> {
        let receipt = self.carry_out(rest, use_case).await?;
        if let Some(token) = receipt.token {
            rest.desk.await_token(token).await?;
        }
        Ok(receipt.answer)
    }
}

impl FromRequestParts<Rest> for Asking {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, rest: &Rest) -> Result<Self, Problem> {
        let caller = caller(&rest.desk, parts).await?;
        let (_, request) = visitor(parts);
        Ok(Self { caller, key: idempotency_key(&parts.headers, request)? })
    }
}

/// On whose behalf a request acts that [`admit`](crate::admit) has let in: a person, or a program
/// with a key.
pub async fn caller(desk: &Desk, parts: &Parts) -> Answer<Caller> {
    let (visitor, request) = visitor(parts);
    let named = visitor.account.as_deref().map(str::parse::<AccountId>).transpose();
    let named = named.map_err(|_| Unplaced::NotAMember)?;
    match (&visitor.pass, &visitor.person) {
        (Some(pass), _) => {
            Ok(pass.caller(named, Via::Rest, request).ok_or(Unplaced::NotAMember)?)
        }
        (None, Some(person)) => Ok(sign_in::caller(desk, person, named, Via::Rest, request).await?),
        (None, None) => Err(nobody()),
    }
}

/// Whoever is let in, in whatever account.
pub(crate) enum Somebody {
    /// A signed-in person.
    Person(Person),
    /// A program with an API key.
    Program(Pass),
}

impl FromRequestParts<Rest> for Somebody {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Rest) -> Result<Self, Problem> {
        let (visitor, _) = visitor(parts);
        match (visitor.pass, visitor.person) {
            (Some(pass), _) => Ok(Self::Program(pass)),
            (None, Some(person)) => Ok(Self::Person(person)),
            (None, None) => Err(nobody()),
        }
    }
}

/// A signed-in person who acts in no account yet.
pub(crate) struct Newcomer {
    pub(crate) person: Person,
    pub(crate) key: String,
    pub(crate) request: Uuid,
}

impl FromRequestParts<Rest> for Newcomer {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Rest) -> Result<Self, Problem> {
        let (visitor, request) = visitor(parts);
        let key = idempotency_key(&parts.headers, request)?;
        match (visitor.pass, visitor.person) {
            (Some(_), _) => {
                let detail = "a key acts in its own account; a signed-in person opens one";
                Err(Problem::new(StatusCode::FORBIDDEN, "FORBIDDEN", detail))
            }
            (None, Some(person)) => Ok(Self { person, key, request }),
            (None, None) => Err(nobody()),
        }
    }
}

/// Where a request comes from, as far as that is known.
pub(crate) struct Calling(pub(crate) Whence);

impl FromRequestParts<Rest> for Calling {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &Rest) -> Result<Self, Infallible> {
        let agent = parts.headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
        let source = parts.extensions.get::<Source>().map(|source| source.0);
        Ok(Self(Whence::of(agent, source)))
    }
}

/// Whom the door has let in, and the request's name.
fn visitor(parts: &Parts) -> (Visitor, Uuid) {
    let request = parts.extensions.get::<RequestId>().map_or_else(Uuid::nil, |id| id.0);
    (parts.extensions.get::<Visitor>().cloned().unwrap_or_default(), request)
}

fn nobody() -> Problem {
    let detail = "send `Authorization: Bearer …` with an API key or a session";
    Problem::new(StatusCode::UNAUTHORIZED, "UNAUTHENTICATED", detail)
}

/// Without a key of the caller's the request's own name is one: it is then followed once, and a
/// repetition is another request.
fn idempotency_key(headers: &HeaderMap, request: Uuid) -> Answer<String> {
    let Some(key) = headers.get(IDEMPOTENCY_KEY) else { return Ok(request.to_string()) };
    let key = key.to_str().ok().filter(|key| !key.is_empty());
    let problem = || Problem::invalid("Idempotency-Key", "a key is visible ASCII, not empty");
    key.map(ToOwned::to_owned).ok_or_else(problem)
}

/// A JSON body, read strictly. An absent one is an empty object.
pub(crate) struct Input<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<Rest> for Input<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, rest: &Rest) -> Result<Self, Problem> {
        let is_json = is_json(request.headers());
        let body = Bytes::from_request(request, rest).await.map_err(|error| {
            Problem::new(error.status(), "BODY_NOT_READ", "the body is too large, or broke off")
        })?;
        if !body.is_empty() && !is_json {
            let detail = "send `Content-Type: application/json`";
            return Err(Problem::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "UNSUPPORTED_MEDIA_TYPE",
                detail,
            ));
        }
        let body = if body.is_empty() { b"{}" } else { body.as_ref() };
        match serde_json::from_slice(body) {
            Ok(input) => Ok(Self(input)),
            Err(error) => Err(Problem::new(
                StatusCode::BAD_REQUEST,
                "BODY_NOT_READ",
                format!("the body is not what this operation takes: {error}"),
            )),
        }
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    kind.and_then(|kind| kind.split(';').next())
        .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
}

/// A created object.
pub(crate) fn created<T: serde::Serialize>(body: T) -> (StatusCode, Json<T>) {
    (StatusCode::CREATED, Json(body))
}
