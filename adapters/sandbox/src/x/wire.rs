//! How X answers: problem documents, rate-limit headers, and who may ask for what.

use axum::Json;
use axum::extract::{FromRequestParts, Path};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, RETRY_AFTER};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use url::form_urlencoded;

use crate::ledger::LedgerError;
use crate::state::{Memory, Rate};
use crate::world::Access;

/// A refusal in X's own shape.
#[derive(Debug)]
pub(crate) struct Problem {
    status: StatusCode,
    body: Value,
}

impl Problem {
    fn new(status: StatusCode, title: &str, kind: &str, detail: &str) -> Self {
        let body =
            json!({ "title": title, "detail": detail, "type": kind, "status": status.as_u16() });
        Self { status, body }
    }

    /// The token is missing, wrong, expired or revoked.
    pub(crate) fn unauthorized() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "Unauthorized", "about:blank", "Unauthorized")
    }

    /// The token is fine but may not do this.
    pub(crate) fn forbidden(detail: &str) -> Self {
        Self::new(StatusCode::FORBIDDEN, "Forbidden", "about:blank", detail)
    }

    /// One parameter, in query or body, is wrong.
    pub(crate) fn parameter(name: &str, value: &str, message: impl Into<String>) -> Self {
        let message: String = message.into();
        let mut problem = Self::new(
            StatusCode::BAD_REQUEST,
            "Invalid Request",
            "https://api.x.com/2/problems/invalid-request",
            "One or more parameters to your request was invalid.",
        );
        if let Some(body) = problem.body.as_object_mut() {
            let errors = json!([{ "parameters": { name: [value] }, "message": message }]);
            body.insert("errors".to_owned(), errors);
        }
        problem
    }

    /// The request as a whole cannot be understood.
    pub(crate) fn invalid(detail: &str) -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "Invalid Request",
            "https://api.x.com/2/problems/invalid-request",
            detail,
        )
    }

    pub(crate) fn not_found(detail: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "Not Found", "about:blank", detail)
    }

    /// Any status in the plain form that X uses when it has nothing to explain.
    pub(crate) fn with_status(status: StatusCode, title: &str) -> Self {
        Self::new(status, title, "about:blank", title)
    }

    fn too_many() -> Self {
        let status = StatusCode::TOO_MANY_REQUESTS;
        Self::new(status, "Too Many Requests", "about:blank", "Too Many Requests")
    }
}

impl From<LedgerError> for Problem {
    fn from(error: LedgerError) -> Self {
        tracing::error!(%error, "the sandbox could not write an effect down, so it did not happen");
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "Service Unavailable",
            "about:blank",
            "Service Unavailable",
        )
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let kind = HeaderValue::from_static("application/problem+json");
        let mut response = (self.status, Json(self.body)).into_response();
        response.headers_mut().insert(CONTENT_TYPE, kind);
        response
    }
}

/// One operation: its name in the limits, the scopes it needs, and its limit per 15 minutes.
#[derive(Debug)]
pub(crate) struct Operation {
    pub(crate) name: &'static str,
    pub(crate) scopes: &'static [&'static str],
    pub(crate) limit: u32,
}

/// Who may do what was asked, and what is left of the limit afterwards.
#[derive(Debug)]
pub(crate) struct Caller {
    pub(crate) user: String,
}

/// Checks token, scopes and limit, runs the operation under the lock, adds the limit's headers.
pub(crate) fn serve(
    memory: &mut Memory,
    headers: &HeaderMap,
    operation: &Operation,
    act: impl FnOnce(&mut Memory, &Caller) -> Result<Response, Problem>,
) -> Response {
    let Some(access) = access(memory, headers) else {
        return Problem::unauthorized().into_response();
    };
    if !operation.scopes.iter().all(|scope| access.scopes.iter().any(|given| given == scope)) {
        return Problem::forbidden("Forbidden").into_response();
    }
    let user = access.user.clone();
    let rate = memory.spend(&user, operation.name, operation.limit);
    let mut response = if rate.exceeded {
        Problem::too_many().into_response()
    } else {
        act(memory, &Caller { user }).into_response()
    };
    limit_headers(&mut response, rate, memory.now());
    response
}

fn limit_headers(response: &mut Response, rate: Rate, now: i64) {
    let reset = rate.reset.div_euclid(1000);
    let headers = response.headers_mut();
    headers.insert("x-rate-limit-limit", HeaderValue::from(rate.limit));
    headers.insert("x-rate-limit-remaining", HeaderValue::from(rate.remaining));
    headers.insert("x-rate-limit-reset", HeaderValue::from(reset));
    if rate.exceeded {
        let wait = reset.saturating_sub(now.div_euclid(1000)).max(1);
        headers.insert(RETRY_AFTER, HeaderValue::from(wait));
    }
}

fn access<'m>(memory: &'m Memory, headers: &HeaderMap) -> Option<&'m Access> {
    let now = memory.now();
    let access = memory.world.access.get(&hash(bearer(headers)?))?;
    (access.expires_at > now).then_some(access)
}

/// The bearer token of a request.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

/// The user behind a request: by its access token, or by the refresh token in its form.
pub(crate) fn user_of(memory: &Memory, headers: &HeaderMap, body: &[u8]) -> Option<String> {
    if let Some(access) = access(memory, headers) {
        return Some(access.user.clone());
    }
    let token = form_urlencoded::parse(body).find(|(name, _)| name == "refresh_token");
    let refresh = token.and_then(|(_, token)| memory.world.refresh.get(&hash(&token)));
    refresh.map(|refresh| refresh.user.clone())
}

/// Secrets are remembered as hashes, so that no file of the sandbox holds one.
pub(crate) fn hash(secret: &str) -> String {
    use std::fmt::Write as _;
    Sha256::digest(secret.as_bytes()).iter().fold(String::with_capacity(64), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// An id in X's form: one to nineteen digits.
pub(crate) fn id(text: &str) -> Option<u64> {
    let digits = (1..=19).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if digits { text.parse().ok() } else { None }
}

/// The `{id}` of a path, still to be judged; one that cannot even be decoded is a problem of X's.
#[derive(Debug)]
pub(crate) struct PathId(pub(crate) String);

impl<S: Send + Sync> FromRequestParts<S> for PathId {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match Path::<String>::from_request_parts(parts, state).await {
            Ok(Path(id)) => Ok(Self(id)),
            Err(_) => Err(Problem::parameter("id", "", "The `id` cannot be read.")),
        }
    }
}

/// An id from the path, or the problem that X answers.
pub(crate) fn path_id(text: &str) -> Result<u64, Problem> {
    id(text).ok_or_else(|| {
        let message = format!(
            "The `id` query parameter value [{text}] is not valid: it must match ^[0-9]{{1,19}}$"
        );
        Problem::parameter("id", text, message)
    })
}

pub(crate) async fn no_such_path() -> Problem {
    Problem::not_found("Not Found")
}

pub(crate) async fn no_such_method() -> Problem {
    Problem::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "Method Not Allowed",
        "about:blank",
        "Method Not Allowed",
    )
}
