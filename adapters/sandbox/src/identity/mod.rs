//! What the identity providers share: people, grants, keys, and the page on which one signs in.

pub(crate) mod authorize;
pub(crate) mod control;
pub(crate) mod form;
pub(crate) mod grants;
pub(crate) mod people;
pub(crate) mod settings;
pub(crate) mod signing;
pub(crate) mod world;

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::{clerk, cognito, github, resend};

/// The refusal of a fault in the shape of whoever was asked; `None` for everybody else.
pub(crate) fn refuse(provider: &str, status: StatusCode, message: &str) -> Option<Response> {
    match provider {
        "google" => {
            let error =
                if status.is_server_error() { "internal_failure" } else { "invalid_request" };
            let body = json!({ "error": error, "error_description": message });
            Some((status, Json(body)).into_response())
        }
        "github" => Some(github::refuse(status, message)),
        "clerk" => Some(clerk::refuse(status, message)),
        "cognito" => Some(cognito::refuse(status, message)),
        "resend" => Some(resend::refuse(status, message)),
        _ => None,
    }
}
