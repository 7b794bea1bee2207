//! `/v1/payment_methods`.

use serde_json::Value;

use super::api::{Call, Endpoint, page};
use super::cards::{self, Card};
use super::json::Json;
use super::refusal::Refusal;
use super::work::Work;

pub(super) const ENDPOINTS: &[Endpoint] = &[
    Endpoint::post(
        "/v1/payment_methods",
        "create_payment_method",
        &[
            "type",
            "card.number",
            "card.exp_month",
            "card.exp_year",
            "card.cvc",
            "card.token",
            "billing_details.**",
            "metadata.*",
        ],
        create,
    ),
    Endpoint::list("/v1/payment_methods", "list_payment_methods", &["customer", "type"], list),
    Endpoint::get("/v1/payment_methods/*", "get_payment_method", |work, call| {
        work.find("payment_method", call.id, "id")
    }),
    Endpoint::post(
        "/v1/payment_methods/*",
        "update_payment_method",
        &["metadata.*", "billing_details.**", "card.exp_month", "card.exp_year"],
        |work, call| {
            let mut method = work.find("payment_method", call.id, "id")?;
            let metadata = call.metadata(method.at("metadata"));
            method.put("metadata", metadata);
            for name in ["card.exp_month", "card.exp_year"] {
                if let Some(number) = call.params.int(name)? {
                    method.put(name, number);
                }
            }
            work.changed("payment_method.updated", &method);
            Ok(method)
        },
    ),
    Endpoint::post("/v1/payment_methods/*/attach", "attach_payment_method", &["customer"], attach),
    Endpoint::post("/v1/payment_methods/*/detach", "detach_payment_method", &[], |work, call| {
        let method = work.find("payment_method", call.id, "id")?;
        detach(work, method)
    }),
];

/// Raw numbers are Stripe's to take; here only its published test numbers are known.
fn create(work: &mut Work<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    let params = call.params;
    if params.required("type")? != "card" {
        return Err(Refusal::invalid("The sandbox knows payment methods of type `card` only.")
            .param("type"));
    }
    let card = match (params.text("card.number"), params.text("card.token")) {
        (Some(number), _) => Card::by_number(number)?,
        (None, Some(token)) => Card::by_name(&token.replacen("tok_", "pm_card_", 1))
            .ok_or_else(|| Refusal::no_such("token", token, "card[token]"))?,
        (None, None) => return Err(Refusal::missing("card")),
    };
    let mut method = card.method(work.now, params.value("billing_details"));
    method.put("metadata", call.metadata(&Value::Null));
    work.put(&method);
    Ok(method)
}

fn list(work: &mut Work<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    let customer = call.params.required("customer")?;
    work.find("customer", customer, "customer")?;
    let mut all = work.of_customer("payment_method", customer);
    if let Some(kind) = call.params.text("type") {
        all.retain(|method| method.text("type") == kind);
    }
    page(call, "payment_method", all)
}

fn attach(work: &mut Work<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    let customer = call.params.required("customer")?.to_owned();
    work.find("customer", &customer, "customer")?;
    let method = cards::method(work, call.id, "id")?;
    cards::attach(work, method, &customer)
}

/// Takes a method from its customer, and from all that would have paid with it.
pub(super) fn detach(work: &mut Work<'_>, mut method: Value) -> Result<Value, Refusal> {
    let (own, customer) = (method.owned("id"), method.owned("customer"));
    if customer.is_empty() {
        return Err(Refusal::invalid(
            "The payment method you provided is not attached to a customer so detachment is \
             impossible.",
        ));
    }
    method.put("customer", Value::Null);
    let mut holder = work.copy(&customer);
    if holder.text("invoice_settings.default_payment_method") == own {
        holder.put("invoice_settings.default_payment_method", Value::Null);
        work.changed("customer.updated", &holder);
    }
    let uses = |one: &&&Value| one.text("default_payment_method") == own;
    let paying: Vec<Value> = work
        .of_customer("subscription", &customer)
        .iter()
        .filter(uses)
        .map(|one| (*one).clone())
        .collect();
    for mut subscription in paying {
        subscription.put("default_payment_method", Value::Null);
        work.changed("customer.subscription.updated", &subscription);
    }
    work.changed("payment_method.detached", &method);
    Ok(method)
}
