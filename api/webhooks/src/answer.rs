//! What a caller hears: few answers, none of which says more than it must.

use crate::body::Unread;
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

/// When to come again, in seconds, while storage is away.
const COME_AGAIN: HeaderValue = HeaderValue::from_static("30");

/// An answer and its name for counters.
pub(crate) struct Answer {
    status: StatusCode,
    pub(crate) outcome: &'static str,
}

impl Answer {
    /// The call is on disk.
    pub(crate) const fn taken(outcome: &'static str) -> Self {
        Self { status: StatusCode::OK, outcome }
    }

    /// The call is nobody's that we know. Which rule it failed is for the counter alone.
    pub(crate) const fn refused(outcome: &'static str) -> Self {
        Self { status: StatusCode::BAD_REQUEST, outcome }
    }

    /// The call comes from outside the provider's networks.
    pub(crate) const fn from_elsewhere() -> Self {
        Self { status: StatusCode::FORBIDDEN, outcome: "network" }
    }

    /// The call may be genuine and could not be kept.
    pub(crate) const fn away() -> Self {
        Self { status: StatusCode::SERVICE_UNAVAILABLE, outcome: "unavailable" }
    }

    /// The body did not come in full.
    pub(crate) const fn unread(why: Unread) -> Self {
        match why {
            Unread::TooLarge => {
                Self { status: StatusCode::PAYLOAD_TOO_LARGE, outcome: "oversized" }
            }
            Unread::Cut => Self::refused("truncated"),
            Unread::TooSlow => Self { status: StatusCode::REQUEST_TIMEOUT, outcome: "slow" },
        }
    }
}

/// For the operator of a provider that was moved: what to set.
const ELSEWHERE: &str = r#"{"title":"Forbidden","status":403,"code":"FORBIDDEN","detail":"webhooks of this provider are not taken from your address; the operator sets HERALD_WEBHOOK_SOURCES"}"#;

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        if self.status == StatusCode::FORBIDDEN {
            let problem = [(header::CONTENT_TYPE, "application/problem+json")];
            return (self.status, problem, ELSEWHERE).into_response();
        }
        let text = match self.status {
            StatusCode::OK => "taken\n",
            StatusCode::SERVICE_UNAVAILABLE => "try again later\n",
            StatusCode::PAYLOAD_TOO_LARGE => "a webhook has at most 1 MiB\n",
            _ => "this is not a webhook that we take\n",
        };
        let mut response = (self.status, text).into_response();
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(header::RETRY_AFTER, COME_AGAIN);
        }
        response
    }
}
