//! How the API is reached: keys, versions, idempotency, and one piece of work per request.

use std::fmt::Write as _;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{OriginalUri, State as Shared};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::api::{Call, Endpoint, PAGING};
use super::engine;
use super::json::Json;
use super::params::Params;
use super::refusal::Refusal;
use super::show;
use super::store::{Answer, Change};
use super::table;
use super::version::Version;
use super::work::{Work, id};
use crate::ledger::LedgerError;
use crate::state::{Memory, State};
use crate::world::Change as Worldly;

/// Who asked for a piece of work, and when.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) request: String,
    key: Option<String>,
    pub(super) now: i64,
}

impl Asked {
    pub(super) fn by_time(now: i64) -> Self {
        Self { request: String::new(), key: None, now }
    }

    pub(super) fn by_page(memory: &Memory) -> Self {
        Self::by_time(memory.now().div_euclid(1_000))
    }

    fn show(&self) -> Value {
        let request = Some(&self.request).filter(|request| !request.is_empty());
        json!({ "id": request, "idempotency_key": self.key })
    }
}

/// Does one piece of work and writes it down: all of it, or nothing where it is refused.
pub(super) fn transact(
    memory: &mut Memory,
    operation: &str,
    asked: &Asked,
    act: impl FnOnce(&mut Work<'_>) -> Result<Value, Refusal>,
) -> Result<Result<Value, Refusal>, LedgerError> {
    let mut work = Work::new(&memory.world.stripe, asked.now, &memory.public_url, asked.show());
    let outcome = act(&mut work);
    let kept = outcome.as_ref().map_or_else(|refusal| refusal.keep, |_| true);
    if !kept {
        return Ok(outcome);
    }
    let facts = facts(&work, outcome.as_ref().ok());
    let changes: Vec<Worldly> =
        work.changes().into_iter().map(|stripe| Worldly::Stripe { stripe }).collect();
    if !changes.is_empty() {
        memory.happen("stripe", operation, facts, changes)?;
    }
    Ok(outcome)
}

/// What the ledger says of an effect: ids, states and amounts, nobody's name.
fn facts(work: &Work<'_>, answer: Option<&Value>) -> Value {
    let mut facts = json!({ "events": work.event_types() });
    let told = ["id", "object", "customer", "status", "amount", "subscription"];
    for name in told {
        let value = answer.map(|answer| answer.at(name)).filter(|value| !value.is_null());
        if let Some(value) = value {
            facts.put(name, value.clone());
        }
    }
    facts
}

/// Every request to `/v1/…`.
pub(super) async fn api(
    Shared(state): Shared<State>,
    OriginalUri(uri): OriginalUri,
    method: Method,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let path = uri.path().strip_prefix("/stripe").unwrap_or_default();
    let request = Request {
        id: id("req_", 14),
        method: &method,
        path,
        query: uri.query().unwrap_or_default(),
        headers: &headers,
        body: &body,
    };
    request.serve(&state).await
}

#[derive(Debug)]
struct Request<'r> {
    id: String,
    method: &'r Method,
    path: &'r str,
    query: &'r str,
    headers: &'r HeaderMap,
    body: &'r [u8],
}

/// A request that may be carried out.
#[derive(Debug)]
struct Admitted {
    endpoint: Endpoint,
    params: Params,
    version: Version,
    key: Option<String>,
    fingerprint: String,
}

/// Ends "in flight" however the request ends.
#[derive(Debug)]
struct InFlight<'s> {
    state: &'s State,
    key: Option<String>,
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        if let Some(key) = &self.key {
            self.state.memory().world.stripe.in_flight.remove(key);
        }
    }
}

