//! The customer portal: `GET` and `POST /stripe/p/session/{id}`.

use axum::body::Bytes;
use axum::extract::{Path, State as Shared};
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};

use super::api::Call;
use super::cards::{self, Card};
use super::change;
use super::cycle::{day, money};
use super::json::Json;
use super::lifecycle;
use super::lines::named;
use super::pages;
use super::params::Params;
use super::payments::Presence;
use super::refusal::Refusal;
use super::version::Version;
use super::work::Work;
use crate::page::escape;
use crate::state::State;

pub(super) async fn show(Shared(state): Shared<State>, Path(own): Path<String>) -> Response {
    page(&state, &own, None)
}

/// `action=switch&price=…`, `action=cancel`, `action=resume` (each with `subscription=…` where
/// there are several), or `action=card&card=…`.
pub(super) async fn act(
    Shared(state): Shared<State>,
    Path(own): Path<String>,
    body: Bytes,
) -> Response {
    let session = pages::look(&state, |work| work.copy(&own));
    if session.text("object") != "billing_portal.session" {
        return page(&state, &own, None);
    }
    let address = format!("/stripe/p/session/{own}");
    let outcome = Params::read(&[], &body).and_then(|form| {
        let card = pages::card(&form)?;
        if let Some(card) = card
            && card.asks()
            && pages::presence(&form) == Presence::Present
        {
            let carried = [("action", "card"), ("named", card.name())];
            return Ok(pages::question(&address, &carried));
        }
        pages::work(&state, "portal", |work| wish(work, &session, &form, card))?;
        Ok(pages::go(&address))
    });
    outcome.unwrap_or_else(|refusal| page(&state, &own, Some(&refusal)))
}

fn wish(
    work: &mut Work<'_>,
    session: &Value,
    form: &Params,
    card: Option<Card>,
) -> Result<Value, Refusal> {
    let customer = session.owned("customer");
    work.now = work.time_of(&customer);
    let subscription = chosen(work, &customer, form);
    let item = subscription.owned("items.data.0.id");
    let features = work.copy(session.text("configuration"));
    let allowed = |name: &str| {
        let on = features.flag(&format!("features.{name}.enabled"));
        if on { Ok(()) } else { Err(Refusal::invalid("The portal does not allow this.")) }
    };
    let params = match form.required("action")? {
        "card" => {
            allowed("payment_method_update")?;
            return new_card(work, &customer, form, card);
        }
        "switch" => {
            allowed("subscription_update")?;
            let how = features.maybe("features.subscription_update.proration_behavior");
            json!({
                "items": [{ "id": item, "price": form.required("price")? }],
                "proration_behavior": how.unwrap_or("none"),
                "payment_behavior": "error_if_incomplete",
            })
        }
        "cancel" => {
            allowed("subscription_cancel")?;
            json!({ "cancel_at_period_end": "true" })
        }
        "resume" => json!({ "cancel_at_period_end": "false" }),
        _ => return Err(Refusal::invalid("There is no such action.")),
    };
    let (params, version) = (Params::from(params), Version::newest());
    let call = Call { id: subscription.text("id"), path: "", params: &params, version: &version };
    change::update(work, &call)
}

/// The subscription that a form names, else the newest that still runs.
fn chosen(work: &Work<'_>, customer: &str, form: &Params) -> Value {
    let all = running(work, customer);
    let named = form.text("subscription");
    let found = all.iter().find(|one| named.is_none_or(|own| one.text("id") == own));
    found.cloned().unwrap_or_default()
}

fn running(work: &Work<'_>, customer: &str) -> Vec<Value> {
    let over = |one: &Value| matches!(one.text("status"), "canceled" | "incomplete_expired");
    let all = work.of_customer("subscription", customer);
    all.into_iter().filter(|one| !over(one)).cloned().collect()
}

/// The new card pays for everything from now on.
fn new_card(
    work: &mut Work<'_>,
    customer: &str,
    form: &Params,
    card: Option<Card>,
) -> Result<Value, Refusal> {
    let card = card.ok_or_else(|| {
        Refusal::card("incorrect_number", None, "Your card number is incomplete.")
    })?;
    if pages::presence(form) == Presence::Failed {
        let message = "We are unable to authenticate your payment method.";
        return Err(Refusal::card("setup_intent_authentication_failure", None, message));
    }
    let mut holder = work.copy(customer);
    let mut method = card.method(work.now, &json!({ "email": holder.at("email") }));
    method.put("_authenticated", pages::presence(form) == Presence::Agreed);
    let method = cards::attach(work, method, customer)?;
    holder.put("invoice_settings.default_payment_method", method.owned("id"));
    work.changed("customer.updated", &holder);
    for mut subscription in running(work, customer) {
        if subscription.has("default_payment_method") {
            subscription.put("default_payment_method", method.owned("id"));
            work.changed("customer.subscription.updated", &subscription);
        }
    }
    Ok(method)
}

