//! The shapes before 2025-03-31, as version 2023-10-16 has them.

use serde_json::{Value, json};

use super::json::Json;

/// An object, and all that is inside it, in the older shape.
pub(super) fn shape(mut object: Value) -> Value {
    match object.text("object") {
        "subscription" => subscription(&mut object),
        "invoice" => invoice(&mut object),
        "payment_intent" | "charge" => {
            let invoice = object.at("_invoice").clone();
            object.put("invoice", invoice);
        }
        "list" => {
            let data = object.all("data").iter().cloned().map(shape).collect::<Vec<_>>();
            object.put("data", data);
        }
        "promotion_code" => from_to(&mut object, "promotion.coupon", "coupon", "promotion"),
        "discount" => from_to(&mut object, "source.coupon", "coupon", "source"),
        _ => {}
    }
    object
}

fn from_to(object: &mut Value, path: &str, name: &str, gone: &str) {
    let value = object.at(path).clone();
    object.put(name, value);
    without(object, &[gone]);
}

fn without(object: &mut Value, names: &[&str]) {
    if let Some(members) = object.as_object_mut() {
        members.retain(|name, _| !names.contains(&name.as_str()));
    }
}

fn subscription(object: &mut Value) {
    let first = object.at("items.data.0").clone();
    for name in ["current_period_start", "current_period_end", "plan", "quantity"] {
        object.put(name, first.at(name).clone());
    }
    let several = object.all("items.data").len() > 1;
    if several {
        object.put("plan", Value::Null);
        object.put("quantity", Value::Null);
    }
    let mut items = object.all("items.data").to_vec();
    for item in &mut items {
        without(item, &["current_period_start", "current_period_end", "discounts"]);
    }
    object.put("items.data", items);
    object.put("discount", object.all("discounts").first().cloned());
    without(object, &["billing_mode"]);
}

fn invoice(object: &mut Value) {
    let subscription = object.at("parent.subscription_details.subscription").clone();
    let metadata = object.at("parent.subscription_details.metadata").clone();
    let taxed = object.flag("automatic_tax.enabled");
    let tax: i64 = object.all("total_taxes").iter().map(|part| part.int("amount")).sum();
    let part = |part: &Value| {
        json!({
            "amount": part.at("amount"), "inclusive": false,
            "tax_rate": part.at("tax_rate_details.tax_rate"),
            "taxability_reason": part.at("taxability_reason"),
            "taxable_amount": part.at("taxable_amount"),
        })
    };
    let parts: Value = object.all("total_taxes").iter().map(part).collect();
    for (name, value) in [
        ("subscription", subscription),
        ("subscription_details", json!({ "metadata": metadata })),
        ("payment_intent", object.at("_payment_intent").clone()),
        ("charge", object.at("_charge").clone()),
        ("paid", json!(object.text("status") == "paid")),
        ("paid_out_of_band", json!(false)),
        ("discount", object.all("discounts").first().cloned().unwrap_or_default()),
        ("tax", taxed.then_some(tax).into()),
        ("total_tax_amounts", parts),
    ] {
        object.put(name, value);
    }
    let lines: Vec<Value> = object.all("lines.data").iter().cloned().map(line).collect();
    object.put("lines.data", lines);
    without(object, &["parent", "total_taxes", "total_pretax_credit_amounts", "amount_overpaid"]);
}

fn line(mut line: Value) -> Value {
    let details = line.at("parent.subscription_item_details").clone();
    let by_hand = line.at("parent.invoice_item_details").clone();
    let kind = if by_hand.is_null() { "subscription" } else { "invoiceitem" };
    let proration = details.flag("proration") || by_hand.flag("proration");
    let price = line.at("pricing.price_details.price").clone();
    let product = line.at("pricing.price_details.product").clone();
    for (name, value) in [
        ("object", json!("line_item")),
        ("type", json!(kind)),
        ("proration", json!(proration)),
        ("subscription_item", details.at("subscription_item").clone()),
        ("invoice_item", by_hand.at("invoice_item").clone()),
        ("amount_excluding_tax", line.at("amount").clone()),
        ("price", json!({ "id": price, "object": "price", "product": product })),
    ] {
        line.put(name, value);
    }
    without(&mut line, &["parent", "pricing", "taxes", "pretax_credit_amounts", "subtotal"]);
    line
}
