//! Changing a subscription: other items, its end, its trial, its card.

use serde_json::{Value, json};

use super::api::{Call, merged};
use super::cycle::Period;
use super::discounts;
use super::invoice_items;
use super::invoices;
use super::json::Json;
use super::lifecycle::{self, INCOMPLETE_SECONDS};
use super::lines::{self, Line};
use super::params::Params;
use super::payments::{Paid, Presence};
use super::refusal::Refusal;
use super::subscriptions::{agree, asks, missing, owned_method, price_of, trial_end};
use super::work::Work;

pub(super) const PARAMS: &[&str] = &[
    "items.#.id",
    "items.#.price",
    "items.#.quantity",
    "items.#.deleted",
    "items.#.metadata.*",
    "proration_behavior",
    "proration_date",
    "payment_behavior",
    "cancel_at_period_end",
    "cancel_at",
    "trial_end",
    "trial_settings.end_behavior.missing_payment_method",
    "default_payment_method",
    "metadata.*",
    "description",
    "billing_cycle_anchor",
    "collection_method",
    "days_until_due",
    "automatic_tax.enabled",
    "off_session",
    "payment_settings.**",
    "pause_collection.*",
    "cancellation_details.*",
    "discounts.#.coupon",
    "discounts.#.promotion_code",
];

/// What may stand beside a change that waits for its payment.
const PENDABLE: [&str; 8] = [
    "items",
    "payment_behavior",
    "proration_behavior",
    "proration_date",
    "billing_cycle_anchor",
    "trial_end",
    "off_session",
    "expand",
];

/// A change of items, before anything of it is true.
#[derive(Debug)]
pub(super) struct Plan {
    /// The subscription as it would stand.
    pub(super) after: Value,
    pub(super) lines: Vec<Line>,
    /// A new period begins now and is charged now.
    pub(super) restarts: bool,
    pub(super) period: Period,
}

/// The items after the change that `items` asks for.
fn items_after(work: &Work<'_>, params: &Params, before: &Value) -> Result<Vec<Value>, Refusal> {
    let mut items = before.all("items.data").to_vec();
    for (place, wish) in params.items("items").iter().enumerate() {
        let name = |part: &str| format!("items[{place}][{part}]");
        let quantity = wish.int("quantity")?;
        let price = match wish.text("price") {
            Some(price) => Some(price_of(work, price, &name("price"))?),
            None => None,
        };
        let Some(own) = wish.text("id") else {
            let price = price.ok_or_else(|| Refusal::missing(&name("price")))?;
            if items.iter().any(|item| item.at("price.id") == price.at("id")) {
                let message = "Cannot add multiple subscription items with the same plan: ";
                let message = format!("{message}{}", price.text("id"));
                return Err(Refusal::invalid(message).param("items"));
            }
            let added = lifecycle::item(before.text("id"), &price, quantity.unwrap_or(1), work.now);
            items.push(added);
            continue;
        };
        let Some(item) = items.iter_mut().find(|item| item.text("id") == own) else {
            return Err(Refusal::no_such("subscription_item", own, &name("id")));
        };
        if let Some(price) = price {
            item.put("plan", lifecycle::plan(&price));
            item.put("price", price);
        }
        if let Some(quantity) = quantity {
            item.put("quantity", quantity);
        }
        let metadata = merged(wish, "metadata", item.at("metadata"));
        item.put("metadata", metadata);
        if wish.flag("deleted")? == Some(true) {
            items.retain(|item| item.text("id") != own);
        }
    }
    if items.is_empty() {
        let message = "A subscription must have at least one active plan.";
        return Err(Refusal::invalid(message).param("items"));
    }
    agree(items.iter().map(|item| item.at("price")))?;
    Ok(items)
}

