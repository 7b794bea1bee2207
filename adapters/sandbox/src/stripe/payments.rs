//! Payment intents and the charges that come of them.

use serde_json::{Value, json};

use super::cards::{self, Behaviour};
use super::disputes;
use super::json::Json;
use super::refusal::Refusal;
use super::work::{Work, id};

/// Whether the card's holder is there to be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Presence {
    /// Nobody is there: a renewal.
    Absent,
    /// Somebody is there and has not been asked yet.
    Present,
    /// Was asked and said yes.
    Agreed,
    /// Was asked and did not.
    Failed,
}

/// How an attempt to pay ended.
#[derive(Debug)]
pub(super) enum Paid {
    Yes,
    /// The holder is to be asked first.
    Asks,
    No(Refusal),
}

/// A new payment intent, told but not confirmed.
pub(super) fn intent(
    work: &mut Work<'_>,
    amount: i64,
    currency: &str,
    customer: Option<&str>,
    method: Option<&str>,
) -> Value {
    let own = id("pi_", 24);
    let state = if method.is_some() { "requires_confirmation" } else { "requires_payment_method" };
    json!({
        "client_secret": format!("{own}_secret_{}", id("", 24)), "id": own,
        "object": "payment_intent", "amount": amount, "amount_capturable": 0,
        "amount_details": { "tip": {} }, "amount_received": 0, "application": null,
        "application_fee_amount": null, "automatic_payment_methods": null, "canceled_at": null,
        "cancellation_reason": null, "capture_method": "automatic",
        "confirmation_method": "automatic", "created": work.now, "currency": currency,
        "customer": customer, "description": null, "excluded_payment_method_types": null,
        "last_payment_error": null, "latest_charge": null, "livemode": false, "metadata": {},
        "next_action": null, "on_behalf_of": null, "payment_method": method,
        "payment_method_configuration_details": null, "payment_method_options": {},
        "payment_method_types": ["card"], "processing": null, "receipt_email": null,
        "review": null, "setup_future_usage": null, "shipping": null, "source": null,
        "statement_descriptor": null, "statement_descriptor_suffix": null, "status": state,
        "transfer_data": null, "transfer_group": null, "_invoice": null,
    })
}

/// Tries to take the money.
pub(super) fn confirm(work: &mut Work<'_>, intent: &mut Value, presence: Presence) -> Paid {
    let method = work.copy(intent.text("payment_method"));
    if method.is_null() {
        intent.put("status", "requires_payment_method");
        work.put(intent);
        return Paid::No(no_method());
    }
    let behaviour = cards::behaviour(&method);
    match (behaviour, presence) {
        (Behaviour::Pays | Behaviour::Disputes, _)
        | (Behaviour::AsksAlways | Behaviour::AsksOnce, Presence::Agreed) => {
            succeed(work, intent, &method, behaviour);
            Paid::Yes
        }
        (Behaviour::AsksAlways | Behaviour::AsksOnce, Presence::Present) => {
            ask(work, intent);
            Paid::Asks
        }
        (Behaviour::AsksAlways | Behaviour::AsksOnce, Presence::Failed) => {
            Paid::No(fail(work, intent, &method, unauthenticated()))
        }
        (Behaviour::AsksAlways | Behaviour::AsksOnce, Presence::Absent) => {
            // The attempt failed, and the holder may still say yes on a page.
            fail(work, intent, &method, cards::decline(behaviour));
            intent.put("payment_method", method.owned("id"));
            ask(work, intent);
            Paid::Asks
        }
        (
            Behaviour::Declines
            | Behaviour::DeclinesLater
            | Behaviour::InsufficientFunds
            | Behaviour::Expired,
            _,
        ) => Paid::No(fail(work, intent, &method, cards::decline(behaviour))),
    }
}

fn no_method() -> Refusal {
    Refusal::invalid(
        "You cannot confirm this PaymentIntent because it's missing a payment method. You can \
         either update the PaymentIntent with a payment method and then confirm it again, or \
         confirm it again directly with a payment method.",
    )
    .code("payment_intent_unexpected_state")
}

fn unauthenticated() -> Refusal {
    let message = "We are unable to authenticate your payment method. Please choose a different \
                   payment method and try again.";
    Refusal::card("payment_intent_authentication_failure", None, message)
}

