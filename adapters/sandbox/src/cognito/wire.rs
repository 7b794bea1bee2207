//! How Cognito answers: JSON of its own kind, and refusals by type.

use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::world::User;
use crate::clock::Millis;
use crate::identity::grants;
use crate::ledger::LedgerError;

/// A refusal in Cognito's own shape.
#[derive(Debug)]
pub(crate) struct Refused {
    kind: &'static str,
    message: String,
}

impl Refused {
    pub(crate) fn new(kind: &'static str, message: &str) -> Self {
        Self { kind, message: message.to_owned() }
    }

    pub(crate) fn parameter(message: &str) -> Self {
        Self::new("InvalidParameterException", message)
    }

    pub(crate) fn unauthorized(message: &str) -> Self {
        Self::new("NotAuthorizedException", message)
    }

    pub(crate) fn no_such_user() -> Self {
        Self::new("UserNotFoundException", "User does not exist.")
    }
}

impl From<LedgerError> for Refused {
    fn from(error: LedgerError) -> Self {
        tracing::error!(%error, "the sandbox could not write an effect down, so it did not happen");
        Self::new("InternalErrorException", "Something went wrong")
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let status = if self.kind == "InternalErrorException" {
            StatusCode::INTERNAL_SERVER_ERROR
        } else {
            StatusCode::BAD_REQUEST
        };
        typed(status, self.kind, &self.message)
    }
}

/// A refusal with any status.
pub(crate) fn refuse(status: StatusCode, message: &str) -> Response {
    let kind = match status {
        StatusCode::TOO_MANY_REQUESTS => "TooManyRequestsException",
        status if status.is_server_error() => "InternalErrorException",
        _ => "InvalidParameterException",
    };
    typed(status, kind, message)
}

fn typed(status: StatusCode, kind: &'static str, message: &str) -> Response {
    let mut response = amz_json(status, &json!({ "__type": kind, "message": message }));
    let headers = response.headers_mut();
    headers.insert("x-amzn-errortype", HeaderValue::from_static(kind));
    if let Ok(message) = HeaderValue::try_from(message) {
        headers.insert("x-amzn-errormessage", message);
    }
    response
}

/// An answer of the JSON protocol 1.1.
pub(crate) fn amz_json(status: StatusCode, value: &Value) -> Response {
    let mut response = (status, value.to_string()).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-amz-json-1.1"));
    if let Ok(id) = HeaderValue::try_from(grants::family()) {
        headers.insert("x-amzn-requestid", id);
    }
    response
}

/// A time as this protocol prints it: seconds with a fraction.
pub(crate) fn seconds(at: Millis) -> Value {
    let text = format!("{}.{:03}", at.div_euclid(1000), at.rem_euclid(1000));
    serde_json::from_str(&text).unwrap_or_default()
}

/// Attributes as a list of names and values.
pub(crate) fn attributes(user: &User) -> Value {
    let pair = |(name, value): (&String, &String)| json!({ "Name": name, "Value": value });
    json!(user.attributes.iter().map(pair).collect::<Vec<_>>())
}

/// Where a code went, with most letters hidden.
pub(crate) fn delivery(to: &str, medium: &str) -> Value {
    let masked = if let Some((local, domain)) = to.split_once('@') {
        let first = |text: &str| text.chars().next().unwrap_or('*');
        format!("{}***@{}***", first(local), first(domain))
    } else {
        let count = to.chars().count();
        let last: String = to.chars().skip(count.saturating_sub(4)).collect();
        format!("+*******{last}")
    };
    let attribute = if medium == "EMAIL" { "email" } else { "phone_number" };
    json!({ "AttributeName": attribute, "DeliveryMedium": medium, "Destination": masked })
}