/// What a change of items would make of a subscription, and what it would cost.
pub(super) fn plan(work: &Work<'_>, params: &Params, before: &Value) -> Result<Plan, Refusal> {
    let at = params.int("proration_date")?.unwrap_or(work.now);
    let items = items_after(work, params, before)?;
    let running = lifecycle::period(before);
    let interval = |items: &[Value]| {
        items.first().map(|item| {
            let recurring = item.at("price.recurring");
            (recurring.owned("interval"), recurring.int("interval_count"))
        })
    };
    let trial = before.text("status") == "trialing";
    let anew = interval(&items) != interval(before.all("items.data"))
        || params.text("billing_cycle_anchor") == Some("now");
    let restarts = anew && !trial;
    let mut after = before.clone();
    after.put("items.data", items.clone());
    let known = ["create_prorations", "none", "always_invoice"];
    let wanted = params.one_of("proration_behavior", &known)?.unwrap_or("create_prorations");
    let mut charged = if trial || wanted == "none" {
        Vec::new()
    } else {
        lines::prorated(work, before, &items, running, at)
    };
    let mut period = running;
    if restarts {
        after.put("billing_cycle_anchor", work.now);
        period = lifecycle::next_period(&after, work.now);
        // The rest of the old period is given back; the new one is charged in full.
        charged = if wanted == "none" {
            Vec::new()
        } else {
            lines::prorated(work, before, &[], running, at)
        };
        charged.extend(lines::full(work, &after, period, false));
    }
    lifecycle::set_period(&mut after, period);
    Ok(Plan { after, lines: charged, restarts, period })
}

/// `POST /v1/subscriptions/*`.
pub(super) fn update(work: &mut Work<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    let params = call.params;
    let before = work.find("subscription", call.id, "id")?;
    work.now = work.time_of(before.text("customer"));
    let ended = matches!(before.text("status"), "canceled" | "incomplete_expired");
    if ended && params.names().iter().any(|n| !matches!(*n, "metadata" | "cancellation_details")) {
        return Err(Refusal::invalid(
            "A canceled subscription can only update its cancellation_details and metadata.",
        ));
    }
    let known =
        ["allow_incomplete", "error_if_incomplete", "pending_if_incomplete", "default_incomplete"];
    let behaviour = params.one_of("payment_behavior", &known)?.unwrap_or("allow_incomplete");
    if behaviour == "pending_if_incomplete"
        && let Some(name) = params.names().iter().find(|name| !PENDABLE.contains(name))
    {
        return Err(Refusal::invalid(format!(
            "When `payment_behavior` is `pending_if_incomplete`, you can not pass `{name}`."
        ))
        .param(name));
    }
    let mut subscription = before.clone();
    simple(work, call, &mut subscription)?;
    ends(work, params, &mut subscription)?;
    if subscription != before {
        work.changed("customer.subscription.updated", &subscription);
    }
    trial(work, params, &mut subscription)?;
    if params.given("items") || params.text("billing_cycle_anchor") == Some("now") {
        let plan = plan(work, params, &subscription)?;
        carry_out(work, params, &subscription, plan, behaviour)?;
    }
    Ok(work.copy(call.id))
}

/// The members that are just set.
fn simple(work: &mut Work<'_>, call: &Call<'_>, subscription: &mut Value) -> Result<(), Refusal> {
    let params = call.params;
    let metadata = call.metadata(subscription.at("metadata"));
    subscription.put("metadata", metadata);
    call.assign(subscription, &["description", "collection_method"]);
    if let Some(days) = params.int("days_until_due")? {
        subscription.put("days_until_due", days);
    }
    if let Some(on) = params.flag("automatic_tax.enabled")? {
        subscription.put("automatic_tax.enabled", on);
    }
    if let Some(given) = params.text("default_payment_method") {
        let customer = subscription.owned("customer");
        let method = owned_method(work, given, &customer)?;
        subscription.put("default_payment_method", method);
    }
    if params.given("trial_settings") {
        let name = "trial_settings.end_behavior.missing_payment_method";
        subscription.put(name, missing(params)?);
    }
    for name in ["comment", "feedback"] {
        if let Some(text) = params.text(&format!("cancellation_details.{name}")) {
            subscription.put(&format!("cancellation_details.{name}"), text);
        }
    }
    if params.given("pause_collection") {
        let known = ["keep_as_draft", "mark_uncollectible", "void"];
        let pause = params.one_of("pause_collection.behavior", &known)?;
        let pause = pause.map(|behavior| json!({ "behavior": behavior, "resumes_at": null }));
        subscription.put("pause_collection", pause);
    }
    if params.given("discounts") {
        let asked = discounts::asked(work, params)?;
        let (customer, own) = (subscription.owned("customer"), subscription.owned("id"));
        let granted = asked.map(|asked| discounts::grant(work, &asked, &customer, &own));
        subscription.put("discounts", Vec::from_iter(granted));
    }
    Ok(())
}

