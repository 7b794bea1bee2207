//! The life of a subscription: started, renewed, ended, and what time does to it.

use serde_json::{Value, json};

use super::cycle::{self, Period};
use super::discounts;
use super::invoices::{self, Draft};
use super::json::{Json, list};
use super::lines;
use super::payments::{Paid, Presence};
use super::work::{Work, id};

/// A first payment may take this long, in seconds; then the subscription expires.
pub(super) const INCOMPLETE_SECONDS: i64 = 23 * 3_600;

/// The end of a trial is announced this long before, in seconds.
pub(super) const WARNING_SECONDS: i64 = 3 * 86_400;

/// What a subscription starts with.
#[derive(Debug)]
pub(super) struct Start {
    pub(super) customer: String,
    /// Price and quantity.
    pub(super) items: Vec<(Value, i64)>,
    pub(super) method: Option<String>,
    pub(super) trial_end: Option<i64>,
    /// What a trial without a card ends in: `create_invoice`, `pause` or `cancel`.
    pub(super) missing: String,
    pub(super) metadata: Value,
    pub(super) description: Option<String>,
    pub(super) automatic_tax: bool,
    pub(super) collection: String,
    pub(super) discount: Option<Value>,
}

/// One item of a subscription.
pub(super) fn item(subscription: &str, price: &Value, quantity: i64, now: i64) -> Value {
    let metered = price.text("recurring.usage_type") == "metered";
    let mut item = json!({
        "id": id("si_", 14), "object": "subscription_item", "billing_thresholds": null,
        "created": now, "current_period_end": 0, "current_period_start": 0, "discounts": [],
        "metadata": {}, "plan": plan(price), "price": price, "quantity": quantity,
        "subscription": subscription, "tax_rates": [],
    });
    if metered && let Some(members) = item.as_object_mut() {
        members.remove("quantity");
    }
    item
}

/// A price as the plan that older readers expect.
pub(super) fn plan(price: &Value) -> Value {
    json!({
        "id": price.at("id"), "object": "plan", "active": price.at("active"),
        "amount": price.at("unit_amount"), "amount_decimal": price.at("unit_amount_decimal"),
        "billing_scheme": "per_unit", "created": price.at("created"),
        "currency": price.at("currency"), "interval": price.at("recurring.interval"),
        "interval_count": price.at("recurring.interval_count"), "livemode": false,
        "metadata": price.at("metadata"), "meter": price.at("recurring.meter"),
        "nickname": price.at("nickname"), "product": price.at("product"), "tiers_mode": null,
        "transform_usage": null, "trial_period_days": null,
        "usage_type": price.at("recurring.usage_type"),
    })
}

pub(super) fn period(subscription: &Value) -> Period {
    Period {
        start: subscription.int("items.data.0.current_period_start"),
        end: subscription.int("items.data.0.current_period_end"),
    }
}

pub(super) fn set_period(subscription: &mut Value, period: Period) {
    for place in 0..subscription.all("items.data").len() {
        subscription.put(&format!("items.data.{place}.current_period_start"), period.start);
        subscription.put(&format!("items.data.{place}.current_period_end"), period.end);
    }
}

/// The period of its price that begins at a moment.
pub(super) fn next_period(subscription: &Value, from: i64) -> Period {
    let recurring = subscription.at("items.data.0.price.recurring");
    let anchor = subscription.int("billing_cycle_anchor");
    cycle::period(anchor, recurring.text("interval"), recurring.int("interval_count"), from)
}

