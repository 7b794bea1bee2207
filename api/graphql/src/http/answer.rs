//! Puts answers and problems into the form that the client takes.

use super::{Format, body::BodyError};
use crate::limits::{Run, coded};
use async_graphql::{Response as Outcome, ServerError, Value};
use axum::{
    body::Body,
    http::{
        HeaderValue, Response, StatusCode,
        header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, VARY, WWW_AUTHENTICATE},
    },
};
use herald_door::{Limited, QUOTA_EXCEEDED, RequestId, TurnedAway};
use serde::Serialize;
use std::collections::BTreeMap;

/// A request that was refused before it was looked at as GraphQL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The status line.
    pub status: StatusCode,
    /// The stable code.
    pub code: &'static str,
    /// What to do about it.
    pub message: String,
    /// When to come back, in seconds.
    pub retry_after: Option<u64>,
    /// The limit that stands against it, if one does.
    pub limited: Option<Box<Limited>>,
}

impl Problem {
    /// A problem of this status, code and message.
    #[must_use]
    pub fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), retry_after: None, limited: None }
    }

    /// The problem as an answer.
    #[must_use]
    pub fn into_response(self, format: Format) -> Response<Body> {
        if let Some(limited) = self.limited {
            return exceeded(&self.message, *limited);
        }
        let error = coded(self.message, self.code);
        let mut response = json(format, self.status, &Written::refusal(vec![error]));
        let headers = response.headers_mut();
        if let Some(seconds) = self.retry_after {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if self.status == StatusCode::METHOD_NOT_ALLOWED {
            headers.insert(ALLOW, HeaderValue::from_static("POST"));
        }
        response
    }
}

/// A request beyond a limit, in the form of RFC 9457 and the IETF's draft on rate limits: clients
/// know what to do without reading GraphQL.
fn exceeded(detail: &str, limited: Limited) -> Response<Body> {
    let Limited { violated, retry_after, headers } = limited;
    let body = serde_json::json!({
        "type": QUOTA_EXCEEDED,
        "title": "Request cannot be satisfied as assigned quota has been exceeded",
        "status": StatusCode::TOO_MANY_REQUESTS.as_u16(),
        "detail": detail,
        "violated-policies": violated,
    });
    let mut response = Response::new(Body::from(body.to_string()));
    *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
    let own = response.headers_mut();
    own.extend(headers);
    own.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    own.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    own.insert(RETRY_AFTER, HeaderValue::from(retry_after));
    response
}

impl From<BodyError> for Problem {
    fn from(error: BodyError) -> Self {
        Self::new(error.status(), error.code(), error.to_string())
    }
}

impl From<TurnedAway> for Problem {
    fn from(reason: TurnedAway) -> Self {
        let code = match reason {
            TurnedAway::BadCredential => "UNAUTHENTICATED",
            TurnedAway::ForeignPage => "ORIGIN_REFUSED",
            TurnedAway::Elsewhere => "FORBIDDEN",
            TurnedAway::TooMany { .. } | TurnedAway::Limited(_) => "RATE_LIMITED",
            TurnedAway::Unavailable => "UNAVAILABLE",
        };
        let retry_after = match &reason {
            TurnedAway::TooMany { seconds } => Some(*seconds),
            TurnedAway::Limited(limited) => Some(limited.retry_after),
            TurnedAway::Unavailable => Some(1),
            TurnedAway::BadCredential | TurnedAway::ForeignPage | TurnedAway::Elsewhere => None,
        };
        let problem = Self { retry_after, ..Self::new(reason.status(), code, reason.to_string()) };
        match reason {
            TurnedAway::Limited(limited) => Self { limited: Some(limited), ..problem },
            TurnedAway::BadCredential
            | TurnedAway::ForeignPage
            | TurnedAway::Elsewhere
            | TurnedAway::TooMany { .. }
            | TurnedAway::Unavailable => problem,
        }
    }
}

/// An answer as it is written. A request that was not carried out has no `data`, not even `null`.
#[derive(Debug, Serialize)]
pub(crate) struct Written {
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<ServerError>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    extensions: BTreeMap<String, Value>,
}

