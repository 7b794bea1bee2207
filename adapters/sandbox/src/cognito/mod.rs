//! Cognito.
pub(crate) mod world;
use crate::x::oauth::Client;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
/// An app client of a user pool.
#[derive(Debug, Clone)]
pub struct AppClient {
    /// Id and secret.
    pub client: Client,
    /// Whether each refresh brings a new refresh token and ends the one before.
    pub rotates: bool,
}
pub(crate) fn refuse(status: StatusCode, _message: &str) -> Response {
    status.into_response()
}
pub(crate) fn router() -> axum::Router<crate::state::State> {
    axum::Router::new()
}
pub(crate) fn operation(
    _path: &str,
    _headers: &axum::http::HeaderMap,
) -> Option<crate::operations::Operation> {
    None
}
pub(crate) fn names() -> impl Iterator<Item = String> {
    std::iter::empty()
}
