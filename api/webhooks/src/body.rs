//! Reads a body as it comes, byte for byte, and no more of it than a webhook has.

use axum::{
    body::Body,
    http::{HeaderMap, header},
};
use bytes::Bytes;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use std::time::Duration;

/// Bytes of a body.
const LIMIT: usize = 1024 * 1024;
/// How long a body may take to come in full.
const PATIENCE: Duration = Duration::from_secs(10);

/// Why a body was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unread {
    TooLarge,
    Cut,
    TooSlow,
}

pub(crate) async fn read(headers: &HeaderMap, body: Body) -> Result<Bytes, Unread> {
    let length = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    let announced = length.and_then(|text| text.parse::<usize>().ok());
    if announced.is_some_and(|bytes| bytes > LIMIT) {
        return Err(Unread::TooLarge);
    }
    let reading = Limited::new(body, LIMIT).collect();
    let Ok(read) = tokio::time::timeout(PATIENCE, reading).await else {
        return Err(Unread::TooSlow);
    };
    let body =
        read.map_err(
            |error| {
                if error.is::<LengthLimitError>() { Unread::TooLarge } else { Unread::Cut }
            },
        )?;
    let body = body.to_bytes();
    // A body that is shorter than it was announced to be did not come in full.
    if announced.is_some_and(|bytes| bytes != body.len()) { Err(Unread::Cut) } else { Ok(body) }
}
