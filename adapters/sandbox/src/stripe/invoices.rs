//! The life of an invoice: drafted, finalized, attempted, paid or given up.

use serde_json::{Value, json};

use super::cards;
use super::cycle::Period;
use super::discounts;
use super::json::Json;
use super::lines::Line;
use super::payments::{self, Paid, Presence};
use super::settle;
use super::tax;
use super::work::{Work, id};

/// After a failed renewal the card is tried again after so many days each.
const RETRY_DAYS: [i64; 3] = [3, 5, 7];

/// A draft rests this long before it is finalized by itself, in seconds.
const DRAFT_SECONDS: i64 = 3_600;

/// What an invoice is made from.
#[derive(Debug)]
pub(super) struct Draft<'d> {
    pub(super) customer: &'d str,
    pub(super) subscription: Option<&'d Value>,
    /// Stripe's word for the occasion: `subscription_create`, `subscription_cycle`, …
    pub(super) reason: &'d str,
    pub(super) currency: &'d str,
    pub(super) period: Period,
    pub(super) lines: Vec<Line>,
}

/// An invoice as it would stand; nothing is kept.
pub(super) fn compose(work: &Work<'_>, draft: &Draft<'_>, own: &str) -> Value {
    let customer = work.copy(draft.customer);
    let subscription = draft.subscription.cloned().unwrap_or_default();
    let lines: Vec<Value> = draft.lines.iter().map(|line| line.show(own)).collect();
    let parent = draft.subscription.map(|subscription| {
        json!({
            "type": "subscription_details", "quote_details": null,
            "subscription_details": {
                "metadata": subscription.at("metadata"), "subscription": subscription.at("id")
            },
        })
    });
    let mut invoice = json!({
        "id": own, "object": "invoice", "account_country": "US",
        "account_name": "Herald sandbox", "account_tax_ids": null, "amount_overpaid": 0,
        "amount_shipping": 0, "application": null, "attempt_count": 0, "attempted": false,
        "auto_advance": true,
        "automatic_tax": {
            "disabled_reason": null, "enabled": subscription.flag("automatic_tax.enabled"),
            "liability": null, "provider": null, "status": null
        },
        "automatically_finalizes_at": null, "billing_reason": draft.reason,
        "collection_method": subscription.maybe("collection_method")
            .unwrap_or("charge_automatically"),
        "created": work.now, "currency": draft.currency, "custom_fields": null,
        "customer": draft.customer, "customer_address": customer.at("address"),
        "customer_email": customer.at("email"), "customer_name": customer.at("name"),
        "customer_phone": customer.at("phone"), "customer_shipping": null,
        "customer_tax_exempt": "none", "customer_tax_ids": [], "default_payment_method": null,
        "default_source": null, "default_tax_rates": [], "description": null, "due_date": null,
        "effective_at": null, "ending_balance": null, "footer": null, "from_invoice": null,
        "hosted_invoice_url": null, "invoice_pdf": null, "issuer": { "type": "self" },
        "last_finalization_error": null, "latest_revision": null,
        "lines": super::json::list(&format!("/v1/invoices/{own}/lines"), lines),
        "livemode": false, "metadata": {}, "next_payment_attempt": null, "number": null,
        "on_behalf_of": null, "parent": parent,
        "payment_settings": {
            "default_mandate": null, "payment_method_options": null, "payment_method_types": null
        },
        "period_end": draft.period.end, "period_start": draft.period.start,
        "post_payment_credit_notes_amount": 0, "pre_payment_credit_notes_amount": 0,
        "receipt_number": null, "rendering": null, "shipping_cost": null,
        "shipping_details": null, "starting_balance": customer.int("balance"),
        "statement_descriptor": null, "status": "draft",
        "status_transitions": {
            "finalized_at": null, "marked_uncollectible_at": null, "paid_at": null,
            "voided_at": null
        },
        "test_clock": customer.at("test_clock"), "total_pretax_credit_amounts": [],
        "total_taxes": [], "webhooks_delivered_at": null,
        "_payment_intent": null, "_charge": null,
    });
    discounts::lay_on(work, &mut invoice, &subscription);
    total(&mut invoice);
    invoice
}

/// Sums the lines up, less what discounts and the customer's balance take off, and with the tax.
pub(super) fn total(invoice: &mut Value) {
    let subtotal: i64 = invoice.all("lines.data").iter().map(|line| line.int("amount")).sum();
    let off: i64 = invoice.all("total_discount_amounts").iter().map(|d| d.int("amount")).sum();
    let net = subtotal.saturating_sub(off);
    let total = net.saturating_add(tax::lay_on(invoice, net));
    let owed = total.saturating_add(invoice.int("starting_balance")).max(0);
    let due = if total > 0 { owed } else { 0 };
    for (name, amount) in [
        ("subtotal", subtotal),
        ("subtotal_excluding_tax", subtotal),
        ("total", total),
        ("total_excluding_tax", net),
        ("amount_due", due),
        ("amount_paid", 0),
        ("amount_remaining", due),
    ] {
        invoice.put(name, amount);
    }
}

/// Drafts an invoice and takes the customer's waiting items onto it.
pub(super) fn draft(work: &mut Work<'_>, mut draft: Draft<'_>, waits: bool) -> Value {
    let subscription = draft.subscription.map(|subscription| subscription.owned("id"));
    let own = id("in_", 24);
    draft.lines.extend(super::invoice_items::take(
        work,
        draft.customer,
        subscription.as_deref(),
        &own,
    ));
    let mut invoice = compose(work, &draft, &own);
    if waits {
        invoice.put("automatically_finalizes_at", work.now.saturating_add(DRAFT_SECONDS));
    }
    work.born("invoice.created", &invoice);
    invoice
}