fn ends(work: &Work<'_>, params: &Params, subscription: &mut Value) -> Result<(), Refusal> {
    if let Some(ends) = params.flag("cancel_at_period_end")? {
        cancel_at_end(subscription, ends, work.now);
    }
    if params.value("cancel_at").as_str() == Some("") {
        cancel_at_end(subscription, false, work.now);
    } else if let Some(at) = params.int("cancel_at")? {
        subscription.put("cancel_at", at);
        subscription.put("canceled_at", work.now);
    }
    Ok(())
}

/// Ends with its period, or does not.
pub(super) fn cancel_at_end(subscription: &mut Value, ends: bool, now: i64) {
    let end = lifecycle::period(subscription).end;
    subscription.put("cancel_at_period_end", ends);
    subscription.put("cancel_at", ends.then_some(end));
    if ends && subscription.has("canceled_at") {
        return;
    }
    subscription.put("canceled_at", ends.then_some(now));
    let reason = ends.then_some("cancellation_requested");
    subscription.put("cancellation_details.reason", reason);
}

/// Ends a trial now, or moves its end.
fn trial(work: &mut Work<'_>, params: &Params, subscription: &mut Value) -> Result<(), Refusal> {
    if !params.given("trial_end") {
        return Ok(());
    }
    match trial_end(work, params)? {
        None if subscription.text("status") == "trialing" => {
            subscription.put("trial_end", work.now);
            let over = Period { start: lifecycle::period(subscription).start, end: work.now };
            lifecycle::set_period(subscription, over);
            work.changed("customer.subscription.updated", subscription);
            lifecycle::end_trial(work, subscription.clone());
            *subscription = work.copy(subscription.text("id"));
            let mut invoice = work.copy(subscription.text("latest_invoice"));
            if invoice.text("status") == "draft" {
                invoices::finalize(work, &mut invoice);
                invoices::attempt(work, &mut invoice, Presence::Present, None);
            }
        }
        None => return Ok(()),
        Some(end) => {
            let start = lifecycle::period(subscription).start;
            subscription.put("status", "trialing");
            subscription.put("trial_end", end);
            subscription.put("billing_cycle_anchor", end);
            subscription.put("_warned", false);
            lifecycle::set_period(subscription, Period { start, end });
            work.changed("customer.subscription.updated", subscription);
        }
    }
    *subscription = work.copy(subscription.text("id"));
    Ok(())
}

