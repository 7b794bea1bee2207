//! `/v1/subscriptions` and their items.

use serde_json::Value;

use super::api::{Call, Endpoint, page};
use super::cards;
use super::change;
use super::discounts;
use super::json::Json;
use super::lifecycle::{self, Start};
use super::params::Params;
use super::payments::{Paid, Presence};
use super::refusal::Refusal;
use super::work::Work;

pub(super) const ENDPOINTS: &[Endpoint] = &[
    Endpoint::post(
        "/v1/subscriptions",
        "create_subscription",
        &[
            "customer",
            "items.#.price",
            "items.#.quantity",
            "default_payment_method",
            "trial_period_days",
            "trial_end",
            "trial_settings.end_behavior.missing_payment_method",
            "payment_behavior",
            "payment_settings.**",
            "metadata.*",
            "description",
            "automatic_tax.enabled",
            "collection_method",
            "days_until_due",
            "off_session",
            "cancel_at_period_end",
            "discounts.#.coupon",
            "discounts.#.promotion_code",
            "proration_behavior",
            "currency",
        ],
        create,
    ),
    Endpoint::list(
        "/v1/subscriptions",
        "list_subscriptions",
        &["customer", "status", "price", "collection_method", "test_clock"],
        list,
    ),
    Endpoint::get("/v1/subscriptions/*", "get_subscription", |work, call| {
        work.find("subscription", call.id, "id")
    }),
    Endpoint::post("/v1/subscriptions/*", "update_subscription", change::PARAMS, change::update),
    Endpoint::delete(
        "/v1/subscriptions/*",
        "cancel_subscription",
        &["invoice_now", "prorate", "cancellation_details.*"],
        change::cancel,
    ),
    Endpoint::post(
        "/v1/subscriptions/*/resume",
        "resume_subscription",
        &["billing_cycle_anchor", "proration_behavior", "proration_date"],
        change::resume,
    ),
    Endpoint::list(
        "/v1/subscription_items",
        "list_subscription_items",
        &["subscription"],
        |work, call| {
            let own = call.params.required("subscription")?;
            let subscription = work.find("subscription", own, "subscription")?;
            page(call, "subscription_item", subscription.all("items.data").iter().collect())
        },
    ),
];

/// A recurring, active price for a place in `items`.
pub(super) fn price_of(work: &Work<'_>, given: &str, param: &str) -> Result<Value, Refusal> {
    let price = work.find("price", given, param)?;
    if !price.flag("active") {
        return Err(Refusal::invalid(
            "The price specified is inactive. This field only accepts \
             active prices.",
        )
        .param(param));
    }
    if !price.has("recurring") {
        return Err(Refusal::invalid(
            "The price specified is set to `type=one_time` but this \
             field only accepts prices with `type=recurring`.",
        )
        .param(param));
    }
    Ok(price)
}

/// Prices and quantities; all of one currency and one interval.
pub(super) fn items(
    work: &Work<'_>,
    params: &Params,
    name: &str,
) -> Result<Vec<(Value, i64)>, Refusal> {
    let mut items: Vec<(Value, i64)> = Vec::new();
    for (place, item) in params.items(name).iter().enumerate() {
        let param = format!("{name}[{place}][price]");
        let given = item.text("price").ok_or_else(|| Refusal::missing(&param))?;
        let price = price_of(work, given, &param)?;
        let quantity = item.int("quantity")?.unwrap_or(1);
        if quantity < 0 {
            return Err(Refusal::invalid("Invalid non-negative integer")
                .code("parameter_invalid_integer")
                .param(&format!("{name}[{place}][quantity]")));
        }
        items.push((price, quantity));
    }
    if items.is_empty() {
        return Err(Refusal::missing(name));
    }
    agree(items.iter().map(|(price, _)| price))?;
    Ok(items)
}

/// Stripe bills one currency and one interval per subscription.
pub(super) fn agree<'p>(mut prices: impl Iterator<Item = &'p Value>) -> Result<(), Refusal> {
    let Some(first) = prices.next() else { return Ok(()) };
    let same = |price: &Value, name: &str| price.at(name) == first.at(name);
    let all = prices.all(|price| {
        ["currency", "recurring.interval", "recurring.interval_count"]
            .iter()
            .all(|name| same(price, name))
    });
    if all {
        return Ok(());
    }
    let message = "Currency and interval fields must match across all plans on this subscription.";
    Err(Refusal::invalid(message).param("items"))
}

/// The end of a trial that `trial_end` or `trial_period_days` names.
pub(super) fn trial_end(work: &Work<'_>, params: &Params) -> Result<Option<i64>, Refusal> {
    if params.text("trial_end") == Some("now") {
        return Ok(None);
    }
    if let Some(end) = params.int("trial_end")? {
        if end <= work.now {
            let message = "Invalid timestamp: must be an integer Unix timestamp in the future.";
            return Err(Refusal::invalid(message).param("trial_end"));
        }
        return Ok(Some(end));
    }
    let days = params.int("trial_period_days")?.filter(|days| *days > 0);
    if days.is_some_and(|days| days > 730) {
        let message = "Trial periods can be at most 730 days.";
        return Err(Refusal::invalid(message).param("trial_period_days"));
    }
    Ok(days.map(|days| work.now.saturating_add(days.saturating_mul(86_400))))
}

