//! What a person sees when they come back.

use axum::{
    http::StatusCode,
    response::{Html, IntoResponse, Response},
};
use herald_application::failure::Failure;

const STYLE: &str = ":root{color-scheme:light dark}body{font:17px/1.55 system-ui,sans-serif;\
     max-width:36rem;margin:14vh auto;padding:0 1.5rem}h1{font-size:1.5rem}";

fn page(status: StatusCode, title: &str, text: &str) -> Response {
    let html = format!(
        "<!doctype html><html lang=en><meta charset=utf-8>\
         <meta name=viewport content=\"width=device-width, initial-scale=1\">\
         <title>{title}</title><style>{STYLE}</style><h1>{title}</h1><p>{text}</p></html>"
    );
    (status, Html(html)).into_response()
}

/// A page of ours: neither of the texts may hold anything that a caller wrote.
pub(crate) fn of(status: StatusCode, title: &str, text: &str) -> Response {
    page(status, title, text)
}

/// Why an identity was not linked, or why we could not sign somebody in.
pub(crate) fn failed_to_link(failure: &Failure) -> Response {
    if let Failure::Refused { code, message, .. } = failure {
        let text = format!("{} ({code})", escaped(message));
        return page(StatusCode::CONFLICT, "Nothing was changed", &text);
    }
    tracing::error!(code = failure.code(), ?failure, "a sign-in did not come to its end");
    let text = "Something is not well on our side. Begin again in a minute.";
    page(StatusCode::SERVICE_UNAVAILABLE, "You are not signed in yet", text)
}

pub(crate) fn connected() -> Response {
    let text = "The account is being connected; this takes a few seconds. You can close this page.";
    page(StatusCode::OK, "Thank you", text)
}

pub(crate) fn refused() -> Response {
    let text = "Nothing was connected. Begin again whenever you like.";
    page(StatusCode::OK, "You said no", text)
}

pub(crate) fn signed_out() -> Response {
    let text = "Open your sign-in link in this browser, then connect again: only the person who \
         began a connection can complete it.";
    page(StatusCode::UNAUTHORIZED, "You are not signed in here", text)
}

pub(crate) fn malformed(text: &str) -> Response {
    page(StatusCode::BAD_REQUEST, "This is not an answer that we asked for", text)
}

/// A refusal's sentence is ours and holds nothing that a caller wrote.
pub(crate) fn failed(failure: &Failure) -> Response {
    match failure {
        Failure::NotFound => {
            let text = "There is no such connection in your account. Connect again.";
            page(StatusCode::NOT_FOUND, "Nothing was connected", text)
        }
        Failure::Refused { code, message, .. } => {
            let text = format!("{} ({code})", escaped(message));
            page(StatusCode::CONFLICT, "Nothing was connected", &text)
        }
        Failure::Forbidden { .. } => {
            let text = "Your role does not allow connecting accounts.";
            page(StatusCode::FORBIDDEN, "Nothing was connected", text)
        }
        Failure::VersionConflict { .. }
        | Failure::Contended
        | Failure::IdempotencyKeyReused
        | Failure::Unavailable(_)
        | Failure::Internal(_)
        | Failure::AlreadyHandled => {
            tracing::error!(code = failure.code(), ?failure, "a consent was not completed");
            let text = "Something is not well on our side. Reload this page in a minute.";
            page(StatusCode::SERVICE_UNAVAILABLE, "Nothing was connected yet", text)
        }
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