fn ask(work: &mut Work<'_>, intent: &mut Value) {
    let address = format!("{}/stripe/authenticate/{}", work.base, intent.text("id"));
    intent.put("status", "requires_action");
    intent.put(
        "next_action",
        json!({
            "type": "redirect_to_url",
            "redirect_to_url": { "url": address, "return_url": intent.at("_return_url") }
        }),
    );
    work.put(intent);
    work.told("payment_intent.requires_action", intent);
}

fn succeed(work: &mut Work<'_>, intent: &mut Value, method: &Value, behaviour: Behaviour) {
    let charge = charge(work, intent, method, None);
    intent.put("status", "succeeded");
    intent.put("amount_received", intent.int("amount"));
    intent.put("latest_charge", charge.owned("id"));
    intent.put("last_payment_error", Value::Null);
    intent.put("next_action", Value::Null);
    work.put(intent);
    work.born("charge.succeeded", &charge);
    work.told("payment_intent.succeeded", intent);
    if behaviour == Behaviour::Disputes {
        disputes::open(work, charge, "fraudulent");
    }
}

fn fail(work: &mut Work<'_>, intent: &mut Value, method: &Value, refusal: Refusal) -> Refusal {
    let charge = charge(work, intent, method, Some(&refusal));
    let mut error = refusal.body("").at("error").clone();
    if let Some(members) = error.as_object_mut() {
        members.remove("request_log_url");
        members.insert("charge".to_owned(), charge.at("id").clone());
        members.insert("payment_method".to_owned(), method.clone());
    }
    intent.put("status", "requires_payment_method");
    intent.put("last_payment_error", error);
    intent.put("latest_charge", charge.owned("id"));
    intent.put("payment_method", Value::Null);
    intent.put("next_action", Value::Null);
    work.put(intent);
    work.born("charge.failed", &charge);
    work.told("payment_intent.payment_failed", intent);
    refusal.with("charge", charge.at("id").clone())
}

fn charge(work: &Work<'_>, intent: &Value, method: &Value, refused: Option<&Refusal>) -> Value {
    let error = refused.map(|refusal| refusal.body("")).unwrap_or_default();
    let paid = refused.is_none();
    let own = id("ch_", 24);
    let amount = intent.int("amount");
    let mut card = method.at("card").clone();
    if let Some(members) = card.as_object_mut() {
        members.retain(|name, _| {
            !matches!(name.as_str(), "generated_from" | "networks" | "three_d_secure_usage")
        });
    }
    json!({
        "object": "charge", "amount": amount, "amount_captured": if paid { amount } else { 0 },
        "amount_refunded": 0, "application": null, "application_fee": null,
        "application_fee_amount": null, "balance_transaction": null,
        "billing_details": method.at("billing_details"),
        "calculated_statement_descriptor": "HERALD SANDBOX", "captured": paid,
        "created": work.now, "currency": intent.at("currency"),
        "customer": intent.at("customer"), "description": intent.at("description"),
        "disputed": false, "failure_balance_transaction": null,
        "failure_code": error.at("error.code"), "failure_message": error.at("error.message"),
        "fraud_details": {}, "livemode": false, "metadata": intent.at("metadata"),
        "on_behalf_of": null,
        "outcome": {
            "advice_code": null, "network_advice_code": null, "network_decline_code": null,
            "network_status": if paid { "approved_by_network" } else { "declined_by_network" },
            "reason": error.at("error.decline_code"), "risk_level": "normal",
            "seller_message": if paid { "Payment complete." } else { "The bank refused." },
            "type": if paid { "authorized" } else { "issuer_declined" },
        },
        "paid": paid, "payment_intent": intent.at("id"), "payment_method": method.at("id"),
        "payment_method_details": { "type": "card", "card": card },
        "receipt_email": null, "receipt_number": null,
        "receipt_url": format!("{}/stripe/receipts/{own}", work.base), "refunded": false,
        "review": null, "shipping": null, "source": null, "source_transfer": null,
        "statement_descriptor": null, "statement_descriptor_suffix": null,
        "status": if paid { "succeeded" } else { "failed" }, "transfer_data": null,
        "transfer_group": null, "_invoice": intent.at("_invoice"), "id": own,
    })
}
