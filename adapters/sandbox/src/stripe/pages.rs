//! What Stripe's hosted pages share: a frame, a card form, a question, and reading what was sent.

use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, LOCATION};
use axum::http::{HeaderName, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use serde_json::{Value, json};

use super::cards::Card;
use super::engine;
use super::params::Params;
use super::payments::Presence;
use super::refusal::Refusal;
use super::serve::{Asked, transact, unavailable};
use super::work::Work;
use crate::page::{self, escape};
use crate::state::State;

/// A page that loads nothing. It sets no `form-action`, because browsers apply that to the
/// redirect back to the shop as well.
pub(super) fn html(status: StatusCode, title: &str, body: &str) -> Response {
    const FRAMES: HeaderName = HeaderName::from_static("x-frame-options");
    let policy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";
    let headers =
        [(CONTENT_SECURITY_POLICY, policy), (FRAMES, "DENY"), (CACHE_CONTROL, "no-store")];
    let note = "<p class=quiet>Stripe, as the sandbox plays it: no money moves.</p>";
    let body = format!("<section class=card>{body}{note}</section>");
    (status, headers, Html(page::frame(title, &body))).into_response()
}

pub(super) fn go(address: &str) -> Response {
    (StatusCode::SEE_OTHER, [(LOCATION, address)]).into_response()
}

pub(super) fn nothing(what: &str) -> Response {
    let body = format!("<h1>Something went wrong</h1><p>{}</p>", escape(what));
    html(StatusCode::NOT_FOUND, "Something went wrong", &body)
}

/// A refusal as a page shows it, above its form.
pub(super) fn alert(refused: Option<&str>) -> String {
    refused
        .map(|message| format!("<p class=warn role=alert><b>{}</b></p>", escape(message)))
        .unwrap_or_default()
}

/// The fields for a card, with the numbers that work here.
pub(super) fn card_fields(required: bool) -> String {
    let required = if required { " required" } else { "" };
    format!(
        "<label class=field>Card number<input name=card inputmode=numeric autocomplete=off \
         placeholder=\"4242 4242 4242 4242\"{required}></label>\
         <div class=row><label class=field>Expires<input name=expiry value=\"12 / 34\"></label>\
         <label class=field>CVC<input name=cvc value=123></label></div>\
         <details class=quiet><summary>Test cards</summary><ul>\
         <li><code>4242 4242 4242 4242</code> pays</li>\
         <li><code>4000 0000 0000 0002</code> is declined</li>\
         <li><code>4000 0027 6000 3184</code> asks you to confirm</li>\
         <li><code>4000 0000 0000 0341</code> can be saved and fails when charged</li>\
         <li><code>4000 0000 0000 9995</code> has insufficient funds</li></ul></details>"
    )
}

/// The bank's question: the second page of a card that asks.
pub(super) fn question(action: &str, hidden: &[(&str, &str)]) -> Response {
    let fields = hidden
        .iter()
        .map(|(name, value)| {
            format!("<input type=hidden name=\"{}\" value=\"{}\">", escape(name), escape(value))
        })
        .collect::<Vec<String>>()
        .concat();
    let body = format!(
        "<h1>Is this you?</h1><p>Your bank asks you to confirm this payment (3D Secure).</p>\
         <form method=post action=\"{}\">{fields}<div class=row>\
         <button name=authentication value=complete>Complete</button>\
         <button class=plain name=authentication value=fail>Fail</button></div></form>",
        escape(action)
    );
    html(StatusCode::OK, "Confirm the payment", &body)
}

/// The card that a form names: by number, or by the name that the question carried along.
pub(super) fn card(form: &Params) -> Result<Option<Card>, Refusal> {
    match (form.text("named"), form.text("card")) {
        (Some(name), _) => Ok(Card::by_name(name)),
        (None, Some(number)) => Card::by_number(number).map(Some),
        (None, None) => Ok(None),
    }
}

pub(super) fn presence(form: &Params) -> Presence {
    match form.text("authentication") {
        Some("complete") => Presence::Agreed,
        Some(_) => Presence::Failed,
        None => Presence::Present,
    }
}

/// One piece of work behind a click.
pub(super) fn work(
    state: &State,
    name: &str,
    act: impl FnOnce(&mut Work<'_>) -> Result<Value, Refusal>,
) -> Result<Value, Refusal> {
    let mut memory = state.memory();
    engine::run(&mut memory);
    let asked = Asked::by_page(&memory);
    let outcome = transact(&mut memory, name, &asked, act);
    outcome.unwrap_or_else(|error| {
        tracing::error!(%error, "the sandbox could not write a click down");
        Err(unavailable())
    })
}

/// Reads without changing anything.
pub(super) fn look<T>(state: &State, read: impl FnOnce(&Work<'_>) -> T) -> T {
    let mut memory = state.memory();
    engine::run(&mut memory);
    let now = memory.now().div_euclid(1_000);
    read(&Work::new(&memory.world.stripe, now, &memory.public_url, json!({})))
}