impl Request<'_> {
    async fn serve(&self, state: &State) -> Response {
        let admitted = match self.admit(state) {
            Ok(admitted) => admitted,
            Err(refusal) => return self.refuse(&refusal, None),
        };
        let pause = match self.enter(state, &admitted) {
            Ok(Entered::New { pause_ms }) => pause_ms,
            Ok(Entered::Again(response)) => return response,
            Err(refusal) => return self.refuse(&refusal, Some(&admitted)),
        };
        let _flight = InFlight { state, key: admitted.key.clone() };
        if pause > 0 {
            tokio::time::sleep(Duration::from_millis(pause)).await;
        }
        let mut memory = state.memory();
        let answer = self.act(&mut memory, &admitted);
        drop(memory);
        answer
    }

    /// Key, version, endpoint and parameters; nothing of it needs the memory's objects.
    fn admit(&self, state: &State) -> Result<Admitted, Refusal> {
        let known = {
            let memory = state.memory();
            let keys = &memory.world.stripe.settings.keys;
            let given = secret_key(self.headers)?;
            if !keys.iter().any(|key| key.0 == given) {
                return Err(wrong_key(&given));
            }
            self.headers.get("stripe-version").map(HeaderValue::to_str)
        };
        let version = match known {
            None => Version::newest(),
            Some(text) => Version::read(text.unwrap_or_default())?,
        };
        let endpoint = table::find(self.method, self.path).ok_or_else(|| self.nowhere())?;
        let form = self.headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        let is_form = form.is_none_or(|kind| kind.starts_with("application/x-www-form-urlencoded"));
        if !self.body.is_empty() && !is_form {
            return Err(Refusal::invalid(
                "Invalid request (check that your POST content type is \
                 application/x-www-form-urlencoded). If you have any questions, we can help at \
                 https://support.stripe.com/.",
            ));
        }
        let params = Params::read(self.query.as_bytes(), self.body)?;
        let mut patterns = endpoint.params.to_vec();
        if endpoint.name.starts_with("list_") {
            patterns.extend(PAGING);
        }
        params.only(&patterns)?;
        let key = self.headers.get("idempotency-key").and_then(|key| key.to_str().ok());
        let key = key.filter(|_| *self.method == Method::POST).map(str::to_owned);
        if key.as_ref().is_some_and(|key| key.len() > 255) {
            return Err(Refusal::invalid("Idempotency-Key must be at most 255 characters."));
        }
        Ok(Admitted { endpoint, params, version, key, fingerprint: self.fingerprint() })
    }

    fn nowhere(&self) -> Refusal {
        let message = format!(
            "Unrecognized request URL ({}: {}). Please see https://stripe.com/docs or we can help \
             at https://support.stripe.com/.",
            self.method, self.path
        );
        Refusal::new(StatusCode::NOT_FOUND, "invalid_request_error", message)
    }

    fn fingerprint(&self) -> String {
        let text = format!("{} {}?{}\n", self.method, self.path, self.query);
        let digest = Sha256::new().chain_update(text).chain_update(self.body).finalize();
        digest.iter().fold(String::with_capacity(64), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
    }

    /// The idempotency key: new, known, used otherwise, or still at work.
    fn enter(&self, state: &State, admitted: &Admitted) -> Result<Entered, Refusal> {
        let mut memory = state.memory();
        let now = memory.now().div_euclid(1_000);
        let store = &mut memory.world.stripe;
        let pause_ms = store.outbox.manner.latency_ms;
        let Some(key) = &admitted.key else { return Ok(Entered::New { pause_ms }) };
        if let Some(answer) = store.answer(key, now) {
            if answer.fingerprint == admitted.fingerprint {
                return Ok(Entered::Again(self.again(answer, admitted)));
            }
            let message = format!(
                "Keys for idempotent requests can only be used with the same parameters they were \
                 first used with. Try using a key other than '{key}' if you meant to execute a \
                 different request."
            );
            return Err(Refusal::new(StatusCode::BAD_REQUEST, "idempotency_error", message));
        }
        if !store.in_flight.insert(key.clone()) {
            let message = format!(
                "There is currently another in-progress request using this Idempotent Key (that \
                 probably means you submitted twice, and the other request is still going \
                 through): {key}. Please try again later."
            );
            let refusal = Refusal::new(StatusCode::CONFLICT, "idempotency_error", message);
            return Err(refusal.code("idempotency_key_in_use"));
        }
        Ok(Entered::New { pause_ms })
    }

    fn act(&self, memory: &mut Memory, admitted: &Admitted) -> Response {
        engine::run(memory);
        let now = memory.now().div_euclid(1_000);
        let asked = Asked { request: self.id.clone(), key: admitted.key.clone(), now };
        let outcome = transact(memory, admitted.endpoint.name, &asked, |work| {
            let call = Call {
                id: table::id_in(admitted.endpoint.path, self.path),
                path: self.path,
                params: &admitted.params,
                version: &admitted.version,
            };
            let answer = (admitted.endpoint.act)(work, &call)?;
            show::answer(work, &answer, &admitted.version, &admitted.params.texts("expand"))
        });
        engine::run(memory);
        let (status, body) = match outcome {
            Ok(Ok(body)) => (StatusCode::OK, body),
            Ok(Err(refusal)) if !refusal.is_remembered() => {
                return self.refuse(&refusal, Some(admitted));
            }
            Ok(Err(refusal)) => (refusal.status, refusal.body(&self.id)),
            Err(error) => {
                tracing::error!(%error, "the sandbox could not write an effect down");
                return self.refuse(&unavailable(), Some(admitted));
            }
        };
        self.remember(memory, admitted, status, &body, now);
        self.respond(status, &body, Some(admitted))
    }

    fn remember(
        &self,
        memory: &mut Memory,
        admitted: &Admitted,
        status: StatusCode,
        body: &Value,
        at: i64,
    ) {
        let Some(key) = admitted.key.clone() else { return };
        let answer = Answer {
            fingerprint: admitted.fingerprint.clone(),
            request: self.id.clone(),
            status: status.as_u16(),
            body: body.clone(),
            at,
        };
        let change = Worldly::Stripe { stripe: Change::Answered { key, answer } };
        let facts = json!({ "request": self.id });
        if let Err(error) = memory.happen("stripe", "remember_answer", facts, vec![change]) {
            tracing::error!(%error, "the sandbox could not remember an answer");
        }
    }

    fn again(&self, answer: &Answer, admitted: &Admitted) -> Response {
        let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
        let mut response = self.respond(status, &answer.body, Some(admitted));
        let headers = response.headers_mut();
        headers.insert("idempotent-replayed", HeaderValue::from_static("true"));
        insert(headers, "original-request", &answer.request);
        response
    }

    fn refuse(&self, refusal: &Refusal, admitted: Option<&Admitted>) -> Response {
        self.respond(refusal.status, &refusal.body(&self.id), admitted)
    }

    fn respond(&self, status: StatusCode, body: &Value, admitted: Option<&Admitted>) -> Response {
        let mut response = (status, axum::Json(body)).into_response();
        let headers = response.headers_mut();
        insert(headers, "request-id", &self.id);
        if let Some(admitted) = admitted {
            insert(headers, "stripe-version", admitted.version.as_str());
            if let Some(key) = &admitted.key {
                insert(headers, "idempotency-key", key);
            }
        }
        if status == StatusCode::CONFLICT {
            headers.insert("stripe-should-retry", HeaderValue::from_static("true"));
        }
        response
    }
}

