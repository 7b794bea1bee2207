//! `/v1/invoices`: what is owed, what will be owed, and paying it.

use serde_json::{Value, json};

use super::api::{Call, Endpoint, page};
use super::cards;
use super::change;
use super::cycle::Period;
use super::invoice_items;
use super::invoices::{self, Draft};
use super::json::{Json, list};
use super::lifecycle;
use super::lines;
use super::params::Params;
use super::payments::{Paid, Presence};
use super::refusal::Refusal;
use super::show;
use super::work::{Work, id};

const UPCOMING: &[&str] = &[
    "customer",
    "subscription",
    "subscription_items.#.id",
    "subscription_items.#.price",
    "subscription_items.#.quantity",
    "subscription_items.#.deleted",
    "subscription_proration_behavior",
    "subscription_proration_date",
];

pub(super) const ENDPOINTS: &[Endpoint] = &[
    Endpoint::post(
        "/v1/invoices/create_preview",
        "preview_invoice",
        &[
            "customer",
            "subscription",
            "subscription_details.items.#.id",
            "subscription_details.items.#.price",
            "subscription_details.items.#.quantity",
            "subscription_details.items.#.deleted",
            "subscription_details.proration_behavior",
            "subscription_details.proration_date",
            "subscription_details.billing_cycle_anchor",
            "subscription_details.cancel_at_period_end",
            "automatic_tax.enabled",
            "currency",
        ],
        |work, call| preview(work, call, &call.params.under("subscription_details")),
    ),
    Endpoint::list("/v1/invoices/upcoming", "upcoming_invoice", UPCOMING, |work, call| {
        if !call.version.is_old() {
            return Err(Refusal::no_such("invoice", "upcoming", "id"));
        }
        let wishes = json!({
            "items": call.params.value("subscription_items"),
            "proration_behavior": call.params.value("subscription_proration_behavior"),
            "proration_date": call.params.value("subscription_proration_date"),
        });
        preview(work, call, &Params::from(wishes))
    }),
    Endpoint::post(
        "/v1/invoices",
        "create_invoice",
        &[
            "customer",
            "collection_method",
            "days_until_due",
            "auto_advance",
            "description",
            "metadata.*",
            "pending_invoice_items_behavior",
            "automatic_tax.enabled",
            "currency",
        ],
        create,
    ),
    Endpoint::list(
        "/v1/invoices",
        "list_invoices",
        &["customer", "subscription", "status", "collection_method"],
        list_invoices,
    ),
    Endpoint::get("/v1/invoices/*", "get_invoice", |work, call| {
        work.find("invoice", call.id, "id")
    }),
    Endpoint::post(
        "/v1/invoices/*",
        "update_invoice",
        &["metadata.*", "description", "auto_advance", "default_payment_method"],
        |work, call| {
            let mut invoice = work.find("invoice", call.id, "id")?;
            call.assign(&mut invoice, &["description", "default_payment_method"]);
            let metadata = call.metadata(invoice.at("metadata"));
            invoice.put("metadata", metadata);
            if let Some(on) = call.params.flag("auto_advance")? {
                invoice.put("auto_advance", on);
            }
            work.changed("invoice.updated", &invoice);
            Ok(invoice)
        },
    ),
    Endpoint::list("/v1/invoices/*/lines", "list_invoice_lines", &[], |work, call| {
        let invoice = work.find("invoice", call.id, "id")?;
        page(call, "line_item", invoice.all("lines.data").iter().collect())
    }),
    Endpoint::post("/v1/invoices/*/finalize", "finalize_invoice", &["auto_advance"], finalize),
    Endpoint::post("/v1/invoices/*/void", "void_invoice", &[], void),
    Endpoint::post("/v1/invoices/*/send", "send_invoice", &[], send),
    Endpoint::post(
        "/v1/invoices/*/pay",
        "pay_invoice",
        &["payment_method", "off_session", "paid_out_of_band"],
        pay,
    ),
    Endpoint::list("/v1/invoice_payments", "list_invoice_payments", &["invoice"], |work, call| {
        let own = call.params.required("invoice")?;
        let invoice = work.find("invoice", own, "invoice")?;
        let url = "/v1/invoice_payments";
        Ok(list(url, show::payment_of(&invoice).into_iter().collect()))
    }),
];

fn list_invoices(work: &mut Work<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    let known = ["draft", "open", "paid", "uncollectible", "void"];
    call.params.one_of("status", &known)?;
    let mut all = work.all("invoice");
    for (name, path) in [
        ("customer", "customer"),
        ("status", "status"),
        ("collection_method", "collection_method"),
        ("subscription", "parent.subscription_details.subscription"),
    ] {
        if let Some(wanted) = call.params.text(name) {
            all.retain(|invoice| invoice.text(path) == wanted);
        }
    }
    page(call, "invoice", all)
}

fn create(work: &mut Work<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    let customer = call.params.required("customer")?;
    work.find("customer", customer, "customer")?;
    work.now = work.time_of(customer);
    let period = Period { start: work.now, end: work.now };
    let draft = Draft {
        customer,
        subscription: None,
        reason: "manual",
        currency: call.params.text("currency").unwrap_or("usd"),
        period,
        lines: Vec::new(),
    };
    let mut invoice = invoices::draft(work, draft, false);
    invoice.put("metadata", call.metadata(&Value::Null));
    invoice.put("auto_advance", call.params.flag("auto_advance")?.unwrap_or_default());
    call.assign(&mut invoice, &["description", "collection_method"]);
    work.put(&invoice);
    Ok(invoice)
}

