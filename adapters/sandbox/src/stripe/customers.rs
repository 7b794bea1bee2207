//! `/v1/customers`.

use serde_json::{Value, json};

use super::api::{Call, Endpoint, list_of, page};
use super::cards;
use super::json::Json;
use super::lifecycle;
use super::refusal::Refusal;
use super::search;
use super::work::{Work, id};

const MEMBERS: &[&str] = &["name", "email", "phone", "description", "address", "shipping"];

const PARAMS: &[&str] = &[
    "name",
    "email",
    "phone",
    "description",
    "metadata.*",
    "address.*",
    "shipping.**",
    "payment_method",
    "invoice_settings.default_payment_method",
    "invoice_settings.footer",
    "test_clock",
    "preferred_locales.#",
    "tax_exempt",
    "balance",
    "tax.*",
    "tax_id_data.#.*",
    "invoice_prefix",
];

pub(super) const ENDPOINTS: &[Endpoint] = &[
    Endpoint::post("/v1/customers", "create_customer", PARAMS, create),
    Endpoint::list("/v1/customers", "list_customers", &["email", "test_clock"], |work, call| {
        list_of(work, call, "customer", &["email", "test_clock"])
    }),
    Endpoint::list("/v1/customers/search", "search_customers", &["query", "page"], |work, call| {
        search::customers(work, call)
    }),
    Endpoint::get("/v1/customers/*", "get_customer", |work, call| {
        // Who was deleted is still shown, as deleted.
        let found = work.get(call.id).filter(|object| object.text("object") == "customer");
        found.cloned().ok_or_else(|| Refusal::no_such("customer", call.id, "id"))
    }),
    Endpoint::post("/v1/customers/*", "update_customer", PARAMS, update),
    Endpoint::delete("/v1/customers/*", "delete_customer", &[], delete),
    Endpoint::list(
        "/v1/customers/*/payment_methods",
        "list_customer_payment_methods",
        &["type"],
        |work, call| {
            work.find("customer", call.id, "id")?;
            page(call, "payment_method", work.of_customer("payment_method", call.id))
        },
    ),
];

/// A customer with nothing but an id.
pub(super) fn blank(now: i64) -> Value {
    json!({
        "id": id("cus_", 14), "object": "customer", "address": null, "balance": 0,
        "created": now, "currency": null, "default_source": null, "delinquent": false,
        "description": null, "discount": null, "email": null,
        "invoice_prefix": id("", 8).to_uppercase(),
        "invoice_settings": {
            "custom_fields": null, "default_payment_method": null, "footer": null,
            "rendering_options": null
        },
        "livemode": false, "metadata": {}, "name": null, "next_invoice_sequence": 1,
        "phone": null, "preferred_locales": [], "shipping": null, "tax_exempt": "none",
        "test_clock": null,
    })
}

fn create(work: &mut Work<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    let params = call.params;
    let mut customer = blank(work.now);
    if let Some(clock) = params.text("test_clock") {
        let clock = work.find("test_helpers.test_clock", clock, "test_clock")?;
        customer.put("created", clock.int("frozen_time"));
        customer.put("test_clock", clock.owned("id"));
        work.now = clock.int("frozen_time");
    }
    fill(work, call, &mut customer)?;
    work.put(&customer);
    if let Some(given) = params.text("payment_method") {
        let method = cards::method(work, given, "payment_method")?;
        cards::attach(work, method, customer.text("id"))?;
    }
    default_method(work, call, &mut customer)?;
    work.born("customer.created", &customer);
    Ok(customer)
}

fn fill(work: &Work<'_>, call: &Call<'_>, customer: &mut Value) -> Result<(), Refusal> {
    if let Some(email) = call.params.text("email")
        && !email.contains('@')
    {
        let message = format!("Invalid email address: {email}");
        return Err(Refusal::invalid(message).code("email_invalid").param("email"));
    }
    call.assign(customer, MEMBERS);
    let metadata = call.metadata(customer.at("metadata"));
    customer.put("metadata", metadata);
    if let Some(locales) = call.params.value("preferred_locales").as_array() {
        customer.put("preferred_locales", locales.clone());
    }
    if let Some(balance) = call.params.int("balance")? {
        customer.put("balance", balance);
    }
    let known = ["none", "exempt", "reverse"];
    if let Some(exempt) = call.params.one_of("tax_exempt", &known)? {
        customer.put("tax_exempt", exempt);
    }
    customer.put("test_clock", work.copy(customer.text("test_clock")).at("id").clone());
    Ok(())
}

fn default_method(
    work: &mut Work<'_>,
    call: &Call<'_>,
    customer: &mut Value,
) -> Result<(), Refusal> {
    let name = "invoice_settings.default_payment_method";
    let Some(given) = call.params.text(name) else { return Ok(()) };
    let method = work.find("payment_method", given, "invoice_settings[default_payment_method]")?;
    if method.text("customer") != customer.text("id") {
        return Err(Refusal::invalid(format!(
            "The customer does not have a payment method with the ID {given}. The payment method \
             must be attached to the customer."
        ))
        .code("resource_missing")
        .param("invoice_settings[default_payment_method]"));
    }
    customer.put(name, given);
    Ok(())
}

fn update(work: &mut Work<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    let mut customer = work.find("customer", call.id, "id")?;
    for name in ["test_clock", "payment_method"] {
        if call.params.given(name) {
            return Err(Refusal::unknown(name));
        }
    }
    fill(work, call, &mut customer)?;
    default_method(work, call, &mut customer)?;
    work.changed("customer.updated", &customer);
    Ok(customer)
}

/// Ends every subscription; what is left is the fact that there was a customer.
fn delete(work: &mut Work<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    let customer = work.find("customer", call.id, "id")?;
    work.now = work.time_of(call.id);
    let over = |one: &&&Value| matches!(one.text("status"), "canceled" | "incomplete_expired");
    let all = work.of_customer("subscription", call.id);
    let live: Vec<Value> = all.iter().filter(|one| !over(one)).map(|one| (*one).clone()).collect();
    for subscription in live {
        lifecycle::cancel(work, subscription, "cancellation_requested");
    }
    work.told("customer.deleted", &customer);
    let gone = json!({ "id": call.id, "object": "customer", "deleted": true });
    work.put(&gone);
    Ok(gone)
}
