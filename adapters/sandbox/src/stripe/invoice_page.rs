//! The page of one invoice, with a way to pay it, and the page that asks a card's holder.

use axum::body::Bytes;
use axum::extract::{Path, State as Shared};
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};

use super::cards;
use super::cycle::money;
use super::invoices;
use super::json::Json;
use super::pages;
use super::params::Params;
use super::payments::{self, Paid, Presence};
use super::refusal::Refusal;
use super::work::Work;
use crate::page::escape;
use crate::state::State;

/// `GET /stripe/i/{invoice}`.
pub(super) async fn show(Shared(state): Shared<State>, Path(own): Path<String>) -> Response {
    page(&state, &own, None)
}

/// `card=…`, or nothing for the card that is saved; `authentication` answers the question.
pub(super) async fn pay(
    Shared(state): Shared<State>,
    Path(own): Path<String>,
    body: Bytes,
) -> Response {
    let address = format!("/stripe/i/{own}");
    let outcome = Params::read(&[], &body).and_then(|form| {
        let card = pages::card(&form)?;
        let presence = pages::presence(&form);
        let done = pages::work(&state, "pay_invoice_page", |work| {
            let mut invoice = work.find("invoice", &own, "id")?;
            let customer = invoice.owned("customer");
            work.now = work.time_of(&customer);
            if invoice.text("status") != "open" {
                return Err(Refusal::invalid("This invoice is not open."));
            }
            let method = match card {
                Some(card) => {
                    let method = card.method(work.now, &Value::Null);
                    Some(cards::attach(work, method, &customer)?.owned("id"))
                }
                None => None,
            };
            match invoices::attempt(work, &mut invoice, presence, method.as_deref()) {
                Paid::Yes => Ok(json!({ "id": own, "paid": true })),
                Paid::Asks => Ok(json!({ "id": own, "paid": false })),
                Paid::No(refusal) => Err(refusal.keeping()),
            }
        })?;
        if done.flag("paid") {
            return Ok(pages::go(&address));
        }
        let named = card.map_or("", cards::Card::name);
        Ok(pages::question(&address, &[("named", named)]))
    });
    outcome.unwrap_or_else(|refusal| page(&state, &own, Some(&refusal)))
}

fn page(state: &State, own: &str, refused: Option<&Refusal>) -> Response {
    let invoice = pages::look(state, |work| work.copy(own));
    if invoice.text("object") != "invoice" {
        return pages::nothing("There is no such invoice.");
    }
    let currency = invoice.text("currency");
    let lines = invoice
        .all("lines.data")
        .iter()
        .map(|line| {
            let amount = money(line.int("amount"), currency);
            format!("<li>{}: {amount}</li>", escape(line.text("description")))
        })
        .collect::<Vec<String>>()
        .concat();
    let tax: i64 = invoice.all("total_taxes").iter().map(|part| part.int("amount")).sum();
    let tax =
        if tax == 0 { String::new() } else { format!("<p>Tax: {}</p>", money(tax, currency)) };
    let form = if invoice.text("status") == "open" {
        format!(
            "<form method=post>{}<p class=quiet>Leave the number empty to pay with the saved \
             card.</p><div class=row><button>Pay</button></div></form>",
            pages::card_fields(false)
        )
    } else {
        String::new()
    };
    let body = format!(
        "<h1>Invoice {number}</h1><ul>{lines}</ul>{tax}<p>Total <b>{total}</b>, due <b>{due}</b>, \
         {status}.</p>{alert}{form}",
        number = escape(invoice.maybe("number").unwrap_or("(draft)")),
        tax = tax,
        total = money(invoice.int("total"), currency),
        due = money(invoice.int("amount_remaining"), currency),
        status = escape(invoice.text("status")),
        alert = pages::alert(refused.map(Refusal::message)),
    );
    let status = refused.map_or(StatusCode::OK, |refusal| refusal.status);
    pages::html(status, "Invoice", &body)
}

/// `GET /stripe/authenticate/{payment_intent}`.
pub(super) async fn ask(Shared(state): Shared<State>, Path(own): Path<String>) -> Response {
    let intent = pages::look(&state, |work| work.copy(&own));
    if intent.text("status") != "requires_action" {
        return pages::nothing("There is nothing to confirm here.");
    }
    pages::question(&format!("/stripe/authenticate/{own}"), &[])
}

/// `authentication=complete` or `authentication=fail`.
pub(super) async fn answer(
    Shared(state): Shared<State>,
    Path(own): Path<String>,
    body: Bytes,
) -> Response {
    let outcome = Params::read(&[], &body).and_then(|form| {
        let presence = pages::presence(&form);
        pages::work(&state, "authenticate", |work| authenticate(work, &own, presence))
    });
    match outcome {
        Ok(intent) => {
            if let Some(back) = intent.maybe("next_action.redirect_to_url.return_url") {
                return pages::go(back);
            }
            let body = "<h1>Thank you</h1><p>The payment is confirmed.</p>";
            pages::html(StatusCode::OK, "Thank you", body)
        }
        Err(refusal) => {
            let body = format!("<h1>Not confirmed</h1>{}", pages::alert(Some(refusal.message())));
            pages::html(refusal.status, "Not confirmed", &body)
        }
    }
}

fn authenticate(work: &mut Work<'_>, own: &str, presence: Presence) -> Result<Value, Refusal> {
    let mut intent = work.find("payment_intent", own, "id")?;
    work.now = work.time_of(intent.text("customer"));
    if intent.text("status") != "requires_action" {
        return Err(Refusal::invalid("There is nothing to confirm here."));
    }
    let before = intent.clone();
    let outcome = match intent.maybe("_invoice") {
        Some(invoice) => {
            let mut invoice = work.copy(invoice);
            let method = intent.owned("payment_method");
            invoices::attempt(work, &mut invoice, presence, Some(&method))
        }
        None => payments::confirm(work, &mut intent, presence),
    };
    match outcome {
        Paid::Yes | Paid::Asks => Ok(before),
        Paid::No(refusal) => Err(refusal.keeping()),
    }
}