impl Written {
    /// A request error.
    pub(crate) fn refusal(errors: Vec<ServerError>) -> Self {
        Self { data: None, errors, extensions: BTreeMap::new() }
    }

    /// What the schema answered. `run` tells whether anything was executed.
    pub(crate) fn outcome(outcome: Outcome, run: &Run, id: RequestId, most_errors: usize) -> Self {
        let executed = run.was_valid();
        let failures = run.failures();
        let mut errors = outcome.errors;
        errors.extend(failures.errors);
        errors.truncate(most_errors);
        for error in &mut errors {
            if executed { mask(error, id) } else { name_as_invalid(error) }
        }
        let mut extensions = outcome.extensions;
        if executed {
            extensions.extend(run.notes());
            let cost = Value::from_json(serde_json::json!({ "requested": run.cost() }));
            extensions.extend(cost.ok().map(|cost| ("cost".to_owned(), cost)));
        }
        let mut data = if failures.everything { Value::Null } else { outcome.data };
        run.order().arrange(&mut data);
        Self { data: executed.then_some(data), errors, extensions }
    }

    /// Was the request refused, rather than carried out with or without failures?
    pub(crate) const fn is_refusal(&self) -> bool {
        self.data.is_none()
    }

    /// Did anything go wrong?
    pub(crate) const fn has_errors(&self) -> bool {
        !self.errors.is_empty()
    }

    /// The errors alone, as the WebSocket protocol wants them.
    pub(crate) fn into_errors(self) -> Vec<ServerError> {
        self.errors
    }
}

/// Writes a GraphQL answer with the status that its form asks for.
pub(crate) fn write(format: Format, written: &Written) -> Response<Body> {
    let status = match format {
        Format::GraphqlResponse | Format::Events if written.is_refusal() => StatusCode::BAD_REQUEST,
        Format::GraphqlResponse | Format::Events | Format::Json => StatusCode::OK,
    };
    json(format, status, written)
}

fn json(format: Format, status: StatusCode, written: &Written) -> Response<Body> {
    let (status, bytes) = match serde_json::to_vec(written) {
        Ok(bytes) => (status, bytes),
        Err(error) => {
            tracing::error!(%error, "an answer has no JSON form");
            (StatusCode::INTERNAL_SERVER_ERROR, INTERNAL.to_vec())
        }
    };
    let mut response = Response::new(Body::from(bytes));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    // Refusals of a stream are no stream: they are written as ordinary JSON.
    let format = if format == Format::Events { Format::Json } else { format };
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(format.content_type()));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(VARY, HeaderValue::from_static("accept, authorization, cookie, origin"));
    response
}

const INTERNAL: &[u8] = br#"{"errors":[{"message":"something is broken on our side","extensions":{"code":"INTERNAL"}}]}"#;

fn code_of(error: &ServerError) -> Option<&Value> {
    error.extensions.as_ref().and_then(|extensions| extensions.get("code"))
}

fn name_as_invalid(error: &mut ServerError) {
    if code_of(error).is_none() {
        error.extensions.get_or_insert_default().set("code", "GRAPHQL_VALIDATION_FAILED");
    }
}

/// A field's error speaks to callers only where somebody gave it a code. What has none is a defect:
/// its text is for the log.
fn mask(error: &mut ServerError, id: RequestId) {
    if code_of(error).is_some() {
        return;
    }
    // A variable of another shape than its type is only noticed while executing.
    let misshapen = ["Failed to parse \"", "Expected input type \""];
    if misshapen.iter().any(|start| error.message.starts_with(start)) {
        error.extensions.get_or_insert_default().set("code", "VALIDATION");
        return;
    }
    tracing::error!(request = %id.0, path = ?error.path, message = %error.message, "a field failed");
    let message = "something is broken on our side; name the request id when you report it";
    message.clone_into(&mut error.message);
    let extensions = error.extensions.get_or_insert_default();
    extensions.set("code", "INTERNAL");
    extensions.set("requestId", id.0.to_string());
}
