//! What a subscription makes of its invoice: paid, unpaid, or given up.

use serde_json::Value;

use super::discounts;
use super::invoices;
use super::json::Json;
use super::lifecycle;
use super::work::Work;

/// How an update is kept: one that is being created is not told of before it is whole.
pub(super) fn keep(work: &mut Work<'_>, subscription: &Value) {
    if subscription.flag("_fresh") {
        work.put(subscription);
    } else {
        work.changed("customer.subscription.updated", subscription);
    }
}

/// The money came.
pub(super) fn paid(work: &mut Work<'_>, invoice: &Value) {
    discounts::spend(work, invoice);
    let mut subscription = work.copy(invoice.text("parent.subscription_details.subscription"));
    if subscription.is_null() {
        return;
    }
    if subscription.text("pending_update._invoice") == invoice.text("id") {
        lifecycle::apply_pending(work, &mut subscription);
    }
    let latest = subscription.text("latest_invoice") == invoice.text("id");
    match subscription.text("status") {
        "incomplete" => activate(work, &mut subscription),
        "past_due" | "unpaid" if latest => activate(work, &mut subscription),
        "paused" if latest && invoice.text("billing_reason") == "subscription_cycle" => {
            activate(work, &mut subscription);
            work.told("customer.subscription.resumed", &subscription);
        }
        _ => {}
    }
}

fn activate(work: &mut Work<'_>, subscription: &mut Value) {
    subscription.put("status", "active");
    keep(work, subscription);
}

/// The money did not come.
pub(super) fn unpaid(work: &mut Work<'_>, invoice: &Value) {
    let mut subscription = work.copy(invoice.text("parent.subscription_details.subscription"));
    if subscription.is_null() || subscription.has("pending_update") {
        return;
    }
    if subscription.text("status") == "active" && !subscription.flag("_fresh") {
        subscription.put("status", "past_due");
        keep(work, &subscription);
    }
    let waiting = invoice.has("next_payment_attempt");
    if subscription.text("status") == "past_due" && !waiting && invoice.int("attempt_count") > 3 {
        lifecycle::cancel(work, subscription, "payment_failed");
    }
}

/// A draft whose hour has come, or an open invoice whose next try is due.
pub(super) fn due(work: &mut Work<'_>, mut invoice: Value) {
    if invoice.text("status") == "draft" {
        invoices::finalize(work, &mut invoice);
    } else {
        invoice.put("next_payment_attempt", Value::Null);
    }
    if invoice.text("collection_method") == "charge_automatically" {
        invoices::attempt(work, &mut invoice, super::payments::Presence::Absent, None);
    }
}
