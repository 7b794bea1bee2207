//! What an address says: which object, and which of many. What cannot be read is a problem like any
//! other.

use crate::{Rest, problem::Problem};
use axum::{
    extract::{FromRequestParts, Path as RawPath, Query as RawQuery},
    http::{StatusCode, request::Parts},
};
use serde::de::DeserializeOwned;

/// The id in a path. What is no text names nothing.
pub(crate) struct Path(pub(crate) String);

impl FromRequestParts<Rest> for Path {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, rest: &Rest) -> Result<Self, Problem> {
        let path = RawPath::<String>::from_request_parts(parts, rest).await;
        path.map(|RawPath(id)| Self(id)).map_err(|_| Problem::not_found())
    }
}

/// A query, read strictly.
pub(crate) struct Query<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequestParts<Rest> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, rest: &Rest) -> Result<Self, Problem> {
        match RawQuery::from_request_parts(parts, rest).await {
            Ok(RawQuery(query)) => Ok(Self(query)),
            Err(error) => {
                let detail = format!("the query is not what this takes: {}", error.body_text());
                Err(Problem::new(StatusCode::BAD_REQUEST, "QUERY_NOT_READ", detail))
            }
        }
    }
}