/// The invoice to come: of the next renewal, or of the change that is asked about.
fn preview(work: &mut Work<'_>, call: &Call<'_>, wishes: &Params) -> Result<Value, Refusal> {
    let subscription = match (call.params.text("subscription"), call.params.text("customer")) {
        (Some(own), _) => work.find("subscription", own, "subscription")?,
        (None, Some(customer)) => {
            work.find("customer", customer, "customer")?;
            let live = |one: &&&Value| {
                !matches!(one.text("status"), "canceled" | "incomplete_expired" | "incomplete")
            };
            let all = work.of_customer("subscription", customer);
            all.iter().find(live).map(|one| (*one).clone()).ok_or_else(nothing_to_come)?
        }
        (None, None) => return Err(Refusal::missing("customer")),
    };
    let customer = subscription.owned("customer");
    work.now = work.time_of(&customer);
    let ends = subscription.has("cancel_at") && !wishes.given("items");
    if subscription.text("status") == "canceled" || ends {
        return Err(nothing_to_come());
    }
    let planned =
        if wishes.given("items") { Some(change::plan(work, wishes, &subscription)?) } else { None };
    let running = lifecycle::period(&subscription);
    let at_once = wishes.text("proration_behavior") == Some("always_invoice");
    let (bearer, mut charged, period, reason) = match planned {
        Some(plan) if plan.restarts || at_once => {
            (plan.after, plan.lines, plan.period, "subscription_update")
        }
        Some(plan) => {
            let next = lifecycle::next_period(&plan.after, running.end);
            let mut lines = plan.lines;
            lines.extend(lines::full(work, &plan.after, next, false));
            (plan.after, lines, running, "upcoming")
        }
        None => {
            let next = lifecycle::next_period(&subscription, running.end);
            let mut lines = lines::full(work, &subscription, next, false);
            lines.extend(lines::used(work, &subscription, running));
            (subscription, lines, running, "upcoming")
        }
    };
    let waiting = invoice_items::waiting(work, &customer, Some(bearer.text("id")));
    charged.extend(waiting.iter().map(|item| invoice_items::line(work, item)));
    let currency = bearer.owned("currency");
    let draft = Draft {
        customer: &customer,
        subscription: Some(&bearer),
        reason,
        currency: &currency,
        period,
        lines: charged,
    };
    let mut invoice = invoices::compose(work, &draft, &id("upcoming_in_", 24));
    invoice.put("next_payment_attempt", if at_once { work.now } else { period.end });
    Ok(invoice)
}

fn nothing_to_come() -> Refusal {
    Refusal::new(
        axum::http::StatusCode::NOT_FOUND,
        "invalid_request_error",
        "No upcoming invoices for customer",
    )
    .code("invoice_upcoming_none")
}

fn finalize(work: &mut Work<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    let mut invoice = work.find("invoice", call.id, "id")?;
    work.now = work.time_of(invoice.text("customer"));
    if invoice.text("status") != "draft" {
        return Err(Refusal::invalid(
            "This invoice is already finalized, you can't re-finalize a \
             non-draft invoice.",
        )
        .code("invoice_not_editable"));
    }
    invoices::finalize(work, &mut invoice);
    Ok(work.copy(call.id))
}

fn open(work: &mut Work<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    let mut invoice = work.find("invoice", call.id, "id")?;
    work.now = work.time_of(invoice.text("customer"));
    match invoice.text("status") {
        "draft" => invoices::finalize(work, &mut invoice),
        "paid" => return Err(Refusal::invalid("Invoice is already paid")),
        "void" => {
            let message = "This invoice has been voided and cannot be paid.";
            return Err(Refusal::invalid(message).code("invoice_not_editable"));
        }
        _ => {}
    }
    Ok(work.copy(call.id))
}

fn void(work: &mut Work<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    let mut invoice = work.find("invoice", call.id, "id")?;
    work.now = work.time_of(invoice.text("customer"));
    if invoice.text("status") != "open" {
        return Err(Refusal::invalid(format!(
            "You can only pass in open invoices. This invoice isn't open: its status is {}.",
            invoice.text("status")
        )));
    }
    invoices::void(work, &mut invoice);
    Ok(invoice)
}

fn send(work: &mut Work<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    let invoice = open(work, call)?;
    work.told("invoice.sent", &invoice);
    Ok(invoice)
}

fn pay(work: &mut Work<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    let mut invoice = open(work, call)?;
    if call.params.flag("paid_out_of_band")? == Some(true) {
        invoices::paid(work, &mut invoice);
        return Ok(work.copy(call.id));
    }
    let given = call.params.text("payment_method").map(str::to_owned);
    let method = match given {
        Some(given) => Some(cards::method(work, &given, "payment_method")?.owned("id")),
        None => None,
    };
    let away = call.params.flag("off_session")?.unwrap_or_default();
    let presence = if away { Presence::Absent } else { Presence::Present };
    match invoices::attempt(work, &mut invoice, presence, method.as_deref()) {
        Paid::Yes => Ok(work.copy(call.id)),
        Paid::Asks => Err(Refusal::card(
            "invoice_payment_intent_requires_action",
            None,
            "Payment for this invoice requires additional user action before it can be completed \
             successfully.",
        )
        .keeping()),
        Paid::No(refusal) => Err(refusal.keeping()),
    }
}