fn blank(work: &Work<'_>, own: &str, start: &Start) -> Value {
    let trial = start.trial_end.filter(|end| *end > work.now);
    let data = start.items.iter().map(|(price, n)| item(own, price, *n, work.now)).collect();
    let currency = start.items.first().map(|(price, _)| price.owned("currency"));
    json!({
        "id": own, "object": "subscription", "application": null,
        "application_fee_percent": null,
        "automatic_tax": {
            "disabled_reason": null, "enabled": start.automatic_tax, "liability": null
        },
        "billing_cycle_anchor": trial.unwrap_or(work.now),
        "billing_cycle_anchor_config": null, "billing_mode": { "type": "flexible" },
        "billing_thresholds": null, "cancel_at": null, "cancel_at_period_end": false,
        "canceled_at": null,
        "cancellation_details": { "comment": null, "feedback": null, "reason": null },
        "collection_method": start.collection, "created": work.now, "currency": currency,
        "customer": start.customer, "days_until_due": null,
        "default_payment_method": start.method, "default_source": null, "default_tax_rates": [],
        "description": start.description, "discounts": [], "ended_at": null,
        "invoice_settings": { "account_tax_ids": null, "issuer": { "type": "self" } },
        "items": list(&format!("/v1/subscription_items?subscription={own}"), data),
        "latest_invoice": null, "livemode": false, "metadata": start.metadata,
        "next_pending_invoice_item_invoice": null, "on_behalf_of": null,
        "pause_collection": null,
        "payment_settings": {
            "payment_method_options": null, "payment_method_types": null,
            "save_default_payment_method": "off"
        },
        "pending_invoice_item_interval": null, "pending_setup_intent": null,
        "pending_update": null, "schedule": null, "start_date": work.now,
        "status": if trial.is_some() { "trialing" } else { "incomplete" },
        "test_clock": work.copy(&start.customer).at("test_clock"), "transfer_data": null,
        "trial_end": trial, "trial_start": trial.map(|_| work.now),
        "trial_settings": { "end_behavior": { "missing_payment_method": start.missing } },
        "_fresh": true, "_warned": false,
    })
}

/// Starts a subscription and tries to take its first payment.
pub(super) fn start(work: &mut Work<'_>, start: &Start, presence: Presence) -> (Value, Paid) {
    let own = id("sub_", 24);
    let mut subscription = blank(work, &own, start);
    let trial = subscription.maybe_int("trial_end");
    let first = match trial {
        Some(end) => Period { start: work.now, end },
        None => next_period(&subscription, work.now),
    };
    set_period(&mut subscription, first);
    if let Some(asked) = &start.discount {
        let discount = discounts::grant(work, asked, &start.customer, &own);
        subscription.put("discounts", vec![discount]);
    }
    let charged = lines::full(work, &subscription, first, trial.is_some());
    let mut invoice = bill(work, &mut subscription, "subscription_create", first, charged, false);
    invoices::finalize(work, &mut invoice);
    let outcome = if start.collection == "send_invoice" {
        let mut sent = work.copy(&own);
        if sent.text("status") == "incomplete" {
            sent.put("status", "active");
            work.put(&sent);
        }
        Paid::Yes
    } else {
        invoices::attempt(work, &mut invoice, presence, start.method.as_deref())
    };
    let mut subscription = work.copy(&own);
    if let Some(members) = subscription.as_object_mut() {
        members.remove("_fresh");
    }
    work.born("customer.subscription.created", &subscription);
    (subscription, outcome)
}

/// Drafts an invoice of a subscription, which from then on is its latest.
pub(super) fn bill(
    work: &mut Work<'_>,
    subscription: &mut Value,
    reason: &str,
    period: Period,
    lines: Vec<lines::Line>,
    waits: bool,
) -> Value {
    let (customer, currency) = (subscription.owned("customer"), subscription.owned("currency"));
    let draft = Draft {
        customer: &customer,
        subscription: Some(subscription),
        reason,
        currency: &currency,
        period,
        lines,
    };
    let invoice = invoices::draft(work, draft, waits);
    subscription.put("latest_invoice", invoice.owned("id"));
    work.put(subscription);
    invoice
}

