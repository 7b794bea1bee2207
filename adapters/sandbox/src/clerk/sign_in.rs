//! The hosted page: one signs in with a click and returns to the application with a session.

use axum::body::Bytes;
use axum::extract::{RawQuery, State as Shared};
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, json};
use url::Url;

use super::{ISSUER, choices, sessions};
use crate::identity::form::Form;
use crate::identity::{authorize, grants, signing};
use crate::page::escape;
use crate::state::State;
use crate::svix;

fn target(form: &Form) -> Option<Url> {
    let url = Url::parse(form.get("redirect_url")?).ok()?;
    matches!(url.scheme(), "http" | "https").then_some(url)
}

fn refusal(reason: &str) -> Response {
    let body = format!(
        "<section class=card><h1>This link does not lead anywhere</h1><p>{}.</p></section>",
        escape(reason)
    );
    authorize::html(StatusCode::BAD_REQUEST, "No way back", &body)
}

/// `GET /sign-in?redirect_url=…`.
pub(crate) async fn page(Shared(state): Shared<State>, RawQuery(query): RawQuery) -> Response {
    let form = Form::read(query.unwrap_or_default().as_bytes());
    let Some(back) = target(&form) else {
        return refusal("`redirect_url` is not an absolute http(s) address");
    };
    let people = authorize::people(&choices(&state.memory()), 0);
    let body = format!(
        "<section class=card><h1>Sign in</h1><form method=post>{hidden}{people}\
         <div class=row><button name=decision value=allow>Continue</button></div></form>\
         <p class=quiet>You will return to {host}.</p></section>",
        hidden = authorize::hidden(&form),
        host = escape(back.host_str().unwrap_or_default()),
    );
    authorize::html(StatusCode::OK, "Sign in – Clerk", &body)
}

/// The form of that page; `person` says as whom. The way back carries the handshake of a
/// development instance: a signed list of the cookies that the application is to set, among them
/// `__session` with a session token.
pub(crate) async fn decide(
    Shared(state): Shared<State>,
    RawQuery(query): RawQuery,
    body: Bytes,
) -> Response {
    let mut form = Form::read(&body);
    form.0.extend(Form::read(query.unwrap_or_default().as_bytes()).0);
    let Some(mut back) = target(&form) else {
        return refusal("`redirect_url` is not an absolute http(s) address");
    };
    let mut memory = state.memory();
    let named = form.get("person").unwrap_or("ada");
    let Some(user) = memory.world.clerk.find(named).map(|user| user.id.clone()) else {
        return refusal("there is no such person in the sandbox");
    };
    let (session, message) = match sessions::open(&mut memory, &user, "active") {
        Ok(opened) => opened,
        Err(refused) => return refused.into_response(),
    };
    let azp = back.origin().ascii_serialization();
    let token = sessions::mint(&memory, &session, Some(&azp), sessions::TOKEN_SECONDS, &Map::new());
    let browser = format!("dvb_{}", grants::family());
    let handshake = json!({ "handshake": [
        format!("__clerk_db_jwt={browser}; Path=/; SameSite=Lax"),
        format!("__client_uat={}; Path=/; SameSite=Lax", session.created_at.div_euclid(1000)),
        format!("__session={token}; Path=/; SameSite=Lax"),
    ] });
    let handshake = signing::jwt(&memory.world.identity, ISSUER, &handshake);
    drop(memory);
    svix::send(&state, vec![message]);
    back.query_pairs_mut()
        .append_pair("__clerk_db_jwt", &browser)
        .append_pair("__clerk_handshake", &handshake);
    (StatusCode::FOUND, [(LOCATION, back.to_string())]).into_response()
}
