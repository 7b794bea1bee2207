//! Resend.
pub(crate) mod world;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
pub(crate) fn refuse(status: StatusCode, _message: &str) -> Response {
    status.into_response()
}
pub(crate) fn router() -> axum::Router<crate::state::State> {
    axum::Router::new()
}
pub(crate) static OPERATIONS: [(&str, &str, &str, &str, usize); 0] = [];
/// Who may send.
#[derive(Debug, Clone, Default)]
pub struct ResendSettings {
    /// Where webhooks go.
    pub webhook: Option<crate::svix::Endpoint>,
}