/// Numbers an invoice and asks for its money; one over nothing is paid at once.
pub(super) fn finalize(work: &mut Work<'_>, invoice: &mut Value) {
    let mut customer = work.copy(invoice.text("customer"));
    let sequence = customer.int("next_invoice_sequence").max(1);
    let number = format!("{}-{sequence:04}", customer.text("invoice_prefix"));
    let own = invoice.owned("id");
    let balance = customer.int("balance");
    invoice.put("starting_balance", balance);
    total(invoice);
    let used = invoice.int("amount_due").saturating_sub(invoice.int("total"));
    let after = balance.saturating_sub(used);
    customer.put("next_invoice_sequence", sequence.saturating_add(1));
    customer.put("balance", after);
    work.changed("customer.updated", &customer);
    let page = format!("{}/stripe/i/{own}", work.base);
    invoice.put("number", number);
    invoice.put("status", "open");
    invoice.put("automatically_finalizes_at", Value::Null);
    invoice.put("effective_at", work.now);
    invoice.put("status_transitions.finalized_at", work.now);
    invoice.put("ending_balance", after);
    invoice.put("hosted_invoice_url", page.clone());
    invoice.put("invoice_pdf", format!("{page}/pdf"));
    if invoice.text("collection_method") == "send_invoice" && !invoice.has("due_date") {
        invoice.put("due_date", work.now.saturating_add(30 * 86_400));
    }
    if invoice.int("amount_due") > 0 {
        let amount = invoice.int("amount_due");
        let currency = invoice.owned("currency");
        let mut intent = payments::intent(work, amount, &currency, invoice.maybe("customer"), None);
        intent.put("_invoice", own);
        intent.put("description", format!("Invoice {}", invoice.text("number")));
        work.born("payment_intent.created", &intent);
        invoice.put("_payment_intent", intent.owned("id"));
    }
    work.put(invoice);
    work.told("invoice.finalized", invoice);
    if invoice.int("amount_due") == 0 {
        paid(work, invoice);
    }
}

/// One try to take the money of an open invoice; its subscription learns of the end.
pub(super) fn attempt(
    work: &mut Work<'_>,
    invoice: &mut Value,
    presence: Presence,
    method: Option<&str>,
) -> Paid {
    if invoice.text("status") == "paid" {
        return Paid::Yes;
    }
    let subscription = work.copy(invoice.text("parent.subscription_details.subscription"));
    let customer = invoice.owned("customer");
    let chosen = method.or_else(|| invoice.maybe("default_payment_method")).map(str::to_owned);
    let chosen = chosen.or_else(|| cards::default_of(work, &subscription, &customer));
    let mut intent = work.copy(invoice.text("_payment_intent"));
    intent.put("payment_method", chosen);
    let outcome = payments::confirm(work, &mut intent, presence);
    invoice.put("_charge", intent.at("latest_charge").clone());
    let count = invoice.int("attempt_count");
    invoice.put("attempted", true);
    invoice.put("attempt_count", count.saturating_add(1));
    match &outcome {
        Paid::Yes => paid(work, invoice),
        Paid::Asks | Paid::No(_) => {
            plan_next(work, invoice, &subscription, count);
            work.put(invoice);
            if matches!(outcome, Paid::Asks) {
                work.told("invoice.payment_action_required", invoice);
            }
            if presence != Presence::Present || matches!(outcome, Paid::No(_)) {
                work.told("invoice.payment_failed", invoice);
            }
            settle::unpaid(work, invoice);
        }
    }
    outcome
}

/// Renewals are tried again by themselves; a first payment is not.
fn plan_next(work: &Work<'_>, invoice: &mut Value, subscription: &Value, count: i64) {
    let renews = !subscription.is_null() && subscription.text("status") != "incomplete";
    let days = usize::try_from(count).ok().and_then(|count| RETRY_DAYS.get(count));
    let next = days.filter(|_| renews).map(|days| work.now.saturating_add(days * 86_400));
    invoice.put("next_payment_attempt", next);
}

pub(super) fn paid(work: &mut Work<'_>, invoice: &mut Value) {
    invoice.put("status", "paid");
    invoice.put("status_transitions.paid_at", work.now);
    invoice.put("amount_paid", invoice.int("amount_due"));
    invoice.put("amount_remaining", 0);
    invoice.put("attempted", true);
    invoice.put("next_payment_attempt", Value::Null);
    work.put(invoice);
    work.told("invoice.paid", invoice);
    work.told("invoice.payment_succeeded", invoice);
    settle::paid(work, invoice);
}

/// An open invoice that nobody needs to pay any more.
pub(super) fn void(work: &mut Work<'_>, invoice: &mut Value) {
    invoice.put("status", "void");
    invoice.put("auto_advance", false);
    invoice.put("next_payment_attempt", Value::Null);
    invoice.put("status_transitions.voided_at", work.now);
    let mut intent = work.copy(invoice.text("_payment_intent"));
    if !intent.is_null() {
        intent.put("status", "canceled");
        intent.put("canceled_at", work.now);
        intent.put("cancellation_reason", "void_invoice");
        work.born("payment_intent.canceled", &intent);
    }
    work.put(invoice);
    work.told("invoice.voided", invoice);
}
