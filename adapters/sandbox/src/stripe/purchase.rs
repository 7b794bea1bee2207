//! Paying on the checkout page: from a card and a click to a subscription or a payment.

use serde_json::{Value, json};

use super::cards::{self, Card};
use super::customers;
use super::discounts;
use super::invoice_items;
use super::json::Json;
use super::lifecycle::{self, Start};
use super::lines::Line;
use super::payments::{self, Paid, Presence};
use super::refusal::Refusal;
use super::work::{Work, id};

/// Who pays, and with what.
#[derive(Debug)]
pub(super) struct Payer {
    /// None where nothing is to be paid today and no card is asked for.
    pub(super) card: Option<Card>,
    pub(super) email: Option<String>,
    pub(super) name: Option<String>,
    pub(super) promotion: Option<String>,
    /// Where they live, where tax is worked out.
    pub(super) country: Option<String>,
    pub(super) presence: Presence,
}

/// What a card that asks needs first.
pub(super) fn needs_answer(payer: &Payer) -> bool {
    payer.presence == Presence::Present && payer.card.is_some_and(Card::asks)
}

/// Completes an open session; where the card says no, nothing has happened.
pub(super) fn complete(
    work: &mut Work<'_>,
    mut session: Value,
    payer: &Payer,
) -> Result<Value, Refusal> {
    if payer.presence == Presence::Failed {
        let message = "We are unable to authenticate your payment method. Please choose a \
                       different payment method and try again.";
        return Err(Refusal::card("payment_intent_authentication_failure", None, message));
    }
    promote(work, &mut session, payer)?;
    if let Some(country) = &payer.country {
        session.put("_country", country.clone());
        super::checkout::price_up(work, &mut session);
    }
    let free = session.int("amount_total") == 0;
    let optional = session.text("payment_method_collection") == "if_required";
    if payer.card.is_none() && !(free && (optional || session.text("mode") == "payment")) {
        return Err(Refusal::card("incorrect_number", None, "Your card number is incomplete."));
    }
    let customer = customer(work, &session, payer);
    live(work, &customer, payer);
    let method = payer.card.map(|card| {
        let billing = json!({ "email": payer.email, "name": payer.name });
        let mut method = card.method(work.now, &billing);
        method.put("_authenticated", payer.presence == Presence::Agreed);
        work.put(&method);
        method
    });
    match session.text("mode") {
        "subscription" => subscribe(work, &mut session, &customer, method, payer)?,
        "setup" => set_up(work, &mut session, &customer, method)?,
        _ => pay(work, &mut session, &customer, method, payer)?,
    }
    let holder = work.copy(&customer);
    session.put("status", "complete");
    session.put("url", Value::Null);
    session.put("customer", holder.at("id").clone());
    session.put(
        "customer_details",
        json!({
            "address": holder.at("address"), "business_name": null,
            "email": payer.email.as_deref().or_else(|| holder.maybe("email")),
            "individual_name": null,
            "name": payer.name.as_deref().or_else(|| holder.maybe("name")), "phone": null,
            "tax_exempt": "none", "tax_ids": []
        }),
    );
    work.born("checkout.session.completed", &session);
    Ok(session)
}

fn promote(work: &mut Work<'_>, session: &mut Value, payer: &Payer) -> Result<(), Refusal> {
    let Some(code) = &payer.promotion else { return Ok(()) };
    let all = work.all("promotion_code");
    let found = all.into_iter().find(|one| one.text("code").eq_ignore_ascii_case(code)).cloned();
    let Some(found) = found.filter(|_| session.flag("allow_promotion_codes")) else {
        return Err(Refusal::invalid("This code is invalid."));
    };
    discounts::usable(work, &found)?;
    let asked = json!({ "coupon": found.at("promotion.coupon"), "promotion_code": found.at("id") });
    session.put("_discount", asked);
    super::checkout::price_up(work, session);
    Ok(())
}

/// The session's customer, or a new one; a guest who only pays stays a guest.
fn customer(work: &mut Work<'_>, session: &Value, payer: &Payer) -> String {
    if let Some(own) = session.maybe("customer") {
        return own.to_owned();
    }
    if session.text("mode") == "payment" && session.text("customer_creation") != "always" {
        return String::new();
    }
    let mut customer = customers::blank(work.now);
    let email = payer.email.as_deref().or_else(|| session.maybe("customer_email"));
    customer.put("email", email);
    customer.put("name", payer.name.clone());
    work.born("customer.created", &customer);
    customer.owned("id")
}