fn page(state: &State, own: &str, refused: Option<&Refusal>) -> Response {
    let body = pages::look(state, |work| {
        let session = work.find("billing_portal.session", own, "id").ok()?;
        Some(body(work, &session, refused.map(Refusal::message)))
    });
    let status = refused.map_or(StatusCode::OK, |refusal| refusal.status);
    match body {
        Some(body) => pages::html(status, "Customer portal", &body),
        None => pages::nothing("There is no such portal session."),
    }
}

fn body(work: &Work<'_>, session: &Value, refused: Option<&str>) -> String {
    let customer = session.text("customer");
    let subscriptions = running(work, customer)
        .iter()
        .map(|one| subscription(work, one))
        .collect::<Vec<String>>()
        .concat();
    let subscriptions =
        if subscriptions.is_empty() { "<p>No subscription.</p>".to_owned() } else { subscriptions };
    let saved = work
        .of_customer("payment_method", customer)
        .iter()
        .map(|one| format!("<li>{} •••• {}</li>", one.text("card.brand"), one.text("card.last4")))
        .collect::<Vec<String>>()
        .concat();
    let invoices = work
        .of_customer("invoice", customer)
        .into_iter()
        .map(invoice)
        .collect::<Vec<String>>()
        .concat();
    let back = session
        .maybe("return_url")
        .map(|address| format!("<p><a href=\"{}\">← Back</a></p>", escape(address)));
    format!(
        "{back}<h1>Customer portal</h1>{alert}{subscriptions}<h2>Payment method</h2><ul>{saved}</ul>\
         <form method=post><input type=hidden name=action value=card>{fields}\
         <div class=row><button class=plain>Change card</button></div></form>\
         <h2>Invoices</h2><ul>{invoices}</ul>",
        back = back.unwrap_or_default(),
        alert = pages::alert(refused),
        fields = pages::card_fields(true),
    )
}

fn subscription(work: &Work<'_>, one: &Value) -> String {
    let price = one.at("items.data.0.price");
    let end = day(lifecycle::period(one).end);
    let hidden = format!("<input type=hidden name=subscription value=\"{}\">", one.text("id"));
    let ends = one.flag("cancel_at_period_end");
    let (state, action, verb) = if ends {
        (format!("Ends on {end}."), "resume", "Do not cancel")
    } else {
        (format!("Renews on {end}."), "cancel", "Cancel subscription")
    };
    let others = work
        .all("price")
        .into_iter()
        .filter(|other| other.flag("active") && other.has("recurring"))
        .filter(|other| other.at("id") != price.at("id"))
        .map(|other| {
            let amount = money(other.int("unit_amount"), other.text("currency"));
            format!(
                "<option value=\"{}\">{} ({amount} / {})</option>",
                escape(other.text("id")),
                escape(&named(work, other)),
                escape(other.text("recurring.interval"))
            )
        })
        .collect::<Vec<String>>()
        .concat();
    format!(
        "<h2>{name}</h2><p>{amount} / {interval}, {status}. {state}</p>\
         <form method=post>{hidden}<input type=hidden name=action value=switch>\
         <label class=field>Switch to<select name=price>{others}</select></label>\
         <div class=row><button>Switch plan</button></div></form>\
         <form method=post>{hidden}<div class=row>\
         <button class=plain name=action value={action}>{verb}</button></div></form>",
        name = escape(&named(work, price)),
        amount = money(price.int("unit_amount"), price.text("currency")),
        interval = escape(price.text("recurring.interval")),
        status = escape(one.text("status")),
    )
}

fn invoice(one: &Value) -> String {
    let amount = money(one.int("total"), one.text("currency"));
    let name = one.maybe("number").unwrap_or("draft");
    format!(
        "<li><a href=\"/stripe/i/{}\">{}</a>: {amount}, {} ({})</li>",
        escape(one.text("id")),
        escape(name),
        escape(one.text("status")),
        day(one.int("created"))
    )
}