pub(super) fn missing(params: &Params) -> Result<String, Refusal> {
    let known = ["create_invoice", "pause", "cancel"];
    let name = "trial_settings.end_behavior.missing_payment_method";
    Ok(params.one_of(name, &known)?.unwrap_or("create_invoice").to_owned())
}

const BEHAVIOURS: [&str; 4] =
    ["allow_incomplete", "default_incomplete", "error_if_incomplete", "pending_if_incomplete"];

fn create(work: &mut Work<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    let params = call.params;
    let customer = params.required("customer")?.to_owned();
    work.find("customer", &customer, "customer")?;
    work.now = work.time_of(&customer);
    let behaviour = params.one_of("payment_behavior", &BEHAVIOURS)?.unwrap_or("allow_incomplete");
    let method = match params.text("default_payment_method") {
        Some(given) => Some(owned_method(work, given, &customer)?),
        None => None,
    };
    let known = ["charge_automatically", "send_invoice"];
    let collection = params.one_of("collection_method", &known)?.unwrap_or("charge_automatically");
    let start = Start {
        items: items(work, params, "items")?,
        trial_end: trial_end(work, params)?,
        missing: missing(params)?,
        metadata: call.metadata(&Value::Null),
        description: params.text("description").map(str::to_owned),
        automatic_tax: params.flag("automatic_tax.enabled")?.unwrap_or_default(),
        collection: collection.to_owned(),
        discount: discounts::asked(work, params)?,
        customer,
        method,
    };
    let pays = start.trial_end.is_none() && collection == "charge_automatically";
    let card = start.method.clone();
    let card = card.or_else(|| cards::default_of(work, &Value::Null, &start.customer));
    if pays && card.is_none() && behaviour != "default_incomplete" {
        return Err(Refusal::invalid(
            "This customer has no attached payment source or default payment method. Please \
             consider adding a default payment method.",
        )
        .code("resource_missing"));
    }
    let away = params.flag("off_session")?.unwrap_or_default();
    let presence = if away { Presence::Absent } else { Presence::Present };
    let (subscription, outcome) = lifecycle::start(work, &start, presence);
    match outcome {
        Paid::No(refusal) if behaviour == "error_if_incomplete" => Err(refusal),
        Paid::Asks if behaviour == "error_if_incomplete" => Err(asks()),
        Paid::Yes | Paid::Asks | Paid::No(_) => finish(work, params, subscription),
    }
}

/// The one wish that can only be granted to a subscription that exists.
fn finish(work: &mut Work<'_>, params: &Params, mut subscription: Value) -> Result<Value, Refusal> {
    if params.flag("cancel_at_period_end")? == Some(true) {
        change::cancel_at_end(&mut subscription, true, work.now);
        work.changed("customer.subscription.updated", &subscription);
    }
    Ok(subscription)
}

pub(super) fn asks() -> Refusal {
    Refusal::card(
        "subscription_payment_intent_requires_action",
        None,
        "Payment for this subscription requires additional user action before it can be completed \
         successfully.",
    )
}

/// A payment method that belongs to a customer; one of Stripe's test names is attached.
pub(super) fn owned_method(
    work: &mut Work<'_>,
    given: &str,
    customer: &str,
) -> Result<String, Refusal> {
    let method = cards::method(work, given, "default_payment_method")?;
    let method = if cards::behaviour(&method) != cards::Behaviour::Declines
        && work.copy(method.text("id")).at("customer").is_null()
        && given.starts_with("pm_card_")
    {
        cards::attach(work, method, customer)?
    } else {
        method
    };
    if method.text("customer") == customer {
        return Ok(method.owned("id"));
    }
    Err(Refusal::invalid(format!(
        "The customer does not have a payment method with the ID {given}. The payment method must \
         be attached to the customer."
    ))
    .param("default_payment_method"))
}

/// Ended subscriptions show only when they are asked for.
fn list(work: &mut Work<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    let known = [
        "active",
        "all",
        "canceled",
        "ended",
        "incomplete",
        "incomplete_expired",
        "past_due",
        "paused",
        "trialing",
        "unpaid",
    ];
    let status = call.params.one_of("status", &known)?.unwrap_or("");
    let price = call.params.text("price");
    let mut all = work.all("subscription");
    all.retain(|one| {
        let ended = matches!(one.text("status"), "canceled" | "incomplete_expired");
        let fits = match status {
            "all" => true,
            "" => one.text("status") != "canceled",
            "ended" => ended,
            wanted => one.text("status") == wanted,
        };
        let has = |price: &str| one.all("items.data").iter().any(|i| i.text("price.id") == price);
        fits && price.is_none_or(has)
    });
    for filter in ["customer", "collection_method", "test_clock"] {
        if let Some(wanted) = call.params.text(filter) {
            all.retain(|one| one.text(filter) == wanted);
        }
    }
    page(call, "subscription", all)
}