/// What the page asked of the payer's address is the customer's from then on.
fn live(work: &mut Work<'_>, customer: &str, payer: &Payer) {
    let mut holder = work.copy(customer);
    let (Some(country), false) = (&payer.country, holder.is_null()) else { return };
    let address = json!({
        "city": null, "country": country, "line1": null, "line2": null, "postal_code": null,
        "state": null,
    });
    holder.put("address", address);
    work.changed("customer.updated", &holder);
}

fn subscribe(
    work: &mut Work<'_>,
    session: &mut Value,
    customer: &str,
    method: Option<Value>,
    payer: &Payer,
) -> Result<(), Refusal> {
    let method = match method {
        Some(method) => Some(cards::attach(work, method, customer)?.owned("id")),
        None => None,
    };
    let (recurring, once): (Vec<&Value>, Vec<&Value>) =
        session.all("_line_items").iter().partition(|line| line.has("price.recurring"));
    for line in once {
        let line = Line::once(line, work.now);
        invoice_items::wait(work, customer, &line);
    }
    let items = recurring.iter().map(|line| (line.at("price").clone(), line.int("quantity")));
    let terms = session.at("_terms").clone();
    let days = terms.maybe_int("trial_days").filter(|days| *days > 0);
    let by_days = days.map(|days| work.now.saturating_add(days.saturating_mul(86_400)));
    let start = Start {
        customer: customer.to_owned(),
        items: items.collect(),
        method,
        trial_end: by_days.or(terms.maybe_int("trial_end")),
        missing: terms.owned("missing"),
        metadata: terms.at("metadata").clone(),
        description: terms.maybe("description").map(str::to_owned),
        automatic_tax: session.flag("automatic_tax.enabled"),
        collection: "charge_automatically".to_owned(),
        discount: Some(session.at("_discount").clone()).filter(|asked| !asked.is_null()),
    };
    let (mut subscription, outcome) = lifecycle::start(work, &start, payer.presence);
    if let Paid::No(refusal) = outcome {
        return Err(refusal);
    }
    let rates = terms.all("tax_rates").iter().map(|own| json!({ "id": own, "object": "tax_rate" }));
    subscription.put("default_tax_rates", rates.collect::<Vec<_>>());
    work.put(&subscription);
    let invoice = work.copy(subscription.text("latest_invoice"));
    let paid = if invoice.int("amount_paid") > 0 { "paid" } else { "no_payment_required" };
    session.put("payment_status", paid);
    session.put("subscription", subscription.owned("id"));
    session.put("invoice", invoice.owned("id"));
    Ok(())
}

fn pay(
    work: &mut Work<'_>,
    session: &mut Value,
    customer: &str,
    method: Option<Value>,
    payer: &Payer,
) -> Result<(), Refusal> {
    let amount = session.int("amount_total");
    let Some(method) = method.filter(|_| amount > 0) else {
        session.put("payment_status", "no_payment_required");
        return Ok(());
    };
    let terms = session.at("_terms").clone();
    let holder = Some(customer).filter(|own| !own.is_empty());
    let method = match holder.filter(|_| terms.flag("keeps_card")) {
        Some(holder) => cards::attach(work, method, holder)?,
        None => method,
    };
    let currency = session.owned("currency");
    let mut intent = payments::intent(work, amount, &currency, holder, Some(method.text("id")));
    intent.put("metadata", terms.at("payment_metadata").clone());
    intent.put("description", terms.at("payment_description").clone());
    work.born("payment_intent.created", &intent);
    if let Paid::No(refusal) = payments::confirm(work, &mut intent, payer.presence) {
        return Err(refusal);
    }
    session.put("payment_intent", intent.owned("id"));
    session.put("payment_status", "paid");
    Ok(())
}

fn set_up(
    work: &mut Work<'_>,
    session: &mut Value,
    customer: &str,
    method: Option<Value>,
) -> Result<(), Refusal> {
    let method = cards::attach(work, method.unwrap_or_default(), customer)?;
    let intent = json!({
        "id": id("seti_", 24), "object": "setup_intent", "created": work.now,
        "customer": customer, "livemode": false, "metadata": {},
        "payment_method": method.at("id"), "payment_method_types": ["card"],
        "status": "succeeded", "usage": "off_session",
    });
    work.born("setup_intent.succeeded", &intent);
    session.put("setup_intent", intent.owned("id"));
    session.put("payment_status", "no_payment_required");
    Ok(())
}
