//! What exists from the start: the catalogue, and the endpoint that the settings name.

use serde_json::{Value, json};

use super::settings::StripeEndpoint;

/// When the catalogue was made, in seconds since 1970.
const MADE: i64 = 1_700_000_000;

/// Lookup key, product, amount in cents, interval; one-off without.
const PRICES: [(&str, &str, i64, Option<&str>); 6] = [
    ("herald_starter_monthly_v1", "herald_starter", 2_900, Some("month")),
    ("herald_starter_yearly_v1", "herald_starter", 29_000, Some("year")),
    ("herald_professional_monthly_v1", "herald_professional", 9_900, Some("month")),
    ("herald_professional_yearly_v1", "herald_professional", 99_000, Some("year")),
    ("herald_api_calls_10000_v1", "herald_api_calls_10000", 900, None),
    ("herald_ai_credits_500_v1", "herald_ai_credits_500", 1_000, None),
];

const PRODUCTS: [(&str, &str); 4] = [
    ("herald_starter", "Starter"),
    ("herald_professional", "Professional"),
    ("herald_api_calls_10000", "10000 api calls"),
    ("herald_ai_credits_500", "500 ai credits"),
];

/// What is metered: the event's name, and what people call it.
const METERS: [(&str, &str); 2] =
    [("herald_api_calls", "API calls"), ("herald_generated_posts", "Generated posts")];

/// Products, prices, meters and the portal's default configuration.
pub(super) fn objects() -> Vec<Value> {
    let products = PRODUCTS.iter().map(|(id, name)| product(id, name, MADE));
    let prices = PRICES.iter().map(|(key, product, amount, interval)| {
        let recurring = interval.map(|interval| recurring(interval, 1, None));
        let mut price = price(&format!("price_{key}"), product, "usd", *amount, MADE);
        if let Some(members) = price.as_object_mut() {
            members.insert("lookup_key".to_owned(), json!(key));
            members.insert("type".to_owned(), json!(kind(recurring.is_some())));
            members.insert("recurring".to_owned(), json!(recurring));
        }
        price
    });
    let meters = METERS.iter().map(|(event, name)| meter(event, name));
    products.chain(prices).chain(meters).chain([portal("bpc_herald", true, MADE)]).collect()
}

fn meter(event: &str, name: &str) -> Value {
    json!({
        "id": format!("mtr_test_{event}"), "object": "billing.meter", "created": MADE,
        "customer_mapping": { "event_payload_key": "stripe_customer_id", "type": "by_id" },
        "default_aggregation": { "formula": "sum" }, "display_name": name, "event_name": event,
        "event_time_window": null, "livemode": false, "status": "active",
        "status_transitions": { "deactivated_at": null }, "updated": MADE,
        "value_settings": { "event_payload_key": "value" },
    })
}

pub(super) fn kind(recurring: bool) -> &'static str {
    if recurring { "recurring" } else { "one_time" }
}

pub(super) fn product(id: &str, name: &str, now: i64) -> Value {
    json!({
        "id": id, "object": "product", "active": true, "created": now, "default_price": null,
        "description": null, "images": [], "livemode": false, "marketing_features": [],
        "metadata": {}, "name": name, "package_dimensions": null, "shippable": null,
        "statement_descriptor": null, "tax_code": null, "type": "service", "unit_label": null,
        "updated": now, "url": null,
    })
}

pub(super) fn price(id: &str, product: &str, currency: &str, amount: i64, now: i64) -> Value {
    json!({
        "id": id, "object": "price", "active": true, "billing_scheme": "per_unit",
        "created": now, "currency": currency, "custom_unit_amount": null, "livemode": false,
        "lookup_key": null, "metadata": {}, "nickname": null, "product": product,
        "recurring": null, "tax_behavior": "unspecified", "tiers_mode": null,
        "transform_quantity": null, "type": "one_time", "unit_amount": amount,
        "unit_amount_decimal": amount.to_string(),
    })
}

pub(super) fn recurring(interval: &str, count: i64, meter: Option<&str>) -> Value {
    json!({
        "interval": interval, "interval_count": count, "meter": meter,
        "trial_period_days": null,
        "usage_type": if meter.is_some() { "metered" } else { "licensed" },
    })
}

/// A configuration of the customer portal that allows everything.
pub(super) fn portal(id: &str, default: bool, now: i64) -> Value {
    json!({
        "id": id, "object": "billing_portal.configuration", "active": true, "application": null,
        "business_profile": {
            "headline": null, "privacy_policy_url": null, "terms_of_service_url": null
        },
        "created": now, "default_return_url": null,
        "features": {
            "customer_update": { "allowed_updates": ["email"], "enabled": false },
            "invoice_history": { "enabled": true },
            "payment_method_update": { "enabled": true, "payment_method_configuration": null },
            "subscription_cancel": {
                "cancellation_reason": { "enabled": false, "options": [] },
                "enabled": true, "mode": "at_period_end", "proration_behavior": "none",
            },
            "subscription_update": {
                "default_allowed_updates": ["price"], "enabled": true,
                "products": [], "proration_behavior": "always_invoice",
                "schedule_at_period_end": { "conditions": [] },
                "trial_update_behavior": "continue_trial", "billing_cycle_anchor": null,
            },
        },
        "is_default": default, "livemode": false,
        "login_page": { "enabled": false, "url": null },
        "metadata": {}, "name": null, "updated": now,
    })
}

/// The endpoint that the settings name.
pub(super) fn endpoint(given: &StripeEndpoint) -> Value {
    let mut object = webhook("we_herald", &given.url, &given.secret, MADE);
    if let Some(members) = object.as_object_mut() {
        members.insert("enabled_events".to_owned(), json!(["*"]));
        members.insert("api_version".to_owned(), json!(given.api_version));
    }
    object
}

/// `_secrets` are those that sign: one, or two while one is being replaced.
pub(super) fn webhook(id: &str, url: &str, secret: &str, now: i64) -> Value {
    json!({
        "id": id, "object": "webhook_endpoint", "api_version": null, "application": null,
        "created": now, "description": null, "enabled_events": [], "livemode": false,
        "metadata": {}, "status": "enabled", "url": url, "_secrets": [secret],
    })
}
