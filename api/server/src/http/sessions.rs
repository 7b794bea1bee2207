//! Signing in by a link that works once, and signing out.

use super::{App, pages};
use axum::{
    Extension, Form, Json,
    extract::{Path, State, rejection::FormRejection},
    http::{HeaderMap, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use herald_application::{
    caller::Person,
    failure::Failure,
    sign_in::{self, Renewed, Whence},
};
use herald_door::{Charge, Credential, Door as _, Knock, Source, TurnedAway, dropped};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;
use uuid::Uuid;

/// The person behind a request, which is counted as theirs; or the answer that turns nobody away.
pub(super) async fn person(app: &App, head: &Parts) -> Result<Person, Response> {
    let admitted = async {
        let knock = Knock::read(&head.headers, app.cookie, &app.origins, Uuid::nil())?;
        let visitor = app.reception.admit(knock.from_source(&head.extensions)).await?;
        app.reception.charge(&visitor, Charge { operation: "graphiql", fields: 1 }).await?;
        Ok(visitor.person)
    };
    let person = admitted.await.map_err(|reason| turned_away(&reason))?;
    person.ok_or_else(|| problem(StatusCode::UNAUTHORIZED, "sign in first"))
}

fn turned_away(reason: &TurnedAway) -> Response {
    problem(reason.status(), &reason.to_string())
}

/// An error in the form of RFC 9457.
pub(super) fn problem(status: StatusCode, detail: &str) -> Response {
    let title = status.canonical_reason().unwrap_or("Error");
    let body = json!({ "title": title, "status": status.as_u16(), "detail": detail });
    (status, [(header::CONTENT_TYPE, "application/problem+json")], body.to_string()).into_response()
}

/// Shows a button. Mail scanners and previews follow links; only a person presses buttons.
pub(super) async fn ask(State(app): State<App>, Path(_): Path<String>) -> Response {
    pages::sign_in(&app.house.config).into_response()
}

/// Uses the link up: a cookie for browsers, a bearer token for whoever asks for JSON.
pub(super) async fn sign_in(
    State(app): State<App>,
    Path(link): Path<String>,
    source: Option<Extension<Source>>,
    headers: HeaderMap,
) -> Response {
    if is_from_elsewhere(&headers) {
        let detail = "open the link itself; another site's page cannot sign you in";
        return problem(StatusCode::FORBIDDEN, detail);
    }
    let wants_json = headers
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|accept| accept.contains("application/json"));
    let link = SecretString::from(link);
    let session = match sign_in::redeem_from(&app.house.desk, &link, &whence(&headers, source))
        .await
    {
        Ok(session) => session,
        Err(Failure::Refused { .. }) if !wants_json => {
            return (StatusCode::FORBIDDEN, pages::link_not_valid(&app.house.config))
                .into_response();
        }
        Err(failure @ Failure::Refused { .. }) => {
            return problem(StatusCode::FORBIDDEN, &failure.to_string());
        }
        Err(failure) => {
            tracing::error!(?failure, "signing in failed");
            return problem(StatusCode::SERVICE_UNAVAILABLE, "sign-in does not answer; try again");
        }
    };
    if wants_json {
        return Json(json!({ "token": session.expose_secret() })).into_response();
    }
    let secure = if app.cookie.starts_with("__Host-") { "; Secure" } else { "" };
    let seconds = app.house.config.settings.waits.session_life.as_secs();
    let cookie = format!(
        "{}={}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}",
        app.cookie,
        session.expose_secret()
    );
    ([(header::SET_COOKIE, cookie)], pages::signed_in(&app.house.config)).into_response()
}

fn whence(headers: &HeaderMap, source: Option<Extension<Source>>) -> Whence {
    let agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
    Whence::of(agent, source.map(|Extension(source)| source.0))
}

/// `POST /auth/token`: what programs trade for a session, as RFC 6749 has it. A one-time link begins
/// a chain of renewals (`grant_type=urn:herald:link`), a refresh token goes on with it.
#[derive(serde::Deserialize)]
#[expect(clippy::struct_field_names, reason = "RFC 6749 names them")]
pub(super) struct Grant {
    grant_type: Option<String>,
    link: Option<String>,
    refresh_token: Option<String>,
}

/// Hands out a short session and what renews it.
pub(super) async fn token(
    State(app): State<App>,
    source: Option<Extension<Source>>,
    headers: HeaderMap,
    grant: Result<Form<Grant>, FormRejection>,
) -> Response {
    let Ok(Form(grant)) = grant else {
        return oauth_error(StatusCode::BAD_REQUEST, "invalid_request");
    };
    let (desk, whence) = (&app.house.desk, whence(&headers, source));
    let (refresh, link) = (grant.refresh_token, grant.link);
    let (refresh, link) = (refresh.map(SecretString::from), link.map(SecretString::from));
    let renewed = match (grant.grant_type.as_deref(), refresh, link) {
        (Some("refresh_token"), Some(refresh), None) => {
            sign_in::renew(desk, &refresh, &whence).await
        }
        (Some("urn:herald:link"), None, Some(link)) => {
            match sign_in::begin_chain(desk, &link, &whence).await {
                Err(Failure::Refused { .. }) => Ok(None),
                begun => begun.map(Some),
            }
        }
        (Some("refresh_token" | "urn:herald:link") | None, _, _) => {
            return oauth_error(StatusCode::BAD_REQUEST, "invalid_request");
        }
        (Some(_), _, _) => return oauth_error(StatusCode::BAD_REQUEST, "unsupported_grant_type"),
    };
    match renewed {
        Ok(Some(Renewed { access, expires_in, refresh })) => Json(json!({
            "access_token": access.expose_secret(),
            "token_type": "Bearer",
            "expires_in": expires_in.as_secs(),
            "refresh_token": refresh.expose_secret(),
        }))
        .into_response(),
        Ok(None) => oauth_error(StatusCode::BAD_REQUEST, "invalid_grant"),
        Err(failure) => {
            tracing::error!(?failure, "a session was not renewed");
            problem(StatusCode::SERVICE_UNAVAILABLE, "sign-in does not answer; try again")
        }
    }
}

fn oauth_error(status: StatusCode, error: &str) -> Response {
    (status, Json(json!({ "error": error }))).into_response()
}

/// Would a page of another site sign its visitor in as somebody else? Browsers say where a request
/// comes from; programs do not, and need not.
fn is_from_elsewhere(headers: &HeaderMap) -> bool {
    let site = headers.get("sec-fetch-site").and_then(|value| value.to_str().ok());
    site.is_some_and(|site| site != "same-origin" && site != "none")
}

/// Ends the session that asks.
pub(super) async fn sign_out(State(app): State<App>, headers: HeaderMap) -> Response {
    let knock = match Knock::read(&headers, app.cookie, &app.origins, Uuid::nil()) {
        Ok(knock) => knock,
        Err(reason) => return turned_away(&reason),
    };
    if let Some(Credential::Bearer(session) | Credential::Cookie(session)) = knock.credential
        && let Err(failure) = sign_in::end(&app.house.desk, &session).await
    {
        tracing::error!(?failure, "signing out failed");
        return problem(StatusCode::SERVICE_UNAVAILABLE, "sign-out does not answer; try again");
    }
    let mut response = StatusCode::NO_CONTENT.into_response();
    response.headers_mut().extend(dropped(app.cookie));
    response
}
