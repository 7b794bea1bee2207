//! An object as a version shows it: inner facts left out, wishes of `expand[]` filled in.

use serde_json::{Value, json};

use super::json::{Json, list};
use super::old;
use super::refusal::Refusal;
use super::version::Version;
use super::work::Work;

/// An answer: in the shape of its version, with what was to be expanded.
pub(super) fn answer(
    work: &Work<'_>,
    object: &Value,
    version: &Version,
    expand: &[String],
) -> Result<Value, Refusal> {
    let mut shown = shaped(object, version);
    for wish in expand {
        let path: Vec<&str> = wish.split('.').collect();
        if path.len() > 6 || !fill(work, &mut shown, &path, version) {
            let name = path.last().copied().unwrap_or_default();
            return Err(Refusal::invalid(format!(
                "This property cannot be expanded ({name}). You may want to try expanding '{wish}' \
                 on another object."
            ))
            .param("expand"));
        }
    }
    Ok(bare(shown))
}

/// An object as an event carries it.
pub(super) fn event(event: &Value, version: &Version) -> Value {
    let mut shown = event.clone();
    let object = bare(shaped(event.at("data.object"), version));
    shown.put("data.object", object);
    shown.put("api_version", version.as_str());
    bare(shown)
}

/// In the shape of a version; the inner facts are still there, for `expand[]` to find.
fn shaped(object: &Value, version: &Version) -> Value {
    if version.is_old() { old::shape(object.clone()) } else { object.clone() }
}

/// Without the inner facts.
fn bare(value: Value) -> Value {
    match value {
        Value::Object(members) => members
            .into_iter()
            .filter(|(name, _)| !name.starts_with('_'))
            .map(|(name, value)| (name, bare(value)))
            .collect(),
        Value::Array(all) => all.into_iter().map(bare).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value,
    }
}

/// Follows one wish; false when nothing there can be expanded.
fn fill(work: &Work<'_>, node: &mut Value, path: &[&str], version: &Version) -> bool {
    let Some((head, rest)) = path.split_first() else { return true };
    if let Some(all) = node.as_array_mut() {
        return all.iter_mut().all(|one| fill(work, one, path, version));
    }
    if node.is_null() {
        return true;
    }
    if let Some(hidden) = hidden(work, node, head) {
        node.put(head, hidden);
    }
    let Some(inner) = node.get_mut(*head) else { return false };
    if let Some(id) = inner.as_str() {
        let Some(found) = work.get(id) else { return false };
        *inner = shaped(found, version);
    }
    if let Some(ids) = inner.as_array_mut() {
        for one in ids {
            if let Some(found) = one.as_str().and_then(|id| work.get(id)) {
                *one = shaped(found, version);
            }
        }
    }
    fill(work, inner, rest, version)
}

/// What shows only when it is asked for.
fn hidden(work: &Work<'_>, node: &Value, name: &str) -> Option<Value> {
    match (node.text("object"), name) {
        ("checkout.session", "line_items") => {
            let url = format!("/v1/checkout/sessions/{}/line_items", node.text("id"));
            Some(list(&url, node.all("_line_items").to_vec()))
        }
        ("invoice", "payments") => {
            let url = format!("/v1/invoice_payments?invoice={}", node.text("id"));
            Some(list(&url, payment_of(node).into_iter().collect()))
        }
        ("invoice", "confirmation_secret") => {
            let intent = work.get(node.text("_payment_intent"))?;
            let secret = intent.at("client_secret");
            Some(json!({ "client_secret": secret, "type": "payment_intent" }))
        }
        ("customer", "subscriptions") => {
            let live = |one: &&&Value| one.text("status") != "canceled";
            let all = work.of_customer("subscription", node.text("id"));
            let url = format!("/v1/customers/{}/subscriptions", node.text("id"));
            Some(list(&url, all.iter().filter(live).map(|one| (*one).clone()).collect()))
        }
        ("charge", "refunds") => {
            let own = node.text("id");
            let of_it = |one: &&&Value| one.text("charge") == own;
            let all = work.all("refund").iter().filter(of_it).map(|one| (*one).clone()).collect();
            Some(list(&format!("/v1/charges/{own}/refunds"), all))
        }
        _ => None,
    }
}

/// The payment of an invoice, as an object of its own.
pub(super) fn payment_of(invoice: &Value) -> Option<Value> {
    let intent = invoice.maybe("_payment_intent")?;
    let paid = invoice.text("status") == "paid";
    Some(json!({
        "id": intent.replacen("pi_", "inpay_", 1), "object": "invoice_payment",
        "amount_paid": if paid { invoice.at("amount_paid").clone() } else { Value::Null },
        "amount_requested": invoice.at("amount_due"), "created": invoice.at("created"),
        "currency": invoice.at("currency"), "invoice": invoice.at("id"), "is_default": true,
        "livemode": false, "payment": { "type": "payment_intent", "payment_intent": intent },
        "status": if paid { "paid" } else { "open" },
        "status_transitions": {
            "canceled_at": null, "paid_at": invoice.at("status_transitions.paid_at")
        },
    }))
}