/// The next period begins: what was used and what comes is put on an invoice.
pub(super) fn renew(work: &mut Work<'_>, mut subscription: Value) {
    let before = work.copy(subscription.text("id"));
    let over = period(&subscription);
    let trial = subscription.text("status") == "trialing";
    if trial {
        subscription.put("status", "active");
        subscription.put("billing_cycle_anchor", over.end);
    }
    let next = next_period(&subscription, over.end);
    set_period(&mut subscription, next);
    let mut charged = lines::full(work, &subscription, next, false);
    charged.extend(lines::used(work, &subscription, over));
    let paused = subscription.has("pause_collection");
    let mut invoice = bill(work, &mut subscription, "subscription_cycle", over, charged, !paused);
    if paused || subscription.text("status") == "unpaid" {
        invoice.put("auto_advance", false);
        invoice.put("automatically_finalizes_at", Value::Null);
        work.put(&invoice);
    }
    let after = work.copy(subscription.text("id"));
    work.put(&before);
    work.changed("customer.subscription.updated", &after);
}

/// A trial ends: with a card it renews, without one it does as it was told to.
pub(super) fn end_trial(work: &mut Work<'_>, mut subscription: Value) {
    let customer = subscription.owned("customer");
    let card = super::cards::default_of(work, &subscription, &customer);
    let missing = subscription.owned("trial_settings.end_behavior.missing_payment_method");
    match (card, missing.as_str()) {
        (None, "pause") => {
            subscription.put("status", "paused");
            work.changed("customer.subscription.updated", &subscription);
            work.told("customer.subscription.paused", &subscription);
        }
        (None, "cancel") => cancel(work, subscription, "payment_failed"),
        _ => renew(work, subscription),
    }
}

/// Ends a subscription now. An open invoice stays, but nobody tries it any more.
pub(super) fn cancel(work: &mut Work<'_>, mut subscription: Value, reason: &str) {
    subscription.put("status", "canceled");
    subscription.put("ended_at", work.now);
    if !subscription.has("canceled_at") {
        subscription.put("canceled_at", work.now);
        subscription.put("cancellation_details.reason", reason);
    }
    subscription.put("pending_update", Value::Null);
    work.put(&subscription);
    let own = subscription.owned("id");
    let of_it = |invoice: &&&Value| {
        invoice.text("parent.subscription_details.subscription") == own
            && matches!(invoice.text("status"), "open" | "draft")
    };
    let left: Vec<Value> =
        work.all("invoice").iter().filter(of_it).map(|invoice| (*invoice).clone()).collect();
    for mut invoice in left {
        invoice.put("auto_advance", false);
        invoice.put("next_payment_attempt", Value::Null);
        invoice.put("automatically_finalizes_at", Value::Null);
        work.put(&invoice);
    }
    work.told("customer.subscription.deleted", &subscription);
}

/// A first payment that never came.
pub(super) fn expire(work: &mut Work<'_>, mut subscription: Value) {
    subscription.put("status", "incomplete_expired");
    subscription.put("ended_at", work.now);
    let mut invoice = work.copy(subscription.text("latest_invoice"));
    if invoice.text("status") == "open" {
        invoices::void(work, &mut invoice);
    }
    work.changed("customer.subscription.updated", &subscription);
}

/// A change that waited for its payment becomes true.
pub(super) fn apply_pending(work: &mut Work<'_>, subscription: &mut Value) {
    let pending = subscription.at("pending_update").clone();
    subscription.put("items.data", pending.at("_items").clone());
    if let Some(anchor) = pending.maybe_int("billing_cycle_anchor") {
        subscription.put("billing_cycle_anchor", anchor);
    }
    subscription.put("pending_update", Value::Null);
    if !pending.flag("_shown") {
        // Paid at once: nobody ever saw the change wait.
        let mut before = work.copy(subscription.text("id"));
        before.put("pending_update", Value::Null);
        work.put(&before);
    }
    work.changed("customer.subscription.updated", subscription);
    if pending.flag("_shown") {
        work.told("customer.subscription.pending_update_applied", subscription);
    }
}

/// A change whose payment never came is forgotten.
pub(super) fn drop_pending(work: &mut Work<'_>, mut subscription: Value) {
    let mut invoice = work.copy(subscription.text("pending_update._invoice"));
    subscription.put("pending_update", Value::Null);
    work.changed("customer.subscription.updated", &subscription);
    if invoice.text("status") == "open" {
        invoices::void(work, &mut invoice);
    }
    work.told("customer.subscription.pending_update_expired", &subscription);
}
