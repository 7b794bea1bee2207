//! `/v1/payment_intents` and `/v1/setup_intents`.

use serde_json::{Value, json};

use super::api::{Call, Endpoint, list_of};
use super::cards::{self, Behaviour};
use super::json::Json;
use super::payments::{self, Paid, Presence};
use super::refusal::Refusal;
use super::work::{Work, id};

pub(super) const ENDPOINTS: &[Endpoint] = &[
    Endpoint::post(
        "/v1/payment_intents",
        "create_payment_intent",
        &[
            "amount",
            "currency",
            "customer",
            "payment_method",
            "confirm",
            "off_session",
            "description",
            "metadata.*",
            "receipt_email",
            "setup_future_usage",
            "payment_method_types.#",
            "automatic_payment_methods.*",
            "return_url",
        ],
        create,
    ),
    Endpoint::list("/v1/payment_intents", "list_payment_intents", &["customer"], |work, call| {
        list_of(work, call, "payment_intent", &["customer"])
    }),
    Endpoint::get("/v1/payment_intents/*", "get_payment_intent", |work, call| {
        work.find("payment_intent", call.id, "id")
    }),
    Endpoint::post(
        "/v1/payment_intents/*",
        "update_payment_intent",
        &["description", "metadata.*", "payment_method", "receipt_email", "customer"],
        |work, call| {
            let mut intent = work.find("payment_intent", call.id, "id")?;
            let members = ["description", "payment_method", "receipt_email", "customer"];
            call.assign(&mut intent, &members);
            let metadata = call.metadata(intent.at("metadata"));
            intent.put("metadata", metadata);
            work.put(&intent);
            Ok(intent)
        },
    ),
    Endpoint::post(
        "/v1/payment_intents/*/confirm",
        "confirm_payment_intent",
        &["payment_method", "off_session", "return_url"],
        |work, call| {
            let intent = work.find("payment_intent", call.id, "id")?;
            if let Some(invoice) = intent.maybe("_invoice").map(str::to_owned) {
                return through_invoice(work, call, &invoice);
            }
            confirm(work, call, intent)
        },
    ),
    Endpoint::post(
        "/v1/payment_intents/*/cancel",
        "cancel_payment_intent",
        &["cancellation_reason"],
        cancel,
    ),
    Endpoint::post(
        "/v1/setup_intents",
        "create_setup_intent",
        &[
            "customer",
            "payment_method",
            "confirm",
            "usage",
            "metadata.*",
            "payment_method_types.#",
            "automatic_payment_methods.*",
            "return_url",
        ],
        set_up,
    ),
    Endpoint::list("/v1/setup_intents", "list_setup_intents", &["customer"], |work, call| {
        list_of(work, call, "setup_intent", &["customer"])
    }),
    Endpoint::get("/v1/setup_intents/*", "get_setup_intent", |work, call| {
        work.find("setup_intent", call.id, "id")
    }),
];

fn create(work: &mut Work<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    let params = call.params;
    let amount = params.int("amount")?.ok_or_else(|| Refusal::missing("amount"))?;
    if amount < 50 {
        let message = "Amount must be at least $0.50 usd";
        return Err(Refusal::invalid(message).code("amount_too_small").param("amount"));
    }
    let currency = params.required("currency")?.to_lowercase();
    let customer = params.text("customer");
    if let Some(customer) = customer {
        work.find("customer", customer, "customer")?;
        work.now = work.time_of(customer);
    }
    let method = match params.text("payment_method") {
        Some(given) => Some(cards::method(work, given, "payment_method")?.owned("id")),
        None => None,
    };
    let mut intent = payments::intent(work, amount, &currency, customer, method.as_deref());
    intent.put("metadata", call.metadata(&Value::Null));
    call.assign(&mut intent, &["description", "receipt_email", "setup_future_usage"]);
    work.born("payment_intent.created", &intent);
    if params.flag("confirm")? == Some(true) {
        return confirm(work, call, intent);
    }
    Ok(intent)
}

