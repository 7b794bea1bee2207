//! The checkout page: `GET` and `POST /stripe/c/pay/{session}`.

use axum::body::Bytes;
use axum::extract::{Path, State as Shared};
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::Value;

use super::cycle::money;
use super::json::Json;
use super::pages;
use super::params::Params;
use super::purchase::{self, Payer};
use super::refusal::Refusal;
use crate::page::escape;
use crate::state::State;

pub(super) async fn show(Shared(state): Shared<State>, Path(own): Path<String>) -> Response {
    page(&state, &own, None)
}

/// `card=4242424242424242`, with `email`, `name`, `country`, `promotion_code` and `authentication` if
/// need be;
/// `decision=cancel` goes back.
pub(super) async fn pay(
    Shared(state): Shared<State>,
    Path(own): Path<String>,
    body: Bytes,
) -> Response {
    let session = pages::look(&state, |work| work.copy(&own));
    if session.text("object") != "checkout.session" || session.text("status") != "open" {
        return page(&state, &own, None);
    }
    match attempt(&state, &own, &session, &body) {
        Ok(response) => response,
        Err(refusal) => page(&state, &own, Some(&refusal)),
    }
}

fn attempt(state: &State, own: &str, session: &Value, body: &[u8]) -> Result<Response, Refusal> {
    let form = Params::read(&[], body)?;
    if form.text("decision") == Some("cancel") {
        return Ok(pages::go(session.maybe("cancel_url").unwrap_or("/")));
    }
    let text = |name: &str| form.text(name).map(str::to_owned);
    let payer = Payer {
        card: pages::card(&form)?,
        email: text("email"),
        name: text("name"),
        promotion: text("promotion_code"),
        country: country(&form)?.filter(|_| session.flag("automatic_tax.enabled")),
        presence: pages::presence(&form),
    };
    if purchase::needs_answer(&payer) {
        let named = payer.card.map_or("", super::cards::Card::name);
        let carried = [
            ("named", named),
            ("email", form.text("email").unwrap_or_default()),
            ("name", form.text("name").unwrap_or_default()),
            ("country", form.text("country").unwrap_or_default()),
            ("promotion_code", form.text("promotion_code").unwrap_or_default()),
        ];
        return Ok(pages::question(&format!("/stripe/c/pay/{own}"), &carried));
    }
    let done = pages::work(state, "complete_checkout", |work| {
        let session = work.find("checkout.session", own, "id")?;
        work.now = work.time_of(session.text("customer"));
        purchase::complete(work, session, &payer)
    })?;
    let address = done.text("success_url").replace("{CHECKOUT_SESSION_ID}", own);
    Ok(pages::go(&address))
}

/// Two letters, in capitals.
fn country(form: &Params) -> Result<Option<String>, Refusal> {
    let Some(given) = form.text("country") else { return Ok(None) };
    if given.len() == 2 && given.bytes().all(|letter| letter.is_ascii_alphabetic()) {
        return Ok(Some(given.to_ascii_uppercase()));
    }
    Err(Refusal::invalid("A country has two letters, such as DE.").param("country"))
}

fn page(state: &State, own: &str, refused: Option<&Refusal>) -> Response {
    let (session, customer) = pages::look(state, |work| {
        let session = work.copy(own);
        let customer = work.copy(session.text("customer"));
        (session, customer)
    });
    if session.text("object") != "checkout.session" {
        return pages::nothing("There is no such checkout session.");
    }
    match session.text("status") {
        "complete" => {
            let body = "<h1>All done</h1><p>This checkout session is complete.</p>";
            return pages::html(StatusCode::OK, "All done", body);
        }
        "expired" => {
            let body = "<h1>This page is no longer valid</h1><p>The session has expired.</p>";
            return pages::html(StatusCode::GONE, "No longer valid", body);
        }
        _ => {}
    }
    let status = refused.map_or(StatusCode::OK, |refusal| refusal.status);
    let body = form(&session, &customer, refused.map(Refusal::message));
    pages::html(status, "Checkout", &body)
}

fn form(session: &Value, customer: &Value, refused: Option<&str>) -> String {
    let currency = session.text("currency");
    let lines = session
        .all("_line_items")
        .iter()
        .map(|line| {
            let interval = line.maybe("price.recurring.interval");
            let every = interval.map(|interval| format!(" / {interval}")).unwrap_or_default();
            format!(
                "<li>{} × {}: <b>{}{every}</b></li>",
                line.int("quantity"),
                escape(line.text("description")),
                money(line.int("amount_subtotal"), currency)
            )
        })
        .collect::<Vec<String>>()
        .concat();
    let trial =
        session.maybe_int("_terms.trial_days").map(|days| format!("<p>{days} days free.</p>"));
    let email = customer.maybe("email").or_else(|| session.maybe("customer_email"));
    let promotion = if session.flag("allow_promotion_codes") {
        "<label class=field>Promotion code<input name=promotion_code></label>"
    } else {
        ""
    };
    let country = if session.flag("automatic_tax.enabled") {
        let known = session.maybe("_country").unwrap_or("DE");
        format!(
            "<label class=field>Country<input name=country maxlength=2 value=\"{}\"></label>",
            escape(known)
        )
    } else {
        String::new()
    };
    let tax = session.int("total_details.amount_tax");
    let tax =
        if tax == 0 { String::new() } else { format!("<p>Tax: {}</p>", money(tax, currency)) };
    let optional = session.text("payment_method_collection") == "if_required"
        && session.int("amount_total") == 0;
    let verb = match session.text("mode") {
        "subscription" if trial.is_some() => "Start trial",
        "subscription" => "Subscribe",
        "setup" => "Save card",
        _ => "Pay",
    };
    format!(
        "<h1>Checkout</h1><ul>{lines}</ul>{trial}{tax}<p>Due today: <b>{due}</b></p>{alert}\
         <form method=post><label class=field>E-mail<input name=email type=email value=\"{email}\">\
         </label>{card}<label class=field>Name on card<input name=name></label>{country}\
         {promotion}\
         <div class=row><button>{verb}</button></div></form>\
         <form method=post><div class=row>\
         <button class=plain name=decision value=cancel>Back</button></div></form>",
        trial = trial.unwrap_or_default(),
        due = money(session.int("amount_total"), currency),
        alert = pages::alert(refused),
        email = escape(email.unwrap_or_default()),
        card = pages::card_fields(!optional),
    )
}