enum Entered {
    New { pause_ms: u64 },
    Again(Response),
}

fn insert(headers: &mut HeaderMap, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::try_from(value) {
        headers.insert(HeaderName::from_static(name), value);
    }
}

/// `Bearer sk_test_…`, or the same as the user name of Basic.
fn secret_key(headers: &HeaderMap) -> Result<String, Refusal> {
    let given = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let given = given.and_then(|value| value.split_once(' ')).and_then(|(scheme, rest)| {
        if scheme.eq_ignore_ascii_case("bearer") {
            return Some(rest.trim().to_owned());
        }
        let pair = String::from_utf8(STANDARD.decode(rest.trim()).ok()?).ok()?;
        pair.split_once(':').map(|(user, _)| user.to_owned())
    });
    given.filter(|key| !key.is_empty()).ok_or_else(|| {
        Refusal::new(
            StatusCode::UNAUTHORIZED,
            "invalid_request_error",
            "You did not provide an API key. You need to provide your API key in the \
             Authorization header, using Bearer auth (e.g. 'Authorization: Bearer \
             YOUR_SECRET_KEY'). See https://stripe.com/docs/api#authentication for details, or we \
             can help at https://support.stripe.com/.",
        )
    })
}

fn wrong_key(given: &str) -> Refusal {
    let end = given.len().checked_sub(4).and_then(|at| given.get(at..)).unwrap_or_default();
    let start = given.get(..8).filter(|_| given.len() > 12).unwrap_or_default();
    let message = format!("Invalid API Key provided: {start}****{end}");
    Refusal::new(StatusCode::UNAUTHORIZED, "invalid_request_error", message)
}

pub(super) fn unavailable() -> Refusal {
    let message = "An unknown error occurred";
    Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "api_error", message)
}

/// A refusal that a fault ordered.
pub(crate) fn refuse(status: StatusCode, message: &str) -> Response {
    let limited = status == StatusCode::TOO_MANY_REQUESTS;
    let kind = if status.is_client_error() { "invalid_request_error" } else { "api_error" };
    let refusal = Refusal::new(status, kind, message);
    let refusal = if limited { refusal.code("rate_limit") } else { refusal };
    let request = id("req_", 14);
    let mut response = (status, axum::Json(refusal.body(&request))).into_response();
    insert(response.headers_mut(), "request-id", &request);
    if limited {
        insert(response.headers_mut(), "stripe-rate-limited-reason", "global-rate");
    }
    response
}