fn carry_out(
    work: &mut Work<'_>,
    params: &Params,
    before: &Value,
    plan: Plan,
    behaviour: &str,
) -> Result<(), Refusal> {
    let at_once = plan.restarts || params.text("proration_behavior") == Some("always_invoice");
    if !at_once || plan.lines.is_empty() {
        for line in &plan.lines {
            invoice_items::wait(work, before.text("customer"), line);
        }
        work.changed("customer.subscription.updated", &plan.after);
        return Ok(());
    }
    let away = params.flag("off_session")?.unwrap_or_default();
    let presence = if away { Presence::Absent } else { Presence::Present };
    let mut bearer = before.clone();
    if behaviour == "pending_if_incomplete" {
        bearer.put("pending_update", pending(work, &plan));
    } else {
        work.changed("customer.subscription.updated", &plan.after);
        bearer = plan.after;
    }
    let mut invoice =
        lifecycle::bill(work, &mut bearer, "subscription_update", plan.period, plan.lines, false);
    if bearer.has("pending_update") {
        bearer.put("pending_update._invoice", invoice.owned("id"));
        work.put(&bearer);
    }
    invoices::finalize(work, &mut invoice);
    let outcome = invoices::attempt(work, &mut invoice, presence, None);
    match (outcome, behaviour) {
        (Paid::No(refusal), "error_if_incomplete") => Err(refusal),
        (Paid::Asks, "error_if_incomplete") => Err(asks()),
        (Paid::No(_) | Paid::Asks, "pending_if_incomplete") => {
            let mut waiting = work.copy(before.text("id"));
            waiting.put("pending_update._shown", true);
            work.put(before);
            work.changed("customer.subscription.updated", &waiting);
            Ok(())
        }
        _ => Ok(()),
    }
}

/// The change as `pending_update` shows it; what it will make true is kept beside.
fn pending(work: &Work<'_>, plan: &Plan) -> Value {
    let items = plan.after.at("items.data");
    json!({
        "billing_cycle_anchor": plan.restarts.then_some(work.now),
        "expires_at": work.now.saturating_add(INCOMPLETE_SECONDS),
        "subscription_items": items, "trial_end": null, "trial_from_plan": null,
        "_items": items,
    })
}

/// `DELETE /v1/subscriptions/*`.
pub(super) fn cancel(work: &mut Work<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    let mut subscription = work.find("subscription", call.id, "id")?;
    work.now = work.time_of(subscription.text("customer"));
    if matches!(subscription.text("status"), "canceled" | "incomplete_expired") {
        return Err(Refusal::no_such("subscription", call.id, "id"));
    }
    for name in ["comment", "feedback"] {
        if let Some(text) = call.params.text(&format!("cancellation_details.{name}")) {
            subscription.put(&format!("cancellation_details.{name}"), text);
        }
    }
    let (customer, period) = (subscription.owned("customer"), lifecycle::period(&subscription));
    if call.params.flag("prorate")? == Some(true) && subscription.text("status") == "active" {
        for line in lines::prorated(work, &subscription, &[], period, work.now) {
            invoice_items::wait(work, &customer, &line);
        }
    }
    if call.params.flag("invoice_now")? == Some(true) {
        let used = lines::used(work, &subscription, Period { end: work.now, ..period });
        let reason = "subscription_update";
        let mut invoice = lifecycle::bill(work, &mut subscription, reason, period, used, false);
        invoices::finalize(work, &mut invoice);
        invoices::attempt(work, &mut invoice, Presence::Absent, None);
    }
    lifecycle::cancel(work, subscription, "cancellation_requested");
    Ok(work.copy(call.id))
}

/// `POST /v1/subscriptions/*/resume`: a paused one begins a new period and pays for it.
pub(super) fn resume(work: &mut Work<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    let mut subscription = work.find("subscription", call.id, "id")?;
    work.now = work.time_of(subscription.text("customer"));
    if subscription.text("status") != "paused" {
        return Err(Refusal::invalid(format!(
            "This subscription cannot be resumed because its status is `{}`. Only paused \
             subscriptions can be resumed.",
            subscription.text("status")
        )));
    }
    subscription.put("billing_cycle_anchor", work.now);
    let period = lifecycle::next_period(&subscription, work.now);
    lifecycle::set_period(&mut subscription, period);
    let charged = lines::full(work, &subscription, period, false);
    let reason = "subscription_cycle";
    let mut invoice = lifecycle::bill(work, &mut subscription, reason, period, charged, false);
    invoices::finalize(work, &mut invoice);
    invoices::attempt(work, &mut invoice, Presence::Present, None);
    Ok(work.copy(call.id))
}
