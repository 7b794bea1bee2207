//! Reads the JSON object that a GraphQL request is.

use axum::http::{HeaderMap, StatusCode, header::CONTENT_TYPE};
use serde_json::{Map, Value};

/// What was asked, well-formed but not yet parsed.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Asked {
    /// The document.
    pub query: String,
    /// Which of its operations.
    pub operation_name: Option<String>,
    /// The variables' values.
    pub variables: Map<String, Value>,
    /// What clients add beyond the specification.
    pub extensions: Map<String, Value>,
}

/// Why a body is no GraphQL request.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    /// Not declared as JSON.
    #[error("send the request as `Content-Type: application/json`")]
    MediaType,
    /// Not JSON.
    #[error("the body is not JSON: {0}")]
    NotJson(String),
    /// An array of requests.
    #[error("one request at a time: batches are not taken")]
    Batch,
    /// JSON, but not an object.
    #[error("the body must be a JSON object with a `query`")]
    NotAnObject,
    /// A member of the wrong type.
    #[error("`{name}` must be {expected}")]
    Member {
        /// Which.
        name: &'static str,
        /// What it must be.
        expected: &'static str,
    },
    /// The hash of a document in place of the document.
    #[error("PersistedQueryNotSupported")]
    PersistedQuery,
}

impl BodyError {
    /// The status that answers it.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        match self {
            Self::MediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::NotJson(_)
            | Self::Batch
            | Self::NotAnObject
            | Self::Member { .. }
            | Self::PersistedQuery => StatusCode::BAD_REQUEST,
        }
    }

    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::MediaType => "UNSUPPORTED_MEDIA_TYPE",
            Self::PersistedQuery => "PERSISTED_QUERY_NOT_SUPPORTED",
            Self::Batch => "BATCH_REFUSED",
            Self::NotJson(_) | Self::NotAnObject | Self::Member { .. } => "BAD_REQUEST",
        }
    }
}

/// Refuses every body that is not declared as JSON in UTF-8.
///
/// A browser sends other types across origins without asking; so this is also the wall against
/// forged requests that ride on a cookie.
pub(super) fn check_content_type(headers: &HeaderMap) -> Result<(), BodyError> {
    let mut values = headers.get_all(CONTENT_TYPE).iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return Err(BodyError::MediaType);
    };
    let text = value.to_str().map_err(|_| BodyError::MediaType)?.to_ascii_lowercase();
    let mut parts = text.split(';').map(str::trim);
    let json = parts.next() == Some("application/json");
    let utf8 = parts.all(|parameter| match parameter.split_once('=') {
        Some(("charset", charset)) => charset.trim_matches('"') == "utf-8",
        Some(_) | None => true,
    });
    if json && utf8 { Ok(()) } else { Err(BodyError::MediaType) }
}

/// Reads one request.
pub fn read_request(bytes: &[u8]) -> Result<Asked, BodyError> {
    let value = serde_json::from_slice(bytes).map_err(|error| {
        BodyError::NotJson(format!("line {}, column {}", error.line(), error.column()))
    })?;
    from_value(value)
}

/// Takes one request out of a JSON value.
pub(crate) fn from_value(value: Value) -> Result<Asked, BodyError> {
    let mut members = match value {
        Value::Object(members) => members,
        Value::Array(_) => return Err(BodyError::Batch),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            return Err(BodyError::NotAnObject);
        }
    };
    let operation_name = match members.remove("operationName") {
        None | Some(Value::Null) => None,
        Some(Value::String(name)) => Some(name).filter(|name| !name.is_empty()),
        Some(_) => return Err(member("operationName", "a string")),
    };
    let variables = object(&mut members, "variables")?;
    let extensions = object(&mut members, "extensions")?;
    let query = match members.remove("query") {
        Some(Value::String(query)) => query,
        None if extensions.contains_key("persistedQuery") => return Err(BodyError::PersistedQuery),
        _ => return Err(member("query", "a string that holds the GraphQL document")),
    };
    Ok(Asked { query, operation_name, variables, extensions })
}

fn object(
    members: &mut Map<String, Value>,
    name: &'static str,
) -> Result<Map<String, Value>, BodyError> {
    match members.remove(name) {
        None | Some(Value::Null) => Ok(Map::new()),
        Some(Value::Object(object)) => Ok(object),
        Some(_) => Err(member(name, "an object")),
    }
}

const fn member(name: &'static str, expected: &'static str) -> BodyError {
    BodyError::Member { name, expected }
}
