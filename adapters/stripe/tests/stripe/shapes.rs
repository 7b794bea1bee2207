//! Stripe's objects in the new shape and the old.

use serde_json::{Value, json};

pub(crate) const START: i64 = 1_794_000_000;
pub(crate) const END: i64 = 1_796_000_000;

pub(crate) fn price(id: &str, lookup_key: Option<&str>) -> Value {
    json!({
        "id": id, "object": "price", "active": true, "lookup_key": lookup_key, "currency": "usd",
        "unit_amount": 2900, "recurring": { "interval": "month", "interval_count": 1,
            "usage_type": "licensed", "meter": null }
    })
}

pub(crate) fn card(id: &str, fingerprint: &str) -> Value {
    json!({
        "id": id, "object": "payment_method", "type": "card", "customer": "cus_1",
        "card": { "fingerprint": fingerprint, "brand": "visa", "last4": "4242",
            "exp_month": 8, "exp_year": 2030 }
    })
}

/// As versions since 2025-03-31 show it.
pub(crate) fn new_subscription(id: &str, status: &str) -> Value {
    json!({
        "id": id, "object": "subscription", "status": status, "customer": "cus_1",
        "created": START, "start_date": START, "cancel_at_period_end": false, "cancel_at": null,
        "canceled_at": null, "ended_at": null, "trial_end": null, "pause_collection": null,
        "pending_update": null, "schedule": null,
        "discounts": [{ "id": "di_1", "end": null, "source": { "type": "coupon", "coupon":
            { "id": "SAVE", "duration": "forever", "percent_off": 12.5, "amount_off": null } } }],
        "default_payment_method": card("pm_1", "FINGERPRINT"),
        "items": { "object": "list", "has_more": false, "data": [{
            "id": "si_1", "quantity": 1, "price": price("price_1", Some("herald_starter_monthly_v1")),
            "current_period_start": START, "current_period_end": END }] },
        "latest_invoice": new_invoice("in_1", "paid")
    })
}

/// As the version of 2023 shows the same.
pub(crate) fn old_subscription(id: &str, status: &str) -> Value {
    let mut old = new_subscription(id, status);
    let fields = old.as_object_mut().expect("an object");
    fields.remove("discounts");
    fields.insert(
        "discount".to_owned(),
        json!({ "id": "di_1", "end": null, "coupon":
        { "id": "SAVE", "duration": "forever", "percent_off": 12.5, "amount_off": null } }),
    );
    fields.insert("current_period_start".to_owned(), json!(START));
    fields.insert("current_period_end".to_owned(), json!(END));
    let item = old["items"]["data"][0].as_object_mut().expect("an item");
    item.remove("current_period_start");
    item.remove("current_period_end");
    old["latest_invoice"] = old_invoice("in_1", "paid");
    old
}

fn invoice(id: &str, status: &str) -> Value {
    json!({
        "id": id, "object": "invoice", "customer": "cus_1", "number": "H-1", "status": status,
        "currency": "usd", "subtotal": 2900, "total": 3451, "amount_due": 3451,
        "amount_paid": if status == "paid" { 3451 } else { 0 }, "attempt_count": 1,
        "created": START, "due_date": null, "period_start": START, "period_end": END,
        "status_transitions": { "paid_at": START },
        "hosted_invoice_url": "https://invoice.stripe.com/i/1",
        "invoice_pdf": "https://pay.stripe.com/invoice/1/pdf"
    })
}

pub(crate) fn new_invoice(id: &str, status: &str) -> Value {
    let mut it = invoice(id, status);
    it["parent"] = json!({ "type": "subscription_details",
        "subscription_details": { "subscription": "sub_1", "metadata": {} } });
    it["total_taxes"] = json!([{ "amount": 551, "tax_behavior": "exclusive" }]);
    it["payments"] = json!({ "object": "list", "has_more": false, "data": [{ "status": status,
        "payment": { "type": "payment_intent", "payment_intent": "pi_1" } }] });
    it
}

pub(crate) fn old_invoice(id: &str, status: &str) -> Value {
    let mut it = invoice(id, status);
    it["subscription"] = json!("sub_1");
    it["payment_intent"] = json!("pi_1");
    it["tax"] = json!(551);
    it
}