fn confirm(work: &mut Work<'_>, call: &Call<'_>, mut intent: Value) -> Result<Value, Refusal> {
    if matches!(intent.text("status"), "succeeded" | "canceled") {
        return Err(unexpected(&intent, "confirm"));
    }
    if let Some(given) = call.params.text("payment_method") {
        let method = cards::method(work, given, "payment_method")?;
        intent.put("payment_method", method.owned("id"));
    }
    intent.put("_return_url", call.params.text("return_url"));
    let away = call.params.flag("off_session")?.unwrap_or_default();
    let presence = if away { Presence::Absent } else { Presence::Present };
    match payments::confirm(work, &mut intent, presence) {
        Paid::No(refusal) => Err(refusal.with("payment_intent", intent).keeping()),
        Paid::Yes | Paid::Asks => Ok(intent),
    }
}

/// The money of an invoice comes by its invoice.
fn through_invoice(work: &mut Work<'_>, call: &Call<'_>, own: &str) -> Result<Value, Refusal> {
    let mut invoice = work.copy(own);
    let given = call.params.text("payment_method").map(str::to_owned);
    let method = match given {
        Some(given) => Some(cards::method(work, &given, "payment_method")?.owned("id")),
        None => None,
    };
    let presence = Presence::Present;
    let outcome = super::invoices::attempt(work, &mut invoice, presence, method.as_deref());
    match outcome {
        Paid::No(refusal) => Err(refusal.keeping()),
        Paid::Yes | Paid::Asks => Ok(work.copy(call.id)),
    }
}

fn unexpected(intent: &Value, what: &str) -> Refusal {
    Refusal::invalid(format!(
        "You cannot {what} this PaymentIntent because it has a status of {}.",
        intent.text("status")
    ))
    .code("payment_intent_unexpected_state")
}

fn cancel(work: &mut Work<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    let mut intent = work.find("payment_intent", call.id, "id")?;
    if matches!(intent.text("status"), "succeeded" | "canceled") {
        return Err(unexpected(&intent, "cancel"));
    }
    intent.put("status", "canceled");
    intent.put("canceled_at", work.now);
    call.assign(&mut intent, &["cancellation_reason"]);
    work.put(&intent);
    work.told("payment_intent.canceled", &intent);
    Ok(intent)
}

fn set_up(work: &mut Work<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    let params = call.params;
    let customer = params.text("customer").map(str::to_owned);
    if let Some(customer) = &customer {
        work.find("customer", customer, "customer")?;
    }
    let own = id("seti_", 24);
    let mut intent = json!({
        "client_secret": format!("{own}_secret_{}", id("", 24)), "id": own,
        "object": "setup_intent", "application": null, "automatic_payment_methods": null,
        "cancellation_reason": null, "created": work.now, "customer": customer,
        "description": null, "excluded_payment_method_types": null, "flow_directions": null,
        "last_setup_error": null, "latest_attempt": null, "livemode": false, "mandate": null,
        "metadata": call.metadata(&Value::Null), "next_action": null, "on_behalf_of": null,
        "payment_method": null, "payment_method_configuration_details": null,
        "payment_method_options": {}, "payment_method_types": ["card"],
        "single_use_mandate": null, "status": "requires_payment_method",
        "usage": params.text("usage").unwrap_or("off_session"),
    });
    work.born("setup_intent.created", &intent);
    let Some(given) = params.text("payment_method") else { return Ok(intent) };
    let mut method = cards::method(work, given, "payment_method")?;
    intent.put("payment_method", method.owned("id"));
    intent.put("status", "requires_confirmation");
    if params.flag("confirm")? == Some(true) {
        if matches!(cards::behaviour(&method), Behaviour::AsksAlways | Behaviour::AsksOnce) {
            intent.put("status", "requires_action");
        } else {
            if let Some(customer) = &customer {
                method = cards::attach(work, method, customer)?;
            }
            intent.put("payment_method", method.owned("id"));
            intent.put("status", "succeeded");
            work.told("setup_intent.succeeded", &intent);
        }
    }
    work.put(&intent);
    Ok(intent)
}
