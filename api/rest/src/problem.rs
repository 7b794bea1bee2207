//! Errors as RFC 9457 describes them: a status, a stable code, and what to do.

use axum::{
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use herald_application::{
    failure::Failure,
    reading::ReadFailure,
    sign_in::{NotTried, Unplaced},
};
use herald_door::{Limited, QUOTA_EXCEEDED, TurnedAway};
use serde_json::{Map, Value};

/// Why a request was not followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    status: StatusCode,
    code: &'static str,
    detail: String,
    field: Option<String>,
    retryable: bool,
    limited: Option<Box<Limited>>,
}

/// What a route answers.
pub type Answer<T> = Result<T, Problem>;

impl Problem {
    /// A problem that trying again does not mend.
    #[must_use]
    pub fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self { status, code, detail: detail.into(), field: None, retryable: false, limited: None }
    }

    /// A field of the input is at fault.
    #[must_use]
    pub fn invalid(field: &str, detail: impl Into<String>) -> Self {
        let field = Some(field.to_owned());
        Self { field, ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, "VALIDATION", detail) }
    }

    /// The same problem, of the field that is called `ours` here.
    pub(crate) fn renaming(mut self, theirs: &str, ours: &str) -> Self {
        self.field = self.field.map(|field| if field == theirs { ours.to_owned() } else { field });
        self
    }

    /// There is nothing of that id in the caller's account.
    pub(crate) fn not_found() -> Self {
        Failure::NotFound.into()
    }
}

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        let (code, retryable) = (failure.code(), failure.retryable());
        let status = match &failure {
            Failure::Refused { .. } => refused(code),
            Failure::NotFound => StatusCode::NOT_FOUND,
            Failure::Forbidden { .. } => StatusCode::FORBIDDEN,
            Failure::VersionConflict { .. } | Failure::Contended => StatusCode::CONFLICT,
            Failure::IdempotencyKeyReused => StatusCode::UNPROCESSABLE_ENTITY,
            Failure::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
            Failure::Internal(_) | Failure::AlreadyHandled => StatusCode::INTERNAL_SERVER_ERROR,
        };
        if status.is_server_error() {
            tracing::error!(?failure, "a REST request failed");
        }
        let field = if let Failure::Refused { path, .. } = &failure { path.clone() } else { None };
        Self { field, retryable, ..Self::new(status, code, failure.to_string()) }
    }
}

/// A refusal by a limit is the caller's to wait for or to pay for; by a state, a conflict.
fn refused(code: &str) -> StatusCode {
    match code {
        "LIMIT_REACHED"
        | "QUOTA_EXCEEDED"
        | "CREDITS_EXHAUSTED"
        | "SUBSCRIPTION_REQUIRED"
        | "FEATURE_NOT_INCLUDED"
        | "PAYMENT_DECLINED" => StatusCode::PAYMENT_REQUIRED,
        "MEMBER_RESTS" => StatusCode::FORBIDDEN,
        "INVALID_STATE" | "STALE_APPROVAL" => StatusCode::CONFLICT,
        "NOT_FOUND" => StatusCode::NOT_FOUND,
        "MEDIA_TOO_LARGE" => StatusCode::PAYLOAD_TOO_LARGE,
        "MEDIA_STORAGE_FULL" => StatusCode::INSUFFICIENT_STORAGE,
        "PASSWORD_NOT_AUTHORIZED" => StatusCode::UNAUTHORIZED,
        "PASSWORD_TOO_MANY_ATTEMPTS" => StatusCode::TOO_MANY_REQUESTS,
        "PASSWORD_PROVIDER_NOT_REACHED"
        | "PASSWORD_OUTCOME_UNKNOWN"
        | "PASSWORD_PROVIDER_MISCONFIGURED"
        | "PAYMENTS_NOT_CONFIGURED"
        | "PAYMENTS_AUTHENTICATION"
        | "PAYMENTS_RATE_LIMITED"
        | "PAYMENTS_UNREACHABLE" => StatusCode::SERVICE_UNAVAILABLE,
        // What the provider itself handed out is not believed: nothing of the caller's is at fault.
        token if token.starts_with("TOKEN_") => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    }
}

impl From<NotTried> for Problem {
    fn from(reason: NotTried) -> Self {
        match reason {
            NotTried::TooMany { seconds } => TurnedAway::TooMany { seconds }.into(),
            NotTried::Failed(failure) => failure.into(),
        }
    }
}

impl From<ReadFailure> for Problem {
    fn from(failure: ReadFailure) -> Self {
        match failure {
            ReadFailure::Timeout => Self {
                retryable: true,
                ..Self::new(StatusCode::SERVICE_UNAVAILABLE, "READ_TIMEOUT", failure.to_string())
            },
            ReadFailure::Failed(failure) => failure.into(),
        }
    }
}

impl From<Unplaced> for Problem {
    fn from(unplaced: Unplaced) -> Self {
        let detail = unplaced.to_string();
        match unplaced {
            Unplaced::NoAccount => Self::new(StatusCode::FORBIDDEN, "NO_ACCOUNT", detail),
            Unplaced::SeveralAccounts(_) => {
                Self::new(StatusCode::BAD_REQUEST, "ACCOUNT_REQUIRED", detail)
            }
            Unplaced::NotAMember => Self::new(StatusCode::NOT_FOUND, "NOT_FOUND", detail),
            Unplaced::Failed(failure) => failure.into(),
        }
    }
}

impl From<TurnedAway> for Problem {
    fn from(reason: TurnedAway) -> Self {
        let detail = reason.to_string();
        let status = reason.status();
        let code = match reason {
            TurnedAway::BadCredential => "UNAUTHENTICATED",
            TurnedAway::ForeignPage | TurnedAway::Elsewhere => "FORBIDDEN",
            TurnedAway::TooMany { .. } | TurnedAway::Limited(_) => "RATE_LIMITED",
            TurnedAway::Unavailable => "UNAVAILABLE",
        };
        let limited = match reason {
            TurnedAway::Limited(limited) => Some(limited),
            TurnedAway::TooMany { seconds } => Some(Box::new(Limited {
                violated: Vec::new(),
                retry_after: seconds,
                headers: HeaderMap::new(),
            })),
            TurnedAway::BadCredential
            | TurnedAway::ForeignPage
            | TurnedAway::Elsewhere
            | TurnedAway::Unavailable => None,
        };
        let retryable = status.as_u16() >= 429;
        Self { retryable, limited, ..Self::new(status, code, detail) }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let Self { status, code, detail, field, retryable, limited } = self;
        let mut body = Map::new();
        let title = status.canonical_reason().unwrap_or("Error");
        body.insert("title".to_owned(), title.into());
        body.insert("status".to_owned(), status.as_u16().into());
        body.insert("code".to_owned(), code.into());
        body.insert("detail".to_owned(), detail.into());
        body.insert("retryable".to_owned(), retryable.into());
        body.extend(field.map(|field| ("field".to_owned(), field.into())));
        let mut headers = HeaderMap::new();
        if let Some(limited) = limited {
            body.insert("type".to_owned(), QUOTA_EXCEEDED.into());
            body.insert("violated-policies".to_owned(), limited.violated.into());
            headers.extend(limited.headers);
            headers.insert(header::RETRY_AFTER, limited.retry_after.into());
        }
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        let kind = HeaderValue::from_static("application/problem+json");
        headers.insert(header::CONTENT_TYPE, kind);
        (status, headers, Value::Object(body).to_string()).into_response()
    }
}
