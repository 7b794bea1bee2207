//! How GitHub's API answers: problems, headers, limits, and who may ask for what.

use axum::Json;
use axum::http::header::{AUTHORIZATION, USER_AGENT};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::ISSUER;
use crate::identity::form::header;
use crate::identity::grants;
use crate::identity::people::Person;
use crate::identity::world::Grant;
use crate::ledger::LedgerError;
use crate::state::{Memory, Rate};

/// The newest version of the API that the sandbox speaks, and the older one.
const VERSIONS: [&str; 2] = ["2022-11-28", "2026-03-10"];

/// Requests per window for a signed-in user.
const LIMIT: u32 = 5_000;

/// A refusal in GitHub's own shape.
#[derive(Debug)]
pub(crate) struct Problem {
    status: StatusCode,
    message: String,
}

impl Problem {
    pub(crate) fn new(status: StatusCode, message: &str) -> Self {
        Self { status, message: message.to_owned() }
    }

    pub(crate) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "Not Found")
    }
}

impl From<LedgerError> for Problem {
    fn from(error: LedgerError) -> Self {
        tracing::error!(%error, "the sandbox could not write an effect down, so it did not happen");
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "Service unavailable")
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        refuse(self.status, &self.message)
    }
}

/// A refusal with any status.
pub(crate) fn refuse(status: StatusCode, message: &str) -> Response {
    let body = json!({
        "message": message,
        "documentation_url": "https://docs.github.com/rest",
        "status": status.as_u16().to_string(),
    });
    (status, Json(body)).into_response()
}

pub(crate) async fn no_such_path() -> Problem {
    Problem::not_found()
}

/// Who asks, with what they may see.
#[derive(Debug)]
pub(crate) struct Caller {
    pub(crate) grant: Grant,
    pub(crate) person: Person,
}

impl Caller {
    /// Whether one of these scopes was granted. A GitHub App's token has every permission here.
    pub(crate) fn may(&self, scopes: &[&str]) -> bool {
        let has = |scope: &String| scopes.contains(&scope.as_str());
        self.grant.client.starts_with("Iv") || self.grant.scopes.iter().any(has)
    }
}

/// Checks agent, version, token and limit, runs the operation, adds GitHub's headers.
pub(crate) fn serve(
    memory: &mut Memory,
    headers: &HeaderMap,
    accepted: &'static str,
    act: impl FnOnce(&mut Memory, &Caller) -> Result<Response, Problem>,
) -> Response {
    if header(headers, USER_AGENT.as_str()).is_none_or(str::is_empty) {
        let text = "\r\nRequest forbidden by administrative rules. Please make sure your request \
                    has a User-Agent header (https://docs.github.com/en/rest/overview/\
                    resources-in-the-rest-api#user-agent-required).\r\n";
        return (StatusCode::FORBIDDEN, text).into_response();
    }
    let version = header(headers, "x-github-api-version").unwrap_or("2022-11-28").to_owned();
    if !VERSIONS.contains(&version.as_str()) {
        return refuse(StatusCode::BAD_REQUEST, "Unsupported API version");
    }
    let Some(caller) = caller(memory, headers) else {
        let message = if headers.contains_key(AUTHORIZATION) {
            "Bad credentials"
        } else {
            "Requires authentication"
        };
        return refuse(StatusCode::UNAUTHORIZED, message);
    };
    let rate = memory.spend(&format!("github/{}", caller.grant.user), "github", LIMIT);
    let mut response = if rate.exceeded {
        refuse(StatusCode::FORBIDDEN, "API rate limit exceeded for user.")
    } else {
        act(memory, &caller).into_response()
    };
    decorate(&mut response, rate, &caller.grant, accepted, &version);
    response
}

fn caller(memory: &Memory, headers: &HeaderMap) -> Option<Caller> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("bearer") && !scheme.eq_ignore_ascii_case("token") {
        return None;
    }
    let grant = grants::access(memory, ISSUER, token.trim())?;
    let mut people = memory.world.identity.people.values();
    let person = people.find(|person| person.login() == grant.user)?.clone();
    Some(Caller { grant, person })
}

fn decorate(
    response: &mut Response,
    rate: Rate,
    grant: &Grant,
    accepted: &'static str,
    version: &str,
) {
    let headers = response.headers_mut();
    let used = rate.limit.saturating_sub(rate.remaining);
    headers.insert("x-ratelimit-limit", HeaderValue::from(rate.limit));
    headers.insert("x-ratelimit-remaining", HeaderValue::from(rate.remaining));
    headers.insert("x-ratelimit-used", HeaderValue::from(used));
    headers.insert("x-ratelimit-reset", HeaderValue::from(rate.reset.div_euclid(1000)));
    headers.insert("x-ratelimit-resource", HeaderValue::from_static("core"));
    headers.insert("x-github-media-type", HeaderValue::from_static("github.v3; format=json"));
    headers.insert("x-accepted-oauth-scopes", HeaderValue::from_static(accepted));
    let texts = [
        ("x-oauth-scopes", grant.scopes.join(", ")),
        ("x-oauth-client-id", grant.client.clone()),
        ("x-github-api-version-selected", version.to_owned()),
        ("x-github-request-id", grants::family()),
    ];
    for (name, text) in texts {
        if let Ok(value) = HeaderValue::try_from(text) {
            headers.insert(name, value);
        }
    }
}
